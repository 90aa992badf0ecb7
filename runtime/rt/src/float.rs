//! Fused multiply-add with the CPU's instruction.

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

/// Leaf: `x*y + z`, rounded once. (CPUs before 2013 round twice.)
#[cfg_attr(not(test), unsafe(no_mangle))]
pub extern "C" fn golift_fma(x: f64, y: f64, z: f64) -> f64 {
    if HAVE_FMA.load(Relaxed) {
        // SAFETY: the CPU has the instruction.
        unsafe { hw(x, y, z) }
    } else {
        x * y + z
    }
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
