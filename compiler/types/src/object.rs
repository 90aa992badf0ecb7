//! Objects: what names denote.

use std::cmp::Ordering as CmpOrdering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use golift_syntax::{FuncDecl, Pos, Symbol};

use crate::constant::ConstValue;
use crate::package::Package;
use crate::types::{BasicKind, Type, TypeKind, TypeSlot};

/// A copyable handle of an object; equality is that of the object.
#[derive(Clone, Copy)]
pub struct Obj(&'static ObjData);

impl PartialEq for Obj {
    fn eq(&self, other: &Obj) -> bool {
        std::ptr::eq(self.0, other.0)
    }
}

impl Eq for Obj {}

impl Hash for Obj {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (std::ptr::from_ref(self.0) as usize).hash(state);
    }
}

impl fmt::Debug for Obj {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} {}", self.0.kind, self.0.name)
    }
}

/// What an object is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ObjKind {
    /// An imported package under its local name.
    PkgName,
    /// A constant.
    Const,
    /// The name of a type, alias or type parameter.
    TypeName,
    /// A variable, parameter or field.
    Var(VarKind),
    /// A function or method.
    Func,
    /// A label.
    Label,
    /// A predeclared function, or one of package unsafe.
    Builtin(BuiltinId),
    /// `nil`.
    Nil,
}

/// Kinds of variables.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum VarKind {
    /// Of a package.
    Package,
    /// Of a function.
    Local,
    /// A receiver.
    Recv,
    /// A parameter.
    Param,
    /// A result.
    Result,
    /// A field of a struct.
    Field,
}

/// Predeclared functions, then those of package unsafe, then those for tests of the checker.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum BuiltinId {
    /// `append`.
    Append,
    /// `cap`.
    Cap,
    /// `clear`.
    Clear,
    /// `close`.
    Close,
    /// `complex`.
    Complex,
    /// `copy`.
    Copy,
    /// `delete`.
    Delete,
    /// `imag`.
    Imag,
    /// `len`.
    Len,
    /// `make`.
    Make,
    /// `max`.
    Max,
    /// `min`.
    Min,
    /// `new`.
    New,
    /// `panic`.
    Panic,
    /// `print`.
    Print,
    /// `println`.
    Println,
    /// `real`.
    Real,
    /// `recover`.
    Recover,
    // package unsafe
    /// `unsafe.Add`.
    Add,
    /// `unsafe.Alignof`.
    Alignof,
    /// `unsafe.Offsetof`.
    Offsetof,
    /// `unsafe.Sizeof`.
    Sizeof,
    /// `unsafe.Slice`.
    Slice,
    /// `unsafe.SliceData`.
    SliceData,
    /// `unsafe.String`.
    String,
    /// `unsafe.StringData`.
    StringData,
    // testing of the checker
    /// `assert`, in tests of the checker.
    Assert,
    /// `trace`, in tests of the checker.
    Trace,
}

/// Where an object is declared.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ObjScope {
    /// Fields, methods, labels, parameters of function types …
    None,
    /// Predeclared.
    Universe,
    /// Declared in a package.
    Package,
    /// Imports.
    File,
    /// Inside a function, or a type parameter.
    Local,
}

struct ObjData {
    kind: ObjKind,
    name: Symbol,
    pkg: Option<Package>,
    pos: Pos,
    ty: TypeSlot,
    /// Embedded field.
    embedded: bool,
    /// Place in the order of package-level declarations, from 1.
    order: AtomicU32,
    /// [`ObjScope`] as a number.
    scope: AtomicU32,
    iota: AtomicU32,
    /// Bits `FLAG_…`.
    flags: AtomicU32,
    /// Index of a package-level object in its checker's table of declarations, plus one.
    pub decl: AtomicU32,
    value: OnceLock<ConstValue>,
    imported: Option<Package>,
    func: OnceLock<FuncInfo>,
    /// For the fields, parameters and methods of instances: what they were made from.
    origin: Option<Obj>,
    /// For methods of instances: the instance, until the type is worked out.
    recv_named: Option<Type>,
}

#[derive(Clone, Copy)]
pub(crate) struct FuncInfo {
    pub file: u32,
    pub decl: &'static FuncDecl,
}

const FLAG_USED: u32 = 1;
const FLAG_PTR_RECV: u32 = 2;
const FLAG_NO_INTERFACE: u32 = 4;

impl Obj {
    fn make(kind: ObjKind, pos: Pos, pkg: Option<Package>, name: Symbol, ty: Option<Type>) -> ObjData {
        ObjData {
            kind,
            name,
            pkg,
            pos,
            ty: TypeSlot::new(ty),
            embedded: false,
            order: AtomicU32::new(0),
            scope: AtomicU32::new(0),
            iota: AtomicU32::new(0),
            flags: AtomicU32::new(0),
            decl: AtomicU32::new(0),
            value: OnceLock::new(),
            imported: None,
            func: OnceLock::new(),
            origin: None,
            recv_named: None,
        }
    }

    fn leak(data: ObjData) -> Obj {
        Obj(Box::leak(Box::new(data)))
    }

    pub(crate) fn new(kind: ObjKind, pos: Pos, pkg: Option<Package>, name: Symbol, ty: Option<Type>) -> Obj {
        Obj::leak(Obj::make(kind, pos, pkg, name, ty))
    }

    pub(crate) fn new_const(pos: Pos, pkg: Option<Package>, name: Symbol, ty: Option<Type>) -> Obj {
        Obj::new(ObjKind::Const, pos, pkg, name, ty)
    }

    pub(crate) fn new_var(kind: VarKind, pos: Pos, pkg: Option<Package>, name: Symbol, ty: Option<Type>) -> Obj {
        Obj::new(ObjKind::Var(kind), pos, pkg, name, ty)
    }

    /// A parameter or result, for signatures made by later phases.
    pub fn new_param(pkg: Option<Package>, name: Symbol, ty: Type) -> Obj {
        Obj::new_var(VarKind::Param, Pos::NONE, pkg, name, Some(ty))
    }

    /// A field of a struct type.
    pub fn new_field(pos: Pos, pkg: Option<Package>, name: Symbol, ty: Type, embedded: bool) -> Obj {
        let mut data = Obj::make(ObjKind::Var(VarKind::Field), pos, pkg, name, Some(ty));
        data.embedded = embedded;
        Obj::leak(data)
    }

    pub(crate) fn new_pkg_name(pos: Pos, pkg: Package, name: Symbol, imported: Package) -> Obj {
        let mut data = Obj::make(ObjKind::PkgName, pos, Some(pkg), name, Some(Type::basic(BasicKind::Invalid)));
        data.imported = Some(imported);
        Obj::leak(data)
    }

    /// The same variable with another type.
    pub(crate) fn clone_var(self, ty: Type) -> Obj {
        let d = self.0;
        let mut data = Obj::make(d.kind, d.pos, d.pkg, d.name, Some(ty));
        data.embedded = d.embedded;
        data.scope = AtomicU32::new(d.scope.load(Ordering::Relaxed));
        data.origin = Some(self.origin());
        Obj::leak(data)
    }

    /// The same method with another signature.
    pub(crate) fn clone_func(self, ty: Type) -> Obj {
        let d = self.0;
        let mut data = Obj::make(d.kind, d.pos, d.pkg, d.name, Some(ty));
        data.origin = Some(self.origin());
        data.flags = AtomicU32::new(d.flags.load(Ordering::Relaxed));
        Obj::leak(data)
    }

    /// The method of an instance. Its type is worked out when it is asked for.
    pub(crate) fn instance_method(self, recv_named: Type) -> Obj {
        let d = self.0;
        let mut data = Obj::make(d.kind, d.pos, d.pkg, d.name, None);
        data.origin = Some(self.origin());
        data.recv_named = Some(recv_named);
        Obj::leak(data)
    }

    /// What it is.
    pub fn kind(self) -> ObjKind {
        self.0.kind
    }

    /// Its name.
    pub fn name(self) -> Symbol {
        self.0.name
    }

    /// `None` for predeclared objects.
    pub fn pkg(self) -> Option<Package> {
        self.0.pkg
    }

    /// Where it is declared.
    pub fn pos(self) -> Pos {
        self.0.pos
    }

    pub(crate) fn order(self) -> u32 {
        self.0.order.load(Ordering::Relaxed)
    }

    pub(crate) fn set_order(self, order: u32) {
        self.0.order.store(order, Ordering::Relaxed);
    }

    pub(crate) fn decl_index(self) -> Option<usize> {
        (self.0.decl.load(Ordering::Relaxed) as usize).checked_sub(1)
    }

    pub(crate) fn set_decl_index(self, index: usize) {
        self.0.decl.store(index as u32 + 1, Ordering::Relaxed);
    }

    /// The type; invalid after an error.
    #[inline]
    pub fn ty(self) -> Type {
        match self.0.ty.get() {
            Some(t) => t,
            None => self.ty_slow(),
        }
    }

    #[cold]
    fn ty_slow(self) -> Type {
        crate::named::resolve_object_type(self)
    }

    /// The type as far as it is known now.
    #[inline]
    pub(crate) fn ty_opt(self) -> Option<Type> {
        self.0.ty.get()
    }

    pub(crate) fn set_ty(self, ty: Type) {
        self.0.ty.set(Some(ty));
    }

    pub(crate) fn set_ty_once(self, ty: Type) -> Type {
        self.0.ty.set_once(ty)
    }

    /// Does the name begin with an upper-case letter?
    pub fn is_exported(self) -> bool {
        self.0.name.is_exported()
    }

    /// Where it is declared: in the universe, a package, a function.
    pub fn scope(self) -> ObjScope {
        match self.0.scope.load(Ordering::Relaxed) {
            0 => ObjScope::None,
            1 => ObjScope::Universe,
            2 => ObjScope::Package,
            3 => ObjScope::File,
            _ => ObjScope::Local,
        }
    }

    pub(crate) fn set_scope(self, scope: ObjScope) {
        self.0.scope.store(scope as u32, Ordering::Relaxed);
    }

    /// Is it declared in a package, outside of functions?
    pub fn is_package_level(self) -> bool {
        self.scope() == ObjScope::Package
    }

    pub(crate) fn is_used(self) -> bool {
        self.0.flags.load(Ordering::Relaxed) & FLAG_USED != 0
    }

    pub(crate) fn set_used(self) {
        self.0.flags.fetch_or(FLAG_USED, Ordering::Relaxed);
    }

    pub(crate) fn set_unused(self) {
        self.0.flags.fetch_and(!FLAG_USED, Ordering::Relaxed);
    }

    pub(crate) fn set_has_ptr_recv(self) {
        self.0.flags.fetch_or(FLAG_PTR_RECV, Ordering::Relaxed);
    }

    pub(crate) fn set_no_interface(self) {
        self.0.flags.fetch_or(FLAG_NO_INTERFACE, Ordering::Relaxed);
    }

    /// Is this a method that no interface asks for (`//go:nointerface`)?
    pub fn is_no_interface(self) -> bool {
        self.origin().0.flags.load(Ordering::Relaxed) & FLAG_NO_INTERFACE != 0
    }

    /// Is it a variable, parameter or field?
    pub fn is_var(self) -> bool {
        matches!(self.0.kind, ObjKind::Var(_))
    }

    /// Is it a function or method?
    pub fn is_func(self) -> bool {
        self.0.kind == ObjKind::Func
    }

    /// Is it the name of a type?
    pub fn is_type_name(self) -> bool {
        self.0.kind == ObjKind::TypeName
    }

    /// Is it a constant?
    pub fn is_const(self) -> bool {
        self.0.kind == ObjKind::Const
    }

    /// Is it a field?
    pub fn is_field(self) -> bool {
        self.0.kind == ObjKind::Var(VarKind::Field)
    }

    /// Is it a parameter, receiver or result?
    pub fn is_param(self) -> bool {
        matches!(self.0.kind, ObjKind::Var(VarKind::Param | VarKind::Recv | VarKind::Result))
    }

    /// Is it an embedded field?
    pub fn is_embedded(self) -> bool {
        self.0.embedded
    }

    /// The value of a constant; unknown after an error.
    pub fn const_value(self) -> ConstValue {
        self.0.value.get().cloned().unwrap_or(ConstValue::Unknown)
    }

    /// The value of iota for a constant.
    pub(crate) fn set_iota(self, iota: i64) {
        self.0.iota.store(iota as u32, Ordering::Relaxed);
    }

    pub(crate) fn iota(self) -> i64 {
        i64::from(self.0.iota.load(Ordering::Relaxed))
    }

    pub(crate) fn set_const_value(self, value: ConstValue) {
        self.0.value.get_or_init(|| value);
    }

    /// The package that a `PkgName` stands for.
    pub fn imported(self) -> Option<Package> {
        self.0.imported
    }

    /// For methods, fields and parameters of instances the object of the declaration; itself otherwise.
    pub fn origin(self) -> Obj {
        self.0.origin.unwrap_or(self)
    }

    /// The instance that this method of an instance belongs to.
    pub(crate) fn recv_named(self) -> Option<Type> {
        self.0.recv_named
    }

    pub(crate) fn set_func_decl(self, file: u32, decl: &'static FuncDecl) {
        self.0.func.get_or_init(|| FuncInfo { file, decl });
    }

    /// The declaration of a function or concrete method (of the origin, for instances)
    /// and the index of its file in the package.
    pub fn func_decl(self) -> Option<(u32, &'static FuncDecl)> {
        self.origin().0.func.get().map(|f| (f.file, f.decl))
    }

    /// The signature of a function or method.
    pub fn signature(self) -> Option<&'static crate::types::Signature> {
        if self.0.kind != ObjKind::Func {
            return None;
        }
        self.ty().as_signature()
    }

    /// Does the method have a pointer receiver?
    pub fn has_ptr_recv(self) -> bool {
        if let Some(ty) = self.0.ty.get()
            && let Some(recv) = ty.as_signature().and_then(|s| s.recv)
        {
            return matches!(recv.ty().unalias().kind(), TypeKind::Pointer(_));
        }
        self.origin().0.flags.load(Ordering::Relaxed) & FLAG_PTR_RECV != 0
    }

    /// Is this a type name that was declared as an alias (or is predeclared as one)?
    pub fn is_alias(self) -> bool {
        self.is_type_name() && matches!(self.ty_opt().map(Type::kind), Some(TypeKind::Alias(_)))
    }

    /// Does `name`, used in package `pkg`, denote this field or method? Unexported names differ between packages.
    pub(crate) fn same_id(self, pkg: Option<Package>, name: Symbol, fold_case: bool) -> bool {
        if fold_case && eq_fold(self.0.name.as_str(), name.as_str()) {
            return true;
        }
        if self.0.name != name {
            return false;
        }
        name.is_exported() || same_pkg(self.0.pkg, pkg)
    }

    /// Fields and methods with equal ids have [the same name](Obj::same_id) to the language.
    pub(crate) fn id(self) -> (Symbol, Option<Symbol>) {
        let pkg = if self.is_exported() { None } else { self.0.pkg };
        (self.0.name, pkg.map(Package::path_symbol))
    }

    /// `pkg/path.Name`, `(pkg/path.T).Method`, `(*pkg/path.T).Method`.
    pub fn full_name(self) -> String {
        crate::typestring::func_full_name(self)
    }
}

pub(crate) fn eq_fold(a: &str, b: &str) -> bool {
    if a.is_ascii() && b.is_ascii() {
        return a.eq_ignore_ascii_case(b);
    }
    a == b || a.to_lowercase() == b.to_lowercase()
}

pub(crate) fn same_pkg(a: Option<Package>, b: Option<Package>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => a == b || a.path() == b.path(),
        (None, None) => true,
        _ => false,
    }
}

/// The order of methods in interfaces and method sets: exported ones by name, then the others by
/// name and package path.
pub fn method_order(a: Obj, b: Obj) -> CmpOrdering {
    if a == b {
        return CmpOrdering::Equal;
    }
    let (ea, eb) = (a.is_exported(), b.is_exported());
    if ea != eb {
        return if ea { CmpOrdering::Less } else { CmpOrdering::Greater };
    }
    if a.name() != b.name() {
        return a.name().as_str().cmp(b.name().as_str());
    }
    if ea {
        return CmpOrdering::Equal;
    }
    a.pkg().map_or("", |p| p.path()).cmp(b.pkg().map_or("", |p| p.path()))
}
