//! The Golift runtime: what schedules goroutines, manages memory, and talks to Linux.
//!
//! **Problem.** Compiled Go code needs goroutines on small growing stacks, a garbage
//! collected heap, channels, timers, network polling, signals and tracebacks, in a static
//! executable without libc.
//!
//! **Strategy.** A `no_std` static library that the linker puts beside the compiled Go code.
//! Rust code runs in one of three ways:
//!
//! * *leaf functions* (`extern "C"`, on the goroutine's stack): bounded frame, no callback,
//!   no parking, no collection;
//! * *system functions* ([`system_fn!`]): an assembly stub saves the callee-saved registers on
//!   the goroutine's stack, notes sp and fp in `g.sched` and runs the body on the M's g0
//!   stack. The body may park the goroutine (`sched::park`) and never return to the stub;
//! * on g0 from the scheduler itself, and on the signal stack from handlers.
//!
//! **Invariants.**
//!
//! * Locks of this crate are held only by code that cannot be preempted (Rust text is never
//!   preempted) and are never held across `schedule()`.
//! * A system function holds no heap pointer in Rust locals across a point that may collect.
//!   The only such points are the entries of system functions that stop the world, and parking;
//!   so g0 stacks need no scanning.
//! * A goroutine that is not running has all its callee-saved registers on its own stack.
//! * No thread-local sections: the M is found through the fs base (`arch::current_m`).
//!
//! **Build.**
//!
//! ```text
//! RUSTFLAGS="-C relocation-model=static -C force-frame-pointers=yes" \
//!   cargo build --release --manifest-path runtime/rt/Cargo.toml \
//!   --target x86_64-unknown-linux-gnu --target-dir <dir>
//! ld -r --gc-sections --entry _rt0_amd64_linux -u <each golift_* symbol> \
//!   -o runtime.o --whole-archive <dir>/x86_64-unknown-linux-gnu/release/libgolift_runtime.a
//! ```
//!
//! The archive has one Rust object with a section per function; the undefined symbols are
//! `runtime.moduledata` and the Go functions of `golift_ir::RuntimeFn::ROOTS`.

#![cfg_attr(not(test), no_std)]
#![deny(unsafe_op_in_unsafe_fn, clippy::undocumented_unsafe_blocks)]
#![warn(missing_docs)]
// Addresses and handles from compiled code are plain pointers; what they must be is in the text of each symbol.
#![allow(clippy::not_unsafe_ptr_arg_deref)]
// Host tests leave out the assembly that refers to most of the code.
#![cfg_attr(test, allow(dead_code))]

#[macro_use]
mod layout;

#[macro_use]
pub mod arch;
pub mod assembly;
pub mod bytealg;
pub mod chan;
pub mod coro;
pub mod cpuprof;
pub mod entry;
pub mod float;
pub mod gc;
pub mod global;
pub mod hash;
pub mod heap;
pub mod heapdump;
pub mod leaf;
pub mod lock;
pub mod locked;
pub mod netpoll;
pub mod osinfo;
pub mod print;
pub mod rand;
pub mod sched;
pub mod select;
pub mod sema;
pub mod signal;
pub mod sigqueue;
pub mod stack;
pub mod symtab;
pub mod sync;
pub mod synctest;
pub mod sys;
pub mod timer;
pub mod timer_heap;
pub mod trace;
pub mod traceback;
pub mod types;

#[cfg(not(test))]
#[panic_handler]
fn panic(info: &core::panic::PanicInfo) -> ! {
    print::str("fatal error: golift runtime: internal error");
    if let Some(l) = info.location() {
        print::str(" at ");
        print::str(l.file());
        print::str(":");
        print::uint(l.line() as u64);
    }
    print::str("\n");
    sys::exit(2)
}

/// Referred to by the precompiled `core`; never called since we abort on panic.
#[cfg(not(test))]
#[unsafe(no_mangle)]
pub extern "C" fn rust_eh_personality() {}

/// The same.
#[cfg(not(test))]
#[unsafe(no_mangle)]
pub extern "C" fn _Unwind_Resume() -> ! {
    sys::exit(2)
}
