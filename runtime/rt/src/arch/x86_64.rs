//! x86-64: entry, stack switching, segment thunks, preemption.
//!
//! `r15` holds the current `*G` while compiled Go code runs; it is callee-saved in the
//! System V convention, so Rust preserves it. The fs base points at the `M`, whose first
//! word is its own address.
//!
//! Stack of a goroutine inside a system function, or parked (addresses fall downward):
//!
//! ```text
//!   return address into Go code
//!   saved rbp            <- g.sched.fp, rbp
//!   rbx r12 r13 r14      <- g.sched.sp at r14
//! ```
//!
//! `golift_systemreturn` pops that frame. A new goroutine starts with such a frame whose
//! return address is `golift_gostart`. On the way back a system function looks at the request to yield
//! (`sched::preempt` has the rules), and so do the leaves declared with [`polled_leaf!`].
//!
//! Segment change (`golift_morestack`): entered by a jump from a stack check, with the registers and stack
//! arguments exactly as at the entry of the function, but for r10: the address of the check's word
//! (`golift_abi::morestack`).
//!
//! ```text
//!   old segment                       new segment (header at stack_hi)
//!   stack arguments (N bytes)         copy of the stack arguments
//!   return address  <- saved_sp       return address golift_morestack_ret
//!                                     frame of the restarted function
//! ```
//!
//! The thunk has no frame: the restarted function saves its real caller's frame pointer (so
//! `recover` can compare it), and what the thunk needs for the way back is in the new
//! segment's header. A stack walk that meets `golift_morestack_ret` finds the real return
//! address at `saved_sp`.

use crate::sched::{G, M, P};
use crate::stack::Segment;
use core::arch::asm;
#[cfg(not(test))]
use core::arch::global_asm;
use golift_abi::g as off;
#[cfg(test)]
pub use stubs::*;

/// Offsets in `M` and `G` that only the runtime's own assembly uses.
pub const M_G0SP: i32 = core::mem::offset_of!(M, g0_sp) as i32;
/// `G::start_fn`.
pub const G_STARTFN: i32 = off::PRIVATE;
/// `G::preempt`.
pub const G_PREEMPT: i32 = core::mem::offset_of!(G, preempt) as i32;
/// `G::sys_regs`, with `sys_caller` behind it.
pub const G_SYSREGS: i32 = core::mem::offset_of!(G, sys_regs) as i32;
const M_P: usize = core::mem::offset_of!(M, p);
const M_LOCKS: usize = core::mem::offset_of!(M, locks);
const P_ID: usize = core::mem::offset_of!(P, id);
const G_LEAF_RETURN: usize = core::mem::offset_of!(G, leaf_return);
const G_LEAF_SLOT: usize = core::mem::offset_of!(G, leaf_slot);
/// Offsets in `stack::Segment`, which lies at `g.stack_hi`.
pub const SEG_PREV: i32 = core::mem::offset_of!(Segment, prev) as i32;
/// `Segment::next`.
pub const SEG_NEXT: i32 = core::mem::offset_of!(Segment, next) as i32;
/// `Segment::lo`.
pub const SEG_LO: i32 = core::mem::offset_of!(Segment, lo) as i32;
/// `Segment::usable`.
pub const SEG_USABLE: i32 = core::mem::offset_of!(Segment, usable) as i32;
/// `Segment::saved_sp`.
pub const SEG_SAVEDSP: i32 = core::mem::offset_of!(Segment, saved_sp) as i32;
/// `Segment::saved_args`.
pub const SEG_SAVEDARGS: i32 = core::mem::offset_of!(Segment, saved_args) as i32;

/// Declares a *system function*: `system_fn!("symbol", body)` where `body` is an
/// `extern "C"` function of at most six integer words that runs on g0. The goroutine may yield when the body
/// returns; with `system_fn!("symbol", body, unpolled)` it does not.
#[macro_export]
macro_rules! system_fn {
    ($name:literal, $body:path) => {
        $crate::system_fn!(@ $name, $body, "golift_system_preempt");
    };
    ($name:literal, $body:path, unpolled) => {
        $crate::system_fn!(@ $name, $body, "golift_systemreturn");
    };
    (@ $name:literal, $body:path, $preempted:literal) => {
        #[cfg(not(test))]
        core::arch::global_asm!(
            concat!(".section .text.", $name, ",\"ax\",@progbits"),
            concat!(".globl ", $name),
            concat!(".type ", $name, ",@function"),
            concat!($name, ":"),
            "push rbp",
            "mov rbp, rsp",
            "push rbx",
            "push r12",
            "push r13",
            "push r14",
            "mov [r15 + {sp}], rsp",
            "mov [r15 + {fp}], rbp",
            "mov r10, [r15 + {m}]",
            "mov rsp, [r10 + {g0sp}]",
            "call {body}",
            "cmp dword ptr [r15 + {preempt}], 0",
            concat!("jne ", $preempted),
            "mov rsp, [r15 + {sp}]",
            "pop r14",
            "pop r13",
            "pop r12",
            "pop rbx",
            "pop rbp",
            "ret",
            concat!(".size ", $name, ", .-", $name),
            ".text",
            preempt = const $crate::arch::G_PREEMPT,
            sp = const golift_abi::g::SCHED_SP,
            fp = const golift_abi::g::SCHED_FP,
            m = const golift_abi::g::M,
            g0sp = const $crate::arch::M_G0SP,
            body = sym $body,
        );
    };
}

/// Declares a leaf at whose return the goroutine may yield: `polled_leaf!("symbol", body)`, `body` as for a leaf.
/// For leaves that may be most of what a loop does.
#[macro_export]
macro_rules! polled_leaf {
    ($name:literal, $body:path) => {
        #[cfg(not(test))]
        core::arch::global_asm!(
            concat!(".section .text.", $name, ",\"ax\",@progbits"),
            concat!(".globl ", $name),
            concat!(".type ", $name, ",@function"),
            concat!($name, ":"),
            "push rbp",
            "mov rbp, rsp",
            "call {body}",
            "pop rbp",
            "cmp dword ptr [r15 + {preempt}], 0",
            "jne golift_leaf_preempt",
            "ret",
            concat!(".size ", $name, ", .-", $name),
            ".text",
            preempt = const $crate::arch::G_PREEMPT,
            body = sym $body,
        );
    };
}

/// The M of this thread.
#[inline(always)]
pub fn current_m() -> *mut M {
    let m: *mut M;
    // SAFETY: every thread of the runtime has its fs base at its M (see `set_tls`, clone).
    unsafe { asm!("mov {}, fs:[0]", out(reg) m, options(nostack, readonly, preserves_flags, pure)) };
    m
}

/// Sets the fs base of the calling thread.
pub fn set_tls(m: *mut M) {
    crate::sys::set_fs(m as usize);
}

/// Calls `f` on g0's stack from a leaf, which has little stack.
///
/// # Safety
/// On the stack of the goroutine that this M runs.
#[inline(always)]
pub unsafe fn on_g0(f: extern "C" fn()) {
    // SAFETY: nothing is on g0's stack while a goroutine runs; r12 is kept by what is called.
    unsafe {
        asm!(
            "mov r12, rsp",
            "mov rsp, {stack}",
            "call {f}",
            "mov rsp, r12",
            stack = in(reg) (*current_m()).g0_sp,
            f = in(reg) f,
            out("r12") _,
            clobber_abi("C"),
        )
    }
}

/// Fetches the line at `p` into the cache, if there is one.
#[inline(always)]
pub fn prefetch(p: usize) {
    // SAFETY: a hint; any address will do.
    unsafe { core::arch::x86_64::_mm_prefetch::<{ core::arch::x86_64::_MM_HINT_T0 }>(p as *const i8) }
}
/// The processor's time stamp counter.
#[inline(always)]
pub fn cputicks() -> u64 {
    // SAFETY: rdtsc has no preconditions.
    unsafe { core::arch::x86_64::_rdtsc() }
}

/// The frame that a system function has made.
pub struct SystemFrame {
    /// Where the callee-saved registers lie, in the order of `golift_abi::frame`.
    pub regs: [usize; golift_abi::frame::REGS as usize],
    /// Its end, and the pc and frame pointer of its caller.
    pub end: usize,
    /// Where its caller goes on.
    pub pc: usize,
    /// Its caller's frame pointer.
    pub fp: usize,
}

/// The frame at `g.sched`; none if the goroutine has never run.
///
/// # Safety
/// `sp` and `fp` are `g.sched` of a goroutine that is not running.
pub unsafe fn system_frame(sp: usize, fp: usize) -> Option<SystemFrame> {
    // SAFETY: the contract above.
    unsafe {
        (fp == sp + 32).then(|| SystemFrame {
            regs: [fp - 8, fp - 16, fp - 24, fp - 32],
            end: fp + 16,
            pc: *((fp + 8) as *const usize),
            fp: *(fp as *const usize),
        })
    }
}

/// Entry and return address of the function that has not begun yet, because its stack check yields or asks for stack: its check
/// called, to return to `pc`, what made the frame `fp`.
///
/// # Safety
/// `pc` is the return address in the frame `fp`.
pub unsafe fn waiting_function(pc: usize, fp: usize) -> Option<(usize, usize)> {
    // SAFETY: the contract above; both thunks push what GOLIFT_SAVE_ARGS says, and their caller has no frame.
    unsafe {
        let is_check = pc == golift_morestack_preempted as *const () as usize
            || pc == golift_morestack_grows as *const () as usize;
        is_check.then(|| (*((fp - 56) as *const usize), *((fp + 16) as *const usize)))
    }
}

/// The target of the direct call before `pc`, if there is one.
///
/// # Safety
/// `pc` is in code and not at its beginning.
pub unsafe fn called_before(pc: usize) -> Option<usize> {
    // SAFETY: the contract above.
    unsafe { target_before(pc, |opcode| opcode == 0xe8) }
}

/// The same, of a call or a jump.
///
/// # Safety
/// `pc` is in code and not at its beginning.
pub unsafe fn called_or_jumped_before(pc: usize) -> Option<usize> {
    // SAFETY: the contract above.
    unsafe { target_before(pc, |opcode| matches!(opcode, 0xe8 | 0xe9)) }
}

/// # Safety
/// `pc` is in code and not at its beginning.
unsafe fn target_before(pc: usize, is_opcode: impl FnOnce(u8) -> bool) -> Option<usize> {
    // SAFETY: the contract above.
    unsafe {
        let instruction = (pc - 5) as *const u8;
        let offset = (instruction.add(1) as *const i32).read_unaligned();
        is_opcode(*instruction).then_some(pc.wrapping_add_signed(offset as isize))
    }
}

#[cfg(not(test))]
unsafe extern "C" {
    /// Leaves g0 for the goroutine, which continues after the system function that parked it.
    pub fn golift_gogo(gp: *mut G) -> !;
    /// Jumps to Go code with the given sp, fp, pc and first exception payload (rax).
    pub fn golift_jump(gp: *mut G, sp: usize, fp: usize, pc: usize, payload: usize) -> !;
    /// First code of a new goroutine.
    pub fn golift_gostart();
    /// Return address of a goroutine's first function.
    pub fn golift_gostart_ret();
    /// Where stack checks jump to; see the module.
    pub fn golift_morestack();
    /// Where functions on a new segment return to.
    pub fn golift_morestack_ret();
    /// Where a stack check returns to that yielded.
    fn golift_morestack_preempted();
    /// Where a stack check returns to that waited for a segment.
    pub fn golift_morestack_grows();
    /// Saves all registers, yields, goes on: called, as it seems, by interrupted code.
    pub fn golift_async_preempt();
    /// Stands in for the return address of a leaf that was interrupted; see `leaf::preempt`.
    pub fn golift_leaf_return();
    /// Where signal handlers return to.
    pub fn golift_sigreturn();
    /// Starts a thread that runs `mstart(m)` on `sp`; its tid or a negative error.
    pub fn golift_clone(flags: usize, sp: usize, m: *mut M) -> isize;
    /// Moves to `sp` and calls `golift_mstart(m)`.
    pub fn golift_enter_g0(m: *mut M, sp: usize) -> !;
    /// Panics for the fault that is noted in the G.
    #[link_name = "runtime.sigpanic"]
    pub fn go_sigpanic();
    /// Body of the main goroutine.
    #[link_name = "runtime.main"]
    pub fn go_main();
    /// Outermost frame of every goroutine.
    #[link_name = "runtime.goexit"]
    pub fn go_goexit();
}

/// Puts the start frame of a goroutine below `hi`; returns its `sched.sp`.
///
/// # Safety
/// At least 64 bytes below `hi` (16-byte aligned) are writable.
pub unsafe fn prepare_start_frame(hi: usize) -> usize {
    // SAFETY: the contract above.
    unsafe {
        // r14 r13 r12 rbx rbp ret, then sp at gostart is 16-byte aligned.
        let sp = hi - 48;
        let w = sp as *mut usize;
        for i in 0..5 {
            *w.add(i) = 0;
        }
        *w.add(5) = golift_gostart as *const () as usize;
        sp
    }
}

#[cfg(not(test))]
global_asm!(
    ".section .text._rt0_amd64_linux,\"ax\",@progbits",
    ".globl _rt0_amd64_linux",
    ".type _rt0_amd64_linux,@function",
    "_rt0_amd64_linux:",
    "xor ebp, ebp",
    "mov rdi, rsp",
    "and rsp, -16",
    "call {rt0}",
    "ud2",
    rt0 = sym crate::entry::rt0,
);

/// Where `golift_morestack` stands, for tracebacks.
pub const MORESTACK_AT: (&str, u32) = (file!(), line!());
#[cfg(not(test))]
global_asm!(
    ".section .text.golift_arch,\"ax\",@progbits",
    // --- switching -----------------------------------------------------------------
    "golift_gogo:",
    "mov r15, rdi",
    "mov rsp, [r15 + {sp}]",
    "mov rax, [r15 + {ret0}]",
    "mov rdx, [r15 + {ret1}]",
    "pop r14",
    "pop r13",
    "pop r12",
    "pop rbx",
    "pop rbp",
    "ret",
    "",
    // The body of a system function has returned to g0, and somebody asked the goroutine to yield.
    ".globl golift_system_preempt, golift_systemreturn",
    "golift_system_preempt:",
    "mov rdi, rax",
    "mov rsi, rdx",
    "call {preempt_at_return}",
    "golift_systemreturn:",
    "mov rsp, [r15 + {sp}]",
    "pop r14",
    "pop r13",
    "pop r12",
    "pop rbx",
    "pop rbp",
    "ret",
    "",
    "golift_jump:",
    "mov r15, rdi",
    "mov rsp, rsi",
    "mov rbp, rdx",
    "mov rax, r8",
    "jmp rcx",
    "",
    "golift_enter_g0:",
    "mov rsp, rsi",
    "xor ebp, ebp",
    "call {mstart}",
    "ud2",
    "",
    // The func value is the first parameter of its code. The other argument registers hold what the goroutine before had in them: a
    // stack check that is preempted saves them, and the collector would take them for its own.
    "golift_gostart:",
    "xor eax, eax",
    "xor edx, edx",
    "xor ecx, ecx",
    "xor esi, esi",
    "xor r8d, r8d",
    "xor r9d, r9d",
    "xorps xmm0, xmm0",
    "xorps xmm1, xmm1",
    "xorps xmm2, xmm2",
    "xorps xmm3, xmm3",
    "xorps xmm4, xmm4",
    "xorps xmm5, xmm5",
    "xorps xmm6, xmm6",
    "xorps xmm7, xmm7",
    "mov rdi, [r15 + {startfn}]",
    "call [rdi]",
    ".globl golift_gostart_ret",
    "golift_gostart_ret:",
    "call golift_goexit",
    "ud2",
    "",
    // --- threads and signals ---------------------------------------------------------
    "golift_clone:",
    "push r12",
    "mov r12, rdx", // m, also the child's fs base
    "mov r8, rdx",
    "xor edx, edx",
    "xor r10d, r10d",
    "mov eax, {clone}",
    "syscall",
    "test rax, rax",
    "jz 2f",
    "pop r12",
    "ret",
    "2:",
    "xor ebp, ebp",
    "mov rdi, r12",
    "call {mstart}",
    "ud2",
    "",
    "golift_sigreturn:",
    "mov eax, {rt_sigreturn}",
    "syscall",
    "ud2",
    "",
    // --- entersyscall ------------------------------------------------------------------
    // Keeps sp, fp and callee-saved registers where the collector finds them: the frames
    // above may hold pointers only in these registers.
    ".globl golift_entersyscall",
    "golift_entersyscall:",
    "lea rax, [rsp + 8]",
    "mov [r15 + {sp}], rax",
    "mov [r15 + {fp}], rbp",
    "mov rax, [rsp]",
    "mov [r15 + {pc}], rax",
    "mov [r15 + {sysregs}], rbx",
    "mov [r15 + {sysregs} + 8], r12",
    "mov [r15 + {sysregs} + 16], r13",
    "mov [r15 + {sysregs} + 24], r14",
    // The caller may return before the system call.
    "mov rax, [rbp]",
    "mov [r15 + {sysregs} + 32], rax",
    "mov rax, [rbp + 8]",
    "mov [r15 + {sysregs} + 40], rax",
    "jmp {entersyscall}",
    "",
    // --- segments ----------------------------------------------------------------------
    ".globl golift_morestack",
    "golift_morestack:",
    "mov r11, [r10]",
    "mov eax, r11d",
    "and eax, {backmask}",
    "sub r10, rax",
    "mov [r15 + {fn_}], r10",
    "mov rax, r11",
    "shr rax, {argsshift}",
    "shl eax, {argsunit}",
    "mov [r15 + {args}], eax",
    "shr r11, {needshift}",
    "and r11d, {needmask}",
    "shl r11d, {needunit}",
    "mov [r15 + {args} + 4], r11d",
    "40:",
    "cmp qword ptr [r15 + {guard}], {poison}",
    "je 5f",
    "mov r10, [r15 + {hi}]",
    "mov r10, [r10 + {next}]",
    "test r10, r10",
    "jz 6f",
    "mov eax, [r15 + {args}]",
    "mov r11d, [r15 + {args} + 4]",
    "add r11, rax",
    "cmp r11, [r10 + {usable}]",
    "ja 6f",
    // Enter the next segment (r10); rax = bytes of stack arguments.
    "mov [r10 + {savedsp}], rsp",
    "mov [r10 + {savedargs}], rax",
    "mov r11, [r10 + {seglo}]",
    "mov [r15 + {lo}], r11",
    "add r11, {redzone}",
    "mov [r15 + {guard}], r11",
    "mov [r15 + {hi}], r10",
    "test eax, eax",
    "jnz 8f",
    "mov rsp, r10",
    "2:",
    "cmp dword ptr [r15 + {preempt}], 0",
    "jne 7f",
    "3:",
    "call [r15 + {fn_}]",
    ".globl golift_morestack_ret",
    "golift_morestack_ret:",
    // Back: results in rax rcx rdx rsi rdi r8 r9 r10 xmm0-7, only r11 is free.
    "mov r11, [r15 + {hi}]",
    "mov rsp, [r11 + {savedsp}]",
    "cmp qword ptr [r11 + {savedargs}], 0",
    "jne 9f",
    "30:",
    "mov r11, [r11 + {prev}]",
    "mov [r15 + {hi}], r11",
    "mov r11, [r11 + {seglo}]",
    "mov [r15 + {lo}], r11",
    "add r11, {redzone}",
    "mov [r15 + {guard}], r11",
    "cmp dword ptr [r15 + {preempt}], 0",
    "jne 4f",
    "ret",
    "4:",
    "mov qword ptr [r15 + {guard}], {poison}",
    "ret",
    // Copy the stack arguments to the top of the new segment.
    "8:",
    "mov r11, rsp",
    "mov rsp, r10",
    "sub rsp, rax",
    "20:",
    "mov r10, [r11 + rax]",
    "mov [rsp + rax - 8], r10",
    "sub rax, 8",
    "jnz 20b",
    "jmp 2b",
    "7:",
    "mov qword ptr [r15 + {guard}], {poison}",
    "jmp 3b",
    // Pop the stack arguments: the return address moves up over them.
    "9:",
    "push rax",
    "mov rax, [rsp + 8]",
    "mov r11, [r11 + {savedargs}]",
    "mov [rsp + r11 + 8], rax",
    "pop rax",
    "add rsp, r11",
    "mov r11, [r15 + {hi}]",
    "jmp 30b",
    // Preemption at a stack check: yield, then start the function anew.
    "5:",
    "call golift_save_args_preempt",
    ".globl golift_morestack_preempted",
    "golift_morestack_preempted:",
    "jmp [r15 + {fn_}]",
    // No (big enough) next segment: have one made, then try again.
    "6:",
    "call golift_save_args_newsegment",
    ".globl golift_morestack_grows",
    "golift_morestack_grows:",
    "jmp 40b",
    "",
    ".macro GOLIFT_SAVE_ARGS name, target",
    "\\name:",
    "push rbp",
    "mov rbp, rsp",
    "push rdi",
    "push rsi",
    "push rdx",
    "push rcx",
    "push r8",
    "push r9",
    "push qword ptr [r15 + {fn_}]",
    "push qword ptr [r15 + {args}]",
    "sub rsp, 136",
    "and rsp, -16",
    "movups [rsp], xmm0",
    "movups [rsp + 16], xmm1",
    "movups [rsp + 32], xmm2",
    "movups [rsp + 48], xmm3",
    "movups [rsp + 64], xmm4",
    "movups [rsp + 80], xmm5",
    "movups [rsp + 96], xmm6",
    "movups [rsp + 112], xmm7",
    "call \\target",
    "movups xmm0, [rsp]",
    "movups xmm1, [rsp + 16]",
    "movups xmm2, [rsp + 32]",
    "movups xmm3, [rsp + 48]",
    "movups xmm4, [rsp + 64]",
    "movups xmm5, [rsp + 80]",
    "movups xmm6, [rsp + 96]",
    "movups xmm7, [rsp + 112]",
    "mov rdi, [rbp - 8]",
    "mov rsi, [rbp - 16]",
    "mov rdx, [rbp - 24]",
    "mov rcx, [rbp - 32]",
    "mov r8, [rbp - 40]",
    "mov r9, [rbp - 48]",
    "mov rax, [rbp - 56]",
    "mov [r15 + {fn_}], rax",
    "mov rax, [rbp - 64]",
    "mov [r15 + {args}], rax",
    "mov rsp, rbp",
    "pop rbp",
    "ret",
    ".endm",
    "GOLIFT_SAVE_ARGS golift_save_args_preempt, golift_preempt_yield",
    "GOLIFT_SAVE_ARGS golift_save_args_newsegment, golift_newsegment",
    "",
    // --- asynchronous preemption ---------------------------------------------------------
    // "Called" by the signal handler at any instruction of Go code: [rsp] = interrupted pc.
    "golift_async_preempt:",
    "push rbp",
    "mov rbp, rsp",
    "pushfq",
    "push rax",
    "push rbx",
    "push rcx",
    "push rdx",
    "push rsi",
    "push rdi",
    "push r8",
    "push r9",
    "push r10",
    "push r11",
    "push r12",
    "push r13",
    "push r14",
    "push qword ptr [r15 + {fn_}]",
    "push qword ptr [r15 + {args}]",
    "sub rsp, 264",
    "and rsp, -16",
    "movups [rsp], xmm0",
    "movups [rsp + 16], xmm1",
    "movups [rsp + 32], xmm2",
    "movups [rsp + 48], xmm3",
    "movups [rsp + 64], xmm4",
    "movups [rsp + 80], xmm5",
    "movups [rsp + 96], xmm6",
    "movups [rsp + 112], xmm7",
    "movups [rsp + 128], xmm8",
    "movups [rsp + 144], xmm9",
    "movups [rsp + 160], xmm10",
    "movups [rsp + 176], xmm11",
    "movups [rsp + 192], xmm12",
    "movups [rsp + 208], xmm13",
    "movups [rsp + 224], xmm14",
    "movups [rsp + 240], xmm15",
    "cld",
    "call golift_preempt_yield",
    "movups xmm0, [rsp]",
    "movups xmm1, [rsp + 16]",
    "movups xmm2, [rsp + 32]",
    "movups xmm3, [rsp + 48]",
    "movups xmm4, [rsp + 64]",
    "movups xmm5, [rsp + 80]",
    "movups xmm6, [rsp + 96]",
    "movups xmm7, [rsp + 112]",
    "movups xmm8, [rsp + 128]",
    "movups xmm9, [rsp + 144]",
    "movups xmm10, [rsp + 160]",
    "movups xmm11, [rsp + 176]",
    "movups xmm12, [rsp + 192]",
    "movups xmm13, [rsp + 208]",
    "movups xmm14, [rsp + 224]",
    "movups xmm15, [rsp + 240]",
    "lea rsp, [rbp - 128]",
    "pop qword ptr [r15 + {args}]",
    "pop qword ptr [r15 + {fn_}]",
    "pop r14",
    "pop r13",
    "pop r12",
    "pop r11",
    "pop r10",
    "pop r9",
    "pop r8",
    "pop rdi",
    "pop rsi",
    "pop rdx",
    "pop rcx",
    "pop rbx",
    "pop rax",
    "popfq",
    "pop rbp",
    "ret",
    "",
    // --- preemption at the return of a leaf ------------------------------------------------
    // A leaf returns to here instead of to Go code.
    "golift_leaf_return:",
    "push qword ptr [r15 + {leaf_return}]",
    "mov qword ptr [r15 + {leaf_slot}], 0",
    // All is as at the return of a leaf. The frame makes the collector scan the caller's as an interrupted one:
    // tables of frames do not know the calls of all leaves.
    ".globl golift_leaf_preempt",
    "golift_leaf_preempt:",
    "push rbp",
    "mov rbp, rsp",
    "push rax",
    "push rdx",
    "sub rsp, 32",
    "movups [rsp], xmm0",
    "movups [rsp + 16], xmm1",
    "call golift_preempt_yield",
    "movups xmm0, [rsp]",
    "movups xmm1, [rsp + 16]",
    "mov rax, [rbp - 8]",
    "mov rdx, [rbp - 16]",
    "mov rsp, rbp",
    "pop rbp",
    "ret",
    "",
    // --- pinning the goroutine to its P: returns the P's index ------------------------------
    ".globl golift_proc_pin, golift_proc_unpin",
    "golift_proc_pin:",
    "mov rax, [r15 + {m}]",
    "inc dword ptr [rax + {locks}]",
    "mov rax, [rax + {p}]",
    "mov eax, [rax + {id}]",
    "ret",
    "golift_proc_unpin:",
    "mov rax, [r15 + {m}]",
    "dec dword ptr [rax + {locks}]",
    "cmp dword ptr [r15 + {preempt}], 0",
    "jne golift_leaf_preempt",
    "ret",
    "",
    // --- raw system call from Go: args = {nr, a1..a6} ------------------------------------
    ".globl golift_syscall6",
    "golift_syscall6:",
    "mov r11, rdi",
    "mov rax, [r11]",
    "mov rdi, [r11 + 8]",
    "mov rsi, [r11 + 16]",
    "mov rdx, [r11 + 24]",
    "mov r10, [r11 + 32]",
    "mov r8, [r11 + 40]",
    "mov r9, [r11 + 48]",
    "syscall",
    "cmp dword ptr [r15 + {preempt}], 0",
    "jne golift_leaf_preempt",
    "ret",
    ".globl golift_cpuid",
    "golift_cpuid:", // (eax, ecx, *[4]u32)
    "push rbx",
    "mov r8, rdx",
    "mov eax, edi",
    "mov ecx, esi",
    "cpuid",
    "mov [r8], eax",
    "mov [r8 + 4], ebx",
    "mov [r8 + 8], ecx",
    "mov [r8 + 12], edx",
    "pop rbx",
    "ret",
    ".globl golift_xgetbv",
    "golift_xgetbv:",
    "xor ecx, ecx",
    "xgetbv",
    "ret",
    ".globl golift_breakpoint",
    "golift_breakpoint:",
    "int3",
    "ret",
    ".text",
    sp = const off::SCHED_SP,
    pc = const off::SCHED_PC,
    fp = const off::SCHED_FP,
    ret0 = const off::RET0,
    ret1 = const off::RET1,
    lo = const off::STACK_LO,
    hi = const off::STACK_HI,
    guard = const off::STACKGUARD,
    fn_ = const off::MORESTACK_FN,
    args = const off::MORESTACK_ARGS,
    backmask = const (1 << golift_abi::morestack::BACK_BITS) - 1,
    needshift = const golift_abi::morestack::BACK_BITS,
    needmask = const (1 << golift_abi::morestack::NEED_BITS) - 1,
    needunit = const golift_abi::morestack::NEED_UNIT.trailing_zeros(),
    argsshift = const golift_abi::morestack::BACK_BITS + golift_abi::morestack::NEED_BITS,
    argsunit = const golift_abi::morestack::ARGS_UNIT.trailing_zeros(),
    startfn = const G_STARTFN,
    preempt = const G_PREEMPT,
    sysregs = const G_SYSREGS,
    prev = const SEG_PREV,
    next = const SEG_NEXT,
    seglo = const SEG_LO,
    usable = const SEG_USABLE,
    savedsp = const SEG_SAVEDSP,
    savedargs = const SEG_SAVEDARGS,
    redzone = const golift_abi::STACK_RED_ZONE,
    poison = const golift_abi::STACK_PREEMPT as i64,
    m = const off::M,
    p = const M_P,
    locks = const M_LOCKS,
    id = const P_ID,
    leaf_return = const G_LEAF_RETURN,
    leaf_slot = const G_LEAF_SLOT,
    clone = const crate::sys::nr::CLONE,
    rt_sigreturn = const crate::sys::nr::RT_SIGRETURN,
    preempt_at_return = sym crate::sched::preempt::preempt_at_return,
    mstart = sym crate::sched::mstart,
    entersyscall = sym crate::sched::entersyscall_leaf,
);

#[cfg(test)]
mod stubs {
    use super::*;
    /// # Safety
    /// Never called.
    pub unsafe fn golift_gogo(_: *mut G) -> ! {
        unreachable!()
    }
    /// # Safety
    /// Never called.
    pub unsafe fn golift_jump(_: *mut G, _: usize, _: usize, _: usize, _: usize) -> ! {
        unreachable!()
    }
    /// # Safety
    /// Never called.
    pub unsafe extern "C" fn golift_gostart() {}
    /// # Safety
    /// Never called.
    pub unsafe extern "C" fn golift_gostart_ret() {}
    /// # Safety
    /// Never called.
    pub unsafe extern "C" fn golift_morestack() {}
    /// # Safety
    /// Never called.
    pub unsafe extern "C" fn golift_morestack_ret() {}
    /// # Safety
    /// Never called.
    pub unsafe extern "C" fn golift_morestack_preempted() {}
    /// # Safety
    /// Never called.
    pub unsafe extern "C" fn golift_morestack_grows() {}
    /// # Safety
    /// Never called.
    pub unsafe extern "C" fn golift_async_preempt() {}
    /// # Safety
    /// Never called.
    pub unsafe extern "C" fn golift_leaf_return() {}
    /// # Safety
    /// Never called.
    pub unsafe extern "C" fn golift_sigreturn() {}
    /// # Safety
    /// Never called.
    pub unsafe fn golift_clone(_: usize, _: usize, _: *mut M) -> isize {
        -1
    }
    /// # Safety
    /// Never called.
    pub unsafe fn golift_enter_g0(_: *mut M, _: usize) -> ! {
        unreachable!()
    }
    /// # Safety
    /// Never called.
    pub unsafe extern "C" fn go_sigpanic() {}
    /// # Safety
    /// Never called.
    pub unsafe extern "C" fn go_main() {}
    /// # Safety
    /// Never called.
    pub unsafe extern "C" fn go_goexit() {}
}
