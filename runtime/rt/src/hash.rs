//! `memhash` for maps: multiply-fold over 16-byte lanes, keyed at start.

use crate::rand;
use core::sync::atomic::{AtomicU64, Ordering::*};

static K0: AtomicU64 = AtomicU64::new(0x9e37_79b9_7f4a_7c15);
static K1: AtomicU64 = AtomicU64::new(0xc2b2_ae3d_27d4_eb4f);

/// Fresh keys; before any map exists.
pub fn init() {
    K0.store(rand::seed64() | 1, Relaxed);
    K1.store(rand::seed64() | 1, Relaxed);
}

#[inline(always)]
fn fold(a: u64, b: u64) -> u64 {
    let m = a as u128 * b as u128;
    m as u64 ^ (m >> 64) as u64
}
/// # Safety
/// Eight bytes at `p` are readable.
#[inline(always)]
unsafe fn r8(p: *const u8) -> u64 {
    // SAFETY: the contract above.
    unsafe { (p as *const u64).read_unaligned() }
}
/// # Safety
/// Four bytes at `p` are readable.
#[inline(always)]
unsafe fn r4(p: *const u8) -> u64 {
    // SAFETY: the contract above.
    unsafe { (p as *const u32).read_unaligned() as u64 }
}

/// Leaf, in which faults become panics: see `leaf`.
///
/// # Safety
/// `n` bytes at `p` are readable.
#[cfg_attr(not(test), unsafe(no_mangle), unsafe(link_section = ".text.golift_framed"))]
pub unsafe extern "C" fn golift_memhash(p: *const u8, seed: u64, n: usize) -> u64 {
    // SAFETY: the contract above.
    unsafe {
        let (k0, k1) = (K0.load(Relaxed), K1.load(Relaxed));
        let mut h = seed ^ k0;
        let (a, b);
        if n <= 16 {
            if n >= 8 {
                a = r8(p);
                b = r8(p.add(n - 8));
            } else if n >= 4 {
                a = r4(p);
                b = r4(p.add(n - 4));
            } else if n > 0 {
                a = (*p as u64) << 16 | (*p.add(n >> 1) as u64) << 8 | *p.add(n - 1) as u64;
                b = 0;
            } else {
                return fold(h ^ k1, k0);
            }
        } else {
            let (mut q, mut left) = (p, n);
            if left > 48 {
                let (mut h1, mut h2) = (h, h);
                while left > 48 {
                    h = fold(r8(q) ^ k0, r8(q.add(8)) ^ h);
                    h1 = fold(r8(q.add(16)) ^ k1, r8(q.add(24)) ^ h1);
                    h2 = fold(r8(q.add(32)) ^ !k0, r8(q.add(40)) ^ h2);
                    q = q.add(48);
                    left -= 48;
                }
                h ^= h1 ^ h2;
            }
            while left > 16 {
                h = fold(r8(q) ^ k0, r8(q.add(8)) ^ h);
                q = q.add(16);
                left -= 16;
            }
            a = r8(q.add(left).sub(16));
            b = r8(q.add(left).sub(8));
        }
        fold(k1 ^ n as u64, fold(a ^ k1, b ^ h))
    }
}

/// Leaf: one 64-bit word.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub extern "C" fn golift_memhash64(v: u64, seed: u64) -> u64 {
    let (k0, k1) = (K0.load(Relaxed), K1.load(Relaxed));
    fold(k1 ^ 8, fold(v ^ k1, v ^ seed ^ k0))
}

#[cfg(test)]
mod tests {
    use super::*;
    #[test]
    fn every_byte_counts() {
        let mut b = [7u8; 200];
        for n in 0..200 {
            // SAFETY: within the array.
            unsafe {
                let h = golift_memhash(b.as_ptr(), 1, n);
                for i in 0..n {
                    b[i] ^= 1;
                    assert_ne!(h, golift_memhash(b.as_ptr(), 1, n), "{n} {i}");
                    b[i] ^= 1;
                }
            }
        }
    }
}
