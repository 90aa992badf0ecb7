//! Types: an append-only store of nodes that live for the whole process.
//!
//! A [`Type`] is a copyable handle. Handles are equal when they are the same *node*; Go's
//! type identity is [`identical`](crate::predicates::identical). Nodes are immutable but for slots that
//! are filled once while the declaring package is checked (the right-hand side of a declared type, the bound of a
//! type parameter, the body of an interface) or computed on demand (underlying types, type sets, methods of
//! instances). On-demand results are computed without a lock held and the first to
//! arrive is kept, so that several threads may ask at once.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicPtr, AtomicU32, Ordering};

use golift_syntax::{ChanDir, Pos};

use crate::object::Obj;
use crate::typeset::TypeSet;

/// A type. Cheap to copy; equality is that of nodes.
#[derive(Clone, Copy)]
pub struct Type(pub(crate) &'static TypeKind);

impl PartialEq for Type {
    fn eq(&self, other: &Type) -> bool {
        std::ptr::eq(self.0, other.0)
    }
}

impl Eq for Type {}

impl Hash for Type {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (std::ptr::from_ref(self.0) as usize).hash(state);
    }
}

impl fmt::Debug for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&crate::typestring::type_string(*self, &crate::typestring::Qualifier::Name))
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&crate::typestring::type_string(*self, &crate::typestring::Qualifier::Path))
    }
}

/// What a type is.
pub enum TypeKind {
    /// A predeclared type.
    Basic(Basic),
    /// A defined type, or an instance of one.
    Named(Named),
    /// An alias, or an instance of one.
    Alias(Alias),
    /// `*T`.
    Pointer(Type),
    /// `[]T`.
    Slice(Type),
    /// `[n]T`.
    Array(Array),
    /// `map[K]V`.
    Map(Map),
    /// A channel type.
    Chan(Chan),
    /// A struct type.
    Struct(Struct),
    /// A function type.
    Signature(Signature),
    /// An interface type.
    Interface(Interface),
    /// The results of a call, or `(T, bool)` of a comma-ok expression.
    Tuple(Tuple),
    /// A type parameter.
    TypeParam(TypeParam),
    /// Only embedded in interfaces.
    Union(Union),
}

/// Kinds of predeclared types.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum BasicKind {
    /// The type after an error.
    Invalid,
    /// `bool`.
    Bool,
    /// `int`.
    Int,
    /// `int8`.
    Int8,
    /// `int16`.
    Int16,
    /// `int32`.
    Int32,
    /// `int64`.
    Int64,
    /// `uint`.
    Uint,
    /// `uint8`.
    Uint8,
    /// `uint16`.
    Uint16,
    /// `uint32`.
    Uint32,
    /// `uint64`.
    Uint64,
    /// `uintptr`.
    Uintptr,
    /// `float32`.
    Float32,
    /// `float64`.
    Float64,
    /// `complex64`.
    Complex64,
    /// `complex128`.
    Complex128,
    /// `string`.
    String,
    /// `unsafe.Pointer`.
    UnsafePointer,
    /// Of comparisons and untyped boolean constants.
    UntypedBool,
    /// Of integer literals.
    UntypedInt,
    /// Of rune literals.
    UntypedRune,
    /// Of float literals.
    UntypedFloat,
    /// Of imaginary literals.
    UntypedComplex,
    /// Of string literals.
    UntypedString,
    /// Of `nil`.
    UntypedNil,
}

/// A predeclared type. `byte` and `rune` are nodes of their own, with the kinds of `uint8` and `int32`.
pub struct Basic {
    /// Which one.
    pub kind: BasicKind,
    /// Its name.
    pub name: &'static str,
}

/// An array type.
pub struct Array {
    /// Of the elements.
    pub elem: Type,
    /// Negative after an error.
    pub len: i64,
}

/// A map type.
pub struct Map {
    /// Of the keys.
    pub key: Type,
    /// Of the elements.
    pub elem: Type,
}

/// A channel type.
pub struct Chan {
    /// What it allows.
    pub dir: ChanDir,
    /// Of what is sent.
    pub elem: Type,
}

/// A struct type.
pub struct Struct {
    /// The fields in source order.
    pub fields: Box<[Obj]>,
    /// Empty, or one per field.
    pub tags: Box<[Box<[u8]>]>,
}

impl Struct {
    /// The tag of the i-th field; empty if there is none.
    pub fn tag(&self, i: usize) -> &[u8] {
        self.tags.get(i).map_or(&[], |t| t)
    }
}

/// Several results, as one type.
pub struct Tuple {
    /// Of each result.
    pub types: Box<[Type]>,
    /// Of named results, for messages; otherwise empty.
    pub(crate) names: Box<[golift_syntax::Symbol]>,
}

/// A function type.
pub struct Signature {
    /// The receiver, of a method.
    pub recv: Option<Obj>,
    /// Type parameters of the function, or of the method itself.
    pub tparams: Box<[Type]>,
    /// Type parameters that the receiver of a method declaration declares.
    pub recv_tparams: Box<[Type]>,
    /// The parameters; the last of a variadic function has a slice type.
    pub params: Box<[Obj]>,
    /// The results.
    pub results: Box<[Obj]>,
    /// Does the last parameter take any number of arguments?
    pub variadic: bool,
    pub(crate) result_tuple: OnceLock<Type>,
}

impl Signature {
    /// The results as a tuple type.
    pub fn results_type(&self) -> Type {
        *self.result_tuple.get_or_init(|| {
            Type::new(TypeKind::Tuple(Tuple {
                types: self.results.iter().map(|r| r.ty()).collect(),
                names: self.results.iter().map(|r| r.name()).collect(),
            }))
        })
    }
}

/// An interface type. Its parts are filled in once, when they are checked.
pub struct Interface {
    /// Wraps the type set literal of a constraint (`~T`, `A | B`).
    pub implicit: bool,
    pub(crate) body: OnceLock<InterfaceBody>,
    pub(crate) type_set: OnceLock<&'static TypeSet>,
}

pub(crate) struct InterfaceBody {
    pub methods: Box<[Obj]>,
    pub embeddeds: Box<[Type]>,
    pub embed_pos: Box<[Pos]>,
    /// Written in a Go without constraints: what is embedded and no plain interface was reported and has no effect.
    pub before_constraints: bool,
}

impl Interface {
    /// The methods written in the interface itself, sorted.
    pub fn explicit_methods(&self) -> &[Obj] {
        self.body.get().map_or(&[], |b| &b.methods)
    }

    /// The embedded interfaces and constraints, as written.
    pub fn embeddeds(&self) -> &[Type] {
        self.body.get().map_or(&[], |b| &b.embeddeds)
    }

    pub(crate) fn embed_pos(&self) -> &[Pos] {
        self.body.get().map_or(&[], |b| &b.embed_pos)
    }

    /// Are the parts filled in?
    pub fn is_complete(&self) -> bool {
        self.body.get().is_some()
    }
}

/// `A | ~B`, in a constraint.
pub struct Union {
    /// The terms as written.
    pub terms: Box<[Term]>,
}

/// `~T` or `T`.
#[derive(Clone, Copy, Debug)]
pub struct Term {
    /// Types with this underlying type, too.
    pub tilde: bool,
    /// The type.
    pub ty: Type,
}

/// A type parameter.
pub struct TypeParam {
    /// Its declaration.
    pub obj: Obj,
    /// Position in its list; `u32::MAX` before it is known.
    pub(crate) index: AtomicU32,
    pub(crate) bound: TypeSlot,
}

impl TypeParam {
    /// Position in the list of type parameters.
    pub fn index(&self) -> usize {
        self.index.load(Ordering::Relaxed) as usize
    }

    /// The constraint as written.
    pub fn constraint(&self) -> Type {
        self.bound.get().unwrap_or_else(|| Type::basic(BasicKind::Invalid))
    }
}

/// A declared (defined) type, or an instance of a generic one.
pub struct Named {
    /// The declaration; for an instance that of the generic type.
    pub obj: Obj,
    /// The generic type of an instance.
    pub(crate) origin: Option<Type>,
    pub(crate) targs: Box<[Type]>,
    /// Position where an instance was first written.
    pub(crate) inst_pos: Pos,
    /// The right-hand side of the declaration.
    pub(crate) rhs: TypeSlot,
    pub(crate) under: TypeSlot,
    pub(crate) tparams: OnceLock<Box<[Type]>>,
    /// For a type declared in a generic function: the function's type parameters.
    pub(crate) implicit: OnceLock<Box<[Type]>>,
    /// Declared methods, of the origin only.
    pub(crate) methods: OnceLock<Box<[Obj]>>,
    pub(crate) inst_methods: OnceLock<Box<[OnceLock<Obj>]>>,
    /// The node that this is in.
    pub(crate) self_kind: OnceLock<&'static TypeKind>,
}

impl Named {
    /// The type arguments of an instance.
    pub fn targs(&self) -> &[Type] {
        &self.targs
    }

    /// Is it an instance of a generic type?
    pub fn is_instance(&self) -> bool {
        self.origin.is_some()
    }

    /// Type parameters of the generic type, for an instance too.
    pub fn tparams(&self) -> &[Type] {
        match self.origin {
            Some(origin) => origin.as_named_node().map_or(&[], |n| n.tparams()),
            None => self.tparams.get().map_or(&[], |t| t),
        }
    }

    /// The methods declared for the generic type or the plain one.
    pub fn origin_methods(&self) -> &[Obj] {
        match self.origin {
            Some(origin) => origin.as_named_node().map_or(&[], |n| n.origin_methods()),
            None => self.methods.get().map_or(&[], |m| m),
        }
    }

    /// Number of declared methods.
    pub fn num_methods(&self) -> usize {
        self.origin_methods().len()
    }
}

/// The type of a name declared by `type A = T`, or an instance of a generic one.
pub struct Alias {
    /// Its declaration.
    pub obj: Obj,
    pub(crate) origin: Option<Type>,
    pub(crate) targs: Box<[Type]>,
    pub(crate) tparams: OnceLock<Box<[Type]>>,
    pub(crate) rhs: TypeSlot,
    pub(crate) actual: TypeSlot,
}

impl Alias {
    /// The type arguments of an instance.
    pub fn targs(&self) -> &[Type] {
        &self.targs
    }

    /// Type parameters of the generic alias, for an instance too.
    pub fn tparams(&self) -> &[Type] {
        match self.origin {
            Some(origin) => match origin.0 {
                TypeKind::Alias(a) => a.tparams(),
                _ => &[],
            },
            None => self.tparams.get().map_or(&[], |t| t),
        }
    }

    /// What the declaration says that it is, once that is known.
    pub fn rhs(&self) -> Option<Type> {
        self.rhs.get()
    }
}

/// A slot for a type that is filled in later. Written by the thread that checks the package that
/// declares it (or by anyone who computes the one possible value); read by everybody.
#[derive(Default)]
pub(crate) struct TypeSlot(AtomicPtr<TypeKind>);

impl TypeSlot {
    pub fn new(ty: Option<Type>) -> TypeSlot {
        let slot = TypeSlot::default();
        slot.set(ty);
        slot
    }

    #[inline]
    pub fn get(&self) -> Option<Type> {
        let p = self.0.load(Ordering::Acquire);
        // SAFETY: the slot holds null or a pointer made from a `&'static TypeKind` by `set`.
        unsafe { p.as_ref() }.map(Type)
    }

    pub fn set(&self, ty: Option<Type>) {
        let p = ty.map_or(std::ptr::null_mut(), |t| std::ptr::from_ref(t.0).cast_mut());
        self.0.store(p, Ordering::Release);
    }

    /// Keeps the first value; returns what the slot holds then.
    pub fn set_once(&self, ty: Type) -> Type {
        let p = std::ptr::from_ref(ty.0).cast_mut();
        match self.0.compare_exchange(std::ptr::null_mut(), p, Ordering::AcqRel, Ordering::Acquire) {
            Ok(_) => ty,
            Err(_) => self.get().unwrap_or(ty),
        }
    }
}

impl Type {
    /// What it is.
    pub fn kind(self) -> &'static TypeKind {
        self.0
    }

    /// A number that identifies the node within this run.
    pub fn addr(self) -> usize {
        std::ptr::from_ref(self.0) as usize
    }

    /// A type of that kind; composite types are not shared.
    pub fn new(kind: TypeKind) -> Type {
        Type(Box::leak(Box::new(kind)))
    }

    /// `*base`.
    pub fn new_pointer(base: Type) -> Type {
        Type::new(TypeKind::Pointer(base))
    }

    /// `[]elem`.
    pub fn new_slice(elem: Type) -> Type {
        Type::new(TypeKind::Slice(elem))
    }

    /// `[len]elem`; a negative length is one with an error.
    pub fn new_array(elem: Type, len: i64) -> Type {
        Type::new(TypeKind::Array(Array { elem, len }))
    }

    /// `map[key]elem`.
    pub fn new_map(key: Type, elem: Type) -> Type {
        Type::new(TypeKind::Map(Map { key, elem }))
    }

    /// A channel type.
    pub fn new_chan(dir: ChanDir, elem: Type) -> Type {
        Type::new(TypeKind::Chan(Chan { dir, elem }))
    }

    /// The type of several results.
    pub fn new_tuple(types: Vec<Type>) -> Type {
        Type::new(TypeKind::Tuple(Tuple { types: types.into(), names: Box::default() }))
    }

    /// A struct type; `tags` is empty or has one for each field.
    pub fn new_struct(fields: Vec<Obj>, tags: Vec<Box<[u8]>>) -> Type {
        Type::new(TypeKind::Struct(Struct { fields: fields.into(), tags: tags.into() }))
    }

    /// A function type without type parameters.
    pub fn new_signature(recv: Option<Obj>, params: Vec<Obj>, results: Vec<Obj>, variadic: bool) -> Type {
        Type::new_generic_signature(recv, vec![], vec![], params, results, variadic)
    }

    /// A function type with type parameters, of its own and of its receiver.
    pub fn new_generic_signature(
        recv: Option<Obj>,
        recv_tparams: Vec<Type>,
        tparams: Vec<Type>,
        params: Vec<Obj>,
        results: Vec<Obj>,
        variadic: bool,
    ) -> Type {
        Type::new(TypeKind::Signature(Signature {
            recv,
            tparams: tparams.into(),
            recv_tparams: recv_tparams.into(),
            params: params.into(),
            results: results.into(),
            variadic,
            result_tuple: OnceLock::new(),
        }))
    }

    /// An interface whose body is set later with [`complete_interface`](Type::complete_interface).
    pub(crate) fn new_interface(implicit: bool) -> Type {
        Type::new(TypeKind::Interface(Interface { implicit, body: OnceLock::new(), type_set: OnceLock::new() }))
    }

    /// Methods must be sorted by [`method_order`](crate::object::method_order).
    pub(crate) fn complete_interface(self, methods: Vec<Obj>, embeddeds: Vec<Type>, embed_pos: Vec<Pos>) {
        self.set_interface_body(InterfaceBody {
            methods: methods.into(),
            embeddeds: embeddeds.into(),
            embed_pos: embed_pos.into(),
            before_constraints: false,
        });
    }

    pub(crate) fn set_interface_body(self, body: InterfaceBody) {
        if let TypeKind::Interface(i) = self.0 {
            i.body.get_or_init(|| body);
        }
    }

    pub(crate) fn new_union(terms: Vec<Term>) -> Type {
        Type::new(TypeKind::Union(Union { terms: terms.into() }))
    }

    pub(crate) fn new_type_param(obj: Obj, bound: Option<Type>) -> Type {
        let t = Type::new(TypeKind::TypeParam(TypeParam {
            obj,
            index: AtomicU32::new(u32::MAX),
            bound: TypeSlot::new(bound),
        }));
        if obj.ty_opt().is_none() {
            obj.set_ty(t);
        }
        t
    }

    pub(crate) fn new_named(obj: Obj, rhs: Option<Type>) -> Type {
        let t = Type::new(TypeKind::Named(Named {
            obj,
            origin: None,
            targs: Box::default(),
            inst_pos: Pos::NONE,
            rhs: TypeSlot::new(rhs),
            under: TypeSlot::default(),
            tparams: OnceLock::new(),
            implicit: OnceLock::new(),
            methods: OnceLock::new(),
            inst_methods: OnceLock::new(),
            self_kind: OnceLock::new(),
        }));
        if let TypeKind::Named(n) = t.0 {
            n.self_kind.get_or_init(|| t.0);
        }
        if obj.ty_opt().is_none() {
            obj.set_ty(t);
        }
        t
    }

    pub(crate) fn new_alias(obj: Obj, rhs: Option<Type>) -> Type {
        let t = Type::new(TypeKind::Alias(Alias {
            obj,
            origin: None,
            targs: Box::default(),
            tparams: OnceLock::new(),
            rhs: TypeSlot::new(rhs),
            actual: TypeSlot::default(),
        }));
        if obj.ty_opt().is_none() {
            obj.set_ty(t);
        }
        t
    }

    /// The named type that this node is (aliases are not followed).
    pub(crate) fn as_named_node(self) -> Option<&'static Named> {
        match self.0 {
            TypeKind::Named(n) => Some(n),
            _ => None,
        }
    }

    /// The named type that this is, aliases followed.
    pub fn as_named(self) -> Option<&'static Named> {
        self.unalias().as_named_node()
    }

    /// The type parameter, if it is one.
    pub fn as_type_param(self) -> Option<&'static TypeParam> {
        match self.unalias().0 {
            TypeKind::TypeParam(p) => Some(p),
            _ => None,
        }
    }

    /// The function type, if it is one itself.
    pub fn as_signature(self) -> Option<&'static Signature> {
        match self.0 {
            TypeKind::Signature(s) => Some(s),
            _ => None,
        }
    }

    /// The underlying interface. For a type parameter, that of its constraint.
    pub fn as_interface(self) -> Option<&'static Interface> {
        match self.under().0 {
            TypeKind::Interface(i) => Some(i),
            _ => None,
        }
    }

    /// What an alias stands for; itself for other types.
    #[inline]
    pub fn unalias(self) -> Type {
        match self.0 {
            TypeKind::Alias(a) => unalias_slow(a),
            _ => self,
        }
    }

    /// The underlying type. That of a type parameter is its constraint interface; invalid while unknown.
    #[inline]
    pub fn under(self) -> Type {
        match self.0 {
            TypeKind::Named(n) => match n.under.get() {
                Some(u) => u,
                None => crate::named::resolve_underlying(self),
            },
            TypeKind::Alias(a) => unalias_slow(a).under(),
            TypeKind::TypeParam(_) => crate::typeset::type_param_iface(self),
            _ => self,
        }
    }

    /// The generic type of an instance; itself for other types.
    pub fn origin(self) -> Type {
        match self.0 {
            TypeKind::Named(n) => n.origin.unwrap_or(self),
            TypeKind::Alias(a) => a.origin.unwrap_or(self),
            _ => self,
        }
    }
}

/// Notes the answer in all aliases on the way, so that a chain is walked once.
fn unalias_slow(a: &'static Alias) -> Type {
    /// Longer chains are cycles.
    const LONGEST: usize = 1 << 20;
    let mut cur = a;
    for _ in 0..LONGEST {
        let actual = match (cur.actual.get(), cur.rhs.get()) {
            (None, Some(Type(TypeKind::Alias(next)))) => {
                cur = next;
                continue;
            }
            (Some(t), _) | (None, Some(t)) => t,
            // Not known yet.
            (None, None) => break,
        };
        let mut cur = a;
        while cur.actual.get().is_none() {
            cur.actual.set(Some(actual));
            match cur.rhs.get() {
                Some(Type(TypeKind::Alias(next))) => cur = next,
                _ => break,
            }
        }
        return actual;
    }
    Type::basic(BasicKind::Invalid)
}
