//! Leaf functions that read or write memory of the program, and what happens when that memory is not there.
//!
//! A fault in one of them is treated as a fault at its call in Go code: the handler abandons the leaf, whose only state is registers and a
//! frame. So they take no locks and change nothing but the caller's memory. There are two kinds, in two sections:
//!
//! * frameless ones in assembly (`arch::x86_64_mem`), where the return address is on top of the stack;
//! * *framed* ones in Rust, in section `.text.golift_framed`, whose bounds the prelinking script defines. They may call leaves of either
//!   kind. Compiled with frame pointers, they have either their whole frame or, on paths that need none, nothing on the stack. Which
//!   of both can be told from the call of the leaf, which is right before the return address.
//!
//! Faults in all other code of the runtime are bugs and end the program.
//!
//! These leaves may work for long, and a loop may do little else. If SIGURG arrives in one, its return address is exchanged for
//! `golift_leaf_return`, which lets the goroutine yield and goes on at the real one ([`preempt`]). Who looks at return addresses of
//! a thread that may be in a leaf, which only handlers of other signals do, first calls [`restore`]. A call that was inlined
//! from package runtime is no exception: what may not be interrupted there is pinned, or is a store with its barrier, which calls no
//! such leaf.

use crate::arch;
use crate::arch::x86_64_mem::in_leaf as is_frameless;
use crate::sched::G;
use crate::symtab::in_go_text;

/// A leaf calls a leaf, not more.
const DEPTH: u32 = 3;

#[cfg(not(test))]
fn is_framed(pc: usize) -> bool {
    unsafe extern "C" {
        static golift_framed_start: u8;
        static golift_framed_end: u8;
    }
    (&raw const golift_framed_start as usize..&raw const golift_framed_end as usize).contains(&pc)
}
#[cfg(test)]
fn is_framed(_: usize) -> bool {
    false
}

/// Is `pc` in Go code, after a call of a framed leaf?
///
/// # Safety
/// None: any address will do.
unsafe fn follows_call(pc: usize) -> bool {
    // SAFETY: the contract above.
    unsafe { in_go_text(pc) && arch::called_before(pc).is_some_and(is_framed) }
}

/// Has `gp` yield when the leaf that it is in returns, if it is in one and `may_stop` says so for the return address.
///
/// # Safety
/// In a signal handler that interrupted `gp` at `pc` on its stack, with room for some words below `sp`.
pub unsafe fn preempt(gp: *mut G, pc: usize, sp: usize, fp: usize, may_stop: impl FnOnce(usize) -> bool) {
    // SAFETY: the contract above.
    unsafe {
        if (*gp).leaf_slot != 0 {
            return;
        }
        let Some((slot, _)) = entry_of(pc, sp, fp, (*gp).stack_hi) else { return };
        let slot = slot as *mut usize;
        if may_stop(*slot) {
            (*gp).leaf_return = *slot;
            (*gp).leaf_slot = slot as usize;
            *slot = arch::golift_leaf_return as *const () as usize;
        }
    }
}

/// Puts the real return address back.
///
/// # Safety
/// In a signal handler on the thread that runs `gp`.
pub unsafe fn restore(gp: *mut G) {
    // SAFETY: the contract above.
    unsafe {
        let slot = core::mem::replace(&mut (*gp).leaf_slot, 0);
        if slot != 0 {
            *(slot as *mut usize) = (*gp).leaf_return;
        }
    }
}

/// What the stack and frame pointers were at the entry of the leaf that Go code called, if `pc` is in such a leaf.
///
/// # Safety
/// `sp` and `fp` are those of a thread that runs on a goroutine stack that ends at `hi`.
pub unsafe fn entry_of(pc: usize, sp: usize, fp: usize, hi: usize) -> Option<(usize, usize)> {
    // SAFETY: the contract above.
    unsafe {
        let word = |at: usize| *(at as *const usize);
        let (mut pc, mut sp) = (pc, sp);
        for _ in 0..DEPTH {
            if is_frameless(pc) {
                pc = word(sp);
                if in_go_text(pc) {
                    return Some((sp, fp));
                }
                // Where the caller goes on, which is a framed leaf.
                sp += 8;
            } else if !is_framed(pc) {
                return None;
            } else if fp >= sp && fp + 16 <= hi && follows_call(word(fp + 8)) {
                return Some((fp + 8, word(fp)));
            } else {
                return follows_call(word(sp)).then_some((sp, fp));
            }
        }
        None
    }
}
