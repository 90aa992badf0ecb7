//! The scavenger: memory of free runs goes back to the system.
//!
//! **How much** ([`excess`]): after a collection the heap may retain as much as it will need up to the next one, and a tenth more; what
//! goes beyond is released, once no collection has asked for more for a while: what a program needs again and again would be
//! released and faulted in each time. So is what takes the process above 95 % of the memory limit.
//!
//! **When:** by the monitor thread, a piece at a time, in 1 % of its time ([`background`]), and by who takes fresh memory above the
//! memory limit, at once ([`make_room_for`]). `debug.FreeOSMemory` releases everything ([`release_all`]).
//!
//! The longest runs are released first, from their ends, so that what stays lies in few huge pages.

use super::pages::{self, HEAP_SYS, MANUAL_PAGES, MAPPED_STACKS, PAGE, PAGES_IN_USE, RELEASED_PAGES};
use super::persistent;
use super::span::Span;
use crate::print::{int, str};
use crate::{osinfo, sys};
use core::sync::atomic::{AtomicI64, AtomicUsize, Ordering::*};

/// The part of its time that the monitor spends: one in so many.
const SHARE: i64 = 100;
/// The longest time that a piece can have taken; more is waiting for a processor.
const LONGEST: i64 = 300_000;
/// Above the limit less one such part the monitor releases memory.
const LIMIT_PART: usize = 20;

/// Nanoseconds for which the heap may retain what an earlier collection has allowed.
const WINDOW: i64 = 500_000_000;

/// Pages that the heap may retain now, and those that the last collection allows.
static RETAIN: AtomicUsize = AtomicUsize::new(usize::MAX);
static WANTED: AtomicUsize = AtomicUsize::new(usize::MAX);
/// When the first becomes the second.
static UNTIL: AtomicI64 = AtomicI64::new(0);
/// Bytes that the process may have.
static LIMIT: AtomicUsize = AtomicUsize::new(usize::MAX);
/// When the monitor may release the next piece. Only it writes this.
static NEXT: AtomicI64 = AtomicI64::new(0);
/// Bytes that were released since the last line of `GODEBUG=scavtrace=1`: by the monitor, by others.
static RELEASED: [AtomicUsize; 2] = [const { AtomicUsize::new(0) }; 2];

/// Bytes that the process has from the system, without what was released.
pub fn ready() -> usize {
    let heap = HEAP_SYS.load(Relaxed).saturating_sub(RELEASED_PAGES.load(Relaxed) * PAGE);
    heap + persistent::BYTES.load(Relaxed) + MAPPED_STACKS.load(Relaxed)
}

/// Pages of the heap that are not released.
fn retained() -> usize {
    (HEAP_SYS.load(Relaxed) / PAGE).saturating_sub(MANUAL_PAGES.load(Relaxed) + RELEASED_PAGES.load(Relaxed))
}

/// Pages of free runs that are not released.
pub fn idle() -> usize {
    (HEAP_SYS.load(Relaxed) / PAGE).saturating_sub(PAGES_IN_USE.load(Relaxed) + RELEASED_PAGES.load(Relaxed))
}

/// A collection is over, in which the heap had `in_use` pages; it has grown to `goal` bytes, and may grow to `next` until the next one.
///
/// # Safety
/// The world is stopped.
pub unsafe fn set_retained(now: i64, in_use: usize, goal: usize, next: usize) {
    let pages = in_use as u128 * next as u128 / goal.max(1) as u128;
    let pages = (pages + pages / 10).min(usize::MAX as u128) as usize;
    WANTED.store(pages, Relaxed);
    if pages >= RETAIN.load(Relaxed) {
        UNTIL.store(now + WINDOW, Relaxed);
        RETAIN.store(pages, Relaxed);
    }
}

/// The memory limit.
pub fn set_limit(bytes: usize) {
    LIMIT.store(bytes, Relaxed);
}

/// Bytes that should and can be released, if the heap may retain so many pages.
fn excess(retain: usize) -> usize {
    let heap = retained().saturating_sub(retain);
    let limit = LIMIT.load(Relaxed);
    let all = ready().saturating_sub(limit - limit / LIMIT_PART) / PAGE;
    heap.max(all).min(idle()) * PAGE
}

/// When the monitor has something to do here; 0: never, as far as is known.
pub fn next_piece() -> i64 {
    let (retain, wanted) = (RETAIN.load(Relaxed), WANTED.load(Relaxed));
    if excess(retain.min(wanted)) == 0 {
        0
    } else if excess(retain) == 0 {
        UNTIL.load(Relaxed).max(1)
    } else {
        NEXT.load(Relaxed).max(1)
    }
}

/// Releases a piece if it is time to.
///
/// # Safety
/// On the monitor thread.
pub unsafe fn background(now: i64) {
    let (retain, wanted) = (RETAIN.load(Relaxed), WANTED.load(Relaxed));
    if wanted < retain && now >= UNTIL.load(Relaxed) {
        // If a collection comes between, its word counts.
        _ = RETAIN.compare_exchange(retain, wanted, Relaxed, Relaxed);
    }
    if now < NEXT.load(Relaxed) || excess(RETAIN.load(Relaxed)) == 0 {
        return;
    }
    // SAFETY: the contract above.
    let bytes = unsafe { pages::release_some() };
    RELEASED[0].fetch_add(bytes, Relaxed);
    let took = (sys::nanotime() - now).min(LONGEST);
    NEXT.store(now + took * SHARE, Relaxed);
}

/// `s` was taken from the heap: if the system must give memory for it, and that is too much, other memory is released.
///
/// # Safety
/// On an M, without the heap's lock; `s` is the caller's, or null.
#[inline]
pub unsafe fn make_room_for(s: *mut Span) {
    let limit = LIMIT.load(Relaxed);
    // SAFETY: the contract above.
    if limit == usize::MAX || s.is_null() || unsafe { (*s).released == 0 } {
        return;
    }
    // SAFETY: the contract above.
    unsafe {
        while ready() > limit {
            let bytes = pages::release_some();
            if bytes == 0 {
                return;
            }
            RELEASED[1].fetch_add(bytes, Relaxed);
        }
    }
}

/// Releases all free memory.
///
/// # Safety
/// On an M.
pub unsafe fn release_all() {
    // SAFETY: the contract above.
    unsafe {
        loop {
            let bytes = pages::release_some();
            if bytes == 0 {
                break;
            }
            RELEASED[1].fetch_add(bytes, Relaxed);
        }
    }
    trace(true);
}

/// The line of `GODEBUG=scavtrace=1`, when sweeping is over, or `debug.FreeOSMemory` was called.
pub fn trace(forced: bool) {
    if !osinfo::debug().scavtrace {
        return;
    }
    let [background, eager] = RELEASED.each_ref().map(|n| (n.swap(0, Relaxed) >> 10) as i64);
    let in_use = PAGES_IN_USE.load(Relaxed).saturating_sub(MANUAL_PAGES.load(Relaxed));
    str("scav ");
    int(background);
    str(" KiB work (bg), ");
    int(eager);
    str(" KiB work (eager), ");
    int((RELEASED_PAGES.load(Relaxed) * (PAGE >> 10)) as i64);
    str(" KiB now, ");
    int((in_use * 100 / retained().max(1)) as i64);
    str("% util");
    if forced {
        str(" (forced)");
    }
    str("\n");
}
