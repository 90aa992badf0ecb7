//! Substitution of type arguments for type parameters.

use crate::object::Obj;
use crate::types::{Interface, Signature, Term, Type, TypeKind};

/// Type parameters and what replaces them.
#[derive(Clone, Default)]
pub struct SubstMap {
    pairs: Vec<(Type, Type)>,
}

impl SubstMap {
    /// Surplus parameters or arguments are ignored.
    pub fn new(tparams: &[Type], targs: &[Type]) -> SubstMap {
        SubstMap { pairs: tparams.iter().copied().zip(targs.iter().copied()).collect() }
    }

    /// Does it replace nothing?
    pub fn is_empty(&self) -> bool {
        self.pairs.is_empty()
    }

    /// Replaces one more type parameter.
    pub fn push(&mut self, tparam: Type, targ: Type) {
        self.pairs.push((tparam, targ));
    }

    /// What a type parameter is replaced by.
    pub fn get(&self, tparam: Type) -> Option<Type> {
        self.pairs.iter().find(|(p, _)| *p == tparam).map(|(_, t)| *t)
    }
}

/// `t` with type parameters replaced. Returns the same node when nothing changes.
///
/// Types declared inside of a generic function depend on its type parameters without
/// mentioning them; they become instances with those as leading type arguments. Within the function the
/// leading arguments are left out.
pub fn subst(t: Type, smap: &SubstMap) -> Type {
    if smap.is_empty() {
        return t;
    }
    walk(t, smap)
}

fn list<T: Copy + PartialEq>(items: &[T], f: impl Fn(T) -> T) -> Option<Vec<T>> {
    let mut out: Option<Vec<T>> = None;
    for (i, &x) in items.iter().enumerate() {
        let y = f(x);
        if y != x {
            out.get_or_insert_with(|| items.to_vec())[i] = y;
        }
    }
    out
}

fn walk(t: Type, smap: &SubstMap) -> Type {
    match t.kind() {
        TypeKind::Basic(_) => t,
        TypeKind::TypeParam(_) => smap.get(t).unwrap_or(t),
        TypeKind::Pointer(base) => {
            let b = walk(*base, smap);
            if b == *base { t } else { Type::new_pointer(b) }
        }
        TypeKind::Slice(elem) => {
            let e = walk(*elem, smap);
            if e == *elem { t } else { Type::new_slice(e) }
        }
        TypeKind::Array(a) => {
            let e = walk(a.elem, smap);
            if e == a.elem { t } else { Type::new_array(e, a.len) }
        }
        TypeKind::Map(m) => {
            let (k, e) = (walk(m.key, smap), walk(m.elem, smap));
            if k == m.key && e == m.elem { t } else { Type::new_map(k, e) }
        }
        TypeKind::Chan(c) => {
            let e = walk(c.elem, smap);
            if e == c.elem { t } else { Type::new_chan(c.dir, e) }
        }
        TypeKind::Struct(s) => match list(&s.fields, |f| var(f, smap)) {
            Some(fields) => Type::new_struct(fields, s.tags.to_vec()),
            None => t,
        },
        TypeKind::Tuple(tuple) => match list(&tuple.types, |t| walk(t, smap)) {
            Some(types) => Type::new_tuple(types),
            None => t,
        },
        TypeKind::Signature(sig) => signature(t, sig, smap),
        TypeKind::Union(u) => {
            let terms: Vec<Term> = u.terms.iter().map(|x| Term { tilde: x.tilde, ty: walk(x.ty, smap) }).collect();
            if terms.iter().zip(u.terms.iter()).all(|(a, b)| a.ty == b.ty) { t } else { Type::new_union(terms) }
        }
        TypeKind::Interface(i) => interface(t, i, smap),
        TypeKind::Alias(a) => {
            if !a.targs.is_empty() {
                if a.targs.len() != a.tparams().len() {
                    return Type::invalid();
                }
                return match list(&a.targs, |t| walk(t, smap)) {
                    Some(targs) => crate::named::instantiate(t.origin(), &targs),
                    None => t,
                };
            }
            // A local alias may stand for a type that mentions type parameters.
            let actual = t.unalias();
            let new = walk(actual, smap);
            if new == actual { t } else { new }
        }
        TypeKind::Named(n) => {
            let origin = t.origin();
            let own = n.targs.len() == n.tparams().len();
            let implicit = origin.as_named_node().filter(|_| own).map_or(&[][..], |o| o.implicit_tparams());
            if !own && origin.as_named_node().is_none_or(|o| o.all_tparams().len() != n.targs.len()) {
                // Reported elsewhere.
                return Type::invalid();
            }
            let outer = list(implicit, |t| walk(t, smap));
            let targs = list(&n.targs, |t| walk(t, smap));
            if outer.is_none() && targs.is_none() {
                return t;
            }
            let mut all = outer.unwrap_or_default();
            all.extend(targs.as_deref().unwrap_or(&n.targs));
            crate::named::instantiate(origin, &all)
        }
    }
}

fn var(v: Obj, smap: &SubstMap) -> Obj {
    let t = v.ty();
    let new = walk(t, smap);
    if new == t { v } else { v.clone_var(new) }
}

fn signature(t: Type, sig: &Signature, smap: &SubstMap) -> Type {
    // The type parameters of a generic method that is not being instantiated itself are renewed, as
    // their bounds may change.
    if !sig.tparams.is_empty() && smap.get(sig.tparams[0]).is_none() {
        let mut smap = smap.clone();
        let fresh: Vec<Type> = sig
            .tparams
            .iter()
            .map(|&p| {
                let TypeKind::TypeParam(tp) = p.kind() else { return p };
                let o = tp.obj;
                let obj = Obj::new(o.kind(), o.pos(), o.pkg(), o.name(), None);
                let f = Type::new_type_param(obj, None);
                if let TypeKind::TypeParam(ftp) = f.kind() {
                    ftp.index.store(tp.index() as u32, std::sync::atomic::Ordering::Relaxed);
                }
                smap.push(p, f);
                f
            })
            .collect();
        for (&p, &f) in sig.tparams.iter().zip(&fresh) {
            if let (TypeKind::TypeParam(p), TypeKind::TypeParam(f)) = (p.kind(), f.kind()) {
                f.bound.set(Some(walk(p.constraint(), &smap)));
            }
        }
        return Type::new_generic_signature(
            sig.recv,
            sig.recv_tparams.to_vec(),
            fresh,
            sig.params.iter().map(|&v| var(v, &smap)).collect(),
            sig.results.iter().map(|&v| var(v, &smap)).collect(),
            sig.variadic,
        );
    }
    let params = list(&sig.params, |v| var(v, smap));
    let results = list(&sig.results, |v| var(v, smap));
    if params.is_none() && results.is_none() {
        return t;
    }
    Type::new_generic_signature(
        sig.recv,
        sig.recv_tparams.to_vec(),
        sig.tparams.to_vec(),
        params.unwrap_or_else(|| sig.params.to_vec()),
        results.unwrap_or_else(|| sig.results.to_vec()),
        sig.variadic,
    )
}

fn interface(t: Type, i: &'static Interface, smap: &SubstMap) -> Type {
    let methods = list(i.explicit_methods(), |m| {
        let mt = m.ty();
        let new = walk(mt, smap);
        if new == mt { m } else { m.clone_func(new) }
    });
    let embeddeds = list(i.embeddeds(), |t| walk(t, smap));
    if methods.is_none() && embeddeds.is_none() {
        return t;
    }
    let new = Type::new_interface(i.implicit);
    let methods = methods.unwrap_or_else(|| i.explicit_methods().to_vec());
    let methods = replace_receivers(&methods, t, new).unwrap_or(methods);
    new.complete_interface(methods, embeddeds.unwrap_or_else(|| i.embeddeds().to_vec()), i.embed_pos().to_vec());
    new
}

/// The methods with receivers of type `old` changed to `new`, if there are any.
pub(crate) fn replace_receivers(methods: &[Obj], old: Type, new: Type) -> Option<Vec<Obj>> {
    list(methods, |m| {
        let Some(sig) = m.signature() else { return m };
        match sig.recv {
            Some(recv) if recv.ty() == old => m.clone_func(with_receiver(sig, recv.clone_var(new))),
            _ => m,
        }
    })
    .filter(|out| out != methods)
}

/// The signature with another receiver and without receiver type parameters.
pub(crate) fn with_receiver(sig: &Signature, recv: Obj) -> Type {
    Type::new_generic_signature(
        Some(recv),
        vec![],
        sig.tparams.to_vec(),
        sig.params.to_vec(),
        sig.results.to_vec(),
        sig.variadic,
    )
}
