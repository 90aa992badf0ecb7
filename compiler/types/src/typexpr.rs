//! Type expressions and identifiers.

use std::collections::hash_map::Entry;

use golift_syntax::{
    BasicLit, BinaryOp, Diagnostic, Expr, ExprKind, Field, Ident, InterfaceElem, LitKind, Pos, UnaryOp, expr_string,
    start_pos,
};
use rustc_hash::FxHashMap;

use crate::check::Checker;
use crate::late::Site;
use crate::object::{Obj, ObjKind, VarKind, method_order};
use crate::operand::Operand;
use crate::package::Mode;
use crate::predicates::{identical, is_valid_name};
use crate::signature::FuncOf;
use crate::types::{BasicKind, InterfaceBody, Term, Type, TypeKind};
use crate::typeset::MAX_TERMS;
use crate::universe;

fn object_kind(obj: Obj) -> &'static str {
    match obj.kind() {
        ObjKind::PkgName => "package name",
        ObjKind::Const => "constant",
        ObjKind::TypeName if obj.is_alias() => "type alias",
        ObjKind::TypeName if obj.ty_opt().is_some_and(Type::is_type_param) => "type parameter",
        ObjKind::TypeName => "defined type",
        ObjKind::Var(VarKind::Package) => "package-level variable",
        ObjKind::Var(VarKind::Local) => "local variable",
        ObjKind::Var(VarKind::Recv) => "receiver",
        ObjKind::Var(VarKind::Param) => "parameter",
        ObjKind::Var(VarKind::Result) => "result variable",
        ObjKind::Var(VarKind::Field) => "struct field",
        ObjKind::Func if obj.ty_opt().and_then(Type::as_signature).is_some_and(|s| s.recv.is_some()) => "method",
        ObjKind::Func => "function",
        ObjKind::Label => "label",
        ObjKind::Builtin(_) => "built-in function",
        ObjKind::Nil => "untyped nil",
    }
}

impl Checker {
    /// Evaluates an identifier. With `want_type`, complains right away if it is no type.
    pub fn ident(&self, x: &mut Operand, expr: &'static Expr, e: &'static Ident, want_type: bool) {
        x.invalidate();
        x.set_expr(expr);
        let Some((scope, obj)) = self.lookup_scope(e.name) else {
            if e.name.is_blank() {
                self.error(e.pos, "InvalidBlank", "cannot use _ as value or type");
            } else if is_valid_name(e.name) {
                self.error(e.pos, "UndeclaredName", format!("undefined: {}", e.name));
            }
            return;
        };
        if obj.pkg().is_none()
            && !self.allow_version(18)
            && (obj.ty_opt() == Some(universe::any_type()) || obj.ty_opt() == Some(universe::comparable_type()))
            && !self.verify_version(e.pos, 18, || format!("predeclared {}", e.name))
        {
            return;
        }
        self.record_use(e, obj);
        if want_type && !obj.is_type_name() {
            let msg = format!("{} ({}) is not a type", obj.name(), object_kind(obj));
            self.error(e.pos, "NotAType", msg);
            if obj.is_var() && obj.pkg() == Some(self.pkg) {
                obj.set_used();
            }
            return;
        }
        if obj.ty_opt().is_none() || obj.is_type_name() && want_type && obj.pkg() == Some(self.pkg) {
            self.obj_decl_any(obj);
        }
        let ty = obj.ty_opt().unwrap_or_else(Type::invalid);
        if !self.dot_imports.borrow().is_empty()
            && let Some(pkg_name) = self.dot_imports.borrow().get(&(scope, e.name))
        {
            pkg_name.set_used();
        }
        match obj.kind() {
            ObjKind::PkgName => {
                let msg = format!("use of package {} not in selector", obj.name());
                self.error(e.pos, "InvalidPkgUse", msg);
                return;
            }
            ObjKind::Const => {
                self.add_decl_dep(obj);
                if ty.is_invalid() {
                    return;
                }
                if obj == universe::iota() {
                    let Some(iota) = self.env.get().iota else {
                        self.error(e.pos, "InvalidIota", "cannot use iota outside constant declaration");
                        return;
                    };
                    x.val = Some(crate::constant::ConstValue::Int(iota));
                } else {
                    x.val = Some(obj.const_value());
                }
                x.mode = Mode::Constant;
            }
            ObjKind::TypeName => x.mode = Mode::TypeExpr,
            ObjKind::Var(_) => {
                if obj.pkg() == Some(self.pkg) {
                    obj.set_used();
                }
                self.add_decl_dep(obj);
                if ty.is_invalid() {
                    return;
                }
                x.mode = Mode::Variable;
            }
            ObjKind::Func => {
                self.add_decl_dep(obj);
                x.mode = Mode::Value;
            }
            ObjKind::Builtin(id) => {
                x.id = Some(id);
                x.mode = Mode::Builtin;
            }
            ObjKind::Nil => x.mode = Mode::Nil,
            ObjKind::Label => return,
        }
        x.ty = ty;
    }

    /// As `obj_decl`, also for local types in progress.
    fn obj_decl_any(&self, obj: Obj) {
        if obj.decl_index().is_some() || self.obj_path_index.borrow().contains_key(&obj) {
            self.obj_decl(obj);
        }
    }

    /// A type; not a generic one.
    pub fn typ(&self, e: &'static Expr) -> Type {
        self.declared_type(e, None)
    }

    /// The type of a variable: not a constraint interface.
    pub fn var_type(&self, e: &'static Expr) -> Type {
        let t = self.declared_type(e, None);
        self.valid_var_type(e, t);
        t
    }

    pub fn valid_var_type(&self, e: &'static Expr, t: Type) {
        // Quick answers for what cannot be an interface.
        let mut base = t;
        if let TypeKind::Alias(_) = base.kind() {
            base = base.unalias();
        }
        if !matches!(base.kind(), TypeKind::Named(_) | TypeKind::Interface(_) | TypeKind::Basic(_)) {
            return;
        }
        if matches!(base.kind(), TypeKind::Basic(_)) && t == base && t.is_valid() {
            return;
        }
        if let TypeKind::Named(n) = base.kind()
            && n.under.get().is_some_and(|u| !matches!(u.kind(), TypeKind::Interface(_)))
        {
            return;
        }
        self.later(move |c| {
            let TypeKind::Interface(i) = t.under().kind() else { return };
            if t.is_type_param() {
                return;
            }
            let set = i.type_set();
            if !set.is_method_set() {
                let why = if set.comparable {
                    "interface is (or embeds) comparable"
                } else {
                    "interface contains type constraints"
                };
                let msg = format!("cannot use type {} outside a type constraint: {why}", c.ts(t));
                c.soft_error(start_pos(e), "MisplacedConstraintIface", msg);
            }
        });
    }

    /// As `typ`, for the right-hand side of the declaration of `def`.
    pub fn declared_type(&self, e: &'static Expr, def: Option<Obj>) -> Type {
        let mut t = self.typ_internal(e, def);
        if t.is_generic() {
            let msg = format!("cannot use generic type {} without instantiation", self.ts(t));
            self.error(start_pos(e), "WrongTypeArgCount", msg);
            t = Type::invalid();
        }
        self.record_type(e, Mode::TypeExpr, t, None);
        t
    }

    /// A generic type. Returns why not, unless an error was reported.
    pub fn generic_type(&self, e: &'static Expr) -> (Type, Option<String>) {
        let mut t = self.typ_internal(e, None);
        let mut cause = None;
        if t.is_valid() && !t.is_generic() {
            cause = Some(format!("{} is not a generic type", self.ts(t)));
            t = Type::invalid();
        }
        self.record_type(e, Mode::TypeExpr, t, None);
        (t, cause)
    }

    fn type_operand(&self, x: &Operand) -> Option<Type> {
        match x.mode {
            Mode::TypeExpr => return Some(x.ty),
            Mode::Invalid => {}
            Mode::NoValue => self.error(x.pos(), "NotAType", format!("{} used as type", self.os(x))),
            _ => self.error(x.pos(), "NotAType", format!("{} is not a type", self.os(x))),
        }
        None
    }

    fn typ_internal(&self, e: &'static Expr, def: Option<Obj>) -> Type {
        match &e.kind {
            ExprKind::Bad => {}
            ExprKind::Ident(ident) => {
                let mut x = Operand::new();
                self.ident(&mut x, e, ident, true);
                if let Some(t) = self.type_operand(&x) {
                    return t;
                }
            }
            ExprKind::Selector(base, sel) => {
                let mut x = Operand::new();
                self.selector(&mut x, e, base, sel, true);
                if let Some(t) = self.type_operand(&x) {
                    return t;
                }
            }
            ExprKind::Index(x, args) => {
                self.verify_version(start_pos(e), 18, || "type instantiation".into());
                return self.instantiated_type(x, args);
            }
            ExprKind::Paren(x) => return self.declared_type(x, def),
            ExprKind::ArrayType(len, elem) => {
                let n = match len {
                    Some(len) => self.array_length(len),
                    None => {
                        self.error(
                            e.pos,
                            "BadDotDotDotSyntax",
                            "invalid use of [...] array (outside a composite literal)",
                        );
                        -1
                    }
                };
                let elem = self.var_type(elem);
                if n >= 0 {
                    return self.note_site(Type::new_array(elem, n), def.is_some());
                }
            }
            ExprKind::SliceType(elem) => return Type::new_slice(self.var_type(elem)),
            ExprKind::DotsType(_) => {
                self.error(e.pos, "InvalidSyntaxTree", "invalid syntax tree: invalid use of ...");
            }
            ExprKind::StructType(fields) => return self.note_site(self.struct_type(fields), def.is_some()),
            ExprKind::Unary(UnaryOp::Star, x) => {
                let base = self.var_type(x);
                return if base.is_valid() { Type::new_pointer(base) } else { Type::invalid() };
            }
            ExprKind::FuncType(f) => {
                let scope = self.env.get().scope;
                let (sig, _) = self.func_type(None, &[], f, FuncOf::Type);
                self.edit_env(|env| env.scope = scope);
                return sig;
            }
            ExprKind::InterfaceType(elems) => {
                let t = Type::new_interface(false);
                self.interface_type(t, elems, e.pos, def);
                return t;
            }
            ExprKind::MapType(key_expr, elem) => {
                let key = self.var_type(key_expr);
                let elem = self.var_type(elem);
                if !matches!(key.kind(), TypeKind::Basic(_)) {
                    self.later(move |c| {
                        if !crate::predicates::comparable(key) {
                            let why = if key.is_type_param() { " (missing comparable constraint)" } else { "" };
                            let msg = format!("invalid map key type {}{why}", c.ts(key));
                            c.error(start_pos(key_expr), "IncomparableMapKey", msg);
                        }
                    });
                }
                return self.note_site(Type::new_map(key, elem), def.is_some());
            }
            ExprKind::ChanType(dir, elem) => {
                return self.note_site(Type::new_chan(*dir, self.var_type(elem)), def.is_some());
            }
            _ => {
                self.error(start_pos(e), "NotAType", format!("{} is not a type", expr_string(e)));
                self.use_exprs(std::slice::from_ref(e));
            }
        }
        Type::invalid()
    }

    fn instantiated_type(&self, x: &'static Expr, xlist: &'static [Expr]) -> Type {
        let (gtyp, cause) = self.generic_type(x);
        if let Some(cause) = cause {
            let args: Vec<String> = xlist.iter().map(expr_string).collect();
            let msg = format!("invalid operation: {}[{}] ({cause})", expr_string(x), args.join(", "));
            self.error(start_pos(x), "NotAGenericType", msg);
        }
        if gtyp.is_invalid() {
            return gtyp;
        }
        let Some(targs) = self.type_list(xlist) else { return Type::invalid() };
        let inst = self.instance(x.pos, gtyp, &targs);
        if inst.is_invalid() {
            return inst;
        }
        self.later(move |c| {
            c.record_instance(x, &targs, inst);
            let (tparams, name) = match inst.kind() {
                TypeKind::Named(n) => (n.tparams(), n.obj.name()),
                TypeKind::Alias(a) => (a.tparams(), a.obj.name()),
                _ => return,
            };
            if !c.validate_targ_len(x.pos, name.as_str(), tparams.len(), targs.len()) {
                return;
            }
            match c.verify(tparams, &targs) {
                Err((i, why)) => {
                    let pos = xlist.get(i).map_or(x.pos, start_pos);
                    c.soft_error(pos, "InvalidTypeArg", why);
                }
                Ok(()) => c.mono_instance(x.pos, tparams, &targs, xlist),
            }
        });
        inst
    }

    /// An instance of a generic named type or alias.
    pub fn instance(&self, pos: Pos, generic: Type, targs: &[Type]) -> Type {
        if let TypeKind::Alias(a) = generic.kind() {
            let tparams = a.tparams();
            if !self.validate_targ_len(pos, a.obj.name().as_str(), tparams.len(), targs.len()) {
                return Type::invalid();
            }
        }
        crate::named::instantiate_at(generic, targs, pos)
    }

    pub fn validate_targ_len(&self, pos: Pos, name: &str, want: usize, got: usize) -> bool {
        let qual = match got.cmp(&want) {
            std::cmp::Ordering::Less => "not enough",
            std::cmp::Ordering::Greater => "too many",
            std::cmp::Ordering::Equal => return true,
        };
        let msg = format!("{qual} type arguments for type {name}: have {got}, want {want}");
        self.error(pos, "WrongTypeArgCount", msg);
        false
    }

    /// Do the type arguments satisfy the constraints? Otherwise the index of one that does not, and why.
    pub fn verify(&self, tparams: &[Type], targs: &[Type]) -> Result<(), (usize, String)> {
        let smap = crate::subst::SubstMap::new(tparams, targs);
        for (i, &p) in tparams.iter().enumerate() {
            let TypeKind::TypeParam(tp) = p.kind() else { continue };
            p.under();
            let bound = crate::subst::subst(tp.constraint(), &smap);
            self.implements(targs[i], bound, true, true).map_err(|why| (i, why))?;
        }
        Ok(())
    }

    fn array_length(&self, e: &'static Expr) -> i64 {
        if let ExprKind::Ident(name) = &e.kind {
            match self.lookup(name.name) {
                None => {
                    let msg = format!("undefined array length {} or missing type constraint", name.name);
                    self.error(name.pos, "InvalidArrayLen", msg);
                    return -1;
                }
                Some(obj) if !obj.is_const() => {
                    self.error(name.pos, "InvalidArrayLen", format!("invalid array length {}", name.name));
                    return -1;
                }
                _ => {}
            }
        }
        let mut x = Operand::new();
        self.expr(None, &mut x, e);
        if !x.is_const() {
            if x.is_valid() {
                let msg = format!("array length {} must be constant", self.os(&x));
                self.error(x.pos(), "InvalidArrayLen", msg);
            }
            return -1;
        }
        if x.ty.is_untyped() || x.ty.is_integer() {
            let val = x.constant().to_int();
            if let Some(n) = val.as_i64()
                && n >= 0
            {
                return n;
            }
        }
        let msg = if x.ty.is_integer() {
            format!("invalid array length {}", self.os(&x))
        } else {
            format!("array length {} must be integer", self.os(&x))
        };
        self.error(x.pos(), "InvalidArrayLen", msg);
        -1
    }

    /// `None` after an error; all types are checked in any case.
    pub fn type_list(&self, list: &'static [Expr]) -> Option<Vec<Type>> {
        let types: Vec<Type> = list.iter().map(|x| self.var_type(x)).collect();
        types.iter().all(|t| t.is_valid()).then_some(types)
    }

    fn struct_type(&self, list: &'static [Field]) -> Type {
        let mut fields: Vec<Obj> = Vec::new();
        let mut tags: Vec<Box<[u8]>> = Vec::new();
        let mut seen = rustc_hash::FxHashMap::default();
        let mut add = |ident: &Ident, pos: Pos, ty: Type, embedded: bool, tag: &[u8]| {
            let field = Obj::new_field(pos, Some(self.pkg), ident.name, ty, embedded);
            if !ident.name.is_blank()
                && let Some(&alt) = seen.get(&ident.name)
            {
                self.redeclared(pos, format!("{} redeclared", ident.name), "DuplicateDecl", alt);
                return;
            }
            seen.insert(ident.name, field);
            if !tag.is_empty() && tags.is_empty() {
                tags.resize(fields.len(), Box::default());
            }
            if !tag.is_empty() || !tags.is_empty() {
                tags.push(tag.into());
            }
            fields.push(field);
            self.record_def(ident, field);
        };
        for f in list {
            let ty = self.var_type(&f.ty);
            let tag = f.tag.as_ref().map_or(vec![], |t| self.tag(t));
            if !f.names.is_empty() {
                for name in &f.names {
                    add(name, name.pos, ty, false, &tag);
                }
                continue;
            }
            let pos = start_pos(&f.ty);
            let Some(name) = embedded_field_ident(&f.ty) else {
                let msg = format!("invalid syntax tree: invalid embedded field type {}", expr_string(&f.ty));
                self.error(pos, "InvalidSyntaxTree", msg);
                continue;
            };
            add(name, name.pos, ty, true, &tag);
            self.later(move |c| {
                let (t, is_ptr) = ty.deref();
                let err = |code, msg: &str| c.error(pos, code, msg);
                match t.under().kind() {
                    TypeKind::Basic(b) if b.kind == BasicKind::UnsafePointer => {
                        err("InvalidPtrEmbed", "embedded field type cannot be unsafe.Pointer");
                    }
                    TypeKind::Pointer(_) => err("InvalidPtrEmbed", "embedded field type cannot be a pointer"),
                    TypeKind::Interface(_) if t.is_type_param() => {
                        err("MisplacedTypeParam", "embedded field type cannot be a (pointer to a) type parameter");
                    }
                    TypeKind::Interface(_) if is_ptr => {
                        err("InvalidPtrEmbed", "embedded field type cannot be a pointer to an interface");
                    }
                    _ => {}
                }
            });
        }
        Type::new_struct(fields, tags)
    }

    fn tag(&self, t: &BasicLit) -> Vec<u8> {
        if t.bad {
            return vec![];
        }
        if t.kind == LitKind::String
            && let Some(bytes) = crate::literal_value::string_literal(t.text.as_str())
        {
            return bytes;
        }
        let msg = format!(
            "invalid syntax tree: incorrect tag syntax: {}",
            crate::constant::quote(t.text.as_str().as_bytes())
        );
        self.error(t.pos, "InvalidSyntaxTree", msg);
        vec![]
    }

    /// The interface that wraps a type set literal used as a constraint.
    pub fn implicit_interface(&self, x: &'static Expr) -> Type {
        let t = Type::new_interface(true);
        let embedded = self.parse_union(x);
        t.set_interface_body(InterfaceBody {
            methods: Box::default(),
            embeddeds: [embedded].into(),
            embed_pos: [start_pos(x)].into(),
            before_constraints: !self.allow_version(18),
        });
        self.interfaces.borrow_mut().push(t);
        self.later(move |c| c.check_type_set(t));
        self.record_type(x, Mode::TypeExpr, t, None);
        t
    }

    fn interface_type(&self, t: Type, elems: &'static [InterfaceElem], pos: Pos, def: Option<Obj>) {
        let mut methods = Vec::new();
        let mut embeddeds = Vec::new();
        let mut embed_pos = Vec::new();
        let nested = self.env.get().in_interface;
        self.edit_env(|env| env.in_interface = true);
        for elem in elems {
            match elem {
                InterfaceElem::Embedded(x) => {
                    embeddeds.push(self.parse_union(x));
                    embed_pos.push(start_pos(x));
                }
                InterfaceElem::Method { name, ty } => {
                    if name.name.is_blank() {
                        self.error(name.pos, "BlankIfaceMethod", "methods must have a unique non-blank name");
                        continue;
                    }
                    let recv_type =
                        def.and_then(|d| d.ty_opt()).filter(|t| matches!(t.kind(), TypeKind::Named(_))).unwrap_or(t);
                    let recv = Obj::new_var(
                        VarKind::Recv,
                        name.pos,
                        Some(self.pkg),
                        golift_syntax::Symbol::EMPTY,
                        Some(recv_type),
                    );
                    let scope = self.env.get().scope;
                    let (sig, _) = self.func_type(None, &[], ty, FuncOf::Interface(recv));
                    self.edit_env(|env| env.scope = scope);
                    let m = Obj::new(ObjKind::Func, name.pos, Some(self.pkg), name.name, Some(sig));
                    self.record_def(name, m);
                    methods.push(m);
                }
            }
        }
        self.edit_env(|env| env.in_interface = nested);
        let empty = methods.is_empty() && embeddeds.is_empty();
        methods.sort_by(|&a, &b| method_order(a, b));
        t.set_interface_body(InterfaceBody {
            methods: methods.into(),
            embeddeds: embeddeds.into(),
            embed_pos: embed_pos.into(),
            before_constraints: !self.allow_version(18),
        });
        if !empty {
            self.interfaces.borrow_mut().push(t);
            if !nested {
                self.interface_literals.borrow_mut().push(Site { anchor: pos, ty: t, declared: def.is_some() });
            }
            self.later(move |c| c.check_type_set(t));
        }
    }

    /// Reports what is wrong with the methods and embedded elements of an interface.
    fn check_type_set(&self, t: Type) {
        let TypeKind::Interface(i) = t.kind() else { return };
        let mut seen: FxHashMap<_, (Obj, Pos)> = FxHashMap::default();
        let duplicate = |c: &Checker, pos: Pos, m: Obj, other: Pos| {
            let d = Diagnostic::new(pos, "DuplicateDecl", format!("duplicate method {}", m.name()));
            c.report(d.with_related(other, format!("other declaration of method {}", m.name())));
        };
        for &m in i.explicit_methods() {
            match seen.entry(m.id()) {
                Entry::Occupied(other) => duplicate(self, m.pos(), m, other.get().1),
                Entry::Vacant(entry) => {
                    entry.insert((m, m.pos()));
                }
            }
        }
        for (k, &e) in i.embeddeds().iter().enumerate() {
            let pos = i.embed_pos().get(k).copied().unwrap_or(Pos::NONE);
            match e.under().kind() {
                TypeKind::Interface(ei) => {
                    let set = ei.type_set();
                    if !set.is_method_set()
                        && !self.allow_version(18)
                        && e.as_named().is_some_and(|n| n.obj.pkg() != Some(self.pkg))
                    {
                        self.verify_version(pos, 18, || format!("embedding constraint interface {}", self.ts(e)));
                        continue;
                    }
                    for &m in &set.methods {
                        match seen.entry(m.id()) {
                            Entry::Occupied(entry) => {
                                let &(other, other_pos) = entry.get();
                                // When all types are known.
                                self.later(move |c| {
                                    if !c.allow_version(14) || !identical(m.ty(), other.ty()) {
                                        duplicate(c, pos, m, other_pos);
                                    }
                                });
                            }
                            Entry::Vacant(entry) => {
                                entry.insert((m, pos));
                            }
                        }
                    }
                }
                TypeKind::Union(u) => {
                    self.verify_version(pos, 18, || format!("embedding interface element {}", self.ts(e)));
                    if u.terms.len() <= MAX_TERMS && crate::typeset::union_overflows(u) {
                        let msg =
                            format!("cannot handle more than {MAX_TERMS} union terms (implementation limitation)");
                        self.error(pos, "InvalidUnion", msg);
                    }
                }
                TypeKind::Basic(b) if b.kind == BasicKind::Invalid => {}
                _ => {
                    self.verify_version(pos, 18, || format!("embedding non-interface type {}", self.ts(e)));
                }
            }
        }
        i.type_set();
    }

    fn parse_union(&self, x: &'static Expr) -> Type {
        let mut ops = Vec::new();
        let mut leaves = Vec::new();
        let mut cur = x;
        while let ExprKind::Binary(BinaryOp::Or, l, r) = &cur.kind {
            ops.push(cur);
            leaves.push(&**r);
            cur = l;
        }
        leaves.push(cur);
        leaves.reverse();
        ops.reverse();
        let mut terms: Vec<Term> = Vec::new();
        let mut overflow = false;
        for &leaf in &leaves {
            let term = self.parse_tilde(leaf);
            if leaves.len() == 1 && !term.tilde {
                return term.ty;
            }
            if terms.len() >= MAX_TERMS {
                if !overflow {
                    let msg = format!("cannot handle more than {MAX_TERMS} union terms (implementation limitation)");
                    self.error(start_pos(leaf), "InvalidUnion", msg);
                    overflow = true;
                }
            } else {
                terms.push(term);
            }
        }
        let u = if overflow { Type::invalid() } else { Type::new_union(terms.clone()) };
        for op in ops {
            self.record_type(op, Mode::TypeExpr, u, None);
        }
        if overflow {
            return u;
        }
        self.later(move |c| c.check_union_terms(&terms, &leaves));
        u
    }

    fn check_union_terms(&self, terms: &[Term], leaves: &[&'static Expr]) {
        // gc shows terms with full package paths.
        let text = |t: &Term| format!("{}{}", if t.tilde { "~" } else { "" }, t.ty);
        for (i, t) in terms.iter().enumerate() {
            if t.ty.is_invalid() {
                continue;
            }
            let err = |msg: String| self.error(start_pos(leaves[i]), "InvalidUnion", msg);
            let u = t.ty.under();
            let iface = match u.kind() {
                TypeKind::Interface(f) => Some(f),
                _ => None,
            };
            if t.tilde {
                if iface.is_some() {
                    err(format!("invalid use of ~ ({} is an interface)", self.ts(t.ty)));
                    continue;
                }
                if !identical(u, t.ty) {
                    err(format!("invalid use of ~ (underlying type of {} is {})", self.ts(t.ty), self.ts(u)));
                    continue;
                }
            }
            if let Some(f) = iface {
                let set = f.type_set();
                if !set.methods.is_empty() {
                    err(format!("cannot use {} in union ({} contains methods)", text(t), text(t)));
                } else if t.ty == universe::comparable_type() {
                    err("cannot use comparable in union".into());
                } else if set.comparable {
                    err(format!("cannot use {} in union ({} embeds comparable)", text(t), text(t)));
                }
                continue;
            }
            if let Some(other) = terms[..i].iter().find(|x| !x.ty.is_interface() && x.overlaps(*t)) {
                let msg = format!("overlapping terms {} and {}", text(t), text(other));
                self.soft_error(start_pos(leaves[i]), "InvalidUnion", msg);
            }
        }
    }

    fn parse_tilde(&self, tx: &'static Expr) -> Term {
        let (x, tilde) = match &tx.kind {
            ExprKind::Unary(UnaryOp::Tilde, x) => (&**x, true),
            _ => (tx, false),
        };
        let mut ty = self.typ(x);
        if ty.is_type_param() {
            let msg = if tilde {
                format!("type in term {} cannot be a type parameter", expr_string(tx))
            } else {
                "term cannot be a type parameter".into()
            };
            self.error(start_pos(x), "MisplacedTypeParam", msg);
            ty = Type::invalid();
        }
        let term = Term { tilde, ty };
        if tilde {
            self.record_type(tx, Mode::TypeExpr, Type::new_union(vec![term]), None);
        }
        term
    }
}

/// The name that an embedded field has.
fn embedded_field_ident(e: &'static Expr) -> Option<&'static Ident> {
    match &e.kind {
        ExprKind::Ident(ident) => Some(ident),
        ExprKind::Unary(UnaryOp::Star, base) => {
            if matches!(base.kind, ExprKind::Unary(UnaryOp::Star, _)) {
                None
            } else {
                embedded_field_ident(base)
            }
        }
        ExprKind::Selector(_, sel) => Some(sel),
        ExprKind::Index(x, _) => embedded_field_ident(x),
        ExprKind::Paren(x) => embedded_field_ident(x),
        _ => None,
    }
}
