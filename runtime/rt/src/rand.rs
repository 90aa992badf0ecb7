//! Random numbers: a small generator per M, seeded from the kernel's AT_RANDOM bytes.

use crate::arch::current_m;
use core::sync::atomic::{AtomicU64, Ordering::*};

static SEED: AtomicU64 = AtomicU64::new(0x9e37_79b9_7f4a_7c15);

/// Seeds the generators with 16 random bytes of the kernel, if there are any.
pub fn init(bytes: *const u64) {
    if !bytes.is_null() {
        // SAFETY: AT_RANDOM points at 16 bytes.
        unsafe { SEED.store(*bytes ^ (*bytes.add(1)).rotate_left(32), Relaxed) };
    }
}

fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// A fresh seed.
pub fn seed64() -> u64 {
    mix(SEED.fetch_add(0x9e37_79b9_7f4a_7c15, Relaxed))
}

/// Leaf: 64 bits that are good enough for maps, select and `math/rand`'s seeds.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub extern "C" fn golift_rand() -> u64 {
    // SAFETY: the M of this thread.
    let s = unsafe { &mut (*current_m()).rand };
    // xorshift128+
    let (mut a, b) = (s[0], s[1]);
    s[0] = b;
    a ^= a << 23;
    s[1] = a ^ b ^ (a >> 18) ^ (b >> 5);
    s[1].wrapping_add(b)
}
/// A random number, good enough for the scheduler.
pub fn cheaprand() -> u32 {
    (golift_rand() >> 32) as u32
}
/// A random number below `n`.
pub fn cheaprandn(n: u32) -> u32 {
    ((cheaprand() as u64 * n as u64) >> 32) as u32
}
