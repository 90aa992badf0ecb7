//! Control-flow clean-up: unreachable blocks, jumps to jumps, chains of blocks.

use crate::context::Context;
use crate::util::Replacements;
use cranelift_entity::SecondaryMap;
use golift_ir::builder::{remove_trivial_params, remove_unreachable};
use golift_ir::dom::tainted_blocks;
use golift_ir::{Block, Function, InstData, ValueDef};

pub fn simplify_cfg(f: &mut Function, _cx: &Context) {
    remove_unreachable(f);
    thread_empty_blocks(f);
    remove_unreachable(f);
    merge_chains(f);
    remove_trivial_params(f);
}

/// Branches to a block that only jumps on go to its target.
fn thread_empty_blocks(f: &mut Function) {
    let tainted = tainted_blocks(f);
    // Targets of empty blocks whose parameters are at most passed on.
    let mut forward = SecondaryMap::<Block, Option<golift_ir::BlockCall>>::new();
    let mut used_elsewhere = SecondaryMap::<golift_ir::Value, bool>::new();
    for &b in &f.layout {
        for &i in &f.blocks[b].insts {
            f.insts[i].for_each_use(|v| {
                if let ValueDef::Param(pb, _) = f.values[v].def
                    && (pb != b || f.blocks[b].insts.len() > 1)
                {
                    used_elsewhere[v] = true;
                }
            });
        }
    }
    for &b in &f.layout {
        if b == f.entry() || f.blocks[b].insts.len() != 1 || tainted[b] {
            continue;
        }
        if let InstData::Jump(t) = &f.insts[f.terminator(b)]
            && t.block != b
            && f.blocks[b].params.iter().all(|&p| !used_elsewhere[p])
        {
            forward[b] = Some(t.clone());
        }
    }
    for i in 0..f.layout.len() {
        let term = f.terminator(f.layout[i]);
        let mut data = f.insts[term].clone();
        data.for_each_target_mut(|t| {
            // A cycle of empty blocks is an endless loop: stop somewhere in it.
            for _ in 0..8 {
                let Some(next) = &forward[t.block] else { break };
                let params = &f.blocks[t.block].params;
                let args =
                    next.args.iter().map(|a| params.iter().position(|p| p == a).map_or(*a, |n| t.args[n])).collect();
                *t = golift_ir::BlockCall { block: next.block, args };
            }
        });
        if let InstData::Brif { then_, else_, .. } = &data
            && then_ == else_
        {
            data = InstData::Jump(then_.clone());
        }
        f.insts[term] = data;
    }
}

/// Appends a block to its only predecessor if that only jumps there.
fn merge_chains(f: &mut Function) {
    let mut preds = SecondaryMap::<Block, u32>::new();
    for &b in &f.layout {
        for s in f.insts[f.terminator(b)].successors() {
            preds[s] += 1;
        }
    }
    let mut replace = Replacements::default();
    let mut gone = SecondaryMap::<Block, bool>::new();
    for i in 0..f.layout.len() {
        let b = f.layout[i];
        if gone[b] {
            continue;
        }
        while let InstData::Jump(t) = &f.insts[f.terminator(b)] {
            let (next, args) = (t.block, t.args.clone());
            if preds[next] != 1 || next == b {
                break;
            }
            for (&p, &a) in f.blocks[next].params.iter().zip(&args) {
                replace.set(p, a);
            }
            f.blocks[b].insts.pop();
            let insts = std::mem::take(&mut f.blocks[next].insts);
            f.blocks[b].insts.extend(insts);
            gone[next] = true;
        }
    }
    f.layout.retain(|&b| !gone[b]);
    replace.apply(f);
}
