//! Types of generated programs, and their text.

use std::rc::Rc;

/// Integer types by name.
pub const INTS: &[&str] =
    &["int", "int8", "int16", "int32", "int64", "uint", "uint8", "uint16", "uint32", "uint64", "uintptr"];

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Ty {
    /// Index into [`INTS`].
    Int(usize),
    Float(u32),
    Complex(u32),
    Bool,
    Str,
    Slice(Rc<Ty>),
    Array(usize, Rc<Ty>),
    Map(Rc<Ty>, Rc<Ty>),
    Ptr(Rc<Ty>),
    Func(Rc<Sig>),
    Struct(Rc<Vec<Field>>),
    /// Index into [`Types::named`].
    Named(usize),
    /// Index into [`Types::interfaces`].
    Interface(usize),
    Any,
    /// The type parameter `T` of a generic function, an integer type of unknown width.
    Param,
    /// A type parameter of a generic type or function: `A` (any) or `B` (comparable).
    Arg(usize),
    /// An instance of one of [`Types::generics`].
    Inst(usize, Rc<Vec<Ty>>),
}

/// Names and constraints of the type parameters that [`Ty::Arg`] stands for.
pub const ARGS: [(&str, &str); 2] = [("A", "any"), ("B", "comparable")];

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sig {
    pub params: Vec<Ty>,
    pub results: Vec<Ty>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Field {
    pub name: String,
    pub ty: Ty,
    pub embedded: bool,
}

/// A method that every interface with this name declares alike.
pub struct Method {
    pub name: &'static str,
    pub sig: Rc<Sig>,
}

pub struct Named {
    pub name: String,
    pub under: Ty,
    /// Index into [`Types::methods`], and whether the receiver is a pointer.
    pub methods: Vec<(usize, bool)>,
}

/// A generic type, with `A` and perhaps `B` as parameters.
pub struct Generic {
    pub name: String,
    pub arity: usize,
    /// With [`Ty::Arg`] where the parameters stand.
    pub under: Ty,
    pub methods: Vec<(usize, bool)>,
}

pub struct Interface {
    pub name: String,
    pub methods: Vec<usize>,
}

/// The declarations of a program.
#[derive(Default)]
pub struct Types {
    pub named: Vec<Named>,
    pub interfaces: Vec<Interface>,
    pub methods: Vec<Method>,
    pub generics: Vec<Generic>,
    /// Instances that the program uses as types of their own.
    pub instances: Vec<Ty>,
}

impl Types {
    pub fn under(&self, ty: &Ty) -> Ty {
        match ty {
            Ty::Named(n) => self.under(&self.named[*n].under),
            Ty::Inst(n, args) => subst(&self.under(&self.generics[*n].under), None, args),
            _ => ty.clone(),
        }
    }

    pub fn text(&self, ty: &Ty) -> String {
        match ty {
            Ty::Int(n) => INTS[*n].into(),
            Ty::Float(bits) => format!("float{bits}"),
            Ty::Complex(bits) => format!("complex{bits}"),
            Ty::Bool => "bool".into(),
            Ty::Str => "string".into(),
            Ty::Slice(e) => format!("[]{}", self.text(e)),
            Ty::Array(n, e) => format!("[{n}]{}", self.text(e)),
            Ty::Map(k, v) => format!("map[{}]{}", self.text(k), self.text(v)),
            Ty::Ptr(e) => format!("*{}", self.text(e)),
            Ty::Func(sig) => format!("func{}", self.sig_text(sig)),
            Ty::Struct(fields) => {
                let fields: Vec<String> = fields
                    .iter()
                    .map(|f| if f.embedded { self.text(&f.ty) } else { format!("{} {}", f.name, self.text(&f.ty)) })
                    .collect();
                format!("struct{{ {} }}", fields.join("; "))
            }
            Ty::Named(n) => self.named[*n].name.clone(),
            Ty::Interface(n) => self.interfaces[*n].name.clone(),
            Ty::Any => "any".into(),
            Ty::Param => "T".into(),
            Ty::Arg(n) => ARGS[*n].0.into(),
            Ty::Inst(n, args) => {
                let args: Vec<String> = args.iter().map(|a| self.text(a)).collect();
                format!("{}[{}]", self.generics[*n].name, args.join(", "))
            }
        }
    }

    /// Parameters and results without names.
    pub fn sig_text(&self, sig: &Sig) -> String {
        let list = |tys: &[Ty]| tys.iter().map(|t| self.text(t)).collect::<Vec<_>>().join(", ");
        match sig.results.len() {
            0 => format!("({})", list(&sig.params)),
            1 => format!("({}) {}", list(&sig.params), list(&sig.results)),
            _ => format!("({}) ({})", list(&sig.params), list(&sig.results)),
        }
    }

    /// About how many scalars a value has. Types are kept small, since gc's compiler fails on frames of some megabytes.
    pub fn weight(&self, ty: &Ty) -> usize {
        match self.under(ty) {
            Ty::Array(n, e) => n * self.weight(&e),
            Ty::Struct(fields) => fields.iter().map(|f| self.weight(&f.ty)).sum(),
            _ => 1,
        }
    }

    /// Comparable without a panic.
    pub fn strictly_comparable(&self, ty: &Ty) -> bool {
        match ty {
            Ty::Slice(_) | Ty::Map(..) | Ty::Func(_) | Ty::Any | Ty::Interface(_) | Ty::Arg(0) => false,
            Ty::Ptr(e) => self.weight(e) > 0,
            Ty::Inst(..) => self.strictly_comparable(&self.under(ty)),
            Ty::Array(_, e) => self.strictly_comparable(e),
            Ty::Struct(fields) => fields.iter().all(|f| self.strictly_comparable(&f.ty)),
            Ty::Named(n) => self.strictly_comparable(&self.named[*n].under),
            _ => true,
        }
    }

    /// Whether the compiler lets `==` stand, and the language says what it gives: pointers to distinct variables of size zero may
    /// be equal or not.
    pub fn comparable(&self, ty: &Ty) -> bool {
        match ty {
            Ty::Slice(_) | Ty::Map(..) | Ty::Func(_) | Ty::Arg(0) => false,
            Ty::Ptr(e) => self.weight(e) > 0,
            Ty::Inst(..) => self.comparable(&self.under(ty)),
            Ty::Array(_, e) => self.comparable(e),
            Ty::Struct(fields) => fields.iter().all(|f| self.comparable(&f.ty)),
            Ty::Named(n) => self.comparable(&self.named[*n].under),
            _ => true,
        }
    }

    /// Whether equality of two values does not depend on addresses, and keys can be found again.
    pub fn good_key(&self, ty: &Ty) -> bool {
        match ty {
            Ty::Int(_) | Ty::Bool | Ty::Str | Ty::Arg(1) => true,
            Ty::Inst(..) => self.good_key(&self.under(ty)),
            Ty::Array(_, e) => self.good_key(e),
            Ty::Struct(fields) => fields.iter().all(|f| self.good_key(&f.ty)),
            Ty::Named(n) => self.good_key(&self.named[*n].under),
            _ => false,
        }
    }

    pub fn ordered(&self, ty: &Ty) -> bool {
        matches!(self.under(ty), Ty::Int(_) | Ty::Float(_) | Ty::Str | Ty::Param)
    }

    /// Own methods of a type with a name, and whether their receivers are pointers.
    fn own_methods(&self, ty: &Ty) -> &[(usize, bool)] {
        match ty {
            Ty::Named(n) => &self.named[*n].methods,
            Ty::Inst(n, _) => &self.generics[*n].methods,
            _ => &[],
        }
    }

    /// Methods of a type with a name, promoted ones too, and whether only a pointer to it has them.
    pub fn methods_of(&self, ty: &Ty) -> Vec<(usize, bool)> {
        let mut found: Vec<(usize, bool)> = Vec::new();
        let mut hidden: Vec<usize> = Vec::new();
        // Types at one depth, and whether a pointer was passed on the way.
        let mut level = vec![(ty.clone(), false)];
        while !level.is_empty() {
            let mut here: Vec<(usize, bool)> = Vec::new();
            let mut next = Vec::new();
            for (ty, by_pointer) in &level {
                if let Ty::Interface(i) = ty {
                    here.extend(self.interfaces[*i].methods.iter().map(|m| (*m, false)));
                    continue;
                }
                here.extend(self.own_methods(ty).iter().map(|(m, ptr)| (*m, *ptr && !by_pointer)));
                if let Ty::Struct(fields) = self.under(ty) {
                    for f in fields.iter().filter(|f| f.embedded) {
                        next.push(match &f.ty {
                            Ty::Ptr(e) => ((**e).clone(), true),
                            e => (e.clone(), *by_pointer),
                        });
                    }
                }
            }
            let mut names: Vec<usize> = here.iter().map(|(m, _)| *m).filter(|m| !hidden.contains(m)).collect();
            names.sort_unstable();
            names.dedup();
            for m in names {
                let mut with_name = here.iter().filter(|(have, _)| *have == m);
                // Two at one depth are ambiguous, and hide what lies deeper.
                if let (Some(one), None) = (with_name.next(), with_name.next()) {
                    found.push(*one);
                }
                hidden.push(m);
            }
            level = next;
        }
        found
    }

    /// Whether `x.name` selects the field `name` of the embedded field `via` of a struct.
    pub fn promotes(&self, fields: &[Field], via: &str, name: &str) -> bool {
        let embedded = |f: &&Field| f.embedded;
        let inner = |f: &Field| match &f.ty {
            Ty::Ptr(e) => self.under(e),
            e => self.under(e),
        };
        let having: Vec<&Field> = fields
            .iter()
            .filter(embedded)
            .filter(|f| matches!(inner(f), Ty::Struct(deeper) if deeper.iter().any(|d| d.name == name)))
            .collect();
        fields.iter().all(|f| f.name != name) && having.len() == 1 && having[0].name == via
    }

    /// Fields of a struct that a literal may name though they are promoted, of embedded structs that are no pointers.
    pub fn promoted_keys(&self, fields: &[Field], via: &Field) -> Vec<Field> {
        let Ty::Struct(deeper) = self.under(&via.ty) else { return Vec::new() };
        let fits = |f: &&Field| !f.embedded && self.promotes(fields, &via.name, &f.name);
        deeper.iter().filter(fits).cloned().collect()
    }

    /// Types with names of which values, or pointers, have methods.
    pub fn with_methods(&self) -> Vec<Ty> {
        (0..self.named.len()).map(Ty::Named).chain(self.instances.iter().cloned()).collect()
    }

    /// Types whose values have the methods.
    pub fn implementers(&self, interface: usize) -> Vec<Ty> {
        let wanted = &self.interfaces[interface].methods;
        let mut found = Vec::new();
        for ty in self.with_methods() {
            let methods = self.methods_of(&ty);
            let has = |m: &usize, pointer: bool| methods.iter().any(|(have, ptr)| have == m && (pointer || !ptr));
            if wanted.iter().all(|m| has(m, true)) {
                found.push(Ty::Ptr(Rc::new(ty.clone())));
            }
            if wanted.iter().all(|m| has(m, false)) {
                found.push(ty);
            }
        }
        found
    }
}

/// The type with `T` and the other type parameters replaced.
pub fn subst(ty: &Ty, param: Option<&Ty>, args: &[Ty]) -> Ty {
    let sub = |t: &Ty| subst(t, param, args);
    let rc = |t: &Rc<Ty>| Rc::new(sub(t));
    match ty {
        Ty::Param => param.cloned().unwrap_or(Ty::Param),
        Ty::Arg(n) => args.get(*n).cloned().unwrap_or(Ty::Arg(*n)),
        Ty::Slice(e) => Ty::Slice(rc(e)),
        Ty::Array(n, e) => Ty::Array(*n, rc(e)),
        Ty::Map(k, v) => Ty::Map(rc(k), rc(v)),
        Ty::Ptr(e) => Ty::Ptr(rc(e)),
        Ty::Func(sig) => Ty::Func(Rc::new(Sig {
            params: sig.params.iter().map(sub).collect(),
            results: sig.results.iter().map(sub).collect(),
        })),
        Ty::Struct(fields) => Ty::Struct(Rc::new(
            fields.iter().map(|f| Field { name: f.name.clone(), ty: sub(&f.ty), embedded: f.embedded }).collect(),
        )),
        Ty::Inst(n, list) => Ty::Inst(*n, Rc::new(list.iter().map(sub).collect())),
        _ => ty.clone(),
    }
}

/// Whether the type mentions type parameters.
pub fn is_open(ty: &Ty) -> bool {
    match ty {
        Ty::Param | Ty::Arg(_) => true,
        Ty::Slice(e) | Ty::Array(_, e) | Ty::Ptr(e) => is_open(e),
        Ty::Map(k, v) => is_open(k) || is_open(v),
        Ty::Func(sig) => sig.params.iter().chain(&sig.results).any(is_open),
        Ty::Struct(fields) => fields.iter().any(|f| is_open(&f.ty)),
        Ty::Inst(_, args) => args.iter().any(is_open),
        _ => false,
    }
}
