//! Dead code elimination.
//!
//! Mark and sweep over values: what instructions with effects use is alive, and what defines live values;
//! a branch argument is alive if its block parameter is, so cycles of parameters that only feed each other disappear.

use crate::context::Context;
use crate::util::is_removable;
use cranelift_entity::SecondaryMap;
use golift_ir::{Block, Function, Inst, InstData, Slot, SlotData, Value, ValueDef};

pub fn eliminate_dead_code(f: &mut Function, _cx: &Context) {
    let mut live = SecondaryMap::<Value, bool>::new();
    let mut work = Vec::new();
    let mark = |v: Value, live: &mut SecondaryMap<Value, bool>, work: &mut Vec<Value>| {
        if !std::mem::replace(&mut live[v], true) {
            work.push(v);
        }
    };
    // Branches into each block, for the arguments of live parameters.
    let mut branches = SecondaryMap::<Block, Vec<Inst>>::new();
    for i in 0..f.layout.len() {
        let b = f.layout[i];
        for j in 0..f.blocks[b].insts.len() {
            let inst = f.blocks[b].insts[j];
            let data = &f.insts[inst];
            if data.is_terminator() {
                for s in data.successors() {
                    branches[s].push(inst);
                }
                for v in non_branch_uses(data) {
                    mark(v, &mut live, &mut work);
                }
            } else if !is_removable(data) {
                data.for_each_use(|v| mark(v, &mut live, &mut work));
            }
        }
    }
    while let Some(v) = work.pop() {
        match f.values[v].def {
            ValueDef::Result(inst, _) => f.insts[inst].for_each_use(|u| mark(u, &mut live, &mut work)),
            ValueDef::Param(block, n) => {
                for &inst in &branches[block] {
                    f.insts[inst].for_each_target_mut(|t| {
                        if t.block == block {
                            mark(t.args[n as usize], &mut live, &mut work);
                        }
                    });
                }
            }
        }
    }
    let entry = f.entry();
    let mut landing = SecondaryMap::<Block, bool>::new();
    for &b in &f.layout {
        if let InstData::RecoveryPoint { landing: l, .. } = f.insts[f.terminator(b)] {
            landing[l] = true;
        }
    }
    for i in 0..f.layout.len() {
        let b = f.layout[i];
        let (insts, results) = (&f.insts, &f.results);
        f.blocks[b].insts.retain(|&i| !is_removable(&insts[i]) || results[i].iter().any(|&r| live[r]));
        let term = f.terminator(b);
        let blocks = &f.blocks;
        f.insts[term].for_each_target_mut(|t| {
            let params = &blocks[t.block].params;
            let mut n = 0;
            t.args.retain(|_| {
                n += 1;
                live[params[n - 1]]
            });
        });
    }
    for i in 0..f.layout.len() {
        let b = f.layout[i];
        if b == entry || landing[b] {
            continue;
        }
        let mut params = std::mem::take(&mut f.blocks[b].params);
        params.retain(|&p| live[p]);
        for (n, &p) in params.iter().enumerate() {
            f.values[p].def = ValueDef::Param(b, n as u32);
        }
        f.blocks[b].params = params;
    }
    release_slots(f);
}

/// Slots that nothing refers to any more take no room in the frame.
fn release_slots(f: &mut Function) {
    let mut used = SecondaryMap::<Slot, bool>::new();
    for &b in &f.layout {
        for &i in &f.blocks[b].insts {
            if let InstData::SlotAddr { slot, .. } | InstData::RecoveryPoint { slot, .. } = f.insts[i] {
                used[slot] = true;
            }
        }
    }
    for &b in &f.layout {
        f.blocks[b].insts.retain(|&i| !matches!(f.insts[i], InstData::Forget { slot } if !used[slot]));
    }
    for (slot, data) in f.slots.iter_mut() {
        if !used[slot] {
            *data = SlotData { size: 0, align: 1 };
        }
    }
}

/// Uses of a terminator other than block arguments.
fn non_branch_uses(data: &InstData) -> Vec<Value> {
    let mut data = data.clone();
    data.for_each_target_mut(|t| t.args.clear());
    let mut out = Vec::new();
    data.for_each_use(|v| out.push(v));
    out
}
