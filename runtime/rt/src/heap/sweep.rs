//! Sweeping: what was not marked becomes free. Lazy, by allocators, idle Ms, and whoever starts the next collection.

use super::span::Span;
use super::{NUM, central, counts, pages, scavenge};
use crate::osinfo;
use core::sync::atomic::{AtomicUsize, Ordering::*};

/// The first size class (with its variant) that may have unswept spans.
static NEXT_CLASS: AtomicUsize = AtomicUsize::new(NUM * 2);

/// What `GODEBUG=clobberfree=1` writes over dead objects.
const CLOBBER: u32 = 0xdead_beef;

/// All spans become unswept. World stopped, nothing is unswept, caches are flushed.
///
/// # Safety
/// The world is stopped, and marking is done.
pub unsafe fn start() {
    for class in 0..NUM * 2 {
        central::start_cycle(class);
    }
    NEXT_CLASS.store(0, Release);
}

/// Sweeps up to `n` spans; false if nothing was left to do.
///
/// # Safety
/// On g0 of an M with a P, or in a stopped world.
pub unsafe fn sweep_some(n: usize) -> bool {
    // SAFETY: the contract above.
    unsafe {
        let mut done = 0;
        loop {
            let c = NEXT_CLASS.load(Acquire);
            if c >= NUM * 2 {
                return done > 0;
            }
            if central::sweep_one(c) {
                done += 1;
                if done == n {
                    return true;
                }
            } else {
                // Others may be further on.
                let old = NEXT_CLASS.fetch_max(c + 1, AcqRel);
                if c + 1 == NUM * 2 && old == c {
                    scavenge::trace(false);
                }
            }
        }
    }
}

/// Sweeps all that is left.
///
/// # Safety
/// On g0 of an M with a P, or in a stopped world.
pub unsafe fn finish() {
    // SAFETY: the contract above.
    unsafe {
        while sweep_some(usize::MAX) {}
        for c in 0..NUM * 2 {
            while central::sweep_one(c) {}
        }
    }
}

/// Sweeps one span that the caller took out of its list; false if its pages were freed.
///
/// # Safety
/// The caller took `s` out of its list.
pub(super) unsafe fn sweep_span(s: *mut Span) -> bool {
    // SAFETY: the contract above.
    unsafe {
        let s_ = &mut *s;
        let words = (s_.nelems as usize).div_ceil(64);
        let live: u32 = s_.mark_bits[..words].iter().map(|w| w.load(Relaxed).count_ones()).sum();
        if s_.is_large() {
            if live == 0 {
                counts::add_large_free(s_.elemsize);
                pages::free_span(s);
            } else {
                s_.clear_marks();
            }
            return live != 0;
        }
        if osinfo::debug().clobberfree {
            for i in 0..s_.nelems as usize {
                if !s_.marked(i) {
                    let p = s_.object(i) as *mut u32;
                    for k in 0..s_.elemsize / size_of::<u32>() {
                        *p.add(k) = CLOBBER;
                    }
                }
            }
        }
        counts::add_frees((s_.alloc_count - live) as u64, s_.class as usize >> 1);
        if live == 0 && !s_.has_specials {
            pages::free_span(s);
            return false;
        }
        for (alloc, mark) in s_.alloc_bits.iter_mut().zip(&s_.mark_bits) {
            *alloc = mark.swap(0, Relaxed);
        }
        s_.alloc_count = live;
        s_.freeindex = 0;
        s_.refill_alloc_cache();
        s_.needzero = true;
        true
    }
}
