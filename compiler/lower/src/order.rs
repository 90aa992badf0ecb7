//! Order of evaluation.
//!
//! The specification orders calls, receives, `&&` and `||` among each other. It leaves open when variables, elements and fields are
//! read between them, and when an index or a division panics. gc does that *last*: it carries out what is ordered, from left to right, keeps
//! the results aside, and evaluates the rest of the statement from what memory holds then. Programs rely on it (in `return x, f()`, f's changes
//! of x show), so this compiler does the same.
//!
//! [`FuncLower::order`] gets the operands of a statement before they are lowered. Where something *late* (a read of memory that a call may
//! change, an operation that may panic) stands before a call, everything that has a place in the order is evaluated and put into
//! `ready`, where [`FuncLower::expr`] finds it. Otherwise plain lowering from left to right gives the same result, and nothing is done: local
//! variables that no closure shares are not late.
//!
//! `&&`, `||` and map literals have an order of their own: their operands are ordered when they are lowered.

use crate::func::FuncLower;
use crate::operand::VarLoc;
use crate::ty::{Basic, Ty, TyKind};
use golift_syntax::{BinaryOp, CallExpr, CompositeLit, Expr, ExprKind, Ident, UnaryOp};
use golift_types::{BuiltinId, Mode, ObjKind, SelectionKind, VarKind};
use smallvec::SmallVec;

/// When an expression's own operation takes place, its operands apart.
#[derive(Clone, Copy, PartialEq, Eq)]
enum When {
    /// Whenever it is needed: it neither reads what may change nor panics.
    Any,
    /// After all that is ordered.
    Late,
    /// In order, without effects that late operations could see.
    Now,
    /// In order; other code may run.
    Effect,
    /// In order, with operands that are not ordered from outside.
    Sealed,
}

/// An operand, and whether its value is copied in order (values that gc puts into memory of their own).
type Parts<'e> = SmallVec<[(&'e Expr, bool); 4]>;

#[derive(Default)]
struct Scan {
    /// Something late waits for the end of the statement.
    late: bool,
    /// An effect comes after something late.
    needed: bool,
    effects: u32,
}

impl FuncLower<'_, '_> {
    /// Orders what the operands of a statement do.
    pub fn order(&mut self, operands: &[&Expr]) {
        if let [e] = operands
            && self.parts(e).0 == When::Sealed
        {
            return;
        }
        let mut scan = Scan::default();
        for e in operands {
            self.scan(e, &mut scan);
        }
        self.make_ready(operands, operands.len() == 1, &scan);
    }

    /// Orders an assignment; `reads` if the left sides are read, too (`+=`).
    pub fn order_assign(&mut self, l: &[Expr], r: &[Expr], reads: bool) {
        let (mut operands, mut scan) = (Vec::new(), Scan::default());
        for e in l {
            self.scan_place(e, &mut operands, &mut scan);
            scan.late |= reads && self.is_late(e);
        }
        let only = operands.is_empty() && !scan.late && r.len() == 1;
        for e in r {
            self.scan(e, &mut scan);
            operands.push(e);
        }
        self.make_ready(&operands, only, &scan);
    }

    fn is_late(&self, e: &Expr) -> bool {
        let mut scan = Scan::default();
        self.scan(e, &mut scan);
        scan.late
    }

    /// What is evaluated of an expression that is assigned to.
    fn scan_place<'e>(&self, e: &'e Expr, operands: &mut Vec<&'e Expr>, scan: &mut Scan) {
        match &e.unparen().kind {
            ExprKind::Index(x, i) => {
                let array = matches!(self.cx.tys.under_kind(self.ty(x)), TyKind::Array(..));
                if array {
                    self.scan_place(x, operands, scan);
                } else {
                    self.scan(x, scan);
                    operands.push(x);
                }
                self.scan(&i[0], scan);
                operands.push(&i[0]);
                // The index may be out of range.
                scan.late |= self.info.types(i[0].id).mode != Mode::Constant || !array;
            }
            ExprKind::Selector(x, _) if self.info.selection(e.unparen().id).is_some() => {
                if self.cx.tys.as_ptr(self.ty(x)).is_some() {
                    self.scan(x, scan);
                    operands.push(x);
                } else {
                    self.scan_place(x, operands, scan);
                }
            }
            ExprKind::Unary(UnaryOp::Star, x) => {
                self.scan(x, scan);
                operands.push(x);
            }
            _ => {}
        }
    }

    /// A statement's only operand needs no place aside itself, if nothing waits for it.
    fn make_ready(&mut self, operands: &[&Expr], only: bool, scan: &Scan) {
        if !scan.needed {
            return;
        }
        let mut left = scan.effects;
        for e in operands {
            self.hoist(e, only, &mut left);
        }
    }

    fn scan(&self, e: &Expr, scan: &mut Scan) {
        let (when, parts) = self.parts(e);
        let before = scan.late;
        for (part, copied) in parts {
            let before = scan.late;
            self.scan(part, scan);
            if copied {
                scan.late = before;
            }
        }
        let effect = when == When::Effect || when == When::Sealed && self.has_effects(e);
        if effect {
            scan.effects += 1;
            scan.needed |= before;
        }
        match when {
            When::Any => {}
            When::Late => scan.late = true,
            // What it is made of has been read.
            When::Now | When::Effect | When::Sealed => scan.late = before,
        }
    }

    /// An expression with an order of its own does something that others can see.
    fn has_effects(&self, e: &Expr) -> bool {
        let mut scan = Scan::default();
        match &e.unparen().kind {
            ExprKind::Binary(_, x, y) => {
                self.scan(x, &mut scan);
                self.scan(y, &mut scan);
            }
            ExprKind::CompositeLit(c) => {
                for el in &c.elems {
                    if let ExprKind::KeyValue(k, v) = &el.kind {
                        self.scan(k, &mut scan);
                        self.scan(v, &mut scan);
                    }
                }
            }
            _ => {}
        }
        scan.effects > 0
    }

    /// Evaluates what is ordered in `e`, as long as effects are `left`.
    fn hoist(&mut self, e: &Expr, only: bool, left: &mut u32) {
        if *left == 0 {
            return;
        }
        let (when, parts) = self.parts(e);
        for (part, copied) in parts {
            self.hoist(part, false, left);
            if copied && *left > 0 {
                self.put_aside(part);
            }
        }
        let effect = match when {
            When::Any | When::Late => return,
            When::Now => false,
            When::Effect => true,
            When::Sealed => self.has_effects(e),
        };
        if *left == 0 || only {
            return;
        }
        *left -= effect as u32;
        self.put_aside(e);
    }

    fn put_aside(&mut self, e: &Expr) {
        let tv = self.info.types(e.id);
        // Several values, or a value and whether it is there: the assignment takes them apart itself.
        let many = matches!(self.cx.tys.kind(self.ty(e)), TyKind::Tuple(_));
        if many || matches!(tv.mode, Mode::NoValue | Mode::Constant | Mode::Nil) || self.ready.contains_key(&e.id) {
            return;
        }
        let t = self.single_ty(e);
        let v = self.expr(e);
        let v = self.stable(v, t);
        self.ready.insert(e.id, v);
    }

    fn parts<'e>(&self, e: &'e Expr) -> (When, Parts<'e>) {
        let mut parts = Parts::new();
        let tv = self.info.types(e.id);
        if matches!(tv.mode, Mode::Constant | Mode::Nil) || tv.is_type() || self.ready.contains_key(&e.id) {
            return (When::Any, parts);
        }
        let when = match &e.kind {
            ExprKind::Paren(x) => {
                parts.push((x, false));
                When::Any
            }
            ExprKind::Ident(i) => self.when_read(i),
            ExprKind::CompositeLit(c) => {
                if tv.ty.is_some() && self.is_map_literal(self.ty(e)) {
                    When::Sealed
                } else {
                    parts.extend(element_values(c));
                    When::Any
                }
            }
            ExprKind::Selector(x, sel) => match self.info.selection(e.id) {
                None => self.when_read(sel),
                Some(s) if s.kind == SelectionKind::MethodExpr => When::Any,
                Some(s) => {
                    parts.push((x, false));
                    if s.kind == SelectionKind::MethodVal || s.indirect { When::Late } else { When::Any }
                }
            },
            ExprKind::Index(x, i) => {
                if self.info.types(i[0].id).is_type() {
                    return (When::Any, parts);
                }
                parts.extend([(&**x, false), (&i[0], false)]);
                When::Late
            }
            ExprKind::Slice(s) => {
                parts.push((&s.x, false));
                parts.extend(s.index.iter().flatten().map(|i| (i, false)));
                When::Now
            }
            ExprKind::TypeAssert(x, _) => {
                parts.push((x, false));
                let t = self.single_ty(e);
                if self.cx.is_direct_iface(t) { When::Late } else { When::Now }
            }
            ExprKind::Unary(UnaryOp::Addr, x) => match &x.unparen().kind {
                ExprKind::CompositeLit(_) => self.literal_parts(x, &mut parts),
                ExprKind::Ident(_) => When::Any,
                _ => {
                    parts.extend(self.parts(x.unparen()).1);
                    When::Late
                }
            },
            ExprKind::Unary(op, x) => {
                parts.push((x, false));
                match op {
                    UnaryOp::Recv => When::Effect,
                    UnaryOp::Star => When::Late,
                    _ => When::Any,
                }
            }
            ExprKind::Binary(BinaryOp::AndAnd | BinaryOp::OrOr, ..) => When::Sealed,
            ExprKind::Binary(op, x, y) => {
                let t = self.single_ty(x);
                let kind = self.cx.tys.under_kind(t);
                let copied = op.is_comparison() && matches!(kind, TyKind::Struct(_) | TyKind::Array(..));
                parts.extend([(&**x, copied), (&**y, copied)]);
                let integer = self.cx.tys.as_basic(t).is_some_and(|b| b.is_integer());
                let known = self.info.types(y.id).mode == Mode::Constant;
                let panics = match op {
                    BinaryOp::Div | BinaryOp::Rem => integer && !known,
                    _ if op.is_shift() => !known,
                    _ => op.is_comparison() && self.cx.tys.is_interface(t),
                };
                if panics { When::Late } else { When::Any }
            }
            ExprKind::Call(c) => return self.call_parts(e, c),
            _ => When::Any,
        };
        (when, parts)
    }

    /// A literal of the type makes a map; of a pointer type (`{…}` for `&T{…}`), what it points to.
    fn is_map_literal(&self, t: Ty) -> bool {
        match self.cx.tys.under_kind(t) {
            TyKind::Ptr(elem) => matches!(self.cx.tys.under_kind(*elem), TyKind::Map(..)),
            kind => matches!(kind, TyKind::Map(..)),
        }
    }

    /// The values of a literal whose address is taken.
    fn literal_parts<'e>(&self, lit: &'e Expr, parts: &mut Parts<'e>) -> When {
        if let ExprKind::CompositeLit(c) = &lit.unparen().kind
            && !matches!(self.cx.tys.under_kind(self.ty(lit)), TyKind::Map(..))
        {
            parts.extend(element_values(c));
        }
        When::Any
    }

    fn call_parts<'e>(&self, e: &'e Expr, c: &'e CallExpr) -> (When, Parts<'e>) {
        let mut parts = Parts::new();
        if self.info.types(c.fun.id).is_type() {
            let (from, to) = (self.single_ty(&c.args[0]), self.ty(e));
            let copied = self.cx.tys.is_interface(to) && self.copied_into_interface(from);
            parts.push((&c.args[0], copied));
            let when = match (self.cx.tys.under_kind(from), self.cx.tys.under_kind(to)) {
                (TyKind::Basic(Basic::String), TyKind::Slice(_)) => When::Now,
                (TyKind::Slice(_), TyKind::Array(..) | TyKind::Ptr(_)) => When::Late,
                _ => When::Any,
            };
            return (when, parts);
        }
        if let Some(id) = self.builtin_id(c) {
            parts.extend(c.args.iter().map(|a| (a, false)));
            let when = match id {
                BuiltinId::Cap
                | BuiltinId::Complex
                | BuiltinId::Imag
                | BuiltinId::Len
                | BuiltinId::Make
                | BuiltinId::Max
                | BuiltinId::Min
                | BuiltinId::New
                | BuiltinId::Real => When::Now,
                BuiltinId::Add | BuiltinId::SliceData | BuiltinId::StringData => When::Any,
                BuiltinId::Slice | BuiltinId::String => When::Late,
                _ => When::Effect,
            };
            return (when, parts);
        }
        parts.push((&c.fun, false));
        let params = self.cx.tys.func(self.ty(&c.fun)).clone();
        for (i, a) in c.args.iter().enumerate() {
            let param = match params.params.get(i) {
                Some(&p) if !params.variadic || i + 1 < params.params.len() => Some(p),
                _ if c.has_dots => None,
                _ => params.params.last().filter(|_| params.variadic).map(|&last| self.cx.tys.elem(last)),
            };
            let boxed = param.is_some_and(|p| self.cx.tys.is_interface(p)) && self.info.types(a.id).mode != Mode::Nil;
            parts.push((a, boxed && self.copied_into_interface(self.single_ty(a))));
        }
        (When::Effect, parts)
    }

    /// Values that gc copies in order before it makes an interface of them, as the conversion needs their address.
    fn copied_into_interface(&self, t: Ty) -> bool {
        let l = self.layout(t);
        let small = l.ptrdata == 0 && matches!(l.size, 2 | 4 | 8) && l.size == l.align as u64;
        match self.cx.tys.under_kind(t) {
            TyKind::Struct(_) | TyKind::Array(..) => l.size > 0 && !small && !self.cx.is_direct_iface(t),
            TyKind::Basic(b) => *b == Basic::Complex128,
            _ => false,
        }
    }

    /// Reading a variable is late if it is in memory that others can reach.
    fn when_read(&self, i: &Ident) -> When {
        let Some(obj) = self.info.def_or_use(i) else { return When::Any };
        match obj.kind() {
            ObjKind::Var(VarKind::Package) => When::Late,
            ObjKind::Var(_) if matches!(self.locals.get(&obj), Some(VarLoc::Mem(_))) => When::Late,
            _ => When::Any,
        }
    }
}

/// The values of a literal's elements. (Keys are constants or names of fields, but for maps.)
fn element_values(c: &CompositeLit) -> impl Iterator<Item = (&Expr, bool)> {
    c.elems.iter().map(|el| match &el.kind {
        ExprKind::KeyValue(_, v) => (&**v, false),
        _ => (el, false),
    })
}
