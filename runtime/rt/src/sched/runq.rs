//! The run queues of the Ps (see `local_queue`) and the global list.

use super::*;

/// Puts `gp` on `p`'s queue, to run next if `next`. Only the owner of `p` calls this.
///
/// # Safety
/// `p` is the P of this M; `gp` is runnable and in no queue.
pub unsafe fn runq_put(p: *mut P, gp: *mut G, next: bool) {
    // SAFETY: the contract above.
    unsafe {
        let (mut first, mut last, mut n) = (null_mut::<G>(), null_mut::<G>(), 0);
        (*p).runq.put(gp, next, |g| {
            (*g).sched_link = null_mut();
            if last.is_null() {
                first = g;
            } else {
                (*last).sched_link = g;
            }
            last = g;
            n += 1;
        });
        if n > 0 {
            let s = sched_mut();
            s.lock.lock();
            global_append(s, first, last, n);
            s.lock.unlock();
        }
    }
}

/// # Safety
/// The caller holds the lock of `s`; the list is of runnable goroutines in no queue.
unsafe fn global_append(s: &mut Sched, first: *mut G, last: *mut G, n: i32) {
    // SAFETY: the contract above.
    unsafe {
        if s.runq_tail.is_null() {
            s.runq_head = first;
        } else {
            (*s.runq_tail).sched_link = first;
        }
        s.runq_tail = last;
        s.runq_size.fetch_add(n, Relaxed);
    }
}

/// Appends to the global queue; `SCHED.lock` is held.
///
/// # Safety
/// The caller holds `SCHED.lock`. `gp` is runnable and in no queue.
pub unsafe fn global_put(gp: *mut G) {
    // SAFETY: the contract above.
    unsafe {
        (*gp).sched_link = null_mut();
        global_append(sched_mut(), gp, gp, 1);
    }
}

/// Takes a batch from the global queue: one to run, the rest to `p`. `SCHED.lock` is held.
///
/// # Safety
/// The caller holds `SCHED.lock`. `p` is the P of this M.
pub unsafe fn global_get(p: *mut P, max: i32) -> *mut G {
    // SAFETY: the contract above.
    unsafe {
        let s = sched_mut();
        let size = s.runq_size.load(Relaxed);
        if size == 0 {
            return null_mut();
        }
        let mut n = (size / s.gomaxprocs + 1).min(size).min(RUNQ as i32 / 2);
        if max > 0 {
            n = n.min(max);
        }
        let gp = global_pop(s);
        for _ in 1..n {
            let g1 = global_pop(s);
            if g1.is_null() {
                break;
            }
            if !(*p).runq.append(g1) {
                (*g1).sched_link = s.runq_head;
                s.runq_head = g1;
                if s.runq_tail.is_null() {
                    s.runq_tail = g1;
                }
                s.runq_size.fetch_add(1, Relaxed);
                break;
            }
        }
        gp
    }
}

/// # Safety
/// The caller holds the lock of `s`.
unsafe fn global_pop(s: &mut Sched) -> *mut G {
    // SAFETY: the contract above.
    unsafe {
        let gp = s.runq_head;
        if !gp.is_null() {
            s.runq_head = (*gp).sched_link;
            if s.runq_head.is_null() {
                s.runq_tail = null_mut();
            }
            s.runq_size.fetch_sub(1, Relaxed);
        }
        gp
    }
}

/// Steals half of `from`'s queue to `p` and returns one goroutine to run.
///
/// # Safety
/// `p` is the P of this M; `from` is a P.
pub unsafe fn runq_steal(p: *mut P, from: *mut P, steal_next: bool) -> *mut G {
    // SAFETY: the contract above.
    unsafe {
        (*p).runq.steal(&(*from).runq, steal_next, || {
            if (*from).status.load(Relaxed) == P_RUNNING {
                // Its owner will probably run it in a moment; stealing now would bounce a ping-pong pair
                // between threads.
                crate::sys::usleep(3);
            }
        })
    }
}
