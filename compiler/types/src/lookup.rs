//! Fields and methods: lookup through embedded fields, method sets, implementation of interfaces.

use golift_syntax::Symbol;

use crate::object::{Obj, method_order};
use crate::package::Package;
use crate::predicates::{Incomparable, comparable_type, identical};
use crate::types::{Named, Type, TypeKind};
use crate::typestring::{Qualifier, method_string, type_string};

/// The result of a lookup.
#[derive(Clone, Debug)]
pub enum Lookup {
    /// `index` is the path through embedded fields to the field or method; `indirect` tells that a pointer was followed.
    Found {
        /// The field or method.
        obj: Obj,
        /// The path to it.
        index: Vec<u32>,
        /// Was a pointer followed?
        indirect: bool,
    },
    /// Several candidates at the same depth; the path to one of them.
    Ambiguous(Vec<u32>),
    /// The method has a pointer receiver, and the operand is neither a pointer nor addressable.
    NeedsPointer,
    /// There is none of that name.
    NotFound,
}

impl Lookup {
    /// The field or method, if it was found.
    pub fn obj(&self) -> Option<Obj> {
        match self {
            Lookup::Found { obj, .. } => Some(*obj),
            _ => None,
        }
    }
}

/// Finds the field or method `name` of `t` as seen from `pkg`.
pub fn lookup_field_or_method(t: Type, addressable: bool, pkg: Option<Package>, name: Symbol) -> Lookup {
    lookup_fold(t, addressable, pkg, name, false)
}

pub(crate) fn lookup_fold(t: Type, addressable: bool, pkg: Option<Package>, name: Symbol, fold: bool) -> Lookup {
    // Pointers to named pointer types have fields but no methods.
    if t.as_named().is_some() {
        let u = t.under();
        if matches!(u.kind(), TypeKind::Pointer(_)) {
            let found = lookup_impl(u, false, pkg, name, fold);
            return match &found {
                Lookup::Found { obj, .. } if obj.is_func() => Lookup::NotFound,
                _ => found,
            };
        }
    }
    lookup_impl(t, addressable, pkg, name, fold)
}

struct Embedded {
    ty: Type,
    index: Vec<u32>,
    indirect: bool,
    multiples: bool,
}

pub(crate) fn lookup_impl(t: Type, addressable: bool, pkg: Option<Package>, name: Symbol, fold: bool) -> Lookup {
    if name.is_blank() {
        return Lookup::NotFound;
    }
    let (base, is_ptr) = t.deref();
    if is_ptr && base.is_interface() {
        return Lookup::NotFound;
    }
    let mut current = vec![Embedded { ty: base, index: vec![], indirect: is_ptr, multiples: false }];
    let mut seen: Vec<&'static Named> = Vec::new();
    while !current.is_empty() {
        let mut next: Vec<Embedded> = Vec::new();
        let mut found: Option<(Obj, Vec<u32>, bool)> = None;
        for e in &current {
            let extend = |i: usize| {
                let mut index = Vec::with_capacity(e.index.len() + 1);
                index.extend_from_slice(&e.index);
                index.push(i as u32);
                index
            };
            if let Some(named) = e.ty.as_named() {
                if seen.iter().any(|s| same_named(s, named)) {
                    continue;
                }
                seen.push(named);
                if let Some((i, m)) = named.lookup_method(pkg, name, fold) {
                    if found.is_some() || e.multiples {
                        return Lookup::Ambiguous(extend(i));
                    }
                    found = Some((m, extend(i), e.indirect));
                    continue;
                }
            }
            match e.ty.under().kind() {
                TypeKind::Struct(s) => {
                    for (i, f) in s.fields.iter().enumerate() {
                        if f.same_id(pkg, name, fold) {
                            if found.is_some() || e.multiples {
                                return Lookup::Ambiguous(extend(i));
                            }
                            found = Some((*f, extend(i), e.indirect));
                            continue;
                        }
                        if found.is_none() && f.is_embedded() {
                            let (ty, is_ptr) = f.ty().deref();
                            let indirect = e.indirect || is_ptr;
                            next.push(Embedded { ty, index: extend(i), indirect, multiples: e.multiples });
                        }
                    }
                }
                TypeKind::Interface(iface) => {
                    if let Some((i, m)) = iface.type_set().lookup_method(pkg, name, fold) {
                        if found.is_some() || e.multiples {
                            return Lookup::Ambiguous(extend(i));
                        }
                        found = Some((m, extend(i), e.indirect));
                    }
                }
                _ => {}
            }
        }
        if let Some((obj, index, indirect)) = found {
            if obj.is_func() && obj.has_ptr_recv() && !indirect && !addressable {
                return Lookup::NeedsPointer;
            }
            return Lookup::Found { obj, index, indirect };
        }
        current = consolidate(next);
    }
    Lookup::NotFound
}

fn same_named(a: &Named, b: &Named) -> bool {
    std::ptr::eq(a, b)
        || a.obj == b.obj
            && a.targs.len() == b.targs.len()
            && a.targs.iter().zip(b.targs.iter()).all(|(&x, &y)| identical(x, y))
}

/// Merges entries of the same type.
fn consolidate(list: Vec<Embedded>) -> Vec<Embedded> {
    let mut out: Vec<Embedded> = Vec::with_capacity(list.len());
    for e in list {
        match out.iter_mut().find(|o| identical(o.ty, e.ty)) {
            Some(o) => o.multiples = true,
            None => out.push(e),
        }
    }
    out
}

/// A method in the method set of `T` or `*T`.
#[derive(Clone, Debug)]
pub struct MethodEntry {
    /// The method.
    pub obj: Obj,
    /// Path from `T`; the last element is the method's index in its type or interface.
    pub index: Vec<u32>,
    /// A pointer is followed on the path.
    pub indirect: bool,
    /// Only in the method set of `*T`.
    pub ptr_only: bool,
}

/// All methods of `t` and of `*t`, promoted ones too, in method order. `t` should not be a pointer.
/// An interface has its own methods; pointers to interfaces have none.
pub fn all_methods(t: Type) -> Vec<MethodEntry> {
    if let TypeKind::Interface(i) = t.under().kind() {
        let entry =
            |(i, &obj): (usize, &Obj)| MethodEntry { obj, index: vec![i as u32], indirect: false, ptr_only: false };
        return i.type_set().methods.iter().enumerate().map(entry).collect();
    }
    if t.as_named().is_some() && matches!(t.under().kind(), TypeKind::Pointer(_)) {
        return vec![];
    }
    let mut names: Vec<(Option<Package>, Symbol)> = Vec::new();
    let mut seen_types = Vec::new();
    collect_names(t, &mut names, &mut seen_types);
    let mut out: Vec<MethodEntry> = names
        .into_iter()
        .filter_map(|(pkg, name)| match lookup_impl(t, true, pkg, name, false) {
            Lookup::Found { obj, index, indirect } if obj.is_func() => {
                Some(MethodEntry { obj, index, indirect, ptr_only: obj.has_ptr_recv() && !indirect })
            }
            _ => None,
        })
        .collect();
    out.sort_by(|a, b| method_order(a.obj, b.obj));
    out
}

fn collect_names(t: Type, names: &mut Vec<(Option<Package>, Symbol)>, seen: &mut Vec<Type>) {
    if seen.contains(&t) {
        return;
    }
    seen.push(t);
    let mut add = |m: Obj| {
        let pkg = if m.is_exported() { None } else { m.pkg() };
        if !names.contains(&(pkg, m.name())) {
            names.push((pkg, m.name()));
        }
    };
    if let Some(n) = t.as_named() {
        n.origin_methods().iter().for_each(|&m| add(m));
    }
    match t.under().kind() {
        TypeKind::Struct(s) => {
            for f in s.fields.iter().filter(|f| f.is_embedded()) {
                collect_names(f.ty().deref().0, names, seen);
            }
        }
        TypeKind::Interface(i) => i.type_set().methods.iter().for_each(|&m| add(m)),
        _ => {}
    }
}

// ----------------------------------------------------------------------------
// Implementation of interfaces

/// Does `v` (a concrete type or an interface) have all methods of interface `t`? Returns the first that is missing
/// and whether one of that name exists with another signature or only for the pointer.
pub fn missing_method(v: Type, t: Type, static_: bool) -> Option<(Obj, bool)> {
    missing_method_cause(v, t, static_, &identical, None).map(|m| (m.method, m.wrong_type))
}

pub(crate) struct Missing {
    pub method: Obj,
    pub wrong_type: bool,
    /// In parentheses; empty unless a qualifier was given.
    pub cause: String,
}

pub(crate) fn missing_method_cause(
    v: Type,
    t: Type,
    static_: bool,
    equivalent: &dyn Fn(Type, Type) -> bool,
    q: Option<&Qualifier>,
) -> Option<Missing> {
    enum State {
        NotFound,
        WrongName(Obj),
        Unexported,
        WrongSig(Obj),
        Ambiguous,
        PtrRecv,
        Field,
        NoInterface,
    }
    let methods = &t.as_interface()?.type_set().methods;
    let mut failure = None;
    if let TypeKind::Interface(vi) = v.under().kind() {
        let set = vi.type_set();
        for &m in methods {
            match set.lookup_method(m.pkg(), m.name(), false) {
                None if !static_ => {}
                None => {
                    failure = Some((m, State::NotFound));
                    break;
                }
                Some((_, f)) if !equivalent(f.ty(), m.ty()) => {
                    failure = Some((m, State::WrongSig(f)));
                    break;
                }
                Some(_) => {}
            }
        }
    } else {
        for &m in methods {
            let state = match lookup_impl(v, false, m.pkg(), m.name(), false) {
                Lookup::Found { obj, .. } if !obj.is_func() => State::Field,
                Lookup::Found { obj, .. } if obj.is_no_interface() => State::NoInterface,
                Lookup::Found { obj, .. } if equivalent(obj.ty(), m.ty()) => continue,
                Lookup::Found { obj, .. } => State::WrongSig(obj),
                Lookup::Ambiguous(_) => State::Ambiguous,
                Lookup::NeedsPointer => State::PtrRecv,
                Lookup::NotFound => match lookup_impl(v, false, m.pkg(), m.name(), true).obj() {
                    Some(f) if f.is_func() && f.name() == m.name() => State::Unexported,
                    Some(f) if f.is_func() => State::WrongName(f),
                    _ => State::NotFound,
                },
            };
            failure = Some((m, state));
            break;
        }
    }
    let (m, state) = failure?;
    let wrong_type = matches!(state, State::WrongSig(_) | State::PtrRecv);
    let mut cause = String::new();
    if let Some(q) = q {
        let name = m.name();
        cause = match state {
            State::NotFound if is_interface_ptr(v) => format!("({})", interface_ptr_error(v, q)),
            State::NotFound if is_interface_ptr(t) => format!("({})", interface_ptr_error(t, q)),
            State::NotFound => format!("(missing method {name})"),
            State::WrongName(f) => format!(
                "(missing method {name})\n\t\thave {}\n\t\twant {}",
                method_string(f, q, false),
                method_string(m, q, false)
            ),
            State::Unexported => format!("(unexported method {name})"),
            State::WrongSig(f) => {
                let (mut fs, mut ms) = (method_string(f, q, false), method_string(m, q, false));
                if fs == ms {
                    (fs, ms) = (method_string(f, q, true), method_string(m, q, true));
                }
                if fs == ms {
                    format!("(wrong type for method {name})")
                } else {
                    format!("(wrong type for method {name})\n\t\thave {fs}\n\t\twant {ms}")
                }
            }
            State::Ambiguous => format!("(ambiguous selector {}.{name})", type_string(v, q)),
            State::PtrRecv => format!("(method {name} has pointer receiver)"),
            State::Field => format!("({}.{name} is a field, not a method)", type_string(v, q)),
            State::NoInterface => format!("({name} method is marked 'nointerface')"),
        };
    }
    Some(Missing { method: m, wrong_type, cause })
}

/// As `missing_method`, but forgiving when `v` embeds something invalid.
pub(crate) fn has_all_methods(
    v: Type,
    t: Type,
    static_: bool,
    equivalent: &dyn Fn(Type, Type) -> bool,
    q: Option<&Qualifier>,
) -> Result<(), String> {
    if v.is_invalid() {
        return Ok(());
    }
    match missing_method_cause(v, t, static_, equivalent, q) {
        None => Ok(()),
        Some(_) if has_invalid_embedded_fields(v, &mut Vec::new()) => Ok(()),
        Some(m) => Err(m.cause),
    }
}

fn has_invalid_embedded_fields(t: Type, seen: &mut Vec<Type>) -> bool {
    let u = deref_struct_ptr(t).under();
    let TypeKind::Struct(s) = u.kind() else { return false };
    if seen.contains(&u) {
        return false;
    }
    seen.push(u);
    s.fields.iter().any(|f| f.is_embedded() && (f.ty().is_invalid() || has_invalid_embedded_fields(f.ty(), seen)))
}

/// The struct type that a pointer to a struct points to; the type itself otherwise.
pub(crate) fn deref_struct_ptr(t: Type) -> Type {
    match t.under().kind() {
        TypeKind::Pointer(b) if matches!(b.under().kind(), TypeKind::Struct(_)) => *b,
        _ => t,
    }
}

pub(crate) fn is_interface_ptr(t: Type) -> bool {
    matches!(t.under().kind(), TypeKind::Pointer(b) if b.is_interface())
}

pub(crate) fn interface_ptr_error(t: Type, q: &Qualifier) -> String {
    let to_param = matches!(t.under().kind(), TypeKind::Pointer(b) if b.is_type_param());
    if to_param {
        format!("type {} is pointer to type parameter, not type parameter", type_string(t, q))
    } else {
        format!("type {} is pointer to interface, not interface", type_string(t, q))
    }
}

/// Does `v` implement interface `t`?
pub fn implements(v: Type, t: Type) -> bool {
    implements_cause(v, t, false, true, None).is_ok()
}

/// Does `v` satisfy constraint `t`?
pub fn satisfies(v: Type, t: Type) -> bool {
    implements_cause(v, t, true, true, None).is_ok()
}

/// `spec_comparable` allows ordinary interfaces to satisfy `comparable` (since Go 1.20).
pub(crate) fn implements_cause(
    v: Type,
    t: Type,
    constraint: bool,
    spec_comparable: bool,
    q: Option<&Qualifier>,
) -> Result<(), String> {
    let (vu, tu) = (v.under(), t.under());
    if vu.is_invalid() || tu.is_invalid() {
        return Ok(());
    }
    if let TypeKind::Pointer(b) = vu.kind()
        && b.under().is_invalid()
    {
        return Ok(());
    }
    let verb = if constraint { "satisfy" } else { "implement" };
    let ts = |t: Type| q.map_or(String::new(), |q| type_string(t, q));
    let explain = |f: &dyn Fn() -> String| Err(if q.is_some() { f() } else { String::new() });
    let TypeKind::Interface(ti) = tu.kind() else {
        return explain(&|| {
            let detail = if is_interface_ptr(tu) {
                q.map_or(String::new(), |q| interface_ptr_error(t, q))
            } else {
                format!("{} is not an interface", ts(t))
            };
            format!("{} does not {verb} {} ({detail})", ts(v), ts(t))
        });
    };
    let tset = ti.type_set();
    if tset.is_all() {
        return Ok(());
    }
    let vset = match vu.kind() {
        TypeKind::Interface(vi) => Some(vi.type_set()),
        _ => None,
    };
    if vset.is_some_and(|s| s.is_empty()) {
        return Ok(());
    }
    if tset.is_empty() {
        return explain(&|| format!("cannot {verb} {} (empty type set)", ts(t)));
    }
    if let Err(cause) = has_all_methods(v, t, true, &identical, q) {
        return explain(&|| format!("{} does not {verb} {} {cause}", ts(v), ts(t)));
    }
    let check_comparable = || {
        if !tset.is_comparable() || comparable_type(v, false, &mut Vec::new()).is_ok() {
            return Ok(());
        }
        if constraint && comparable_type(v, true, &mut Vec::new()).is_ok() {
            if spec_comparable {
                return Ok(());
            }
            return explain(&|| format!("{} to {verb} comparable requires go1.20 or later", ts(v)));
        }
        explain(&|| format!("{} does not {verb} comparable", ts(v)))
    };
    let Some(terms) = tset.specific_terms() else { return check_comparable() };
    if let Some(vset) = vset {
        if !vset.terms.subset_of(&tset.terms) {
            return explain(&|| format!("{} does not {verb} {}", ts(v), ts(t)));
        }
        return check_comparable();
    }
    if terms.iter().any(|term| term.includes(v)) {
        return check_comparable();
    }
    explain(&|| {
        let alt = terms.iter().find(|x| {
            !x.tilde && identical(x.ty, x.ty.under()) && crate::types::Term { tilde: true, ty: x.ty }.includes(v)
        });
        let detail = match alt {
            Some(x) => format!("possibly missing ~ for {} in {}", ts(x.ty), ts(t)),
            None if mentions(tu, v) => {
                format!("{} mentions {}, but {} is not in the type set of {}", ts(t), ts(v), ts(v), ts(t))
            }
            None => {
                let list: Vec<String> =
                    terms.iter().map(|x| format!("{}{}", if x.tilde { "~" } else { "" }, x.ty)).collect();
                format!("{} missing in {}", ts(v), list.join(" | "))
            }
        };
        format!("{} does not {verb} {} ({detail})", ts(v), ts(t))
    })
}

fn mentions(t: Type, v: Type) -> bool {
    match t.kind() {
        TypeKind::Interface(i) => i.embeddeds().iter().any(|&e| mentions(e, v)),
        TypeKind::Union(u) => u.terms.iter().any(|x| mentions(x.ty, v)),
        _ => identical(t, v),
    }
}

/// Can a value of interface type `v` hold a `t`?
pub(crate) fn assertable_to(v: Type, t: Type, q: Option<&Qualifier>) -> Result<(), String> {
    // No static check for interfaces: any could hold a value of both.
    if t.is_interface() {
        return Ok(());
    }
    has_all_methods(t, v, false, &identical, q)
}

/// The words for why a type is not comparable; empty if there is nothing to add.
pub(crate) fn incomparable_cause(why: Incomparable, q: &Qualifier) -> String {
    match why {
        Incomparable::Plain => String::new(),
        Incomparable::StructField(t) => format!("struct containing {} cannot be compared", type_string(t, q)),
        Incomparable::Array(t) => format!("{} cannot be compared", type_string(t, q)),
        Incomparable::EmptyTypeSet => "empty type set".into(),
        Incomparable::TypesInSet => "incomparable types in type set".into(),
    }
}

/// Names of the fields along a path.
pub(crate) fn field_path(t: Type, index: &[u32]) -> String {
    let mut names = Vec::new();
    let mut t = t;
    for &i in index {
        let TypeKind::Struct(s) = deref_struct_ptr(t).under().kind() else { break };
        let Some(f) = s.fields.get(i as usize) else { break };
        names.push(f.name().as_str());
        t = f.ty();
    }
    names.join(".")
}
