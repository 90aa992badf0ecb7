//! Fatal errors, and goroutine dumps in gc's format.

mod arguments;
mod print;
mod walk;

pub use print::{dump_bubble, dump_others, print_header, print_stack};
pub use walk::walk_within;

use crate::arch::current_m;
use crate::print::{Stderr, hex, str, uint};
use crate::sched::*;
use crate::sys;
use core::sync::atomic::{AtomicU32, AtomicUsize, Ordering::*};

/// How much a dying process tells: bit 0: end with a signal; bit 1: all goroutines; above: 0 no stacks, 1 those of the
/// program, 2 the runtime's own frames as well.
static SETTING: AtomicU32 = AtomicU32::new(SINGLE);
/// The bits that GOTRACEBACK sets: the program cannot go below.
static LEAST: AtomicU32 = AtomicU32::new(SINGLE);

const CRASH: u32 = 1;
const ALL: u32 = 2;
const SHIFT: u32 = 2;
const SINGLE: u32 = 1 << SHIFT;
const SYSTEM: u32 = 2 << SHIFT | ALL;

fn setting_of(word: &[u8]) -> u32 {
    match word {
        b"none" => 0,
        b"single" | b"" => SINGLE,
        b"all" => SINGLE | ALL,
        b"system" => SYSTEM,
        b"crash" => SYSTEM | CRASH,
        _ => ALL | (crate::osinfo::atoi(word).and_then(|n| u32::try_from(n).ok()).unwrap_or(0) << SHIFT),
    }
}

/// Before the first goroutine: the value of GOTRACEBACK.
pub fn init(word: &[u8]) {
    LEAST.store(setting_of(word), Relaxed);
    SETTING.store(setting_of(word), Relaxed);
}

/// Leaf: `debug.SetTraceback`, with the `n` bytes of a word at `word`.
///
/// # Safety
/// `n` bytes at `word` are readable.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub unsafe extern "C" fn golift_set_traceback(word: *const u8, n: usize) {
    // SAFETY: the contract above.
    unsafe {
        let word = if n == 0 { &[] } else { core::slice::from_raw_parts(word, n) };
        SETTING.store(setting_of(word) | LEAST.load(Relaxed), Relaxed);
    }
}

/// From now on the runtime's own frames and all goroutines are shown.
pub fn show_system() {
    SETTING.fetch_or(SYSTEM, Relaxed);
}

/// 0 none, 1 single, 2 all, 3 system, 4 crash.
pub fn level() -> u32 {
    let setting = SETTING.load(Relaxed);
    match setting >> SHIFT {
        0 => 0,
        _ if setting & CRASH != 0 => 4,
        1 => 1 + (setting & ALL != 0) as u32,
        _ => 3,
    }
}

/// Descriptor of a second place for the texts of a dying process (`debug.SetCrashOutput`); all ones: there is none.
static CRASH_FD: AtomicUsize = AtomicUsize::new(usize::MAX);

/// Leaf: sets the descriptor; the old one.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub extern "C" fn golift_set_crash_fd(fd: usize) -> usize {
    CRASH_FD.swap(fd, AcqRel)
}

/// Where else to write to now, if anywhere.
pub fn crash_fd() -> Option<i32> {
    if sched().panicking.load(Relaxed) == 0 {
        return None;
    }
    i32::try_from(CRASH_FD.load(Acquire)).ok()
}

/// A second thread that dies must not mix its text into the first one's.
///
/// # Safety
/// On a thread of ours.
unsafe fn start_dying() {
    // SAFETY: the contract above.
    unsafe {
        let s = sched();
        let m = current_m();
        if (*m).dying != 0 {
            sys::exit(4);
        }
        (*m).dying = 1;
        if s.panicking.swap(1, AcqRel) != 0 {
            loop {
                sys::usleep(1_000_000);
            }
        }
    }
}

/// # Safety
/// `gp` is null or runs on this thread.
unsafe fn die(gp: *mut G, others: bool) -> ! {
    // SAFETY: the contract above.
    unsafe {
        let l = level();
        if l > 0 {
            if !gp.is_null() {
                str("\n");
                print_header(&mut Stderr, gp, true);
                print_stack(&mut Stderr, gp, 0, (*gp).sched_fp, false);
            }
            if others || l >= 2 {
                dump_others(&mut Stderr, gp);
            }
        }
        if l >= 4 {
            crate::signal::abort();
        }
        sys::exit(2)
    }
}

fn fatal_error(msg: &str, others: bool) -> ! {
    // SAFETY: we end the process; inconsistencies do not matter any more.
    unsafe {
        start_dying();
        str("fatal error: ");
        str(msg);
        str("\n");
        let m = current_m();
        die((*m).curg, others)
    }
}

/// The runtime found itself broken.
#[cfg(not(test))]
#[cold]
pub fn throw(msg: &str) -> ! {
    if level() > 0 {
        show_system();
    }
    fatal_error(msg, true)
}
/// The runtime found itself broken.
#[cfg(test)]
pub fn throw(msg: &str) -> ! {
    panic!("{msg}")
}

/// The program is at fault (deadlock), and no goroutine more than another: all are shown.
#[cold]
pub fn fatal(msg: &str) -> ! {
    fatal_error(msg, true)
}

/// End of `runtime.throw` and `runtime.fatal` of Go code, after the message.
extern "C" fn throw_body(system: u8) -> ! {
    // SAFETY: we end the process.
    unsafe {
        if system != 0 && level() > 0 {
            show_system();
        }
        die(getg(), system != 0)
    }
}
system_fn!("golift_throw", throw_body);

/// End of an unrecovered panic whose message has been printed: the stack from `pc`, `fp`.
extern "C" fn fatalpanic_body(pc: usize, fp: usize, exact: usize, bubble: *const bubble::Bubble) -> ! {
    // SAFETY: frame pointers of the calling goroutine.
    unsafe {
        let gp = getg();
        let l = level();
        if l > 0 {
            str("\n");
            print_header(&mut Stderr, gp, true);
            print_stack(&mut Stderr, gp, pc, fp, exact != 0);
            if l >= 2 {
                dump_others(&mut Stderr, gp);
            } else if !bubble.is_null() {
                dump_bubble(&mut Stderr, gp, bubble);
            }
        }
        if l >= 4 {
            crate::signal::abort();
        }
        sys::exit(2)
    }
}
system_fn!("golift_fatalpanic", fatalpanic_body);

/// Before an unrecovered panic prints: other dying threads wait for ever.
extern "C" fn start_panic_body() {
    // SAFETY: see `start_dying`.
    unsafe { start_dying() }
}
system_fn!("golift_start_panic", start_panic_body, unpolled);

/// # Safety
/// `gp` runs on this thread, on g0.
pub unsafe fn stack_overflow(gp: *mut G, max: usize) -> ! {
    // SAFETY: the contract above.
    unsafe {
        start_dying();
        str("runtime: goroutine stack exceeds ");
        uint(max as u64);
        str("-byte limit\nruntime: sp=");
        hex((*gp).sched_sp as u64);
        str(" stack=[");
        hex((*gp).stack_lo as u64);
        str(", ");
        hex((*gp).stack_hi as u64);
        str("]\nfatal error: stack overflow\n\nruntime stack:\n");
        crate::stack::print_overflow();
        show_system();
        die(gp, true)
    }
}

/// System: stop and start the world for package runtime (0 = call again).
extern "C" fn stw_begin_body() -> usize {
    // SAFETY: entry of a system function.
    unsafe {
        if !try_stop_the_world() {
            (*getg()).ret0 = 0;
            yield_global()
        }
        (*current_m()).locks += 1;
        1
    }
}
system_fn!("golift_stw_begin", stw_begin_body);
extern "C" fn stw_end_body() {
    // SAFETY: after `golift_stw_begin`.
    unsafe {
        (*current_m()).locks -= 1;
        start_the_world()
    }
}
system_fn!("golift_stw_end", stw_end_body);
