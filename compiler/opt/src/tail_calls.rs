//! Tail calls of wrappers.
//!
//! Problem: the method of an embedded interface or field is called through a wrapper, and where such wrappers call each other (a chain of
//! readers, of contexts) each level would take a frame that nobody wants to see. Strategy: a compiler-made wrapper whose last act is a call whose results
//! are its own gives its frame up first. Where an address within the frame exists, the callee may need the frame. Only
//! wrappers do it, as in gc: all other functions are to be seen in tracebacks, those that were inlined into a wrapper, too.

use crate::Context;
use cranelift_entity::EntityRef;
use golift_ir::*;

pub fn wrappers_leave_first(f: &mut Function, cx: &Context) {
    let decl = &cx.program.funcs[cx.id];
    if !decl.flags.wrapper || !is_compiler_made(&cx.program.texts[decl.file]) || decl.sig.conv == CallConv::C {
        return;
    }
    let insts = f.layout.iter().flat_map(|&b| &f.blocks[b].insts);
    if insts.into_iter().any(|&i| matches!(f.insts[i], InstData::SlotAddr { .. } | InstData::RecoveryPoint { .. })) {
        return;
    }
    for n in 0..f.layout.len() {
        let b = f.layout[n];
        let [.., call, last] = f.blocks[b].insts[..] else { continue };
        let InstData::Return { args: returned } = &f.insts[last] else { continue };
        let InstData::Call { callee, args } = &f.insts[call] else { continue };
        if cx.program.conv(callee) == CallConv::C
            || is_inlined(f, cx, f.inst_locs[call])
            || returned[..] != f.results[call][..]
        {
            continue;
        }
        let data = InstData::TailCall { callee: callee.clone(), args: args.clone() };
        let tail = f.make_inst(data, &[], f.inst_locs[call]);
        let insts = &mut f.blocks[b].insts;
        insts.truncate(insts.len() - 2);
        insts.push(tail);
    }
}

/// Is something but a wrapper there?
fn is_inlined(f: &Function, cx: &Context, mut loc: Loc) -> bool {
    while loc.index() != 0 {
        let d = &f.locs[loc];
        if !is_compiler_made(&cx.program.texts[d.file]) {
            return true;
        }
        loc = d.parent;
    }
    false
}
