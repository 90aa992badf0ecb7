//! A system call on all threads: for what the kernel keeps of each thread and a program should have once (user and group ids).
//!
//! **Problem.** `syscall.Setuid` changes one thread on Linux; a goroutine that then runs on another thread would have the rights that the program
//! has given up.
//!
//! **Strategy.** With the world stopped, so that no goroutine sees some threads changed and others not, the leader makes the call itself. If it
//! succeeds, each other thread is sent a signal in whose handler it makes the same call. Blocked system calls go on afterwards (`SA_RESTART`).
//! All must give the same result: there is no way back, so another one ends the process.
//!
//! **Invariants.** No thread is created meanwhile (`EXEC_LOCK`, which `newm` holds), and none ever ends; a thread that is
//! still starting has the signal blocked and handles it when it is up.

use super::*;
use crate::arch::current_m;
use crate::signal::table::PER_THREAD_CALL;
use crate::sys;

/// The number of the call and its six arguments.
static CALL: [AtomicUsize; 7] = [const { AtomicUsize::new(0) }; 7];
/// What it gave on the leader's thread.
static EXPECTED: AtomicIsize = AtomicIsize::new(0);
/// Threads that have not made it yet.
static WAITED_FOR: AtomicU32 = AtomicU32::new(0);

/// Makes the call `args`; `out` gets the result, or a negative error. 0: to be called again.
extern "C" fn all_threads_body(args: *const [usize; 7], out: *mut isize) -> usize {
    // SAFETY: body of a system function; both are on the goroutine's stack.
    unsafe {
        if !stw::try_stop_the_world() {
            (*getg()).ret0 = 0;
            yield_global()
        }
        stw::EXEC_LOCK.lock();
        for (slot, value) in CALL.iter().zip(*args) {
            slot.store(value, Relaxed);
        }
        let result = call();
        if !sys::is_error(result) {
            EXPECTED.store(result, Relaxed);
            on_the_others();
        }
        *out = result;
        stw::EXEC_LOCK.unlock();
        stw::start_the_world();
        1
    }
}
system_fn!("golift_all_threads_syscall", all_threads_body);

fn call() -> isize {
    let [n, a, b, c, d, e, f] = core::array::from_fn(|i| CALL[i].load(Relaxed));
    sys::syscall6(n, a, b, c, d, e, f)
}

/// Lets all other threads make the call, and waits for them.
///
/// # Safety
/// The world is stopped and no thread is being created.
unsafe fn on_the_others() {
    // SAFETY: the contract above; Ms live for ever.
    unsafe {
        let me = current_m();
        let first = sched().allm.load(Acquire);
        let others = || {
            let next = |m: &*mut M| Some((**m).all_link).filter(|m| !m.is_null());
            core::iter::successors(Some(first), next).filter(|&m| m != me)
        };
        for m in others() {
            WAITED_FOR.fetch_add(1, AcqRel);
            (*m).owes_call.store(1, Release);
        }
        for m in others() {
            // Written by who made the thread, before it let go of the lock.
            sys::tgkill(sys::getpid(), (*m).tid, PER_THREAD_CALL as i32);
        }
        while WAITED_FOR.load(Acquire) != 0 {
            sys::osyield();
        }
    }
}

/// In the handler of the signal: makes the call if this thread has been asked to.
///
/// # Safety
/// On a thread of ours.
pub unsafe fn call_if_owed() {
    // SAFETY: the contract above; the leader waits, so the arguments are valid.
    unsafe {
        let m = current_m();
        if (*m).owes_call.swap(0, AcqRel) == 0 {
            return;
        }
        let (result, expected) = (call(), EXPECTED.load(Relaxed));
        if result != expected {
            crate::print::str("trap=");
            crate::print::int(CALL[0].load(Relaxed) as i64);
            crate::print::str(" r1=");
            crate::print::int(result as i64);
            crate::print::str(" want=");
            crate::print::int(expected as i64);
            crate::print::str("\n");
            crate::traceback::fatal("AllThreadsSyscall6 results differ between threads; runtime corrupted");
        }
        WAITED_FOR.fetch_sub(1, AcqRel);
    }
}
