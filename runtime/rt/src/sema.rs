//! Semaphores (`sync.Mutex`, `WaitGroup` …) and condition lists: sleeping queues by address.

use crate::arch::{cputicks, current_m};
use crate::chan::{Sudog, WaitQ, acquire_sudog, release_sudog};
use crate::locked::Locked;
use crate::sched::{G, getg, park_holding, ready, wait, yield_local};
use core::ptr::null_mut;
use core::sync::atomic::{AtomicU32, Ordering::*};

const ROOTS: usize = 1021;

#[repr(align(64))]
struct Root {
    waiters: AtomicU32,
    /// Waiters of all addresses of this bucket, in order.
    q: Locked<WaitQ>,
}
static TABLE: [Root; ROOTS] = [const { Root { waiters: AtomicU32::new(0), q: Locked::new(WaitQ::new()) } }; ROOTS];

fn root(addr: *const AtomicU32) -> &'static Root {
    &TABLE[(addr as usize >> 3) % ROOTS]
}

/// # Safety
/// `addr` is a semaphore that the caller keeps alive.
unsafe fn try_acquire(addr: *const AtomicU32) -> bool {
    // SAFETY: the contract above.
    unsafe {
        let mut v = (*addr).load(Relaxed);
        while v > 0 {
            match (*addr).compare_exchange(v, v - 1, AcqRel, Relaxed) {
                Ok(_) => return true,
                Err(x) => v = x,
            }
        }
        false
    }
}

/// In a reason: note when the waiter begins to wait.
const STAMPED: usize = 1 << 8;

/// 1: acquired; 0: woken without it (try again).
extern "C" fn semacquire_body(addr: *const AtomicU32, lifo: u8, reason: usize) -> usize {
    // SAFETY: body of a system function; the caller keeps `addr` alive.
    unsafe {
        let r = root(addr);
        let mut q = r.q.lock();
        r.waiters.fetch_add(1, SeqCst);
        if try_acquire(addr) {
            r.waiters.fetch_sub(1, SeqCst);
            drop(q);
            return 1;
        }
        let s = acquire_sudog();
        (*s).elem = addr as *mut u8;
        if reason & STAMPED != 0 {
            (*s).since = cputicks();
        }
        if lifo != 0 && !q.first.is_null() {
            (*s).next = q.first;
            (*q.first).prev = s;
            q.first = s;
        } else {
            q.enqueue(s);
        }
        (*getg()).ret0 = 0;
        park_holding(Some(q.keep_locked()), reason as u8, [addr as usize, 0])
    }
}
system_fn!("golift_semacquire", semacquire_body);

/// Leaf: has somebody to be woken? Called after the increment.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub extern "C" fn golift_sem_waiters(addr: *const AtomicU32) -> u8 {
    core::sync::atomic::fence(SeqCst);
    (root(addr).waiters.load(SeqCst) != 0) as u8
}

/// After the increment of `*addr`: wakes one waiter. How many cycles that has waited, if it was to be noted, or 0.
extern "C" fn semwake_body(addr: *const AtomicU32, handoff: u8) -> usize {
    // SAFETY: as above.
    unsafe {
        let r = root(addr);
        let mut q = r.q.lock();
        let mut s = q.first;
        while !s.is_null() && (*s).elem != addr as *mut u8 {
            s = (*s).next;
        }
        if s.is_null() {
            drop(q);
            return 0;
        }
        q.remove(s);
        r.waiters.fetch_sub(1, SeqCst);
        let gp = (*s).g;
        let direct = handoff != 0 && try_acquire(addr);
        (*gp).ret0 = direct as usize;
        let since = (*s).since;
        release_sudog(s);
        drop(q);
        let waited = if since == 0 { 0 } else { cputicks().saturating_sub(since).max(1) as usize };
        ready(gp, true);
        if direct && (*current_m()).locks == 0 {
            (*getg()).ret0 = waited;
            yield_local()
        }
        waited
    }
}
system_fn!("golift_semwake", semwake_body);

/// `sync.notifyList`.
#[repr(C)]
pub struct NotifyList {
    wait: AtomicU32,
    notify: AtomicU32,
    waiting: Locked<Waiting>,
}

/// Who waits, in the order of their tickets' arrival.
#[repr(C)]
struct Waiting {
    head: *mut Sudog,
    tail: *mut Sudog,
}
// SAFETY: wait records belong to no thread.
unsafe impl Send for Waiting {}

// As `check_layout!`, but two of the fields lie within the lock.
const _: () = {
    let layout = &golift_abi::layout::NOTIFY_LIST;
    let waiting = core::mem::offset_of!(NotifyList, waiting);
    let data = waiting + Locked::<Waiting>::DATA;
    assert!(core::mem::offset_of!(NotifyList, wait) == layout.offset("wait"));
    assert!(core::mem::offset_of!(NotifyList, notify) == layout.offset("notify"));
    assert!(waiting == layout.offset("lock"));
    assert!(data + core::mem::offset_of!(Waiting, head) == layout.offset("head"));
    assert!(data + core::mem::offset_of!(Waiting, tail) == layout.offset("tail"));
    assert!(layout.fields.len() == 5 && layout.size == size_of::<NotifyList>());
};

fn less(a: u32, b: u32) -> bool {
    (a.wrapping_sub(b) as i32) < 0
}

extern "C" fn notify_wait_body(l: *mut NotifyList, t: u32) {
    // SAFETY: body of a system function; the caller keeps `l` alive.
    unsafe {
        let l = &*l;
        let mut waiting = l.waiting.lock();
        if less(t, l.notify.load(Relaxed)) {
            drop(waiting);
            return;
        }
        let s = acquire_sudog();
        (*s).ticket = t;
        if waiting.tail.is_null() {
            waiting.head = s;
        } else {
            (*waiting.tail).next = s;
        }
        waiting.tail = s;
        park_holding(Some(waiting.keep_locked()), wait::SYNC_COND_WAIT, [&raw const *l as usize, 0])
    }
}
system_fn!("golift_notify_wait", notify_wait_body);

/// Only its bubble may wake a goroutine that counts as blocked.
///
/// # Safety
/// On g0; `gp` waits.
unsafe fn of_same_bubble(gp: *mut G) {
    // SAFETY: the contract above.
    unsafe {
        if !(*gp).bubble.is_null() && (*getg()).bubble != (*gp).bubble {
            crate::print::str("semaphore wake of synctest goroutine ");
            crate::print::uint((*gp).goid);
            crate::print::str(" from outside bubble\n");
            crate::traceback::fatal("semaphore wake of synctest goroutine from outside bubble");
        }
    }
}

extern "C" fn notify_all_body(l: *mut NotifyList) {
    // SAFETY: as above.
    unsafe {
        let l = &*l;
        if l.wait.load(Acquire) == l.notify.load(Acquire) {
            return;
        }
        let mut waiting = l.waiting.lock();
        let mut s = waiting.head;
        waiting.head = null_mut();
        waiting.tail = null_mut();
        l.notify.store(l.wait.load(Acquire), Release);
        drop(waiting);
        while !s.is_null() {
            let next = (*s).next;
            let gp = (*s).g;
            of_same_bubble(gp);
            release_sudog(s);
            ready(gp, true);
            s = next;
        }
    }
}
system_fn!("golift_notify_all", notify_all_body);

extern "C" fn notify_one_body(l: *mut NotifyList) {
    // SAFETY: as above.
    unsafe {
        let l = &*l;
        if l.wait.load(Acquire) == l.notify.load(Acquire) {
            return;
        }
        let mut waiting = l.waiting.lock();
        let t = l.notify.load(Relaxed);
        if t == l.wait.load(Acquire) {
            drop(waiting);
            return;
        }
        l.notify.store(t.wrapping_add(1), Release);
        let mut prev: *mut Sudog = null_mut();
        let mut s = waiting.head;
        while !s.is_null() {
            if (*s).ticket == t {
                let next = (*s).next;
                if prev.is_null() {
                    waiting.head = next;
                } else {
                    (*prev).next = next;
                }
                if next.is_null() {
                    waiting.tail = prev;
                }
                drop(waiting);
                let gp: *mut G = (*s).g;
                of_same_bubble(gp);
                release_sudog(s);
                ready(gp, true);
                return;
            }
            prev = s;
            s = (*s).next;
        }
        drop(waiting);
    }
}
system_fn!("golift_notify_one", notify_one_body);
