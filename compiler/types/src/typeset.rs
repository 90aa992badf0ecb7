//! Type sets of interfaces: all methods, and the terms that restrict the types.

use std::cell::RefCell;
use std::sync::LazyLock;

use golift_syntax::Symbol;
use rustc_hash::FxHashSet;

use crate::object::{Obj, method_order};
use crate::package::Package;
use crate::predicates::{comparable_type, identical};
use crate::types::{BasicKind, Interface, Term, Type, TypeKind, Union};
use crate::universe;

/// The types that implement an interface: those that have all `methods` and are in `terms`.
#[derive(Debug)]
pub struct TypeSet {
    /// Sorted by [`method_order`].
    pub methods: Box<[Obj]>,
    /// The types among which they are.
    pub terms: TermList,
    /// Only comparable types; only set if `terms` are all types.
    pub comparable: bool,
}

/// `None` is the set of all types; an empty list the empty set. Otherwise disjoint terms.
#[derive(Clone, Debug, Default)]
pub struct TermList(pub Option<Vec<Term>>);

impl Term {
    fn disjoint(self, y: Term) -> bool {
        let ux = if y.tilde { self.ty.under() } else { self.ty };
        let uy = if self.tilde { y.ty.under() } else { y.ty };
        !identical(ux, uy)
    }

    pub(crate) fn overlaps(self, y: Term) -> bool {
        !self.disjoint(y)
    }

    /// Is `t` one of its types?
    pub fn includes(self, t: Type) -> bool {
        identical(self.ty, if self.tilde { t.under() } else { t })
    }

    fn subset_of(self, y: Term) -> bool {
        !self.disjoint(y) && (!self.tilde || y.tilde)
    }
}

impl TermList {
    /// Is it the set of all types?
    pub fn is_all(&self) -> bool {
        self.0.is_none()
    }

    /// Is it the empty set?
    pub fn is_empty(&self) -> bool {
        self.0.as_ref().is_some_and(Vec::is_empty)
    }

    fn add(&mut self, t: Term) {
        let Some(list) = &mut self.0 else { return };
        for x in list.iter_mut() {
            if x.overlaps(t) {
                if t.tilde && !x.tilde {
                    *x = t;
                }
                return;
            }
        }
        list.push(t);
    }

    pub(crate) fn union(mut self, other: &TermList) -> TermList {
        match &other.0 {
            None => TermList(None),
            Some(list) => {
                for &t in list {
                    self.add(t);
                }
                self
            }
        }
    }

    pub(crate) fn intersect(&self, other: &TermList) -> TermList {
        match (&self.0, &other.0) {
            (None, _) => other.clone(),
            (_, None) => self.clone(),
            (Some(xs), Some(ys)) => {
                let mut out = TermList(Some(Vec::new()));
                for &x in xs {
                    for &y in ys {
                        if x.overlaps(y) {
                            out.add(if !x.tilde || y.tilde { x } else { y });
                        }
                    }
                }
                out
            }
        }
    }

    /// Is each of its types in `other`?
    pub fn subset_of(&self, other: &TermList) -> bool {
        match (&self.0, &other.0) {
            (_, None) => true,
            (Some(xs), Some(ys)) => xs.iter().all(|&x| ys.iter().any(|&y| x.subset_of(y))),
            (None, Some(_)) => false,
        }
    }

    /// Are they the same set?
    pub fn equal(&self, other: &TermList) -> bool {
        self.subset_of(other) && other.subset_of(self)
    }
}

impl TypeSet {
    /// Does no type implement the interface?
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// The set of the empty interface?
    pub fn is_all(&self) -> bool {
        self.is_method_set() && self.methods.is_empty()
    }

    /// Is the interface fully described by its methods?
    pub fn is_method_set(&self) -> bool {
        !self.comparable && self.terms.is_all()
    }

    /// May values of all of its types be compared with `==`?
    pub fn is_comparable(&self) -> bool {
        self.is_comparable_seen(&mut Vec::new())
    }

    pub(crate) fn is_comparable_seen(&self, seen: &mut Vec<Type>) -> bool {
        match &self.terms.0 {
            None => self.comparable,
            Some(list) => !list.is_empty() && list.iter().all(|t| comparable_type(t.ty, false, seen).is_ok()),
        }
    }

    /// The specific terms, if there are any.
    pub fn specific_terms(&self) -> Option<&[Term]> {
        self.terms.0.as_deref().filter(|l| !l.is_empty())
    }

    /// The method of that name and its index; `fold_case` ignores case.
    pub fn lookup_method(&self, pkg: Option<Package>, name: Symbol, fold_case: bool) -> Option<(usize, Obj)> {
        if name.is_blank() {
            return None;
        }
        self.methods.iter().enumerate().find(|(_, m)| m.same_id(pkg, name, fold_case)).map(|(i, &m)| (i, m))
    }
}

static TOP: LazyLock<TypeSet> =
    LazyLock::new(|| TypeSet { methods: Box::default(), terms: TermList(None), comparable: false });

thread_local! {
    static IN_PROGRESS: RefCell<Vec<*const Interface>> = const { RefCell::new(Vec::new()) };
}

impl Interface {
    /// The type set, computed on first use. While the interface is still being declared, that of the empty interface.
    pub fn type_set(&'static self) -> &'static TypeSet {
        if let Some(set) = self.type_set.get() {
            return set;
        }
        if !self.is_complete() {
            return top();
        }
        let me = std::ptr::from_ref(self);
        if IN_PROGRESS.with(|p| p.borrow().contains(&me)) {
            // An interface that embeds itself: reported elsewhere.
            return top();
        }
        IN_PROGRESS.with(|p| p.borrow_mut().push(me));
        let (set, cacheable) = compute(self);
        IN_PROGRESS.with(|p| p.borrow_mut().pop());
        let set: &'static TypeSet = Box::leak(Box::new(set));
        if !cacheable {
            return set;
        }
        self.type_set.get_or_init(|| set)
    }

    /// Is it the empty interface, or one with that underlying type?
    pub fn is_empty_interface(&'static self) -> bool {
        self.type_set().is_all()
    }
}

fn top() -> &'static TypeSet {
    &TOP
}

/// Also says whether the result is final (everything embedded is known).
fn compute(ityp: &'static Interface) -> (TypeSet, bool) {
    let mut methods: Vec<Obj> = ityp.explicit_methods().to_vec();
    let mut known: FxHashSet<_> = methods.iter().map(|m| m.id()).collect();
    let mut terms = TermList(None);
    let mut comparable = false;
    let mut cacheable = true;
    let before_constraints = ityp.body.get().is_some_and(|body| body.before_constraints);
    for &e in ityp.embeddeds() {
        let (eterms, ecomparable) = match e.under().kind() {
            TypeKind::Interface(i) => {
                let set = i.type_set();
                if i.type_set.get().is_none() {
                    cacheable = false;
                }
                if before_constraints && !set.is_method_set() {
                    continue;
                }
                methods.extend(set.methods.iter().filter(|m| known.insert(m.id())));
                (set.terms.clone(), set.comparable)
            }
            TypeKind::Union(u) => (union_terms(u), false),
            TypeKind::Basic(b) if b.kind == BasicKind::Invalid => {
                if e.as_named().is_some_and(|n| n.rhs.get().is_none() && n.origin.is_none()) {
                    cacheable = false;
                }
                continue;
            }
            _ => (TermList(Some(vec![Term { tilde: false, ty: e }])), false),
        };
        if before_constraints && !eterms.is_all() {
            continue;
        }
        (terms, comparable) = intersect(&terms, comparable, &eterms, ecomparable);
    }
    methods.sort_by(|&a, &b| method_order(a, b));
    methods.dedup_by(|a, b| a.same_id(b.pkg(), b.name(), false));
    (TypeSet { methods: methods.into(), terms, comparable }, cacheable)
}

fn intersect(x: &TermList, xcomp: bool, y: &TermList, ycomp: bool) -> (TermList, bool) {
    let mut terms = x.intersect(y);
    let mut comp = xcomp || ycomp;
    if comp && let Some(list) = &mut terms.0 {
        list.retain(|t| comparable_type(t.ty, false, &mut Vec::new()).is_ok());
        comp = false;
    }
    (terms, comp)
}

pub(crate) const MAX_TERMS: usize = 100;

/// The terms of a union in normal form.
pub(crate) fn union_terms(u: &Union) -> TermList {
    let mut all = TermList(Some(Vec::new()));
    for t in &u.terms {
        let under = t.ty.under();
        match under.kind() {
            TypeKind::Interface(i) => {
                all = all.union(&i.type_set().terms);
            }
            TypeKind::Basic(b) if b.kind == BasicKind::Invalid => {}
            _ => {
                // No type has an underlying type that is not one: ~T is empty then.
                if !t.tilde || identical(t.ty, under) {
                    all.add(*t);
                }
            }
        }
        if all.0.as_ref().is_some_and(|l| l.len() > MAX_TERMS) {
            return TermList(None);
        }
    }
    all
}

/// Are there more terms than can be handled?
pub(crate) fn union_overflows(u: &Union) -> bool {
    let all = u.terms.iter().any(|t| match t.ty.under().kind() {
        TypeKind::Interface(i) => i.type_set().terms.is_all(),
        _ => false,
    });
    !all && union_terms(u).is_all()
}

/// The constraint interface of a type parameter.
pub(crate) fn type_param_iface(t: Type) -> Type {
    let TypeKind::TypeParam(p) = t.kind() else {
        return universe::empty_interface();
    };
    let bound = p.constraint();
    if matches!(bound.unalias().kind(), TypeKind::TypeParam(_)) {
        return universe::empty_interface();
    }
    let u = bound.under();
    match u.kind() {
        TypeKind::Interface(_) => u,
        TypeKind::Basic(b) if b.kind == BasicKind::Invalid => universe::empty_interface(),
        _ => {
            let wrapped = Type::new_interface(true);
            wrapped.complete_interface(vec![], vec![bound], vec![]);
            p.bound.set(Some(wrapped));
            wrapped
        }
    }
}

/// The specific terms of a type parameter's constraint, if it has any.
pub fn type_param_terms(t: Type) -> Option<&'static [Term]> {
    t.as_interface()?.type_set().specific_terms()
}

/// Calls `f` with each type of the type set of a type parameter and its underlying type, or with `None` if there are no
/// specific types; for other types with the type itself. Stops at the first `false`.
pub(crate) fn all_types(t: Type, f: &mut dyn FnMut(Option<(Type, Type)>) -> bool) -> bool {
    if t.as_type_param().is_none() {
        return f(Some((t, t.under())));
    }
    match type_param_terms(t) {
        None => f(None),
        Some(terms) => {
            for term in terms {
                let u = if term.tilde { term.ty.unalias() } else { term.ty.under() };
                if !f(Some((term.ty, u))) {
                    return false;
                }
            }
            true
        }
    }
}

/// Does `f` hold for the underlying types of all types in the type set of `t`?
pub(crate) fn under_is(t: Type, mut f: impl FnMut(Option<Type>) -> bool) -> bool {
    all_types(t, &mut |tu| f(tu.map(|(_, u)| u)))
}

/// Why a type set has no common underlying type. The message is formatted with types in it.
pub(crate) enum NoCommon {
    NoSpecificType,
    ElementTypes(Type, Type),
    Directions(Type, Type),
    Underlying(Type, Type),
    Other(String),
}

/// A further condition on the types (and underlying types) of a type set; on `None` if it has no specific types.
pub(crate) type Condition<'a> = dyn FnMut(Option<(Type, Type)>) -> Result<(), String> + 'a;

/// The underlying type common to all types in the type set of `t`; of channel types the one with the most
/// restricted direction.
pub(crate) fn common_under(t: Type, cond: Option<&mut Condition>) -> Result<Type, NoCommon> {
    use golift_syntax::ChanDir;
    let mut cond = cond;
    let mut found: Option<(Type, Type)> = None;
    let mut err = None;
    all_types(t, &mut |tu| {
        if let Some(cond) = &mut cond
            && let Err(msg) = cond(tu)
        {
            err = Some(NoCommon::Other(msg));
            return false;
        }
        let Some((t, u)) = tu else {
            err = Some(NoCommon::NoSpecificType);
            return false;
        };
        let Some((ct, cu)) = found else {
            found = Some((t, u));
            return true;
        };
        if let (TypeKind::Chan(c), TypeKind::Chan(d)) = (cu.kind(), u.kind()) {
            if !identical(c.elem, d.elem) {
                err = Some(NoCommon::ElementTypes(ct, t));
                return false;
            }
            if c.dir != d.dir {
                if c.dir == ChanDir::Both {
                    found = Some((t, u));
                } else if d.dir != ChanDir::Both {
                    err = Some(NoCommon::Directions(ct, t));
                    return false;
                }
            }
            return true;
        }
        if !identical(cu, u) {
            err = Some(NoCommon::Underlying(ct, t));
            return false;
        }
        true
    });
    match (err, found) {
        (Some(e), _) => Err(e),
        (None, Some((_, u))) => Ok(u),
        (None, None) => Err(NoCommon::NoSpecificType),
    }
}

/// The core type: for a type parameter the underlying type common to its type set; for others the underlying type.
pub fn core_type(t: Type) -> Option<Type> {
    common_under(t, None).ok()
}
