//! Roots on goroutine stacks.
//!
//! **Problem.** Values on stacks have no types, so every word may be a pointer; but words that no code will read again
//! would keep objects alive for as long as their frame stands.
//!
//! **Strategy.** Frames are walked by frame pointer, innermost first. For the return address in a frame the linker's table
//! (`golift_abi::frame`) says which words of its spill area, which callee-saved registers and which explicit slots are
//! alive; only these are scanned, conservatively. Where callees saved the registers is tracked on the way.
//! A slot that is statically dead may still be used through its address, which then lies in something that is scanned. So
//! dead slots are noted, words that point into this stack are noted, and at the end the slots that they point to are
//! scanned, which may find more addresses.
//!
//! **Invariants.**
//! * What cannot be attributed to a frame with a table is scanned as a whole: frames of assembly, interrupted frames, frames
//!   around a blocking system call (their code goes on beside us), arguments on the stack.
//! * Addresses of slots are only in the goroutine's own stack, registers and [`G`]: what is stored into an object of the
//!   heap escapes (golift-opt, `escape.rs`). The exceptions are records of deferred calls, whose list is followed, and what the
//!   runtime itself holds while a goroutine is parked, which is in `G.held` until the goroutine runs.
//! * After a fault control goes to a landing or to no place in this frame at all: only what landings use is alive.
//! * The lists are bounded; if a stack has too much, all slots of it count as alive.

use crate::arch::{self, go_sigpanic, golift_gostart_ret, golift_morestack_ret};
use crate::locked::{Guard, Locked};
use crate::sched::G;
use crate::stack::{Segment, segment_of};
use crate::symtab;
use golift_abi::frame::{Frame, REGS};

const MAX_DEAD: usize = 1 << 14;
const MAX_FOUND: usize = 1 << 14;
const MAX_RUNS: usize = 32;
const CACHED: usize = 256;

/// Explicit slot that is statically dead.
#[derive(Clone, Copy)]
struct Dead {
    lo: usize,
    hi: usize,
    /// An address was found.
    revived: bool,
}

/// A return address (odd: of a fault) that was looked up.
#[derive(Clone, Copy)]
struct Known {
    key: usize,
    frame: Option<Frame<'static>>,
    is_sigpanic: bool,
}

/// Room for the lists of a scan, which a stack has not. `known` depends on the linker's tables only.
pub struct Memory {
    dead: [Dead; MAX_DEAD],
    found: [usize; MAX_FOUND],
    known: [Known; CACHED],
}
static MEMORY: Locked<Memory> = Locked::new(Memory {
    dead: [Dead { lo: 0, hi: 0, revived: false }; MAX_DEAD],
    found: [0; MAX_FOUND],
    known: [Known { key: 0, frame: None, is_sigpanic: false }; CACHED],
});

/// The room for scans, for one marker at a time.
pub fn memory() -> Guard<'static, Memory> {
    MEMORY.lock()
}

struct Scan<'m, F> {
    /// Marks what a word leads to; true if it is an address of the heap. Told whether the word is surely in use.
    mark: F,
    /// The words that are looked at belong to frames whose tables say that they are in use.
    sure: bool,
    memory: &'m mut Memory,
    ndead: usize,
    nfound: usize,
    /// Starts of ascending parts of `dead`, one for each segment.
    runs: [usize; MAX_RUNS],
    nruns: usize,
    /// All slots are alive.
    all: bool,
    /// Bounds of the stack.
    lo: usize,
    hi: usize,
}

/// Scans the goroutine's part of `G`, its saved registers and its stack.
///
/// # Safety
/// The goroutine is suspended, and the caller has the right to scan it.
pub unsafe fn scan(memory: &mut Memory, gp: *mut G, in_system_call: bool, mark: impl FnMut(usize, bool) -> bool) {
    // SAFETY: the contract above.
    unsafe {
        let (mut lo, mut hi) = (usize::MAX, 0);
        let mut seg = (*gp).stack_hi as *mut Segment;
        while !seg.is_null() {
            lo = lo.min((*seg).lo);
            hi = hi.max(seg as usize);
            seg = (*seg).prev;
        }
        let mut s =
            Scan { mark, sure: false, memory, ndead: 0, nfound: 0, runs: [0; MAX_RUNS], nruns: 1, all: false, lo, hi };
        // Go words of G, results on the way, the body's func value.
        s.range(gp as usize, &raw const (*gp).start_fn as usize + 8);
        s.range((&raw const (*gp).held) as usize, (&raw const (*gp).held).add(1) as usize);
        s.chain((*gp).defer, golift_abi::DEFER_LINK);
        s.chain((*gp).panic, golift_abi::PANIC_LINK);
        s.walk(gp, in_system_call);
        s.revive();
    }
}

impl<F: FnMut(usize, bool) -> bool> Scan<'_, F> {
    /// # Safety
    /// The goroutine that is scanned is suspended, and the addresses lie on its stack.
    #[inline(always)]
    unsafe fn word(&mut self, at: usize) {
        // SAFETY: the contract above.
        unsafe {
            self.value(*(at as *const usize));
        }
    }

    /// # Safety
    /// The goroutine that is scanned is suspended, and the addresses lie on its stack.
    #[inline(always)]
    unsafe fn value(&mut self, p: usize) {
        // SAFETY: the contract above.
        unsafe {
            if !(self.mark)(p, self.sure) && p >= self.lo && p < self.hi && !self.all {
                self.found(p);
            }
        }
    }

    /// # Safety
    /// The goroutine that is scanned is suspended, and the addresses lie on its stack.
    unsafe fn range(&mut self, lo: usize, hi: usize) {
        // SAFETY: the contract above.
        unsafe {
            let mut at = lo & !7;
            while at < hi {
                self.word(at);
                at += 8;
            }
        }
    }

    /// Deferred calls and panics lie in the heap or on the stack, and those in the heap lead to others on the stack.
    ///
    /// # Safety
    /// The goroutine that is scanned is suspended, and the addresses lie on its stack.
    unsafe fn chain(&mut self, mut p: usize, link: usize) {
        // SAFETY: the contract above.
        unsafe {
            while p != 0 {
                self.value(p);
                p = *((p + link) as *const usize);
            }
        }
    }

    /// # Safety
    /// The goroutine that is scanned is suspended, and the addresses lie on its stack.
    unsafe fn found(&mut self, p: usize) {
        // SAFETY: the contract above.
        unsafe {
            let list = &mut self.memory.found;
            if self.nfound > 0 && list[self.nfound - 1] == p {
                return;
            }
            if self.nfound == MAX_FOUND {
                return self.revive_all();
            }
            list[self.nfound] = p;
            self.nfound += 1;
        }
    }

    /// # Safety
    /// The goroutine that is scanned is suspended, and the addresses lie on its stack.
    unsafe fn dead(&mut self, lo: usize, hi: usize) {
        // SAFETY: the contract above.
        unsafe {
            if self.ndead == MAX_DEAD {
                self.revive_all();
            }
            if self.all {
                return self.range(lo, hi);
            }
            // Slots of a frame need not come in order.
            let list = &mut self.memory.dead;
            let mut at = self.ndead;
            while at > self.runs[self.nruns - 1] && list[at - 1].lo > lo {
                list[at] = list[at - 1];
                at -= 1;
            }
            list[at] = Dead { lo, hi, revived: false };
            self.ndead += 1;
        }
    }

    /// # Safety
    /// The goroutine that is scanned is suspended, and the addresses lie on its stack.
    unsafe fn revive_all(&mut self) {
        // SAFETY: the contract above.
        unsafe {
            self.all = true;
            for k in 0..self.ndead {
                let d = self.memory.dead[k];
                self.range(d.lo, d.hi);
            }
            (self.ndead, self.nfound) = (0, 0);
        }
    }

    /// Scans the dead slots whose address was found.
    ///
    /// # Safety
    /// The goroutine that is scanned is suspended, and the addresses lie on its stack.
    unsafe fn revive(&mut self) {
        // SAFETY: the contract above.
        unsafe {
            while self.nfound > 0 && self.ndead > 0 {
                self.nfound -= 1;
                let p = self.memory.found[self.nfound];
                for run in 0..self.nruns {
                    let start = self.runs[run];
                    let end = if run + 1 < self.nruns { self.runs[run + 1] } else { self.ndead };
                    let list = &mut self.memory.dead[start..end];
                    let k = list.partition_point(|d| d.lo <= p);
                    if k > 0 && p < list[k - 1].hi && !list[k - 1].revived {
                        list[k - 1].revived = true;
                        let d = list[k - 1];
                        self.range(d.lo, d.hi);
                    }
                }
            }
        }
    }

    /// # Safety
    /// The goroutine that is scanned is suspended, and the addresses lie on its stack.
    unsafe fn walk(&mut self, gp: *mut G, in_system_call: bool) {
        // SAFETY: the contract above.
        unsafe {
            let sp = (*gp).sched_sp;
            let Some(mut seg) = segment_of(gp, sp) else { return };
            // Everything below this address is done.
            let mut low = sp;
            let (mut pc, mut fp);
            // Where the callee-saved registers lie that the next frame had at its call; 0: scanned already.
            let mut regs = [0; REGS as usize];
            // `pc` need not be a return address.
            let mut interrupted = false;
            if in_system_call {
                let r = &raw const (*gp).sys_regs;
                self.range(r as usize, r.add(1) as usize);
                // Of what called `entersyscall` the frame may be gone already; its caller goes on beside us.
                [fp, pc] = (*gp).sys_caller;
                interrupted = true;
            } else {
                // The frame of a system function, unless the goroutine has never run.
                let Some(frame) = arch::system_frame(sp, (*gp).sched_fp) else { return self.rest(seg, low) };
                regs = frame.regs;
                low = frame.end;
                (pc, fp) = (frame.pc, frame.fp);
            }
            let mut faulted = false;
            loop {
                if pc == golift_morestack_ret as *const () as usize {
                    // The first frame of a segment; the caller's lies on the one before.
                    self.range(low, seg as usize);
                    if (*seg).prev.is_null() || self.nruns == MAX_RUNS {
                        self.registers(&regs);
                        return self.rest_before(seg);
                    }
                    self.runs[self.nruns] = self.ndead;
                    self.nruns += 1;
                    low = (*seg).saved_sp + 8;
                    pc = *((*seg).saved_sp as *const usize);
                    seg = (*seg).prev;
                    continue;
                }
                if pc == golift_gostart_ret as *const () as usize {
                    return self.rest(seg, low);
                }
                if fp < low || fp + 16 > seg as usize || fp & 7 != 0 {
                    self.registers(&regs);
                    return self.rest(seg, low);
                }
                let known = if interrupted { None } else { Some(lookup(&mut self.memory.known, pc, faulted)) };
                faulted = known.is_some_and(|k| k.is_sigpanic);
                // The table must fit what we see.
                let frame = known.and_then(|k| k.frame).filter(|f| {
                    let base = fp.wrapping_sub(f.words as usize * 8);
                    base <= fp && low <= base + f.outgoing as usize * 8
                });
                match frame {
                    Some(f) => {
                        let base = fp - f.words as usize * 8;
                        self.range(low, base + f.outgoing as usize * 8);
                        self.frame(&f, base, &mut regs);
                        interrupted = false;
                    }
                    None => {
                        self.registers(&regs);
                        regs = [0; REGS as usize];
                        self.range(low, fp);
                        // Code that is not Go's may have been entered anywhere.
                        interrupted = !symtab::in_go_text(pc);
                    }
                }
                low = fp + 16;
                pc = *((fp + 8) as *const usize);
                fp = *(fp as *const usize);
            }
        }
    }

    /// Scans what is alive in a frame, and goes on to the registers of its caller.
    ///
    /// # Safety
    /// The goroutine that is scanned is suspended, and the addresses lie on its stack.
    unsafe fn frame(&mut self, f: &Frame, base: usize, regs: &mut [usize; REGS as usize]) {
        // SAFETY: the contract above.
        unsafe {
            self.sure = true;
            for (n, &at) in regs.iter().enumerate() {
                if at != 0 && f.register(n as u32) {
                    self.word(at);
                }
            }
            f.for_each_spill(|w| self.word(base + w as usize * 8));
            self.sure = false;
            f.for_each_slot(|at, words, live| {
                let lo = base + at as usize * 8;
                let hi = lo + words as usize * 8;
                if live {
                    self.range(lo, hi);
                } else if words > 0 {
                    self.dead(lo, hi);
                }
            });
            let mut at = base + f.saves_at() as usize * 8;
            for (n, reg) in regs.iter_mut().enumerate() {
                if f.saved >> n & 1 != 0 {
                    *reg = at;
                    at += 8;
                }
            }
        }
    }

    /// All registers that a caller may have had.
    ///
    /// # Safety
    /// The goroutine that is scanned is suspended, and the addresses lie on its stack.
    unsafe fn registers(&mut self, regs: &[usize; REGS as usize]) {
        // SAFETY: the contract above.
        unsafe {
            for &at in regs.iter().filter(|&&at| at != 0) {
                self.word(at);
            }
        }
    }

    /// All of the stack from `low` on.
    ///
    /// # Safety
    /// The goroutine that is scanned is suspended, and the addresses lie on its stack.
    unsafe fn rest(&mut self, seg: *mut Segment, low: usize) {
        // SAFETY: the contract above.
        unsafe {
            self.range(low, seg as usize);
            self.rest_before(seg);
        }
    }

    /// # Safety
    /// The goroutine that is scanned is suspended, and the addresses lie on its stack.
    unsafe fn rest_before(&mut self, mut seg: *mut Segment) {
        // SAFETY: the contract above.
        unsafe {
            while !(*seg).prev.is_null() {
                let sp = (*seg).saved_sp;
                seg = (*seg).prev;
                self.range(sp, seg as usize);
            }
        }
    }
}

/// The frame at return address `pc`.
///
/// # Safety
/// The goroutine that is scanned is suspended, and the addresses lie on its stack.
unsafe fn lookup(cache: &mut [Known; CACHED], pc: usize, faulted: bool) -> Known {
    // SAFETY: the contract above.
    unsafe {
        let key = pc << 1 | faulted as usize;
        let known = &mut cache[(pc ^ pc >> 8) % CACHED];
        if known.key != key {
            *known = Known { key, frame: None, is_sigpanic: false };
            if let Some(func) = symtab::find_func(pc - 1) {
                let at = pc - symtab::entry(func);
                known.is_sigpanic = symtab::entry(func) == go_sigpanic as *const () as usize;
                known.frame = symtab::frame_table(func).map(|t| Frame::decode(t, (!faulted).then_some(at as u32)));
            }
        }
        *known
    }
}
