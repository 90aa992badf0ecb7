//! Untyped operands get types; constants must be representable; conversions `T(x)`.

use golift_syntax::{BinaryOp, Expr, ExprKind, Pos, UnaryOp, start_pos};

use crate::check::Checker;
use crate::constant::{ConstKind, ConstValue};
use crate::operand::{Bad, Operand};
use crate::package::Mode;
use crate::predicates::{identical, identical_ignore_tags, max_type};
use crate::types::{BasicKind, Term, Type, TypeKind};
use crate::typeset::{type_param_terms, under_is};

use BasicKind as B;

/// Is the constant a value of the basic type? Returns it rounded as the type demands.
pub fn representable_const(x: &ConstValue, kind: BasicKind) -> Option<ConstValue> {
    if x.is_unknown() {
        return Some(x.clone());
    }
    if kind.is_integer() {
        let x = x.to_int();
        if x.is_unknown() {
            return None;
        }
        let fits = match (kind, x.as_i64()) {
            (B::UntypedInt | B::UntypedRune, _) => true,
            (B::Int | B::Int64, v) => v.is_some(),
            (B::Int8, Some(v)) => i8::try_from(v).is_ok(),
            (B::Int16, Some(v)) => i16::try_from(v).is_ok(),
            (B::Int32, Some(v)) => i32::try_from(v).is_ok(),
            (B::Uint8, Some(v)) => u8::try_from(v).is_ok(),
            (B::Uint16, Some(v)) => u16::try_from(v).is_ok(),
            (B::Uint32, Some(v)) => u32::try_from(v).is_ok(),
            (B::Uint | B::Uintptr | B::Uint64, Some(v)) => v >= 0,
            (B::Uint | B::Uintptr | B::Uint64, None) => x.as_u64().is_some(),
            _ => false,
        };
        return fits.then_some(x);
    }
    let known = |v: ConstValue| (!v.is_unknown()).then_some(v);
    if kind.is_float() {
        let x = known(x.to_float())?;
        return match kind {
            B::Float32 => known(x.round_f32()),
            B::Float64 => known(x.round_f64()),
            _ => Some(x),
        };
    }
    if kind.is_complex() {
        let x = known(x.to_complex())?;
        let round = |v: ConstValue| match kind {
            B::Complex64 => known(v.round_f32()),
            B::Complex128 => known(v.round_f64()),
            _ => Some(v),
        };
        return Some(ConstValue::make_complex(&round(x.real())?, &round(x.imag())?));
    }
    let same = kind.is_string() && x.kind() == ConstKind::String || kind.is_boolean() && x.kind() == ConstKind::Bool;
    same.then(|| x.clone())
}

impl Checker {
    /// The type and (rounded) value of an untyped operand in the place of a `target`.
    pub fn implicit_type(&self, x: &Operand, target: Type) -> Result<(Type, Option<ConstValue>), Bad> {
        if !x.is_valid() || x.ty.is_typed() || target.is_invalid() {
            return Ok((x.ty, None));
        }
        if target.is_untyped() {
            return max_type(x.ty, target).map(|t| (t, None)).ok_or(Bad::Conversion);
        }
        if x.is_nil() {
            return if target.has_nil() { Ok((target, None)) } else { Err(Bad::Conversion) };
        }
        match target.under().kind() {
            TypeKind::Basic(b) => {
                if x.is_const() {
                    let v = self.representation(x, b.kind)?;
                    return Ok((target, Some(v)));
                }
                let ok = match x.ty.basic_kind() {
                    Some(B::UntypedBool) => b.kind.is_boolean(),
                    Some(B::UntypedInt | B::UntypedRune | B::UntypedFloat | B::UntypedComplex) => b.kind.is_numeric(),
                    Some(B::UntypedString) => b.kind.is_string(),
                    _ => false,
                };
                if ok { Ok((target, None)) } else { Err(Bad::Conversion) }
            }
            TypeKind::Interface(i) => {
                if target.is_type_param() {
                    let ok = under_is(target, |u| u.is_some_and(|u| self.implicit_type(x, u).is_ok()));
                    return if ok { Ok((target, None)) } else { Err(Bad::Conversion) };
                }
                // Untyped values have no methods.
                if !i.type_set().is_all() {
                    return Err(Bad::Conversion);
                }
                Ok((x.ty.default_type(), None))
            }
            _ => Err(Bad::Conversion),
        }
    }

    pub fn representation(&self, x: &Operand, kind: BasicKind) -> Result<ConstValue, Bad> {
        if let Some(v) = representable_const(&x.constant(), kind) {
            return Ok(v);
        }
        if x.ty.is_numeric() && kind.is_numeric() {
            return Err(if !x.ty.is_integer() && kind.is_integer() { Bad::Truncated } else { Bad::Overflow });
        }
        Err(Bad::ConstValue)
    }

    pub fn representable(&self, x: &mut Operand, t: Type) {
        let Some(kind) = t.basic_kind() else { return };
        match self.representation(x, kind) {
            Ok(v) => x.val = Some(v),
            Err(bad) => {
                self.invalid_conversion(bad, x, t);
                x.invalidate();
            }
        }
    }

    fn invalid_conversion(&self, bad: Bad, x: &Operand, target: Type) {
        let (x_text, t) = (self.os(x), self.ts(target));
        let msg = match bad {
            Bad::Truncated => format!("{x_text} truncated to {t}"),
            Bad::Overflow => format!("{x_text} overflows {t}"),
            _ => format!("cannot convert {x_text} to type {t}"),
        };
        self.error(x.pos(), bad.code(), msg);
    }

    pub fn convert_untyped(&self, x: &mut Operand, target: Type) {
        match self.implicit_type(x, target) {
            Err(bad) => {
                let t = if target.is_type_param() { target } else { target.under() };
                self.invalid_conversion(bad, x, t);
                x.invalidate();
            }
            Ok((ty, val)) => self.set_implicit(x, ty, val),
        }
    }

    /// Gives an untyped operand the type and value that `implicit_type` found.
    pub fn set_implicit(&self, x: &mut Operand, ty: Type, val: Option<ConstValue>) {
        if let Some(val) = val {
            if let Some(e) = x.expr {
                self.update_expr_val(e, &val);
            }
            x.val = Some(val);
        }
        if ty != x.ty {
            x.ty = ty;
            if let Some(e) = x.expr {
                self.update_expr_type(e, ty, false);
            }
        }
    }

    fn update_expr_val(&self, e: &Expr, val: &ConstValue) {
        self.with_info(|info| {
            let entry = &mut info.types[e.id.index()];
            if entry.untyped {
                entry.value = Some(val.clone());
            }
        });
    }

    /// Gives an untyped expression, and the untyped operands in it, a type. Stops at expressions that are typed.
    pub fn update_expr_type(&self, e: &'static Expr, ty: Type, is_final: bool) {
        let (mode, old, value, is_lhs) = {
            let infos = self.infos.borrow();
            let entry = &infos[self.env.get().file as usize].types[e.id.index()];
            if !entry.untyped {
                return;
            }
            (entry.mode, entry.ty, entry.value.clone(), entry.is_lhs)
        };
        match &e.kind {
            ExprKind::Paren(x) => self.update_expr_type(x, ty, is_final),
            ExprKind::Unary(UnaryOp::Star, _) => return,
            ExprKind::Unary(_, x) if value.is_none() => self.update_expr_type(x, ty, is_final),
            // The operands of a comparison have their own types.
            ExprKind::Binary(op, x, y) if value.is_none() && !op.is_comparison() => {
                self.update_expr_type(x, ty, is_final);
                if !op.is_shift() {
                    self.update_expr_type(y, ty, is_final);
                }
            }
            _ => {}
        }
        if !is_final && ty.is_untyped() {
            self.with_info(|info| info.types[e.id.index()].ty = Some(ty.under()));
            return;
        }
        self.with_info(|info| info.types[e.id.index()].untyped = false);
        if is_lhs && !ty.all_integer() {
            let msg = format!(
                "invalid operation: shifted operand {} (type {}) must be integer",
                golift_syntax::expr_string(e),
                self.ts(ty)
            );
            self.error(start_pos(e), "InvalidShiftOperand", msg);
            return;
        }
        let mut value = value;
        if let (Some(v), Some(old)) = (&value, old) {
            let mut c = Operand { mode, ty: old, val: Some(v.clone()), expr: Some(e), ..Operand::new() };
            self.convert_untyped(&mut c, ty);
            if !c.is_valid() {
                return;
            }
            value = c.val;
        }
        self.record_type(e, mode, ty, value);
    }

    /// Checks a constant after an operation at `op_pos`.
    pub fn overflow(&self, x: &mut Operand, op_pos: Pos) {
        let val = x.constant();
        if val.is_unknown() {
            self.error(op_pos, "InvalidConstVal", "constant result is not representable");
            return;
        }
        if x.ty.is_typed() {
            let t = x.ty.under();
            self.representable(x, t);
            return;
        }
        const PRECISION: u64 = 512;
        if val.kind() == ConstKind::Int && val.bit_len() > PRECISION {
            let op = x.expr.map_or("", op_name);
            let space = if op.is_empty() { "" } else { " " };
            self.error(op_pos, "InvalidConstVal", format!("constant {op}{space}overflow"));
            x.val = Some(ConstValue::Unknown);
            return;
        }
        const MAX_LEN: usize = 2_000_000_000;
        if let ConstValue::Str(s) = &val
            && s.len() > MAX_LEN
        {
            let msg = format!("constant string too long ({} bytes > {MAX_LEN} bytes)", s.len());
            self.error(op_pos, "InvalidConstVal", msg);
            x.val = Some(ConstValue::Unknown);
        }
    }

    // ------------------------------------------------------------------------
    // Conversions

    /// `T(x)`
    pub fn conversion(&self, x: &mut Operand, t: Type) {
        let const_arg = x.is_const();
        let const_convertible = |t: Type| -> Option<ConstValue> {
            let kind = t.basic_kind()?;
            let v = x.constant();
            if let Some(v) = representable_const(&v, kind) {
                return Some(v);
            }
            if x.ty.is_integer() && kind.is_string() {
                let c = v.as_u64().and_then(|c| u32::try_from(c).ok()).and_then(char::from_u32);
                let c = c.unwrap_or(char::REPLACEMENT_CHARACTER);
                return Some(ConstValue::from_str_bytes(c.to_string()));
            }
            None
        };
        let mut ok = false;
        let mut cause = String::new();
        let mut new_val = None;
        let mut new_mode = x.mode;
        let mut const_to_param = false;
        if const_arg && t.is_const_type() {
            new_val = const_convertible(t);
            ok = new_val.is_some();
            if !ok && t.is_integer() {
                // Messages show the constant as the integer that it would be.
                let integer = x.constant().to_int();
                if !integer.is_unknown() {
                    x.val = Some(integer);
                }
            }
            if !ok && x.ty.is_integer() && t.is_integer() {
                let msg = format!("constant {} overflows {}", x.constant(), self.ts(t));
                self.error(x.pos(), "InvalidConversion", msg);
                x.invalidate();
                return;
            }
        } else if const_arg && t.is_type_param() {
            const_to_param = true;
            ok = under_is(t, |u| {
                let Some(u) = u else {
                    cause = format!("{} does not contain specific types", self.ts(t));
                    return false;
                };
                if x.ty.is_string() && is_bytes_or_runes(u) {
                    return true;
                }
                if const_convertible(u).is_none() {
                    cause = if x.ty.is_integer() && u.is_integer() {
                        format!("constant {} overflows {} (in {})", x.constant(), self.ts(u), self.ts(t))
                    } else {
                        format!("cannot convert {} to type {} (in {})", self.os(x), self.ts(u), self.ts(t))
                    };
                    return false;
                }
                true
            });
            new_mode = Mode::Value;
        } else {
            match self.convertible_to(x, t, true) {
                Ok(()) => {
                    ok = true;
                    new_mode = Mode::Value;
                }
                Err(why) => cause = why,
            }
        }
        if !ok {
            if const_to_param {
                // Converted to a type parameter it would be no constant.
                x.mode = Mode::Value;
            }
            let mut msg = format!("cannot convert {} to type {}", self.os(x), self.ts(t));
            if !cause.is_empty() {
                msg = format!("{msg}: {cause}");
            }
            self.error(x.pos(), "InvalidConversion", msg);
            x.invalidate();
            return;
        }
        let untyped = x.ty.is_untyped();
        x.mode = new_mode;
        if let Some(v) = new_val {
            x.val = Some(v);
        }
        if untyped {
            let mut final_type = t;
            if x.ty == Type::basic(B::UntypedNil) {
                // Keeps the type of the conversion.
            } else if t.is_non_type_param_interface() || const_arg && !t.is_const_type() {
                final_type = x.ty.default_type();
            } else if x.is_const() && x.ty.is_integer() && t.all_string() {
                final_type = x.ty;
            }
            if let Some(e) = x.expr {
                self.update_expr_type(e, final_type, true);
            }
        }
        x.ty = t;
    }

    /// May the (non-constant) operand be converted? Otherwise why not, if there is something to say.
    pub fn convertible_to(&self, x: &Operand, t: Type, cause: bool) -> Result<(), String> {
        let why = match self.assignable_to(x, t, cause) {
            Ok(()) => return Ok(()),
            Err((_, why)) => why,
        };
        let orig_t = t;
        let (v, t) = (x.ty.unalias(), t.unalias());
        let (vu, tu) = (v.under(), t.under());
        let (vp, tp) = (v.is_type_param(), t.is_type_param());
        if !vp && !tp && identical_ignore_tags(vu, tu) {
            return Ok(());
        }
        if let (TypeKind::Pointer(vb), TypeKind::Pointer(tb)) = (v.kind(), t.kind())
            && !vb.is_type_param()
            && !tb.is_type_param()
            && identical_ignore_tags(vb.under(), tb.under())
        {
            return Ok(());
        }
        let int_or_float = |t: Type| t.is_integer() || t.is_float();
        let is_kind = |t: Type, k: B| t.basic_kind() == Some(k);
        let is_pointer = |t: Type| matches!(t.kind(), TypeKind::Pointer(_));
        if int_or_float(vu) && int_or_float(tu)
            || vu.is_complex() && tu.is_complex()
            || (vu.is_integer() || is_bytes_or_runes(vu)) && tu.is_string()
            || vu.is_string() && is_bytes_or_runes(tu)
            || (is_pointer(vu) || is_kind(vu, B::Uintptr)) && is_kind(tu, B::UnsafePointer)
            || is_kind(vu, B::UnsafePointer) && (is_pointer(tu) || is_kind(tu, B::Uintptr))
        {
            return Ok(());
        }
        if let TypeKind::Slice(elem) = vu.kind() {
            match tu.kind() {
                TypeKind::Array(a) if identical(*elem, a.elem) => {
                    if self.allow_version(20) {
                        return Ok(());
                    }
                    return Err("conversion of slice to array requires go1.20 or later".into());
                }
                TypeKind::Pointer(b) => {
                    if let TypeKind::Array(a) = b.under().kind()
                        && identical(*elem, a.elem)
                    {
                        if self.allow_version(17) {
                            return Ok(());
                        }
                        return Err("conversion of slice to array pointer requires go1.17 or later".into());
                    }
                }
                _ => {}
            }
        }
        if !vp && !tp {
            return Err(why);
        }
        let no_terms: &[Term] = &[];
        let v_terms = if vp { type_param_terms(v) } else { Some(no_terms) };
        let t_terms = if tp { type_param_terms(t) } else { Some(no_terms) };
        let (Some(v_terms), Some(t_terms)) = (v_terms, t_terms) else { return Err(why) };
        // Where there is no reason for the inner failure, that of the outer one stays.
        let explain = |msg: String, inner: String| {
            let inner = if inner.is_empty() { why.clone() } else { inner };
            Err(if inner.is_empty() { msg } else { format!("{msg}\n\t{inner}") })
        };
        let mut y = x.clone();
        if vp {
            for vt in v_terms {
                y.ty = vt.ty;
                if tp {
                    for tt in t_terms {
                        if let Err(inner) = self.convertible_to(&y, tt.ty, cause) {
                            return explain(
                                format!(
                                    "cannot convert {} (in {}) to type {} (in {})",
                                    self.ts(vt.ty),
                                    self.ts(v),
                                    self.ts(tt.ty),
                                    self.ts(t)
                                ),
                                inner,
                            );
                        }
                    }
                } else if let Err(inner) = self.convertible_to(&y, t, cause) {
                    return explain(
                        format!("cannot convert {} (in {}) to type {}", self.ts(vt.ty), self.ts(v), self.ts(orig_t)),
                        inner,
                    );
                }
            }
            return Ok(());
        }
        for tt in t_terms {
            if let Err(inner) = self.convertible_to(&y, tt.ty, cause) {
                return explain(
                    format!("cannot convert {} to type {} (in {})", self.ts(x.ty), self.ts(tt.ty), self.ts(t)),
                    inner,
                );
            }
        }
        Ok(())
    }
}

pub(crate) fn is_bytes_or_runes(t: Type) -> bool {
    match t.under().kind() {
        TypeKind::Slice(e) => matches!(e.basic_kind(), Some(B::Uint8 | B::Int32)),
        _ => false,
    }
}

fn op_name(e: &'static Expr) -> &'static str {
    match &e.kind {
        ExprKind::Unary(UnaryOp::Xor, _) => "bitwise complement",
        ExprKind::Binary(op, ..) => match op {
            BinaryOp::Add => "addition",
            BinaryOp::Sub => "subtraction",
            BinaryOp::Xor => "bitwise XOR",
            BinaryOp::Mul => "multiplication",
            BinaryOp::Shl => "shift",
            _ => "",
        },
        _ => "",
    }
}
