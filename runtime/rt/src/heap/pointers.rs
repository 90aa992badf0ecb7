//! Where an object has its pointers: what the allocator wrote down, read back. The program may write into the object meanwhile.

use super::pages::object_span_of;
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
    unsafe { for_each_slot(s, obj, |slot| if_pointer(slot, &mut f)) }
}

/// Calls `f(slot, value)` if there is a value.
///
/// # Safety
/// `slot` is the address of a readable word.
#[inline(always)]
unsafe fn if_pointer(slot: usize, f: &mut impl FnMut(usize, usize)) {
    // SAFETY: the contract above.
    let p = unsafe { read(slot) };
    if p != 0 {
        f(slot, p);
    }
}

/// Calls `f` for the pointer slots of the object at `obj`.
///
/// # Safety
/// `obj` is an object of the span `s`.
#[inline(always)]
unsafe fn for_each_slot(s: &Span, obj: usize, mut f: impl FnMut(usize)) {
    // SAFETY: the contract above.
    unsafe {
        if s.noscan() {
            return;
        }
        if s.class > 1 && s.elemsize <= MAX_IN_SPAN_BITS {
            let mut b = bits::read(s, obj);
            while b != 0 {
                f(obj + b.trailing_zeros() as usize * 8);
                b &= b - 1;
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

crate::system_fn!("golift_pointer_mask", pointer_mask);
/// Writes 1 to `mask` for each pointer slot among the words of the heap's object around `p`; how many words it has, without the header. 0 if
/// there is none, or no pointers in it. Nothing is written if `mask` is null.
///
/// # Safety
/// `mask` has room for as many bytes as the result for null says.
unsafe extern "C" fn pointer_mask(p: usize, mask: *mut u8) -> usize {
    // SAFETY: the contract above.
    unsafe {
        let s = object_span_of(p);
        if s.is_null() || (*s).noscan() {
            return 0;
        }
        let s = &*s;
        let obj = s.base + (p - s.base) / s.elemsize * s.elemsize;
        let header = if s.class > 1 && s.elemsize > MAX_IN_SPAN_BITS { HEADER } else { 0 };
        if !mask.is_null() {
            for_each_slot(s, obj, |slot| *mask.add((slot - obj - header) / 8) = 1);
        }
        (s.elemsize - header) / 8
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
unsafe fn typed(base: usize, size: usize, t: *const Type, mut f: impl FnMut(usize)) {
    // SAFETY: the contract above.
    unsafe {
        let mask = types::mask(t);
        let words = (*t).ptr_bytes / 8;
        let step = (*t).size;
        let mut at = 0;
        while at + (*t).ptr_bytes <= size {
            slots(base + at, words, mask, &mut f);
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
    unsafe { slots(base, words, mask, &mut |slot| if_pointer(slot, f)) }
}

/// Calls `f` for the words among `words` at `base` whose bit in `mask` is set.
///
/// # Safety
/// `mask` has as many bits.
#[inline(always)]
unsafe fn slots(base: usize, words: usize, mask: *const u8, f: &mut impl FnMut(usize)) {
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
                f(base + (w + b.trailing_zeros() as usize) * 8);
                b &= b - 1;
            }
            w += n;
        }
    }
}
