//! Predeclared names and package unsafe.

use std::sync::LazyLock;

use golift_syntax::{Pos, Symbol};
use rustc_hash::FxHashMap;

use crate::constant::ConstValue;
use crate::object::{BuiltinId, Obj, ObjKind, ObjScope, VarKind};
use crate::package::{Checked, Package};
use crate::types::{Basic, BasicKind, Type, TypeKind};

use BasicKind as B;

const BASICS: [(B, &str); 26] = [
    (B::Invalid, "invalid type"),
    (B::Bool, "bool"),
    (B::Int, "int"),
    (B::Int8, "int8"),
    (B::Int16, "int16"),
    (B::Int32, "int32"),
    (B::Int64, "int64"),
    (B::Uint, "uint"),
    (B::Uint8, "uint8"),
    (B::Uint16, "uint16"),
    (B::Uint32, "uint32"),
    (B::Uint64, "uint64"),
    (B::Uintptr, "uintptr"),
    (B::Float32, "float32"),
    (B::Float64, "float64"),
    (B::Complex64, "complex64"),
    (B::Complex128, "complex128"),
    (B::String, "string"),
    (B::UnsafePointer, "unsafe.Pointer"),
    (B::UntypedBool, "untyped bool"),
    (B::UntypedInt, "untyped int"),
    (B::UntypedRune, "untyped rune"),
    (B::UntypedFloat, "untyped float"),
    (B::UntypedComplex, "untyped complex"),
    (B::UntypedString, "untyped string"),
    (B::UntypedNil, "untyped nil"),
];

const BUILTINS: &[(&str, BuiltinId)] = &[
    ("append", BuiltinId::Append),
    ("cap", BuiltinId::Cap),
    ("clear", BuiltinId::Clear),
    ("close", BuiltinId::Close),
    ("complex", BuiltinId::Complex),
    ("copy", BuiltinId::Copy),
    ("delete", BuiltinId::Delete),
    ("imag", BuiltinId::Imag),
    ("len", BuiltinId::Len),
    ("make", BuiltinId::Make),
    ("max", BuiltinId::Max),
    ("min", BuiltinId::Min),
    ("new", BuiltinId::New),
    ("panic", BuiltinId::Panic),
    ("print", BuiltinId::Print),
    ("println", BuiltinId::Println),
    ("real", BuiltinId::Real),
    ("recover", BuiltinId::Recover),
];

const UNSAFE_BUILTINS: &[(&str, BuiltinId)] = &[
    ("Add", BuiltinId::Add),
    ("Alignof", BuiltinId::Alignof),
    ("Offsetof", BuiltinId::Offsetof),
    ("Sizeof", BuiltinId::Sizeof),
    ("Slice", BuiltinId::Slice),
    ("SliceData", BuiltinId::SliceData),
    ("String", BuiltinId::String),
    ("StringData", BuiltinId::StringData),
];

static BASIC_TYPES: LazyLock<[Type; 26]> =
    LazyLock::new(|| BASICS.map(|(kind, name)| Type::new(TypeKind::Basic(Basic { kind, name }))));

struct Universe {
    scope: FxHashMap<Symbol, Obj>,
    byte: Type,
    rune: Type,
    any: Type,
    error: Type,
    comparable: Type,
    empty_interface: Type,
    comparable_interface: Type,
    unsafe_pkg: Package,
    iota: Obj,
    nil: Obj,
}

static UNIVERSE: LazyLock<Universe> = LazyLock::new(build);

fn build() -> Universe {
    let mut scope = FxHashMap::default();
    let mut declare = |name: &str, kind: ObjKind, ty: Option<Type>| {
        let name = Symbol::intern(name);
        let obj = Obj::new(kind, Pos::NONE, None, name, ty);
        obj.set_scope(ObjScope::Universe);
        scope.insert(name, obj);
        obj
    };
    for (kind, name) in &BASICS[1..=17] {
        declare(name, ObjKind::TypeName, Some(Type::basic(*kind)));
    }
    let alias_basic = |kind, name| Type::new(TypeKind::Basic(Basic { kind, name }));
    let byte = alias_basic(B::Uint8, "byte");
    declare("byte", ObjKind::TypeName, Some(byte));
    let rune = alias_basic(B::Int32, "rune");
    declare("rune", ObjKind::TypeName, Some(rune));

    let empty_interface = Type::new_interface(false);
    empty_interface.complete_interface(vec![], vec![], vec![]);
    let any = Type::new_alias(declare("any", ObjKind::TypeName, None), Some(empty_interface));

    let error = {
        let error = Type::new_named(declare("error", ObjKind::TypeName, None), None);
        let iface = Type::new_interface(false);
        let recv = Obj::new_var(VarKind::Recv, Pos::NONE, None, Symbol::EMPTY, Some(error));
        let result = Obj::new_var(VarKind::Result, Pos::NONE, None, Symbol::EMPTY, Some(Type::basic(B::String)));
        let sig = Type::new_signature(Some(recv), vec![], vec![result], false);
        let method = Obj::new(ObjKind::Func, Pos::NONE, None, Symbol::intern("Error"), Some(sig));
        iface.complete_interface(vec![method], vec![], vec![]);
        if let TypeKind::Named(n) = error.kind() {
            n.rhs.set(Some(iface));
        }
        error
    };

    let comparable_interface = Type::new_interface(false);
    comparable_interface.complete_interface(vec![], vec![], vec![]);
    if let TypeKind::Interface(i) = comparable_interface.kind() {
        i.type_set.get_or_init(|| {
            Box::leak(Box::new(crate::typeset::TypeSet {
                methods: Box::default(),
                terms: crate::typeset::TermList(None),
                comparable: true,
            }))
        });
    }
    let comparable = Type::new_named(declare("comparable", ObjKind::TypeName, None), Some(comparable_interface));

    for (name, value) in [("true", true), ("false", false)] {
        declare(name, ObjKind::Const, Some(Type::basic(B::UntypedBool))).set_const_value(ConstValue::Bool(value));
    }
    let iota = declare("iota", ObjKind::Const, Some(Type::basic(B::UntypedInt)));
    iota.set_const_value(ConstValue::Int(0));
    let nil = declare("nil", ObjKind::Nil, Some(Type::basic(B::UntypedNil)));
    for &(name, id) in BUILTINS {
        declare(name, ObjKind::Builtin(id), Some(Type::basic(B::Invalid)));
    }

    let unsafe_pkg = Package::new("unsafe", Symbol::UNSAFE, Vec::new(), false);
    let mut unsafe_scope = FxHashMap::default();
    let pointer = Symbol::intern("Pointer");
    let obj = Obj::new(ObjKind::TypeName, Pos::NONE, Some(unsafe_pkg), pointer, Some(Type::basic(B::UnsafePointer)));
    obj.set_scope(ObjScope::Package);
    unsafe_scope.insert(pointer, obj);
    for &(name, id) in UNSAFE_BUILTINS {
        let name = Symbol::intern(name);
        let invalid = Some(Type::basic(B::Invalid));
        let obj = Obj::new(ObjKind::Builtin(id), Pos::NONE, Some(unsafe_pkg), name, invalid);
        obj.set_scope(ObjScope::Package);
        unsafe_scope.insert(name, obj);
    }
    unsafe_pkg.finish(Checked { scope: unsafe_scope, ..Checked::default() });

    Universe { scope, byte, rune, any, error, comparable, empty_interface, comparable_interface, unsafe_pkg, iota, nil }
}

impl Type {
    /// The predeclared type of that kind.
    #[inline]
    pub fn basic(kind: BasicKind) -> Type {
        BASIC_TYPES[kind as usize]
    }

    /// The type after an error.
    pub fn invalid() -> Type {
        Type::basic(B::Invalid)
    }
}

/// The predeclared object of that name.
pub fn lookup(name: Symbol) -> Option<Obj> {
    UNIVERSE.scope.get(&name).copied()
}

static TEST_BUILTINS: LazyLock<[Obj; 2]> = LazyLock::new(|| {
    [("assert", BuiltinId::Assert), ("trace", BuiltinId::Trace)].map(|(name, id)| {
        Obj::new(ObjKind::Builtin(id), Pos::NONE, None, Symbol::intern(name), Some(Type::basic(B::Invalid)))
    })
});

pub(crate) fn lookup_test(name: Symbol) -> Option<Obj> {
    TEST_BUILTINS.iter().copied().find(|o| o.name() == name)
}

/// `byte`: identical to `uint8`, but another node.
pub fn byte_type() -> Type {
    UNIVERSE.byte
}

/// `rune`: identical to `int32`, but another node.
pub fn rune_type() -> Type {
    UNIVERSE.rune
}

/// The alias `any`.
pub fn any_type() -> Type {
    UNIVERSE.any
}

/// The predeclared `error`.
pub fn error_type() -> Type {
    UNIVERSE.error
}

/// The predeclared `comparable`.
pub fn comparable_type() -> Type {
    UNIVERSE.comparable
}

pub(crate) fn comparable_interface() -> Type {
    UNIVERSE.comparable_interface
}

/// `any`'s underlying type, `interface{}`.
pub fn empty_interface() -> Type {
    UNIVERSE.empty_interface
}

/// Package unsafe.
pub fn unsafe_package() -> Package {
    UNIVERSE.unsafe_pkg
}

pub(crate) fn iota() -> Obj {
    UNIVERSE.iota
}

pub(crate) fn nil() -> Obj {
    UNIVERSE.nil
}
