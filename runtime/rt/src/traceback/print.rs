//! Goroutines and their stacks in gc's format, to standard error or into a buffer.

use super::arguments::{ArgumentFrame, Registers, frame_end};
use super::level;
use super::walk::walk;
use crate::print::{Buffer, Out};
use crate::sched::*;
use crate::{symtab, sys};
use core::sync::atomic::{AtomicBool, Ordering::*};

/// `special`: the frame called the machinery of panics, or is all that a new goroutine has, so even a wrapper is to be seen.
fn hidden(name: &[u8], flags: usize, special: bool) -> bool {
    if flags as u32 & golift_abi::FUNC_WRAPPER != 0 {
        return level() < 3 && !special;
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
///
/// # Safety
/// The frame is on the stack of its goroutine, which is parked or runs on this thread.
unsafe fn print_frames(out: &mut dyn Out, p: &mut Printer, pc: usize, frame: &ArgumentFrame) {
    // SAFETY: the contract above.
    unsafe {
        let at = frame.at;
        symtab::expand(at, |f| {
            let name = core::slice::from_raw_parts(f.name, f.name_len);
            let special = core::mem::replace(&mut p.panics, starts_panic(name)) || at == f.entry;
            if hidden(name, f.flags, special) {
                return true;
            }
            let k = p.shown;
            p.shown += 1;
            if p.total > MAX_FRAMES && k >= TAIL_FRAMES && k < p.total - TAIL_FRAMES {
                if k == TAIL_FRAMES {
                    out.str("...");
                    out.int((p.total - MAX_FRAMES) as i64);
                    out.str(" frames elided...\n");
                }
                return true;
            }
            if name == b"runtime.gopanic" {
                out.str("panic");
            } else {
                out.bytes(name);
            }
            out.str("(");
            let listed = f.physical != 0
                && (f.flags as u32 & golift_abi::FUNC_NOARGS != 0
                    || symtab::find_func(at).is_some_and(|func| frame.print(out, func)));
            out.str(if listed { ")\n\t" } else { "...)\n\t" });
            out.bytes(core::slice::from_raw_parts(f.file, f.file_len));
            out.str(":");
            out.uint(f.line as u64);
            // At the first instruction: the goroutine has not run yet.
            if f.physical != 0 && (pc > f.entry + 1 || name == b"runtime.goexit") {
                out.str(" +");
                out.hex((pc - f.entry) as u64);
            }
            if f.physical != 0 && level() >= 3 && frame.fp != 0 {
                out.str(" fp=");
                // gc's frames begin above the return address.
                out.hex(frame.fp as u64 + 16);
                out.str(" sp=");
                out.hex(frame_end(at, frame.fp) as u64);
                out.str(" pc=");
                out.hex(pc as u64);
            }
            out.str("\n");
            true
        });
    }
}

/// Counts what is shown of physical frames; the last answer is kept, because deep stacks are recursions.
#[derive(Default)]
struct Counter {
    pc: usize,
    shown: usize,
    /// The last frame started a panic.
    panics: bool,
}

impl Counter {
    /// `at` is an address within the instruction.
    ///
    /// # Safety
    /// The name of `f` is a string of the linker's.
    unsafe fn count(&mut self, at: usize) -> usize {
        // SAFETY: the contract above.
        unsafe {
            if at == self.pc && !self.panics {
                return self.shown;
            }
            let (mut shown, mut panics) = (0, self.panics);
            symtab::expand(at, |f| {
                let name = core::slice::from_raw_parts(f.name, f.name_len);
                let special = core::mem::replace(&mut panics, starts_panic(name)) || at == f.entry;
                shown += !hidden(name, f.flags, special) as usize;
                true
            });
            *self = Counter { pc: if self.panics { 0 } else { at }, shown, panics };
            shown
        }
    }
}

/// Prints the stack from `pc`/`fp`; `pc` is a return address unless `exact`.
///
/// # Safety
/// `gp` is parked, or runs on this thread; `fp`, if there is one, is a frame pointer of its stack.
pub unsafe fn print_stack(out: &mut dyn Out, gp: *mut G, pc: usize, fp: usize, exact: bool) {
    // SAFETY: the contract above.
    unsafe {
        let mut p = Printer { shown: 0, total: 0, panics: false };
        let mut counter = Counter::default();
        let mut first = exact;
        walk(gp, pc, fp, |pc, _| {
            p.total += counter.count(if first { pc } else { pc - 1 });
            first = false;
            true
        });
        let mut counter = Counter::default();
        first = exact;
        let mut regs = if exact { Registers::default() } else { Registers::at(gp, pc, fp) };
        walk(gp, pc, fp, |pc, fp| {
            let at = if first { pc } else { pc - 1 };
            let n = counter.count(at);
            if p.total > MAX_FRAMES && p.shown > TAIL_FRAMES && p.shown + n <= p.total - TAIL_FRAMES {
                p.shown += n;
                p.panics = counter.panics;
            } else {
                print_frames(out, &mut p, pc, &ArgumentFrame { gp, at, fp, regs, interrupted: first });
            }
            regs.leave(at + 1, fp);
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
                out.str("created by ");
                out.bytes(name);
                if (*gp).parent_goid != 0 {
                    out.str(" in goroutine ");
                    out.uint((*gp).parent_goid);
                }
                out.str("\n\t");
                out.bytes(core::slice::from_raw_parts(f.file, f.file_len));
                out.str(":");
                out.uint(f.line as u64);
                if gopc > f.entry {
                    out.str(" +");
                    out.hex((gopc - f.entry) as u64);
                }
                out.str("\n");
                done = true;
                false
            });
        }
    }
}

/// # Safety
/// `gp` is a goroutine.
pub unsafe fn print_header(out: &mut dyn Out, gp: *mut G, running: bool) {
    // SAFETY: the contract above.
    unsafe {
        out.str("goroutine ");
        out.uint((*gp).goid);
        let st = (*gp).status.load(Relaxed);
        if level() >= 3 {
            out.str(" gp=");
            out.hex(gp as u64);
            let m = (*gp).m;
            if m.is_null() {
                out.str(" m=nil");
            } else {
                out.str(" m=");
                out.int((*m).id as i64);
                out.str(" mp=");
                out.hex(m as u64);
            }
        }
        out.str(" [");
        out.str(if running {
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
        let bubble = (*gp).bubble;
        if !bubble.is_null() && st == G_WAITING {
            let reason = (*gp).wait_reason;
            if wait::is_durable(reason) && !WAIT_REASONS[reason as usize].ends_with("(durable)") {
                out.str(" (durable)");
            }
        }
        let since = (*gp).wait_since;
        if since != 0 && (st == G_WAITING || st == G_SYSCALL) {
            let min = (sys::nanotime() - since) / 60_000_000_000;
            if min >= 1 {
                out.str(", ");
                out.int(min);
                out.str(" minutes");
            }
        }
        if !(*gp).locked_m.is_null() {
            out.str(", locked to thread");
        }
        if !bubble.is_null() {
            out.str(", synctest bubble ");
            out.int((*bubble).id as i64);
        }
        out.str("]");
        if SHOWS_LABELS.load(Relaxed) {
            print_labels(out, (*gp).labels);
        }
        out.str(":\n");
    }
}

/// GODEBUG=tracebacklabels.
static SHOWS_LABELS: AtomicBool = AtomicBool::new(false);

/// Leaf: are the labels of goroutines shown?
#[cfg_attr(not(test), unsafe(no_mangle))]
pub extern "C" fn golift_traceback_labels(on: u8) {
    SHOWS_LABELS.store(on != 0, Relaxed);
}

/// Prints ` {key: value, …}`, if there are labels.
///
/// # Safety
/// `labels` is null or of a goroutine: the address of a slice of pairs of strings.
unsafe fn print_labels(out: &mut dyn Out, labels: usize) {
    // SAFETY: the contract above.
    unsafe {
        if labels == 0 {
            return;
        }
        let [pairs, n] = *(labels as *const [usize; 2]);
        for k in 0..n {
            out.str(if k == 0 { " {" } else { ", " });
            let [key, key_len, value, value_len] = *(pairs as *const [usize; 4]).add(k);
            for (text, len, end) in [(key, key_len, ": "), (value, value_len, "")] {
                let text = if len == 0 { &[] } else { core::slice::from_raw_parts(text as *const u8, len) };
                print_word(out, text);
                out.str(end);
            }
        }
        if n > 0 {
            out.str("}");
        }
    }
}

/// Prints a text, in quotes if it is more than a word.
fn print_word(out: &mut dyn Out, text: &[u8]) {
    if text.iter().all(|b| b.is_ascii_alphanumeric() || b"./_".contains(b)) {
        return out.bytes(text);
    }
    let escaped = |out: &mut dyn Out, kind: &[u8], value: u32, digits: u32| {
        out.bytes(kind);
        for k in (0..digits).rev() {
            out.bytes(&[b"0123456789abcdef"[(value >> (4 * k) & 15) as usize]]);
        }
    };
    out.str("\"");
    for chunk in text.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                '\n' => out.str("\\n"),
                '\r' => out.str("\\r"),
                '\t' => out.str("\\t"),
                '\\' | '"' => out.bytes(&[b'\\', c as u8]),
                ' '..='~' => out.bytes(&[c as u8]),
                c if (c as u32) < 127 => escaped(out, b"\\x", c as u32, 2),
                c if (c as u32) < 0x1_0000 => escaped(out, b"\\u", c as u32, 4),
                c => escaped(out, b"\\U", c as u32, 8),
            }
        }
        chunk.invalid().iter().for_each(|&b| escaped(out, b"\\x", b.into(), 2));
    }
    out.str("\"");
}

/// Dumps all goroutines but `me`.
///
/// # Safety
/// The process is dying.
pub unsafe fn dump_others(out: &mut dyn Out, me: *mut G) {
    // SAFETY: the contract above.
    unsafe { dump_if(out, |gp| gp != me) }
}

/// Dumps the goroutines of a bubble but `me`.
///
/// # Safety
/// The process is dying.
pub unsafe fn dump_bubble(out: &mut dyn Out, me: *mut G, bubble: *const bubble::Bubble) {
    // SAFETY: the contract above.
    unsafe { dump_if(out, |gp| gp != me && core::ptr::eq((*gp).bubble, bubble)) }
}

/// # Safety
/// The process is dying.
unsafe fn dump_if(out: &mut dyn Out, wanted: impl Fn(*mut G) -> bool) {
    // SAFETY: the contract above.
    unsafe {
        let s = sched();
        for i in 0..s.allg_len.load(Acquire) {
            let gp = s.g(i);
            let st = (*gp).status.load(Acquire);
            if !wanted(gp) || st == G_DEAD || st == G_IDLE || (*gp).system && level() < 3 {
                continue;
            }
            out.str("\n");
            print_header(out, gp, false);
            if st == G_RUNNING && !(*gp).m.is_null() {
                out.str("\tgoroutine running on other thread; stack unavailable\n");
                continue;
            }
            if st == G_SYSCALL {
                print_stack(out, gp, (*gp).sched_pc, (*gp).sched_fp, false);
            } else {
                print_stack(out, gp, 0, (*gp).sched_fp, false);
            }
        }
    }
}

/// What `runtime.Stack` gives for the calling goroutine, whose frame `fp` is left out, and, in a stopped world, for all
/// others (`all`); how many bytes.
extern "C" fn stack_body(buf: *mut u8, n: usize, fp: usize, all: u8) -> usize {
    // SAFETY: the caller's frame holds the buffer; frame pointers of the calling goroutine.
    unsafe {
        let gp = getg();
        let mut out = Buffer::new(buf, n);
        print_header(&mut out, gp, true);
        print_stack(&mut out, gp, *((fp + 8) as *const usize), *(fp as *const usize), false);
        if all != 0 {
            dump_others(&mut out, gp);
        }
        out.written()
    }
}
system_fn!("golift_stack", stack_body);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_quoted_as_in_go() {
        let quoted = |text: &[u8]| {
            let mut buf = [0u8; 100];
            // SAFETY: `buf` outlives the writer.
            let mut out = unsafe { Buffer::new(buf.as_mut_ptr(), buf.len()) };
            print_word(&mut out, text);
            let n = out.written();
            String::from_utf8(buf[..n].to_vec()).unwrap()
        };
        assert_eq!(quoted(b"a/b_c.9"), "a/b_c.9");
        assert_eq!(quoted(b"a b"), "\"a b\"");
        assert_eq!(quoted("\n\"\\é😀\u{1}\u{7f}".as_bytes()), r#""\n\"\\\u00e9\U0001f600\x01\u007f""#);
        assert_eq!(quoted(b"a\xff\xe2\x82-"), r#""a\xff\xe2\x82-""#);
    }
}
