//! `internal/synctest` for package runtime; see `sched::bubble`.

use crate::gc::special;
use crate::sched::bubble::{Bubble, Outcome};
use crate::sched::{self, *};
use crate::timer;

/// Makes the zeroed object `b` a bubble with the caller as root.
extern "C" fn bubble_begin_body(b: *mut Bubble) {
    // SAFETY: body of a system function; the caller keeps `b`.
    unsafe {
        (*b).init(getg());
        timer::bubble_begins(b)
    }
}
system_fn!("golift_bubble_begin", bubble_begin_body);

extern "C" fn bubble_end_body(b: *mut Bubble) {
    // SAFETY: as above.
    unsafe { timer::bubble_ends(b) }
}
system_fn!("golift_bubble_end", bubble_end_body);

/// Starts the main goroutine; the caller, the root, is in the bubble.
extern "C" fn bubble_main_body(b: *mut Bubble, fnv: usize, pc: usize) {
    // SAFETY: as above; `fnv` is a func value without parameters.
    unsafe {
        let gp = create(fnv, pc, getg(), false, G_RUNNABLE);
        (*b).set_main(gp);
        start(gp)
    }
}
system_fn!("golift_bubble_main", bubble_main_body);

/// Parks the root until all goroutines are blocked.
extern "C" fn bubble_idle_body(b: *mut Bubble) {
    // SAFETY: as above.
    unsafe {
        (*b).root_parks();
        park(None, wait::SYNCTEST_RUN)
    }
}
system_fn!("golift_bubble_idle", bubble_idle_body);

/// Puts the clock to the next timer. 0: the bubble is over and empty; 1: go on; 2: over, but goroutines are left; 3: all are blocked for ever.
extern "C" fn bubble_advance_body(b: *mut Bubble) -> usize {
    // SAFETY: as above; all goroutines are blocked.
    unsafe {
        let done = matches!((*b).outcome(), Outcome::Done);
        let next = timer::bubble_next(b);
        if next != 0 && !done {
            (*b).now = (*b).now.max(next);
            return 1;
        }
        match (*b).total() {
            1 => 0,
            _ if done => 2,
            _ => 3,
        }
    }
}
system_fn!("golift_bubble_advance", bubble_advance_body);

/// Parks the caller until all others are blocked; 0: another goroutine does that already.
extern "C" fn bubble_wait_body(b: *mut Bubble) -> usize {
    // SAFETY: as above.
    unsafe {
        let gp = getg();
        if !(*b).wait_begins(gp) {
            return 0;
        }
        (*gp).ret0 = 1;
        park(None, wait::SYNCTEST_WAIT)
    }
}
system_fn!("golift_bubble_wait", bubble_wait_body);

extern "C" fn bubble_waited_body(b: *mut Bubble) {
    // SAFETY: as above.
    unsafe { (*b).wait_ends() }
}
system_fn!("golift_bubble_waited", bubble_waited_body);

extern "C" fn bubble_acquire_body(b: *mut Bubble) {
    // SAFETY: as above.
    unsafe { (*b).acquire() }
}
system_fn!("golift_bubble_acquire", bubble_acquire_body);

extern "C" fn bubble_release_body(b: *mut Bubble) {
    // SAFETY: as above.
    unsafe { sched::wake((*b).release()) }
}
system_fn!("golift_bubble_release", bubble_release_body);

/// Association of the object at `p` with a bubble: 0: none, 1: bubble `id`, 2: another one. With `add` it is made if there is none.
extern "C" fn bubble_associate_body(p: usize, id: usize, add: u8) -> usize {
    // SAFETY: as above.
    unsafe {
        match special::bubble_of(p, id, add != 0) {
            0 => 0,
            other => 1 + usize::from(other != id),
        }
    }
}
system_fn!("golift_bubble_associate", bubble_associate_body);

extern "C" fn bubble_disassociate_body(p: usize) {
    // SAFETY: as above.
    unsafe { special::leave_bubble(p) }
}
system_fn!("golift_bubble_disassociate", bubble_disassociate_body);
