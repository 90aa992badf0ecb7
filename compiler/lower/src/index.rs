//! Index and slice expressions: elements as values and as places, and the checks of their bounds.

use crate::func::FuncLower;
use crate::operand::{Place, Val};
use crate::ty::{Basic, Ty, TyKind};
use crate::value::NIL_PAGE;
use golift_ir as ir;
use golift_ir::{IntCC, RuntimeFn, Type as Ir, Value};
use golift_syntax::{Expr, ExprKind, SliceExpr};
use golift_types::Mode;

/// Which bound of a slice expression is checked.
#[derive(Clone, Copy)]
enum Bound {
    /// `s[:x]` against the capacity.
    High,
    /// `s[:x]` against the length of a string or array.
    HighOfArray,
    /// `s[x:y]`, x against y.
    Low,
    /// `s[::x]` against the capacity.
    Max3,
    /// `s[::x]` against the length of an array.
    Max3OfArray,
    /// `s[:x:y]`, x against y.
    High3,
    /// `s[x:y:]`, x against y.
    Low3,
}

impl Bound {
    /// The function that panics for it.
    fn panic(self, unsigned: bool) -> RuntimeFn {
        use RuntimeFn::*;
        let [signed, other] = match self {
            Bound::High => [PanicSliceAcap, PanicSliceAcapU],
            Bound::HighOfArray => [PanicSliceAlen, PanicSliceAlenU],
            Bound::Low => [PanicSliceB, PanicSliceBU],
            Bound::Max3 => [PanicSlice3Acap, PanicSlice3AcapU],
            Bound::Max3OfArray => [PanicSlice3Alen, PanicSlice3AlenU],
            Bound::High3 => [PanicSlice3B, PanicSlice3BU],
            Bound::Low3 => [PanicSlice3C, PanicSlice3CU],
        };
        if unsigned { other } else { signed }
    }
}

impl FuncLower<'_, '_> {
    pub fn index(&mut self, e: &Expr, x: &Expr, idx: &[Expr]) -> Val {
        // Instantiation of a generic function.
        if matches!(self.info.types(x.id).mode, Mode::Value | Mode::Invalid | Mode::TypeExpr) || idx.len() > 1 {
            let name = match &x.unparen().kind {
                ExprKind::Ident(i) => Some(i),
                ExprKind::Selector(_, i) => Some(i),
                _ => None,
            };
            if let Some(i) = name
                && let Some(obj) = self.info.use_(i)
                && obj.is_func()
                && (self.info.instance(i).is_some() || self.info.types(idx[0].id).is_type())
            {
                if self.info.selection(x.unparen().id).is_some() {
                    let ExprKind::Selector(r, s) = &x.unparen().kind else { unreachable!() };
                    return self.selector(x.unparen(), r, s);
                }
                return self.obj_value(obj, i);
            }
        }
        let xt = self.ty(x);
        match self.cx.tys.under_kind(xt) {
            TyKind::Map(..) => {
                let m = self.expr1(x);
                let kt = self.map_key_ty(xt);
                let k = self.expr_to_stable(&idx[0], kt);
                self.at(e.pos);
                self.map_read(xt, m, &k, false).0
            }
            TyKind::Basic(_) => {
                let v = self.expr(x);
                let s = self.scalars(v, xt);
                let i = self.index_value(&idx[0]);
                self.at(e.pos);
                self.bounds_check(i, s[1], &idx[0]);
                let p = self.b.ptr_add(s[0], i);
                Val::one(self.b.load(Ir::I8, p, 0, ir::MemFlags { notrap: true, ..Default::default() }))
            }
            TyKind::Array(elem, n) if !(self.info.types(x.id).addressable() && self.is_place(x)) => {
                let v = self.expr(x);
                let v = self.stable(v, xt);
                let i = self.index_value(&idx[0]);
                self.at(e.pos);
                let len = self.const_int(*n as i64);
                self.bounds_check(i, len, &idx[0]);
                match v {
                    // At most one element with scalars.
                    Val::Scalars(s) => Val::Scalars(s),
                    Val::Mem { addr, fresh } => {
                        let p = self.elem_addr(addr, i, *elem);
                        match self.load(p, 0, *elem) {
                            Val::Mem { addr, .. } => Val::Mem { addr, fresh },
                            v => v,
                        }
                    }
                }
            }
            _ => {
                let p = self.index_place(e, x, &idx[0]);
                self.read_place(&p)
            }
        }
    }

    /// An index as a word; negative and huge values become huge unsigned ones.
    pub fn index_value(&mut self, e: &Expr) -> Value {
        let t = self.single_ty(e);
        let v = self.expr1(e);
        self.widen(v, t)
    }

    /// Sign- or zero-extends an integer to 64 bits.
    pub fn widen(&mut self, v: Value, t: Ty) -> Value {
        if self.b.ty(v) == Ir::I64 {
            return v;
        }
        let unsigned = self.cx.tys.as_basic(t).is_some_and(|b| b.is_unsigned());
        self.b.unary(if unsigned { ir::UnaryOp::Zext } else { ir::UnaryOp::Sext }, Ir::I64, v)
    }

    pub fn bounds_check(&mut self, i: Value, len: Value, index: &Expr) {
        if let (Some(i), Some(n)) = (self.b.as_iconst(i), self.b.as_iconst(len))
            && (i as u64) < n as u64
        {
            return;
        }
        if self.cx.unchecked.contains(&self.pkg) {
            return;
        }
        let bad = self.b.icmp(IntCC::Uge, i, len);
        let unsigned = self.is_unsigned_word(index);
        self.guard(bad, |f| {
            f.rt_panic(if unsigned { RuntimeFn::PanicIndexU } else { RuntimeFn::PanicIndex }, &[i, len])
        });
    }

    /// The expression has an unsigned type of 64 bits: its value is shown as unsigned.
    fn is_unsigned_word(&self, e: &Expr) -> bool {
        let t = self.single_ty(e);
        self.cx.tys.as_basic(t).is_some_and(|b| b.is_unsigned()) && self.layout(t).size == 8
    }

    pub fn elem_addr(&mut self, base: Value, i: Value, elem: Ty) -> Value {
        let size = self.layout(elem).size as i64;
        match size {
            0 => base,
            1 => self.b.ptr_add(base, i),
            _ => {
                let off = match self.b.as_iconst(i) {
                    Some(c) => self.const_int(c.wrapping_mul(size)),
                    None => self.b.binary_imm(ir::BinaryOp::Mul, i, size),
                };
                self.b.ptr_add(base, off)
            }
        }
    }

    /// Element `i`, which `index` stands for, of an array.
    pub fn element_place(&mut self, array: Place, t: Ty, i: Value, index: &Expr) -> Place {
        let TyKind::Array(elem, n) = self.cx.tys.under_kind(t) else { panic!("element of no array") };
        let len = self.const_int(*n as i64);
        if let Place::Mem { addr, off, .. } = array {
            // Elements may lie beyond the page that faults for nil; and a nil pointer is found before a bad index.
            let in_bounds = self.b.as_iconst(i).is_some_and(|i| (0..*n as i64).contains(&i));
            if !in_bounds || self.layout(t).size + off as u64 >= NIL_PAGE {
                self.nil_check(addr);
            }
        }
        self.bounds_check(i, len, index);
        match array {
            Place::Ssa { vars, .. } => Place::Ssa { vars, ty: *elem },
            Place::Mem { addr, off, .. } => {
                let base = self.b.ptr_add_imm(addr, off as i64);
                let addr = self.elem_addr(base, i, *elem);
                Place::Mem { addr, off: 0, ty: *elem }
            }
            p => panic!("index of {p:?}"),
        }
    }

    pub fn index_place(&mut self, e: &Expr, x: &Expr, index: &Expr) -> Place {
        let xt = self.ty(x);
        match self.cx.tys.under_kind(xt) {
            TyKind::Map(..) => {
                let map = self.expr1(x);
                let kt = self.map_key_ty(xt);
                let key = self.expr_to_stable(index, kt);
                let ty = self.cx.tys.elem(xt);
                Place::MapElem { map_ty: xt, map, key, ty }
            }
            TyKind::Slice(elem) => {
                let v = self.expr(x);
                let s = self.scalars(v, xt);
                let i = self.index_value(index);
                self.at(e.pos);
                self.bounds_check(i, s[1], index);
                let addr = self.elem_addr(s[0], i, *elem);
                Place::Mem { addr, off: 0, ty: *elem }
            }
            TyKind::Ptr(arr) => {
                let TyKind::Array(elem, n) = self.cx.tys.under_kind(*arr) else { panic!("index of pointer") };
                let p = self.expr1(x);
                let i = self.index_value(index);
                self.at(e.pos);
                let len = self.const_int(*n as i64);
                self.nil_check(p);
                self.bounds_check(i, len, index);
                let addr = self.elem_addr(p, i, *elem);
                Place::Mem { addr, off: 0, ty: *elem }
            }
            TyKind::Array(..) => {
                let base = self.place(x);
                let i = self.index_value(index);
                self.at(e.pos);
                self.element_place(base, xt, i, index)
            }
            k => panic!("index of {k:?}"),
        }
    }

    // ---- slices of things ----

    pub fn slice_expr(&mut self, e: &Expr, s: &SliceExpr) -> Val {
        let xt = self.ty(&s.x);
        // (base, len, cap, element type); strings have no capacity.
        let (base, len, cap, elem, is_string) = match self.cx.tys.under_kind(xt) {
            TyKind::Basic(_) => {
                let v = self.expr(&s.x);
                let v = self.scalars(v, xt);
                (v[0], v[1], v[1], self.cx.basic(Basic::Uint8), true)
            }
            TyKind::Slice(elem) => {
                let v = self.expr(&s.x);
                let v = self.scalars(v, xt);
                (v[0], v[1], v[2], *elem, false)
            }
            TyKind::Ptr(arr) => {
                let p = self.expr1(&s.x);
                let TyKind::Array(elem, n) = self.cx.tys.under_kind(*arr) else { panic!("slice of pointer") };
                self.at(e.pos);
                self.nil_check(p);
                let n = self.const_int(*n as i64);
                (p, n, n, *elem, false)
            }
            TyKind::Array(elem, n) => {
                let p = self.addr_of(&s.x);
                let n = self.const_int(*n as i64);
                (p, n, n, *elem, false)
            }
            k => panic!("slice of {k:?}"),
        };
        let lo = s.index[0].as_ref().map(|i| self.index_value(i));
        let hi = s.index[1].as_ref().map(|i| self.index_value(i));
        let max = s.index[2].as_ref().map(|i| self.index_value(i));
        self.at(e.pos);
        let zero = self.const_int(0);
        let lo_v = lo.unwrap_or(zero);
        // Check from the right: max ≤ cap, hi ≤ max, lo ≤ hi.
        let fixed = is_string || matches!(self.cx.tys.under_kind(xt), TyKind::Array(..) | TyKind::Ptr(_));
        let hi_v = hi.unwrap_or(len);
        let new_cap_end = match max {
            Some(m) => {
                self.check_le(m, cap, if fixed { Bound::Max3OfArray } else { Bound::Max3 }, s.index[2].as_ref());
                self.check_le(hi_v, m, Bound::High3, s.index[1].as_ref());
                self.check_le(lo_v, hi_v, Bound::Low3, s.index[0].as_ref());
                m
            }
            None => {
                if hi.is_some() {
                    self.check_le(hi_v, cap, if fixed { Bound::HighOfArray } else { Bound::High }, s.index[1].as_ref());
                }
                if lo.is_some() {
                    self.check_le(lo_v, hi_v, Bound::Low, s.index[0].as_ref());
                }
                cap
            }
        };
        let new_len = match lo {
            Some(lo) => self.b.binary(ir::BinaryOp::Sub, hi_v, lo),
            None => hi_v,
        };
        if is_string {
            let p = match lo {
                Some(lo) => {
                    let off = self.masked_offset(lo, new_len);
                    self.b.ptr_add(base, off)
                }
                None => base,
            };
            return Val::from_slice(&[p, new_len]);
        }
        let new_cap = match lo {
            Some(lo) => self.b.binary(ir::BinaryOp::Sub, new_cap_end, lo),
            None => new_cap_end,
        };
        let p = match lo {
            Some(lo) if self.b.as_iconst(lo) != Some(0) => {
                let size = self.layout(elem).size as i64;
                let off = if size == 1 { lo } else { self.b.binary_imm(ir::BinaryOp::Mul, lo, size) };
                // A slice of capacity 0 must not point past its array.
                let off = self.masked_offset(off, new_cap);
                self.b.ptr_add(base, off)
            }
            _ => base,
        };
        Val::from_slice(&[p, new_len, new_cap])
    }

    /// `off` if `n` is not zero, else 0, without a branch.
    fn masked_offset(&mut self, off: Value, n: Value) -> Value {
        let neg = self.b.unary(ir::UnaryOp::Neg, Ir::I64, n);
        let mask = self.b.binary_imm(ir::BinaryOp::AShr, neg, 63);
        self.b.binary(ir::BinaryOp::And, off, mask)
    }

    fn check_le(&mut self, a: Value, b: Value, bound: Bound, index: Option<&Expr>) {
        let unsigned = index.is_some_and(|e| self.is_unsigned_word(e));
        if let (Some(x), Some(y)) = (self.b.as_iconst(a), self.b.as_iconst(b))
            && x as u64 <= y as u64
        {
            return;
        }
        if self.cx.unchecked.contains(&self.pkg) {
            return;
        }
        let bad = self.b.icmp(IntCC::Ugt, a, b);
        self.guard(bad, |f| f.rt_panic(bound.panic(unsigned), &[a, b]));
    }
}
