//! Marking: roots, then everything reachable, with an explicit stack of objects.

use super::assert_world_stopped;
use crate::heap::pages::object_span_of;
use crate::heap::pointers::{for_each_pointer, masked};
use crate::heap::span::*;
use crate::locked::{Guard, Locked};
use crate::sched::{self, sched};
use crate::{symtab, sys};
use core::ptr::null_mut;
use core::sync::atomic::Ordering::*;

const CHUNK: usize = 4094;
/// Objects that are prefetched before they are scanned.
const AHEAD: usize = 8;

/// A piece of the mark stack.
#[repr(C)]
struct Chunk {
    next: *mut Chunk,
    n: usize,
    items: [(usize, *mut Span); CHUNK],
}

/// The mark stack and what was counted. Its lock is taken before that of the specials.
pub struct Marker {
    top: *mut Chunk,
    spare: *mut Chunk,
    bytes: usize,
    /// The part of `bytes` that may hold pointers.
    scanned: usize,
    chunks: usize,
}
// SAFETY: the mark stack belongs to no thread.
unsafe impl Send for Marker {}

static MARKER: Locked<Marker> =
    Locked::new(Marker { top: null_mut(), spare: null_mut(), bytes: 0, scanned: 0, chunks: 0 });

/// The marker, for one thread at a time.
pub fn marker() -> Guard<'static, Marker> {
    MARKER.lock()
}

/// Bytes of objects with pointers that the last cycle scanned.
pub fn scanned_bytes() -> usize {
    MARKER.lock().scanned
}
/// Bytes of the mark stack.
pub fn stack_bytes() -> usize {
    MARKER.lock().chunks * size_of::<Chunk>()
}

impl Marker {
    /// # Safety
    /// The world is stopped, and this thread marks.
    #[inline(always)]
    unsafe fn push(&mut self, obj: usize, s: *mut Span) {
        // SAFETY: the contract above.
        unsafe {
            if self.top.is_null() || (*self.top).n == CHUNK {
                self.grow();
            }
            let c = &mut *self.top;
            *c.items.get_unchecked_mut(c.n) = (obj, s);
            c.n += 1;
        }
    }
    /// # Safety
    /// The world is stopped, and this thread marks.
    #[cold]
    unsafe fn grow(&mut self) {
        // SAFETY: the contract above.
        unsafe {
            let c = if self.spare.is_null() {
                let c = sys::map(size_of::<Chunk>()) as *mut Chunk;
                if c.is_null() {
                    crate::traceback::throw("out of memory (mark stack)");
                }
                self.chunks += 1;
                c
            } else {
                let c = self.spare;
                self.spare = (*c).next;
                c
            };
            (*c).n = 0;
            (*c).next = self.top;
            self.top = c;
        }
    }
    /// # Safety
    /// The world is stopped, and this thread marks.
    #[inline(always)]
    unsafe fn pop(&mut self) -> Option<(usize, *mut Span)> {
        // SAFETY: the contract above.
        unsafe {
            loop {
                let c = self.top;
                if c.is_null() {
                    return None;
                }
                if (*c).n > 0 {
                    (*c).n -= 1;
                    return Some(*(*c).items.get_unchecked((*c).n));
                }
                self.top = (*c).next;
                (*c).next = self.spare;
                self.spare = c;
            }
        }
    }
    /// # Safety
    /// The world is stopped, and this thread marks.
    unsafe fn free_spare(&mut self) {
        // SAFETY: the contract above.
        unsafe {
            while !self.spare.is_null() {
                let c = self.spare;
                self.spare = (*c).next;
                sys::unmap(c as usize, size_of::<Chunk>());
                self.chunks -= 1;
            }
        }
    }

    /// # Safety
    /// The world is stopped, and this thread marks.
    #[inline(always)]
    unsafe fn mark(&mut self, s: *mut Span, i: usize) {
        // SAFETY: the contract above.
        unsafe {
            if (*s).mark(i) {
                self.bytes += (*s).elemsize;
                if !(*s).noscan() {
                    self.scanned += (*s).elemsize;
                    self.push((*s).object(i), s);
                }
            }
        }
    }
    /// Marks what a precise pointer leads to.
    ///
    /// # Safety
    /// The world is stopped, and this thread marks.
    #[inline(always)]
    unsafe fn pointer(&mut self, p: usize) {
        // SAFETY: the contract above.
        unsafe {
            if p == 0 {
                return;
            }
            let s = object_span_of(p);
            if !s.is_null() {
                self.mark(s, (*s).index_of(p));
            }
        }
    }
    /// Marks what a word leads to if it happens to be a pointer to an allocated object.
    /// False if it is no address of the heap.
    ///
    /// # Safety
    /// The world is stopped, and this thread marks.
    #[inline(always)]
    unsafe fn maybe(&mut self, p: usize) -> bool {
        // SAFETY: the contract above.
        unsafe {
            let s = object_span_of(p);
            if s.is_null() {
                return false;
            }
            let i = (*s).index_of(p);
            if !(*s).is_free(i) {
                self.mark(s, i);
            }
            true
        }
    }
    /// # Safety
    /// The world is stopped, and this thread marks.
    unsafe fn drain(&mut self) {
        // SAFETY: the contract above.
        unsafe {
            // A few objects wait in a queue while the processor fetches them.
            let mut queue = [(0usize, null_mut::<Span>()); AHEAD];
            let (mut first, mut n) = (0, 0);
            let me: *mut Marker = self;
            loop {
                while n < AHEAD {
                    let Some((obj, s)) = self.pop() else { break };
                    crate::arch::prefetch(obj);
                    queue[(first + n) % AHEAD] = (obj, s);
                    n += 1;
                }
                if n == 0 {
                    return;
                }
                let (obj, s) = queue[first];
                first = (first + 1) % AHEAD;
                n -= 1;
                for_each_pointer(&*s, obj, |_, p| (*me).pointer(p));
            }
        }
    }
}

/// Bytes of package variables with pointers.
pub fn globals_bytes() -> usize {
    // SAFETY: the linker's table.
    unsafe {
        let md = symtab::moduledata();
        let mut n = 0;
        for i in 0..(*md).nroots as usize {
            n += (*((*md).roots as *const golift_abi::GcRoot).add(i)).words as usize * 8;
        }
        n
    }
}

/// Marks everything reachable; bytes marked. World stopped, caches flushed.
///
/// # Safety
/// The world is stopped, and this thread marks.
pub unsafe fn mark_all() -> usize {
    // SAFETY: the contract above.
    unsafe {
        assert_world_stopped();
        let mut m = marker();
        m.bytes = 0;
        m.scanned = 0;
        let me: *mut Marker = &mut *m;
        let md = symtab::moduledata();
        for i in 0..(*md).nroots as usize {
            let r = &*((*md).roots as *const golift_abi::GcRoot).add(i);
            masked(r.addr as usize, r.words as usize, r.mask as *const u8, &mut |_, p| (*me).pointer(p));
            m.drain();
        }
        mark_goroutines(&mut m);
        let mut maybe = |p| {
            (*me).maybe(p);
        };
        super::special::for_each_root(&mut maybe, |s, obj| for_each_pointer(s, obj, |_, p| (*me).pointer(p)));
        crate::timer::for_each_root(&mut maybe);
        m.drain();
        let bytes = m.bytes;
        m.free_spare();
        bytes
    }
}

/// Is the object at `p` marked? What is no object of the heap counts as marked.
///
/// # Safety
/// The world is stopped, after marking.
pub unsafe fn is_marked(p: usize) -> bool {
    // SAFETY: the contract above.
    unsafe {
        let s = object_span_of(p);
        s.is_null() || (*s).marked((*s).index_of(p))
    }
}

/// Marks one object and what it reaches, after `mark_all` (finalizers); bytes marked.
///
/// # Safety
/// The world is stopped, and this thread marks.
pub unsafe fn mark_more(m: &mut Marker, p: usize) -> usize {
    // SAFETY: the contract above.
    unsafe {
        m.bytes = 0;
        m.pointer(p);
        m.drain();
        m.bytes
    }
}

/// # Safety
/// The world is stopped, and this thread marks.
unsafe fn mark_goroutines(m: &mut Marker) {
    // SAFETY: the contract above.
    unsafe {
        let now = crate::sys::nanotime();
        let s = sched();
        let mut memory = super::stack_scan::memory();
        for i in 0..s.allg_len.load(Acquire) {
            let gp = s.g(i);
            let status = (*gp).status.load(Acquire);
            if status == sched::G_DEAD || status == sched::G_IDLE {
                continue;
            }
            // Collections are when the time since which a goroutine waits is taken.
            if matches!(status, sched::G_WAITING | sched::G_SYSCALL) && (*gp).wait_since == 0 {
                (*gp).wait_since = now;
            }
            let me: *mut Marker = m;
            super::stack_scan::scan(&mut memory, gp, status, |p| (*me).maybe(p));
            m.drain();
        }
    }
}
