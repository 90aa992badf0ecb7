//! Escape analysis: heap objects that only this function can see become stack slots.
//!
//! Problem: an allocation costs tens of nanoseconds and collector work later; most objects whose address is taken
//! never leave the function (or its callees).
//! Strategy: follow the address forward through everything that copies it (pointer arithmetic, selects, block
//! parameters, results of callees that hand it back). If all that happens to the copies are loads and stores
//! *through* them, comparisons, and calls whose [`Summary`] says that the parameter is not kept, the object does not
//! escape. What is stored into an object on the stack may go where anything goes that is loaded from there (`flow.rs`); what
//! is stored anywhere else escapes. Summaries are made bottom-up; those of functions that call each other begin with nothing and grow
//! until they agree ([`crate::optimize_program`]).
//!
//! Lifetime: the slot is zeroed where the allocation was. In a loop the same slot serves every iteration, which is right
//! only if no older copy of the address is alive then: an allocation on a cycle of the control-flow graph must not
//! flow into block parameters, and what holds it must be made anew in the same block. All other copies are recomputed after the allocation, because it dominates them.

use crate::context::{Context, Flow, Summaries, Summary};
use crate::effects;
use crate::flow::{Followed, Uses, follow};
use crate::remarks::RemarkKind;
use cranelift_entity::SecondaryMap;
use golift_ir::dom::{DominatorTree, tainted_blocks};
use golift_ir::*;
use rustc_hash::FxHashMap;

/// Objects up to this size may live on the stack, as in gc.
const MAX_OBJECT: u64 = 64 << 10;
/// How deep objects on the stack may hold each other.
const MAX_ROUNDS: usize = 6;
/// Bytes of such objects per frame.
pub const MAX_FRAME: u64 = 128 << 10;

/// The summary of a body of which nothing is known but what it is said to do with each parameter.
pub fn unknown(f: &Function, program: &Program, id: FuncId, flow: Flow) -> Summary {
    let params = f.blocks[f.entry()].params.iter().map(|_| flow).collect();
    Summary { params, writes: flow.writes, inline_cost: crate::inline::inline_cost(&program.funcs[id], f) }
}

/// The summary of a body.
pub fn summarize(f: &Function, program: &Program, id: FuncId, summaries: &Summaries) -> Summary {
    let uses = Uses::collect(f);
    let params =
        f.blocks[f.entry()]
            .params
            .iter()
            .map(|&p| {
                if f.ty(p) == Type::Ptr { follow(f, program, summaries, &uses, p, |_| {}).flow } else { Flow::ESCAPES }
            })
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
        f.layout.iter().any(|&b| f.blocks[b].insts.iter().any(|&i| makes_object(f, cx.program, i).is_some()))
    };
    if has_alloc(f) {
        let mut work = Objects {
            cycles: DominatorTree::compute(f).blocks_in_cycles(f),
            tainted: tainted_blocks(f),
            uses: Uses::collect(f),
            made_in: FxHashMap::default(),
            frame: f.slots.values().map(|s| s.size).sum(),
        };
        // What an object holds can move when the object has.
        for _ in 0..MAX_ROUNDS {
            let mut missed = Vec::new();
            if !work.move_to_stack(f, cx, &mut missed) {
                for (loc, size, why) in missed {
                    let message = || format!("object of {size} bytes stays on the heap: {why}");
                    cx.remark(f, loc, RemarkKind::Missed, message);
                }
                break;
            }
        }
    }
    drop_slot_barriers(f);
}

/// Size and alignment of the object that an instruction makes.
fn makes_object(f: &Function, program: &Program, inst: Inst) -> Option<(u64, u32)> {
    match &f.insts[inst] {
        InstData::Alloc { size, align, .. } => Some((*size, *align)),
        InstData::Call { callee: Callee::Func(c), .. } => {
            let size = program.funcs[*c].runtime?.boxed_size()?;
            Some((size, size.min(8) as u32))
        }
        _ => None,
    }
}

/// What is known while objects are moved.
struct Objects {
    cycles: SecondaryMap<Block, bool>,
    tainted: SecondaryMap<Block, bool>,
    uses: Uses,
    /// Slots that were objects, and the blocks in which they are made.
    made_in: FxHashMap<Slot, Block>,
    /// Bytes of all slots.
    frame: u64,
}

impl Objects {
    /// Looks at each object once. True if one was moved; in `missed` is why others were not.
    fn move_to_stack(&mut self, f: &mut Function, cx: &Context, missed: &mut Vec<(Loc, u64, &'static str)>) -> bool {
        let mut moved = false;
        for bi in 0..f.layout.len() {
            let b = f.layout[bi];
            if self.tainted[b] {
                continue;
            }
            let mut j = 0;
            while j < f.blocks[b].insts.len() {
                let inst = f.blocks[b].insts[j];
                j += 1;
                let Some((size, align)) = makes_object(f, cx.program, inst) else { continue };
                let loc = f.inst_locs[inst];
                if size > MAX_OBJECT || self.frame + size > MAX_FRAME {
                    missed.push((loc, size, if size > MAX_OBJECT { "too large" } else { "the frame is full" }));
                    continue;
                }
                let v = f.result(inst);
                let Followed { flow, holders } = follow(f, cx.program, cx.summaries, &self.uses, v, |_| {});
                // What holds it is made anew, empty, whenever it is.
                let renewed = |slot: &Slot| self.made_in.get(slot) == Some(&b);
                let outlived = self.cycles[b] && !holders.iter().all(renewed);
                // Code that gets it as a func value must let go of it, too.
                let kept_by_code = flow.called
                    && self.uses.codes.code(f, v).is_none_or(|code| {
                        cx.summaries[code]
                            .as_ref()
                            .is_none_or(|s| s.params.first().is_none_or(|p| p.escapes || p.results != 0 || p.called))
                    });
                let why = flow
                    .keeps_on_heap(self.cycles[b])
                    .or(outlived.then_some("one iteration may use that of another"))
                    .or(kept_by_code.then_some("it is a func value whose code may keep it"));
                if let Some(why) = why {
                    missed.push((loc, size, why));
                    continue;
                }
                cx.remark(f, loc, RemarkKind::Applied, || format!("object of {size} bytes moved to the stack"));
                moved = true;
                self.frame += size;
                let slot = f.make_slot(size, align);
                self.made_in.insert(slot, b);
                self.uses.note_slot(f, slot, v);
                let old = std::mem::replace(&mut f.insts[inst], InstData::SlotAddr { slot, off: 0 });
                if let InstData::Call { args, .. } = old {
                    for (n, &val) in args.iter().enumerate() {
                        let (off, flags) = (8 * n as i32, MemFlags { notrap: true, ..MemFlags::default() });
                        let store = f.make_inst(InstData::Store { addr: v, val, off, flags }, &[], f.inst_locs[inst]);
                        f.blocks[b].insts.insert(j, store);
                        j += 1;
                    }
                } else if size > 0 {
                    let zero = InstData::MemZero { dst: v, size, align, barrier: None };
                    let zero = f.make_inst(zero, &[], f.inst_locs[inst]);
                    f.blocks[b].insts.insert(j, zero);
                    j += 1;
                }
            }
        }
        moved
    }
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
