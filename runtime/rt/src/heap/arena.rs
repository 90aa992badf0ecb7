//! Arenas: which span an address belongs to, and which pages the system has.
//!
//! Each arena has a table of its pages (page → span, valid at the first and last page of a free run, and at every page of a used one)
//! and a bit for each page: the page is *released*, so the system has its memory, and it will read as zero. Fresh pages are. Bits are
//! set for pages of free runs only; who takes a run clears them.

use super::persistent;
use super::span::*;
use crate::sys;
use core::ptr::null_mut;
use core::sync::atomic::{AtomicUsize, Ordering::*};

/// Bytes of a page.
pub const PAGE: usize = 8192;
/// Bytes of an arena, the unit that is asked of the system.
pub const ARENA: usize = 64 << 20;
const ARENA_PAGES: usize = ARENA / PAGE;

/// What is known of an arena. All under the heap's lock, but spans are also read without (`span_of`).
struct Arena {
    spans: [*mut Span; ARENA_PAGES],
    released: [u64; ARENA_PAGES / 64],
}

/// Bytes of a struct for each arena.
pub(super) const TABLE: usize = size_of::<Arena>();

/// Address >> 26 → `Arena`, for 47-bit addresses. Mapped lazily.
static ARENA_MAP: AtomicUsize = AtomicUsize::new(0);

/// # Safety
/// Called once, before anything is allocated.
pub unsafe fn init() {
    let m = sys::map((1usize << (47 - 26)) * 8);
    if m.is_null() {
        crate::traceback::throw("runtime: cannot reserve memory");
    }
    ARENA_MAP.store(m as usize, Release);
}

/// The place of the arena of address `p` in the map.
#[inline(always)]
fn slot(p: usize) -> *mut *mut Arena {
    (ARENA_MAP.load(Relaxed) + p / ARENA * 8) as *mut *mut Arena
}

/// An arena at `at`, all of whose pages are released.
///
/// # Safety
/// The caller holds the lock of the heap, and has mapped the arena.
pub(super) unsafe fn add(at: usize) {
    // SAFETY: the contract above.
    unsafe {
        let a = persistent::alloc(TABLE, 64) as *mut Arena;
        (*a).released = [!0; ARENA_PAGES / 64];
        *slot(at) = a;
    }
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
        let a = *slot(p);
        if a.is_null() {
            return null_mut();
        }
        *(&raw const (*a).spans).cast::<*mut Span>().add(p % ARENA / PAGE)
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

/// The page at address `page` belongs to `s`.
///
/// # Safety
/// The caller holds the lock of the heap.
unsafe fn set_page(page: usize, s: *mut Span) {
    // SAFETY: the contract above.
    unsafe { *(&raw mut (**slot(page)).spans).cast::<*mut Span>().add(page % ARENA / PAGE) = s }
}

/// All pages of `s` belong to it.
///
/// # Safety
/// The caller holds the lock of the heap.
pub(super) unsafe fn set_pages(s: *mut Span) {
    // SAFETY: the contract above.
    unsafe {
        for i in 0..(*s).npages {
            set_page((*s).base + i * PAGE, s);
        }
    }
}

/// The first and the last page of `s` belong to it.
///
/// # Safety
/// The caller holds the lock of the heap.
pub(super) unsafe fn set_ends(s: *mut Span) {
    // SAFETY: the contract above.
    unsafe {
        set_page((*s).base, s);
        set_page((*s).base + ((*s).npages - 1) * PAGE, s);
    }
}

/// The word that has the bit of the page at address `page`.
///
/// # Safety
/// The caller holds the lock of the heap; the page is in an arena.
unsafe fn released_word(page: usize) -> *mut u64 {
    // SAFETY: the contract above.
    unsafe { (&raw mut (**slot(page)).released).cast::<u64>().add(page % ARENA / PAGE / 64) }
}

/// Calls `f` with each word of bits of `n` pages from `base`, and the mask of those pages in it.
///
/// # Safety
/// The caller holds the lock of the heap; the pages are in arenas.
unsafe fn for_each_word(base: usize, n: usize, mut f: impl FnMut(&mut u64, u64)) {
    // SAFETY: the contract above.
    unsafe {
        let (mut at, end) = (base, base + n * PAGE);
        while at < end {
            let page = at % ARENA / PAGE;
            let pages = ((end - at) / PAGE).min(64 - page % 64);
            let mask = if pages == 64 { !0 } else { ((1 << pages) - 1) << (page % 64) };
            f(&mut *released_word(at), mask);
            at += pages * PAGE;
        }
    }
}

/// `n` pages from `base` will be used: how many of them were released.
///
/// # Safety
/// As for [`set_released`].
pub(super) unsafe fn clear_released(base: usize, n: usize) -> usize {
    // SAFETY: the contract above.
    unsafe {
        let mut released = 0;
        for_each_word(base, n, |word, mask| {
            released += (*word & mask).count_ones() as usize;
            *word &= !mask;
        });
        released
    }
}

/// `n` pages from `base` are released.
///
/// # Safety
/// The caller holds the lock of the heap, and has the pages to itself.
pub(super) unsafe fn set_released(base: usize, n: usize) {
    // SAFETY: the contract above.
    unsafe { for_each_word(base, n, |word, mask| *word |= mask) }
}

/// The last pages of those from `base` to `end` that are not released, one after the other, at most so many that they do not go
/// beyond a multiple of `block` bytes: their beginning and end, or none.
///
/// # Safety
/// The caller holds the lock of the heap; the pages are in arenas.
pub(super) unsafe fn last_unreleased(base: usize, end: usize, block: usize) -> Option<(usize, usize)> {
    // SAFETY: the contract above.
    unsafe {
        let released = |page: usize| {
            let i = page % ARENA / PAGE;
            *released_word(page) >> (i % 64) & 1 != 0
        };
        let mut to = end;
        while to > base && released(to - PAGE) {
            to -= PAGE;
        }
        let mut from = to;
        while from > base && !released(from - PAGE) && (from == to || !from.is_multiple_of(block)) {
            from -= PAGE;
        }
        (from < to).then_some((from, to))
    }
}
