//! What was allocated and freed, in numbers that any thread may add to. A cache counts on its own; its numbers arrive here
//! when it gives a span back, or is flushed.

use super::sizeclass::NUM;
use core::sync::atomic::{AtomicIsize, AtomicU64, Ordering::*};

struct Counts {
    /// Objects by size class; class 0 are the large ones.
    mallocs: [AtomicU64; NUM],
    frees: [AtomicU64; NUM],
    large_alloc_bytes: AtomicU64,
    large_free_bytes: AtomicU64,
    tiny: AtomicU64,
}

static COUNTS: Counts = Counts {
    mallocs: [const { AtomicU64::new(0) }; NUM],
    frees: [const { AtomicU64::new(0) }; NUM],
    large_alloc_bytes: AtomicU64::new(0),
    large_free_bytes: AtomicU64::new(0),
    tiny: AtomicU64::new(0),
};

/// Bytes that the last collection marked, and those that were taken since, free slots in caches included. What is freed by
/// sweeping was not marked, so it is not in here.
static LIVE: AtomicIsize = AtomicIsize::new(0);

/// Bytes in use, for the pacer.
pub fn live() -> usize {
    LIVE.load(Relaxed).max(0) as usize
}

/// `n` bytes were taken from the heap, or given back unused if `n` is negative.
#[inline]
pub(super) fn add_live(n: isize) {
    LIVE.fetch_add(n, Relaxed);
}

/// A collection has marked `bytes`. World stopped.
pub fn set_live(bytes: usize) {
    LIVE.store(bytes as isize, Relaxed);
}

/// `n` objects of a size class were allocated.
pub(super) fn add_allocs(n: u64, class: usize) {
    COUNTS.mallocs[class].fetch_add(n, Relaxed);
}

/// `n` objects of a size class were freed.
pub(super) fn add_frees(n: u64, class: usize) {
    COUNTS.frees[class].fetch_add(n, Relaxed);
}

/// One large object was allocated.
pub(super) fn add_large_alloc(bytes: usize) {
    add_allocs(1, 0);
    COUNTS.large_alloc_bytes.fetch_add(bytes as u64, Relaxed);
}

/// One large object was freed.
pub(super) fn add_large_free(bytes: usize) {
    add_frees(1, 0);
    COUNTS.large_free_bytes.fetch_add(bytes as u64, Relaxed);
}

/// `n` pieces of tiny blocks were allocated, beyond the blocks.
pub(super) fn add_tiny(n: u64) {
    COUNTS.tiny.fetch_add(n, Relaxed);
}

/// Objects of a size class that were allocated and freed; class 0 are the large ones.
pub fn of_class(class: usize) -> [u64; 2] {
    [COUNTS.mallocs[class].load(Relaxed), COUNTS.frees[class].load(Relaxed)]
}

/// Bytes of large objects that were allocated and freed.
pub fn large_bytes() -> [u64; 2] {
    [COUNTS.large_alloc_bytes.load(Relaxed), COUNTS.large_free_bytes.load(Relaxed)]
}

/// Pieces of tiny blocks that were allocated, beyond the blocks.
pub fn tiny() -> u64 {
    COUNTS.tiny.load(Relaxed)
}
