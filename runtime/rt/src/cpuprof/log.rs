//! The ring of samples.
//!
//! A record is `length, time, count, address…`, and a word of labels in a second ring. A count of 0 means that as many samples were lost
//! as the one address says. Numbers of words that were ever written and read tell what is in the rings: writers, one at a time, move
//! the first, the one reader moves the second.

use super::{MARKERS, Marker};
use crate::sys;
use core::cell::UnsafeCell;
use core::sync::atomic::{AtomicPtr, AtomicU32, AtomicU64, Ordering::*};

/// Addresses of a sample, at most.
pub const DEPTH: usize = 64;
const HEADER: usize = 3;

/// Where the records are.
pub struct Ring {
    /// Records, and how many words there are.
    pub words: *mut u64,
    /// See `words`.
    pub nwords: usize,
    /// Labels, and how many there are.
    pub labels: *mut usize,
    /// See `labels`.
    pub nlabels: usize,
}

/// What only the writer uses that has the lock.
struct Writer {
    ring: Ring,
    /// Samples that found no room since the last one that did, and when that began.
    lost: u64,
    lost_since: i64,
}

struct Log {
    lock: AtomicU32,
    /// Under `lock`.
    writer: UnsafeCell<Writer>,
    /// Words and labels written; changed under `lock`, and read by the reader.
    written: [AtomicU64; 2],
    /// Words and labels read; changed by the reader, and read under `lock`.
    read: [AtomicU64; 2],
    /// Of package runtime.
    markers: AtomicPtr<usize>,
}
// SAFETY: see the fields.
unsafe impl Sync for Log {}

static LOG: Log = Log {
    lock: AtomicU32::new(0),
    writer: UnsafeCell::new(Writer {
        ring: Ring { words: core::ptr::null_mut(), nwords: 0, labels: core::ptr::null_mut(), nlabels: 0 },
        lost: 0,
        lost_since: 0,
    }),
    written: [const { AtomicU64::new(0) }; 2],
    read: [const { AtomicU64::new(0) }; 2],
    markers: AtomicPtr::new(core::ptr::null_mut()),
};

/// Runs `f` under the writers' lock. SIGPROF is blocked, or this is its handler.
pub fn exclusively<R>(f: impl FnOnce() -> R) -> R {
    while LOG.lock.compare_exchange_weak(0, 1, Acquire, Relaxed).is_err() {
        sys::osyield();
    }
    let r = f();
    LOG.lock.store(0, Release);
    r
}

/// An empty log. There is no profile, so nobody writes.
pub fn begin(ring: Ring, markers: *const usize) {
    // SAFETY: nobody else uses it.
    unsafe { *LOG.writer.get() = Writer { ring, lost: 0, lost_since: 0 } };
    for counter in LOG.written.iter().chain(&LOG.read) {
        counter.store(0, Relaxed);
    }
    LOG.markers.store(markers.cast_mut(), Release);
}

/// An address that stands for no Go code.
pub fn marker(m: Marker) -> usize {
    const { assert!((Marker::System as usize) < MARKERS) };
    let markers = LOG.markers.load(Acquire);
    // SAFETY: an array of package runtime with that many; it is there while there is a profile.
    if markers.is_null() { 0 } else { unsafe { *markers.add(m as usize) + 1 } }
}

impl Writer {
    /// Adds a record if there is room.
    fn put(&self, labels: usize, time: i64, count: u64, stack: impl ExactSizeIterator<Item = u64>) -> bool {
        let [words, tags] = &LOG.written;
        let (w, t) = (words.load(Relaxed), tags.load(Relaxed));
        let n = HEADER + stack.len();
        let room = self.ring.nwords - (w - LOG.read[0].load(Acquire)) as usize;
        if room < n || (t - LOG.read[1].load(Acquire)) as usize == self.ring.nlabels {
            return false;
        }
        let record = [n as u64, time as u64, count].into_iter().chain(stack);
        for (i, word) in record.enumerate() {
            // SAFETY: inside of the ring, in the part that is neither read nor written by others.
            unsafe { *self.ring.words.add((w as usize + i) % self.ring.nwords) = word };
        }
        // SAFETY: as above.
        unsafe { *self.ring.labels.add(t as usize % self.ring.nlabels) = labels };
        tags.store(t + 1, Relaxed);
        words.store(w + n as u64, Release);
        true
    }
}

/// Adds a sample, if there is still a profile.
///
/// # Safety
/// All signals are blocked.
pub unsafe fn write(labels: usize, stack: &[usize], on: impl FnOnce() -> bool) {
    exclusively(|| {
        if !on() {
            return;
        }
        // SAFETY: under the lock.
        let writer = unsafe { &mut *LOG.writer.get() };
        let now = sys::nanotime();
        if writer.lost != 0 && writer.put(0, writer.lost_since, 0, [writer.lost].into_iter()) {
            writer.lost = 0;
        }
        if writer.lost != 0 || !writer.put(labels, now, 1, stack.iter().map(|&pc| pc as u64)) {
            if writer.lost == 0 {
                writer.lost_since = now;
            }
            writer.lost += 1;
        }
    })
}

/// Leaf: words that were ever written.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub extern "C" fn golift_cpu_profile_written() -> u64 {
    LOG.written[0].load(Acquire)
}

/// Leaf: all records up to these numbers of words and labels have been read.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub extern "C" fn golift_cpu_profile_read(words: u64, labels: u64) {
    LOG.read[1].store(labels, Relaxed);
    LOG.read[0].store(words, Release);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_and_empty() {
        let (mut words, mut labels) = ([0u64; 16], [0usize; 4]);
        begin(
            Ring { words: words.as_mut_ptr(), nwords: 16, labels: labels.as_mut_ptr(), nlabels: 4 },
            core::ptr::null(),
        );
        let add = |stack: &[usize]| {
            // SAFETY: no signal handler of the test writes.
            unsafe { write(7, stack, || true) };
            golift_cpu_profile_written()
        };
        assert_eq!(add(&[1, 2]), 5);
        assert_eq!(add(&[3]), 9);
        // No room for nine words, and then for none at all before the loss has been written.
        assert_eq!(add(&[9; 6]), 9);
        assert_eq!((words[0], words[2], &words[3..5]), (5, 1, &[1, 2][..]));
        assert_eq!(labels[..2], [7, 7]);
        golift_cpu_profile_read(9, 2);
        assert_eq!(add(&[4]), 17);
        let at = |i: usize| words[i % 16];
        assert_eq!([at(9), at(11), at(12)], [4, 0, 1]);
        assert_eq!([at(13), at(15), at(16)], [4, 1, 4]);
        assert_eq!((labels[2], labels[3]), (0, 7));
    }
}
