//! Where a function keeps what it was called with, for tracebacks: read off the machine code.
//!
//! Problem: parameters come in registers, have no home in memory, and the register allocator does not say where it puts them.
//! Strategy: forward data flow over the decoded code. A location (register or word of the spill area) holds a parameter if on all
//! paths it was last written by moving that parameter there. What callers can still see of a frame that has made a call, or has
//! faulted and called the runtime, are its callee-saved registers, spill area and stack arguments: for each parameter one
//! of those is reported, over ranges of the code.
//!
//! A location counts whether or not the value is alive: what the location holds is what came in, so a traceback never shows a
//! wrong value. An instruction that is not understood kills what the decoder says it writes. The sweep starts from "everything
//! holds" and only takes away, so it ends; functions for which it would take long have only their stack arguments reported.

use super::code_flow::{ARGUMENT_REGISTERS, Block, Flow, Node};
use crate::frame_table::{ArgumentHome, FrameTable, Home};
use cranelift_codegen::ir::{Signature, types};
use golift_abi::frame as abi;
use iced_x86::{InstructionInfoFactory, Mnemonic, OpAccess, OpKind, Register};

/// Parameters beyond are not looked for.
const MAX_PARAMS: usize = abi::MAX_ARGUMENTS;
/// Steps that one function may take.
const MAX_WORK: usize = 1 << 22;

const INT: [Register; ARGUMENT_REGISTERS.int] =
    [Register::RDI, Register::RSI, Register::RDX, Register::RCX, Register::R8, Register::R9];

/// Locations: 16 general registers, 16 vector registers, the words of the spill area.
const VECTOR: usize = 16;
const SPILLS: usize = 32;

/// What a location holds: nothing that is known, or parameter `n - 1`.
type Held = u8;

#[derive(Clone, Copy)]
enum Op {
    /// The low `width` bytes are moved.
    Move {
        to: u16,
        from: u16,
        width: u8,
    },
    Kill(u16),
    /// All but callee-saved registers and the frame.
    Call,
}

/// A function's parameters and frame, as far as they matter here.
struct Code<'a> {
    table: &'a FrameTable,
    /// Size of each parameter in bytes.
    sizes: Vec<u8>,
    info: InstructionInfoFactory,
}

/// Homes of the parameters of `sig` in code with the blocks `blocks`, of which those at `landings` are entered from anywhere.
/// `tail_room`: words between the saved frame pointer and the arguments.
pub fn homes(
    sig: &Signature,
    nodes: &[Node],
    blocks: &[Block],
    landings: &[usize],
    table: &FrameTable,
    tail_room: u32,
) -> Vec<ArgumentHome> {
    let mut out = Vec::new();
    let mut entry = vec![0; SPILLS + table.spills as usize];
    let (mut ints, mut floats, mut stack) = (0, 0, 0);
    let mut sizes = Vec::new();
    for (n, p) in sig.params.iter().enumerate().take(MAX_PARAMS) {
        sizes.push(p.value_type.bytes() as u8);
        let register = match p.value_type {
            types::F32 | types::F64 => {
                floats += 1;
                (floats <= ARGUMENT_REGISTERS.float).then(|| VECTOR + floats - 1)
            }
            _ => {
                ints += 1;
                INT.get(ints - 1).map(|r| r.number())
            }
        };
        match register {
            Some(r) => entry[r] = n as Held + 1,
            None => {
                out.push(ArgumentHome { param: n as u8, home: Home::Stack(tail_room + stack), from: 0, to: u32::MAX });
                stack += 1;
            }
        }
    }
    if entry.iter().all(|&h| h == 0) || entry.len() * (blocks.len() + nodes.len() / 8) > MAX_WORK {
        return out;
    }
    let mut code = Code { table, sizes, info: InstructionInfoFactory::new() };
    let mut ops = Vec::with_capacity(nodes.len());
    let starts: Vec<usize> = nodes
        .iter()
        .map(|node| {
            let start = ops.len();
            code.ops(node, &mut ops);
            start
        })
        .chain([usize::MAX])
        .collect();
    let of = |n: usize| &ops[starts[n]..starts[n + 1].min(ops.len())];

    // State before each block; `None`: not reached yet.
    let mut before: Vec<Option<Vec<Held>>> = vec![None; blocks.len()];
    before[0] = Some(entry.clone());
    for &b in landings {
        before[b] = Some(vec![0; entry.len()]);
    }
    let mut dirty: Vec<bool> = before.iter().map(Option::is_some).collect();
    let mut state = Vec::new();
    let mut work = MAX_WORK;
    while dirty.contains(&true) {
        for (k, b) in blocks.iter().enumerate() {
            if !std::mem::take(&mut dirty[k]) {
                continue;
            }
            state.clone_from(before[k].as_ref().expect("reached"));
            work = work.saturating_sub(state.len() + b.end - b.first);
            if work == 0 {
                return out;
            }
            (b.first..b.end).for_each(|n| code.run(of(n), &mut state));
            for &s in &b.succs {
                match &mut before[s] {
                    Some(old) => {
                        for (old, new) in old.iter_mut().zip(&state) {
                            if *old != 0 && old != new {
                                *old = 0;
                                dirty[s] = true;
                            }
                        }
                    }
                    reached => {
                        *reached = Some(state.clone());
                        dirty[s] = true;
                    }
                }
            }
        }
    }

    let mut runs = Runs { open: vec![None; code.sizes.len()], found: out, first: true };
    for (k, b) in blocks.iter().enumerate() {
        let Some(start) = &before[k] else { continue };
        state.clone_from(start);
        for (n, node) in nodes.iter().enumerate().take(b.end).skip(b.first) {
            if may_be_seen(node) {
                runs.see(node.at, &state, table);
            }
            code.run(of(n), &mut state);
        }
    }
    runs.end()
}

/// Ranges of the code over which a parameter stays in one place.
struct Runs {
    /// Per parameter: location and start.
    open: Vec<Option<(usize, u32)>>,
    found: Vec<ArgumentHome>,
    /// Nothing was seen yet.
    first: bool,
}

impl Runs {
    /// At the instruction at `at` the state is so.
    fn see(&mut self, at: u32, state: &[Held], table: &FrameTable) {
        let from = if std::mem::take(&mut self.first) { 0 } else { at };
        let mut home = [0; MAX_PARAMS];
        for r in [Register::RBX, Register::R12, Register::R13, Register::R14] {
            note(&mut home, state, r.number());
        }
        (SPILLS..SPILLS + table.spills as usize).for_each(|w| note(&mut home, state, w));
        for (n, &home) in home.iter().enumerate().take(self.open.len()) {
            match self.open[n] {
                Some((at, _)) if state[at] as usize == n + 1 => continue,
                Some(run) => self.close(n, run, at),
                None => {}
            }
            self.open[n] = (home != 0).then_some((home, from));
        }
    }

    fn close(&mut self, param: usize, (at, from): (usize, u32), to: u32) {
        let home = match at.checked_sub(SPILLS) {
            Some(word) => Home::Spill(word as u32),
            // rbx, r12, r13, r14
            None => Home::Register(at.saturating_sub(11) as u32),
        };
        self.found.push(ArgumentHome { param: param as u8, home, from, to });
    }

    fn end(mut self) -> Vec<ArgumentHome> {
        for n in 0..self.open.len() {
            if let Some(run) = self.open[n] {
                self.close(n, run, u32::MAX);
            }
        }
        self.found.sort_by_key(|h| (h.param, h.from));
        self.found
    }
}

fn note(home: &mut [usize; MAX_PARAMS], state: &[Held], at: usize) {
    if let Some(n) = (state[at] as usize).checked_sub(1)
        && home[n] == 0
    {
        home[n] = at;
    }
}

/// A traceback may find the function at this instruction: it calls, or may fault.
fn may_be_seen(node: &Node) -> bool {
    let inst = &node.inst;
    matches!(node.flow, Flow::Call { .. })
        || matches!(inst.mnemonic(), Mnemonic::Div | Mnemonic::Idiv | Mnemonic::Ud2)
        || (0..inst.op_count()).any(|n| inst.op_kind(n) == OpKind::Memory)
            && !matches!(inst.memory_base(), Register::RSP | Register::RBP | Register::RIP)
            && inst.mnemonic() != Mnemonic::Lea
}

fn location(r: Register) -> Option<usize> {
    if r.is_gpr() {
        Some(r.full_register().number())
    } else if r.is_xmm() {
        Some(VECTOR + r.number())
    } else {
        None
    }
}

impl Code<'_> {
    /// Does what instructions do to the state.
    fn run(&self, ops: &[Op], state: &mut [Held]) {
        for op in ops {
            match *op {
                Op::Move { to, from, width } => {
                    let held = state[from as usize];
                    let fits = held != 0 && self.sizes[held as usize - 1] <= width;
                    state[to as usize] = if fits { held } else { 0 };
                }
                Op::Kill(at) => state[at as usize] = 0,
                Op::Call => {
                    for (n, held) in state[..SPILLS].iter_mut().enumerate() {
                        if !matches!(n, 3 | 12..=14) {
                            *held = 0;
                        }
                    }
                }
            }
        }
    }

    /// Offset in the spill area of what an instruction accesses, if it lies in the frame.
    fn in_spills(&self, base: Register, index: Register, displacement: u64) -> Option<i64> {
        let base = match base {
            Register::RSP => 0,
            Register::RBP => i64::from(self.table.words) * 8,
            _ => return None,
        };
        let start = i64::from(self.table.saves_at() - self.table.spills) * 8;
        // Indexed accesses go to slots.
        (index == Register::None).then_some(base + displacement as i64 - start)
    }

    /// Words of the spill area that `size` bytes at `offset` overlap.
    fn kill_words(&self, offset: i64, size: i64, out: &mut Vec<Op>) {
        let end = i64::from(self.table.spills);
        for w in 0.max(offset.div_euclid(8))..end.min((offset + size + 7).div_euclid(8)) {
            out.push(Op::Kill((SPILLS as i64 + w) as u16));
        }
    }

    /// The word of the spill area that starts at `offset`.
    fn word(&self, offset: i64) -> Option<u16> {
        (offset >= 0 && offset % 8 == 0 && offset / 8 < i64::from(self.table.spills))
            .then_some((SPILLS as i64 + offset / 8) as u16)
    }

    fn ops(&mut self, node: &Node, out: &mut Vec<Op>) {
        use Mnemonic::*;
        let inst = &node.inst;
        match node.flow {
            Flow::Next => {}
            Flow::Call { .. } => return out.push(Op::Call),
            _ => return,
        }
        let width = match inst.mnemonic() {
            Cmp | Test | Ucomisd | Ucomiss | Nop => return,
            Mov if inst.op1_kind() == OpKind::Register && inst.op1_register().is_gpr() => inst.op1_register().size(),
            Mov if inst.op0_kind() == OpKind::Register && inst.op1_kind() == OpKind::Memory => {
                inst.op0_register().size()
            }
            Movss => 4,
            Movsd | Movaps | Movups | Movapd | Movupd | Movdqa | Movdqu => 8,
            Mov | Lea | Add | Sub | And | Or | Xor | Shl | Shr | Sar | Movzx | Movsx | Movsxd | Cmovne | Cmove
            | Sete | Setne => 0,
            Imul if inst.op_count() > 1 => 0,
            _ => return self.unusual(node, out),
        };
        let memory =
            |code: &Self| code.in_spills(inst.memory_base(), inst.memory_index(), inst.memory_displacement64());
        let from = match inst.op_kind(1) {
            _ if width == 0 => None,
            OpKind::Register => location(inst.op1_register()).map(|r| r as u16),
            OpKind::Memory => memory(self).and_then(|at| self.word(at)),
            _ => None,
        };
        let width = width as u8;
        match inst.op0_kind() {
            OpKind::Register => {
                let Some(to) = location(inst.op0_register()) else { return };
                let to = to as u16;
                out.push(from.map_or(Op::Kill(to), |from| Op::Move { to, from, width }));
            }
            OpKind::Memory => {
                let Some(at) = memory(self) else { return };
                self.kill_words(at, inst.memory_size().size() as i64, out);
                if let (Some(from), Some(to)) = (from, self.word(at)) {
                    out.push(Op::Move { to, from, width });
                }
            }
            _ => self.unusual(node, out),
        }
    }

    /// Asks the decoder what an instruction writes.
    fn unusual(&mut self, node: &Node, out: &mut Vec<Op>) {
        let mut writes = Vec::new();
        let writing = |access| !matches!(access, OpAccess::None | OpAccess::NoMemAccess | OpAccess::Read);
        let info = self.info.info(&node.inst);
        for r in info.used_registers().iter().filter(|r| writing(r.access())) {
            out.extend(location(r.register()).map(|at| Op::Kill(at as u16)));
        }
        for m in info.used_memory().iter().filter(|m| writing(m.access())) {
            writes.push((m.base(), m.index(), m.displacement(), m.memory_size().size() as i64));
        }
        for (base, index, displacement, size) in writes {
            if let Some(at) = self.in_spills(base, index, displacement) {
                self.kill_words(at, size, out);
            }
        }
    }
}
