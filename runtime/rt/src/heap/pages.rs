//! Arenas and runs of pages.
//!
//! Free runs are spans too, in lists by length, coalesced with their neighbours through the
//! page table (page number → span, valid at the first and last page of a free run, and at
//! every page of a used one).

use super::persistent;
use super::span::*;
use crate::locked::Locked;
use crate::sys;
use core::ptr::null_mut;
use core::sync::atomic::{AtomicUsize, Ordering::*};

/// Bytes of a page.
pub const PAGE: usize = 8192;
/// Bytes of an arena, the unit that is asked of the system.
pub const ARENA: usize = 64 << 20;
const ARENA_PAGES: usize = ARENA / PAGE;
const HINT: usize = 0xc0_0000_0000;
/// Lists for runs of 1 … 127 pages; the last one has all longer runs.
const LISTS: usize = 128;
/// Entries of the first table of spans.
const FIRST_SPANS: usize = 16 << 10;

/// Free runs, and the table of spans.
struct Heap {
    free: [SpanList; LISTS],
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
    free: [const { SpanList::new() }; LISTS],
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

/// Address >> 26 → page table of that arena, for 47-bit addresses. Mapped lazily.
static ARENA_MAP: AtomicUsize = AtomicUsize::new(0);
/// Bytes of all arenas.
pub static HEAP_SYS: AtomicUsize = AtomicUsize::new(0);
/// Pages of spans of objects and of the runtime itself.
pub static PAGES_IN_USE: AtomicUsize = AtomicUsize::new(0);
/// Pages of free runs that the system has (back), or has not given yet.
pub static RELEASED_PAGES: AtomicUsize = AtomicUsize::new(0);
/// The part of `PAGES_IN_USE` that is no objects.
pub static MANUAL_PAGES: AtomicUsize = AtomicUsize::new(0);

/// # Safety
/// Called once, before anything is allocated.
pub unsafe fn init() {
    let m = sys::map((1usize << (47 - 26)) * 8);
    if m.is_null() {
        crate::traceback::throw("runtime: cannot reserve memory");
    }
    ARENA_MAP.store(m as usize, Release);
}

/// The used span that contains `p`, or null.
///
/// # Safety
/// None: any address will do.
#[inline(always)]
pub unsafe fn span_of(p: usize) -> *mut Span {
    // SAFETY: the contract above.
    unsafe {
        if p >> 47 != 0 {
            return null_mut();
        }
        let t = *((ARENA_MAP.load(Relaxed) + (p >> 26) * 8) as *const usize);
        if t == 0 {
            return null_mut();
        }
        *((t + (p % ARENA / PAGE) * 8) as *const *mut Span)
    }
}

/// The span of objects that contains `p`, or null.
///
/// # Safety
/// None: any address will do.
#[inline(always)]
pub unsafe fn object_span_of(p: usize) -> *mut Span {
    // SAFETY: the contract above.
    unsafe {
        let s = span_of(p);
        if s.is_null() || (*s).state.load(Acquire) != IN_USE || p < (*s).base || p >= (*s).limit {
            return null_mut();
        }
        s
    }
}

/// # Safety
/// The caller holds the lock of the heap.
unsafe fn set_page(page: usize, s: *mut Span) {
    // SAFETY: the contract above.
    unsafe {
        let t = *((ARENA_MAP.load(Relaxed) + (page >> 26) * 8) as *const usize);
        *((t + (page % ARENA / PAGE) * 8) as *mut *mut Span) = s;
    }
}
/// # Safety
/// The caller holds the lock of the heap.
unsafe fn set_ends(s: *mut Span) {
    // SAFETY: the contract above.
    unsafe {
        set_page((*s).base, s);
        set_page((*s).base + ((*s).npages - 1) * PAGE, s);
    }
}

/// # Safety
/// The caller holds the lock of the heap.
unsafe fn free_list(h: &mut Heap, npages: usize) -> &mut SpanList {
    &mut h.free[npages.min(LISTS) - 1]
}

/// Why there are no pages.
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
            let t = persistent::alloc(ARENA_PAGES * 8, 64) as usize;
            h.tables += ARENA_PAGES * 8;
            *((ARENA_MAP.load(Relaxed) + ((at >> 26) + i) * 8) as *mut usize) = t;
        }
        let s = h.spans.alloc();
        core::ptr::write_bytes(s, 0, 1);
        (*s).base = at;
        (*s).npages = bytes / PAGE;
        (*s).needzero = false;
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
            free_list(h, (*before).npages).remove(before);
            (*s).base = (*before).base;
            (*s).npages += (*before).npages;
            (*s).released += (*before).released;
            (*s).needzero |= (*before).needzero;
            h.spans.free(before);
        }
        let after = span_of((*s).base + (*s).npages * PAGE);
        if !after.is_null() && (*after).state.load(Relaxed) == FREE {
            free_list(h, (*after).npages).remove(after);
            (*s).npages += (*after).npages;
            (*s).released += (*after).released;
            (*s).needzero |= (*after).needzero;
            h.spans.free(after);
        }
        set_ends(s);
        free_list(h, (*s).npages).push(s);
    }
}

/// Takes a run of `npages`; every page maps to the span.
///
/// # Safety
/// The caller holds the lock of the heap.
unsafe fn take(h: &mut Heap, npages: usize) -> Result<*mut Span, Refused> {
    // SAFETY: the contract above.
    unsafe {
        loop {
            let mut best: *mut Span = null_mut();
            for i in npages.min(LISTS) - 1..LISTS {
                let mut s = h.free[i].first;
                if i < LISTS - 1 {
                    if !s.is_null() {
                        best = s;
                        break;
                    }
                    continue;
                }
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
            }
            if best.is_null() {
                grow(h, npages)?;
                continue;
            }
            let s = best;
            free_list(h, (*s).npages).remove(s);
            // Which pages of a mixed run the system has is not known: those go out first.
            let taken = (*s).released.min(npages);
            RELEASED_PAGES.fetch_sub(taken, Relaxed);
            if (*s).npages > npages {
                let rest = h.spans.alloc();
                core::ptr::write_bytes(rest, 0, 1);
                (*rest).base = (*s).base + npages * PAGE;
                (*rest).npages = (*s).npages - npages;
                (*rest).needzero = (*s).needzero;
                (*rest).released = (*s).released - taken;
                (*rest).state.store(FREE, Relaxed);
                (*s).npages = npages;
                set_ends(rest);
                free_list(h, (*rest).npages).push(rest);
            }
            for i in 0..npages {
                set_page((*s).base + i * PAGE, s);
            }
            PAGES_IN_USE.fetch_add(npages, Relaxed);
            return Ok(s);
        }
    }
}

/// Pages for the runtime itself (stack segments); dirty.
///
/// # Safety
/// On an M.
pub unsafe fn alloc_manual(npages: usize) -> usize {
    // SAFETY: the contract above.
    unsafe {
        let mut h = HEAP.lock();
        match take(&mut h, npages) {
            Ok(s) => {
                (*s).state.store(MANUAL, Relaxed);
                MANUAL_PAGES.fetch_add(npages, Relaxed);
                (*s).base
            }
            Err(why) => {
                drop(h);
                match why {
                    Refused::TooLarge => crate::traceback::throw("out of memory (stack)"),
                    Refused::OutOfMemory => out_of_memory(),
                }
            }
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
        (*s).state.store(FREE, Relaxed);
        (*s).limit = 0;
        (*s).needzero = true;
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

/// Returns the memory of free runs of at least `min` pages to the system; bytes that it did not have yet.
///
/// # Safety
/// On an M.
pub unsafe fn release_free(min: usize) -> usize {
    // SAFETY: the contract above.
    unsafe {
        let h = HEAP.lock();
        let mut bytes = 0;
        for i in min.clamp(1, LISTS) - 1..LISTS {
            let mut s = h.free[i].first;
            while !s.is_null() {
                if (*s).needzero && (*s).npages >= min {
                    sys::release((*s).base, (*s).npages * PAGE);
                    (*s).needzero = false;
                    bytes += ((*s).npages - (*s).released) * PAGE;
                    (*s).released = (*s).npages;
                }
                s = (*s).next;
            }
        }
        RELEASED_PAGES.fetch_add(bytes / PAGE, Relaxed);
        bytes
    }
}
