//! Literals: basic, functions, composite.

use golift_syntax::{BasicLit, CompositeLit, Expr, ExprKind, FuncLit, LitKind, expr_string, start_pos};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::check::Checker;
use crate::constant::ConstValue;
use crate::literal_value;
use crate::lookup::{Lookup, field_path, lookup_field_or_method, lookup_fold};
use crate::object::Obj;
use crate::operand::Operand;
use crate::package::Mode;
use crate::predicates::identical;
use crate::signature::FuncOf;
use crate::types::{BasicKind, Struct, Type, TypeKind};
use crate::typeset::common_under;

/// A constant as a key of tables: equal for equal values, whatever their kinds.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) enum ConstKey {
    Int(i64),
    Uint(u64),
    Float(u64),
    Complex(u64, u64),
    Str(Vec<u8>),
    Bool(bool),
    Other(String),
}

pub(crate) fn const_key(v: &ConstValue) -> ConstKey {
    if let Some(i) = v.as_i64() {
        return ConstKey::Int(i);
    }
    if let Some(u) = v.as_u64() {
        return ConstKey::Uint(u);
    }
    match v {
        ConstValue::Bool(b) => ConstKey::Bool(*b),
        ConstValue::Str(s) => ConstKey::Str(s.to_bytes()),
        ConstValue::Ratio(_) | ConstValue::Float(_) => ConstKey::Float(v.as_f64().unwrap_or(0.0).to_bits()),
        ConstValue::Complex(_) => {
            let part = |v: ConstValue| v.as_f64().unwrap_or(0.0).to_bits();
            if v.imag().sign() == 0 {
                ConstKey::Float(part(v.real()))
            } else {
                ConstKey::Complex(part(v.real()), part(v.imag()))
            }
        }
        _ => ConstKey::Other(v.to_string()),
    }
}

impl Checker {
    pub fn basic_lit(&self, x: &mut Operand, e: &'static Expr, lit: &'static BasicLit) {
        let text = lit.text.as_str();
        if matches!(lit.kind, LitKind::Int | LitKind::Float | LitKind::Imag) {
            if !self.allow_version(13) {
                self.literal_version(lit);
            }
            const LIMIT: usize = 10_000;
            if text.len() > LIMIT {
                let msg = format!("excessively long constant: {}... ({} chars)", &text[..10], text.len());
                self.error(lit.pos, "InvalidConstVal", msg);
                x.invalidate();
                return;
            }
        }
        let kind = match lit.kind {
            LitKind::Int => BasicKind::UntypedInt,
            LitKind::Float => BasicKind::UntypedFloat,
            LitKind::Imag => BasicKind::UntypedComplex,
            LitKind::Rune => BasicKind::UntypedRune,
            LitKind::String => BasicKind::UntypedString,
        };
        let val = literal_value::literal(lit.kind, text);
        if val.is_unknown() {
            self.error(lit.pos, "InvalidConstVal", format!("malformed constant: {text}"));
            x.invalidate();
            return;
        }
        x.mode = Mode::Constant;
        x.ty = Type::basic(kind);
        x.val = Some(val);
        x.set_expr(e);
        self.overflow(x, lit.pos);
    }

    fn literal_version(&self, lit: &BasicLit) {
        let s = lit.text.as_str().as_bytes();
        if s.len() <= 2 {
            return;
        }
        let what = if s.contains(&b'_') {
            "underscore in numeric literal"
        } else if s[0] != b'0' {
            return;
        } else {
            match s[1] {
                b'b' | b'B' => "binary literal",
                b'o' | b'O' => "0o/0O-style octal literal",
                b'x' | b'X' if lit.kind != LitKind::Int => "hexadecimal floating-point literal",
                _ => return,
            }
        };
        self.version_error(lit.pos, 13, what);
    }

    pub fn func_lit(&self, x: &mut Operand, lit: &'static FuncLit) {
        let outer = self.env.get().scope;
        let (sig, scope) = self.func_type(None, &[], &lit.ty, FuncOf::Type);
        self.edit_env(|e| e.scope = outer);
        if !self.config.ignore_func_bodies {
            let env = self.env.get();
            self.later(move |c| {
                // The body may use iota, and its dependencies are those of the declaration.
                c.func_body(env.decl, sig, scope, &lit.body, env.iota, Some(env.tparams));
            });
        }
        x.mode = Mode::Value;
        x.ty = sig;
    }

    pub fn composite_lit(&self, x: &mut Operand, e: &'static Expr, lit: &'static CompositeLit, hint: Option<Type>) {
        let mut typ;
        let mut base;
        let mut is_elem = false;
        // `[...]T`: the length comes from the elements.
        let mut open_array: Option<Type> = None;
        match (&lit.ty, hint) {
            (Some(ty), _) => {
                if let ExprKind::ArrayType(None, elem) = &ty.kind {
                    let elem = self.var_type(elem);
                    open_array = Some(elem);
                    typ = Type::new_array(elem, -1);
                } else {
                    typ = self.typ(ty);
                }
                base = typ;
            }
            (None, Some(hint)) => {
                typ = hint;
                base = hint;
                if let Ok(u) = common_under(base, None)
                    && let (b, true) = u.deref()
                {
                    base = b;
                }
                is_elem = true;
            }
            (None, None) => {
                self.error(e.pos, "UntypedLit", "missing type in composite literal");
                typ = Type::invalid();
                base = typ;
            }
        }
        if !self.is_complete(base) {
            x.invalidate();
            return;
        }
        let utyp = common_under(base, None).ok();
        match utyp.map(Type::kind) {
            Some(TypeKind::Struct(s)) => {
                if !lit.elems.is_empty() {
                    self.struct_lit(x, lit, utyp.unwrap_or(base), s, base);
                }
            }
            Some(TypeKind::Array(a)) => {
                let n = self.indexed_elems(&lit.elems, a.elem, a.len);
                if let Some(elem) = open_array {
                    typ = Type::new_array(elem, n);
                    if let Some(ty) = &lit.ty {
                        self.record_type(ty, Mode::TypeExpr, typ, None);
                    }
                }
            }
            Some(TypeKind::Slice(elem)) => {
                self.indexed_elems(&lit.elems, *elem, -1);
            }
            Some(TypeKind::Map(m)) => self.map_lit(x, lit, m.key, m.elem),
            _ => {
                for elem in &lit.elems {
                    let value = match &elem.kind {
                        ExprKind::KeyValue(_, value) => value,
                        _ => elem,
                    };
                    self.use_exprs(std::slice::from_ref(value));
                }
                if utyp.is_none_or(|u| u.is_valid()) {
                    let qualifier = if is_elem { " element" } else { "" };
                    let cause = if utyp.is_none() { " (no common underlying type)" } else { "" };
                    let msg = format!("invalid composite literal{qualifier} type {}{cause}", self.ts(typ));
                    self.error(start_pos(e), "InvalidLit", msg);
                    x.invalidate();
                    return;
                }
            }
        }
        x.mode = Mode::Value;
        x.ty = typ;
        x.val = None;
    }

    fn struct_lit(&self, x: &mut Operand, lit: &'static CompositeLit, utyp: Type, s: &'static Struct, base: Type) {
        let mixture = |pos| {
            let msg = "mixture of field:value and value elements in struct literal";
            self.error(pos, "MixedStructLit", msg);
        };
        if matches!(lit.elems[0].kind, ExprKind::KeyValue(..)) {
            let mut visited: Vec<(Vec<u32>, Obj)> = Vec::new();
            let mut direct: FxHashMap<u32, Obj> = FxHashMap::default();
            for elem in &lit.elems {
                let ExprKind::KeyValue(key, value) = &elem.kind else {
                    mixture(start_pos(elem));
                    continue;
                };
                self.generic_expr(x, value, None);
                let Some(name) = key.as_ident() else {
                    let msg = format!("invalid field name {} in struct literal", expr_string(key));
                    self.error(start_pos(elem), "InvalidLitField", msg);
                    continue;
                };
                let (field, index, indirect) = match lookup_field_or_method(utyp, false, Some(self.pkg), name.name) {
                    Lookup::Found { obj, index, indirect } => (obj, index, indirect),
                    _ => {
                        let alt = lookup_fold(utyp, false, Some(self.pkg), name.name, true).obj();
                        let msg = self.lookup_error(base, name.name, alt, true);
                        self.error(start_pos(key), "MissingLitField", msg);
                        continue;
                    }
                };
                if !field.is_var() {
                    let msg = format!("{} is not a field", expr_string(key));
                    self.error(start_pos(key), "MissingLitField", msg);
                    continue;
                }
                if index.len() > 1
                    && !self.verify_version(start_pos(key), 27, || {
                        format!(
                            "use of promoted field {} in struct literal of type {}",
                            field_path(utyp, &index),
                            self.ts(base)
                        )
                    })
                {
                    continue;
                }
                if indirect {
                    let msg = format!("invalid implicit pointer indirection to reach {}", expr_string(key));
                    self.error(start_pos(key), "InvalidLitField", msg);
                    continue;
                }
                self.record_use(name, field);
                self.assignment(x, Some(field.ty()), "struct literal");
                if index.len() == 1 {
                    if direct.insert(index[0], field).is_some() {
                        let msg = format!("duplicate field name {} in struct literal", field.name());
                        self.error(start_pos(elem), "DuplicateLitField", msg);
                        continue;
                    }
                    if let Some((_, alt)) = visited.iter().find(|(i, _)| i[0] == index[0]) {
                        let msg = format!(
                            "cannot specify embedded field {} and enclosed promoted field {}",
                            field.name(),
                            alt.name()
                        );
                        self.error(start_pos(elem), "DuplicateLitField", msg);
                    }
                    continue;
                }
                let alt = direct.get(&index[0]).map(|&alt| (1, alt)).or_else(|| {
                    visited
                        .iter()
                        .find(|(i, _)| index.starts_with(i) || i.starts_with(&index))
                        .map(|(i, alt)| (i.len(), *alt))
                });
                if let Some((n, alt)) = alt {
                    let (f, a) = (field.name(), alt.name());
                    let msg = match n.cmp(&index.len()) {
                        std::cmp::Ordering::Equal => format!("duplicate field name {f} in struct literal"),
                        std::cmp::Ordering::Less => {
                            format!("cannot specify promoted field {f} and enclosing embedded field {a}")
                        }
                        std::cmp::Ordering::Greater => {
                            format!("cannot specify embedded field {f} and enclosed promoted field {a}")
                        }
                    };
                    self.error(start_pos(elem), "DuplicateLitField", msg);
                } else {
                    visited.push((index, field));
                }
            }
            return;
        }
        let hidden = |f: Obj| !f.is_exported() && f.pkg() != Some(self.pkg);
        for (i, elem) in lit.elems.iter().enumerate() {
            if matches!(elem.kind, ExprKind::KeyValue(..)) {
                mixture(start_pos(elem));
                continue;
            }
            self.generic_expr(x, elem, None);
            let Some(&field) = s.fields.get(i) else {
                let msg = format!("too many values in struct literal of type {}", self.ts(base));
                self.error(x.pos(), "InvalidStructLit", msg);
                break;
            };
            if hidden(field) {
                let msg = format!(
                    "implicit assignment to unexported field {} in struct literal of type {}",
                    field.name(),
                    self.ts(base)
                );
                self.error(x.pos(), "UnexportedLitField", msg);
                continue;
            }
            self.assignment(x, Some(field.ty()), "struct literal");
        }
        if lit.elems.len() < s.fields.len() {
            let hint = if s.fields.iter().any(|&f| hidden(f)) {
                " (type has unexported fields - use key:value pairs)"
            } else {
                ""
            };
            let msg = format!("too few values in struct literal of type {}{hint}", self.ts(base));
            self.error(lit.rbrace, "InvalidStructLit", msg);
        }
    }

    fn map_lit(&self, x: &mut Operand, lit: &'static CompositeLit, key_type: Type, elem_type: Type) {
        let key_is_interface = key_type.is_non_type_param_interface();
        let mut visited: FxHashMap<ConstKey, Vec<Type>> = FxHashMap::default();
        for elem in &lit.elems {
            let ExprKind::KeyValue(key, value) = &elem.kind else {
                self.error(start_pos(elem), "MissingLitKey", "missing key in map literal");
                continue;
            };
            self.generic_expr(x, key, Some(key_type));
            self.assignment(x, Some(key_type), "map literal");
            if !x.is_valid() {
                // Without its key gc does not look at the value, not even for what it uses.
                continue;
            }
            if x.is_const() {
                let v = x.constant();
                let seen = visited.entry(const_key(&v));
                let mut duplicate = matches!(seen, std::collections::hash_map::Entry::Occupied(_));
                let types = seen.or_default();
                if key_is_interface {
                    duplicate = types.iter().any(|&t| identical(t, x.ty));
                    types.push(x.ty);
                }
                if duplicate {
                    self.error(x.pos(), "DuplicateLitKey", format!("duplicate key {v} in map literal"));
                    continue;
                }
            }
            self.generic_expr(x, value, Some(elem_type));
            self.assignment(x, Some(elem_type), "map literal");
        }
    }

    /// Elements of an array (of `length`, unless negative) or slice. Returns the length that they need.
    fn indexed_elems(&self, elems: &'static [Expr], ty: Type, length: i64) -> i64 {
        // Without keys there are no duplicates.
        let mut visited: Option<FxHashSet<i64>> =
            elems.iter().any(|e| matches!(e.kind, ExprKind::KeyValue(..))).then(FxHashSet::default);
        let (mut index, mut max) = (0i64, 0i64);
        for e in elems {
            let mut valid = false;
            let mut value = e;
            if let ExprKind::KeyValue(key, v) = &e.kind {
                let (t, i) = self.index(key, length);
                if t.is_valid() {
                    if i >= 0 {
                        index = i;
                        valid = true;
                    } else {
                        let msg = format!("index {} must be integer constant", expr_string(key));
                        self.error(start_pos(e), "InvalidLitIndex", msg);
                    }
                }
                value = v;
            } else if length >= 0 && index >= length {
                let msg = format!("index {index} is out of bounds (>= {length})");
                self.error(start_pos(e), "OversizeArrayLit", msg);
            } else {
                valid = true;
            }
            if valid
                && let Some(visited) = &mut visited
                && !visited.insert(index)
            {
                let msg = format!("duplicate index {index} in array or slice literal");
                self.error(start_pos(e), "DuplicateLitKey", msg);
            }
            index = index.saturating_add(1);
            max = max.max(index);
            let mut x = Operand::new();
            self.generic_expr(&mut x, value, Some(ty));
            self.assignment(&mut x, Some(ty), "array or slice literal");
        }
        max
    }
}
