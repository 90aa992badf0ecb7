//! `internal/bytealg` with SSE2. Leaf functions, in which faults become panics: see `leaf`. What they use of other crates must be
//! inlined for that (a test looks at the built runtime).

use core::arch::x86_64::*;
use memchr::arch::x86_64::sse2::memchr::One;

/// Index of the first `c` in `n` bytes at `p`, or -1.
///
/// # Safety
/// `n` bytes at `p` are readable.
#[cfg_attr(not(test), unsafe(no_mangle), unsafe(link_section = ".text.golift_framed"))]
pub unsafe extern "C" fn golift_indexbyte(p: *const u8, n: usize, c: u8) -> isize {
    // SAFETY: the contract above; x86-64 has SSE2.
    unsafe {
        let one = One::new(c).unwrap_unchecked();
        one.find_raw(p, p.add(n)).map_or(-1, |at| at.offset_from(p))
    }
}

/// Bytes of a vector.
const V: usize = 16;

/// How many of `n` bytes at `p` are `c`.
///
/// # Safety
/// `n` bytes at `p` are readable.
#[cfg_attr(not(test), unsafe(no_mangle), unsafe(link_section = ".text.golift_framed"))]
pub unsafe extern "C" fn golift_countbyte(p: *const u8, n: usize, c: u8) -> usize {
    // SAFETY: the contract above.
    unsafe {
        if n < V {
            let mut k = 0;
            for i in 0..n {
                k += (*p.add(i) == c) as usize;
            }
            return k;
        }
        let v = _mm_set1_epi8(c as i8);
        // -1 in each byte that is `c`.
        let found = |i| _mm_cmpeq_epi8(_mm_loadu_si128(p.add(i) as *const _), v);
        let zero = _mm_setzero_si128();
        let mut sum = zero;
        let mut i = 0;
        while i + V <= n {
            // Each byte of `few` counts on its own, up to 255.
            let mut few = zero;
            let end = n.min(i + 252 * V);
            while i + 4 * V <= end {
                let two = _mm_add_epi8(found(i), found(i + V));
                let more = _mm_add_epi8(found(i + 2 * V), found(i + 3 * V));
                few = _mm_sub_epi8(few, _mm_add_epi8(two, more));
                i += 4 * V;
            }
            while i + V <= end {
                few = _mm_sub_epi8(few, found(i));
                i += V;
            }
            sum = _mm_add_epi64(sum, _mm_sad_epu8(few, zero));
        }
        // The last vector without the bytes that are counted already.
        let index = _mm_setr_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
        let is_new = _mm_cmpgt_epi8(index, _mm_set1_epi8((V + i - n) as i8 - 1));
        let last = _mm_sub_epi8(zero, _mm_and_si128(found(n - V), is_new));
        sum = _mm_add_epi64(sum, _mm_sad_epu8(last, zero));
        (_mm_cvtsi128_si64(sum) + _mm_cvtsi128_si64(_mm_unpackhi_epi64(sum, sum))) as usize
    }
}

/// -1, 0, 1 for the byte strings (a, an), (b, bn).
///
/// # Safety
/// As above.
#[cfg_attr(not(test), unsafe(no_mangle), unsafe(link_section = ".text.golift_framed"))]
pub unsafe extern "C" fn golift_compare(a: *const u8, an: usize, b: *const u8, bn: usize) -> isize {
    // SAFETY: the contract above.
    unsafe {
        let n = an.min(bn);
        let mut i = 0;
        if a != b {
            while i + 16 <= n {
                let x = _mm_loadu_si128(a.add(i) as *const _);
                let y = _mm_loadu_si128(b.add(i) as *const _);
                let m = _mm_movemask_epi8(_mm_cmpeq_epi8(x, y)) ^ 0xffff;
                if m != 0 {
                    let k = i + m.trailing_zeros() as usize;
                    return if *a.add(k) < *b.add(k) { -1 } else { 1 };
                }
                i += 16;
            }
            while i < n {
                if *a.add(i) != *b.add(i) {
                    return if *a.add(i) < *b.add(i) { -1 } else { 1 };
                }
                i += 1;
            }
        }
        (an > bn) as isize - (an < bn) as isize
    }
}

/// Index of the first (b, m) in (a, n), m >= 2, or -1: candidates by first and last byte.
///
/// # Safety
/// As above.
#[cfg_attr(not(test), unsafe(no_mangle), unsafe(link_section = ".text.golift_framed"))]
pub unsafe extern "C" fn golift_index(a: *const u8, n: usize, b: *const u8, m: usize) -> isize {
    // SAFETY: the contract above.
    unsafe {
        if m > n {
            return -1;
        }
        if m == 0 {
            return 0;
        }
        if m == 1 {
            return golift_indexbyte(a, n, *b);
        }
        let (f, l) = (_mm_set1_epi8(*b as i8), _mm_set1_epi8(*b.add(m - 1) as i8));
        let last = n - m;
        let mut i = 0;
        while i + m - 1 + 16 <= n {
            let x = _mm_cmpeq_epi8(_mm_loadu_si128(a.add(i) as *const _), f);
            let y = _mm_cmpeq_epi8(_mm_loadu_si128(a.add(i + m - 1) as *const _), l);
            let mut k = _mm_movemask_epi8(_mm_and_si128(x, y)) as u32;
            while k != 0 {
                let j = i + k.trailing_zeros() as usize;
                if equal(a.add(j), b, m) {
                    return j as isize;
                }
                k &= k - 1;
            }
            i += 16;
        }
        while i <= last {
            if *a.add(i) == *b && equal(a.add(i), b, m) {
                return i as isize;
            }
            i += 1;
        }
        -1
    }
}

/// # Safety
/// `n` bytes at the pointers are readable.
#[inline(always)]
unsafe fn equal(a: *const u8, b: *const u8, n: usize) -> bool {
    // SAFETY: the contract above.
    unsafe { crate::arch::x86_64_mem::golift_memequal(a, b, n) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_do_not_overflow() {
        let text = vec![7u8; 3 * 256 * V + 5];
        for n in (0..200).chain([252 * V - 1, 252 * V, 252 * V + 1, 253 * V, 2 * 252 * V + 3, text.len()]) {
            // SAFETY: within the vector.
            unsafe {
                assert_eq!(golift_countbyte(text.as_ptr(), n, 7), n);
                assert_eq!(golift_countbyte(text.as_ptr(), n, 8), 0);
            }
        }
    }

    #[test]
    fn agree_with_std() {
        let text: Vec<u8> = (0..300u32).map(|i| b"abcab"[(i * i % 5) as usize]).collect();
        // SAFETY: within the vectors.
        unsafe {
            for n in 0..text.len() {
                let t = &text[..n];
                for c in b"abcx" {
                    let want = t.iter().position(|x| x == c).map_or(-1, |i| i as isize);
                    assert_eq!(golift_indexbyte(t.as_ptr(), n, *c), want);
                    assert_eq!(golift_countbyte(t.as_ptr(), n, *c), t.iter().filter(|x| *x == c).count());
                }
                for pat in [&b"ab"[..], b"aa", b"cab", b"bcabab", b"zz"] {
                    let want = t.windows(pat.len()).position(|w| w == pat).map_or(-1, |i| i as isize);
                    assert_eq!(golift_index(t.as_ptr(), n, pat.as_ptr(), pat.len()), want);
                }
                let o = &text[..n / 2];
                assert_eq!(golift_compare(t.as_ptr(), n, o.as_ptr(), o.len()), t.cmp(o) as isize);
            }
        }
    }
}
