//! The collector: when it runs, and what one cycle does.
//!
//! **Now:** the world is stopped while marking; sweeping is lazy and goes on beside the
//! program. Everything that compiled code sees (layout, masks, roots, the barrier's flag and
//! function) is what a concurrent marker needs.
//!
//! **One cycle:** stop the world → sweep what is left of the last cycle → flush caches →
//! mark (roots precisely, what is alive on goroutine stacks conservatively) → finalizers, cleanups, weak
//! pointers of dead objects → free dead large objects → all spans become unswept → start.
//!
//! **Pacing:** a cycle starts when live memory reaches
//! `marked + (marked + stacks + globals) · GOGC/100`, at least 4 MB · GOGC/100, and not more
//! than the memory limit leaves.

pub mod malloc;
pub mod mark;
pub mod profile;
pub mod special;
pub mod stack_scan;
pub mod stats;

pub use stats::*;

use crate::heap::{counts, pages, sweep, verify};
use crate::sched::{self, sched};
use crate::{osinfo, stack, sys, traceback};
use core::sync::atomic::{AtomicI64, AtomicU32, AtomicU64, AtomicUsize, Ordering::*};

static GOAL: AtomicUsize = AtomicUsize::new(4 << 20);
static CYCLES: AtomicU64 = AtomicU64::new(0);
/// Least number of bytes allocated between two cycles that the pacer starts.
const MIN_DISTANCE: usize = 1 << 20;
/// Percent, negative = off.
static GOGC: AtomicI64 = AtomicI64::new(100);
static MEMORY_LIMIT: AtomicI64 = AtomicI64::new(i64::MAX);
static MARKED: AtomicUsize = AtomicUsize::new(0);
/// Collect at every n-th allocation; 0 = off.
static STRESS: AtomicU32 = AtomicU32::new(0);
static STRESS_LEFT: AtomicU32 = AtomicU32::new(0);
static LAST_GC: AtomicI64 = AtomicI64::new(0);
static ENABLED: AtomicU32 = AtomicU32::new(0);

/// Not zero while compiled code must call the write barrier.
#[cfg_attr(not(test), unsafe(no_mangle))]
#[allow(non_upper_case_globals)]
pub static golift_write_barrier_enabled: AtomicU32 = AtomicU32::new(0);

/// Leaf: shades the value in `*slot` and `new`. Marking happens in a stopped world, so there
/// is nothing to shade yet.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub extern "C" fn golift_gc_write_barrier(_slot: *mut usize, _new: usize) {}

/// Is `GODEBUG=gcstress` set?
#[inline(always)]
pub fn stress_enabled() -> bool {
    STRESS.load(Relaxed) != 0
}
/// Cycles that are done.
pub fn cycles() -> u64 {
    CYCLES.load(Acquire)
}
/// Live bytes at which the next cycle starts.
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
    set_goal();
}

/// Leaf: package runtime says that initialisation is far enough for collections.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub extern "C" fn golift_gc_enable() {
    LAST_GC.store(sys::nanotime(), Relaxed);
    ENABLED.store(1, Release);
}

/// Why a cycle runs.
#[derive(Clone, Copy, PartialEq)]
pub enum Why {
    /// The heap has reached its goal.
    Heap,
    /// `runtime.GC`.
    Forced,
    /// None has run for two minutes.
    Periodic,
}

/// Should an allocation of `size` bytes start a cycle?
#[inline]
pub fn wanted(size: usize) -> bool {
    if ENABLED.load(Relaxed) == 0 {
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
    GOGC.load(Relaxed) >= 0 && counts::live() + extra >= goal() || over_limit(extra)
}

fn over_limit(extra: usize) -> bool {
    let lim = MEMORY_LIMIT.load(Relaxed);
    lim != i64::MAX && GOGC.load(Relaxed) < 0 && counts::live() + extra >= goal()
}

fn set_goal() {
    let marked = MARKED.load(Relaxed);
    let pct = GOGC.load(Relaxed);
    let mut goal = if pct < 0 {
        usize::MAX / 2
    } else {
        let extra = marked + stack::IN_USE.load(Relaxed) + mark::globals_bytes();
        let g = marked as u128 + extra as u128 * pct as u128 / 100;
        // A small heap with a small GOGC would otherwise collect at every span it takes.
        (g.min(usize::MAX as u128 / 2) as usize).max((4 << 20) * pct as usize / 100).max(marked + MIN_DISTANCE)
    };
    let lim = MEMORY_LIMIT.load(Relaxed);
    if lim != i64::MAX {
        let other = stack::IN_USE.load(Relaxed) + crate::heap::persistent::BYTES.load(Relaxed);
        let room = (lim as usize).saturating_sub(other);
        // Some progress must be possible whatever the limit.
        goal = goal.min(room.max(marked + marked / 16 + (1 << 20)));
    }
    GOAL.store(goal, Relaxed);
}

/// First half of a cycle: stops the world for the calling goroutine, which may then run
/// package runtime's hooks (they must not allocate) and must call `golift_gc_finish`.
/// 0: try again (another leader); 1: stopped; 2: not needed any more (a cycle has run since
/// the caller saw `seen`).
extern "C" fn gc_begin_body(seen: u64) -> usize {
    // SAFETY: entry of a system function: no heap pointers in Rust locals.
    unsafe {
        if cycles() != seen || (*crate::arch::current_m()).locks != 0 {
            return 2;
        }
        if !sched::try_stop_the_world() {
            (*sched::getg()).ret0 = 0;
            sched::yield_global()
        }
        stats::stop_is_for_gc();
        if cycles() != seen {
            sched::start_the_world();
            return 2;
        }
        (*crate::arch::current_m()).locks += 1;
        1
    }
}
system_fn!("golift_gc_begin", gc_begin_body);

/// Second half: collects and starts the world. 1: finalizers or cleanups wait to be run.
extern "C" fn gc_finish_body(why: usize) -> usize {
    // SAFETY: after `gc_begin` returned 1 on this goroutine.
    unsafe {
        (*crate::arch::current_m()).locks -= 1;
        STRESS_LEFT.store(STRESS.load(Relaxed), Relaxed);
        cycle(match why {
            0 => Why::Heap,
            1 => Why::Forced,
            _ => Why::Periodic,
        });
        sched::start_the_world();
        if why == 1 {
            sweep::finish();
        }
        usize::from(special::any_ready())
    }
}
system_fn!("golift_gc_finish", gc_finish_body);

/// One cycle.
///
/// # Safety
/// The world is stopped.
unsafe fn cycle(why: Why) {
    // SAFETY: the contract above.
    unsafe {
        let (t0, c0) = (sys::nanotime(), sys::thread_cputime());
        crate::trace::gc_begins();
        sched::times::note_stacks();
        sweep::finish();
        for i in 0..sched().gomaxprocs() as usize {
            (*sched().p(i)).mcache.flush();
        }
        pages::compact_all();
        let before = counts::live();
        let (t1, c1) = (sys::nanotime(), sys::thread_cputime());
        let marked = mark::mark_all();
        special::process_dead();
        crate::timer::drop_unmarked(|p| mark::is_marked(p));
        profile::publish();
        if osinfo::debug().gcverify {
            verify::verify();
        }
        let marked = marked + special::take_resurrected();
        let (t2, c2) = (sys::nanotime(), sys::thread_cputime());
        sweep::sweep_large();
        sweep::start();
        MARKED.store(marked, Relaxed);
        counts::set_live(marked);
        let old_goal = goal();
        set_goal();
        crate::trace::gc_ends(marked, goal());
        shrink_stacks();
        let n = CYCLES.fetch_add(1, AcqRel) + 1;
        let t3 = sys::nanotime();
        LAST_GC.store(t3, Relaxed);
        stats::record_pause(t0, t3, why == Why::Forced);
        if osinfo::debug().gctrace > 0 {
            let c3 = sys::thread_cputime();
            trace(n, [t0, t1, t2, t3], [c1 - c0, c2 - c1, c3 - c2], before, marked, old_goal, why);
        }
    }
}

/// Cached segments of goroutines are dropped: a deep call chain may never come back.
///
/// # Safety
/// The world is stopped.
unsafe fn shrink_stacks() {
    // SAFETY: the contract above.
    unsafe {
        let s = sched();
        for i in 0..s.allg_len.load(Acquire) {
            let gp = s.g(i);
            if (*gp).status.load(Relaxed) == sched::G_SYSCALL || (*gp).stack_base.is_null() {
                continue;
            }
            let cur = (*gp).stack_hi as *mut stack::Segment;
            if !(*cur).next.is_null() && (*(*cur).next).size >= 64 << 10 {
                stack::free_after(gp, cur);
            }
        }
    }
}

/// The line of `GODEBUG=gctrace=1`: `at` are the times at which the phases begin and end, `cpu` the time that each took of
/// the one thread that works.
///
/// # Safety
/// The world is stopped.
unsafe fn trace(n: u64, at: [i64; 4], cpu: [i64; 3], before: usize, marked: usize, goal: usize, why: Why) {
    use crate::print::{int, str};
    fn ms(ns: i64) {
        // Two significant digits, as "0.018".
        let us = ns / 1000;
        int(us / 1000);
        if us < 10_000 {
            str(".");
            let f = us % 1000;
            let digits = [b'0' + (f / 100) as u8, b'0' + (f / 10 % 10) as u8, b'0' + (f % 10) as u8];
            let k = if us >= 1000 {
                1
            } else if us >= 100 {
                2
            } else {
                3
            };
            crate::print::bytes(&digits[..k]);
        }
    }
    let procs = sched().gomaxprocs() as i64;
    let start = sched().start_ns.load(Relaxed);
    str("gc ");
    int(n as i64);
    str(" @");
    let since = (at[0] - start) / 1_000_000;
    int(since / 1000);
    str(".");
    let f = since % 1000;
    crate::print::bytes(&[b'0' + (f / 100) as u8, b'0' + (f / 10 % 10) as u8, b'0' + (f % 10) as u8]);
    str("s ");
    int(stats::gc_cpu_percent());
    str("%: ");
    ms(at[1] - at[0]);
    str("+");
    ms(at[2] - at[1]);
    str("+");
    ms(at[3] - at[2]);
    str(" ms clock, ");
    ms(cpu[0]);
    str("+0/");
    ms(cpu[1]);
    str("/0+");
    ms(cpu[2]);
    str(" ms cpu, ");
    int((before >> 20) as i64);
    str("->");
    int((before >> 20) as i64);
    str("->");
    int((marked >> 20) as i64);
    str(" MB, ");
    int((goal.min(1 << 50) >> 20) as i64);
    str(" MB goal, ");
    int((stack::IN_USE.load(Relaxed) >> 20) as i64);
    str(" MB stacks, ");
    int((mark::globals_bytes() >> 20) as i64);
    str(" MB globals, ");
    int(procs);
    str(" P");
    if why == Why::Forced {
        str(" (forced)");
    }
    str("\n");
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
        set_goal();
    }
    old
}

extern "C" fn free_os_memory_body() {
    // SAFETY: free runs hold no objects.
    unsafe {
        pages::release_free(1);
    }
}
system_fn!("golift_free_os_memory", free_os_memory_body);

/// Aborts when called where a collection must not happen.
pub fn assert_world_stopped() {
    if !sched::world_stopped() {
        traceback::throw("collector phase in a running world");
    }
}
