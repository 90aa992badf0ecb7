//! Channels: what must happen under the channel's lock, or park.
//!
//! `Hchan` is a Go object (`runtime.hchan`); wait records (`Sudog`) are the runtime's own
//! memory: a parked goroutine (`G.held`) keeps the channel and the element alive. The waker
//! copies the element, leaves the result in the goroutine's result words, and (outside of
//! select) frees the wait record.

use crate::arch::{current_m, x86_64_mem::golift_memclr, x86_64_mem::golift_memmove};
use crate::gc::barrier;
use crate::heap::persistent::Fixed;
use crate::lock::Mutex;
use crate::locked::Locked;
use crate::sched::{G, getg, park_holding, ready, wait};
use crate::types::Type;
use core::ops::{Deref, DerefMut};
use core::ptr::null_mut;
use core::sync::atomic::{AtomicPtr, AtomicU32, AtomicUsize, Ordering::*};

/// A channel. Its fields change under its lock; `len`, `cap` and the fast paths read some without.
#[repr(C)]
pub struct Hchan {
    /// Elements in the buffer. Package runtime reads it for `len`.
    pub qcount: usize,
    /// Size of the buffer in elements; never changes.
    pub dataqsiz: usize,
    /// The buffer, if there is one; never changes.
    pub buf: *mut u8,
    /// Bytes of an element; never changes.
    pub elemsize: u16,
    /// Not 0: closed.
    pub closed: AtomicU32,
    /// A timer's channel: the Go timer that feeds it.
    pub timer: usize,
    /// Type of an element; never changes.
    pub elemtype: *const Type,
    /// Where the next element goes.
    pub sendx: usize,
    /// Where the next element is.
    pub recvx: usize,
    /// Who waits to receive.
    pub recvq: WaitQ,
    /// Who waits to send.
    pub sendq: WaitQ,
    /// The synctest bubble that it belongs to; package runtime's.
    pub bubble: usize,
    /// Guards the channel. It lies in a Go object, so it is no `Locked`: code gets at the fields through the guard below.
    pub lock: Mutex,
}
check_layout!(Hchan, golift_abi::layout::HCHAN, {
    qcount: "qcount",
    dataqsiz: "dataqsiz",
    buf: "buf",
    elemsize: "elemsize",
    closed: "closed",
    timer: "timer",
    elemtype: "elemtype",
    sendx: "sendx",
    recvx: "recvx",
    recvq: "recvq",
    sendq: "sendq",
    bubble: "bubble",
    lock: "lock",
});

/// Waiting goroutines, first come first served. Under the lock of what it belongs to.
#[repr(C)]
pub struct WaitQ {
    /// Who is served next.
    pub first: *mut Sudog,
    /// Who came last.
    pub last: *mut Sudog,
}

/// A goroutine in a wait queue of a channel, semaphore or condition.
#[repr(C)]
pub struct Sudog {
    /// Next in the queue, or in a P's cache.
    pub next: *mut Sudog,
    /// The one before in the queue.
    pub prev: *mut Sudog,
    /// Who waits.
    pub g: *mut G,
    /// Data to send or where to receive; semaphores: the address.
    pub elem: *mut u8,
    /// The channel that it waits for.
    pub c: *mut Hchan,
    /// Next of the same select, in lock order.
    pub waitlink: *mut Sudog,
    /// One of several of a select: the first to set `G::select_done` wakes it.
    pub is_select: bool,
    /// Written by the waker: it communicated, rather than closed.
    pub success: bool,
    /// Waits to send.
    pub is_send: bool,
    /// Conditions: its place in the order of waiters.
    pub ticket: u32,
    /// Semaphores: the processor's clock when it began to wait; 0: nobody asks.
    pub since: u64,
}

static POOL: Locked<Fixed<Sudog>> = Locked::new(Fixed::new());

/// # Safety
/// On an M with a P.
pub unsafe fn acquire_sudog() -> *mut Sudog {
    // SAFETY: the contract above.
    unsafe {
        let p = (*current_m()).p;
        let s = (*p).sudog_cache;
        let s = if s.is_null() {
            POOL.lock().alloc()
        } else {
            (*p).sudog_cache = (*s).next;
            s
        };
        s.write(Sudog {
            next: null_mut(),
            prev: null_mut(),
            g: getg(),
            elem: null_mut(),
            c: null_mut(),
            waitlink: null_mut(),
            is_select: false,
            success: false,
            is_send: false,
            ticket: 0,
            since: 0,
        });
        s
    }
}

/// # Safety
/// `s` is in no queue, and nobody else knows it.
pub unsafe fn release_sudog(s: *mut Sudog) {
    // SAFETY: the contract above.
    unsafe {
        let p = (*current_m()).p;
        if p.is_null() {
            POOL.lock().free(s);
            return;
        }
        (*s).next = (*p).sudog_cache;
        (*p).sudog_cache = s;
    }
}

// SAFETY: wait records belong to no thread.
unsafe impl Send for WaitQ {}

impl Default for WaitQ {
    fn default() -> Self {
        Self::new()
    }
}

impl WaitQ {
    /// An empty one.
    pub const fn new() -> WaitQ {
        WaitQ { first: null_mut(), last: null_mut() }
    }
    /// # Safety
    /// The caller holds the lock of the queue; `s` is in none.
    pub unsafe fn enqueue(&mut self, s: *mut Sudog) {
        // SAFETY: the contract above.
        unsafe {
            (*s).next = null_mut();
            (*s).prev = self.last;
            if self.last.is_null() {
                self.first = s;
            } else {
                (*self.last).next = s;
            }
            self.last = s;
        }
    }
    /// # Safety
    /// The caller holds the lock of the queue; `s` was put in this one.
    pub unsafe fn remove(&mut self, s: *mut Sudog) {
        // SAFETY: the contract above.
        unsafe {
            let (n, p) = ((*s).next, (*s).prev);
            if p.is_null() {
                if self.first != s {
                    return; // already dequeued
                }
                self.first = n;
            } else {
                (*p).next = n;
            }
            if n.is_null() {
                self.last = p;
            } else {
                (*n).prev = p;
            }
            (*s).next = null_mut();
            (*s).prev = null_mut();
        }
    }
    /// First waiter that is not a select which another channel has already won.
    ///
    /// # Safety
    /// The caller holds the lock of the queue.
    pub unsafe fn dequeue(&mut self) -> *mut Sudog {
        // SAFETY: the contract above.
        unsafe {
            loop {
                let s = self.first;
                if s.is_null() {
                    return s;
                }
                self.remove(s);
                if (*s).is_select && (*(*s).g).select_done.compare_exchange(0, 1, AcqRel, Relaxed).is_err() {
                    continue;
                }
                return s;
            }
        }
    }
}

impl Hchan {
    /// # Safety
    /// `i` is less than `dataqsiz`.
    #[inline(always)]
    pub unsafe fn slot(&self, i: usize) -> *mut u8 {
        // SAFETY: the contract above.
        unsafe { self.buf.add(i * self.elemsize as usize) }
    }
    /// An element is about to be overwritten, on g0 or in this leaf.
    ///
    /// # Safety
    /// `p` is an element of the channel.
    #[inline(always)]
    unsafe fn note(&self, p: *const u8) {
        // SAFETY: the contract above.
        unsafe {
            if barrier::is_on() && (self.elemtype.is_null() || (*self.elemtype).ptr_bytes != 0) {
                barrier::before_write(p, self.elemsize as usize);
            }
        }
    }
    /// # Safety
    /// Both are elements of the channel.
    #[inline(always)]
    unsafe fn copy(&self, dst: *mut u8, src: *const u8) {
        // SAFETY: the contract above.
        unsafe {
            self.note(dst);
            match self.elemsize {
                0 => {}
                8 => *(dst as *mut [u8; 8]) = *(src as *const [u8; 8]),
                n => {
                    golift_memmove(dst, src, n as usize);
                }
            }
        }
    }
    /// # Safety
    /// `p` is an element of the channel.
    #[inline(always)]
    unsafe fn clear(&self, p: *mut u8) {
        // SAFETY: the contract above.
        unsafe {
            self.note(p);
            if self.elemsize == 8 {
                *(p as *mut [u8; 8]) = [0; 8];
            } else if self.elemsize != 0 {
                golift_memclr(p, self.elemsize as usize);
            }
        }
    }
    /// # Safety
    /// The caller holds the lock, and the buffer has room; `elem` is an element.
    #[inline(always)]
    pub unsafe fn push(&mut self, elem: *const u8) {
        // SAFETY: the contract above.
        unsafe {
            self.copy(self.slot(self.sendx), elem);
            self.sendx += 1;
            if self.sendx == self.dataqsiz {
                self.sendx = 0;
            }
            self.qcount += 1;
        }
    }
    /// # Safety
    /// The caller holds the lock, and the buffer is not empty; `elem` is null or an element.
    #[inline(always)]
    pub unsafe fn pop(&mut self, elem: *mut u8) {
        // SAFETY: the contract above.
        unsafe {
            let s = self.slot(self.recvx);
            if !elem.is_null() {
                self.copy(elem, s);
            }
            self.clear(s);
            self.recvx += 1;
            if self.recvx == self.dataqsiz {
                self.recvx = 0;
            }
            self.qcount -= 1;
        }
    }
    /// Hands `elem` to a dequeued receiver. The lock is held.
    ///
    /// # Safety
    /// The caller holds the lock; `s` was dequeued from `recvq`, `elem` is an element.
    pub unsafe fn send_to(&mut self, s: *mut Sudog, elem: *const u8) -> *mut G {
        // SAFETY: the contract above.
        unsafe {
            if !(*s).elem.is_null() {
                self.copy((*s).elem, elem);
            }
            wake_result(s, RECV_OK, true)
        }
    }
    /// Receives from a dequeued sender (through the full buffer, if any). The lock is held.
    ///
    /// # Safety
    /// The caller holds the lock; `s` was dequeued from `sendq`, `elem` is null or an element.
    pub unsafe fn recv_from(&mut self, s: *mut Sudog, elem: *mut u8) -> *mut G {
        // SAFETY: the contract above.
        unsafe {
            if self.dataqsiz == 0 {
                if !elem.is_null() {
                    self.copy(elem, (*s).elem);
                }
            } else {
                let slot = self.slot(self.recvx);
                if !elem.is_null() {
                    self.copy(elem, slot);
                }
                self.copy(slot, (*s).elem);
                self.recvx += 1;
                if self.recvx == self.dataqsiz {
                    self.recvx = 0;
                }
                self.sendx = self.recvx;
            }
            wake_result(s, SENT, true)
        }
    }
    /// # Safety
    /// `elem` is null or an element of the channel.
    pub unsafe fn clear_elem(&self, elem: *mut u8) {
        // SAFETY: the contract above.
        unsafe {
            if !elem.is_null() {
                self.clear(elem);
            }
        }
    }
}

/// Results of the channel functions.
pub const BLOCKED: usize = 0;
/// Result of a send that is done.
pub const SENT: usize = 1;
/// Result of a send on a closed channel: the caller panics.
pub const CLOSED: usize = 2;
/// Receives: bit 0 = selected, bit 1 = a value was received.
pub const RECV_OK: usize = 3;
/// Result of a receive from a closed channel, which gives the zero value.
pub const RECV_CLOSED: usize = 1;

/// Leaves the result with the waiting goroutine; it may be readied after the unlock.
///
/// # Safety
/// `s` was dequeued, and its goroutine waits.
pub unsafe fn wake_result(s: *mut Sudog, result: usize, success: bool) -> *mut G {
    // SAFETY: the contract above.
    unsafe {
        let gp = (*s).g;
        (*s).success = success;
        if (*s).is_select {
            (*gp).param = s;
        } else {
            (*gp).ret0 = result;
            release_sudog(s);
        }
        gp
    }
}

/// A channel whose lock is held. Nobody makes a reference to a channel otherwise, for others may change it.
pub struct Held<'a>(&'a mut Hchan);

impl<'a> Held<'a> {
    /// # Safety
    /// `c` is a channel that lives for `'a`.
    unsafe fn lock(c: *mut Hchan) -> Held<'a> {
        // SAFETY: the contract above; the lock is held when the reference to all of it is made.
        unsafe {
            (*c).lock.lock();
            Held(&mut *c)
        }
    }
    /// # Safety
    /// As for `lock`.
    unsafe fn try_lock(c: *mut Hchan) -> Option<Held<'a>> {
        // SAFETY: as above.
        unsafe { (*c).lock.try_lock().then(|| Held(&mut *c)) }
    }
    /// Leaves the lock held: whoever has the mutex unlocks it.
    fn keep_locked(self) -> &'a Mutex {
        let c: *const Hchan = self.0;
        core::mem::forget(self);
        // SAFETY: the channel lives for `'a`, and the lock is atomic.
        unsafe { &(*c).lock }
    }
}
impl Deref for Held<'_> {
    type Target = Hchan;
    fn deref(&self) -> &Hchan {
        self.0
    }
}
impl DerefMut for Held<'_> {
    fn deref_mut(&mut self) -> &mut Hchan {
        self.0
    }
}
impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.0.lock.unlock();
    }
}

/// What a word of a channel is at the moment, without the lock: a hint.
///
/// # Safety
/// `p` is a word of a channel.
#[inline(always)]
unsafe fn peek<T>(p: *mut *mut T) -> *mut T {
    // SAFETY: the contract above.
    unsafe { AtomicPtr::from_ptr(p) }.load(Relaxed)
}
/// As `peek`, for a number.
///
/// # Safety
/// `p` is a word of a channel.
#[inline(always)]
unsafe fn peek_number(p: *mut usize) -> usize {
    // SAFETY: the contract above.
    unsafe { AtomicUsize::from_ptr(p) }.load(Relaxed)
}

/// Sends if the buffer has room and nobody waits; 1 if done.
///
/// # Safety
/// `c` is a channel, `elem` an element.
unsafe extern "C" fn chansend_fast_body(c: *mut Hchan, elem: *const u8) -> u8 {
    // SAFETY: the contract above. The size of the buffer does not change.
    unsafe {
        let size = (*c).dataqsiz;
        if size == 0 || peek_number(&raw mut (*c).qcount) == size || !peek(&raw mut (*c).recvq.first).is_null() {
            return 0;
        }
        let Some(mut c) = Held::try_lock(c) else { return 0 };
        let ok = c.closed.load(Relaxed) == 0 && c.qcount < c.dataqsiz && c.recvq.first.is_null();
        if ok {
            c.push(elem);
        }
        ok as u8
    }
}
polled_leaf!("golift_chansend_fast", chansend_fast_body);

/// Receives from the buffer if no sender waits; 1 if done.
///
/// # Safety
/// `c` is a channel, `elem` null or an element.
unsafe extern "C" fn chanrecv_fast_body(c: *mut Hchan, elem: *mut u8) -> u8 {
    // SAFETY: the contract above.
    unsafe {
        if peek_number(&raw mut (*c).qcount) == 0 || !peek(&raw mut (*c).sendq.first).is_null() {
            return 0;
        }
        let Some(mut c) = Held::try_lock(c) else { return 0 };
        let ok = c.qcount > 0 && c.sendq.first.is_null();
        if ok {
            c.pop(elem);
        }
        ok as u8
    }
}
polled_leaf!("golift_chanrecv_fast", chanrecv_fast_body);

extern "C" fn chansend_body(c: *mut Hchan, elem: *mut u8, block: u8) -> usize {
    // SAFETY: body of a system function; `c` is a channel, `elem` one element.
    unsafe {
        let mut h = Held::lock(c);
        if h.closed.load(Relaxed) != 0 {
            drop(h);
            return CLOSED;
        }
        let s = h.recvq.dequeue();
        if !s.is_null() {
            let gp = h.send_to(s, elem);
            drop(h);
            ready(gp, true);
            return SENT;
        }
        if h.qcount < h.dataqsiz {
            h.push(elem);
            drop(h);
            return SENT;
        }
        if block == 0 {
            drop(h);
            return BLOCKED;
        }
        let s = acquire_sudog();
        (*s).elem = elem;
        (*s).c = c;
        (*s).is_send = true;
        h.sendq.enqueue(s);
        let reason = if h.bubble != 0 { wait::SYNCTEST_CHAN_SEND } else { wait::CHAN_SEND };
        park_holding(Some(h.keep_locked()), reason, [c as usize, elem as usize])
    }
}
system_fn!("golift_chansend", chansend_body);

extern "C" fn chanrecv_body(c: *mut Hchan, elem: *mut u8, block: u8) -> usize {
    // SAFETY: as above.
    unsafe {
        let mut h = Held::lock(c);
        if h.closed.load(Relaxed) != 0 && h.qcount == 0 {
            h.clear_elem(elem);
            return RECV_CLOSED;
        }
        let s = h.sendq.dequeue();
        if !s.is_null() {
            let gp = h.recv_from(s, elem);
            drop(h);
            ready(gp, true);
            return RECV_OK;
        }
        if h.qcount > 0 {
            h.pop(elem);
            drop(h);
            return RECV_OK;
        }
        if block == 0 {
            drop(h);
            return BLOCKED;
        }
        let s = acquire_sudog();
        (*s).elem = elem;
        (*s).c = c;
        h.recvq.enqueue(s);
        let reason = if h.bubble != 0 { wait::SYNCTEST_CHAN_RECV } else { wait::CHAN_RECV };
        park_holding(Some(h.keep_locked()), reason, [c as usize, elem as usize])
    }
}
system_fn!("golift_chanrecv", chanrecv_body);

/// 0: done, 1: was closed already.
extern "C" fn closechan_body(c: *mut Hchan) -> usize {
    // SAFETY: as above.
    unsafe {
        let mut h = Held::lock(c);
        if h.closed.load(Relaxed) != 0 {
            drop(h);
            return 1;
        }
        h.closed.store(1, Release);
        let mut list: *mut G = null_mut();
        loop {
            let s = h.recvq.dequeue();
            if s.is_null() {
                break;
            }
            h.clear_elem((*s).elem);
            let gp = wake_result(s, RECV_CLOSED, false);
            (*gp).sched_link = list;
            list = gp;
        }
        loop {
            let s = h.sendq.dequeue();
            if s.is_null() {
                break;
            }
            let gp = wake_result(s, CLOSED, false);
            (*gp).sched_link = list;
            list = gp;
        }
        drop(h);
        while !list.is_null() {
            let gp = list;
            list = (*gp).sched_link;
            ready(gp, true);
        }
        0
    }
}
system_fn!("golift_closechan", closechan_body);
