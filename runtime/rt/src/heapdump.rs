//! `runtime/debug.WriteHeapDump`: all objects, goroutines and globals, in gc's format ("go1.7 heap dump"; `runtime/heapdump.go` of the
//! distribution says what each record holds).
//!
//! What is best said in Go (types, itabs, statistics, the memory profile) package runtime has encoded before; the rest is written
//! here in a stopped world. Stacks are scanned conservatively, so each word of a frame is said to be a pointer.

use crate::arch::current_m;
use crate::gc::special;
use crate::heap::pages::{PAGE, for_each_span};
use crate::heap::pointers::{for_each_pointer, masked};
use crate::heap::span::IN_USE;
use crate::sched::*;
use crate::traceback::walk_within;
use crate::{symtab, sys, timer};
use core::sync::atomic::Ordering::*;

const EOF: u64 = 0;
const OBJECT: u64 = 1;
const OTHER_ROOT: u64 = 2;
const GOROUTINE: u64 = 4;
const STACK_FRAME: u64 = 5;
const PARAMS: u64 = 6;
const OS_THREAD: u64 = 9;
const DATA: u64 = 12;

const FIELD_END: u64 = 0;
const FIELD_POINTER: u64 = 1;

/// A file that is written in pieces.
struct Dump {
    fd: i32,
    n: usize,
    buf: [u8; 4096],
}

impl Dump {
    fn flush(&mut self) {
        sys::write_all(self.fd, self.buf.as_ptr(), self.n);
        self.n = 0;
    }
    fn number(&mut self, mut v: u64) {
        if self.n + 10 > self.buf.len() {
            self.flush();
        }
        loop {
            self.buf[self.n] = v as u8 & 0x7f | if v >= 0x80 { 0x80 } else { 0 };
            self.n += 1;
            v >>= 7;
            if v == 0 {
                return;
            }
        }
    }
    fn numbers(&mut self, values: &[u64]) {
        values.iter().for_each(|&v| self.number(v));
    }
    /// # Safety
    /// `n` bytes at `p` are readable.
    unsafe fn raw(&mut self, p: *const u8, n: usize) {
        if self.n + n > self.buf.len() {
            self.flush();
            if n > self.buf.len() {
                return sys::write_all(self.fd, p, n);
            }
        }
        // SAFETY: the contract above; there is room.
        unsafe { core::ptr::copy_nonoverlapping(p, self.buf.as_mut_ptr().add(self.n), n) };
        self.n += n;
    }
    /// # Safety
    /// As for `raw`.
    unsafe fn memory(&mut self, p: usize, n: usize) {
        self.number(n as u64);
        // SAFETY: the contract above.
        unsafe { self.raw(p as *const u8, n) };
    }
    fn text(&mut self, text: &[u8]) {
        // SAFETY: a slice.
        unsafe { self.memory(text.as_ptr() as usize, text.len()) };
    }
}

/// Text or bytes of the caller's.
#[repr(C)]
struct Bytes {
    at: *const u8,
    len: usize,
}

/// What package runtime passes; mirrored there (`heapDump`).
#[repr(C)]
pub struct Request {
    fd: usize,
    /// Records.
    records: Bytes,
    arch: Bytes,
    version: Bytes,
}
check_layout!(Request, golift_abi::layout::HEAP_DUMP, {
    fd: "fd",
    records: "records",
    arch: "arch",
    version: "version",
});

/// Writes the dump; 0: to be called again.
///
/// # Safety
/// `request` is on the caller's stack.
unsafe extern "C" fn heap_dump_body(request: *const Request) -> usize {
    // SAFETY: the contract above; body of a system function.
    unsafe {
        if !try_stop_the_world() {
            (*getg()).ret0 = 0;
            yield_global()
        }
        let request = &*request;
        let mut d = Dump { fd: request.fd as i32, n: 0, buf: [0; 4096] };
        let header = b"go1.7 heap dump\n";
        d.raw(header.as_ptr(), header.len());
        let (mut lowest, mut highest) = (usize::MAX, 0);
        for_each_span(|s| {
            if (*s).state.load(Relaxed) == IN_USE {
                lowest = lowest.min((*s).base);
                highest = highest.max((*s).base + (*s).npages * PAGE);
            }
        });
        // Little-endian, and the size of an address.
        d.numbers(&[PARAMS, 0, 8, lowest.min(highest) as u64, highest as u64]);
        d.memory(request.arch.at as usize, request.arch.len);
        d.memory(request.version.at as usize, request.version.len);
        d.number(sched().ncpu.load(Relaxed) as u64);
        d.raw(request.records.at, request.records.len);
        objects(&mut d);
        goroutines(&mut d);
        let mut m = sched().allm.load(Acquire);
        while !m.is_null() {
            d.numbers(&[OS_THREAD, m as u64, (*m).id, (*m).tid as u64]);
            m = (*m).all_link;
        }
        roots(&mut d);
        d.number(EOF);
        d.flush();
        start_the_world();
        1
    }
}
system_fn!("golift_heap_dump", heap_dump_body);

/// # Safety
/// The world is stopped.
unsafe fn objects(d: &mut Dump) {
    // SAFETY: the contract above.
    unsafe {
        for_each_span(|s| {
            if (*s).state.load(Relaxed) != IN_USE {
                return;
            }
            for i in 0..(*s).nelems as usize {
                if (*s).is_free(i) {
                    continue;
                }
                let object = (*s).object(i);
                d.numbers(&[OBJECT, object as u64]);
                d.memory(object, (*s).elemsize);
                if !(*s).noscan() {
                    for_each_pointer(&*s, object, |slot, _| d.numbers(&[FIELD_POINTER, (slot - object) as u64]));
                }
                d.number(FIELD_END);
            }
        });
    }
}

/// # Safety
/// The world is stopped.
unsafe fn goroutines(d: &mut Dump) {
    // SAFETY: the contract above.
    unsafe {
        let s = sched();
        for i in 0..s.allg_len.load(Acquire) {
            let gp = s.g(i);
            let status = (*gp).status.load(Acquire);
            if matches!(status, G_DEAD | G_IDLE) {
                continue;
            }
            let sp = (*gp).sched_sp;
            d.numbers(&[GOROUTINE, gp as u64, sp as u64, (*gp).goid, (*gp).gopc as u64, u64::from(status)]);
            d.numbers(&[(*gp).system.into(), 0, (*gp).wait_since as u64]);
            let waits = status == G_WAITING;
            d.text(if waits { WAIT_REASONS[(*gp).wait_reason as usize].as_bytes() } else { b"" });
            d.numbers(&[0, (*gp).m as u64, (*gp).defer as u64, (*gp).panic as u64]);
            let (mut low, mut child, mut depth) = (sp, 0, 0);
            let pc = if status == G_SYSCALL { (*gp).sched_pc } else { 0 };
            walk_within(
                gp,
                pc,
                (*gp).sched_fp,
                |_| true,
                |pc, fp| {
                    let Some(f) = symtab::find_func(pc - 1) else { return true };
                    // The frame ends with the return address; on another segment it begins where nobody knows.
                    let end = fp + 16;
                    let begin = if low <= end && end - low < 1 << 20 && fp != 0 { low } else { end };
                    d.numbers(&[STACK_FRAME, begin as u64, depth, child]);
                    let size = if fp == 0 { 0 } else { end - begin };
                    d.memory(begin, size);
                    d.numbers(&[symtab::entry(f) as u64, pc as u64, pc as u64]);
                    d.text(symtab::string(f.name));
                    for offset in (0..size).step_by(8) {
                        d.numbers(&[FIELD_POINTER, offset as u64]);
                    }
                    d.number(FIELD_END);
                    (low, child, depth) = (end, begin as u64, depth + 1);
                    true
                },
            );
        }
    }
}

/// # Safety
/// The world is stopped.
unsafe fn roots(d: &mut Dump) {
    // SAFETY: the contract above; the linker's tables.
    unsafe {
        let md = symtab::moduledata();
        let (start, end) = ((*md).data_start as usize, (*md).data_end as usize);
        d.numbers(&[DATA, start as u64]);
        d.memory(start, end - start);
        for i in 0..(*md).nroots as usize {
            let root = &*((*md).roots as *const golift_abi::GcRoot).add(i);
            masked(root.addr as usize, root.words as usize, root.mask as *const u8, &mut |slot, _| {
                if (start..end).contains(&slot) {
                    d.numbers(&[FIELD_POINTER, (slot - start) as u64]);
                }
            });
        }
        d.number(FIELD_END);
        let mut other = |what: &[u8], p: usize| {
            if p != 0 {
                d.number(OTHER_ROOT);
                d.text(what);
                d.number(p as u64);
            }
        };
        special::for_each_root(|p| other(b"finalizers and cleanups", p), |_, _| {});
        timer::for_each_root(|p| other(b"timers", p));
        let m = current_m();
        for held in (*(*m).curg).held {
            other(b"runtime", held);
        }
    }
}
