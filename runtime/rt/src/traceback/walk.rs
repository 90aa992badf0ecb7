//! Walks over the frames of goroutines, by frame pointers; what package runtime asks of them.

use crate::arch;
use crate::sched::*;
use crate::{stack, symtab};
use core::sync::atomic::Ordering::*;

/// The chain of physical return addresses of `gp`, by frame pointers: calls `f(pc, fp)` until it says false. A function that has
/// not begun yet (a new goroutine's, or one whose stack check yields) is at its first instruction, and has no frame: 0.
///
/// # Safety
/// `gp` is parked, or runs on this thread; `fp`, if there is one, is a frame pointer of its stack.
pub unsafe fn walk(gp: *mut G, pc: usize, fp: usize, f: impl FnMut(usize, usize) -> bool) {
    // SAFETY: the contract above.
    unsafe { walk_within(gp, pc, fp, |_| true, f) }
}

/// As `walk`, but a frame pointer of which `is_frame` says no ends the chain: where the goroutine was interrupted it need not be one.
///
/// # Safety
/// As for `walk`, but for `fp`: two words can be read where `is_frame` says yes.
pub unsafe fn walk_within(
    gp: *mut G,
    mut pc: usize,
    mut fp: usize,
    is_frame: impl Fn(usize) -> bool,
    mut f: impl FnMut(usize, usize) -> bool,
) {
    // SAFETY: the contract above.
    unsafe {
        if pc == 0 && fp == 0 && (*gp).start_fn != 0 && matches!((*gp).status.load(Acquire), G_RUNNABLE | G_WAITING) {
            if f(*((*gp).start_fn as *const usize) + 1, 0) {
                f(arch::go_goexit as *const () as usize + 1, 0);
            }
            return;
        }
        let thunk = arch::golift_morestack_ret as *const () as usize;
        let mut n = 0;
        loop {
            if pc == thunk {
                // The caller's frame, at fp, lies on the segment before the one we come from.
                let mut seg = (*gp).stack_hi as *const stack::Segment;
                while !(*seg).prev.is_null() {
                    let prev = (*seg).prev;
                    if (*prev).lo <= fp && fp <= prev as usize || fp == 0 && (*prev).prev.is_null() {
                        pc = *((*seg).saved_sp as *const usize);
                        break;
                    }
                    seg = prev;
                }
            }
            if pc == arch::golift_gostart_ret as *const () as usize {
                f(arch::go_goexit as *const () as usize + 1, fp);
                return;
            }
            if symtab::in_go_text(pc) && !f(pc, fp) {
                return;
            }
            // Zero ends the chain; anything that is no plausible frame does, too.
            if fp < 4096 || fp & 7 != 0 || n > 50_000_000 || !is_frame(fp) {
                return;
            }
            pc = *((fp + 8) as *const usize);
            if let Some((entry, caller)) = arch::waiting_function(pc, fp) {
                if symtab::in_go_text(entry) && !f(entry + 1, 0) {
                    return;
                }
                pc = caller;
            }
            fp = *(fp as *const usize);
            n += 1;
        }
    }
}

/// Where a walk over the calling goroutine's stack goes on.
#[repr(C)]
pub struct Cursor {
    pc: usize,
    fp: usize,
}
check_layout!(Cursor, golift_abi::layout::CURSOR, {
    pc: "pc",
    fp: "fp",
});

/// Leaf: physical return addresses of the calling goroutine's stack from `cursor` on; how many. The cursor starts as 0 and a
/// frame pointer, the frame itself left out, and is moved on.
///
/// # Safety
/// `fp` is a frame pointer of the running goroutine; `buf` has room for `max` words.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub unsafe extern "C" fn golift_callers(cursor: *mut Cursor, buf: *mut usize, max: usize) -> usize {
    // SAFETY: the contract above.
    unsafe {
        let c = &mut *cursor;
        let mut n = 0;
        if max == 0 || c.fp == 0 && c.pc == 0 {
            return 0;
        }
        if c.pc == 0 {
            *c = Cursor { pc: *((c.fp + 8) as *const usize), fp: *(c.fp as *const usize) };
        }
        let (pc, fp) = (c.pc, c.fp);
        *c = Cursor { pc: 0, fp: 0 };
        walk(getg(), pc, fp, |pc, fp| {
            if n == max {
                *c = Cursor { pc, fp };
                return false;
            }
            *buf.add(n) = pc;
            n += 1;
            true
        });
        n
    }
}

/// Leaf: are there only wrappers between the frame that made a call from `inner` (the first such frame above `from`)
/// and the frame `outer`?
///
/// # Safety
/// The frames are on the stack of the running goroutine.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub unsafe extern "C" fn golift_through_wrappers(from: usize, inner: usize, outer: usize) -> u8 {
    // SAFETY: the contract above.
    unsafe {
        let (mut reached_inner, mut reached_outer, mut only_wrappers) = (false, false, true);
        walk(getg(), *((from + 8) as *const usize), *(from as *const usize), |pc, fp| {
            reached_inner |= fp == inner;
            reached_outer = reached_inner && fp == outer;
            if reached_inner && !reached_outer {
                symtab::expand(pc - 1, |f| {
                    only_wrappers &= f.flags as u32 & golift_abi::FUNC_WRAPPER != 0;
                    only_wrappers
                });
            }
            only_wrappers && !reached_outer
        });
        (reached_outer && only_wrappers) as u8
    }
}

/// Walks all other goroutines (world stopped or not: best effort) for `runtime.Stack`:
/// the `i`-th live goroutine; fills `out` = goid, status, reason text, pc, fp, gopc, parent,
/// locked. 0 when there is none.
///
/// # Safety
/// `out` has room for the words.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub unsafe extern "C" fn golift_goroutine_info(i: usize, out: *mut usize) -> usize {
    // SAFETY: the contract above.
    unsafe {
        let s = sched();
        if i >= s.allg_len.load(Acquire) {
            return 0;
        }
        let gp = s.g(i);
        let st = (*gp).status.load(Acquire);
        if st == G_DEAD || st == G_IDLE || (*gp).system {
            return 2;
        }
        let reason = match st {
            G_RUNNABLE => "runnable",
            G_RUNNING => "running",
            G_SYSCALL => "syscall",
            _ => WAIT_REASONS[(*gp).wait_reason as usize],
        };
        let w: [usize; 9] = [
            (*gp).goid as usize,
            st as usize,
            reason.as_ptr() as usize,
            reason.len(),
            if st == G_SYSCALL { (*gp).sched_pc } else { 0 },
            (*gp).sched_fp,
            (*gp).gopc,
            (*gp).parent_goid as usize,
            gp as usize,
        ];
        for (k, v) in w.iter().enumerate() {
            *out.add(k) = *v;
        }
        1
    }
}

/// Leaf: physical return addresses of the goroutine `gp` (parked, or the world is stopped).
///
/// # Safety
/// `gp` is parked, or the world is stopped; `buf` has room for `max` words.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub unsafe extern "C" fn golift_callers_of(gp: *mut G, pc: usize, fp: usize, buf: *mut usize, max: usize) -> usize {
    // SAFETY: the contract above.
    unsafe {
        let mut n = 0;
        walk(gp, pc, fp, |pc, _| {
            if n < max {
                *buf.add(n) = pc;
                n += 1;
            }
            n < max
        });
        n
    }
}
