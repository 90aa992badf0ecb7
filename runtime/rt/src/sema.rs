//! Semaphores (`sync.Mutex`, `WaitGroup` …) and condition lists: sleeping queues by address.

use crate::arch::current_m;
use crate::chan::{Sudog, WaitQ, acquire_sudog, release_sudog};
use crate::global::Global;
use crate::lock::Mutex;
use crate::sched::{G, getg, park_holding, ready, wait, yield_local};
use core::ptr::null_mut;
use core::sync::atomic::{AtomicU32, Ordering::*};

const ROOTS: usize = 1021;

#[repr(align(64))]
struct Root {
    lock: Mutex,
    waiters: AtomicU32,
    /// Waiters of all addresses of this bucket, in order.
    q: WaitQ,
}
static TABLE: Global<[Root; ROOTS]> = Global::new(
    [const { Root { lock: Mutex::new(), waiters: AtomicU32::new(0), q: WaitQ { first: null_mut(), last: null_mut() } } };
        ROOTS],
);

/// # Safety
/// None but that the result is used under its lock.
unsafe fn root(addr: *const AtomicU32) -> &'static mut Root {
    // SAFETY: the contract above.
    unsafe { &mut (*TABLE.get())[(addr as usize >> 3) % ROOTS] }
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

/// 1: acquired; 0: woken without it (try again).
extern "C" fn semacquire_body(addr: *const AtomicU32, lifo: u8, reason: usize) -> usize {
    // SAFETY: body of a system function; the caller keeps `addr` alive.
    unsafe {
        let r = root(addr);
        r.lock.lock();
        r.waiters.fetch_add(1, SeqCst);
        if try_acquire(addr) {
            r.waiters.fetch_sub(1, SeqCst);
            r.lock.unlock();
            return 1;
        }
        let s = acquire_sudog();
        (*s).elem = addr as *mut u8;
        if lifo != 0 && !r.q.first.is_null() {
            (*s).next = r.q.first;
            (*r.q.first).prev = s;
            r.q.first = s;
        } else {
            r.q.enqueue(s);
        }
        (*getg()).ret0 = 0;
        park_holding(Some(&r.lock), reason as u8, [addr as usize, 0])
    }
}
system_fn!("golift_semacquire", semacquire_body);

/// Leaf: has somebody to be woken? Called after the increment.
///
/// # Safety
/// None: only the address counts.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub unsafe extern "C" fn golift_sem_waiters(addr: *const AtomicU32) -> u8 {
    // SAFETY: the contract above.
    unsafe {
        core::sync::atomic::fence(SeqCst);
        (root(addr).waiters.load(SeqCst) != 0) as u8
    }
}

/// After the increment of `*addr`: wakes one waiter.
extern "C" fn semwake_body(addr: *const AtomicU32, handoff: u8) {
    // SAFETY: as above.
    unsafe {
        let r = root(addr);
        r.lock.lock();
        let mut s = r.q.first;
        while !s.is_null() && (*s).elem != addr as *mut u8 {
            s = (*s).next;
        }
        if s.is_null() {
            r.lock.unlock();
            return;
        }
        r.q.remove(s);
        r.waiters.fetch_sub(1, SeqCst);
        let gp = (*s).g;
        let direct = handoff != 0 && try_acquire(addr);
        (*gp).ret0 = direct as usize;
        release_sudog(s);
        r.lock.unlock();
        ready(gp, true);
        if direct && (*current_m()).locks == 0 {
            yield_local()
        }
    }
}
system_fn!("golift_semwake", semwake_body);

/// `sync.notifyList`.
#[repr(C)]
pub struct NotifyList {
    wait: AtomicU32,
    notify: AtomicU32,
    lock: Mutex,
    _pad: u32,
    head: *mut Sudog,
    tail: *mut Sudog,
}
check_layout!(NotifyList, golift_abi::layout::NOTIFY_LIST, {
    wait: "wait",
    notify: "notify",
    lock: "lock",
    head: "head",
    tail: "tail",
});

fn less(a: u32, b: u32) -> bool {
    (a.wrapping_sub(b) as i32) < 0
}

extern "C" fn notify_wait_body(l: *mut NotifyList, t: u32) {
    // SAFETY: body of a system function; the caller keeps `l` alive.
    unsafe {
        let l = &mut *l;
        l.lock.lock();
        if less(t, l.notify.load(Relaxed)) {
            l.lock.unlock();
            return;
        }
        let s = acquire_sudog();
        (*s).ticket = t;
        if l.tail.is_null() {
            l.head = s;
        } else {
            (*l.tail).next = s;
        }
        l.tail = s;
        park_holding(Some(&l.lock), wait::SYNC_COND_WAIT, [&raw const *l as usize, 0])
    }
}
system_fn!("golift_notify_wait", notify_wait_body);

extern "C" fn notify_all_body(l: *mut NotifyList) {
    // SAFETY: as above.
    unsafe {
        let l = &mut *l;
        if l.wait.load(Acquire) == l.notify.load(Acquire) {
            return;
        }
        l.lock.lock();
        let mut s = l.head;
        l.head = null_mut();
        l.tail = null_mut();
        l.notify.store(l.wait.load(Acquire), Release);
        l.lock.unlock();
        while !s.is_null() {
            let next = (*s).next;
            let gp = (*s).g;
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
        let l = &mut *l;
        if l.wait.load(Acquire) == l.notify.load(Acquire) {
            return;
        }
        l.lock.lock();
        let t = l.notify.load(Relaxed);
        if t == l.wait.load(Acquire) {
            l.lock.unlock();
            return;
        }
        l.notify.store(t.wrapping_add(1), Release);
        let mut prev: *mut Sudog = null_mut();
        let mut s = l.head;
        while !s.is_null() {
            if (*s).ticket == t {
                let next = (*s).next;
                if prev.is_null() {
                    l.head = next;
                } else {
                    (*prev).next = next;
                }
                if next.is_null() {
                    l.tail = prev;
                }
                l.lock.unlock();
                let gp: *mut G = (*s).g;
                release_sudog(s);
                ready(gp, true);
                return;
            }
            prev = s;
            s = (*s).next;
        }
        l.lock.unlock();
    }
}
system_fn!("golift_notify_one", notify_one_body);
