//! Write barriers: what the program overwrites while markers are at work is noted for them.
//!
//! **Problem.** Markers look at an object once, while the program moves pointers about. An object that was only in places which were
//! looked at before it came there, or after it had left, would be missed.
//!
//! **Strategy.** Snapshot at the beginning (Yuasa). All that was reachable when marking began is marked, and all that is allocated
//! while markers are at work. Then every object that the program can still get hold of is marked, because it has been reachable all the
//! time, or is new. For this each pointer that is overwritten *in the heap or in a package variable* must be noted before it is gone.
//! No barrier is needed
//!
//! * for writes into new objects (nothing is overwritten), and for what is written (it was reachable, or is new);
//! * for stacks: that of each goroutine is scanned before the goroutine runs for the first time after marking began (`mark::before_running`);
//! * for what the runtime keeps in memory of its own (timers, specials), if what is taken out of there before markers have
//!   looked is noted ([`shade`]).
//!
//! So unlike gc's hybrid barrier this one does not look at the new pointer: gc must, because its goroutines run on before their stacks
//! are scanned.
//!
//! **Invariants.**
//! * Marking begins in a stopped world, and no goroutine is stopped between the question whether barriers are on and the write. Compiled
//!   stores are not preemptible there (golift-codegen, `barrier.rs`), here it is all in one leaf. Atomic operations ask
//!   afterwards: what they replaced is alive in the goroutine until then.
//! * Every bulk write into memory with pointers goes through [`before_write`], or one of the functions below. It notes whatever looks like
//!   an address of the heap, so no types are needed; at worst garbage lives until the next collection.
//! * Reading a weak handle makes an object reachable that was not: [`golift_weak_get`].

use super::work::{NOTED, Noted, WORK};
use crate::arch::{current_m, x86_64_mem::golift_memclr, x86_64_mem::golift_memmove};
use crate::heap::pages::object_span_of;
use crate::locked::Locked;
use crate::sched::{P, sched};
use core::ptr::null_mut;
use core::sync::atomic::{AtomicU32, AtomicUsize, Ordering::*};

/// Not zero while compiled code must call the write barrier. Changes in a stopped world.
#[cfg_attr(not(test), unsafe(no_mangle))]
#[allow(non_upper_case_globals)]
pub static golift_write_barrier_enabled: AtomicU32 = AtomicU32::new(0);

/// Must what is overwritten be noted?
#[inline(always)]
pub fn is_on() -> bool {
    golift_write_barrier_enabled.load(Relaxed) != 0
}

/// Turns the barriers on or off.
///
/// # Safety
/// The world is stopped.
pub unsafe fn set(on: bool) {
    golift_write_barrier_enabled.store(on as u32, Release);
}

/// The buffer of threads without a P.
struct Orphans(*mut Noted);
// SAFETY: buffers belong to no thread.
unsafe impl Send for Orphans {}
static ORPHANS: Locked<Orphans> = Locked::new(Orphans(null_mut()));

/// Leaf: the store of a pointer into `*slot` follows.
///
/// # Safety
/// `slot` is a readable word.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub unsafe extern "C" fn golift_gc_write_barrier(slot: *mut usize, _new: usize) {
    // SAFETY: the contract above.
    unsafe { shade((*AtomicUsize::from_ptr(slot)).load(Relaxed)) }
}

/// Leaf: an atomic operation has replaced the pointer `old`.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub extern "C" fn golift_gc_shade(old: usize) {
    if is_on() {
        shade(old);
    }
}

/// Notes a pointer for the markers: what it leads to survives. Barriers are on.
#[inline]
pub fn shade(p: usize) {
    // SAFETY: the buffer of a P is used by the M that has it.
    unsafe {
        if object_span_of(p).is_null() {
            return;
        }
        let owner: *mut P = (*current_m()).p;
        if owner.is_null() {
            return shade_without_p(p);
        }
        let b = (*owner).noted;
        if b.is_null() || (*b).n == NOTED {
            return shade_slow(owner, p);
        }
        *(*b).items.get_unchecked_mut((*b).n) = p;
        (*b).n += 1;
    }
}

/// # Safety
/// `owner` is the P of this M.
#[cold]
#[inline(never)]
unsafe fn shade_slow(owner: *mut P, p: usize) {
    // SAFETY: the contract above.
    unsafe {
        let b = WORK.exchange_noted((*owner).noted);
        (*b).items[0] = p;
        (*b).n = 1;
        (*owner).noted = b;
    }
}

#[cold]
#[inline(never)]
fn shade_without_p(p: usize) {
    // SAFETY: the lock is held.
    unsafe {
        let mut orphans = ORPHANS.lock();
        if orphans.0.is_null() || (*orphans.0).n == NOTED {
            orphans.0 = WORK.exchange_noted(orphans.0);
        }
        let b = orphans.0;
        (*b).items[(*b).n] = p;
        (*b).n += 1;
    }
}

/// `n` bytes at `at`, which may hold pointers, are about to be overwritten by this leaf or on g0.
///
/// # Safety
/// The bytes are readable.
#[inline(always)]
pub unsafe fn before_write(at: *const u8, n: usize) {
    // SAFETY: the contract above.
    unsafe {
        if is_on() {
            shade_range(at as usize, n);
        }
    }
}

/// # Safety
/// The bytes are readable.
#[cold]
#[inline(never)]
unsafe fn shade_range(at: usize, n: usize) {
    // SAFETY: the contract above.
    unsafe {
        let mut slot = (at + 7) & !7;
        while slot + 8 <= at + n {
            let p = AtomicUsize::from_ptr(slot as *mut usize).load(Relaxed);
            if p != 0 {
                shade(p);
            }
            slot += 8;
        }
    }
}

/// Hands over all buffers.
///
/// # Safety
/// The world is stopped.
pub unsafe fn flush() {
    // SAFETY: the contract above.
    unsafe {
        for i in 0..sched().allp_cap() {
            let p = sched().p(i);
            if !p.is_null() && !(*p).noted.is_null() && (*(*p).noted).n != 0 {
                (*p).noted = WORK.exchange_noted((*p).noted);
            }
        }
        let mut orphans = ORPHANS.lock();
        if !orphans.0.is_null() && (*orphans.0).n != 0 {
            orphans.0 = WORK.exchange_noted(orphans.0);
        }
    }
}

/// Leaf: moves `n` bytes unless barriers are on; 0: they are, and `golift_move_noting` is to be called.
///
/// # Safety
/// `n` bytes can be read at `src`, and written at `dst`.
#[cfg_attr(not(test), unsafe(no_mangle), unsafe(link_section = ".text.golift_framed"))]
pub unsafe extern "C" fn golift_move_unnoted(dst: *mut u8, src: *const u8, n: usize) -> u8 {
    // SAFETY: the contract above.
    unsafe {
        if is_on() {
            return 0;
        }
        golift_memmove(dst, src, n);
        1
    }
}

/// Leaf: moves `n` bytes, and notes what is overwritten.
///
/// # Safety
/// As above; this is no leaf in which a fault is the program's.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub unsafe extern "C" fn golift_move_noting(dst: *mut u8, src: *const u8, n: usize) {
    // SAFETY: the contract above.
    unsafe {
        before_write(dst, n);
        golift_memmove(dst, src, n);
    }
}

/// Leaf: clears `n` bytes unless barriers are on; 0: they are, and `golift_clear_noting` is to be called.
///
/// # Safety
/// `n` bytes can be written at `p`.
#[cfg_attr(not(test), unsafe(no_mangle), unsafe(link_section = ".text.golift_framed"))]
pub unsafe extern "C" fn golift_clear_unnoted(p: *mut u8, n: usize) -> u8 {
    // SAFETY: the contract above.
    unsafe {
        if is_on() {
            return 0;
        }
        golift_memclr(p, n);
        1
    }
}

/// Leaf: clears `n` bytes, and notes what was there.
///
/// # Safety
/// As above; this is no leaf in which a fault is the program's.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub unsafe extern "C" fn golift_clear_noting(p: *mut u8, n: usize) {
    // SAFETY: the contract above.
    unsafe {
        before_write(p, n);
        golift_memclr(p, n);
    }
}

/// Leaf: the pointer in a weak handle, which from now on keeps its object.
///
/// # Safety
/// `handle` is a weak handle.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub unsafe extern "C" fn golift_weak_get(handle: *const usize) -> usize {
    // SAFETY: the contract above. Handles are cleared in a stopped world.
    unsafe {
        let p = *handle;
        if is_on() {
            shade(p);
        }
        p
    }
}
