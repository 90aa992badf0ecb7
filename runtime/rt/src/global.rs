//! `Global<T>`: a mutable static whose synchronisation is the business of its module.

use core::cell::UnsafeCell;

#[repr(transparent)]
pub struct Global<T>(UnsafeCell<T>);

// SAFETY: each module that owns a Global documents which lock or phase guards each field.
unsafe impl<T> Sync for Global<T> {}

impl<T> Global<T> {
    pub const fn new(v: T) -> Self {
        Global(UnsafeCell::new(v))
    }
    #[inline(always)]
    pub const fn get(&self) -> *mut T {
        self.0.get()
    }
}
