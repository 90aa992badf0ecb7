//! A timer, and the heap of timers ordered by time. Who uses a heap holds the lock of all of them (`timer`).

use crate::chan::Hchan;
use crate::rand::cheaprand;
use crate::sched::bubble::Bubble;
use crate::sys;
use core::ptr::null_mut;
use core::sync::atomic::AtomicU32;

/// A firing waits for the timer goroutine.
pub const QUEUED: u32 = 1;
/// The timer goroutine is about to run the function (`timerTaken` of package runtime).
pub const TAKEN: u32 = 2;

const ARITY: usize = 4;

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
    /// Go timers: what has become of a firing, [`QUEUED`] or [`TAKEN`]. Changes under the lock; only `TAKEN` is withdrawn without.
    pub pending: AtomicU32,
    /// Of a sleep: the goroutine; of a deadline: the pollDesc; of a Go timer: the Go object.
    pub arg: usize,
    /// Changes with each stop or reset, so that a late firing is recognised.
    pub seq: usize,
    /// Next in the list of fired Go timers.
    pub fired: *mut Timer,
    /// When the firing that is handed over was due.
    pub fired_when: i64,
    /// The synctest bubble whose clock it goes by, or null; never changes while it is in a heap.
    pub bubble: *mut Bubble,
    /// Go timers: the channel, if all that the function does is to send on it.
    pub chan: *mut Hchan,
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
    bubble: "bubble",
    chan: "ch",
});

/// A heap of timers.
#[repr(C)]
pub struct Heap {
    items: *mut *mut Timer,
    len: usize,
    cap: usize,
}

impl Default for Heap {
    fn default() -> Self {
        Self::new()
    }
}

impl Heap {
    /// Empty.
    pub const fn new() -> Heap {
        Heap { items: null_mut(), len: 0, cap: 0 }
    }
    /// When the first timer is due, 0: there is none.
    pub fn first_when(&self) -> i64 {
        // SAFETY: timers in the heap are alive.
        if self.len == 0 { 0 } else { unsafe { (*self.at(0)).when.max(1) } }
    }
    /// # Safety
    /// `i` is less than `len`.
    unsafe fn at(&self, i: usize) -> *mut Timer {
        // SAFETY: the contract above.
        unsafe { *self.items.add(i) }
    }
    /// # Safety
    /// `i` is less than `len`.
    unsafe fn set(&mut self, i: usize, t: *mut Timer) {
        // SAFETY: the contract above.
        unsafe {
            *self.items.add(i) = t;
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
                let p = (i - 1) / ARITY;
                let before = (*self.at(p)).when;
                // In a bubble many things happen at the same instant; programs shall not rely on their order.
                let tie = before == (*t).when && !(*t).bubble.is_null() && cheaprand() & 1 == 0;
                if before <= (*t).when && !tie {
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
                for c in i * ARITY + 1..(i * ARITY + ARITY + 1).min(self.len) {
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
    /// Adds `t`.
    ///
    /// # Safety
    /// `t` is not in the heap and lives until it leaves it.
    pub unsafe fn insert(&mut self, t: *mut Timer) {
        // SAFETY: the contract above.
        unsafe {
            if self.len == self.cap {
                let cap = (self.cap * 2).max(512);
                let new = sys::map(cap * 8) as *mut *mut Timer;
                if new.is_null() {
                    crate::traceback::throw("out of memory (timers)");
                }
                core::ptr::copy_nonoverlapping(self.items, new, self.len);
                if self.cap != 0 {
                    sys::unmap(self.items as usize, self.cap * 8);
                }
                self.items = new;
                self.cap = cap;
            }
            let i = self.len;
            self.len += 1;
            self.set(i, t);
            self.up(i);
        }
    }
    /// Takes `t` out.
    ///
    /// # Safety
    /// `t` is in the heap.
    pub unsafe fn remove(&mut self, t: *mut Timer) {
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
        }
    }
    /// Takes out the first timer if it is due at `now`, or sets a periodic one to the next period; with when it was due.
    ///
    /// # Safety
    /// The timers in the heap are alive.
    pub unsafe fn take_due(&mut self, now: i64) -> Option<(*mut Timer, i64)> {
        // SAFETY: the contract above.
        unsafe {
            if self.len == 0 || (*self.at(0)).when > now {
                return None;
            }
            let t = self.at(0);
            let when = (*t).when;
            if (*t).period > 0 {
                (*t).when = next_firing(when, (*t).period, now);
                self.down(0);
            } else {
                self.remove(t);
            }
            Some((t, when))
        }
    }
    /// Visits all timers.
    ///
    /// # Safety
    /// The timers in the heap are alive.
    pub unsafe fn for_each(&self, mut f: impl FnMut(*mut Timer)) {
        for i in 0..self.len {
            // SAFETY: the contract above.
            unsafe { f(self.at(i)) }
        }
    }
    /// Takes out the timers that are not to be kept.
    ///
    /// # Safety
    /// The timers in the heap are there, if not alive.
    pub unsafe fn retain(&mut self, mut keep: impl FnMut(*mut Timer) -> bool) {
        // SAFETY: the contract above.
        unsafe {
            let (all, mut kept) = (self.len, 0);
            for i in 0..all {
                let t = self.at(i);
                if keep(t) {
                    self.set(kept, t);
                    kept += 1;
                } else {
                    (*t).slot = 0;
                }
            }
            if kept == all {
                return;
            }
            self.len = kept;
            for i in (0..kept.div_ceil(ARITY)).rev() {
                self.down(i);
            }
        }
    }
    /// Empties the heap, and gives its memory back.
    ///
    /// # Safety
    /// The timers in the heap are alive.
    pub unsafe fn free(&mut self) {
        // SAFETY: the contract above.
        unsafe {
            self.retain(|_| false);
            if self.cap != 0 {
                sys::unmap(self.items as usize, self.cap * 8);
            }
            (self.items, self.cap) = (null_mut(), 0);
        }
    }
}

/// When a periodic timer fires again, which was due at `when`: after `now`. What no clock reaches is never.
fn next_firing(when: i64, period: i64, now: i64) -> i64 {
    let periods = 1 + (now - when) / period;
    when.saturating_add(period.saturating_mul(periods))
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
