//! Inference of type arguments.
//!
//! First the types of typed arguments are unified with parameter types. Then constraints are used as long as they
//! give something new: a core type, and methods. Then untyped constants give their default types.
//! What was inferred may mention other type parameters of the list: it is substituted until nothing
//! changes, after cycles have been cut (which is why that ends).

use golift_syntax::Pos;

use crate::check::Checker;
use crate::lookup::has_all_methods;
use crate::operand::Operand;
use crate::predicates::max_type;
use crate::subst::{SubstMap, subst};
use crate::types::{Term, Type, TypeKind};
use crate::typeset::{common_under, type_param_terms};
use crate::unify::{ASSIGN, EXACT, Unifier};

/// Inference failed: with a message, or because of an error that was reported before.
pub(crate) enum InferError {
    Because(Pos, String),
    Silent,
}

fn known_map(tparams: &[Type], targs: &[Option<Type>]) -> SubstMap {
    let mut smap = SubstMap::default();
    for (&p, t) in tparams.iter().zip(targs) {
        if let Some(t) = t {
            smap.push(p, *t);
        }
    }
    smap
}

impl Checker {
    /// The type arguments for `tparams`; those in `targs` are given. `params` are the types of
    /// the parameters for `args`. `reverse` turns the message around, for an assignment of a generic function.
    pub fn infer(
        &self,
        pos: Pos,
        tparams: &[Type],
        targs: &[Option<Type>],
        params: &[Type],
        args: &[Operand],
        reverse: bool,
    ) -> Result<Vec<Type>, InferError> {
        let n = tparams.len();
        if targs.len() == n && targs.iter().all(Option::is_some) {
            return Ok(targs.iter().copied().flatten().collect());
        }
        // Invalid arguments would lead to silly messages.
        if args.iter().any(|a| !a.is_valid()) {
            return Err(InferError::Silent);
        }
        let mut targs = targs.to_vec();
        targs.resize(n, None);
        let given = known_map(tparams, &targs);
        let params: Vec<Type> = params.iter().map(|&p| subst(p, &given)).collect();
        let mut u = Unifier::new(tparams, &targs, self.allow_version(21));
        let mut untyped = Vec::new();
        for (i, (arg, &par)) in args.iter().zip(&params).enumerate() {
            if !is_parameterized(tparams, par) && !is_parameterized(tparams, arg.ty) {
                continue;
            }
            if arg.ty.is_typed() {
                if !u.unify(par, arg.ty, ASSIGN) {
                    return Err(self.mismatch(&u, tparams, par, arg, reverse));
                }
            } else if matches!(par.kind(), TypeKind::TypeParam(_)) && !arg.is_nil() {
                untyped.push(i);
            }
        }
        loop {
            let unknown = u.unknowns();
            for &p in tparams {
                let tx = u.at(p);
                if let Some((core, single)) = core_term(p) {
                    match tx {
                        Some(tx) if !u.unify(tx, core.ty, 0) => {
                            let msg = format!(
                                "{} (type {}) does not satisfy {}",
                                self.ts(p),
                                self.ts(tx),
                                self.constraint_text(p)
                            );
                            return Err(InferError::Because(pos, msg));
                        }
                        Some(_) => {}
                        None if single && !core.tilde => u.set(p, core.ty),
                        None => {}
                    }
                }
                if let Some(tx) = tx
                    && !is_parameterized(tparams, tx)
                {
                    let iface = p.under();
                    let cell = std::cell::RefCell::new(&mut u);
                    let same = |a: Type, b: Type| cell.borrow_mut().unify(a, b, EXACT);
                    if has_all_methods(tx, iface, true, &same, None).is_err() {
                        let cause =
                            has_all_methods(tx, iface, true, &same, Some(&self.qualifier())).err().unwrap_or_default();
                        let msg = format!(
                            "{} (type {}) does not satisfy {} {cause}",
                            self.ts(p),
                            self.ts(tx),
                            self.constraint_text(p)
                        );
                        return Err(InferError::Because(pos, msg));
                    }
                }
            }
            if u.unknowns() == unknown {
                break;
            }
        }
        self.infer_untyped(&mut u, &untyped, &params, args)?;
        let mut inferred = u.inferred(tparams);
        kill_cycles(tparams, &mut inferred);
        let mut dirty: Vec<usize> = (0..n).filter(|&i| inferred[i].is_some() && targs[i].is_none()).collect();
        let mut rounds = 0;
        while !dirty.is_empty() && rounds < 1000 {
            rounds += 1;
            let smap = known_map(tparams, &inferred);
            dirty.retain(|&i| {
                let Some(t0) = inferred[i] else { return false };
                let mut t1 = subst(t0, &smap);
                if t1 == t0 {
                    return false;
                }
                if let TypeKind::Signature(s) = t1.kind()
                    && !s.tparams.is_empty()
                    && !is_parameterized(tparams, t1)
                {
                    t1 = Type::new_signature(None, s.params.to_vec(), s.results.to_vec(), s.variadic);
                }
                inferred[i] = Some(t1);
                true
            });
        }
        let mut out = Vec::with_capacity(n);
        for (&p, t) in tparams.iter().zip(&inferred) {
            match t {
                Some(t) if !is_parameterized(tparams, *t) => out.push(*t),
                _ => {
                    let TypeKind::TypeParam(tp) = p.kind() else { continue };
                    let msg = format!("cannot infer {} (declared at {})", tp.obj.name(), self.pos_string(tp.obj.pos()));
                    return Err(InferError::Because(pos, msg));
                }
            }
        }
        Ok(out)
    }

    fn constraint_text(&self, p: Type) -> String {
        match p.kind() {
            TypeKind::TypeParam(tp) => self.ts(tp.constraint()),
            _ => String::new(),
        }
    }

    /// Untyped arguments give the default type of the largest kind among those for the same parameter.
    fn infer_untyped(
        &self,
        u: &mut Unifier,
        untyped: &[usize],
        params: &[Type],
        args: &[Operand],
    ) -> Result<(), InferError> {
        let mut largest: Vec<(Type, Type)> = Vec::new();
        for &i in untyped {
            let (p, arg) = (params[i], &args[i]);
            if u.at(p).is_some() {
                continue;
            }
            match largest.iter_mut().find(|(q, _)| *q == p) {
                None => largest.push((p, arg.ty)),
                Some((_, max)) => match max_type(*max, arg.ty) {
                    Some(m) => *max = m,
                    None => {
                        let msg = format!(
                            "mismatched types {} and {} (cannot infer {})",
                            self.ts(*max),
                            self.ts(arg.ty),
                            self.ts(p)
                        );
                        return Err(InferError::Because(arg.pos(), msg));
                    }
                },
            }
        }
        for (p, t) in largest {
            u.set(p, t.default_type());
        }
        Ok(())
    }

    fn mismatch(&self, u: &Unifier, tparams: &[Type], par: Type, arg: &Operand, reverse: bool) -> InferError {
        let targs = u.inferred(tparams);
        let (targ, expr, tpar) = (self.ts(arg.ty), arg.expr_text(), self.ts(par));
        let msg = if targs.iter().all(Option::is_none) {
            format!("type {targ} of {expr} does not match {tpar} (cannot infer {})", names(tparams))
        } else {
            let inferred = subst(par, &known_map(tparams, &targs));
            if inferred == par {
                format!("type {targ} of {expr} does not match {tpar}")
            } else if reverse {
                format!("inferred type {} for {tpar} does not match type {targ} of {expr}", self.ts(inferred))
            } else {
                format!("type {targ} of {expr} does not match inferred type {} for {tpar}", self.ts(inferred))
            }
        };
        InferError::Because(arg.pos(), msg)
    }
}

fn names(tparams: &[Type]) -> String {
    let names: Vec<&str> = tparams
        .iter()
        .filter_map(|p| match p.kind() {
            TypeKind::TypeParam(tp) => Some(tp.obj.name().as_str()),
            _ => None,
        })
        .collect();
    match &names[..] {
        [] => String::new(),
        [a] => (*a).into(),
        [a, b] => format!("{a} and {b}"),
        [init @ .., last] => format!("{}, and {last}", init.join(", ")),
    }
}

/// The core type of a type parameter's constraint, and whether it is the only term.
fn core_term(p: Type) -> Option<(Term, bool)> {
    let terms = type_param_terms(p)?;
    if let [t] = terms {
        return Some((*t, true));
    }
    let tilde = terms.iter().any(|t| t.tilde);
    common_under(p, None).ok().map(|ty| (Term { tilde, ty }, false))
}

/// Does the type mention one of the type parameters?
pub(crate) fn is_parameterized(tparams: &[Type], t: Type) -> bool {
    fn walk(tparams: &[Type], t: Type, seen: &mut Vec<Type>) -> bool {
        match t.kind() {
            TypeKind::Basic(_) => false,
            TypeKind::Alias(_) => walk(tparams, t.unalias(), seen),
            TypeKind::Array(a) => walk(tparams, a.elem, seen),
            TypeKind::Slice(e) | TypeKind::Pointer(e) => walk(tparams, *e, seen),
            TypeKind::Chan(c) => walk(tparams, c.elem, seen),
            TypeKind::Map(m) => walk(tparams, m.key, seen) || walk(tparams, m.elem, seen),
            TypeKind::Struct(s) => s.fields.iter().any(|f| walk(tparams, f.ty(), seen)),
            TypeKind::Tuple(tuple) => tuple.types.iter().any(|&t| walk(tparams, t, seen)),
            TypeKind::Signature(s) => s.params.iter().chain(s.results.iter()).any(|v| walk(tparams, v.ty(), seen)),
            TypeKind::Interface(i) => {
                if seen.contains(&t) {
                    return false;
                }
                seen.push(t);
                let set = i.type_set();
                set.methods.iter().any(|m| walk(tparams, m.ty(), seen))
                    || set.specific_terms().is_some_and(|l| l.iter().all(|x| walk(tparams, x.ty, seen)))
            }
            TypeKind::Named(n) => n.targs().iter().any(|&t| walk(tparams, t, seen)),
            TypeKind::TypeParam(_) => tparams.contains(&t),
            TypeKind::Union(u) => u.terms.iter().any(|x| walk(tparams, x.ty, seen)),
        }
    }
    walk(tparams, t, &mut Vec::new())
}

/// Forgets inferred types that contain themselves.
fn kill_cycles(tparams: &[Type], inferred: &mut [Option<Type>]) {
    fn walk(tparams: &[Type], inferred: &mut [Option<Type>], t: Type, seen: &mut Vec<Type>) {
        let t = t.unalias();
        if matches!(t.kind(), TypeKind::Basic(_)) {
            return;
        }
        if seen.contains(&t) {
            if let Some(i) = tparams.iter().position(|&p| p == t) {
                inferred[i] = None;
            }
            return;
        }
        seen.push(t);
        let mut go = |t: Type| walk(tparams, inferred, t, seen);
        match t.kind() {
            TypeKind::Array(a) => go(a.elem),
            TypeKind::Slice(e) | TypeKind::Pointer(e) => go(*e),
            TypeKind::Chan(c) => go(c.elem),
            TypeKind::Map(m) => {
                go(m.key);
                go(m.elem);
            }
            TypeKind::Struct(s) => s.fields.iter().for_each(|f| go(f.ty())),
            TypeKind::Signature(s) => s.params.iter().chain(s.results.iter()).for_each(|v| go(v.ty())),
            TypeKind::Union(u) => u.terms.iter().for_each(|x| go(x.ty)),
            TypeKind::Interface(i) => {
                i.explicit_methods().iter().for_each(|m| go(m.ty()));
                i.embeddeds().iter().for_each(|&e| go(e));
            }
            TypeKind::Named(n) => n.targs().iter().for_each(|&t| go(t)),
            TypeKind::TypeParam(_) => {
                if let Some(i) = tparams.iter().position(|&p| p == t)
                    && let Some(next) = inferred[i]
                {
                    walk(tparams, inferred, next, seen);
                }
            }
            _ => {}
        }
        seen.pop();
    }
    let mut seen = Vec::new();
    for &p in tparams {
        walk(tparams, inferred, p, &mut seen);
    }
}
