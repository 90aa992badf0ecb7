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
/// Deepest inline tree of a callee. A chain of calls that all go into each other would need space of the square of its length.
const MAX_DEPTH: u32 = 40;

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

/// The cost of inlining a finished body, if that is allowed and the body's own inline tree is not too deep.
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
    let mut depths = SecondaryMap::<Loc, u32>::new();
    for &i in body.layout.iter().flat_map(|&b| &body.blocks[b].insts) {
        if looks_at_frame(&body.insts[i]) || loc_depth(body, body.inst_locs[i], &mut depths) > MAX_DEPTH {
            return None;
        }
    }
    Some(cost(body) as u32)
}

/// Number of locations from this one to the function's own code. The location 0 is the root; known depths are kept.
fn loc_depth(body: &Function, loc: Loc, depths: &mut SecondaryMap<Loc, u32>) -> u32 {
    if loc.index() == 0 || depths[loc] > 0 {
        return depths[loc];
    }
    let depth = 1 + loc_depth(body, body.locs[loc].parent, depths);
    depths[loc] = depth;
    depth
}

/// The copy of a callee's location, below that of the call.
fn copied_loc(
    f: &mut Function,
    callee: &Function,
    loc: Loc,
    call_loc: Loc,
    copies: &mut SecondaryMap<Loc, Option<Loc>>,
) -> Loc {
    if loc.index() == 0 {
        return call_loc;
    }
    if let Some(copy) = copies[loc] {
        return copy;
    }
    let parent = copied_loc(f, callee, callee.locs[loc].parent, call_loc, copies);
    let copy = f.locs.push(LocData { parent, ..callee.locs[loc].clone() });
    copies[loc] = Some(copy);
    copy
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

    // Only what the body still refers to is copied: what optimisation has left over would double with each level.
    let mut locs = SecondaryMap::<Loc, Option<Loc>>::new();
    let mut slots = SecondaryMap::<Slot, Option<Slot>>::new();
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
            let loc = copied_loc(f, callee, callee.inst_locs[ci], call_loc, &mut locs);
            let inst = f.make_inst(callee.insts[ci].clone(), &types, loc);
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
            InstData::SlotAddr { slot, off } => {
                let copy = *slots[slot].get_or_insert_with(|| f.slots.push(callee.slots[slot].clone()));
                data = InstData::SlotAddr { slot: copy, off };
            }
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
