//! The end of a recursion, decided by the caller.
//!
//! **Problem.** Half of the calls of a recursion like `fib` or the walk through a tree only find that there is nothing to do, and each of them makes a
//! frame, saves registers and restores them. Recursive functions are not inlined.
//!
//! **Strategy.** Where a function begins with a cheap test that leads to a return, that much of it (the *beginning*) is inlined into its calls of
//! itself; the call is made only where the test says so. There the test is done twice, which costs less than the calls that are saved.
//!
//! **Why this is right.** The beginning is a function of its own: the test, the return, and otherwise a call of the function with the same arguments. It
//! contains only computations and loads, which give the same results again in the callee, as nothing comes between. Frames and lines of what is
//! inlined are kept as by `inline`, whose means are used; the call in the beginning has the place of the original one.
//!
//! This comes last: it would only hide from other passes what the function does.

use crate::context::Context;
use crate::inline::splice;
use crate::util::is_cold;
use cranelift_entity::EntityRef;
use golift_ir::dom::tainted_blocks;
use golift_ir::{Args, Block, BlockCall, CallConv, Callee, FuncId, Function, Inst, InstData, Loc, Type};

/// Instructions of the beginning.
const MAX_COST: usize = 6;
/// Calls that are treated.
const MAX_CALLS: usize = 6;

pub fn inline_early_exits(f: &mut Function, cx: &Context) {
    let decl = &cx.program.funcs[cx.id];
    let forbidden = decl.flags.noinline || decl.flags.top || decl.flags.noreturn || decl.sig.conv != CallConv::Go;
    if forbidden || !cx.opts.inline || cx.opts.no_inlining.contains(&cx.id) {
        return;
    }
    let n_calls = f.layout.iter().flat_map(|&b| &f.blocks[b].insts).filter(|&&i| calls(f, i, cx.id)).count();
    if n_calls == 0 || n_calls > MAX_CALLS {
        return;
    }
    let Some(beginning) = beginning(f, cx.id) else { return };
    let tainted = tainted_blocks(f);
    for b in std::mem::take(&mut f.layout) {
        f.layout.push(b);
        if tainted[b] || is_cold(f, b) {
            continue;
        }
        let mut current = b;
        for i in std::mem::take(&mut f.blocks[b].insts) {
            if calls(f, i, cx.id) {
                current = splice(f, current, i, &beginning, false);
            } else {
                f.blocks[current].insts.push(i);
            }
        }
    }
}

fn calls(f: &Function, inst: Inst, id: FuncId) -> bool {
    matches!(f.insts[inst], InstData::Call { callee: Callee::Func(callee), .. } if callee == id)
}

/// The beginning of a function as a function of its own, if it is cheap and there is a return in it.
fn beginning(f: &Function, id: FuncId) -> Option<Function> {
    let entry = f.entry();
    let InstData::Brif { then_, else_, .. } = &f.insts[f.terminator(entry)] else { return None };
    let returns = |to: &BlockCall| {
        let insts = &f.blocks[to.block].insts;
        matches!(f.insts[f.terminator(to.block)], InstData::Return { .. }) && insts.iter().all(|&i| is_cheap(f, i))
    };
    let (exit, other) = match [returns(then_), returns(else_)] {
        [true, false] => (then_.block, else_.block),
        [false, true] => (else_.block, then_.block),
        _ => return None,
    };
    let cost = |b: Block| f.blocks[b].insts.iter().filter(|&&i| !matches!(f.insts[i], InstData::IConst { .. })).count();
    if !f.blocks[entry].insts.iter().all(|&i| is_cheap(f, i)) || cost(entry) + cost(exit) > MAX_COST {
        return None;
    }
    let mut part = Function::clone(f);
    let args: Args = part.blocks[entry].params.iter().copied().collect();
    let mut results: Vec<Type> = Vec::new();
    if let InstData::Return { args } = &f.insts[f.terminator(exit)] {
        results.extend(args.iter().map(|&v| f.ty(v)));
    }
    let unknown = Loc::new(0);
    let rest = part.make_block();
    let call = part.make_inst(InstData::Call { callee: Callee::Func(id), args }, &results, unknown);
    let results = part.results[call].iter().copied().collect();
    let done = part.make_inst(InstData::Return { args: results }, &[], unknown);
    part.blocks[rest].insts = vec![call, done];
    let term = part.terminator(entry);
    part.insts[term].for_each_target_mut(|t| {
        if t.block == other {
            *t = BlockCall { block: rest, args: Args::new() };
        }
    });
    part.layout = vec![entry, exit, rest];
    Some(part)
}

/// Instructions that beginnings may consist of.
fn is_cheap(f: &Function, inst: Inst) -> bool {
    let data = &f.insts[inst];
    let is_local = matches!(data, InstData::SlotAddr { .. } | InstData::GetG);
    data.is_computation() && !is_local
        || matches!(
            data,
            InstData::Load { .. } | InstData::NilCheck { .. } | InstData::Brif { .. } | InstData::Return { .. }
        )
}
