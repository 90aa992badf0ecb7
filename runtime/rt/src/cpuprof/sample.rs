//! One sample: where the interrupted thread was in Go code.
//!
//! On a goroutine's stack, at an instruction of Go code, the bytes around it tell how far its frame is (`arch::frame_state`). In a leaf, a stub
//! or the vDSO the caller is found by what a call leaves behind: a return address into Go code that follows a direct call of
//! what is not Go code. On g0 the goroutine, if the M has one, is in a system function, and its frames begin at `g.sched`.
//!
//! What is read lies between the stack pointer and the end of a segment of the goroutine: all else that looks like a
//! frame ends the stack.

use super::{Marker, log::DEPTH, log::marker};
use crate::arch::{self, Context, FrameState};
use crate::sched::{G, G_RUNNING, G_SYSCALL, M, sched};
use crate::traceback::walk_within;
use crate::{stack, symtab, sys};
use core::sync::atomic::Ordering::*;

/// How far above the stack pointer the caller of a leaf is looked for, if nothing else tells.
const SEARCH: usize = 1024;

/// Fills `pcs`; how many, and the goroutine's labels.
///
/// # Safety
/// In the handler of a signal that interrupted the thread of `m` at `ctx`.
pub unsafe fn take(m: *mut M, ctx: &Context, pcs: &mut [usize; DEPTH]) -> (usize, usize) {
    // SAFETY: the contract above.
    unsafe {
        let gp = (*m).curg;
        let mut stack = Stack { pcs, n: 0 };
        let mut labels = 0;
        if !gp.is_null() && (*gp).m == m && matches!((*gp).status.load(Relaxed), G_RUNNING | G_SYSCALL) {
            labels = (*gp).labels;
            fill(gp, ctx, &mut stack);
            if stack.pcs[..stack.n] == [arch::go_goexit as *const () as usize + 1] {
                // Where it begins or ends, it is not in the program.
                stack.n = 0;
            }
        }
        if stack.n == 0 {
            if sys::in_vdso(ctx.pc()) {
                stack.push(marker(Marker::Vdso));
            }
            let collects = sched().gcwaiting.load(Relaxed) != 0;
            stack.push(marker(if collects { Marker::Gc } else { Marker::System }));
        }
        (stack.n, labels)
    }
}

struct Stack<'a> {
    pcs: &'a mut [usize; DEPTH],
    n: usize,
}

impl Stack<'_> {
    fn push(&mut self, pc: usize) -> bool {
        self.pcs[self.n] = pc;
        self.n += 1;
        self.n < DEPTH
    }
}

/// # Safety
/// As for [`take`]; `gp` runs on this thread.
unsafe fn fill(gp: *mut G, ctx: &Context, stack: &mut Stack) {
    // SAFETY: the contract above.
    unsafe {
        let (pc, sp, fp) = (ctx.pc(), ctx.sp(), ctx.fp());
        let (lo, hi) = ((*gp).stack_lo, (*gp).stack_hi);
        let on_g0 = sp < lo || sp > hi;
        let (pc, fp) = if on_g0 {
            let Some(grows) = in_system_function(gp) else { return };
            if grows {
                stack.push(marker(Marker::NewStack));
            }
            stack.push(marker(Marker::SystemStack));
            (0, (*gp).sched_fp)
        } else if let Some(f) = symtab::find_func(pc) {
            stack.push(pc + 1);
            match arch::frame_state(symtab::entry(f), pc) {
                FrameState::Complete => (word(gp, fp + 8), word(gp, fp)),
                FrameState::Checks | FrameState::Begins(_) | FrameState::Returns(_) | FrameState::Leaves => {
                    (word(gp, sp), fp)
                }
                FrameState::Saved(_) => (word(gp, sp + 8), fp),
            }
        } else {
            caller_of_leaf(gp, sp, fp)
        };
        let bottom = if on_g0 { (*gp).sched_sp } else { sp };
        let is_frame = |fp: usize| (fp >= bottom || on_other_segment(gp, fp)) && readable(gp, fp);
        walk_within(gp, pc, fp, is_frame, |pc, _| stack.push(pc));
    }
}

/// The word at an address of the stack, or 0; where a leaf's return address was exchanged, the real one.
///
/// # Safety
/// `gp` runs on this thread.
unsafe fn word(gp: *mut G, at: usize) -> usize {
    // SAFETY: the contract above; nobody changes the segments meanwhile.
    unsafe {
        if (*gp).leaf_slot == at && at != 0 {
            return (*gp).leaf_return;
        }
        if readable(gp, at) { *(at as *const usize) } else { 0 }
    }
}

/// Are there two words at `at` in a segment of `gp`?
///
/// # Safety
/// `gp` runs on this thread.
unsafe fn readable(gp: *mut G, at: usize) -> bool {
    // SAFETY: the contract above; a segment's header follows it.
    at & 7 == 0 && unsafe { stack::segment_of(gp, at).is_some() }
}

/// # Safety
/// `gp` runs on this thread.
unsafe fn on_other_segment(gp: *mut G, at: usize) -> bool {
    // SAFETY: the contract above.
    unsafe { at < (*gp).stack_lo || at > (*gp).stack_hi }
}

/// On g0 for `gp`: is it in a system function (else it has never run), and if so, is that the one that gives more stack?
///
/// # Safety
/// `gp` runs on this thread.
unsafe fn in_system_function(gp: *mut G) -> Option<bool> {
    // SAFETY: the contract above.
    unsafe {
        let fp = (*gp).sched_fp;
        if !readable(gp, fp) {
            return None;
        }
        let caller = word(gp, fp);
        Some(word(gp, caller + 8) == arch::golift_morestack_grows as *const () as usize)
    }
}

/// Where Go code that called a leaf or a stub goes on, and its frame pointer; zeros if that is not to be found.
///
/// # Safety
/// `gp` runs on this thread, and its stack pointer is `sp`.
unsafe fn caller_of_leaf(gp: *mut G, sp: usize, fp: usize) -> (usize, usize) {
    // SAFETY: the contract above.
    unsafe {
        let hi = (*gp).stack_hi;
        let called = |pc: usize| {
            symtab::in_go_text(pc)
                && symtab::in_go_text(pc - 5)
                && arch::called_before(pc).is_some_and(|target| !symtab::in_go_text(target))
        };
        let top = word(gp, sp);
        if called(top) {
            return (top, fp);
        }
        // Frames of the runtime, whose code keeps frame pointers.
        let mut frame = fp;
        for _ in 0..8 {
            if frame < sp || frame + 16 > hi || frame & 7 != 0 {
                break;
            }
            let pc = word(gp, frame + 8);
            if symtab::in_go_text(pc) {
                return (pc, word(gp, frame));
            }
            frame = word(gp, frame);
        }
        // Code that is not ours keeps none. What it was called by has saved its own caller's, right below the return address.
        for at in (sp..hi.min(sp + SEARCH)).step_by(8) {
            let pc = word(gp, at);
            if called(pc) {
                let saved = if at > sp { word(gp, at - 8) } else { 0 };
                return (pc, if saved > at && saved < hi { saved } else { fp });
            }
        }
        (0, 0)
    }
}
