//! The run queues of the Ps (see `local_queue`) and the global list.

use super::*;

/// Puts `gp` on `p`'s queue, to run next if `next`. Only the owner of `p` calls this.
pub unsafe fn runq_put(p: *mut P, gp: *mut G, next: bool) {
    let (mut first, mut last, mut n) = (null_mut::<G>(), null_mut::<G>(), 0);
    (*p).runq.put(gp, next, |g| {
        // SAFETY: what the queue spills is ours.
        unsafe {
            (*g).sched_link = null_mut();
            if last.is_null() {
                first = g;
            } else {
                (*last).sched_link = g;
            }
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

unsafe fn global_append(s: &mut Sched, first: *mut G, last: *mut G, n: i32) {
    if s.runq_tail.is_null() {
        s.runq_head = first;
    } else {
        (*s.runq_tail).sched_link = first;
    }
    s.runq_tail = last;
    s.runq_size.fetch_add(n, Relaxed);
}

/// Appends to the global queue; `SCHED.lock` is held.
pub unsafe fn global_put(gp: *mut G) {
    (*gp).sched_link = null_mut();
    global_append(sched_mut(), gp, gp, 1);
}

/// Takes a batch from the global queue: one to run, the rest to `p`. `SCHED.lock` is held.
pub unsafe fn global_get(p: *mut P, max: i32) -> *mut G {
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

unsafe fn global_pop(s: &mut Sched) -> *mut G {
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

/// Steals half of `from`'s queue to `p` and returns one goroutine to run.
pub unsafe fn runq_steal(p: *mut P, from: *mut P, steal_next: bool) -> *mut G {
    (*p).runq.steal(&(*from).runq, steal_next, || {
        // SAFETY: Ps live for ever.
        if unsafe { (*from).status.load(Relaxed) } == P_RUNNING {
            // Its owner will probably run it in a moment; stealing now would bounce a ping-pong pair
            // between threads.
            crate::sys::usleep(3);
        }
    })
}
