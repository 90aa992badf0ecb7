//! The collector: when it runs, and what one cycle does.
//!
//! A cycle marks beside the program (`mark`, with barriers: `barrier`), between two short stops of the world (`cycle`). Sweeping is lazy and
//! goes on beside the program too.
//!
//! **Pacing:** a cycle is to be over when live memory reaches
//! `marked + (marked + stacks + globals) · GOGC/100`, at least 4 MB · GOGC/100, and not more
//! than the memory limit leaves. It starts somewhat earlier, and who allocates meanwhile helps.
//!
//! Of the limit goes off what is no object: the runtime's own memory, stacks, free slots between objects, and a few percent for what is not
//! foreseen. A limit that is too low must not stop the program: when collections have taken more than half of the processors' time
//! for a while, as gc has it, those that allocate help no more, and the limit is exceeded.

pub mod barrier;
pub mod cycle;
pub mod malloc;
pub mod mark;
pub mod profile;
pub mod special;
pub mod stack_scan;
pub mod stats;
pub mod work;

pub use stats::*;

use crate::heap::{central, counts, pages, scavenge, sweep};
use crate::sched::{self, sched};
use crate::{osinfo, stack, sys, traceback};
use core::sync::atomic::{AtomicI64, AtomicU32, AtomicU64, AtomicUsize, Ordering::*};

static GOAL: AtomicUsize = AtomicUsize::new(4 << 20);
/// Live bytes at which the next cycle starts, so that it is over when they reach the goal.
static TRIGGER: AtomicUsize = AtomicUsize::new(4 << 20);
/// Bytes that were allocated while the last cycle marked.
static RUNWAY: AtomicUsize = AtomicUsize::new(0);
static CYCLES: AtomicU64 = AtomicU64::new(0);
/// Least number of bytes allocated between two cycles that the pacer starts.
const MIN_DISTANCE: usize = 1 << 20;
/// Percent, negative = off.
static GOGC: AtomicI64 = AtomicI64::new(100);
static MEMORY_LIMIT: AtomicI64 = AtomicI64::new(i64::MAX);
/// Bytes in spans of objects that were no objects, when the last cycle began.
static FRAGMENTS: AtomicUsize = AtomicUsize::new(0);
/// A memory limit leaves one such part of what it allows unused, and at least so many bytes.
const HEADROOM_PART: usize = 32;
const LEAST_HEADROOM: usize = 1 << 20;
/// Nanoseconds by which collections have taken more than half of the processors' time, in the last time.
static OVERTIME: AtomicI64 = AtomicI64::new(0);
/// So much of it for each P is enough.
const MOST_OVERTIME: i64 = 1_000_000_000;
static MARKED: AtomicUsize = AtomicUsize::new(0);
/// Collect at every n-th allocation; 0 = off.
static STRESS: AtomicU32 = AtomicU32::new(0);
static STRESS_LEFT: AtomicU32 = AtomicU32::new(0);
static LAST_GC: AtomicI64 = AtomicI64::new(0);
static ENABLED: AtomicU32 = AtomicU32::new(0);

/// Is `GODEBUG=gcstress` set?
#[inline(always)]
pub fn stress_enabled() -> bool {
    STRESS.load(Relaxed) != 0
}
/// Cycles that are done.
pub fn cycles() -> u64 {
    CYCLES.load(Acquire)
}
/// Live bytes at which the next cycle is to be over.
pub fn goal() -> usize {
    GOAL.load(Relaxed)
}

/// Reads GOGC, GOMEMLIMIT and GODEBUG; before the first goroutine.
pub fn init() {
    let d = osinfo::debug();
    STRESS.store(d.gcstress, Relaxed);
    STRESS_LEFT.store(d.gcstress, Relaxed);
    GOGC.store(osinfo::gogc(), Relaxed);
    MEMORY_LIMIT.store(osinfo::memory_limit(), Relaxed);
    set_limit();
    set_goal();
}

/// Leaf: package runtime says that initialisation is far enough for collections.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub extern "C" fn golift_gc_enable() {
    LAST_GC.store(sys::nanotime(), Relaxed);
    ENABLED.store(1, Release);
}

/// `runtime.GC` asked for the cycle (`gcForced` of package runtime).
const FORCED: u32 = 1;

/// Should an allocation of `size` bytes start a cycle?
#[inline]
pub fn wanted(size: usize) -> bool {
    if ENABLED.load(Relaxed) == 0 || central::is_marking() {
        return false;
    }
    if stress_enabled() {
        let left = STRESS_LEFT.load(Relaxed);
        if left <= 1 {
            return true;
        }
        STRESS_LEFT.store(left - 1, Relaxed);
    }
    let extra = if size > crate::heap::MAX_SMALL { size } else { 0 };
    let limited = GOGC.load(Relaxed) >= 0 || MEMORY_LIMIT.load(Relaxed) != i64::MAX;
    limited && counts::live() + extra >= TRIGGER.load(Relaxed)
}

/// Tells the heap the memory limit.
fn set_limit() {
    let limit = MEMORY_LIMIT.load(Relaxed);
    scavenge::set_limit(if limit == i64::MAX { usize::MAX } else { limit as usize });
}

fn set_goal() {
    let marked = MARKED.load(Relaxed);
    let pct = GOGC.load(Relaxed);
    let mut goal = if pct < 0 {
        usize::MAX / 2
    } else {
        let extra = marked + mark::stacks_bytes() + mark::globals_bytes();
        let g = marked as u128 + extra as u128 * pct as u128 / 100;
        // A small heap with a small GOGC would otherwise collect at every span it takes.
        (g.min(usize::MAX as u128 / 2) as usize).max((4 << 20) * pct as usize / 100).max(marked + MIN_DISTANCE)
    };
    let lim = MEMORY_LIMIT.load(Relaxed);
    if lim != i64::MAX {
        let stacks = pages::MANUAL_PAGES.load(Relaxed) * pages::PAGE + pages::MAPPED_STACKS.load(Relaxed);
        let other = stacks + crate::heap::persistent::BYTES.load(Relaxed) + FRAGMENTS.load(Relaxed);
        let room = (lim as usize).saturating_sub(other);
        let room = room.saturating_sub((room / HEADROOM_PART).max(LEAST_HEADROOM));
        // Some progress must be possible whatever the limit.
        goal = goal.min(room.max(marked + marked / 16 + (1 << 20)));
    }
    GOAL.store(goal, Relaxed);
    // As much earlier as the program allocates while markers are at work, within bounds.
    let distance = goal.saturating_sub(marked);
    let runway = RUNWAY.load(Relaxed) / 5 * 6;
    TRIGGER.store(goal - runway.clamp(distance / 20, distance / 10 * 3), Relaxed);
}

/// Of `total` nanoseconds of all processors a collection, and what went before it, took `gc`.
fn note_overtime(gc: i64, total: i64) {
    let most = MOST_OVERTIME * i64::from(sched().gomaxprocs());
    OVERTIME.store((OVERTIME.load(Relaxed) + 2 * gc - total).clamp(0, most), Relaxed);
}

/// Have collections taken more than half of the time for so long that the program comes first now?
fn is_overtaxed() -> bool {
    OVERTIME.load(Relaxed) >= MOST_OVERTIME * i64::from(sched().gomaxprocs())
}

/// Called by sysmon: wakes the periodic collection goroutine after two minutes.
///
/// # Safety
/// On the monitor thread.
pub unsafe fn periodic(now: i64) {
    // SAFETY: the contract above.
    unsafe {
        let last = LAST_GC.load(Relaxed);
        if ENABLED.load(Relaxed) != 0
            && GOGC.load(Relaxed) >= 0
            && now - last > 120_000_000_000
            && LAST_GC.compare_exchange(last, now, AcqRel, Relaxed).is_ok()
        {
            let gp = FORCE_G.swap(0, AcqRel) as *mut sched::G;
            if !gp.is_null() {
                while (*gp).status.load(Acquire) != sched::G_WAITING {
                    core::hint::spin_loop();
                }
                sched::ready(gp, false);
            }
        }
    }
}
static FORCE_G: AtomicUsize = AtomicUsize::new(0);

/// Parks the forcegc goroutine until a periodic collection is due.
extern "C" fn forcegc_wait_body() {
    // SAFETY: body of a system function.
    unsafe {
        FORCE_G.store(sched::getg() as usize, Release);
        sched::park(None, sched::wait::FORCE_GC_IDLE)
    }
}
system_fn!("golift_forcegc_wait", forcegc_wait_body);

/// Leaf.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub extern "C" fn golift_gc_cycles() -> u64 {
    cycles()
}

/// Leaf.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub extern "C" fn golift_set_gc_percent(n: i64) -> i64 {
    let old = GOGC.swap(n.max(-1), Relaxed);
    set_goal();
    old
}

/// Leaf.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub extern "C" fn golift_set_memory_limit(n: i64) -> i64 {
    let old = MEMORY_LIMIT.load(Relaxed);
    if n >= 0 {
        MEMORY_LIMIT.store(n, Relaxed);
        set_limit();
        set_goal();
    }
    old
}

extern "C" fn free_os_memory_body() {
    // SAFETY: free runs hold no objects.
    unsafe {
        scavenge::release_all();
    }
}
system_fn!("golift_free_os_memory", free_os_memory_body);

/// Aborts when called where a collection must not happen.
pub fn assert_world_stopped() {
    if !sched::world_stopped() {
        traceback::throw("collector phase in a running world");
    }
}
