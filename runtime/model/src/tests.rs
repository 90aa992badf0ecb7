//! The models.

use crate::idle::Idle;
use crate::local_queue::LocalQueue;
use crate::lock::{Mutex, Note};
use crate::poller::{Concerned, Poller};
use loom::cell::UnsafeCell;
use loom::sync::Arc;
use loom::sync::atomic::AtomicI64;
use loom::sync::atomic::Ordering::*;
use loom::thread;

/// Entries are numbers in disguise.
type Queue = LocalQueue<u8, 4>;

fn entry(n: usize) -> *mut u8 {
    std::ptr::without_provenance_mut(n)
}

/// Runs `f` under all interleavings with at most `preemptions` involuntary switches.
pub fn check(preemptions: usize, f: impl Fn() + Sync + Send + 'static) {
    let mut b = loom::model::Builder::new();
    b.preemption_bound = Some(preemptions);
    b.check(f);
}

fn take_all(q: &Queue, out: &mut Vec<usize>) {
    loop {
        let (x, _) = q.get();
        if x.is_null() {
            return;
        }
        out.push(x.addr());
    }
}

/// Steals once, then empties the own queue.
fn thief(from: &Queue, steal_next: bool) -> Vec<usize> {
    let own = Queue::new();
    let mut got = Vec::new();
    let x = own.steal(from, steal_next, || {});
    if !x.is_null() {
        got.push(x.addr());
    }
    take_all(&own, &mut got);
    got
}

pub fn each_once(mut got: Vec<usize>, n: usize) {
    got.sort();
    assert_eq!(got, (1..=n).collect::<Vec<_>>());
}

/// Each entry is taken exactly once, by the owner or by a thief.
#[test]
fn owner_and_thieves() {
    check(3, || {
        let q = Arc::new(Queue::new());
        let thieves: Vec<_> = (0..2)
            .map(|_| {
                let q = q.clone();
                thread::spawn(move || thief(&q, false))
            })
            .collect();
        let mut got = Vec::new();
        for n in 1..=3 {
            q.put(entry(n), false, |_| panic!("not full"));
        }
        take_all(&q, &mut got);
        for t in thieves {
            got.extend(t.join().unwrap());
        }
        take_all(&q, &mut got);
        each_once(got, 3);
    });
}

/// `next` is taken once as well, and what it displaces is not lost.
#[test]
fn next_is_stolen_once() {
    check(3, || {
        let q = Arc::new(Queue::new());
        let thieves: Vec<_> = (0..2)
            .map(|_| {
                let q = q.clone();
                thread::spawn(move || thief(&q, true))
            })
            .collect();
        let mut got = Vec::new();
        q.put(entry(1), true, |_| panic!("not full"));
        q.put(entry(2), true, |_| panic!("not full"));
        take_all(&q, &mut got);
        for t in thieves {
            got.extend(t.join().unwrap());
        }
        take_all(&q, &mut got);
        each_once(got, 2);
    });
}

/// A full queue spills, while a thief makes room or not; slots that a thief reads are not reused under it.
#[test]
fn overflow() {
    check(3, || {
        let q = Arc::new(Queue::new());
        for n in 1..=4 {
            q.put(entry(n), false, |_| panic!("not full"));
        }
        let t = {
            let q = q.clone();
            thread::spawn(move || thief(&q, false))
        };
        let mut got = Vec::new();
        for n in 5..=6 {
            q.put(entry(n), false, |x| got.push(x.addr()));
        }
        take_all(&q, &mut got);
        got.extend(t.join().unwrap());
        take_all(&q, &mut got);
        each_once(got, 6);
    });
}

/// A queue that never becomes empty never looks so, although an entry moves from `next` to the ring.
#[test]
fn never_looks_empty() {
    check(3, || {
        let q = Arc::new(Queue::new());
        q.put(entry(1), true, |_| ());
        let t = {
            let q = q.clone();
            thread::spawn(move || assert!(!q.is_empty()))
        };
        q.put(entry(2), true, |_| ());
        assert_eq!(q.get().0, entry(2));
        t.join().unwrap();
    });
}

struct Shared {
    lock: Mutex,
    value: UnsafeCell<u32>,
}
// SAFETY: `value` is used under the lock only, which loom verifies.
unsafe impl Sync for Shared {}
// SAFETY: nothing is bound to a thread.
unsafe impl Send for Shared {}

impl Shared {
    fn add(&self) {
        self.lock.lock();
        self.value.with_mut(|v| {
            // SAFETY: the lock is held.
            unsafe { *v += 1 }
        });
        self.lock.unlock();
    }
}

/// The lock excludes, publishes, and wakes its sleepers.
#[test]
fn mutex() {
    check(3, || {
        let s = Arc::new(Shared { lock: Mutex::new(), value: UnsafeCell::new(0) });
        let threads: Vec<_> = (0..2)
            .map(|_| {
                let s = s.clone();
                thread::spawn(move || s.add())
            })
            .collect();
        s.add();
        for t in threads {
            t.join().unwrap();
        }
        // SAFETY: all others have ended.
        s.value.with(|v| assert_eq!(unsafe { *v }, 3));
    });
}

/// A note wakes its sleeper, whoever comes first, and can be used again.
#[test]
fn note() {
    check(3, || {
        let n = Arc::new((Note::new(), Note::new()));
        let t = {
            let n = n.clone();
            thread::spawn(move || {
                n.0.wakeup();
                n.1.sleep();
            })
        };
        n.0.sleep();
        n.0.clear();
        n.1.wakeup();
        t.join().unwrap();
    });
}

/// What `find_runnable`, `stopm`, `startm` and `wakep` do with a P, reduced to one P that may be idle.
struct World {
    idle: Idle,
    /// The maker's queue, and the one of the P that sleeps or looks for work.
    work: Queue,
    own: Queue,
    /// Guards `free`.
    lock: Mutex,
    /// The P is in the idle list.
    free: UnsafeCell<bool>,
    park: Note,
}
// SAFETY: `free` is used under the lock only.
unsafe impl Sync for World {}
// SAFETY: nothing is bound to a thread.
unsafe impl Send for World {}

impl World {
    fn new(spinning: bool) -> World {
        let w = World {
            idle: Idle::new(),
            work: Queue::new(),
            own: Queue::new(),
            lock: Mutex::new(),
            free: UnsafeCell::new(false),
            park: Note::new(),
        };
        if spinning {
            w.idle.start_spinning();
        }
        w
    }
    fn put_p(&self) {
        self.lock.lock();
        // SAFETY: the lock is held.
        self.free.with_mut(|f| unsafe { *f = true });
        self.idle.add_p();
        self.lock.unlock();
    }
    fn get_p(&self) -> bool {
        self.lock.lock();
        // SAFETY: the lock is held.
        let got = self.free.with_mut(|f| unsafe { std::mem::replace(&mut *f, false) });
        if got {
            self.idle.remove_p();
        }
        self.lock.unlock();
        got
    }
    /// The maker of work, which never looks at its queue again.
    fn make(&self, n: usize, as_next: bool) {
        self.work.put(entry(n), as_next, |_| panic!("not full"));
        if self.idle.claim() {
            if self.get_p() {
                self.park.wakeup();
            } else {
                assert!(self.idle.end_spinning());
            }
        }
    }
    /// A thread that counts as spinning and has the P: returns with `n` entries, or sleeps for ever.
    fn look(&self, n: usize) {
        let mut got = 0;
        loop {
            let x = self.own.steal(&self.work, true, || {});
            if !x.is_null() {
                got += 1;
                assert!(self.own.get().0.is_null());
                if got == n {
                    assert!(self.idle.end_spinning());
                    return;
                }
                continue;
            }
            self.put_p();
            if self.idle.stop_spinning(|| !self.work.is_empty()) && self.get_p() {
                self.idle.start_spinning();
                continue;
            }
            self.park.sleep();
            self.park.clear();
        }
    }
}

fn no_lost_wakeup(preemptions: usize, as_next: bool, n: usize) {
    check(preemptions, move || {
        let w = Arc::new(World::new(true));
        let t = {
            let w = w.clone();
            thread::spawn(move || w.look(n))
        };
        for i in 1..=n {
            w.make(i, as_next);
        }
        // Loom reports a deadlock if the thread sleeps for ever.
        t.join().unwrap();
        assert_eq!(w.idle.spinning(), 0);
    });
}

#[test]
fn no_lost_wakeup_next() {
    no_lost_wakeup(3, true, 1);
}

#[test]
fn no_lost_wakeup_ring() {
    no_lost_wakeup(3, false, 1);
}

#[test]
fn no_lost_wakeup_twice() {
    no_lost_wakeup(2, false, 2);
}

/// Who sleeps at the poller is woken by who adds a timer, unless it sleeps no longer than that anyway. Timers also go away meanwhile: the
/// thread must not rely on having written down an earlier time than it sleeps for.
fn timer_added(first: i64, and_then: &'static [i64]) {
    check(4, move || {
        // What `timer::next_when` tells.
        let next = Arc::new(AtomicI64::new(first));
        let poller = Arc::new(Poller::new());
        let sleeper = {
            let (next, poller) = (next.clone(), poller.clone());
            thread::spawn(move || {
                assert!(poller.begin());
                poller.settle(|| next.load(Acquire))
            })
        };
        let mut told = Concerned::Nobody;
        let mut last = first;
        for &when in and_then {
            next.store(when, Release);
            if when != 0 && (last == 0 || when < last) {
                told = poller.concerned(when);
            }
            last = when;
        }
        let until = sleeper.join().unwrap();
        // `Idle` wakes an idle thread, which finds the sleeper, or sleeps there itself.
        if told == Concerned::Nobody || told == Concerned::Idle && poller.concerned(last) == Concerned::Nobody {
            assert!(until != 0 && until <= last, "sleeps until {until}, but a timer is due at {last}");
        }
    });
}

#[test]
fn a_new_timer_wakes_the_poller() {
    timer_added(0, &[5]);
    timer_added(9, &[5]);
}

#[test]
fn a_new_timer_wakes_the_poller_though_an_earlier_one_went() {
    timer_added(2, &[0, 5]);
    timer_added(2, &[9, 5]);
    timer_added(2, &[9, 0, 5]);
}
