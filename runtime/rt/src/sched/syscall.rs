//! Blocking system calls: the P stays where sysmon or a stopping world can take it.

use super::*;
use crate::arch::{self, current_m};
use crate::trace;

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
        if trace::enabled() {
            arch::on_g0(trace::syscall_begins);
        }
        (*p).syscall_tid = (*m).tid;
        (*m).old_p = p;
        (*m).syscall_tick = (*p).syscall_tick.load(Relaxed);
        (*m).p = null_mut();
        (*p).m = null_mut();
        (*p).status.store(P_SYSCALL, SeqCst);
        let s = sched();
        s.wake_monitor();
        if s.gcwaiting.load(SeqCst) != 0 {
            arch::on_g0(stop_for_world);
        }
    }
}

/// The world is being stopped: give it the P that this M has just left.
extern "C" fn stop_for_world() {
    // SAFETY: Ms and Ps live for ever.
    unsafe {
        let s = sched();
        let p = (*current_m()).old_p;
        let mut lists = s.lists.lock();
        if lists.stopwait > 0 && (*p).status.compare_exchange(P_SYSCALL, P_GCSTOP, AcqRel, Relaxed).is_ok() {
            (*p).syscall_tick.fetch_add(1, Relaxed);
            trace::proc_stolen(p);
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
            keep_p(p);
            if trace::enabled() {
                arch::on_g0(trace::syscall_ends);
            }
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
            trace::syscall_ends_blocked(gp);
            acquire_p(p);
            trace::starts(gp);
            (*p).syscall_tick.fetch_add(1, Relaxed);
            (*gp).wait_since = 0;
            (*gp).status.store(G_RUNNING, Release);
            crate::gc::mark::before_running(gp);
            clear_preempt(gp);
            return;
        }
        (*gp).wait_reason = wait::ZERO;
        // Before it leaves the thread: who begins a generation meanwhile asks for that of each goroutine in a system call.
        trace::syscall_ends_blocked(gp);
        (*m).curg = null_mut();
        (*gp).m = null_mut();
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
            trace::proc_stolen(p);
            handoff_p(p);
        }
    }
}
system_fn!("golift_handoff_syscall_p", handoff_syscall_p_body);
