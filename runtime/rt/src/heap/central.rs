//! Spans of each class that no cache holds, swept and not yet swept.

use super::pages;
use super::span::*;
use super::*;
use crate::gc;
use crate::global::Global;
use crate::lock::Mutex;
use core::ptr::null_mut;
use core::sync::atomic::Ordering::*;

pub struct Central {
    lock: Mutex,
    partial: SpanList,
    full: SpanList,
    partial_unswept: SpanList,
    full_unswept: SpanList,
}

// SAFETY: each is used under the lock that it contains.
static CENTRAL: Global<[Central; NUM * 2]> = unsafe {
    Global::new(
        [const {
            Central {
                lock: Mutex::new(),
                partial: SpanList::new(),
                full: SpanList::new(),
                partial_unswept: SpanList::new(),
                full_unswept: SpanList::new(),
            }
        }; NUM * 2],
    )
};

unsafe fn central(class: usize) -> &'static mut Central {
    &mut (*CENTRAL.get())[class]
}

/// A span of `class` with at least one free slot, for a cache; null if out of memory.
pub unsafe fn take(class: usize) -> *mut Span {
    let c = central(class);
    let mut budget = 100;
    c.lock.lock();
    let s = loop {
        let s = c.partial.pop();
        if !s.is_null() {
            break s;
        }
        let mut s = c.partial_unswept.pop();
        if s.is_null() && budget > 0 {
            s = c.full_unswept.pop();
        }
        if s.is_null() {
            c.lock.unlock();
            let s = fresh(class);
            if s.is_null() {
                return s;
            }
            c.lock.lock();
            break s;
        }
        budget -= 1;
        c.lock.unlock();
        let kept = gc::sweep::sweep_span(s);
        c.lock.lock();
        if kept {
            if (*s).alloc_count < (*s).nelems {
                break s;
            }
            c.full.push(s);
        }
    };
    c.lock.unlock();
    (*s).in_cache = true;
    (*s).cached_count = (*s).alloc_count;
    gc::add_live((((*s).nelems - (*s).alloc_count) as usize * (*s).elemsize) as isize);
    s
}

unsafe fn fresh(class: usize) -> *mut Span {
    pages::alloc_span(PAGES[class >> 1] as usize, |s| s.init_small(class))
}

/// Takes a span back from a cache.
pub unsafe fn uncache(s: *mut Span) {
    let c = central((*s).class as usize);
    (*s).in_cache = false;
    gc::count_allocs(((*s).alloc_count - (*s).cached_count) as u64, (*s).class as usize >> 1);
    gc::add_live(-(((*s).nelems - (*s).alloc_count) as isize * (*s).elemsize as isize));
    c.lock.lock();
    if (*s).alloc_count < (*s).nelems {
        c.partial.push(s)
    } else {
        c.full.push(s)
    }
    c.lock.unlock();
}

/// All swept spans become unswept; world stopped, nothing is unswept, caches are flushed.
pub unsafe fn start_cycle() {
    for c in 0..NUM * 2 {
        let c = central(c);
        core::mem::swap(&mut c.partial, &mut c.partial_unswept);
        core::mem::swap(&mut c.full, &mut c.full_unswept);
    }
}

/// Sweeps one span of `class`; false if there is none left.
pub unsafe fn sweep_one(class: usize) -> bool {
    let c = central(class);
    if c.partial_unswept.first.is_null() && c.full_unswept.first.is_null() {
        return false;
    }
    c.lock.lock();
    let mut s = c.full_unswept.pop();
    if s.is_null() {
        s = c.partial_unswept.pop();
    }
    c.lock.unlock();
    if s.is_null() {
        return false;
    }
    if gc::sweep::sweep_span(s) {
        c.lock.lock();
        if (*s).alloc_count < (*s).nelems {
            c.partial.push(s)
        } else {
            c.full.push(s)
        }
        c.lock.unlock();
    }
    true
}

/// Frees pages of large spans that died; world stopped. Called with all spans.
pub unsafe fn sweep_large() {
    let h = &*pages::HEAP.get();
    for i in 0..h.all_len {
        let s = *h.all.add(i);
        if (*s).class <= 1 && (*s).state == IN_USE {
            if (*s).marked(0) {
                (*s).mark_bits[0] = 0;
                (*s).sweepgen.store(gc::sweepgen(), Relaxed);
            } else {
                gc::count_large_free((*s).elemsize);
                pages::free_span(s);
            }
        }
    }
}

pub unsafe fn alloc_large(size: usize, noscan: bool) -> *mut Span {
    let npages = size.div_ceil(pages::PAGE);
    let s = pages::alloc_span(npages, |s| s.init_large(npages * pages::PAGE, noscan));
    if s.is_null() {
        return null_mut();
    }
    (*s).alloc_count = 1;
    (*s).freeindex = 1;
    (*s).alloc_bits[0] = 1;
    gc::add_live((npages * pages::PAGE) as isize);
    gc::count_large_alloc(npages * pages::PAGE);
    s
}
