//! Index and slice expressions.

use golift_syntax::{Expr, SliceExpr, start_pos};

use crate::check::Checker;
use crate::constant::ConstValue;
use crate::operand::Operand;
use crate::package::Mode;
use crate::predicates::identical;
use crate::types::{BasicKind, Type, TypeKind};
use crate::typeset::{all_types, under_is};
use crate::universe;

fn string_len(x: &Operand) -> i64 {
    match (&x.val, x.mode) {
        (Some(ConstValue::Str(s)), Mode::Constant) => s.len() as i64,
        _ => -1,
    }
}

impl Checker {
    /// Returns true if this is an instantiation of a generic function, which is left to the caller.
    pub fn index_expr(&self, x: &mut Operand, e: &'static Expr, base: &'static Expr, args: &'static [Expr]) -> bool {
        self.expr_or_type(x, base, true);
        match x.mode {
            Mode::Invalid => {
                self.use_exprs(args);
                return false;
            }
            Mode::TypeExpr => {
                x.invalidate();
                x.ty = self.var_type(e);
                if x.ty.is_valid() {
                    x.mode = Mode::TypeExpr;
                }
                return false;
            }
            Mode::Value => {
                if let TypeKind::Signature(s) = x.ty.under().kind()
                    && !s.tparams.is_empty()
                {
                    return true;
                }
            }
            _ => {}
        }
        self.non_generic(None, x);
        if !x.is_valid() {
            return false;
        }
        let complete = self.is_complete(x.ty)
            && match x.ty.under().kind() {
                TypeKind::Pointer(b) => self.is_complete(*b),
                TypeKind::Map(m) => self.is_complete(m.elem),
                _ => true,
            };
        if !complete {
            x.invalidate();
            return false;
        }
        let mut valid = false;
        let mut length = -1i64;
        let mut map_key = None;
        match x.ty.under().kind() {
            TypeKind::Basic(b) if b.kind.is_string() => {
                valid = true;
                length = string_len(x);
                x.mode = Mode::Value;
                x.ty = universe::byte_type();
            }
            TypeKind::Array(a) => {
                valid = true;
                length = a.len;
                if x.mode != Mode::Variable {
                    x.mode = Mode::Value;
                }
                x.ty = a.elem;
            }
            TypeKind::Pointer(b) => {
                if let TypeKind::Array(a) = b.under().kind() {
                    valid = true;
                    length = a.len;
                    x.mode = Mode::Variable;
                    x.ty = a.elem;
                }
            }
            TypeKind::Slice(elem) => {
                valid = true;
                x.mode = Mode::Variable;
                x.ty = *elem;
            }
            TypeKind::Map(m) => map_key = Some((m.key, m.elem)),
            TypeKind::Interface(_) if x.ty.is_type_param() => {
                // All types of the type set must agree.
                let mut found: Option<(Option<Type>, Type)> = None;
                let mut mode = Mode::Variable;
                let ok = under_is(x.ty, |u| {
                    let Some(u) = u else { return false };
                    let mut l = -1;
                    let (k, elem) = match u.kind() {
                        TypeKind::Basic(b) if b.kind.is_string() => {
                            mode = Mode::Value;
                            (None, universe::byte_type())
                        }
                        TypeKind::Array(a) => {
                            l = a.len;
                            if x.mode != Mode::Variable {
                                mode = Mode::Value;
                            }
                            (None, a.elem)
                        }
                        TypeKind::Pointer(b) => match b.under().kind() {
                            TypeKind::Array(a) => {
                                l = a.len;
                                (None, a.elem)
                            }
                            _ => return false,
                        },
                        TypeKind::Slice(elem) => (None, *elem),
                        TypeKind::Map(m) => (Some(m.key), m.elem),
                        _ => return false,
                    };
                    match found {
                        None => {
                            length = l;
                            found = Some((k, elem));
                            true
                        }
                        Some((key, first)) => {
                            let same_key = match (key, k) {
                                (Some(a), Some(b)) => identical(a, b),
                                (None, None) => true,
                                _ => false,
                            };
                            if l >= 0 && l < length {
                                length = l;
                            }
                            same_key && identical(first, elem)
                        }
                    }
                });
                if ok && let Some((key, elem)) = found {
                    match key {
                        Some(key) => map_key = Some((key, elem)),
                        None => {
                            valid = true;
                            x.mode = mode;
                            x.ty = elem;
                        }
                    }
                }
            }
            _ => {}
        }
        if let Some((key_type, elem)) = map_key {
            let Some(index) = self.single_index(args) else {
                x.invalidate();
                return false;
            };
            let mut key = Operand::new();
            self.generic_expr(&mut key, index, None);
            self.assignment(&mut key, Some(key_type), "map index");
            x.mode = Mode::MapIndex;
            x.ty = elem;
            x.val = None;
            x.set_expr(e);
            return false;
        }
        if !valid {
            self.error(e.pos, "NonSliceableOperand", format!("cannot index {}", self.os(x)));
            self.use_exprs(args);
            x.invalidate();
            return false;
        }
        x.val = None;
        let Some(index) = self.single_index(args) else {
            x.invalidate();
            return false;
        };
        self.index(index, length);
        false
    }

    fn single_index(&self, args: &'static [Expr]) -> Option<&'static Expr> {
        if let Some(second) = args.get(1) {
            self.error(start_pos(second), "InvalidIndex", "invalid operation: more than one index");
        }
        args.first()
    }

    pub fn slice_expr(&self, x: &mut Operand, s: &'static SliceExpr) {
        self.expr(None, x, &s.x);
        if !x.is_valid() {
            s.index.iter().flatten().for_each(|i| {
                self.use_exprs(std::slice::from_ref(i));
            });
            return;
        }
        let mut common: Option<(Type, Type)> = None;
        let mut has_string = false;
        let ok = all_types(x.ty, &mut |tu| {
            let Some((t, mut u)) = tu else {
                let msg = format!("cannot slice {}: no specific type in {}", self.os(x), self.ts(x.ty));
                self.error(x.pos(), "NonSliceableOperand", msg);
                return false;
            };
            if u.is_string() {
                u = Type::new_slice(universe::byte_type());
                has_string = true;
            }
            match common {
                None => common = Some((t, u)),
                Some((ct, cu)) if !identical(cu, u) => {
                    let msg = format!(
                        "cannot slice {}: {} and {} have different underlying types",
                        self.os(x),
                        self.ts(ct),
                        self.ts(t)
                    );
                    self.error(x.pos(), "NonSliceableOperand", msg);
                    return false;
                }
                _ => {}
            }
            true
        });
        let Some((_, mut cu)) = common.filter(|_| ok) else {
            x.invalidate();
            return;
        };
        if has_string {
            cu = if x.ty.is_type_param() { Type::basic(BasicKind::String) } else { x.ty.under() };
        }
        if let TypeKind::Pointer(b) = x.ty.under().kind()
            && !self.is_complete(*b)
        {
            x.invalidate();
            return;
        }
        let mut valid = false;
        let mut length = -1i64;
        match cu.kind() {
            TypeKind::Basic(b) if b.kind.is_string() => {
                if s.full {
                    let pos = s.index[2].as_ref().map_or(x.pos(), start_pos);
                    self.error(pos, "InvalidSliceExpr", "invalid operation: 3-index slice of string");
                    x.invalidate();
                    return;
                }
                valid = true;
                length = string_len(x);
                if x.ty.is_untyped() {
                    if let Some(e) = x.expr {
                        self.update_expr_type(e, Type::basic(BasicKind::String), true);
                    }
                    x.ty = Type::basic(BasicKind::String);
                }
            }
            TypeKind::Array(a) => {
                valid = true;
                length = a.len;
                if x.mode != Mode::Variable {
                    let msg = format!("cannot slice unaddressable value {}", self.os(x));
                    self.error(x.pos(), "NonSliceableOperand", msg);
                    x.invalidate();
                    return;
                }
                x.ty = Type::new_slice(a.elem);
            }
            TypeKind::Pointer(b) => {
                if let TypeKind::Array(a) = b.under().kind() {
                    valid = true;
                    length = a.len;
                    x.ty = Type::new_slice(a.elem);
                }
            }
            TypeKind::Slice(_) => valid = true,
            _ => {}
        }
        if !valid {
            self.error(x.pos(), "NonSliceableOperand", format!("cannot slice {}", self.os(x)));
            x.invalidate();
            return;
        }
        x.mode = Mode::Value;
        x.val = None;
        if s.full && (s.index[1].is_none() || s.index[2].is_none()) {
            // The parser has complained.
            x.invalidate();
            return;
        }
        let mut known = [-1i64; 3];
        for (i, e) in s.index.iter().enumerate() {
            known[i] = match e {
                Some(e) => self.index(e, if length >= 0 { length + 1 } else { -1 }).1,
                None if i == 0 => 0,
                None => length,
            };
        }
        for i in 0..2 {
            for j in i + 1..3 {
                if known[i] > 0 && known[j] >= 0 && known[j] < known[i] {
                    let pos = s.index[j].as_ref().map_or(x.pos(), start_pos);
                    let msg = format!("invalid slice indices: {} < {}", known[j], known[i]);
                    self.error(pos, "SwappedSliceIndices", msg);
                    return;
                }
            }
        }
    }

    /// Checks an index below `max` (if that is not negative). Returns its type, and its value or -1.
    pub fn index(&self, e: &'static Expr, max: i64) -> (Type, i64) {
        let mut x = Operand::new();
        self.expr(None, &mut x, e);
        if !self.is_valid_index(&mut x, "InvalidIndex", "index", false) {
            return (Type::invalid(), -1);
        }
        if !x.is_const() {
            return (x.ty, -1);
        }
        let Some(v) = x.constant().as_i64() else { return (Type::invalid(), -1) };
        if max >= 0 && v >= max {
            let msg = format!("invalid argument: index {} out of bounds [0:{max}]", x.constant());
            self.error(x.pos(), "InvalidIndex", msg);
            return (Type::invalid(), -1);
        }
        (x.ty, v)
    }

    pub fn is_valid_index(&self, x: &mut Operand, code: &'static str, what: &str, allow_negative: bool) -> bool {
        if !x.is_valid() {
            return false;
        }
        let int = Type::basic(BasicKind::Int);
        self.convert_untyped(x, int);
        if !x.is_valid() {
            return false;
        }
        let err = |why: &str| {
            self.error(x.pos(), code, format!("invalid argument: {what} {} {why}", self.os(x)));
            false
        };
        if !x.ty.all_integer() {
            return err("must be integer");
        }
        if x.is_const() {
            let v = x.constant();
            if !allow_negative && v.sign() < 0 {
                return err("must not be negative");
            }
            match crate::convert::representable_const(&v, BasicKind::Int) {
                None => return err("overflows int"),
                Some(v) => x.val = Some(v),
            }
        }
        true
    }
}
