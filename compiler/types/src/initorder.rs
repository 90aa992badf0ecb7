//! The order in which package variables are initialised.
//!
//! The graph of dependencies between constants, variables and functions is reduced to constants and
//! variables by connecting what leads into a function with what leads out of it. Then objects are taken in turn: the one
//! with the fewest outstanding dependencies, constants first, earlier in the source first. As in gc, this
//! is a priority queue: a variable is not initialised before an earlier one that is ready.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap};

use golift_syntax::Diagnostic;
use rustc_hash::{FxHashMap, FxHashSet};

use crate::check::Checker;
use crate::object::{Obj, ObjKind};
use crate::package::InitAssign;

#[derive(Default)]
struct Node {
    pred: BTreeSet<usize>,
    succ: BTreeSet<usize>,
    outstanding: usize,
    done: bool,
}

impl Checker {
    /// Reports cycles and returns the initialisations in order.
    pub fn init_order(&self) -> Vec<InitAssign> {
        let objects: Vec<Obj> = self
            .objects
            .borrow()
            .iter()
            .copied()
            .filter(|o| matches!(o.kind(), ObjKind::Const | ObjKind::Var(_) | ObjKind::Func))
            .collect();
        let index: FxHashMap<Obj, usize> = objects.iter().copied().zip(0..).collect();
        let mut nodes: Vec<Node> = objects.iter().map(|_| Node::default()).collect();
        for (i, &obj) in objects.iter().enumerate() {
            let Some(info) = self.decl_info(obj) else { continue };
            for dep in info.deps.borrow().iter() {
                if let Some(&d) = index.get(dep) {
                    nodes[i].succ.insert(d);
                    nodes[d].pred.insert(i);
                }
            }
        }
        // Remove functions, the cheap ones first.
        let mut funcs: Vec<usize> = (0..objects.len()).filter(|&i| objects[i].is_func()).collect();
        funcs.sort_by_key(|&i| nodes[i].pred.len() * nodes[i].succ.len());
        for f in funcs {
            let pred = std::mem::take(&mut nodes[f].pred);
            let succ = std::mem::take(&mut nodes[f].succ);
            for &p in pred.iter().filter(|&&p| p != f) {
                for &s in succ.iter().filter(|&&s| s != f) {
                    nodes[p].succ.insert(s);
                    nodes[s].pred.insert(p);
                }
                nodes[p].succ.remove(&f);
            }
            for &s in &succ {
                nodes[s].pred.remove(&f);
            }
        }
        let mut queue = BinaryHeap::new();
        let key = |i: usize, n: usize| Reverse((!objects[i].is_const(), n, objects[i].order(), i));
        for i in 0..objects.len() {
            if !objects[i].is_func() {
                nodes[i].outstanding = nodes[i].succ.len();
                queue.push(key(i, nodes[i].outstanding));
            }
        }
        let mut order = Vec::new();
        let mut emitted = FxHashSet::default();
        while let Some(Reverse((_, n, _, i))) = queue.pop() {
            if nodes[i].done || n != nodes[i].outstanding {
                continue;
            }
            nodes[i].done = true;
            if n > 0 {
                let mut seen = FxHashSet::default();
                if let Some(cycle) = self.find_path(objects[i], objects[i], &mut seen) {
                    self.report_init_cycle(&cycle);
                }
            }
            let preds: Vec<usize> = nodes[i].pred.iter().copied().collect();
            for p in preds {
                if !nodes[p].done && nodes[p].outstanding > 0 {
                    nodes[p].outstanding -= 1;
                    queue.push(key(p, nodes[p].outstanding));
                }
            }
            let obj = objects[i];
            if !obj.is_var() {
                continue;
            }
            let (Some(info), Some(decl)) = (self.decl_info(obj), obj.decl_index()) else { continue };
            let Some(init) = info.init else { continue };
            if !emitted.insert(decl) {
                continue;
            }
            let lhs = info.lhs.borrow();
            let lhs = if lhs.is_empty() { vec![obj] } else { lhs.clone() };
            order.push(InitAssign { lhs, rhs: init, file: info.file });
        }
        order
    }

    fn find_path(&self, from: Obj, to: Obj, seen: &mut FxHashSet<Obj>) -> Option<Vec<Obj>> {
        if !seen.insert(from) {
            return None;
        }
        let info = self.decl_info(from)?;
        let mut deps: Vec<Obj> = info.deps.borrow().iter().copied().collect();
        deps.sort_by_key(|d| d.order());
        for d in deps {
            if d == to {
                return Some(vec![d]);
            }
            if let Some(mut path) = self.find_path(d, to, seen) {
                path.push(d);
                return Some(path);
            }
        }
        None
    }

    fn report_init_cycle(&self, cycle: &[Obj]) {
        let mut obj = cycle[0];
        if cycle.len() == 1 {
            let msg = format!("initialization cycle: {} refers to itself", obj.name());
            self.error(obj.pos(), "InvalidInitCycle", msg);
            return;
        }
        let msg = format!("initialization cycle for {}", obj.name());
        let mut d = Diagnostic::new(obj.pos(), "InvalidInitCycle", msg);
        for &next in cycle.iter().rev() {
            d = d.with_related(obj.pos(), format!("{} refers to {}", obj.name(), next.name()));
            obj = next;
        }
        self.report(d);
    }
}
