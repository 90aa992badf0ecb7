//! Who sleeps at the network poller, and until when.
//!
//! **Problem.** One idle thread at a time sleeps in `epoll_wait`, until an event, the first timer, or a wake-up. Who adds a timer
//! must wake it if it would sleep too long, without a lock, and had better not if it would not.
//!
//! **Protocol.** Who adds a timer publishes the time of the first one, passes a full fence, and asks [`Poller::concerned`]. Who is about to sleep
//! takes the place ([`Poller::begin`], a read-modify-write), and then writes down how long it will sleep and reads the time of the first timer
//! *again*, until both agree ([`Poller::settle`]): it sleeps exactly as long as it says. So either the one who adds sees the other,
//! and for how long it sleeps, or that one sees the new timer.
//!
//! What is written down must be neither too early (nobody would wake the thread, though it sleeps longer) nor from before the last look at
//! the timers. A timer may also go away meanwhile; the thread then sleeps longer, and must say so.

use crate::sync::AtomicI64;
use crate::sync::Ordering::*;
use crate::sync::{fence, fence_after_rmw};

/// See the module.
pub struct Poller {
    /// When the network was polled last; 0: a thread is at it.
    last: AtomicI64,
    /// Until when that thread sleeps; 0: for ever, or it has not decided.
    until: AtomicI64,
}

/// Whom a new timer concerns.
#[derive(Debug, PartialEq, Eq)]
pub enum Concerned {
    /// The thread that sleeps: it sleeps too long.
    Sleeper,
    /// Any idle thread: nobody sleeps there.
    Idle,
    /// Nobody: who sleeps wakes early enough.
    Nobody,
}

impl Poller {
    /// Nobody is at it.
    #[cfg(not(model))]
    pub const fn new() -> Self {
        Poller { last: AtomicI64::new(1), until: AtomicI64::new(0) }
    }
    #[cfg(model)]
    pub fn new() -> Self {
        Poller { last: AtomicI64::new(1), until: AtomicI64::new(0) }
    }

    /// When the network was polled last; 0: a thread is at it.
    pub fn last(&self) -> i64 {
        self.last.load(Acquire)
    }
    /// The network is being polled, without sleeping.
    pub fn note(&self, last: i64, now: i64) {
        // If that fails another thread has polled, or does.
        self.last.compare_exchange(last, now, AcqRel, Relaxed).ok();
    }

    /// The caller is about to sleep; false if another thread does.
    #[must_use]
    pub fn begin(&self) -> bool {
        self.last.swap(0, AcqRel) != 0
    }
    /// After `begin`: until when to sleep; 0: for ever. `next` tells when the first timer is due, or 0.
    #[must_use]
    pub fn settle(&self, next: impl Fn() -> i64) -> i64 {
        let mut until = next();
        loop {
            self.until.swap(until, AcqRel);
            fence_after_rmw();
            let now = next();
            if now == until {
                return until;
            }
            until = now;
        }
    }
    /// After `begin`: the caller does not sleep any more.
    pub fn end(&self, now: i64) {
        self.until.store(0, Release);
        self.last.store(now, Release);
    }

    /// Asked after it was published that a timer is due at `when`.
    #[must_use]
    pub fn concerned(&self, when: i64) -> Concerned {
        fence(SeqCst);
        if self.last.load(Acquire) != 0 {
            return Concerned::Idle;
        }
        let until = self.until.load(Acquire);
        if until == 0 || until > when { Concerned::Sleeper } else { Concerned::Nobody }
    }
}

impl Default for Poller {
    fn default() -> Self {
        Self::new()
    }
}
