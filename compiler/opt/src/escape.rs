//! Escape analysis: heap objects that only this function can see become stack slots.
//!
//! Problem: an allocation costs tens of nanoseconds and collector work later; most objects whose address is taken
//! never leave the function (or its callees).
//! Strategy: follow the address forward through everything that copies it (pointer arithmetic, selects, block
//! parameters, results of callees that hand it back). If all that happens to the copies are loads and stores
//! *through* them, comparisons, and calls whose [`Summary`] says that the parameter is not kept, the object does not
//! escape. What is stored *into* an object escapes, whatever happens to the object: contents are not tracked.
//! Summaries are made bottom-up; within a recursive component all parameters escape.
//!
//! Lifetime: the slot is zeroed where the allocation was. In a loop the same slot serves every iteration, which is right
//! only if no older copy of the address is alive then: an allocation on a cycle of the control-flow graph must not
//! flow into block parameters. All other copies are recomputed after the allocation, because it dominates them.

use crate::context::{Context, Flow, Summaries, Summary};
use crate::effects::{self, Leaf};
use crate::remarks::RemarkKind;
use crate::util::int_const;
use cranelift_entity::SecondaryMap;
use golift_ir::dom::{DominatorTree, tainted_blocks};
use golift_ir::*;

/// Objects up to this size may live on the stack, as in gc.
const MAX_OBJECT: u64 = 64 << 10;
/// Bytes of such objects per frame.
pub const MAX_FRAME: u64 = 128 << 10;

/// The summary of a finished body.
pub fn summarize(f: &Function, program: &Program, id: FuncId, summaries: &Summaries) -> Summary {
    let uses = Uses::collect(f);
    let params = f.blocks[f.entry()]
        .params
        .iter()
        .map(|&p| if f.ty(p) == Type::Ptr { flow(f, program, summaries, &uses, p) } else { Flow::ESCAPES })
        .collect();
    let writes = f
        .layout
        .iter()
        .flat_map(|&b| &f.blocks[b].insts)
        .any(|&i| effects::writes_bytes(f, program, summaries, &f.insts[i], |_| true));
    Summary { params, writes, inline_cost: crate::inline::inline_cost(&program.funcs[id], f) }
}

pub fn allocs_to_slots(f: &mut Function, cx: &Context) {
    let has_alloc = |f: &Function| {
        f.layout.iter().any(|&b| f.blocks[b].insts.iter().any(|&i| matches!(f.insts[i], InstData::Alloc { .. })))
    };
    if has_alloc(f) {
        let cycles = DominatorTree::compute(f).blocks_in_cycles(f);
        let tainted = tainted_blocks(f);
        let uses = Uses::collect(f);
        let mut frame: u64 = f.slots.values().map(|s| s.size).sum();
        for bi in 0..f.layout.len() {
            let b = f.layout[bi];
            if tainted[b] {
                continue;
            }
            let mut j = 0;
            while j < f.blocks[b].insts.len() {
                let inst = f.blocks[b].insts[j];
                j += 1;
                let InstData::Alloc { size, align, .. } = f.insts[inst] else { continue };
                let loc = f.inst_locs[inst];
                let stays = |why: &str| {
                    let message = || format!("object of {size} bytes stays on the heap: {why}");
                    cx.remark(f, loc, RemarkKind::Missed, message);
                };
                if size > MAX_OBJECT || frame + size > MAX_FRAME {
                    stays(if size > MAX_OBJECT { "too large" } else { "the frame is full" });
                    continue;
                }
                let v = f.result(inst);
                let flow = flow(f, cx.program, cx.summaries, &uses, v);
                if let Some(why) = flow.keeps_on_heap(cycles[b]) {
                    stays(why);
                    continue;
                }
                cx.remark(f, loc, RemarkKind::Applied, || format!("object of {size} bytes moved to the stack"));
                frame += size;
                let slot = f.make_slot(size, align);
                f.insts[inst] = InstData::SlotAddr { slot, off: 0 };
                if size > 0 {
                    let zero = InstData::MemZero { dst: v, size, align, barrier: None };
                    let zero = f.make_inst(zero, &[], f.inst_locs[inst]);
                    f.blocks[b].insts.insert(j, zero);
                    j += 1;
                }
            }
        }
    }
    drop_slot_barriers(f);
}

/// Stores into stack slots need no write barrier and cannot fault.
fn drop_slot_barriers(f: &mut Function) {
    for bi in 0..f.layout.len() {
        for j in 0..f.blocks[f.layout[bi]].insts.len() {
            let inst = f.blocks[f.layout[bi]].insts[j];
            let (addr, needs) = match &f.insts[inst] {
                InstData::Store { addr, flags, .. } => (*addr, flags.barrier),
                InstData::MemCopy { dst, barrier, .. } | InstData::MemZero { dst, barrier, .. } => {
                    (*dst, barrier.is_some())
                }
                _ => continue,
            };
            if !needs || !points_into_slot(f, addr) {
                continue;
            }
            match &mut f.insts[inst] {
                InstData::Store { flags, .. } => {
                    flags.barrier = false;
                    flags.notrap = true;
                }
                InstData::MemCopy { barrier, .. } | InstData::MemZero { barrier, .. } => *barrier = None,
                _ => unreachable!("matched above"),
            }
        }
    }
}

fn points_into_slot(f: &Function, mut v: Value) -> bool {
    loop {
        match f.def_inst(v).map(|d| &f.insts[d]) {
            Some(InstData::SlotAddr { .. }) => return true,
            Some(InstData::Binary { op: BinaryOp::PtrAdd, args }) => v = args[0],
            _ => return false,
        }
    }
}

/// Instructions that use each value.
pub struct Uses(SecondaryMap<Value, Vec<Inst>>);

impl Uses {
    pub fn collect(f: &Function) -> Uses {
        let mut uses = SecondaryMap::<Value, Vec<Inst>>::new();
        for &b in &f.layout {
            for &i in &f.blocks[b].insts {
                f.insts[i].for_each_use(|v| {
                    if f.ty(v) == Type::Ptr && uses[v].last() != Some(&i) {
                        uses[v].push(i);
                    }
                });
            }
        }
        Uses(uses)
    }

    /// Puts `to` in place of the address `from` wherever that is used.
    pub fn replace(&mut self, f: &mut Function, from: Value, to: Value) {
        for inst in std::mem::take(&mut self.0[from]) {
            f.insts[inst].for_each_use_mut(|v| {
                if *v == from {
                    *v = to;
                }
            });
            self.0[to].push(inst);
        }
    }
}

/// Follows the address `start`.
fn flow(f: &Function, program: &Program, summaries: &Summaries, uses: &Uses, start: Value) -> Flow {
    follow(f, program, summaries, uses, start, |_| {})
}

/// Follows the address `start`, and shows the instructions that may use the memory behind it (unless it escapes).
pub fn follow(
    f: &Function,
    program: &Program,
    summaries: &Summaries,
    uses: &Uses,
    start: Value,
    mut access: impl FnMut(Inst),
) -> Flow {
    let mut flow = Flow::default();
    let mut seen = SecondaryMap::<Value, bool>::new();
    let mut work = vec![start];
    seen[start] = true;
    while let Some(v) = work.pop() {
        for &inst in &uses.0[v] {
            let mut copies: Vec<Value> = Vec::new();
            match &f.insts[inst] {
                InstData::NilCheck { .. } | InstData::KeepAlive { .. } => {}
                InstData::Icmp { .. } => flow.compared = true,
                InstData::Load { .. } | InstData::AtomicLoad { .. } => access(inst),
                InstData::MemCopy { dst, .. } | InstData::MemZero { dst, .. } => {
                    flow.writes |= *dst == v;
                    access(inst);
                }
                InstData::Store { val, .. } | InstData::AtomicStore { val, .. } | InstData::AtomicRmw { val, .. }
                    if *val == v =>
                {
                    return Flow::ESCAPES;
                }
                InstData::Store { .. } | InstData::AtomicStore { .. } | InstData::AtomicRmw { .. } => {
                    flow.writes = true;
                    access(inst);
                }
                InstData::AtomicCas { new, expected, .. } => {
                    if *new == v || *expected == v {
                        return Flow::ESCAPES;
                    }
                    flow.writes = true;
                    access(inst);
                }
                InstData::Binary { op: BinaryOp::PtrAdd, .. } | InstData::Select { .. } => {
                    copies.push(f.result(inst));
                }
                InstData::Call { callee: Callee::Func(c), args } => {
                    let decl = &program.funcs[*c];
                    access(inst);
                    if let Some(leaf) = effects::leaf(decl) {
                        flow.writes |= leaf == Leaf::WritesFirst && args[0] == v;
                        continue;
                    }
                    if decl.flags.noescape {
                        flow.writes = true;
                        continue;
                    }
                    if decl.runtime.is_some_and(RuntimeFn::takes_buffer) && args[0] == v {
                        flow.writes = true;
                        copies.push(f.results[inst][0]);
                    } else if !decl.runtime.is_some_and(effects::keeps_no_argument) {
                        let known = concatenates(f, program, args, *c, v);
                        for (n, _) in args.iter().enumerate().filter(|(_, a)| **a == v) {
                            let p = known.or_else(|| summaries[*c].as_ref()?.params.get(n).copied());
                            let p = p.unwrap_or(Flow::ESCAPES);
                            if p.escapes {
                                return Flow::ESCAPES;
                            }
                            flow.writes |= p.writes;
                            flow.compared |= p.compared;
                            let results = f.results[inst].iter().enumerate();
                            copies.extend(results.filter(|(i, _)| p.results >> (*i).min(15) & 1 == 1).map(|r| *r.1));
                        }
                    }
                }
                InstData::Return { args } => {
                    for (n, _) in args.iter().enumerate().filter(|(_, a)| **a == v) {
                        flow.results |= 1 << n.min(15);
                    }
                }
                data @ (InstData::Jump(_) | InstData::Brif { .. } | InstData::BrTable { .. }) => {
                    flow.joins = true;
                    for_each_branch(data, |t| {
                        for (&a, &p) in t.args.iter().zip(&f.blocks[t.block].params) {
                            if a == v {
                                copies.push(p);
                            }
                        }
                    });
                }
                _ => return Flow::ESCAPES,
            }
            for c in copies {
                if !std::mem::replace(&mut seen[c], true) {
                    work.push(c);
                }
            }
        }
    }
    flow
}

/// What a concatenation does with its operand at `v`: the result is the operand itself if all others are empty.
fn concatenates(f: &Function, program: &Program, args: &[Value], callee: FuncId, v: Value) -> Option<Flow> {
    use RuntimeFn::*;
    let words = match program.funcs[callee].runtime? {
        ConcatString2 | ConcatString3 => args,
        ConcatString2Buf | ConcatString3Buf => &args[1..],
        _ => return None,
    };
    let others = words.chunks(2).filter(|s| s[0] != v);
    let longer = others.clone().any(|s| int_const(f, s[1]).is_some_and(|n| n > 0));
    Some(Flow { results: if longer { 0 } else { 1 }, ..Flow::default() })
}

fn for_each_branch(data: &InstData, mut each: impl FnMut(&BlockCall)) {
    match data {
        InstData::Jump(t) => each(t),
        InstData::Brif { then_, else_, .. } => {
            each(then_);
            each(else_);
        }
        InstData::BrTable { targets, default, .. } => {
            targets.iter().for_each(&mut each);
            each(default);
        }
        _ => {}
    }
}

impl Summary {
    /// True if parameter `n` is neither kept nor returned.
    pub fn is_private(&self, n: usize) -> bool {
        self.params.get(n).is_some_and(|p| !p.escapes && p.results == 0)
    }
}
