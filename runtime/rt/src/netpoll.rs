//! Network poller: edge-triggered epoll, goroutines parked per direction.
//!
//! `rg`/`wg` of a descriptor: `NIL`, `READY` (an event nobody waited for), `WAIT` (someone is
//! about to park), or the parked goroutine.

use crate::arch::current_m;
use crate::heap::persistent::Fixed;
use crate::lock::Mutex;
use crate::locked::Locked;
use crate::sched::poller::Concerned;
use crate::sched::{self, *};
use crate::sys::{self, EpollEvent};
use crate::timer::{self, Timer};
use core::ptr::null_mut;
use core::sync::atomic::{AtomicI32, AtomicI64, AtomicU32, AtomicUsize, Ordering::*};

const NIL: usize = 0;
const READY: usize = 1;
const WAIT: usize = 2;

const NO_ERROR: usize = 0;
const ERR_CLOSING: usize = 1;
const ERR_TIMEOUT: usize = 2;
const ERR_NOT_POLLABLE: usize = 3;
/// The wait was over; ask again why (`golift_poll_resume`).
const WOKEN: usize = 100;

/// What is known of an open descriptor. Lives in the pool; `internal/poll` counts its users.
#[repr(C, align(64))]
pub struct PollDesc {
    /// Overwritten in the pool; all else stays valid, because a stale event may still lead here.
    link: *mut PollDesc,
    fd: i32,
    closing: AtomicU32,
    event_err: AtomicU32,
    rg: AtomicUsize,
    wg: AtomicUsize,
    /// Deadlines: 0 none, negative expired.
    rd: AtomicI64,
    wd: AtomicI64,
    /// Timers of the deadlines. Who sets a deadline or closes holds the lock to the end, so that the timers and `rd`, `wd` and
    /// `closing` agree.
    timers: Locked<Deadlines>,
}

struct Deadlines {
    read: Timer,
    write: Timer,
}

/// The two descriptors, written once; `EPFD` comes last.
static EPFD: AtomicI32 = AtomicI32::new(-1);
static EVENTFD: AtomicI32 = AtomicI32::new(-1);
/// Who makes the descriptors.
static INIT: Mutex = Mutex::new();
/// Parked goroutines.
static WAITERS: AtomicI32 = AtomicI32::new(0);
/// 1: `EVENTFD` has been written to and not been read since.
static WAKE_SENT: AtomicU32 = AtomicU32::new(0);
static POOL: Locked<Fixed<PollDesc>> = Locked::new(Fixed::new());

/// Does the poller exist?
pub fn inited() -> bool {
    EPFD.load(Acquire) >= 0
}
/// Does a goroutine wait for an event?
pub fn any_waiters() -> bool {
    WAITERS.load(Relaxed) > 0
}

/// Makes the poller if there is none.
pub fn init_once() {
    if inited() {
        return;
    }
    INIT.lock();
    if !inited() {
        let ep = sys::epoll_create();
        let ev = sys::eventfd();
        if ep < 0 || ev < 0 {
            crate::traceback::throw("runtime: netpollinit failed");
        }
        let e = EpollEvent { events: sys::EPOLLIN, data: 0 };
        sys::epoll_ctl(ep as i32, sys::EPOLL_CTL_ADD, ev as i32, &e);
        EVENTFD.store(ev as i32, Release);
        EPFD.store(ep as i32, Release);
    }
    INIT.unlock();
}

/// Makes a blocked `poll` return.
pub fn wake() {
    if WAKE_SENT.swap(1, AcqRel) == 0 {
        let one = 1u64;
        sys::write(EVENTFD.load(Relaxed), &one as *const u64 as *const u8, 8);
    }
}

/// A timer at `when` was added: someone must be awake or sleep no longer than that.
///
/// # Safety
/// On an M or the monitor thread.
pub unsafe fn wake_for(when: i64) {
    // SAFETY: the contract above.
    unsafe {
        match sched::sched().poller.concerned(when) {
            Concerned::Sleeper => wake(),
            Concerned::Idle => wakep(),
            Concerned::Nobody => {}
        }
    }
}

/// Goroutines that became ready (status still waiting, linked by `sched_link`). `delay` in
/// nanoseconds: 0 = do not block, negative = as long as it takes.
///
/// # Safety
/// On an M or the monitor thread.
pub unsafe fn poll(delay: i64) -> *mut G {
    // SAFETY: the contract above.
    unsafe {
        if !inited() {
            if delay != 0 {
                init_once();
            } else {
                return null_mut();
            }
        }
        let ms = if delay < 0 {
            -1
        } else if delay == 0 {
            0
        } else if delay < 1_000_000 {
            1
        } else {
            (delay / 1_000_000).min(1_000_000_000) as i32
        };
        let mut evs = [EpollEvent { events: 0, data: 0 }; 128];
        let mut list = null_mut();
        loop {
            let n = sys::epoll_wait(EPFD.load(Relaxed), evs.as_mut_ptr(), evs.len(), ms);
            if n == -sys::EINTR && ms < 0 {
                continue;
            }
            for e in evs.iter().take(n.max(0) as usize) {
                let (events, data) = (e.events, e.data);
                if data == 0 {
                    if delay != 0 {
                        let mut b = 0u64;
                        sys::syscall3(sys::nr::READ, EVENTFD.load(Relaxed) as usize, &mut b as *mut u64 as usize, 8);
                        WAKE_SENT.store(0, Release);
                    }
                    continue;
                }
                let pd = data as *mut PollDesc;
                (*pd).event_err.store((events == sys::EPOLLERR) as u32, Relaxed);
                if events & (sys::EPOLLIN | sys::EPOLLRDHUP | sys::EPOLLHUP | sys::EPOLLERR) != 0 {
                    list = push(list, unblock(&(*pd).rg, READY));
                }
                if events & (sys::EPOLLOUT | sys::EPOLLHUP | sys::EPOLLERR) != 0 {
                    list = push(list, unblock(&(*pd).wg, READY));
                }
            }
            return list;
        }
    }
}

/// # Safety
/// `gp` is null or a goroutine that nobody else holds.
unsafe fn push(list: *mut G, gp: *mut G) -> *mut G {
    // SAFETY: the contract above.
    unsafe {
        if gp.is_null() {
            return list;
        }
        (*gp).sched_link = list;
        gp
    }
}

/// Sets the state to `new` (READY for an event, NIL for timeout or close); returns the
/// goroutine that was parked there.
fn unblock(slot: &AtomicUsize, new: usize) -> *mut G {
    loop {
        let old = slot.load(Acquire);
        if old == READY || old == NIL && new == NIL {
            return null_mut();
        }
        if slot.compare_exchange(old, new, AcqRel, Relaxed).is_ok() {
            if old == NIL || old == WAIT {
                return null_mut();
            }
            WAITERS.fetch_sub(1, Relaxed);
            return old as *mut G;
        }
    }
}

impl PollDesc {
    fn slot(&self, mode: usize) -> &AtomicUsize {
        if mode == b'r' as usize { &self.rg } else { &self.wg }
    }
    fn check(&self, mode: usize) -> usize {
        if self.closing.load(Acquire) != 0 {
            return ERR_CLOSING;
        }
        let d = if mode == b'r' as usize { &self.rd } else { &self.wd };
        if d.load(Acquire) < 0 {
            return ERR_TIMEOUT;
        }
        if mode == b'r' as usize && self.event_err.load(Relaxed) != 0 {
            return ERR_NOT_POLLABLE;
        }
        NO_ERROR
    }
}

/// The descriptor, or null and the error.
#[repr(C)]
pub struct Opened {
    pd: *mut PollDesc,
    errno: usize,
}

extern "C" fn poll_open_body(fd: usize) -> Opened {
    // SAFETY: body of a system function.
    unsafe {
        init_once();
        let pd = POOL.lock().alloc();
        // Slots may be looked at by a stale event of an earlier life: keep them valid.
        (*pd).closing.store(0, Relaxed);
        (*pd).event_err.store(0, Relaxed);
        (*pd).rg.store(NIL, Relaxed);
        (*pd).wg.store(NIL, Relaxed);
        (*pd).rd.store(0, Relaxed);
        (*pd).wd.store(0, Relaxed);
        (*pd).fd = fd as i32;
        *(*pd).timers.lock() = core::mem::zeroed();
        let events = sys::EPOLLIN | sys::EPOLLOUT | sys::EPOLLRDHUP | sys::EPOLLET;
        let e = EpollEvent { events, data: pd as u64 };
        let r = sys::epoll_ctl(EPFD.load(Relaxed), sys::EPOLL_CTL_ADD, fd as i32, &e);
        if r < 0 {
            POOL.lock().free(pd);
            return Opened { pd: null_mut(), errno: -r as usize };
        }
        Opened { pd, errno: 0 }
    }
}
system_fn!("golift_poll_open", poll_open_body);

extern "C" fn poll_close_body(pd: *mut PollDesc) {
    // SAFETY: nobody uses `pd` any more (internal/poll's reference count).
    unsafe {
        let e = EpollEvent { events: 0, data: 0 };
        sys::epoll_ctl(EPFD.load(Relaxed), sys::EPOLL_CTL_DEL, (*pd).fd, &e);
        POOL.lock().free(pd);
    }
}
system_fn!("golift_poll_close", poll_close_body);

/// Leaf.
///
/// # Safety
/// The caller holds `pd`.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub unsafe extern "C" fn golift_poll_reset(pd: *mut PollDesc, mode: usize) -> usize {
    // SAFETY: the contract above.
    unsafe {
        let err = (*pd).check(mode);
        if err == NO_ERROR {
            (*pd).slot(mode).store(NIL, Release);
        }
        err
    }
}

/// `canceled`: wait for the event whatever deadline or close say.
extern "C" fn poll_wait_body(pd: *mut PollDesc, mode: usize, canceled: u8) -> usize {
    // SAFETY: body of a system function; the caller holds `pd`.
    unsafe {
        if canceled == 0 {
            let err = (*pd).check(mode);
            if err != NO_ERROR {
                return err;
            }
        }
        let slot = (*pd).slot(mode);
        loop {
            if slot.compare_exchange(READY, NIL, AcqRel, Relaxed).is_ok() {
                return NO_ERROR;
            }
            if slot.compare_exchange(NIL, WAIT, AcqRel, Relaxed).is_ok() {
                break;
            }
            let v = slot.load(Acquire);
            if v != READY && v != NIL {
                crate::traceback::throw("runtime: double wait");
            }
        }
        // Deadline or close may have come before the state was WAIT.
        if canceled == 0 {
            let err = (*pd).check(mode);
            if err != NO_ERROR {
                return if slot.swap(NIL, AcqRel) == READY { NO_ERROR } else { err };
            }
        }
        let m = current_m();
        let gp = (*m).curg;
        (*gp).ret0 = WOKEN;
        (*gp).wait_reason = wait::IO;
        crate::trace::blocks(wait::IO);
        (*gp).held = [pd as usize, 0];
        (*gp).m = null_mut();
        (*m).curg = null_mut();
        (*gp).status.store(G_WAITING, Release);
        WAITERS.fetch_add(1, Relaxed);
        if slot.compare_exchange(WAIT, gp as usize, AcqRel, Relaxed).is_err() {
            WAITERS.fetch_sub(1, Relaxed);
            ready(gp, true);
        }
        schedule()
    }
}
system_fn!("golift_poll_wait", poll_wait_body);

/// Leaf, after `golift_poll_wait` gave WOKEN: the result, or WOKEN to wait again.
///
/// # Safety
/// The caller holds `pd`.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub unsafe extern "C" fn golift_poll_resume(pd: *mut PollDesc, mode: usize) -> usize {
    // SAFETY: the contract above.
    unsafe {
        if (*pd).slot(mode).swap(NIL, AcqRel) == READY {
            return NO_ERROR;
        }
        match (*pd).check(mode) {
            NO_ERROR => WOKEN,
            err => err,
        }
    }
}

extern "C" fn poll_set_deadline_body(pd: *mut PollDesc, d: i64, mode: usize) {
    // SAFETY: as above.
    unsafe {
        let p = &*pd;
        let mut timers = p.timers.lock();
        if p.closing.load(Relaxed) != 0 {
            return;
        }
        let when = if d > 0 { sys::nanotime().saturating_add(d) } else { d };
        let (r, w) = (
            mode == b'r' as usize || mode == b'r' as usize + b'w' as usize,
            mode == b'w' as usize || mode == b'r' as usize + b'w' as usize,
        );
        let mut wake = [null_mut(); 2];
        if r {
            timer::disarm(&mut timers.read);
            p.rd.store(when, Release);
            timers.read.kind = timer::DEADLINE;
            timers.read.arg = pd as usize | 1;
            if when > 0 {
                timer::arm(&mut timers.read, when, 0);
            } else if when < 0 {
                wake[0] = unblock(&p.rg, NIL);
            }
        }
        if w {
            timer::disarm(&mut timers.write);
            p.wd.store(when, Release);
            timers.write.kind = timer::DEADLINE;
            timers.write.arg = pd as usize | 2;
            if when > 0 {
                timer::arm(&mut timers.write, when, 0);
            } else if when < 0 {
                wake[1] = unblock(&p.wg, NIL);
            }
        }
        drop(timers);
        for gp in wake {
            if !gp.is_null() {
                ready(gp, true);
            }
        }
    }
}
system_fn!("golift_poll_set_deadline", poll_set_deadline_body);

/// A deadline timer fired (the timer lock is held): goroutines to ready.
///
/// # Safety
/// `arg` is that of a deadline's timer, whose descriptor is open.
pub unsafe fn deadline_fired(arg: usize, _seq: usize) -> [*mut G; 2] {
    // SAFETY: the contract above.
    unsafe {
        let pd = &*((arg & !3) as *const PollDesc);
        let mut out = [null_mut(); 2];
        if arg & 1 != 0 {
            pd.rd.store(-1, Release);
            out[0] = unblock(&pd.rg, NIL);
        }
        if arg & 2 != 0 {
            pd.wd.store(-1, Release);
            out[1] = unblock(&pd.wg, NIL);
        }
        out
    }
}

extern "C" fn poll_unblock_body(pd: *mut PollDesc) {
    // SAFETY: as above.
    unsafe {
        let p = &*pd;
        let mut timers = p.timers.lock();
        p.closing.store(1, Release);
        timer::disarm(&mut timers.read);
        timer::disarm(&mut timers.write);
        let wake = [unblock(&p.rg, NIL), unblock(&p.wg, NIL)];
        drop(timers);
        for gp in wake {
            if !gp.is_null() {
                ready(gp, true);
            }
        }
    }
}
system_fn!("golift_poll_unblock", poll_unblock_body);

/// Leaf.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub extern "C" fn golift_is_poll_fd(fd: usize) -> u8 {
    let fd = fd as i32;
    (fd == EPFD.load(Relaxed) || fd == EVENTFD.load(Relaxed)) as u8
}
