//! `internal/bytealg` with SSE2. Leaf functions, in which faults become panics: see `leaf`.

use core::arch::x86_64::*;

/// Index of the first `c` in `n` bytes at `p`, or -1.
///
/// # Safety
/// `n` bytes at `p` are readable.
#[cfg_attr(not(test), unsafe(no_mangle), unsafe(link_section = ".text.golift_framed"))]
pub unsafe extern "C" fn golift_indexbyte(p: *const u8, n: usize, c: u8) -> isize {
    // SAFETY: the contract above.
    unsafe {
        let v = _mm_set1_epi8(c as i8);
        let mut i = 0;
        while i + 16 <= n {
            let m = _mm_movemask_epi8(_mm_cmpeq_epi8(_mm_loadu_si128(p.add(i) as *const _), v));
            if m != 0 {
                return (i + m.trailing_zeros() as usize) as isize;
            }
            i += 16;
        }
        while i < n {
            if *p.add(i) == c {
                return i as isize;
            }
            i += 1;
        }
        -1
    }
}

/// # Safety
/// As above.
#[cfg_attr(not(test), unsafe(no_mangle), unsafe(link_section = ".text.golift_framed"))]
pub unsafe extern "C" fn golift_countbyte(p: *const u8, n: usize, c: u8) -> usize {
    // SAFETY: the contract above.
    unsafe {
        let v = _mm_set1_epi8(c as i8);
        let (mut i, mut k) = (0, 0);
        while i + 16 <= n {
            let m = _mm_movemask_epi8(_mm_cmpeq_epi8(_mm_loadu_si128(p.add(i) as *const _), v));
            k += m.count_ones() as usize;
            i += 16;
        }
        while i < n {
            k += (*p.add(i) == c) as usize;
            i += 1;
        }
        k
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
