//! Blocking system calls: the P stays where sysmon or a stopping world can take it.

use super::*;
use crate::arch::current_m;

/// Tail of the assembly `golift_entersyscall`, which saved sp, fp and registers.
///
/// # Safety
/// On a goroutine stack.
pub unsafe extern "C" fn entersyscall_leaf() {
    // SAFETY: the contract above.
    unsafe {
        let m = current_m();
        let gp = (*m).curg;
        let p = (*m).p;
        (*gp).status.store(G_SYSCALL, Release);
        (*m).old_p = p;
        (*m).syscall_tick = (*p).syscall_tick.load(Relaxed);
        (*m).p = null_mut();
        (*p).m = null_mut();
        (*p).status.store(P_SYSCALL, SeqCst);
        let s = sched();
        s.wake_monitor();
        if s.gcwaiting.load(SeqCst) != 0 {
            stop_for_world(p);
        }
    }
}

/// The world is being stopped: give it the P that we have just left.
///
/// # Safety
/// `p` is the P that this M has just left.
#[cold]
unsafe fn stop_for_world(p: *mut P) {
    // SAFETY: the contract above.
    unsafe {
        let s = sched();
        let mut lists = s.lists.lock();
        if lists.stopwait > 0 && (*p).status.compare_exchange(P_SYSCALL, P_GCSTOP, AcqRel, Relaxed).is_ok() {
            (*p).syscall_tick.fetch_add(1, Relaxed);
            lists.stopped_one();
        }
        drop(lists);
    }
}

/// Leaf: true if a P could be had at once; otherwise `golift_exitsyscall_slow` must follow.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub extern "C" fn golift_exitsyscall_fast() -> u8 {
    // SAFETY: on the goroutine that entered the system call.
    unsafe {
        let m = current_m();
        let gp = (*m).curg;
        let p = (*m).old_p;
        if !p.is_null()
            && (*p).status.load(Relaxed) == P_SYSCALL
            && (*p).status.compare_exchange(P_SYSCALL, P_IDLE, AcqRel, Relaxed).is_ok()
        {
            acquire_p(p);
            (*p).syscall_tick.store((*p).syscall_tick.load(Relaxed).wrapping_add(1), Relaxed);
            (*gp).wait_since = 0;
            (*gp).status.store(G_RUNNING, Release);
            if sched().gcwaiting.load(SeqCst) != 0 {
                request_preempt(gp);
            }
            preempt::resume(gp);
            return 1;
        }
        0
    }
}

extern "C" fn exitsyscall_slow_body() {
    // SAFETY: body of a system function; the M has no P.
    unsafe {
        let m = current_m();
        let gp = (*m).curg;
        let s = sched();
        (*m).old_p = null_mut();
        let mut lists = s.lists.lock();
        let p = if s.gcwaiting.load(Acquire) != 0 { null_mut() } else { lists.pidle_get() };
        if !p.is_null() {
            drop(lists);
            acquire_p(p);
            (*p).syscall_tick.fetch_add(1, Relaxed);
            (*gp).wait_since = 0;
            (*gp).status.store(G_RUNNING, Release);
            crate::gc::mark::before_running(gp);
            clear_preempt(gp);
            return;
        }
        (*m).curg = null_mut();
        (*gp).m = null_mut();
        (*gp).wait_reason = wait::ZERO;
        (*gp).status.store(G_RUNNABLE, Release);
        lists.global_put(gp);
        drop(lists);
        if !(*m).locked_g.is_null() {
            schedule()
        }
        stopm();
        schedule()
    }
}
system_fn!("golift_exitsyscall_slow", exitsyscall_slow_body);

/// Leaf (with the P already left): gives the P away at once, for calls that surely block.
extern "C" fn handoff_syscall_p_body() {
    // SAFETY: body of a system function between enter and exit.
    unsafe {
        let p = (*current_m()).old_p;
        if !p.is_null() && (*p).status.compare_exchange(P_SYSCALL, P_IDLE, AcqRel, Relaxed).is_ok() {
            (*p).syscall_tick.fetch_add(1, Relaxed);
            handoff_p(p);
        }
    }
}
system_fn!("golift_handoff_syscall_p", handoff_syscall_p_body);
