//! Loops that test at the bottom.
//!
//! **Problem.** `for cond { body }` comes from lowering with the test in the header: each turn takes the branch of the test and the jump back,
//! and nothing stands between the loop and its first turn that could hold what is computed once.
//!
//! **Strategy.** The header is copied to the end of each block that jumps back to it (*latch*), so that the body is entered from its own end;
//! what is left of the header is a guard that runs once. Only short headers without calls and writes are copied, for few latches. This
//! comes when all inlining is done: the facts that the test gives the body are easier to see before, and copies make bodies larger.
//!
//! **Values.** What the header defines has as many definitions as there are copies afterwards. The body's first block and the exit, which only the header
//! led to (the exit gets a block of its own where others lead to it), take those values as parameters where they are used; other blocks find theirs as
//! Braun et al. do (*Simple and Efficient Construction of Static Single Assignment Form*, 2013): from their predecessors, by new
//! parameters where several meet. Superfluous ones go in `cfg`, which runs next.
//!
//! **Invariants.** New edges lead only from latches to blocks whose immediate dominator is the header, which dominates the latches too. So the
//! dominators of all blocks stay what they were, and one tree serves for all loops of the function.

use crate::context::Context;
use cranelift_entity::SecondaryMap;
use golift_ir::dom::DominatorTree;
use golift_ir::{Block, BlockCall, Function, Inst, InstData, Value};
use rustc_hash::{FxHashMap, FxHashSet};
use smallvec::SmallVec;

/// Instructions that all copies of a header may have together.
const MAX_COPIED: usize = 16;

/// Latches of a loop that is rotated.
const MAX_LATCHES: usize = 3;

pub fn rotate_loops(f: &mut Function, _cx: &Context) {
    let dom = DominatorTree::compute(f);
    let loops = find_loops(f, &dom);
    if loops.is_empty() {
        return;
    }
    let resumes = f.layout.iter().any(|&b| matches!(f.insts[f.terminator(b)], InstData::RecoveryPoint { .. }));
    let (preds, uses) = (predecessors(f), uses(f));
    let mut rotation = Rotation { f, dom: &dom, preds, uses, new: FxHashSet::default(), resumes };
    for l in loops {
        rotation.rotate(l);
    }
}

/// A loop whose header decides whether there is another turn.
struct Loop {
    header: Block,
    latches: SmallVec<[Block; 2]>,
    body: Block,
}

fn find_loops(f: &Function, dom: &DominatorTree) -> Vec<Loop> {
    let mut loops = Vec::new();
    for &header in &dom.rpo {
        let latches: SmallVec<[Block; 2]> =
            dom.preds[header].iter().map(|p| p.0).filter(|&p| dom.dominates(header, p)).collect();
        let resumes = |&latch: &Block| matches!(f.insts[f.terminator(latch)], InstData::RecoveryPoint { .. });
        if latches.is_empty() || latches.len() > MAX_LATCHES || latches.iter().any(resumes) {
            continue;
        }
        let insts = &f.blocks[header].insts;
        let InstData::Brif { then_, else_, .. } = &f.insts[f.terminator(header)] else { continue };
        let cheap = |i: &Inst| {
            let data = &f.insts[*i];
            data.is_terminator()
                || data.is_computation()
                || matches!(data, InstData::Load { .. } | InstData::NilCheck { .. })
        };
        if insts.len() * latches.len() > MAX_COPIED || !insts.iter().all(cheap) {
            continue;
        }
        let members = members(header, &latches, dom);
        let body = match [then_.block, else_.block].map(|b| members.contains(&b)) {
            [true, false] => then_.block,
            [false, true] => else_.block,
            _ => continue,
        };
        // A body that other blocks lead to is the header of a loop itself, or the code jumps about.
        if body == header || dom.preds[body].len() != 1 {
            continue;
        }
        loops.push(Loop { header, latches, body });
    }
    loops
}

/// The natural loop: what reaches a latch without the header.
fn members(header: Block, latches: &[Block], dom: &DominatorTree) -> FxHashSet<Block> {
    let mut members: FxHashSet<Block> = [header].into_iter().collect();
    let mut work = latches.to_vec();
    while let Some(b) = work.pop() {
        if members.insert(b) {
            work.extend(dom.preds[b].iter().map(|p| p.0));
        }
    }
    members
}

/// Predecessors; a block that branches twice to the same target is there once.
fn predecessors(f: &Function) -> SecondaryMap<Block, SmallVec<[Block; 2]>> {
    let mut preds = SecondaryMap::<Block, SmallVec<[Block; 2]>>::new();
    for &b in &f.layout {
        for s in f.insts[f.terminator(b)].successors() {
            if !preds[s].contains(&b) {
                preds[s].push(b);
            }
        }
    }
    preds
}

/// Where values are used, once for each instruction. Entries may outlive the use.
type Uses = FxHashMap<Value, Vec<(Block, Inst)>>;

fn uses(f: &Function) -> Uses {
    let mut uses = Uses::default();
    for &b in &f.layout {
        for &i in &f.blocks[b].insts {
            note_uses(f, &mut uses, b, i);
        }
    }
    uses
}

fn note_uses(f: &Function, uses: &mut Uses, block: Block, inst: Inst) {
    f.insts[inst].for_each_use(|v| {
        let list = uses.entry(v).or_default();
        if list.last() != Some(&(block, inst)) {
            list.push((block, inst));
        }
    });
}

struct Rotation<'a> {
    f: &'a mut Function,
    dom: &'a DominatorTree,
    preds: SecondaryMap<Block, SmallVec<[Block; 2]>>,
    uses: Uses,
    /// Blocks made here, which the tree does not know.
    new: FxHashSet<Block>,
    /// Control may enter at a landing, which passes no arguments.
    resumes: bool,
}

/// A loop that is being rotated.
struct Rotated {
    header: Block,
    /// Only the header led there; now the latches do, too.
    body: Block,
    /// The same outside the loop.
    exit: Block,
    /// What the header defines.
    defined: FxHashSet<Value>,
    /// The latches, with the copies of that.
    latches: Vec<(Block, FxHashMap<Value, Value>)>,
    /// What a value of the header is in a block: parameters of `body`, of `exit`, and of where paths meet.
    found: FxHashMap<(Block, Value), Value>,
}

impl Rotation<'_> {
    fn rotate(&mut self, l: Loop) {
        let Loop { header, latches, body } = l;
        let term = self.f.terminator(header);
        let successors = self.f.insts[term].successors();
        let exit = if successors[0] == body { successors[1] } else { successors[0] };
        let defined = self.defined(header);
        if self.resumes {
            let decided = |&(b, _): &(Block, Inst)| {
                b == header || self.is_below(body, b) || self.preds[exit].len() == 1 && self.is_below(exit, b)
            };
            if !defined.iter().all(|&v| self.users(v).iter().all(decided)) {
                return;
            }
        }
        let exit = if self.preds[exit].len() == 1 { exit } else { self.split(header, exit) };
        let mut copies = Vec::new();
        for latch in latches {
            let latch = match self.f.insts[self.f.terminator(latch)] {
                InstData::Jump(_) => latch,
                _ => self.split(latch, header),
            };
            copies.push((latch, self.copy_header(header, latch)));
        }
        let set = defined.iter().copied().collect();
        let mut r = Rotated { header, body, exit, defined: set, latches: copies, found: FxHashMap::default() };
        for v in defined {
            for (block, inst) in self.users(v) {
                if block == header || !self.dom.is_reachable(block) && !self.new.contains(&block) {
                    continue;
                }
                let there = self.value_in(&mut r, block, v);
                self.f.insts[inst].for_each_use_mut(|used| {
                    if *used == v {
                        *used = there;
                    }
                });
                self.uses.entry(there).or_default().push((block, inst));
            }
        }
    }

    /// Is `b` a block that `top`, which only the header leads to, comes before on every path?
    fn is_below(&self, top: Block, b: Block) -> bool {
        top == b || self.dom.is_reachable(top) && self.dom.is_reachable(b) && self.dom.dominates(top, b)
    }

    /// Parameters and results of the header.
    fn defined(&self, header: Block) -> Vec<Value> {
        let block = &self.f.blocks[header];
        let results = block.insts.iter().flat_map(|&i| self.f.results[i].iter().copied());
        block.params.iter().copied().chain(results).collect()
    }

    /// Where `v` is used.
    fn users(&self, v: Value) -> Vec<(Block, Inst)> {
        let mut users = self.uses.get(&v).cloned().unwrap_or_default();
        users.retain(|&(_, inst)| {
            let mut used = false;
            self.f.insts[inst].for_each_use(|u| used |= u == v);
            used
        });
        users
    }

    /// Puts a block of its own between two.
    fn split(&mut self, from: Block, to: Block) -> Block {
        let f = &mut *self.f;
        let between = f.make_block();
        let types: Vec<_> = f.blocks[to].params.iter().map(|&p| f.ty(p)).collect();
        let args = types.into_iter().map(|ty| f.append_param(between, ty)).collect();
        let term = f.terminator(from);
        let jump = f.make_inst(InstData::Jump(BlockCall { block: to, args }), &[], f.inst_locs[term]);
        f.blocks[between].insts.push(jump);
        f.layout.push(between);
        f.insts[term].for_each_target_mut(|t| {
            if t.block == to {
                t.block = between;
            }
        });
        self.preds[between].push(from);
        for p in &mut self.preds[to] {
            if *p == from {
                *p = between;
            }
        }
        self.new.insert(between);
        note_uses(self.f, &mut self.uses, between, jump);
        between
    }

    /// Lets a latch decide itself; what the header's values are at its end.
    fn copy_header(&mut self, header: Block, latch: Block) -> FxHashMap<Value, Value> {
        let f = &mut *self.f;
        let jump = f.blocks[latch].insts.pop().expect("a latch ends in a jump");
        let InstData::Jump(target) = std::mem::replace(&mut f.insts[jump], InstData::Unreachable) else {
            unreachable!("other latches were split")
        };
        let params = f.blocks[header].params.iter().copied();
        let mut copies: FxHashMap<Value, Value> = params.zip(target.args.iter().copied()).collect();
        for inst in f.blocks[header].insts.clone() {
            let mut data = f.insts[inst].clone();
            data.for_each_use_mut(|v| *v = copies.get(v).copied().unwrap_or(*v));
            let results = f.results[inst].clone();
            let types: SmallVec<[_; 2]> = results.iter().map(|&v| f.ty(v)).collect();
            let copy = f.make_inst(data, &types, f.inst_locs[inst]);
            copies.extend(results.iter().copied().zip(f.results[copy].iter().copied()));
            f.blocks[latch].insts.push(copy);
            note_uses(f, &mut self.uses, latch, copy);
        }
        self.preds[header].retain(|p| *p != latch);
        for successor in f.insts[f.terminator(latch)].successors() {
            self.preds[successor].push(latch);
        }
        copies
    }

    /// What `v`, which the header defines, is in `block` before a latch's copy.
    fn value_in(&mut self, r: &mut Rotated, block: Block, v: Value) -> Value {
        if block == r.header {
            return v;
        }
        if self.is_below(r.body, block) {
            return self.entry_param(r, r.body, v);
        }
        if self.is_below(r.exit, block) {
            return self.entry_param(r, r.exit, v);
        }
        if let Some(&known) = r.found.get(&(block, v)) {
            return known;
        }
        let preds = self.preds[block].clone();
        match preds[..] {
            // Never executed: any value serves.
            [] => v,
            [only] => {
                let there = self.value_in(r, only, v);
                r.found.insert((block, v), there);
                there
            }
            _ => {
                let param = self.f.append_param(block, self.f.ty(v));
                r.found.insert((block, v), param);
                for p in preds {
                    let arg = self.value_in(r, p, v);
                    self.pass(p, block, arg);
                }
                param
            }
        }
    }

    /// The parameter for `v` of the block that header and latches lead to.
    fn entry_param(&mut self, r: &mut Rotated, block: Block, v: Value) -> Value {
        if let Some(&param) = r.found.get(&(block, v)) {
            return param;
        }
        let param = self.f.append_param(block, self.f.ty(v));
        r.found.insert((block, v), param);
        self.pass(r.header, block, v);
        // All get their argument before more parameters are made on the way.
        let latches: Vec<(Block, Value)> = r.latches.iter().map(|(latch, copies)| (*latch, copies[&v])).collect();
        for &(latch, copy) in &latches {
            self.pass(latch, block, copy);
        }
        let position = self.f.blocks[block].params.len() - 1;
        for (latch, copy) in latches {
            // It may be a value of the turn before.
            if r.defined.contains(&copy) {
                let before = self.entry_param(r, r.body, copy);
                let term = self.f.terminator(latch);
                self.f.insts[term].for_each_target_mut(|t| {
                    if t.block == block {
                        t.args[position] = before;
                    }
                });
                self.uses.entry(before).or_default().push((latch, term));
            }
        }
        param
    }

    /// One more argument for branches from one block to another.
    fn pass(&mut self, from: Block, to: Block, arg: Value) {
        let term = self.f.terminator(from);
        self.f.insts[term].for_each_target_mut(|t| {
            if t.block == to {
                t.args.push(arg);
            }
        });
        self.uses.entry(arg).or_default().push((from, term));
    }
}
