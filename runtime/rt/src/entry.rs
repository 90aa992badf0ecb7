//! Process start: from the ELF entry to the main goroutine.

use crate::arch;
use crate::sched::{self, create, runq::runq_put, sched};
use crate::{gc, heap, osinfo, signal, sys};
use core::sync::atomic::Ordering::Relaxed;

/// The func value of `runtime.main`.
#[cfg(not(test))]
struct FuncVal(#[allow(dead_code)] unsafe extern "C" fn());
#[cfg(not(test))]
static MAIN: FuncVal = FuncVal(arch::go_main);

/// # Safety
/// Called once by the entry code with the initial stack pointer.
pub unsafe extern "C" fn rt0(sp: *const usize) -> ! {
    // SAFETY: the contract above.
    unsafe {
        osinfo::init(sp);
        let m = sched::alloc_m();
        arch::set_tls(m);
        heap::pages::init();
        let ncpu = sys::ncpu();
        sched().start_ns.store(sys::nanotime(), Relaxed);
        sched().ncpu.store(ncpu, Relaxed);
        sched().schedtrace_ms.store(osinfo::debug().schedtrace, Relaxed);
        (*m).sigmask = signal::thread_mask(sys::sigmask(sys::SIG_BLOCK, 0));
        sched::schedinit(m, osinfo::default_procs(ncpu));
        gc::init();
        crate::hash::init();
        crate::float::init();
        signal::init();
        #[cfg(not(test))]
        {
            let gp = create(&raw const MAIN as usize, 0, core::ptr::null_mut(), false, sched::G_RUNNABLE);
            runq_put((*m).p, gp, true);
        }
        #[cfg(test)]
        let _ = (create, runq_put);
        arch::golift_enter_g0(m, (*m).g0_sp)
    }
}

/// Leaf: ends the process.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub extern "C" fn golift_exit(code: i32) -> ! {
    sys::exit(code)
}

/// Leaf: `getrandom(2)` without blocking; bytes filled or a negative error.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub extern "C" fn golift_getrandom(p: *mut u8, n: usize) -> isize {
    sys::getrandom(p, n)
}
