//! The CPU profile: which stacks were running when a thread had used another period of CPU time.
//!
//! **Problem.** A sample is taken at any instruction: in compiled code, in a leaf, in the kernel, on g0, while the goroutine changes. Its
//! stack is to be the goroutine's all the same, nothing may be read that is not there, and the handler may neither allocate nor wait
//! for what it interrupted.
//!
//! **Strategy.** Each thread has a timer of its own CPU time that sends SIGPROF to that thread; where the kernel refuses, one of the process
//! does. Who starts the profile makes the timers of all threads, a new thread its own. The handler finds where Go code was left
//! ([`sample`]), and writes return addresses and the goroutine's labels into a ring ([`log`]). A goroutine of runtime/pprof reads
//! that ten times a second.
//!
//! **Invariants.**
//!
//! * Handlers write with all signals blocked, so the writers' lock is held by a running thread, or one that soon runs again. The only other
//!   one that takes it blocks SIGPROF before.
//! * The ring is the program's memory, so that the collector finds the labels in it. It is kept by package runtime until all has been read,
//!   which comes after the rate became 0 under the writers' lock.

mod log;
mod sample;

use crate::arch::{Context, current_m};
use crate::locked::Locked;
use crate::sched::{M, sched};
use crate::signal::table::{SIGPROF, bit};
use crate::sys::{self, SigInfo};
use crate::trace;
use core::sync::atomic::{AtomicI32, Ordering::*};

/// Samples for each second of CPU time; 0: there is no profile. Changed under `CHANGE` and the writers' lock.
static HZ: AtomicI32 = AtomicI32::new(0);
/// Held while timers are made or deleted.
static CHANGE: Locked<()> = Locked::new(());

/// Functions of package runtime that stand for what is not Go code; their order is that of `cpuMarkers` there.
#[repr(usize)]
#[derive(Clone, Copy)]
enum Marker {
    System,
    Gc,
    Vdso,
    SystemStack,
    NewStack,
}
const MARKERS: usize = Marker::NewStack as usize + 1;

/// A new thread, `m`'s, before it has anything to do.
///
/// # Safety
/// On the thread of `m`.
pub unsafe fn thread_starts(m: *mut M) {
    if HZ.load(Relaxed) != 0 {
        let change = CHANGE.lock();
        // SAFETY: the contract above.
        unsafe { start_timer(m, HZ.load(Relaxed)) };
        drop(change);
    }
}

/// # Safety
/// `m` is an M whose thread exists; under `CHANGE`.
unsafe fn start_timer(m: *mut M, hz: i32) {
    // SAFETY: the contract above.
    unsafe {
        if hz == 0 || (*m).prof_timer.load(Relaxed) != 0 {
            return;
        }
        let id = sys::thread_timer((*m).tid, SIGPROF);
        if sys::is_error(id) {
            return;
        }
        let period = 1_000_000_000 / i64::from(hz);
        // Not all at the same time, and a thread that runs for less than a period has a chance, too.
        let first = 1 + (crate::rand::cheaprand() as i64) % period;
        if sys::is_error(sys::timer_set(id as i32, first, period)) {
            sys::timer_delete(id as i32);
        } else {
            (*m).prof_timer.store(id as i32 + 1, Release);
        }
    }
}

/// Sets the rate, with timers for all threads.
fn set_rate(hz: i32) {
    // Also: no sample of this thread comes while it has the writers' lock.
    let mask = sys::sigmask(sys::SIG_BLOCK, bit(SIGPROF));
    let change = CHANGE.lock();
    log::exclusively(|| HZ.store(hz, Relaxed));
    sys::process_timer(if hz == 0 { 0 } else { (1_000_000 / i64::from(hz)).max(1) });
    let mut m = sched().allm.load(Acquire);
    while !m.is_null() {
        // SAFETY: Ms live for ever; one without a thread yet makes its timer itself.
        unsafe {
            if hz == 0 {
                let id = (*m).prof_timer.swap(0, AcqRel);
                if id != 0 {
                    sys::timer_delete(id - 1);
                }
            } else if (*m).tid != 0 {
                start_timer(m, hz);
            }
            m = (*m).all_link;
        }
    }
    drop(change);
    sys::sigmask(sys::SIG_SETMASK, mask);
}

/// Begins a profile into the given memory.
extern "C" fn start_body(
    hz: i32,
    words: *mut u64,
    nwords: usize,
    labels: *mut usize,
    nlabels: usize,
    markers: *const usize,
) {
    log::begin(log::Ring { words, nwords, labels, nlabels }, markers);
    set_rate(hz);
}
system_fn!("golift_cpu_profile_start", start_body, unpolled);

/// Ends it: nothing more is written.
extern "C" fn stop_body() {
    set_rate(0);
}
system_fn!("golift_cpu_profile_stop", stop_body, unpolled);

/// Does a signal with this code count for the thread of `m`?
///
/// # Safety
/// `m` is an M.
unsafe fn counts(m: *mut M, code: i32) -> bool {
    // SAFETY: the contract above.
    let own = unsafe { (*m).prof_timer.load(Acquire) != 0 };
    match code {
        sys::SI_TIMER => own,
        // The process's timer; a thread with one of its own has been counted.
        sys::SI_KERNEL => !own,
        _ => true,
    }
}

/// SIGPROF has interrupted this thread.
///
/// # Safety
/// In the handler, on a thread of ours.
pub unsafe fn interrupted(info: &SigInfo, ctx: &Context) {
    // SAFETY: the contract above.
    unsafe {
        let m = current_m();
        if HZ.load(Relaxed) == 0 || !counts(m, info.code) {
            return;
        }
        let mut stack = [0; log::DEPTH];
        let (n, labels) = sample::take(m, ctx, &mut stack);
        log::write(labels, &stack[..n], || HZ.load(Relaxed) != 0);
        if trace::enabled() {
            trace::samples::add(m, &stack[..n]);
        }
    }
}
