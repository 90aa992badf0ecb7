//! Operands: what the checker knows of an expression while it checks the enclosing one.

use std::rc::Rc;

use golift_syntax::{Expr, Pos, expr_string, start_pos};

use crate::check::Checker;
use crate::constant::ConstValue;
use crate::lookup::is_interface_ptr;
use crate::object::BuiltinId;
use crate::package::Mode;
use crate::predicates::identical;
use crate::types::{BasicKind, Type, TypeKind};
use crate::typeset::type_param_terms;

#[derive(Clone)]
pub(crate) struct Operand {
    pub mode: Mode,
    pub ty: Type,
    pub val: Option<ConstValue>,
    pub expr: Option<&'static Expr>,
    /// Place and description of an operand that is no expression.
    pub dummy: Option<Rc<(Pos, String)>>,
    pub id: Option<BuiltinId>,
}

/// Why an untyped operand cannot be converted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Bad {
    Conversion,
    Truncated,
    Overflow,
    ConstValue,
}

impl Bad {
    pub fn code(self) -> &'static str {
        match self {
            Bad::Conversion => "InvalidUntypedConversion",
            Bad::Truncated => "TruncatedFloat",
            Bad::Overflow => "NumericOverflow",
            Bad::ConstValue => "InvalidConstVal",
        }
    }
}

impl Operand {
    pub fn new() -> Operand {
        Operand { mode: Mode::Invalid, ty: Type::invalid(), val: None, expr: None, dummy: None, id: None }
    }

    pub fn value(ty: Type, expr: &'static Expr) -> Operand {
        Operand { mode: Mode::Value, ty, expr: Some(expr), ..Operand::new() }
    }

    pub fn dummy(ty: Type, pos: Pos, text: String) -> Operand {
        Operand { mode: Mode::Value, ty, dummy: Some(Rc::new((pos, text))), ..Operand::new() }
    }

    pub fn is_valid(&self) -> bool {
        self.mode != Mode::Invalid
    }

    pub fn invalidate(&mut self) {
        self.mode = Mode::Invalid;
    }

    pub fn is_nil(&self) -> bool {
        self.mode == Mode::Nil
    }

    pub fn is_const(&self) -> bool {
        self.mode == Mode::Constant
    }

    pub fn constant(&self) -> ConstValue {
        self.val.clone().unwrap_or(ConstValue::Unknown)
    }

    /// Where errors about the operand are shown.
    pub fn pos(&self) -> Pos {
        match (self.expr, &self.dummy) {
            (Some(e), _) => start_pos(e),
            (None, Some(d)) => d.0,
            _ => Pos::NONE,
        }
    }

    /// The position of the expression itself.
    pub fn expr_pos(&self) -> Pos {
        self.expr.map_or_else(|| self.pos(), |e| e.pos)
    }

    pub fn expr_text(&self) -> String {
        match (self.expr, &self.dummy) {
            (Some(e), _) => expr_string(e),
            (None, Some(d)) => d.1.clone(),
            _ => String::new(),
        }
    }

    pub fn set_expr(&mut self, e: &'static Expr) {
        self.expr = Some(e);
        self.dummy = None;
    }
}

fn mode_text(mode: Mode) -> &'static str {
    match mode {
        Mode::Invalid => "invalid operand",
        Mode::NoValue => "no value",
        Mode::Builtin => "built-in",
        Mode::TypeExpr => "type",
        Mode::Constant => "constant",
        Mode::Variable => "variable",
        Mode::MapIndex => "map index expression",
        Mode::Value => "value",
        Mode::Nil => "nil",
        Mode::CommaOk => "comma, ok expression",
    }
}

/// What kind of composite type it is; empty for basic ones.
pub(crate) fn composite_kind(t: Type) -> &'static str {
    match t.under().kind() {
        TypeKind::Array(_) => "array",
        TypeKind::Slice(_) => "slice",
        TypeKind::Struct(_) => "struct",
        TypeKind::Pointer(_) => "pointer",
        TypeKind::Signature(_) => "func",
        TypeKind::Interface(_) => "interface",
        TypeKind::Map(_) => "map",
        TypeKind::Chan(_) => "chan",
        TypeKind::Tuple(_) => "tuple",
        TypeKind::Union(_) => "union",
        _ => "",
    }
}

impl Checker {
    /// The operand as messages describe it: `x (variable of type T)`.
    pub fn os(&self, x: &Operand) -> String {
        if x.mode == Mode::Nil {
            return if x.ty.is_invalid() {
                "nil (with invalid type)".into()
            } else if x.ty == Type::basic(BasicKind::UntypedNil) {
                "nil".into()
            } else {
                format!("nil (of type {})", self.ts(x.ty))
            };
        }
        let mut out = String::new();
        let mut expr = x.expr_text();
        if expr.is_empty() {
            expr = match x.mode {
                Mode::TypeExpr => self.ts(x.ty),
                Mode::Constant => x.constant().to_string(),
                _ => String::new(),
            };
        }
        if !expr.is_empty() {
            out.push_str(&expr);
            out.push_str(" (");
        }
        let mut has_type = false;
        if !matches!(x.mode, Mode::Invalid | Mode::NoValue | Mode::Builtin | Mode::TypeExpr) {
            match x.ty.kind() {
                TypeKind::Basic(b) if b.kind.is_untyped() => {
                    out.push_str(b.name);
                    out.push(' ');
                }
                _ => has_type = true,
            }
        }
        out.push_str(mode_text(x.mode));
        if x.mode == Mode::Constant {
            let s = x.constant().to_string();
            if s != expr {
                out.push(' ');
                out.push_str(&s);
            }
        }
        if has_type {
            if x.ty.is_invalid() {
                out.push_str(" with invalid type");
            } else {
                let mut desc = String::new();
                if x.ty.is_generic() {
                    desc.push_str("generic ");
                }
                let tpar = x.ty.as_type_param();
                if tpar.is_none() && matches!(x.ty.kind(), TypeKind::Alias(_) | TypeKind::Named(_)) {
                    let mut what = composite_kind(x.ty);
                    if what.is_empty()
                        && let TypeKind::Basic(b) = x.ty.under().kind()
                    {
                        // The type's own name, without its package.
                        what = b.name.trim_start_matches("unsafe.");
                    }
                    desc.push_str(what);
                    desc.push(' ');
                }
                out.push_str(&format!(" of {desc}type {}", self.ts(x.ty)));
                if let Some(tpar) = tpar {
                    out.push_str(" constrained by ");
                    out.push_str(&self.ts(tpar.constraint()));
                    if x.ty.has_empty_type_set() {
                        out.push_str(" with empty type set");
                    }
                }
            }
        }
        if !expr.is_empty() {
            out.push(')');
        }
        out
    }

    /// Is the operand assignable to a variable of type `t`? Otherwise a code, and why (if there is more to say).
    pub fn assignable_to(&self, x: &Operand, t: Type, cause: bool) -> Result<(), (&'static str, String)> {
        const INCOMPATIBLE: &str = "IncompatibleAssign";
        if !x.is_valid() || t.is_invalid() {
            return Ok(());
        }
        let orig_t = t;
        let (v, t) = (x.ty.unalias(), t.unalias());
        if identical(v, t) {
            return Ok(());
        }
        let (vu, tu) = (v.under(), t.under());
        let (vp, tp) = (v.is_type_param(), t.is_type_param());
        let plain = || Err((INCOMPATIBLE, String::new()));
        if vu.is_untyped() {
            let ok = if tp {
                type_param_terms(t).is_some_and(|terms| terms.iter().all(|term| self.implicit_type(x, term.ty).is_ok()))
            } else {
                self.implicit_type(x, t).is_ok()
            };
            return if ok { Ok(()) } else { plain() };
        }
        if !vp && !tp && (!v.has_name() || !t.has_name()) && identical(vu, tu) {
            return Ok(());
        }
        let mut why = String::new();
        if matches!(tu.kind(), TypeKind::Interface(_)) && !tp || is_interface_ptr(tu) {
            match self.implements(v, t, false, cause) {
                Ok(()) => return Ok(()),
                Err(e) => {
                    if !vp {
                        return Err(("InvalidIfaceAssign", e));
                    }
                }
            }
        }
        if matches!(vu.kind(), TypeKind::Interface(_)) && !vp && self.implements(t, v, false, false).is_ok() {
            return Err((INCOMPATIBLE, "need type assertion".into()));
        }
        if let (TypeKind::Chan(vc), TypeKind::Chan(tc)) = (vu.kind(), tu.kind())
            && vc.dir == golift_syntax::ChanDir::Both
            && identical(vc.elem, tc.elem)
        {
            return if !v.has_name() || !t.has_name() { Ok(()) } else { Err(("InvalidChanAssign", String::new())) };
        }
        if !vp && !tp {
            return plain();
        }
        let mut explain = |msg: String, inner: String| {
            why = if inner.is_empty() { msg } else { format!("{msg}\n\t{inner}") };
        };
        if !v.has_name() && tp {
            let Some(terms) = type_param_terms(t) else { return plain() };
            for term in terms {
                if let Err((code, inner)) = self.assignable_to(x, term.ty, cause) {
                    if cause {
                        explain(
                            format!("cannot assign {} to {} (in {})", self.ts(x.ty), self.ts(term.ty), self.ts(t)),
                            inner,
                        );
                    }
                    return Err((code, why));
                }
            }
            return Ok(());
        }
        if vp && !t.has_name() {
            let Some(terms) = type_param_terms(v) else { return plain() };
            let mut y = x.clone();
            for term in terms {
                y.ty = term.ty;
                if let Err((code, inner)) = self.assignable_to(&y, t, cause) {
                    if cause {
                        explain(
                            format!("cannot assign {} (in {}) to {}", self.ts(term.ty), self.ts(v), self.ts(orig_t)),
                            inner,
                        );
                    }
                    return Err((code, why));
                }
            }
            return Ok(());
        }
        plain()
    }

    pub fn implements(&self, v: Type, t: Type, constraint: bool, cause: bool) -> Result<(), String> {
        // Most questions need no explanation: ask for one only after a failure.
        let quick = crate::lookup::implements_cause(v, t, constraint, self.allow_version(20), None);
        if quick.is_ok() || !cause {
            return quick;
        }
        crate::lookup::implements_cause(v, t, constraint, self.allow_version(20), Some(&self.qualifier()))
    }
}
