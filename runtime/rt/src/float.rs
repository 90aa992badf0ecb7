//! Fused multiply-add with the CPU's instruction, or in integers.

use core::sync::atomic::{AtomicBool, Ordering::*};

static HAVE_FMA: AtomicBool = AtomicBool::new(false);

/// Asks the CPU; at start.
pub fn init() {
    let r = core::arch::x86_64::__cpuid(1);
    // FMA and OSXSAVE.
    HAVE_FMA.store(r.ecx >> 12 & 1 != 0 && r.ecx >> 27 & 1 != 0, Relaxed);
}

#[target_feature(enable = "fma")]
fn hw(x: f64, y: f64, z: f64) -> f64 {
    use core::arch::x86_64::*;
    _mm_cvtsd_f64(_mm_fmadd_sd(_mm_set_sd(x), _mm_set_sd(y), _mm_set_sd(z)))
}

/// Leaf: `x*y + z`, rounded once.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub extern "C" fn golift_fma(x: f64, y: f64, z: f64) -> f64 {
    if HAVE_FMA.load(Relaxed) {
        // SAFETY: the CPU has the instruction.
        unsafe { hw(x, y, z) }
    } else {
        exact(x, y, z)
    }
}

/// Sign, mantissa in 2⁵² … 2⁵³ and exponent of a finite number that is not zero.
fn split(v: f64) -> (bool, u64, i32) {
    let bits = v.to_bits();
    let (mantissa, exponent) = (bits & ((1 << 52) - 1), (bits >> 52 & 0x7ff) as i32);
    let (mantissa, exponent) = match exponent {
        0 => {
            let up = mantissa.leading_zeros() as i32 - 11;
            (mantissa << up, 1 - up)
        }
        _ => (mantissa | 1 << 52, exponent),
    };
    (bits >> 63 != 0, mantissa, exponent - 1075)
}

/// `v >> n`, with the lowest bit set if a bit was lost.
fn shift_sticky(v: u128, n: u32) -> u128 {
    match n {
        0 => v,
        1..=127 => v >> n | u128::from(v << (128 - n) != 0),
        _ => u128::from(v != 0),
    }
}

/// `x*y + z` rounded once, for CPUs before 2013.
///
/// Product and sum are exact but for a sticky bit far below the result: an operand loses bits only when it is shifted
/// beyond the zeros below it, and then the other one is so much larger that hardly anything cancels.
fn exact(x: f64, y: f64, z: f64) -> f64 {
    if x == 0.0 || y == 0.0 || !x.is_finite() || !y.is_finite() || !z.is_finite() {
        // The product is exact, or there is nothing to round.
        return if x.is_finite() && y.is_finite() && !z.is_finite() { z } else { x * y + z };
    }
    if z == 0.0 {
        return x * y;
    }
    let ((xs, xm, xe), (ys, ym, ye), (zs, zm, ze)) = (split(x), split(y), split(z));
    // Top bits at 124 or 125.
    let (mut p, pe, ps) = ((u128::from(xm) * u128::from(ym)) << 20, xe + ye - 20, xs != ys);
    let (mut q, qe) = (u128::from(zm) << 72, ze - 72);
    let e = pe.max(qe);
    p = shift_sticky(p, (e - pe) as u32);
    q = shift_sticky(q, (e - qe) as u32);
    let (sum, negative) = match (ps == zs, p >= q) {
        (true, _) => (p + q, ps),
        (false, true) => (p - q, ps),
        (false, false) => (q - p, zs),
    };
    if sum == 0 {
        return 0.0;
    }
    let magnitude = round(sum, e);
    if negative { -magnitude } else { magnitude }
}

/// `m * 2^e` to the nearest number, ties to even; 0 < m < 2¹²⁷.
fn round(m: u128, e: i32) -> f64 {
    let top = 127 - m.leading_zeros() as i32;
    let exponent = top + e;
    if exponent > 1023 {
        return f64::INFINITY;
    }
    // Subnormal numbers have fewer bits.
    let shift = top - 52 + (-1022 - exponent).max(0);
    let mut bits = match shift {
        ..=0 => (m << -shift) as u64,
        1..=127 => {
            let (low, half) = (m & ((1 << shift) - 1), 1 << (shift - 1));
            let kept = (m >> shift) as u64;
            kept + u64::from(low > half || low == half && kept & 1 != 0)
        }
        _ => 0,
    };
    if exponent >= -1022 {
        // The implied bit adds one to the exponent's field, and so does a carry out of the mantissa.
        bits += ((exponent + 1022) as u64) << 52;
    }
    f64::from_bits(bits)
}

/// Leaf: the product of two `f32` is exact in `f64`; only the sum needs care.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub extern "C" fn golift_fmaf(x: f32, y: f32, z: f32) -> f32 {
    let p = x as f64 * y as f64;
    let s = p + z as f64;
    // Round to odd, so that the second rounding sees that the first was inexact.
    let bb = s - p;
    let err = (p - (s - bb)) + (z as f64 - bb);
    let bits = s.to_bits();
    if err != 0.0 && err.is_finite() && bits & 1 == 0 && s.is_finite() {
        let away = (err > 0.0) == (s > 0.0);
        return f64::from_bits(if away { bits + 1 } else { bits - 1 }) as f32;
    }
    s as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn software_agrees_with_hardware() {
        init();
        if !HAVE_FMA.load(Relaxed) {
            return;
        }
        let special = [
            0.0,
            -0.0,
            1.0,
            -1.0,
            1.0 + f64::EPSILON,
            f64::MIN_POSITIVE,
            -f64::MIN_POSITIVE,
            f64::from_bits(1),
            f64::from_bits((1 << 52) - 1),
            f64::MAX,
            f64::INFINITY,
            f64::NEG_INFINITY,
            f64::NAN,
            1e-162,
            1e308,
        ];
        let check = |x: f64, y: f64, z: f64| {
            let (got, want) = (exact(x, y, z), golift_fma(x, y, z));
            assert!(
                got.to_bits() == want.to_bits() || got.is_nan() && want.is_nan(),
                "{x:e} * {y:e} + {z:e}: {got:e}, not {want:e}"
            );
        };
        for x in special {
            for y in special {
                for z in special {
                    check(x, y, z);
                }
            }
        }
        let mut state = 1u64;
        let mut next = || {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            state >> 11 ^ state << 17
        };
        for i in 0..2_000_000 {
            let (x, y) = (f64::from_bits(next()), f64::from_bits(next()));
            // Near the product, where bits cancel; or near 1; or anywhere.
            let z = match i % 3 {
                0 => f64::from_bits((-(x * y)).to_bits() ^ next() >> (next() % 64)),
                1 => f64::from_bits(next()),
                _ => (next() as i32) as f64 * f64::EPSILON,
            };
            check(x, y, z);
            let small = |bits: u64| f64::from_bits(bits >> 12 | 0x3ff << 52) * if bits & 1 != 0 { -1.0 } else { 1.0 };
            let (x, y) = (small(next()), small(next()));
            check(x, y, -(x * y));
            check(x * 1e-160, y * 1e-160, z);
            check(x, y, small(next()) * f64::EPSILON);
        }
    }
}
