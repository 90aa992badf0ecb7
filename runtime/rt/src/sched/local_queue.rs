//! The run queue of a P: a ring with one producer and many consumers, and the slot for what runs next.
//!
//! Only the owner puts, so only the owner moves `tail` and writes slots. Owner and thieves take by moving `head` with
//! a compare-and-swap *after* they have read the slots: if it succeeds, nobody else took these entries, and the
//! owner has not reused their slots, for it never lets `tail` be more than N beyond `head`.
//!
//! `put` ends with a full fence: who puts something and then finds that nobody spins or idles may rely on it that
//! whoever stops spinning later sees the entry (see `idle`).

use crate::sync::Ordering::*;
use crate::sync::{AtomicPtr, AtomicU32, fence, fence_after_rmw};
use core::ptr::null_mut;

/// See the module: the owner puts and takes, others steal.
#[repr(C)]
pub struct LocalQueue<T, const N: usize> {
    /// Moved by any consumer.
    head: AtomicU32,
    /// Moved by the owner.
    tail: AtomicU32,
    slots: [AtomicPtr<T>; N],
    /// Taken before all others. The owner sets it, thieves may clear it.
    next: AtomicPtr<T>,
}

impl<T, const N: usize> LocalQueue<T, N> {
    /// All bytes zero is an empty queue, too.
    pub fn new() -> Self {
        LocalQueue {
            head: AtomicU32::new(0),
            tail: AtomicU32::new(0),
            slots: core::array::from_fn(|_| AtomicPtr::new(null_mut())),
            next: AtomicPtr::new(null_mut()),
        }
    }

    fn slot(&self, i: u32) -> &AtomicPtr<T> {
        &self.slots[i as usize % N]
    }

    /// Owner: appends `x`, or makes it `next` and appends what was that. Half of a full queue, and then what did
    /// not fit, go to `spill`.
    #[inline]
    pub fn put(&self, x: *mut T, as_next: bool, spill: impl FnMut(*mut T)) {
        let mut x = x;
        if as_next {
            let old = self.next.swap(x, AcqRel);
            fence_after_rmw();
            if old.is_null() {
                return;
            }
            x = old;
        }
        if !self.append(x) {
            self.append_or_spill(x, spill);
        }
        if !as_next {
            fence(SeqCst);
        }
    }

    /// Owner: false if the queue is full.
    #[inline]
    pub fn append(&self, x: *mut T) -> bool {
        let h = self.head.load(Acquire);
        let t = self.tail.load(Relaxed);
        if t.wrapping_sub(h) >= N as u32 {
            return false;
        }
        self.slot(t).store(x, Relaxed);
        self.tail.store(t.wrapping_add(1), Release);
        true
    }

    #[cold]
    #[inline(never)]
    fn append_or_spill(&self, x: *mut T, mut spill: impl FnMut(*mut T)) {
        loop {
            let h = self.head.load(Acquire);
            let t = self.tail.load(Relaxed);
            let n = N as u32 / 2;
            if t.wrapping_sub(h) == N as u32
                && self.head.compare_exchange(h, h.wrapping_add(n), AcqRel, Relaxed).is_ok()
            {
                // Ours now, and nobody but us writes slots.
                for i in 0..n {
                    spill(self.slot(h.wrapping_add(i)).load(Relaxed));
                }
                spill(x);
                return;
            }
            if self.append(x) {
                return;
            }
        }
    }

    /// Owner: the next entry, null if there is none; the flag says that it was `next`.
    #[inline]
    pub fn get(&self) -> (*mut T, bool) {
        let next = self.next.load(Relaxed);
        // Others only ever clear it.
        if !next.is_null() && self.next.compare_exchange(next, null_mut(), AcqRel, Relaxed).is_ok() {
            return (next, true);
        }
        loop {
            let h = self.head.load(Acquire);
            let t = self.tail.load(Relaxed);
            if t == h {
                return (null_mut(), false);
            }
            let x = self.slot(h).load(Relaxed);
            if self.head.compare_exchange(h, h.wrapping_add(1), AcqRel, Relaxed).is_ok() {
                return (x, false);
            }
        }
    }

    /// Anybody.
    pub fn is_empty(&self) -> bool {
        loop {
            let h = self.head.load(Acquire);
            let t = self.tail.load(Acquire);
            let next = self.next.load(Acquire);
            // The owner may have moved `next` to the ring in between.
            if t == self.tail.load(Acquire) {
                return h == t && next.is_null();
            }
        }
    }

    /// Entries in the ring, about.
    pub fn len(&self) -> u32 {
        self.tail.load(Relaxed).wrapping_sub(self.head.load(Relaxed))
    }

    /// Owner of `self`: takes half of `from`'s ring and returns one of the entries, null if there was none. With
    /// `steal_next` an empty ring makes `next` fair game, after `wait` has given its owner a moment to run it.
    pub fn steal(&self, from: &Self, steal_next: bool, wait: impl Fn()) -> *mut T {
        let t = self.tail.load(Relaxed);
        let n = self.grab(from, t, steal_next, wait);
        if n == 0 {
            return null_mut();
        }
        let x = self.slot(t.wrapping_add(n - 1)).load(Relaxed);
        if n > 1 {
            self.tail.store(t.wrapping_add(n - 1), Release);
        }
        x
    }

    /// Copies entries to our slots from `at` on; how many.
    fn grab(&self, from: &Self, at: u32, steal_next: bool, wait: impl Fn()) -> u32 {
        loop {
            let h = from.head.load(Acquire);
            let t = from.tail.load(Acquire);
            let mut n = t.wrapping_sub(h);
            n -= n / 2;
            if n == 0 {
                if !steal_next {
                    return 0;
                }
                let next = from.next.load(Acquire);
                if next.is_null() {
                    return 0;
                }
                wait();
                if from.next.compare_exchange(next, null_mut(), AcqRel, Relaxed).is_err() {
                    continue;
                }
                self.slot(at).store(next, Relaxed);
                return 1;
            }
            // `head` and `tail` were read at different times.
            if n > N as u32 / 2 {
                continue;
            }
            for i in 0..n {
                let x = from.slot(h.wrapping_add(i)).load(Relaxed);
                self.slot(at.wrapping_add(i)).store(x, Relaxed);
            }
            if from.head.compare_exchange(h, h.wrapping_add(n), AcqRel, Relaxed).is_ok() {
                return n;
            }
        }
    }
}

impl<T, const N: usize> Default for LocalQueue<T, N> {
    fn default() -> Self {
        Self::new()
    }
}
