//! Run queues: a lock-free ring per P (one producer, many consumers), and the global list.

use super::*;

/// Puts `gp` on `p`'s queue, as `runnext` if `next`. Only the owner of `p` calls this.
pub unsafe fn runq_put(p: *mut P, gp: *mut G, next: bool) {
    let mut gp = gp;
    if next {
        let old = (*p).runnext.swap(gp, AcqRel);
        if old.is_null() {
            return;
        }
        gp = old;
    }
    loop {
        let h = (*p).runq_head.load(Acquire);
        let t = (*p).runq_tail.load(Relaxed);
        if t.wrapping_sub(h) < RUNQ as u32 {
            (*p).runq[t as usize % RUNQ].store(gp, Relaxed);
            (*p).runq_tail.store(t.wrapping_add(1), Release);
            return;
        }
        if put_slow(p, gp, h, t) {
            return;
        }
    }
}

/// Moves half of a full queue and `gp` to the global queue.
#[cold]
unsafe fn put_slow(p: *mut P, gp: *mut G, h: u32, t: u32) -> bool {
    let n = t.wrapping_sub(h) / 2;
    if n as usize != RUNQ / 2 {
        return false;
    }
    let mut batch = [null_mut::<G>(); RUNQ / 2 + 1];
    for i in 0..n {
        batch[i as usize] = (*p).runq[h.wrapping_add(i) as usize % RUNQ].load(Relaxed);
    }
    if (*p).runq_head.compare_exchange(h, h.wrapping_add(n), AcqRel, Relaxed).is_err() {
        return false;
    }
    batch[n as usize] = gp;
    for i in 0..n as usize {
        (*batch[i]).sched_link = batch[i + 1];
    }
    (*gp).sched_link = null_mut();
    let s = sched_mut();
    s.lock.lock();
    global_append(s, batch[0], gp, n as i32 + 1);
    s.lock.unlock();
    true
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
        let h = (*p).runq_head.load(Acquire);
        let t = (*p).runq_tail.load(Relaxed);
        if t.wrapping_sub(h) >= RUNQ as u32 {
            (*g1).sched_link = s.runq_head;
            s.runq_head = g1;
            if s.runq_tail.is_null() {
                s.runq_tail = g1;
            }
            s.runq_size.fetch_add(1, Relaxed);
            break;
        }
        (*p).runq[t as usize % RUNQ].store(g1, Relaxed);
        (*p).runq_tail.store(t.wrapping_add(1), Release);
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

/// Takes the next goroutine of `p`; the flag says that it inherits the time slice.
pub unsafe fn runq_get(p: *mut P) -> (*mut G, bool) {
    let next = (*p).runnext.load(Relaxed);
    // Others can only steal runnext (set it to null), never set it.
    if !next.is_null() && (*p).runnext.compare_exchange(next, null_mut(), AcqRel, Relaxed).is_ok() {
        return (next, true);
    }
    loop {
        let h = (*p).runq_head.load(Acquire);
        let t = (*p).runq_tail.load(Relaxed);
        if t == h {
            return (null_mut(), false);
        }
        let gp = (*p).runq[h as usize % RUNQ].load(Relaxed);
        if (*p).runq_head.compare_exchange(h, h.wrapping_add(1), AcqRel, Relaxed).is_ok() {
            return (gp, false);
        }
    }
}

pub unsafe fn runq_empty(p: *mut P) -> bool {
    loop {
        let h = (*p).runq_head.load(Acquire);
        let t = (*p).runq_tail.load(Acquire);
        let n = (*p).runnext.load(Acquire);
        if t == (*p).runq_tail.load(Acquire) {
            return h == t && n.is_null();
        }
    }
}

/// Steals half of `from`'s queue to `p` and returns one goroutine to run.
pub unsafe fn runq_steal(p: *mut P, from: *mut P, steal_next: bool) -> *mut G {
    let t = (*p).runq_tail.load(Relaxed);
    let n = grab(from, &(*p).runq, t, steal_next);
    if n == 0 {
        return null_mut();
    }
    let n = n - 1;
    let gp = (*p).runq[t.wrapping_add(n) as usize % RUNQ].load(Relaxed);
    if n != 0 {
        (*p).runq_tail.store(t.wrapping_add(n), Release);
    }
    gp
}

unsafe fn grab(from: *mut P, batch: &[AtomicPtr<G>; RUNQ], at: u32, steal_next: bool) -> u32 {
    loop {
        let h = (*from).runq_head.load(Acquire);
        let t = (*from).runq_tail.load(Acquire);
        let mut n = t.wrapping_sub(h);
        n -= n / 2;
        if n == 0 {
            if steal_next {
                let next = (*from).runnext.load(Acquire);
                if !next.is_null() {
                    if (*from).status.load(Relaxed) == P_RUNNING {
                        // Its owner will probably run it in a moment; stealing now would
                        // bounce a ping-pong pair between threads.
                        crate::sys::usleep(3);
                    }
                    if (*from).runnext.compare_exchange(next, null_mut(), AcqRel, Relaxed).is_err() {
                        continue;
                    }
                    batch[at as usize % RUNQ].store(next, Relaxed);
                    return 1;
                }
            }
            return 0;
        }
        if n > RUNQ as u32 / 2 {
            continue;
        }
        for i in 0..n {
            let g = (*from).runq[h.wrapping_add(i) as usize % RUNQ].load(Relaxed);
            batch[at.wrapping_add(i) as usize % RUNQ].store(g, Relaxed);
        }
        if (*from).runq_head.compare_exchange(h, h.wrapping_add(n), AcqRel, Relaxed).is_ok() {
            return n;
        }
    }
}
