//! Strings and byte slices that need no memory of their own.
//!
//! Problem: `string(b)`, `[]byte(s)` and `s + t` make a copy, though most are read at once and forgotten (`m[string(b)]`,
//! `string(b) == "x"`, an argument that the callee only parses). Strategy: follow the result, as escape analysis does. If all that
//! happens to it is in sight, then
//! * `[]byte(s)` that nobody writes to is the memory of `s`;
//! * `string(b)` is the memory of `b` as long as nothing between the conversion and the last reading may write bytes;
//! * any other such result lies in a buffer of the frame if it is short enough, which the runtime's variant of the function finds out.
//!
//! Invariants: a borrowed string is never converted back by borrowing (its readers end where the bytes may change, and those of the
//! new slice would not); so a conversion of it counts as a reading that is not in sight. Addresses of borrowed memory are
//! not compared: an empty string may have any. A result that may be that of an earlier iteration gets no buffer, as in escape analysis.
//! Walks over the code between conversion and readings are bounded ([`MAX_WALK`]).

use crate::context::Context;
use crate::effects;
use crate::escape::MAX_FRAME;
use crate::flow::{Followed, Uses, follow};
use crate::remarks::RemarkKind;
use crate::util::Replacements;
use cranelift_entity::SecondaryMap;
use golift_ir::dom::{DominatorTree, tainted_blocks};
use golift_ir::*;
use rustc_hash::FxHashSet;

/// Instructions that are looked at for one conversion.
const MAX_WALK: usize = 2000;

/// A call of a function that copies.
#[derive(Clone, Copy)]
struct Conversion {
    block: Block,
    inst: Inst,
    kind: RuntimeFn,
}

pub fn borrow_bytes(f: &mut Function, cx: &Context) {
    let mut found = Vec::new();
    for &block in &f.layout {
        for &inst in &f.blocks[block].insts {
            if let Some(kind) = called(f, cx.program, inst).filter(|k| k.with_buffer().is_some()) {
                found.push(Conversion { block, inst, kind });
            }
        }
    }
    if found.is_empty() {
        return;
    }
    let cycles = DominatorTree::compute(f).blocks_in_cycles(f);
    let tainted = tainted_blocks(f);
    found.retain(|c| !tainted[c.block]);
    let mut uses = Uses::collect(f);
    let direct = directly_used_slots(f);
    let mut removed = FxHashSet::default();
    let mut replaced = Replacements::default();
    for &c in found.iter().filter(|c| c.kind == RuntimeFn::StringToSliceByte) {
        if may_share_string(f, cx, &uses, c, cycles[c.block]) {
            replace(f, &mut uses, &mut replaced, c, cx);
            removed.insert(c.inst);
        }
    }
    for &c in found.iter().filter(|c| c.kind == RuntimeFn::SliceByteToString) {
        if may_borrow(f, cx, &uses, c, cycles[c.block], &direct) {
            replace(f, &mut uses, &mut replaced, c, cx);
            removed.insert(c.inst);
        }
    }
    let mut frame: u64 = f.slots.values().map(|s| s.size).sum();
    for &c in found.iter().filter(|c| !removed.contains(&c.inst)) {
        let (with_buffer, mut size) = c.kind.with_buffer().expect("only such are collected");
        let Some(callee) = cx.program.runtime_fn(with_buffer) else { continue };
        if c.kind == RuntimeFn::MakeMapSmall {
            let Some(group) = group_size(f, cx.program, c.inst) else { continue };
            size += group;
        }
        let followed = follow(f, cx.program, cx.summaries, &uses, f.results[c.inst][0], |_| {});
        // Growing slices use each part of their buffer once in the life of the frame.
        let once = c.kind == RuntimeFn::GrowSlice;
        let private =
            if once { followed.flow.keeps_on_heap(false).is_none() } else { in_sight(&followed, cycles[c.block]) };
        if !private || frame + size > MAX_FRAME {
            continue;
        }
        frame += size;
        // Collections need not look at bytes, which the alignment says.
        let has_pointers = matches!(c.kind, RuntimeFn::MakeSlice | RuntimeFn::GrowSlice | RuntimeFn::MakeMapSmall);
        let slot = f.make_slot(size, if has_pointers { 8 } else { 4 });
        if once {
            clear_at_entry(f, slot, f.inst_locs[c.inst]);
        }
        let loc = f.inst_locs[c.inst];
        let addr = f.make_inst(InstData::SlotAddr { slot, off: 0 }, &[Type::Ptr], loc);
        let buffer = f.result(addr);
        if let InstData::Call { callee: old, args } = &mut f.insts[c.inst] {
            *old = Callee::Func(callee);
            args.insert(0, buffer);
        }
        let insts = &mut f.blocks[c.block].insts;
        let at = insts.iter().position(|&i| i == c.inst).expect("collected from this block");
        insts.insert(at, addr);
    }
    if !removed.is_empty() {
        replaced.apply(f);
        for n in 0..f.layout.len() {
            let b = f.layout[n];
            f.blocks[b].insts.retain(|i| !removed.contains(i));
        }
    }
}

/// The size of a group of the small map that an instruction makes.
fn group_size(f: &Function, program: &Program, inst: Inst) -> Option<u64> {
    let InstData::Call { args, .. } = &f.insts[inst] else { return None };
    let InstData::DataAddr { data, off: 0 } = f.insts[f.def_inst(args[0])?] else { return None };
    let bytes = program.datas[data].bytes.get(MAP_TYPE_GROUP_SIZE..MAP_TYPE_GROUP_SIZE + 8)?;
    Some(u64::from_le_bytes(bytes.try_into().expect("eight bytes")))
}

/// The first word of a slot is zero when the function begins.
fn clear_at_entry(f: &mut Function, slot: Slot, loc: Loc) {
    let entry = f.entry();
    let addr = f.make_inst(InstData::SlotAddr { slot, off: 0 }, &[Type::Ptr], loc);
    let dst = f.result(addr);
    let clear = f.make_inst(InstData::MemZero { dst, size: 8, align: 8, barrier: None }, &[], loc);
    f.blocks[entry].insts.splice(0..0, [addr, clear]);
}

/// The runtime function that an instruction calls.
fn called(f: &Function, program: &Program, inst: Inst) -> Option<RuntimeFn> {
    match &f.insts[inst] {
        InstData::Call { callee: Callee::Func(c), .. } => program.funcs[*c].runtime,
        _ => None,
    }
}

/// Slots whose addresses are used for accesses here and nothing else.
fn directly_used_slots(f: &Function) -> SecondaryMap<Slot, bool> {
    let mut direct = SecondaryMap::<Slot, bool>::with_default(true);
    for &inst in f.layout.iter().flat_map(|&b| &f.blocks[b].insts) {
        let data = &f.insts[inst];
        data.for_each_use(|v| {
            let Some(slot) = effects::base_slot(f, v) else { return };
            direct[slot] &= match data {
                InstData::Load { .. } | InstData::MemCopy { .. } | InstData::MemZero { .. } => true,
                InstData::Store { val, .. } => *val != v,
                InstData::Binary { op: BinaryOp::PtrAdd, .. } => true,
                _ => false,
            };
        });
        if let InstData::RecoveryPoint { slot, .. } = data {
            direct[*slot] = false;
        }
    }
    direct
}

/// Does nobody write to the bytes, keep them, or look at their address?
fn may_share_string(f: &Function, cx: &Context, uses: &Uses, c: Conversion, in_loop: bool) -> bool {
    let followed = follow(f, cx.program, cx.summaries, uses, f.results[c.inst][0], |_| {});
    in_sight(&followed, in_loop) && !followed.flow.writes && !followed.flow.compared
}

/// Does nothing use the result but what was followed, and nothing that of another iteration?
fn in_sight(followed: &Followed, in_loop: bool) -> bool {
    followed.flow.keeps_on_heap(in_loop).is_none() && (!in_loop || followed.holders.is_empty())
}

/// Is every reading of the string in sight, and no byte written before the last one?
fn may_borrow(
    f: &Function,
    cx: &Context,
    uses: &Uses,
    c: Conversion,
    in_loop: bool,
    direct: &SecondaryMap<Slot, bool>,
) -> bool {
    let mut readers = FxHashSet::default();
    let result = f.results[c.inst][0];
    let followed = follow(f, cx.program, cx.summaries, uses, result, |i| {
        readers.insert(i);
    });
    if !in_sight(&followed, in_loop) || followed.flow.writes || followed.flow.compared {
        return false;
    }
    if readers.iter().any(|&i| called(f, cx.program, i) == Some(RuntimeFn::StringToSliceByte)) {
        return false;
    }
    let InstData::Call { args, .. } = &f.insts[c.inst] else { return false };
    let source = effects::base_slot(f, args[0]);
    // Bytes of a slot that is only accessed directly are others, unless it is the source itself.
    let own = |slot: Slot| direct[slot] && source != Some(slot);
    let mut walk = Walk { entered: SecondaryMap::new(), work: Vec::new(), budget: MAX_WALK };
    let after = f.blocks[c.block].insts.iter().position(|&i| i == c.inst).expect("it is in its block") + 1;
    let mut at = Some((c.block, after, false));
    while let Some((block, from, mut dirty)) = at {
        let mut ended = false;
        for &inst in &f.blocks[block].insts[from..] {
            if inst == c.inst {
                // Another conversion, with readers of its own.
                ended = true;
                break;
            }
            if walk.budget == 0 {
                return false;
            }
            walk.budget -= 1;
            let data = &f.insts[inst];
            let writes = effects::writes_bytes(f, cx.program, cx.summaries, data, own);
            if readers.contains(&inst) && (dirty || (writes && !copies_at_once(f, cx.program, data))) {
                return false;
            }
            dirty |= writes;
        }
        if !ended {
            for next in f.insts[f.terminator(block)].successors() {
                walk.enter(next, dirty);
            }
        }
        at = walk.work.pop().map(|b| (b, 0, walk.entered[b] == Some(true)));
    }
    true
}

/// Blocks that the code after a conversion reaches, and whether bytes may have been written on the way.
struct Walk {
    entered: SecondaryMap<Block, Option<bool>>,
    work: Vec<Block>,
    budget: usize,
}

impl Walk {
    fn enter(&mut self, block: Block, dirty: bool) {
        let known = self.entered[block];
        if known.is_none() || (dirty && known == Some(false)) {
            self.entered[block] = Some(dirty);
            self.work.push(block);
        }
    }
}

/// Reads all that it reads before it writes, as far as anybody can tell.
fn copies_at_once(f: &Function, program: &Program, data: &InstData) -> bool {
    let InstData::Call { callee: Callee::Func(c), args } = data else { return false };
    let decl = &program.funcs[*c];
    match decl.runtime {
        Some(RuntimeFn::MemMove | RuntimeFn::MemMoveBytes) => true,
        // The buffer is new.
        Some(r) if r.takes_buffer() => effects::base_slot(f, args[0]).is_some(),
        _ => matches!(effects::leaf(decl), Some(effects::Leaf::WritesFirst | effects::Leaf::CopiesBytes)),
    }
}

/// Puts the memory that is converted in place of the copy: its address at once, the rest is noted in `replaced`.
fn replace(f: &mut Function, uses: &mut Uses, replaced: &mut Replacements, c: Conversion, cx: &Context) {
    let InstData::Call { args, .. } = &f.insts[c.inst] else { unreachable!("conversions are calls") };
    let (ptr, len) = (args[0], args[1]);
    let results = f.results[c.inst].clone();
    uses.replace(f, results[0], ptr);
    replaced.set(results[0], ptr);
    for &n in &results[1..] {
        replaced.set(n, len);
    }
    let loc = f.inst_locs[c.inst];
    cx.remark(f, loc, RemarkKind::Applied, || "conversion without a copy".to_owned());
}
