//! Declared types: underlying types, instances, methods of instances.
//!
//! Instances are made once per process for the same type arguments, whichever package asks: a table keyed by
//! the generic type and a structural key of the arguments. The key looks through pointers, slices, functions and so on; an
//! interface with methods or terms counts as the node that it is (so that no unfinished interface
//! of another thread's package is ever looked into), hence identical types may still be different nodes: use
//! [`identical`](crate::predicates::identical).
//!
//! The right-hand side of an instance is substituted when it is first asked for; that
//! makes further instances, but does not expand them, so recursive generic types end.

use std::sync::{LazyLock, Mutex, OnceLock};

use golift_syntax::Pos;
use rustc_hash::FxHashMap;

use crate::object::Obj;
use crate::package::Package;
use crate::subst::{SubstMap, replace_receivers, subst, with_receiver};
use crate::types::{Alias, BasicKind, Named, Type, TypeKind, TypeSlot};

const SHARDS: usize = 16;
type Shard = Mutex<FxHashMap<Box<[usize]>, Type>>;
static INSTANCES: LazyLock<[Shard; SHARDS]> = LazyLock::new(|| std::array::from_fn(|_| Mutex::default()));

impl Named {
    /// Type parameters of the generic function that the type is declared in.
    pub fn implicit_tparams(&self) -> &[Type] {
        self.implicit.get().map_or(&[], |t| t)
    }

    /// The implicit type parameters, then the type's own.
    pub(crate) fn all_tparams(&self) -> Vec<Type> {
        [self.implicit_tparams(), self.tparams()].concat()
    }

    /// The i'th declared method; that of an instance has its types substituted.
    pub fn method(&'static self, i: usize) -> Obj {
        let orig = self.origin_methods()[i];
        if self.origin.is_none() {
            return orig;
        }
        let cells =
            self.inst_methods.get_or_init(|| (0..self.origin_methods().len()).map(|_| OnceLock::new()).collect());
        *cells[i].get_or_init(|| orig.instance_method(Type(self.self_kind.get().expect("instance is linked"))))
    }

    pub(crate) fn lookup_method(
        &'static self,
        pkg: Option<Package>,
        name: golift_syntax::Symbol,
        fold_case: bool,
    ) -> Option<(usize, Obj)> {
        if name.is_blank() {
            return None;
        }
        let methods = self.origin_methods();
        let i = methods.iter().position(|m| m.same_id(pkg, name, fold_case))?;
        Some((i, self.method(i)))
    }
}

/// An instance of a generic named type or alias. Signatures have [`instantiate_signature`].
pub fn instantiate(origin: Type, targs: &[Type]) -> Type {
    instantiate_at(origin, targs, Pos::NONE)
}

pub(crate) fn instantiate_at(origin: Type, targs: &[Type], pos: Pos) -> Type {
    let mut key = vec![origin.addr()];
    for &t in targs {
        type_key(t, &mut key);
    }
    let hash = key.iter().fold(0usize, |h, &k| (h.rotate_left(5) ^ k).wrapping_mul(0x9e37_79b9));
    let shard = &INSTANCES[(hash >> 7) % SHARDS];
    if let Some(&t) = shard.lock().unwrap_or_else(|e| e.into_inner()).get(&key[..]) {
        return t;
    }
    let new = match origin.kind() {
        TypeKind::Named(n) => {
            let t = Type::new(TypeKind::Named(Named {
                obj: n.obj,
                origin: Some(origin),
                targs: targs.into(),
                inst_pos: pos,
                rhs: TypeSlot::default(),
                under: TypeSlot::default(),
                tparams: OnceLock::new(),
                implicit: OnceLock::new(),
                methods: OnceLock::new(),
                inst_methods: OnceLock::new(),
                self_kind: OnceLock::new(),
            }));
            if let TypeKind::Named(n) = t.kind() {
                n.self_kind.get_or_init(|| t.0);
            }
            t
        }
        TypeKind::Alias(a) => {
            let Some(rhs) = a.rhs.get() else {
                return Type::basic(BasicKind::Invalid);
            };
            if a.tparams().len() != targs.len() {
                return Type::basic(BasicKind::Invalid);
            }
            Type::new(TypeKind::Alias(Alias {
                obj: a.obj,
                origin: Some(origin),
                targs: targs.into(),
                tparams: OnceLock::new(),
                rhs: TypeSlot::new(Some(subst(rhs, &SubstMap::new(a.tparams(), targs)))),
                actual: TypeSlot::default(),
            }))
        }
        _ => return origin,
    };
    *shard.lock().unwrap_or_else(|e| e.into_inner()).entry(key.into()).or_insert(new)
}

/// A generic signature with its own type parameters replaced; receiver type parameters stay.
pub fn instantiate_signature(sig: Type, targs: &[Type]) -> Type {
    let Some(s) = sig.as_signature() else { return sig };
    let smap = SubstMap::new(&s.tparams, targs);
    let Some(new) = subst(sig, &smap).as_signature() else { return sig };
    Type::new_generic_signature(
        new.recv,
        new.recv_tparams.to_vec(),
        vec![],
        new.params.to_vec(),
        new.results.to_vec(),
        new.variadic,
    )
}

fn type_key(t: Type, key: &mut Vec<usize>) {
    let t = t.unalias();
    match t.kind() {
        TypeKind::Basic(b) => key.extend([1, b.kind as usize]),
        TypeKind::Named(n) if n.targs.is_empty() => key.extend([2, t.addr()]),
        TypeKind::Named(n) => {
            key.extend([3, t.origin().addr(), n.targs.len()]);
            n.targs.iter().for_each(|&t| type_key(t, key));
        }
        TypeKind::Pointer(e) => {
            key.push(4);
            type_key(*e, key);
        }
        TypeKind::Slice(e) => {
            key.push(5);
            type_key(*e, key);
        }
        TypeKind::Array(a) => {
            key.extend([6, a.len as usize]);
            type_key(a.elem, key);
        }
        TypeKind::Map(m) => {
            key.push(7);
            type_key(m.key, key);
            type_key(m.elem, key);
        }
        TypeKind::Chan(c) => {
            key.extend([8, c.dir as usize]);
            type_key(c.elem, key);
        }
        TypeKind::Signature(s) if s.tparams.is_empty() => {
            key.extend([9, s.params.len(), s.results.len(), usize::from(s.variadic)]);
            s.params.iter().chain(s.results.iter()).for_each(|v| type_key(v.ty(), key));
        }
        TypeKind::Struct(s) => {
            key.extend([10, s.fields.len()]);
            for (i, f) in s.fields.iter().enumerate() {
                let pkg = if f.is_exported() { 0 } else { f.pkg().map_or(0, |p| p.path_symbol().index() as usize + 1) };
                let tag = match s.tag(i) {
                    [] => 0,
                    tag => golift_syntax::Symbol::intern(&crate::constant::quote(tag)).index() as usize + 1,
                };
                key.extend([f.name().index() as usize, usize::from(f.is_embedded()), pkg, tag]);
                type_key(f.ty(), key);
            }
        }
        TypeKind::Interface(i) if i.is_complete() && i.explicit_methods().is_empty() && i.embeddeds().is_empty() => {
            key.push(11);
        }
        TypeKind::Tuple(tuple) => {
            key.extend([12, tuple.types.len()]);
            tuple.types.iter().for_each(|&t| type_key(t, key));
        }
        _ => key.extend([13, t.addr()]),
    }
}

/// The right-hand side of the declaration, substituted for instances; `None` while unknown.
pub(crate) fn rhs(t: Type) -> Option<Type> {
    let TypeKind::Named(n) = t.kind() else { return Some(t) };
    if let Some(rhs) = n.rhs.get() {
        return Some(rhs);
    }
    let origin = n.origin?;
    let TypeKind::Named(o) = origin.kind() else { return None };
    let orig_rhs = o.rhs.get()?;
    let all = o.all_tparams();
    let smap = if n.targs.len() == o.tparams().len() {
        SubstMap::new(o.tparams(), &n.targs)
    } else if n.targs.len() == all.len() {
        SubstMap::new(&all, &n.targs)
    } else {
        return Some(Type::basic(BasicKind::Invalid));
    };
    let mut new = subst(orig_rhs, &smap);
    if let TypeKind::Interface(i) = new.kind()
        && let Some(methods) = replace_receivers(i.explicit_methods(), origin, t)
    {
        let crafted = Type::new_interface(i.implicit);
        crafted.complete_interface(methods, i.embeddeds().to_vec(), i.embed_pos().to_vec());
        new = crafted;
    }
    Some(n.rhs.set_once(new))
}

/// Follows right-hand sides to a type that is no name.
pub(crate) fn resolve_underlying(t: Type) -> Type {
    let mut path = Vec::new();
    let mut noted = None;
    let mut cur = t;
    let u = loop {
        match cur.kind() {
            TypeKind::Alias(_) => cur = cur.unalias(),
            TypeKind::Named(n) => {
                if let Some(u) = n.under.get() {
                    break u;
                }
                // A cycle comes back to the type noted at the last power of two (Brent).
                if Some(cur) == noted {
                    return Type::basic(BasicKind::Invalid);
                }
                if path.len().is_power_of_two() {
                    noted = Some(cur);
                }
                path.push(cur);
                match rhs(cur) {
                    Some(r) => cur = r,
                    None => return Type::basic(BasicKind::Invalid),
                }
            }
            // Only after an error.
            TypeKind::TypeParam(_) => break Type::basic(BasicKind::Invalid),
            _ => break cur,
        }
    };
    // An alias in the chain that is not known yet shows as invalid: ask again later.
    if u.is_invalid() && path.iter().any(|t| t.as_named_node().is_some_and(|n| n.rhs.get() != Some(u))) {
        return u;
    }
    for t in path {
        if let TypeKind::Named(n) = t.kind() {
            n.under.set_once(u);
        }
    }
    u
}

/// The type of an object whose type is not known yet: a declaration of the package that this
/// thread checks, or a method of an instance.
pub(crate) fn resolve_object_type(obj: Obj) -> Type {
    let Some(recv_named) = obj.recv_named() else {
        crate::check::resolve_in_current(obj);
        return obj.ty_opt().unwrap_or_else(|| Type::basic(BasicKind::Invalid));
    };
    let origin = obj.origin();
    if origin.ty_opt().is_none() {
        crate::check::resolve_in_current(origin);
    }
    let known = origin.ty_opt();
    let empty = || Type::new_signature(None, vec![], vec![], false);
    let Some(sig) = known.and_then(Type::as_signature) else { return empty() };
    let Some(recv) = sig.recv else { return empty() };
    let targs = recv_named.as_named_node().map_or(&[][..], |n| n.targs());
    let mut new_sig = sig;
    if sig.recv_tparams.len() == targs.len() {
        let old = known.expect("signature");
        let t = subst(old, &SubstMap::new(&sig.recv_tparams, targs));
        new_sig = t.as_signature().unwrap_or(sig);
    }
    let recv_type = if origin.has_ptr_recv() { Type::new_pointer(recv_named) } else { recv_named };
    obj.set_ty_once(with_receiver(new_sig, recv.clone_var(recv_type)))
}
