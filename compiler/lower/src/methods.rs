//! Fields and methods of concrete types, through embedding.
//!
//! The checker resolves selectors of non-generic code; in instances the receiver may be a type argument, and
//! descriptors need whole method sets. The rule is the specification's: breadth first through embedded fields, the shallowest
//! depth wins, two at one depth hide each other.

use crate::front::Symbol;
use crate::lower::{FuncKey, Lower, MethodKey};
use crate::ty::{EnvId, FieldTy, MethodTy, Ty, TyKind, method_key, name_pkg};
use golift_ir::FuncId;
use golift_types::{Obj, Package};
use rustc_hash::FxHashSet;

/// A method found in a type.
#[derive(Clone, Debug)]
pub struct FoundMethod {
    /// Indices of the embedded fields on the way; pointers are followed implicitly.
    pub path: Vec<u32>,
    /// The type that declares the method (never a pointer), or the embedded interface type.
    pub base: Ty,
    /// The declaration; `None` for a method of an interface.
    pub obj: Option<Obj>,
    pub interface: bool,
    pub ptr_recv: bool,
    /// A pointer was followed to reach `base` (the receiver's own included).
    pub indirect: bool,
    pub env: EnvId,
}

/// A field found in a type.
#[derive(Clone, Debug)]
pub struct FoundField {
    pub path: Vec<u32>,
}

enum Found {
    Field(FoundField),
    Method(FoundMethod),
}

impl Lower<'_> {
    pub fn find_method(&self, recv: Ty, name: Symbol, pkg: Option<Package>) -> Option<FoundMethod> {
        match self.find(recv, name, pkg)? {
            Found::Method(m) => Some(m),
            Found::Field(_) => None,
        }
    }

    /// A method that exists, under a binding of its own type parameters, too.
    pub fn method_instance(&self, recv: Ty, name: Symbol, pkg: Option<Package>, targs: &[Ty]) -> FoundMethod {
        let mut m = self.find_method(recv, name, pkg).expect("method exists");
        if let (false, Some(obj)) = (targs.is_empty(), m.obj) {
            let sig = obj.signature().expect("method");
            m.env = self.tys.extend_env(m.env, sig.tparams.iter().copied().zip(targs.iter().copied()));
        }
        m
    }

    pub fn find_field(&self, recv: Ty, name: Symbol, pkg: Option<Package>) -> Option<FoundField> {
        match self.find(recv, name, pkg)? {
            Found::Field(f) => Some(f),
            Found::Method(_) => None,
        }
    }

    fn find(&self, recv: Ty, name: Symbol, pkg: Option<Package>) -> Option<Found> {
        let (start, start_ptr) = match self.tys.kind(recv) {
            TyKind::Ptr(e) => (*e, true),
            TyKind::Named { .. } => match self.tys.as_ptr(recv) {
                // A named pointer type has fields, but no methods of its own.
                Some(e) => (e, true),
                None => (recv, false),
            },
            _ => (recv, false),
        };
        let same = |n: Symbol, p: Option<Package>| n == name && p == pkg;
        let mut seen = FxHashSet::default();
        let mut level: Vec<(Ty, Vec<u32>, bool)> = vec![(start, vec![], start_ptr)];
        while !level.is_empty() {
            let mut found: Option<Found> = None;
            let mut count = 0;
            let mut next = Vec::new();
            for (t, path, indirect) in &level {
                if !seen.insert(*t) && matches!(self.tys.kind(*t), TyKind::Named { .. }) {
                    continue;
                }
                for &m in self.declared_methods(*t) {
                    if m.name() == name && name_pkg(m) == pkg {
                        count += 1;
                        found = Some(Found::Method(FoundMethod {
                            path: path.clone(),
                            base: *t,
                            obj: Some(m),
                            interface: false,
                            ptr_recv: m.has_ptr_recv(),
                            indirect: *indirect,
                            env: self.method_env(*t, m),
                        }));
                    }
                }
                match self.tys.under_kind(*t) {
                    TyKind::Struct(fields) => {
                        for (i, f) in fields.iter().enumerate() {
                            if same(f.name, f.pkg) {
                                count += 1;
                                let mut path = path.clone();
                                path.push(i as u32);
                                found = Some(Found::Field(FoundField { path }));
                            }
                            if f.embedded {
                                next.push(self.embedded_step(f, i, path, *indirect));
                            }
                        }
                    }
                    TyKind::Interface(methods) if methods.iter().any(|m| same(m.name, m.pkg)) => {
                        count += 1;
                        found = Some(Found::Method(FoundMethod {
                            path: path.clone(),
                            base: *t,
                            obj: None,
                            interface: true,
                            ptr_recv: false,
                            indirect: *indirect,
                            env: EnvId::EMPTY,
                        }));
                    }
                    _ => {}
                }
            }
            match count {
                0 => level = next,
                1 => return found,
                _ => return None,
            }
        }
        None
    }

    fn embedded_step(&self, f: &FieldTy, i: usize, path: &[u32], indirect: bool) -> (Ty, Vec<u32>, bool) {
        let mut path = path.to_vec();
        path.push(i as u32);
        match self.tys.kind(f.ty) {
            TyKind::Ptr(e) => (*e, path, true),
            _ => (f.ty, path, indirect),
        }
    }

    /// Signature of a found method, also of an interface's.
    pub fn found_sig(&self, m: &FoundMethod, name: Symbol, pkg: Option<Package>) -> Ty {
        if let Some(obj) = m.obj {
            return self.tys.convert(obj.ty(), m.env);
        }
        let methods = self.tys.methods_of_interface(m.base);
        methods.iter().find(|im| im.name == name && im.pkg == pkg).expect("method of the interface").sig
    }

    /// The method set of a type, sorted as in descriptors: name, package, signature.
    pub fn method_set(&self, t: Ty) -> Vec<MethodTy> {
        let start = match self.tys.kind(t) {
            TyKind::Ptr(e) => *e,
            _ => t,
        };
        // A pointer to an interface or to a pointer has no methods.
        if start != t && matches!(self.tys.under_kind(start), TyKind::Interface(_) | TyKind::Ptr(_)) {
            return vec![];
        }
        let mut names: Vec<(Symbol, Option<Package>)> = Vec::new();
        let mut seen = FxHashSet::default();
        let mut work = vec![start];
        while let Some(t) = work.pop() {
            if !seen.insert(t) {
                continue;
            }
            // Methods with type parameters of their own are in no method table.
            let plain = |m: &&Obj| m.signature().is_none_or(|s| s.tparams.is_empty());
            names.extend(self.declared_methods(t).iter().filter(plain).map(|&m| (m.name(), name_pkg(m))));
            match self.tys.under_kind(t) {
                TyKind::Struct(fields) => {
                    for f in fields.iter().filter(|f| f.embedded) {
                        work.push(match self.tys.kind(f.ty) {
                            TyKind::Ptr(e) => *e,
                            _ => f.ty,
                        });
                    }
                }
                TyKind::Interface(methods) => names.extend(methods.iter().map(|m| (m.name, m.pkg))),
                _ => {}
            }
        }
        names.sort_by_cached_key(|&(n, p)| method_key(n, p));
        names.dedup();
        let is_ptr = start != t;
        let mut out = Vec::new();
        for (name, pkg) in names {
            if name.as_str() == "_" {
                continue;
            }
            let Some(m) = self.find_method(t, name, pkg) else { continue };
            if m.ptr_recv && !is_ptr && !m.indirect || m.obj.is_some_and(Obj::is_no_interface) {
                continue;
            }
            out.push(MethodTy { name, pkg, sig: self.found_sig(&m, name, pkg) });
        }
        out
    }

    /// Does `t` have all methods of the interface type?
    pub fn implements(&self, t: Ty, iface: Ty) -> bool {
        let methods = self.tys.methods_of_interface(iface);
        if self.tys.is_interface(t) {
            let have = self.tys.methods_of_interface(t);
            return methods.iter().all(|m| have.contains(m));
        }
        let is_ptr = matches!(self.tys.kind(t), TyKind::Ptr(_));
        methods.iter().all(|m| {
            self.find_method(t, m.name, m.pkg)
                .filter(|f| (!f.ptr_recv || is_ptr || f.indirect) && !f.obj.is_some_and(Obj::is_no_interface))
                .is_some_and(|f| self.found_sig(&f, m.name, m.pkg) == m.sig)
        })
    }

    /// Key of a method for reachability through interfaces.
    pub fn method_key(m: &MethodTy) -> MethodKey {
        (m.name, m.pkg, m.sig)
    }

    /// The plain function of a found method that is declared (not of an interface).
    pub fn found_func(&mut self, m: &FoundMethod) -> FuncId {
        let obj = m.obj.expect("declared method");
        self.func(FuncKey::Decl { obj, env: m.env })
    }
}
