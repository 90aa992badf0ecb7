//! Calls, conversions, instantiation of functions.

use golift_syntax::{CallExpr, Diagnostic, Expr, ExprKind, Pos, Symbol, expr_string, start_pos};

use crate::check::Checker;
use crate::expr::{Kind, Target};
use crate::infer::{InferError, is_parameterized};
use crate::object::{Obj, VarKind};
use crate::operand::Operand;
use crate::package::Mode;
use crate::record::tuple_types;
use crate::subst::{SubstMap, subst};
use crate::types::{Signature, Type, TypeKind};
use crate::typeset::common_under;

impl Checker {
    /// Instantiates the generic function `x` with the type arguments of an index expression, the rest
    /// inferred from `target`. Without `infer`, returns the arguments of a partial instantiation.
    pub fn func_inst(
        &self,
        target: Option<&Target>,
        pos: Pos,
        x: &mut Operand,
        inst: Option<(&'static Expr, &'static [Expr])>,
        infer: bool,
    ) -> Option<Vec<Type>> {
        let err_pos = inst.map_or(pos, |(e, _)| e.pos);
        if let Some((e, _)) = inst {
            x.set_expr(e);
        }
        let version_err = !self.verify_version(err_pos, 18, || "function instantiation".into());
        let xlist: &'static [Expr] = inst.map_or(&[], |(_, list)| list);
        let mut targs = Vec::new();
        if inst.is_some() {
            match self.type_list(xlist) {
                Some(list) => targs = list,
                None => {
                    x.invalidate();
                    return None;
                }
            }
        }
        let Some(sig) = x.ty.under().as_signature() else {
            x.invalidate();
            return None;
        };
        let (got, want) = (targs.len(), sig.tparams.len());
        if got > want {
            let msg = format!("got {got} type arguments but want {want}");
            self.error(start_pos(&xlist[got - 1]), "WrongTypeArgCount", msg);
            x.invalidate();
            return None;
        }
        if got < want {
            if !infer {
                return Some(targs);
            }
            let mut params = Vec::new();
            let mut args = Vec::new();
            let mut reverse = false;
            if let Some(target) = target
                && !sig.tparams.is_empty()
            {
                if !version_err && !self.allow_version(21) {
                    let what = if inst.is_some() {
                        "partially instantiated function in assignment"
                    } else {
                        "implicitly instantiated function in assignment"
                    };
                    self.version_error(err_pos, 21, what);
                }
                params.push(Type::new_signature(None, sig.params.to_vec(), sig.results.to_vec(), sig.variadic));
                args.push(Operand::dummy(target.sig, x.expr_pos(), target.desc.clone()));
                reverse = true;
            }
            let (tparams, params) = self.rename_type_params(&sig.tparams, &params);
            let partial: Vec<Option<Type>> = targs.iter().copied().map(Some).collect();
            match self.infer(pos, &tparams, &partial, &params, &args, reverse) {
                Ok(list) => targs = list,
                Err(err) => {
                    self.report_infer(err, |msg| msg);
                    x.invalidate();
                    return None;
                }
            }
        }
        let expr = x.expr;
        x.ty = self.instantiate_signature(x.expr_pos(), expr, x.ty, &targs, xlist);
        x.mode = Mode::Value;
        None
    }

    fn report_infer(&self, err: InferError, wrap: impl FnOnce(String) -> String) {
        if let InferError::Because(pos, msg) = err {
            self.error(pos, "CannotInferTypeArgs", wrap(msg));
        }
    }

    pub fn instantiate_signature(
        &self,
        pos: Pos,
        expr: Option<&'static Expr>,
        generic: Type,
        targs: &[Type],
        xlist: &'static [Expr],
    ) -> Type {
        let inst = crate::named::instantiate_signature(generic.under(), targs);
        if let Some(e) = expr {
            self.record_instance(e, targs, inst);
        }
        let targs = targs.to_vec();
        self.later(move |c| {
            let Some(sig) = generic.under().as_signature() else { return };
            match c.verify(&sig.tparams, &targs) {
                Err((i, why)) => {
                    let pos = xlist.get(i).map_or(pos, start_pos);
                    c.soft_error(pos, "InvalidTypeArg", why);
                }
                Ok(()) => c.mono_instance(pos, &sig.tparams, &targs, xlist),
            }
        });
        inst
    }

    pub fn call_expr(&self, x: &mut Operand, e: &'static Expr, call: &'static CallExpr) -> Kind {
        let mut inst: Option<(&'static Expr, &'static [Expr])> = None;
        if let ExprKind::Index(base, args) = &call.fun.kind {
            if self.index_expr(x, &call.fun, base, args) {
                inst = Some((&call.fun, args));
            }
            x.set_expr(&call.fun);
            self.record(x);
        } else {
            self.expr_or_type(x, &call.fun, true);
        }
        match x.mode {
            Mode::Invalid => {
                self.use_exprs(&call.args);
                x.set_expr(e);
                return Kind::Statement;
            }
            Mode::TypeExpr => {
                self.conversion_call(x, e, call);
                return Kind::Conversion;
            }
            Mode::Builtin => {
                let Some(id) = x.id else { return Kind::Statement };
                if !self.builtin(x, e, call, id) {
                    x.invalidate();
                }
                x.set_expr(e);
                if x.is_valid() && !x.is_const() {
                    self.edit_env(|e| e.has_call_or_recv = true);
                }
                return crate::builtins::builtin_kind(id);
            }
            _ => {}
        }
        let mut cond = |tu: Option<(Type, Type)>| match tu {
            Some((t, u)) if u.as_signature().is_none() => Err(format!("{} is not a function", self.ts(t))),
            _ => Ok(()),
        };
        let sig_type = match common_under(x.ty, Some(&mut cond)) {
            Ok(u) => u,
            Err(why) => {
                let why = self.no_common_text(why);
                let msg = format!("invalid operation: cannot call {}: {why}", self.os(x));
                self.error(x.pos(), "InvalidCall", msg);
                x.invalidate();
                x.set_expr(e);
                return Kind::Statement;
            }
        };
        let mut sig_type = sig_type;
        let Some(sig) = sig_type.as_signature() else { return Kind::Statement };
        let was_generic = !sig.tparams.is_empty();
        let mut xlist: &'static [Expr] = &[];
        let mut targs = Vec::new();
        if let Some((inst_expr, list)) = inst {
            xlist = list;
            let Some(types) = self.type_list(xlist) else {
                self.use_exprs(&call.args);
                x.invalidate();
                x.set_expr(e);
                return Kind::Statement;
            };
            targs = types;
            let (got, want) = (targs.len(), sig.tparams.len());
            if got > want {
                let msg = format!("got {got} type arguments but want {want}");
                self.error(start_pos(&xlist[want]), "WrongTypeArgCount", msg);
                self.use_exprs(&call.args);
                x.invalidate();
                x.set_expr(e);
                return Kind::Statement;
            }
            if got == want && want > 0 {
                self.verify_version(start_pos(inst_expr), 18, || "function instantiation".into());
                sig_type = self.instantiate_signature(inst_expr.pos, Some(inst_expr), sig_type, &targs, xlist);
                targs.clear();
                xlist = &[];
            }
        }
        let (mut args, atargs) = self.generic_expr_list(&call.args);
        sig_type = self.arguments(e, call, sig_type, targs, xlist, &mut args, atargs);
        let Some(sig) = sig_type.as_signature() else { return Kind::Statement };
        if was_generic && sig.tparams.is_empty() {
            self.record_type(&call.fun, Mode::Value, sig_type, None);
        }
        x.val = None;
        match &*sig.results {
            [] => {
                // Keeps its type for messages.
                x.mode = Mode::NoValue;
            }
            [r] => {
                x.mode = Mode::Value;
                let t = r.ty();
                if !self.is_complete(t) {
                    x.invalidate();
                    x.set_expr(e);
                    return Kind::Statement;
                }
                x.ty = t;
            }
            _ => {
                x.mode = Mode::Value;
                x.ty = sig.results_type();
            }
        }
        x.set_expr(e);
        self.edit_env(|e| e.has_call_or_recv = true);
        // After a failed inference the result type makes no sense.
        if x.mode == Mode::Value && !sig.tparams.is_empty() && is_parameterized(&sig.tparams, x.ty) {
            x.invalidate();
        }
        Kind::Statement
    }

    fn conversion_call(&self, x: &mut Operand, e: &'static Expr, call: &'static CallExpr) {
        self.non_generic(None, x);
        if !x.is_valid() {
            return;
        }
        let t = x.ty;
        x.invalidate();
        if !self.is_complete(t) {
            x.set_expr(e);
            return;
        }
        match &call.args[..] {
            [] => {
                let msg = format!("missing argument in conversion to {}", self.ts(t));
                self.error(start_pos(e), "WrongArgCount", msg);
            }
            [arg] => {
                let target = self.new_target(Some(t), || "conversion".into());
                self.expr(target.as_ref(), x, arg);
                if x.is_valid() {
                    if let TypeKind::Interface(i) = t.under().kind()
                        && !t.is_type_param()
                        && !i.type_set().is_method_set()
                    {
                        let msg = format!(
                            "cannot use interface {} in conversion (contains specific type constraints or is comparable)",
                            self.ts(t)
                        );
                        self.error(start_pos(e), "MisplacedConstraintIface", msg);
                    } else if call.has_dots {
                        let msg = format!("invalid use of ... in conversion to {}", self.ts(t));
                        self.error(start_pos(arg), "BadDotDotDotSyntax", msg);
                    } else {
                        self.conversion(x, t);
                    }
                }
            }
            args => {
                self.use_exprs(args);
                let msg = format!("too many arguments in conversion to {}", self.ts(t));
                self.error(start_pos(&args[args.len() - 1]), "WrongArgCount", msg);
            }
        }
        x.set_expr(e);
    }

    pub fn expr_list(&self, list: &'static [Expr]) -> Vec<Operand> {
        if let [e] = list {
            return self.multi_expr(e, false).0;
        }
        list.iter()
            .map(|e| {
                let mut x = Operand::new();
                self.expr(None, &mut x, e);
                x
            })
            .collect()
    }

    /// Arguments, which may be generic functions; and their type arguments where they are partially instantiated.
    fn generic_expr_list(&self, list: &'static [Expr]) -> (Vec<Operand>, Vec<Vec<Type>>) {
        let infer = list.is_empty() || !self.allow_version(21);
        let mut operands = Vec::with_capacity(list.len());
        let mut targs_list: Vec<Vec<Type>> = Vec::new();
        for (i, e) in list.iter().enumerate() {
            let mut x = Operand::new();
            if let ExprKind::Index(base, args) = &e.kind {
                if self.index_expr(&mut x, e, base, args) {
                    let pos = x.expr_pos();
                    let targs = self.func_inst(None, pos, &mut x, Some((e, args)), infer);
                    x.set_expr(e);
                    match targs {
                        Some(targs) => {
                            targs_list.resize(i + 1, Vec::new());
                            targs_list[i] = targs;
                        }
                        None => self.record(&x),
                    }
                } else {
                    x.set_expr(e);
                    self.record(&x);
                    self.exclude(&mut x, true, true);
                    self.single_value(&mut x);
                }
            } else if list.len() == 1 {
                self.raw_expr(None, &mut x, e, None, true);
                self.exclude(&mut x, true, true);
                if x.is_valid()
                    && let Some(types) = tuple_types(x.ty)
                {
                    return (types.iter().map(|&t| Operand::value(t, e)).collect(), targs_list);
                }
            } else {
                self.generic_expr(&mut x, e, None);
            }
            operands.push(x);
        }
        (operands, targs_list)
    }

    /// Checks the arguments of a call, inferring type arguments. Returns the signature,
    /// instantiated if that was possible.
    #[allow(clippy::too_many_arguments)]
    pub fn arguments(
        &self,
        e: &'static Expr,
        call: &'static CallExpr,
        sig_type: Type,
        targs: Vec<Type>,
        xlist: &'static [Expr],
        args: &mut [Operand],
        atargs: Vec<Vec<Type>>,
    ) -> Type {
        let Some(sig) = sig_type.as_signature() else { return sig_type };
        let nargs = args.len();
        let mut npars = sig.params.len();
        let mut params: Vec<Type> = sig.params.iter().map(|p| p.ty()).collect();
        let mut adjusted = false;
        if sig.variadic {
            if call.has_dots {
                if call.args.len() == 1 && nargs > 1 {
                    let msg = format!("cannot use ... with {nargs}-valued {}", expr_string(&call.args[0]));
                    self.error(start_pos(e), "InvalidDotDotDot", msg);
                    return sig_type;
                }
            } else if nargs + 1 >= npars {
                let last = params.pop().unwrap_or_else(Type::invalid);
                let elem = match last.kind() {
                    TypeKind::Slice(elem) => *elem,
                    _ => last,
                };
                params.resize(nargs, elem);
                adjusted = true;
                npars = nargs;
            } else {
                npars -= 1;
            }
        } else if call.has_dots {
            let msg = format!("cannot use ... in call to non-variadic {}", expr_string(&call.fun));
            self.error(start_pos(e), "NonVariadicDotDotDot", msg);
            return sig_type;
        }
        if nargs != npars {
            self.wrong_arg_count(e, call, sig, args, npars);
            return sig_type;
        }
        let mut tparams: Vec<Type> = Vec::new();
        let mut targs: Vec<Option<Type>> = targs.into_iter().map(Some).collect();
        let n = sig.tparams.len();
        if n > 0 {
            if !self.allow_version(18) {
                match call.fun.kind {
                    ExprKind::Index(..) => {
                        self.version_error(start_pos(&call.fun), 18, "function instantiation");
                    }
                    _ => self.version_error(start_pos(e), 18, "implicit function instantiation"),
                }
            }
            (tparams, params) = self.rename_type_params(&sig.tparams, &params);
            targs.resize(tparams.len(), None);
        }
        // Arguments that are generic functions add their type parameters.
        let mut generic_args: Vec<(usize, Type)> = Vec::new();
        for (i, arg) in args.iter_mut().enumerate() {
            let TypeKind::Signature(asig) = arg.ty.kind() else { continue };
            if asig.tparams.is_empty() {
                continue;
            }
            let orig = arg.ty;
            let (renamed, parts) = self.rename_signature(asig);
            tparams.extend_from_slice(&renamed);
            arg.ty = parts;
            if let Some(list) = atargs.get(i) {
                targs.extend(list.iter().copied().map(Some));
            }
            targs.resize(tparams.len(), None);
            generic_args.push((i, orig));
        }
        if let Some(&(i, _)) = generic_args.first() {
            self.verify_version(args[i].pos(), 21, || "implicitly instantiated function as argument".into());
        }
        let mut rsig = sig_type;
        if !tparams.is_empty() {
            let targs = match self.infer(call_pos(e), &tparams, &targs, &params, args, false) {
                Ok(targs) => targs,
                Err(err) => {
                    self.report_infer(err, |msg| format!("in call to {}, {msg}", expr_string(&call.fun)));
                    return sig_type;
                }
            };
            if n > 0 {
                rsig = self.instantiate_signature(call_pos(e), Some(&call.fun), sig_type, &targs[..n], xlist);
                if adjusted {
                    let smap = SubstMap::new(&tparams[..n], &targs[..n]);
                    params = params.iter().map(|&p| subst(p, &smap)).collect();
                } else if let Some(s) = rsig.as_signature() {
                    params = s.params.iter().map(|p| p.ty()).collect();
                }
            }
            let mut j = n;
            for (i, orig) in generic_args {
                let count = orig.as_signature().map_or(0, |s| s.tparams.len());
                let arg = &mut args[i];
                arg.ty = self.instantiate_signature(call_pos(e), arg.expr, orig, &targs[j..j + count], &[]);
                self.record(arg);
                j += count;
            }
        }
        if nargs > 0 {
            let context = Lazy(&call.fun);
            for (a, &p) in args.iter_mut().zip(&params) {
                self.assignment_lazy(a, Some(p), &|| format!("argument to {}", expr_string(context.0)));
            }
        }
        rsig
    }

    fn wrong_arg_count(
        &self,
        e: &'static Expr,
        call: &'static CallExpr,
        sig: &Signature,
        args: &[Operand],
        npars: usize,
    ) {
        let nargs = args.len();
        let (at, qualifier) = if nargs > npars {
            (args[npars].pos(), "too many")
        } else if nargs > 0 {
            (args[nargs - 1].pos(), "not enough")
        } else {
            (start_pos(e), "not enough")
        };
        let have: Vec<Type> = args.iter().map(|a| a.ty).collect();
        let want: Vec<Type> = sig.params.iter().map(|p| p.ty()).collect();
        let msg = format!("{qualifier} arguments in call to {}", expr_string(&call.fun));
        let d = Diagnostic::new(at, "WrongArgCount", msg)
            .with_related(Pos::NONE, format!("have {}", self.types_summary(&have, false, call.has_dots)))
            .with_related(Pos::NONE, format!("want {}", self.types_summary(&want, sig.variadic, false)));
        self.report(d);
    }

    /// Fresh type parameters with the same bounds, and `types` in terms of them.
    pub fn rename_type_params(&self, tparams: &[Type], types: &[Type]) -> (Vec<Type>, Vec<Type>) {
        let fresh: Vec<Type> = tparams
            .iter()
            .map(|&p| {
                let TypeKind::TypeParam(tp) = p.kind() else { return p };
                let obj = Obj::new(tp.obj.kind(), tp.obj.pos(), tp.obj.pkg(), tp.obj.name(), None);
                let t = Type::new_type_param(obj, None);
                if let TypeKind::TypeParam(f) = t.kind() {
                    f.index.store(tp.index() as u32, std::sync::atomic::Ordering::Relaxed);
                }
                t
            })
            .collect();
        let smap = SubstMap::new(tparams, &fresh);
        for (&p, &f) in tparams.iter().zip(&fresh) {
            if let (TypeKind::TypeParam(p), TypeKind::TypeParam(f)) = (p.kind(), f.kind()) {
                f.bound.set(Some(subst(p.constraint(), &smap)));
            }
        }
        let types = types.iter().map(|&t| subst(t, &smap)).collect();
        (fresh, types)
    }

    fn rename_signature(&self, sig: &Signature) -> (Vec<Type>, Type) {
        let plain = Type::new_signature(None, sig.params.to_vec(), sig.results.to_vec(), sig.variadic);
        let (fresh, types) = self.rename_type_params(&sig.tparams, &[plain]);
        let Some(s) = types[0].as_signature() else { return (fresh, plain) };
        let generic =
            Type::new_generic_signature(None, vec![], fresh.clone(), s.params.to_vec(), s.results.to_vec(), s.variadic);
        (fresh, generic)
    }

    /// Evaluates expressions only for their errors and uses. Returns whether all are fine.
    pub fn use_exprs(&self, list: &'static [Expr]) -> bool {
        let mut ok = true;
        for e in list {
            ok &= self.use1(e, false);
        }
        ok
    }

    /// As `use_exprs`, for the left side of assignments: that is no use of a variable.
    pub fn use_lhs(&self, list: &'static [Expr]) -> bool {
        let mut ok = true;
        for e in list {
            ok &= self.use1(e, true);
        }
        ok
    }

    fn use1(&self, e: &'static Expr, lhs: bool) -> bool {
        let mut x = Operand::new();
        x.mode = Mode::Value;
        let inner = e.unparen();
        match &inner.kind {
            ExprKind::Ident(name) => {
                if name.name.is_blank() {
                    return true;
                }
                let unused = self.unused_local(name.name).filter(|_| lhs);
                self.expr_or_type(&mut x, inner, true);
                if let Some(v) = unused {
                    v.set_unused();
                }
            }
            ExprKind::KeyValue(_, value) => return self.use1(value, lhs),
            _ => {
                self.raw_expr(None, &mut x, e, None, true);
            }
        }
        x.is_valid()
    }

    /// The variable of this package of that name, if it is not used so far.
    pub fn unused_local(&self, name: Symbol) -> Option<Obj> {
        let obj = self.lookup(name)?;
        (obj.is_var() && obj.pkg() == Some(self.pkg) && !obj.is_used()).then_some(obj)
    }

    /// A signature with unnamed parameters: that of a built-in function at a call.
    pub fn make_sig(&self, result: Option<Type>, args: &[Type], variadic: bool) -> Type {
        let var = |kind, t: Type| Obj::new_var(kind, Pos::NONE, None, Symbol::EMPTY, Some(t));
        Type::new_signature(
            None,
            args.iter().map(|t| var(VarKind::Param, t.default_type())).collect(),
            result.map(|t| var(VarKind::Result, t)).into_iter().collect(),
            variadic,
        )
    }
}

struct Lazy(&'static Expr);

fn call_pos(e: &Expr) -> Pos {
    e.pos
}
