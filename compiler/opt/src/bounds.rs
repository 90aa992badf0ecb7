//! Comparisons that earlier branches decide: mostly bounds checks.
//!
//! Problem: `for i := 0; i < len(s); i++ { s[i] }` tests `i <u len` again in each iteration. Cranelift removes
//! a dominated *identical* comparison, not an implied one.
//! Strategy: the edges of conditional branches into blocks with one predecessor give facts that hold in everything
//! such a block dominates. A comparison is decided by (1) a fact about the same two values, where a signed one also
//! counts as unsigned if the left side is known not to be negative, or (2) ranges, from the definition of a value
//! and from facts that compare it with constants.
//!
//! A loop counter is not negative if it starts so and its increment is dominated by the fact that the counter
//! is below something (then adding a small constant cannot overflow past the largest integer: it is at most that bound
//! for steps of one; other steps are not considered).

use crate::context::Context;
use crate::util::int_const;
use cranelift_entity::SecondaryMap;
use golift_ir::dom::DominatorTree;
use golift_ir::*;
use rustc_hash::FxHashMap;
use smallvec::SmallVec;
use std::cell::RefCell;

/// More facts about one value are not looked at: switches over thousands of constants have thousands about theirs.
const MAX_FACTS: usize = 32;

pub fn decide_comparisons(f: &mut Function, _cx: &Context) {
    let dom = DominatorTree::compute(f);
    let facts = Facts::collect(f, &dom);
    let mut children = SecondaryMap::<Block, Vec<Block>>::new();
    for &b in &dom.rpo {
        if let Some(parent) = dom.idom(b).filter(|&parent| parent != b) {
            children[parent].push(b);
        }
    }
    let mut decided = Vec::new();
    let mut view = View { f, dom: &dom, facts: &facts, known: SecondaryMap::new(), counters: RefCell::default() };
    // Down the dominator tree and up again: `Err` leaves a block.
    let mut work = vec![Ok(f.entry())];
    while let Some(step) = work.pop() {
        let b = match step {
            Ok(b) => b,
            Err(b) => {
                for (v, _) in &facts.by_block[b] {
                    view.known[*v].pop();
                }
                continue;
            }
        };
        for (v, fact) in &facts.by_block[b] {
            view.known[*v].push(*fact);
        }
        for &i in &f.blocks[b].insts {
            let InstData::Icmp { cc, args: [x, y] } = f.insts[i] else { continue };
            if matches!(f.ty(x), Type::I64 | Type::I32)
                && let Some(result) = view.decide(cc, x, y)
            {
                decided.push((i, result));
            }
        }
        work.push(Err(b));
        work.extend(children[b].iter().rev().map(|&child| Ok(child)));
    }
    for (i, result) in decided {
        f.insts[i] = InstData::IConst { ty: Type::I8, imm: result as i64 };
    }
}

#[derive(Clone, Copy)]
struct Fact {
    cc: IntCC,
    other: Value,
}

#[derive(Default)]
struct Facts {
    /// What holds in a block and all that it dominates, by the value on the left; each fact is there for both sides.
    by_block: SecondaryMap<Block, SmallVec<[(Value, Fact); 2]>>,
    /// Where a value is known to be less than another one, signed.
    below: SecondaryMap<Value, Vec<Block>>,
}

impl Facts {
    fn collect(f: &Function, dom: &DominatorTree) -> Facts {
        let mut facts = Facts::default();
        for &block in &dom.rpo {
            let [(_, term)] = dom.preds[block][..] else { continue };
            let InstData::Brif { cond, then_, else_ } = &f.insts[term] else { continue };
            if then_.block == else_.block {
                continue;
            }
            let Some(def) = f.def_inst(*cond) else { continue };
            let InstData::Icmp { cc, args: [x, y] } = f.insts[def] else { continue };
            let cc = if then_.block == block { cc } else { negate(cc) };
            for (value, cc, other) in [(x, cc, y), (y, swap(cc), x)] {
                facts.by_block[block].push((value, Fact { cc, other }));
                if cc == IntCC::Slt {
                    facts.below[value].push(block);
                }
            }
        }
        facts
    }
}

fn negate(cc: IntCC) -> IntCC {
    use IntCC::*;
    match cc {
        Eq => Ne,
        Ne => Eq,
        Slt => Sge,
        Sge => Slt,
        Sgt => Sle,
        Sle => Sgt,
        Ult => Uge,
        Uge => Ult,
        Ugt => Ule,
        Ule => Ugt,
    }
}

fn swap(cc: IntCC) -> IntCC {
    use IntCC::*;
    match cc {
        Eq | Ne => cc,
        Slt => Sgt,
        Sgt => Slt,
        Sle => Sge,
        Sge => Sle,
        Ult => Ugt,
        Ugt => Ult,
        Ule => Uge,
        Uge => Ule,
    }
}

/// What `fact` (about the same operands) says about `query`.
fn implied(fact: IntCC, query: IntCC) -> Option<bool> {
    use IntCC::*;
    if fact == query {
        return Some(true);
    }
    if fact == negate(query) {
        return Some(false);
    }
    match (fact, query) {
        (Slt, Sle | Ne) | (Sgt, Sge | Ne) | (Ult, Ule | Ne) | (Ugt, Uge | Ne) => Some(true),
        (Slt, Sgt | Eq) | (Sgt, Slt | Eq) | (Ult, Ugt | Eq) | (Ugt, Ult | Eq) => Some(false),
        (Eq, Sle | Sge | Ule | Uge) => Some(true),
        (Eq, Slt | Sgt | Ult | Ugt) => Some(false),
        _ => None,
    }
}

fn to_signed(cc: IntCC) -> IntCC {
    use IntCC::*;
    match cc {
        Ult => Slt,
        Ule => Sle,
        Ugt => Sgt,
        Uge => Sge,
        other => other,
    }
}

/// Signed bounds of a value, both included.
#[derive(Clone, Copy)]
struct Range {
    lo: i64,
    hi: i64,
}

/// The facts as seen from a block.
struct View<'a> {
    f: &'a Function,
    dom: &'a DominatorTree,
    facts: &'a Facts,
    /// What holds in the block, the innermost last.
    known: SecondaryMap<Value, Vec<Fact>>,
    /// Answers of `is_counter`.
    counters: RefCell<FxHashMap<Value, bool>>,
}

impl View<'_> {
    fn facts(&self, v: Value) -> impl Iterator<Item = Fact> + '_ {
        self.known[v].iter().rev().take(MAX_FACTS).copied()
    }

    fn decide(&self, cc: IntCC, x: Value, y: Value) -> Option<bool> {
        for fact in self.facts(x).filter(|fact| fact.other == y) {
            if let Some(r) = implied(fact.cc, cc) {
                return Some(r);
            }
        }
        let (rx, ry) = (self.range(x, 3), self.range(y, 3));
        // With x ≥ 0, x < y (signed) means 0 ≤ x < y, in both orders; then y is positive, too.
        if rx.lo >= 0 && matches!(cc, IntCC::Ult | IntCC::Uge | IntCC::Ule | IntCC::Ugt) {
            for fact in self.facts(x).filter(|fact| fact.other == y) {
                if matches!(fact.cc, IntCC::Slt | IntCC::Sle)
                    && let Some(r) = implied(fact.cc, to_signed(cc))
                {
                    return Some(r);
                }
            }
        }
        let signed = match cc {
            IntCC::Ult | IntCC::Ule | IntCC::Ugt | IntCC::Uge if rx.lo < 0 || ry.lo < 0 => return None,
            _ => to_signed(cc),
        };
        match signed {
            IntCC::Slt if rx.hi < ry.lo => Some(true),
            IntCC::Slt if rx.lo >= ry.hi => Some(false),
            IntCC::Sle if rx.hi <= ry.lo => Some(true),
            IntCC::Sle if rx.lo > ry.hi => Some(false),
            IntCC::Sgt if rx.lo > ry.hi => Some(true),
            IntCC::Sgt if rx.hi <= ry.lo => Some(false),
            IntCC::Sge if rx.lo >= ry.hi => Some(true),
            IntCC::Sge if rx.hi < ry.lo => Some(false),
            IntCC::Eq if rx.hi < ry.lo || rx.lo > ry.hi => Some(false),
            IntCC::Ne if rx.hi < ry.lo || rx.lo > ry.hi => Some(true),
            _ => None,
        }
    }

    fn range(&self, v: Value, depth: u32) -> Range {
        let f = self.f;
        let bits = f.ty(v).bytes() * 8;
        let mut r = match bits {
            64 => Range { lo: i64::MIN, hi: i64::MAX },
            n => Range { lo: -(1 << (n - 1)), hi: (1 << (n - 1)) - 1 },
        };
        if let Some(c) = int_const(f, v) {
            let n = 64 - bits;
            let c = c << n >> n;
            return Range { lo: c, hi: c };
        }
        if let Some(def) = self.f.def_inst(v) {
            match f.insts[def] {
                InstData::Unary { op: UnaryOp::Zext, arg, .. } if f.ty(arg).bytes() * 8 < bits => {
                    r = Range { lo: 0, hi: ((1u64 << (f.ty(arg).bytes() * 8)) - 1) as i64 };
                }
                InstData::Binary { op: BinaryOp::And, args } => {
                    if let Some(c) = int_const(f, args[1]).or(int_const(f, args[0]))
                        && c >= 0
                    {
                        r = Range { lo: 0, hi: c.min(r.hi) };
                    }
                }
                InstData::Binary { op: BinaryOp::LShr, args } => {
                    if let Some(c) = int_const(f, args[1])
                        && (1..bits as i64).contains(&c)
                    {
                        r = Range { lo: 0, hi: ((1u64 << (bits as i64 - c)) - 1) as i64 };
                    }
                }
                InstData::Binary { op: BinaryOp::URem, args } => {
                    if let Some(c) = int_const(f, args[1])
                        && c > 0
                    {
                        r = Range { lo: 0, hi: c - 1 };
                    }
                }
                _ => {}
            }
        } else if self.is_counter(v) {
            r.lo = 0;
        }
        if depth == 0 {
            return r;
        }
        // Facts with constants; unsigned ones first need the sign.
        for fact in self.facts(v) {
            let Some(c) = int_const(f, fact.other) else { continue };
            match fact.cc {
                IntCC::Slt if c > i64::MIN => r.hi = r.hi.min(c - 1),
                IntCC::Sle => r.hi = r.hi.min(c),
                IntCC::Sgt if c < i64::MAX => r.lo = r.lo.max(c + 1),
                IntCC::Sge => r.lo = r.lo.max(c),
                IntCC::Ult if c > 0 => {
                    r.lo = r.lo.max(0);
                    r.hi = r.hi.min(c - 1);
                }
                IntCC::Ule if c >= 0 => {
                    r.lo = r.lo.max(0);
                    r.hi = r.hi.min(c);
                }
                IntCC::Eq => r = Range { lo: c, hi: c },
                _ => {}
            }
        }
        // Below something that is known not to exceed a constant.
        for fact in self.facts(v) {
            match fact.cc {
                IntCC::Slt | IntCC::Sle => r.hi = r.hi.min(self.range(fact.other, 0).hi),
                // Unsigned below a number that is not negative: not negative itself.
                IntCC::Ult | IntCC::Ule => {
                    let other = self.range(fact.other, 0);
                    if other.lo >= 0 {
                        r.lo = r.lo.max(0);
                        r.hi = r.hi.min(other.hi);
                    }
                }
                IntCC::Sgt | IntCC::Sge => r.lo = r.lo.max(self.range(fact.other, 0).lo),
                _ => {}
            }
        }
        r
    }

    /// A block parameter that starts at a constant ≥ 0 and is otherwise incremented by one where it is
    /// known to be below something.
    fn is_counter(&self, v: Value) -> bool {
        if let Some(&known) = self.counters.borrow().get(&v) {
            return known;
        }
        let answer = self.counts(v);
        self.counters.borrow_mut().insert(v, answer);
        answer
    }

    fn counts(&self, v: Value) -> bool {
        let f = self.f;
        let ValueDef::Param(block, n) = f.values[v].def else { return false };
        if block == f.entry() {
            return false;
        }
        let mut starts = 0;
        let mut ok = true;
        for &(pred, term) in &self.dom.preds[block] {
            let mut data = f.insts[term].clone();
            if let InstData::RecoveryPoint { landing, .. } = data
                && landing == block
            {
                return false;
            }
            data.for_each_target_mut(|t| {
                if t.block != block {
                    return;
                }
                let arg = t.args[n as usize];
                if int_const(f, arg).is_some_and(|c| c >= 0) {
                    starts += 1;
                    return;
                }
                ok &= arg == v || self.is_increment(arg, v, pred);
            });
        }
        ok && starts > 0
    }

    fn is_increment(&self, arg: Value, counter: Value, pred: Block) -> bool {
        let f = self.f;
        let Some(def) = f.def_inst(arg) else { return false };
        let InstData::Binary { op: BinaryOp::Add, args: [x, one] } = f.insts[def] else { return false };
        if x != counter || int_const(f, one) != Some(1) {
            return false;
        }
        // The fact must hold whenever the increment flows back.
        self.facts.below[counter].iter().any(|&block| self.dom.dominates(block, pred))
    }
}
