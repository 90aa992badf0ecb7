//! Which allocations the memory profile (`gc::profile`) samples.
//!
//! `runtime.MemProfileRate` is the mean number of bytes between samples; a P counts down an
//! exponentially distributed distance, so every byte is as likely to be sampled as any other. The count is
//! part of the allocator's fast path, and so is a change of the rate, which the program may make at any time. A
//! sampled allocation leaves the fast path; package runtime then reports the stack (`golift_profile_alloc`).
//! Pieces of a tiny block count as the block, once.

use super::cache::MCache;
use core::sync::atomic::{AtomicPtr, Ordering::*};

static OFF: isize = 0;
/// `runtime.MemProfileRate`, if the program can read the profile.
static RATE: AtomicPtr<isize> = AtomicPtr::new((&raw const OFF).cast_mut());

/// Leaf: package runtime says where the rate is.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub extern "C" fn golift_mem_profile_enable(rate: *mut isize) {
    RATE.store(rate, Relaxed);
}

/// Mean number of bytes between samples; 0 or less: none are taken.
#[inline(always)]
pub fn rate() -> isize {
    // SAFETY: a variable of the program, or `OFF`.
    unsafe { *RATE.load(Relaxed) }
}

/// Never a rate: the fast path gives up.
pub const UNKNOWN_RATE: isize = isize::MIN;

/// On the slow path, for an allocation of `size` bytes: is it a sample?
pub fn sampled(c: &mut MCache, size: usize) -> bool {
    let now = rate();
    if c.sample_rate != now {
        c.sample_rate = now;
        c.sample_left = distance(now);
    }
    if size as isize <= c.sample_left {
        c.sample_left -= size as isize;
        return false;
    }
    c.sample_left = distance(now);
    true
}

/// Above this rate distances would not fit gc's 32 bits.
const MAX_RATE: isize = 0x700_0000;

/// Bytes to the next sample.
fn distance(rate: isize) -> isize {
    match rate {
        ..=0 => isize::MAX,
        1 => 0,
        _ => {
            let uniform = (((crate::rand::golift_rand() >> 11) + 1) as f64) / (1u64 << 53) as f64;
            (-log2(uniform) * core::f64::consts::LN_2 * rate.min(MAX_RATE) as f64) as isize
        }
    }
}

/// For 0 < x <= 1, to 24 bits.
fn log2(x: f64) -> f64 {
    let bits = x.to_bits();
    let mut log = ((bits >> 52) as i64 - 1023) as f64;
    let mut m = f64::from_bits(bits & ((1 << 52) - 1) | 1023 << 52);
    let mut bit = 0.5;
    for _ in 0..24 {
        m *= m;
        if m >= 2.0 {
            m *= 0.5;
            log += bit;
        }
        bit *= 0.5;
    }
    log
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logarithm() {
        for (x, want) in [(1.0, 0.0), (0.5, -1.0), (0.75, -0.415037499), (1e-9, -29.897352854)] {
            assert!((log2(x) - want).abs() < 1e-6, "log2({x}) = {}", log2(x));
        }
    }
}
