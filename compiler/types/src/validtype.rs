//! Types of infinite size: a type must not contain itself without a pointer between.

use rustc_hash::FxHashSet;

use crate::check::Checker;
use crate::object::Obj;
use crate::predicates::identical;
use crate::types::{Type, TypeKind};

/// What the stack holds.
const MAX_DEPTH: usize = 200_000;

/// Where a type stands.
#[derive(Default)]
struct Place {
    /// The types whose declarations enclose this place; shorter than `path` while a type argument is visited, which stands
    /// in the nest of the instance.
    nest: Vec<Type>,
    path: Vec<Type>,
    /// Those of `path`, to find types without type arguments without a search: these are in the nest whenever they are
    /// in the path.
    declared: FxHashSet<Type>,
}

impl Place {
    fn is_in(&self, t: Type) -> bool {
        match t.as_named_node() {
            Some(n) if n.targs().is_empty() => self.declared.contains(&t),
            _ => self.nest.iter().any(|&e| identical(e, t)),
        }
    }
}

impl Checker {
    /// Reports a cycle through the parts of a declared type that lie in its values.
    pub fn valid_type(&self, t: Type) {
        self.valid_part(t, &mut Place::default());
    }

    fn valid_part(&self, t: Type, place: &mut Place) -> bool {
        let t = t.unalias();
        match t.kind() {
            TypeKind::Array(a) => self.valid_part(a.elem, place),
            TypeKind::Struct(s) => s.fields.iter().all(|f| self.valid_part(f.ty(), place)),
            TypeKind::Union(u) => u.terms.iter().all(|x| self.valid_part(x.ty, place)),
            TypeKind::Interface(i) => i.embeddeds().iter().all(|&e| self.valid_part(e, place)),
            TypeKind::Named(n) => {
                if n.obj.pkg() != Some(self.pkg) && n.targs().is_empty() {
                    // Imported types cannot contain types of this package.
                    return true;
                }
                // Types without type arguments are the same wherever they stand.
                if n.targs().is_empty() && self.valid_named.borrow().contains(&t) {
                    return true;
                }
                if place.is_in(t) {
                    if let TypeKind::Named(o) = t.origin().kind() {
                        o.rhs.set(Some(Type::invalid()));
                        o.under.set(Some(Type::invalid()));
                    }
                    if let Some(start) = place.path.iter().position(|&p| identical(p, t)) {
                        let cycle: Vec<(Obj, Option<Type>)> = place.path[start..]
                            .iter()
                            .filter_map(|&p| {
                                let n = p.as_named_node()?;
                                Some((n.obj, n.is_instance().then_some(p)))
                            })
                            .collect();
                        self.cycle_error_of(&cycle, 0);
                    }
                    return false;
                }
                let Some(rhs) = crate::named::rhs(t.origin()) else { return true };
                if place.path.len() > MAX_DEPTH {
                    return true;
                }
                place.nest.push(t);
                place.path.push(t);
                place.declared.insert(t);
                let ok = self.valid_part(rhs, place);
                place.declared.remove(&t);
                place.nest.pop();
                place.path.pop();
                if ok && n.targs().is_empty() {
                    self.valid_named.borrow_mut().insert(t);
                }
                ok
            }
            TypeKind::TypeParam(_) => {
                let Some(inst) = place.nest.last().copied() else { return true };
                let Some(n) = inst.as_named_node() else { return true };
                let Some(i) = n.tparams().iter().position(|&p| p == t) else { return true };
                let Some(&targ) = n.targs().get(i) else { return true };
                place.nest.pop();
                let ok = self.valid_part(targ, place);
                place.nest.push(inst);
                ok
            }
            _ => true,
        }
    }
}
