//! What the scheduler's lock guards: who is idle, the global run queue, and the counts of threads.

use super::*;

/// Under the scheduler's lock.
pub struct Lists {
    /// Sleeping Ms, linked by `sched_link`.
    midle: *mut M,
    /// Their number.
    pub nmidle: i32,
    /// Sleeping Ms with a locked goroutine.
    pub nmidle_locked: i32,
    /// Number of the next M, and how many there have been.
    pub mnext: u64,
    /// Ms of the runtime itself, as the monitor.
    pub nm_sys: i32,
    /// How many Ms there may be (`debug.SetMaxThreads`).
    pub max_m: i32,
    /// Idle Ps, linked by `link`.
    pidle: *mut P,
    runq_head: *mut G,
    runq_tail: *mut G,
    /// Ps that have yet to stop.
    pub stopwait: i32,
    /// GOMAXPROCS from the next start of the world on; 0: as it is.
    pub new_procs: i32,
}

// SAFETY: Ms, Ps and goroutines belong to no thread.
unsafe impl Send for Lists {}

impl Lists {
    /// As at start.
    pub const fn new() -> Lists {
        Lists {
            midle: null_mut(),
            nmidle: 0,
            nmidle_locked: 0,
            mnext: 0,
            nm_sys: 0,
            max_m: 10000,
            pidle: null_mut(),
            runq_head: null_mut(),
            runq_tail: null_mut(),
            stopwait: 0,
            new_procs: 0,
        }
    }

    /// How many threads there are.
    pub fn mcount(&self) -> i32 {
        self.mnext as i32
    }

    /// # Safety
    /// `p` has no M and no other holder.
    pub unsafe fn pidle_put(&mut self, p: *mut P) {
        // SAFETY: the contract above.
        unsafe { (*p).link = self.pidle };
        self.pidle = p;
        times::idle_changes(sched().idle.ps());
        sched().idle.add_p();
    }
    /// An idle P to run goroutines on, or null.
    pub fn pidle_get(&mut self) -> *mut P {
        let p = self.pidle_take();
        // What it will run may compute for long while timers are due or others wait: the monitor must watch.
        if !p.is_null() {
            sched().wake_monitor();
        }
        p
    }
    /// An idle P, or null; for a world that stops.
    pub fn pidle_take(&mut self) -> *mut P {
        let p = self.pidle;
        if !p.is_null() {
            // SAFETY: what is in the list is a P.
            self.pidle = unsafe { (*p).link };
            times::idle_changes(sched().idle.ps());
            sched().idle.remove_p();
        }
        p
    }
    /// Before the Ps are dealt out anew.
    pub fn forget_idle_ps(&mut self) {
        self.pidle = null_mut();
        times::idle_changes(sched().idle.ps());
        sched().idle.reset_ps();
    }

    /// # Safety
    /// `m` is about to sleep.
    pub unsafe fn mput(&mut self, m: *mut M) {
        // SAFETY: the contract above.
        unsafe { (*m).sched_link = self.midle };
        self.midle = m;
        self.nmidle += 1;
    }
    /// A sleeping M, or null.
    pub fn mget(&mut self) -> *mut M {
        let m = self.midle;
        if !m.is_null() {
            // SAFETY: what is in the list is an M.
            self.midle = unsafe { (*m).sched_link };
            self.nmidle -= 1;
        }
        m
    }

    /// One P less has to stop; who waits for the last one is told.
    pub fn stopped_one(&mut self) {
        self.stopwait -= 1;
        if self.stopwait == 0 {
            sched().stopnote.wakeup();
        }
    }

    /// Appends `n` goroutines to the global queue.
    ///
    /// # Safety
    /// They are runnable, in no queue, and linked from `first` to `last`.
    pub unsafe fn global_append(&mut self, first: *mut G, last: *mut G, n: i32) {
        if self.runq_tail.is_null() {
            self.runq_head = first;
        } else {
            // SAFETY: what is in the queue is a goroutine.
            unsafe { (*self.runq_tail).sched_link = first };
        }
        self.runq_tail = last;
        sched().runq_size.fetch_add(n, Relaxed);
    }

    /// # Safety
    /// `gp` is runnable and in no queue.
    pub unsafe fn global_put(&mut self, gp: *mut G) {
        // SAFETY: the contract above.
        unsafe {
            (*gp).sched_link = null_mut();
            self.global_append(gp, gp, 1);
        }
    }

    /// Takes a batch from the global queue, at most `max` if that is positive: one to run, the rest to `p`.
    ///
    /// # Safety
    /// `p` is the P of this M.
    pub unsafe fn global_get(&mut self, p: *mut P, max: i32) -> *mut G {
        let s = sched();
        let size = s.runq_size.load(Relaxed);
        if size == 0 {
            return null_mut();
        }
        let mut n = (size / s.gomaxprocs() + 1).min(size).min(RUNQ as i32 / 2);
        if max > 0 {
            n = n.min(max);
        }
        let gp = self.global_pop();
        for _ in 1..n {
            let g1 = self.global_pop();
            if g1.is_null() {
                break;
            }
            // SAFETY: the contract above; `g1` is a goroutine.
            unsafe {
                if !(*p).runq.append(g1) {
                    (*g1).sched_link = self.runq_head;
                    self.runq_head = g1;
                    if self.runq_tail.is_null() {
                        self.runq_tail = g1;
                    }
                    s.runq_size.fetch_add(1, Relaxed);
                    break;
                }
            }
        }
        gp
    }

    fn global_pop(&mut self) -> *mut G {
        let gp = self.runq_head;
        if !gp.is_null() {
            // SAFETY: what is in the queue is a goroutine.
            self.runq_head = unsafe { (*gp).sched_link };
            if self.runq_head.is_null() {
                self.runq_tail = null_mut();
            }
            sched().runq_size.fetch_sub(1, Relaxed);
        }
        gp
    }
}

impl Default for Lists {
    fn default() -> Self {
        Self::new()
    }
}
