//! Timers: one heap ordered by time, under one lock.
//!
//! Two kinds: *native* ones (sleeping goroutines, I/O deadlines) fire on g0; *Go* ones
//! (time.Timer, time.Ticker, AfterFunc) are handed to the timer goroutine of package runtime,
//! which runs their function. A Go timer's record is the runtime part of the Go object, so
//! it is a root while it is in the heap.

use crate::locked::Locked;
use crate::sched::{G, getg, park, ready, wait};
use crate::{netpoll, sys};
use core::ptr::null_mut;
use core::sync::atomic::{AtomicI64, AtomicU32, Ordering::*};

/// Kind of timer: wakes a sleeping goroutine.
pub const SLEEP: u32 = 0;
/// Kind of timer: an I/O deadline.
pub const DEADLINE: u32 = 1;
/// Kind of timer: one of package time.
pub const GO: u32 = 2;

/// It waits for the timer goroutine.
const QUEUED: u32 = 1;
/// The timer goroutine is about to run the function (`timerTaken` of package runtime).
const TAKEN: u32 = 2;

/// Mirrored by `runtime.rtTimer` for Go timers.
#[repr(C)]
pub struct Timer {
    /// When it fires, in nanoseconds of the monotonic clock.
    pub when: i64,
    /// Nanoseconds from one firing to the next; 0: it fires once.
    pub period: i64,
    /// Position in the heap + 1; 0 = not in the heap.
    pub slot: usize,
    /// What happens when it fires.
    pub kind: u32,
    /// Go timers: what has become of a firing, `QUEUED` or `TAKEN`. Changes under the lock; only `TAKEN` is withdrawn without.
    pub pending: AtomicU32,
    /// SLEEP: the goroutine; DEADLINE: the pollDesc; GO: the Go object.
    pub arg: usize,
    /// Changes with each stop or reset, so that a late firing is recognised.
    pub seq: usize,
    /// Next in the list of fired Go timers.
    pub fired: *mut Timer,
    /// When the firing that is handed over was due.
    pub fired_when: i64,
}
check_layout!(Timer, golift_abi::layout::TIMER, {
    when: "when",
    period: "period",
    slot: "slot",
    kind: "kind",
    pending: "pending",
    arg: "self",
    seq: "seq",
    fired: "fired",
    fired_when: "firedWhen",
});

struct Timers {
    heap: *mut *mut Timer,
    len: usize,
    cap: usize,
    fired_head: *mut Timer,
    fired_tail: *mut Timer,
    waiter: *mut G,
}
// SAFETY: goroutines and timers belong to no thread.
unsafe impl Send for Timers {}

static TIMERS: Locked<Timers> = Locked::new(Timers {
    heap: null_mut(),
    len: 0,
    cap: 0,
    fired_head: null_mut(),
    fired_tail: null_mut(),
    waiter: null_mut(),
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
    /// `i` is less than `len`.
    unsafe fn at(&self, i: usize) -> *mut Timer {
        // SAFETY: the contract above.
        unsafe { *self.heap.add(i) }
    }
    /// # Safety
    /// `i` is less than `len`.
    unsafe fn set(&mut self, i: usize, t: *mut Timer) {
        // SAFETY: the contract above.
        unsafe {
            *self.heap.add(i) = t;
            (*t).slot = i + 1;
        }
    }
    /// # Safety
    /// `i` is less than `len`.
    unsafe fn up(&mut self, mut i: usize) {
        // SAFETY: the contract above.
        unsafe {
            let t = self.at(i);
            while i > 0 {
                let p = (i - 1) / 4;
                if (*self.at(p)).when <= (*t).when {
                    break;
                }
                self.set(i, self.at(p));
                i = p;
            }
            self.set(i, t);
        }
    }
    /// # Safety
    /// `i` is less than `len`.
    unsafe fn down(&mut self, mut i: usize) {
        // SAFETY: the contract above.
        unsafe {
            let t = self.at(i);
            loop {
                let mut best = i;
                let mut w = (*t).when;
                for c in i * 4 + 1..(i * 4 + 5).min(self.len) {
                    if (*self.at(c)).when < w {
                        best = c;
                        w = (*self.at(c)).when;
                    }
                }
                if best == i {
                    break;
                }
                self.set(i, self.at(best));
                i = best;
            }
            self.set(i, t);
        }
    }
    /// # Safety
    /// `t` is not in the heap and lives until it leaves it.
    unsafe fn insert(&mut self, t: *mut Timer) {
        // SAFETY: the contract above.
        unsafe {
            if self.len == self.cap {
                let cap = (self.cap * 2).max(512);
                let new = sys::map(cap * 8) as *mut *mut Timer;
                if new.is_null() {
                    crate::traceback::throw("out of memory (timers)");
                }
                core::ptr::copy_nonoverlapping(self.heap, new, self.len);
                if self.cap != 0 {
                    sys::unmap(self.heap as usize, self.cap * 8);
                }
                self.heap = new;
                self.cap = cap;
            }
            let i = self.len;
            self.len += 1;
            self.set(i, t);
            self.up(i);
            self.publish();
        }
    }
    /// # Safety
    /// `t` is in the heap.
    unsafe fn remove(&mut self, t: *mut Timer) {
        // SAFETY: the contract above.
        unsafe {
            let i = (*t).slot - 1;
            (*t).slot = 0;
            self.len -= 1;
            if i != self.len {
                let last = self.at(self.len);
                self.set(i, last);
                self.down(i);
                self.up((*last).slot - 1);
            }
            self.publish();
        }
    }
    /// # Safety
    /// The timers in the heap are alive.
    unsafe fn publish(&self) {
        // SAFETY: the contract above.
        unsafe {
            NEXT.store(if self.len == 0 { 0 } else { (*self.at(0)).when.max(1) }, Release);
        }
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
        while ts.len > 0 && (*ts.at(0)).when <= now {
            let t = ts.at(0);
            let when = (*t).when;
            if (*t).period > 0 {
                (*t).when = next_firing(when, (*t).period, now);
                ts.down(0);
            } else {
                ts.remove(t);
            }
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

/// When a periodic timer fires again, which was due at `when`: after `now`. What no clock reaches is never.
fn next_firing(when: i64, period: i64, now: i64) -> i64 {
    let periods = 1 + (now - when) / period;
    when.saturating_add(period.saturating_mul(periods))
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
        let now = sys::nanotime();
        let when = now.saturating_add(ns);
        netpoll::init_once();
        let mut ts = TIMERS.lock();
        arm_locked(&mut ts, t, when, 0);
        // The lock is released after the goroutine has left its thread; the M that parks it
        // looks at the timers itself before it sleeps, others are told here.
        netpoll::wake_for(when);
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
            netpoll::wake_for(when);
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
        *out = (*t).seq as i64;
        *out.add(1) = (*t).fired_when;
        drop(ts);
        (*t).arg
    }
}
system_fn!("golift_timer_next", timer_next_body);

/// Go timers in the heap or fired are roots. World stopped.
///
/// # Safety
/// The world is stopped.
pub unsafe fn for_each_root(mut f: impl FnMut(usize)) {
    // SAFETY: the contract above.
    unsafe {
        let ts = TIMERS.lock();
        for i in 0..ts.len {
            let t = ts.at(i);
            if (*t).kind == GO {
                f((*t).arg);
            }
        }
        let mut t = ts.fired_head;
        while !t.is_null() {
            f((*t).arg);
            t = (*t).fired;
        }
    }
}

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

#[cfg(test)]
mod tests {
    use super::next_firing;

    #[test]
    fn periodic_timers_skip_what_they_missed() {
        assert_eq!(next_firing(100, 10, 100), 110);
        assert_eq!(next_firing(100, 10, 109), 110);
        assert_eq!(next_firing(100, 10, 110), 120);
        assert_eq!(next_firing(100, 10, 1234), 1240);
    }

    #[test]
    fn a_period_beyond_all_clocks_does_not_overflow() {
        assert_eq!(next_firing(100, i64::MAX, 100), i64::MAX);
        assert_eq!(next_firing(1, i64::MAX / 2, i64::MAX - 1), i64::MAX);
    }
}
