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
}

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
}

impl Types {
    pub fn under(&self, ty: &Ty) -> Ty {
        match ty {
            Ty::Named(n) => self.under(&self.named[*n].under),
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

    /// Comparable without a panic.
    pub fn strictly_comparable(&self, ty: &Ty) -> bool {
        match ty {
            Ty::Slice(_) | Ty::Map(..) | Ty::Func(_) | Ty::Any | Ty::Interface(_) => false,
            Ty::Array(_, e) => self.strictly_comparable(e),
            Ty::Struct(fields) => fields.iter().all(|f| self.strictly_comparable(&f.ty)),
            Ty::Named(n) => self.strictly_comparable(&self.named[*n].under),
            _ => true,
        }
    }

    /// Whether the compiler lets `==` stand.
    pub fn comparable(&self, ty: &Ty) -> bool {
        match ty {
            Ty::Slice(_) | Ty::Map(..) | Ty::Func(_) => false,
            Ty::Array(_, e) => self.comparable(e),
            Ty::Struct(fields) => fields.iter().all(|f| self.comparable(&f.ty)),
            Ty::Named(n) => self.comparable(&self.named[*n].under),
            _ => true,
        }
    }

    /// Whether equality of two values does not depend on addresses, and keys can be found again.
    pub fn good_key(&self, ty: &Ty) -> bool {
        match ty {
            Ty::Int(_) | Ty::Bool | Ty::Str => true,
            Ty::Array(_, e) => self.good_key(e),
            Ty::Struct(fields) => fields.iter().all(|f| self.good_key(&f.ty)),
            Ty::Named(n) => self.good_key(&self.named[*n].under),
            _ => false,
        }
    }

    pub fn ordered(&self, ty: &Ty) -> bool {
        matches!(self.under(ty), Ty::Int(_) | Ty::Float(_) | Ty::Str | Ty::Param)
    }

    /// Types whose values have the methods.
    pub fn implementers(&self, interface: usize) -> Vec<Ty> {
        let wanted = &self.interfaces[interface].methods;
        let mut found = Vec::new();
        for (n, named) in self.named.iter().enumerate() {
            let has = |m: &usize, pointer: bool| named.methods.iter().any(|(have, ptr)| have == m && (pointer || !ptr));
            if wanted.iter().all(|m| has(m, false)) {
                found.push(Ty::Named(n));
            }
            if wanted.iter().all(|m| has(m, true)) {
                found.push(Ty::Ptr(Rc::new(Ty::Named(n))));
            }
        }
        found
    }
}
