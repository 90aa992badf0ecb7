//! Control-flow order, predecessors and dominators.
//!
//! Cooper, Harvey and Kennedy, "A Simple, Fast Dominance Algorithm". Dominance queries take constant time by
//! numbering the tree in depth-first order.

use crate::entities::{Block, Inst};
use crate::function::Function;
use cranelift_entity::SecondaryMap;

/// Order and dominators of the reachable blocks.
pub struct DominatorTree {
    /// Reverse postorder; the entry first.
    pub rpo: Vec<Block>,
    /// Predecessors with the branch instruction; a block that branches twice to the same target is there once.
    pub preds: SecondaryMap<Block, Vec<(Block, Inst)>>,
    number: SecondaryMap<Block, u32>,
    idom: SecondaryMap<Block, Option<Block>>,
    range: SecondaryMap<Block, (u32, u32)>,
}

const UNREACHED: u32 = u32::MAX;

impl DominatorTree {
    /// The tree of the blocks in the layout that the entry reaches.
    pub fn compute(f: &Function) -> Self {
        let rpo = reverse_postorder(f);
        let mut number = SecondaryMap::with_default(UNREACHED);
        for (i, &b) in rpo.iter().enumerate() {
            number[b] = i as u32;
        }
        let mut preds = SecondaryMap::<Block, Vec<(Block, Inst)>>::new();
        for &b in &rpo {
            let term = f.terminator(b);
            for s in f.insts[term].successors() {
                if !preds[s].contains(&(b, term)) {
                    preds[s].push((b, term));
                }
            }
        }
        let mut idom = SecondaryMap::<Block, Option<Block>>::new();
        idom[rpo[0]] = Some(rpo[0]);
        let mut changed = true;
        while changed {
            changed = false;
            for &b in &rpo[1..] {
                let mut new: Option<Block> = None;
                for &(p, _) in &preds[b] {
                    if idom[p].is_none() {
                        continue;
                    }
                    new = Some(match new {
                        None => p,
                        Some(mut x) => {
                            let mut y = p;
                            while x != y {
                                while number[x] > number[y] {
                                    x = idom[x].expect("processed");
                                }
                                while number[y] > number[x] {
                                    y = idom[y].expect("processed");
                                }
                            }
                            x
                        }
                    });
                }
                if idom[b] != new {
                    idom[b] = new;
                    changed = true;
                }
            }
        }
        let mut children = SecondaryMap::<Block, Vec<Block>>::new();
        for &b in &rpo[1..] {
            children[idom[b].expect("reachable")].push(b);
        }
        let mut range = SecondaryMap::new();
        let mut clock = 0;
        let mut stack = vec![(rpo[0], 0)];
        while let Some((b, next)) = stack.last_mut() {
            let b = *b;
            if *next == 0 {
                range[b] = (clock, clock);
                clock += 1;
            }
            if let Some(&c) = children[b].get(*next) {
                *next += 1;
                stack.push((c, 0));
            } else {
                range[b].1 = clock;
                stack.pop();
            }
        }
        DominatorTree { rpo, preds, number, idom, range }
    }

    /// Does the entry reach `b`?
    pub fn is_reachable(&self, b: Block) -> bool {
        self.number[b] != UNREACHED
    }

    /// The immediate dominator; `None` for the entry.
    pub fn idom(&self, b: Block) -> Option<Block> {
        self.idom[b].filter(|&d| d != b)
    }

    /// True if every path to `b` goes through `a` (or `a` is `b`); both reachable.
    pub fn dominates(&self, a: Block, b: Block) -> bool {
        let (a, b) = (self.range[a], self.range[b]);
        a.0 <= b.0 && b.0 < a.1
    }

    /// Position in `rpo`.
    pub fn number(&self, b: Block) -> u32 {
        self.number[b]
    }

    /// Blocks that lie on a cycle of the control-flow graph.
    pub fn blocks_in_cycles(&self, f: &Function) -> SecondaryMap<Block, bool> {
        let mut out = SecondaryMap::new();
        for scc in strongly_connected(self.rpo.len(), |n| {
            f.insts[f.terminator(self.rpo[n])].successors().iter().map(|&s| self.number[s] as usize).collect()
        }) {
            let cyclic =
                scc.len() > 1 || f.insts[f.terminator(self.rpo[scc[0]])].successors().contains(&self.rpo[scc[0]]);
            for n in scc {
                out[self.rpo[n]] = cyclic;
            }
        }
        out
    }
}

/// Reachable blocks; a block comes before its successors, back edges excepted.
pub fn reverse_postorder(f: &Function) -> Vec<Block> {
    let mut seen = SecondaryMap::<Block, bool>::new();
    let mut order = Vec::with_capacity(f.layout.len());
    let mut stack = vec![(f.entry(), f.insts[f.terminator(f.entry())].successors(), 0)];
    seen[f.entry()] = true;
    while let Some((b, succs, next)) = stack.last_mut() {
        // Visiting the last successor first puts the first one right behind its predecessor.
        if let Some(i) = succs.len().checked_sub(1 + *next) {
            *next += 1;
            let s = succs[i];
            if !std::mem::replace(&mut seen[s], true) {
                stack.push((s, f.insts[f.terminator(s)].successors(), 0));
            }
        } else {
            order.push(*b);
            stack.pop();
        }
    }
    order.reverse();
    order
}

/// Strongly connected components of a graph over `0..n` (Tarjan), callees before callers:
/// each component comes after the components that it has edges to.
pub fn strongly_connected(n: usize, edges: impl Fn(usize) -> Vec<usize>) -> Vec<Vec<usize>> {
    const NONE: u32 = u32::MAX;
    let mut index = vec![NONE; n];
    let mut low = vec![0u32; n];
    let mut on_stack = vec![false; n];
    let mut stack = Vec::new();
    let mut out = Vec::new();
    let mut clock = 0;
    let mut work: Vec<(usize, Vec<usize>, usize)> = Vec::new();
    for root in 0..n {
        if index[root] != NONE {
            continue;
        }
        work.push((root, edges(root), 0));
        while let Some((v, succs, next)) = work.last_mut() {
            let v = *v;
            if *next == 0 && index[v] == NONE {
                index[v] = clock;
                low[v] = clock;
                clock += 1;
                stack.push(v);
                on_stack[v] = true;
            }
            if let Some(&w) = succs.get(*next) {
                *next += 1;
                if index[w] == NONE {
                    work.push((w, edges(w), 0));
                } else if on_stack[w] {
                    low[v] = low[v].min(index[w]);
                }
                continue;
            }
            work.pop();
            if let Some(&(parent, ..)) = work.last() {
                low[parent] = low[parent].min(low[v]);
            }
            if low[v] == index[v] {
                let mut scc = Vec::new();
                while let Some(w) = stack.pop() {
                    on_stack[w] = false;
                    scc.push(w);
                    if w == v {
                        break;
                    }
                }
                out.push(scc);
            }
        }
    }
    out
}

/// Blocks that a landing of a recovery point reaches. Nothing computed before the landing is valid there.
pub fn tainted_blocks(f: &Function) -> SecondaryMap<Block, bool> {
    let mut tainted = SecondaryMap::<Block, bool>::new();
    let mut work: Vec<Block> = Vec::new();
    for &b in &f.layout {
        if let crate::InstData::RecoveryPoint { landing, .. } = f.insts[f.terminator(b)] {
            work.push(landing);
        }
    }
    while let Some(b) = work.pop() {
        if !std::mem::replace(&mut tainted[b], true) {
            work.extend(f.insts[f.terminator(b)].successors());
        }
    }
    tainted
}
