//! The events, called where the scheduler changes a state. Each begins with the question whether there is a trace.

use super::event::*;
use super::{GC_ACTIVE, GC_SEQ, STOPPING, enabled, transition, write};
use crate::arch::current_m;
use crate::sched::*;
use core::sync::atomic::Ordering::*;

/// Why goroutines block, in the words of gc's traces, which tools look for.
fn block_reason(reason: u8) -> &'static str {
    match reason {
        wait::IO => "network",
        wait::CHAN_RECV_NIL | wait::CHAN_SEND_NIL | wait::SELECT_NO_CASES => "forever",
        wait::SELECT => "select",
        wait::CHAN_RECV => "chan receive",
        wait::CHAN_SEND => "chan send",
        wait::SYNC_COND_WAIT => "sync.(*Cond).Wait",
        wait::SEMACQUIRE | wait::SYNC_MUTEX | wait::SYNC_RW | wait::SYNC_RW_R | wait::SYNC_WG => "sync",
        wait::SLEEP => "sleep",
        wait::GC_ASSIST => "GC mark assist wait for work",
        wait::FINALIZER | wait::CLEANUP | wait::FORCE_GC_IDLE | wait::TIMER | wait::GC_WORKER => {
            "system goroutine wait"
        }
        wait::SYNCTEST_RUN
        | wait::SYNCTEST_WAIT
        | wait::SYNCTEST_CHAN_RECV
        | wait::SYNCTEST_CHAN_SEND
        | wait::SYNCTEST_SELECT
        | wait::SYNCTEST_WG => "synctest",
        _ => "unspecified",
    }
}

/// The thread's goroutine is about to wait.
///
/// # Safety
/// In the body of a system function, before the goroutine leaves the thread.
#[inline(always)]
pub unsafe fn blocks(reason: u8) {
    if enabled() {
        // SAFETY: the contract above.
        unsafe {
            write(|w| {
                let (reason, stack) = (w.string(block_reason(reason).as_bytes()), w.stack());
                w.event(GO_BLOCK, &[reason, stack]);
            })
        }
    }
}

/// The thread's goroutine lets others run.
///
/// # Safety
/// As for [`blocks`].
#[inline(always)]
pub unsafe fn yields(reason: &'static str) {
    if enabled() {
        // SAFETY: the contract above.
        unsafe {
            write(|w| {
                let (reason, stack) = (w.string(reason.as_bytes()), w.stack());
                w.event(GO_STOP, &[reason, stack]);
            })
        }
    }
}

/// Makes a waiting goroutine runnable; its state before.
///
/// # Safety
/// On an M; nobody else may wake `gp`.
#[inline]
pub unsafe fn unblock(gp: *mut G) -> u32 {
    // SAFETY: the contract above.
    unsafe {
        if !enabled() && !getp().is_null() {
            // No trace begins while this thread has a P.
            return (*gp).status.swap(G_RUNNABLE, AcqRel);
        }
        transition(|w| {
            if let Some(w) = w {
                (*gp).trace_seq += 1;
                let (id, seq, stack) = ((*gp).goid, (*gp).trace_seq, w.stack());
                w.event(GO_UNBLOCK, &[id, seq, stack]);
            }
            (*gp).status.swap(G_RUNNABLE, AcqRel)
        })
    }
}

/// The thread goes on with a goroutine.
///
/// # Safety
/// On g0 of an M with a P; `gp` is its goroutine from now on.
#[inline(always)]
pub unsafe fn starts(gp: *mut G) {
    if enabled() {
        // SAFETY: the contract above.
        unsafe {
            write(|w| {
                (*gp).trace_seq += 1;
                w.event(GO_START, &[(*gp).goid, (*gp).trace_seq]);
            })
        }
    }
}

/// There is a new goroutine.
///
/// # Safety
/// On g0 of an M with a P; `gp` is the caller's.
#[inline(always)]
pub unsafe fn created(gp: *mut G, waits: bool) {
    // SAFETY: the contract above.
    unsafe {
        (*gp).trace_seq = 0;
        if enabled() {
            write(|w| {
                let start = w.stack_at(*((*gp).start_fn as *const usize));
                let stack = w.stack();
                w.event(if waits { GO_CREATE_BLOCKED } else { GO_CREATE }, &[(*gp).goid, start, stack]);
            })
        }
    }
}

/// The thread's goroutine has ended.
///
/// # Safety
/// On g0, before the goroutine leaves the thread.
#[inline(always)]
pub unsafe fn ends() {
    if enabled() {
        // SAFETY: the contract above.
        unsafe { write(|w| w.event(GO_DESTROY, &[])) }
    }
}

/// The thread's goroutine hands over to `next`, and waits for it to do so in turn, or has ended.
///
/// # Safety
/// As for [`ends`]; `next` waits, and nobody else may wake it.
#[inline(always)]
pub unsafe fn switches(next: *mut G, and_ends: bool) {
    if enabled() {
        // SAFETY: the contract above.
        unsafe {
            write(|w| {
                (*next).trace_seq += 1;
                w.event(if and_ends { GO_SWITCH_DESTROY } else { GO_SWITCH }, &[(*next).goid, (*next).trace_seq]);
            })
        }
    }
}

/// The thread's goroutine begins a system call. On g0, with the P.
pub extern "C" fn syscall_begins() {
    // SAFETY: as said above.
    unsafe {
        write(|w| {
            let p = getp();
            (*p).trace_seq += 1;
            let (seq, stack) = ((*p).trace_seq, w.stack());
            w.event(GO_SYSCALL_BEGIN, &[seq, stack]);
        })
    }
}

/// The thread's goroutine is back from a system call, and has the P again that it had. On g0.
pub extern "C" fn syscall_ends() {
    // SAFETY: as said above.
    unsafe {
        write(|w| {
            let (m, p) = (current_m(), getp());
            if (*m).syscall_tick == (*p).syscall_tick.load(Relaxed) {
                return w.event(GO_SYSCALL_END, &[]);
            }
            // It was taken away meanwhile, and is in a system call of another thread now: from that one it has been taken.
            w.proc_event(PROC_STEAL, p, &[(*p).syscall_tid as u64]);
            w.event(GO_SYSCALL_END_BLOCKED, &[]);
            w.proc_event(PROC_START, p, &[]);
            let gp = (*m).curg;
            (*gp).trace_seq += 1;
            w.event(GO_START, &[(*gp).goid, (*gp).trace_seq]);
        })
    }
}

/// The thread's goroutine is back from a system call without a P: it becomes runnable.
///
/// # Safety
/// On g0 of an M without a P, in place of the goroutine `gp`.
pub unsafe fn syscall_ends_blocked(gp: *mut G) {
    // SAFETY: the contract above.
    unsafe {
        transition(|w| {
            if let Some(w) = w {
                w.event(GO_SYSCALL_END_BLOCKED, &[]);
            }
            (*gp).status.store(G_RUNNABLE, Release);
        })
    }
}

/// The thread has taken a P.
///
/// # Safety
/// On g0; `p` is this thread's.
#[inline(always)]
pub unsafe fn proc_starts(p: *mut P) {
    if enabled() {
        // SAFETY: the contract above.
        unsafe { write(|w| w.proc_event(PROC_START, p, &[])) }
    }
}

/// The thread gives its P up.
///
/// # Safety
/// On g0 of an M with a P.
#[inline(always)]
pub unsafe fn proc_stops() {
    if enabled() {
        // SAFETY: the contract above.
        unsafe { write(|w| w.event(PROC_STOP, &[])) }
    }
}

/// A P was taken from a thread in a system call.
///
/// # Safety
/// On an M; `p` is the caller's alone, and was a P in a system call.
#[inline(always)]
pub unsafe fn proc_stolen(p: *mut P) {
    if enabled() {
        // SAFETY: the contract above.
        unsafe { write(|w| w.proc_event(PROC_STEAL, p, &[(*p).syscall_tid as u64])) }
    }
}

/// GOMAXPROCS has changed.
///
/// # Safety
/// On g0, for a goroutine that leads a stopped world.
pub unsafe fn procs_change(n: i32) {
    if enabled() {
        // SAFETY: the contract above.
        unsafe {
            write(|w| {
                let stack = w.stack();
                w.event(PROCS_CHANGE, &[n as u64, stack]);
            })
        }
    }
}

/// The thread's goroutine begins to stop the world.
///
/// # Safety
/// On g0 of an M with a P and a goroutine that leads.
pub unsafe fn stop_begins() {
    if enabled() {
        // SAFETY: the contract above.
        unsafe {
            write(|w| {
                let (kind, stack) = (w.string(b"unknown"), w.stack());
                w.event(STW_BEGIN, &[kind, stack]);
                STOPPING.store(true, Relaxed);
            })
        }
    }
}

/// The world starts again.
///
/// # Safety
/// As for [`stop_begins`].
pub unsafe fn stop_ends() {
    if STOPPING.swap(false, Relaxed) {
        // SAFETY: the contract above.
        unsafe { write(|w| w.event(STW_END, &[])) }
    }
}

/// A collection begins.
///
/// # Safety
/// As for [`stop_begins`]: who leads the collection says so.
pub unsafe fn gc_begins() {
    GC_ACTIVE.store(true, Relaxed);
    if enabled() {
        // SAFETY: the contract above.
        unsafe {
            write(|w| {
                let stack = w.stack();
                w.event(GC_BEGIN, &[GC_SEQ.fetch_add(1, Relaxed), stack]);
            })
        }
    }
}

/// A collection has ended, with so many bytes live; the next one begins at `goal`.
///
/// # Safety
/// As for [`gc_begins`].
pub unsafe fn gc_ends(live: usize, goal: usize) {
    GC_ACTIVE.store(false, Relaxed);
    if enabled() {
        // SAFETY: the contract above.
        unsafe {
            write(|w| {
                w.event(GC_END, &[GC_SEQ.fetch_add(1, Relaxed)]);
                w.event(HEAP_ALLOC, &[live as u64]);
                w.event(HEAP_GOAL, &[goal as u64]);
            })
        }
    }
}

/// A text of the program.
///
/// # Safety
/// `n` bytes at `p` are readable.
unsafe fn text<'a>(p: *const u8, n: usize) -> &'a [u8] {
    // SAFETY: the contract above.
    if n == 0 { &[] } else { unsafe { core::slice::from_raw_parts(p, n) } }
}

/// `trace.NewTask`.
extern "C" fn user_task_begin_body(id: u64, parent: u64, name: *const u8, n: usize) {
    // SAFETY: body of a system function; a string of the caller's.
    unsafe {
        write(|w| {
            let (name, stack) = (w.string(text(name, n)), w.stack());
            w.event(USER_TASK_BEGIN, &[id, parent, name, stack]);
        })
    }
}
system_fn!("golift_trace_user_task_begin", user_task_begin_body);

/// `Task.End`.
extern "C" fn user_task_end_body(id: u64) {
    // SAFETY: body of a system function.
    unsafe {
        write(|w| {
            let stack = w.stack();
            w.event(USER_TASK_END, &[id, stack]);
        })
    }
}
system_fn!("golift_trace_user_task_end", user_task_end_body);

/// `trace.StartRegion` (mode 0) and `Region.End` (1).
extern "C" fn user_region_body(id: u64, mode: u64, name: *const u8, n: usize) {
    // SAFETY: body of a system function; a string of the caller's.
    unsafe {
        write(|w| {
            let (name, stack) = (w.string(text(name, n)), w.stack());
            let kind = if mode == 0 { USER_REGION_BEGIN } else { USER_REGION_END };
            w.event(kind, &[id, name, stack]);
        })
    }
}
system_fn!("golift_trace_user_region", user_region_body);

/// `trace.Log`.
extern "C" fn user_log_body(id: u64, key: *const u8, key_len: usize, message: *const u8, message_len: usize) {
    // SAFETY: body of a system function; strings of the caller's.
    unsafe {
        write(|w| {
            let (key, message) = (w.string(text(key, key_len)), w.string(text(message, message_len)));
            let stack = w.stack();
            w.event(USER_LOG, &[id, key, message, stack]);
        })
    }
}
system_fn!("golift_trace_user_log", user_log_body);
