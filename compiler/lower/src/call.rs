//! Calls of functions, methods, func values.

use crate::abi::{First, FnAbi};
use crate::func::FuncLower;
use crate::intrinsics::Intrinsic;
use crate::lower::FuncKey;
use crate::operand::Val;
use crate::ty::{FuncTy, Ty, TyKind, name_pkg};
use golift_ir as ir;
use golift_ir::{FuncId, Type as Ir, Value};
use golift_syntax::{CallExpr, Expr, ExprKind, Ident};
use golift_types::{Mode, Obj, SelectionKind};
use smallvec::SmallVec;

/// A resolved callee with what stands before its parameters already evaluated.
pub enum Target {
    /// A function of the program; `first` are the receiver's scalars.
    Func { id: FuncId, first: SmallVec<[Value; 4]>, abi: FnAbi },
    /// A func value.
    Closure(Value),
    /// A method of an interface: code address and data word.
    Interface { code: Value, data: Value },
    /// Evaluated by the compiler, by symbol.
    Intrinsic(Intrinsic),
}

impl FuncLower<'_, '_> {
    /// A call in a single-value (or no-value) context.
    pub fn call_value(&mut self, e: &Expr, c: &CallExpr) -> Val {
        if self.info.types(c.fun.id).is_type() {
            let to = self.ty(e);
            let from = self.single_ty(&c.args[0]);
            return self.conversion(&c.args[0], from, to, e);
        }
        if self.info.types(c.fun.id).mode == Mode::Builtin {
            return self.builtin(e, c);
        }
        let mut vals = self.call(e, c);
        match vals.len() {
            0 => Val::from_slice(&[]),
            _ => vals.swap_remove(0),
        }
    }

    fn conversion(&mut self, x: &Expr, from: Ty, to: Ty, e: &Expr) -> Val {
        if self.info.types(x.id).mode == Mode::Constant
            && let Some(c) = self.info.value_of(x)
        {
            let c = c.clone();
            let const_to = match self.cx.tys.under_kind(to) {
                // string(65) of a constant in an instance is no constant conversion.
                TyKind::Basic(b) => {
                    let f = self.cx.tys.as_basic(from);
                    let code_point = *b == crate::ty::Basic::String && f.is_some_and(|f| f.is_integer());
                    let truncates = b.is_integer() && f.is_some_and(|f| f.is_float()) && c.to_int().is_unknown();
                    !code_point && !truncates
                }
                _ => false,
            };
            self.at(e.pos);
            if const_to {
                return self.constant(&c, to);
            }
        }
        let v = self.expr(x);
        self.at(e.pos);
        self.convert(v, from, to)
    }

    /// A call with any number of results.
    pub fn call(&mut self, e: &Expr, c: &CallExpr) -> Vec<Val> {
        if self.info.types(c.fun.id).is_type() || self.info.types(c.fun.id).mode == Mode::Builtin {
            return vec![self.call_value(e, c)];
        }
        let (target, fty) = self.target(&c.fun);
        let list = self.keeps_uintptrs(c).then(Vec::new);
        let outer = std::mem::replace(&mut self.uintptrs_of, list);
        let args = self.args(c, &fty);
        let kept = std::mem::replace(&mut self.uintptrs_of, outer).unwrap_or_default();
        self.at(e.pos);
        let results = self.emit_call(target, &fty, args);
        if !self.b.is_dead() {
            for arg in kept {
                self.b.ins0(ir::InstData::KeepAlive { arg });
            }
        }
        results
    }

    /// Types of the results of a call expression.
    pub fn result_types(&self, e: &Expr) -> Vec<Ty> {
        let Some(t) = self.info.types(e.id).ty else { return vec![] };
        if self.info.types(e.id).mode == Mode::NoValue {
            return vec![];
        }
        match self.cx.tys.kind(self.conv_ty(t)) {
            TyKind::Tuple(ts) => ts.clone(),
            _ => vec![self.conv_ty(t)],
        }
    }

    /// Resolves and evaluates the function operand of a call.
    pub fn target(&mut self, fun: &Expr) -> (Target, FuncTy) {
        let fun = fun.unparen();
        let fty = self.cx.tys.func(self.ty(fun)).clone();
        let named = match &fun.kind {
            ExprKind::Index(x, _) => x.unparen(),
            _ => fun,
        };
        match &named.kind {
            ExprKind::Ident(i) => {
                if let Some(obj) = self.info.use_(i).filter(|o| o.is_func()) {
                    return (self.func_target(obj, i), fty);
                }
            }
            ExprKind::Selector(x, sel) => match self.info.selection(named.id) {
                None => {
                    if let Some(obj) = self.info.use_(sel).filter(|o| o.is_func()) {
                        return (self.func_target(obj, sel), fty);
                    }
                }
                Some(s) if s.kind == SelectionKind::MethodVal => {
                    return (self.method_target(named, x, s.obj, sel), fty);
                }
                Some(s) if s.kind == SelectionKind::MethodExpr => {
                    let recv = self.ty(x);
                    let id = self.method_expr_func(recv, s.obj.name(), name_pkg(s.obj), sel);
                    let abi = self.cx.abi(id).clone();
                    return (Target::Func { id, first: SmallVec::new(), abi }, fty);
                }
                Some(_) => {}
            },
            _ => {}
        }
        let f = self.expr1(fun);
        (Target::Closure(f), fty)
    }

    fn func_target(&mut self, obj: Obj, i: &Ident) -> Target {
        let obj = self.cx.links.replacement(obj.origin(), self.cx.current);
        let resolved = self.cx.links.resolve(obj);
        for obj in [resolved, obj] {
            if let Some(intrinsic) = self.cx.intrinsics.of(obj, &self.cx.links) {
                return Target::Intrinsic(intrinsic);
            }
        }
        let id = self.func_ref(obj, i);
        let abi = self.cx.abi(id).clone();
        Target::Func { id, first: SmallVec::new(), abi }
    }

    fn method_target(&mut self, e: &Expr, x: &Expr, method: Obj, sel: &Ident) -> Target {
        let recv = self.ty(x);
        let (name, pkg) = (method.name(), name_pkg(method));
        if self.cx.tys.is_interface(recv) {
            let v = self.expr(x);
            self.at(e.pos);
            let s = self.scalars(v, recv);
            return self.interface_target(recv, s[0], s[1], name, pkg);
        }
        let m = self.cx.method_instance(recv, name, pkg, &self.own_targs(sel));
        if m.interface {
            let iface = m.base;
            let mm = crate::methods::FoundMethod { ptr_recv: false, ..m };
            let s = self.receiver(x, &mm);
            self.at(e.pos);
            return self.interface_target(iface, s[0], s[1], name, pkg);
        }
        let first = self.receiver(x, &m);
        let obj = m.obj.expect("declared method");
        let id = self.cx.func(FuncKey::Decl { obj, env: m.env });
        let abi = self.cx.abi(id).clone();
        Target::Func { id, first, abi }
    }

    /// A method of interface type `iface` for a given value.
    pub fn interface_target(
        &mut self,
        iface: Ty,
        tab: Value,
        data: Value,
        name: golift_syntax::Symbol,
        pkg: Option<golift_types::Package>,
    ) -> Target {
        let methods = self.cx.tys.methods_of_interface(iface);
        let index = methods.iter().position(|m| m.name == name && m.pkg == pkg).expect("method of the interface");
        self.cx.note_interface_call((name, pkg, methods[index].sig));
        if iface == self.cx.reflect_type_iface() && matches!(name.as_str(), "Method" | "MethodByName") {
            self.cx.keep_exported_methods();
        }
        // A nil interface faults here.
        let off = crate::iface::ITAB_FUN + 8 * index as i32;
        let code = self.b.load(Ir::Ptr, tab, off, ir::MemFlags::default());
        Target::Interface { code, data }
    }

    // ---- arguments ----

    /// Evaluates the arguments as values of the parameter types.
    pub fn args(&mut self, c: &CallExpr, fty: &FuncTy) -> Vec<Val> {
        // f(g()) spreads the results of g.
        if c.args.len() == 1 && !c.has_dots {
            let rts = match &c.args[0].unparen().kind {
                ExprKind::Call(_) => self.result_types(&c.args[0]),
                _ => vec![],
            };
            if rts.len() > 1 {
                let ExprKind::Call(inner) = &c.args[0].unparen().kind else { unreachable!() };
                let vals = self.call(c.args[0].unparen(), inner);
                let vals: Vec<(Val, Ty)> = vals.into_iter().zip(rts).collect();
                return self.pass(vals, fty);
            }
        }
        let n = fty.params.len();
        let mut out = Vec::with_capacity(n);
        let fixed = if fty.variadic && !c.has_dots { n - 1 } else { n };
        for (a, &p) in c.args.iter().zip(&fty.params).take(fixed) {
            out.push(self.expr_to_stable(a, p));
        }
        if fixed < n {
            let rest = &c.args[fixed.min(c.args.len())..];
            let st = fty.params[n - 1];
            let elem = self.cx.tys.elem(st);
            if rest.is_empty() {
                out.push(self.zero(st));
            } else {
                let mut vals = Vec::with_capacity(rest.len());
                for a in rest {
                    vals.push(self.expr_to_stable(a, elem));
                }
                self.at(rest[0].pos);
                out.push(self.pack(vals, elem));
            }
        }
        out
    }

    /// Values with their types as arguments.
    fn pass(&mut self, vals: Vec<(Val, Ty)>, fty: &FuncTy) -> Vec<Val> {
        let n = fty.params.len();
        let fixed = if fty.variadic { n - 1 } else { n };
        let mut out = Vec::new();
        let mut it = vals.into_iter();
        for &p in &fty.params[..fixed] {
            let (v, t) = it.next().expect("enough results");
            out.push(self.convert_implicit(v, t, p));
        }
        if fty.variadic {
            let st = fty.params[n - 1];
            let elem = self.cx.tys.elem(st);
            let rest: Vec<Val> = it.map(|(v, t)| self.convert_implicit(v, t, elem)).collect();
            out.push(if rest.is_empty() { self.zero(st) } else { self.pack(rest, elem) });
        }
        out
    }

    /// A new slice with the given elements.
    pub fn pack(&mut self, vals: Vec<Val>, elem: Ty) -> Val {
        let n = vals.len() as u64;
        let arr = self.cx.tys.array_of(elem, n);
        let p = self.alloc(arr);
        let size = self.layout(elem).size;
        for (i, v) in vals.into_iter().enumerate() {
            let place = self.mem_place(p, (i as u64 * size) as i64, elem);
            self.write_place(&place, v);
        }
        let n = self.const_int(n as i64);
        Val::from_slice(&[p, n, n])
    }

    // ---- the call ----

    /// Emits a call with evaluated operands.
    pub fn emit_call(&mut self, target: Target, fty: &FuncTy, args: Vec<Val>) -> Vec<Val> {
        if let Target::Intrinsic(intrinsic) = target {
            let flat = self.flatten_args(fty, args);
            let out = self.intrinsic(intrinsic, &flat, fty);
            let mut it = out.into_iter();
            return fty
                .results
                .iter()
                .map(|&t| match &self.layout(t).scalars {
                    Some(s) => Val::Scalars(it.by_ref().take(s.len()).collect()),
                    None => Val::Mem { addr: it.next().expect("result"), fresh: false },
                })
                .collect();
        }
        let sret = crate::abi::needs_sret(&self.cx.tys, &self.cx.layouts, &fty.results);
        let tuple = self.tuple_ty(&fty.results);
        let ret = sret.then(|| self.temp(tuple));
        let (out, noreturn) = self.emit_call_to(target, fty, ret, args);
        let vals = self.collect_results(&fty.results, ret, &out);
        if noreturn {
            self.b.unreachable();
        }
        vals
    }

    /// Emits a call whose results are the values that are returned, or go to `ret`; does it never return?
    pub fn emit_call_to(
        &mut self,
        target: Target,
        fty: &FuncTy,
        ret: Option<Value>,
        args: Vec<Val>,
    ) -> (Vec<Value>, bool) {
        let flat = self.flatten_args(fty, args);
        let mut words: Vec<Value> = Vec::with_capacity(flat.len() + 3);
        let mut noreturn = false;
        let out = match target {
            Target::Func { id, first, abi } => {
                words.extend(first);
                words.extend(ret);
                words.extend(flat);
                debug_assert_eq!(
                    abi.sig.params.len(),
                    words.len(),
                    "arguments of {} in {}",
                    self.cx.prog.funcs[id].name,
                    self.display
                );
                let here = self.cx.fn_abi(First::None, fty);
                assert!(
                    here.sig.results == abi.sig.results,
                    "{} is declared with other results where {} calls it",
                    self.cx.prog.funcs[id].name,
                    self.display
                );
                noreturn = self.cx.prog.funcs[id].flags.noreturn;
                self.b.call(ir::Callee::Func(id), words, &abi.sig.results)
            }
            Target::Closure(func) => {
                let abi = self.cx.fn_abi(First::Word, fty);
                words.extend(ret);
                words.extend(flat);
                let results = abi.sig.results.clone();
                self.b.call(ir::Callee::Closure { func, sig: Box::new(abi.sig) }, words, &results)
            }
            Target::Interface { code, data } => {
                let abi = self.cx.fn_abi(First::Word, fty);
                words.push(data);
                words.extend(ret);
                words.extend(flat);
                let results = abi.sig.results.clone();
                self.b.call(ir::Callee::Indirect { addr: code, sig: Box::new(abi.sig) }, words, &results)
            }
            Target::Intrinsic(_) => unreachable!("has no code"),
        };
        (out, noreturn)
    }

    fn flatten_args(&mut self, fty: &FuncTy, args: Vec<Val>) -> Vec<Value> {
        let mut flat = Vec::new();
        for (v, &t) in args.into_iter().zip(&fty.params) {
            flat.extend(self.scalars(v, t));
        }
        flat
    }

    /// Results as values: from result registers or from the tuple at `ret`.
    pub fn collect_results(&mut self, results: &[Ty], ret: Option<Value>, out: &[Value]) -> Vec<Val> {
        match ret {
            Some(p) => {
                let offsets = self.tuple_offsets(results);
                results
                    .iter()
                    .zip(offsets)
                    .map(|(&t, off)| match self.load(p, off as i32, t) {
                        Val::Mem { addr, .. } => Val::Mem { addr, fresh: true },
                        v => v,
                    })
                    .collect()
            }
            None => {
                let mut rest = out;
                results
                    .iter()
                    .map(|&t| {
                        let n = self.layout(t).scalars.as_ref().expect("register result").len();
                        let (a, b) = rest.split_at(n);
                        rest = b;
                        Val::from_slice(a)
                    })
                    .collect()
            }
        }
    }
}
