//! Memory that is never freed, zeroed: Gs, Ms, Ps, spans and other metadata.

use crate::locked::Locked;
use crate::sys;
use core::sync::atomic::{AtomicUsize, Ordering::*};

/// The rest of the piece that allocations are cut from; both 0 at first.
struct Chunk {
    at: usize,
    end: usize,
}
static CHUNK: Locked<Chunk> = Locked::new(Chunk { at: 0, end: 0 });
/// Bytes of metadata obtained from the system.
pub static BYTES: AtomicUsize = AtomicUsize::new(0);

const CHUNK_SIZE: usize = 1 << 20;

/// Zeroed memory aligned to `align` (a power of two).
///
/// # Safety
/// After `osinfo::init`.
pub unsafe fn alloc(size: usize, align: usize) -> *mut u8 {
    // SAFETY: the contract above.
    unsafe {
        if size >= CHUNK_SIZE / 4 {
            return map(size);
        }
        let mut c = CHUNK.lock();
        let mut at = (c.at + align - 1) & !(align - 1);
        if c.at == 0 || at + size > c.end {
            at = map(CHUNK_SIZE) as usize;
            c.end = at + CHUNK_SIZE;
        }
        c.at = at + size;
        at as *mut u8
    }
}

/// # Safety
/// After `osinfo::init`.
unsafe fn map(size: usize) -> *mut u8 {
    let p = sys::map(size);
    if p.is_null() {
        crate::traceback::throw("runtime: cannot allocate memory");
    }
    BYTES.fetch_add(size, Relaxed);
    p
}

/// Fixed-size objects with a free list. Objects come back dirty. Whoever has one keeps threads apart ([`Locked`]).
pub struct Fixed<T> {
    free: *mut T,
    made: usize,
    in_use: usize,
}
// SAFETY: the objects of the list are nobody's.
unsafe impl<T> Send for Fixed<T> {}

impl<T> Fixed<T> {
    /// A pool without objects.
    pub const fn new() -> Self {
        Fixed { free: core::ptr::null_mut(), made: 0, in_use: 0 }
    }
    /// Objects in use, and objects that there are.
    pub fn counts(&self) -> (usize, usize) {
        (self.in_use, self.made)
    }
    /// # Safety
    /// The caller initialises every field. `T` is at least a word.
    pub unsafe fn alloc(&mut self) -> *mut T {
        // SAFETY: the contract above.
        unsafe {
            self.in_use += 1;
            let p = self.free;
            if !p.is_null() {
                self.free = *(p as *mut *mut T);
                return p;
            }
            self.made += 1;
            alloc(size_of::<T>(), align_of::<T>().max(16)) as *mut T
        }
    }
    /// # Safety
    /// `p` came from `alloc` and is not used any more.
    pub unsafe fn free(&mut self, p: *mut T) {
        // SAFETY: the contract above.
        unsafe {
            *(p as *mut *mut T) = self.free;
            self.free = p;
            self.in_use -= 1;
        }
    }
}
impl<T> Default for Fixed<T> {
    fn default() -> Self {
        Self::new()
    }
}
