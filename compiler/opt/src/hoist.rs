//! What every turn of a loop does the same way, done once before it.
//!
//! **Problem.** `s += a[i][k] * b[k][j]` loads the header of `a[i]` and checks `i` in each turn of the loop over `k`. Cranelift moves
//! computations out of loops, but no load that may fault, and no branch: it cannot know that they come first in every turn.
//!
//! **Strategy.** After rotation (`rotate`) a loop is entered only for a turn that takes place, so what stands at the beginning of its first block, before anything
//! that differs from turn to turn could end the turn, happens in the first turn in any case. Going along this
//! beginning, through branches into panics, loads, nil checks and checks of invariant operands move before the loop, in their order, with the
//! computations that they need. Inner loops come first: what has left them may leave the next one, too.
//!
//! **Why this is right.** What moves would have been executed in the first turn, after the same instructions with effects: the walk ends at the first
//! instruction that stays and may fault or be seen, and at the first branch that stays. Later turns would have had the same result: loads move only out of
//! loops that neither write memory nor call, and that end whatever other goroutines do.
//! Values that are alive longer need no more care than others: stacks are scanned conservatively.

use crate::context::Context;
use crate::util::is_cold;
use golift_ir::dom::{DominatorTree, tainted_blocks};
use golift_ir::{BinaryOp, Block, BlockCall, Function, Inst, InstData, Value, ValueDef};
use rustc_hash::FxHashSet;

/// Loads that may leave one loop: each takes a register.
const MAX_LOADS: usize = 6;

/// Depth of loops up to which all are looked at.
const MAX_NESTING: usize = 50;

pub fn hoist_invariants(f: &mut Function, _cx: &Context) {
    let dom = DominatorTree::compute(f);
    let mut loops = find_loops(f, &dom);
    if loops.is_empty() {
        return;
    }
    let tainted = tainted_blocks(f);
    let mut new = FxHashSet::default();
    // Inner loops come after the ones that they are in.
    for n in (0..loops.len()).rev() {
        let Loop { header, entry, .. } = loops[n];
        let resumes = |&b: &Block| matches!(f.insts[f.terminator(b)], InstData::RecoveryPoint { .. });
        if tainted[header] != tainted[entry] || resumes(&entry) || loops[n].members.iter().any(resumes) {
            continue;
        }
        let moved = Hoisting::new(f, &dom, &loops[n], &new).plan(header);
        if moved.is_empty() {
            continue;
        }
        for block in carry_out(f, &loops[n], &moved) {
            // It lies in all loops around this one.
            new.insert(block);
            for outer in &mut loops[..n] {
                if outer.members.contains(&header) {
                    outer.members.insert(block);
                }
            }
        }
    }
}

/// A loop that is entered from one place.
struct Loop {
    header: Block,
    /// The block outside that leads to the header.
    entry: Block,
    members: FxHashSet<Block>,
}

/// Loops, outer ones first; of functions with very deep nests not the innermost.
fn find_loops(f: &Function, dom: &DominatorTree) -> Vec<Loop> {
    let mut loops = Vec::new();
    let mut budget = MAX_NESTING * dom.rpo.len();
    for &header in &dom.rpo {
        let preds = dom.preds[header].iter().map(|p| p.0);
        let (latches, entries): (Vec<Block>, Vec<Block>) = preds.partition(|&p| dom.dominates(header, p));
        let ([entry], false) = (&entries[..], latches.is_empty()) else { continue };
        let mut members: FxHashSet<Block> = [header].into_iter().collect();
        let mut work = latches;
        while let Some(b) = work.pop() {
            if members.insert(b) {
                work.extend(dom.preds[b].iter().map(|p| p.0));
            }
        }
        budget = budget.saturating_sub(members.len());
        if budget == 0 {
            break;
        }
        // Nobody else enters.
        if members.iter().all(|&b| dom.dominates(header, b)) && !is_cold(f, *entry) {
            loops.push(Loop { header, entry: *entry, members });
        }
    }
    loops
}

/// What moves, in order.
enum Moved {
    Inst(Inst),
    /// The branch at the end of a block, which otherwise goes on in the loop at the second one.
    Check(Block, Block),
}

/// The walk along the beginning of a loop.
struct Hoisting<'a> {
    f: &'a Function,
    dom: &'a DominatorTree,
    members: &'a FxHashSet<Block>,
    /// Blocks that the tree does not know: they have one predecessor each.
    new: &'a FxHashSet<Block>,
    /// What the loop consists of, but for what has moved.
    inside: FxHashSet<Inst>,
    /// Nothing in the loop writes memory, or lets others do so.
    only_reads: bool,
    /// Computations that could move.
    movable: FxHashSet<Inst>,
    moved: Vec<Moved>,
    loads: usize,
}

impl<'a> Hoisting<'a> {
    fn new(f: &'a Function, dom: &'a DominatorTree, l: &'a Loop, new: &'a FxHashSet<Block>) -> Self {
        let inside: FxHashSet<Inst> = l.members.iter().flat_map(|&b| f.blocks[b].insts.iter().copied()).collect();
        let reads_only = |i: &Inst| {
            let data = &f.insts[*i];
            data.is_computation()
                || matches!(data, InstData::Load { .. } | InstData::NilCheck { .. })
                || matches!(data, InstData::Jump(_) | InstData::Brif { .. } | InstData::BrTable { .. })
        };
        Hoisting {
            f,
            dom,
            members: &l.members,
            new,
            only_reads: inside.iter().all(reads_only),
            inside,
            movable: FxHashSet::default(),
            moved: Vec::new(),
            loads: 0,
        }
    }

    /// Decides what moves.
    fn plan(mut self, header: Block) -> Vec<Moved> {
        let mut block = header;
        while let Some((&term, insts)) = self.f.blocks[block].insts.split_last() {
            if !insts.iter().all(|&i| self.pass(i)) {
                break;
            }
            let next = match &self.f.insts[term] {
                InstData::Jump(to) => Some(to.block),
                _ => self.check(block, term),
            };
            match next {
                Some(next) if self.new.contains(&next) || next != header && self.dom.preds[next].len() == 1 => {
                    block = next
                }
                _ => break,
            }
        }
        if self.ends_by_itself() { self.moved } else { Vec::new() }
    }

    /// Does something that differs from turn to turn decide whether there is another one? Else what has been read does, and somebody may
    /// wait for another goroutine.
    fn ends_by_itself(&self) -> bool {
        self.members.iter().any(|&b| match &self.f.insts[self.f.terminator(b)] {
            InstData::Brif { cond, then_, else_ } => {
                let leaves = |b: Block| !self.members.contains(&b) && !is_cold(self.f, b);
                (leaves(then_.block) || leaves(else_.block)) && !self.is_invariant(*cond)
            }
            _ => false,
        })
    }

    /// Looks at an instruction of the beginning; false if what comes after it must stay.
    fn pass(&mut self, inst: Inst) -> bool {
        let data = &self.f.insts[inst];
        let mut invariant = true;
        data.for_each_use(|v| invariant &= self.is_invariant(v));
        match data {
            InstData::Binary { op: BinaryOp::SDiv | BinaryOp::UDiv | BinaryOp::SRem | BinaryOp::URem, .. } => false,
            InstData::Load { flags, .. } => {
                let moves = invariant && (self.only_reads || flags.readonly) && self.loads < MAX_LOADS;
                if moves {
                    self.loads += 1;
                    self.take(inst);
                }
                moves || flags.notrap
            }
            InstData::NilCheck { .. } if invariant => {
                self.take(inst);
                true
            }
            _ if data.is_computation() => {
                if invariant {
                    self.movable.insert(inst);
                }
                true
            }
            _ => false,
        }
    }

    /// A branch at the end of a block of the beginning that can only panic; where it goes on, if it moves.
    fn check(&mut self, block: Block, term: Inst) -> Option<Block> {
        let InstData::Brif { cond, then_, else_ } = &self.f.insts[term] else { return None };
        let (exit, next) = if self.members.contains(&then_.block) { (else_, then_) } else { (then_, else_) };
        let leaves = !self.members.contains(&exit.block) && self.members.contains(&next.block);
        if !leaves || !is_cold(self.f, exit.block) || self.dom.preds[exit.block].len() != 1 || !next.args.is_empty() {
            return None;
        }
        let mut needed = vec![*cond];
        needed.extend(&exit.args);
        let panic = &self.f.blocks[exit.block];
        panic.insts.iter().for_each(|&i| self.f.insts[i].for_each_use(|v| needed.push(v)));
        needed.retain(|&v| match self.f.values[v].def {
            ValueDef::Result(inst, _) => !panic.insts.contains(&inst),
            ValueDef::Param(b, _) => b != exit.block,
        });
        if !needed.iter().all(|&v| self.is_invariant(v)) {
            return None;
        }
        needed.into_iter().for_each(|v| self.need(v));
        self.moved.push(Moved::Check(block, next.block));
        Some(next.block)
    }

    /// Is a value the same in all turns, or can it be made so?
    fn is_invariant(&self, v: Value) -> bool {
        match self.f.values[v].def {
            ValueDef::Param(b, _) => !self.members.contains(&b),
            ValueDef::Result(inst, _) => !self.inside.contains(&inst) || self.movable.contains(&inst),
        }
    }

    /// Moves an instruction, after what it needs.
    fn take(&mut self, inst: Inst) {
        let f = self.f;
        f.insts[inst].for_each_use(|v| self.need(v));
        self.inside.remove(&inst);
        self.moved.push(Moved::Inst(inst));
    }

    fn need(&mut self, v: Value) {
        if let ValueDef::Result(inst, _) = self.f.values[v].def
            && self.inside.contains(&inst)
        {
            self.take(inst);
        }
    }
}

/// Moves what was planned between `entry` and `header`; the new blocks there.
fn carry_out(f: &mut Function, l: &Loop, moved: &[Moved]) -> Vec<Block> {
    let &Loop { header, entry, ref members } = l;
    let gone = |m: &Moved| if let Moved::Inst(i) = m { Some(*i) } else { None };
    let gone: FxHashSet<Inst> = moved.iter().filter_map(gone).collect();
    for &block in members {
        f.blocks[block].insts.retain(|i| !gone.contains(i));
    }
    let term = f.terminator(entry);
    let loc = f.inst_locs[term];
    let mut before = f.make_block();
    let mut blocks = vec![before];
    let mut to_header = None;
    f.insts[term].for_each_target_mut(|t| {
        if t.block == header {
            let to_before = BlockCall { block: before, args: Default::default() };
            to_header = Some(std::mem::replace(t, to_before));
        }
    });
    for m in moved {
        match *m {
            Moved::Inst(inst) => f.blocks[before].insts.push(inst),
            Moved::Check(block, next) => {
                let branch = f.blocks[block].insts.pop().expect("a block ends in a branch");
                let stay = InstData::Jump(BlockCall { block: next, args: Default::default() });
                let jump = f.make_inst(stay, &[], f.inst_locs[branch]);
                f.blocks[block].insts.push(jump);
                let after = f.make_block();
                f.insts[branch].for_each_target_mut(|t| {
                    if t.block == next {
                        t.block = after;
                    }
                });
                f.blocks[before].insts.push(branch);
                before = after;
                blocks.push(after);
            }
        }
    }
    let jump = f.make_inst(InstData::Jump(to_header.expect("the entry leads to the header")), &[], loc);
    f.blocks[before].insts.push(jump);
    f.layout.extend(&blocks);
    blocks
}
