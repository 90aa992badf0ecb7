//! The arguments of frames, as gc shows them.
//!
//! A function's parameters come in registers; frame tables say where they were put (`golift_abi::frame`): into the frame, or
//! into a callee-saved register, which then lies in the frame of some function further in. So callee-saved
//! registers are tracked from the innermost frame on, as `gc::stack_scan` does. What is shown is what the function was called with;
//! `_` stands for what is nowhere any more.

use super::walk::walk;
use crate::arch;
use crate::print::Out;
use crate::sched::*;
use crate::stack::Segment;
use crate::symtab;
use core::sync::atomic::Ordering::*;
use golift_abi::FuncEntry;
use golift_abi::frame::{ArgumentPart, Arguments, Frame, Home, REGS};

/// Where the callee-saved registers of a frame lie; 0: not known.
#[derive(Clone, Copy, Default)]
pub struct Registers([usize; REGS as usize]);

impl Registers {
    /// Those of the frame `fp`, in which control is at `pc`, or (both 0) of the innermost one.
    ///
    /// # Safety
    /// `gp` is parked, or runs on this thread.
    pub unsafe fn at(gp: *mut G, pc: usize, fp: usize) -> Registers {
        // SAFETY: the contract above.
        unsafe {
            let unknown = Registers::default();
            if (*gp).status.load(Relaxed) == G_SYSCALL {
                return unknown;
            }
            let (sp, inner) = ((*gp).sched_sp, (*gp).sched_fp);
            let Some(system) = (inner != 0).then(|| arch::system_frame(sp, inner)).flatten() else { return unknown };
            let mut regs = Registers(system.regs);
            let mut found = pc == 0;
            if !found {
                walk(gp, 0, inner, |p, f| {
                    found = (p, f) == (pc, fp);
                    if !found {
                        regs.leave(p, f);
                    }
                    !found
                });
            }
            if found { regs } else { unknown }
        }
    }

    /// Goes on to the caller of the frame `fp`, in which control is at return address `pc`.
    ///
    /// # Safety
    /// The frame is on a stack.
    pub unsafe fn leave(&mut self, pc: usize, fp: usize) {
        // SAFETY: the contract above.
        unsafe {
            // A function that has not begun has not saved anything.
            if fp == 0 {
                return;
            }
            let table = symtab::find_func(pc - 1).and_then(|f| symtab::frame_table(f));
            let Some(table) = table else {
                *self = Registers::default();
                return;
            };
            let frame = Frame::decode(table, None);
            let mut at = fp - (frame.words - frame.saves_at()) as usize * 8;
            for (n, reg) in self.0.iter_mut().enumerate() {
                if frame.saved >> n & 1 != 0 {
                    *reg = at;
                    at += 8;
                }
            }
        }
    }
}

/// The lowest address of the frame `fp` of the function that contains `at`, as far as it is known.
///
/// # Safety
/// None: any address will do.
pub unsafe fn frame_end(at: usize, fp: usize) -> usize {
    // SAFETY: the linker's tables.
    unsafe {
        let table = symtab::find_func(at).and_then(|f| symtab::frame_table(f));
        fp - table.map_or(0, |t| Frame::decode(t, None).words as usize * 8)
    }
}

/// A frame whose arguments are wanted.
pub struct ArgumentFrame {
    pub gp: *mut G,
    /// An address within the instruction where control is.
    pub at: usize,
    pub fp: usize,
    pub regs: Registers,
    /// The instruction is neither a call nor one that has faulted: values may be older or newer.
    pub interrupted: bool,
}

impl ArgumentFrame {
    /// Prints the list, without parentheses; false if the function has none.
    ///
    /// # Safety
    /// The frame is on the stack of `gp`, which is parked or runs on this thread.
    pub unsafe fn print(&self, out: &mut dyn Out, func: &FuncEntry) -> bool {
        // SAFETY: the contract above.
        unsafe {
            let Some(table) = symtab::frame_table(func) else { return false };
            let pc = self.at - symtab::entry(func);
            let Some(args) = Arguments::decode(table, pc as u32) else { return false };
            let words = Frame::decode(table, None).words as usize;
            let mut list = symtab::frames_at(args.parts);
            let mut first = true;
            loop {
                let (part, n) = ArgumentPart::decode(list);
                list = &list[n..];
                if !first && !matches!(part, ArgumentPart::Close | ArgumentPart::End) {
                    out.str(", ");
                }
                first = part == ArgumentPart::Open;
                let value = match part {
                    ArgumentPart::End => return true,
                    ArgumentPart::Open => {
                        out.str("{");
                        continue;
                    }
                    ArgumentPart::Close => {
                        out.str("}");
                        continue;
                    }
                    ArgumentPart::More => {
                        out.str("...");
                        continue;
                    }
                    ArgumentPart::Unknown => None,
                    ArgumentPart::Param { index, log2 } => self
                        .home(args.homes[index as usize], words)
                        .map(|at| (at as *const u64).read() & (u64::MAX >> (64 - (8 << log2)))),
                    ArgumentPart::Memory { index, offset, log2 } => {
                        self.home(args.homes[index as usize], words).and_then(|at| {
                            let at = *(at as *const usize) + offset as usize;
                            self.on_stack(at, 1 << log2).then(|| match log2 {
                                0 => u64::from(*(at as *const u8)),
                                1 => u64::from((at as *const u16).read_unaligned()),
                                2 => u64::from((at as *const u32).read_unaligned()),
                                _ => (at as *const u64).read_unaligned(),
                            })
                        })
                    }
                };
                match value {
                    Some(v) => out.hex(v),
                    None => out.str("_"),
                }
                if value.is_some() && self.interrupted {
                    out.str("?");
                }
            }
        }
    }

    /// Where a parameter lies.
    fn home(&self, home: Option<Home>, words: usize) -> Option<usize> {
        if self.fp == 0 {
            return None;
        }
        match home? {
            Home::Register(n) => Some(self.regs.0[n as usize]).filter(|&at| at != 0),
            Home::Frame(w) => Some(self.fp - words * 8 + w as usize * 8),
            Home::Stack(w) => Some(self.fp + 16 + w as usize * 8),
        }
    }

    /// Do `n` bytes at `at` lie on the goroutine's stack? What is elsewhere need not be there any more.
    ///
    /// # Safety
    /// `gp` is a goroutine that has a stack.
    unsafe fn on_stack(&self, at: usize, n: usize) -> bool {
        // SAFETY: the contract above.
        unsafe {
            let mut seg = (*self.gp).stack_hi as *const Segment;
            while !seg.is_null() {
                if (*seg).lo <= at && at.saturating_add(n) <= seg as usize {
                    return true;
                }
                seg = (*seg).prev;
            }
            false
        }
    }
}
