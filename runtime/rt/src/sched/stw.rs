//! Stopping and starting the world; GOMAXPROCS.

use super::*;
use crate::arch::current_m;
use crate::{netpoll, signal, sys, timer, trace};

/// The leader of a stopped world: held from stop to start.
static WORLD: AtomicU32 = AtomicU32::new(0);

/// Gives up this M's P for a stopping world, and sleeps.
///
/// # Safety
/// On g0 of an M with a P.
pub unsafe fn gcstopm() {
    // SAFETY: the contract above.
    unsafe {
        let m = current_m();
        let s = sched();
        if (*m).spinning {
            (*m).spinning = false;
            if !s.idle.end_spinning() {
                crate::traceback::throw("gcstopm: negative nmspinning");
            }
        }
        let p = release_p();
        let mut lists = s.lists.lock();
        if s.gcwaiting.load(Acquire) == 0 {
            // The world has been started again meanwhile.
            lists.pidle_put(p);
            drop(lists);
            stopm();
            return;
        }
        (*p).status.store(P_GCSTOP, Release);
        lists.stopped_one();
        drop(lists);
        stopm();
    }
}

/// Tries to become the leader and stop all Ps but ours. False: another leader is at work,
/// and the caller must yield (its goroutine) and try again.
///
/// # Safety
/// On g0 of an M with a P.
#[must_use]
pub unsafe fn try_stop_the_world() -> bool {
    // SAFETY: the contract above.
    unsafe {
        if WORLD.compare_exchange(0, 1, AcqRel, Relaxed).is_err() {
            return false;
        }
        trace::stop_begins();
        crate::gc::stats::stop_begins();
        let s = sched();
        let m = current_m();
        let mut lists = s.lists.lock();
        lists.stopwait = s.gomaxprocs();
        s.stopnote.clear();
        s.gcwaiting.store(1, SeqCst);
        preempt_all();
        (*(*m).p).status.store(P_GCSTOP, Release);
        lists.stopwait -= 1;
        for i in 0..s.gomaxprocs() as usize {
            let p = s.p(i);
            if (*p).status.compare_exchange(P_SYSCALL, P_GCSTOP, AcqRel, Relaxed).is_ok() {
                (*p).syscall_tick.fetch_add(1, Relaxed);
                trace::proc_stolen(p);
                lists.stopwait -= 1;
            }
        }
        loop {
            let p = lists.pidle_take();
            if p.is_null() {
                break;
            }
            (*p).status.store(P_GCSTOP, Release);
            lists.stopwait -= 1;
        }
        let wait = lists.stopwait > 0;
        drop(lists);
        if wait {
            let mut tries = 0;
            while !s.stopnote.sleep_for(100_000) {
                preempt_all();
                tries += 1;
                if tries == 50_000 && crate::osinfo::debug().stw_timeout != 0 {
                    crate::traceback::throw("stopTheWorld: a goroutine does not stop");
                }
            }
            s.stopnote.clear();
        }
        crate::gc::stats::stop_done();
        true
    }
}

/// Asks all running goroutines to yield.
///
/// # Safety
/// The caller stops the world.
unsafe fn preempt_all() {
    // SAFETY: the contract above.
    unsafe {
        let s = sched();
        for i in 0..s.gomaxprocs() as usize {
            let p = s.p(i);
            if (*p).status.load(Acquire) == P_RUNNING {
                preempt_one(p);
            }
        }
    }
}

/// # Safety
/// After `try_stop_the_world` on this goroutine.
pub unsafe fn start_the_world() {
    // SAFETY: the contract above.
    unsafe {
        let s = sched();
        let list = netpoll::poll(0);
        let mut lists = s.lists.lock();
        let n = if lists.new_procs != 0 { lists.new_procs } else { s.gomaxprocs() };
        lists.new_procs = 0;
        let changed = n != s.gomaxprocs();
        let mut runnable = procresize(&mut lists, n);
        if changed {
            trace::procs_change(n);
        }
        trace::stop_ends();
        s.gcwaiting.store(0, SeqCst);
        s.wake_monitor();
        drop(lists);
        inject(list);
        while !runnable.is_null() {
            let p = runnable;
            runnable = (*p).link;
            startm(p, false);
        }
        crate::gc::stats::stop_ends();
        WORLD.store(0, Release);
        if timer::next_when() != 0 {
            netpoll::wake_for(timer::next_when());
        }
        wakep();
    }
}

/// Is the world stopped (by us)?
pub fn world_stopped() -> bool {
    sched().gcwaiting.load(Relaxed) != 0
}

/// Sets GOMAXPROCS to `n` if positive; returns the old value, or 0 to be called again.
extern "C" fn gomaxprocs_body(n: i64) -> usize {
    // SAFETY: body of a system function.
    unsafe {
        let s = sched();
        let old = s.gomaxprocs();
        if n <= 0 || n == old as i64 {
            return old as usize;
        }
        if !try_stop_the_world() {
            (*getg()).ret0 = 0;
            yield_global()
        }
        s.lists.lock().new_procs = n.min(1 << 10) as i32;
        start_the_world();
        old as usize
    }
}
system_fn!("golift_gomaxprocs", gomaxprocs_body);

/// Held while a thread is created, and by who needs that none is: exec, and calls on all threads.
pub static EXEC_LOCK: Mutex = Mutex::new();
/// Until `golift_after_exec` the goroutine keeps its M: others could wait for a thread to run it.
extern "C" fn before_exec_body() {
    EXEC_LOCK.lock();
    // SAFETY: the M of this thread.
    unsafe { (*current_m()).locks += 1 }
}
system_fn!("golift_before_exec", before_exec_body, unpolled);
extern "C" fn after_exec_body() {
    EXEC_LOCK.unlock();
    // SAFETY: the M of this thread.
    unsafe { (*current_m()).locks -= 1 }
}
system_fn!("golift_after_exec", after_exec_body);

/// Leaf: the M may not be preempted and blocks signals until `golift_after_fork`.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub extern "C" fn golift_before_fork() {
    // SAFETY: the M of this thread.
    unsafe {
        let m = current_m();
        (*m).locks += 1;
        (*m).sigmask = sys::sigmask(sys::SIG_SETMASK, !0);
    }
}
/// Leaf, in the parent: undoes `golift_before_fork`.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub extern "C" fn golift_after_fork() {
    // SAFETY: as above.
    unsafe {
        let m = current_m();
        sys::sigmask(sys::SIG_SETMASK, (*m).sigmask);
        (*m).locks -= 1;
        preempt::resume((*m).curg);
    }
}
/// Leaf, in the child: default signal actions, original mask.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub extern "C" fn golift_after_fork_in_child() {
    // SAFETY: as above; the child shares our memory but has its own signal actions.
    unsafe {
        signal::clear_handlers_in_child();
        sys::sigmask(sys::SIG_SETMASK, (*current_m()).sigmask);
    }
}
