//! `GODEBUG=schedtrace=…,scheddetail=1`: lines about the scheduler.

use super::*;
use crate::print::{int, str, uint};

/// What a line shows of something that may be missing: its number.
fn number_or_nil(n: Option<u64>) {
    match n {
        Some(n) => uint(n),
        None => str("nil"),
    }
}

/// Prints the state of the scheduler, and in detail that of all Ps, Ms and goroutines.
///
/// # Safety
/// On the monitor thread: what it reads may change meanwhile, but Ps, Ms and goroutines live for ever.
pub unsafe fn print(now: i64, detailed: bool) {
    // SAFETY: the contract above.
    unsafe {
        let s = sched();
        let lists = s.lists.lock();
        let field = |name: &str, value: i64| {
            str(name);
            int(value);
        };
        field("SCHED ", (now - s.start_ns.load(Relaxed)) / 1_000_000);
        field("ms: gomaxprocs=", s.gomaxprocs() as i64);
        field(" idleprocs=", s.idle.ps() as i64);
        field(" threads=", lists.mcount() as i64);
        field(" spinningthreads=", s.idle.spinning() as i64);
        field(" needspinning=", s.idle.spinner_wanted() as i64);
        field(" idlethreads=", lists.nmidle as i64);
        field(" runqueue=", s.runq_size.load(Relaxed) as i64);
        if !detailed {
            str(" [ ");
            for i in 0..s.gomaxprocs() as usize {
                int((*s.p(i)).runq.len() as i64);
                str(" ");
            }
            str("] schedticks=[ ");
            for i in 0..s.gomaxprocs() as usize {
                int((*s.p(i)).sched_tick.load(Relaxed) as i64);
                str(" ");
            }
            str("]\n");
            return;
        }
        let truth = |name: &str, value: bool| {
            str(name);
            str(if value { "true" } else { "false" });
        };
        truth(" gcwaiting=", s.gcwaiting.load(Relaxed) != 0);
        field(" nmidlelocked=", lists.nmidle_locked as i64);
        field(" stopwait=", lists.stopwait as i64);
        truth(" sysmonwait=", s.sysmon_wait.load(Relaxed) != 0);
        str("\n");
        for i in 0..s.gomaxprocs() as usize {
            let p = s.p(i);
            field("  P", i as i64);
            field(": status=", (*p).status.load(Relaxed) as i64);
            field(" schedtick=", (*p).sched_tick.load(Relaxed) as i64);
            field(" syscalltick=", (*p).syscall_tick.load(Relaxed) as i64);
            str(" m=");
            let m = (*p).m;
            number_or_nil((!m.is_null()).then(|| (*m).id));
            field(" runqsize=", (*p).runq.len() as i64);
            field(" gfreecnt=", (*p).gfree_n as i64);
            // All timers are in one heap.
            str(" timerslen=0\n");
        }
        let mut m = s.allm.load(Acquire);
        while !m.is_null() {
            // The monitor's has no number of its own.
            str("  M");
            int((*m).id as i64);
            str(": p=");
            let (p, gp, locked) = ((*m).p, (*m).curg, (*m).locked_g);
            number_or_nil((!p.is_null()).then(|| (*p).id as u64));
            str(" curg=");
            number_or_nil((!gp.is_null()).then(|| (*gp).goid));
            field(" mallocing=0 throwing=", (*m).dying as i64);
            field(" preemptoff= locks=", (*m).locks as i64);
            field(" dying=", (*m).dying as i64);
            truth(" spinning=", (*m).spinning);
            truth(" blocked=", p.is_null() && gp.is_null());
            str(" lockedg=");
            number_or_nil((!locked.is_null()).then(|| (*locked).goid));
            str("\n");
            m = (*m).all_link;
        }
        for i in 0..s.allg_len.load(Acquire) {
            let gp = s.g(i);
            let status = (*gp).status.load(Acquire);
            field("  G", (*gp).goid as i64);
            field(": status=", status as i64);
            str("(");
            str(WAIT_REASONS[if status == G_WAITING { (*gp).wait_reason as usize } else { 0 }]);
            str(") m=");
            let (m, locked) = ((*gp).m, (*gp).locked_m);
            number_or_nil((!m.is_null()).then(|| (*m).id));
            str(" lockedm=");
            number_or_nil((!locked.is_null()).then(|| (*locked).id));
            str("\n");
        }
    }
}
