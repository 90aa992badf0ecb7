//! Bubbles of `testing/synctest`: groups of goroutines with a clock of their own, which moves when all of them are blocked.
//!
//! A goroutine of a bubble is *blocked* while it waits for what only the bubble can bring about (`golift_abi::wait::is_durable`). Who parks,
//! wakes, starts or ends such a goroutine counts it here. When none runs any more, either the goroutine in `synctest.Wait` is woken, or
//! else the one in `synctest.Run`, the bubble's root, which puts the clock forward and lets timers fire.
//!
//! **Invariants.**
//! * `running` counts the goroutines that are not blocked, the root included; `active` what else keeps the bubble from being idle: a
//!   goroutine that is about to leave its thread, one that was chosen to be woken and has not noticed, whoever holds the bubble
//!   (`internal/synctest.Acquire`).
//! * A goroutine is counted as blocked before the lock of what it waits for is released, so nobody can wake it earlier.
//! * Whom these functions return is woken by the caller, without the lock.
//! * The bubble is an object of Go, kept by its goroutines and channels; there are no pointers to objects in it.

use super::G;
use crate::locked::Locked;
use crate::timer_heap::Heap;
use core::ptr::null_mut;
use core::sync::atomic::{AtomicI64, AtomicU64, Ordering::*};

/// See the module. Package runtime declares the head.
#[repr(C)]
pub struct Bubble {
    /// Its number; written once.
    pub id: u64,
    /// The clock; written by the root while all are blocked.
    pub now: i64,
    /// Time of the first timer, 0: none; written under the timers' lock.
    pub next: AtomicI64,
    /// The goroutine in `Run`; written once.
    root: *mut G,
    /// Next of those that run; under the timers' lock.
    pub link: *mut Bubble,
    /// Its timers; under the timers' lock.
    pub heap: Heap,
    /// No timer fires any more; under the timers' lock.
    pub ended: bool,
    counts: Locked<Counts>,
}
const _: () = {
    let layout = &golift_abi::layout::BUBBLE;
    assert!(core::mem::offset_of!(Bubble, id) == layout.offset("id"));
    assert!(core::mem::offset_of!(Bubble, now) == layout.offset("now"));
    assert!(layout.fields.len() == 2 && layout.size == size_of::<Bubble>());
};

#[repr(C)]
struct Counts {
    /// All goroutines of the bubble.
    total: i32,
    running: i32,
    active: i32,
    /// Somebody is in `Wait`, or about to be.
    waiting: bool,
    /// The main goroutine has ended.
    done: bool,
    /// The goroutine in `Wait`.
    waiter: *mut G,
    /// The goroutine that `Run` started.
    main: *mut G,
}
// SAFETY: goroutines belong to no thread.
unsafe impl Send for Counts {}

static LAST_ID: AtomicU64 = AtomicU64::new(0);
/// Midnight UTC of 2000-01-01, when all clocks begin.
const BASE_TIME: i64 = 946_684_800_000_000_000;

/// What the root is to do next.
pub enum Outcome {
    /// Put the clock forward if there is a timer.
    Goes,
    /// The main goroutine has ended; others may be left.
    Done,
}

impl Counts {
    /// Whom to wake if all are blocked, or null.
    fn idle(&mut self, next: i64, now: i64, root: *mut G) -> *mut G {
        if self.running > 0 || self.active > 0 {
            return null_mut();
        }
        // Until it has noticed, nobody else is woken.
        self.active += 1;
        let due = next != 0 && next <= now;
        if due || self.waiter.is_null() { root } else { self.waiter }
    }
}

impl Bubble {
    /// In zeroed memory.
    pub fn init(&mut self, root: *mut G) {
        self.id = LAST_ID.fetch_add(1, Relaxed) + 1;
        self.now = BASE_TIME;
        self.root = root;
        let mut c = self.counts.lock();
        c.total = 1;
        c.running = 1;
        c.active = 1;
    }
    fn change(&self, f: impl FnOnce(&mut Counts)) -> *mut G {
        let mut c = self.counts.lock();
        f(&mut c);
        if c.total < 0 || c.running < 0 || c.active < 0 {
            crate::traceback::throw("synctest: negative count of goroutines");
        }
        c.idle(self.next.load(Acquire), self.now, self.root)
    }

    /// A goroutine blocks; `settled` follows when others may see that.
    pub fn blocks(&self) {
        let mut c = self.counts.lock();
        c.running -= 1;
        c.active += 1;
    }
    /// After `blocks`. Whom to wake, or null.
    #[must_use]
    pub fn settled(&self) -> *mut G {
        self.change(|c| c.active -= 1)
    }
    /// A goroutine is blocked no more.
    pub fn unblocked(&self) {
        self.counts.lock().running += 1;
    }
    /// A goroutine was made, `blocked` or not.
    pub fn created(&self, blocked: bool) {
        let mut c = self.counts.lock();
        c.total += 1;
        c.running += i32::from(!blocked);
    }
    /// `gp` has ended. Whom to wake, or null.
    #[must_use]
    pub fn ended(&self, gp: *mut G) -> *mut G {
        self.change(|c| {
            c.total -= 1;
            c.running -= 1;
            c.done |= c.main == gp;
        })
    }
    /// The bubble is held: it does not become idle.
    pub fn acquire(&self) {
        self.counts.lock().active += 1;
    }
    /// Undoes `acquire`. Whom to wake, or null.
    #[must_use]
    pub fn release(&self) -> *mut G {
        self.settled()
    }

    /// `gp` is the main goroutine.
    pub fn set_main(&self, gp: *mut G) {
        self.counts.lock().main = gp;
    }
    /// The root is about to park; it has been woken, or has just begun, and does not hold the bubble any more.
    pub fn root_parks(&self) {
        self.counts.lock().active -= 1;
    }
    /// After the root was woken.
    pub fn outcome(&self) -> Outcome {
        if self.counts.lock().done { Outcome::Done } else { Outcome::Goes }
    }
    /// Goroutines, with the root.
    pub fn total(&self) -> i32 {
        self.counts.lock().total
    }

    /// `gp` is about to park in `Wait`; false if another goroutine is there.
    #[must_use]
    pub fn wait_begins(&self, gp: *mut G) -> bool {
        let mut c = self.counts.lock();
        if c.waiting {
            return false;
        }
        c.waiting = true;
        c.waiter = gp;
        true
    }
    /// The goroutine in `Wait` was woken.
    pub fn wait_ends(&self) {
        let mut c = self.counts.lock();
        c.active -= 1;
        c.waiter = null_mut();
        c.waiting = false;
    }
}
