//! Function types: receivers, parameters, results.

use golift_syntax::{Expr, ExprKind, Field, FuncType, Ident, Pos, Symbol, UnaryOp, start_pos};

use crate::assign::measure;
use crate::check::Checker;
use crate::object::{Obj, VarKind};
use crate::package::Mode;
use crate::scope::ScopeId;
use crate::subst::{SubstMap, subst};
use crate::types::{BasicKind, Type, TypeKind};

/// What a signature belongs to.
#[derive(Clone, Copy)]
pub(crate) enum FuncOf {
    /// A declared function or method.
    Decl(Obj),
    /// An interface method with this receiver.
    Interface(Obj),
    /// A function type or literal.
    Type,
}

/// Arguments on the stack are popped by the callee, which on x86-64 can be at most 64 KB of them.
const MAX_PARAMS: usize = 2000;

impl Checker {
    /// Checks a signature. Opens a scope for it, which the caller closes, and returns it.
    pub fn func_type(
        &self,
        recv_field: Option<&'static Field>,
        tparam_fields: &'static [Field],
        f: &'static FuncType,
        of: FuncOf,
    ) -> (Type, ScopeId) {
        let scope = self.open_scope();
        let mut recv = match of {
            FuncOf::Interface(recv) => Some(recv),
            _ => None,
        };
        let mut recv_tparams = Vec::new();
        if let Some(field) = recv_field {
            let (r, list) = self.collect_recv(field);
            recv = Some(r);
            recv_tparams = list;
        }
        let mut tparams: Vec<Type> = Vec::new();
        if !tparam_fields.is_empty() {
            self.collect_type_params(tparam_fields, |list| {
                tparams = list.to_vec();
                if let FuncOf::Decl(obj) = of {
                    let params = tparams.clone();
                    obj.set_ty(Type::new_generic_signature(None, vec![], params, vec![], vec![], false));
                }
            });
        }
        let (pnames, params, variadic) = self.collect_params(VarKind::Param, &f.params);
        let (rnames, results, _) = self.collect_params(VarKind::Result, &f.results);
        if let (Some(recv), Some(field)) = (recv, recv_field)
            && let Some(name) = field.names.first()
        {
            self.declare(scope, Some(name), recv);
        }
        for (name, &obj) in pnames.iter().zip(&params).chain(rnames.iter().zip(&results)) {
            if let Some(name) = name {
                self.declare(scope, Some(name), obj);
            }
        }
        let sig = Type::new_generic_signature(recv, recv_tparams, tparams, params, results, variadic);
        (sig, scope)
    }

    fn collect_recv(&self, field: &'static Field) -> (Obj, Vec<Type>) {
        let (ptr, base, params) = self.unpack_recv(&field.ty, true);
        let mut recv_type = Type::invalid();
        let mut tparams = Vec::new();
        match params {
            None => {
                recv_type = self.var_type(&field.ty);
                // No methods on instantiated types, not even through an alias.
                let mut t = unpointer(recv_type);
                while let TypeKind::Alias(a) = t.kind() {
                    let Some(rhs) = a.rhs.get() else { break };
                    let base_type = unpointer(rhs);
                    let instantiated = match base_type.kind() {
                        TypeKind::Named(n) => n.is_instance(),
                        TypeKind::Alias(b) => !b.targs().is_empty(),
                        _ => false,
                    };
                    if instantiated {
                        let msg = format!("cannot define new methods on instantiated type {}", self.ts(base_type));
                        self.error(start_pos(base), "InvalidRecv", msg);
                        recv_type = Type::invalid();
                        break;
                    }
                    t = base_type;
                }
            }
            Some(params) => {
                let (generic, cause) = self.generic_type(base);
                let mut base_type = None;
                if generic.is_valid() {
                    if let TypeKind::Named(_) = generic.kind() {
                        base_type = Some(generic);
                    } else {
                        let msg = format!("cannot define new methods on generic alias type {}", self.ts(generic));
                        self.error(start_pos(base), "InvalidRecv", msg);
                    }
                } else if let Some(cause) = cause {
                    self.error(start_pos(base), "InvalidRecv", cause);
                }
                for (i, p) in params.iter().enumerate() {
                    let t = match &p.ident {
                        Some((ident, expr)) => {
                            let t = self.declare_type_param(ident);
                            if let TypeKind::TypeParam(tp) = t.kind() {
                                self.record_use(ident, tp.obj);
                            }
                            self.record_type(expr, Mode::TypeExpr, t, None);
                            t
                        }
                        None => {
                            let obj =
                                Obj::new(crate::object::ObjKind::TypeName, p.pos, Some(self.pkg), Symbol::BLANK, None);
                            Type::new_type_param(obj, Some(Type::invalid()))
                        }
                    };
                    if let TypeKind::TypeParam(tp) = t.kind() {
                        tp.index.store(i as u32, std::sync::atomic::Ordering::Relaxed);
                    }
                    tparams.push(t);
                }
                if let Some(base_type) = base_type {
                    let base_tparams = base_type.as_named_node().map_or(&[][..], |n| n.tparams());
                    if tparams.len() == base_tparams.len() {
                        let smap = SubstMap::new(base_tparams, &tparams);
                        for (&t, &b) in tparams.iter().zip(base_tparams) {
                            self.mono.borrow_mut().record_canon(t, b);
                            if let (TypeKind::TypeParam(tp), TypeKind::TypeParam(bp)) = (t.kind(), b.kind()) {
                                tp.bound.set(Some(subst(bp.constraint(), &smap)));
                            }
                        }
                    } else {
                        let msg = format!(
                            "receiver declares {}, but receiver base type declares {}",
                            measure(tparams.len(), "type parameter"),
                            base_tparams.len()
                        );
                        self.error(start_pos(base), "BadRecv", msg);
                    }
                    self.verify_version(start_pos(base), 18, || "type instantiation".into());
                    recv_type = self.instance(field.ty.pos, base_type, &tparams);
                    self.record_instance(base, &tparams, recv_type);
                    if ptr && recv_type.is_valid() {
                        recv_type = Type::new_pointer(recv_type);
                    }
                    self.record_recv_types(&field.ty, recv_type);
                }
            }
        }
        let (pos, name) = match field.names.first() {
            Some(name) => (name.pos, name.name),
            None => (field.pos, Symbol::EMPTY),
        };
        let recv = Obj::new_var(VarKind::Recv, pos, Some(self.pkg), name, Some(recv_type));
        self.later(move |c| c.valid_recv(start_pos(base), recv));
        (recv, tparams)
    }

    fn record_recv_types(&self, expr: &'static Expr, ty: Type) {
        let (mut e, mut t) = (expr, ty);
        loop {
            self.record_type(e, Mode::TypeExpr, t, None);
            match &e.kind {
                ExprKind::Paren(x) => e = x,
                ExprKind::Unary(UnaryOp::Star, x) => {
                    let TypeKind::Pointer(base) = t.kind() else { return };
                    e = x;
                    t = *base;
                }
                _ => return,
            }
        }
    }

    /// Returns one (optional) name per parameter, the parameters, and whether the last is variadic.
    fn collect_params(&self, kind: VarKind, list: &'static [Field]) -> (Vec<Option<&'static Ident>>, Vec<Obj>, bool) {
        let mut names = Vec::with_capacity(list.len());
        let mut params = Vec::with_capacity(list.len());
        let mut variadic = false;
        for (i, field) in list.iter().enumerate() {
            let mut ftype = &field.ty;
            let mut dots = false;
            if let ExprKind::DotsType(elem) = &ftype.kind {
                if kind == VarKind::Param && i == list.len() - 1 && field.names.len() <= 1 {
                    variadic = true;
                    dots = true;
                } else {
                    self.error(ftype.pos, "InvalidSyntaxTree", "invalid syntax tree: invalid use of ...");
                }
                ftype = elem;
            }
            let mut ty = self.var_type(ftype);
            if dots {
                ty = Type::new_slice(ty);
                self.record_type(&field.ty, Mode::TypeExpr, ty, None);
            }
            if field.names.is_empty() {
                params.push(Obj::new_var(kind, field.pos, Some(self.pkg), Symbol::EMPTY, Some(ty)));
                names.push(None);
            }
            for name in &field.names {
                params.push(Obj::new_var(kind, name.pos, Some(self.pkg), name.name, Some(ty)));
                names.push(Some(name));
            }
        }
        if params.len() > MAX_PARAMS && kind == VarKind::Param {
            let msg = format!("functions of more than {MAX_PARAMS} parameters are not supported by golift");
            self.error(list[MAX_PARAMS.min(list.len() - 1)].pos, "UnsupportedFeature", msg);
        }
        (names, params, variadic)
    }

    fn valid_recv(&self, pos: Pos, recv: Obj) {
        let (rtype, _) = recv.ty().deref();
        let t = rtype.unalias();
        if t.is_invalid() {
            return;
        }
        let non_local = || {
            self.error(pos, "InvalidRecv", format!("cannot define new methods on non-local type {}", self.ts(rtype)))
        };
        match t.kind() {
            TypeKind::Named(n) => {
                if n.obj.pkg() != Some(self.pkg) {
                    non_local();
                    return;
                }
                let cause = match t.under().kind() {
                    TypeKind::Basic(b) if b.kind == BasicKind::UnsafePointer => "unsafe.Pointer",
                    TypeKind::Pointer(_) | TypeKind::Interface(_) => "pointer or interface type",
                    _ => return,
                };
                self.error(pos, "InvalidRecv", format!("invalid receiver type {} ({cause})", self.ts(rtype)));
            }
            TypeKind::Basic(_) => non_local(),
            _ => self.error(pos, "InvalidRecv", format!("invalid receiver type {}", self.ts(recv.ty()))),
        }
    }
}

fn unpointer(mut t: Type) -> Type {
    while let TypeKind::Pointer(b) = t.kind() {
        t = *b;
    }
    t
}
