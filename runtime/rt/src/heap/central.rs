//! Spans of each class that no cache holds, swept and not yet swept.

use super::pages;
use super::span::*;
use super::sweep::sweep_span;
use super::*;
use crate::locked::Locked;
use core::ptr::null_mut;
use core::sync::atomic::{AtomicBool, Ordering::*};

/// The spans of one class, the first two of which are large objects. Who takes one out of its list owns it until it puts it back.
struct Central {
    partial: SpanList,
    full: SpanList,
    partial_unswept: SpanList,
    full_unswept: SpanList,
}

impl Central {
    const fn new() -> Self {
        Central {
            partial: SpanList::new(),
            full: SpanList::new(),
            partial_unswept: SpanList::new(),
            full_unswept: SpanList::new(),
        }
    }

    /// Puts a swept span where it belongs.
    ///
    /// # Safety
    /// The caller owns `s`, a span of this class, which then is the list's.
    unsafe fn put(&mut self, s: *mut Span) {
        // SAFETY: the contract above.
        unsafe { if (*s).alloc_count < (*s).nelems { self.partial.push(s) } else { self.full.push(s) } }
    }
}

/// Markers are at work: what is allocated counts as marked. Changes in a stopped world, while no cache has a span.
static MARKING: AtomicBool = AtomicBool::new(false);

/// Are markers at work?
#[inline(always)]
pub fn is_marking() -> bool {
    MARKING.load(Relaxed)
}

/// Markers begin or end their work.
///
/// # Safety
/// The world is stopped, and no cache has a span.
pub unsafe fn set_marking(on: bool) {
    MARKING.store(on, Relaxed);
}

static CENTRAL: [Locked<Central>; NUM * 2] = [const { Locked::new(Central::new()) }; NUM * 2];

/// How many spans of full ones are swept in the hope of a free slot, before fresh pages are taken.
const FULL_TRIES: usize = 100;

/// A span of `class` with at least one free slot, for a cache; null if out of memory.
///
/// # Safety
/// On g0 of an M with a P, or in a stopped world; `class` is a size class.
pub(super) unsafe fn take(class: usize) -> *mut Span {
    // SAFETY: the contract above.
    unsafe {
        let s = find(class);
        if !s.is_null() {
            (*s).cached_count = (*s).alloc_count;
            if is_marking() {
                (*s).mark_free_slots();
            }
            counts::add_live((((*s).nelems - (*s).alloc_count) as usize * (*s).elemsize) as isize);
        }
        s
    }
}

/// # Safety
/// As `take`.
unsafe fn find(class: usize) -> *mut Span {
    // SAFETY: the contract above.
    unsafe {
        let mut tries = FULL_TRIES;
        let mut lists = CENTRAL[class].lock();
        loop {
            let s = lists.partial.pop();
            if !s.is_null() {
                return s;
            }
            let mut s = lists.partial_unswept.pop();
            if s.is_null() && tries > 0 {
                s = lists.full_unswept.pop();
            }
            drop(lists);
            if s.is_null() {
                let s = pages::alloc_span(PAGES[class >> 1] as usize, |s| s.init_small(class));
                scavenge::make_room_for(s);
                return s;
            }
            tries = tries.saturating_sub(1);
            let kept = sweep_span(s);
            if kept && (*s).alloc_count < (*s).nelems {
                return s;
            }
            lists = CENTRAL[class].lock();
            if kept {
                lists.put(s);
            }
        }
    }
}

/// Takes a span back from a cache.
///
/// # Safety
/// `s` was in a cache, which has it no more.
pub(super) unsafe fn uncache(s: *mut Span) {
    // SAFETY: the contract above.
    unsafe {
        let class = (*s).class as usize;
        counts::add_allocs(((*s).alloc_count - (*s).cached_count) as u64, class >> 1);
        counts::add_live(-(((*s).nelems - (*s).alloc_count) as isize * (*s).elemsize as isize));
        if is_marking() {
            (*s).unmark_free_slots();
        }
        CENTRAL[class].lock().put(s);
    }
}

/// All swept spans of `class` become unswept; nothing is unswept, and no cache has a span.
pub(super) fn start_cycle(class: usize) {
    let mut lists = CENTRAL[class].lock();
    let c = &mut *lists;
    core::mem::swap(&mut c.partial, &mut c.partial_unswept);
    core::mem::swap(&mut c.full, &mut c.full_unswept);
}

/// Sweeps one span of `class`; false if there is none left.
///
/// # Safety
/// On g0 of an M with a P, or in a stopped world; `class` is a size class.
pub(super) unsafe fn sweep_one(class: usize) -> bool {
    // SAFETY: the contract above.
    unsafe {
        let mut lists = CENTRAL[class].lock();
        let mut s = lists.full_unswept.pop();
        if s.is_null() {
            s = lists.partial_unswept.pop();
        }
        drop(lists);
        if s.is_null() {
            return false;
        }
        if sweep_span(s) {
            CENTRAL[class].lock().put(s);
        }
        true
    }
}

/// Sweeps one large object; the pages that were freed, none if there is nothing left to sweep.
///
/// # Safety
/// On g0 of an M with a P, or in a stopped world.
unsafe fn sweep_large() -> Option<usize> {
    // SAFETY: the contract above.
    unsafe {
        for large in &CENTRAL[..2] {
            let s = large.lock().full_unswept.pop();
            if !s.is_null() {
                let pages = (*s).npages;
                if !sweep_span(s) {
                    return Some(pages);
                }
                large.lock().full.push(s);
                return Some(0);
            }
        }
        None
    }
}

/// A span for one large object of `size` bytes; null if out of memory.
///
/// # Safety
/// On g0 of an M with a P, or in a stopped world.
pub(super) unsafe fn alloc_large(size: usize, noscan: bool) -> *mut Span {
    // SAFETY: the contract above.
    unsafe {
        let npages = size.div_ceil(pages::PAGE);
        // What has died is taken first.
        let mut room = 0;
        while room < npages {
            let Some(freed) = sweep_large() else { break };
            room += freed;
        }
        let s = pages::alloc_span(npages, |s| s.init_large(npages * pages::PAGE, noscan));
        if s.is_null() {
            return null_mut();
        }
        scavenge::make_room_for(s);
        // Before a marker can take it for an object.
        if is_marking() {
            (*s).mark(0);
        }
        (*s).alloc_count = 1;
        (*s).freeindex = 1;
        (*s).alloc_bits[0] = 1;
        counts::add_live((npages * pages::PAGE) as isize);
        counts::add_large_alloc(npages * pages::PAGE);
        CENTRAL[noscan as usize].lock().full.push(s);
        s
    }
}
