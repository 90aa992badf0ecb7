//! Fatal errors, and goroutine dumps in gc's format.

use crate::arch::current_m;
use crate::print::{bytes, hex, int, str, uint};
use crate::sched::*;
use crate::{symtab, sys};
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
#[cfg_attr(not(test), unsafe(no_mangle))]
pub unsafe extern "C" fn golift_set_traceback(word: *const u8, n: usize) {
    let word = if n == 0 { &[] } else { core::slice::from_raw_parts(word, n) };
    SETTING.store(setting_of(word) | LEAST.load(Relaxed), Relaxed);
}

/// From now on frames and goroutines of the runtime are shown, too.
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

/// The chain of physical return addresses of `gp`, by frame pointers.
pub unsafe fn walk(gp: *mut G, mut pc: usize, mut fp: usize, mut f: impl FnMut(usize, usize) -> bool) {
    let thunk = crate::arch::golift_morestack_ret as *const () as usize;
    let mut n = 0;
    loop {
        if pc == thunk {
            // The caller's frame, at fp, lies on the segment before the one we come from.
            let mut seg = (*gp).stack_hi as *const crate::stack::Segment;
            while !(*seg).prev.is_null() {
                let prev = (*seg).prev;
                if (*prev).lo <= fp && fp <= prev as usize || fp == 0 && (*prev).prev.is_null() {
                    pc = *((*seg).saved_sp as *const usize);
                    break;
                }
                seg = prev;
            }
        }
        if pc == crate::arch::golift_gostart_ret as *const () as usize {
            f(crate::arch::go_goexit as *const () as usize + 1, fp);
            return;
        }
        if symtab::in_go_text(pc) && !f(pc, fp) {
            return;
        }
        // Zero ends the chain; anything that is no plausible frame does, too.
        if fp < 4096 || fp & 7 != 0 || n > 50_000_000 {
            return;
        }
        pc = *((fp + 8) as *const usize);
        fp = *(fp as *const usize);
        n += 1;
    }
}

/// `panics`: the frame called the machinery of panics, so even a wrapper is to be seen.
fn hidden(name: &[u8], flags: usize, panics: bool) -> bool {
    if flags as u32 & golift_abi::FUNC_WRAPPER != 0 {
        return level() < 3 && !panics;
    }
    if level() >= 3 {
        return false;
    }
    match name.strip_prefix(b"runtime.") {
        Some(rest) => !rest.first().is_some_and(|c| c.is_ascii_uppercase()) && rest != b"gopanic",
        None => false,
    }
}

fn starts_panic(name: &[u8]) -> bool {
    matches!(name, b"runtime.gopanic" | b"runtime.sigpanic" | b"runtime.panicwrap")
}

struct Printer {
    shown: usize,
    total: usize,
    /// The last frame started a panic.
    panics: bool,
}
const MAX_FRAMES: usize = 100;
const TAIL_FRAMES: usize = 50;

/// Prints the logical frames at one physical frame.
unsafe fn print_frames(p: &mut Printer, pc: usize, is_return: bool, skip: &mut bool) {
    let at = if is_return { pc - 1 } else { pc };
    symtab::expand(at, |f| {
        let name = core::slice::from_raw_parts(f.name, f.name_len);
        let panics = core::mem::replace(&mut p.panics, starts_panic(name));
        if hidden(name, f.flags, panics) {
            return true;
        }
        *skip = false;
        let k = p.shown;
        p.shown += 1;
        if p.total > MAX_FRAMES && k >= TAIL_FRAMES && k < p.total - TAIL_FRAMES {
            if k == TAIL_FRAMES {
                str("...");
                int((p.total - MAX_FRAMES) as i64);
                str(" frames elided...\n");
            }
            return true;
        }
        if name == b"runtime.gopanic" {
            str("panic");
        } else {
            bytes(name);
        }
        str(if f.physical != 0 && f.flags as u32 & golift_abi::FUNC_NOARGS != 0 { "()\n\t" } else { "(...)\n\t" });
        bytes(core::slice::from_raw_parts(f.file, f.file_len));
        str(":");
        uint(f.line as u64);
        if f.physical != 0 && pc > f.entry {
            str(" +");
            hex((pc - f.entry) as u64);
        }
        str("\n");
        true
    });
}

unsafe fn count_frames(gp: *mut G, pc: usize, fp: usize) -> usize {
    let mut n = 0;
    let mut first = true;
    let mut panics = false;
    walk(gp, pc, fp, |pc, _| {
        symtab::expand(if first { pc } else { pc - 1 }, |f| {
            let name = core::slice::from_raw_parts(f.name, f.name_len);
            n += !hidden(name, f.flags, core::mem::replace(&mut panics, starts_panic(name))) as usize;
            true
        });
        first = false;
        true
    });
    n
}

/// Prints the stack from `pc`/`fp`; `pc` is a return address unless `exact`.
pub unsafe fn print_stack(gp: *mut G, pc: usize, fp: usize, exact: bool) {
    let mut p = Printer { shown: 0, total: count_frames(gp, pc, fp), panics: false };
    let mut first = exact;
    let mut skip = true;
    walk(gp, pc, fp, |pc, _| {
        print_frames(&mut p, pc, !first, &mut skip);
        first = false;
        true
    });
    let gopc = (*gp).gopc;
    if gopc != 0 && (*gp).goid != 1 {
        let mut done = false;
        symtab::expand(gopc - 1, |f| {
            let name = core::slice::from_raw_parts(f.name, f.name_len);
            if hidden(name, f.flags, false) {
                return true;
            }
            str("created by ");
            bytes(name);
            if (*gp).parent_goid != 0 {
                str(" in goroutine ");
                uint((*gp).parent_goid);
            }
            str("\n\t");
            bytes(core::slice::from_raw_parts(f.file, f.file_len));
            str(":");
            uint(f.line as u64);
            if gopc > f.entry {
                str(" +");
                hex((gopc - f.entry) as u64);
            }
            str("\n");
            done = true;
            false
        });
    }
}

pub unsafe fn print_header(gp: *mut G, running: bool) {
    str("goroutine ");
    uint((*gp).goid);
    let st = (*gp).status.load(Relaxed);
    str(" [");
    str(if running {
        "running"
    } else {
        match st {
            G_IDLE => "idle",
            G_RUNNABLE => "runnable",
            G_RUNNING => "running",
            G_SYSCALL => "syscall",
            G_WAITING if (*gp).wait_reason != 0 => WAIT_REASONS[(*gp).wait_reason as usize],
            G_WAITING => "waiting",
            _ => "???",
        }
    });
    let since = (*gp).wait_since;
    if since != 0 && (st == G_WAITING || st == G_SYSCALL) {
        let min = (sys::nanotime() - since) / 60_000_000_000;
        if min >= 1 {
            str(", ");
            int(min);
            str(" minutes");
        }
    }
    if !(*gp).locked_m.is_null() {
        str(", locked to thread");
    }
    str("]:\n");
}

/// Dumps all goroutines but `me`.
pub unsafe fn dump_others(me: *mut G) {
    let s = sched();
    for i in 0..s.allg_len.load(Acquire) {
        let gp = *s.allg.add(i);
        let st = (*gp).status.load(Acquire);
        if gp == me || st == G_DEAD || st == G_IDLE || (*gp).system && level() < 3 {
            continue;
        }
        str("\n");
        print_header(gp, false);
        if st == G_RUNNING && !(*gp).m.is_null() {
            str("\tgoroutine running on other thread; stack unavailable\n");
            continue;
        }
        if st == G_SYSCALL {
            print_stack(gp, (*gp).sched_pc, (*gp).sched_fp, false);
        } else {
            print_stack(gp, 0, (*gp).sched_fp, false);
        }
    }
}

/// A second thread that dies must not mix its text into the first one's.
unsafe fn start_dying() {
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

unsafe fn die(gp: *mut G, others: bool) -> ! {
    let l = level();
    if l > 0 {
        if !gp.is_null() {
            str("\n");
            print_header(gp, true);
            print_stack(gp, 0, (*gp).sched_fp, false);
        }
        if others || l >= 2 {
            dump_others(gp);
        }
    }
    if l >= 4 {
        crate::signal::abort();
    }
    sys::exit(2)
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
    fatal_error(msg, false)
}
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
extern "C" fn fatalpanic_body(pc: usize, fp: usize, exact: usize) -> ! {
    // SAFETY: frame pointers of the calling goroutine.
    unsafe {
        let gp = getg();
        let l = level();
        if l > 0 {
            str("\n");
            print_header(gp, true);
            print_stack(gp, pc, fp, exact != 0);
            if l >= 2 {
                dump_others(gp);
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

pub unsafe fn stack_overflow(gp: *mut G, max: usize) -> ! {
    start_dying();
    str("runtime: goroutine stack exceeds ");
    uint(max as u64);
    str("-byte limit\nruntime: sp=");
    hex((*gp).sched_sp as u64);
    str(" stack=[");
    hex((*gp).stack_lo as u64);
    str(", ");
    hex((*gp).stack_hi as u64);
    str("]\nfatal error: stack overflow\n");
    die(gp, false)
}

/// Leaf: physical return addresses of the calling goroutine from frame `fp` on; how many.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub unsafe extern "C" fn golift_callers(fp: usize, skip: usize, buf: *mut usize, max: usize) -> usize {
    let (mut n, mut k) = (0, 0);
    if max == 0 || fp == 0 {
        return 0;
    }
    walk(getg(), *((fp + 8) as *const usize), *(fp as *const usize), |pc, _| {
        if k < skip {
            k += 1;
            return true;
        }
        *buf.add(n) = pc;
        n += 1;
        n < max
    });
    n
}

/// Leaf: are there only wrappers between the frame that made a call from `inner` (the first such frame above `from`)
/// and the frame `outer`?
#[cfg_attr(not(test), unsafe(no_mangle))]
pub unsafe extern "C" fn golift_through_wrappers(from: usize, inner: usize, outer: usize) -> u8 {
    let (mut reached_inner, mut reached_outer, mut only_wrappers) = (false, false, true);
    walk(getg(), *((from + 8) as *const usize), *(from as *const usize), |pc, fp| {
        reached_inner |= fp == inner;
        reached_outer = reached_inner && fp == outer;
        if reached_inner && !reached_outer {
            symtab::expand(pc - 1, |f| {
                only_wrappers &= f.flags as u32 & golift_abi::FUNC_WRAPPER != 0;
                only_wrappers
            });
        }
        only_wrappers && !reached_outer
    });
    (reached_outer && only_wrappers) as u8
}

/// Walks all other goroutines (world stopped or not: best effort) for `runtime.Stack`:
/// the `i`-th live goroutine; fills `out` = goid, status, reason text, pc, fp, gopc, parent,
/// locked. 0 when there is none.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub unsafe extern "C" fn golift_goroutine_info(i: usize, out: *mut usize) -> usize {
    let s = sched();
    if i >= s.allg_len.load(Acquire) {
        return 0;
    }
    let gp = *s.allg.add(i);
    let st = (*gp).status.load(Acquire);
    if st == G_DEAD || st == G_IDLE || (*gp).system {
        return 2;
    }
    let reason = match st {
        G_RUNNABLE => "runnable",
        G_RUNNING => "running",
        G_SYSCALL => "syscall",
        _ => WAIT_REASONS[(*gp).wait_reason as usize],
    };
    let w: [usize; 10] = [
        (*gp).goid as usize,
        st as usize,
        reason.as_ptr() as usize,
        reason.len(),
        if st == G_SYSCALL { (*gp).sched_pc } else { 0 },
        (*gp).sched_fp,
        (*gp).gopc,
        (*gp).parent_goid as usize,
        gp as usize,
        usize::from(!(*gp).locked_m.is_null()),
    ];
    for (k, v) in w.iter().enumerate() {
        *out.add(k) = *v;
    }
    1
}

/// Leaf: physical return addresses of the goroutine `gp` (parked, or the world is stopped).
#[cfg_attr(not(test), unsafe(no_mangle))]
pub unsafe extern "C" fn golift_callers_of(gp: *mut G, pc: usize, fp: usize, buf: *mut usize, max: usize) -> usize {
    let mut n = 0;
    walk(gp, pc, fp, |pc, _| {
        if n < max {
            *buf.add(n) = pc;
            n += 1;
        }
        n < max
    });
    n
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
