//! The scheduler proper: what an M does when it needs a goroutine to run.

use super::*;
use crate::arch::{self, current_m};
use crate::{gc, netpoll, signal, sys, timer, trace};
use poller::Concerned;
use runq::*;

const G0_STACK: usize = 256 << 10;
const GSIGNAL_STACK: usize = 64 << 10;

/// First code of a thread, on its g0 stack.
///
/// # Safety
/// `m` is this thread's M and the fs base points at it.
pub unsafe extern "C" fn mstart(m: *mut M) -> ! {
    // SAFETY: the contract above.
    unsafe {
        (*m).tid = sys::gettid();
        sys::sigaltstack((*m).gsignal_lo, GSIGNAL_STACK);
        crate::cpuprof::thread_starts(m);
        sys::sigmask(sys::SIG_SETMASK, (*m).sigmask);
        if (*m).id == u64::MAX {
            sysmon::run(m)
        }
        if !(*m).next_p.is_null() {
            let p = (*m).next_p;
            (*m).next_p = null_mut();
            acquire_p(p);
        }
        if (*m).p.is_null() {
            stopm();
        }
        schedule()
    }
}

/// An M with its stacks; not yet a thread.
///
/// # Safety
/// After `osinfo::init`.
pub unsafe fn alloc_m() -> *mut M {
    // SAFETY: the contract above.
    unsafe {
        let m = crate::heap::persistent::alloc(size_of::<M>(), 64) as *mut M;
        (*m).self_ = m;
        let lo = sys::map(G0_STACK + GSIGNAL_STACK + 8192) as usize;
        if lo == 0 {
            crate::traceback::throw("out of memory (thread stack)");
        }
        sys::protect_none(lo, 4096);
        sys::protect_none(lo + 4096 + GSIGNAL_STACK, 4096);
        (*m).gsignal_lo = lo + 4096;
        (*m).g0_lo = lo + 8192 + GSIGNAL_STACK;
        (*m).g0_sp = (*m).g0_lo + G0_STACK;
        (*m).rand = [crate::rand::seed64() | 1, crate::rand::seed64()];
        m
    }
}

/// # Safety
/// `m` is not in the list.
unsafe fn link_m(m: *mut M) {
    // SAFETY: the contract above.
    unsafe {
        let s = sched();
        let mut head = s.allm.load(Acquire);
        loop {
            (*m).all_link = head;
            match s.allm.compare_exchange(head, m, AcqRel, Acquire) {
                Ok(_) => return,
                Err(h) => head = h,
            }
        }
    }
}

/// Starts a thread that begins with `p` (null for sysmon, id `u64::MAX`).
///
/// # Safety
/// On an M; `p` is null or the caller's alone.
pub unsafe fn newm(p: *mut P, id: u64, spinning: bool) {
    // SAFETY: the contract above.
    unsafe {
        let m = alloc_m();
        (*m).id = id;
        (*m).next_p = p;
        (*m).spinning = spinning;
        stw::EXEC_LOCK.lock();
        link_m(m);
        let old = sys::sigmask(sys::SIG_SETMASK, !0);
        (*m).sigmask = signal::thread_mask(old);
        let mut tries = 0;
        loop {
            let r = arch::golift_clone(sys::THREAD, (*m).g0_sp, m);
            if r > 0 {
                (*m).tid = r as i32;
                break;
            }
            tries += 1;
            if r != -sys::EAGAIN || tries > 20 {
                crate::print::str("runtime: failed to create new OS thread (have ");
                crate::print::int(mcount() as i64);
                crate::print::str(" already; errno=");
                crate::print::int(-r as i64);
                crate::print::str(")\n");
                crate::traceback::throw("newosproc");
            }
            sys::usleep(tries * 1000);
        }
        sys::sigmask(sys::SIG_SETMASK, old);
        stw::EXEC_LOCK.unlock();
    }
}

/// `debug.SetMaxThreads`; the old limit.
extern "C" fn set_max_threads_body(n: i64) -> i32 {
    let mut lists = sched().lists.lock();
    let old = lists.max_m;
    lists.max_m = n.clamp(i32::MIN as i64, i32::MAX as i64) as i32;
    drop(check_mcount(lists));
    old
}
system_fn!("golift_set_max_threads", set_max_threads_body);

/// Too many threads end the program.
fn check_mcount(lists: Guard<Lists>) -> Guard<Lists> {
    if lists.mcount() > lists.max_m {
        let max = lists.max_m;
        drop(lists);
        crate::print::str("runtime: program exceeds ");
        crate::print::int(max as i64);
        crate::print::str("-thread limit\n");
        crate::traceback::throw("thread exhaustion");
    }
    lists
}

/// How many threads there are.
pub fn mcount() -> i32 {
    sched().lists.lock().mcount()
}

/// # Safety
/// `p` was taken from the idle list or handed to this M, which has none.
pub unsafe fn acquire_p(p: *mut P) {
    // SAFETY: the contract above.
    unsafe {
        keep_p(p);
        trace::proc_starts(p);
    }
}

/// The same for the P that this M had before a system call.
///
/// # Safety
/// As for `acquire_p`.
pub unsafe fn keep_p(p: *mut P) {
    // SAFETY: the contract above.
    unsafe {
        let m = current_m();
        (*m).p = p;
        (*p).m = m;
        (*p).status.store(P_RUNNING, Release);
    }
}

/// # Safety
/// This M has a P.
pub unsafe fn release_p() -> *mut P {
    // SAFETY: the contract above.
    unsafe {
        trace::proc_stops();
        let m = current_m();
        let p = (*m).p;
        (*m).p = null_mut();
        (*p).m = null_mut();
        (*p).status.store(P_IDLE, Release);
        p
    }
}

// --- threads sleep and wake -------------------------------------------------------------------

/// Sleeps until someone hands this M a P.
///
/// # Safety
/// On g0 of an M without a P.
pub unsafe fn stopm() {
    // SAFETY: the contract above.
    unsafe {
        let m = current_m();
        let s = sched();
        let mut lists = s.lists.lock();
        lists.mput(m);
        checkdead(lists);
        (*m).park.sleep();
        (*m).park.clear();
        let p = (*m).next_p;
        (*m).next_p = null_mut();
        acquire_p(p);
    }
}

/// Gives `p` (or an idle one) to an M. `spinning`: the caller counted itself in `nmspinning`
/// on behalf of that M.
///
/// # Safety
/// On an M or the monitor thread; `p` is null or the caller's alone.
pub unsafe fn startm(p: *mut P, spinning: bool) {
    // SAFETY: the contract above.
    unsafe {
        let s = sched();
        let mut lists = s.lists.lock();
        let mut p = p;
        if p.is_null() {
            p = lists.pidle_get();
            if p.is_null() {
                if spinning {
                    s.idle.want_spinner();
                }
                drop(lists);
                if spinning && !s.idle.end_spinning() {
                    crate::traceback::throw("startm: negative nmspinning");
                }
                return;
            }
        }
        let m = lists.mget();
        if m.is_null() {
            let id = lists.mnext;
            lists.mnext += 1;
            drop(check_mcount(lists));
            newm(p, id, spinning);
            return;
        }
        (*m).spinning = spinning;
        (*m).next_p = p;
        drop(lists);
        (*m).park.wakeup();
    }
}

/// Starts another M if there is an idle P and nobody looks for work already.
///
/// # Safety
/// On an M.
#[inline]
pub unsafe fn wakep() {
    // SAFETY: the contract above.
    unsafe {
        let s = sched();
        if s.idle.claim() {
            startm(null_mut(), true);
        }
    }
}

/// Finds a use for a P whose M cannot go on.
///
/// # Safety
/// `p` is the caller's alone.
pub unsafe fn handoff_p(p: *mut P) {
    // SAFETY: the contract above.
    unsafe {
        let s = sched();
        if !(*p).runq.is_empty() || s.runq_size.load(Relaxed) != 0 {
            startm(p, false);
            return;
        }
        if s.idle.ps() == 0 && s.idle.claim_spinner() {
            startm(p, true);
            return;
        }
        let mut lists = s.lists.lock();
        if s.gcwaiting.load(Acquire) != 0 {
            (*p).status.store(P_GCSTOP, Release);
            lists.stopped_one();
            drop(lists);
            return;
        }
        if s.runq_size.load(Relaxed) != 0 {
            drop(lists);
            startm(p, false);
            return;
        }
        if s.idle.ps() == s.gomaxprocs() - 1 && s.poller.last() != 0 {
            // The last running P and nobody polls the network: keep one M for that.
            drop(lists);
            startm(p, false);
            return;
        }
        (*p).status.store(P_IDLE, Release);
        lists.pidle_put(p);
        drop(lists);
        if timer::next_when() != 0 {
            netpoll::wake_for(timer::next_when());
        }
    }
}

// --- one round of scheduling -----------------------------------------------------------------

/// Runs goroutines for ever.
///
/// # Safety
/// On g0 of an M that runs no goroutine.
pub unsafe fn schedule() -> ! {
    // SAFETY: the contract above.
    unsafe {
        let m = current_m();
        if !(*m).locked_g.is_null() {
            stop_locked_m();
            execute((*m).locked_g, false)
        }
        loop {
            let (gp, inherit) = find_runnable();
            if (*m).spinning {
                reset_spinning();
            }
            if !(*gp).locked_m.is_null() && (*gp).locked_m != m {
                start_locked_m(gp);
                continue;
            }
            execute(gp, inherit)
        }
    }
}

/// # Safety
/// On g0 of an M with a P; `gp` was taken from a queue.
unsafe fn execute(gp: *mut G, inherit: bool) -> ! {
    // SAFETY: the contract above.
    unsafe {
        let m = current_m();
        gc::mark::before_running(gp);
        (*gp).held = [0; 2];
        if (*gp).status.swap(G_RUNNING, AcqRel) != G_RUNNABLE {
            crate::traceback::throw("bad g->status in execute");
        }
        (*m).curg = gp;
        (*gp).m = m;
        (*gp).wait_since = 0;
        times::runs(gp);
        trace::starts(gp);
        preempt::begin(gp, inherit);
        arch::golift_gogo(gp)
    }
}

/// # Safety
/// On g0 of an M that spins.
unsafe fn reset_spinning() {
    // SAFETY: the contract above.
    unsafe {
        let m = current_m();
        (*m).spinning = false;
        if !sched().idle.end_spinning() {
            crate::traceback::throw("findrunnable: negative nmspinning");
        }
        wakep();
    }
}

/// The M of a locked goroutine sleeps until that goroutine is runnable.
///
/// # Safety
/// On g0 of an M with a locked goroutine that does not run.
unsafe fn stop_locked_m() {
    // SAFETY: the contract above.
    unsafe {
        let m = current_m();
        if !(*m).p.is_null() {
            let p = release_p();
            handoff_p(p);
        }
        let s = sched();
        let mut lists = s.lists.lock();
        lists.nmidle_locked += 1;
        checkdead(lists);
        (*m).park.sleep();
        (*m).park.clear();
        let p = (*m).next_p;
        (*m).next_p = null_mut();
        acquire_p(p);
    }
}

/// Hands our P to the M that `gp` is locked to, and sleeps.
///
/// # Safety
/// On g0 of an M with a P; `gp` was taken from a queue and is locked to another M.
unsafe fn start_locked_m(gp: *mut G) {
    // SAFETY: the contract above.
    unsafe {
        let mp = (*gp).locked_m;
        let s = sched();
        let mut lists = s.lists.lock();
        lists.nmidle_locked -= 1;
        drop(lists);
        let p = release_p();
        (*mp).next_p = p;
        (*mp).park.wakeup();
        stopm();
    }
}

/// Blocks until there is a goroutine to run; true if it inherits the time slice.
///
/// # Safety
/// On g0 of an M with a P.
unsafe fn find_runnable() -> (*mut G, bool) {
    // SAFETY: the contract above.
    unsafe {
        let m = current_m();
        let s = sched();
        'top: loop {
            let p = (*m).p;
            if s.gcwaiting.load(Acquire) != 0 {
                gcstopm();
                continue;
            }
            gc::cycle::scheduled_piece();
            timer::check();
            if (*p).sched_tick.load(Relaxed).is_multiple_of(61) && s.runq_size.load(Relaxed) > 0 {
                let mut lists = s.lists.lock();
                let gp = lists.global_get(p, 1);
                drop(lists);
                if !gp.is_null() {
                    return (gp, false);
                }
            }
            let (gp, inherit) = (*p).runq.get();
            if !gp.is_null() {
                return (gp, inherit);
            }
            if s.runq_size.load(Relaxed) != 0 {
                let mut lists = s.lists.lock();
                let gp = lists.global_get(p, 0);
                drop(lists);
                if !gp.is_null() {
                    return (gp, false);
                }
            }
            if netpoll::any_waiters() && s.poller.last() != 0 {
                let list = netpoll::poll(0);
                if !list.is_null() {
                    let gp = list;
                    inject((*gp).sched_link);
                    trace::unblock(gp);
                    return (gp, false);
                }
            }
            // Steal; at most half of the busy Ps look for work at a time.
            if (*m).spinning || 2 * s.idle.spinning() < s.gomaxprocs() - s.idle.ps() {
                if !(*m).spinning {
                    (*m).spinning = true;
                    s.idle.start_spinning();
                }
                let gp = steal_work(p);
                if !gp.is_null() {
                    return (gp, false);
                }
                if timer::due() {
                    continue;
                }
            }
            // Idle: help the collector before going to sleep.
            if gc::cycle::idle_piece() || crate::heap::sweep::sweep_some(16) || free_some_stacks() {
                continue;
            }
            let mut lists = s.lists.lock();
            if s.gcwaiting.load(Acquire) != 0 {
                drop(lists);
                continue;
            }
            if s.runq_size.load(Relaxed) != 0 {
                let gp = lists.global_get(p, 0);
                drop(lists);
                return (gp, false);
            }
            if !(*m).spinning && s.idle.spinner_wanted() {
                (*m).spinning = true;
                s.idle.start_spinning();
                drop(lists);
                continue;
            }
            let p = release_p();
            lists.pidle_put(p);
            drop(lists);
            // Order matters: stop spinning first, then look once more, so that work which was
            // published while we spun (and so woke nobody) is not lost.
            let was_spinning = (*m).spinning;
            if was_spinning {
                (*m).spinning = false;
                if s.idle.stop_spinning(|| any_work()) {
                    let mut lists = s.lists.lock();
                    let p = lists.pidle_get();
                    if p.is_null() {
                        s.idle.want_spinner();
                    }
                    drop(lists);
                    if !p.is_null() {
                        acquire_p(p);
                        (*m).spinning = true;
                        s.idle.start_spinning();
                        continue 'top;
                    }
                }
            }
            // Wait for the network or the next timer; one M at a time does this.
            let until = timer::next_when();
            if (netpoll::any_waiters() || until != 0) && s.poller.begin() {
                let until = s.poller.settle(timer::next_when);
                let delay = if until == 0 { -1 } else { (until - sys::nanotime()).max(0) };
                let list = netpoll::poll(delay);
                s.poller.end(sys::nanotime());
                let mut lists = s.lists.lock();
                let p = lists.pidle_get();
                drop(lists);
                if p.is_null() {
                    inject(list);
                } else {
                    acquire_p(p);
                    if !list.is_null() {
                        let gp = list;
                        inject((*gp).sched_link);
                        trace::unblock(gp);
                        return (gp, false);
                    }
                    if was_spinning {
                        (*m).spinning = true;
                        s.idle.start_spinning();
                    }
                    continue 'top;
                }
            } else if until != 0 && s.poller.concerned(until) == Concerned::Sleeper {
                netpoll::wake();
            }
            stopm();
        }
    }
}

/// # Safety
/// None: Ps live for ever.
unsafe fn any_work() -> bool {
    // SAFETY: the contract above.
    unsafe {
        let s = sched();
        if s.runq_size.load(Acquire) != 0 || timer::due() {
            return true;
        }
        for i in 0..s.gomaxprocs() as usize {
            if !(*s.p(i)).runq.is_empty() {
                return true;
            }
        }
        false
    }
}

/// # Safety
/// `p` is the P of this M.
unsafe fn steal_work(p: *mut P) -> *mut G {
    // SAFETY: the contract above.
    unsafe {
        let s = sched();
        let n = s.gomaxprocs() as u32;
        for round in 0..4 {
            let start = crate::rand::cheaprand();
            for k in 0..n {
                if s.gcwaiting.load(Relaxed) != 0 {
                    return null_mut();
                }
                let p2 = s.p((start.wrapping_add(k) % n) as usize);
                if p2 == p || (*p2).status.load(Relaxed) == P_IDLE {
                    continue;
                }
                let gp = runq_steal(p, p2, round == 3);
                if !gp.is_null() {
                    return gp;
                }
            }
        }
        null_mut()
    }
}

/// Makes a list of waiting goroutines (linked by `sched_link`) runnable.
///
/// # Safety
/// The goroutines of the list wait, and nobody else holds them.
pub unsafe fn inject(list: *mut G) {
    // SAFETY: the contract above.
    unsafe {
        if list.is_null() {
            return;
        }
        let s = sched();
        let p = getp();
        let mut n = 0;
        let mut gp = list;
        let mut lists = p.is_null().then(|| s.lists.lock());
        while !gp.is_null() {
            let next = (*gp).sched_link;
            trace::unblock(gp);
            match &mut lists {
                Some(lists) => lists.global_put(gp),
                None => runq_put(p, gp, false),
            }
            gp = next;
            n += 1;
        }
        drop(lists);
        for _ in 0..n.min(s.idle.ps()) {
            if p.is_null() {
                startm(null_mut(), false);
            } else {
                wakep();
                break;
            }
        }
    }
}

// --- deadlock ------------------------------------------------------------------------------

/// Throws if no M can ever run again. Gives the lock back.
fn checkdead(mut lists: Guard<Lists>) {
    // SAFETY: Ms, Ps and goroutines live for ever.
    unsafe {
        let s = sched();
        if s.panicking.load(Relaxed) != 0 || !s.main_started.load(Relaxed) {
            return;
        }
        let run = lists.mcount() - lists.nmidle - lists.nmidle_locked - lists.nm_sys;
        if run > 0 {
            return;
        }
        if timer::next_when() != 0 {
            // A sleeping timer wakes an M by itself; make sure that one polls.
            let p = lists.pidle_get();
            if !p.is_null() {
                let m = lists.mget();
                if m.is_null() {
                    lists.pidle_put(p);
                    return;
                }
                (*m).next_p = p;
                (*m).spinning = true;
                s.idle.start_spinning();
                (*m).park.wakeup();
            }
            return;
        }
        let mut users = 0;
        for i in 0..s.allg_len.load(Acquire) {
            let gp = s.g(i);
            if (*gp).system {
                continue;
            }
            match (*gp).status.load(Acquire) {
                G_WAITING => users += 1,
                G_DEAD | G_IDLE => {}
                _ => return,
            }
        }
        drop(lists);
        if users == 0 {
            crate::traceback::fatal("no goroutines (main called runtime.Goexit) - deadlock!");
        }
        crate::traceback::fatal("all goroutines are asleep - deadlock!")
    }
}

// --- start ------------------------------------------------------------------------------------

/// Makes `n` Ps. Our M keeps or gets a P. Returns the Ps with local work, linked.
///
/// # Safety
/// The world is stopped, or has not begun.
pub unsafe fn procresize(lists: &mut Lists, n: i32) -> *mut P {
    // SAFETY: the contract above.
    unsafe {
        let s = sched();
        let old_cap = s.allp_cap();
        if n as usize > old_cap {
            let cap = n.max(64);
            let new = crate::heap::persistent::alloc(cap as usize * 8, 64) as *mut *mut P;
            for i in 0..old_cap {
                *new.add(i) = s.p(i);
            }
            // The old table is left: the monitor may still walk it.
            s.allp.store(new, Release);
            s.allp_cap.store(cap, Release);
        }
        let old = s.gomaxprocs();
        for i in 0..n {
            let mut p = s.p(i as usize);
            if p.is_null() {
                p = crate::heap::persistent::alloc(size_of::<P>(), 64) as *mut P;
                (*p).id = i;
                (*p).status = AtomicU32::new(P_GCSTOP);
                (*p).mcache.init();
                *s.allp.load(Relaxed).add(i as usize) = p;
            } else if (*p).status.load(Relaxed) == P_DEAD {
                (*p).status.store(P_GCSTOP, Relaxed);
            }
        }
        for i in n..old {
            let p = s.p(i as usize);
            loop {
                let (gp, _) = (*p).runq.get();
                if gp.is_null() {
                    break;
                }
                lists.global_put(gp);
            }
            (*p).mcache.flush();
            (*p).status.store(P_DEAD, Relaxed);
        }
        s.gomaxprocs.store(n, Release);
        let m = current_m();
        if !(*m).p.is_null() && (*(*m).p).id >= n {
            trace::proc_stops();
            (*(*m).p).m = null_mut();
            (*m).p = null_mut();
        }
        if (*m).p.is_null() {
            acquire_p(s.p(0));
        }
        (*(*m).p).status.store(P_RUNNING, Relaxed);
        lists.forget_idle_ps();
        let mut runnable = null_mut();
        for i in (0..n).rev() {
            let p = s.p(i as usize);
            if p == (*m).p {
                continue;
            }
            (*p).m = null_mut();
            (*p).status.store(P_IDLE, Relaxed);
            if (*p).runq.is_empty() {
                lists.pidle_put(p);
            } else {
                (*p).link = runnable;
                runnable = p;
            }
        }
        runnable
    }
}

/// M 0 and the first Ps exist after this.
///
/// # Safety
/// Called once, with fs base already at `m`.
pub unsafe fn schedinit(m: *mut M, procs: i32) {
    // SAFETY: the contract above.
    unsafe {
        let s = sched();
        (*m).id = 0;
        let mut lists = s.lists.lock();
        lists.mnext = 1;
        link_m(m);
        s.gomaxprocs.store(0, Relaxed);
        procresize(&mut lists, procs);
        // In gc some goroutines of the runtime have run by now. Each 61st slice takes from the global queue first, and the first one
        // must not be such: the order of a program on one P shows it.
        (*(*m).p).sched_tick.store(4, Relaxed);
    }
}

/// Leaf: package runtime tells that `main` starts: other Ms may be used now.
extern "C" fn main_started_body() {
    // SAFETY: called once by the main goroutine.
    unsafe {
        sched().main_started.store(true, Relaxed);
        let s = sched();
        let mut lists = s.lists.lock();
        lists.mnext += 1;
        lists.nm_sys += 1;
        drop(lists);
        newm(null_mut(), u64::MAX, false);
    }
}
system_fn!("golift_main_started", main_started_body);
