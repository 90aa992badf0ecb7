//! Packages, and what checking one leaves behind.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::{Arc, OnceLock};

use golift_syntax::{DeclId, Expr, ExprId, File, Ident, IdentId, StmtId, Symbol};
use rustc_hash::FxHashMap;

use crate::constant::ConstValue;
use crate::object::Obj;
use crate::types::Type;
use golift_syntax::GoVersion;

/// A copyable handle of a package. Packages and their syntax trees live as long as the process.
#[derive(Clone, Copy)]
pub struct Package(&'static PackageData);

impl PartialEq for Package {
    fn eq(&self, other: &Package) -> bool {
        std::ptr::eq(self.0, other.0)
    }
}

impl Eq for Package {}

impl Hash for Package {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (std::ptr::from_ref(self.0) as usize).hash(state);
    }
}

impl fmt::Debug for Package {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.path)
    }
}

struct PackageData {
    path: &'static str,
    path_symbol: Symbol,
    name: Symbol,
    files: Vec<Arc<File>>,
    fake: bool,
    /// Named main, but part of another program: a test of it.
    library: bool,
    /// Set once, when the package has been checked.
    result: OnceLock<Checked>,
}

/// The result of checking.
#[derive(Default)]
pub(crate) struct Checked {
    pub scope: FxHashMap<Symbol, Obj>,
    pub imports: Vec<Package>,
    pub infos: Vec<FileInfo>,
    pub init_order: Vec<InitAssign>,
    pub funcs: Vec<Obj>,
    pub versions: Vec<GoVersion>,
}

/// `lhs = rhs` among the initialisations of package variables.
#[derive(Clone, Debug)]
pub struct InitAssign {
    /// Package variables; blank ones too.
    pub lhs: Vec<Obj>,
    /// The initial value.
    pub rhs: &'static Expr,
    /// Index of the file that holds `rhs`.
    pub file: u32,
}

impl Package {
    pub(crate) fn new(path: &str, name: Symbol, files: Vec<Arc<File>>, fake: bool) -> Package {
        Package::with(path, name, files, fake, false)
    }

    pub(crate) fn with(path: &str, name: Symbol, files: Vec<Arc<File>>, fake: bool, library: bool) -> Package {
        let path_symbol = Symbol::intern(path);
        Package(Box::leak(Box::new(PackageData {
            path: path_symbol.as_str(),
            path_symbol,
            name,
            files,
            fake,
            library,
            result: OnceLock::new(),
        })))
    }

    pub(crate) fn finish(self, checked: Checked) {
        self.0.result.get_or_init(|| checked);
    }

    /// The import path.
    pub fn path(self) -> &'static str {
        self.0.path
    }

    /// The path as symbols show it: `main` for the main package of a program.
    pub fn symbol_path(self) -> &'static str {
        if self.name().as_str() == "main" && !self.0.library { "main" } else { self.path() }
    }

    /// The import path, interned.
    pub fn path_symbol(self) -> Symbol {
        self.0.path_symbol
    }

    /// The name in the package clauses.
    pub fn name(self) -> Symbol {
        self.0.name
    }

    /// A stand-in for a package that could not be imported.
    pub fn is_fake(self) -> bool {
        self.0.fake
    }

    /// Has checking finished?
    pub fn is_complete(self) -> bool {
        self.0.result.get().is_some()
    }

    /// The files, in the order in which they are checked.
    pub fn files(self) -> &'static [Arc<File>] {
        &self.0.files
    }

    fn checked(self) -> Option<&'static Checked> {
        self.0.result.get()
    }

    /// The package-level object of that name.
    pub fn lookup(self, name: Symbol) -> Option<Obj> {
        self.checked()?.scope.get(&name).copied()
    }

    /// All package-level names, sorted.
    pub fn names(self) -> Vec<Symbol> {
        let mut names: Vec<_> = self.checked().map(|c| c.scope.keys().copied().collect()).unwrap_or_default();
        names.sort_by_key(|s| s.as_str());
        names
    }

    /// Directly imported packages, sorted by path.
    pub fn imports(self) -> &'static [Package] {
        self.checked().map_or(&[], |c| &c.imports)
    }

    /// What is known of the nodes of a file.
    ///
    /// # Panics
    /// When the package has no syntax trees or is not checked yet.
    pub fn info(self, file: u32) -> &'static FileInfo {
        &self.checked().expect("package is checked").infos[file as usize]
    }

    /// The initialisations of package variables in the order in which they run.
    pub fn init_order(self) -> &'static [InitAssign] {
        self.checked().map_or(&[], |c| &c.init_order)
    }

    /// All functions and methods declared, `init` functions too, in source order (file by file).
    pub fn funcs(self) -> &'static [Obj] {
        self.checked().map_or(&[], |c| &c.funcs)
    }

    /// The language version of a file.
    pub fn file_version(self, file: u32) -> GoVersion {
        self.checked().and_then(|c| c.versions.get(file as usize).copied()).unwrap_or(GoVersion::LATEST)
    }
}

/// What an expression is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Mode {
    /// An error was reported, or the expression was not recorded.
    #[default]
    Invalid,
    /// A call without a result.
    NoValue,
    /// A predeclared function, which may only be called.
    Builtin,
    /// A type.
    TypeExpr,
    /// A constant.
    Constant,
    /// Addressable.
    Variable,
    /// An element of a map: it may be assigned, but has no address.
    MapIndex,
    /// Any other value.
    Value,
    /// `nil`.
    Nil,
    /// A type assertion or channel receive that may be used in a comma-ok assignment.
    CommaOk,
}

/// What the checker found out about an expression.
#[derive(Clone, Debug, Default)]
pub struct TypeAndValue {
    /// What it is.
    pub mode: Mode,
    /// Set while the expression has an untyped type that may still change.
    pub(crate) untyped: bool,
    /// The expression is the left operand of a shift whose check was delayed.
    pub(crate) is_lhs: bool,
    /// Its type; none where nothing was recorded.
    pub ty: Option<Type>,
    /// The value of a constant expression.
    pub value: Option<ConstValue>,
}

impl TypeAndValue {
    /// Is it a type?
    pub fn is_type(&self) -> bool {
        self.mode == Mode::TypeExpr
    }

    /// Is it a value?
    pub fn is_value(&self) -> bool {
        matches!(self.mode, Mode::Constant | Mode::Variable | Mode::MapIndex | Mode::Value | Mode::Nil | Mode::CommaOk)
    }

    /// May its address be taken?
    pub fn addressable(&self) -> bool {
        self.mode == Mode::Variable
    }
}

/// What a selector selects.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SelectionKind {
    /// `x.f`: a field.
    FieldVal,
    /// `x.m`: a method with its receiver.
    MethodVal,
    /// `T.m`: a function that takes the receiver as its first parameter.
    MethodExpr,
}

/// A selector that is not a qualified identifier.
#[derive(Clone, Debug)]
pub struct Selection {
    /// What is selected.
    pub kind: SelectionKind,
    /// The type of `x` in `x.f`.
    pub recv: Type,
    /// Field or method.
    pub obj: Obj,
    /// Path from `recv` through embedded fields; the last element is the field's index in its struct, or the method's
    /// in its type or interface.
    pub index: Box<[u32]>,
    /// A pointer was followed on the way.
    pub indirect: bool,
    /// The type of the selector expression.
    pub ty: Type,
}

/// A use of a generic function or type with its type arguments, inferred ones too.
#[derive(Clone, Debug)]
pub struct Instance {
    /// The type arguments, those of the receiver not among them.
    pub targs: Box<[Type]>,
    /// The instantiated type: a signature, named type or alias.
    pub ty: Type,
}

/// What is known of the nodes of one file.
#[derive(Default)]
pub struct FileInfo {
    /// By `ExprId`.
    pub(crate) types: Vec<TypeAndValue>,
    /// By `IdentId`.
    pub(crate) defs: Vec<Option<Obj>>,
    pub(crate) uses: Vec<Option<Obj>>,
    pub(crate) selections: FxHashMap<ExprId, Selection>,
    pub(crate) instances: FxHashMap<IdentId, Instance>,
    pub(crate) clause_vars: FxHashMap<StmtId, Obj>,
    pub(crate) imports: FxHashMap<DeclId, Obj>,
    pub(crate) func_objs: FxHashMap<DeclId, Obj>,
}

static INVALID: TypeAndValue =
    TypeAndValue { mode: Mode::Invalid, untyped: false, is_lhs: false, ty: None, value: None };

impl FileInfo {
    pub(crate) fn new(file: &File) -> FileInfo {
        FileInfo {
            types: vec![TypeAndValue::default(); file.expr_count as usize],
            defs: vec![None; file.ident_count as usize],
            uses: vec![None; file.ident_count as usize],
            ..FileInfo::default()
        }
    }

    /// Mode, type and value of an expression. The type of a comma-ok expression in a
    /// two-valued context is the tuple `(T, bool)`.
    pub fn types(&self, id: ExprId) -> &TypeAndValue {
        self.types.get(id.index()).unwrap_or(&INVALID)
    }

    /// # Panics
    /// When the expression has no type, which cannot be in a package without errors.
    pub fn type_of(&self, x: &Expr) -> Type {
        self.types(x.id).ty.unwrap_or_else(|| panic!("expression at {:?} has no type", x.pos))
    }

    /// The value of a constant expression.
    pub fn value_of(&self, x: &Expr) -> Option<&ConstValue> {
        self.types(x.id).value.as_ref()
    }

    /// The object that an identifier declares. `None` for the `_` of an assignment, `.` imports, and the variable
    /// of a type switch (see [`clause_var`](FileInfo::clause_var)).
    pub fn def(&self, ident: &Ident) -> Option<Obj> {
        self.defs.get(ident.id.index()).copied().flatten()
    }

    /// All declared objects, by the order of their identifiers.
    pub fn defs(&self) -> impl Iterator<Item = Obj> {
        self.defs.iter().copied().flatten()
    }

    /// The object that an identifier refers to. An embedded field both defines (the field) and uses (the type).
    pub fn use_(&self, ident: &Ident) -> Option<Obj> {
        self.uses.get(ident.id.index()).copied().flatten()
    }

    /// The object that an identifier declares, or else refers to.
    pub fn def_or_use(&self, ident: &Ident) -> Option<Obj> {
        self.def(ident).or_else(|| self.use_(ident))
    }

    /// `None` for qualified identifiers: their `Sel` has a use.
    pub fn selection(&self, selector: ExprId) -> Option<&Selection> {
        self.selections.get(&selector)
    }

    /// By the identifier of the generic function or type (the `Sel` of a selector).
    pub fn instance(&self, ident: &Ident) -> Option<&Instance> {
        self.instances.get(&ident.id)
    }

    /// The variable that a clause of a type switch declares.
    pub fn clause_var(&self, clause: StmtId) -> Option<Obj> {
        self.clause_vars.get(&clause).copied()
    }

    /// The `PkgName` of an import declaration (none for `.` and `_` imports).
    pub fn import(&self, decl: DeclId) -> Option<Obj> {
        self.imports.get(&decl).copied()
    }

    /// The object of a function declaration, also of `init`, `_` and methods.
    pub fn func(&self, decl: DeclId) -> Option<Obj> {
        self.func_objs.get(&decl).copied()
    }
}
