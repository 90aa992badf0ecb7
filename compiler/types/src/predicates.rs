//! Questions about types: identity, comparability, classes of basic types.

use golift_syntax::{Symbol, unicode};

use crate::object::same_pkg;
use crate::subst::{SubstMap, subst};
use crate::types::{Basic, BasicKind, Interface, Type, TypeKind};
use crate::typeset::{type_param_terms, under_is};
use crate::universe;

use BasicKind as B;

impl BasicKind {
    /// Is it boolean?
    pub fn is_boolean(self) -> bool {
        matches!(self, B::Bool | B::UntypedBool)
    }

    /// Is it integer?
    pub fn is_integer(self) -> bool {
        (B::Int..=B::Uintptr).contains(&self) || matches!(self, B::UntypedInt | B::UntypedRune)
    }

    /// Is it unsigned integer?
    pub fn is_unsigned(self) -> bool {
        (B::Uint..=B::Uintptr).contains(&self)
    }

    /// Is it floating-point?
    pub fn is_float(self) -> bool {
        matches!(self, B::Float32 | B::Float64 | B::UntypedFloat)
    }

    /// Is it complex?
    pub fn is_complex(self) -> bool {
        matches!(self, B::Complex64 | B::Complex128 | B::UntypedComplex)
    }

    /// Is it string?
    pub fn is_string(self) -> bool {
        matches!(self, B::String | B::UntypedString)
    }

    /// Is it numeric?
    pub fn is_numeric(self) -> bool {
        self.is_integer() || self.is_float() || self.is_complex()
    }

    /// Is it untyped?
    pub fn is_untyped(self) -> bool {
        self >= B::UntypedBool
    }

    /// Is it ordered (it has `<`)?
    pub fn is_ordered(self) -> bool {
        self.is_integer() || self.is_float() || self.is_string()
    }

    /// Is it boolean, numeric or string: one that constants may have?
    pub fn is_const_type(self) -> bool {
        self.is_boolean() || self.is_numeric() || self.is_string()
    }
}

impl Type {
    /// The basic type that this node is; neither aliases nor underlying types are followed.
    #[inline]
    pub fn as_basic_node(self) -> Option<&'static Basic> {
        match self.kind() {
            TypeKind::Basic(b) => Some(b),
            _ => None,
        }
    }

    /// The kind of the underlying basic type.
    #[inline]
    pub fn basic_kind(self) -> Option<BasicKind> {
        match self.under().kind() {
            TypeKind::Basic(b) => Some(b.kind),
            _ => None,
        }
    }

    /// An alias whose declaration is still in progress is not invalid.
    pub fn is_invalid(self) -> bool {
        match self.kind() {
            TypeKind::Basic(b) => b.kind == B::Invalid,
            TypeKind::Alias(_) => {
                let mut t = self;
                for _ in 0..1000 {
                    match t.kind() {
                        TypeKind::Alias(a) => match a.rhs() {
                            Some(rhs) => t = rhs,
                            None => return false,
                        },
                        _ => return t == Type::invalid(),
                    }
                }
                false
            }
            _ => false,
        }
    }

    /// Is it a type without errors?
    pub fn is_valid(self) -> bool {
        !self.is_invalid()
    }

    fn is(self, f: fn(BasicKind) -> bool) -> bool {
        self.basic_kind().is_some_and(f)
    }

    fn all(self, f: fn(BasicKind) -> bool) -> bool {
        if self.is_type_param() {
            return type_param_terms(self).is_some_and(|terms| terms.iter().all(|t| t.ty.is(f)));
        }
        self.is(f)
    }

    /// Is the underlying type boolean? A type parameter's is not.
    pub fn is_boolean(self) -> bool {
        self.is(B::is_boolean)
    }
    /// Is the underlying type integer? A type parameter's is not.
    pub fn is_integer(self) -> bool {
        self.is(B::is_integer)
    }
    /// Is the underlying type unsigned integer? A type parameter's is not.
    pub fn is_unsigned(self) -> bool {
        self.is(B::is_unsigned)
    }
    /// Is the underlying type floating-point? A type parameter's is not.
    pub fn is_float(self) -> bool {
        self.is(B::is_float)
    }
    /// Is the underlying type complex? A type parameter's is not.
    pub fn is_complex(self) -> bool {
        self.is(B::is_complex)
    }
    /// Is the underlying type numeric? A type parameter's is not.
    pub fn is_numeric(self) -> bool {
        self.is(B::is_numeric)
    }
    /// Is the underlying type string? A type parameter's is not.
    pub fn is_string(self) -> bool {
        self.is(B::is_string)
    }
    /// Is the underlying type boolean, numeric or string: one that constants may have? A type parameter's is not.
    pub fn is_const_type(self) -> bool {
        self.is(B::is_const_type)
    }
    /// Is the underlying type, or each type in the set of a type parameter, boolean?
    pub fn all_boolean(self) -> bool {
        self.all(B::is_boolean)
    }
    /// Is the underlying type, or each type in the set of a type parameter, integer?
    pub fn all_integer(self) -> bool {
        self.all(B::is_integer)
    }
    /// Is the underlying type, or each type in the set of a type parameter, unsigned integer?
    pub fn all_unsigned(self) -> bool {
        self.all(B::is_unsigned)
    }
    /// Is the underlying type, or each type in the set of a type parameter, numeric?
    pub fn all_numeric(self) -> bool {
        self.all(B::is_numeric)
    }
    /// Is the underlying type, or each type in the set of a type parameter, string?
    pub fn all_string(self) -> bool {
        self.all(B::is_string)
    }
    /// Is the underlying type, or each type in the set of a type parameter, ordered (it has `<`)?
    pub fn all_ordered(self) -> bool {
        self.all(B::is_ordered)
    }
    /// Is the underlying type, or each type in the set of a type parameter, numeric or string?
    pub fn all_numeric_or_string(self) -> bool {
        self.all(|k| k.is_numeric() || k.is_string())
    }

    /// Is this an untyped type? (They have no aliases or names.)
    #[inline]
    pub fn is_untyped(self) -> bool {
        self.as_basic_node().is_some_and(|b| b.kind.is_untyped())
    }

    /// Is it a typed type? See [`is_untyped`](Self::is_untyped).
    #[inline]
    pub fn is_typed(self) -> bool {
        !self.is_untyped()
    }

    /// Is it the type of an untyped number?
    pub fn is_untyped_numeric(self) -> bool {
        self.as_basic_node().is_some_and(|b| b.kind.is_untyped() && b.kind.is_numeric())
    }

    /// Is the underlying type an interface (true for type parameters)?
    pub fn is_interface(self) -> bool {
        matches!(self.under().kind(), TypeKind::Interface(_))
    }

    /// Is it a type parameter?
    pub fn is_type_param(self) -> bool {
        matches!(self.unalias().kind(), TypeKind::TypeParam(_))
    }

    /// Is it an interface, and no type parameter?
    pub fn is_non_type_param_interface(self) -> bool {
        !self.is_type_param() && self.is_interface()
    }

    /// Does the type have a name (predeclared, defined, or type parameter)?
    pub fn has_name(self) -> bool {
        matches!(self.unalias().kind(), TypeKind::Basic(_) | TypeKind::Named(_) | TypeKind::TypeParam(_))
    }

    pub(crate) fn is_type_lit(self) -> bool {
        !matches!(self.unalias().kind(), TypeKind::Named(_) | TypeKind::TypeParam(_))
    }

    /// A generic type that is not instantiated.
    pub fn is_generic(self) -> bool {
        if let TypeKind::Alias(a) = self.kind()
            && !a.tparams().is_empty()
            && a.targs.is_empty()
        {
            return true;
        }
        self.as_named().is_some_and(|n| n.origin.is_none() && !n.tparams().is_empty())
    }

    pub(crate) fn has_empty_type_set(self) -> bool {
        self.is_type_param() && self.as_interface().is_some_and(|i| i.type_set().is_empty())
    }

    /// Does the type have the value nil?
    pub fn has_nil(self) -> bool {
        match self.under().kind() {
            TypeKind::Basic(b) => b.kind == B::UnsafePointer,
            TypeKind::Slice(_)
            | TypeKind::Pointer(_)
            | TypeKind::Signature(_)
            | TypeKind::Map(_)
            | TypeKind::Chan(_) => true,
            TypeKind::Interface(_) => !self.is_type_param() || under_is(self, |u| u.is_some_and(Type::has_nil)),
            _ => false,
        }
    }

    /// What a pointer type (not a named one) points to.
    pub fn pointer_base(self) -> Option<Type> {
        match self.unalias().kind() {
            TypeKind::Pointer(b) => Some(*b),
            _ => None,
        }
    }

    /// The base of a pointer *type literal*, and whether it was one; the type itself otherwise.
    pub fn deref(self) -> (Type, bool) {
        match self.pointer_base() {
            Some(b) => (b, true),
            None => (self, false),
        }
    }

    /// The type that a variable gets from an untyped value.
    pub fn default_type(self) -> Type {
        match self.kind() {
            TypeKind::Basic(b) => match b.kind {
                B::UntypedBool => Type::basic(B::Bool),
                B::UntypedInt => Type::basic(B::Int),
                B::UntypedRune => universe::rune_type(),
                B::UntypedFloat => Type::basic(B::Float64),
                B::UntypedComplex => Type::basic(B::Complex128),
                B::UntypedString => Type::basic(B::String),
                _ => self,
            },
            _ => self,
        }
    }
}

/// The "larger" of two untyped numeric types, or the type itself if both are the same node.
pub(crate) fn max_type(x: Type, y: Type) -> Option<Type> {
    if x == y {
        return Some(x);
    }
    if x.is_untyped_numeric() && y.is_untyped_numeric() {
        return Some(if x.basic_kind() > y.basic_kind() { x } else { y });
    }
    None
}

/// Are values of the type comparable with `==`, perhaps with a panic at run time?
pub fn comparable(t: Type) -> bool {
    comparable_type(t, true, &mut Vec::new()).is_ok()
}

/// Are values of the type comparable without a panic ever?
pub fn strictly_comparable(t: Type) -> bool {
    comparable_type(t, false, &mut Vec::new()).is_ok()
}

/// Why a type is not comparable.
pub(crate) enum Incomparable {
    Plain,
    StructField(Type),
    Array(Type),
    EmptyTypeSet,
    TypesInSet,
}

pub(crate) fn comparable_type(t: Type, dynamic: bool, seen: &mut Vec<Type>) -> Result<(), Incomparable> {
    match t.under().kind() {
        TypeKind::Basic(b) if b.kind == B::UntypedNil => Err(Incomparable::Plain),
        TypeKind::Basic(_) | TypeKind::Pointer(_) | TypeKind::Chan(_) => Ok(()),
        TypeKind::Struct(s) => {
            if seen.contains(&t) {
                return Ok(());
            }
            seen.push(t);
            for f in &s.fields {
                if comparable_type(f.ty(), dynamic, seen).is_err() {
                    return Err(Incomparable::StructField(f.ty()));
                }
            }
            Ok(())
        }
        TypeKind::Array(a) => {
            if seen.contains(&t) {
                return Ok(());
            }
            seen.push(t);
            comparable_type(a.elem, dynamic, seen).map_err(|_| Incomparable::Array(t))
        }
        TypeKind::Interface(i) => {
            if seen.contains(&t) {
                return Ok(());
            }
            seen.push(t);
            if dynamic && !t.is_type_param() || i.type_set().is_comparable_seen(seen) {
                return Ok(());
            }
            Err(if i.type_set().is_empty() { Incomparable::EmptyTypeSet } else { Incomparable::TypesInSet })
        }
        _ => Err(Incomparable::Plain),
    }
}

// ----------------------------------------------------------------------------
// Identity

/// Are the types identical, as the language defines it?
#[inline]
pub fn identical(x: Type, y: Type) -> bool {
    x == y || Comparer::default().identical(x, y)
}

/// As [`identical`], but struct tags do not matter.
pub fn identical_ignore_tags(x: Type, y: Type) -> bool {
    x == y || Comparer { ignore_tags: true, ..Comparer::default() }.identical(x, y)
}

#[derive(Default)]
struct Comparer {
    ignore_tags: bool,
    /// Pairs of interfaces under comparison.
    pairs: Vec<(*const Interface, *const Interface)>,
}

impl Comparer {
    fn list(&mut self, xs: impl ExactSizeIterator<Item = Type>, ys: impl ExactSizeIterator<Item = Type>) -> bool {
        xs.len() == ys.len() && xs.zip(ys).all(|(x, y)| self.identical(x, y))
    }

    fn identical(&mut self, x: Type, y: Type) -> bool {
        let (x, y) = (x.unalias(), y.unalias());
        if x == y {
            return true;
        }
        match (x.kind(), y.kind()) {
            (TypeKind::Basic(a), TypeKind::Basic(b)) => a.kind == b.kind,
            (TypeKind::Array(a), TypeKind::Array(b)) => {
                (a.len < 0 || b.len < 0 || a.len == b.len) && self.identical(a.elem, b.elem)
            }
            (TypeKind::Slice(a), TypeKind::Slice(b)) | (TypeKind::Pointer(a), TypeKind::Pointer(b)) => {
                self.identical(*a, *b)
            }
            (TypeKind::Struct(a), TypeKind::Struct(b)) => {
                a.fields.len() == b.fields.len()
                    && (0..a.fields.len()).all(|i| {
                        let (f, g) = (a.fields[i], b.fields[i]);
                        f.is_embedded() == g.is_embedded()
                            && (self.ignore_tags || a.tag(i) == b.tag(i))
                            && f.same_id(g.pkg(), g.name(), false)
                            && self.identical(f.ty(), g.ty())
                    })
            }
            (TypeKind::Tuple(a), TypeKind::Tuple(b)) => self.list(a.types.iter().copied(), b.types.iter().copied()),
            (TypeKind::Signature(a), TypeKind::Signature(b)) => {
                if a.tparams.len() != b.tparams.len()
                    || a.variadic != b.variadic
                    || a.params.len() != b.params.len()
                    || a.results.len() != b.results.len()
                {
                    return false;
                }
                if a.tparams.is_empty() {
                    return self.list(a.params.iter().map(|v| v.ty()), b.params.iter().map(|v| v.ty()))
                        && self.list(a.results.iter().map(|v| v.ty()), b.results.iter().map(|v| v.ty()));
                }
                // Rename the type parameters of the one to those of the other.
                let smap = SubstMap::new(&b.tparams, &a.tparams);
                let bounds_agree = a.tparams.iter().zip(b.tparams.iter()).all(|(p, q)| {
                    let (TypeKind::TypeParam(p), TypeKind::TypeParam(q)) = (p.kind(), q.kind()) else {
                        return false;
                    };
                    self.identical(p.constraint(), subst(q.constraint(), &smap))
                });
                bounds_agree
                    && self.list(a.params.iter().map(|v| v.ty()), b.params.iter().map(|v| subst(v.ty(), &smap)))
                    && self.list(a.results.iter().map(|v| v.ty()), b.results.iter().map(|v| subst(v.ty(), &smap)))
            }
            (TypeKind::Union(a), TypeKind::Union(b)) => {
                crate::typeset::union_terms(a).equal(&crate::typeset::union_terms(b))
            }
            (TypeKind::Interface(a), TypeKind::Interface(b)) => {
                let (p, q) = (std::ptr::from_ref(a), std::ptr::from_ref(b));
                if self.pairs.iter().any(|&(x, y)| (x, y) == (p, q) || (x, y) == (q, p)) {
                    return true;
                }
                let (s, t) = (a.type_set(), b.type_set());
                if s.comparable != t.comparable || s.methods.len() != t.methods.len() || !s.terms.equal(&t.terms) {
                    return false;
                }
                self.pairs.push((p, q));
                let same = s.methods.iter().zip(t.methods.iter()).all(|(f, g)| {
                    f.name() == g.name()
                        && (f.is_exported() || same_pkg(f.pkg(), g.pkg()))
                        && self.identical(f.ty(), g.ty())
                });
                self.pairs.pop();
                same
            }
            (TypeKind::Map(a), TypeKind::Map(b)) => self.identical(a.key, b.key) && self.identical(a.elem, b.elem),
            (TypeKind::Chan(a), TypeKind::Chan(b)) => a.dir == b.dir && self.identical(a.elem, b.elem),
            (TypeKind::Named(a), TypeKind::Named(b)) => {
                a.obj == b.obj
                    && a.targs.len() == b.targs.len()
                    && a.targs.iter().zip(b.targs.iter()).all(|(&x, &y)| identical(x, y))
            }
            _ => false,
        }
    }
}

/// A hash that identical types share.
pub fn type_hash(t: Type) -> u64 {
    use std::hash::{Hash, Hasher};
    fn walk(t: Type, h: &mut rustc_hash::FxHasher, depth: u32) {
        let t = t.unalias();
        if depth > 4 {
            return;
        }
        match t.kind() {
            TypeKind::Basic(b) => (1u8, b.kind).hash(h),
            TypeKind::Named(n) => {
                (2u8, n.obj).hash(h);
                n.targs.iter().for_each(|&t| walk(t, h, depth + 1));
            }
            TypeKind::Alias(_) => {}
            TypeKind::Pointer(e) => {
                3u8.hash(h);
                walk(*e, h, depth + 1);
            }
            TypeKind::Slice(e) => {
                4u8.hash(h);
                walk(*e, h, depth + 1);
            }
            TypeKind::Array(a) => {
                (5u8, a.len).hash(h);
                walk(a.elem, h, depth + 1);
            }
            TypeKind::Map(m) => {
                6u8.hash(h);
                walk(m.key, h, depth + 1);
                walk(m.elem, h, depth + 1);
            }
            TypeKind::Chan(c) => {
                (7u8, c.dir).hash(h);
                walk(c.elem, h, depth + 1);
            }
            TypeKind::Struct(s) => {
                (8u8, s.fields.len()).hash(h);
                for f in &s.fields {
                    f.name().hash(h);
                    walk(f.ty(), h, depth + 1);
                }
            }
            TypeKind::Signature(s) => {
                (9u8, s.params.len(), s.results.len(), s.variadic).hash(h);
                if s.tparams.is_empty() {
                    s.params.iter().chain(s.results.iter()).for_each(|v| walk(v.ty(), h, depth + 1));
                }
            }
            TypeKind::Interface(i) => {
                let set = i.type_set();
                (10u8, set.methods.len()).hash(h);
                set.methods.iter().for_each(|m| m.name().hash(h));
            }
            TypeKind::Tuple(t) => {
                11u8.hash(h);
                t.types.iter().for_each(|&t| walk(t, h, depth + 1));
            }
            TypeKind::TypeParam(_) => (12u8, t).hash(h),
            TypeKind::Union(_) => 13u8.hash(h),
        }
    }
    let mut h = rustc_hash::FxHasher::default();
    walk(t, &mut h, 0);
    h.finish()
}

/// May the name be printed in messages as a name? (The parser makes up others after errors.)
pub(crate) fn is_valid_name(name: Symbol) -> bool {
    name.as_str().chars().enumerate().all(|(i, c)| unicode::is_letter(c) || c == '_' || i > 0 && unicode::is_digit(c))
}
