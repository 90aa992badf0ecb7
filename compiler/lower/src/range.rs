//! `for … range`.

use crate::func::FuncLower;
use crate::operand::{Place, Val};
use crate::ty::{Basic, Ty, TyKind};
use golift_ir as ir;
use golift_ir::{BinaryOp as Op, IntCC, MemFlags, RuntimeFn, Type as Ir, Value};
use golift_syntax::{Expr, RangeStmt, Stmt, Symbol};

impl FuncLower<'_, '_> {
    pub fn range_stmt(&mut self, s: &Stmt, r: &RangeStmt) {
        let label = self.pending_label.take();
        let xt = self.ty(&r.x);
        self.range_vars(r);
        if let Some(n) = self.constant_length(r, xt) {
            let n = self.const_int(n as i64);
            self.count_loop(n, label, |f, i| {
                f.at(r.range_pos);
                let int = f.int();
                f.range_assign(r, 0, |_| Val::one(i), int);
                f.stmts(&r.body.stmts);
            });
            return;
        }
        self.order(&[&r.x]);
        match self.cx.tys.under_kind(xt) {
            TyKind::Basic(Basic::String) => self.range_string(r, label),
            TyKind::Basic(_) => self.range_int(r, xt, label),
            TyKind::Slice(elem) => {
                let v = self.expr(&r.x);
                let sl = self.scalars(v, xt);
                self.range_elems(r, sl[0], sl[1], *elem, label);
            }
            TyKind::Ptr(arr) => {
                let TyKind::Array(elem, n) = self.cx.tys.under_kind(*arr) else { panic!("range over pointer") };
                let p = self.expr1(&r.x);
                if *n > 0 && self.wants_elements(r) {
                    self.nil_check(p);
                }
                let n = self.const_int(*n as i64);
                self.range_elems(r, p, n, *elem, label);
            }
            TyKind::Array(elem, n) => {
                let n = self.const_int(*n as i64);
                let v = self.expr(&r.x);
                let p = if self.wants_elements(r) {
                    // The range expression is evaluated (copied) once.
                    let v = self.stable(v, xt);
                    self.spill(&v, xt)
                } else {
                    self.b.nil()
                };
                self.range_elems(r, p, n, *elem, label);
            }
            TyKind::Map(..) => self.range_map(r, xt, label),
            TyKind::Chan(_, elem) => self.range_chan(r, *elem, label),
            TyKind::Func(_) => self.range_func(s, r, label),
            k => panic!("range over {k:?}"),
        }
    }

    fn wants_elements(&self, r: &RangeStmt) -> bool {
        r.lhs.get(1).is_some_and(|e| !self.is_blank_lhs(e))
    }

    /// The number of iterations over an array that is not evaluated, as only its length is asked for.
    fn constant_length(&self, r: &RangeStmt, t: Ty) -> Option<u64> {
        let array = self.cx.tys.as_ptr(t).unwrap_or(t);
        match self.cx.tys.under_kind(array) {
            TyKind::Array(_, n) if r.lhs.len() < 2 && !self.calls_or_receives(&r.x) => Some(*n),
            _ => None,
        }
    }

    /// Declares the variables if they are one per loop, as before go1.22.
    fn range_vars(&mut self, r: &RangeStmt) {
        if !r.def || self.loop_var_per_iteration() {
            return;
        }
        for e in &r.lhs {
            if let Some(obj) = e.as_ident().and_then(|i| self.info.def(i)) {
                let t = self.obj_ty(obj);
                self.declare_local(obj, t, None);
            }
        }
    }

    pub fn loop_var_per_iteration(&self) -> bool {
        self.pkg.file_version(self.file).loop_var_per_iteration()
    }

    pub fn is_blank_lhs(&self, e: &Expr) -> bool {
        e.unparen().as_ident().is_some_and(|i| i.name.as_str() == "_")
    }

    /// Assigns the values of an iteration to existing places, which are evaluated before either assignment.
    fn range_assign_places(&mut self, r: &RangeStmt, vals: [(Val, Ty); 2]) {
        let places: Vec<Place> =
            r.lhs.iter().map(|e| if self.is_blank_lhs(e) { Place::Blank } else { self.place(e) }).collect();
        for (p, (v, from)) in places.iter().zip(vals) {
            if let Some(to) = self.place_ty(p) {
                let v = self.convert_implicit(v, from, to);
                self.write_place(p, v);
            }
        }
    }

    /// Assigns one iteration value.
    pub fn range_assign(&mut self, r: &RangeStmt, n: usize, v: impl FnOnce(&mut Self) -> Val, from: Ty) {
        let Some(e) = r.lhs.get(n) else { return };
        if self.is_blank_lhs(e) {
            return;
        }
        if r.def
            && let Some(obj) = e.as_ident().and_then(|i| self.info.def(i))
        {
            let v = v(self);
            let to = self.obj_ty(obj);
            let v = self.convert_implicit(v, from, to);
            if self.loop_var_per_iteration() {
                self.declare_local(obj, to, Some(v));
            } else {
                let loc = self.local(obj);
                self.assign_loc(&loc, to, v);
            }
            return;
        }
        let p = self.place(e);
        if matches!(p, Place::Blank) {
            return;
        }
        let v = v(self);
        let to = self.place_ty(&p).unwrap_or(from);
        let v = self.convert_implicit(v, from, to);
        self.write_place(&p, v);
    }

    /// Assigns key and value; with `=`, both places are evaluated first.
    fn range_int(&mut self, r: &RangeStmt, xt: Ty, label: Option<Symbol>) {
        // An untyped constant count takes the type of the variable, unless that is an interface.
        let t = match r.lhs.first().filter(|e| !self.is_blank_lhs(e)) {
            Some(e) if self.info.types(r.x.id).value.is_some() => match e.as_ident().and_then(|i| self.info.def(i)) {
                Some(o) => self.obj_ty(o),
                None => Some(self.ty(e)).filter(|&t| !self.cx.tys.is_interface(t)).unwrap_or(xt),
            },
            _ => xt,
        };
        let v = self.expr_to(&r.x, t);
        let n = self.scalars(v, t)[0];
        let unsigned = self.cx.tys.as_basic(t).is_some_and(|b| b.is_unsigned());
        // Counting in signed arithmetic would stop early for huge bounds.
        let done = if unsigned { IntCC::Uge } else { IntCC::Sge };
        self.count_loop_until(done, n, label, |f, i| {
            f.range_assign(r, 0, |_| Val::one(i), t);
            f.stmts(&r.body.stmts);
        });
    }

    fn range_elems(&mut self, r: &RangeStmt, base: Value, n: Value, elem: Ty, label: Option<Symbol>) {
        let int = self.int();
        self.count_loop(n, label, |f, i| {
            f.at(r.range_pos);
            if !r.def && f.wants_elements(r) {
                let p = f.elem_addr(base, i, elem);
                let v = f.load_known(p, elem);
                let v = f.stable(v, elem);
                f.range_assign_places(r, [(Val::one(i), int), (v, elem)]);
                f.stmts(&r.body.stmts);
                return;
            }
            f.range_assign(r, 0, |_| Val::one(i), int);
            f.range_assign(
                r,
                1,
                |f| {
                    let p = f.elem_addr(base, i, elem);
                    f.load_known(p, elem)
                },
                elem,
            );
            f.stmts(&r.body.stmts);
        });
    }

    fn range_string(&mut self, r: &RangeStmt, label: Option<Symbol>) {
        let st = self.ty(&r.x);
        let v = self.expr(&r.x);
        let s = self.scalars(v, st);
        let (int, rune) = (self.int(), self.cx.basic(Basic::Int32));
        let pos = self.b.declare_var(Ir::I64);
        let next = self.b.declare_var(Ir::I64);
        let code = self.b.declare_var(Ir::I32);
        let zero = self.const_int(0);
        self.b.def_var(pos, zero);
        let header = self.b.create_block();
        let (body, exit, post) = (self.b.create_block(), self.b.create_block(), self.b.create_block());
        self.b.jump(header, &[]);
        self.b.switch_to(header);
        let i = self.b.use_var(pos);
        let done = self.b.icmp(IntCC::Sge, i, s[1]);
        self.b.brif(done, exit, body);
        self.b.seal_and_switch(body);
        // ASCII needs no call.
        let p = self.b.ptr_add(s[0], i);
        let byte = self.b.load(Ir::I8, p, 0, MemFlags { notrap: true, ..MemFlags::default() });
        let wide = self.b.unary(ir::UnaryOp::Zext, Ir::I32, byte);
        self.b.def_var(code, wide);
        let one = self.b.binary_imm(Op::Add, i, 1);
        self.b.def_var(next, one);
        let multi = self.b.icmp_imm(IntCC::Uge, wide, 0x80);
        let (decode, go) = (self.b.create_block(), self.b.create_block());
        self.b.brif(multi, decode, go);
        self.b.seal_and_switch(decode);
        let out = self.rt(RuntimeFn::DecodeRune, &[s[0], s[1], i]);
        self.b.def_var(code, out[0]);
        self.b.def_var(next, out[1]);
        self.b.jump(go, &[]);
        self.b.seal_and_switch(go);
        if !r.def && r.lhs.len() == 2 {
            let c = self.b.use_var(code);
            self.range_assign_places(r, [(Val::one(i), int), (Val::one(c), rune)]);
        } else {
            self.range_assign(r, 0, |_| Val::one(i), int);
            self.range_assign(r, 1, |f| Val::one(f.b.use_var(code)), rune);
        }
        self.push_target(label, exit, Some(post));
        self.loop_depth += 1;
        self.stmts(&r.body.stmts);
        self.loop_depth -= 1;
        self.targets.pop();
        self.b.jump(post, &[]);
        self.b.seal_and_switch(post);
        let n = self.b.use_var(next);
        self.b.def_var(pos, n);
        self.b.jump(header, &[]);
        self.b.seal(header);
        self.b.seal_and_switch(exit);
    }

    fn range_map(&mut self, r: &RangeStmt, mt: Ty, label: Option<Symbol>) {
        let TyKind::Map(k, v) = self.cx.tys.under_kind(mt) else { unreachable!() };
        let m = self.expr1(&r.x);
        let iter_ty = self.cx.map_iter_ty();
        let it = self.temp(iter_ty);
        self.zero_mem(it, iter_ty);
        let typ = self.rtype_addr(mt);
        self.rt(RuntimeFn::MapIterStart, &[typ, m, it]);
        let (header, body, post, exit) =
            (self.b.create_block(), self.b.create_block(), self.b.create_block(), self.b.create_block());
        self.b.jump(header, &[]);
        self.b.switch_to(header);
        // The iterator starts with the addresses of key and element; no key ends it.
        let flags = MemFlags { notrap: true, ..MemFlags::default() };
        let kp = self.b.load(Ir::Ptr, it, 0, flags);
        let done = self.b.icmp_imm(IntCC::Eq, kp, 0);
        self.b.brif(done, exit, body);
        self.b.seal_and_switch(body);
        if !r.def && r.lhs.len() == 2 {
            let key = self.load_known(kp, *k);
            let vp = self.b.load(Ir::Ptr, it, 8, flags);
            let val = self.load_known(vp, *v);
            self.range_assign_places(r, [(key, *k), (val, *v)]);
        } else {
            self.range_assign(r, 0, |f| f.load_known(kp, *k), *k);
            self.range_assign(
                r,
                1,
                |f| {
                    let vp = f.b.load(Ir::Ptr, it, 8, flags);
                    f.load_known(vp, *v)
                },
                *v,
            );
        }
        self.push_target(label, exit, Some(post));
        self.loop_depth += 1;
        self.stmts(&r.body.stmts);
        self.loop_depth -= 1;
        self.targets.pop();
        self.b.jump(post, &[]);
        self.b.seal_and_switch(post);
        self.rt(RuntimeFn::MapIterNext, &[it]);
        self.b.jump(header, &[]);
        self.b.seal(header);
        self.b.seal_and_switch(exit);
    }

    fn range_chan(&mut self, r: &RangeStmt, elem: Ty, label: Option<Symbol>) {
        let ch = self.expr1(&r.x);
        let (header, body, exit) = (self.b.create_block(), self.b.create_block(), self.b.create_block());
        self.b.jump(header, &[]);
        self.b.switch_to(header);
        self.at(r.range_pos);
        let (v, ok) = self.chan_recv(ch, elem, true);
        let closed = self.b.icmp_imm(IntCC::Eq, ok.expect("comma ok"), 0);
        self.b.brif(closed, exit, body);
        self.b.seal_and_switch(body);
        self.range_assign(r, 0, |_| v, elem);
        self.push_target(label, exit, Some(header));
        self.loop_depth += 1;
        self.stmts(&r.body.stmts);
        self.loop_depth -= 1;
        self.targets.pop();
        self.b.jump(header, &[]);
        self.b.seal(header);
        self.b.seal_and_switch(exit);
    }
}
