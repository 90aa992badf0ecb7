//! Signals: faults become panics, SIGURG preempts, the rest goes to `os/signal` or acts as
//! the system does by default.

use crate::arch::{self, current_m};
use crate::print::{hex, int, str};
use crate::sched::{G_RUNNING, M, getg};
use crate::sys::{self, SigAction, SigInfo, UContext, reg};
use crate::{leaf, sigqueue, symtab, traceback};
use core::sync::atomic::Ordering::*;

pub const SIGQUIT: u32 = 3;
pub const SIGILL: u32 = 4;
pub const SIGTRAP: u32 = 5;
pub const SIGABRT: u32 = 6;
pub const SIGBUS: u32 = 7;
pub const SIGFPE: u32 = 8;
pub const SIGSEGV: u32 = 11;
pub const SIGPIPE: u32 = 13;
pub const SIGURG: u32 = 23;
pub const SIGPROF: u32 = 27;
const SI_USER: i32 = 0;
const SI_TKILL: i32 = -6;

/// Bytes that `golift_async_preempt` and the system stub under it need.
const PREEMPT_ROOM: usize = 1024;

pub fn init() {
    for sig in [SIGQUIT, SIGILL, SIGBUS, SIGFPE, SIGSEGV, SIGPIPE, SIGURG, SIGABRT] {
        install(sig);
    }
}

pub fn install(sig: u32) {
    let a = SigAction {
        handler: handler as *const () as usize,
        flags: sys::SA_SIGINFO | sys::SA_ONSTACK | sys::SA_RESTART | sys::SA_RESTORER,
        restorer: arch::golift_sigreturn as *const () as usize,
        mask: !0,
    };
    sys::sigaction(sig, &a, core::ptr::null_mut());
}

/// 0 = default action, 1 = ignore.
pub fn set_plain(sig: u32, handler: usize) {
    let a =
        SigAction { handler, flags: sys::SA_RESTORER, restorer: arch::golift_sigreturn as *const () as usize, mask: 0 };
    sys::sigaction(sig, &a, core::ptr::null_mut());
}

/// Handlers that a process starts with ignored stay ignored (nohup).
pub fn is_ignored(sig: u32) -> bool {
    let mut a = SigAction::default();
    sys::sigaction(sig, core::ptr::null(), &mut a);
    a.handler == 1
}

/// A new thread's mask: what the creator had, with our own signals open.
pub fn thread_mask(m: u64) -> u64 {
    m & !(1 << (SIGURG - 1) | 1 << (SIGSEGV - 1) | 1 << (SIGBUS - 1) | 1 << (SIGFPE - 1))
}

/// In a child before exec: no handler of ours may run.
pub fn clear_handlers_in_child() {
    for sig in 1..65 {
        let mut a = SigAction::default();
        sys::sigaction(sig, core::ptr::null(), &mut a);
        if a.handler == handler as *const () as usize {
            set_plain(sig, 0);
        }
    }
}

/// Asks the goroutine of `m` to yield wherever it is.
pub unsafe fn send_preempt(m: *mut M) {
    sys::tgkill(sys::getpid(), (*m).tid, SIGURG as i32);
}

pub fn abort() -> ! {
    set_plain(SIGABRT, 0);
    sys::sigmask(1, 1 << (SIGABRT - 1));
    sys::tgkill(sys::getpid(), sys::gettid(), SIGABRT as i32);
    sys::exit(2)
}

unsafe extern "C" fn handler(sig: i32, info: *const SigInfo, ctx: *mut UContext) {
    let sig = sig as u32;
    let regs = &mut (*ctx).gregs;
    match sig {
        SIGURG => {
            if (*info).code == SI_TKILL {
                preempt(regs);
            }
            if (*info).code != SI_TKILL || sigqueue::wanted(sig) {
                sigqueue::send(sig);
            }
        }
        SIGSEGV | SIGBUS | SIGFPE if (*info).code != SI_USER && (*info).code != SI_TKILL => {
            if !make_panic(sig, &*info, regs) {
                fatal_signal(sig, &*info, regs);
            }
        }
        SIGPIPE => {
            sigqueue::send(sig);
        }
        _ => {
            if sigqueue::send(sig) {
                return;
            }
            match sig {
                SIGQUIT | SIGILL | SIGTRAP | SIGABRT => fatal_signal(sig, &*info, regs),
                _ => {
                    // Sent to us with the default action: die of it.
                    set_plain(sig, 0);
                    sys::sigmask(1, 1 << (sig - 1));
                    sys::tgkill(sys::getpid(), sys::gettid(), sig as i32);
                }
            }
        }
    }
}

unsafe fn on_goroutine_stack(sp: usize, room: usize) -> bool {
    let gp = getg();
    !gp.is_null() && sp >= (*gp).stack_lo + room && sp <= (*gp).stack_hi
}

/// May compiled code be stopped at `pc`?
unsafe fn may_stop_at(pc: usize) -> bool {
    symtab::find_func(pc).is_some_and(|f| {
        f.flags & golift_abi::FUNC_NOPREEMPT == 0 && symtab::position(f, pc) & golift_abi::POS_UNSAFE == 0
    })
}

/// Lets the interrupted Go code "call" `golift_async_preempt`, or the leaf that it called return to `golift_leaf_return`.
unsafe fn preempt(regs: &mut [u64; 23]) {
    let m = current_m();
    let gp = (*m).curg;
    let (pc, sp) = (regs[reg::RIP] as usize, regs[reg::RSP] as usize);
    if gp.is_null()
        || (*gp).preempt.load(Relaxed) == 0
        || (*gp).status.load(Relaxed) != G_RUNNING
        || (*m).p.is_null()
        || (*m).locks != 0
        || !on_goroutine_stack(sp, PREEMPT_ROOM)
    {
        return;
    }
    if !symtab::in_go_text(pc) {
        return leaf::preempt(gp, pc, sp, regs[reg::RBP] as usize, |at| {
            symtab::find_func(at).is_some_and(|f| f.flags & golift_abi::FUNC_NOPREEMPT == 0)
        });
    }
    if !may_stop_at(pc) {
        return;
    }
    let sp = sp - 8;
    *(sp as *mut usize) = pc;
    regs[reg::RSP] = sp as u64;
    regs[reg::RIP] = arch::golift_async_preempt as *const () as u64;
}

/// Turns a fault of Go code into a call of `runtime.sigpanic`; false if it is not one.
unsafe fn make_panic(sig: u32, info: &SigInfo, regs: &mut [u64; 23]) -> bool {
    let m = current_m();
    let gp = (*m).curg;
    let (pc, sp) = (regs[reg::RIP] as usize, regs[reg::RSP] as usize);
    if gp.is_null() || !on_goroutine_stack(sp, 256) {
        return false;
    }
    leaf::restore(gp);
    if symtab::in_go_text(pc) {
        let sp = sp - 8;
        // Walkers look up the address before a return address: that must be the fault itself.
        *(sp as *mut usize) = pc + 1;
        regs[reg::RSP] = sp as u64;
    } else if let Some((sp, fp)) = leaf::entry_of(pc, sp, regs[reg::RBP] as usize, (*gp).stack_hi) {
        regs[reg::RSP] = sp as u64;
        regs[reg::RBP] = fp as u64;
        regs[reg::R15] = gp as u64;
    } else if pc != info.addr || !symtab::in_go_text(*(sp as *const usize)) {
        // A call of what is no code faults when its first instruction is fetched: then the return address is on the stack already.
        return false;
    }
    (*gp).sig = sig as usize;
    (*gp).sigcode0 = info.code as usize;
    (*gp).sigcode1 = info.addr;
    (*gp).sigpc = pc;
    regs[reg::RIP] = arch::go_sigpanic as *const () as u64;
    true
}

fn name(sig: u32) -> &'static str {
    match sig {
        SIGQUIT => "SIGQUIT: quit",
        SIGILL => "SIGILL: illegal instruction",
        SIGTRAP => "SIGTRAP: trace trap",
        SIGABRT => "SIGABRT: abort",
        SIGBUS => "SIGBUS: bus error",
        SIGFPE => "SIGFPE: floating-point exception",
        SIGSEGV => "SIGSEGV: segmentation violation",
        _ => "signal",
    }
}

unsafe fn fatal_signal(sig: u32, info: &SigInfo, regs: &[u64; 23]) -> ! {
    let m = current_m();
    if (*m).dying != 0 {
        sys::exit(4);
    }
    (*m).dying = 1;
    crate::sched::sched().panicking.store(1, Relaxed);
    let pc = regs[reg::RIP];
    if sig == SIGSEGV || sig == SIGBUS || sig == SIGFPE {
        str("fatal error: unexpected signal during runtime execution\n[signal ");
        str(name(sig));
        str(" code=");
        hex(info.code as u32 as u64);
        str(" addr=");
        hex(info.addr as u64);
        str(" pc=");
        hex(pc);
        str("]\n");
    } else {
        str(name(sig));
        str("\nPC=");
        hex(pc);
        str(" m=");
        int((*m).id as i64);
        str(" sigcode=");
        int(info.code as i64);
        str("\n");
    }
    let gp = (*m).curg;
    if !gp.is_null() {
        leaf::restore(gp);
    }
    if !gp.is_null() && traceback::level() > 0 {
        str("\n");
        traceback::print_header(gp, true);
        if symtab::in_go_text(pc as usize) {
            traceback::print_stack(gp, pc as usize, regs[reg::RBP] as usize, true);
        } else if on_goroutine_stack(regs[reg::RSP] as usize, 0) {
            traceback::print_stack(gp, 0, regs[reg::RBP] as usize, false);
        } else {
            traceback::print_stack(gp, 0, (*gp).sched_fp, false);
        }
    }
    if sig == SIGQUIT || traceback::level() >= 2 {
        traceback::dump_others(gp);
    }
    if traceback::level() >= 4 {
        abort();
    }
    sys::exit(2)
}
