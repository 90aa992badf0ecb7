//! Loads of constants and calls through known pointers.
//!
//! A load from a read-only data object is a constant: bytes, or what its relocation refers to. That turns method
//! calls through static itabs into direct calls. A closure call through a func value whose code is known (a
//! static func value, or an object made here whose first word was set to a function) becomes direct as well:
//! the code word of a func value never changes.

use crate::context::Context;
use crate::flow::Codes;
use cranelift_entity::SecondaryMap;
use golift_ir::*;

pub fn devirtualize(f: &mut Function, cx: &Context) {
    let codes = Codes::collect(f);
    let mut dead = SecondaryMap::<Inst, bool>::new();
    for bi in 0..f.layout.len() {
        let b = f.layout[bi];
        for j in 0..f.blocks[b].insts.len() {
            let inst = f.blocks[b].insts[j];
            match &f.insts[inst] {
                InstData::Load { ty, addr, off, .. } => {
                    let (ty, off) = (*ty, *off as i64);
                    let Some(InstData::DataAddr { data, off: base }) = f.def_inst(*addr).map(|d| &f.insts[d]) else {
                        continue;
                    };
                    if let Some(new) = constant_load(&cx.program.datas[*data], ty, base + off) {
                        f.insts[inst] = new;
                    }
                }
                InstData::Call { callee, args } | InstData::TailCall { callee, args } => {
                    let Some((func, args)) = known_callee(f, cx, callee, args, &codes) else { continue };
                    let callee = Callee::Func(func);
                    f.insts[inst] = match f.insts[inst] {
                        InstData::Call { .. } => InstData::Call { callee, args },
                        _ => InstData::TailCall { callee, args },
                    };
                }
                // A nil check of an address that is not nil.
                InstData::NilCheck { addr } => {
                    if let Some(InstData::DataAddr { .. } | InstData::Alloc { .. } | InstData::SlotAddr { .. }) =
                        f.def_inst(*addr).map(|d| &f.insts[d])
                    {
                        dead[inst] = true;
                    }
                }
                _ => {}
            }
        }
        f.blocks[b].insts.retain(|&i| !dead[i]);
    }
}

fn constant_load(d: &Data, ty: Type, off: i64) -> Option<InstData> {
    if !matches!(d.section, Section::Rodata | Section::Types | Section::Itabs) || off < 0 {
        return None;
    }
    let (off, n) = (off as usize, ty.bytes() as usize);
    if (off + n) as u64 > d.size {
        return None;
    }
    let overlaps = |r: &&Reloc| {
        let size = if r.kind == RelocKind::Abs64 { 8 } else { 4 };
        (r.offset as usize) < off + n && off < r.offset as usize + size
    };
    if let Some(r) = d.relocs.iter().find(overlaps) {
        if r.offset as usize != off || r.kind != RelocKind::Abs64 || ty != Type::Ptr {
            return None;
        }
        return match r.target {
            RelocTarget::Func(func) if r.addend == 0 => Some(InstData::FuncAddr { func }),
            RelocTarget::Data(data) => Some(InstData::DataAddr { data, off: r.addend }),
            _ => None,
        };
    }
    let mut bytes = [0u8; 8];
    for (i, b) in bytes[..n].iter_mut().enumerate() {
        *b = d.bytes.get(off + i).copied().unwrap_or(0);
    }
    let v = u64::from_le_bytes(bytes);
    Some(match ty {
        Type::F32 => InstData::F32Const { bits: v as u32 },
        Type::F64 => InstData::F64Const { bits: v },
        Type::I8 => InstData::IConst { ty, imm: v as i8 as i64 },
        Type::I16 => InstData::IConst { ty, imm: v as i16 as i64 },
        Type::I32 => InstData::IConst { ty, imm: v as i32 as i64 },
        Type::I64 | Type::Ptr => InstData::IConst { ty, imm: v as i64 },
    })
}

/// The function behind the static func value of a plain function, whose code only drops its first argument: it is called itself, so
/// that lists of callers show it once.
fn thunk_target(program: &Program, code: FuncId) -> Option<FuncId> {
    let target = program.funcs[code].name.strip_suffix("·f")?;
    program.func_by_name.get(target).copied()
}

fn known_callee(f: &Function, cx: &Context, callee: &Callee, args: &Args, codes: &Codes) -> Option<(FuncId, Args)> {
    let (func, sig, args) = match callee {
        Callee::Func(_) => return None,
        Callee::Indirect { addr, sig } => match f.insts[f.def_inst(*addr)?] {
            InstData::FuncAddr { func } => (func, sig, args.clone()),
            _ => return None,
        },
        Callee::Closure { func: v, sig } => {
            let func = match f.insts[f.def_inst(*v)?] {
                InstData::DataAddr { data, off } => match constant_load(&cx.program.datas[data], Type::Ptr, off)? {
                    InstData::FuncAddr { func } => func,
                    _ => return None,
                },
                _ => codes.code(f, *v)?,
            };
            if let Some(target) = thunk_target(cx.program, func) {
                let of = &cx.program.funcs[target].sig;
                let same = of.params[..] == sig.params[1..] && of.results == sig.results && of.conv == sig.conv;
                return same.then(|| (target, args.clone()));
            }
            (func, sig, [*v].into_iter().chain(args.iter().copied()).collect())
        }
    };
    // Same shape: a pointer-shaped receiver may be declared with another scalar type.
    (cx.program.funcs[func].sig == **sig).then_some((func, args))
}
