//! Specials: finalizers, cleanups and weak handles of objects.
//!
//! A span with specials is in one list; its specials are a list ordered by nothing. Dead
//! objects' specials are processed while the world is stopped, right after marking, so that
//! sweeping stays pure bit work and a weak handle never leads to an unmarked object.

use super::*;
use crate::heap::pages::object_span_of;
use crate::heap::persistent::Fixed;
use crate::heap::span::{Span, Special};
use crate::locked::Locked;
use core::ptr::null_mut;

/// `runtime.SetFinalizer`: runs once, and keeps the object for that.
pub const FINALIZER: u8 = 1;
/// `runtime.AddCleanup`.
pub const CLEANUP: u8 = 2;
/// A weak handle, cut when the object dies.
pub const WEAK: u8 = 3;
/// The object counts in the memory profile.
pub const PROFILE: u8 = 4;

/// The object belongs to a synctest bubble, the number of which is the value.
pub const BUBBLE: u8 = 5;

/// A finalizer or cleanup that is ready to run.
struct Ready {
    next: *mut Ready,
    func: usize,
    arg: usize,
    extra: usize,
    kind: u8,
}

/// The specials of all spans (`Span::specials` and what goes with it), and what is ready to run.
struct State {
    pool: Fixed<Special>,
    ready_pool: Fixed<Ready>,
    /// Spans with specials.
    spans: *mut Span,
    head: *mut Ready,
    tail: *mut Ready,
    /// The goroutine that runs finalizers, when parked.
    waiter: *mut sched::G,
    next_id: usize,
    /// Finalizers and cleanups that became ready, and those that have run.
    queued: [u64; 2],
    executed: [u64; 2],
    /// What the runner of finalizers took last and has not finished; 0: nothing.
    running: u8,
}
// SAFETY: spans, records and goroutines belong to no thread.
unsafe impl Send for State {}

static STATE: Locked<State> = Locked::new(State {
    pool: Fixed::new(),
    ready_pool: Fixed::new(),
    spans: null_mut(),
    head: null_mut(),
    tail: null_mut(),
    waiter: null_mut(),
    next_id: 1,
    queued: [0; 2],
    executed: [0; 2],
    running: 0,
});

/// # Safety
/// On g0; `p` is in an object of `s`, which is a span in use.
unsafe fn add(st: &mut State, s: *mut Span, p: usize, kind: u8, value: usize, extra: usize) {
    // SAFETY: the contract above.
    unsafe {
        let sp = st.pool.alloc();
        let index = (*s).index_of(p);
        let offset = if tiny(&*s) { (p - (*s).object(index)) as u16 } else { object_header(&*s) as u16 };
        sp.write(Special { next: (*s).specials, index: index as u32, kind, offset, value, extra });
        (*s).specials = sp;
        if !(*s).has_specials {
            (*s).has_specials = true;
            (*s).special_link = st.spans;
            st.spans = s;
        }
    }
}

/// The object at `p` counts in a bucket of the memory profile.
///
/// # Safety
/// On g0; `p` is in an object of `s`, which is a span in use.
pub unsafe fn add_profile(p: usize, bucket: usize) {
    // SAFETY: the contract above.
    unsafe {
        let s = object_span_of(p);
        add(&mut STATE.lock(), s, p, PROFILE, bucket, 0);
    }
}

/// 0: no heap object; 1: done; 2: it has a finalizer already.
extern "C" fn set_finalizer_body(p: usize, func: usize, extra: usize) -> usize {
    // SAFETY: body of a system function; the caller keeps object and func alive.
    unsafe {
        let s = object_span_of(p);
        if s.is_null() {
            return 0;
        }
        let mut st = STATE.lock();
        if !find(&st, s, p, FINALIZER).is_null() {
            return 2;
        }
        add(&mut st, s, p, FINALIZER, func, extra);
        1
    }
}
system_fn!("golift_set_finalizer", set_finalizer_body);

/// Removes the specials of the object at `p` for which `pred` holds.
///
/// # Safety
/// On g0; `p` is in an object of `s`, which is a span in use.
unsafe fn remove(st: &mut State, s: *mut Span, mut pred: impl FnMut(&mut State, &Special) -> bool) {
    // SAFETY: the contract above.
    unsafe {
        let mut link = &raw mut (*s).specials;
        while !(*link).is_null() {
            let e = *link;
            if pred(st, &*e) {
                *link = (*e).next;
                st.pool.free(e);
            } else {
                link = &raw mut (*e).next;
            }
        }
    }
}

extern "C" fn remove_finalizer_body(p: usize) {
    // SAFETY: as above.
    unsafe {
        let s = object_span_of(p);
        if s.is_null() {
            return;
        }
        remove(&mut STATE.lock(), s, |_, e| same_object(e, s, p) && e.kind == FINALIZER);
    }
}
system_fn!("golift_remove_finalizer", remove_finalizer_body);

/// The number of the bubble that the object at `p` belongs to, 0 if there is none; with `join` that is then `id`.
///
/// # Safety
/// On g0; the caller keeps the object.
pub unsafe fn bubble_of(p: usize, id: usize, join: bool) -> usize {
    // SAFETY: the contract above.
    unsafe {
        let s = object_span_of(p);
        if s.is_null() {
            return 0;
        }
        let mut st = STATE.lock();
        let e = find(&st, s, p, BUBBLE);
        if !e.is_null() {
            return (*e).value;
        }
        if !join {
            return 0;
        }
        add(&mut st, s, p, BUBBLE, id, 0);
        id
    }
}

/// The object at `p` belongs to no bubble any more.
///
/// # Safety
/// On g0; the caller keeps the object.
pub unsafe fn leave_bubble(p: usize) {
    // SAFETY: the contract above.
    unsafe {
        let s = object_span_of(p);
        if !s.is_null() {
            remove(&mut STATE.lock(), s, |_, e| same_object(e, s, p) && e.kind == BUBBLE);
        }
    }
}

/// Returns the cleanup's id, 0 if `p` is no heap object.
extern "C" fn add_cleanup_body(p: usize, func: usize) -> usize {
    // SAFETY: as above.
    unsafe {
        let s = object_span_of(p);
        if s.is_null() {
            return 0;
        }
        let mut st = STATE.lock();
        let id = st.next_id;
        st.next_id += 1;
        add(&mut st, s, p, CLEANUP, func, id);
        id
    }
}
system_fn!("golift_add_cleanup", add_cleanup_body);

extern "C" fn stop_cleanup_body(p: usize, id: usize) {
    // SAFETY: as above.
    unsafe {
        let s = object_span_of(p);
        if s.is_null() {
            return;
        }
        remove(&mut STATE.lock(), s, |_, e| e.kind == CLEANUP && e.extra == id);
    }
}
system_fn!("golift_stop_cleanup", stop_cleanup_body);

/// The weak handle of the address `p`, which may lie within an object: an existing one, or `fresh` (a pointer-free object
/// that begins with `p`), or 0 if `p` is no heap object.
extern "C" fn weak_handle_body(p: usize, fresh: usize) -> usize {
    // SAFETY: as above.
    unsafe {
        let s = object_span_of(p);
        if s.is_null() {
            return 0;
        }
        let mut st = STATE.lock();
        let mut e = (*s).specials;
        while !e.is_null() {
            // While the object lives its handles hold their addresses.
            if (*e).kind == WEAK && *((*e).value as *const usize) == p {
                return (*e).value;
            }
            e = (*e).next;
        }
        if fresh != 0 {
            add(&mut st, s, p, WEAK, fresh, 0);
        }
        fresh
    }
}
system_fn!("golift_weak_handle", weak_handle_body);

/// Roots: func values and handles; and the contents of objects with a finalizer (what it
/// reaches must survive, the object itself need not be reachable).
///
/// # Safety
/// While marking goes on.
pub unsafe fn for_each_root(mut value: impl FnMut(usize), mut contents: impl FnMut(&Span, usize)) {
    // SAFETY: the contract above.
    unsafe {
        let st = STATE.lock();
        let mut s = st.spans;
        while !s.is_null() {
            let mut e = (*s).specials;
            while !e.is_null() {
                value((*e).value);
                if (*e).kind == FINALIZER {
                    value((*e).extra);
                    contents(&*s, (*s).object((*e).index as usize));
                }
                e = (*e).next;
            }
            s = (*s).special_link;
        }
        let mut r = st.head;
        while !r.is_null() {
            value((*r).func);
            value((*r).arg);
            value((*r).extra);
            r = (*r).next;
        }
    }
}

/// # Safety
/// On an M.
unsafe fn enqueue(st: &mut State, e: &Special, arg: usize) {
    // SAFETY: the contract above.
    unsafe {
        let r = st.ready_pool.alloc();
        r.write(Ready { next: null_mut(), func: e.value, arg, extra: e.extra, kind: e.kind });
        if st.tail.is_null() {
            st.head = r;
        } else {
            (*st.tail).next = r;
        }
        st.tail = r;
        st.queued[e.kind as usize - 1] += 1;
    }
}

/// How many finalizers or cleanups (`kind`) were queued, and how many have been executed.
pub fn counts(kind: u8) -> [u64; 2] {
    let st = STATE.lock();
    let i = kind as usize - 1;
    [st.queued[i], st.executed[i]]
}

/// Have all finalizers and cleanups that were queued been executed?
extern "C" fn finalizers_done_body() -> usize {
    let st = STATE.lock();
    usize::from(st.queued == st.executed)
}
system_fn!("golift_finalizers_done", finalizers_done_body);

/// After marking, world stopped: deals with the specials of unmarked objects.
///
/// # Safety
/// The world is stopped.
pub unsafe fn process_dead() {
    // SAFETY: the contract above.
    unsafe {
        let mut state = STATE.lock();
        let st = &mut *state;
        let mut link = &raw mut st.spans;
        while !(*link).is_null() {
            let s = *link;
            let mut e = (*s).specials;
            // An object with a finalizer lives once more; its weak handles are cut first.
            let mut resurrect = [0u64; 16];
            while !e.is_null() {
                let i = (*e).index as usize;
                if (*e).kind == FINALIZER && !(*s).marked(i) {
                    resurrect[i / 64] |= 1 << (i % 64);
                }
                e = (*e).next;
            }
            let bit = |i: usize| resurrect[i / 64] >> (i % 64) & 1 != 0;
            remove(st, s, |st, e| {
                let i = e.index as usize;
                if (*s).marked(i) {
                    return false;
                }
                match e.kind {
                    WEAK => *(e.value as *mut usize) = 0,
                    FINALIZER => enqueue(st, e, (*s).object(i) + e.offset as usize),
                    _ if bit(i) => return false,
                    PROFILE => profile::died(e.value),
                    BUBBLE => {}
                    _ => enqueue(st, e, 0),
                }
                true
            });
            for (w, &bits) in resurrect.iter().enumerate() {
                let mut b = bits;
                while b != 0 {
                    let i = w * 64 + b.trailing_zeros() as usize;
                    b &= b - 1;
                    super::mark::mark_more((*s).object(i));
                }
            }
            if (*s).specials.is_null() {
                (*s).has_specials = false;
                *link = (*s).special_link;
            } else {
                link = &raw mut (*s).special_link;
            }
        }
        if !st.head.is_null() && !st.waiter.is_null() {
            let gp = st.waiter;
            st.waiter = null_mut();
            (*gp).ret0 = 0;
            // The world is stopped: the global queue is the safe place.
            crate::trace::unblock(gp);
            sched().lists.lock().global_put(gp);
        }
    }
}

/// Finalizers or cleanups wait to be run.
pub fn any_ready() -> bool {
    !STATE.lock().head.is_null()
}

/// Slots of pointer-free 16-byte spans may hold several tiny objects.
fn tiny(s: &Span) -> bool {
    s.class == 2 << 1 | 1
}

/// The special of this kind of the object that `p` points to, or null.
///
/// # Safety
/// As for `same_object`.
unsafe fn find(_lists: &State, s: *mut Span, p: usize, kind: u8) -> *mut Special {
    // SAFETY: the contract above; the lock of the lists is held.
    unsafe {
        let mut e = (*s).specials;
        while !e.is_null() && ((*e).kind != kind || !same_object(&*e, s, p)) {
            e = (*e).next;
        }
        e
    }
}

/// Does `e` belong to the object that `p` points to?
///
/// # Safety
/// On g0; `p` is in an object of `s`, which is a span in use.
unsafe fn same_object(e: &Special, s: *mut Span, p: usize) -> bool {
    // SAFETY: the contract above.
    unsafe {
        let i = (*s).index_of(p);
        e.index as usize == i && (!tiny(&*s) || e.offset as usize == p - (*s).object(i))
    }
}

fn object_header(s: &Span) -> usize {
    if s.class > 1 && !s.noscan() && s.elemsize > crate::heap::MAX_IN_SPAN_BITS { crate::heap::HEADER } else { 0 }
}

/// Fills `out[0..4]` = func, arg, extra, kind; parks while there is nothing (result 0: call
/// again).
extern "C" fn next_finalizer_body(out: *mut usize) -> usize {
    // SAFETY: `out` is memory of the calling goroutine's stack.
    unsafe {
        let mut state = STATE.lock();
        let st = &mut *state;
        if st.running != 0 {
            st.executed[st.running as usize - 1] += 1;
            st.running = 0;
        }
        let r = st.head;
        if r.is_null() {
            let gp = sched::getg();
            (*gp).ret0 = 0;
            st.waiter = gp;
            sched::park(Some(state.keep_locked()), sched::wait::FINALIZER)
        }
        st.head = (*r).next;
        if st.head.is_null() {
            st.tail = null_mut();
        }
        // It is no root any more.
        for p in [(*r).func, (*r).arg, (*r).extra] {
            super::barrier::golift_gc_shade(p);
        }
        *out = (*r).func;
        *out.add(1) = (*r).arg;
        *out.add(2) = (*r).extra;
        *out.add(3) = (*r).kind as usize;
        st.running = (*r).kind;
        st.ready_pool.free(r);
        1
    }
}
system_fn!("golift_next_finalizer", next_finalizer_body);

/// Leaf: start address and usable size of the heap object that contains `p`, or 0.
#[repr(C)]
pub struct Object {
    /// Where the object begins.
    pub base: usize,
    /// Its bytes.
    pub size: usize,
}
/// Leaf: the object of the heap that contains `p`; zeros if none does.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub extern "C" fn golift_find_object(p: usize) -> Object {
    // SAFETY: the caller holds a pointer into the object.
    unsafe {
        let s = object_span_of(p);
        if s.is_null() {
            return Object { base: 0, size: 0 };
        }
        let h = object_header(&*s);
        Object { base: (*s).object((*s).index_of(p)) + h, size: (*s).elemsize - h }
    }
}
