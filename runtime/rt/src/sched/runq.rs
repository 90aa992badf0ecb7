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
            sched().lists.lock().global_append(first, last, n);
        }
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
