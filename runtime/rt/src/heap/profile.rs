//! The memory profile: which call stacks allocated what, by sampling.
//!
//! **Sampling.** `runtime.MemProfileRate` is the mean number of bytes between samples; a P counts down an
//! exponentially distributed distance, so every byte is as likely to be sampled as any other. The count is
//! part of the allocator's fast path, and so is a change of the rate, which the program may make at any time. A
//! sampled allocation leaves the fast path; package runtime then reports the stack (`golift_profile_alloc`).
//! Pieces of a tiny block count as the block, once.
//!
//! **Buckets.** One for each stack and object size, never freed. A sampled object has a special that
//! leads to its bucket, so that its death is counted.
//!
//! **Consistency.** What is allocated but not yet through a collection would make every profile look like a leak.
//! Allocations are published by the collection that follows them, together with the deaths that it found.

use super::cache::MCache;
use super::persistent;
use crate::gc::special;
use crate::global::Global;
use crate::lock::Mutex;
use core::ptr::null_mut;
use core::sync::atomic::{AtomicPtr, AtomicUsize, Ordering::*};

/// Mirrored by package runtime (`memBucket`); `nstk` program counters follow.
#[repr(C)]
pub struct Bucket {
    /// All buckets.
    next: *mut Bucket,
    /// The objects' size in memory.
    size: usize,
    allocs: usize,
    frees: usize,
    nstk: usize,
    /// Not published yet. Under the lock.
    new_allocs: usize,
    /// Same hash.
    chain: *mut Bucket,
    hash: usize,
}
check_layout!(Bucket, golift_abi::layout::BUCKET, {
    next: "next",
    size: "size",
    allocs: "allocs",
    frees: "frees",
    nstk: "nstk",
    new_allocs: "newAllocs",
    chain: "chain",
    hash: "hash",
});

const TABLE: usize = 1 << 13;

struct State {
    lock: Mutex,
    /// By hash; made with the first sample.
    table: *mut [*mut Bucket; TABLE],
}
// SAFETY: used under the lock that it contains.
static STATE: Global<State> = unsafe { Global::new(State { lock: Mutex::new(), table: null_mut() }) };
/// Readers follow it without the lock.
static BUCKETS: AtomicPtr<Bucket> = AtomicPtr::new(null_mut());

static OFF: isize = 0;
/// `runtime.MemProfileRate`, if the program can read the profile.
static RATE: AtomicPtr<isize> = AtomicPtr::new((&raw const OFF).cast_mut());

/// Bytes of the buckets and their table.
static BYTES: AtomicUsize = AtomicUsize::new(0);
pub fn bytes() -> usize {
    BYTES.load(Relaxed)
}

/// Leaf: package runtime says where the rate is.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub extern "C" fn golift_mem_profile_enable(rate: *mut isize) {
    RATE.store(rate, Relaxed);
}

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

/// Bytes to the next sample.
fn distance(rate: isize) -> isize {
    match rate {
        ..=0 => isize::MAX,
        1 => 0,
        _ => {
            let uniform = (((crate::rand::golift_rand() >> 11) + 1) as f64) / (1u64 << 53) as f64;
            (-log2(uniform) * core::f64::consts::LN_2 * rate.min(0x700_0000) as f64) as isize
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

unsafe fn stack(b: *const Bucket) -> *mut usize {
    b.add(1) as *mut usize
}

/// The bucket of a stack; under the lock.
unsafe fn bucket(st: &mut State, size: usize, pcs: &[usize]) -> *mut Bucket {
    if st.table.is_null() {
        st.table = persistent::alloc(size_of::<[*mut Bucket; TABLE]>(), 8).cast();
        BYTES.fetch_add(size_of::<[*mut Bucket; TABLE]>(), Relaxed);
    }
    let mix = |h: usize, x: &usize| (h.rotate_left(5) ^ x).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let hash = pcs.iter().fold(size, mix);
    let head = &raw mut (*st.table)[hash >> 32 & (TABLE - 1)];
    let mut b = *head;
    while !b.is_null() {
        let same = (*b).hash == hash && (*b).size == size && (*b).nstk == pcs.len();
        if same && core::slice::from_raw_parts(stack(b), pcs.len()) == pcs {
            return b;
        }
        b = (*b).chain;
    }
    let bytes = size_of::<Bucket>() + size_of_val(pcs);
    BYTES.fetch_add(bytes, Relaxed);
    let b = persistent::alloc(bytes, 8) as *mut Bucket;
    b.write(Bucket {
        next: BUCKETS.load(Relaxed),
        size,
        allocs: 0,
        frees: 0,
        nstk: pcs.len(),
        new_allocs: 0,
        chain: *head,
        hash,
    });
    core::ptr::copy_nonoverlapping(pcs.as_ptr(), stack(b), pcs.len());
    *head = b;
    BUCKETS.store(b, Release);
    b
}

/// A sampled object of `size` bytes at `p`, allocated by the stack of `n` return addresses.
extern "C" fn profile_alloc_body(p: usize, size: usize, pcs: *const usize, n: usize) {
    // SAFETY: body of a system function; the caller's frame holds the object and the list.
    unsafe {
        let st = &mut *STATE.get();
        st.lock.lock();
        let b = bucket(st, size, core::slice::from_raw_parts(pcs, n));
        (*b).new_allocs += 1;
        st.lock.unlock();
        special::add_profile(p, b as usize);
    }
}
system_fn!("golift_profile_alloc", profile_alloc_body);

/// The object that led to bucket `b` has died. World stopped.
pub unsafe fn died(b: usize) {
    (*(b as *mut Bucket)).frees += 1;
}

/// After a collection, world stopped; or when none has run yet.
pub unsafe fn publish() {
    let st = &*STATE.get();
    st.lock.lock();
    let mut b = BUCKETS.load(Acquire);
    while !b.is_null() {
        (*b).allocs += core::mem::take(&mut (*b).new_allocs);
        b = (*b).next;
    }
    st.lock.unlock();
}

/// The buckets; published once more if no collection has done so.
extern "C" fn mem_profile_body() -> *mut Bucket {
    // SAFETY: buckets live for ever.
    unsafe {
        static PUBLISHED: AtomicUsize = AtomicUsize::new(0);
        if crate::gc::cycles() == 0 && PUBLISHED.swap(1, Relaxed) == 0 {
            publish();
        }
    }
    BUCKETS.load(Acquire)
}
system_fn!("golift_mem_profile", mem_profile_body);

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
