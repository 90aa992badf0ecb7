//! Declarations, and cycles among them.

use std::cell::Cell;
use std::rc::Rc;

use golift_syntax::{
    ConstDecl, Decl, Diagnostic, Expr, ExprKind, Field, Ident, Pos, TypeDecl, UnaryOp, VarDecl, start_pos,
};

use crate::check::{Checker, DeclInfo, Env};
use crate::constant::ConstValue;
use crate::object::{Obj, ObjKind, VarKind};
use crate::operand::Operand;
use crate::resolver::{ConstGroup, field_start_pos};
use crate::scope::Scopes;
use crate::signature::FuncOf;
use crate::types::{Type, TypeKind};

impl Checker {
    /// Type-checks the declaration of a package-level object or method, unless that is done or in progress.
    pub fn obj_decl(&self, obj: Obj) {
        if self.obj_path_index.borrow().contains_key(&obj) {
            // A cycle, perhaps a valid one.
            let valid = self.valid_cycle(obj);
            match obj.kind() {
                ObjKind::Const | ObjKind::Var(_) if !valid || obj.ty_opt().is_none() => obj.set_ty(Type::invalid()),
                ObjKind::TypeName if !valid => obj.set_ty(Type::invalid()),
                // An empty signature for functions: it cannot initialise anything.
                ObjKind::Func if obj.ty_opt().is_none() => {
                    obj.set_ty(Type::new_signature(None, vec![], vec![], false));
                }
                _ => {}
            }
            return;
        }
        if obj.ty_opt().is_some() {
            return;
        }
        let Some(index) = obj.decl_index().filter(|_| obj.pkg() == Some(self.pkg)) else { return };
        let d = self.decls.borrow()[index].clone();
        self.push(obj);
        let saved = self.env.get();
        self.env.set(Env {
            decl: None,
            file: d.file,
            scope: d.scope,
            version: d.version,
            iota: None,
            anchor: obj.pos(),
            errpos: Pos::NONE,
            in_tparam_list: false,
            in_interface: false,
            sig: None,
            tparams: 0,
            has_call_or_recv: false,
        });
        match obj.kind() {
            ObjKind::Const => {
                self.edit_env(|e| e.decl = Some(index as u32));
                self.const_decl(obj, d.vtyp, d.init, d.inherited);
            }
            ObjKind::Var(_) => {
                self.edit_env(|e| e.decl = Some(index as u32));
                let lhs = d.lhs.borrow().clone();
                self.var_decl(obj, &lhs, d.vtyp, d.init);
            }
            ObjKind::TypeName => {
                if let Some(tdecl) = d.tdecl {
                    self.type_decl(obj, tdecl);
                }
                self.collect_methods(obj);
            }
            ObjKind::Func => self.func_decl(obj, index as u32, &d),
            _ => {}
        }
        self.env.set(saved);
        self.pop();
    }

    fn cycle_from(&self, obj: Obj) -> Vec<Obj> {
        match self.obj_path_index.borrow().get(&obj) {
            Some(&start) => self.obj_path.borrow()[start..].to_vec(),
            None => vec![obj],
        }
    }

    /// Is the cycle that starts with `obj` in the path permitted? Reports it if not.
    fn valid_cycle(&self, obj: Obj) -> bool {
        let cycle = self.cycle_from(obj);
        let (mut values, mut types) = (0, 0);
        for &o in &cycle {
            match o.kind() {
                ObjKind::Const | ObjKind::Var(_) => values += 1,
                ObjKind::TypeName => {
                    // Cycles through type parameter lists are fine.
                    if self.env.get().in_tparam_list && o.ty_opt().is_some_and(Type::is_generic) {
                        return true;
                    }
                    if !o.is_alias() {
                        types += 1;
                    }
                }
                _ => {}
            }
        }
        // Cycles of values only are found when the initialisation order is worked out.
        if values == cycle.len() || values == 0 && types > 0 {
            return true;
        }
        let start = first_in_source(&cycle);
        self.cycle_error(&cycle, start);
        false
    }

    pub fn cycle_error(&self, cycle: &[Obj], start: usize) {
        let names: Vec<_> = cycle.iter().map(|&o| (o, None)).collect();
        self.cycle_error_of(&names, start);
    }

    /// Reports a cycle of objects; types that are instances come with their type.
    pub fn cycle_error_of(&self, cycle: &[(Obj, Option<Type>)], start: usize) {
        let name = |(o, t): (Obj, Option<Type>)| match t {
            Some(t) => self.ts(t),
            None => format!("{}{}", self.qualifier().prefix(o.pkg()), o.name()),
        };
        // The position of an instance is that of its instantiation.
        let position = |(o, t): (Obj, Option<Type>)| match t.and_then(Type::as_named_node) {
            Some(n) if n.inst_pos.is_known() => n.inst_pos,
            _ => o.pos(),
        };
        let (obj, _) = cycle[start];
        let pos = position(cycle[start]);
        if let Some(TypeKind::Alias(a)) = obj.ty_opt().map(Type::kind)
            && obj.is_type_name()
        {
            a.rhs.set(Some(Type::invalid()));
            a.actual.set(Some(Type::invalid()));
        }
        let what = if obj.is_type_name() { "invalid recursive type" } else { "invalid cycle in declaration" };
        let first = name(cycle[start]);
        if cycle.len() == 1 {
            let msg = format!("{what}: {first} refers to itself");
            self.error(pos, "InvalidDeclCycle", msg);
            return;
        }
        let head = if obj.is_type_name() { format!("{what} {first}") } else { format!("{what} of {first}") };
        let mut d = Diagnostic::new(pos, "InvalidDeclCycle", head);
        let mut cur = cycle[start];
        for i in 0..cycle.len() {
            let next = cycle[(start + i + 1) % cycle.len()];
            d = d.with_related(position(cur), format!("{} refers to {}", name(cur), name(next)));
            cur = next;
        }
        self.report(d);
    }

    /// Cycles of type names without anything between them: `type A B; type B A`.
    pub fn direct_cycles(&self) {
        let mut done = rustc_hash::FxHashMap::<Obj, Option<usize>>::default();
        let objects = self.objects.borrow().clone();
        for &obj in objects.iter().filter(|o| o.is_type_name()) {
            let mut path: Vec<Obj> = Vec::new();
            let mut cur = obj;
            loop {
                match done.get(&cur) {
                    Some(None) => break,
                    Some(&Some(start)) => {
                        cur.set_ty(Type::invalid());
                        let cycle = &path[start..];
                        self.cycle_error(cycle, first_in_source(cycle));
                        break;
                    }
                    None => {}
                }
                done.insert(cur, Some(path.len()));
                path.push(cur);
                let Some(tdecl) = self.decl_info(cur).and_then(|d| d.tdecl) else { break };
                let Some(rhs) = tdecl.ty.as_ident() else { break };
                match self.scopes.borrow().get(Scopes::PACKAGE, rhs.name) {
                    Some(next) if next.is_type_name() && next.decl_index().is_some() => cur = next,
                    _ => break,
                }
            }
            for o in path {
                done.insert(o, None);
            }
        }
    }

    /// Is the type known so far that its values can be used? Reports a cycle if not.
    pub fn is_complete(&self, t: Type) -> bool {
        let mut t = t;
        for _ in 0..1000 {
            let (obj, rhs) = match t.kind() {
                TypeKind::Alias(a) => (a.obj, a.rhs.get()),
                TypeKind::Named(n) if n.is_instance() => return true,
                TypeKind::Named(n) => {
                    if n.under.get().is_some() {
                        return true;
                    }
                    (n.obj, n.rhs.get())
                }
                _ => return true,
            };
            if self.obj_path_index.borrow().contains_key(&obj) {
                let cycle = self.cycle_from(obj);
                self.cycle_error(&cycle, first_in_source(&cycle));
                return false;
            }
            match rhs {
                Some(rhs) => t = rhs,
                None => return true,
            }
        }
        true
    }

    pub fn const_decl(&self, obj: Obj, typ: Option<&'static Expr>, init: Option<&'static Expr>, inherited: bool) {
        let saved = self.env.get();
        self.edit_env(|e| {
            e.iota = Some(obj.iota());
            e.errpos = Pos::NONE;
        });
        let restore = || {
            self.edit_env(|e| {
                e.iota = saved.iota;
                e.errpos = saved.errpos;
            });
        };
        if let Some(typ) = typ {
            let t = self.typ(typ);
            if !t.is_const_type() {
                if t.under().is_valid() {
                    self.error(start_pos(typ), "InvalidConstType", format!("invalid constant type {}", self.ts(t)));
                }
                obj.set_ty(Type::invalid());
                restore();
                return;
            }
            obj.set_ty(t);
        }
        let mut x = Operand::new();
        if let Some(init) = init {
            if inherited {
                // The expression belongs to another constant: show errors at this one.
                self.edit_env(|e| e.errpos = obj.pos());
            }
            self.expr(None, &mut x, init);
        }
        self.init_const(obj, &mut x);
        restore();
    }

    fn var_decl(&self, obj: Obj, lhs: &[Obj], typ: Option<&'static Expr>, init: Option<&'static Expr>) {
        if let Some(typ) = typ {
            obj.set_ty(self.var_type(typ));
        }
        let Some(init) = init else {
            if typ.is_none() {
                obj.set_ty(Type::invalid());
            }
            return;
        };
        if lhs.len() <= 1 {
            let mut x = Operand::new();
            let target = self.new_target(obj.ty_opt(), || obj.name().to_string());
            self.expr(target.as_ref(), &mut x, init);
            self.init_var(obj, &mut x, "variable declaration");
            return;
        }
        if typ.is_some() {
            let t = obj.ty();
            lhs.iter().for_each(|l| l.set_ty(t));
        }
        self.init_vars(lhs, std::slice::from_ref(init), None);
    }

    fn is_imported_constraint(&self, t: Type) -> bool {
        let Some(n) = t.as_named() else { return false };
        if n.obj.pkg().is_none() || n.obj.pkg() == Some(self.pkg) {
            return false;
        }
        matches!(t.under().kind(), TypeKind::Interface(i) if !i.type_set().is_method_set())
    }

    pub fn type_decl(&self, obj: Obj, tdecl: &'static TypeDecl) {
        // One version error is enough for a declaration.
        let version_error = Rc::new(Cell::new(false));
        let reported = version_error.clone();
        let tparam_pos = tdecl.tparams.first().map(field_start_pos);
        self.later(move |c| {
            let t = obj.ty();
            if t.as_named().is_some() {
                c.valid_type(t);
            }
            let rhs = match t.kind() {
                TypeKind::Named(n) => n.rhs.get(),
                TypeKind::Alias(a) => a.rhs.get(),
                _ => None,
            };
            if let (Some(rhs), false) = (rhs, reported.get())
                && !c.allow_version(18)
                && c.is_imported_constraint(rhs)
            {
                c.verify_version(start_pos(&tdecl.ty), 18, || format!("using type constraint {}", c.ts(rhs)));
            }
        });
        let scope = self.env.get().scope;
        let restore_scope = || self.edit_env(|e| e.scope = scope);
        if tdecl.alias {
            if let Some(pos) = tparam_pos {
                version_error.set(!self.verify_version(pos, 23, || "generic type alias".into()));
            }
            if !version_error.get() {
                version_error.set(!self.verify_version(tdecl.pos, 9, || "type alias".into()));
            }
            let alias = Type::new_alias(obj, None);
            let TypeKind::Alias(a) = alias.kind() else { return };
            if !tdecl.tparams.is_empty() {
                self.open_scope();
                self.collect_type_params(&tdecl.tparams, |list| {
                    a.tparams.get_or_init(|| list.into());
                });
            }
            let mut rhs = self.declared_type(&tdecl.ty, Some(obj));
            if matches!(rhs.kind(), TypeKind::TypeParam(_)) && a.tparams().contains(&rhs) {
                self.error(
                    start_pos(&tdecl.ty),
                    "MisplacedTypeParam",
                    "cannot use type parameter declared in alias declaration as RHS",
                );
                rhs = Type::invalid();
            }
            if a.rhs.get().is_none() {
                a.rhs.set(Some(rhs));
            }
            restore_scope();
            return;
        }
        if let Some(pos) = tparam_pos {
            version_error.set(!self.verify_version(pos, 18, || "type parameter".into()));
        }
        let named = Type::new_named(obj, None);
        let TypeKind::Named(n) = named.kind() else { return };
        let outer = self.env.get().tparams;
        if outer != 0 {
            let list = self.tparam_lists.borrow()[outer as usize].clone();
            n.implicit.get_or_init(|| list.iter().copied().collect());
        }
        if !tdecl.tparams.is_empty() {
            self.open_scope();
            self.collect_type_params(&tdecl.tparams, |list| {
                n.tparams.get_or_init(|| list.into());
            });
        }
        let mut rhs = self.declared_type(&tdecl.ty, Some(obj));
        if rhs.is_type_param() {
            self.error(
                start_pos(&tdecl.ty),
                "MisplacedTypeParam",
                "cannot use a type parameter as RHS in type declaration",
            );
            rhs = Type::invalid();
        }
        n.rhs.set(Some(rhs));
        restore_scope();
    }

    /// Declares type parameters, hands them to `bind`, and then checks their constraints,
    /// which may use what was bound.
    pub fn collect_type_params(&self, fields: &'static [Field], bind: impl FnOnce(&[Type])) {
        let mut tparams = Vec::new();
        for field in fields {
            for name in &field.names {
                tparams.push(self.declare_type_param(name));
            }
        }
        for (i, t) in tparams.iter().enumerate() {
            if let TypeKind::TypeParam(p) = t.kind() {
                p.index.store(i as u32, std::sync::atomic::Ordering::Relaxed);
            }
        }
        bind(&tparams);
        self.edit_env(|e| e.in_tparam_list = true);
        let mut i = 0;
        for field in fields {
            let mut bound = self.bound(&field.ty);
            if bound.is_type_param() {
                self.error(start_pos(&field.ty), "MisplacedTypeParam", "cannot use a type parameter as constraint");
                bound = Type::invalid();
            }
            for _ in &field.names {
                if let TypeKind::TypeParam(p) = tparams[i].kind() {
                    p.bound.set(Some(bound));
                }
                i += 1;
            }
        }
        self.edit_env(|e| e.in_tparam_list = false);
    }

    fn bound(&self, x: &'static Expr) -> Type {
        let is_set =
            matches!(x.kind, ExprKind::Unary(UnaryOp::Tilde, _) | ExprKind::Binary(golift_syntax::BinaryOp::Or, ..));
        if is_set {
            return self.implicit_interface(x);
        }
        self.typ(x)
    }

    pub fn declare_type_param(&self, name: &Ident) -> Type {
        let obj = Obj::new(ObjKind::TypeName, name.pos, Some(self.pkg), name.name, None);
        let t = Type::new_type_param(obj, Some(Type::invalid()));
        self.declare(self.env.get().scope, Some(name), obj);
        t
    }

    fn collect_methods(&self, obj: Obj) {
        let Some(methods) = self.methods.borrow_mut().remove(&obj) else { return };
        let base = obj.ty_opt().filter(|t| t.as_named_node().is_some_and(|n| n.obj == obj));
        if let Some(base) = base {
            self.later(move |c| c.check_field_uniqueness(base));
        }
        let mut list: Vec<Obj> = Vec::new();
        let mut seen = rustc_hash::FxHashMap::default();
        for m in methods {
            if let Some(alt) = seen.insert(m.name(), m) {
                let msg = format!(
                    "method {}.{} already declared at {}",
                    obj.name(),
                    m.name(),
                    self.pos_string(Obj::pos(alt))
                );
                self.error(m.pos(), "DuplicateMethod", msg);
                seen.insert(m.name(), alt);
                continue;
            }
            list.push(m);
        }
        if let Some(TypeKind::Named(n)) = base.map(Type::kind) {
            n.methods.get_or_init(|| list.into());
        }
    }

    fn check_field_uniqueness(&self, base: Type) {
        let (TypeKind::Struct(s), Some(n)) = (base.under().kind(), base.as_named()) else { return };
        let methods: rustc_hash::FxHashMap<_, _> = n.origin_methods().iter().map(|&m| (m.name(), m)).collect();
        for f in s.fields.iter().filter(|f| !f.name().is_blank()) {
            if let Some(&alt) = methods.get(&f.name()) {
                let msg = format!("field and method with the same name {}", f.name());
                self.redeclared(Obj::pos(alt), msg, "DuplicateFieldAndMethod", *f);
            }
        }
    }

    fn func_decl(&self, obj: Obj, index: u32, d: &DeclInfo) {
        let Some(fdecl) = d.fdecl else { return };
        let outer_scope = self.env.get().scope;
        // Stands in while the signature refers to the function.
        obj.set_ty(Type::new_signature(None, vec![], vec![], false));
        let (sig, scope) = self.func_type(fdecl.recv.as_ref(), &fdecl.tparams, &fdecl.ty, FuncOf::Decl(obj));
        self.edit_env(|e| e.scope = outer_scope);
        obj.set_ty(sig);
        let Some(body) = &fdecl.body else {
            if !fdecl.tparams.is_empty() {
                self.soft_error(fdecl.pos, "BadDecl", "generic function is missing function body");
            }
            return;
        };
        if !self.config.ignore_func_bodies {
            self.later(move |c| c.func_body(Some(index), sig, scope, body, None, None));
        }
    }

    /// Local declarations.
    pub fn decl_stmt(&self, decls: &'static [Decl]) {
        let mut group = ConstGroup::default();
        for decl in decls {
            if !matches!(decl, Decl::Const(_)) {
                group = ConstGroup::default();
            }
            match decl {
                Decl::Const(s) => self.local_consts(s, &mut group),
                Decl::Var(s) => self.local_vars(s),
                Decl::Type(s) => {
                    let obj = Obj::new(ObjKind::TypeName, s.name.pos, Some(self.pkg), s.name.name, None);
                    let scope = self.env.get().scope;
                    self.declare(scope, Some(&s.name), obj);
                    self.push(obj);
                    // gc computes sizes where variables are declared.
                    self.edit_env(|e| e.anchor = Pos::NONE);
                    self.type_decl(obj, s);
                    self.pop();
                }
                Decl::Import(_) | Decl::Func(_) => {
                    self.error(decl.pos(), "InvalidSyntaxTree", "invalid syntax tree: unknown declaration");
                }
            }
        }
    }

    fn local_consts(&self, s: &'static ConstDecl, group: &mut ConstGroup) {
        let top = self.delayed_len();
        let (iota, last, inherited) = group.next(s);
        let values: &'static [Expr] = last.map_or(&[], |l| &l.values);
        let lhs: Vec<Obj> = s
            .names
            .iter()
            .enumerate()
            .map(|(i, name)| {
                let obj = Obj::new_const(name.pos, Some(self.pkg), name.name, None);
                obj.set_iota(iota);
                self.const_decl(obj, last.and_then(|l| l.ty.as_ref()), values.get(i), inherited);
                obj
            })
            .collect();
        self.arity(s.pos, &s.names, values, true, inherited);
        self.process_delayed(top);
        let scope = self.env.get().scope;
        for (name, &obj) in s.names.iter().zip(&lhs) {
            self.declare(scope, Some(name), obj);
        }
    }

    fn local_vars(&self, s: &'static VarDecl) {
        let top = self.delayed_len();
        self.edit_env(|e| e.anchor = s.names.first().map_or(s.pos, |name| name.pos));
        let lhs: Vec<Obj> = s
            .names
            .iter()
            .map(|name| Obj::new_var(VarKind::Local, name.pos, Some(self.pkg), name.name, None))
            .collect();
        for (i, &obj) in lhs.iter().enumerate() {
            let (group, init): (&[Obj], _) = match s.values.len() {
                n if n == lhs.len() => (&[], Some(&s.values[i])),
                1 => (&lhs, Some(&s.values[0])),
                _ => (&[], s.values.get(i)),
            };
            self.var_decl(obj, group, s.ty.as_ref(), init);
            if s.values.len() == 1 {
                break;
            }
        }
        if s.ty.is_none() || !s.values.is_empty() {
            self.arity(s.pos, &s.names, &s.values, false, false);
        }
        self.process_delayed(top);
        let scope = self.env.get().scope;
        for (name, &obj) in s.names.iter().zip(&lhs) {
            self.declare(scope, Some(name), obj);
        }
    }

    pub fn init_const(&self, lhs: Obj, x: &mut Operand) {
        if !x.is_valid() || x.ty.is_invalid() || lhs.ty_opt().is_some_and(Type::is_invalid) {
            if lhs.ty_opt().is_none() {
                lhs.set_ty(Type::invalid());
            }
            return;
        }
        if !x.is_const() {
            self.error(x.pos(), "InvalidConstInit", format!("{} is not constant", self.os(x)));
            if lhs.ty_opt().is_none() {
                lhs.set_ty(Type::invalid());
            }
            return;
        }
        if lhs.ty_opt().is_none() {
            lhs.set_ty(x.ty);
        }
        self.assignment(x, Some(lhs.ty()), "constant declaration");
        if x.is_valid() {
            lhs.set_const_value(x.val.clone().unwrap_or(ConstValue::Unknown));
        }
    }
}

pub(crate) fn first_in_source(path: &[Obj]) -> usize {
    (0..path.len()).min_by_key(|&i| path[i].pos()).unwrap_or(0)
}
