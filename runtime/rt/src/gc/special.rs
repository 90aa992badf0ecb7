//! Specials: finalizers, cleanups and weak handles of objects.
//!
//! A span with specials is in one list; its specials are a list ordered by nothing. Dead
//! objects' specials are processed while the world is stopped, right after marking, so that
//! sweeping stays pure bit work and a weak handle never leads to an unmarked object.

use super::*;
use crate::heap::pages::object_span_of;
use crate::heap::persistent::Fixed;
use crate::heap::profile;
use crate::heap::span::Span;
use crate::lock::Mutex;
use core::ptr::null_mut;

pub const FINALIZER: u8 = 1;
pub const CLEANUP: u8 = 2;
pub const WEAK: u8 = 3;
pub const PROFILE: u8 = 4;

#[repr(C)]
pub struct Special {
    next: *mut Special,
    /// Index of the object in its span.
    index: u32,
    kind: u8,
    /// Where in its slot the object begins: tiny objects share one.
    offset: u16,
    /// Func value (finalizer, cleanup), weak handle, or bucket of the memory profile.
    value: usize,
    /// Finalizers: type word of the interface parameter, 0 for a pointer parameter.
    /// Cleanups: their id.
    extra: usize,
}

/// A finalizer or cleanup that is ready to run.
struct Ready {
    next: *mut Ready,
    func: usize,
    arg: usize,
    extra: usize,
    kind: u8,
}

struct State {
    lock: Mutex,
    pool: Fixed<Special>,
    ready_pool: Fixed<Ready>,
    spans: *mut Span,
    head: *mut Ready,
    tail: *mut Ready,
    /// The goroutine that runs finalizers, when parked.
    waiter: *mut sched::G,
    next_id: usize,
    resurrected: usize,
    /// Finalizers and cleanups that became ready, and those that have run.
    queued: [u64; 2],
    executed: [u64; 2],
    /// What the runner of finalizers took last and has not finished; 0: nothing.
    running: u8,
}
// SAFETY: used under the lock that it contains, or in a stopped world.
static STATE: Global<State> = unsafe {
    Global::new(State {
        lock: Mutex::new(),
        pool: Fixed::new(),
        ready_pool: Fixed::new(),
        spans: null_mut(),
        head: null_mut(),
        tail: null_mut(),
        waiter: null_mut(),
        next_id: 1,
        resurrected: 0,
        queued: [0; 2],
        executed: [0; 2],
        running: 0,
    })
};

unsafe fn add(s: *mut Span, p: usize, kind: u8, value: usize, extra: usize) {
    let st = &mut *STATE.get();
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

/// The object at `p` counts in a bucket of the memory profile.
pub unsafe fn add_profile(p: usize, bucket: usize) {
    let s = object_span_of(p);
    let st = &*STATE.get();
    st.lock.lock();
    add(s, p, PROFILE, bucket, 0);
    st.lock.unlock();
}

/// 0: no heap object; 1: done; 2: it has a finalizer already.
extern "C" fn set_finalizer_body(p: usize, func: usize, extra: usize) -> usize {
    // SAFETY: body of a system function; the caller keeps object and func alive.
    unsafe {
        let s = object_span_of(p);
        if s.is_null() {
            return 0;
        }
        let st = &mut *STATE.get();
        st.lock.lock();
        let mut e = (*s).specials;
        while !e.is_null() {
            if same_object(&*e, s, p) && (*e).kind == FINALIZER {
                st.lock.unlock();
                return 2;
            }
            e = (*e).next;
        }
        add(s, p, FINALIZER, func, extra);
        st.lock.unlock();
        1
    }
}
system_fn!("golift_set_finalizer", set_finalizer_body);

/// Removes the specials of the object at `p` for which `pred` holds.
unsafe fn remove(s: *mut Span, mut pred: impl FnMut(&Special) -> bool) {
    let st = &mut *STATE.get();
    let mut link = &raw mut (*s).specials;
    while !(*link).is_null() {
        let e = *link;
        if pred(&*e) {
            *link = (*e).next;
            st.pool.free(e);
        } else {
            link = &raw mut (*e).next;
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
        let st = &*STATE.get();
        st.lock.lock();
        remove(s, |e| same_object(e, s, p) && e.kind == FINALIZER);
        st.lock.unlock();
    }
}
system_fn!("golift_remove_finalizer", remove_finalizer_body);

/// Returns the cleanup's id, 0 if `p` is no heap object.
extern "C" fn add_cleanup_body(p: usize, func: usize) -> usize {
    // SAFETY: as above.
    unsafe {
        let s = object_span_of(p);
        if s.is_null() {
            return 0;
        }
        let st = &mut *STATE.get();
        st.lock.lock();
        let id = st.next_id;
        st.next_id += 1;
        add(s, p, CLEANUP, func, id);
        st.lock.unlock();
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
        let st = &*STATE.get();
        st.lock.lock();
        remove(s, |e| e.kind == CLEANUP && e.extra == id);
        st.lock.unlock();
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
        let st = &*STATE.get();
        st.lock.lock();
        let mut e = (*s).specials;
        while !e.is_null() {
            // While the object lives its handles hold their addresses.
            if (*e).kind == WEAK && *((*e).value as *const usize) == p {
                let h = (*e).value;
                st.lock.unlock();
                return h;
            }
            e = (*e).next;
        }
        if fresh != 0 {
            add(s, p, WEAK, fresh, 0);
        }
        st.lock.unlock();
        fresh
    }
}
system_fn!("golift_weak_handle", weak_handle_body);

/// Roots: func values and handles; and the contents of objects with a finalizer (what it
/// reaches must survive, the object itself need not be reachable). World stopped.
pub unsafe fn for_each_root(mut value: impl FnMut(usize), mut contents: impl FnMut(&Span, usize)) {
    let st = &*STATE.get();
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

unsafe fn enqueue(st: &mut State, e: &Special, arg: usize) {
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

/// How many finalizers or cleanups (`kind`) were queued, and how many have been executed.
pub unsafe fn counts(kind: u8) -> [u64; 2] {
    let st = &*STATE.get();
    let i = kind as usize - 1;
    st.lock.lock();
    let counts = [st.queued[i], st.executed[i]];
    st.lock.unlock();
    counts
}

/// Have all finalizers and cleanups that were queued been executed?
extern "C" fn finalizers_done_body() -> usize {
    // SAFETY: entry of a system function.
    unsafe {
        let st = &*STATE.get();
        st.lock.lock();
        let done = st.queued == st.executed;
        st.lock.unlock();
        usize::from(done)
    }
}
system_fn!("golift_finalizers_done", finalizers_done_body);

/// After marking, world stopped: deals with the specials of unmarked objects.
pub unsafe fn process_dead() {
    let st = &mut *STATE.get();
    let me: *mut State = st;
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
        remove(s, |e| {
            let i = e.index as usize;
            if (*s).marked(i) {
                return false;
            }
            match e.kind {
                WEAK => *(e.value as *mut usize) = 0,
                FINALIZER => enqueue(&mut *me, e, (*s).object(i) + e.offset as usize),
                _ if bit(i) => return false,
                PROFILE => profile::died(e.value),
                _ => enqueue(&mut *me, e, 0),
            }
            true
        });
        for (w, &bits) in resurrect.iter().enumerate() {
            let mut b = bits;
            while b != 0 {
                let i = w * 64 + b.trailing_zeros() as usize;
                b &= b - 1;
                st.resurrected += super::mark::mark_more((*s).object(i));
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
        (*gp).status.store(sched::G_RUNNABLE, Release);
        sched().lists.lock().global_put(gp);
    }
}

/// Finalizers or cleanups wait to be run.
pub unsafe fn any_ready() -> bool {
    let st = &mut *STATE.get();
    st.lock.lock();
    let ready = !st.head.is_null();
    st.lock.unlock();
    ready
}

/// Slots of pointer-free 16-byte spans may hold several tiny objects.
fn tiny(s: &Span) -> bool {
    s.class == 2 << 1 | 1
}

/// Does `e` belong to the object that `p` points to?
unsafe fn same_object(e: &Special, s: *mut Span, p: usize) -> bool {
    let i = (*s).index_of(p);
    e.index as usize == i && (!tiny(&*s) || e.offset as usize == p - (*s).object(i))
}

fn object_header(s: &Span) -> usize {
    if s.class > 1 && !s.noscan() && s.elemsize > crate::heap::MAX_IN_SPAN_BITS { crate::heap::HEADER } else { 0 }
}

pub unsafe fn take_resurrected() -> usize {
    core::mem::take(&mut (*STATE.get()).resurrected)
}

/// Fills `out[0..4]` = func, arg, extra, kind; parks while there is nothing (result 0: call
/// again).
extern "C" fn next_finalizer_body(out: *mut usize) -> usize {
    // SAFETY: `out` is memory of the calling goroutine's stack.
    unsafe {
        let st = &mut *STATE.get();
        st.lock.lock();
        if st.running != 0 {
            st.executed[st.running as usize - 1] += 1;
            st.running = 0;
        }
        let r = st.head;
        if r.is_null() {
            let gp = sched::getg();
            (*gp).ret0 = 0;
            st.waiter = gp;
            sched::park(Some(&st.lock), sched::wait::FINALIZER)
        }
        st.head = (*r).next;
        if st.head.is_null() {
            st.tail = null_mut();
        }
        *out = (*r).func;
        *out.add(1) = (*r).arg;
        *out.add(2) = (*r).extra;
        *out.add(3) = (*r).kind as usize;
        st.running = (*r).kind;
        st.ready_pool.free(r);
        st.lock.unlock();
        1
    }
}
system_fn!("golift_next_finalizer", next_finalizer_body);

/// Leaf: start address and usable size of the heap object that contains `p`, or 0.
#[repr(C)]
pub struct Object {
    pub base: usize,
    pub size: usize,
}
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
