//! Requests to yield: who makes them, and where they are honoured.
//!
//! **Problem.** A goroutine that has run for its time slice, or that runs while the world is to be stopped, must yield
//! soon, whatever it is doing: computing, calling small functions of the runtime in a loop, making system calls,
//! collecting, or passing the time slice to and fro with another goroutine.
//!
//! **Invariant.** A request is `G.preempt`, set by whoever wants it and cleared only when the goroutine begins to run anew
//! ([`begin`]). While it is set, the goroutine yields at the next of these places at which it is not pinned
//! (`M.locks`) and has a P:
//!
//! * the stack check in front of a function: the guard is poisoned;
//! * the return of a system function, and of a leaf declared with `polled_leaf!`, which looks at `G.preempt`;
//! * the instruction of preemptible Go code at which SIGURG arrives;
//! * if SIGURG arrives in a leaf that works on the program's memory, the return of that leaf (`leaf::preempt`).
//!
//! What is none of these is short (inlined code of package runtime, other leaves) or pinned. A goroutine that is pinned or in
//! a system call keeps its request, but not the poison, which would cost it a detour at each check: the guard is poisoned
//! again when it is unpinned or comes back ([`resume`]).
//!
//! The guard is a hint: who asks and the goroutine itself may write it at the same time, so the poison may be lost. So a
//! request is repeated, signal included, until the goroutine has stopped: by the monitor with each round in which the P has
//! not begun a new time slice, by who stops the world every 100 µs.
//!
//! A time slice belongs to the P. Goroutines that wake each other and run next inherit it, and with it the request
//! (`P.preempt`). The P of the leader of a stopped world counts as running, and a P in a system call is taken
//! from it when its slice is over, however short the calls are.

use super::*;
use crate::arch::current_m;
use crate::signal;

/// Makes `gp` yield at the next place where it can.
///
/// # Safety
/// `gp` is a goroutine; these live for ever.
pub unsafe fn request_preempt(gp: *mut G) {
    // SAFETY: the contract above.
    unsafe {
        (*gp).preempt.store(1, Release);
        (*gp).stackguard.store(golift_abi::STACK_PREEMPT, Release);
    }
}

/// Withdraws the poison, but not the request.
///
/// # Safety
/// `gp` runs on this M.
unsafe fn heal_guard(gp: *mut G) {
    // SAFETY: the contract above.
    unsafe {
        (*gp).stackguard.store(((*gp).stack_lo + golift_abi::STACK_RED_ZONE as usize) as u64, Relaxed);
    }
}

/// # Safety
/// `gp` runs on this M, or does not run.
pub unsafe fn clear_preempt(gp: *mut G) {
    // SAFETY: the contract above.
    unsafe {
        (*gp).preempt.store(0, Relaxed);
        heal_guard(gp);
    }
}

/// `gp` is about to run on this M, for a time slice of its own unless it inherits one.
///
/// # Safety
/// On g0 of an M with a P that is about to continue `gp`.
pub unsafe fn begin(gp: *mut G, inherit: bool) {
    // SAFETY: the contract above.
    unsafe {
        let p = getp();
        if !inherit {
            (*p).sched_tick.store((*p).sched_tick.load(Relaxed).wrapping_add(1), Relaxed);
            (*p).preempt.store(0, Relaxed);
        }
        clear_preempt(gp);
        if (*p).preempt.load(Relaxed) != 0 || sched().gcwaiting.load(SeqCst) != 0 {
            request_preempt(gp);
        }
    }
}

/// The running goroutine is not pinned any more, or is back from a system call.
///
/// # Safety
/// `gp` runs on this M.
#[inline]
pub unsafe fn resume(gp: *mut G) {
    // SAFETY: the contract above.
    unsafe {
        if (*gp).preempt.load(Relaxed) != 0 {
            request_preempt(gp);
        }
    }
}

/// Asks the goroutine that runs on `p` to yield.
///
/// # Safety
/// `p` is a P; Ps, Ms and goroutines live for ever.
pub unsafe fn preempt_one(p: *mut P) {
    // SAFETY: the contract above.
    unsafe {
        let m = (*p).m;
        if m.is_null() || m == current_m() {
            return;
        }
        let gp = (*m).curg;
        if gp.is_null() {
            return;
        }
        request_preempt(gp);
        if !crate::osinfo::debug().asyncpreemptoff {
            signal::send_preempt(m);
        }
    }
}

/// True if the goroutine must go on: it is pinned, or in a system call.
///
/// # Safety
/// `m` is the M of this thread.
unsafe fn must_go_on(m: *mut M) -> bool {
    // SAFETY: the contract above.
    unsafe { (*m).locks > 0 || (*m).p.is_null() }
}

/// Target of the thunks for stack checks, signals and leaves.
extern "C" fn preempt_yield_body() {
    // SAFETY: body of a system function.
    unsafe {
        if must_go_on(current_m()) {
            return heal_guard(getg());
        }
        yield_global()
    }
}
system_fn!("golift_preempt_yield", preempt_yield_body, unpolled);

/// The result words of a system function.
#[repr(C)]
pub struct Results(usize, usize);

/// At the end of a system function whose goroutine has been asked to yield: as if the function had parked.
///
/// # Safety
/// On g0, after the body of a system function.
pub unsafe extern "C" fn preempt_at_return(ret0: usize, ret1: usize) -> Results {
    // SAFETY: the contract above.
    unsafe {
        let gp = getg();
        if must_go_on(current_m()) {
            heal_guard(gp);
            return Results(ret0, ret1);
        }
        (*gp).ret0 = ret0;
        (*gp).ret1 = ret1;
        yield_global()
    }
}
