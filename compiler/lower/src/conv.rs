//! Conversions between types.

use crate::func::FuncLower;
use crate::operand::Val;
use crate::ty::{Basic, Ty, TyKind};
use golift_ir::{IntCC, RuntimeFn, Type as Ir, UnaryOp as Un, Value};

impl FuncLower<'_, '_> {
    /// What assignment does: boxing into interfaces, nil to any nillable type; all else keeps its representation.
    pub fn convert_implicit(&mut self, v: Val, from: Ty, to: Ty) -> Val {
        if from == to {
            return v;
        }
        if self.cx.tys.is_interface(to) {
            return self.make_interface(v, from, to);
        }
        if self.cx.tys.as_basic(from) == Some(Basic::UntypedNil) {
            return self.zero(to);
        }
        v
    }

    /// `T(x)`.
    pub fn convert(&mut self, v: Val, from: Ty, to: Ty) -> Val {
        let (fu, tu) = (self.cx.tys.under(from), self.cx.tys.under(to));
        if fu == tu || self.cx.tys.is_interface(to) || self.cx.tys.as_basic(from) == Some(Basic::UntypedNil) {
            return self.convert_implicit(v, from, to);
        }
        match (self.cx.tys.kind(fu), self.cx.tys.kind(tu)) {
            (TyKind::Basic(f), TyKind::Basic(t)) => self.convert_basic(v, *f, *t, from),
            (TyKind::Basic(Basic::String), TyKind::Slice(elem)) => {
                let s = self.scalars(v, from);
                let bytes = self.layout(*elem).size == 1;
                let convert = if bytes { RuntimeFn::StringToSliceByte } else { RuntimeFn::StringToSliceRune };
                Val::from_slice(&self.rt(convert, &s))
            }
            (TyKind::Slice(elem), TyKind::Basic(Basic::String)) => {
                let s = self.scalars(v, from);
                if self.layout(*elem).size == 1 {
                    Val::from_slice(&self.rt(RuntimeFn::SliceByteToString, &s[..2]))
                } else {
                    Val::from_slice(&self.rt(RuntimeFn::SliceRuneToString, &s))
                }
            }
            (TyKind::Slice(_), TyKind::Ptr(arr)) => {
                let s = self.scalars(v, from);
                let TyKind::Array(_, n) = self.cx.tys.under_kind(*arr) else { panic!("slice to pointer") };
                self.slice_to_array_ptr(&s, *n)
            }
            (TyKind::Slice(_), TyKind::Array(_, n)) => {
                let s = self.scalars(v, from);
                let p = self.slice_to_array_ptr(&s, *n).single();
                if self.layout(to).size == 0 {
                    return self.zero(to);
                }
                let v = self.load_known(p, to);
                self.stable(v, to)
            }
            (TyKind::Basic(Basic::UnsafePointer), _) | (_, TyKind::Basic(Basic::UnsafePointer)) => v,
            // Identical but for struct tags or channel direction.
            _ => v,
        }
    }

    fn slice_to_array_ptr(&mut self, s: &[Value], n: u64) -> Val {
        let len = self.const_int(n as i64);
        if self.cx.unchecked.contains(&self.pkg) {
            return Val::one(s[0]);
        }
        let short = self.b.icmp(IntCC::Ult, s[1], len);
        let have = s[1];
        self.guard(short, |f| f.rt_panic(RuntimeFn::PanicSliceConvert, &[have, len]));
        Val::one(s[0])
    }

    fn convert_basic(&mut self, v: Val, f: Basic, t: Basic, from: Ty) -> Val {
        if t == Basic::String {
            if f == Basic::String {
                return v;
            }
            // An integer is a code point.
            let x = self.scalars(v, from)[0];
            let x = if self.b.ty(x) == Ir::I64 { x } else { self.widen(x, from) };
            let x = if f.is_unsigned() && f != Basic::Uint8 && f != Basic::Uint16 && f != Basic::Uint32 {
                // Values beyond the signed range are no code points either.
                let neg = self.b.icmp_imm(IntCC::Slt, x, 0);
                let bad = self.const_int(-1);
                self.b.select(neg, bad, x)
            } else {
                x
            };
            return Val::from_slice(&self.rt(RuntimeFn::IntString, &[x]));
        }
        if f.is_complex() && t.is_complex() {
            let s = self.scalars(v, from);
            let conv = |fl: &mut Self, x| fl.float_to_float(x, t == Basic::Complex64);
            let re = conv(self, s[0]);
            let im = conv(self, s[1]);
            return Val::from_slice(&[re, im]);
        }
        let x = self.scalars(v, from)[0];
        let out = match (f, t) {
            (Basic::UnsafePointer, _) if t.is_integer() => {
                self.uintptrs_of.iter_mut().for_each(|list| list.push(x));
                self.b.unary(Un::PtrToInt, Ir::I64, x)
            }
            (_, Basic::UnsafePointer) if f.is_integer() => self.b.unary(Un::IntToPtr, Ir::Ptr, x),
            _ if f.is_integer() && t.is_integer() => self.int_to_int(x, f, t),
            _ if f.is_integer() && t.is_float() => self.int_to_float(x, f, t),
            _ if f.is_float() && t.is_integer() => self.float_to_int(x, t),
            _ if f.is_float() && t.is_float() => self.float_to_float(x, t == Basic::Float32),
            _ => x,
        };
        Val::one(out)
    }

    pub fn int_to_int(&mut self, x: Value, f: Basic, t: Basic) -> Value {
        let (a, b) = (self.b.ty(x), crate::layout::basic_ir(t));
        match b.bytes().cmp(&a.bytes()) {
            std::cmp::Ordering::Equal => x,
            std::cmp::Ordering::Less => self.b.unary(Un::Trunc, b, x),
            std::cmp::Ordering::Greater => {
                if let Some(c) = self.b.as_iconst(x) {
                    let bits = c as u64 & (u64::MAX >> (64 - 8 * a.bytes()));
                    let c = if f.is_unsigned() { bits as i64 } else { c };
                    return self.b.iconst(b, c);
                }
                self.b.unary(if f.is_unsigned() { Un::Zext } else { Un::Sext }, b, x)
            }
        }
    }

    fn int_to_float(&mut self, x: Value, f: Basic, t: Basic) -> Value {
        let ty = crate::layout::basic_ir(t);
        let wide = match self.b.ty(x) {
            Ir::I64 => x,
            _ => self.b.unary(if f.is_unsigned() { Un::Zext } else { Un::Sext }, Ir::I64, x),
        };
        let unsigned = f.is_unsigned() && self.b.ty(x) == Ir::I64;
        self.b.unary(if unsigned { Un::UToF } else { Un::SToF }, ty, wide)
    }

    fn float_to_int(&mut self, x: Value, t: Basic) -> Value {
        let ty = crate::layout::basic_ir(t);
        if t.is_unsigned() && ty == Ir::I64 {
            return self.b.unary(Un::FToUSat, Ir::I64, x);
        }
        // Through the smallest register that holds all values, as gc does: it shows for values out of range.
        let through = if ty == Ir::I64 || t == Basic::Uint32 { Ir::I64 } else { Ir::I32 };
        let wide = self.b.unary(Un::FToSSat, through, x);
        if ty == through { wide } else { self.b.unary(Un::Trunc, ty, wide) }
    }

    fn float_to_float(&mut self, x: Value, to32: bool) -> Value {
        match (self.b.ty(x), to32) {
            (Ir::F64, true) => self.b.unary(Un::FDemote, Ir::F32, x),
            (Ir::F32, false) => self.b.unary(Un::FPromote, Ir::F64, x),
            _ => x,
        }
    }
}
