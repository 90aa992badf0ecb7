//! Data that only the holder of its lock can reach.

use crate::lock::Mutex;
use core::cell::UnsafeCell;
use core::ops::{Deref, DerefMut};

/// The lock, a word, comes first: objects of Go contain such.
#[repr(C)]
pub struct Locked<T> {
    mutex: Mutex,
    data: UnsafeCell<T>,
}

// SAFETY: the data is reached only through a guard, and there is one guard at a time.
unsafe impl<T: Send> Sync for Locked<T> {}

impl<T> Locked<T> {
    /// Offset of the data.
    pub const DATA: usize = core::mem::offset_of!(Locked<T>, data);

    /// Data in a free lock.
    #[cfg(not(model))]
    pub const fn new(data: T) -> Self {
        Locked { mutex: Mutex::new(), data: UnsafeCell::new(data) }
    }
    #[cfg(model)]
    pub fn new(data: T) -> Self {
        Locked { mutex: Mutex::new(), data: UnsafeCell::new(data) }
    }
    /// Takes the lock; sleeps while somebody has it.
    #[inline]
    pub fn lock(&self) -> Guard<'_, T> {
        self.mutex.lock();
        Guard(self)
    }
    /// Takes the lock if it is free.
    #[inline]
    pub fn try_lock(&self) -> Option<Guard<'_, T>> {
        // Lazily: a guard that is not handed out would unlock when it is dropped.
        self.mutex.try_lock().then(|| Guard(self))
    }
}

/// The right to use the data. Code that never returns (`park`, `schedule`) must end it before.
#[must_use]
pub struct Guard<'a, T>(&'a Locked<T>);

impl<'a, T> Guard<'a, T> {
    /// Leaves the lock held: whoever has the mutex unlocks it.
    pub fn keep_locked(self) -> &'a Mutex {
        let mutex = &self.0.mutex;
        core::mem::forget(self);
        mutex
    }
}

impl<T> Deref for Guard<'_, T> {
    type Target = T;
    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: the lock is held.
        unsafe { &*self.0.data.get() }
    }
}
impl<T> DerefMut for Guard<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: the lock is held.
        unsafe { &mut *self.0.data.get() }
    }
}
impl<T> Drop for Guard<'_, T> {
    #[inline]
    fn drop(&mut self) {
        self.0.mutex.unlock();
    }
}

#[cfg(all(test, not(model)))]
mod tests {
    use super::*;

    #[test]
    fn a_failed_attempt_does_not_unlock() {
        let l = Locked::new(1);
        let mut held = l.lock();
        assert!(l.try_lock().is_none());
        assert!(l.try_lock().is_none());
        *held = 2;
        drop(held);
        assert_eq!(l.try_lock().map(|g| *g), Some(2));
        let mutex = l.lock().keep_locked();
        assert!(l.try_lock().is_none());
        mutex.unlock();
        assert!(l.try_lock().is_some());
    }
}
