//! `Global<T>`: a mutable static that no lock of its own guards.

use core::cell::UnsafeCell;

/// A mutable static.
#[repr(transparent)]
pub struct Global<T>(UnsafeCell<T>);

// SAFETY: whoever makes one says what keeps threads apart.
unsafe impl<T> Sync for Global<T> {}

impl<T> Global<T> {
    /// # Safety
    /// Threads do not use the value at the same time, or it is only read. The comment at the static says why.
    pub const unsafe fn new(v: T) -> Self {
        Global(UnsafeCell::new(v))
    }
    /// The value's address.
    #[inline(always)]
    pub const fn get(&self) -> *mut T {
        self.0.get()
    }
}
