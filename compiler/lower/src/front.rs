//! The questions that lowering asks the type checker, in one place.

use crate::basic::{Basic, Dir};
use golift_types::{BasicKind, Obj, ObjScope, Package, Type, TypeKind};

pub use golift_syntax::Symbol;

/// Basic kinds; untyped constants take their default type.
pub fn basic(k: BasicKind) -> Basic {
    match k {
        BasicKind::Bool | BasicKind::UntypedBool => Basic::Bool,
        BasicKind::Int | BasicKind::UntypedInt => Basic::Int,
        BasicKind::Int8 => Basic::Int8,
        BasicKind::Int16 => Basic::Int16,
        BasicKind::Int32 | BasicKind::UntypedRune => Basic::Int32,
        BasicKind::Int64 => Basic::Int64,
        BasicKind::Uint => Basic::Uint,
        BasicKind::Uint8 => Basic::Uint8,
        BasicKind::Uint16 => Basic::Uint16,
        BasicKind::Uint32 => Basic::Uint32,
        BasicKind::Uint64 => Basic::Uint64,
        BasicKind::Uintptr => Basic::Uintptr,
        BasicKind::Float32 => Basic::Float32,
        BasicKind::Float64 | BasicKind::UntypedFloat => Basic::Float64,
        BasicKind::Complex64 => Basic::Complex64,
        BasicKind::Complex128 | BasicKind::UntypedComplex => Basic::Complex128,
        BasicKind::String | BasicKind::UntypedString => Basic::String,
        BasicKind::UnsafePointer => Basic::UnsafePointer,
        BasicKind::UntypedNil => Basic::UntypedNil,
        BasicKind::Invalid => panic!("invalid type reached lowering"),
    }
}

pub fn dir(d: golift_syntax::ChanDir) -> Dir {
    match d {
        golift_syntax::ChanDir::Both => Dir::Both,
        golift_syntax::ChanDir::Send => Dir::Send,
        golift_syntax::ChanDir::Recv => Dir::Recv,
    }
}

/// A type declared inside a function.
pub fn is_local_type(obj: Obj) -> bool {
    obj.scope() == ObjScope::Local
}

/// The types declared inside functions of a package, in source order; without aliases and type parameters.
pub fn local_types(pkg: Package) -> Vec<Obj> {
    let mut all = Vec::new();
    for file in 0..pkg.files().len() {
        let declares = |o: &Obj| o.is_type_name() && is_local_type(*o) && !o.is_alias();
        let mut types: Vec<Obj> = pkg.info(file as u32).defs().filter(declares).collect();
        types.retain(|o| matches!(o.ty().kind(), TypeKind::Named(_)));
        types.sort_by_key(|o| o.pos());
        all.extend(types);
    }
    all
}

/// The type that a type name declares (the generic one, if it is generic).
pub fn declared(obj: Obj) -> Type {
    obj.ty().unalias().origin()
}

/// Underlying type of a declaration, in terms of its type parameters.
pub fn named_underlying(obj: Obj) -> Type {
    declared(obj).under()
}

pub fn named_tparams(obj: Obj) -> Vec<Type> {
    declared(obj).as_named().map(|n| n.tparams().to_vec()).unwrap_or_default()
}

/// Type parameters of the generic function that a type is declared in.
pub fn implicit_tparams(obj: Obj) -> &'static [Type] {
    match declared(obj).kind() {
        TypeKind::Named(n) => n.implicit_tparams(),
        _ => &[],
    }
}

/// Methods declared for a type, in source order.
pub fn declared_methods(obj: Obj) -> &'static [Obj] {
    match declared(obj).kind() {
        TypeKind::Named(n) => n.origin_methods(),
        _ => &[],
    }
}

/// All methods of an interface type, embedded ones too.
pub fn interface_methods(t: Type) -> Vec<Obj> {
    t.as_interface().map(|i| i.type_set().methods.to_vec()).unwrap_or_default()
}

/// A function that runs when its package is initialised.
pub fn is_init(f: Obj) -> bool {
    f.name().as_str() == "init" && f.signature().is_some_and(|s| s.recv.is_none())
}
