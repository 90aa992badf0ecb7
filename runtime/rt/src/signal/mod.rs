//! Signals: faults become panics, SIGURG preempts, the rest goes to `os/signal`, is ignored, or ends the process,
//! as [`table`] says.
//!
//! Nearly all signals are caught from the start. Those that the process was started to ignore (nohup) stay ignored
//! if they are SIGHUP or SIGINT.

mod fatal;
pub mod table;

pub use fatal::abort;

use crate::arch::{self, Context, FrameState, current_m};
use crate::sched::{G_RUNNING, M, all_threads, getg};
use crate::sys::{self, SigAction, SigInfo};
use crate::{assembly, cpuprof, leaf, sigqueue, symtab};
use core::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering::*};
use table::*;

const SIG_DFL: usize = 0;
const SIG_IGN: usize = 1;

const SI_USER: i32 = sys::SI_USER as i32;
const SI_TKILL: i32 = sys::SI_TKILL;
const SYS_SECCOMP: i32 = sys::SYS_SECCOMP as i32;

/// What code that is made to run on top of interrupted Go code may take. Checked functions and the unchecked ones that they call
/// leave so much (`golift_abi::STACK_RED_ZONE`).
const ROOM: usize = golift_abi::STACK_LEAF as usize;

/// Signals whose action is our handler.
static HANDLED: AtomicU64 = AtomicU64::new(0);
/// The actions that we found, and go back to.
static FOUND: [AtomicUsize; SIGRTMAX as usize + 1] = [const { AtomicUsize::new(SIG_DFL) }; SIGRTMAX as usize + 1];
/// Package os probes for system calls that a seccomp filter may forbid.
static SIGSYS_IGNORED: AtomicU32 = AtomicU32::new(0);

/// Takes the signals that Go takes; before other threads exist.
pub fn init() {
    for sig in 1..=SIGRTMAX {
        if flags(sig) == 0 || flags(sig) & DEFAULT != 0 {
            continue;
        }
        FOUND[sig as usize].store(action(sig), Relaxed);
        if caught_by_default(sig) {
            HANDLED.fetch_or(bit(sig), Relaxed);
            set_action(sig, handler as *const () as usize);
        } else {
            sigqueue::note_ignored(sig);
        }
    }
}

fn action(sig: u32) -> usize {
    let mut a = SigAction::default();
    sys::sigaction(sig, core::ptr::null(), &mut a);
    a.handler
}

fn set_action(sig: u32, handler: usize) {
    let ours = handler > SIG_IGN;
    let a = SigAction {
        handler,
        flags: (sys::SA_RESTORER | if ours { sys::SA_SIGINFO | sys::SA_ONSTACK | sys::SA_RESTART } else { 0 }).into(),
        restorer: arch::golift_sigreturn as *const () as usize,
        mask: if ours { !0 } else { 0 },
    };
    sys::sigaction(sig, &a, core::ptr::null_mut());
}

fn caught_by_default(sig: u32) -> bool {
    !(matches!(sig, SIGHUP | SIGINT) && FOUND[sig as usize].load(Relaxed) == SIG_IGN)
}

fn may_be_asked_for(sig: u32) -> bool {
    sig != SIGPROF && flags(sig) & NOTIFY != 0
}

/// The program wants `sig`.
pub fn enable(sig: u32) {
    if may_be_asked_for(sig) && HANDLED.fetch_or(bit(sig), AcqRel) & bit(sig) == 0 {
        FOUND[sig as usize].store(action(sig), Relaxed);
        set_action(sig, handler as *const () as usize);
    }
}

/// The program does not want `sig` any more.
pub fn disable(sig: u32) {
    if may_be_asked_for(sig) && !caught_by_default(sig) {
        HANDLED.fetch_and(!bit(sig), AcqRel);
        set_action(sig, FOUND[sig as usize].load(Relaxed));
    }
}

/// The program wants `sig` to be ignored.
pub fn ignore(sig: u32) {
    if may_be_asked_for(sig) {
        HANDLED.fetch_and(!bit(sig), AcqRel);
        set_action(sig, SIG_IGN);
    }
}

/// Leaf: are system calls that a filter forbids to be answered with their error only?
#[cfg_attr(not(test), unsafe(no_mangle))]
pub extern "C" fn golift_ignore_sigsys(on: u8) {
    SIGSYS_IGNORED.store(on.into(), Relaxed);
}

/// A thread's mask: what the creator had, with the signals open that we cannot do without.
pub fn thread_mask(m: u64) -> u64 {
    (1..=SIGRTMAX).filter(|&sig| flags(sig) & UNBLOCK != 0).fold(m, |m, sig| m & !bit(sig))
}

/// In a child before exec: no handler of ours may run.
pub fn clear_handlers_in_child() {
    for sig in 1..=SIGRTMAX {
        if HANDLED.load(Relaxed) & bit(sig) != 0 {
            set_action(sig, SIG_DFL);
        }
    }
}

/// Asks the goroutine of `m` to yield wherever it is.
///
/// # Safety
/// `m` is an M whose thread runs.
pub unsafe fn send_preempt(m: *mut M) {
    // SAFETY: the contract above.
    unsafe {
        sys::tgkill(sys::getpid(), (*m).tid, SIGURG as i32);
    }
}

fn raise(sig: u32) {
    sys::tgkill(sys::getpid(), sys::gettid(), sig as i32);
}

/// Ends the process as the system does without a handler.
pub fn die_of(sig: u32) -> ! {
    set_action(sig, SIG_DFL);
    sys::sigmask(sys::SIG_UNBLOCK, bit(sig));
    raise(sig);
    for _ in 0..3 {
        sys::osyield();
    }
    // The first process of a container is immune.
    sys::exit(128 + sig as i32)
}

/// # Safety
/// The kernel calls it on the signal stack of one of our threads.
unsafe extern "C" fn handler(sig: i32, info: *const SigInfo, ctx: *mut Context) {
    // SAFETY: the contract above.
    unsafe {
        let sig = sig as u32;
        let (info, ctx) = (&*info, &mut *ctx);
        let sent = matches!(info.code, SI_USER | SI_TKILL);
        let flags = flags(sig);
        if sig == SIGPROF {
            return cpuprof::interrupted(info, ctx);
        }
        if sig == PER_THREAD_CALL {
            return all_threads::call_if_owed();
        }
        if sig == SIGURG && sent {
            // Even if it is ours, it may stand for one of the program's as well.
            preempt(ctx);
        }
        if !sent && flags & PANIC != 0 {
            if make_panic(sig, info, ctx) {
                return;
            }
            fatal::fault(sig, info, ctx)
        }
        if (sent || flags & NOTIFY != 0) && sigqueue::send(sig) {
            return;
        }
        if sent && sigqueue::is_ignored(sig) {
            return;
        }
        if sig == SIGSYS && info.code == SYS_SECCOMP && SIGSYS_IGNORED.load(Relaxed) != 0 {
            return;
        }
        if flags & KILL != 0 {
            die_of(sig)
        }
        if flags & (THROW | PANIC) != 0 {
            fatal::signal(sig, info, ctx)
        }
    }
}

/// # Safety
/// On a thread of ours.
unsafe fn on_goroutine_stack(sp: usize, room: usize) -> bool {
    // SAFETY: the contract above.
    unsafe {
        let gp = getg();
        !gp.is_null() && sp >= (*gp).stack_lo + room && sp <= (*gp).stack_hi
    }
}

/// May compiled code be stopped at `pc`?
///
/// # Safety
/// None: any address will do.
unsafe fn may_stop_at(pc: usize) -> bool {
    // SAFETY: the contract above.
    unsafe {
        symtab::find_func(pc).is_some_and(|f| {
            f.flags & golift_abi::FUNC_NOPREEMPT == 0 && symtab::position(f, pc) & golift_abi::POS_UNSAFE == 0
        })
    }
}

/// Takes the interrupted function, which begins at `entry`, to a place where its frame pointer is its own, so that tracebacks miss nobody:
/// executes the instruction that makes the frame, or returns if the frame is gone. False if it must go on first.
///
/// # Safety
/// In a signal handler; the interrupted code is Go's, and runs on a goroutine stack with room for a word.
unsafe fn complete_frame(ctx: &mut Context, entry: usize) -> bool {
    // SAFETY: the contract above.
    unsafe {
        let sp = ctx.sp();
        match arch::frame_state(entry, ctx.pc()) {
            FrameState::Complete => true,
            FrameState::Checks => {
                // The guard is poisoned: beginning anew, the function yields by itself.
                ctx.set_pc(entry);
                false
            }
            FrameState::Begins(body) => {
                *((sp - 8) as *mut usize) = ctx.fp();
                ctx.set_sp(sp - 8);
                ctx.set_fp(sp - 8);
                ctx.set_pc(body);
                true
            }
            FrameState::Saved(body) => {
                ctx.set_fp(sp);
                ctx.set_pc(body);
                true
            }
            FrameState::Returns(popped) => {
                let caller = *(sp as *const usize);
                if !symtab::in_go_text(caller) || !may_stop_at(caller) {
                    return false;
                }
                ctx.set_pc(caller);
                ctx.set_sp(sp + 8 + popped);
                true
            }
            FrameState::Leaves => false,
        }
    }
}

/// Lets the interrupted Go code "call" `golift_async_preempt`, or the leaf that it called return to `golift_leaf_return`.
///
/// # Safety
/// In a signal handler, on a thread of ours.
unsafe fn preempt(ctx: &mut Context) {
    // SAFETY: the contract above.
    unsafe {
        let m = current_m();
        let gp = (*m).curg;
        let (pc, sp) = (ctx.pc(), ctx.sp());
        if gp.is_null()
            || (*gp).preempt.load(Relaxed) == 0
            || (*gp).status.load(Relaxed) != G_RUNNING
            || (*m).p.is_null()
            || (*m).locks != 0
            || !on_goroutine_stack(sp, 0)
        {
            return;
        }
        if !symtab::in_go_text(pc) {
            return leaf::preempt(gp, pc, sp, ctx.fp(), |at| {
                symtab::find_func(at).is_some_and(|f| f.flags & golift_abi::FUNC_NOPREEMPT == 0)
            });
        }
        let stops = symtab::find_func(pc).is_some_and(|f| may_stop_at(pc) && complete_frame(ctx, symtab::entry(f)));
        if !stops || !on_goroutine_stack(ctx.sp(), ROOM) {
            return;
        }
        push(ctx, ctx.pc());
        ctx.set_pc(arch::golift_async_preempt as *const () as usize);
    }
}

/// As if the interrupted code had called something that returns to `pc`.
///
/// # Safety
/// The interrupted code runs on a goroutine stack with room below its `sp`.
unsafe fn push(ctx: &mut Context, pc: usize) {
    // SAFETY: the contract above.
    unsafe {
        let sp = ctx.sp() - 8;
        *(sp as *mut usize) = pc;
        ctx.set_sp(sp);
    }
}

/// Turns a fault of Go code into a call of `runtime.sigpanic`; false if it is not one.
///
/// # Safety
/// In a signal handler, on a thread of ours.
unsafe fn make_panic(sig: u32, info: &SigInfo, ctx: &mut Context) -> bool {
    // SAFETY: the contract above.
    unsafe {
        let m = current_m();
        let gp = (*m).curg;
        let (pc, sp) = (ctx.pc(), ctx.sp());
        if gp.is_null() || !on_goroutine_stack(sp, 0) {
            return false;
        }
        leaf::restore(gp);
        if symtab::in_go_text(pc) {
            if assembly::contains(pc) {
                let Some(fp) = assembly::link_frames(pc, sp, (*gp).stack_hi) else { return false };
                ctx.set_fp(fp);
                ctx.set_sp(sp.min(fp));
                ctx.set_g(gp as usize);
            }
            // Walkers look up the address before a return address: that must be the fault itself.
            push(ctx, pc + 1);
        } else if let Some((sp, fp)) = leaf::entry_of(pc, sp, ctx.fp(), (*gp).stack_hi) {
            ctx.set_sp(sp);
            ctx.set_fp(fp);
            ctx.set_g(gp as usize);
        } else if pc != info.addr || !symtab::in_go_text(*(sp as *const usize)) {
            // A call of what is no code faults when its first instruction is fetched: then the return address is on the stack already.
            return false;
        }
        (*gp).sig = sig as usize;
        (*gp).sigcode0 = info.code as usize;
        (*gp).sigcode1 = info.addr;
        (*gp).sigpc = pc;
        ctx.set_pc(arch::go_sigpanic as *const () as usize);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_signal_has_one_meaning() {
        for sig in 1..=SIGRTMAX {
            let f = flags(sig);
            let fates = [KILL, THROW, PANIC, DEFAULT].iter().filter(|&&b| f & b != 0).count();
            assert!(fates <= 1, "signal {sig}");
            // What ends with a dump has a name to be shown.
            assert_eq!(f & (THROW | PANIC) != 0, name(sig) != "signal", "signal {sig}");
        }
        assert_eq!(thread_mask(!0) & (bit(SIGSEGV) | bit(SIGURG)), 0);
        assert_ne!(thread_mask(!0) & bit(SIGINT), 0);
    }
}
