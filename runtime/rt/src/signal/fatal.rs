//! The end of the process by a signal: what is printed, in gc's format.

use super::table::*;
use super::{die_of, on_goroutine_stack};
use crate::arch::{Context, current_m};
use crate::print::{Stderr, hex, int, str};
use crate::sched::{G, sched};
use crate::sys::{self, SigInfo};
use crate::{assembly, leaf, symtab, traceback};
use core::sync::atomic::Ordering::*;

/// Ends the process with SIGABRT, for a core file.
pub fn abort() -> ! {
    die_of(SIGABRT)
}

/// A second thread that dies must not mix its text into the first one's.
///
/// # Safety
/// In a signal handler, on a thread of ours.
unsafe fn start_dying() {
    // SAFETY: the contract above.
    unsafe {
        let m = current_m();
        if (*m).dying != 0 {
            sys::exit(4);
        }
        (*m).dying = 1;
        if sched().panicking.swap(1, AcqRel) != 0 {
            loop {
                sys::usleep(1_000_000);
            }
        }
    }
}

/// A fault that is nobody's panic: a bug of the runtime.
///
/// # Safety
/// In a signal handler, on a thread of ours.
pub unsafe fn fault(sig: u32, info: &SigInfo, ctx: &Context) -> ! {
    // SAFETY: the contract above.
    unsafe {
        start_dying();
        str("fatal error: unexpected signal during runtime execution\n[signal ");
        str(name(sig));
        str(" code=");
        hex(info.code as u32 as u64);
        str(" addr=");
        hex(info.addr as u64);
        str(" pc=");
        hex(ctx.pc() as u64);
        str("]\n\n");
        dump(ctx)
    }
}

/// A signal that ends the process with a dump.
///
/// # Safety
/// In a signal handler, on a thread of ours.
pub unsafe fn signal(sig: u32, info: &SigInfo, ctx: &Context) -> ! {
    // SAFETY: the contract above.
    unsafe {
        start_dying();
        str(name(sig));
        str("\nPC=");
        hex(ctx.pc() as u64);
        str(" m=");
        int((*current_m()).id as i64);
        str(" sigcode=");
        int(info.code as i64);
        if matches!(sig, SIGSEGV | SIGBUS) {
            str(" addr=");
            hex(info.addr as u64);
        }
        str("\n");
        if matches!(sig, SIGILL | SIGFPE) {
            str("instruction bytes:");
            // The next page need not be there.
            for i in 0..16.min(4096 - ctx.pc() % 4096) {
                str(" ");
                hex((*(ctx.pc() as *const u8).add(i)).into());
            }
            str("\n");
        }
        str("\n");
        dump(ctx)
    }
}

/// The interrupted goroutine, the others, and the registers. Frames of the runtime are shown, too.
///
/// # Safety
/// In a signal handler, on a thread of ours.
unsafe fn dump(ctx: &Context) -> ! {
    // SAFETY: the contract above.
    unsafe {
        traceback::show_system();
        let gp = (*current_m()).curg;
        if gp.is_null() {
            str("goroutine 0 [idle]:\n");
        } else {
            leaf::restore(gp);
            traceback::print_header(&mut Stderr, gp, true);
            let (pc, fp, exact) = innermost(gp, ctx);
            traceback::print_stack(&mut Stderr, gp, pc, fp, exact);
        }
        traceback::dump_others(&mut Stderr, gp);
        str("\n");
        ctx.dump();
        if traceback::level() >= 4 {
            abort()
        }
        sys::exit(2)
    }
}

/// Where Go code was left: pc and frame pointer, and whether the pc is not a return address.
///
/// # Safety
/// `gp` runs on this thread and was interrupted at `ctx`.
unsafe fn innermost(gp: *mut G, ctx: &Context) -> (usize, usize, bool) {
    // SAFETY: the contract above.
    unsafe {
        let (pc, sp, fp) = (ctx.pc(), ctx.sp(), ctx.fp());
        if symtab::in_go_text(pc) {
            let linked = if assembly::contains(pc) { assembly::link_frames(pc, sp, (*gp).stack_hi) } else { None };
            return (pc, linked.unwrap_or(fp), true);
        }
        if !on_goroutine_stack(sp, 0) {
            // In a system function.
            return (0, (*gp).sched_fp, false);
        }
        // In a leaf. If it has no frame (as a system call), the return address is on top of the stack.
        let top = *(sp as *const usize);
        (if symtab::in_go_text(top) { top } else { 0 }, fp, false)
    }
}
