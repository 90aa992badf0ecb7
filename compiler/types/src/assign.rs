//! Assignments and initialisations.

use golift_syntax::{Diagnostic, Expr, ExprKind, Pos, Stmt, Symbol, expr_string, start_pos, stmt_start_pos};

use crate::check::Checker;
use crate::object::{Obj, VarKind};
use crate::operand::{Bad, Operand};
use crate::package::Mode;
use crate::types::{BasicKind, Type, TypeKind};

pub(crate) fn measure(n: usize, unit: &str) -> String {
    if n == 1 { format!("{n} {unit}") } else { format!("{n} {unit}s") }
}

impl Checker {
    /// May `x` be assigned to a variable of type `t` (`None`: of any type)? Gives untyped operands their
    /// type. Invalidates `x` after an error.
    pub fn assignment(&self, x: &mut Operand, t: Option<Type>, context: &str) {
        self.assignment_lazy(x, t, &|| context.to_string());
    }

    pub fn assignment_lazy(&self, x: &mut Operand, t: Option<Type>, context: &dyn Fn() -> String) {
        self.single_value(x);
        match x.mode {
            Mode::Invalid => return,
            Mode::NoValue | Mode::Builtin | Mode::TypeExpr => {
                let target = t.map_or(String::new(), |t| self.ts(t));
                let msg = format!("cannot assign {} to {target} in {}", self.os(x), context());
                self.error(x.pos(), "IncompatibleAssign", msg);
                x.invalidate();
                return;
            }
            _ => {}
        }
        if x.ty.is_untyped() {
            let mut target = t;
            if x.is_nil() {
                if t.is_none() {
                    self.error(x.pos(), "UntypedNilUse", format!("use of untyped nil in {}", context()));
                    x.invalidate();
                    return;
                }
            } else if t.is_none_or(Type::is_non_type_param_interface) {
                target = Some(x.ty.default_type());
            }
            let target = target.unwrap_or(x.ty);
            match self.implicit_type(x, target) {
                Err(bad) => {
                    let mut msg = format!("cannot use {} as {} value in {}", self.os(x), self.ts(target), context());
                    let code = match bad {
                        Bad::Truncated => {
                            msg.push_str(" (truncated)");
                            bad.code()
                        }
                        Bad::Overflow => {
                            msg.push_str(" (overflows)");
                            bad.code()
                        }
                        _ => "IncompatibleAssign",
                    };
                    self.error(x.pos(), code, msg);
                    x.invalidate();
                    return;
                }
                Ok((ty, val)) => self.set_implicit(x, ty, val),
            }
        }
        // A generic function takes its type arguments from the target.
        if let TypeKind::Signature(s) = x.ty.kind()
            && !s.tparams.is_empty()
        {
            let target = self.new_target(t, context);
            self.non_generic(target.as_ref(), x);
            if !x.is_valid() {
                return;
            }
            self.record(x);
        } else if x.ty.is_generic() {
            self.non_generic(None, x);
            return;
        }
        let Some(t) = t else { return };
        if self.assignable_to(x, t, false).is_ok() {
            return;
        }
        if let Err((code, cause)) = self.assignable_to(x, t, true) {
            let mut msg = format!("cannot use {} as {} value in {}", self.os(x), self.ts(t), context());
            if !cause.is_empty() {
                msg = format!("{msg}: {cause}");
            }
            self.error(x.pos(), code, msg);
            x.invalidate();
        }
    }

    pub fn init_var(&self, lhs: Obj, x: &mut Operand, context: &str) {
        if !x.is_valid() || x.ty.is_invalid() || lhs.ty_opt().is_some_and(Type::is_invalid) {
            if lhs.ty_opt().is_none() {
                lhs.set_ty(Type::invalid());
            }
            x.invalidate();
            return;
        }
        if lhs.ty_opt().is_none() {
            let mut t = x.ty;
            if t.is_untyped() {
                if t == Type::basic(BasicKind::UntypedNil) {
                    self.error(x.pos(), "UntypedNilUse", format!("use of untyped nil in {context}"));
                    lhs.set_ty(Type::invalid());
                    x.invalidate();
                    return;
                }
                t = t.default_type();
            }
            lhs.set_ty(t);
        }
        self.assignment(x, Some(lhs.ty()), context);
    }

    /// The type of the left side of an assignment: `None` for `_`, invalid after an error. It is no use of a variable.
    fn lhs_var(&self, lhs: &'static Expr) -> Option<Type> {
        let ident = lhs.unparen().as_ident();
        if ident.is_some_and(|i| i.name.is_blank()) {
            return None;
        }
        let unused = ident.and_then(|i| self.unused_local(i.name));
        let mut x = Operand::new();
        self.expr(None, &mut x, lhs);
        if let Some(v) = unused {
            v.set_unused();
        }
        if !x.is_valid() || x.ty.is_invalid() {
            return Some(Type::invalid());
        }
        if !matches!(x.mode, Mode::Variable | Mode::MapIndex) {
            if let Some(ExprKind::Selector(base, _)) = x.expr.map(|e| &e.kind) {
                let mut op = Operand::new();
                self.expr(None, &mut op, base);
                if op.mode == Mode::MapIndex {
                    let msg = format!("cannot assign to struct field {} in map", x.expr_text());
                    self.error(x.pos(), "UnaddressableFieldAssign", msg);
                    return Some(Type::invalid());
                }
            }
            let msg = format!("cannot assign to {} (neither addressable nor a map index expression)", x.expr_text());
            self.error(x.pos(), "UnassignableOperand", msg);
            return Some(Type::invalid());
        }
        Some(x.ty)
    }

    /// `lhs = x`, where x is a checked operand.
    pub fn assign_operand(&self, lhs: &'static Expr, x: &mut Operand, context: &str) {
        let t = self.lhs_var(lhs);
        if t.is_some_and(Type::is_invalid) {
            x.invalidate();
            return;
        }
        self.assign_to(t, x, context);
    }

    fn assign_to(&self, t: Option<Type>, x: &mut Operand, context: &str) {
        let context = if t.is_none() && context == "assignment" { "assignment to _ identifier" } else { context };
        self.assignment(x, t, context);
    }

    fn assign_expr(&self, lhs: &'static Expr, rhs: &'static Expr, context: &str) {
        let t = self.lhs_var(lhs);
        if t.is_some_and(Type::is_invalid) {
            self.use_exprs(std::slice::from_ref(rhs));
            return;
        }
        let target = match t.map(|t| t.under().kind()) {
            Some(TypeKind::Signature(_)) => self.new_target(t, || expr_string(lhs)),
            _ => None,
        };
        let mut x = Operand::new();
        self.expr(target.as_ref(), &mut x, rhs);
        self.assign_to(t, &mut x, context);
    }

    /// `(int, number, string...)`
    pub fn types_summary(&self, list: &[Type], variadic: bool, has_dots: bool) -> String {
        let mut parts = Vec::new();
        for (i, &t) in list.iter().enumerate() {
            let mut s = match t.kind() {
                _ if t.is_invalid() => "unknown type".into(),
                TypeKind::Basic(b) if b.kind.is_untyped() => {
                    if b.kind.is_numeric() {
                        "number".into()
                    } else {
                        b.name.replace("untyped ", "")
                    }
                }
                _ => self.ts(t),
            };
            if i == list.len() - 1 {
                if variadic {
                    if let TypeKind::Slice(elem) = t.kind() {
                        s = self.ts(*elem);
                    }
                    s = format!("...{s}");
                } else if has_dots {
                    s.push_str("...");
                }
            }
            parts.push(s);
        }
        format!("({})", parts.join(", "))
    }

    fn assign_error(&self, rhs: &'static [Expr], l: usize, r: usize) {
        let (vars, vals) = (measure(l, "variable"), measure(r, "value"));
        let Some(first) = rhs.first() else { return };
        let mut msg = format!("assignment mismatch: {vars} but {vals}");
        if rhs.len() == 1
            && let ExprKind::Call(call) = &first.unparen().kind
        {
            msg = format!("assignment mismatch: {vars} but {} returns {vals}", expr_string(&call.fun));
        }
        self.error(start_pos(first), "WrongAssignCount", msg);
    }

    fn return_error(&self, at: &'static Stmt, lhs: &[Obj], rhs: &[Operand]) {
        let (l, r) = (lhs.len(), rhs.len());
        let (pos, qualifier) = if r > l {
            (rhs[l].pos(), "too many")
        } else if r > 0 {
            (rhs[r - 1].pos(), "not enough")
        } else {
            (stmt_start_pos(at), "not enough")
        };
        let have: Vec<Type> = rhs.iter().map(|x| x.ty).collect();
        let want: Vec<Type> = lhs.iter().map(|v| v.ty()).collect();
        let d = Diagnostic::new(pos, "WrongResultCount", format!("{qualifier} return values"))
            .with_related(Pos::NONE, format!("have {}", self.types_summary(&have, false, false)))
            .with_related(Pos::NONE, format!("want {}", self.types_summary(&want, false, false)));
        self.report(d);
    }

    /// Initialises variables, or results if there is a return statement.
    pub fn init_vars(&self, lhs: &[Obj], rhs: &'static [Expr], return_stmt: Option<&'static Stmt>) {
        let (l, r) = (lhs.len(), rhs.len());
        let context = if return_stmt.is_some() {
            "return statement"
        } else if l > 1 {
            "multiple assignment"
        } else {
            "assignment"
        };
        let is_call = r == 1 && matches!(rhs[0].unparen().kind, ExprKind::Call(_));
        if l == r && !is_call {
            for (&v, e) in lhs.iter().zip(rhs) {
                let target = self.new_target(v.ty_opt(), || match v.name() {
                    Symbol::EMPTY if return_stmt.is_some() => "result variable".into(),
                    name => name.to_string(),
                });
                let mut x = Operand::new();
                self.expr(target.as_ref(), &mut x, e);
                self.init_var(v, &mut x, context);
            }
            return;
        }
        let invalidate = || {
            lhs.iter().filter(|v| v.ty_opt().is_none()).for_each(|v| v.set_ty(Type::invalid()));
        };
        if r != 1 {
            if self.use_exprs(rhs) {
                match return_stmt {
                    Some(stmt) => {
                        let operands = self.expr_list(rhs);
                        self.return_error(stmt, lhs, &operands);
                    }
                    None => self.assign_error(rhs, l, r),
                }
            }
            invalidate();
            return;
        }
        let (mut operands, comma_ok) = self.multi_expr(&rhs[0], l == 2 && return_stmt.is_none());
        let r = operands.len();
        if l == r {
            for (&v, x) in lhs.iter().zip(&mut operands) {
                self.init_var(v, x, context);
            }
            if comma_ok && operands.iter().all(Operand::is_valid) {
                self.record_comma_ok(&rhs[0], &operands);
            }
            return;
        }
        if operands.first().is_none_or(Operand::is_valid) {
            match return_stmt {
                Some(stmt) => self.return_error(stmt, lhs, &operands),
                None => self.assign_error(rhs, l, r),
            }
        }
        invalidate();
    }

    /// `lhs = rhs`
    pub fn assign_vars(&self, lhs: &'static [Expr], rhs: &'static [Expr]) {
        let (l, r) = (lhs.len(), rhs.len());
        let context = if l > 1 { "multiple assignment" } else { "assignment" };
        let is_call = r == 1 && matches!(rhs[0].unparen().kind, ExprKind::Call(_));
        if l == r && !is_call {
            for (v, e) in lhs.iter().zip(rhs) {
                self.assign_expr(v, e, context);
            }
            return;
        }
        if r != 1 {
            let ok_lhs = self.use_lhs(lhs);
            let ok_rhs = self.use_exprs(rhs);
            if ok_lhs && ok_rhs {
                self.assign_error(rhs, l, r);
            }
            return;
        }
        let (mut operands, comma_ok) = self.multi_expr(&rhs[0], l == 2);
        let r = operands.len();
        if l == r {
            for (v, x) in lhs.iter().zip(&mut operands) {
                self.assign_operand(v, x, context);
            }
            if comma_ok && operands.iter().all(Operand::is_valid) {
                self.record_comma_ok(&rhs[0], &operands);
            }
            return;
        }
        if operands.first().is_none_or(Operand::is_valid) {
            self.assign_error(rhs, l, r);
        }
        self.use_lhs(lhs);
    }

    /// `lhs := rhs`
    pub fn short_var_decl(&self, pos: Pos, lhs: &'static [Expr], rhs: &'static [Expr]) {
        let top = self.delayed_len();
        let scope = self.env.get().scope;
        let mut seen: Vec<Symbol> = Vec::new();
        let mut vars = Vec::with_capacity(lhs.len());
        let mut new_vars = Vec::new();
        let mut has_err = false;
        for e in lhs {
            let dummy = || Obj::new_var(VarKind::Local, e.pos, Some(self.pkg), Symbol::BLANK, None);
            let Some(ident) = e.as_ident() else {
                self.use_lhs(std::slice::from_ref(e));
                let msg = format!("non-name {} on left side of :=", expr_string(e));
                self.error(start_pos(e), "BadDecl", msg);
                has_err = true;
                vars.push(dummy());
                continue;
            };
            let name = ident.name;
            if !name.is_blank() {
                if seen.contains(&name) {
                    let msg = format!("{name} repeated on left side of :=");
                    self.error(ident.pos, "RepeatedDecl", msg);
                    has_err = true;
                    vars.push(dummy());
                    continue;
                }
                seen.push(name);
            }
            let alt = self.scopes.borrow().get(scope, name);
            if let Some(alt) = alt {
                self.record_use(ident, alt);
                if alt.is_var() {
                    vars.push(alt);
                } else {
                    self.error(ident.pos, "UnassignableOperand", format!("cannot assign to {name}"));
                    has_err = true;
                    vars.push(dummy());
                }
                continue;
            }
            let obj = Obj::new_var(VarKind::Local, ident.pos, Some(self.pkg), name, None);
            vars.push(obj);
            if !name.is_blank() {
                new_vars.push(obj);
            }
            self.record_def(ident, obj);
        }
        self.init_vars(&vars, rhs, None);
        self.process_delayed(top);
        if new_vars.is_empty() && !has_err {
            self.soft_error(pos, "NoNewVar", "no new variables on left side of :=");
            return;
        }
        for obj in new_vars {
            self.declare(scope, None, obj);
        }
    }
}
