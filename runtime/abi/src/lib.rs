//! What the Golift compiler and the Golift runtime agree on.
//!
//! Both sides expand this crate, so an offset, a table layout or a symbol name is
//! written once. Everything here describes the *target* (64-bit, little endian).

#![no_std]
#![warn(missing_docs)]

/// Byte offsets of the fields at the head of the runtime's `G`, which compiled code and
/// the overlay's `runtime.g` (runtime/go/src/runtime) see. The pinned register holds `*G`.
pub mod g {
    /// Lowest usable address of the current stack segment.
    pub const STACK_LO: i32 = 0;
    /// One past the highest address of the current stack segment.
    pub const STACK_HI: i32 = 8;
    /// The stack check in front of a function compares sp with this; `STACK_PREEMPT` poisons it.
    pub const STACKGUARD: i32 = 16;
    /// The M that runs this goroutine.
    pub const M: i32 = 24;
    /// Address of the morestack thunk, to which a stack check jumps with the address of [`crate::morestack`]'s word in a scratch
    /// register (x64 `r10`, arm64 `x17`).
    pub const MORESTACK: i32 = 32;
    /// Written by the thunk: the function to restart.
    pub const MORESTACK_FN: i32 = 40;
    /// Written by the thunk: bytes of stack arguments in the low 32 bits, bytes of stack that the function needs in the high ones.
    pub const MORESTACK_ARGS: i32 = 48;
    /// Innermost panic (`*runtime._panic`), a Go pointer.
    pub const PANIC: i32 = 56;
    /// Innermost deferred call (`*runtime._defer`), a Go pointer.
    pub const DEFER: i32 = 64;
    /// Goroutine id.
    pub const GOID: i32 = 72;
    /// Saved stack pointer, program counter and frame pointer while not running.
    pub const SCHED_SP: i32 = 80;
    /// The program counter of the three.
    pub const SCHED_PC: i32 = 88;
    /// The frame pointer of the three.
    pub const SCHED_FP: i32 = 96;
    /// Two words: what a failed check of an index or slice bound has compared. Compiled code writes them right before it calls the
    /// function of package runtime that panics.
    pub const BOUNDS: i32 = 104;
    /// Free for package runtime's Go code: one pointer word (profiling labels).
    pub const LABELS: i32 = 120;
    /// One pointer word: the goroutine's synctest bubble (or nil).
    pub const BUBBLE: i32 = 128;
    /// Current fault: signal number, code, address and pc; set before `runtime.sigpanic`.
    pub const SIG: i32 = 136;
    /// `si_code` of the fault.
    pub const SIGCODE0: i32 = 144;
    /// The address that faulted.
    pub const SIGCODE1: i32 = 152;
    /// Where the fault was.
    pub const SIGPC: i32 = 160;
    /// Free for package runtime's Go code: the running coroutine (iter.Pull), a Go pointer.
    pub const COROARG: i32 = 168;
    /// Four more pointer words that are free for package runtime's Go code.
    pub const GO_WORDS: i32 = 176;
    /// Result words of the system function that parked this goroutine.
    pub const RET0: i32 = 208;
    /// The second result word.
    pub const RET1: i32 = 216;
    /// The Rust-only part of `G` starts here.
    pub const PRIVATE: i32 = 224;
}

/// Byte offset in the runtime's M of the goroutine that it runs. On x86-64 the M's address is in the word at `fs`.
pub const M_CURG: u8 = 16;

/// Byte offset of the field `link` in package runtime's `_defer` and `_panic`, which are linked from `g`.
pub const DEFER_LINK: usize = 8;
/// The same of `_panic`.
pub const PANIC_LINK: usize = 16;

/// Value of `g.STACKGUARD` that makes every stack check jump to morestack.
pub const STACK_PREEMPT: u64 = 0xffff_ffff_ffff_fade;

/// Functions that need at most this many bytes compare the stack pointer itself with `STACKGUARD`, so their frames may lie below it.
pub const STACK_CHECKED: u32 = 256;

/// Frames of at most this many bytes need no stack check in leaf functions, and in those that must not split (see
/// [`STACK_NOSPLIT_DEPTH`]). Return address and saved frame pointer come on top.
pub const STACK_SMALL: u32 = 128;

/// The longest chain of unchecked Go functions: a leaf, or the functions for raw system calls.
pub const STACK_NOSPLIT_DEPTH: u32 = 3;

/// Bytes of stack that the runtime's code takes at most where it runs on a goroutine's stack: leaves, the stubs of system functions,
/// morestack, and the asynchronous preemption of whatever was interrupted. A test computes it from the built runtime. Signal handlers
/// have a stack of their own.
pub const STACK_LEAF: u32 = 640;

/// Bytes below `STACKGUARD` that stay usable: a frame of `STACK_CHECKED` bytes, unchecked Go functions, and the runtime's code.
pub const STACK_RED_ZONE: u32 = STACK_CHECKED + STACK_NOSPLIT_DEPTH * (STACK_SMALL + 16) + STACK_LEAF;

/// Bytes of a new goroutine's stack.
pub const STACK_FIRST: usize = 2 << 10;

/// Load address of the executable.
pub const IMAGE_BASE: u64 = 0x40_0000;

/// Entry of the function table, sorted by `entry`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct FuncEntry {
    /// Offset of the first instruction from `ModuleData::text_start`.
    pub entry: u32,
    /// Bytes of code.
    pub size: u32,
    /// Offset of the display name (`main.main.func1`, `main.F[...]`) in the string table.
    pub name: u32,
    /// Offset of the file name in the string table.
    pub file: u32,
    /// Line of the declaration.
    pub start_line: u32,
    /// Offset in `pcline` of this function's line program.
    pub pcline: u32,
    /// `FUNC_*` flags.
    pub flags: u32,
    /// Offset in `frames` of the frame table (see [`frame`]); 0: none.
    pub frame: u32,
}

/// A compiler-made wrapper: hidden from tracebacks.
pub const FUNC_WRAPPER: u32 = 1;
/// Outermost frame of a goroutine: tracebacks end here.
pub const FUNC_TOP: u32 = 2;
/// May not be interrupted by asynchronous preemption.
pub const FUNC_NOPREEMPT: u32 = 4;
/// Has no parameters: tracebacks print `f()` instead of `f(...)`.
pub const FUNC_NOARGS: u32 = 8;
/// Assembly, or a bridge to it: `frame` is the offset in `frames` of a table of depths (see [`depth`]); 0: none.
pub const FUNC_ASSEMBLY: u32 = 16;

// Line program of a function, at `pcline[entry.pcline..]`:
//   repeated: uleb128(pc delta + 1), sleb128(position delta); ended by one 0 byte.
// Each pair starts a range at pc += delta with position += delta (both start at 0, pc relative to the
// function's entry). A range lasts to the next pair or the function's end. `pcline::lookup` decodes it.
// Positions:
//   bit 0: the rest is an index into `locs` (inlined code) instead of a line of the function itself,
//   bit 1: no asynchronous preemption here (stack checks, making of frames, write barriers),
//   bits 2..: the line or index; 0 = unknown.

/// Position flag: `position >> 2` is an index into `locs`.
pub const POS_INLINED: u32 = 1;
/// Position flag: the goroutine may not be preempted here.
pub const POS_UNSAFE: u32 = 2;

/// A node of the inline tree: a position in code that was inlined.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Loc {
    /// Display name of the inlined function, offset in the string table.
    pub func: u32,
    /// Offset of the file name in the string table.
    pub file: u32,
    /// Line of the position, from 1; 0: unknown.
    pub line: u32,
    /// Line where that function is declared.
    pub start_line: u32,
    /// Position of the call that was inlined: a line of the physical function, or again a node.
    /// 0: this is a position of the physical function itself, in another file than its declaration.
    pub parent: u32,
}

/// A global area with pointers: scanned by the collector.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct GcRoot {
    /// Address of its first word.
    pub addr: u64,
    /// Number of 8-byte words covered by the mask.
    pub words: u64,
    /// One bit per word, least significant first: 1 = pointer. The mask repeats no pattern.
    pub mask: u64,
}

pub mod call;
pub mod depth;
pub mod frame;
pub mod layout;
mod module_data;
pub mod morestack;
pub mod pcline;
pub mod wait;

pub use module_data::ModuleData;

/// Symbols of the Rust runtime (or the linker) that compiled code refers to.
pub mod sym {
    /// ELF entry point.
    pub const ENTRY: &str = "_rt0_amd64_linux";
    /// The linker's [`ModuleData`](crate::ModuleData).
    pub const MODULEDATA: &str = "runtime.moduledata";
    /// One 32-bit word: not zero while the write barrier is on.
    pub const WRITE_BARRIER: &str = "golift_write_barrier_enabled";
    /// `extern "C" fn(slot: *mut usize, new: usize)`: leaf; shades old and new value. It does not store.
    pub const GC_WRITE_BARRIER: &str = "golift_gc_write_barrier";
    /// `extern "C" fn(dst, src, len)`: leaf; overlapping copy.
    pub const MEMMOVE: &str = "golift_memmove";
    /// `extern "C" fn(dst, len)`: leaf; zero fill.
    pub const MEMCLR: &str = "golift_memclr";
    /// `extern "C" fn(a, b, len) -> bool`: leaf.
    pub const MEMEQUAL: &str = "golift_memequal";
    /// `extern "C" fn(f64, f64, f64) -> f64`: leaf; fused multiply-add `x*y + z`.
    pub const FMA: &str = "golift_fma";
    /// `extern "C" fn(f32, f32, f32) -> f32`: leaf.
    pub const FMAF: &str = "golift_fmaf";
}
