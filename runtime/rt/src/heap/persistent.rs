//! Memory that is never freed, zeroed: Gs, Ms, Ps, spans and other metadata.

use crate::global::Global;
use crate::lock::Mutex;
use crate::sys;
use core::sync::atomic::{AtomicUsize, Ordering::*};

struct Chunk {
    lock: Mutex,
    at: usize,
    end: usize,
}
// SAFETY: used under the lock that it contains.
static CHUNK: Global<Chunk> = unsafe { Global::new(Chunk { lock: Mutex::new(), at: 0, end: 0 }) };
/// Bytes of metadata obtained from the system.
pub static BYTES: AtomicUsize = AtomicUsize::new(0);

const CHUNK_SIZE: usize = 1 << 20;

/// Zeroed memory aligned to `align` (a power of two).
pub unsafe fn alloc(size: usize, align: usize) -> *mut u8 {
    if size >= CHUNK_SIZE / 4 {
        return map(size);
    }
    let c = &mut *CHUNK.get();
    c.lock.lock();
    let mut at = (c.at + align - 1) & !(align - 1);
    if c.at == 0 || at + size > c.end {
        at = map(CHUNK_SIZE) as usize;
        c.end = at + CHUNK_SIZE;
    }
    c.at = at + size;
    c.lock.unlock();
    at as *mut u8
}

unsafe fn map(size: usize) -> *mut u8 {
    let p = sys::map(size);
    if p.is_null() {
        crate::traceback::throw("runtime: cannot allocate memory");
    }
    BYTES.fetch_add(size, Relaxed);
    p
}

/// Fixed-size objects with a free list. Objects come back dirty.
pub struct Fixed<T> {
    lock: Mutex,
    free: *mut T,
    made: usize,
    in_use: usize,
}
impl<T> Fixed<T> {
    pub const fn new() -> Self {
        Fixed { lock: Mutex::new(), free: core::ptr::null_mut(), made: 0, in_use: 0 }
    }
    /// Objects in use, and objects that there are.
    pub fn counts(&self) -> (usize, usize) {
        self.lock.lock();
        let counts = (self.in_use, self.made);
        self.lock.unlock();
        counts
    }
    /// # Safety
    /// The caller initialises every field. `T` is at least a word.
    pub unsafe fn alloc(&mut self) -> *mut T {
        self.lock.lock();
        self.in_use += 1;
        let p = self.free;
        if !p.is_null() {
            self.free = *(p as *mut *mut T);
            self.lock.unlock();
            return p;
        }
        self.made += 1;
        self.lock.unlock();
        alloc(size_of::<T>(), align_of::<T>().max(16)) as *mut T
    }
    /// # Safety
    /// `p` came from `alloc` and is not used any more.
    pub unsafe fn free(&mut self, p: *mut T) {
        self.lock.lock();
        *(p as *mut *mut T) = self.free;
        self.free = p;
        self.in_use -= 1;
        self.lock.unlock();
    }
}
impl<T> Default for Fixed<T> {
    fn default() -> Self {
        Self::new()
    }
}
