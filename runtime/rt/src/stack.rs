//! Goroutine stacks: linked segments.
//!
//! A segment's header lies at its high end, at `g.stack_hi`, so it is near the frames that
//! are in use. Segments double in size; the next one stays cached when a call returns, so a
//! call that crosses the boundary again and again costs little. The collector drops cached
//! segments of idle goroutines, and the stacks of ended ones.
//!
//! Small segments are cut from spans of the heap's pages, which go back when none of their segments is in use. A free segment
//! is linked where its header was: the rest of it may never have been touched.

use crate::heap::span::SpanList;
use crate::heap::{pages, scavenge};
use crate::locked::Locked;
use crate::sched::{G, getg};
use crate::sys;
use core::ptr::null_mut;
use core::sync::atomic::{AtomicUsize, Ordering::*};

/// Header of a segment; its goroutine's thread writes it, the collector reads it in a stopped world.
#[repr(C, align(16))]
pub struct Segment {
    /// The segment below in the chain of calls; null in the first.
    pub prev: *mut Segment,
    /// The next one, in use or cached.
    pub next: *mut Segment,
    /// Its lowest address.
    pub lo: usize,
    /// Bytes for arguments and frame of the first function.
    pub usable: usize,
    /// The thunk's sp on the previous segment while this one is in use.
    pub saved_sp: usize,
    /// Bytes of stack arguments that were copied to this segment.
    pub saved_args: usize,
    /// Bytes with the header.
    pub size: usize,
    _pad: usize,
}

const HEADER: usize = size_of::<Segment>();
/// First segment: what a goroutine needs that calls little and waits.
const FIRST: usize = golift_abi::STACK_FIRST;
const RED: usize = golift_abi::STACK_RED_ZONE as usize;
const SLACK: usize = 256;
/// Least size of other segments: who needs a second one probably needs more, and of this one only what is used is touched.
const SECOND: usize = 8 << 10;
/// First segment of the main goroutine, whose loops should not cross a boundary.
const MAIN: usize = 32 << 10;
/// From this size on segments are mapped by themselves and returned to the system.
const BIG: usize = 1 << 20;

/// Bytes that a goroutine's segments may have (`debug.SetMaxStack`).
pub static MAX_STACK: AtomicUsize = AtomicUsize::new(1_000_000_000);
/// Bytes of all segments.
pub static IN_USE: AtomicUsize = AtomicUsize::new(0);

/// Sizes of segments that come from the heap's pages: the first size, and each twice the one before.
const ORDERS: usize = (BIG / FIRST).trailing_zeros() as usize;
/// Bytes of a span of several segments.
const SPAN: usize = 64 << 10;
/// Spans of one order without used segments that are kept up to the next collection.
const KEPT: usize = 4;

/// Spans of segments of one order. Those whose segments are all in use are in no list.
struct Pool {
    partial: SpanList,
    empty: SpanList,
    empties: usize,
}

impl Pool {
    /// Gives the empty spans beyond `keep` back to the heap.
    ///
    /// # Safety
    /// The pool is locked.
    unsafe fn trim(&mut self, keep: usize) {
        // SAFETY: nobody uses segments of these spans.
        unsafe {
            while self.empties > keep {
                pages::free_manual(self.empty.pop());
                self.empties -= 1;
            }
        }
    }
}

static POOLS: [Locked<Pool>; ORDERS] =
    [const { Locked::new(Pool { partial: SpanList::new(), empty: SpanList::new(), empties: 0 }) }; ORDERS];

/// The word of a free segment that links it: where it was touched already, at its end.
///
/// # Safety
/// A free segment of `size` bytes lies at `lo`.
unsafe fn link(lo: usize, size: usize) -> *mut usize {
    (lo + size - HEADER) as *mut usize
}

/// # Safety
/// `size` is a power of two times the first size.
unsafe fn alloc_mem(size: usize) -> usize {
    // SAFETY: the contract above; a span in a pool's lists has a free segment.
    unsafe {
        IN_USE.fetch_add(size, Relaxed);
        if size >= BIG {
            let p = sys::map(size) as usize;
            if p == 0 {
                crate::traceback::throw("out of memory (stack segment)");
            }
            pages::MAPPED_STACKS.fetch_add(size, Relaxed);
            return p;
        }
        let mut fresh = null_mut();
        let mut pool = POOLS[(size / FIRST).trailing_zeros() as usize].lock();
        let mut s = pool.partial.pop();
        if s.is_null() && pool.empties > 0 {
            pool.empties -= 1;
            s = pool.empty.pop();
        }
        if s.is_null() {
            s = pages::alloc_manual(size.max(SPAN) / pages::PAGE);
            (*s).nelems = (size.max(SPAN) / size) as u32;
            (*s).freeindex = 0;
            (*s).alloc_count = 0;
            (*s).segments = 0;
            fresh = s;
        }
        let mut p = (*s).segments;
        if p != 0 {
            (*s).segments = *link(p, size);
        } else {
            // One that has never been used.
            p = (*s).base + (*s).freeindex as usize * size;
            (*s).freeindex += 1;
        }
        (*s).alloc_count += 1;
        if (*s).alloc_count < (*s).nelems {
            pool.partial.push(s);
        }
        drop(pool);
        scavenge::make_room_for(fresh);
        p
    }
}

/// # Safety
/// `lo` and `size` are from `alloc_mem`, and nobody uses the memory.
unsafe fn free_mem(lo: usize, size: usize) {
    // SAFETY: the contract above.
    unsafe {
        IN_USE.fetch_sub(size, Relaxed);
        if size >= BIG {
            sys::unmap(lo, size);
            pages::MAPPED_STACKS.fetch_sub(size, Relaxed);
            return;
        }
        let mut pool = POOLS[(size / FIRST).trailing_zeros() as usize].lock();
        let s = pages::span_of(lo);
        if (*s).alloc_count < (*s).nelems {
            pool.partial.remove(s);
        }
        *link(lo, size) = (*s).segments;
        (*s).segments = lo;
        (*s).alloc_count -= 1;
        if (*s).alloc_count > 0 {
            pool.partial.push(s);
        } else {
            pool.empty.push(s);
            pool.empties += 1;
            pool.trim(KEPT);
        }
    }
}

/// Gives spans without segments in use back to the heap, after a collection.
///
/// # Safety
/// On an M.
pub unsafe fn trim() {
    for pool in &POOLS {
        // SAFETY: the contract above.
        unsafe { pool.lock().trim(0) }
    }
}

/// # Safety
/// `size` is a power of two times the first size; `prev` is null or the segment before.
unsafe fn new_segment(size: usize, prev: *mut Segment) -> *mut Segment {
    // SAFETY: the contract above.
    unsafe {
        let lo = alloc_mem(size);
        let s = (lo + size - HEADER) as *mut Segment;
        s.write(Segment {
            prev,
            next: null_mut(),
            lo,
            usable: size - HEADER - RED - SLACK,
            saved_sp: 0,
            saved_args: 0,
            size,
            _pad: 0,
        });
        s
    }
}

/// # Safety
/// `s` is a segment of `gp`, whose stack nobody uses meanwhile.
unsafe fn enter(gp: *mut G, s: *mut Segment) {
    // SAFETY: the contract above.
    unsafe {
        (*gp).stack_lo = (*s).lo;
        (*gp).stack_hi = s as usize;
        (*gp).stackguard.store(((*s).lo + RED) as u64, Relaxed);
    }
}

/// Gives a new goroutine its first segment; the first of all goroutines is the program's main one.
///
/// # Safety
/// `gp` is a new goroutine without a stack.
pub unsafe fn init_stack(gp: *mut G, is_main: bool) {
    // SAFETY: the contract above.
    unsafe {
        let size = if is_main { MAIN } else { FIRST };
        let s = new_segment(size, null_mut());
        (*gp).stack_base = s;
        (*gp).stack_bytes = size;
        enter(gp, s);
    }
}

/// Back to the first segment, when a goroutine ends. A small second one stays: who has its place next may need one, too.
///
/// # Safety
/// `gp` has ended; nothing runs on its stack.
pub unsafe fn reset_stack(gp: *mut G) {
    // SAFETY: the contract above.
    unsafe {
        let b = (*gp).stack_base;
        let next = (*b).next;
        free_after(gp, if next.is_null() || (*next).size > SECOND { b } else { next });
        enter(gp, b);
    }
}

/// Bytes between `gp`'s stack pointer and the beginning of its stack.
///
/// # Safety
/// `gp` is suspended, or in a system call, and nobody changes its segments.
pub unsafe fn used(gp: *mut G) -> usize {
    // SAFETY: the contract above.
    unsafe {
        let mut segment = (*gp).stack_hi as *const Segment;
        let (mut sp, mut bytes) = ((*gp).sched_sp, 0);
        while !segment.is_null() && (*segment).lo <= sp && sp <= segment as usize {
            bytes += segment as usize - sp;
            sp = (*segment).saved_sp;
            segment = (*segment).prev;
        }
        bytes
    }
}

/// Takes the stack of an ended goroutine away.
///
/// # Safety
/// `gp` has ended, and is the caller's.
pub unsafe fn drop_stack(gp: *mut G) {
    // SAFETY: nothing is on its segments.
    unsafe {
        free_after(gp, (*gp).stack_base);
        free_mem((*(*gp).stack_base).lo, (*gp).stack_bytes);
        (*gp).stack_base = null_mut();
        (*gp).stack_bytes = 0;
        (*gp).stack_lo = 0;
        (*gp).stack_hi = 0;
    }
}

/// Frees the segments after `s`.
///
/// # Safety
/// Nothing is on the segments after `s`, which is one of `gp`'s.
pub unsafe fn free_after(gp: *mut G, s: *mut Segment) {
    // SAFETY: the contract above.
    unsafe {
        let mut n = (*s).next;
        (*s).next = null_mut();
        while !n.is_null() {
            let next = (*n).next;
            (*gp).stack_bytes -= (*n).size;
            free_mem((*n).lo, (*n).size);
            n = next;
        }
    }
}

/// Makes the segment that contains `sp` the current one.
///
/// # Safety
/// `gp` is the running goroutine, on g0, and goes on at `sp`.
pub unsafe fn unwind_to(gp: *mut G, sp: usize) {
    // SAFETY: the contract above.
    unsafe {
        let mut s = (*gp).stack_hi as *mut Segment;
        while !((*s).lo <= sp && sp <= s as usize) {
            s = (*s).prev;
            if s.is_null() {
                crate::traceback::throw("recovery: frame is not on the stack");
            }
        }
        enter(gp, s);
        if (*gp).preempt.load(Relaxed) != 0 {
            (*gp).stackguard.store(golift_abi::STACK_PREEMPT, Relaxed);
        }
    }
}

/// The segment that contains `sp`.
///
/// # Safety
/// Nobody changes the segments of `gp` meanwhile.
pub unsafe fn segment_of(gp: *mut G, sp: usize) -> Option<*mut Segment> {
    // SAFETY: the contract above.
    unsafe {
        let mut s = (*gp).stack_hi as *mut Segment;
        while !(s.is_null() || (*s).lo <= sp && sp <= s as usize) {
            s = (*s).prev;
        }
        (!s.is_null()).then_some(s)
    }
}

/// Makes a next segment that holds the frame and arguments that a stack check asked for.
extern "C" fn newsegment_body() {
    // SAFETY: body of a system function called by the morestack thunk.
    unsafe {
        let gp = getg();
        let need = ((*gp).morestack_args & 0xffff_ffff) as usize + ((*gp).morestack_args >> 32) as usize;
        let cur = (*gp).stack_hi as *mut Segment;
        // The cached one was too small.
        free_after(gp, cur);
        let mut size = ((*cur).size * 2).max(SECOND);
        while size < need + HEADER + RED + SLACK {
            size *= 2;
        }
        let max = MAX_STACK.load(Relaxed);
        if (*gp).stack_bytes + size > max {
            crate::traceback::stack_overflow(gp, max);
        }
        (*gp).stack_bytes += size;
        (*cur).next = new_segment(size, cur);
    }
}
system_fn!("golift_newsegment", newsegment_body, unpolled);

/// The frames of the runtime's own stack that found a goroutine's stack to be too large.
pub fn print_overflow() {
    use crate::print::{str, uint};
    str("runtime.newsegment()\n\truntime/rt/");
    str(file!());
    str(":");
    uint(line!().into());
    str("\nruntime.morestack()\n\truntime/rt/");
    str(crate::arch::MORESTACK_AT.0);
    str(":");
    uint(crate::arch::MORESTACK_AT.1.into());
    str("\n");
}

/// Leaf: `debug.SetMaxStack`.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub extern "C" fn golift_set_max_stack(n: usize) -> usize {
    MAX_STACK.swap(n, Relaxed)
}
