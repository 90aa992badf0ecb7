//! Concrete types: what is left of Go's types after monomorphisation.
//!
//! Problem: the checker's types may mention type parameters and aliases, and two nodes may denote identical
//! types. Lowering needs a type as a *key*: for instances, descriptors, layouts.
//! Strategy: every type is converted, under an [`EnvId`] that binds the type parameters in scope, to a
//! hash-consed [`Ty`]; then identity of types is equality of indices. Recursion is cut at named types, whose
//! underlying type is found on demand.
//! Invariants: no `Ty` mentions a type parameter or an alias; interface methods are flattened and sorted by name
//! (then package); signatures carry no parameter names; struct types keep names and tags (they are part of identity).

// Checker types compare and hash by address: what they point to does not matter for keys.
#![allow(clippy::mutable_key_type)]

pub use crate::basic::{Basic, Dir};
use crate::front::{self, Symbol};
use golift_types::{Obj, Package, Type, TypeKind};
use rustc_hash::FxHashMap;
use std::cell::RefCell;
use typed_arena::Arena;

/// A concrete type.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Ty(u32);

/// An interned binding of type parameters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct EnvId(u32);

impl EnvId {
    pub const EMPTY: EnvId = EnvId(0);
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct FuncTy {
    pub params: Vec<Ty>,
    pub results: Vec<Ty>,
    pub variadic: bool,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct FieldTy {
    pub name: Symbol,
    /// Package of the name; `None` for exported names.
    pub pkg: Option<Package>,
    pub ty: Ty,
    pub embedded: bool,
    pub tag: Box<[u8]>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct MethodTy {
    pub name: Symbol,
    /// Package of the name; `None` for exported names.
    pub pkg: Option<Package>,
    pub sig: Ty,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum TyKind {
    Basic(Basic),
    Named {
        obj: Obj,
        targs: Vec<Ty>,
        /// Binding of the enclosing generic function, for types declared in one.
        outer: EnvId,
    },
    Ptr(Ty),
    Slice(Ty),
    Array(Ty, u64),
    Map(Ty, Ty),
    Chan(Dir, Ty),
    Func(FuncTy),
    Struct(Vec<FieldTy>),
    Interface(Vec<MethodTy>),
    Tuple(Vec<Ty>),
}

type Binding = Vec<(Type, Ty)>;

/// The memory of a store's types, freed as one when the program is lowered.
#[derive(Default)]
pub struct TyArena {
    kinds: Arena<TyKind>,
    bindings: Arena<Binding>,
}

/// The interner.
pub struct TyStore<'s> {
    arena: &'s TyArena,
    inner: RefCell<Inner<'s>>,
}

struct Inner<'s> {
    kinds: Vec<&'s TyKind>,
    ids: FxHashMap<&'s TyKind, Ty>,
    under: Vec<Option<Ty>>,
    /// Of structs: types may contain each other in exponentially many places.
    comparable: FxHashMap<Ty, bool>,
    envs: Vec<&'s Binding>,
    env_ids: FxHashMap<&'s Binding, EnvId>,
    memo: FxHashMap<(Type, EnvId), Ty>,
    /// What makes local types of one name differ, by package.
    local_types: FxHashMap<Package, FxHashMap<Obj, usize>>,
}

impl<'s> TyStore<'s> {
    /// An empty store, whose types will lie in `arena`.
    pub fn new(arena: &'s TyArena) -> Self {
        let empty: &Binding = arena.bindings.alloc(Binding::new());
        let mut env_ids = FxHashMap::default();
        env_ids.insert(empty, EnvId::EMPTY);
        TyStore {
            arena,
            inner: RefCell::new(Inner {
                kinds: Vec::new(),
                ids: FxHashMap::default(),
                under: Vec::new(),
                comparable: FxHashMap::default(),
                envs: vec![empty],
                env_ids,
                memo: FxHashMap::default(),
                local_types: FxHashMap::default(),
            }),
        }
    }

    /// The type of that shape.
    pub fn intern(&self, kind: TyKind) -> Ty {
        let mut inner = self.inner.borrow_mut();
        if let Some(&t) = inner.ids.get(&kind) {
            return t;
        }
        let kind: &TyKind = self.arena.kinds.alloc(kind);
        let t = Ty(inner.kinds.len() as u32);
        inner.kinds.push(kind);
        inner.under.push(None);
        inner.ids.insert(kind, t);
        t
    }

    pub fn kind(&self, t: Ty) -> &'s TyKind {
        self.inner.borrow().kinds[t.0 as usize]
    }

    pub fn basic(&self, b: Basic) -> Ty {
        self.intern(TyKind::Basic(b))
    }

    pub fn ptr_to(&self, t: Ty) -> Ty {
        self.intern(TyKind::Ptr(t))
    }

    pub fn slice_of(&self, t: Ty) -> Ty {
        self.intern(TyKind::Slice(t))
    }

    pub fn array_of(&self, t: Ty, n: u64) -> Ty {
        self.intern(TyKind::Array(t, n))
    }

    /// A struct with blank-named fields, for compiler-made objects.
    pub fn anon_struct(&self, fields: impl IntoIterator<Item = Ty>) -> Ty {
        let name = Symbol::intern("_");
        let field = |ty| FieldTy { name, pkg: None, ty, embedded: false, tag: Box::default() };
        self.intern(TyKind::Struct(fields.into_iter().map(field).collect()))
    }

    pub fn env(&self, binding: Binding) -> EnvId {
        let mut inner = self.inner.borrow_mut();
        if let Some(&e) = inner.env_ids.get(&binding) {
            return e;
        }
        let binding: &Binding = self.arena.bindings.alloc(binding);
        let e = EnvId(inner.envs.len() as u32);
        inner.envs.push(binding);
        inner.env_ids.insert(binding, e);
        e
    }

    pub fn binding(&self, env: EnvId) -> &'s Binding {
        self.inner.borrow().envs[env.0 as usize]
    }

    /// A number that tells a local type from others of its name, as gc counts.
    pub fn local_type_number(&self, obj: Obj) -> usize {
        let Some(pkg) = obj.pkg() else { return 0 };
        let mut inner = self.inner.borrow_mut();
        let numbers =
            inner.local_types.entry(pkg).or_insert_with(|| front::local_types(pkg).into_iter().zip(1..).collect());
        numbers.get(&obj).copied().unwrap_or(0)
    }

    /// `env` with more bindings.
    pub fn extend_env(&self, env: EnvId, more: impl IntoIterator<Item = (Type, Ty)>) -> EnvId {
        let mut b = self.binding(env).clone();
        b.extend(more);
        self.env(b)
    }

    /// The concrete type of a checker's type.
    pub fn convert(&self, t: Type, env: EnvId) -> Ty {
        if let Some(&ty) = self.inner.borrow().memo.get(&(t, env)) {
            return ty;
        }
        let ty = self.convert_uncached(t, env);
        self.inner.borrow_mut().memo.insert((t, env), ty);
        ty
    }

    fn convert_uncached(&self, t: Type, env: EnvId) -> Ty {
        let kind = match t.kind() {
            TypeKind::Basic(b) => TyKind::Basic(front::basic(b.kind)),
            TypeKind::Alias(_) => return self.convert(t.unalias(), env),
            TypeKind::TypeParam(_) => {
                let binding = self.binding(env);
                return match binding.iter().rev().find(|(p, _)| *p == t) {
                    Some(&(_, ty)) => ty,
                    None => panic!("unbound type parameter {t}"),
                };
            }
            TypeKind::Named(n) => {
                let targs = n.targs().iter().map(|&a| self.convert(a, env)).collect();
                // A local type of a generic function depends on that one's type parameters.
                let implicit = front::implicit_tparams(n.obj);
                let outer = self.env(implicit.iter().map(|&p| (p, self.convert(p, env))).collect());
                TyKind::Named { obj: n.obj, targs, outer }
            }
            TypeKind::Pointer(e) => TyKind::Ptr(self.convert(*e, env)),
            TypeKind::Slice(e) => TyKind::Slice(self.convert(*e, env)),
            TypeKind::Array(a) => TyKind::Array(self.convert(a.elem, env), a.len.max(0) as u64),
            TypeKind::Map(m) => TyKind::Map(self.convert(m.key, env), self.convert(m.elem, env)),
            TypeKind::Chan(c) => TyKind::Chan(front::dir(c.dir), self.convert(c.elem, env)),
            TypeKind::Signature(s) => TyKind::Func(FuncTy {
                params: s.params.iter().map(|p| self.convert(p.ty(), env)).collect(),
                results: s.results.iter().map(|p| self.convert(p.ty(), env)).collect(),
                variadic: s.variadic,
            }),
            TypeKind::Struct(s) => TyKind::Struct(
                (s.fields.iter().enumerate())
                    .map(|(i, &f)| FieldTy {
                        name: f.name(),
                        pkg: name_pkg(f),
                        ty: self.convert(f.ty(), env),
                        embedded: f.is_embedded(),
                        tag: s.tag(i).into(),
                    })
                    .collect(),
            ),
            TypeKind::Interface(_) => {
                let mut methods: Vec<MethodTy> = front::interface_methods(t)
                    .into_iter()
                    .map(|m| MethodTy { name: m.name(), pkg: name_pkg(m), sig: self.convert(m.ty(), env) })
                    .collect();
                sort_methods(&mut methods);
                TyKind::Interface(methods)
            }
            TypeKind::Tuple(t) => TyKind::Tuple(t.types.iter().map(|&e| self.convert(e, env)).collect()),
            TypeKind::Union(_) => panic!("union {t} is not a type of a value"),
        };
        self.intern(kind)
    }

    /// The underlying type: never a named type.
    pub fn under(&self, t: Ty) -> Ty {
        if let Some(u) = self.inner.borrow().under[t.0 as usize] {
            return u;
        }
        let u = match self.kind(t) {
            TyKind::Named { obj, .. } => self.convert(front::named_underlying(*obj), self.named_env(t)),
            _ => t,
        };
        let u = if u != t { self.under(u) } else { u };
        self.inner.borrow_mut().under[t.0 as usize] = Some(u);
        u
    }

    /// Binding in which the declaration of a named type is read.
    pub fn named_env(&self, t: Ty) -> EnvId {
        let TyKind::Named { obj, targs, outer } = self.kind(t) else { return EnvId::EMPTY };
        if targs.is_empty() {
            return *outer;
        }
        let params = front::named_tparams(*obj);
        self.extend_env(*outer, params.into_iter().zip(targs.iter().copied()))
    }

    pub fn under_kind(&self, t: Ty) -> &'s TyKind {
        self.kind(self.under(t))
    }

    pub fn as_basic(&self, t: Ty) -> Option<Basic> {
        match self.under_kind(t) {
            TyKind::Basic(b) => Some(*b),
            _ => None,
        }
    }

    pub fn is_string(&self, t: Ty) -> bool {
        self.as_basic(t) == Some(Basic::String)
    }

    pub fn is_interface(&self, t: Ty) -> bool {
        matches!(self.under_kind(t), TyKind::Interface(_))
    }

    /// `any` and its like: no methods, represented by the type descriptor.
    pub fn is_empty_interface(&self, t: Ty) -> bool {
        matches!(self.under_kind(t), TyKind::Interface(m) if m.is_empty())
    }

    pub fn func(&self, t: Ty) -> &'s FuncTy {
        match self.under_kind(t) {
            TyKind::Func(f) => f,
            k => panic!("not a function type: {k:?}"),
        }
    }

    /// The element type of a pointer, slice, array, channel, or map.
    pub fn elem(&self, t: Ty) -> Ty {
        match self.under_kind(t) {
            TyKind::Ptr(e) | TyKind::Slice(e) | TyKind::Array(e, _) | TyKind::Chan(_, e) | TyKind::Map(_, e) => *e,
            k => panic!("no element type: {k:?}"),
        }
    }

    pub fn as_ptr(&self, t: Ty) -> Option<Ty> {
        match self.under_kind(t) {
            TyKind::Ptr(e) => Some(*e),
            _ => None,
        }
    }

    pub fn fields(&self, t: Ty) -> &'s [FieldTy] {
        match self.under_kind(t) {
            TyKind::Struct(f) => f,
            k => panic!("not a struct: {k:?}"),
        }
    }

    pub fn methods_of_interface(&self, t: Ty) -> &'s [MethodTy] {
        match self.under_kind(t) {
            TyKind::Interface(m) => m,
            k => panic!("not an interface: {k:?}"),
        }
    }

    /// Values can be compared with `==` without a panic about the type itself.
    pub fn comparable(&self, t: Ty) -> bool {
        match self.under_kind(t) {
            TyKind::Slice(_) | TyKind::Map(..) | TyKind::Func(_) | TyKind::Tuple(_) => false,
            TyKind::Array(e, _) => self.comparable(*e),
            TyKind::Struct(fields) => {
                if let Some(&known) = self.inner.borrow().comparable.get(&t) {
                    return known;
                }
                let comparable = fields.iter().all(|f| self.comparable(f.ty));
                self.inner.borrow_mut().comparable.insert(t, comparable);
                comparable
            }
            _ => true,
        }
    }
}

/// The package that an unexported name belongs to.
pub fn name_pkg(o: Obj) -> Option<Package> {
    if o.is_exported() { None } else { o.pkg() }
}

/// Order of methods in interfaces, itabs and descriptors: by name, then by package path.
pub fn sort_methods(methods: &mut [MethodTy]) {
    methods.sort_by_cached_key(|m| method_key(m.name, m.pkg));
}

/// Sort key of a method name: exported names come first.
pub fn method_key(name: Symbol, pkg: Option<Package>) -> (bool, &'static str, String) {
    (pkg.is_some(), name.as_str(), pkg.map(|p| p.path().to_string()).unwrap_or_default())
}
