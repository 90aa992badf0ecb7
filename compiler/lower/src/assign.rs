//! Assignments.
//!
//! An assignment has two phases: the operands of both sides are evaluated, then the values are stored from left to right. What can
//! panic about a left side (bounds, a nil pointer, a nil map) does so in the second phase, when what stands left of it has
//! been assigned, as in gc. So a left side is first evaluated to a [`Target`], which remembers the checks.

use crate::func::FuncLower;
use crate::operand::{Place, Val};
use crate::ty::{Ty, TyKind, name_pkg};
use golift_ir::Value;
use golift_syntax::{BinaryOp, Expr, ExprKind, Stmt};
use golift_types::Mode;

/// The left side of an assignment, with its operands evaluated.
struct Target<'e> {
    start: Start<'e>,
    /// From there to a part of it.
    steps: Vec<Step<'e>>,
    /// None for the blank identifier.
    ty: Option<Ty>,
}

enum Start<'e> {
    Place(Place),
    /// An element of a slice, or (`nil`) of the array behind a pointer; neither pointer nor index is checked yet.
    Elem {
        base: Value,
        nil: bool,
        len: Value,
        i: Value,
        elem: Ty,
        index: &'e Expr,
    },
}

enum Step<'e> {
    Field(usize),
    /// Element `i`, which `index` stands for.
    Elem {
        array: Ty,
        i: Value,
        index: &'e Expr,
    },
}

/// The right side of `x op= y`.
enum Rhs<'e> {
    /// A count of a shift, not checked yet.
    Count(Value, &'e Expr),
    Val(Val),
}

impl FuncLower<'_, '_> {
    pub fn assign(&mut self, l: &[Expr], r: &[Expr]) {
        self.order_assign(l, r, false);
        if let ([l], [r]) = (l, r) {
            if self.is_blank(l) {
                self.eval_discard(r);
                return;
            }
            let p = self.lhs(l);
            let to = p.ty.expect("typed place");
            let v = self.expr_to(r, to);
            // x = f(x) with an overlapping source is copied as a whole: regions are identical or disjoint.
            let v = if overlaps(r) { self.stable(v, to) } else { v };
            self.at(l.pos);
            self.assign_lhs(p, v, to);
            return;
        }
        let places: Vec<Target<'_>> = l.iter().map(|e| self.lhs(e)).collect();
        if l.len() == r.len() {
            let mut vals = Vec::new();
            for (p, e) in places.iter().zip(r) {
                let to = p.ty.unwrap_or_else(|| self.single_ty(e));
                vals.push((self.expr_to_stable(e, to), to));
            }
            for (p, (v, t)) in places.into_iter().zip(vals) {
                self.assign_lhs(p, v, t);
            }
            return;
        }
        let vals = self.multi(&r[0], l.len());
        for (p, (v, from)) in places.into_iter().zip(vals) {
            self.assign_lhs(p, v, from);
        }
    }

    /// Evaluates the operands of a left side.
    fn lhs<'e>(&mut self, e: &'e Expr) -> Target<'e> {
        if self.is_blank(e) {
            return Target { start: Start::Place(Place::Blank), steps: Vec::new(), ty: None };
        }
        match &e.unparen().kind {
            ExprKind::Index(x, idx) => {
                let (xt, index) = (self.ty(x), &idx[0]);
                match self.cx.tys.under_kind(xt) {
                    TyKind::Slice(elem) => {
                        let v = self.expr(x);
                        let s = self.scalars(v, xt);
                        let i = self.index_value(index);
                        let start = Start::Elem { base: s[0], nil: false, len: s[1], i, elem: *elem, index };
                        return Target { start, steps: Vec::new(), ty: Some(*elem) };
                    }
                    TyKind::Ptr(array) => {
                        let TyKind::Array(elem, n) = self.cx.tys.under_kind(*array) else {
                            panic!("index of pointer to no array")
                        };
                        let base = self.expr1(x);
                        let i = self.index_value(index);
                        let len = self.const_int(*n as i64);
                        let start = Start::Elem { base, nil: true, len, i, elem: *elem, index };
                        return Target { start, steps: Vec::new(), ty: Some(*elem) };
                    }
                    TyKind::Array(elem, _) => {
                        let mut target = self.lhs(x);
                        let i = self.index_value(index);
                        target.steps.push(Step::Elem { array: xt, i, index });
                        target.ty = Some(*elem);
                        return target;
                    }
                    _ => {}
                }
            }
            ExprKind::Selector(x, _) => {
                if let Some(target) = self.lhs_field(e.unparen(), x) {
                    return target;
                }
            }
            _ => {}
        }
        let place = self.place(e);
        Target { ty: self.place_ty(&place), start: Start::Place(place), steps: Vec::new() }
    }

    /// A field of a struct that is not reached through a pointer.
    fn lhs_field<'e>(&mut self, e: &Expr, x: &'e Expr) -> Option<Target<'e>> {
        let s = self.info.selection(e.id)?;
        let mut t = self.ty(x);
        let path = self.cx.find_field(t, s.obj.name(), name_pkg(s.obj))?.path;
        for &i in &path {
            if self.cx.tys.as_ptr(t).is_some() {
                return None;
            }
            self.note_field(t, i as usize);
            t = self.cx.tys.fields(t)[i as usize].ty;
        }
        let mut target = self.lhs(x);
        target.steps.extend(path.iter().map(|&i| Step::Field(i as usize)));
        target.ty = Some(t);
        Some(target)
    }

    /// Does the checks of a left side, and stores the value.
    fn assign_lhs(&mut self, target: Target<'_>, v: Val, from: Ty) {
        let Some(to) = target.ty else { return };
        let mut place = match target.start {
            Start::Place(p) => p,
            Start::Elem { base, nil, len, i, elem, index } => {
                if nil {
                    self.nil_check(base);
                }
                self.bounds_check(i, len, index);
                let addr = self.elem_addr(base, i, elem);
                Place::Mem { addr, off: 0, ty: elem }
            }
        };
        for step in target.steps {
            place = match step {
                Step::Field(index) => self.place_field(place, index),
                Step::Elem { array, i, index } => self.element_place(place, array, i, index),
            };
        }
        let v = self.convert_implicit(v, from, to);
        self.write_place(&place, v);
    }

    fn is_blank(&self, e: &Expr) -> bool {
        e.unparen().as_ident().is_some_and(|i| i.name.as_str() == "_")
    }

    fn eval_discard(&mut self, e: &Expr) {
        if self.info.types(e.id).mode == Mode::Nil {
            return;
        }
        self.expr(e);
    }

    pub fn assign_op(&mut self, s: &Stmt, op: BinaryOp, l: &Expr, r: Option<&Expr>) {
        self.order_assign(std::slice::from_ref(l), r.map_or(&[], std::slice::from_ref), true);
        let p = self.place(l);
        let t = self.place_ty(&p).expect("typed place");
        let rhs = match r {
            Some(r) if op.is_shift() => Rhs::Count(self.shift_operand(r), r),
            Some(r) => Rhs::Val(self.expr_to_stable(r, t)),
            None => Rhs::Val(self.one_of(t)),
        };
        self.at(s.pos);
        let p = match p {
            // The element is looked up once, and made if need be, unless the operation may panic: then the map stays as it is.
            Place::MapElem { map_ty, map, key, ty } if !matches!(op, BinaryOp::Div | BinaryOp::Rem) => {
                Place::Mem { addr: self.map_assign(map_ty, map, &key), off: 0, ty }
            }
            p => p,
        };
        let old = self.read_place(&p);
        let new = match rhs {
            // gc, too, looks at the count when it has the variable: an element is made, a nil pointer found out before.
            Rhs::Count(n, count) => {
                self.check_shift(n, count);
                self.at(s.pos);
                let a = self.scalars(old, t)[0];
                Val::one(self.shift(op == BinaryOp::Shl, t, a, n))
            }
            Rhs::Val(v) => self.arith(op, t, old, v),
        };
        self.write_place(&p, new);
    }

    fn one_of(&mut self, t: Ty) -> Val {
        self.constant(&golift_types::ConstValue::Int(1), t)
    }
}

/// The value may be memory that the assignment overwrites in part.
fn overlaps(e: &Expr) -> bool {
    !matches!(e.unparen().kind, ExprKind::CompositeLit(_) | ExprKind::Call(_))
}
