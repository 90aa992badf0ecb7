//! Inlining, bottom-up.
//!
//! Callees are finished when their callers are visited; a call is replaced by the callee's blocks if the callee is
//! small. Calls within a component of the call graph (recursion) stay. The inline tree is kept: a location of
//! the callee becomes a node below the call's location.
//!
//! Never inlined: bodies that look at their own frame (recover, caller's pc), recovery points, functions
//! marked noinline or noreturn; and nothing is inlined into cold blocks or behind a landing.

use crate::util::{cost, is_cold};
use crate::{Context, Summary};
use cranelift_entity::{EntityRef, SecondaryMap};
use golift_ir::dom::tainted_blocks;
use golift_ir::*;

/// Largest callee (gc: 80 nodes of its syntax tree, which are about as many instructions here).
const MAX_CALLEE: usize = 80;
/// In large callers only tiny callees go in, as in gc.
const BIG_CALLER: usize = 5000;
const MAX_CALLEE_IN_BIG: usize = 20;

pub fn inline_calls(f: &mut Function, cx: &Context) {
    if !cx.opts.inline {
        return;
    }
    let tainted = tainted_blocks(f);
    let mut size = cost(f);
    // Continuations are appended while walking; inlined blocks themselves are not looked into again.
    let mut work: Vec<Block> = f.layout.clone();
    work.reverse();
    while let Some(b) = work.pop() {
        if tainted[b] || is_cold(f, b) {
            continue;
        }
        let limit = if size > BIG_CALLER { MAX_CALLEE_IN_BIG } else { MAX_CALLEE };
        let call = f.blocks[b].insts.iter().position(|&i| match &f.insts[i] {
            InstData::Call { callee: Callee::Func(c), .. } => is_inlinable(*c, cx, limit),
            _ => false,
        });
        let Some(at) = call else { continue };
        let InstData::Call { callee: Callee::Func(callee), args } = f.insts[f.blocks[b].insts[at]].clone() else {
            unreachable!("found as a call");
        };
        let body = cx.program.funcs[callee].body.as_ref().expect("inlinable");
        size += cost(body);
        let rest = splice(f, b, at, body, &args);
        work.push(rest);
    }
}

fn is_inlinable(callee: FuncId, cx: &Context, limit: usize) -> bool {
    // Functions without summary are not finished: they belong to the same component.
    let Some(Summary { inline_cost: Some(cost), .. }) = &cx.summaries[callee] else { return false };
    *cost as usize <= limit && cx.component[callee] != cx.component[cx.id] && cx.program.funcs[callee].body.is_some()
}

/// The cost of inlining a finished body, if that is allowed.
pub fn inline_cost(decl: &FuncDecl, body: &Function) -> Option<u32> {
    if decl.flags.noinline || decl.flags.noreturn || decl.flags.top || decl.sig.conv == CallConv::C {
        return None;
    }
    let looks_at_frame = |data: &InstData| {
        matches!(
            data,
            InstData::RecoveryPoint { .. }
                | InstData::GetFp
                | InstData::GetCallerFp
                | InstData::GetCallerPc
                | InstData::GetSp
        )
    };
    if body.layout.iter().flat_map(|&b| &body.blocks[b].insts).any(|&i| looks_at_frame(&body.insts[i])) {
        return None;
    }
    Some(cost(body) as u32)
}

/// Replaces instruction `at` of block `b`, a call, by the callee's body. Returns the block with the rest of `b`.
fn splice(f: &mut Function, b: Block, at: usize, callee: &Function, args: &[Value]) -> Block {
    let call = f.blocks[b].insts[at];
    let call_loc = f.inst_locs[call];
    // What follows the call becomes a block whose parameters are the call's results.
    let rest = f.make_block();
    let tail = f.blocks[b].insts.split_off(at + 1);
    f.blocks[b].insts.pop();
    f.blocks[rest].insts = tail;
    f.blocks[rest].params = f.results[call].to_vec();
    for (n, &v) in f.blocks[rest].params.iter().enumerate() {
        f.values[v].def = ValueDef::Param(rest, n as u32);
    }

    let mut locs = SecondaryMap::<Loc, Loc>::with_default(call_loc);
    for (loc, data) in callee.locs.iter().skip(1) {
        let parent = locs[data.parent];
        locs[loc] = f.locs.push(LocData { parent, ..data.clone() });
    }
    let slots: Vec<Slot> = callee.slots.values().map(|s| f.slots.push(s.clone())).collect();
    let mut blocks = SecondaryMap::<Block, Option<Block>>::new();
    let mut values = SecondaryMap::<Value, Option<Value>>::new();
    for &cb in &callee.layout {
        let nb = f.make_block();
        blocks[cb] = Some(nb);
        for &p in &callee.blocks[cb].params {
            if cb == callee.entry() {
                continue;
            }
            values[p] = Some(f.append_param(nb, callee.ty(p)));
        }
    }
    for (&p, &a) in callee.blocks[callee.entry()].params.iter().zip(args) {
        values[p] = Some(a);
    }
    // Results first: a block may use values of a block that comes later in the layout.
    let mut copies = Vec::new();
    for &cb in &callee.layout {
        for &ci in &callee.blocks[cb].insts {
            let types: Vec<Type> = callee.results[ci].iter().map(|&v| callee.ty(v)).collect();
            let inst = f.make_inst(callee.insts[ci].clone(), &types, locs[callee.inst_locs[ci]]);
            for (&cv, &v) in callee.results[ci].iter().zip(&f.results[inst]) {
                values[cv] = Some(v);
            }
            copies.push((cb, inst));
        }
    }
    for (cb, inst) in copies {
        let block = blocks[cb].expect("copied");
        let mut data = f.insts[inst].clone();
        data.for_each_use_mut(|v| *v = values[*v].expect("defined in the callee"));
        data.for_each_target_mut(|t| t.block = blocks[t.block].expect("copied"));
        match data {
            InstData::SlotAddr { slot, off } => data = InstData::SlotAddr { slot: slots[slot.index()], off },
            InstData::Forget { slot } => data = InstData::Forget { slot: slots[slot.index()] },
            InstData::Return { args } => data = InstData::Jump(BlockCall { block: rest, args }),
            InstData::TailCall { callee, args } => {
                let types: Vec<Type> = f.blocks[rest].params.iter().map(|&v| f.ty(v)).collect();
                let c = f.make_inst(InstData::Call { callee, args }, &types, f.inst_locs[inst]);
                f.blocks[block].insts.push(c);
                data = InstData::Jump(BlockCall { block: rest, args: f.results[c].iter().copied().collect() });
            }
            _ => {}
        }
        f.insts[inst] = data;
        f.blocks[block].insts.push(inst);
    }
    let entry = blocks[callee.entry()].expect("copied");
    let jump = f.make_inst(InstData::Jump(BlockCall { block: entry, args: Args::new() }), &[], call_loc);
    f.blocks[b].insts.push(jump);

    let pos = f.layout.iter().position(|&x| x == b).expect("in the layout");
    let new = callee.layout.iter().map(|&cb| blocks[cb].expect("copied")).chain([rest]);
    f.layout.splice(pos + 1..pos + 1, new);
    rest
}
