//! Samples of the CPU profile, which a trace contains while there is such a profile.
//!
//! The handler of SIGPROF has interrupted anything, also who writes events: it puts samples into a buffer of their own, under a lock that
//! is held with SIGPROF blocked only. Whoever ends a generation takes them from there.

use super::event::{CPU_SAMPLE, CPU_SAMPLES};
use super::{STACKS, Series, now};
use crate::sched::M;
use crate::signal::table::{SIGPROF, bit};
use crate::sys;
use core::cell::UnsafeCell;
use core::ptr::null_mut;
use core::sync::atomic::{AtomicU32, Ordering::*};

const DEPTH: usize = 64;
/// What finds no room is lost: this is for a second of five busy threads.
const SAMPLES: usize = 512;

#[repr(C)]
struct Sample {
    time: u64,
    thread: u64,
    proc: u64,
    goroutine: u64,
    n: usize,
    stack: [usize; DEPTH],
}

struct Buffer {
    lock: AtomicU32,
    /// Under the lock: where samples are, or null, and how many there are.
    samples: UnsafeCell<(*mut Sample, usize)>,
}
// SAFETY: see the lock.
unsafe impl Sync for Buffer {}

static BUFFER: Buffer = Buffer { lock: AtomicU32::new(0), samples: UnsafeCell::new((null_mut(), 0)) };

/// # Safety
/// SIGPROF is blocked.
unsafe fn with_samples<R>(f: impl FnOnce(&mut (*mut Sample, usize)) -> R) -> R {
    while BUFFER.lock.compare_exchange_weak(0, 1, Acquire, Relaxed).is_err() {
        sys::osyield();
    }
    // SAFETY: under the lock.
    let r = f(unsafe { &mut *BUFFER.samples.get() });
    BUFFER.lock.store(0, Release);
    r
}

/// Puts an empty buffer in the place of the old one, or none; what was there.
fn exchange(on: bool) -> (*mut Sample, usize) {
    let fresh = if on { sys::map(SIZE) as *mut Sample } else { null_mut() };
    let mask = sys::sigmask(sys::SIG_BLOCK, bit(SIGPROF));
    // SAFETY: it is blocked.
    let old = unsafe { with_samples(|s| core::mem::replace(s, (fresh, 0))) };
    sys::sigmask(sys::SIG_SETMASK, mask);
    old
}
const SIZE: usize = SAMPLES * size_of::<Sample>();

/// A trace begins.
pub fn begin() {
    exchange(true);
}

/// Adds a sample of the thread of `m`.
///
/// # Safety
/// In the handler, on that thread.
pub unsafe fn add(m: *mut M, stack: &[usize]) {
    // SAFETY: the contract above; all signals are blocked.
    unsafe {
        with_samples(|(samples, n)| {
            if samples.is_null() || *n == SAMPLES {
                return;
            }
            let s = &mut *samples.add(*n);
            *n += 1;
            let (p, gp) = ((*m).p, (*m).curg);
            s.time = now();
            s.thread = (*m).tid as u64;
            s.proc = if p.is_null() { u64::MAX } else { (*p).id as u64 };
            s.goroutine = if gp.is_null() { 0 } else { (*gp).goid };
            s.n = stack.len().min(DEPTH);
            s.stack[..s.n].copy_from_slice(&stack[..s.n]);
        })
    }
}

/// Writes the samples of a generation that is over, before its tables. `last`: no other follows.
pub fn write(generation: u64, last: bool) {
    // Not under the lock: a handler that waits for it may have interrupted who holds one that is needed here.
    let (samples, n) = exchange(!last);
    if samples.is_null() {
        return;
    }
    let mut series = Series { generation, kind: CPU_SAMPLES, batch: null_mut() };
    for i in 0..n {
        // SAFETY: it has been written.
        let s = unsafe { &*samples.add(i) };
        // SAFETY: words are bytes.
        let bytes = unsafe { core::slice::from_raw_parts(s.stack.as_ptr().cast(), s.n * size_of::<usize>()) };
        let stack = STACKS[generation as usize % 2].lock().put(bytes);
        series.with_room(5, 0, |b| {
            b.byte(CPU_SAMPLE);
            for number in [s.time, s.thread, s.proc, s.goroutine, stack] {
                b.number(number);
            }
        });
    }
    drop(series);
    sys::unmap(samples as usize, SIZE);
}
