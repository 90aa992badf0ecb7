//! `select`: tries the cases in random order, else waits on all of them.
//!
//! All channels are locked in address order. A parked select is finished by a second system
//! function (`golift_select_finish`) after it was woken, since the first one's frame on g0 is
//! gone by then.

use crate::arch::current_m;
use crate::chan::*;
use crate::rand::cheaprandn;
use crate::sched::{G_WAITING, block_in_bubble, getg, ready, schedule, settle_in_bubble, wait};
use core::ptr::null_mut;
use core::sync::atomic::Ordering::*;

/// A case, as package runtime lays it out (`scase`).
#[repr(C)]
pub struct Case {
    /// Its channel; null: never ready.
    pub c: *mut Hchan,
    /// What is sent, or where to receive; null: nowhere.
    pub elem: *mut u8,
}

/// What select has done.
#[repr(C)]
pub struct Chosen {
    /// Case index; negative: see the constants.
    pub index: isize,
    /// 1: a value was received; 0: the channel is closed, or it is a send.
    pub received: usize,
}
const NONE: isize = -1;
const SEND_ON_CLOSED: isize = -2;
const PARKED: isize = -3;

/// Lock order in `order[n..n+m]`; poll order in `order[..m]`; m = cases with a channel.
///
/// # Safety
/// `cas` are `n` cases, and `order` has room for twice as many numbers.
unsafe fn make_orders(cas: *const Case, order: *mut u16, n: usize) -> usize {
    // SAFETY: the contract above.
    unsafe {
        let mut m = 0;
        for i in 0..n {
            if (*cas.add(i)).c.is_null() {
                continue;
            }
            let j = cheaprandn(m as u32 + 1) as usize;
            *order.add(m) = *order.add(j);
            *order.add(j) = i as u16;
            m += 1;
        }
        let lock = order.add(n);
        // Heap sort by channel address: no recursion, no worst case.
        let key = |k: usize| (*cas.add(*lock.add(k) as usize)).c as usize;
        for i in 0..m {
            *lock.add(i) = *order.add(i);
            let mut j = i;
            while j > 0 && key((j - 1) / 2) < key(j) {
                core::ptr::swap(lock.add(j), lock.add((j - 1) / 2));
                j = (j - 1) / 2;
            }
        }
        for i in (1..m).rev() {
            core::ptr::swap(lock, lock.add(i));
            let mut j = 0;
            loop {
                let mut k = j * 2 + 1;
                if k >= i {
                    break;
                }
                if k + 1 < i && key(k) < key(k + 1) {
                    k += 1;
                }
                if key(j) >= key(k) {
                    break;
                }
                core::ptr::swap(lock.add(j), lock.add(k));
                j = k;
            }
        }
        m
    }
}

/// # Safety
/// `lock` holds `m` indices of `cas` in lock order.
unsafe fn lock_all(cas: *const Case, lock: *const u16, m: usize) {
    // SAFETY: the contract above.
    unsafe {
        let mut last = null_mut();
        for i in 0..m {
            let c = (*cas.add(*lock.add(i) as usize)).c;
            if c != last {
                (*c).lock.lock();
                last = c;
            }
        }
    }
}
/// # Safety
/// As `lock_all`, by which they were locked.
unsafe fn unlock_all(cas: *const Case, lock: *const u16, m: usize) {
    // SAFETY: the contract above.
    unsafe {
        for i in (0..m).rev() {
            let c = (*cas.add(*lock.add(i) as usize)).c;
            if i > 0 && c == (*cas.add(*lock.add(i - 1) as usize)).c {
                continue;
            }
            (*c).lock.unlock();
        }
    }
}

extern "C" fn selectgo_body(cas: *const Case, order: *mut u16, nsends: usize, nrecvs: usize, block: u8) -> Chosen {
    // SAFETY: body of a system function; `cas` and `order` are in the caller's frame.
    unsafe {
        let n = nsends + nrecvs;
        let m = make_orders(cas, order, n);
        let lock = order.add(n);
        lock_all(cas, lock, m);
        for i in 0..m {
            let ci = *order.add(i) as usize;
            let (c, elem) = (&mut *(*cas.add(ci)).c, (*cas.add(ci)).elem);
            let mut woken = null_mut();
            let received;
            if ci >= nsends {
                let s = c.sendq.dequeue();
                if !s.is_null() {
                    woken = c.recv_from(s, elem);
                    received = 1;
                } else if c.qcount > 0 {
                    c.pop(elem);
                    received = 1;
                } else if c.closed.load(Relaxed) != 0 {
                    c.clear_elem(elem);
                    received = 0;
                } else {
                    continue;
                }
            } else {
                received = 0;
                if c.closed.load(Relaxed) != 0 {
                    unlock_all(cas, lock, m);
                    return Chosen { index: SEND_ON_CLOSED, received: 0 };
                }
                let s = c.recvq.dequeue();
                if !s.is_null() {
                    woken = c.send_to(s, elem);
                } else if c.qcount < c.dataqsiz {
                    c.push(elem);
                } else {
                    continue;
                }
            }
            unlock_all(cas, lock, m);
            if !woken.is_null() {
                ready(woken, true);
            }
            return Chosen { index: ci as isize, received };
        }
        if block == 0 {
            unlock_all(cas, lock, m);
            return Chosen { index: NONE, received: 0 };
        }
        let gp = getg();
        (*gp).select_done.store(0, Relaxed);
        (*gp).param = null_mut();
        (*gp).sudogs = null_mut();
        let mut link = &raw mut (*gp).sudogs;
        let mut durable = !(*gp).bubble.is_null();
        for i in 0..m {
            let ci = *lock.add(i) as usize;
            let s = acquire_sudog();
            (*s).is_select = true;
            (*s).elem = (*cas.add(ci)).elem;
            (*s).c = (*cas.add(ci)).c;
            durable &= (*(*s).c).bubble != 0;
            *link = s;
            link = &raw mut (*s).waitlink;
            if ci < nsends {
                (*s).is_send = true;
                (*(*s).c).sendq.enqueue(s);
            } else {
                (*(*s).c).recvq.enqueue(s);
            }
        }
        (*gp).ret0 = PARKED as usize;
        (*gp).ret1 = 0;
        let mp = current_m();
        (*gp).wait_reason = if durable { wait::SYNCTEST_SELECT } else { wait::SELECT };
        crate::trace::blocks((*gp).wait_reason);
        (*gp).held = [cas as usize, order as usize];
        (*gp).m = null_mut();
        (*mp).curg = null_mut();
        (*gp).status.store(G_WAITING, Release);
        let bubble = block_in_bubble(gp);
        // The woken goroutine must take all these locks before it frees the records, so the
        // list may be walked until the last unlock.
        let mut s = (*gp).sudogs;
        while !s.is_null() {
            let c = (*s).c;
            let next = (*s).waitlink;
            let last = next.is_null() || (*next).c != c;
            if last {
                (*c).lock.unlock();
            }
            s = next;
        }
        settle_in_bubble(bubble);
        schedule()
    }
}
system_fn!("golift_selectgo", selectgo_body);

extern "C" fn select_finish_body(cas: *const Case, order: *mut u16, nsends: usize, nrecvs: usize) -> Chosen {
    // SAFETY: after `golift_selectgo` parked on the same cases.
    unsafe {
        let n = nsends + nrecvs;
        let lock = order.add(n);
        let m = (0..n).filter(|&i| !(*cas.add(i)).c.is_null()).count();
        lock_all(cas, lock, m);
        let gp = getg();
        let fired = (*gp).param;
        (*gp).param = null_mut();
        let mut s = (*gp).sudogs;
        (*gp).sudogs = null_mut();
        let mut chosen = Chosen { index: NONE, received: 0 };
        for i in 0..m {
            let ci = *lock.add(i) as usize;
            let next = (*s).waitlink;
            if s == fired {
                chosen.index = ci as isize;
                chosen.received = (*s).success as usize;
                if ci < nsends {
                    chosen.received = 0;
                    if !(*s).success {
                        chosen.index = SEND_ON_CLOSED;
                    }
                }
            } else if ci < nsends {
                (*(*s).c).sendq.remove(s);
            } else {
                (*(*s).c).recvq.remove(s);
            }
            release_sudog(s);
            s = next;
        }
        unlock_all(cas, lock, m);
        chosen
    }
}
system_fn!("golift_select_finish", select_finish_body);
