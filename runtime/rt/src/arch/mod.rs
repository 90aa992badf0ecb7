//! Everything that depends on the processor: assembly, registers, the layout of frames. One set of files per architecture.
//!
//! What an architecture must provide, and the rest of the runtime relies on:
//!
//! * *Registers.* One callee-saved register holds the current goroutine in compiled code; a thread register leads to the M
//!   ([`current_m`], `set_tls`).
//! * *Ways to run Rust code.* `system_fn!` makes a symbol whose body runs on g0: it saves the callee-saved registers on the goroutine's
//!   stack and notes stack and frame pointer in `g.sched` (`system_frame` reads that frame). `polled_leaf!` makes one whose body runs
//!   on the goroutine's stack. Both let the goroutine yield at their return if it was asked to (`sched::preempt`).
//! * *Switching.* `golift_gogo` leaves g0 for a goroutine whose result words are in `g.ret0` and `g.ret1`; `golift_jump` for a place
//!   in compiled code; `golift_enter_g0`, `golift_clone` and `prepare_start_frame` begin threads and goroutines.
//! * *Stacks.* `golift_morestack` restarts a function on the next segment, `golift_morestack_ret` leads back. `waiting_function` finds
//!   the function that waits meanwhile.
//! * *Interruption.* `golift_async_preempt` saves all registers, yields, and goes on; `golift_leaf_return` stands in for the return
//!   address of a leaf. [`Context`] holds the registers that a signal has interrupted, and `frame_state` tells how far interrupted code is
//!   with its frame.
//! * *System calls from compiled code.* `golift_entersyscall` notes where the collector finds the caller's registers, and
//!   `golift_syscall6` makes the call.
//! * *Reflection.* `golift_reflect_call` calls a function with registers and stack as they are told, `golift_reflect_made_code` gives the code of func values that
//!   tell a Go function how they were called.
//! * *Memory functions* without stack use (`golift_memmove` …), in which a fault is the caller's (`leaf`).

#[cfg(target_arch = "x86_64")]
#[macro_use]
pub mod x86_64;
#[cfg(target_arch = "x86_64")]
mod x86_64_context;
#[cfg(target_arch = "x86_64")]
mod x86_64_frame;
#[cfg(target_arch = "x86_64")]
pub mod x86_64_mem;
#[cfg(all(target_arch = "x86_64", not(test)))]
mod x86_64_reflect;
#[cfg(target_arch = "x86_64")]
pub use x86_64::*;
#[cfg(target_arch = "x86_64")]
pub use x86_64_context::Context;
#[cfg(target_arch = "x86_64")]
pub use x86_64_frame::{FrameState, frame_state};
