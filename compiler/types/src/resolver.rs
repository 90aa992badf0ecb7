//! Collection of the package-level objects of all files.

use std::cell::RefCell;
use std::rc::Rc;

use golift_syntax::{
    BasicLit, ConstDecl, Decl, Expr, ExprKind, File, FuncDecl, FuncDirectives, Ident, ImportDecl, Pos, Symbol,
    TypeDecl, UnaryOp, VarDecl, start_pos,
};

use crate::check::{Checker, DeclInfo, Importer};
use crate::object::{Obj, ObjKind, ObjScope, VarKind};
use crate::package::Package;
use crate::scope::{ScopeId, Scopes};

/// Follows a group of constants: the value of iota and the spec whose values repeat.
#[derive(Default)]
pub(crate) struct ConstGroup {
    group: Option<golift_syntax::GroupId>,
    iota: i64,
    last: Option<&'static ConstDecl>,
    started: bool,
}

impl ConstGroup {
    /// Returns iota, the spec that gives type and values, and whether that is an earlier one.
    pub fn next(&mut self, s: &'static ConstDecl) -> (i64, Option<&'static ConstDecl>, bool) {
        if self.started && s.group.is_some() && self.group == s.group {
            self.iota += 1;
        } else {
            *self = ConstGroup { group: s.group, iota: 0, last: None, started: true };
        }
        if s.ty.is_some() || !s.values.is_empty() {
            self.last = Some(s);
            return (self.iota, self.last, false);
        }
        (self.iota, self.last, self.last.is_some())
    }
}

/// Methods with the name of their receiver's type.
struct MethodInfo {
    obj: Obj,
    ptr: bool,
    recv: Ident,
}

impl Checker {
    pub fn collect_objects(&self, importer: Importer) {
        let mut methods = Vec::new();
        let mut file_scopes = Vec::new();
        for (i, file) in self.pkg.files().iter().enumerate() {
            let file: &'static File = file;
            let scope = self.scopes.borrow_mut().open(Scopes::PACKAGE);
            file_scopes.push(scope);
            let version = self.versions.borrow()[i];
            self.edit_env(|e| {
                e.file = i as u32;
                e.version = version;
                e.scope = scope;
            });
            if file.package.name != self.pkg.name() && !self.pkg.name().is_blank() {
                continue;
            }
            let mut group = ConstGroup::default();
            for decl in &file.decls {
                if !matches!(decl, Decl::Const(_)) {
                    group = ConstGroup::default();
                }
                match decl {
                    Decl::Import(d) => self.collect_import(d, scope, importer),
                    Decl::Const(d) => self.collect_consts(d, scope, &mut group),
                    Decl::Var(d) => self.collect_vars(d, scope),
                    Decl::Type(d) => self.collect_type(d, scope),
                    Decl::Func(d) => self.collect_func(d, scope, &mut methods),
                }
            }
        }
        self.edit_env(|e| {
            e.file = 0;
            e.scope = Scopes::PACKAGE;
        });
        self.check_file_scopes(&file_scopes);
        for m in methods {
            if let Some((ptr, base)) = self.resolve_base_type_name(m.ptr, m.recv.name) {
                if ptr {
                    m.obj.set_has_ptr_recv();
                }
                self.methods.borrow_mut().entry(base).or_default().push(m.obj);
            }
        }
    }

    /// Names of imports must not be declared in the package.
    fn check_file_scopes(&self, file_scopes: &[ScopeId]) {
        let mut clashes = Vec::new();
        {
            let scopes = self.scopes.borrow();
            for &scope in file_scopes {
                for &(name, obj) in scopes.names(scope) {
                    if let Some(alt) = scopes.get(Scopes::PACKAGE, name) {
                        clashes.push((alt, obj));
                    }
                }
            }
        }
        for (alt, obj) in clashes {
            let msg = match obj.imported() {
                Some(p) => format!("{} already declared through import of {}", alt.name(), package_text(p)),
                None => format!(
                    "{} already declared through dot-import of {}",
                    alt.name(),
                    obj.pkg().map_or(String::new(), package_text)
                ),
            };
            self.redeclared(alt.pos(), msg, "DuplicateDecl", obj);
        }
    }

    fn decl_info_of(&self, scope: ScopeId) -> DeclInfo {
        let env = self.env.get();
        DeclInfo {
            file: env.file,
            scope,
            version: env.version,
            lhs: RefCell::default(),
            vtyp: None,
            init: None,
            inherited: false,
            tdecl: None,
            fdecl: None,
            deps: RefCell::default(),
        }
    }

    fn add_decl(&self, info: Rc<DeclInfo>) -> usize {
        let mut decls = self.decls.borrow_mut();
        decls.push(info);
        decls.len() - 1
    }

    fn register(&self, obj: Obj, decl: usize) {
        obj.set_decl_index(decl);
        let mut objects = self.objects.borrow_mut();
        objects.push(obj);
        obj.set_order(objects.len() as u32);
    }

    fn declare_pkg_obj(&self, ident: &Ident, obj: Obj, decl: usize) {
        if ident.name == Symbol::INIT {
            self.error(ident.pos, "InvalidInitDecl", "cannot declare init - must be func");
            return;
        }
        if ident.name == Symbol::MAIN && self.pkg.name() == Symbol::MAIN {
            self.error(ident.pos, "InvalidMainDecl", "cannot declare main - must be func");
            return;
        }
        self.declare(Scopes::PACKAGE, Some(ident), obj);
        self.register(obj, decl);
    }

    fn collect_import(&self, d: &'static ImportDecl, scope: ScopeId, importer: Importer) {
        let Some(lit) = d.path.as_ref().filter(|p| !p.bad) else { return };
        let path = match validated_import_path(lit) {
            Ok(path) => path,
            Err(why) => {
                self.error(lit.pos, "BadImportPath", format!("invalid import path ({why})"));
                return;
            }
        };
        let Some(imp) = self.import_package(lit.pos, &path, importer) else { return };
        let mut name = imp.name();
        if let Some(local) = &d.local {
            name = local.name;
            if path == "C" {
                self.error(local.pos, "ImportCRenamed", "cannot rename import \"C\"");
                return;
            }
        }
        if name == Symbol::INIT {
            self.error(d.pos, "InvalidInitDecl", "cannot import package as init - init must be a func");
            return;
        }
        if !self.imported.borrow().contains(&imp) {
            self.imported.borrow_mut().push(imp);
        }
        let obj = Obj::new_pkg_name(d.pos, self.pkg, name, imp);
        if let Some(local) = &d.local {
            self.record_def(local, obj);
        }
        self.infos.borrow_mut()[self.env.get().file as usize].imports.insert(d.id, obj);
        if imp.is_fake() {
            obj.set_used();
        }
        self.imports.borrow_mut().push(obj);
        if name == Symbol::DOT {
            for sym in imp.names() {
                let Some(foreign) = imp.lookup(sym).filter(|_| sym.is_exported()) else { continue };
                let alt = self.scopes.borrow().get(scope, sym);
                match alt {
                    Some(alt) => {
                        let pos = d.local.map_or(d.pos, |l| l.pos);
                        let msg = format!("{} redeclared in this block", alt.name());
                        self.redeclared(pos, msg, "DuplicateDecl", alt);
                    }
                    None => {
                        self.scopes.borrow_mut().insert_foreign(scope, sym, foreign);
                        self.dot_imports.borrow_mut().insert((scope, sym), obj);
                    }
                }
            }
        } else {
            self.declare_in(scope, None, obj, ObjScope::File);
        }
    }

    fn import_package(&self, pos: Pos, path: &str, importer: Importer) -> Option<Package> {
        if let Some(&p) = self.import_cache.borrow().get(path) {
            return Some(p);
        }
        let result = if path == "unsafe" {
            Ok(crate::universe::unsafe_package())
        } else if path == "C" && self.config.fake_import_c {
            Ok(Package::new(path, Symbol::intern(path), Vec::new(), true))
        } else if path == "C" {
            Err("cgo is not supported".to_string())
        } else {
            importer(path).map_err(|e| e.0)
        };
        let imp = match result {
            Ok(p) if !p.name().is_blank() => p,
            other => {
                let why = match other {
                    Err(why) => why,
                    Ok(p) => format!("invalid package name: \"{}\"", p.name()),
                };
                self.error(pos, "BrokenImport", format!("could not import {path} ({why})"));
                let trimmed = path.strip_suffix('/').unwrap_or(path);
                let name = trimmed.rsplit('/').next().unwrap_or(trimmed);
                Package::new(path, Symbol::intern(name), Vec::new(), true)
            }
        };
        self.import_cache.borrow_mut().insert(path.to_string(), imp);
        Some(imp)
    }

    fn collect_consts(&self, d: &'static ConstDecl, scope: ScopeId, group: &mut ConstGroup) {
        let (iota, last, inherited) = group.next(d);
        let values: &'static [Expr] = last.map_or(&[], |l| &l.values);
        for (i, name) in d.names.iter().enumerate() {
            let obj = Obj::new_const(name.pos, Some(self.pkg), name.name, None);
            obj.set_iota(iota);
            let info = DeclInfo {
                vtyp: last.and_then(|l| l.ty.as_ref()),
                init: values.get(i),
                inherited,
                ..self.decl_info_of(scope)
            };
            let decl = self.add_decl(Rc::new(info));
            self.declare_pkg_obj(name, obj, decl);
        }
        self.arity(d.pos, &d.names, values, true, inherited);
    }

    fn collect_vars(&self, d: &'static VarDecl, scope: ScopeId) {
        let shared = (d.values.len() <= 1)
            .then(|| Rc::new(DeclInfo { vtyp: d.ty.as_ref(), init: d.values.first(), ..self.decl_info_of(scope) }));
        let shared_index = shared.clone().map(|info| self.add_decl(info));
        for (i, name) in d.names.iter().enumerate() {
            let obj = Obj::new_var(VarKind::Package, name.pos, Some(self.pkg), name.name, None);
            let decl = match (&shared, shared_index) {
                (Some(info), Some(index)) => {
                    info.lhs.borrow_mut().push(obj);
                    index
                }
                _ => {
                    let info = DeclInfo { vtyp: d.ty.as_ref(), init: d.values.get(i), ..self.decl_info_of(scope) };
                    self.add_decl(Rc::new(info))
                }
            };
            self.declare_pkg_obj(name, obj, decl);
        }
        if d.ty.is_none() || !d.values.is_empty() {
            self.arity(d.pos, &d.names, &d.values, false, false);
        }
    }

    fn collect_type(&self, d: &'static TypeDecl, scope: ScopeId) {
        let obj = Obj::new(ObjKind::TypeName, d.name.pos, Some(self.pkg), d.name.name, None);
        let info = DeclInfo { tdecl: Some(d), ..self.decl_info_of(scope) };
        let decl = self.add_decl(Rc::new(info));
        self.declare_pkg_obj(&d.name, obj, decl);
    }

    fn collect_func(&self, d: &'static FuncDecl, scope: ScopeId, methods: &mut Vec<MethodInfo>) {
        let name = d.name.name;
        let obj = Obj::new(ObjKind::Func, d.name.pos, Some(self.pkg), name, None);
        let file = self.env.get().file;
        obj.set_func_decl(file, d);
        let tparam_pos = d.tparams.first().map(field_start_pos);
        match &d.recv {
            None => {
                if name == Symbol::INIT || name == Symbol::MAIN && self.pkg.name() == Symbol::MAIN {
                    let code = if name == Symbol::MAIN { "InvalidMainDecl" } else { "InvalidInitDecl" };
                    if let Some(pos) = tparam_pos {
                        self.soft_error(pos, code, format!("func {name} must have no type parameters"));
                    }
                    if !d.ty.params.is_empty() || !d.ty.results.is_empty() {
                        let msg = format!("func {name} must have no arguments and no return values");
                        self.soft_error(d.name.pos, code, msg);
                    }
                } else if let Some(pos) = tparam_pos {
                    self.verify_version(pos, 18, || "type parameter".into());
                }
                if name == Symbol::INIT {
                    obj.set_scope(ObjScope::Package);
                    self.record_def(&d.name, obj);
                    if d.body.is_none() {
                        self.soft_error(d.name.pos, "MissingInitBody", "func init must have a body");
                    }
                } else {
                    self.declare(Scopes::PACKAGE, Some(&d.name), obj);
                }
            }
            Some(recv) => {
                if self.config.field_track && d.flags.contains(FuncDirectives::NOINTERFACE) {
                    obj.set_no_interface();
                }
                let (ptr, base, _) = self.unpack_recv(&recv.ty, false);
                if let ExprKind::Ident(recv) = &base.kind
                    && !name.is_blank()
                {
                    methods.push(MethodInfo { obj, ptr, recv: *recv });
                }
                if let Some(pos) = tparam_pos {
                    self.verify_version(pos, 27, || "generic method".into());
                }
                self.record_def(&d.name, obj);
            }
        }
        let info = DeclInfo { fdecl: Some(d), ..self.decl_info_of(scope) };
        let decl = self.add_decl(Rc::new(info));
        self.register(obj, decl);
        self.funcs.borrow_mut().push(obj);
        self.infos.borrow_mut()[file as usize].func_objs.insert(d.id, obj);
    }

    /// Complains about a difference between the number of names and of values.
    pub fn arity(&self, pos: Pos, names: &[Ident], inits: &[Expr], constants: bool, inherited: bool) {
        let (l, r) = (names.len(), inits.len());
        if l < r {
            let n = &inits[l];
            if inherited {
                let msg = format!("extra init expr at {}", self.pos_string(n.pos));
                self.error(pos, "WrongAssignCount", msg);
            } else {
                let msg = format!("extra init expr {}", golift_syntax::expr_string(n));
                self.error(start_pos(n), "WrongAssignCount", msg);
            }
        } else if l > r && (constants || r != 1) {
            let n = &names[r];
            self.error(n.pos, "WrongAssignCount", format!("missing init expr for {}", n.name));
        }
    }

    /// Splits a receiver type into pointer, base type and type parameters. Complains about the latter only if `params` is set.
    pub fn unpack_recv(&self, rtyp: &'static Expr, params: bool) -> (bool, &'static Expr, Option<Vec<RecvParam>>) {
        let mut base = rtyp.unparen();
        let mut ptr = false;
        if let ExprKind::Unary(UnaryOp::Star, x) = &base.kind {
            ptr = true;
            base = x.unparen();
        }
        let mut tparams = None;
        if let ExprKind::Index(x, args) = &base.kind {
            if params {
                let list = args.iter().map(|arg| match &arg.kind {
                    ExprKind::Ident(ident) => RecvParam { ident: Some((*ident, arg)), pos: arg.pos },
                    kind => {
                        if !matches!(kind, ExprKind::Bad) {
                            let msg = format!(
                                "receiver type parameter {} must be an identifier",
                                golift_syntax::expr_string(arg)
                            );
                            self.error(start_pos(arg), "BadDecl", msg);
                        }
                        RecvParam { ident: None, pos: arg.pos }
                    }
                });
                tparams = Some(list.collect());
            }
            base = x;
        }
        (ptr, base, tparams)
    }

    /// The type name that a receiver base type name denotes, through non-generic aliases.
    fn resolve_base_type_name(&self, mut ptr: bool, mut name: Symbol) -> Option<(bool, Obj)> {
        let mut seen = Vec::new();
        loop {
            let obj = self.scopes.borrow().get(Scopes::PACKAGE, name)?;
            if !obj.is_type_name() || seen.contains(&obj) {
                return None;
            }
            let tdecl = self.decl_info(obj)?.tdecl?;
            if !tdecl.alias {
                return Some((ptr, obj));
            }
            if !tdecl.tparams.is_empty() {
                return None;
            }
            seen.push(obj);
            let mut typ = tdecl.ty.unparen();
            if let ExprKind::Unary(UnaryOp::Star, x) = &typ.kind {
                if ptr {
                    return None;
                }
                ptr = true;
                typ = x.unparen();
            }
            name = typ.as_ident()?.name;
        }
    }

    /// Types first, then aliases, then everything else: so that fewer cycles go through aliases.
    pub fn package_objects(&self) {
        let objects = self.objects.borrow().clone();
        let is_alias = |obj: Obj| self.decl_info(obj).is_some_and(|d| d.tdecl.is_some_and(|t| t.alias));
        for &obj in objects.iter().filter(|o| o.is_type_name()) {
            if !is_alias(obj) {
                self.obj_decl(obj);
            }
        }
        for &obj in objects.iter().filter(|o| o.is_type_name()) {
            if is_alias(obj) {
                self.obj_decl(obj);
            }
        }
        for &obj in objects.iter().filter(|o| !o.is_type_name()) {
            self.obj_decl(obj);
        }
        self.methods.borrow_mut().clear();
    }

    pub fn unused_imports(&self) {
        if self.config.ignore_func_bodies {
            return;
        }
        for obj in self.imports.borrow().iter() {
            if obj.name().is_blank() || obj.is_used() {
                continue;
            }
            let path = obj.imported().map_or("", |p| p.path());
            let elem = path.rsplit('/').next().unwrap_or(path);
            let name = obj.name();
            let quoted = crate::constant::quote(path.as_bytes());
            let msg = if name == Symbol::DOT || name.as_str() == elem {
                format!("{quoted} imported and not used")
            } else {
                format!("{quoted} imported as {name} and not used")
            };
            self.soft_error(obj.pos(), "UnusedImport", msg);
        }
    }

    pub fn declare(&self, scope: ScopeId, ident: Option<&Ident>, obj: Obj) {
        let place = if scope == Scopes::PACKAGE { ObjScope::Package } else { ObjScope::Local };
        self.declare_in(scope, ident, obj, place);
    }

    fn declare_in(&self, scope: ScopeId, ident: Option<&Ident>, obj: Obj, place: ObjScope) {
        if obj.name().is_blank() {
            obj.set_scope(place);
        } else {
            let alt = self.scopes.borrow_mut().insert(scope, obj, place);
            if let Some(alt) = alt {
                let msg = format!("{} redeclared in this block", obj.name());
                self.redeclared(obj.pos(), msg, "DuplicateDecl", alt);
                return;
            }
            if obj.kind() == ObjKind::Var(VarKind::Local) {
                self.local_vars.borrow_mut().push((scope, obj));
            }
        }
        if let Some(ident) = ident {
            self.record_def(ident, obj);
        }
    }
}

/// A type parameter of a receiver: its name and the expression that it is, unless that was an error.
pub(crate) struct RecvParam {
    pub ident: Option<(Ident, &'static Expr)>,
    pub pos: Pos,
}

pub(crate) fn field_start_pos(f: &golift_syntax::Field) -> Pos {
    f.names.first().map_or_else(|| start_pos(&f.ty), |n| n.pos)
}

fn package_text(p: Package) -> String {
    format!("package {} ({})", p.name(), crate::constant::quote(p.path().as_bytes()))
}

fn validated_import_path(lit: &BasicLit) -> Result<String, String> {
    let bytes = crate::literal_value::string_literal(lit.text.as_str()).ok_or("invalid syntax")?;
    if bytes.is_empty() {
        return Err("empty string".into());
    }
    let path = String::from_utf8_lossy(&bytes).into_owned();
    const ILLEGAL: &str = "!\"#$%&'()*,:;<=>?[\\]^{|}`\u{fffd}";
    for c in path.chars() {
        if c.is_control() || c.is_whitespace() || ILLEGAL.contains(c) {
            return Err(format!("invalid character {}", golift_syntax::literal::go_unicode(c)));
        }
    }
    Ok(path)
}
