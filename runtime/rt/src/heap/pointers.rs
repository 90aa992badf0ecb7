//! Where an object has its pointers: what the allocator wrote down, read back. The program may write into the object meanwhile.

use super::span::Span;
use super::{HEADER, MAX_IN_SPAN_BITS, bits};
use crate::types::{self, Type};
use core::sync::atomic::{AtomicUsize, Ordering::*};

/// Reads a slot that the program may write at the same time.
///
/// # Safety
/// `slot` is the address of a readable word.
#[inline(always)]
unsafe fn read(slot: usize) -> usize {
    // SAFETY: the contract above.
    unsafe { AtomicUsize::from_ptr(slot as *mut usize) }.load(Relaxed)
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
                let p = read(slot);
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

/// Calls `f(slot, value)` for the non-nil pointer slots between the addresses `from` and `to` of the large object that `s` holds,
/// perhaps for some that come shortly before.
///
/// # Safety
/// `s` holds a large object.
pub unsafe fn for_each_pointer_between(s: &Span, from: usize, to: usize, mut f: impl FnMut(usize, usize)) {
    // SAFETY: the contract above.
    unsafe {
        let t = s.large_type;
        if s.noscan() || t.is_null() || (*t).ptr_bytes == 0 {
            return;
        }
        let mask = types::mask(t);
        let (step, words) = ((*t).size, (*t).ptr_bytes / 8);
        let mut at = s.base + (from - s.base) / step * step;
        while at < to && at + (*t).ptr_bytes <= s.base + s.elemsize {
            // Of an element that is larger than the piece only a part.
            let first = (from.saturating_sub(at) / 8) & !63;
            let last = words.min((to - at).div_ceil(8));
            if first < last {
                masked(at + first * 8, last - first, mask.add(first / 8), &mut f);
            }
            at += step;
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

/// Calls `f(slot, value)` for the non-nil words among `words` at `base` whose bit in `mask` is set.
///
/// # Safety
/// `words` words at `base` are readable, and `mask` has as many bits.
#[inline(always)]
pub unsafe fn masked(base: usize, words: usize, mask: *const u8, f: &mut impl FnMut(usize, usize)) {
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
                let p = read(slot);
                if p != 0 {
                    f(slot, p);
                }
            }
            w += n;
        }
    }
}
