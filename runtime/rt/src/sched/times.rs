//! How long goroutines that could run had to wait, and how long Ps were idle: for runtime/metrics.

use super::*;
use crate::gc::stats::TimeHistogram;
use crate::sys;

/// One in so many goroutines that become runnable is looked at (gc: 8): each costs two looks at the clock.
const PERIOD: u32 = 64;

static LATENCIES: TimeHistogram = TimeHistogram::new();
/// Nanoseconds of idle Ps up to `IDLE_SINCE`; both change under the scheduler's lock.
static IDLE: AtomicI64 = AtomicI64::new(0);
static IDLE_SINCE: AtomicI64 = AtomicI64::new(0);

/// `gp` becomes runnable.
///
/// # Safety
/// `gp` is the caller's; this thread has the P `p`.
#[inline(always)]
pub unsafe fn runnable(gp: *mut G, p: *mut P) {
    // SAFETY: the contract above.
    unsafe {
        (*p).runnables = (*p).runnables.wrapping_add(1);
        if (*p).runnables.is_multiple_of(PERIOD) {
            (*gp).runnable_since = sys::nanotime();
        }
    }
}

/// `gp` runs.
///
/// # Safety
/// `gp` is the caller's.
#[inline(always)]
pub unsafe fn runs(gp: *mut G) {
    // SAFETY: the contract above.
    unsafe {
        if (*gp).runnable_since != 0 {
            LATENCIES.record(sys::nanotime() - (*gp).runnable_since);
            (*gp).runnable_since = 0;
        }
    }
}

/// The number of idle Ps, `n` up to now, is about to change. Under the scheduler's lock.
pub fn idle_changes(n: i32) {
    let now = sys::nanotime();
    let since = IDLE_SINCE.swap(now, Relaxed);
    IDLE.store(IDLE.load(Relaxed) + (now - since) * i64::from(n), Relaxed);
}

/// Leaf: times for which goroutines were runnable.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub extern "C" fn golift_sched_latencies() -> *const TimeHistogram {
    &raw const LATENCIES
}

/// How long Ps have been idle, all together.
extern "C" fn idle_time_body() -> i64 {
    let _lists = sched().lists.lock();
    idle_changes(sched().idle.ps());
    IDLE.load(Relaxed)
}
system_fn!("golift_idle_time", idle_time_body);
