//! What the scheduler's lock-free algorithms are made of, in one place, so that runtime/model can compile the same
//! files over loom's atomics and try all interleavings. Such files (`lock`, `sched::local_queue`, `sched::idle`, `sched::poller`,
//! `locked`, `gc::work`) use hardly anything else of this crate; where loom needs other code, `cfg(model)` is set.

pub use crate::sys::{futex_wait, futex_wake, nanotime};
pub use core::hint::spin_loop;
pub use core::sync::atomic::{AtomicI32, AtomicI64, AtomicPtr, AtomicU32, AtomicUsize, Ordering, fence};

/// How often a lock is tried before its thread sleeps.
pub const SPINS: u32 = 40;

/// A full fence after an atomic read-modify-write, which is one by itself on x86-64.
#[inline(always)]
pub fn fence_after_rmw() {
    #[cfg(target_arch = "x86_64")]
    core::sync::atomic::compiler_fence(Ordering::SeqCst);
    #[cfg(not(target_arch = "x86_64"))]
    fence(Ordering::SeqCst);
}
