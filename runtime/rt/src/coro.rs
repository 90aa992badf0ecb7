//! Coroutines (`iter.Pull`): a goroutine that runs only by direct hand-over.

use crate::arch::{self, current_m};
use crate::sched::{self, *};
use core::sync::atomic::Ordering::*;

/// Head of `runtime.coro`: the goroutine that waits on this coroutine.
#[repr(C)]
pub struct Coro {
    /// The goroutine that waits to go on in it.
    pub gp: *mut G,
}

/// Creates the coroutine's goroutine, waiting, with body `fnv`.
extern "C" fn newcoro_body(fnv: usize, pc: usize) -> *mut G {
    // SAFETY: body of a system function.
    unsafe {
        let gp = create(fnv, pc, getg(), false, G_WAITING);
        (*gp).wait_reason = wait::COROUTINE;
        gp
    }
}
system_fn!("golift_newcoro", newcoro_body);

/// The time slice goes over to `gp`.
///
/// # Safety
/// In the body of a system function whose goroutine is off its M; `gp` waits in a coroutine.
unsafe fn switch_to(gp: *mut G) -> ! {
    // SAFETY: the contract above.
    unsafe {
        let m = current_m();
        crate::gc::mark::before_running(gp);
        if (*gp).status.swap(G_RUNNING, AcqRel) != G_WAITING {
            crate::traceback::throw("coroswitch on exited coro");
        }
        (*gp).held = [0; 2];
        (*m).curg = gp;
        (*gp).m = m;
        sched::preempt::begin(gp, true);
        arch::golift_gogo(gp)
    }
}

extern "C" fn coroswitch_body(c: *mut Coro) {
    // SAFETY: `c` holds the goroutine to run next; the caller takes its place.
    unsafe {
        let m = current_m();
        let me = (*m).curg;
        let next = (*c).gp;
        if next.is_null() {
            crate::traceback::throw("coroswitch on exited coro");
        }
        crate::trace::switches(next, false);
        (*c).gp = me;
        (*me).wait_reason = wait::COROUTINE;
        (*me).held = [c as usize, 0];
        (*me).m = core::ptr::null_mut();
        (*me).status.store(G_WAITING, Release);
        // Within a bubble one goroutine blocks and another one goes on: nothing changes.
        let (from, to) = ((*me).bubble, (*next).bubble);
        if from != to {
            if !to.is_null() {
                (*to).unblocked();
            }
            if !from.is_null() {
                (*from).blocks();
                wake((*from).settled());
            }
        }
        switch_to(next)
    }
}
system_fn!("golift_coroswitch", coroswitch_body);

/// The coroutine's goroutine ends and the one that waits goes on.
extern "C" fn coroexit_body(c: *mut Coro) {
    // SAFETY: as above.
    unsafe {
        let next = (*c).gp;
        (*c).gp = core::ptr::null_mut();
        let bubble = (*next).bubble;
        if !bubble.is_null() {
            (*bubble).unblocked();
        }
        crate::trace::switches(next, true);
        retire(getg());
        switch_to(next)
    }
}
system_fn!("golift_coroexit", coroexit_body);
