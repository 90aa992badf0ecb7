//! Selectors: qualified identifiers, fields, methods, method expressions.

use golift_syntax::{Expr, Ident, Symbol, expr_string, start_pos};

use rustc_hash::FxHashSet;

use crate::check::Checker;
use crate::lookup::{Lookup, interface_ptr_error, is_interface_ptr, lookup_field_or_method, lookup_fold};
use crate::object::{Obj, ObjKind, VarKind};
use crate::operand::Operand;
use crate::package::{Mode, Package, SelectionKind};
use crate::predicates::is_valid_name;
use crate::record::selection;
use crate::types::{Type, TypeKind};

impl Checker {
    pub fn selector(
        &self,
        x: &mut Operand,
        e: &'static Expr,
        base: &'static Expr,
        sel: &'static Ident,
        want_type: bool,
    ) {
        if self.select(x, e, base, sel, want_type).is_none() {
            x.invalidate();
            x.ty = Type::invalid();
        }
        x.set_expr(e);
    }

    fn select(
        &self,
        x: &mut Operand,
        e: &'static Expr,
        base: &'static Expr,
        sel: &'static Ident,
        want_type: bool,
    ) -> Option<()> {
        if let Some(ident) = base.as_ident()
            && let Some(pkg_name) = self.lookup(ident.name).filter(|&o| Checker::is_pkg_name(o))
        {
            return self.qualified(x, e, ident, sel, pkg_name);
        }
        self.expr_or_type(x, base, false);
        match x.mode {
            Mode::Invalid => return None,
            Mode::Builtin => {
                let msg = format!("invalid use of {} in selector expression", self.os(x));
                self.error(e.pos, "UncalledBuiltin", msg);
                return None;
            }
            _ => {}
        }
        if !self.is_complete(x.ty) {
            return None;
        }
        if want_type {
            self.error(sel.pos, "NotAType", format!("{} is not a type", expr_string(e)));
            return None;
        }
        if let TypeKind::Pointer(b) = x.ty.under().kind()
            && !self.is_complete(*b)
        {
            return None;
        }
        let addressable = x.mode == Mode::Variable;
        let name = sel.name;
        match lookup_field_or_method(x.ty, addressable, Some(self.pkg), name) {
            Lookup::Found { obj, index, indirect } if !obj.is_func() => {
                if x.mode == Mode::TypeExpr {
                    let msg = format!("operand for field selector {name} must be value of type {}", self.ts(x.ty));
                    self.error(start_pos(base), "MissingFieldOrMethod", msg);
                    return None;
                }
                let ty = obj.ty();
                self.record_selection(e, sel, selection(SelectionKind::FieldVal, x.ty, obj, index, indirect, ty));
                x.mode = if addressable || indirect { Mode::Variable } else { Mode::Value };
                x.ty = ty;
                x.val = None;
                Some(())
            }
            Lookup::Found { obj, index, indirect } => {
                let sig_type = obj.ty();
                // The declaration of the method, for initialisation order.
                self.add_decl_dep(obj);
                let sig = sig_type.as_signature()?;
                if x.mode == Mode::TypeExpr {
                    let Some(recv) = sig.recv else {
                        self.error(start_pos(e), "InvalidDeclCycle", "illegal cycle in method declaration");
                        return None;
                    };
                    let mut recv_name = Symbol::EMPTY;
                    if sig.params.first().is_some_and(|p| p.name() != Symbol::EMPTY) {
                        recv_name = if recv.name() == Symbol::EMPTY { Symbol::BLANK } else { recv.name() };
                    }
                    let first = Obj::new_var(VarKind::Param, recv.pos(), recv.pkg(), recv_name, Some(x.ty));
                    let params = std::iter::once(first).chain(sig.params.iter().copied()).collect();
                    let ty = Type::new_generic_signature(
                        None,
                        vec![],
                        sig.tparams.to_vec(),
                        params,
                        sig.results.to_vec(),
                        sig.variadic,
                    );
                    let kind = SelectionKind::MethodExpr;
                    self.record_selection(e, sel, selection(kind, x.ty, obj, index, indirect, ty));
                    x.ty = ty;
                } else {
                    let ty = Type::new_generic_signature(
                        None,
                        vec![],
                        sig.tparams.to_vec(),
                        sig.params.to_vec(),
                        sig.results.to_vec(),
                        sig.variadic,
                    );
                    let kind = SelectionKind::MethodVal;
                    self.record_selection(e, sel, selection(kind, x.ty, obj, index, indirect, ty));
                    x.ty = ty;
                }
                x.mode = Mode::Value;
                x.val = None;
                Some(())
            }
            failed => {
                self.lookup_failed(x, sel, addressable, &failed);
                None
            }
        }
    }

    fn lookup_failed(&self, x: &Operand, sel: &Ident, addressable: bool, failed: &Lookup) {
        if x.ty.under().is_invalid() {
            return;
        }
        let name = sel.name;
        let (code, msg) = match failed {
            Lookup::Ambiguous(_) => ("AmbiguousSelector", format!("ambiguous selector {}.{name}", x.expr_text())),
            Lookup::NeedsPointer if x.mode == Mode::TypeExpr => {
                let t = self.ts(x.ty);
                let msg = format!("invalid method expression {t}.{name} (needs pointer receiver (*{t}).{name})");
                ("InvalidMethodExpr", msg)
            }
            Lookup::NeedsPointer => {
                ("InvalidMethodExpr", format!("cannot call pointer method {name} on {}", self.ts(x.ty)))
            }
            _ => {
                let why = if is_interface_ptr(x.ty) {
                    interface_ptr_error(x.ty, &self.qualifier())
                } else {
                    let alt = lookup_fold(x.ty, addressable, Some(self.pkg), name, true).obj();
                    self.lookup_error(x.ty, name, alt, false)
                };
                ("MissingFieldOrMethod", format!("{}.{name} undefined ({why})", x.expr_text()))
            }
        };
        self.error(sel.pos, code, msg);
    }

    fn qualified(
        &self,
        x: &mut Operand,
        e: &'static Expr,
        ident: &'static Ident,
        sel: &'static Ident,
        pkg_name: Obj,
    ) -> Option<()> {
        self.record_use(ident, pkg_name);
        pkg_name.set_used();
        let pkg = pkg_name.imported()?;
        let visible = |obj: &Obj| obj.is_exported() || self.config.testing || is_in_export_data(pkg, *obj);
        let Some(obj) = pkg.lookup(sel.name).filter(visible) else {
            if !pkg.is_fake() && is_valid_name(sel.name) {
                let mut msg = format!("undefined: {}", expr_string(e));
                if let Some(alt) = similar_export(pkg, sel.name) {
                    msg = format!("{msg} (but have {alt})");
                }
                self.error(sel.pos, "UndeclaredImportedName", msg);
            }
            return None;
        };
        if !obj.is_exported() {
            let msg = format!("name {} not exported by package {}", sel.name, pkg.name());
            self.error(sel.pos, "UnexportedName", msg);
        }
        self.record_use(sel, obj);
        x.ty = obj.ty();
        x.val = None;
        x.mode = match obj.kind() {
            ObjKind::Const => {
                x.val = Some(obj.const_value());
                Mode::Constant
            }
            ObjKind::TypeName => Mode::TypeExpr,
            ObjKind::Var(_) => Mode::Variable,
            ObjKind::Func => Mode::Value,
            ObjKind::Builtin(id) => {
                x.id = Some(id);
                Mode::Builtin
            }
            _ => return None,
        };
        if x.ty.is_invalid() && x.mode != Mode::Builtin {
            return None;
        }
        Some(())
    }

    /// Why there is no such field or method, with a hint at one of similar spelling.
    pub fn lookup_error(&self, t: Type, sel: Symbol, alt: Option<Obj>, struct_lit: bool) -> String {
        enum Case {
            Missing,
            Misspelled,
            Unexported,
            Inaccessible,
        }
        let tail = |s: Symbol| {
            let mut chars = s.as_str().chars();
            chars.next();
            chars.as_str()
        };
        let mut case = Case::Missing;
        if let Some(alt) = alt {
            let name = alt.name();
            if alt.pkg() == Some(self.pkg) {
                case = Case::Misspelled;
            } else if sel.is_exported() {
                if name.is_exported() {
                    case = Case::Misspelled;
                } else if tail(sel) == tail(name) {
                    case = Case::Unexported;
                }
            } else if name.is_exported() {
                if tail(sel) == tail(name) {
                    case = Case::Misspelled;
                }
            } else if sel == name {
                case = Case::Inaccessible;
            }
        }
        let ty = self.ts(t);
        let alt_name = alt.map_or(Symbol::EMPTY, Obj::name);
        if struct_lit {
            return match case {
                Case::Missing => format!("unknown field {sel} in struct literal of type {ty}"),
                Case::Misspelled => {
                    format!("unknown field {sel} in struct literal of type {ty}, but does have {alt_name}")
                }
                Case::Unexported => {
                    format!("unknown field {sel} in struct literal of type {ty}, but does have unexported {alt_name}")
                }
                Case::Inaccessible => {
                    format!("cannot refer to unexported field {alt_name} in struct literal of type {ty}")
                }
            };
        }
        let what = match alt.map(Obj::kind) {
            Some(ObjKind::Var(_)) => "field",
            Some(ObjKind::Func) => "method",
            _ => "object",
        };
        match case {
            Case::Missing => format!("type {ty} has no field or method {sel}"),
            Case::Misspelled => {
                format!("type {ty} has no field or method {sel}, but does have {what} {alt_name}")
            }
            Case::Unexported => {
                format!("type {ty} has no field or method {sel}, but does have unexported {what} {alt_name}")
            }
            Case::Inaccessible => format!("cannot refer to unexported {what} {alt_name}"),
        }
    }
}

/// An exported name that differs only in case.
fn similar_export(pkg: Package, name: Symbol) -> Option<Symbol> {
    pkg.names().into_iter().find(|n| n.is_exported() && crate::object::eq_fold(n.as_str(), name.as_str()))
}

/// gc's export data holds, of what is not exported, only what the types of exported objects mention: the rest is
/// as good as undeclared.
fn is_in_export_data(pkg: Package, obj: Obj) -> bool {
    let exported = pkg.names().into_iter().filter_map(|name| pkg.lookup(name)).filter(|o| o.is_exported());
    let mut seen = FxHashSet::default();
    let mut pending: Vec<Type> = exported.map(Obj::ty).collect();
    while let Some(t) = pending.pop() {
        if !seen.insert(t) {
            continue;
        }
        let objects = |list: &[Obj]| list.iter().map(|o| o.ty()).collect::<Vec<_>>();
        match t.kind() {
            TypeKind::Named(n) => {
                if n.obj == obj {
                    return true;
                }
                pending.extend(n.targs());
                if n.obj.pkg() == Some(pkg) {
                    pending.push(t.under());
                    pending.extend(objects(n.origin_methods()));
                }
            }
            TypeKind::Alias(a) => {
                if a.obj == obj {
                    return true;
                }
                pending.push(t.unalias());
            }
            TypeKind::Pointer(elem) | TypeKind::Slice(elem) => pending.push(*elem),
            TypeKind::Array(a) => pending.push(a.elem),
            TypeKind::Chan(c) => pending.push(c.elem),
            TypeKind::Map(m) => pending.extend([m.key, m.elem]),
            TypeKind::Struct(s) => pending.extend(objects(&s.fields)),
            TypeKind::Signature(s) => {
                pending.extend(objects(&s.params));
                pending.extend(objects(&s.results));
            }
            TypeKind::Interface(i) => {
                pending.extend(objects(i.explicit_methods()));
                pending.extend(i.embeddeds());
            }
            TypeKind::Union(u) => pending.extend(u.terms.iter().map(|term| term.ty)),
            _ => {}
        }
    }
    false
}
