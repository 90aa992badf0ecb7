//! Who sleeps and who looks for work: the counts that keep enough threads awake, and not too many.
//!
//! **Problem.** Who makes work should wake a thread only if a P is idle and nobody looks for work already, without
//! a lock; yet work must not lie in a queue while the last one who looked goes to sleep.
//!
//! **Protocol.** The maker publishes the work, passes a full fence (`LocalQueue::put` ends with one, and so does
//! unlocking the global queue), and then reads the counts (`claim`). Who looked in vain first leaves the count of
//! spinners, passes a full fence, and then looks once more (`stop_spinning`). One of the two sees the
//! other: either the maker finds no spinner, or the spinner finds the work.
//!
//! Who finds work but no idle P for it leaves word ([`Idle::want_spinner`], under the scheduler's lock): the next thread
//! that would give up its P, also under that lock, looks once more instead. Such a thread may have looked before the work was
//! there and without counting as a spinner, so nothing else would tell it.
//!
//! A thread that is woken this way counts as a spinner from the moment it is claimed, so one
//! maker's claim keeps the next from waking another thread; a spinner that found work claims a successor.

use crate::sync::AtomicI32;
use crate::sync::Ordering::*;
use crate::sync::fence_after_rmw;

/// The counts; see the module.
pub struct Idle {
    /// Ps in the idle list; changes under the scheduler's lock.
    ps: AtomicI32,
    /// Threads that look for work, with those claimed.
    spinning: AtomicI32,
    /// 1: work was found, but no idle P. Set under the scheduler's lock.
    wanted: AtomicI32,
}

impl Idle {
    /// Nobody is idle.
    #[cfg(not(model))]
    pub const fn new() -> Self {
        Idle { ps: AtomicI32::new(0), spinning: AtomicI32::new(0), wanted: AtomicI32::new(0) }
    }
    #[cfg(model)]
    pub fn new() -> Self {
        Idle { ps: AtomicI32::new(0), spinning: AtomicI32::new(0), wanted: AtomicI32::new(0) }
    }

    /// Idle Ps.
    pub fn ps(&self) -> i32 {
        self.ps.load(Acquire)
    }
    /// Threads that look for work.
    pub fn spinning(&self) -> i32 {
        self.spinning.load(Acquire)
    }
    /// A P became idle. Under the scheduler's lock.
    pub fn add_p(&self) {
        self.ps.fetch_add(1, AcqRel);
    }
    /// An idle P was taken. Under the scheduler's lock.
    pub fn remove_p(&self) {
        self.ps.fetch_sub(1, AcqRel);
    }
    /// World stopped.
    pub fn reset_ps(&self) {
        self.ps.store(0, Relaxed);
    }

    /// After work was published: true if a thread is to be woken, which counts as spinning from now on.
    #[inline]
    #[must_use]
    pub fn claim(&self) -> bool {
        self.ps() != 0 && self.claim_spinner()
    }
    /// The same, whether a P is idle or not.
    #[inline]
    #[must_use]
    pub fn claim_spinner(&self) -> bool {
        self.spinning() == 0 && self.spinning.compare_exchange(0, 1, AcqRel, Relaxed).is_ok()
    }

    /// The calling thread looks for work from now on.
    pub fn start_spinning(&self) {
        self.spinning.fetch_add(1, AcqRel);
        self.wanted.store(0, Relaxed);
    }
    /// There is work that no idle P can take. The scheduler's lock is held.
    pub fn want_spinner(&self) {
        self.wanted.store(1, Relaxed);
    }
    /// Asked by who is about to give up its P without having counted as a spinner; the scheduler's lock is held.
    pub fn spinner_wanted(&self) -> bool {
        self.wanted.load(Relaxed) != 0
    }
    /// It found some, or a claim came to nothing. False if nobody was spinning, a bug.
    #[must_use]
    pub fn end_spinning(&self) -> bool {
        self.spinning.fetch_sub(1, AcqRel) > 0
    }
    /// It found none, has no P any more, and is about to sleep: true if there is work after all.
    pub fn stop_spinning(&self, any_work: impl FnOnce() -> bool) -> bool {
        self.spinning.fetch_sub(1, AcqRel);
        fence_after_rmw();
        any_work()
    }
}

impl Default for Idle {
    fn default() -> Self {
        Self::new()
    }
}
