//! Unification of types: finds types for type parameters that make two types identical, or
//! (outside of exact mode) assignable.
//!
//! Type parameters that were unified with each other share a handle; a handle holds the type inferred so far.

use golift_syntax::ChanDir;

use crate::lookup::lookup_field_or_method;
use crate::object::{Obj, same_pkg};
use crate::predicates::identical;
use crate::types::{Interface, Type, TypeKind};
use crate::typeset::common_under;

/// The types are those of an assignment: channels may differ in direction, a defined type may match a literal.
pub(crate) const ASSIGN: u8 = 1;
/// Only identical types match.
pub(crate) const EXACT: u8 = 2;

const DEPTH_LIMIT: u32 = 50;

pub(crate) struct Unifier {
    /// Type parameter and its handle.
    handles: Vec<(Type, usize)>,
    types: Vec<Option<Type>>,
    depth: u32,
    interface_inference: bool,
}

type Pairs = Vec<(*const Interface, *const Interface)>;

fn as_interface(t: Type) -> Option<&'static Interface> {
    if t.is_type_param() { None } else { t.as_interface() }
}

impl Unifier {
    pub fn new(tparams: &[Type], targs: &[Option<Type>], interface_inference: bool) -> Unifier {
        Unifier {
            handles: tparams.iter().copied().zip(0..).collect(),
            types: targs.to_vec(),
            depth: 0,
            interface_inference,
        }
    }

    pub fn unify(&mut self, x: Type, y: Type, mode: u8) -> bool {
        self.nify(x, y, mode, &mut Vec::new())
    }

    fn handle(&self, t: Type) -> Option<usize> {
        let t = t.unalias();
        if !matches!(t.kind(), TypeKind::TypeParam(_)) {
            return None;
        }
        self.handles.iter().find(|(p, _)| *p == t).map(|(_, h)| *h)
    }

    pub fn at(&self, p: Type) -> Option<Type> {
        self.handle(p).and_then(|h| self.types[h])
    }

    pub fn set(&mut self, p: Type, t: Type) {
        if let Some(h) = self.handle(p) {
            self.types[h] = Some(t);
        }
    }

    /// Number of type parameters without a type.
    pub fn unknowns(&self) -> usize {
        self.handles.iter().filter(|(_, h)| self.types[*h].is_none()).count()
    }

    pub fn inferred(&self, tparams: &[Type]) -> Vec<Option<Type>> {
        tparams.iter().map(|&p| self.at(p)).collect()
    }

    /// Lets two handles be one, unless both have a type.
    fn join(&mut self, a: usize, b: usize) -> bool {
        let (from, to) = match (self.types[a], self.types[b]) {
            _ if a == b => return true,
            (Some(_), Some(_)) => return false,
            (Some(_), None) => (b, a),
            _ => (a, b),
        };
        for (_, h) in &mut self.handles {
            if *h == from {
                *h = to;
            }
        }
        true
    }

    fn nify(&mut self, x: Type, y: Type, mode: u8, pairs: &mut Pairs) -> bool {
        self.depth += 1;
        let result = self.depth <= DEPTH_LIMIT && self.nify1(x, y, mode, pairs);
        self.depth -= 1;
        result
    }

    fn nify1(&mut self, x: Type, y: Type, mode: u8, pairs: &mut Pairs) -> bool {
        let (mut x, mut y) = (x, y);
        if x == y || x.unalias() == y.unalias() {
            return true;
        }
        // Defined types to the right, bound type parameters to the left.
        if x.as_named().is_some() || self.handle(y).is_some() {
            std::mem::swap(&mut x, &mut y);
        }
        if mode & EXACT == 0
            && y.as_named().is_some()
            && x.is_type_lit()
            && !(self.interface_inference && x.is_interface())
        {
            y = y.under();
            if x == y || x.unalias() == y.unalias() {
                return true;
            }
        }
        match (self.handle(x), self.handle(y)) {
            (Some(a), Some(b)) => {
                if self.join(a, b) {
                    return true;
                }
                return match (self.types[a], self.types[b]) {
                    (Some(s), Some(t)) => self.nify(s, t, mode, pairs),
                    _ => false,
                };
            }
            (Some(h), None) => return self.nify_bound(h, y, mode, pairs),
            _ => {}
        }
        if self.interface_inference
            && mode & EXACT == 0
            && let Some(result) = self.nify_interfaces(x, y, pairs)
        {
            return result;
        }
        // An unbound type parameter goes to the left.
        if y.is_type_param() {
            std::mem::swap(&mut x, &mut y);
        }
        let emode = if mode & ASSIGN != 0 { mode | EXACT } else { mode };
        self.nify_structure(x, y, mode, emode, pairs)
    }

    /// A bound type parameter against a type.
    fn nify_bound(&mut self, h: usize, y: Type, mode: u8, pairs: &mut Pairs) -> bool {
        let Some(x) = self.types[h] else {
            self.types[h] = Some(y);
            return true;
        };
        if !self.nify(x, y, mode, pairs) {
            return false;
        }
        let (xi, yi) = (as_interface(x), as_interface(y));
        let (xn, yn) = (x.as_named().is_some(), y.as_named().is_some());
        match (xi, yi) {
            (Some(xi), Some(yi)) => {
                if xn && yn {
                    return identical(x, y);
                }
                if xi.type_set().methods.len() != yi.type_set().methods.len() {
                    return false;
                }
            }
            (None, None) => {}
            _ => return false,
        }
        if mode & EXACT == 0 && !xn {
            // Prefer a defined type, and a channel with a direction.
            let directed = matches!(y.under().kind(), TypeKind::Chan(c) if c.dir != ChanDir::Both);
            if yn || directed {
                self.types[h] = Some(y);
            }
        }
        true
    }

    /// At least one interface: their common methods must agree. `None` if there is none.
    fn nify_interfaces(&mut self, x: Type, y: Type, pairs: &mut Pairs) -> Option<bool> {
        let (xi, yi) = (as_interface(x), as_interface(y));
        if let (Some(xi), Some(yi)) = (xi, yi) {
            let (s, t) = (xi.type_set(), yi.type_set());
            if s.comparable != t.comparable || !s.terms.equal(&t.terms) {
                return Some(false);
            }
            let pair = (std::ptr::from_ref(xi), std::ptr::from_ref(yi));
            if pairs.contains(&pair) || pairs.contains(&(pair.1, pair.0)) {
                return Some(true);
            }
            pairs.push(pair);
            let (few, many) = if s.methods.len() > t.methods.len() { (t, s) } else { (s, t) };
            let ok = few.methods.iter().all(|m| {
                many.methods
                    .iter()
                    .find(|o| o.same_id(m.pkg(), m.name(), false))
                    .is_some_and(|o| self.nify(m.ty(), o.ty(), EXACT, pairs))
            });
            pairs.pop();
            return Some(ok);
        }
        let (iface, other) = match (xi, yi) {
            (_, Some(i)) => (i, x),
            (Some(i), None) => (i, y),
            _ => return None,
        };
        for m in &iface.type_set().methods {
            let found = lookup_field_or_method(other, false, m.pkg(), m.name()).obj();
            let Some(f) = found.filter(|f| f.is_func()) else { return Some(false) };
            let generic = f.signature().is_some_and(|s| !s.tparams.is_empty());
            if generic || !self.nify(m.ty(), f.ty(), EXACT, pairs) {
                return Some(false);
            }
        }
        Some(true)
    }

    fn nify_vars(&mut self, xs: &[Obj], ys: &[Obj], mode: u8, pairs: &mut Pairs) -> bool {
        xs.len() == ys.len() && xs.iter().zip(ys).all(|(x, y)| self.nify(x.ty(), y.ty(), mode, pairs))
    }

    fn nify_structure(&mut self, x0: Type, y0: Type, mode: u8, emode: u8, pairs: &mut Pairs) -> bool {
        let (x, y) = (x0.unalias(), y0.unalias());
        match (x.kind(), y.kind()) {
            (TypeKind::Basic(a), TypeKind::Basic(b)) => a.kind == b.kind,
            (TypeKind::Array(a), TypeKind::Array(b)) => {
                (a.len < 0 || b.len < 0 || a.len == b.len) && self.nify(a.elem, b.elem, emode, pairs)
            }
            (TypeKind::Slice(a), TypeKind::Slice(b)) | (TypeKind::Pointer(a), TypeKind::Pointer(b)) => {
                self.nify(*a, *b, emode, pairs)
            }
            (TypeKind::Struct(a), TypeKind::Struct(b)) => {
                a.fields.len() == b.fields.len()
                    && (0..a.fields.len()).all(|i| {
                        let (f, g) = (a.fields[i], b.fields[i]);
                        f.is_embedded() == g.is_embedded()
                            && a.tag(i) == b.tag(i)
                            && f.same_id(g.pkg(), g.name(), false)
                            && self.nify(f.ty(), g.ty(), emode, pairs)
                    })
            }
            (TypeKind::Tuple(a), TypeKind::Tuple(b)) => {
                a.types.len() == b.types.len()
                    && a.types.iter().zip(b.types.iter()).all(|(&s, &t)| self.nify(s, t, mode, pairs))
            }
            (TypeKind::Signature(a), TypeKind::Signature(b)) => {
                // Parameters first, even if the results do not fit: messages show what was inferred.
                a.variadic == b.variadic
                    && self.nify_vars(&a.params, &b.params, emode, pairs)
                    && self.nify_vars(&a.results, &b.results, emode, pairs)
            }
            (TypeKind::Interface(a), TypeKind::Interface(b)) => {
                let (s, t) = (a.type_set(), b.type_set());
                if s.comparable != t.comparable || !s.terms.equal(&t.terms) || s.methods.len() != t.methods.len() {
                    return false;
                }
                let pair = (std::ptr::from_ref(a), std::ptr::from_ref(b));
                if pairs.contains(&pair) || pairs.contains(&(pair.1, pair.0)) {
                    return true;
                }
                pairs.push(pair);
                let ok = s.methods.iter().zip(t.methods.iter()).all(|(f, g)| {
                    f.name() == g.name()
                        && (f.is_exported() || same_pkg(f.pkg(), g.pkg()))
                        && self.nify(f.ty(), g.ty(), EXACT, pairs)
                });
                pairs.pop();
                ok
            }
            (TypeKind::Map(a), TypeKind::Map(b)) => {
                self.nify(a.key, b.key, emode, pairs) && self.nify(a.elem, b.elem, emode, pairs)
            }
            (TypeKind::Chan(a), TypeKind::Chan(b)) => {
                (mode & EXACT == 0 || a.dir == b.dir) && self.nify(a.elem, b.elem, emode, pairs)
            }
            (TypeKind::Named(a), TypeKind::Named(b)) => {
                a.targs().len() == b.targs().len()
                    && a.obj == b.obj
                    && a.targs().iter().zip(b.targs()).all(|(&s, &t)| self.nify(s, t, mode, pairs))
            }
            (TypeKind::TypeParam(_), _) => match common_under(x, None) {
                Ok(core) => self.nify(core, y0, ASSIGN, pairs),
                Err(_) => false,
            },
            _ => false,
        }
    }
}
