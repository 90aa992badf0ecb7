//! Functions that are machine code already, and the bridges to them.

use crate::code::{AsmTables, CodeReloc, CodeTarget, CompiledFunction, Line};
use crate::leaf::stack_arg_bytes;
use crate::reloc_kind::CodeRelocKind;
use crate::target::Target;
use golift_ir::{AsmReloc, AsmRelocKind, Assembly, FuncId, Loc, Program, RelocTarget};

/// The code of such a function, without a check of the stack, and whether it needs one.
pub fn compile(program: &Program, id: FuncId, target: Target) -> (CompiledFunction, bool) {
    let assembly = &program.assembly[&id];
    // Neither assembly nor a bridge may be left alone by its thread: the pinned register is not ours there.
    let lines = vec![Line { pc: 0, loc: Loc::from_u32(0), no_preempt: true }];
    let bridge = match assembly {
        Assembly::Code(code) => {
            let f = CompiledFunction {
                code: code.code.clone(),
                align: code.align,
                relocs: code.relocs.iter().map(reloc).collect(),
                lines,
                assembly: Some(AsmTables { lines: code.lines.clone(), depths: code.depths.clone() }),
                ..CompiledFunction::default()
            };
            return (f, false);
        }
        Assembly::Direct { target: callee, size, params, results, .. } => {
            let code = match &program.assembly[callee] {
                Assembly::Code(code) => code,
                _ => unreachable!("bridges lead to assembly"),
            };
            let goes_elsewhere = code.relocs.iter().any(|r| matches!(r.target, RelocTarget::Func(_)));
            let stack_args = stack_arg_bytes(&program.funcs[id].sig, target);
            target.asm_direct(*size, params, results, (&code.code, goes_elsewhere), stack_args)
        }
        Assembly::Enter { size, results, .. } => target.asm_enter(*size, *results),
        Assembly::Leave { .. } => target.asm_leave(),
        Assembly::Trap => target.asm_trap(),
    };
    let mut f = CompiledFunction { code: bridge.code, lines, frame_size: bridge.frame_size, ..Default::default() };
    let callee = match assembly {
        Assembly::Direct { target, .. } | Assembly::Enter { target, .. } | Assembly::Leave { target } => Some(target),
        Assembly::Code(_) | Assembly::Trap => None,
    };
    if let (Some(call), Some(callee)) = (bridge.call, callee) {
        f.relocs.push(CodeReloc {
            offset: call.at,
            kind: CodeRelocKind::X86Pc32,
            target: CodeTarget::Func(*callee),
            addend: -4,
        });
        if let Assembly::Direct { stack, .. } | Assembly::Enter { stack, .. } = assembly {
            f.frame_size += stack;
            f.assembly = Some(AsmTables { lines: vec![], depths: vec![call.depth] });
            return (f, true);
        }
    }
    (f, false)
}

fn reloc(r: &AsmReloc) -> CodeReloc {
    let kind = match r.kind {
        AsmRelocKind::Abs64 => CodeRelocKind::Abs64,
        AsmRelocKind::Abs32 => CodeRelocKind::Abs32,
        AsmRelocKind::Pc32 => CodeRelocKind::X86Pc32,
    };
    let target = match r.target {
        RelocTarget::Func(id) => CodeTarget::Func(id),
        RelocTarget::Data(id) => CodeTarget::Data(id),
        RelocTarget::Extern(_) => unreachable!("assembly refers to functions and data of the program"),
    };
    CodeReloc { offset: r.offset, kind, target, addend: r.addend }
}
