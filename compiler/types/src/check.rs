//! The checker of one package.
//!
//! Phases: collect the objects of all files; look for cycles among type names; type-check all package-level declarations
//! (each on demand when first used, with a path of objects in progress to find cycles); run what was delayed, function
//! bodies among it; then initialisation order, unused imports and infinite instantiation.
//!
//! The checker works through a shared reference and cells: declarations call each other on demand, and
//! [`Obj::ty`](crate::object::Obj::ty) may come back to the checker of its thread for an object whose turn has not come yet
//! (see [`resolve_in_current`]).

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;

use golift_syntax::{Diagnostic, Expr, ExprId, File, FuncDecl, Pos, SourceMap, Symbol, TypeDecl};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::instances::Printed;
use crate::late::Site;
use crate::object::{Obj, ObjKind};
use crate::package::{Checked, FileInfo, Package};
use crate::scope::{ScopeId, Scopes};
use crate::types::{Type, TypeKind};
use crate::typestring::Qualifier;
use golift_syntax::GoVersion;

/// How to check a package.
#[derive(Clone)]
pub struct Config {
    /// The language version of go.mod (`-lang`); files may ask for others.
    pub go_version: GoVersion,
    /// The package belongs to the standard library.
    pub is_std: bool,
    /// Experiment fieldtrack: `//go:nointerface` keeps methods out of interfaces.
    pub field_track: bool,
    /// Check declarations only.
    pub ignore_func_bodies: bool,
    /// Functions without a body are accepted: the package has assembly, or they are linked by name.
    pub allow_bodyless: bool,
    /// The files have errors already, so gc would not come to the late checks.
    pub earlier_errors: bool,
    /// As the tests of gc's checker want it: `assert` is predeclared, equal errors are kept, and what later phases of gc
    /// find is not looked for.
    pub testing: bool,
    /// Everything in package "C" exists and fits.
    pub fake_import_c: bool,
    /// A package named main is imported by the main package of its test.
    pub library: bool,
    /// For messages that mention positions.
    pub source_map: Option<Arc<SourceMap>>,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            go_version: GoVersion::LATEST,
            is_std: false,
            field_track: false,
            ignore_func_bodies: false,
            allow_bodyless: false,
            earlier_errors: false,
            testing: false,
            fake_import_c: false,
            library: false,
            source_map: None,
        }
    }
}

/// Why a package cannot be imported: what gc prints after `could not import path (…)`.
#[derive(Clone, Debug)]
pub struct ImportError(pub String);

/// Gives the checked package for an import path.
pub type Importer<'a> = &'a (dyn Fn(&str) -> Result<Package, ImportError> + Sync);

/// Stack for chains of declarations that depend on each other; only what is touched costs memory.
const STACK_LEVELS: u32 = 24_000;
const FRAME: usize = 24 << 10;

/// Checks the files of a package, given in the order in which gc would get them (sorted by name). All
/// errors are reported, in the order in which they are found; the package is usable for further checking even if there are some.
pub fn check_package(
    path: &str,
    files: Vec<Arc<File>>,
    importer: Importer,
    config: &Config,
) -> (Package, Vec<Diagnostic>) {
    let height = files.iter().map(|f| f.height).max().unwrap_or(0).max(STACK_LEVELS);
    golift_syntax::with_stack(height, FRAME, move || {
        let name = files.first().map_or(Symbol::BLANK, |f| f.package.name);
        let pkg = Package::with(path, name, files, false, config.library);
        let checker = Rc::new(Checker::new(pkg, config.clone()));
        let outer = CURRENT.with(|c| c.replace(Some(checker.clone())));
        checker.check_files(importer);
        CURRENT.with(|c| c.replace(outer));
        let mut errors = checker.errors.take();
        if config.testing {
            errors.sort_by_key(|e| e.pos);
        }
        (pkg, errors)
    })
}

thread_local! {
    static CURRENT: RefCell<Option<Rc<Checker>>> = const { RefCell::new(None) };
}

/// Type-checks the declaration of an object, if it belongs to the package that this thread checks.
pub(crate) fn resolve_in_current(obj: Obj) {
    let Some(checker) = CURRENT.with(|c| c.borrow().clone()) else { return };
    if obj.pkg() == Some(checker.pkg) && obj.decl_index().is_some() {
        checker.obj_decl(obj);
    }
}

/// What is needed to check a package-level declaration.
pub(crate) struct DeclInfo {
    pub file: u32,
    pub scope: ScopeId,
    pub version: GoVersion,
    /// The variables of `var a, b = f()`.
    pub lhs: RefCell<Vec<Obj>>,
    pub vtyp: Option<&'static Expr>,
    pub init: Option<&'static Expr>,
    /// The initialiser is that of an earlier constant of the group.
    pub inherited: bool,
    pub tdecl: Option<&'static TypeDecl>,
    pub fdecl: Option<&'static FuncDecl>,
    /// Package-level objects that the initialiser or body mentions.
    pub deps: RefCell<FxHashSet<Obj>>,
}

/// What the checking of an expression depends on.
#[derive(Clone, Copy)]
pub(crate) struct Env {
    /// The package-level declaration that is checked, as an index into `decls`.
    pub decl: Option<u32>,
    pub file: u32,
    pub scope: ScopeId,
    pub version: GoVersion,
    pub iota: Option<i64>,
    /// The declaration or statement that is checked.
    pub anchor: Pos,
    /// Position for errors in an inherited constant initialiser.
    pub errpos: Pos,
    pub in_tparam_list: bool,
    /// Inside an interface type.
    pub in_interface: bool,
    /// The function that is checked.
    pub sig: Option<Type>,
    /// Its type parameters, those of enclosing functions too; an index into `tparam_lists`.
    pub tparams: u32,
    pub has_call_or_recv: bool,
}

type Action = Box<dyn FnOnce(&Checker)>;

pub(crate) struct Checker {
    pub pkg: Package,
    pub config: Config,
    pub errors: RefCell<Vec<Diagnostic>>,
    pub env: Cell<Env>,
    pub scopes: RefCell<Scopes>,
    pub infos: RefCell<Vec<FileInfo>>,
    pub versions: RefCell<Vec<GoVersion>>,
    /// Files whose version comes from a build constraint.
    pub file_version_declared: RefCell<Vec<bool>>,
    pub decls: RefCell<Vec<Rc<DeclInfo>>>,
    /// Package-level objects and methods in source order.
    pub objects: RefCell<Vec<Obj>>,
    pub funcs: RefCell<Vec<Obj>>,
    pub imports: RefCell<Vec<Obj>>,
    pub imported: RefCell<Vec<Package>>,
    pub import_cache: RefCell<FxHashMap<String, Package>>,
    pub dot_imports: RefCell<FxHashMap<(ScopeId, Symbol), Obj>>,
    /// Methods by the type name that they belong to, until the type is declared.
    pub methods: RefCell<FxHashMap<Obj, Vec<Obj>>>,
    pub obj_path: RefCell<Vec<Obj>>,
    pub obj_path_index: RefCell<FxHashMap<Obj, usize>>,
    delayed: RefCell<Vec<Option<(GoVersion, u32, Action)>>>,
    /// Calls of `panic`, for the analysis of terminating statements.
    pub panics: RefCell<FxHashSet<(u32, ExprId)>>,
    /// Variables declared in the function that is checked.
    pub local_vars: RefCell<Vec<(ScopeId, Obj)>>,
    pub tparam_lists: RefCell<Vec<Rc<[Type]>>>,
    pub interfaces: RefCell<Vec<Type>>,
    /// What the late checks look at.
    pub interface_literals: RefCell<Vec<Site>>,
    pub type_arguments: RefCell<Vec<Site>>,
    pub sites: RefCell<Vec<Site>>,
    /// What `print` and `println` perhaps cannot print.
    pub printed: RefCell<Vec<Printed>>,
    /// Type parameters and what they were replaced by.
    pub instantiations: RefCell<Vec<(Vec<Type>, Vec<Type>)>>,
    pub mono: RefCell<crate::mono::MonoGraph>,
    pub valid_named: RefCell<FxHashSet<Type>>,
    pub var_size_path: RefCell<Vec<Type>>,
    pub var_sizes: RefCell<FxHashMap<Type, bool>>,
    ambiguous: RefCell<Option<Arc<FxHashSet<Symbol>>>>,
}

impl Checker {
    fn new(pkg: Package, config: Config) -> Checker {
        let scopes = Scopes::new();
        let env = Env {
            decl: None,
            file: 0,
            scope: Scopes::PACKAGE,
            version: config.go_version,
            iota: None,
            anchor: Pos::NONE,
            errpos: Pos::NONE,
            in_tparam_list: false,
            in_interface: false,
            sig: None,
            tparams: 0,
            has_call_or_recv: false,
        };
        Checker {
            pkg,
            errors: RefCell::default(),
            env: Cell::new(env),
            scopes: RefCell::new(scopes),
            infos: RefCell::new(pkg.files().iter().map(|f| FileInfo::new(f)).collect()),
            versions: RefCell::default(),
            file_version_declared: RefCell::default(),
            decls: RefCell::default(),
            objects: RefCell::default(),
            funcs: RefCell::default(),
            imports: RefCell::default(),
            imported: RefCell::default(),
            import_cache: RefCell::default(),
            dot_imports: RefCell::default(),
            methods: RefCell::default(),
            obj_path: RefCell::default(),
            obj_path_index: RefCell::default(),
            delayed: RefCell::default(),
            panics: RefCell::default(),
            local_vars: RefCell::default(),
            tparam_lists: RefCell::new(vec![Rc::from([])]),
            interfaces: RefCell::default(),
            interface_literals: RefCell::default(),
            type_arguments: RefCell::default(),
            sites: RefCell::default(),
            printed: RefCell::default(),
            instantiations: RefCell::default(),
            mono: RefCell::default(),
            valid_named: RefCell::default(),
            var_size_path: RefCell::default(),
            var_sizes: RefCell::default(),
            ambiguous: RefCell::default(),
            config,
        }
    }

    fn check_files(&self, importer: Importer) {
        self.init_versions();
        self.collect_objects(importer);
        self.direct_cycles();
        self.package_objects();
        self.process_delayed(0);
        self.finish_types();
        let init_order = self.init_order();
        self.unused_imports();
        if self.errors.borrow().is_empty() {
            self.monomorph();
        }
        let late = !self.config.earlier_errors && !self.config.is_std && !self.config.testing;
        if self.errors.borrow().is_empty() && late {
            self.late_checks();
        }
        let mut imports = self.imported.take();
        imports.sort_by_key(|p| p.path());
        self.pkg.finish(Checked {
            scope: self.scopes.borrow().package_objects(),
            imports,
            infos: self.infos.take(),
            init_order,
            funcs: self.funcs.take(),
            versions: self.versions.take(),
        });
    }

    /// Everything that is computed on demand and that other threads will ask for.
    fn finish_types(&self) {
        for t in self.interfaces.take() {
            if let TypeKind::Interface(i) = t.kind() {
                i.type_set();
            }
        }
        for &obj in self.objects.borrow().iter() {
            if obj.is_type_name() {
                obj.ty().under();
            }
        }
    }

    fn init_versions(&self) {
        let files = self.pkg.files();
        let expected = self.pkg.name();
        if let Some(first) = files.first()
            && self.config.go_version > GoVersion::LATEST
        {
            self.error(
                first.pos,
                "TooNew",
                format!(
                    "package requires newer Go version {} (application built with {})",
                    self.config.go_version,
                    GoVersion::LATEST
                ),
            );
        }
        for file in files {
            if file.package.name.is_blank() {
                self.error(file.package.pos, "BlankPkgName", "invalid package name _");
            } else if file.package.name != expected && !expected.is_blank() {
                self.error(
                    file.pos,
                    "MismatchedPkgName",
                    format!("package {}; expected package {expected}", file.package.name),
                );
            }
            let declared = file
                .constraints
                .iter()
                .filter(|c| golift_syntax::constraint::is_go_build(&c.text))
                .find_map(|c| golift_syntax::constraint::Constraint::parse(&c.text).ok()?.go_version())
                .and_then(|v| GoVersion::parse(&v));
            let version = match declared {
                Some(v) => {
                    if v > GoVersion::LATEST {
                        let msg = format!("file requires newer Go version {v}");
                        self.error(file.package.pos, "TooNew", msg);
                    }
                    v.max(GoVersion(21))
                }
                None => self.config.go_version,
            };
            self.versions.borrow_mut().push(version);
            self.file_version_declared.borrow_mut().push(declared == Some(version));
        }
    }

    // ------------------------------------------------------------------------
    // Environment

    #[inline]
    pub fn edit_env(&self, f: impl FnOnce(&mut Env)) {
        let mut env = self.env.get();
        f(&mut env);
        self.env.set(env);
    }

    pub fn open_scope(&self) -> ScopeId {
        let parent = self.env.get().scope;
        let scope = self.scopes.borrow_mut().open(parent);
        self.edit_env(|e| e.scope = scope);
        scope
    }

    pub fn close_scope(&self) {
        let scope = self.env.get().scope;
        let parent = self.scopes.borrow().parent(scope);
        self.edit_env(|e| e.scope = parent);
    }

    pub fn lookup_scope(&self, name: Symbol) -> Option<(ScopeId, Obj)> {
        let found = self.scopes.borrow().lookup_parent(self.env.get().scope, name);
        if found.is_none() && self.config.testing {
            return crate::universe::lookup_test(name).map(|o| (Scopes::PACKAGE, o));
        }
        found
    }

    pub fn lookup(&self, name: Symbol) -> Option<Obj> {
        self.lookup_scope(name).map(|(_, o)| o)
    }

    /// Records that the current package-level declaration depends on `to`.
    pub fn add_decl_dep(&self, to: Obj) {
        let Some(from) = self.env.get().decl else { return };
        if to.pkg() != Some(self.pkg) || to.decl_index().is_none() {
            return;
        }
        self.decls.borrow()[from as usize].deps.borrow_mut().insert(to);
    }

    pub fn decl_info(&self, obj: Obj) -> Option<Rc<DeclInfo>> {
        if obj.pkg() != Some(self.pkg) {
            return None;
        }
        Some(self.decls.borrow()[obj.decl_index()?].clone())
    }

    /// Runs `f` when the current package-level declaration or statement has been checked.
    pub fn later(&self, f: impl FnOnce(&Checker) + 'static) {
        let env = self.env.get();
        self.delayed.borrow_mut().push(Some((env.version, env.file, Box::new(f))));
    }

    pub fn delayed_len(&self) -> usize {
        self.delayed.borrow().len()
    }

    /// Runs the delayed actions from index `top` on, in order, those that they add too.
    pub fn process_delayed(&self, top: usize) {
        if self.delayed.borrow().len() <= top {
            return;
        }
        let (version, file) = (self.env.get().version, self.env.get().file);
        let mut i = top;
        loop {
            let action = match self.delayed.borrow_mut().get_mut(i) {
                Some(slot) => slot.take(),
                None => break,
            };
            i += 1;
            if let Some((version, file, f)) = action {
                self.edit_env(|e| {
                    e.version = version;
                    e.file = file;
                });
                f(self);
            }
        }
        self.delayed.borrow_mut().truncate(top);
        self.edit_env(|e| {
            e.version = version;
            e.file = file;
        });
    }

    pub fn push(&self, obj: Obj) {
        let mut path = self.obj_path.borrow_mut();
        self.obj_path_index.borrow_mut().insert(obj, path.len());
        path.push(obj);
    }

    pub fn pop(&self) {
        if let Some(obj) = self.obj_path.borrow_mut().pop() {
            self.obj_path_index.borrow_mut().remove(&obj);
        }
    }

    // ------------------------------------------------------------------------
    // Versions

    pub fn allow_version(&self, minor: u16) -> bool {
        self.env.get().version >= GoVersion(minor)
    }

    /// Reports `what requires go1.minor or later` unless the language version is recent enough.
    pub fn verify_version(&self, pos: Pos, minor: u16, what: impl FnOnce() -> String) -> bool {
        if self.allow_version(minor) {
            return true;
        }
        self.version_error(pos, minor, &what());
        false
    }

    pub fn version_error(&self, pos: Pos, minor: u16, what: &str) {
        self.error(pos, "UnsupportedFeature", format!("{what} requires go1.{minor} or later"));
    }

    /// Where the language version of the current file comes from.
    fn version_hint(&self) -> String {
        let env = self.env.get();
        let declared = self.file_version_declared.borrow().get(env.file as usize).copied().unwrap_or(false);
        if declared {
            format!("(file declares //go:build {})", env.version)
        } else {
            format!("(-lang was set to {}; check go.mod)", self.config.go_version)
        }
    }

    // ------------------------------------------------------------------------
    // Errors and texts

    pub fn error(&self, pos: Pos, code: &'static str, msg: impl Into<String>) {
        self.report(Diagnostic::new(pos, code, msg));
    }

    pub fn soft_error(&self, pos: Pos, code: &'static str, msg: impl Into<String>) {
        self.report(Diagnostic::new(pos, code, msg).soft());
    }

    pub fn report(&self, mut d: Diagnostic) {
        if !self.errors.borrow().is_empty() {
            // Follow-on errors.
            let after = |what: &str| d.msg.find(what).is_some_and(|i| i > 0);
            if after("invalid operand") || after("invalid type") {
                return;
            }
        }
        if mentions_version(&d.msg) {
            d.msg = format!("{} {}", d.msg, self.version_hint());
        }
        let errpos = self.env.get().errpos;
        if errpos.is_known() {
            d.pos = errpos;
        }
        self.errors.borrow_mut().push(d);
    }

    /// How messages name types.
    pub fn qualifier(&self) -> Qualifier {
        let mut cache = self.ambiguous.borrow_mut();
        let ambiguous = cache.get_or_insert_with(|| {
            let mut paths: FxHashMap<Symbol, FxHashSet<&'static str>> = FxHashMap::default();
            let mut seen = FxHashSet::default();
            let mut todo: Vec<Package> = self.imported.borrow().clone();
            paths.entry(self.pkg.name()).or_default().insert(self.pkg.path());
            while let Some(p) = todo.pop() {
                if seen.insert(p) {
                    paths.entry(p.name()).or_default().insert(p.path());
                    todo.extend_from_slice(p.imports());
                }
            }
            Arc::new(paths.into_iter().filter(|(_, p)| p.len() > 1).map(|(name, _)| name).collect())
        });
        Qualifier::Messages { pkg: self.pkg, ambiguous: ambiguous.clone(), map: self.config.source_map.clone() }
    }

    pub fn ts(&self, t: Type) -> String {
        crate::typestring::type_string(t, &self.qualifier())
    }

    pub fn pos_string(&self, pos: Pos) -> String {
        match &self.config.source_map {
            Some(map) => map.position(pos).to_string(),
            None => "?".into(),
        }
    }

    /// Reports a second declaration of a name.
    pub fn redeclared(&self, pos: Pos, msg: String, code: &'static str, other: Obj) {
        let mut d = Diagnostic::new(pos, code, msg);
        if other.pos().is_known() {
            d = d.with_related(other.pos(), format!("other declaration of {}", other.name()));
        }
        self.report(d);
    }

    pub fn is_pkg_name(obj: Obj) -> bool {
        obj.kind() == ObjKind::PkgName
    }
}

/// Does a message say `requires go1.N or later`?
fn mentions_version(msg: &str) -> bool {
    let Some(at) = msg.find("requires go1.") else { return false };
    let rest = msg[at + "requires go1.".len()..].trim_start_matches(|c: char| c.is_ascii_digit());
    rest.starts_with(" or later")
}
