//! Types of infinite size: a type must not contain itself without a pointer between.

use crate::check::Checker;
use crate::object::Obj;
use crate::predicates::identical;
use crate::types::{Type, TypeKind};

impl Checker {
    /// Reports a cycle through the parts of a declared type that lie in its values.
    pub fn valid_type(&self, t: Type) {
        self.valid_type0(t, &mut Vec::new(), &mut Vec::new());
    }

    /// `nest` holds the types whose declarations enclose this place; it is shorter than
    /// `path` while a type argument is visited, which stands in the nest of the instance.
    fn valid_type0(&self, t: Type, nest: &mut Vec<Type>, path: &mut Vec<Type>) -> bool {
        let t = t.unalias();
        match t.kind() {
            TypeKind::Array(a) => self.valid_type0(a.elem, nest, path),
            TypeKind::Struct(s) => s.fields.iter().all(|f| self.valid_type0(f.ty(), nest, path)),
            TypeKind::Union(u) => u.terms.iter().all(|x| self.valid_type0(x.ty, nest, path)),
            TypeKind::Interface(i) => i.embeddeds().iter().all(|&e| self.valid_type0(e, nest, path)),
            TypeKind::Named(n) => {
                if n.obj.pkg() != Some(self.pkg) && n.targs().is_empty() {
                    // Imported types cannot contain types of this package.
                    return true;
                }
                // Types without type arguments are the same wherever they stand.
                if n.targs().is_empty() && self.valid_named.borrow().contains(&t) {
                    return true;
                }
                if nest.iter().any(|&e| identical(e, t)) {
                    if let TypeKind::Named(o) = t.origin().kind() {
                        o.rhs.set(Some(Type::invalid()));
                        o.under.set(Some(Type::invalid()));
                    }
                    if let Some(start) = path.iter().position(|&p| identical(p, t)) {
                        let cycle: Vec<(Obj, Option<Type>)> = path[start..]
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
                if path.len() > 500 {
                    return true;
                }
                nest.push(t);
                path.push(t);
                let ok = self.valid_type0(rhs, nest, path);
                nest.pop();
                path.pop();
                if ok && n.targs().is_empty() {
                    self.valid_named.borrow_mut().insert(t);
                }
                ok
            }
            TypeKind::TypeParam(_) => {
                let Some(inst) = nest.last().copied() else { return true };
                let Some(n) = inst.as_named_node() else { return true };
                let Some(i) = n.tparams().iter().position(|&p| p == t) else { return true };
                let Some(&targ) = n.targs().get(i) else { return true };
                nest.pop();
                let ok = self.valid_type0(targ, nest, path);
                nest.push(inst);
                ok
            }
            _ => true,
        }
    }
}
