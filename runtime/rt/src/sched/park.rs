//! Parking, readying, yielding, starting and ending goroutines. All of this runs on g0.

use super::*;
use crate::arch::{self, current_m};
use crate::{stack, sys, trace};
use bubble::Bubble;
use runq::*;

/// Stops the running goroutine and gives the M other work. `unlock` (the lock of the wait
/// structure it was put in) is released after the goroutine is off its thread.
///
/// # Safety
/// Called from the body of a system function.
pub unsafe fn park(unlock: Option<&Mutex>, reason: u8) -> ! {
    // SAFETY: the contract above.
    unsafe { park_holding(unlock, reason, [0; 2]) }
}

/// As `park`; `held` stays alive until the goroutine is made runnable.
///
/// # Safety
/// Called from the body of a system function.
pub unsafe fn park_holding(unlock: Option<&Mutex>, reason: u8, held: [usize; 2]) -> ! {
    // SAFETY: the contract above.
    unsafe {
        trace::blocks(reason);
        let gp = dropg(reason);
        (*gp).held = held;
        (*gp).status.store(G_WAITING, Release);
        let bubble = block_in_bubble(gp);
        if let Some(l) = unlock {
            l.unlock();
        }
        settle_in_bubble(bubble);
        schedule()
    }
}

/// `gp` is about to wait: its bubble, if that counts it as blocked now, or null. `settle_in_bubble` follows when it can be woken.
///
/// # Safety
/// `gp` has left its thread, its reason is set, and nobody can wake it yet.
#[inline]
pub unsafe fn block_in_bubble(gp: *mut G) -> *mut Bubble {
    // SAFETY: the contract above; the goroutine keeps its bubble.
    unsafe {
        let bubble = (*gp).bubble;
        if bubble.is_null() || !wait::is_durable((*gp).wait_reason) {
            return null_mut();
        }
        (*gp).durable = true;
        (*bubble).blocks();
        bubble
    }
}

/// # Safety
/// On g0, without locks; `bubble` is what `block_in_bubble` gave.
#[inline]
pub unsafe fn settle_in_bubble(bubble: *mut Bubble) {
    // SAFETY: the contract above: no collection comes between.
    unsafe {
        if !bubble.is_null() {
            wake((*bubble).settled());
        }
    }
}

/// Wakes the goroutine that a bubble chose, if any.
///
/// # Safety
/// On an M, without locks.
pub unsafe fn wake(gp: *mut G) {
    // SAFETY: the contract above; only its bubble wakes it.
    unsafe {
        if !gp.is_null() {
            ready(gp, true);
        }
    }
}

/// # Safety
/// In the body of a system function.
unsafe fn dropg(reason: u8) -> *mut G {
    // SAFETY: the contract above.
    unsafe {
        let m = current_m();
        let gp = (*m).curg;
        if (*m).locks != 0 {
            crate::traceback::throw("a pinned goroutine blocks");
        }
        (*gp).wait_reason = reason;
        (*gp).wait_since = 0;
        (*gp).m = null_mut();
        (*m).curg = null_mut();
        gp
    }
}

/// Makes a waiting goroutine runnable; `next` = it is likely to run at once on this P.
///
/// # Safety
/// On an M; the caller took `gp`, which waits, out of its wait structure.
pub unsafe fn ready(gp: *mut G, next: bool) {
    // SAFETY: the contract above.
    unsafe {
        if (*gp).durable {
            (*gp).durable = false;
            (*(*gp).bubble).unblocked();
        }
        let old = trace::unblock(gp);
        if old != G_WAITING {
            crate::traceback::throw("bad g->status in ready");
        }
        let p = getp();
        if p.is_null() {
            let s = sched();
            let mut lists = s.lists.lock();
            lists.global_put(gp);
            drop(lists);
        } else {
            times::runnable(gp, p);
            runq_put(p, gp, next);
        }
        wakep();
    }
}

/// Puts the running goroutine at the end of the global queue.
///
/// # Safety
/// In the body of a system function.
pub unsafe fn yield_global() -> ! {
    // SAFETY: the contract above.
    unsafe { yield_global_because("preempted") }
}

/// # Safety
/// In the body of a system function.
unsafe fn yield_global_because(reason: &'static str) -> ! {
    // SAFETY: the contract above.
    unsafe {
        trace::yields(reason);
        let gp = dropg(wait::PREEMPTED);
        (*gp).status.store(G_RUNNABLE, Release);
        times::runnable(gp, getp());
        let s = sched();
        let mut lists = s.lists.lock();
        lists.global_put(gp);
        drop(lists);
        if s.idle.ps() != 0 {
            wakep();
        }
        schedule()
    }
}

/// Puts the running goroutine at the end of the local queue.
///
/// # Safety
/// In the body of a system function.
pub unsafe fn yield_local() -> ! {
    // SAFETY: the contract above.
    unsafe {
        let p = getp();
        trace::yields("preempted");
        let gp = dropg(wait::PREEMPTED);
        (*gp).status.store(G_RUNNABLE, Release);
        times::runnable(gp, p);
        runq_put(p, gp, false);
        schedule()
    }
}

extern "C" fn gosched_body() {
    // SAFETY: body of a system function.
    unsafe {
        (*getg()).ret0 = 0;
        yield_global_because("runtime.Gosched")
    }
}
system_fn!("golift_gosched", gosched_body);

extern "C" fn goyield_body() {
    // SAFETY: body of a system function.
    unsafe { yield_local() }
}
system_fn!("golift_goyield", goyield_body);

/// Parks forever (or until some other part of the runtime readies it).
extern "C" fn park_forever_body(reason: usize) {
    // SAFETY: body of a system function.
    unsafe { park(None, reason as u8) }
}
system_fn!("golift_park", park_forever_body);

extern "C" fn goready_body(gp: *mut G) {
    // SAFETY: Go code passes a goroutine that it knows to be parked by `golift_park`.
    unsafe {
        while (*gp).status.load(Acquire) != G_WAITING {
            core::hint::spin_loop();
        }
        ready(gp, true)
    }
}
system_fn!("golift_goready", goready_body);

// --- creation ---------------------------------------------------------------------------

/// # Safety
/// `gp` is not in the table.
pub unsafe fn allgadd(gp: *mut G) {
    // SAFETY: the contract above.
    unsafe {
        let s = sched();
        let mut capacity = s.allg_cap.lock();
        let n = s.allg_len.load(Relaxed);
        if n == *capacity {
            let cap = (*capacity * 2).max(1024);
            let new = sys::map(cap * 8) as *mut *mut G;
            if new.is_null() {
                crate::traceback::throw("out of memory (goroutine table)");
            }
            core::ptr::copy_nonoverlapping(s.allg.load(Relaxed), new, n);
            // The old table is left: readers without the lock may still walk it.
            s.allg.store(new, Release);
            *capacity = cap;
        }
        *s.allg.load(Relaxed).add(n) = gp;
        s.allg_len.store(n + 1, Release);
    }
}

/// # Safety
/// On an M.
unsafe fn new_g() -> *mut G {
    // SAFETY: the contract above.
    unsafe {
        let gp = crate::heap::persistent::alloc(size_of::<G>(), 64) as *mut G;
        (*gp).morestack = arch::golift_morestack as *const () as usize;
        (*gp).status = AtomicU32::new(G_DEAD);
        allgadd(gp);
        gp
    }
}

/// # Safety
/// `p` is the P of this M.
unsafe fn gfget(p: *mut P) -> *mut G {
    // SAFETY: the contract above.
    unsafe {
        if (*p).gfree.is_null() {
            let mut free = sched().free_gs.lock();
            for _ in 0..32 {
                let list = if free.with_stack.is_null() { &mut free.without } else { &mut free.with_stack };
                let g = *list;
                if g.is_null() {
                    break;
                }
                *list = (*g).sched_link;
                (*g).sched_link = (*p).gfree;
                (*p).gfree = g;
                (*p).gfree_n += 1;
            }
        }
        let g = (*p).gfree;
        if !g.is_null() {
            (*p).gfree = (*g).sched_link;
            (*p).gfree_n -= 1;
        }
        g
    }
}

/// # Safety
/// `p` is the P of this M; `gp` is dead and in no list.
unsafe fn gfput(p: *mut P, gp: *mut G) {
    // SAFETY: the contract above.
    unsafe {
        (*gp).sched_link = (*p).gfree;
        (*p).gfree = gp;
        (*p).gfree_n += 1;
        if (*p).gfree_n >= 64 {
            let mut free = sched().free_gs.lock();
            while (*p).gfree_n >= 32 {
                let g = (*p).gfree;
                (*p).gfree = (*g).sched_link;
                (*p).gfree_n -= 1;
                (*g).sched_link = free.with_stack;
                free.with_stack = g;
            }
        }
    }
}

/// The stacks of ended goroutines are to be freed.
static FREE_STACKS: AtomicBool = AtomicBool::new(false);
/// So many at a time.
const STACKS: usize = 256;

/// Gives the ended goroutines that `p` has at hand to all, so that a collection can free their stacks.
///
/// # Safety
/// The world is stopped.
pub unsafe fn surrender_free_gs(p: *mut P) {
    // SAFETY: the contract above.
    unsafe {
        let first = core::mem::replace(&mut (*p).gfree, null_mut());
        (*p).gfree_n = 0;
        if first.is_null() {
            return;
        }
        let mut free = sched().free_gs.lock();
        let mut gp = first;
        while !gp.is_null() {
            let next = (*gp).sched_link;
            let free = &mut *free;
            let list = if (*gp).stack_base.is_null() { &mut free.without } else { &mut free.with_stack };
            (*gp).sched_link = *list;
            *list = gp;
            gp = next;
        }
    }
}

/// A collection is over: frees the stacks of ended goroutines ([`free_some_stacks`]).
pub fn free_stacks() {
    FREE_STACKS.store(true, Relaxed);
}

/// Frees some of them; false if there is nothing to do.
///
/// # Safety
/// On g0 of an M with a P.
#[inline]
pub unsafe fn free_some_stacks() -> bool {
    // SAFETY: the contract above.
    FREE_STACKS.load(Relaxed) && unsafe { free_some_stacks_slow() }
}

/// # Safety
/// As above.
#[cold]
unsafe fn free_some_stacks_slow() -> bool {
    // SAFETY: who takes a goroutine out of the list has it alone.
    unsafe {
        let mut free = sched().free_gs.lock();
        let first = free.with_stack;
        let (mut last, mut n) = (null_mut(), 0);
        while !free.with_stack.is_null() && n < STACKS {
            last = free.with_stack;
            free.with_stack = (*last).sched_link;
            n += 1;
        }
        if n == 0 {
            let mine = FREE_STACKS.swap(false, Relaxed);
            drop(free);
            if mine {
                stack::trim();
            }
            return false;
        }
        drop(free);
        let mut gp = first;
        for _ in 0..n {
            stack::drop_stack(gp);
            gp = (*gp).sched_link;
        }
        let mut free = sched().free_gs.lock();
        (*last).sched_link = free.without;
        free.without = first;
        true
    }
}

/// A new goroutine, not yet in any queue.
///
/// # Safety
/// On an M with a P; `fnv` is a func value without parameters.
pub unsafe fn create(fnv: usize, pc: usize, parent: *mut G, system: bool, status: u32) -> *mut G {
    // SAFETY: the contract above.
    unsafe {
        let p = getp();
        let mut gp = gfget(p);
        if gp.is_null() {
            gp = new_g();
        }
        if (*gp).stack_base.is_null() {
            stack::init_stack(gp, parent.is_null() && !system);
        }
        let s = sched();
        (*gp).start_fn = fnv;
        (*gp).sched_sp = arch::prepare_start_frame((*gp).stack_hi);
        (*gp).sched_fp = 0;
        (*gp).panic = 0;
        (*gp).defer = 0;
        (*gp).sig = 0;
        (*gp).go_words = [0; 4];
        (*gp).gopc = pc;
        (*gp).system = system;
        (*gp).wait_since = 0;
        (*gp).held = [0; 2];
        (*gp).scanned.store(crate::gc::mark::epoch(), Relaxed);
        (*gp).select_done = AtomicU32::new(0);
        if parent.is_null() {
            (*gp).parent_goid = 0;
            (*gp).labels = 0;
            (*gp).bubble = null_mut();
        } else {
            // Goroutines of the runtime, as the one that calls functions of timers, are nobody's parent.
            (*gp).parent_goid = if (*parent).system { 0 } else { (*parent).goid };
            (*gp).labels = (*parent).labels;
            // Whether FIPS 140-only mode is enforced (package runtime's `fipsbypass_is`).
            (*gp).go_words[1] = (*parent).go_words[1];
            (*gp).bubble = if system { null_mut() } else { (*parent).bubble };
        }
        (*gp).coroarg = 0;
        (*gp).goid = s.goid.fetch_add(1, Relaxed) + 1;
        if !system {
            s.ngs.fetch_add(1, Relaxed);
        }
        (*gp).durable = false;
        if !(*gp).bubble.is_null() {
            (*(*gp).bubble).created(status == G_WAITING);
        }
        trace::created(gp, status == G_WAITING);
        (*gp).status.store(status, Release);
        gp
    }
}

/// Queues a new goroutine.
///
/// # Safety
/// On an M with a P; `gp` is what `create` gave.
pub unsafe fn start(gp: *mut G) {
    // SAFETY: the contract above.
    unsafe {
        times::runnable(gp, getp());
        runq_put(getp(), gp, true);
        if sched().main_started.load(Relaxed) {
            wakep();
        }
    }
}

extern "C" fn newproc_body(fnv: usize, pc: usize, system: usize) {
    // SAFETY: body of a system function; `fnv` is a func value without parameters.
    unsafe { start(create(fnv, pc, getg(), system != 0, G_RUNNABLE)) }
}
system_fn!("golift_newproc", newproc_body);

extern "C" fn goexit_body() {
    // SAFETY: body of a system function; the goroutine's function has returned.
    unsafe {
        let m = current_m();
        let gp = (*m).curg;
        trace::ends();
        retire(gp);
        if !(*m).locked_g.is_null() {
            // A goroutine that ends while locked takes its thread out of the pool of Ms in
            // gc; here the thread is merely unlocked.
            (*m).locked_g = null_mut();
            (*m).lock_count = 0;
        }
        schedule()
    }
}
system_fn!("golift_goexit", goexit_body);

/// # Safety
/// On g0; `gp` is the goroutine of this M, and its function has returned.
pub unsafe fn retire(gp: *mut G) {
    // SAFETY: the contract above.
    unsafe {
        let m = current_m();
        if !(*gp).system {
            sched().ngs.fetch_sub(1, Relaxed);
        }
        let bubble = (*gp).bubble;
        (*gp).status.store(G_DEAD, Release);
        (*gp).m = null_mut();
        (*gp).locked_m = null_mut();
        (*gp).start_fn = 0;
        (*gp).panic = 0;
        (*gp).defer = 0;
        (*gp).labels = 0;
        (*gp).bubble = null_mut();
        (*gp).coroarg = 0;
        (*gp).go_words = [0; 4];
        (*gp).ret0 = 0;
        (*gp).ret1 = 0;
        (*m).curg = null_mut();
        stack::reset_stack(gp);
        clear_preempt(gp);
        gfput((*m).p, gp);
        if !bubble.is_null() {
            wake((*bubble).ended(gp));
        }
    }
}

// --- recover -----------------------------------------------------------------------------

/// Continues at a recovery record `{pc, sp, fp}` of a frame that is still on the stack.
extern "C" fn recovery_body(rec: *const usize) {
    // SAFETY: package runtime passes a record of a live frame of this goroutine.
    unsafe {
        let gp = getg();
        let (pc, sp, fp) = (*rec, *rec.add(1), *rec.add(2));
        stack::unwind_to(gp, sp);
        arch::golift_jump(gp, sp, fp, pc, rec as usize)
    }
}
system_fn!("golift_recovery", recovery_body);

// --- locking to threads ---------------------------------------------------------------------

/// Leaf.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub extern "C" fn golift_lock_os_thread() {
    // SAFETY: runs on the goroutine that is to be locked.
    unsafe {
        let m = current_m();
        (*m).lock_count += 1;
        (*m).locked_g = (*m).curg;
        (*(*m).curg).locked_m = m;
    }
}
/// Leaf.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub extern "C" fn golift_locked_to_thread() -> u8 {
    // SAFETY: as above.
    unsafe { u8::from(!(*getg()).locked_m.is_null()) }
}
/// Leaf.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub extern "C" fn golift_unlock_os_thread() {
    // SAFETY: as above.
    unsafe {
        let m = current_m();
        if (*m).lock_count == 0 {
            return;
        }
        (*m).lock_count -= 1;
        if (*m).lock_count == 0 {
            (*m).locked_g = null_mut();
            (*(*m).curg).locked_m = null_mut();
        }
    }
}

/// Leaf: is the running goroutine one of the runtime itself, which profiles and dumps leave out? It is not counted by `NumGoroutine`
/// in any case.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub extern "C" fn golift_set_system(on: u8) {
    // SAFETY: the goroutine that calls it.
    unsafe { (*getg()).system = on != 0 }
}

// --- small leaves for package runtime -----------------------------------------------------

extern "C" fn numgoroutine_body() -> i64 {
    sched().ngs.load(Relaxed)
}
polled_leaf!("golift_numgoroutine", numgoroutine_body);

/// Leaf: CPUs.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub extern "C" fn golift_ncpu() -> i64 {
    sched().ncpu.load(Relaxed) as i64
}
/// Leaf: the number of this thread's M.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub extern "C" fn golift_mid() -> u64 {
    // SAFETY: the M of this thread.
    unsafe { (*current_m()).id }
}
/// Leaf: does spinning make sense here (several Ps, nothing else to run)?
#[cfg_attr(not(test), unsafe(no_mangle))]
pub extern "C" fn golift_can_spin(i: usize) -> u8 {
    let s = sched();
    // SAFETY: own P.
    unsafe {
        (i < 4
            && s.ncpu.load(Relaxed) > 1
            && s.gomaxprocs() > s.idle.ps() + s.idle.spinning() + 1
            && (*getp()).runq.is_empty()) as u8
    }
}
/// Leaf: passes some time.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub extern "C" fn golift_do_spin() {
    for _ in 0..30 {
        core::hint::spin_loop();
    }
}
