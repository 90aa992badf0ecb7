//! Expressions.
//!
//! An expression is checked into an [`Operand`]. Constants and some other operands are untyped until the
//! context gives them a type; then `update_expr_type` goes down the tree again. The table
//! of the file always holds what is known so far.

use golift_syntax::{BinaryOp, Expr, ExprKind, Pos, UnaryOp, expr_string, start_pos};

use crate::check::Checker;
use crate::constant::{ConstKind, ConstValue};
use crate::constant_ops;
use crate::lookup::{assertable_to, incomparable_cause};
use crate::operand::{Operand, composite_kind};
use crate::package::Mode;
use crate::predicates::{comparable, comparable_type, identical};
use crate::record::tuple_types;
use crate::types::{BasicKind, Type, TypeKind};
use crate::typeset::{NoCommon, common_under, under_is};

/// What an expression may be used for as a statement.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    Conversion,
    Expression,
    Statement,
}

/// The type that a generic function value is assigned to.
pub(crate) struct Target {
    pub sig: Type,
    pub desc: String,
}

fn op_pos(e: &Expr) -> Pos {
    match e.kind {
        ExprKind::Binary(..) | ExprKind::Unary(..) => e.pos,
        _ => start_pos(e),
    }
}

impl Checker {
    pub fn new_target(&self, t: Option<Type>, desc: impl FnOnce() -> String) -> Option<Target> {
        let t = t?;
        // Only functions matter.
        match t.under().kind() {
            TypeKind::Signature(_) | TypeKind::Interface(_) => {}
            _ => return None,
        }
        let u = common_under(t, None).ok()?;
        u.as_signature()?;
        Some(Target { sig: u, desc: desc() })
    }

    /// The reason why a type set has no common underlying type, in words.
    pub fn no_common_text(&self, why: NoCommon) -> String {
        match why {
            NoCommon::NoSpecificType => "no specific type".into(),
            NoCommon::ElementTypes(a, b) => {
                format!("channels {} and {} have different element types", self.ts(a), self.ts(b))
            }
            NoCommon::Directions(a, b) => {
                format!("channels {} and {} have conflicting directions", self.ts(a), self.ts(b))
            }
            NoCommon::Underlying(a, b) => {
                format!("{} and {} have different underlying types", self.ts(a), self.ts(b))
            }
            NoCommon::Other(msg) => msg,
        }
    }

    /// Checks an expression that must be a single value.
    pub fn expr(&self, target: Option<&Target>, x: &mut Operand, e: &'static Expr) {
        self.raw_expr(target, x, e, None, false);
        self.exclude(x, true, true);
        self.single_value(x);
    }

    /// As `expr`; generic functions and (with a hint) literals without a type are fine.
    pub fn generic_expr(&self, x: &mut Operand, e: &'static Expr, hint: Option<Type>) {
        self.raw_expr(None, x, e, hint, true);
        self.exclude(x, true, true);
        self.single_value(x);
    }

    /// Checks an expression that may have any number of values. The flag tells that it is a comma-ok expression.
    pub fn multi_expr(&self, e: &'static Expr, allow_comma_ok: bool) -> (Vec<Operand>, bool) {
        let mut x = Operand::new();
        self.raw_expr(None, &mut x, e, None, false);
        self.exclude(&mut x, true, true);
        if x.is_valid()
            && let Some(types) = tuple_types(x.ty)
        {
            let list = types
                .iter()
                .enumerate()
                .map(|(i, &t)| Operand::dummy(t, start_pos(e), nth(i + 1, "function result")))
                .collect();
            return (list, false);
        }
        if allow_comma_ok && matches!(x.mode, Mode::MapIndex | Mode::CommaOk) {
            let what = "ok value of (comma, ok) expression".to_string();
            let ok = Operand::dummy(Type::basic(BasicKind::UntypedBool), start_pos(e), what);
            return (vec![x, ok], true);
        }
        (vec![x], false)
    }

    pub fn expr_or_type(&self, x: &mut Operand, e: &'static Expr, allow_generic: bool) {
        self.raw_expr(None, x, e, None, allow_generic);
        if x.mode == Mode::NoValue {
            self.exclude(x, false, false);
        }
        self.single_value(x);
    }

    /// Complains about an operand without a value and, if asked to, about built-ins and types.
    pub fn exclude(&self, x: &mut Operand, builtin: bool, types: bool) {
        let (msg, code) = match x.mode {
            Mode::NoValue if types => ("used as value", "TooManyValues"),
            Mode::NoValue => ("used as value or type", "TooManyValues"),
            Mode::Builtin if builtin => ("must be called", "UncalledBuiltin"),
            Mode::TypeExpr if types => ("is not an expression", "NotAnExpr"),
            _ => return,
        };
        self.error(x.pos(), code, format!("{} {msg}", self.os(x)));
        x.invalidate();
    }

    pub fn single_value(&self, x: &mut Operand) {
        if x.mode == Mode::Value && tuple_types(x.ty).is_some() {
            let msg = format!("multiple-value {} in single-value context", self.os(x));
            self.error(x.pos(), "TooManyValues", msg);
            x.invalidate();
        }
    }

    pub fn raw_expr(
        &self,
        target: Option<&Target>,
        x: &mut Operand,
        e: &'static Expr,
        hint: Option<Type>,
        allow_generic: bool,
    ) -> Kind {
        let kind = self.expr_internal(target, x, e, hint);
        if !allow_generic {
            self.non_generic(target, x);
        }
        self.record(x);
        kind
    }

    pub fn non_generic(&self, target: Option<&Target>, x: &mut Operand) {
        if !x.is_valid() || x.mode == Mode::NoValue {
            return;
        }
        let what = match x.ty.kind() {
            TypeKind::Alias(_) | TypeKind::Named(_) if x.ty.is_generic() => "type",
            TypeKind::Signature(s) if !s.tparams.is_empty() => {
                if let Some(target) = target {
                    self.func_inst(Some(target), x.expr_pos(), x, None, true);
                    return;
                }
                "function"
            }
            _ => return,
        };
        let msg = format!("cannot use generic {what} {} without instantiation", x.expr_text());
        self.error(x.pos(), "WrongTypeArgCount", msg);
        x.invalidate();
        x.ty = Type::invalid();
    }

    fn expr_internal(&self, target: Option<&Target>, x: &mut Operand, e: &'static Expr, hint: Option<Type>) -> Kind {
        x.invalidate();
        x.ty = Type::invalid();
        x.val = None;
        let kind = self.expr_kind(target, x, e, hint);
        x.set_expr(e);
        match kind {
            Some(kind) => kind,
            None => {
                x.invalidate();
                // Avoids complaints about an unused expression.
                Kind::Statement
            }
        }
    }

    /// `None` after an error.
    fn expr_kind(
        &self,
        target: Option<&Target>,
        x: &mut Operand,
        e: &'static Expr,
        hint: Option<Type>,
    ) -> Option<Kind> {
        let invalid_tree = |msg: &str| {
            self.error(start_pos(e), "InvalidSyntaxTree", format!("invalid syntax tree: {msg}"));
        };
        match &e.kind {
            ExprKind::Bad => return None,
            ExprKind::Ident(ident) => self.ident(x, e, ident, false),
            ExprKind::DotsType(_) => {
                invalid_tree("invalid use of ...");
                return None;
            }
            ExprKind::BasicLit(lit) => {
                if lit.bad {
                    return None;
                }
                self.basic_lit(x, e, lit);
                if !x.is_valid() {
                    return None;
                }
            }
            ExprKind::FuncLit(lit) => self.func_lit(x, lit),
            ExprKind::CompositeLit(lit) => {
                self.composite_lit(x, e, lit, hint);
                if !x.is_valid() {
                    return None;
                }
            }
            ExprKind::Paren(inner) => return Some(self.raw_expr(None, x, inner, None, false)),
            ExprKind::Selector(base, sel) => self.selector(x, e, base, sel, false),
            ExprKind::Index(base, args) => {
                if self.index_expr(x, e, base, args) {
                    self.func_inst(target, e.pos, x, Some((e, args)), true);
                }
                if !x.is_valid() {
                    return None;
                }
            }
            ExprKind::Slice(s) => {
                self.slice_expr(x, s);
                if !x.is_valid() {
                    return None;
                }
            }
            ExprKind::TypeAssert(base, ty) => {
                self.expr(None, x, base);
                if !x.is_valid() {
                    return None;
                }
                if x.ty.is_type_param() {
                    let msg =
                        format!("invalid operation: cannot use type assertion on type parameter value {}", self.os(x));
                    self.error(x.pos(), "InvalidAssert", msg);
                    return None;
                }
                if !x.ty.is_interface() {
                    let msg = format!("invalid operation: {} is not an interface", self.os(x));
                    self.error(x.pos(), "InvalidAssert", msg);
                    return None;
                }
                let t = self.var_type(ty);
                if t.is_invalid() || !self.is_complete(t) {
                    return None;
                }
                self.type_assertion(e, x, t, false);
                x.mode = Mode::CommaOk;
                x.ty = t;
            }
            ExprKind::TypeSwitchGuard(_, inner) => {
                invalid_tree("use of .(type) outside type switch");
                self.use_exprs(std::slice::from_ref(inner));
                return None;
            }
            ExprKind::Call(call) => return Some(self.call_expr(x, e, call)),
            ExprKind::Unary(UnaryOp::Star, inner) => {
                self.expr_or_type(x, inner, false);
                match x.mode {
                    Mode::Invalid => return None,
                    Mode::TypeExpr => {
                        self.valid_var_type(inner, x.ty);
                        x.ty = Type::new_pointer(x.ty);
                    }
                    _ => {
                        let mut base: Option<Type> = None;
                        let ok = under_is(x.ty, |u| {
                            let Some(TypeKind::Pointer(b)) = u.map(Type::kind) else {
                                let msg = format!("invalid operation: cannot indirect {}", self.os(x));
                                self.error(x.pos(), "InvalidIndirection", msg);
                                return false;
                            };
                            if base.is_some_and(|base| !identical(*b, base)) {
                                let msg = format!(
                                    "invalid operation: pointers of {} must have identical base types",
                                    self.os(x)
                                );
                                self.error(x.pos(), "InvalidIndirection", msg);
                                return false;
                            }
                            base = Some(*b);
                            true
                        });
                        let base = base.filter(|&b| ok && self.is_complete(b))?;
                        x.mode = Mode::Variable;
                        x.ty = base;
                    }
                }
            }
            ExprKind::Unary(op, inner) => {
                self.unary(x, e, *op, inner);
                if !x.is_valid() {
                    return None;
                }
                if *op == UnaryOp::Recv {
                    return Some(Kind::Statement);
                }
            }
            ExprKind::Binary(op, l, r) => {
                self.binary(x, Some(e), l, r, *op);
                if !x.is_valid() {
                    return None;
                }
            }
            ExprKind::KeyValue(..) => {
                invalid_tree("no key:value expected");
                return None;
            }
            ExprKind::ArrayType(..)
            | ExprKind::SliceType(_)
            | ExprKind::StructType(_)
            | ExprKind::FuncType(_)
            | ExprKind::InterfaceType(_)
            | ExprKind::MapType(..)
            | ExprKind::ChanType(..) => {
                x.mode = Mode::TypeExpr;
                x.ty = self.typ(e);
            }
        }
        Some(Kind::Expression)
    }

    fn op_defined(&self, x: &Operand, op: &str, ok: bool) -> bool {
        if !ok {
            let msg = format!("invalid operation: operator {op} not defined on {}", self.os(x));
            self.error(x.pos(), "UndefinedOp", msg);
        }
        ok
    }

    fn unary(&self, x: &mut Operand, e: &'static Expr, op: UnaryOp, inner: &'static Expr) {
        self.expr(None, x, inner);
        if !x.is_valid() {
            return;
        }
        let mut op = op;
        match op {
            UnaryOp::Addr => {
                let literal = matches!(inner.unparen().kind, ExprKind::CompositeLit(_));
                if !literal && x.mode != Mode::Variable {
                    let msg = format!("invalid operation: cannot take address of {}", self.os(x));
                    self.error(x.pos(), "UnaddressableOperand", msg);
                    x.invalidate();
                    return;
                }
                x.mode = Mode::Value;
                x.ty = Type::new_pointer(x.ty);
                return;
            }
            UnaryOp::Recv => {
                match self.chan_elem(x.pos(), x, true) {
                    Some(elem) if self.is_complete(elem) => {
                        x.mode = Mode::CommaOk;
                        x.ty = elem;
                        self.edit_env(|e| e.has_call_or_recv = true);
                    }
                    _ => x.invalidate(),
                }
                return;
            }
            UnaryOp::Tilde => {
                let mut msg = "cannot use ~ outside of interface or type constraint".to_string();
                if !x.ty.all_integer() {
                    self.error(e.pos, "UndefinedOp", msg);
                    x.invalidate();
                    return;
                }
                msg.push_str(" (use ^ for bitwise complement)");
                self.error(e.pos, "UndefinedOp", msg);
                op = UnaryOp::Xor;
            }
            _ => {}
        }
        let ok = match op {
            UnaryOp::Plus | UnaryOp::Neg => x.ty.all_numeric(),
            UnaryOp::Xor => x.ty.all_integer(),
            _ => x.ty.all_boolean(),
        };
        if !self.op_defined(x, op.as_str(), ok) {
            x.invalidate();
            return;
        }
        if x.is_const() {
            let v = x.constant();
            if v.is_unknown() {
                return;
            }
            let bits = if x.ty.is_unsigned() { crate::sizes::size_of(x.ty) as u32 * 8 } else { 0 };
            x.val = Some(constant_ops::unary_op(op, &v, bits));
            x.set_expr(e);
            self.overflow(x, op_pos(e));
            return;
        }
        x.mode = Mode::Value;
    }

    /// The element type of a channel operand.
    pub fn chan_elem(&self, pos: Pos, x: &Operand, recv: bool) -> Option<Type> {
        use golift_syntax::ChanDir;
        let mut cond = |tu: Option<(Type, Type)>| {
            let Some((t, u)) = tu else { return Err("no specific channel type".to_string()) };
            let TypeKind::Chan(c) = u.kind() else { return Err(format!("non-channel {}", self.ts(t))) };
            if recv && c.dir == ChanDir::Send {
                return Err(format!("send-only channel {}", self.ts(t)));
            }
            if !recv && c.dir == ChanDir::Recv {
                return Err(format!("receive-only channel {}", self.ts(t)));
            }
            Ok(())
        };
        let cause = match common_under(x.ty, Some(&mut cond)) {
            Ok(u) => {
                return match u.kind() {
                    TypeKind::Chan(c) => Some(c.elem),
                    _ => None,
                };
            }
            Err(why) => self.no_common_text(why),
        };
        let (verb, code) = if recv { ("receive from", "InvalidReceive") } else { ("send to", "InvalidSend") };
        let msg = if x.ty.is_type_param() {
            format!("invalid operation: cannot {verb} {}: {cause}", self.os(x))
        } else {
            format!("invalid operation: cannot {verb} {cause} {}", self.os(x))
        };
        self.error(pos, code, msg);
        None
    }

    /// Compares; `x` becomes an untyped bool. In a switch case the error speaks of the case.
    pub fn comparison(&self, x: &mut Operand, y: &mut Operand, op: BinaryOp, switch_case: bool) {
        if x.ty.is_invalid() || y.ty.is_invalid() {
            x.invalidate();
            return;
        }
        let op = if switch_case { BinaryOp::Eql } else { op };
        // (operand with the error, cause, code)
        let mut err: Option<(bool, String, &'static str)> = None;
        let assignable = self.assignable_to(x, y.ty, false).is_ok() || self.assignable_to(y, x.ty, false).is_ok();
        if !assignable {
            let cause = format!("mismatched types {} and {}", self.ts(x.ty), self.ts(y.ty));
            err = Some((true, cause, "MismatchedTypes"));
        } else if matches!(op, BinaryOp::Eql | BinaryOp::Neq) {
            if x.is_nil() || y.is_nil() {
                let t = if x.is_nil() { y.ty } else { x.ty };
                if !t.has_nil() {
                    err = Some((true, String::new(), "UndefinedOp"));
                }
            } else if !comparable(x.ty) {
                err = Some((false, self.incomparable_text(x.ty), "UndefinedOp"));
            } else if !comparable(y.ty) {
                err = Some((true, self.incomparable_text(y.ty), "UndefinedOp"));
            }
        } else if !x.ty.all_ordered() {
            err = Some((false, String::new(), "UndefinedOp"));
        } else if !y.ty.all_ordered() {
            err = Some((true, String::new(), "UndefinedOp"));
        }
        let Some((mut at_y, mut cause, code)) = err else {
            if x.is_const() && y.is_const() {
                let result = constant_ops::compare(&x.constant(), op, &y.constant());
                x.val = Some(ConstValue::Bool(result));
            } else {
                x.mode = Mode::Value;
                for o in [&*x, &*y] {
                    if let Some(e) = o.expr {
                        self.update_expr_type(e, o.ty.default_type(), true);
                    }
                }
            }
            x.ty = Type::basic(BasicKind::UntypedBool);
            return;
        };
        if cause.is_empty() {
            if x.ty.is_type_param() || y.ty.is_type_param() {
                if !x.ty.is_type_param() {
                    at_y = true;
                }
                let t = if at_y { y.ty } else { x.ty };
                cause = format!("type parameter {} cannot use operator {}", self.ts(t), op.as_str());
            } else {
                let t = if at_y { y.ty } else { x.ty };
                let what = match composite_kind(t) {
                    "" => self.ts(t),
                    kind => kind.to_string(),
                };
                cause = format!("operator {} not defined on {what}", op.as_str());
            }
        }
        let (xs, ys) = (x.expr_text(), y.expr_text());
        if switch_case {
            self.error(x.pos(), code, format!("invalid case {xs} in switch on {ys} ({cause})"));
        } else {
            let pos = if at_y { y.pos() } else { x.pos() };
            self.error(pos, code, format!("invalid operation: {xs} {} {ys} ({cause})", op.as_str()));
        }
        x.invalidate();
    }

    fn incomparable_text(&self, t: Type) -> String {
        match t.under().kind() {
            TypeKind::Slice(_) | TypeKind::Signature(_) | TypeKind::Map(_) => {
                format!("{} can only be compared to nil", composite_kind(t))
            }
            _ => match comparable_type(t, true, &mut Vec::new()) {
                Err(why) => incomparable_cause(why, &self.qualifier()),
                Ok(()) => String::new(),
            },
        }
    }

    fn shift(&self, x: &mut Operand, y: &mut Operand, e: Option<&'static Expr>, left: bool) {
        let xval = if x.is_const() { x.constant().to_int() } else { ConstValue::Unknown };
        if !(x.ty.all_integer() || x.ty.is_untyped() && xval.kind() == ConstKind::Int) {
            let msg = format!("invalid operation: shifted operand {} must be integer", self.os(x));
            self.error(x.pos(), "InvalidShiftOperand", msg);
            x.invalidate();
            return;
        }
        let mut yval = ConstValue::Unknown;
        if y.is_const() {
            yval = y.constant().to_int();
            if yval.kind() == ConstKind::Int && yval.sign() < 0 {
                let msg = format!("invalid operation: negative shift count {}", self.os(y));
                self.error(y.pos(), "InvalidShiftCount", msg);
                x.invalidate();
                return;
            }
            if y.ty.is_untyped() {
                self.representable(y, Type::basic(BasicKind::Uint));
            }
        } else if y.ty.all_integer() {
            if !y.ty.all_unsigned()
                && !self.verify_version(y.pos(), 13, || format!("invalid operation: signed shift count {}", self.os(y)))
            {
                y.invalidate();
            }
        } else if y.ty.is_untyped() {
            self.convert_untyped(y, Type::basic(BasicKind::Uint));
        } else {
            let msg = format!("invalid operation: shift count {} must be integer", self.os(y));
            self.error(y.pos(), "InvalidShiftCount", msg);
            y.invalidate();
        }
        if !y.is_valid() {
            x.invalidate();
            return;
        }
        if y.is_const()
            && y.ty.is_untyped()
            && let Some(ye) = y.expr
        {
            // A constant shift count has type uint where it is not evaluated at compile time.
            if !x.is_const() {
                self.update_expr_type(ye, Type::basic(BasicKind::Uint), true);
            }
        }
        if x.is_const() {
            if y.is_const() {
                if x.constant().is_unknown() || y.constant().is_unknown() {
                    x.val = Some(ConstValue::Unknown);
                    if !x.ty.is_integer() {
                        x.ty = Type::basic(BasicKind::UntypedInt);
                    }
                    return;
                }
                // Enough for the smallest float64.
                const BOUND: u64 = 1023 - 1 + 52;
                let Some(s) = yval.as_u64().filter(|&s| s <= BOUND) else {
                    let msg = format!("invalid operation: invalid shift count {}", self.os(y));
                    self.error(y.pos(), "InvalidShiftCount", msg);
                    x.invalidate();
                    return;
                };
                if !x.ty.is_integer() {
                    x.ty = Type::basic(BasicKind::UntypedInt);
                }
                x.val = Some(constant_ops::shift(&xval, left, s));
                if let Some(e) = e {
                    x.set_expr(e);
                }
                let pos = x.expr.map_or(Pos::NONE, op_pos);
                self.overflow(x, pos);
                return;
            }
            if x.ty.is_untyped() {
                // The type depends on the context: check later that it is an integer type.
                if let Some(xe) = x.expr {
                    self.with_info(|info| {
                        let entry = &mut info.types[xe.id.index()];
                        if entry.untyped {
                            entry.is_lhs = true;
                        }
                    });
                }
                x.mode = Mode::Value;
                return;
            }
        }
        if !x.ty.all_integer() {
            let msg = format!("invalid operation: shifted operand {} must be integer", self.os(x));
            self.error(x.pos(), "InvalidShiftOperand", msg);
            x.invalidate();
            return;
        }
        x.mode = Mode::Value;
    }

    /// `e` is `None` for an assignment operation.
    pub fn binary(
        &self,
        x: &mut Operand,
        e: Option<&'static Expr>,
        lhs: &'static Expr,
        rhs: &'static Expr,
        op: BinaryOp,
    ) {
        let mut y = Operand::new();
        self.expr(None, x, lhs);
        self.expr(None, &mut y, rhs);
        if !x.is_valid() {
            return;
        }
        if !y.is_valid() {
            x.invalidate();
            x.expr = y.expr;
            return;
        }
        if op.is_shift() {
            self.shift(x, &mut y, e, op == BinaryOp::Shl);
            return;
        }
        self.match_types(x, &mut y);
        if !x.is_valid() {
            return;
        }
        if op.is_comparison() {
            self.comparison(x, &mut y, op, false);
            return;
        }
        if !identical(x.ty, y.ty) {
            if x.ty.is_valid() && y.ty.is_valid() {
                let what = match e {
                    Some(e) => expr_string(e),
                    None => format!("{} {}= {}", expr_string(lhs), op.as_str(), expr_string(rhs)),
                };
                let msg =
                    format!("invalid operation: {what} (mismatched types {} and {})", self.ts(x.ty), self.ts(y.ty));
                self.error(x.pos(), "MismatchedTypes", msg);
            }
            x.invalidate();
            return;
        }
        let defined = match op {
            BinaryOp::Add => x.ty.all_numeric_or_string(),
            BinaryOp::Sub | BinaryOp::Mul | BinaryOp::Div => x.ty.all_numeric(),
            BinaryOp::AndAnd | BinaryOp::OrOr => x.ty.all_boolean(),
            _ => x.ty.all_integer(),
        };
        if !self.op_defined(x, op.as_str(), defined) {
            x.invalidate();
            return;
        }
        if matches!(op, BinaryOp::Div | BinaryOp::Rem) && y.is_const() {
            let zero = (x.is_const() || x.ty.all_integer()) && y.constant().sign() == 0;
            // Complex division divides by the sum of the squares of the parts.
            let vanishes = x.is_const() && x.ty.is_complex() && y.constant().squares_vanish();
            if zero || vanishes {
                self.error(y.pos(), "DivByZero", "invalid operation: division by zero");
                x.invalidate();
                return;
            }
        }
        if x.is_const() && y.is_const() {
            let (a, b) = (x.constant(), y.constant());
            if a.is_unknown() || b.is_unknown() {
                x.val = Some(ConstValue::Unknown);
                return;
            }
            x.val = Some(constant_ops::binary_op(&a, op, &b, x.ty.is_integer()));
            if let Some(e) = e {
                x.set_expr(e);
            }
            let pos = x.expr.map_or(Pos::NONE, op_pos);
            self.overflow(x, pos);
            return;
        }
        x.mode = Mode::Value;
    }

    /// Gives untyped operands the type of the other one.
    pub fn match_types(&self, x: &mut Operand, y: &mut Operand) {
        let may_convert = |x: &Operand, y: &Operand| {
            if x.ty.is_typed() && y.ty.is_typed() {
                return false;
            }
            if x.ty.all_numeric() != y.ty.all_numeric() {
                return false;
            }
            if x.ty.is_non_type_param_interface() || y.ty.is_non_type_param_interface() {
                return true;
            }
            if x.ty.all_boolean() != y.ty.all_boolean() || x.ty.all_string() != y.ty.all_string() {
                return false;
            }
            if x.is_nil() {
                return y.ty.has_nil();
            }
            if y.is_nil() {
                return x.ty.has_nil();
            }
            let pointer = |t: Type| matches!(t.under().kind(), TypeKind::Pointer(_));
            !pointer(x.ty) && !pointer(y.ty)
        };
        if may_convert(x, y) {
            self.convert_untyped(x, y.ty);
            if !x.is_valid() {
                return;
            }
            self.convert_untyped(y, x.ty);
            if !y.is_valid() {
                x.invalidate();
            }
        }
    }

    pub fn type_assertion(&self, e: &'static Expr, x: &Operand, t: Type, type_switch: bool) {
        if assertable_to(x.ty, t, None).is_ok() {
            return;
        }
        let cause = assertable_to(x.ty, t, Some(&self.qualifier())).err().unwrap_or_default();
        let msg = if type_switch {
            format!(
                "impossible type switch case: {}\n\t{} cannot have dynamic type {} {cause}",
                expr_string(e),
                self.os(x),
                self.ts(t)
            )
        } else {
            format!(
                "impossible type assertion: {}\n\t{} does not implement {} {cause}",
                expr_string(e),
                self.ts(t),
                self.ts(x.ty)
            )
        };
        self.error(start_pos(e), "ImpossibleAssert", msg);
    }
}

fn nth(n: usize, what: &str) -> String {
    let ext = match n {
        1 => "st",
        2 => "nd",
        3 => "rd",
        _ => "th",
    };
    format!("{n}{ext} {what}")
}
