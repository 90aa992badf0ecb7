//! One collection: its phases, and who does its work.
//!
//! ```text
//!   sweep what is left ─ STOP 1 ─ marking, beside the program ─ STOP 2 ─ sweeping, beside the program
//! ```
//!
//! * **Stop 1** ([`gc_finish_body`]): caches are flushed, package runtime empties its pools, barriers come on, stacks in system calls are
//!   scanned. A goroutine that allocates, or asks for a collection, leads it.
//! * **Marking** is done in pieces on g0, for which no goroutines are needed: by Ms without other work ([`idle_piece`]), before a P chooses
//!   its next goroutine, up to a quarter of the P's time ([`scheduled_piece`]), by who allocates ([`assist`]), and by who waits
//!   for the end ([`gc_help_body`]).
//! * **Stop 2** ([`try_finish`]), led by whoever finds nothing left to do: barriers' buffers are emptied; if much comes out of them marking goes
//!   on. Otherwise it is over: finalizers, cleanups, weak pointers of dead objects; all spans become unswept.
//!
//! With `GODEBUG=gcstoptheworld=1` the world stays stopped from the first to the second; in stress mode every other collection is such.

use super::work::WORK;
use super::*;
use crate::arch::current_m;
use crate::heap::verify;

/// Nanoseconds that an M without other work marks before it looks for some again.
const IDLE_PIECE: i64 = 50_000;
/// Least and most of the nanoseconds that a P marks before it chooses a goroutine.
const LEAST_PIECE: i64 = 20_000;
const MOST_PIECE: i64 = 1_000_000;
/// The part of a P's time that goes into marking.
const SHARE: i64 = 4;
/// Bytes that are scanned in the second stop, if barriers have noted so much.
const LAST_BYTES: usize = 256 << 10;
/// Who allocates scans at least so many bytes, and saves the rest for later.
const ASSIST_BYTES: usize = 64 << 10;
/// Spans that are swept before the scheduler is looked at.
const SWEEP_PIECE: usize = 64;

/// What is known of the collection that goes on. Written in stopped worlds, and added to by markers.
struct Current {
    why: AtomicU32,
    /// When the first stop was complete, and when it ended.
    stopped: AtomicI64,
    marking: AtomicI64,
    /// Nanoseconds of all its stops up to now.
    pauses: AtomicI64,
    /// Live bytes when it began.
    live: AtomicUsize,
    /// Bytes that it will probably scan.
    expected: AtomicUsize,
    /// Bytes that were scanned on behalf of those that will allocate.
    credit: AtomicI64,
    /// Nanoseconds of marking by who allocates or waits, by the scheduler, by Ms without work.
    helped: AtomicI64,
    scheduled: AtomicI64,
    idle: AtomicI64,
}
static NOW: Current = Current {
    why: AtomicU32::new(0),
    stopped: AtomicI64::new(0),
    marking: AtomicI64::new(0),
    pauses: AtomicI64::new(0),
    live: AtomicUsize::new(0),
    expected: AtomicUsize::new(0),
    credit: AtomicI64::new(0),
    helped: AtomicI64::new(0),
    scheduled: AtomicI64::new(0),
    idle: AtomicI64::new(0),
};
/// Spans that are swept for each that a cache takes.
static SWEEP_RATIO: AtomicUsize = AtomicUsize::new(1);

/// First half of a beginning: sweeps what is left, then stops the world for the calling goroutine, which may then run
/// package runtime's hooks (they must not allocate) and must call `golift_gc_finish`.
/// 0: try again; 1: stopped; 2: not needed any more (a cycle goes on, or has run since the caller saw `seen`).
extern "C" fn gc_begin_body(seen: u64) -> usize {
    // SAFETY: entry of a system function: no heap pointers in Rust locals.
    unsafe {
        if cycles() != seen || central::is_marking() || (*current_m()).locks != 0 {
            return 2;
        }
        if sweep::sweep_some(SWEEP_PIECE) {
            return 0;
        }
        if !sched::try_stop_the_world() {
            (*sched::getg()).ret0 = 0;
            sched::yield_global()
        }
        stats::stop_is_for_gc();
        if cycles() != seen || central::is_marking() {
            sched::start_the_world();
            return 2;
        }
        NOW.stopped.store(sys::nanotime(), Relaxed);
        (*current_m()).locks += 1;
        1
    }
}
system_fn!("golift_gc_begin", gc_begin_body);

/// Second half: marking begins, and the world starts. In a mode without concurrency the whole collection is done here.
extern "C" fn gc_finish_body(why: usize) {
    // SAFETY: after `gc_begin` returned 1 on this goroutine.
    unsafe {
        (*current_m()).locks -= 1;
        STRESS_LEFT.store(STRESS.load(Relaxed), Relaxed);
        begin(why as u32);
        if osinfo::debug().gcstoptheworld || stress_enabled() && cycles() & 1 == 0 {
            barrier::flush();
            while !mark::finish(usize::MAX) {}
            end(sys::nanotime());
        }
        sched::start_the_world();
    }
}
system_fn!("golift_gc_finish", gc_finish_body);

/// # Safety
/// The world is stopped, and nothing is marking.
unsafe fn begin(why: u32) {
    // SAFETY: the contract above.
    unsafe {
        crate::trace::gc_begins();
        sweep::finish();
        for i in 0..sched().allp_cap() {
            let p = sched().p(i);
            if !p.is_null() {
                (*p).mcache.flush();
                (*p).mcache.taken = 0;
                sched::surrender_free_gs(p);
                (*p).mark_ns = 0;
            }
        }
        let live = counts::live();
        NOW.why.store(why, Relaxed);
        NOW.live.store(live, Relaxed);
        let objects = pages::PAGES_IN_USE.load(Relaxed) - pages::MANUAL_PAGES.load(Relaxed);
        FRAGMENTS.store((objects * pages::PAGE).saturating_sub(live), Relaxed);
        // What was allocated since the last one may all be alive and full of pointers.
        NOW.expected.store(mark::scanned_bytes() + live.saturating_sub(MARKED.load(Relaxed)), Relaxed);
        for n in [&NOW.credit, &NOW.helped, &NOW.scheduled, &NOW.idle] {
            n.store(0, Relaxed);
        }
        central::set_marking(true);
        barrier::set(true);
        let stopped = NOW.stopped.load(Relaxed);
        mark::begin(stopped);
        let now = sys::nanotime();
        NOW.marking.store(now, Relaxed);
        NOW.pauses.store(now - stopped, Relaxed);
    }
}

/// Ends marking if nothing is left to do, in a stopped world. True if the world was stopped for it.
///
/// # Safety
/// On g0 of an M with a P, in no lock; in a system function, or while no goroutine runs on this M.
pub unsafe fn try_finish() -> bool {
    // SAFETY: the contract above.
    unsafe {
        if !central::is_marking() || !WORK.seems_done() || (*current_m()).locks != 0 || !sched::try_stop_the_world() {
            return false;
        }
        stats::stop_is_for_gc();
        let stopped = sys::nanotime();
        if central::is_marking() {
            barrier::flush();
            if mark::finish(LAST_BYTES) {
                end(stopped);
            } else {
                NOW.pauses.fetch_add(sys::nanotime() - stopped, Relaxed);
            }
        }
        sched::start_the_world();
        WORK.trim();
        true
    }
}

/// Marking is over: what was not marked is dead.
///
/// # Safety
/// The world is stopped since `stopped`, and nothing is left to mark.
unsafe fn end(stopped: i64) {
    // SAFETY: the contract above.
    unsafe {
        for i in 0..sched().allp_cap() {
            let p = sched().p(i);
            if !p.is_null() {
                (*p).mcache.flush();
            }
        }
        special::process_dead();
        crate::timer::drop_unmarked(|p| mark::is_marked(p));
        profile::publish();
        if osinfo::debug().gcverify {
            verify::verify();
            mark::verify_roots();
        }
        mark::end();
        central::set_marking(false);
        barrier::set(false);
        let before = counts::live();
        let new = before.saturating_sub(NOW.live.load(Relaxed));
        let marked = mark::marked_now() + new;
        sweep::start();
        sched::free_stacks();
        MARKED.store(marked, Relaxed);
        counts::set_live(marked);
        RUNWAY.store(new, Relaxed);
        let old_goal = goal();
        set_goal();
        crate::trace::gc_ends(marked, goal());
        let spans = pages::PAGES_IN_USE.load(Relaxed);
        scavenge::set_retained(stopped, spans - pages::MANUAL_PAGES.load(Relaxed), old_goal, goal());
        let until = TRIGGER.load(Relaxed).saturating_sub(marked) / pages::PAGE;
        SWEEP_RATIO.store(1 + spans / until.max(1), Relaxed);
        let n = CYCLES.fetch_add(1, AcqRel) + 1;
        let now = sys::nanotime();
        LAST_GC.store(now, Relaxed);
        let forced = NOW.why.load(Relaxed) == FORCED;
        let pauses = NOW.pauses.fetch_add(now - stopped, Relaxed) + now - stopped;
        let helpers = [&NOW.helped, &NOW.scheduled, &NOW.idle].map(|n| n.load(Relaxed));
        stats::record_cycle(pauses, helpers.iter().sum(), now, forced);
        if osinfo::debug().gctrace > 0 {
            let at = [NOW.stopped.load(Relaxed), NOW.marking.load(Relaxed), stopped, now];
            trace(n, at, helpers, [NOW.live.load(Relaxed), before, marked], old_goal, forced);
        }
    }
}

// --- who marks ----------------------------------------------------------------------------------

/// Marks for a while; bytes that were scanned.
///
/// # Safety
/// On g0 of an M with a P, while marking goes on.
unsafe fn piece(limit: usize, ns: i64, account: &AtomicI64) -> (usize, i64) {
    // SAFETY: the contract above.
    unsafe {
        let from = sys::nanotime();
        let scanned = mark::run(limit, from + ns);
        let took = sys::nanotime() - from;
        account.fetch_add(took, Relaxed);
        (scanned, took)
    }
}

/// The scheduler is about to choose a goroutine: marks if this P has done less than its share.
///
/// # Safety
/// On g0 of an M with a P that runs no goroutine.
#[inline(always)]
pub unsafe fn scheduled_piece() {
    if central::is_marking() {
        // SAFETY: the contract above.
        unsafe { scheduled_piece_slow() }
    }
}

/// # Safety
/// As `scheduled_piece`, while marking goes on.
#[cold]
unsafe fn scheduled_piece_slow() {
    // SAFETY: the contract above.
    unsafe {
        let p = sched::getp();
        let due = (sys::nanotime() - NOW.marking.load(Relaxed)) / SHARE - (*p).mark_ns;
        if due >= LEAST_PIECE && WORK.any() {
            let (scanned, took) = piece(usize::MAX, due.min(MOST_PIECE), &NOW.scheduled);
            (*p).mark_ns += took;
            NOW.credit.fetch_add(scanned as i64, Relaxed);
        }
        try_finish();
    }
}

/// This M has nothing to run: marks a little. True if there may be something to do now.
///
/// # Safety
/// On g0 of an M with a P that runs no goroutine.
#[inline(always)]
pub unsafe fn idle_piece() -> bool {
    if !central::is_marking() {
        return false;
    }
    // SAFETY: the contract above.
    unsafe {
        if !WORK.any() {
            return try_finish();
        }
        let (scanned, _) = piece(usize::MAX, IDLE_PIECE, &NOW.idle);
        NOW.credit.fetch_add(scanned as i64, Relaxed);
        true
    }
}

/// A cache has taken `taken` bytes from the heap: marks in proportion, or sweeps.
///
/// # Safety
/// In a system function of a goroutine that is not pinned.
pub(super) unsafe fn assist(taken: usize) {
    // SAFETY: the contract above.
    unsafe {
        if !central::is_marking() {
            sweep::sweep_some(SWEEP_RATIO.load(Relaxed));
            sched::free_some_stacks();
            return;
        }
        // What is left to scan is to be done when the goal is reached.
        let left = NOW.expected.load(Relaxed).saturating_sub(mark::scanned_now()).max(ASSIST_BYTES);
        let room = goal().saturating_sub(counts::live()).max(goal() / 64);
        let share = (taken as u128 * left as u128 / room.max(1) as u128).min(left as u128) as i64;
        if NOW.credit.load(Relaxed) >= share {
            NOW.credit.fetch_sub(share, Relaxed);
        } else if WORK.any() && !is_overtaxed() {
            let (scanned, _) = piece((share as usize).max(ASSIST_BYTES), MOST_PIECE, &NOW.helped);
            NOW.credit.fetch_add(scanned as i64 - share, Relaxed);
        }
        try_finish();
    }
}

/// Helps until `n` cycles are over and their garbage is swept: 1 if that is so, 0 to be called again, 2 if finalizers or cleanups wait to
/// be run besides.
extern "C" fn gc_help_body(n: u64) -> usize {
    // SAFETY: body of a system function.
    unsafe {
        if cycles() < n && central::is_marking() {
            if WORK.any() {
                piece(usize::MAX, MOST_PIECE, &NOW.helped);
            } else if !try_finish() {
                (*sched::getg()).ret0 = 0;
                sched::yield_global()
            }
            return 0;
        }
        if !central::is_marking() && (sweep::sweep_some(SWEEP_PIECE) || sched::free_some_stacks()) {
            return 0;
        }
        1 + usize::from(special::any_ready())
    }
}
system_fn!("golift_gc_help", gc_help_body);

/// Leaf: as many cycles as will be over when the one that goes on is, if there is one.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub extern "C" fn golift_gc_under_way() -> u64 {
    let marking = central::is_marking();
    cycles() + u64::from(marking)
}

/// The line of `GODEBUG=gctrace=1`: `at` are the times at which the stops begin and end, `marking` the time that helpers, the scheduler and
/// Ms without work have spent, `bytes` what was live in the beginning and in the end, and what was marked.
///
/// # Safety
/// The world is stopped.
unsafe fn trace(n: u64, at: [i64; 4], marking: [i64; 3], bytes: [usize; 3], goal: usize, forced: bool) {
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
    ms((at[1] - at[0]) * procs);
    str("+");
    ms(marking[0]);
    str("/");
    ms(marking[1]);
    str("/");
    ms(marking[2]);
    str("+");
    ms((at[3] - at[2]) * procs);
    str(" ms cpu, ");
    int((bytes[0] >> 20) as i64);
    str("->");
    int((bytes[1] >> 20) as i64);
    str("->");
    int((bytes[2] >> 20) as i64);
    str(" MB, ");
    int((goal.min(1 << 50) >> 20) as i64);
    str(" MB goal, ");
    int((mark::stacks_bytes() >> 20) as i64);
    str(" MB stacks, ");
    int((mark::globals_bytes() >> 20) as i64);
    str(" MB globals, ");
    int(procs);
    str(" P");
    if forced {
        str(" (forced)");
    }
    str("\n");
}
