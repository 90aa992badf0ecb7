//! Pointer bitmaps in spans of small objects.

use super::span::Span;
use crate::types::Type;

/// First `n` (at most 64) bits of a mask.
///
/// # Safety
/// `mask` has `n` bits.
#[inline]
unsafe fn load_mask(mask: *const u8, n: usize) -> u64 {
    // SAFETY: the contract above.
    unsafe {
        let mut v = 0u64;
        for i in 0..n.div_ceil(8) {
            v |= (*mask.add(i) as u64) << (i * 8);
        }
        if n < 64 { v & ((1 << n) - 1) } else { v }
    }
}

/// Pointer bits of `size` bytes (at most 512) filled with values of type `t`.
///
/// # Safety
/// `mask` is that of `t`.
#[inline]
pub unsafe fn pattern(t: *const Type, mask: *const u8, size: usize) -> u64 {
    // SAFETY: the contract above.
    unsafe {
        let words = (*t).size / 8;
        let one = load_mask(mask, (*t).ptr_bytes / 8);
        if size <= (*t).size || words == 0 {
            return one;
        }
        let mut v = one;
        let mut at = words;
        while at < size / 8 {
            v |= one << at;
            at += words;
        }
        v
    }
}

/// Writes the bits of the object at `p`.
///
/// # Safety
/// `p` is an object of `s`, which has its bits in the span.
#[inline]
pub unsafe fn write(s: &Span, p: usize, bits: u64) {
    // SAFETY: the contract above.
    unsafe {
        let off = (p - s.base) / 8;
        let n = s.elemsize / 8;
        let w = (s.heap_bits() as *mut u64).add(off / 64);
        let sh = off % 64;
        let ones = if n == 64 { !0 } else { (1u64 << n) - 1 };
        *w = *w & !(ones << sh) | bits << sh;
        if sh + n > 64 {
            let w = w.add(1);
            *w = *w & !(ones >> (64 - sh)) | bits >> (64 - sh);
        }
    }
}

/// Reads the bits of the object at `p`.
///
/// # Safety
/// `p` is an object of `s`, which has its bits in the span.
#[inline(always)]
pub unsafe fn read(s: &Span, p: usize) -> u64 {
    // SAFETY: the contract above.
    unsafe {
        let off = (p - s.base) / 8;
        let n = s.elemsize / 8;
        let w = (s.heap_bits() as *const u64).add(off / 64);
        let sh = off % 64;
        let mut v = *w >> sh;
        if sh + n > 64 {
            v |= *w.add(1) << (64 - sh);
        }
        if n < 64 { v & ((1 << n) - 1) } else { v }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_of_neighbours_do_not_mix() {
        let mut mem = vec![0u64; 8192 / 8 * 2];
        let base = (mem.as_mut_ptr() as usize + 8191) & !8191;
        for class in [1usize, 3, 5, 7, 17, 25, 26] {
            // SAFETY: the span covers the test's own memory.
            unsafe {
                let mut s: Span = core::mem::zeroed();
                s.base = base;
                s.npages = 1;
                s.init_small(class * 2);
                let n = s.elemsize / 8;
                let ones = if n == 64 { !0 } else { (1u64 << n) - 1 };
                let val = |i: usize| (0x9e37_79b9_7f4a_7c15u64.wrapping_mul(i as u64 + 1)) & ones;
                for i in 0..s.nelems as usize {
                    write(&s, s.object(i), val(i));
                }
                for i in 0..s.nelems as usize {
                    assert_eq!(read(&s, s.object(i)), val(i), "class {class} object {i}");
                    assert_eq!(s.index_of(s.object(i) + s.elemsize - 1), i);
                }
                assert!(s.limit <= s.heap_bits());
            }
        }
    }
}
