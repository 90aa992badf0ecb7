//! Runs of pages, and where they come from.
//!
//! Free runs are spans too, in lists by length, coalesced with their neighbours through the arenas' page tables. Runs whose pages
//! the system has, all of them, are in lists of their own: others are taken first, and released first ([`release_some`]).

use super::arena::{self, ARENA, set_ends};
pub use super::arena::{PAGE, init, object_span_of, span_of};
use super::persistent;
use super::span::*;
use crate::locked::Locked;
use crate::sys;
use core::ptr::null_mut;
use core::sync::atomic::{AtomicUsize, Ordering::*};

const HINT: usize = 0xc0_0000_0000;
/// Lists for runs of 1 … 127 pages; the last one has all longer runs.
const LISTS: usize = 128;
/// Entries of the first table of spans.
const FIRST_SPANS: usize = 16 << 10;

/// Released pages at a time: a huge page, so that it is not broken up.
const BLOCK: usize = 2 << 20;

/// Free runs by length.
struct FreeRuns {
    lists: [SpanList; LISTS],
    /// Bit i: list i has runs.
    nonempty: u128,
}

impl FreeRuns {
    const fn new() -> Self {
        FreeRuns { lists: [const { SpanList::new() }; LISTS], nonempty: 0 }
    }

    /// # Safety
    /// The caller holds the lock of the heap; `s` is a free run in no list.
    unsafe fn push(&mut self, s: *mut Span) {
        // SAFETY: the contract above.
        unsafe {
            let i = (*s).npages.min(LISTS) - 1;
            self.lists[i].push(s);
            self.nonempty |= 1 << i;
        }
    }

    /// # Safety
    /// The caller holds the lock of the heap; `s` is in one of these lists.
    unsafe fn remove(&mut self, s: *mut Span) {
        // SAFETY: the contract above.
        unsafe {
            let i = (*s).npages.min(LISTS) - 1;
            self.lists[i].remove(s);
            if self.lists[i].first.is_null() {
                self.nonempty &= !(1 << i);
            }
        }
    }

    /// The shortest run of at least `npages`, the first of several; null: none.
    ///
    /// # Safety
    /// The caller holds the lock of the heap.
    unsafe fn best(&self, npages: usize) -> *mut Span {
        // SAFETY: the contract above.
        unsafe {
            let from = npages.min(LISTS) - 1;
            let i = from + (self.nonempty >> from).trailing_zeros() as usize;
            if i < LISTS - 1 {
                return self.lists[i].first;
            }
            let (mut best, mut s) = (null_mut::<Span>(), self.lists[LISTS - 1].first);
            while !s.is_null() {
                if (*s).npages >= npages
                    && (best.is_null()
                        || (*s).npages < (*best).npages
                        || (*s).npages == (*best).npages && (*s).base < (*best).base)
                {
                    best = s;
                }
                s = (*s).next;
            }
            best
        }
    }

    /// One of the longest runs; null: none.
    fn longest(&self) -> *mut Span {
        match self.nonempty.checked_ilog2() {
            Some(i) => self.lists[i as usize].first,
            None => null_mut(),
        }
    }
}

/// Free runs, and the table of spans.
struct Heap {
    /// Runs with pages that are not released, and runs without.
    free: [FreeRuns; 2],
    spans: persistent::Fixed<Span>,
    /// Where the next arena is asked for.
    hint: usize,
    /// Spans of objects.
    all: *mut *mut Span,
    all_len: usize,
    all_cap: usize,
    /// Bytes of the page tables and of `all`.
    tables: usize,
}
// SAFETY: spans and their table belong to no thread.
unsafe impl Send for Heap {}

static HEAP: Locked<Heap> = Locked::new(Heap {
    free: [const { FreeRuns::new() }; 2],
    spans: persistent::Fixed::new(),
    hint: HINT,
    all: null_mut(),
    all_len: 0,
    all_cap: 0,
    tables: 0,
});

/// Sizes of the heap's own structures.
pub struct Metadata {
    /// Span structs in use, and those that there are.
    pub spans: (usize, usize),
    /// Bytes of the page tables and of the table of spans.
    pub tables: usize,
}

/// How much memory the heap's own structures take.
pub fn metadata() -> Metadata {
    let h = HEAP.lock();
    Metadata { spans: h.spans.counts(), tables: h.tables }
}

/// Bytes of all arenas.
pub static HEAP_SYS: AtomicUsize = AtomicUsize::new(0);
/// Pages of spans of objects and of the runtime itself.
pub static PAGES_IN_USE: AtomicUsize = AtomicUsize::new(0);
/// Pages of free runs that the system has (back), or has not given yet.
pub static RELEASED_PAGES: AtomicUsize = AtomicUsize::new(0);
/// The part of `PAGES_IN_USE` that is no objects.
pub static MANUAL_PAGES: AtomicUsize = AtomicUsize::new(0);
/// Bytes of stack segments, which are in no arena.
pub static MAPPED_STACKS: AtomicUsize = AtomicUsize::new(0);

/// The lists that have the free run `s`.
///
/// # Safety
/// The caller holds the lock of the heap; `s` is free.
unsafe fn lists_of(h: &mut Heap, s: *mut Span) -> &mut FreeRuns {
    // SAFETY: the contract above.
    unsafe { &mut h.free[usize::from((*s).released == (*s).npages)] }
}

/// A free run of its own, not coalesced with its neighbours.
///
/// # Safety
/// The caller holds the lock of the heap; nobody has these pages, `released` of which are released.
unsafe fn put_run(h: &mut Heap, base: usize, npages: usize, released: usize) {
    // SAFETY: the contract above.
    unsafe {
        let s = h.spans.alloc();
        core::ptr::write_bytes(s, 0, 1);
        (*s).base = base;
        (*s).npages = npages;
        (*s).released = released;
        set_ends(s);
        lists_of(h, s).push(s);
    }
}

/// Why there are no pages.
#[derive(Clone, Copy)]
enum Refused {
    /// No system could give so much.
    TooLarge,
    /// There is room in the address space, but the system gives no more.
    OutOfMemory,
}

/// Takes at least `npages` from the system.
///
/// # Safety
/// The caller holds the lock of the heap.
unsafe fn grow(h: &mut Heap, npages: usize) -> Result<(), Refused> {
    // SAFETY: the contract above.
    unsafe {
        let n = (npages * PAGE).div_ceil(ARENA);
        let bytes = n * ARENA;
        let mut at = h.hint;
        let mut tries = 0;
        while !sys::map_at(at, bytes) {
            // Taken (or refused): try further up, then anywhere.
            at += 1 << 30;
            tries += 1;
            if tries == 64 {
                let p = sys::map_heap(bytes + ARENA) as usize;
                if p == 0 {
                    let has_room = sys::has_room(bytes + ARENA);
                    return Err(if has_room { Refused::OutOfMemory } else { Refused::TooLarge });
                }
                at = (p + ARENA - 1) & !(ARENA - 1);
                break;
            }
        }
        if tries < 64 {
            h.hint = at + bytes;
        }
        HEAP_SYS.fetch_add(bytes, Relaxed);
        for i in 0..n {
            arena::add(at + i * ARENA);
            h.tables += arena::TABLE;
        }
        let s = h.spans.alloc();
        core::ptr::write_bytes(s, 0, 1);
        (*s).base = at;
        (*s).npages = bytes / PAGE;
        (*s).released = bytes / PAGE;
        RELEASED_PAGES.fetch_add(bytes / PAGE, Relaxed);
        coalesce_and_put(h, s);
        Ok(())
    }
}

/// # Safety
/// The caller holds the lock of the heap.
unsafe fn coalesce_and_put(h: &mut Heap, s: *mut Span) {
    // SAFETY: the contract above.
    unsafe {
        (*s).state.store(FREE, Relaxed);
        let before = span_of((*s).base - 1);
        if !before.is_null() && (*before).state.load(Relaxed) == FREE {
            lists_of(h, before).remove(before);
            (*s).base = (*before).base;
            (*s).npages += (*before).npages;
            (*s).released += (*before).released;
            h.spans.free(before);
        }
        let after = span_of((*s).base + (*s).npages * PAGE);
        if !after.is_null() && (*after).state.load(Relaxed) == FREE {
            lists_of(h, after).remove(after);
            (*s).npages += (*after).npages;
            (*s).released += (*after).released;
            h.spans.free(after);
        }
        set_ends(s);
        lists_of(h, s).push(s);
    }
}

/// Takes a run of `npages`; every page maps to the span, which says how many of them the system must give first.
///
/// # Safety
/// The caller holds the lock of the heap.
unsafe fn take(h: &mut Heap, npages: usize) -> Result<*mut Span, Refused> {
    // SAFETY: the contract above.
    unsafe {
        loop {
            let [ours, gone] = [&h.free[0], &h.free[1]].map(|lists| lists.best(npages));
            let s = if ours.is_null() || !gone.is_null() && (*gone).npages < (*ours).npages { gone } else { ours };
            if s.is_null() {
                grow(h, npages)?;
                continue;
            }
            lists_of(h, s).remove(s);
            let released = arena::clear_released((*s).base, npages);
            RELEASED_PAGES.fetch_sub(released, Relaxed);
            if (*s).npages > npages {
                put_run(h, (*s).base + npages * PAGE, (*s).npages - npages, (*s).released - released);
                (*s).npages = npages;
            }
            (*s).needzero = released != npages;
            (*s).released = released;
            arena::set_pages(s);
            PAGES_IN_USE.fetch_add(npages, Relaxed);
            return Ok(s);
        }
    }
}

/// Pages for the runtime itself (stack segments); dirty.
///
/// # Safety
/// On an M.
pub unsafe fn alloc_manual(npages: usize) -> *mut Span {
    // SAFETY: the contract above.
    unsafe {
        let mut h = HEAP.lock();
        let taken = take(&mut h, npages);
        if let Ok(s) = taken {
            (*s).state.store(MANUAL, Relaxed);
            MANUAL_PAGES.fetch_add(npages, Relaxed);
        }
        drop(h);
        match taken {
            Ok(s) => s,
            Err(Refused::TooLarge) => crate::traceback::throw("out of memory (stack)"),
            Err(Refused::OutOfMemory) => out_of_memory(),
        }
    }
}

#[cold]
fn out_of_memory() -> ! {
    crate::traceback::throw("runtime: out of memory")
}

/// A span for objects, not yet initialised (the caller does so before publishing objects);
/// null if it can never be had.
///
/// # Safety
/// On g0 of an M.
pub(super) unsafe fn alloc_span(npages: usize, init: impl FnOnce(&mut Span)) -> *mut Span {
    // SAFETY: the contract above.
    unsafe {
        let mut h = HEAP.lock();
        let s = match take(&mut h, npages) {
            Ok(s) => s,
            Err(Refused::TooLarge) => return null_mut(),
            Err(Refused::OutOfMemory) => {
                drop(h);
                out_of_memory()
            }
        };
        init(&mut *s);
        if h.all_len == h.all_cap {
            let cap = (h.all_cap * 2).max(FIRST_SPANS);
            let new = persistent::alloc(cap * 8, 64) as *mut *mut Span;
            core::ptr::copy_nonoverlapping(h.all, new, h.all_len);
            h.all = new;
            h.tables += cap * 8;
            h.all_cap = cap;
        }
        *h.all.add(h.all_len) = s;
        (*s).all_index = h.all_len;
        h.all_len += 1;
        s
    }
}

/// Gives a span without live objects back. It must not be in any list.
///
/// # Safety
/// No list and no cache has `s`, and no object of it is alive.
pub(super) unsafe fn free_span(s: *mut Span) {
    // SAFETY: the contract above.
    unsafe {
        let mut h = HEAP.lock();
        PAGES_IN_USE.fetch_sub((*s).npages, Relaxed);
        let last = *h.all.add(h.all_len - 1);
        *h.all.add((*s).all_index) = last;
        (*last).all_index = (*s).all_index;
        h.all_len -= 1;
        // The struct goes on as that of the free run.
        (*s).limit = 0;
        (*s).released = 0;
        coalesce_and_put(&mut h, s);
    }
}

/// Gives pages of `alloc_manual` back.
///
/// # Safety
/// `s` is the span of those pages, in no list, and nobody uses them.
pub unsafe fn free_manual(s: *mut Span) {
    // SAFETY: the contract above.
    unsafe {
        let mut h = HEAP.lock();
        PAGES_IN_USE.fetch_sub((*s).npages, Relaxed);
        MANUAL_PAGES.fetch_sub((*s).npages, Relaxed);
        (*s).released = 0;
        coalesce_and_put(&mut h, s);
    }
}

/// Calls `f` with each span of objects.
///
/// # Safety
/// The world is stopped: no span comes or goes.
pub unsafe fn for_each_span(mut f: impl FnMut(*mut Span)) {
    // SAFETY: the table stays as it is.
    unsafe {
        let h = HEAP.lock();
        let (all, n) = (h.all, h.all_len);
        drop(h);
        for i in 0..n {
            f(*all.add(i));
        }
    }
}

/// Gives some pages of one of the longest free runs back to the system, from its end: how many bytes; 0: there are none.
///
/// # Safety
/// On an M.
pub unsafe fn release_some() -> usize {
    // SAFETY: the contract above; the pages are nobody's meanwhile.
    unsafe {
        let mut h = HEAP.lock();
        let s = h.free[0].longest();
        if s.is_null() {
            return 0;
        }
        let end = (*s).base + (*s).npages * PAGE;
        let Some((from, to)) = arena::last_unreleased((*s).base, end, BLOCK) else {
            crate::traceback::throw("released pages of a free run were miscounted")
        };
        lists_of(&mut h, s).remove(s);
        let after = (end - to) / PAGE;
        if after > 0 {
            // That is how `last_unreleased` found the end.
            put_run(&mut h, to, after, after);
        }
        let before = (from - (*s).base) / PAGE;
        if before > 0 {
            put_run(&mut h, (*s).base, before, (*s).released - after);
        }
        (*s).base = from;
        (*s).npages = (to - from) / PAGE;
        // Neighbours that become free leave it alone.
        (*s).state.store(MANUAL, Relaxed);
        set_ends(s);
        drop(h);
        sys::release(from, to - from);
        let mut h = HEAP.lock();
        arena::set_released(from, (*s).npages);
        (*s).released = (*s).npages;
        RELEASED_PAGES.fetch_add((*s).npages, Relaxed);
        coalesce_and_put(&mut h, s);
        to - from
    }
}
