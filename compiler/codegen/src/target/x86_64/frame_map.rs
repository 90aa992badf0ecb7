//! What a frame holds at each call: read off the machine code.
//!
//! Problem: goroutine stacks are scanned conservatively, and what a function no longer needs (a register saved by a callee,
//! an old spill) would keep objects alive. Cranelift does not say where values are, and maps of values would force spills.
//! Strategy: the finished code is decoded, and backward data flow finds which callee-saved registers and which words of the
//! spill area are read, before they are written, after each call. Explicit slots may be reached through pointers; for
//! them the IR knows more (`slot_liveness`), and the stack maps of the calls carry it here. Basic blocks come from
//! Cranelift, for the targets of jump tables. The work is linear in the size of the code but for the data flow, which
//! goes over the blocks again once per nesting of loops.
//!
//! Rejected: stack maps of values (stores and loads around calls), Cranelift's locations of labelled values (values that its
//! optimiser makes have no labels).
//!
//! Invariants:
//! * What is not in the table is alive. Code with an instruction that does not fit what is assumed here about stack
//!   pointer and frame has no table at all, and the collector scans its frames as a whole.
//! * Only the spill area needs exact knowledge of all accesses; nothing ever makes an address of it.

use super::arguments;
use super::code_flow::{Block, Flow, Node};
use crate::frame_table::FrameTable;
use crate::names::space;
use cranelift_codegen::ir::{ExternalName, Function};
use cranelift_codegen::{CompiledCode, FinalizedMachExceptionHandler, FinalizedRelocTarget};
use golift_abi::frame as abi;
use iced_x86::{
    Decoder, DecoderOptions, FlowControl, Instruction, InstructionInfoFactory, Mnemonic, OpAccess, OpKind, Register,
};
use rustc_hash::{FxHashMap, FxHashSet};
use std::ops::Range;

/// A set of bits.
#[derive(Clone, PartialEq, Eq)]
struct Bits(Vec<u64>);

impl Bits {
    fn new(n: u32) -> Bits {
        Bits(vec![0; n.div_ceil(64) as usize])
    }
    fn add(&mut self, n: u32) {
        self.0[n as usize / 64] |= 1 << (n % 64);
    }
    fn remove(&mut self, n: u32) {
        self.0[n as usize / 64] &= !(1 << (n % 64));
    }
    fn has(&self, n: u32) -> bool {
        self.0[n as usize / 64] >> (n % 64) & 1 != 0
    }
    fn join(&mut self, other: &Bits) {
        self.0.iter_mut().zip(&other.0).for_each(|(a, b)| *a |= b);
    }
}

/// What the analysis finds.
#[derive(Default)]
pub struct Analysis {
    /// `None` if something about the code is not understood.
    pub frame: Option<FrameTable>,
    /// Where the stack pointer is set to what it is already, ascending.
    pub needless_moves: Vec<u32>,
    /// The instructions; empty if some are not understood.
    pub nodes: Vec<Node>,
}

/// Reads the code of a function.
pub fn analyse(func: &Function, compiled: &CompiledCode) -> Analysis {
    let mut found = Analysis { nodes: decode(func, compiled).unwrap_or_default(), ..Analysis::default() };
    found.frame = frame_map(func, compiled, &found.nodes, &mut found.needless_moves);
    found
}

fn frame_map(
    func: &Function,
    compiled: &CompiledCode,
    nodes: &[Node],
    needless_moves: &mut Vec<u32>,
) -> Option<FrameTable> {
    let layout = compiled.buffer.frame_layout()?;
    let mut table = FrameTable { words: words(layout.frame_to_fp_offset)?, ..FrameTable::default() };
    let (body, tail_room) = prologue(nodes, &mut table)?;
    stack_pointer(nodes, body, &mut table)?;
    *needless_moves = ends(nodes, &table);

    let mut slot_at = FxHashMap::default();
    let mut slots_end = table.outgoing;
    for (slot, s) in layout.stackslots.iter() {
        let size = func.sized_stack_slots[slot].size;
        slots_end = slots_end.max((s.offset + size).div_ceil(8));
        // The others cannot hold pointers, but keep their number.
        if size >= 8 && func.sized_stack_slots[slot].align_shift >= 3 {
            slot_at.insert(words(s.offset)?, table.slots.len() as u32);
        }
        let is_known = slot_at.contains_key(&(s.offset / 8));
        table.slots.push((s.offset / 8, if is_known { size / 8 } else { 0 }));
    }
    table.spills = table.saves_at().checked_sub(slots_end)?;
    if abi::REGS + table.slots.len() as u32 + table.spills > abi::MAX_BITS {
        return None;
    }
    let blocks = blocks(nodes, compiled)?;
    let mut entered = Vec::new();
    for at in landings(compiled)? {
        entered.push(blocks.binary_search_by_key(&at, |b| nodes[b.first].at).ok()?);
    }
    states(&mut table, nodes, &blocks, &entered, compiled, &slot_at)?;
    table.arguments = arguments::homes(&func.signature, nodes, &blocks, &entered, &table, tail_room);
    Some(table)
}

fn words(bytes: u32) -> Option<u32> {
    bytes.is_multiple_of(8).then_some(bytes / 8)
}

/// Where the jump table at `base` leads to: 32-bit distances from its beginning, up to the code that comes next. What Cranelift
/// says of blocks and edges is not enough: it forgets blocks where branches were removed, and with them the edges from there.
pub fn table_targets(compiled: &CompiledCode, base: u32) -> Vec<u32> {
    let code = compiled.buffer.data();
    let next = compiled.bb_starts.partition_point(|&b| b < base);
    let end = compiled.bb_starts.get(next).map_or(code.len(), |&b| b as usize);
    let entries = code[base as usize..end].chunks_exact(4);
    let target = |e: &[u8]| base.wrapping_add(u32::from_le_bytes([e[0], e[1], e[2], e[3]]));
    // Behind the table there may be room up to an aligned address.
    entries.map(target).take_while(|&t| (t as usize) < code.len() && t != base).collect()
}

/// All instructions that can be reached, by address.
fn decode(func: &Function, compiled: &CompiledCode) -> Option<Vec<Node>> {
    let code = compiled.buffer.data();
    let names = func.params.user_named_funcs();
    // Places that the linker fills in, and which of them are markers or leaf functions of the runtime.
    let relocs: FxHashMap<u32, bool> = compiled
        .buffer
        .relocs()
        .iter()
        .map(|r| {
            let leaf = match &r.target {
                FinalizedRelocTarget::ExternalName(ExternalName::User(u)) => {
                    matches!(names[*u].namespace, space::MARKER | space::SYMBOL)
                }
                _ => true,
            };
            (r.offset, leaf)
        })
        .collect();
    let branching: FxHashSet<u32> = compiled.bb_edges.iter().map(|e| e.0).collect();
    let mut seen = vec![false; code.len()];
    let mut out: Vec<Node> = Vec::with_capacity(code.len() / 4);
    let mut work = compiled.bb_starts.clone();
    work.push(0);
    let mut decoder = Decoder::with_ip(64, code, 0, DecoderOptions::NONE);
    let mut inst = Instruction::default();
    while let Some(start) = work.pop() {
        let mut at = start as usize;
        let mut table = false;
        while at < code.len() && !std::mem::replace(&mut seen[at], true) {
            decoder.set_position(at).ok()?;
            decoder.set_ip(at as u64);
            decoder.decode_out(&mut inst);
            if inst.is_invalid() {
                return None;
            }
            let next = inst.next_ip() as u32;
            let reloc = relocs.get(&next.wrapping_sub(4)).copied();
            let flow = match inst.flow_control() {
                FlowControl::Next => Flow::Next,
                FlowControl::Call => Flow::Call { recorded: reloc != Some(true) },
                FlowControl::IndirectCall => Flow::Call { recorded: true },
                FlowControl::UnconditionalBranch if reloc.is_some() => Flow::Exit,
                FlowControl::UnconditionalBranch | FlowControl::ConditionalBranch => {
                    let target =
                        u32::try_from(inst.near_branch_target()).ok().filter(|&t| (t as usize) < code.len())?;
                    work.push(target);
                    Flow::Branch { target, conditional: inst.flow_control() == FlowControl::ConditionalBranch }
                }
                FlowControl::IndirectBranch => {
                    let n = compiled.bb_starts.partition_point(|&b| b as usize <= at);
                    let block = *compiled.bb_starts.get(n.checked_sub(1)?)?;
                    if table {
                        work.extend(table_targets(compiled, next));
                    }
                    match (branching.contains(&block), table) {
                        (true, _) => Flow::Table { block },
                        (false, false) => Flow::Exit,
                        (false, true) => return None,
                    }
                }
                FlowControl::Return | FlowControl::Exception => Flow::Exit,
                _ => return None,
            };
            table |= inst.mnemonic() == Mnemonic::Movsxd;
            out.push(Node { at: at as u32, inst, flow });
            match flow {
                Flow::Exit | Flow::Table { .. } | Flow::Branch { conditional: false, .. } => break,
                _ => at = next as usize,
            }
        }
    }
    out.sort_unstable_by_key(|n| n.at);
    // Instructions must not overlap.
    out.is_sorted_by(|a, b| a.next() <= b.at).then_some(out)
}

fn is_move(inst: &Instruction, to: Register, from: Register) -> bool {
    inst.mnemonic() == Mnemonic::Mov
        && inst.op0_kind() == OpKind::Register
        && inst.op1_kind() == OpKind::Register
        && inst.op0_register() == to
        && inst.op1_register() == from
}

/// The immediate of `sub rsp, n`.
fn frame_growth(inst: &Instruction) -> Option<u32> {
    (inst.mnemonic() == Mnemonic::Sub
        && inst.op0_kind() == OpKind::Register
        && inst.op0_register() == Register::RSP
        && inst.op1_kind() != OpKind::Register
        && inst.op1_kind() != OpKind::Memory)
        .then(|| u32::try_from(inst.immediate(1)).ok())
        .flatten()
}

/// Reads the prologue: the registers it saves; returns the index of the first instruction after it, and by how many words return
/// address and saved frame pointer moved down from the arguments.
fn prologue(nodes: &[Node], table: &mut FrameTable) -> Option<(usize, u32)> {
    let inst = |n: usize| nodes.get(n).map(|n| &n.inst);
    let push = inst(0)?;
    if push.mnemonic() != Mnemonic::Push || push.op0_register() != Register::RBP {
        return None;
    }
    if !is_move(inst(1)?, Register::RBP, Register::RSP) {
        return None;
    }
    let (mut n, mut tail_room) = (2, 0);
    // Room for the arguments of a tail call: saved frame pointer and return address move down.
    if let Some(room) = inst(n).and_then(frame_growth)
        && is_move(inst(n + 1)?, Register::RBP, Register::RSP)
    {
        n += 6;
        tail_room = words(room)?;
    }
    let Some(size) = inst(n).and_then(frame_growth) else {
        return (table.words == 0).then_some((n, tail_room));
    };
    if size != table.words * 8 {
        return None;
    }
    n += 1;
    let mut saves = Vec::new();
    while let Some(i) = inst(n)
        && i.mnemonic() == Mnemonic::Mov
        && i.op0_kind() == OpKind::Memory
        && i.op1_kind() == OpKind::Register
        && i.memory_base() == Register::RSP
        && i.memory_index() == Register::None
        && let Some(r) = saved_register(i.op1_register())
        && i.op1_register().is_gpr64()
    {
        saves.push(words(u32::try_from(i.memory_displacement64()).ok()?)?);
        if u32::from(table.saved) >> r != 0 {
            return None;
        }
        table.saved |= 1 << r;
        n += 1;
    }
    let first = table.words.checked_sub((saves.len() as u32).next_multiple_of(2))?;
    saves.into_iter().eq(first..first + table.saved.count_ones()).then_some((n, tail_room))
}

/// Checks that the stack pointer stays where the prologue put it, and finds out how much is passed on the stack: callees
/// pop their arguments, so the room is made again after the call.
fn stack_pointer(nodes: &[Node], body: usize, table: &mut FrameTable) -> Option<()> {
    for n in body..nodes.len() {
        let inst = &nodes[n].inst;
        match inst.mnemonic() {
            Mnemonic::Push | Mnemonic::Enter | Mnemonic::Leave => return None,
            Mnemonic::Pop if inst.op0_register() == Register::RBP => continue,
            Mnemonic::Pop => return None,
            Mnemonic::Cmp | Mnemonic::Test => continue,
            _ => {}
        }
        if inst.op_count() == 0
            || inst.op0_kind() != OpKind::Register
            || !matches!(inst.op0_register().full_register(), Register::RSP | Register::RBP)
            || inst.flow_control() != FlowControl::Next
        {
            continue;
        }
        if let Some(size) = frame_growth(inst)
            && matches!(nodes[n - 1].flow, Flow::Call { .. })
            && nodes[n - 1].next() == nodes[n].at
        {
            table.outgoing = table.outgoing.max(words(size)?);
            continue;
        }
        // The end of a function.
        let leaves = inst.mnemonic() == Mnemonic::Add
            && nodes
                .get(n + 1)
                .is_some_and(|next| next.flow == Flow::Exit || is_move(&next.inst, Register::RSP, Register::RBP));
        if !leaves && !is_move(inst, Register::RSP, Register::RBP) {
            return None;
        }
    }
    Some(())
}

/// The moves from rbp to rsp in epilogues that have nothing to do: before them the frame was released, or there is none.
/// The stack pointer is known to be where the prologue put it (`stack_pointer`).
fn ends(nodes: &[Node], table: &FrameTable) -> Vec<u32> {
    let released = |n: usize| {
        let Some(before) = n.checked_sub(1).map(|n| &nodes[n]) else { return false };
        let inst = &before.inst;
        before.next() == nodes[n].at
            && inst.mnemonic() == Mnemonic::Add
            && inst.op0_kind() == OpKind::Register
            && inst.op0_register() == Register::RSP
            && !matches!(inst.op1_kind(), OpKind::Register | OpKind::Memory)
            && inst.immediate(1) == u64::from(table.words) * 8
    };
    let is_end = |n: usize| {
        is_move(&nodes[n].inst, Register::RSP, Register::RBP)
            && nodes
                .get(n + 1)
                .is_some_and(|next| next.inst.mnemonic() == Mnemonic::Pop && next.inst.op0_register() == Register::RBP)
    };
    (0..nodes.len()).filter(|&n| is_end(n) && (table.words == 0 || released(n))).map(|n| nodes[n].at).collect()
}

/// Index of a callee-saved register.
fn saved_register(r: Register) -> Option<u32> {
    match r.full_register() {
        Register::RBX => Some(0),
        Register::R12 => Some(1),
        Register::R13 => Some(2),
        Register::R14 => Some(3),
        _ => None,
    }
}

/// False if an instruction surely accesses neither the frame nor a callee-saved register: most do not.
fn concerns_frame(inst: &Instruction) -> bool {
    (0..inst.op_count()).any(|n| match inst.op_kind(n) {
        OpKind::Register => saved_register(inst.op_register(n)).is_some(),
        OpKind::Memory => {
            let (base, index) = (inst.memory_base(), inst.memory_index());
            matches!(base, Register::RSP | Register::RBP)
                || saved_register(base).is_some()
                || saved_register(index).is_some()
        }
        OpKind::NearBranch64 | OpKind::Immediate8 | OpKind::Immediate32 | OpKind::Immediate64 => false,
        OpKind::Immediate8to16 | OpKind::Immediate8to32 | OpKind::Immediate8to64 | OpKind::Immediate32to64 => false,
        _ => true,
    }) || matches!(inst.mnemonic(), Mnemonic::Cmpxchg16b | Mnemonic::Cmpxchg8b | Mnemonic::Cpuid | Mnemonic::Xlatb)
}

/// What instructions do to the bits: each with ranges of `bits` that it writes and then those that it reads.
struct Effects {
    bits: Vec<u32>,
    /// Per instruction: start of the writes, start of the reads.
    starts: Vec<(u32, u32)>,
    /// Instructions that do something to the bits.
    busy: Vec<u32>,
}

impl Effects {
    fn of(nodes: &[Node], table: &FrameTable) -> Option<Effects> {
        let mut info = InstructionInfoFactory::new();
        let mut e = Effects { bits: Vec::new(), starts: Vec::with_capacity(nodes.len() + 1), busy: Vec::new() };
        let mut reads: Vec<u32> = Vec::new();
        let first_spill = abi::REGS + table.slots.len() as u32;
        for node in nodes {
            let start = e.bits.len() as u32;
            if !concerns_frame(&node.inst) {
                e.starts.push((start, start));
                continue;
            }
            reads.clear();
            // Pops and returns access the stack beyond the frame.
            let pops = matches!(node.inst.mnemonic(), Mnemonic::Pop | Mnemonic::Ret);
            let info = info.info(&node.inst);
            for r in info.used_registers() {
                let Some(bit) = saved_register(r.register()) else { continue };
                match r.access() {
                    OpAccess::None | OpAccess::NoMemAccess | OpAccess::CondWrite => {}
                    OpAccess::Write if r.register().size() >= 4 => e.bits.push(bit),
                    OpAccess::Write => {}
                    _ => reads.push(bit),
                }
            }
            for m in info.used_memory() {
                let base = match m.base() {
                    Register::RSP => 0,
                    Register::RBP => i64::from(table.words) * 8,
                    _ => continue,
                };
                // Indexed accesses go to slots.
                if pops || m.index() != Register::None {
                    continue;
                }
                let from = base + m.displacement() as i64;
                let size = m.memory_size().size() as i64;
                let n = i64::from(table.spills);
                let spills = i64::from(table.saves_at()) * 8 - n * 8;
                for w in 0.max((from - spills).div_euclid(8))..n.min((from + size - spills + 7).div_euclid(8)) {
                    let at = spills + w * 8;
                    let bit = first_spill + w as u32;
                    match m.access() {
                        OpAccess::None | OpAccess::NoMemAccess | OpAccess::CondWrite => {}
                        OpAccess::Write if from <= at && at + 8 <= from + size => e.bits.push(bit),
                        OpAccess::Write => {}
                        _ => reads.push(bit),
                    }
                }
                // An access of unknown size: nothing that compiled code has.
                if size == 0 && !matches!(m.access(), OpAccess::NoMemAccess | OpAccess::None) {
                    return None;
                }
            }
            e.starts.push((start, e.bits.len() as u32));
            e.bits.extend_from_slice(&reads);
        }
        e.starts.push((e.bits.len() as u32, 0));
        e.busy = (0..nodes.len()).filter(|&n| e.starts[n].0 < e.starts[n + 1].0).map(|n| n as u32).collect();
        Some(e)
    }

    /// Takes `live` from after the instructions to before them.
    fn before_all(&self, nodes: Range<usize>, live: &mut Bits) {
        let at = |n: usize| self.busy.partition_point(|&b| (b as usize) < n);
        self.busy[at(nodes.start)..at(nodes.end)].iter().rev().for_each(|&n| self.before(n as usize, live));
    }

    /// Takes `live` from after instruction `n` to before it.
    fn before(&self, n: usize, live: &mut Bits) {
        let (start, reads) = self.starts[n];
        let end = self.starts[n + 1].0;
        for &bit in &self.bits[start as usize..reads as usize] {
            live.remove(bit);
        }
        for &bit in &self.bits[reads as usize..end as usize] {
            live.add(bit);
        }
    }
}

fn blocks(nodes: &[Node], compiled: &CompiledCode) -> Option<Vec<Block>> {
    let index = |at: u32| nodes.binary_search_by_key(&at, |n| n.at).ok();
    let mut leader = vec![false; nodes.len()];
    leader[0] = true;
    let mut mark = |at: u32| index(at).map(|i| leader[i] = true);
    for n in nodes {
        match n.flow {
            Flow::Branch { target, .. } => mark(target)?,
            Flow::Table { .. } => table_targets(compiled, n.next()).into_iter().try_for_each(&mut mark)?,
            Flow::Exit => {}
            Flow::Next | Flow::Call { .. } => continue,
        }
        // What follows need not be code.
        let _ = mark(n.next());
    }
    for &at in compiled.bb_starts.iter().chain(compiled.bb_edges.iter().map(|(_, to)| to)) {
        mark(at)?;
    }
    for to in landings(compiled)? {
        mark(to)?;
    }
    let firsts: Vec<usize> = (0..nodes.len()).filter(|&i| leader[i]).collect();
    let block = |at: u32| index(at).and_then(|i| firsts.binary_search(&i).ok());
    let mut out = Vec::with_capacity(firsts.len());
    for (k, &first) in firsts.iter().enumerate() {
        let end = firsts.get(k + 1).copied().unwrap_or(nodes.len());
        // Only the last instruction branches; all others are followed by the next one.
        if nodes[first..end].windows(2).any(|w| w[0].next() != w[1].at) {
            return None;
        }
        let last = &nodes[end - 1];
        let succs = match last.flow {
            Flow::Exit => Vec::new(),
            Flow::Next | Flow::Call { .. } => match block(last.next()) {
                Some(b) => vec![b],
                // A call that does not return may be the last instruction.
                None if last.flow != Flow::Next => Vec::new(),
                None => return None,
            },
            Flow::Branch { target, conditional: false } => vec![block(target)?],
            Flow::Branch { target, conditional: true } => vec![block(target)?, block(last.next())?],
            Flow::Table { block: from } => {
                let known = compiled.bb_edges.iter().filter(|e| e.0 == from).map(|e| e.1);
                let mut to = known.chain(table_targets(compiled, last.next())).collect::<Vec<_>>();
                to.sort_unstable();
                to.dedup();
                to.into_iter().map(block).collect::<Option<_>>()?
            }
        };
        out.push(Block { first, end, succs });
    }
    Some(out)
}

/// Where control may enter from any call.
fn landings(compiled: &CompiledCode) -> Option<Vec<u32>> {
    let mut out = Vec::new();
    for site in compiled.buffer.call_sites() {
        for h in site.exception_handlers {
            match h {
                FinalizedMachExceptionHandler::Default(at) | FinalizedMachExceptionHandler::Tag(_, at) => out.push(*at),
                FinalizedMachExceptionHandler::Context(_) => return None,
            }
        }
    }
    Some(out)
}

/// Finds what is alive at each call. The blocks at `landings` may be entered from any call.
fn states(
    table: &mut FrameTable,
    nodes: &[Node],
    blocks: &[Block],
    landings: &[usize],
    compiled: &CompiledCode,
    slot_at: &FxHashMap<u32, u32>,
) -> Option<()> {
    let n_bits = abi::REGS + table.slots.len() as u32 + table.spills;
    let effects = Effects::of(nodes, table)?;
    let mut live_in = vec![Bits::new(n_bits); blocks.len()];
    let live_out = |live_in: &[Bits], b: &Block| {
        let mut live = Bits::new(n_bits);
        b.succs.iter().for_each(|&s| live.join(&live_in[s]));
        live
    };
    let mut changed = true;
    while changed {
        changed = false;
        for (k, b) in blocks.iter().enumerate().rev() {
            let mut live = live_out(&live_in, b);
            effects.before_all(b.first..b.end, &mut live);
            if live_in[k] != live {
                live_in[k] = live;
                changed = true;
            }
        }
    }

    let mut always = Bits::new(n_bits);
    landings.iter().for_each(|&k| always.join(&live_in[k]));
    let dead_slots: FxHashMap<u32, Vec<u32>> = compiled
        .buffer
        .user_stack_maps()
        .iter()
        .map(|(at, _, map)| {
            let slots = map.entries().map(|(_, offset)| slot_at.get(&(offset / 8)).copied()).collect::<Option<_>>();
            slots.map(|slots| (*at, slots))
        })
        .collect::<Option<_>>()?;
    let mut at_calls: Vec<(u32, Bits)> = Vec::new();
    for b in blocks {
        let mut live = live_out(&live_in, b);
        for n in (b.first..b.end).rev() {
            if nodes[n].flow == (Flow::Call { recorded: true }) {
                let at = nodes[n].next();
                let mut here = live.clone();
                here.join(&always);
                slot_at.values().for_each(|&s| here.add(abi::REGS + s));
                for &s in dead_slots.get(&at).into_iter().flatten() {
                    here.remove(abi::REGS + s);
                }
                at_calls.push((at, here));
            }
            effects.before(n, &mut live);
        }
    }
    at_calls.sort_unstable_by_key(|c| c.0);
    let mut last = Bits::new(n_bits);
    for (at, bits) in at_calls {
        let toggled: Vec<u32> = (0..n_bits).filter(|&n| bits.has(n) != last.has(n)).collect();
        if !toggled.is_empty() {
            table.states.push((at, toggled));
        }
        last = bits;
    }
    Some(())
}
