//! Per-P allocation cache: one span of each class, and the tiny allocator's block.

use super::central;
use super::span::Span;
use super::*;
use core::ptr::null_mut;

/// Used by the M that has the P, or in a stopped world.
#[repr(C)]
pub struct MCache {
    /// By class · 2 + noscan; null: none.
    pub spans: [*mut Span; NUM * 2],
    /// Current 16-byte block for pointer-free objects of less than 16 bytes.
    pub tiny: usize,
    /// Where the rest of that block begins.
    pub tiny_off: usize,
    /// Pieces that were allocated since the last flush.
    pub tiny_allocs: u64,
    /// Bytes of the slots and large objects that were taken from the heap since the collector looked.
    pub taken: usize,
    /// The rate of the memory profile that `sample_left` belongs to.
    pub sample_rate: isize,
    /// Bytes to allocate until the next sample.
    pub sample_left: isize,
}

impl MCache {
    /// # Safety
    /// Called once for each P.
    pub unsafe fn init(&mut self) {
        self.spans = [null_mut(); NUM * 2];
        self.tiny = 0;
        self.tiny_off = 0;
        self.sample_rate = sampling::UNKNOWN_RATE;
    }

    /// Gives all spans back; world stopped or own P.
    ///
    /// # Safety
    /// The cache is of this M's P, or the world is stopped.
    pub unsafe fn flush(&mut self) {
        // SAFETY: the contract above.
        unsafe {
            self.tiny = 0;
            self.tiny_off = 0;
            for c in 0..NUM * 2 {
                let s = self.spans[c];
                if !s.is_null() {
                    self.spans[c] = null_mut();
                    central::uncache(s);
                }
            }
            counts::add_tiny(core::mem::take(&mut self.tiny_allocs));
        }
    }

    /// Replaces the span of `class` by one with a free slot; false if out of memory.
    ///
    /// # Safety
    /// The cache is of this M's P, or the world is stopped.
    pub unsafe fn refill(&mut self, class: usize) -> bool {
        // SAFETY: the contract above.
        unsafe {
            let old = self.spans[class];
            if !old.is_null() {
                self.spans[class] = null_mut();
                central::uncache(old);
            }
            let s = central::take(class);
            self.spans[class] = s;
            if s.is_null() {
                return false;
            }
            self.taken += ((*s).nelems - (*s).alloc_count) as usize * (*s).elemsize;
            true
        }
    }
}

/// The next free slot of a span in the cache, or 0.
///
/// # Safety
/// The span is in the cache of this M's P.
#[inline(always)]
pub unsafe fn next_free(s: &mut Span) -> usize {
    loop {
        if s.alloc_cache == 0 {
            let fi = (s.freeindex + 64) & !63;
            if fi >= s.nelems {
                s.freeindex = s.nelems;
                return 0;
            }
            s.freeindex = fi;
            s.refill_alloc_cache();
            continue;
        }
        let bit = s.alloc_cache.trailing_zeros();
        let idx = s.freeindex + bit;
        if idx >= s.nelems {
            s.freeindex = s.nelems;
            s.alloc_cache = 0;
            return 0;
        }
        s.alloc_cache = s.alloc_cache >> bit >> 1;
        s.freeindex = idx + 1;
        if s.freeindex.is_multiple_of(64) && s.freeindex < s.nelems {
            s.refill_alloc_cache();
        }
        s.alloc_count += 1;
        return s.base + idx as usize * s.elemsize;
    }
}
