//! Marking: roots, then everything reachable, with an explicit stack of objects.

use super::assert_world_stopped;
use crate::global::Global;
use crate::heap::span::*;
use crate::heap::{HEADER, MAX_IN_SPAN_BITS, bits, pages::object_span_of};
use crate::sched::{self, sched};
use crate::types::{self, Type};
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

struct Marker {
    top: *mut Chunk,
    spare: *mut Chunk,
    bytes: usize,
    /// The part of `bytes` that may hold pointers.
    scanned: usize,
    chunks: usize,
}
// SAFETY: used by the marker alone, in a stopped world.
static MARKER: Global<Marker> =
    unsafe { Global::new(Marker { top: null_mut(), spare: null_mut(), bytes: 0, scanned: 0, chunks: 0 }) };

/// Bytes of objects with pointers that the last cycle scanned. World stopped.
///
/// # Safety
/// The world is stopped.
pub unsafe fn scanned_bytes() -> usize {
    // SAFETY: the contract above.
    unsafe { (*MARKER.get()).scanned }
}
/// Bytes of the mark stack. World stopped.
///
/// # Safety
/// The world is stopped.
pub unsafe fn stack_bytes() -> usize {
    // SAFETY: the contract above.
    unsafe { (*MARKER.get()).chunks * size_of::<Chunk>() }
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

/// Calls `f(slot, value)` for the non-nil pointer slots of the object at `obj`.
///
/// # Safety
/// `obj` is an object of the span `s`.
#[inline(always)]
pub unsafe fn for_each_pointer(s: &Span, obj: usize, mut f: impl FnMut(usize, usize)) {
    // SAFETY: the contract above.
    unsafe {
        if s.noscan() {
            return;
        }
        if s.class > 1 && s.elemsize <= MAX_IN_SPAN_BITS {
            let mut b = bits::read(s, obj);
            while b != 0 {
                let slot = obj + b.trailing_zeros() as usize * 8;
                b &= b - 1;
                let p = *(slot as *const usize);
                if p != 0 {
                    f(slot, p);
                }
            }
        } else if s.class > 1 {
            let t = *(obj as *const *const Type);
            if !t.is_null() {
                typed(obj + HEADER, s.elemsize - HEADER, t, f);
            }
        } else if !s.large_type.is_null() {
            typed(obj, s.elemsize, s.large_type, f);
        }
    }
}

/// Pointer slots of `size` bytes filled with values of type `t`.
///
/// # Safety
/// `size` bytes at `base` are values of type `t`.
#[inline(always)]
unsafe fn typed(base: usize, size: usize, t: *const Type, mut f: impl FnMut(usize, usize)) {
    // SAFETY: the contract above.
    unsafe {
        let mask = types::mask(t);
        let words = (*t).ptr_bytes / 8;
        let step = (*t).size;
        let mut at = 0;
        while at + (*t).ptr_bytes <= size {
            masked(base + at, words, mask, &mut f);
            at += step;
        }
    }
}

/// # Safety
/// `words` words at `base` are readable, and `mask` has as many bits.
#[inline(always)]
unsafe fn masked(base: usize, words: usize, mask: *const u8, f: &mut impl FnMut(usize, usize)) {
    // SAFETY: the contract above.
    unsafe {
        let mut w = 0;
        while w < words {
            let n = (words - w).min(64);
            let mut b = 0u64;
            for i in 0..n.div_ceil(8) {
                b |= (*mask.add(w / 8 + i) as u64) << (i * 8);
            }
            if n < 64 {
                b &= (1 << n) - 1;
            }
            while b != 0 {
                let slot = base + (w + b.trailing_zeros() as usize) * 8;
                b &= b - 1;
                let p = *(slot as *const usize);
                if p != 0 {
                    f(slot, p);
                }
            }
            w += n;
        }
    }
}

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
        let m = &mut *MARKER.get();
        m.bytes = 0;
        m.scanned = 0;
        let me: *mut Marker = m;
        let md = symtab::moduledata();
        for i in 0..(*md).nroots as usize {
            let r = &*((*md).roots as *const golift_abi::GcRoot).add(i);
            masked(r.addr as usize, r.words as usize, r.mask as *const u8, &mut |_, p| (*me).pointer(p));
            m.drain();
        }
        mark_goroutines(m);
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

/// Marks one object and what it reaches, after `mark_all` (finalizers); bytes marked.
///
/// # Safety
/// The world is stopped, and this thread marks.
pub unsafe fn mark_more(p: usize) -> usize {
    // SAFETY: the contract above.
    unsafe {
        let m = &mut *MARKER.get();
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
            super::stack_scan::scan(gp, status, |p| (*me).maybe(p));
            m.drain();
        }
    }
}
