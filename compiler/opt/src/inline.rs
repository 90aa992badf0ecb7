//! Inlining, bottom-up.
//!
//! Callees are finished when their callers are visited; a call is replaced by the callee's blocks if the callee is
//! small. Calls within a component of the call graph (recursion) stay. The inline tree is kept: a location of
//! the callee becomes a node below the call's location.
//!
//! Never inlined: bodies that look at their own frame (recover, caller's pc), recovery points, functions
//! marked noinline or noreturn; and nothing is inlined into cold blocks or behind a landing.

use crate::context::{Context, Hindrance};
use crate::remarks::RemarkKind;
use crate::util::{cost, is_cold};
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
    if !cx.opts.inline || cx.opts.no_inlining.contains(&cx.id) {
        return;
    }
    let tainted = tainted_blocks(f);
    let mut size = cost(f);
    // The layout and the instructions of each block are rebuilt in one go; inlined blocks themselves are not looked into again.
    for b in std::mem::take(&mut f.layout) {
        f.layout.push(b);
        if tainted[b] || is_cold(f, b) {
            continue;
        }
        let inlinable = |f: &Function, i: Inst, limit: usize| match f.insts[i] {
            InstData::Call { callee: Callee::Func(callee), .. } => {
                let hindrance = hindrance(callee, cx, limit);
                if let Some(why) = hindrance
                    && cx.program.funcs[callee].sig.conv == CallConv::Go
                {
                    cx.remark(f, f.inst_locs[i], RemarkKind::Missed, || {
                        format!("{} not inlined: {why}", cx.program.funcs[callee].display)
                    });
                }
                hindrance.is_none().then_some(callee)
            }
            _ => None,
        };
        if !f.blocks[b].insts.iter().any(|&i| inlinable(f, i, MAX_CALLEE).is_some()) {
            continue;
        }
        let mut current = b;
        for i in std::mem::take(&mut f.blocks[b].insts) {
            let limit = if size > BIG_CALLER { MAX_CALLEE_IN_BIG } else { MAX_CALLEE };
            match inlinable(f, i, limit) {
                Some(callee) => {
                    let body = cx.program.funcs[callee].body.as_ref().expect("inlinable");
                    let added = cost(body);
                    size += added;
                    cx.remark(f, f.inst_locs[i], RemarkKind::Applied, || {
                        format!("{} inlined with cost {added}", cx.program.funcs[callee].display)
                    });
                    current = splice(f, current, i, body, cx.program.funcs[callee].flags.wrapper);
                }
                None => f.blocks[current].insts.push(i),
            }
        }
    }
}

fn hindrance(callee: FuncId, cx: &Context, limit: usize) -> Option<Hindrance> {
    if cx.component[callee] == cx.component[cx.id] {
        return Some(Hindrance::Recursive);
    }
    if cx.program.funcs[callee].body.is_none() {
        return Some(Hindrance::Bodyless);
    }
    match cx.summaries[callee].as_ref().map(|summary| summary.inline_cost) {
        // Functions without summary are not finished: they belong to the same component.
        None => Some(Hindrance::Recursive),
        Some(Err(why)) => Some(why),
        Some(Ok(cost)) if cost as usize > limit => Some(Hindrance::TooLarge(cost, limit)),
        Some(Ok(_)) => None,
    }
}

/// The cost of inlining a finished body, if that is allowed and the body's own inline tree is not too deep.
pub fn inline_cost(decl: &FuncDecl, body: &Function) -> Result<u32, Hindrance> {
    if decl.sig.conv == CallConv::C {
        return Err(Hindrance::Bodyless);
    }
    if decl.flags.noinline || decl.flags.top {
        return Err(Hindrance::Forbidden);
    }
    if decl.flags.noreturn {
        return Err(Hindrance::NoReturn);
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
        if looks_at_frame(&body.insts[i]) {
            return Err(Hindrance::LooksAtFrame);
        }
        if loc_depth(body, body.inst_locs[i], &mut depths) > MAX_DEPTH {
            return Err(Hindrance::TooDeep);
        }
    }
    Ok(cost(body) as u32)
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

/// The copies of a callee's locations, and where those of its scopes begin.
#[derive(Default)]
struct LocCopies {
    locs: SecondaryMap<Loc, Option<Loc>>,
    first_scope: usize,
    /// The callee is a wrapper: its own locations are that of the call, as its frame would be hidden.
    wrapper: bool,
}

impl LocCopies {
    fn scope(&self, scope: Scope) -> Scope {
        Scope::new(self.first_scope + scope.index())
    }
}

/// The copies of a callee's scopes, below that of the call.
fn copy_scopes(f: &mut Function, callee: &Function, call_loc: Loc, copies: &mut LocCopies) {
    let outer = f.locs[call_loc].scope;
    copies.first_scope = f.scopes.len();
    for data in callee.scopes.values() {
        let parent = data.parent.expand().map(|parent| copies.scope(parent));
        // The scopes of the callee itself were not inlined anywhere before.
        let inlined_at = match (parent, data.inlined_at.index()) {
            (None, _) => call_loc,
            (_, 0) => Loc::new(0),
            _ => copied_loc(f, callee, data.inlined_at, call_loc, copies),
        };
        f.scopes.push(ScopeData { parent: parent.or(outer.expand()).into(), inlined_at });
    }
}

/// The copies of a callee's variables that still are somewhere.
fn copy_variables(
    f: &mut Function,
    callee: &Function,
    call_loc: Loc,
    copies: &mut LocCopies,
    values: &SecondaryMap<Value, Option<Value>>,
    slots: &SecondaryMap<Slot, Option<Slot>>,
) {
    for var in callee.source_vars.values() {
        let place = match &var.place {
            VarPlace::Gone => continue,
            VarPlace::Slot(slot) => match slots[*slot] {
                Some(slot) => VarPlace::Slot(slot),
                None => continue,
            },
            VarPlace::Address(list) => VarPlace::Address(list.iter().filter_map(|&v| values[v]).collect()),
            VarPlace::Values(parts) => {
                VarPlace::Values(parts.iter().filter_map(|&(at, v)| Some((at, values[v]?))).collect())
            }
        };
        let loc = copied_loc(f, callee, var.loc, call_loc, copies);
        f.source_vars.push(SourceVarData { scope: copies.scope(var.scope), loc, place, ..var.clone() });
    }
}

/// The copy of a callee's location, below that of the call.
fn copied_loc(f: &mut Function, callee: &Function, loc: Loc, call_loc: Loc, copies: &mut LocCopies) -> Loc {
    if loc.index() == 0 {
        return call_loc;
    }
    if let Some(copy) = copies.locs[loc] {
        return copy;
    }
    if copies.wrapper && callee.locs[loc].parent.index() == 0 {
        return call_loc;
    }
    let parent = copied_loc(f, callee, callee.locs[loc].parent, call_loc, copies);
    let scope = callee.locs[loc].scope.expand().map(|scope| copies.scope(scope)).into();
    let copy = f.locs.push(LocData { parent, scope, ..callee.locs[loc] });
    copies.locs[loc] = Some(copy);
    copy
}

/// Ends block `b` and the layout with the callee's body in place of a call. Returns the block for what follows the call, which is the new
/// end of the layout.
pub fn splice(f: &mut Function, b: Block, call: Inst, callee: &Function, wrapper: bool) -> Block {
    let InstData::Call { args, .. } = f.insts[call].clone() else { unreachable!("only calls are inlined") };
    let call_loc = f.inst_locs[call];
    // The call's results are the parameters of the block that follows.
    let rest = f.make_block();
    f.blocks[rest].params = f.results[call].to_vec();
    for (n, &v) in f.blocks[rest].params.iter().enumerate() {
        f.values[v].def = ValueDef::Param(rest, n as u32);
    }

    // Only what the body still refers to is copied: what optimisation has left over would double with each level.
    let mut locs = LocCopies { wrapper, ..LocCopies::default() };
    copy_scopes(f, callee, call_loc, &mut locs);
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
    for (&p, &a) in callee.blocks[callee.entry()].params.iter().zip(&args) {
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
            InstData::Forget { slot } => {
                let copy = *slots[slot].get_or_insert_with(|| f.slots.push(callee.slots[slot].clone()));
                data = InstData::Forget { slot: copy };
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
    copy_variables(f, callee, call_loc, &mut locs, &values, &slots);
    let entry = blocks[callee.entry()].expect("copied");
    let jump = f.make_inst(InstData::Jump(BlockCall { block: entry, args: Args::new() }), &[], call_loc);
    f.blocks[b].insts.push(jump);

    f.layout.extend(callee.layout.iter().map(|&cb| blocks[cb].expect("copied")));
    f.layout.push(rest);
    rest
}
