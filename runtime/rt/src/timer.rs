//! Timers: one heap ordered by time, under one lock; and one more for each synctest bubble, under the same lock.
//!
//! Two kinds: *native* ones (sleeping goroutines, I/O deadlines) fire on g0; *Go* ones
//! (time.Timer, time.Ticker, AfterFunc) are handed to the timer goroutine of package runtime,
//! which runs their function. A Go timer's record is the runtime part of the Go object, so
//! it is a root while it is in the heap, unless all that it does is to send on a channel: then it goes with that channel.
//!
//! Timers of a bubble fire by the bubble's clock, on the goroutine that waits in `synctest.Run`. A timer that only sends does not move
//! that clock forward while nobody receives.

use crate::gc::barrier::golift_gc_shade;
use crate::locked::Locked;
use crate::sched::bubble::Bubble;
use crate::sched::{G, getg, park, ready, wait};
pub use crate::timer_heap::Timer;
use crate::timer_heap::{Heap, QUEUED, TAKEN};
use crate::{netpoll, sys};
use core::ptr::null_mut;
use core::sync::atomic::{AtomicI64, Ordering::*};

/// Kind of timer: wakes a sleeping goroutine.
pub const SLEEP: u32 = 0;
/// Kind of timer: an I/O deadline.
pub const DEADLINE: u32 = 1;
/// Kind of timer: one of package time.
pub const GO: u32 = 2;

struct Timers {
    heap: Heap,
    fired_head: *mut Timer,
    fired_tail: *mut Timer,
    waiter: *mut G,
    /// Bubbles that run.
    bubbles: *mut Bubble,
}
// SAFETY: goroutines, bubbles and timers belong to no thread.
unsafe impl Send for Timers {}

static TIMERS: Locked<Timers> = Locked::new(Timers {
    heap: Heap::new(),
    fired_head: null_mut(),
    fired_tail: null_mut(),
    waiter: null_mut(),
    bubbles: null_mut(),
});
/// Time of the first timer, 0 = none.
static NEXT: AtomicI64 = AtomicI64::new(0);

/// When the next timer fires; 0: there is none.
pub fn next_when() -> i64 {
    NEXT.load(Acquire)
}
/// Has a timer to fire?
pub fn due() -> bool {
    let n = NEXT.load(Acquire);
    n != 0 && n <= sys::nanotime()
}

impl Timers {
    /// # Safety
    /// `t` is not in a heap and lives until it leaves it; its bubble is set.
    unsafe fn insert(&mut self, t: *mut Timer) {
        // SAFETY: the contract above; the lock of all heaps is held.
        unsafe {
            let b = (*t).bubble;
            if b.is_null() {
                self.heap.insert(t);
                self.publish();
            } else if !(*b).ended {
                (*b).heap.insert(t);
                (*b).next.store((*b).heap.first_when(), Release);
            }
        }
    }
    /// # Safety
    /// `t` is in the heap of its bubble, or of none.
    unsafe fn remove(&mut self, t: *mut Timer) {
        // SAFETY: the contract above; the lock of all heaps is held.
        unsafe {
            let b = (*t).bubble;
            if b.is_null() {
                self.heap.remove(t);
                self.publish();
            } else {
                (*b).heap.remove(t);
                (*b).next.store((*b).heap.first_when(), Release);
            }
        }
    }
    fn publish(&self) {
        NEXT.store(self.heap.first_when(), Release);
    }
}

/// Fires what is due. On g0, with or without a P.
///
/// # Safety
/// On g0.
#[inline]
pub unsafe fn check() {
    // SAFETY: the contract above.
    unsafe {
        if due() {
            run_due();
        }
    }
}

/// # Safety
/// On g0.
#[cold]
unsafe fn run_due() {
    // SAFETY: the contract above.
    unsafe {
        let Some(mut ts) = TIMERS.try_lock() else { return };
        let now = sys::nanotime();
        let mut list: *mut G = null_mut();
        let mut tail = &raw mut list;
        while let Some((t, when)) = ts.heap.take_due(now) {
            match (*t).kind {
                SLEEP => {
                    let gp = (*t).arg as *mut G;
                    (*gp).sched_link = null_mut();
                    *tail = gp;
                    tail = &raw mut (*gp).sched_link;
                }
                DEADLINE => {
                    let gp = netpoll::deadline_fired((*t).arg, (*t).seq);
                    for gp in gp {
                        if !gp.is_null() {
                            (*gp).sched_link = null_mut();
                            *tail = gp;
                            tail = &raw mut (*gp).sched_link;
                        }
                    }
                }
                _ => {
                    if (*t).pending.fetch_or(QUEUED, AcqRel) & QUEUED == 0 {
                        // From now on it is a root.
                        golift_gc_shade((*t).arg);
                        (*t).fired_when = when;
                        (*t).fired = null_mut();
                        if ts.fired_tail.is_null() {
                            ts.fired_head = t;
                        } else {
                            (*ts.fired_tail).fired = t;
                        }
                        ts.fired_tail = t;
                    }
                }
            }
        }
        ts.publish();
        let waiter = if ts.fired_head.is_null() { null_mut() } else { core::mem::replace(&mut ts.waiter, null_mut()) };
        drop(ts);
        while !list.is_null() {
            let gp = list;
            list = (*gp).sched_link;
            ready(gp, false);
        }
        if !waiter.is_null() {
            (*waiter).ret0 = 0;
            ready(waiter, true);
        }
    }
}

/// Adds or moves a timer. The lock is taken here.
///
/// # Safety
/// `t` lives until it has fired or is disarmed.
pub unsafe fn arm(t: *mut Timer, when: i64, period: i64) {
    // SAFETY: the contract above.
    unsafe {
        let mut ts = TIMERS.lock();
        arm_locked(&mut ts, t, when, period);
        drop(ts);
        netpoll::wake_for(when);
    }
}

/// # Safety
/// `t` lives until it has fired or is disarmed.
unsafe fn arm_locked(ts: &mut Timers, t: *mut Timer, when: i64, period: i64) {
    // SAFETY: the contract above.
    unsafe {
        if (*t).slot != 0 {
            ts.remove(t);
        }
        (*t).when = if when < 0 { i64::MAX } else { when };
        (*t).period = period;
        ts.insert(t);
    }
}

/// True if the timer was in the heap.
///
/// # Safety
/// `t` is a timer.
pub unsafe fn disarm(t: *mut Timer) -> bool {
    // SAFETY: the contract above.
    unsafe {
        let mut ts = TIMERS.lock();
        let was = (*t).slot != 0;
        if was {
            ts.remove(t);
        }
        drop(ts);
        was
    }
}

extern "C" fn sleep_body(ns: i64) {
    // SAFETY: body of a system function.
    unsafe {
        if ns <= 0 {
            return;
        }
        let gp = getg();
        let t = &raw mut (*gp).sleep_timer;
        (*t).kind = SLEEP;
        (*t).arg = gp as usize;
        let b = (*gp).bubble;
        (*t).bubble = b;
        let now = if b.is_null() { sys::nanotime() } else { (*b).now };
        let when = now.saturating_add(ns);
        netpoll::init_once();
        let mut ts = TIMERS.lock();
        arm_locked(&mut ts, t, when, 0);
        if b.is_null() {
            // The lock is released after the goroutine has left its thread; the M that parks it
            // looks at the timers itself before it sleeps, others are told here.
            netpoll::wake_for(when);
        }
        park(Some(ts.keep_locked()), wait::SLEEP)
    }
}
system_fn!("golift_sleep", sleep_body);

/// Go timers: `op` 0 = stop, 1 = arm. Result: 1 if it was active (in the heap, or fired and not yet taken by the timer goroutine), and 2
/// if it was taken but not yet run. Changes `seq`, by which the timer goroutine sees that.
extern "C" fn timer_modify_body(t: *mut Timer, op: usize, when: i64, period: i64) -> usize {
    // SAFETY: `t` is the runtime part of a Go timer that the caller holds.
    unsafe {
        netpoll::init_once();
        let mut ts = TIMERS.lock();
        (*t).kind = GO;
        (*t).arg = t as usize;
        (*t).seq = (*t).seq.wrapping_add(1);
        let mut active = (*t).slot != 0;
        let pending = (*t).pending.swap(0, AcqRel);
        if pending & QUEUED != 0 {
            active = true;
            let mut link = &raw mut ts.fired_head;
            let mut prev: *mut Timer = null_mut();
            while !(*link).is_null() {
                if *link == t {
                    *link = (*t).fired;
                    if ts.fired_tail == t {
                        ts.fired_tail = prev;
                    }
                    break;
                }
                prev = *link;
                link = &raw mut (**link).fired;
            }
        }
        if op == 0 {
            if (*t).slot != 0 {
                ts.remove(t);
            }
            drop(ts);
        } else {
            arm_locked(&mut ts, t, when, period);
            drop(ts);
            if (*t).bubble.is_null() {
                netpoll::wake_for(when);
            }
        }
        active as usize | (pending & TAKEN) as usize
    }
}
system_fn!("golift_timer_modify", timer_modify_body);

/// Next fired Go timer for the timer goroutine: fills `out` = seq, due time; returns the
/// timer, or parks and returns 0.
extern "C" fn timer_next_body(out: *mut i64) -> usize {
    // SAFETY: body of a system function; `out` is on the goroutine's stack.
    unsafe {
        let mut ts = TIMERS.lock();
        let t = ts.fired_head;
        if t.is_null() {
            let gp = getg();
            (*gp).ret0 = 0;
            ts.waiter = gp;
            park(Some(ts.keep_locked()), wait::TIMER)
        }
        ts.fired_head = (*t).fired;
        if ts.fired_head.is_null() {
            ts.fired_tail = null_mut();
        }
        (*t).pending.store(TAKEN, Release);
        golift_gc_shade((*t).arg);
        *out = (*t).seq as i64;
        *out.add(1) = (*t).fired_when;
        drop(ts);
        (*t).arg
    }
}
system_fn!("golift_timer_next", timer_next_body);

/// Go timers that run a function are roots while they are in a heap; all are once they have fired.
///
/// # Safety
/// On g0.
pub unsafe fn for_each_root(mut f: impl FnMut(usize)) {
    // SAFETY: the contract above; bubbles that run are kept by their goroutines.
    unsafe {
        let ts = TIMERS.lock();
        let mut function = |t: *mut Timer| {
            if (*t).kind == GO && (*t).chan.is_null() {
                f((*t).arg);
            }
        };
        ts.heap.for_each(&mut function);
        let mut b = ts.bubbles;
        while !b.is_null() {
            (*b).heap.for_each(&mut function);
            b = (*b).link;
        }
        let mut t = ts.fired_head;
        while !t.is_null() {
            f((*t).arg);
            t = (*t).fired;
        }
    }
}

/// After marking: timers that nobody can receive from any more leave the heaps, as their memory is about to be used anew.
///
/// # Safety
/// The world is stopped, and all that lives is marked.
pub unsafe fn drop_unmarked(is_marked: impl Fn(usize) -> bool) {
    // SAFETY: the contract above; the objects are still there.
    unsafe {
        let mut ts = TIMERS.lock();
        let dead = |t: *mut Timer| (*t).kind == GO && !is_marked((*t).arg);
        ts.heap.retain(|t| !dead(t));
        ts.publish();
        let mut b = ts.bubbles;
        while !b.is_null() {
            (*b).heap.retain(|t| !dead(t));
            (*b).next.store((*b).heap.first_when(), Release);
            b = (*b).link;
        }
    }
}

// --- synctest ---------------------------------------------------------------------------------

/// The bubble `b` begins to run.
///
/// # Safety
/// `b` is new, and lives until `bubble_ends`.
pub unsafe fn bubble_begins(b: *mut Bubble) {
    // SAFETY: the contract above.
    unsafe {
        let mut ts = TIMERS.lock();
        (*b).link = ts.bubbles;
        ts.bubbles = b;
    }
}

/// The bubble's clock has stopped for ever: its timers never fire.
///
/// # Safety
/// `b` runs.
pub unsafe fn bubble_ends(b: *mut Bubble) {
    // SAFETY: the contract above.
    unsafe {
        let mut ts = TIMERS.lock();
        let mut link = &raw mut ts.bubbles;
        while !(*link).is_null() {
            if *link == b {
                *link = (*b).link;
                break;
            }
            link = &raw mut (**link).link;
        }
        (*b).ended = true;
        (*b).heap.free();
        (*b).next.store(0, Release);
    }
}

/// To when the clock of `b`, whose goroutines are all blocked, can be put; 0: nothing will ever happen.
///
/// # Safety
/// `b` runs, and its goroutines are blocked.
pub unsafe fn bubble_next(b: *mut Bubble) -> i64 {
    // SAFETY: the contract above: nobody uses the bubble's channels.
    unsafe {
        let _ts = TIMERS.lock();
        let mut next = 0;
        (*b).heap.for_each(|t| {
            let wanted = (*t).chan.is_null() || !(*(*t).chan).recvq.first.is_null();
            if wanted && (next == 0 || (*t).when < next) {
                next = (*t).when;
            }
        });
        next
    }
}

/// Next due timer of the bubble that has a function to run: fills `out` = seq, due time; 0: there is none. Sleeping goroutines that
/// are due before it are woken.
extern "C" fn bubble_timer_next_body(b: *mut Bubble, out: *mut i64) -> usize {
    // SAFETY: body of a system function; the caller keeps `b`, and `out` is on its stack.
    unsafe {
        loop {
            let ts = TIMERS.lock();
            let Some((t, when)) = (*b).heap.take_due((*b).now) else { return 0 };
            if (*t).kind == GO {
                golift_gc_shade((*t).arg);
            }
            (*b).next.store((*b).heap.first_when(), Release);
            if (*t).kind == SLEEP {
                drop(ts);
                ready((*t).arg as *mut G, false);
                continue;
            }
            (*t).pending.store(TAKEN, Release);
            *out = (*t).seq as i64;
            *out.add(1) = when;
            return (*t).arg;
        }
    }
}
system_fn!("golift_bubble_timer_next", bubble_timer_next_body);

extern "C" fn nanotime_body() -> i64 {
    sys::nanotime()
}
polled_leaf!("golift_nanotime", nanotime_body);

/// Two result words.
#[repr(C)]
pub struct WallTime {
    /// Seconds since 1970.
    pub sec: i64,
    /// Nanoseconds of the second.
    pub nsec: i64,
}
extern "C" fn walltime_body() -> WallTime {
    let (sec, nsec) = sys::walltime();
    WallTime { sec, nsec }
}
polled_leaf!("golift_walltime", walltime_body);

/// Leaf.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub extern "C" fn golift_usleep(us: u64) {
    sys::usleep(us)
}
/// Leaf.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub extern "C" fn golift_cputicks() -> u64 {
    crate::arch::cputicks()
}
