//! The registers of a thread that a signal has interrupted (Linux's `ucontext`).

use crate::print::{hex, str};

/// `struct ucontext` up to the general registers, in the order of `mcontext_t.gregs`.
#[repr(C)]
pub struct Context {
    flags: u64,
    link: usize,
    stack: [usize; 3],
    regs: [u64; 23],
}

const R8: usize = 0;
const R15: usize = 7;
const RDI: usize = 8;
const RSI: usize = 9;
const RBP: usize = 10;
const RBX: usize = 11;
const RDX: usize = 12;
const RAX: usize = 13;
const RCX: usize = 14;
const RSP: usize = 15;
const RIP: usize = 16;
const FLAGS: usize = 17;
const SEGMENTS: usize = 18;

impl Context {
    /// The program counter.
    pub fn pc(&self) -> usize {
        self.regs[RIP] as usize
    }
    /// The stack pointer.
    pub fn sp(&self) -> usize {
        self.regs[RSP] as usize
    }
    /// The frame pointer.
    pub fn fp(&self) -> usize {
        self.regs[RBP] as usize
    }
    /// The thread goes on at `pc`.
    pub fn set_pc(&mut self, pc: usize) {
        self.regs[RIP] = pc as u64;
    }
    /// The thread goes on with this stack pointer.
    pub fn set_sp(&mut self, sp: usize) {
        self.regs[RSP] = sp as u64;
    }
    /// The thread goes on with this frame pointer.
    pub fn set_fp(&mut self, fp: usize) {
        self.regs[RBP] = fp as u64;
    }
    /// The register that holds the current goroutine in Go code.
    pub fn set_g(&mut self, g: usize) {
        self.regs[R15] = g as u64;
    }

    /// All registers, a line each.
    pub fn dump(&self) {
        const NAMES: [(&str, usize); 8] = [
            ("rax", RAX),
            ("rbx", RBX),
            ("rcx", RCX),
            ("rdx", RDX),
            ("rdi", RDI),
            ("rsi", RSI),
            ("rbp", RBP),
            ("rsp", RSP),
        ];
        let line = |name: &str, value: u64| {
            str(name);
            str(&"       "[name.len()..]);
            hex(value);
            str("\n");
        };
        for (name, at) in NAMES {
            line(name, self.regs[at]);
        }
        for (name, at) in ["r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15"].into_iter().zip(R8..) {
            line(name, self.regs[at]);
        }
        line("rip", self.regs[RIP]);
        line("rflags", self.regs[FLAGS]);
        for (name, shift) in [("cs", 0), ("fs", 32), ("gs", 16)] {
            line(name, self.regs[SEGMENTS] >> shift & 0xffff);
        }
    }
}
