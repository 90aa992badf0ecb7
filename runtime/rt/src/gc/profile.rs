//! The memory profile: which call stacks allocated what, by sampling (`heap::sampling`).
//!
//! **Buckets.** One for each stack and object size, never freed. A sampled object has a special that
//! leads to its bucket, so that its death is counted.
//!
//! **Consistency.** What is allocated but not yet through a collection would make every profile look like a leak.
//! Allocations are published by the collection that follows them, together with the deaths that it found. Package runtime
//! reads the published numbers without a lock.

use super::{cycles, special};
use crate::heap::persistent;
use crate::locked::Locked;
use core::ptr::null_mut;
use core::sync::atomic::{AtomicBool, AtomicPtr, AtomicUsize, Ordering::*};

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

/// Heads of chains in the table of buckets.
const TABLE: usize = 1 << 13;

/// Buckets by hash, made with the first sample; and what changes in buckets while the world runs.
struct Table(*mut [*mut Bucket; TABLE]);
// SAFETY: buckets belong to no thread.
unsafe impl Send for Table {}

static BUCKETS_BY_HASH: Locked<Table> = Locked::new(Table(null_mut()));
/// All buckets, the latest first. Written under the lock of the table; readers follow it without.
static BUCKETS: AtomicPtr<Bucket> = AtomicPtr::new(null_mut());

/// Bytes of the buckets and their table.
static BYTES: AtomicUsize = AtomicUsize::new(0);

/// Bytes of the buckets and their table.
pub fn bytes() -> usize {
    BYTES.load(Relaxed)
}

/// # Safety
/// `b` is a bucket.
unsafe fn stack(b: *const Bucket) -> *mut usize {
    // SAFETY: the contract above.
    unsafe { b.add(1) as *mut usize }
}

/// The bucket of a stack.
///
/// # Safety
/// On an M.
unsafe fn bucket(table: &mut Table, size: usize, pcs: &[usize]) -> *mut Bucket {
    // SAFETY: buckets live for ever.
    unsafe {
        if table.0.is_null() {
            table.0 = persistent::alloc(size_of::<[*mut Bucket; TABLE]>(), 8).cast();
            BYTES.fetch_add(size_of::<[*mut Bucket; TABLE]>(), Relaxed);
        }
        let mix = |h: usize, x: &usize| (h.rotate_left(5) ^ x).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let hash = pcs.iter().fold(size, mix);
        let head = &raw mut (*table.0)[hash >> 32 & (TABLE - 1)];
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
}

/// A sampled object of `size` bytes at `p`, allocated by the stack of `n` return addresses.
extern "C" fn profile_alloc_body(p: usize, size: usize, pcs: *const usize, n: usize) {
    // SAFETY: body of a system function; the caller's frame holds the object and the list.
    unsafe {
        let mut table = BUCKETS_BY_HASH.lock();
        let b = bucket(&mut table, size, core::slice::from_raw_parts(pcs, n));
        (*b).new_allocs += 1;
        drop(table);
        special::add_profile(p, b as usize);
    }
}
system_fn!("golift_profile_alloc", profile_alloc_body);

/// The object that led to bucket `b` has died.
///
/// # Safety
/// The world is stopped; `b` is a bucket.
pub unsafe fn died(b: usize) {
    // SAFETY: the contract above.
    unsafe {
        (*(b as *mut Bucket)).frees += 1;
    }
}

/// Adds what is new to what readers see.
///
/// # Safety
/// The world is stopped after a collection, or none has run yet.
pub unsafe fn publish() {
    // SAFETY: `new_allocs` changes under this lock.
    unsafe {
        let _table = BUCKETS_BY_HASH.lock();
        let mut b = BUCKETS.load(Acquire);
        while !b.is_null() {
            (*b).allocs += core::mem::take(&mut (*b).new_allocs);
            b = (*b).next;
        }
    }
}

/// The buckets; published once more if no collection has done so.
extern "C" fn mem_profile_body() -> *mut Bucket {
    static PUBLISHED: AtomicBool = AtomicBool::new(false);
    if cycles() == 0 && !PUBLISHED.swap(true, Relaxed) {
        // SAFETY: no collection has run.
        unsafe { publish() };
    }
    BUCKETS.load(Acquire)
}
system_fn!("golift_mem_profile", mem_profile_body);
