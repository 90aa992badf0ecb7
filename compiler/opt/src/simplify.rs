//! Constant folding, address folding and branch folding.
//!
//! One walk in reverse postorder: operands are simplified before their users. Offsets that are constants move into
//! loads, stores, slot and data addresses, which is what scalar replacement wants to see.

use crate::context::Context;
use crate::util::{Replacements, int_const};
use golift_ir::builder::{remove_trivial_params, remove_unreachable};
use golift_ir::dom::reverse_postorder;
use golift_ir::*;

pub fn simplify(f: &mut Function, cx: &Context) {
    let mut replace = Replacements::default();
    for b in reverse_postorder(f) {
        for j in 0..f.blocks[b].insts.len() {
            let inst = f.blocks[b].insts[j];
            if !replace.is_empty() {
                f.insts[inst].for_each_use_mut(|v| *v = replace.resolve(*v));
            }
            match simplify_inst(f, inst) {
                Some(Simplified::Data(data)) => f.insts[inst] = data,
                Some(Simplified::Value(v)) => replace.set(f.result(inst), v),
                None => {}
            }
        }
    }
    replace.apply(f);
    remove_unreachable(f);
    remove_trivial_params(f);
    crate::dce::eliminate_dead_code(f, cx);
}

enum Simplified {
    Data(InstData),
    Value(Value),
}

fn int(ty: Type, imm: i64) -> Option<Simplified> {
    Some(Simplified::Data(InstData::IConst { ty, imm: sign_extend(ty, imm) }))
}

fn bits(ty: Type) -> u32 {
    ty.bytes() * 8
}

fn sign_extend(ty: Type, v: i64) -> i64 {
    let n = 64 - bits(ty);
    v << n >> n
}

fn zero_extend(ty: Type, v: i64) -> u64 {
    let n = 64 - bits(ty);
    (v as u64) << n >> n
}

/// The base and constant offset of an address.
fn address(f: &Function, addr: Value) -> (Value, i64) {
    if let Some(inst) = f.def_inst(addr)
        && let InstData::Binary { op: BinaryOp::PtrAdd, args: [base, off] } = f.insts[inst]
        && let Some(off) = int_const(f, off)
    {
        return (base, off);
    }
    (addr, 0)
}

/// Folds the constant part of `addr` into `off`. Addresses far from their base keep it, so that the nil check stays cheap,
/// unless the base cannot be nil.
fn fold_offset(f: &Function, addr: Value, off: i32) -> Option<(Value, i32)> {
    let (base, extra) = address(f, addr);
    let sum = i32::try_from(extra.checked_add(off as i64)?).ok()?;
    (extra != 0 && (0..4088).contains(&sum)).then_some((base, sum))
}

fn simplify_inst(f: &Function, inst: Inst) -> Option<Simplified> {
    match &f.insts[inst] {
        InstData::Unary { op, ty, arg } => unary(f, *op, *ty, *arg),
        InstData::Binary { op, args } => binary(f, *op, args[0], args[1]),
        InstData::Icmp { cc, args } => icmp(f, *cc, args[0], args[1]),
        InstData::Select { cond, args } => {
            if args[0] == args[1] {
                return Some(Simplified::Value(args[0]));
            }
            let c = int_const(f, *cond)?;
            Some(Simplified::Value(if c != 0 { args[0] } else { args[1] }))
        }
        InstData::Load { ty, addr, off, flags } => {
            let (addr, off) = fold_offset(f, *addr, *off)?;
            Some(Simplified::Data(InstData::Load { ty: *ty, addr, off, flags: *flags }))
        }
        InstData::Store { addr, val, off, flags } => {
            let (addr, off) = fold_offset(f, *addr, *off)?;
            Some(Simplified::Data(InstData::Store { addr, val: *val, off, flags: *flags }))
        }
        InstData::Brif { cond, then_, else_ } => {
            if then_ == else_ {
                return Some(Simplified::Data(InstData::Jump(then_.clone())));
            }
            if let Some(c) = int_const(f, *cond) {
                let target = if c != 0 { then_ } else { else_ };
                return Some(Simplified::Data(InstData::Jump(target.clone())));
            }
            // `x != 0` of a truth value is x itself.
            let def = f.def_inst(*cond)?;
            let InstData::Icmp { cc: IntCC::Ne, args: [x, zero] } = f.insts[def] else { return None };
            if int_const(f, zero) == Some(0) && f.ty(x) == Type::I8 {
                let (then_, else_) = (then_.clone(), else_.clone());
                return Some(Simplified::Data(InstData::Brif { cond: x, then_, else_ }));
            }
            None
        }
        InstData::BrTable { index, targets, default } => {
            let i = zero_extend(f.ty(*index), int_const(f, *index)?);
            let target = usize::try_from(i).ok().and_then(|i| targets.get(i)).unwrap_or(default);
            Some(Simplified::Data(InstData::Jump(target.clone())))
        }
        _ => None,
    }
}

fn unary(f: &Function, op: UnaryOp, ty: Type, arg: Value) -> Option<Simplified> {
    let from = f.ty(arg);
    if matches!(op, UnaryOp::Sext | UnaryOp::Zext | UnaryOp::Trunc | UnaryOp::Bitcast) && from == ty {
        return Some(Simplified::Value(arg));
    }
    // ptr ↔ int and back is the pointer.
    if let (UnaryOp::IntToPtr, Some(def)) = (op, f.def_inst(arg))
        && let InstData::Unary { op: UnaryOp::PtrToInt, arg: p, .. } = f.insts[def]
    {
        return Some(Simplified::Value(p));
    }
    if let Some(moved) = address_arithmetic(f, op, arg) {
        return Some(Simplified::Data(moved));
    }
    let c = int_const(f, arg)?;
    match op {
        UnaryOp::Neg => int(ty, c.wrapping_neg()),
        UnaryOp::Not => int(ty, !c),
        UnaryOp::Sext | UnaryOp::Trunc => int(ty, sign_extend(from, c)),
        UnaryOp::Zext => int(ty, zero_extend(from, c) as i64),
        UnaryOp::Popcnt => int(ty, zero_extend(from, c).count_ones() as i64),
        UnaryOp::Clz => int(ty, zero_extend(from, c).leading_zeros() as i64 - 64 + bits(from) as i64),
        UnaryOp::Ctz => int(ty, zero_extend(from, c).trailing_zeros().min(bits(from)) as i64),
        UnaryOp::PtrToInt | UnaryOp::IntToPtr => int(ty, c),
        UnaryOp::SToF if ty == Type::F64 => {
            Some(Simplified::Data(InstData::F64Const { bits: (sign_extend(from, c) as f64).to_bits() }))
        }
        _ => None,
    }
}

/// `unsafe.Pointer(uintptr(p) + n)` points into the same object as `p` (package unsafe, pattern 3), which only addresses can say. What adds
/// nothing is meant to hide `p`.
fn address_arithmetic(f: &Function, op: UnaryOp, arg: Value) -> Option<InstData> {
    let InstData::Binary { op: BinaryOp::Add, args: [a, b] } = f.insts[f.def_inst(arg)?] else { return None };
    let was_ptr = |v: Value| match f.insts[f.def_inst(v)?] {
        InstData::Unary { op: UnaryOp::PtrToInt, arg, .. } => Some(arg),
        _ => None,
    };
    let (base, offset) = match (was_ptr(a), was_ptr(b)) {
        (Some(base), None) => (base, b),
        (None, Some(base)) => (base, a),
        _ => return None,
    };
    let is_it = op == UnaryOp::IntToPtr && int_const(f, offset) != Some(0);
    is_it.then_some(InstData::Binary { op: BinaryOp::PtrAdd, args: [base, offset] })
}

fn binary(f: &Function, op: BinaryOp, a: Value, b: Value) -> Option<Simplified> {
    use BinaryOp::*;
    let ty = f.ty(a);
    let (ca, cb) = (int_const(f, a), int_const(f, b));
    if op == PtrAdd {
        let cb = cb?;
        if cb == 0 {
            return Some(Simplified::Value(a));
        }
        return match f.insts[f.def_inst(a)?] {
            InstData::SlotAddr { slot, off } => {
                let off = i32::try_from(off as i64 + cb).ok()?;
                Some(Simplified::Data(InstData::SlotAddr { slot, off }))
            }
            InstData::DataAddr { data, off } => {
                Some(Simplified::Data(InstData::DataAddr { data, off: off.checked_add(cb)? }))
            }
            _ => None,
        };
    }
    if let (Some(x), Some(y)) = (ca, cb) {
        return fold(op, ty, x, y).and_then(|v| int(ty, v));
    }
    match (op, cb?) {
        // So the library hides an address (`flow.rs`); it costs nothing, Cranelift folds it.
        (Xor, 0)
            if f.def_inst(a).is_some_and(|d| matches!(f.insts[d], InstData::Unary { op: UnaryOp::PtrToInt, .. })) =>
        {
            None
        }
        (Add | Sub | Or | Xor | Shl | LShr | AShr | Rotl, 0) | (Mul | SDiv | UDiv, 1) | (And, -1) => {
            Some(Simplified::Value(a))
        }
        (Mul | And, 0) => int(ty, 0),
        _ => None,
    }
}

fn fold(op: BinaryOp, ty: Type, x: i64, y: i64) -> Option<i64> {
    use BinaryOp::*;
    let (sx, sy) = (sign_extend(ty, x), sign_extend(ty, y));
    let (ux, uy) = (zero_extend(ty, x), zero_extend(ty, y));
    Some(match op {
        Add => x.wrapping_add(y),
        Sub => x.wrapping_sub(y),
        Mul => x.wrapping_mul(y),
        SDiv if sy != 0 && sy != -1 => sx / sy,
        SRem if sy != 0 && sy != -1 => sx % sy,
        UDiv if uy != 0 => (ux / uy) as i64,
        URem if uy != 0 => (ux % uy) as i64,
        And => x & y,
        Or => x | y,
        Xor => x ^ y,
        Shl if uy < bits(ty) as u64 => x << uy,
        LShr if uy < bits(ty) as u64 => (ux >> uy) as i64,
        AShr if uy < bits(ty) as u64 => sx >> uy,
        SMulHi if ty == Type::I64 => ((sx as i128 * sy as i128) >> 64) as i64,
        UMulHi if ty == Type::I64 => ((ux as u128 * uy as u128) >> 64) as i64,
        _ => return None,
    })
}

/// True if the address cannot be nil.
fn is_not_nil(f: &Function, v: Value) -> bool {
    f.def_inst(v).is_some_and(|d| {
        matches!(
            f.insts[d],
            InstData::SlotAddr { .. }
                | InstData::DataAddr { .. }
                | InstData::FuncAddr { .. }
                | InstData::Alloc { .. }
                | InstData::GetG
        )
    })
}

fn icmp(f: &Function, cc: IntCC, a: Value, b: Value) -> Option<Simplified> {
    use IntCC::*;
    let ty = f.ty(a);
    if a == b {
        return int(Type::I8, matches!(cc, Eq | Sle | Sge | Ule | Uge) as i64);
    }
    let cb = int_const(f, b);
    if let (Some(x), Some(y)) = (int_const(f, a), cb) {
        let (sx, sy) = (sign_extend(ty, x), sign_extend(ty, y));
        let (ux, uy) = (zero_extend(ty, x), zero_extend(ty, y));
        let r = match cc {
            Eq => ux == uy,
            Ne => ux != uy,
            Slt => sx < sy,
            Sle => sx <= sy,
            Sgt => sx > sy,
            Sge => sx >= sy,
            Ult => ux < uy,
            Ule => ux <= uy,
            Ugt => ux > uy,
            Uge => ux >= uy,
        };
        return int(Type::I8, r as i64);
    }
    match (cc, cb?) {
        (Eq, 0) if is_not_nil(f, a) => int(Type::I8, 0),
        (Ne, 0) if is_not_nil(f, a) => int(Type::I8, 1),
        (Ult, 0) => int(Type::I8, 0),
        (Uge, 0) => int(Type::I8, 1),
        _ => None,
    }
}
