//! What markers still have to do: lists of objects to scan, of pointers that barriers have noted, and of roots.
//!
//! **Strategy.** A marker works with a chunk of its own and shares chunks through one list; who finds that list empty and has enough
//! itself gives half of it away ([`Work::wants_more`]). Barriers fill a buffer that belongs to a P ([`Noted`]) and hand it over when it
//! is full, or in a stopped world. Roots are numbered jobs that are taken one after the other.
//!
//! **Termination.** A marker counts as active from before it takes something until what it has left is back in the list. So when nobody
//! is active, and lists and jobs are exhausted, all that is left is in the buffers of the Ps. Only in a stopped world,
//! where there are no markers and those buffers can be emptied, is marking known to be over; outside of it [`Work::seems_done`] is a hint.

use crate::heap::span::Span;
use crate::locked::Locked;
use crate::sync::{AtomicUsize, Ordering::*};
use crate::sys;
use core::ptr::null_mut;

/// Objects of a chunk: 16 KB.
pub const CHUNK: usize = if cfg!(model) { 2 } else { 1022 };
/// Pointers of a barrier's buffer: 4 KB.
pub const NOTED: usize = if cfg!(model) { 1 } else { 510 };
/// Empty chunks that are kept when a collection ends.
const KEPT: usize = 16;

/// Objects, or pieces of large ones, that are marked and not yet scanned.
#[repr(C)]
pub struct Chunk {
    next: *mut Chunk,
    /// How many there are.
    pub n: usize,
    /// Address and span of each.
    pub items: [(usize, *mut Span); CHUNK],
}

/// Pointers that barriers have noted.
#[repr(C)]
pub struct Noted {
    next: *mut Noted,
    /// How many there are.
    pub n: usize,
    /// The pointers.
    pub items: [usize; NOTED],
}

struct Lists {
    full: *mut Chunk,
    empty: *mut Chunk,
    empty_n: usize,
    noted: *mut Noted,
    noted_empty: *mut Noted,
    /// Bytes from the system.
    bytes: usize,
}
// SAFETY: what is in a list belongs to no thread.
unsafe impl Send for Lists {}

/// What there is to do, and who does it.
pub struct Work {
    lists: Locked<Lists>,
    /// Lengths of the lists that are not empty ones. Change under the lock, read without as a hint.
    full_n: AtomicUsize,
    noted_n: AtomicUsize,
    /// Markers that may have something.
    active: AtomicUsize,
    /// The next root to be looked at, and how many there are.
    next_job: AtomicUsize,
    jobs: AtomicUsize,
}

/// Nothing to do. Loom's atomics cannot be made at compile time.
macro_rules! no_work {
    () => {
        Work {
            lists: Locked::new(Lists {
                full: null_mut(),
                empty: null_mut(),
                empty_n: 0,
                noted: null_mut(),
                noted_empty: null_mut(),
                bytes: 0,
            }),
            full_n: AtomicUsize::new(0),
            noted_n: AtomicUsize::new(0),
            active: AtomicUsize::new(0),
            next_job: AtomicUsize::new(0),
            jobs: AtomicUsize::new(0),
        }
    };
}

/// The work of this collection.
#[cfg(not(model))]
pub static WORK: Work = no_work!();

#[cfg(model)]
impl Work {
    pub fn new() -> Work {
        no_work!()
    }
}

/// # Safety
/// `T` may be all zeros.
unsafe fn fresh<T>(bytes: &mut usize) -> *mut T {
    let p = sys::map(size_of::<T>()) as *mut T;
    if p.is_null() {
        crate::traceback::throw("out of memory (mark stack)");
    }
    *bytes += size_of::<T>();
    p
}

impl Work {
    /// Roots are numbered from 0 to `jobs`; nothing else is there to do.
    pub fn begin(&self, jobs: usize) {
        self.jobs.store(jobs, Relaxed);
        self.next_job.store(0, Release);
    }
    /// A marker begins.
    pub fn enter(&self) {
        self.active.fetch_add(1, SeqCst);
    }
    /// A marker ends: all that it had left is in the list.
    pub fn leave(&self) {
        self.active.fetch_sub(1, SeqCst);
    }
    /// The next root.
    pub fn job(&self) -> Option<usize> {
        if self.next_job.load(Relaxed) >= self.jobs.load(Relaxed) {
            return None;
        }
        // Who sees that no job is left sees that this marker is active.
        let n = self.next_job.fetch_add(1, AcqRel);
        (n < self.jobs.load(Relaxed)).then_some(n)
    }
    /// Is there something to take? A hint.
    pub fn any(&self) -> bool {
        self.full_n.load(SeqCst) != 0
            || self.noted_n.load(SeqCst) != 0
            || self.next_job.load(SeqCst) < self.jobs.load(SeqCst)
    }
    /// Is nothing left but what barriers may have noted? A hint.
    pub fn seems_done(&self) -> bool {
        !self.any() && self.active.load(SeqCst) == 0 && !self.any()
    }
    /// Should who has much give some of it away?
    #[inline(always)]
    pub fn wants_more(&self) -> bool {
        self.full_n.load(Relaxed) == 0
    }
    /// An empty chunk.
    ///
    /// # Safety
    /// The caller gives it back.
    pub unsafe fn empty(&self) -> *mut Chunk {
        // SAFETY: chunks of the list are nobody's; a fresh one is empty when it is all zeros.
        unsafe {
            let mut l = self.lists.lock();
            let c = l.empty;
            if c.is_null() {
                return fresh(&mut l.bytes);
            }
            l.empty = (*c).next;
            l.empty_n -= 1;
            (*c).n = 0;
            c
        }
    }
    /// Puts a chunk into the list of full or of empty ones.
    ///
    /// # Safety
    /// `c` is the caller's.
    pub unsafe fn put(&self, c: *mut Chunk) {
        // SAFETY: the contract above.
        unsafe {
            let mut l = self.lists.lock();
            if (*c).n == 0 {
                (*c).next = l.empty;
                l.empty = c;
                l.empty_n += 1;
            } else {
                (*c).next = l.full;
                l.full = c;
                self.full_n.fetch_add(1, SeqCst);
            }
        }
    }
    /// A chunk with something in it, or null.
    ///
    /// # Safety
    /// The caller gives it back, and counts as active.
    pub unsafe fn take(&self) -> *mut Chunk {
        // SAFETY: chunks of the list are nobody's.
        unsafe {
            if self.full_n.load(Relaxed) == 0 {
                return null_mut();
            }
            let mut l = self.lists.lock();
            let c = l.full;
            if !c.is_null() {
                l.full = (*c).next;
                self.full_n.fetch_sub(1, SeqCst);
            }
            c
        }
    }
    /// Takes a barrier's buffer and gives an empty one; `b` may be null.
    ///
    /// # Safety
    /// `b` is the caller's.
    pub unsafe fn exchange_noted(&self, b: *mut Noted) -> *mut Noted {
        // SAFETY: the contract above; a fresh one is empty when it is all zeros.
        unsafe {
            let mut l = self.lists.lock();
            if !b.is_null() {
                (*b).next = l.noted;
                l.noted = b;
                self.noted_n.fetch_add(1, SeqCst);
            }
            let e = l.noted_empty;
            if e.is_null() {
                return fresh(&mut l.bytes);
            }
            l.noted_empty = (*e).next;
            (*e).n = 0;
            e
        }
    }
    /// A buffer with pointers, or null.
    ///
    /// # Safety
    /// The caller gives it back, and counts as active.
    pub unsafe fn take_noted(&self) -> *mut Noted {
        // SAFETY: buffers of the list are nobody's.
        unsafe {
            if self.noted_n.load(Relaxed) == 0 {
                return null_mut();
            }
            let mut l = self.lists.lock();
            let b = l.noted;
            if !b.is_null() {
                l.noted = (*b).next;
                self.noted_n.fetch_sub(1, SeqCst);
            }
            b
        }
    }
    /// Gives a buffer back whose pointers are marked.
    ///
    /// # Safety
    /// `b` is the caller's.
    pub unsafe fn put_noted(&self, b: *mut Noted) {
        // SAFETY: the contract above.
        unsafe {
            let mut l = self.lists.lock();
            (*b).next = l.noted_empty;
            l.noted_empty = b;
        }
    }
    /// Bytes of all lists.
    pub fn bytes(&self) -> usize {
        self.lists.lock().bytes
    }
    /// Gives most of the empty chunks back to the system.
    pub fn trim(&self) {
        loop {
            let mut l = self.lists.lock();
            let c = l.empty;
            if c.is_null() || l.empty_n <= KEPT {
                return;
            }
            // SAFETY: an empty chunk of the list is nobody's.
            unsafe {
                l.empty = (*c).next;
                l.empty_n -= 1;
                l.bytes -= size_of::<Chunk>();
                drop(l);
                sys::unmap(c as usize, size_of::<Chunk>());
            }
        }
    }
}
