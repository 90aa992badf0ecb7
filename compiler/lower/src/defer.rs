//! `go` and `defer`.
//!
//! Both take a call, evaluate its function and arguments now, and run it later: the call is packed into a closure without
//! parameters. `defer func() {…}()` needs no packing. The closure is marked as a wrapper: what it calls may recover.

use crate::abi::First;
use crate::call::Target;
use crate::capture::Scope;
use crate::func::{ClosureKind, FuncLower, Place0};
use crate::intrinsics::Intrinsic;
use crate::operand::Val;
use crate::ty::{Basic, FuncTy, Ty, TyKind};
use golift_ir as ir;
use golift_ir::{FuncId, RuntimeFn, Type as Ir, Value};
use golift_syntax::{Expr, ExprKind, FuncDirectives, Pos};
use golift_types::Mode;

impl FuncLower<'_, '_> {
    pub fn go_stmt(&mut self, pos: Pos, e: &Expr) {
        let f = self.packed_call(e, false);
        self.at(pos);
        self.rt(RuntimeFn::NewProc, &[f]);
    }

    pub fn defer_stmt(&mut self, e: &Expr) {
        // What runs once per call keeps its record and its closure in the frame.
        let in_frame = self.loop_depth == 0 && self.range.is_none() && self.facts.gotos.is_empty();
        self.closure_in_frame = in_frame;
        let f = self.packed_call(e, true);
        self.closure_in_frame = false;
        self.at(e.pos);
        let record = self.defers.clone().expect("function with defers").record;
        let rec = self.b.use_var(record);
        if !in_frame {
            self.rt(if self.range.is_some() { RuntimeFn::DeferProcRange } else { RuntimeFn::DeferProc }, &[f, rec]);
            return;
        }
        let t = self.cx.runtime_type("_defer");
        let d = self.temp(t);
        self.rt(RuntimeFn::DeferProcStack, &[d, f, rec]);
    }

    /// The call as a func value without parameters and results.
    fn packed_call(&mut self, e: &Expr, deferred: bool) -> Value {
        let e = e.unparen();
        let ExprKind::Call(c) = &e.kind else { panic!("{:?} is no call", e.kind) };
        self.order(&[e]);
        let mode = self.info.types(c.fun.id).mode;
        if mode != Mode::Builtin && mode != Mode::TypeExpr {
            let fty = self.cx.tys.func(self.ty(&c.fun));
            if fty.params.is_empty() && fty.results.is_empty() {
                let is_method = matches!(&c.fun.unparen().kind, ExprKind::Selector(..) | ExprKind::Index(..));
                let named = c.fun.unparen().as_ident().and_then(|i| self.info.use_(i)).is_some_and(|o| o.is_func());
                if !is_method && !named {
                    self.closure_in_frame &= matches!(c.fun.unparen().kind, ExprKind::FuncLit(..));
                    let f = self.expr1(&c.fun);
                    // A nil func value panics when the statement runs for go, when it is called for defer.
                    return f;
                }
                if named {
                    return self.expr1(&c.fun);
                }
            }
        }
        self.wrap_call(e, c, deferred)
    }

    /// Evaluates function and arguments and packs them with the code that makes the call.
    fn wrap_call(&mut self, e: &Expr, c: &golift_syntax::CallExpr, deferred: bool) -> Value {
        let mode = self.info.types(c.fun.id).mode;
        // Not for the closures that the arguments make.
        let in_frame = std::mem::take(&mut self.closure_in_frame);
        // What is stored: types and values, in order.
        let mut tys: Vec<Ty> = Vec::new();
        let mut vals: Vec<Val> = Vec::new();
        let ptr = self.cx.basic(Basic::UnsafePointer);
        let word = self.cx.basic(Basic::Uintptr);
        let is_recover = mode == Mode::Builtin && self.builtin_id(c) == Some(golift_types::BuiltinId::Recover);
        let mut kept = Vec::new();
        let packed = if mode == Mode::Builtin {
            for a in &c.args {
                if self.info.types(a.id).is_type() {
                    continue;
                }
                let t = self.single_ty(a);
                let v = if self.info.types(a.id).mode == Mode::Nil { self.zero(t) } else { self.expr(a) };
                let v = self.stable(v, t);
                // The operand of panic is converted here, as that of a function would be.
                let is_panic = self.builtin_id(c) == Some(golift_types::BuiltinId::Panic);
                let to = if is_panic { self.any_ty() } else { t };
                vals.push(self.convert_implicit(v, t, to));
                tys.push(to);
            }
            if is_recover {
                // It recovers what a call right here would: the panic that runs this function.
                let fp = self.b.ins(ir::InstData::GetCallerFp, Ir::Ptr);
                tys.push(word);
                vals.push(Val::one(self.b.unary(ir::UnaryOp::PtrToInt, Ir::I64, fp)));
            }
            Packed::Builtin
        } else {
            let (target, fty) = self.target(&c.fun);
            self.uintptrs_of = self.keeps_uintptrs(c).then(Vec::new);
            let args = self.args(c, &fty);
            kept = self.uintptrs_of.take().unwrap_or_default();
            let packed = match target {
                Target::Func { id, first, abi } => {
                    let n = first.len();
                    for (i, v) in first.into_iter().enumerate() {
                        tys.push(self.word_ty(abi.sig.params[i]));
                        vals.push(Val::one(v));
                    }
                    Packed::Func { id, first: n, abi }
                }
                Target::Closure(f) => {
                    tys.push(ptr);
                    vals.push(Val::one(f));
                    Packed::Closure
                }
                Target::Interface { code, data } => {
                    let code = self.b.unary(ir::UnaryOp::PtrToInt, Ir::I64, code);
                    tys.extend([word, ptr]);
                    vals.extend([Val::one(code), Val::one(data)]);
                    Packed::Interface
                }
                Target::Intrinsic(s) => Packed::Intrinsic(s),
            };
            tys.extend(fty.params.iter().copied());
            vals.extend(args);
            tys.extend(kept.iter().map(|_| ptr));
            vals.extend(kept.iter().map(|&v| Val::one(v)));
            packed
        };
        self.at(e.pos);
        let mut fields = vec![word];
        fields.extend(tys.iter().copied());
        let obj_ty = self.cx.tys.anon_struct(fields);
        let offsets = self.layout(obj_ty).offsets.clone();
        let (link, display) = self.closure_name(if deferred { ClosureKind::Defer } else { ClosureKind::Go });
        let void = FuncTy { params: vec![], results: vec![], variadic: false };
        let id = self.declare_inner(&link, &display, e.pos, First::Word, &void);
        self.cx.prog.funcs[id].flags.wrapper = true;

        let fty = if mode == Mode::Builtin { void.clone() } else { self.cx.tys.func(self.ty(&c.fun)).clone() };
        let at = Place0 {
            pkg: self.pkg,
            file: self.file,
            env: self.env,
            link,
            display: display.into(),
            start_line: self.cx.position(e.pos).1,
        };
        let facts = self.facts.clone();
        let mut inner = FuncLower::new(self.cx, at, facts, Scope::Root, void);
        let entry = inner.b.current();
        let ctx = inner.b.append_param(entry, Ir::Ptr);
        inner.at(e.pos);
        let mut stored = Vec::new();
        for (&t, &off) in tys.iter().zip(&offsets[1..]) {
            let v = inner.load(ctx, off as i32, t);
            // The callee may change what it gets; the closure runs once.
            stored.push(match v {
                Val::Mem { addr, .. } => Val::Mem { addr, fresh: true },
                v => v,
            });
        }
        let kept = stored.split_off(stored.len() - kept.len());
        inner.run_packed(packed, &fty, c, stored, &tys);
        if !inner.b.is_dead() {
            for v in kept {
                inner.b.ins0(ir::InstData::KeepAlive { arg: v.single() });
            }
            inner.b.ret(&[]);
        }
        let body = inner.finish();
        self.cx.prog.funcs[id].body = Some(body);
        if tys.is_empty() {
            let d = self.static_closure(id);
            return self.b.data_addr(d, 0);
        }
        let p = if in_frame { self.temp(obj_ty) } else { self.alloc(obj_ty) };
        let code = self.b.func_addr(id);
        let flags = self.mem_flags(p);
        self.b.store(p, code, 0, flags);
        for ((v, &t), &off) in vals.into_iter().zip(&tys).zip(&offsets[1..]) {
            self.store(p, off as i32, t, v);
        }
        p
    }

    /// Does the callee ask for the objects whose addresses it gets as uintptrs to stay alive?
    pub fn keeps_uintptrs(&self, c: &golift_syntax::CallExpr) -> bool {
        let name = match &c.fun.unparen().kind {
            ExprKind::Ident(i) => i,
            ExprKind::Selector(_, i) => i,
            _ => return false,
        };
        let decl = self.info.use_(name).filter(|o| o.is_func()).and_then(|o| o.func_decl());
        let keeps = FuncDirectives::UINTPTRESCAPES | FuncDirectives::UINTPTRKEEPALIVE;
        decl.is_some_and(|(_, d)| d.flags.intersects(keeps))
    }

    fn run_packed(&mut self, packed: Packed, fty: &FuncTy, c: &golift_syntax::CallExpr, stored: Vec<Val>, tys: &[Ty]) {
        let mut it = stored.into_iter();
        match packed {
            Packed::Builtin => {
                let vals: Vec<(Val, Ty)> = it.zip(tys.iter().copied()).collect();
                let id = self.builtin_id(c).expect("builtin");
                self.builtin_values(id, vals);
            }
            Packed::Func { id, first, abi } => {
                let first = it.by_ref().take(first).map(|v| v.single()).collect();
                self.emit_call(Target::Func { id, first, abi }, fty, it.collect());
            }
            Packed::Closure => {
                let f = it.next().expect("func value").single();
                self.emit_call(Target::Closure(f), fty, it.collect());
            }
            Packed::Interface => {
                let code = it.next().expect("code").single();
                let code = self.b.unary(ir::UnaryOp::IntToPtr, Ir::Ptr, code);
                let data = it.next().expect("data").single();
                self.emit_call(Target::Interface { code, data }, fty, it.collect());
            }
            Packed::Intrinsic(s) => {
                self.emit_call(Target::Intrinsic(s), fty, it.collect());
            }
        }
    }

    /// A Go type with the representation of one IR scalar.
    fn word_ty(&self, t: Ir) -> Ty {
        self.cx.basic(match t {
            Ir::I8 => Basic::Uint8,
            Ir::I16 => Basic::Uint16,
            Ir::I32 => Basic::Uint32,
            Ir::I64 => Basic::Uintptr,
            Ir::F32 => Basic::Float32,
            Ir::F64 => Basic::Float64,
            Ir::Ptr => Basic::UnsafePointer,
        })
    }

    /// Built-in functions that may stand in go and defer, with evaluated operands.
    pub fn builtin_values(&mut self, id: golift_types::BuiltinId, vals: Vec<(Val, Ty)>) -> Val {
        use golift_types::BuiltinId;
        match id {
            BuiltinId::Close => {
                let ch = vals[0].0.single();
                self.rt(RuntimeFn::CloseChan, &[ch]);
            }
            BuiltinId::Panic => {
                let any = self.any_ty();
                let (v, t) = vals.into_iter().next().expect("operand");
                let v = self.convert_implicit(v, t, any);
                let s = self.scalars(v, any);
                self.rt_panic(RuntimeFn::GoPanic, &s);
            }
            BuiltinId::Recover => {
                let fp = vals[0].0.single();
                self.rt(RuntimeFn::GoRecover, &[fp]);
            }
            BuiltinId::Print | BuiltinId::Println => self.print_values(vals, id == BuiltinId::Println),
            BuiltinId::Delete => {
                let (m, mt) = vals[0].clone();
                let (k, kt) = vals[1].clone();
                let want = self.map_key_ty(mt);
                let k = self.convert_implicit(k, kt, want);
                self.map_delete(mt, m.single(), &k);
            }
            BuiltinId::Clear => {
                let (v, t) = vals[0].clone();
                let s = self.scalars(v, t);
                if let TyKind::Map(..) = self.cx.tys.under_kind(t) {
                    let typ = self.rtype_addr(t);
                    self.rt(RuntimeFn::MapClear, &[typ, s[0]]);
                } else {
                    self.clear_slice(&s, t);
                }
            }
            BuiltinId::Copy => {
                let (d, dt) = vals[0].clone();
                let (s, st) = vals[1].clone();
                let d = self.scalars(d, dt);
                let s = self.scalars(s, st);
                return self.copy_values(&d, &s, dt);
            }
            id => panic!("{id:?} is not a statement"),
        }
        Val::from_slice(&[])
    }
}

enum Packed {
    Builtin,
    Func { id: FuncId, first: usize, abi: crate::abi::FnAbi },
    Closure,
    Interface,
    Intrinsic(Intrinsic),
}
