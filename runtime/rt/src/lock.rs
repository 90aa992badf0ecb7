//! Futex locks and one-shot notes for code that runs on g0 or as a leaf.

use crate::sync::Ordering::*;
use crate::sync::{AtomicU32, SPINS, fence_after_rmw, futex_wait, futex_wake, nanotime, spin_loop};

/// Three-state futex mutex: 0 free, 1 held, 2 held with sleepers.
#[repr(transparent)]
pub struct Mutex(AtomicU32);

impl Mutex {
    /// A free one.
    #[cfg(not(model))]
    pub const fn new() -> Self {
        Mutex(AtomicU32::new(0))
    }
    #[cfg(model)]
    pub fn new() -> Self {
        Mutex(AtomicU32::new(0))
    }
    /// Takes the lock; sleeps while somebody has it.
    #[inline]
    pub fn lock(&self) {
        if self.0.compare_exchange(0, 1, Acquire, Relaxed).is_err() {
            self.lock_slow();
        }
    }
    /// Takes the lock if it is free.
    #[inline]
    pub fn try_lock(&self) -> bool {
        self.0.compare_exchange(0, 1, Acquire, Relaxed).is_ok()
    }
    #[cold]
    #[inline(never)]
    fn lock_slow(&self) {
        for _ in 0..SPINS {
            spin_loop();
            if self.0.load(Relaxed) == 0 && self.0.compare_exchange(0, 1, Acquire, Relaxed).is_ok() {
                return;
            }
        }
        while self.0.swap(2, Acquire) != 0 {
            futex_wait(&self.0, 2, -1);
        }
    }
    /// Gives the lock back. The caller has it.
    #[inline]
    pub fn unlock(&self) {
        if self.0.swap(0, Release) == 2 {
            futex_wake(&self.0, 1);
        }
        // Who unlocks the global run queue looks for idle threads next (see `sched::idle`).
        fence_after_rmw();
    }
}

impl Default for Mutex {
    fn default() -> Self {
        Self::new()
    }
}

/// One-shot event: one sleeper, one waker. `clear` before reuse.
#[repr(transparent)]
pub struct Note(AtomicU32);

impl Note {
    /// One that has not happened.
    #[cfg(not(model))]
    pub const fn new() -> Self {
        Note(AtomicU32::new(0))
    }
    #[cfg(model)]
    pub fn new() -> Self {
        Note(AtomicU32::new(0))
    }
    /// As if it had not happened. Nobody may be asleep.
    pub fn clear(&self) {
        self.0.store(0, Relaxed);
    }
    /// It happens: the sleeper goes on.
    pub fn wakeup(&self) {
        if self.0.swap(1, Release) == 0 {
            futex_wake(&self.0, 1);
        }
    }
    /// Sleeps until it happens, if it has not.
    pub fn sleep(&self) {
        while self.0.load(Acquire) == 0 {
            futex_wait(&self.0, 0, -1);
        }
    }
    /// Sleeps at most `ns`; true if woken by `wakeup`.
    pub fn sleep_for(&self, ns: i64) -> bool {
        if ns < 0 {
            self.sleep();
            return true;
        }
        let deadline = nanotime() + ns;
        loop {
            if self.0.load(Acquire) != 0 {
                return true;
            }
            let left = deadline - nanotime();
            if left <= 0 {
                return self.0.load(Acquire) != 0;
            }
            futex_wait(&self.0, 0, left);
        }
    }
}

impl Default for Note {
    fn default() -> Self {
        Self::new()
    }
}
