//! The runtime's `sync` over loom.

use loom::sync::{Condvar, Mutex};
use std::sync::atomic::Ordering::{Relaxed, SeqCst};

pub use loom::hint::spin_loop;
pub use loom::sync::atomic::{AtomicI32, AtomicI64, AtomicPtr, AtomicU32, AtomicUsize, Ordering, fence};

/// More spinning only makes the same interleavings longer.
pub const SPINS: u32 = 1;

pub fn fence_after_rmw() {
    fence(SeqCst);
}

loom::lazy_static! {
    /// One queue for all addresses: a wake-up may be spurious.
    static ref FUTEX: (Mutex<()>, Condvar) = (Mutex::new(()), Condvar::new());
}

/// Sleeps if `a` still holds `val`.
pub fn futex_wait(a: &AtomicU32, val: u32, _ns: i64) {
    let guard = FUTEX.0.lock().unwrap();
    // The kernel compares under its own lock, with the current value: a read-modify-write.
    if a.fetch_add(0, Relaxed) == val {
        drop(FUTEX.1.wait(guard).unwrap());
    }
}

pub fn futex_wake(_a: &AtomicU32, _n: u32) {
    drop(FUTEX.0.lock().unwrap());
    FUTEX.1.notify_all();
}

pub fn nanotime() -> i64 {
    0
}
