//! Nil checks that cannot fail.
//!
//! An access through an address proves that it is not nil for all code that the access dominates (as does a
//! comparison with nil on a branch). Explicit checks there are dropped, other accesses are marked `notrap`, which lets
//! later passes remove them when their value is not used. A check right before an access through the
//! same address is dropped as well: the access itself faults.

use crate::context::Context;
use crate::util::int_const;
use cranelift_entity::SecondaryMap;
use golift_ir::dom::DominatorTree;
use golift_ir::*;

/// Accesses at larger offsets are no proof: they are preceded by a check of their own.
const NIL_PAGE: i32 = 4096;

pub fn eliminate_nil_checks(f: &mut Function, _cx: &Context) {
    let dom = DominatorTree::compute(f);
    // Blocks from whose start (or from a point in them) on each address is known not to be nil.
    let mut known = SecondaryMap::<Value, Vec<Block>>::new();
    for &b in &dom.rpo {
        if let Some(v) = not_nil_by_branch(f, &dom, b) {
            known[v].push(b);
        }
        let insts = std::mem::take(&mut f.blocks[b].insts);
        let mut kept = Vec::with_capacity(insts.len());
        for (n, &i) in insts.iter().enumerate() {
            let is_known = |v: Value, known: &SecondaryMap<Value, Vec<Block>>| {
                known[v].iter().any(|&k| dom.dominates(k, b)) || is_address_of_object(f, v)
            };
            let proof = match &f.insts[i] {
                InstData::NilCheck { addr } => {
                    if is_known(*addr, &known) || insts.get(n + 1).is_some_and(|&next| faults_on(f, next, *addr)) {
                        continue;
                    }
                    Some(*addr)
                }
                InstData::Load { addr, off, .. } | InstData::Store { addr, off, .. } => {
                    let (addr, off) = (*addr, *off);
                    let proven = is_known(addr, &known);
                    if proven && let InstData::Load { flags, .. } | InstData::Store { flags, .. } = &mut f.insts[i] {
                        flags.notrap = true;
                    }
                    ((0..NIL_PAGE).contains(&off) && !proven).then_some(addr)
                }
                _ => None,
            };
            // A `notrap` access proves nothing by itself, but nothing is lost by believing it.
            if let Some(v) = proof {
                known[v].push(b);
            }
            kept.push(i);
        }
        f.blocks[b].insts = kept;
    }
}

fn is_address_of_object(f: &Function, v: Value) -> bool {
    f.def_inst(v).is_some_and(|d| {
        matches!(f.insts[d], InstData::SlotAddr { .. } | InstData::DataAddr { .. } | InstData::Alloc { .. })
    })
}

/// True if `inst` faults when `addr` is nil, without another effect before.
fn faults_on(f: &Function, inst: Inst, addr: Value) -> bool {
    match &f.insts[inst] {
        InstData::Load { addr: a, off, flags, .. } => *a == addr && !flags.notrap && (0..NIL_PAGE - 8).contains(off),
        InstData::Store { addr: a, off, flags, .. } => {
            *a == addr && !flags.notrap && !flags.barrier && (0..NIL_PAGE - 8).contains(off)
        }
        _ => false,
    }
}

/// The value that a branch into `b` shows not to be nil.
fn not_nil_by_branch(f: &Function, dom: &DominatorTree, b: Block) -> Option<Value> {
    let [(_, term)] = dom.preds[b][..] else { return None };
    let InstData::Brif { cond, then_, else_ } = &f.insts[term] else { return None };
    if then_.block == else_.block {
        return None;
    }
    let InstData::Icmp { cc, args: [v, zero] } = f.insts[f.def_inst(*cond)?] else { return None };
    if f.ty(v) != Type::Ptr || int_const(f, zero) != Some(0) {
        return None;
    }
    let taken = then_.block == b;
    matches!((cc, taken), (IntCC::Ne, true) | (IntCC::Eq, false)).then_some(v)
}
