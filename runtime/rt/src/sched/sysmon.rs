//! The monitor thread: needs no P. Retakes Ps from long system calls, preempts long-running
//! goroutines, polls the network when nobody does, forces a collection every two minutes, and gives memory back to the system.

use super::*;
use crate::heap::scavenge;
use crate::{gc, netpoll, sys, timer};

const SLICE_NS: i64 = 10_000_000;

/// # Safety
/// On the monitor thread's own stack; `m` is its M.
pub unsafe fn run(_m: *mut M) -> ! {
    // SAFETY: the contract above.
    unsafe {
        let s = sched();
        let (mut idle, mut delay) = (0u32, 0u64);
        let mut last_trace = sys::nanotime();
        loop {
            if idle == 0 {
                delay = 20;
            } else if idle > 50 {
                delay *= 2;
            }
            if delay > 10_000 {
                delay = 10_000;
            }
            sys::usleep(delay);
            let mut now = sys::nanotime();
            if s.schedtrace_ms.load(Relaxed) <= 0 && (s.gcwaiting.load(Relaxed) != 0 || s.idle.ps() == s.gomaxprocs()) {
                let mut lists = s.lists.lock();
                if s.gcwaiting.load(Relaxed) != 0 || s.idle.ps() == s.gomaxprocs() {
                    let next = timer::next_when();
                    if next == 0 || next > now {
                        s.sysmon_note.clear();
                        s.sysmon_wait.store(1, Release);
                        drop(lists);
                        let mut sleep = 60_000_000_000i64;
                        for next in [next, scavenge::next_piece()] {
                            if next != 0 && next - now < sleep {
                                sleep = (next - now).max(0);
                            }
                        }
                        let woken = s.sysmon_note.sleep_for(sleep);
                        lists = s.lists.lock();
                        s.sysmon_wait.store(0, Release);
                        s.sysmon_note.clear();
                        if woken {
                            idle = 0;
                            delay = 20;
                        }
                    }
                }
                drop(lists);
                now = sys::nanotime();
            }
            let last = s.poller.last();
            if netpoll::any_waiters() && last != 0 && last + SLICE_NS < now {
                s.poller.note(last, now);
                let list = netpoll::poll(0);
                if !list.is_null() {
                    inject(list);
                }
            }
            // An overdue timer with idle Ps: somebody must look.
            let next = timer::next_when();
            if next != 0 && next + 1_000_000 < now && s.idle.ps() != 0 {
                startm(null_mut(), false);
            }
            if retake(now) != 0 {
                idle = 0;
            } else {
                idle += 1;
            }
            gc::periodic(now);
            scavenge::background(now);
            if s.schedtrace_ms.load(Relaxed) > 0 && last_trace + s.schedtrace_ms.load(Relaxed) * 1_000_000 <= now {
                last_trace = now;
                schedtrace::print(now, crate::osinfo::debug().scheddetail);
            }
        }
    }
}

/// # Safety
/// On the monitor thread.
unsafe fn retake(now: i64) -> u32 {
    // SAFETY: the contract above.
    unsafe {
        let s = sched();
        let mut n = 0;
        for i in 0..s.gomaxprocs() as usize {
            let p = s.p(i);
            if p.is_null() {
                continue;
            }
            let st = (*p).status.load(Acquire);
            // The leader of a stopped world goes on with its slice. A P in a system call has no M that could be asked.
            let mut overdue = false;
            if matches!(st, P_RUNNING | P_SYSCALL) || st == P_GCSTOP && !(*p).m.is_null() {
                let t = (*p).sched_tick.load(Relaxed);
                if (*p).mon_sched_tick != t {
                    (*p).mon_sched_tick = t;
                    (*p).mon_sched_when = now;
                } else if (*p).mon_sched_when + SLICE_NS <= now {
                    overdue = true;
                    (*p).preempt.store(1, Relaxed);
                    preempt_one(p);
                }
            }
            if st == P_SYSCALL {
                let t = (*p).syscall_tick.load(Relaxed);
                if !overdue && (*p).mon_sys_tick != t {
                    (*p).mon_sys_tick = t;
                    (*p).mon_sys_when = now;
                    continue;
                }
                if (*p).runq.is_empty() && s.idle.spinning() + s.idle.ps() > 0 && (*p).mon_sys_when + SLICE_NS > now {
                    continue;
                }
                if (*p).status.compare_exchange(P_SYSCALL, P_IDLE, AcqRel, Relaxed).is_ok() {
                    n += 1;
                    // Who has it next, this goroutine perhaps, begins a slice.
                    (*p).mon_sched_when = now;
                    (*p).syscall_tick.fetch_add(1, Relaxed);
                    crate::trace::proc_stolen(p);
                    handoff_p(p);
                }
            }
        }
        n
    }
}
