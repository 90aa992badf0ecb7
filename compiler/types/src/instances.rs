//! What only the instances of generic code show: gc compiles each for itself, and may find that it cannot.
//!
//! Instantiations were noted where they stand, with arguments that may mention type parameters of the function or type around
//! them. Beginning with those that mention none, arguments are replaced until nothing new comes out; that ends, because
//! endless instantiation was reported before. Only instances of this package's own generic code that it makes itself are seen.

use std::rc::Rc;

use golift_syntax::{Pos, Symbol};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::check::Checker;
use crate::late::MAX_FRAME;
use crate::mono::type_params;
use crate::object::{Obj, ObjKind};
use crate::sizes::Sizes;
use crate::subst::{SubstMap, subst};
use crate::types::{Type, TypeKind};
use crate::typestring::{Qualifier, late_type_string, type_string};

/// An operand of `print` or `println`.
#[derive(Clone)]
pub(crate) struct Printed {
    pub pos: Pos,
    pub function: String,
    pub ty: Type,
    /// The type parameters around it, as an index into the lists.
    pub tparams: u32,
}

/// Type parameters and what they stand for.
#[derive(Clone)]
struct Instance {
    tparams: Rc<[Type]>,
    targs: Vec<Type>,
}

const MOST: usize = 10_000;

impl Checker {
    /// Operands that cannot be printed and parameters that are too large.
    pub fn instance_limits(&self) {
        let printed: Vec<Printed> = self.printed.borrow().iter().filter(|p| p.tparams != 0).cloned().collect();
        let mut sizes = Sizes::default();
        for Instance { tparams, targs } in self.concrete_instances() {
            let shapes: Vec<Type> = targs.iter().map(|&t| shape(t)).collect();
            let shapes = SubstMap::new(&tparams, &shapes);
            for p in &printed {
                let around = self.tparam_lists.borrow()[p.tparams as usize].clone();
                if around.first() == tparams.first() {
                    self.report_unprintable(p, subst(p.ty, &shapes));
                }
            }
            for &function in self.funcs.borrow().iter() {
                let Some((_, decl)) = function.func_decl() else { continue };
                let Some(sig) = function.ty().as_signature() else { continue };
                if sig.recv_tparams.first().or(sig.tparams.first()) != tparams.first() || decl.body.is_none() {
                    continue;
                }
                let types = SubstMap::new(&tparams, &targs);
                let variables = sig.recv.iter().chain(sig.params.iter()).chain(sig.results.iter());
                let size = variables.fold(0i64, |sum, v| sum.saturating_add(sizes.size_of(subst(v.ty(), &types))));
                if size > MAX_FRAME {
                    self.frame_too_large(decl.pos, size);
                }
            }
        }
    }

    pub fn report_unprintable(&self, p: &Printed, ty: Type) {
        if matches!(ty.under().kind(), TypeKind::Array(_) | TypeKind::Struct(_)) {
            let text = late_type_string(ty, &self.qualifier());
            self.error(p.pos, "IllegalOperand", format!("illegal types for operand: {}\n\t{text}", p.function));
        }
    }

    fn concrete_instances(&self) -> Vec<Instance> {
        let noted = self.instantiations.take();
        // Type parameters of receivers are those of the type by other names.
        let mut methods: FxHashMap<Type, Vec<Rc<[Type]>>> = FxHashMap::default();
        for &function in self.funcs.borrow().iter() {
            let Some(sig) = function.ty().as_signature() else { continue };
            if let Some(first) = sig.recv_tparams.first().filter(|_| sig.tparams.is_empty()) {
                let of_type = self.mono.borrow().canonical(*first);
                methods.entry(of_type).or_default().push(sig.recv_tparams.iter().copied().collect());
            }
        }
        let mut pending = Vec::new();
        // By a type parameter that they mention.
        let mut dependent: FxHashMap<Type, Vec<Instance>> = FxHashMap::default();
        for (tparams, targs) in noted {
            let mentioned: FxHashSet<Type> = targs.iter().flat_map(|&t| type_params(t)).collect();
            let instance = Instance { tparams: tparams.into(), targs };
            match mentioned.iter().next() {
                None => pending.push(instance),
                Some(&t) => dependent.entry(t).or_default().push(instance),
            }
        }
        let mut seen = FxHashSet::default();
        let mut out = Vec::new();
        while let Some(instance) = pending.pop() {
            let Some(&first) = instance.tparams.first() else { continue };
            let names: Vec<String> = instance.targs.iter().map(|&t| type_string(t, &Qualifier::Path)).collect();
            if out.len() == MOST || !seen.insert((first, names)) {
                continue;
            }
            for tparams in methods.get(&first).into_iter().flatten() {
                pending.push(Instance { tparams: tparams.clone(), targs: instance.targs.clone() });
            }
            let types = SubstMap::new(&instance.tparams, &instance.targs);
            for user in instance.tparams.iter().filter_map(|t| dependent.get(t)).flatten() {
                let targs: Vec<Type> = user.targs.iter().map(|&t| subst(t, &types)).collect();
                if targs.iter().all(|&t| type_params(t).is_empty()) {
                    pending.push(Instance { tparams: user.tparams.clone(), targs });
                }
            }
            out.push(instance);
        }
        out.reverse();
        out
    }
}

/// gc compiles for all types with the same underlying type at once, and calls what stands for them so.
fn shape(t: Type) -> Type {
    let under = t.under();
    let name = match under.kind() {
        TypeKind::Pointer(_) => "*uint8".to_owned(),
        _ => late_type_string(under, &Qualifier::Path),
    };
    let name = Symbol::intern(&format!("go.shape.{name}"));
    Type::new_named(Obj::new(ObjKind::TypeName, Pos::NONE, None, name, None), Some(under))
}
