//! Types as text.

use std::fmt::Write as _;
use std::sync::Arc;

use golift_syntax::{ChanDir, SourceMap, Symbol};
use rustc_hash::FxHashSet;

use crate::object::Obj;
use crate::package::Package;
use crate::types::{Signature, Struct, Type, TypeKind};
use crate::universe;

/// How names of packages are shown before the names in them.
#[derive(Clone, Default)]
pub enum Qualifier {
    /// `net/http.Client`
    #[default]
    Path,
    /// `http.Client`
    Name,
    /// `Client`
    None,
    /// Nothing for the package itself, the path for others.
    RelativeTo(Package),
    /// As messages about a package show it: nothing for itself, otherwise the name, or the quoted path if the
    /// name is in `ambiguous`.
    Messages {
        /// The package that the message is about.
        pkg: Package,
        /// Names that several packages have.
        ambiguous: Arc<FxHashSet<Symbol>>,
        /// Where declarations are, to tell type parameters of one name apart.
        map: Option<Arc<SourceMap>>,
    },
}

impl Qualifier {
    pub(crate) fn prefix(&self, pkg: Option<Package>) -> String {
        let Some(pkg) = pkg else { return String::new() };
        match self {
            // gc compiles every main package under this path.
            Qualifier::Path if pkg.name() == Symbol::MAIN => "main.".into(),
            Qualifier::Path => format!("{}.", pkg.path()),
            Qualifier::Name => format!("{}.", pkg.name()),
            Qualifier::None => String::new(),
            Qualifier::RelativeTo(p) if *p == pkg => String::new(),
            Qualifier::RelativeTo(_) => format!("{}.", pkg.path()),
            Qualifier::Messages { pkg: p, .. } if *p == pkg => String::new(),
            Qualifier::Messages { ambiguous, .. } if ambiguous.contains(&pkg.name()) => {
                format!("{}.", crate::constant::quote(pkg.path().as_bytes()))
            }
            Qualifier::Messages { .. } => format!("{}.", pkg.name()),
        }
    }
}

/// The type as Go writes it.
pub fn type_string(t: Type, q: &Qualifier) -> String {
    let mut w = Writer::new(q);
    w.ty(t);
    w.out
}

/// As gc's phases after the type checker write types: without aliases, and with blanks in literals.
pub(crate) fn late_type_string(t: Type, q: &Qualifier) -> String {
    let mut w = Writer::new(q);
    w.late = true;
    w.ty(t);
    w.out
}

/// `(params) results`, without `func`.
pub fn signature_string(sig: &Signature, q: &Qualifier) -> String {
    let mut w = Writer::new(q);
    w.signature(sig);
    w.out
}

/// `name(params) results` of a method, without the names of parameters.
pub(crate) fn method_string(m: Obj, q: &Qualifier, pkg_info: bool) -> String {
    let path = Qualifier::Path;
    let mut w = Writer::new(if pkg_info { &path } else { q });
    w.param_names = false;
    w.pkg_info = pkg_info;
    w.out.push_str(m.name().as_str());
    if let Some(sig) = m.signature() {
        w.signature(sig);
    }
    w.out
}

pub(crate) fn func_full_name(f: Obj) -> String {
    let recv = f.signature().and_then(|s| s.recv);
    match recv {
        None => format!("{}{}", Qualifier::Path.prefix(f.pkg()), f.name()),
        Some(recv) => {
            let (base, ptr) = recv.ty().deref();
            let star = if ptr { "*" } else { "" };
            let base = match base.unalias().kind() {
                TypeKind::Named(n) => format!("{}{}", Qualifier::Path.prefix(n.obj.pkg()), n.obj.name()),
                TypeKind::Interface(_) => "interface".into(),
                _ => type_string(base, &Qualifier::Path),
            };
            format!("({star}{base}).{}", f.name())
        }
    }
}

struct Writer<'a> {
    out: String,
    q: &'a Qualifier,
    seen: Vec<Type>,
    param_names: bool,
    pkg_info: bool,
    /// See [`late_type_string`].
    late: bool,
}

impl<'a> Writer<'a> {
    fn new(q: &'a Qualifier) -> Writer<'a> {
        Writer { out: String::new(), q, seen: Vec::new(), param_names: true, pkg_info: false, late: false }
    }

    fn ty(&mut self, t: Type) {
        if self.seen.len() > 200 || self.seen.contains(&t) {
            self.out.push_str("<cycle>");
            return;
        }
        self.seen.push(t);
        self.ty1(t);
        self.seen.pop();
    }

    fn ty1(&mut self, t: Type) {
        match t.kind() {
            TypeKind::Basic(b) => self.out.push_str(b.name),
            TypeKind::Array(a) => {
                let _ = write!(self.out, "[{}]", a.len);
                self.ty(a.elem);
            }
            TypeKind::Slice(e) => {
                self.out.push_str("[]");
                self.ty(*e);
            }
            TypeKind::Struct(s) => self.struct_type(s),
            TypeKind::Pointer(b) => {
                self.out.push('*');
                self.ty(*b);
            }
            TypeKind::Tuple(tuple) => {
                self.out.push('(');
                for (i, &t) in tuple.types.iter().enumerate() {
                    if i > 0 {
                        self.out.push_str(", ");
                    }
                    if let Some(name) = tuple.names.get(i).filter(|&&n| n != Symbol::EMPTY) {
                        self.out.push_str(name.as_str());
                        self.out.push(' ');
                    }
                    self.ty(t);
                }
                self.out.push(')');
            }
            TypeKind::Signature(s) => {
                self.out.push_str("func");
                self.signature(s);
            }
            TypeKind::Union(u) => {
                for (i, t) in u.terms.iter().enumerate() {
                    if i > 0 {
                        self.out.push_str(" | ");
                    }
                    if t.tilde {
                        self.out.push('~');
                    }
                    self.ty(t.ty);
                }
            }
            TypeKind::Interface(i) => {
                if t == universe::comparable_interface() {
                    self.out.push_str("interface{comparable}");
                    return;
                }
                if i.implicit {
                    if i.explicit_methods().is_empty() && i.embeddeds().len() == 1 {
                        self.ty(i.embeddeds()[0]);
                        return;
                    }
                    self.out.push_str("/* implicit */ ");
                }
                self.out.push_str("interface");
                self.open_literal();
                let mut first = true;
                for m in i.explicit_methods() {
                    self.separate(std::mem::take(&mut first));
                    self.out.push_str(m.name().as_str());
                    if let Some(sig) = m.signature() {
                        self.signature(sig);
                    }
                }
                for &e in i.embeddeds() {
                    self.separate(std::mem::take(&mut first));
                    self.ty(e);
                }
                self.close_literal(first);
            }
            TypeKind::Map(m) => {
                self.out.push_str("map[");
                self.ty(m.key);
                self.out.push(']');
                self.ty(m.elem);
            }
            TypeKind::Chan(c) => {
                let parens =
                    c.dir == ChanDir::Both && matches!(c.elem.kind(), TypeKind::Chan(e) if e.dir == ChanDir::Recv);
                self.out.push_str(match c.dir {
                    ChanDir::Both => "chan ",
                    ChanDir::Send => "chan<- ",
                    ChanDir::Recv => "<-chan ",
                });
                if parens {
                    self.out.push('(');
                }
                self.ty(c.elem);
                if parens {
                    self.out.push(')');
                }
            }
            TypeKind::Named(n) => {
                self.type_name(n.obj);
                if !n.targs.is_empty() {
                    self.type_list(&n.targs);
                } else if !n.tparams().is_empty() {
                    self.tparams(n.tparams());
                }
            }
            TypeKind::Alias(a) if self.late && a.obj.pkg().is_some() => self.ty(t.unalias()),
            TypeKind::Alias(a) => {
                self.type_name(a.obj);
                if !a.targs.is_empty() {
                    self.type_list(&a.targs);
                } else if !a.tparams().is_empty() {
                    self.tparams(a.tparams());
                }
            }
            TypeKind::TypeParam(p) => {
                self.out.push_str(p.obj.name().as_str());
                if universe::lookup(p.obj.name()).is_some() {
                    let at = match self.q {
                        Qualifier::Messages { map: Some(map), .. } => map.position(p.obj.pos()).to_string(),
                        _ => "?".into(),
                    };
                    let _ = write!(self.out, " /* with {} declared at {at} */", p.obj.name());
                }
            }
        }
    }

    fn type_name(&mut self, obj: Obj) {
        let prefix = self.q.prefix(obj.pkg());
        self.out.push_str(&prefix);
        self.out.push_str(obj.name().as_str());
    }

    fn type_list(&mut self, list: &[Type]) {
        self.out.push('[');
        for (i, &t) in list.iter().enumerate() {
            if i > 0 {
                self.out.push_str(", ");
            }
            self.ty(t);
        }
        self.out.push(']');
    }

    fn tparams(&mut self, list: &[Type]) {
        self.out.push('[');
        let mut prev: Option<Type> = None;
        for (i, &p) in list.iter().enumerate() {
            let TypeKind::TypeParam(tp) = p.kind() else { continue };
            let bound = tp.constraint();
            if i > 0 {
                if let Some(prev) = prev.filter(|&b| b != bound) {
                    self.out.push(' ');
                    self.ty(prev);
                }
                self.out.push_str(", ");
            }
            prev = Some(bound);
            self.ty(p);
        }
        if let Some(prev) = prev {
            self.out.push(' ');
            self.ty(prev);
        }
        self.out.push(']');
    }

    fn struct_type(&mut self, s: &Struct) {
        self.out.push_str("struct");
        self.open_literal();
        for (i, f) in s.fields.iter().enumerate() {
            self.separate(i == 0);
            let annotate = self.pkg_info && !f.is_exported();
            if annotate {
                self.pkg_info = false;
            }
            if !f.is_embedded() {
                self.out.push_str(f.name().as_str());
                self.out.push(' ');
            }
            self.ty(f.ty());
            if annotate {
                let _ = write!(self.out, " /* package {} */ ", f.pkg().map_or("", |p| p.path()));
            }
            if !s.tag(i).is_empty() {
                self.out.push(' ');
                self.out.push_str(&crate::constant::quote(s.tag(i)));
            }
        }
        self.close_literal(s.fields.is_empty());
    }

    fn open_literal(&mut self) {
        self.out.push_str(if self.late { " {" } else { "{" });
    }

    fn separate(&mut self, first: bool) {
        self.out.push_str(match (first, self.late) {
            (false, _) => "; ",
            (true, true) => " ",
            (true, false) => "",
        });
    }

    fn close_literal(&mut self, empty: bool) {
        self.out.push_str(if self.late && !empty { " }" } else { "}" });
    }

    fn params(&mut self, vars: &[Obj], variadic: bool) {
        self.out.push('(');
        for (i, v) in vars.iter().enumerate() {
            if i > 0 {
                self.out.push_str(", ");
            }
            if self.param_names && v.name() != Symbol::EMPTY {
                self.out.push_str(v.name().as_str());
                self.out.push(' ');
            }
            let t = v.ty();
            if variadic && i == vars.len() - 1 {
                if let TypeKind::Slice(e) = t.kind() {
                    self.out.push_str("...");
                    self.ty(*e);
                } else {
                    self.ty(t);
                    self.out.push_str("...");
                }
            } else {
                self.ty(t);
            }
        }
        self.out.push(')');
    }

    fn signature(&mut self, s: &Signature) {
        if !s.tparams.is_empty() {
            self.tparams(&s.tparams);
        }
        self.params(&s.params, s.variadic);
        match &*s.results {
            [] => {}
            [r] if r.name() == Symbol::EMPTY => {
                self.out.push(' ');
                self.ty(r.ty());
            }
            rs => {
                self.out.push(' ');
                self.params(rs, false);
            }
        }
    }
}
