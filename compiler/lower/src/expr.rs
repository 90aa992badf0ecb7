//! Expressions.

use crate::capture::Scope;
use crate::func::FuncLower;
use crate::lower::FuncKey;
use crate::methods::FoundMethod;
use crate::operand::{Place, Val, VarLoc};
use crate::ty::{Basic, EnvId, Ty, TyKind, name_pkg};

use golift_ir as ir;
use golift_ir::{FuncId, InstData, Type as Ir, Value};
use golift_syntax::{Expr, ExprKind, Ident, UnaryOp};
use golift_types::{Mode, Obj, ObjKind, SelectionKind, VarKind};
use smallvec::SmallVec;

/// Where a walk through embedded fields stands.
pub enum Cursor {
    Val(Val, Ty),
    Addr(Value, i64, Ty),
}

impl FuncLower<'_, '_> {
    /// Evaluates an expression to one value of its own type.
    pub fn expr(&mut self, e: &Expr) -> Val {
        if !self.ready.is_empty()
            && let Some(v) = self.ready.remove(&e.id)
        {
            return v;
        }
        let info = self.info;
        let tv = info.types(e.id);
        if tv.mode == Mode::Constant
            && let Some(c) = &tv.value
        {
            let t = self.ty(e);
            self.at(e.pos);
            return self.constant(c, t);
        }
        if tv.mode == Mode::Nil {
            let t = self.ty(e);
            return self.zero(t);
        }
        match &e.kind {
            ExprKind::Paren(x) => self.expr(x),
            ExprKind::Ident(i) => self.ident(i),
            ExprKind::FuncLit(f) => self.func_lit(e, f),
            ExprKind::CompositeLit(c) => {
                let t = self.ty(e);
                self.composite(e, c, t)
            }
            ExprKind::Selector(x, sel) => self.selector(e, x, sel),
            ExprKind::Index(x, idx) => self.index(e, x, idx),
            ExprKind::Slice(s) => self.slice_expr(e, s),
            ExprKind::TypeAssert(x, _) => {
                let to = self.single_ty(e);
                self.type_assert(x, to, e.pos, false).0
            }
            ExprKind::Unary(op, x) => self.unary(e, *op, x),
            ExprKind::Binary(op, x, y) => self.binary(e, *op, x, y),
            ExprKind::Call(c) => self.call_value(e, c),
            _ => panic!("expression {:?} is no value", e.kind),
        }
    }

    /// The type of an expression whose recorded type may be the comma-ok tuple.
    pub fn single_ty(&self, e: &Expr) -> Ty {
        let t = self.ty(e);
        match self.cx.tys.kind(t) {
            TyKind::Tuple(ts) => ts[0],
            _ => t,
        }
    }

    /// Evaluates and converts to `to` as assignment does.
    pub fn expr_to(&mut self, e: &Expr, to: Ty) -> Val {
        let from = self.single_ty(e);
        // Constants of untyped kinds take the target's type directly.
        if let Some(c) = self.info.value_of(e)
            && self.info.types(e.id).mode == Mode::Constant
            && matches!(self.cx.tys.under_kind(to), TyKind::Basic(_))
        {
            self.at(e.pos);
            return self.constant(c, to);
        }
        let v = self.expr(e);
        self.at(e.pos);
        self.convert_implicit(v, from, to)
    }

    /// As [`expr_to`](Self::expr_to), in memory of its own if it is in memory.
    pub fn expr_to_stable(&mut self, e: &Expr, to: Ty) -> Val {
        let v = self.expr_to(e, to);
        self.stable(v, to)
    }

    /// A single-word value.
    pub fn expr1(&mut self, e: &Expr) -> Value {
        let t = self.single_ty(e);
        let v = self.expr(e);
        self.scalars(v, t)[0]
    }

    // ---- names ----

    fn ident(&mut self, i: &Ident) -> Val {
        let obj = self.info.def_or_use(i).unwrap_or_else(|| panic!("{} is not resolved", i.name));
        self.at(i.pos);
        self.obj_value(obj, i)
    }

    pub fn obj_value(&mut self, obj: Obj, i: &Ident) -> Val {
        match obj.kind() {
            ObjKind::Var(VarKind::Package) => {
                let t = self.obj_ty(obj);
                let d = self.cx.global(obj);
                let addr = self.b.data_addr(d, 0);
                self.load(addr, 0, t)
            }
            ObjKind::Var(_) => {
                let t = self.obj_ty(obj);
                let loc = self.local(obj);
                self.read_loc(&loc, t)
            }
            ObjKind::Func => {
                let id = self.func_ref(obj, i);
                let d = self.cx.func_value(id);
                Val::one(self.b.data_addr(d, 0))
            }
            ObjKind::Nil => Val::one(self.b.nil()),
            k => panic!("{} ({k:?}) is no value", i.name),
        }
    }

    pub fn local(&self, obj: Obj) -> VarLoc {
        match self.locals.get(&obj) {
            Some(l) => l.clone(),
            None => panic!("variable {} has no place in {}", obj.name(), self.display),
        }
    }

    /// The function that an identifier names, instantiated if it is generic.
    pub fn func_ref(&mut self, obj: Obj, i: &Ident) -> FuncId {
        let env = self.instance_env(obj, i);
        self.cx.decl_func(obj, env)
    }

    /// Binding for a use of a generic function.
    pub fn instance_env(&self, obj: Obj, i: &Ident) -> EnvId {
        match self.info.instance(i) {
            Some(inst) => {
                let sig = obj.origin().signature().expect("function");
                let targs: Vec<Ty> = inst.targs.iter().map(|&t| self.conv_ty(t)).collect();
                self.cx.tys.env(sig.tparams.iter().copied().zip(targs).collect())
            }
            None => EnvId::EMPTY,
        }
    }

    // ---- selectors ----

    pub fn selector(&mut self, e: &Expr, x: &Expr, sel: &Ident) -> Val {
        let Some(s) = self.info.selection(e.id) else {
            let obj = self.info.use_(sel).expect("qualified identifier");
            self.at(e.pos);
            return self.obj_value(obj, sel);
        };
        match s.kind {
            SelectionKind::FieldVal => {
                let c = self.field_cursor(e, x);
                self.at(sel.pos);
                match c {
                    Cursor::Val(v, _) => v,
                    Cursor::Addr(p, off, t) => {
                        let place = self.mem_place(p, off, t);
                        self.read_place(&place)
                    }
                }
            }
            SelectionKind::MethodVal => self.method_value(e, x, s.obj, sel),
            SelectionKind::MethodExpr => {
                let recv = self.ty(x);
                let (name, pkg) = (s.obj.name(), name_pkg(s.obj));
                let id = self.method_expr_func(recv, name, pkg, sel);
                let d = self.cx.func_value(id);
                Val::one(self.b.data_addr(d, 0))
            }
        }
    }

    /// The function of `T.m`.
    pub fn method_expr_func(
        &mut self,
        recv: Ty,
        name: golift_syntax::Symbol,
        pkg: Option<golift_types::Package>,
        sel: &Ident,
    ) -> FuncId {
        let targs = self.own_targs(sel);
        let m = self.cx.method_instance(recv, name, pkg, &targs);
        if let (Some(obj), true) = (m.obj, m.path.is_empty())
            && m.ptr_recv == self.cx.tys.as_ptr(recv).is_some()
            // A result pointer comes after the receiver of a method, but before the parameters of a function.
            && !crate::abi::needs_sret(&self.cx.tys, &self.cx.layouts, &self.cx.decl_signature(obj, m.env).1.results)
        {
            return self.cx.func(FuncKey::Decl { obj, env: m.env });
        }
        self.cx.func(FuncKey::MethodExpr { recv, name, pkg, targs })
    }

    /// The own type arguments of a method where it is selected.
    pub fn own_targs(&self, sel: &Ident) -> Vec<Ty> {
        self.info.instance(sel).map_or_else(Vec::new, |inst| inst.targs.iter().map(|&t| self.conv_ty(t)).collect())
    }

    /// Walks to the field that a selector expression names.
    fn field_cursor(&mut self, e: &Expr, x: &Expr) -> Cursor {
        let s = self.info.selection(e.id).expect("selection");
        let recv = self.ty(x);
        // In instances the field may lie elsewhere than in the generic type.
        let path = match self.cx.find_field(recv, s.obj.name(), name_pkg(s.obj)) {
            Some(f) => f.path,
            None => s.index.to_vec(),
        };
        let start = self.start_cursor(x, recv);
        self.walk(start, &path)
    }

    /// Evaluates the operand of a selector.
    fn start_cursor(&mut self, x: &Expr, t: Ty) -> Cursor {
        if let Some(elem) = self.cx.tys.as_ptr(t) {
            let p = self.expr1(x);
            return Cursor::Addr(p, 0, elem);
        }
        if self.info.types(x.id).addressable() && self.layout(t).is_mem() && self.is_place(x) {
            return match self.place(x) {
                Place::Mem { addr, off, ty } => Cursor::Addr(addr, off as i64, ty),
                p => {
                    let v = self.read_place(&p);
                    Cursor::Val(v, t)
                }
            };
        }
        // Reading one field of an addressable struct must not load all of it.
        if self.info.types(x.id).addressable()
            && self.is_place(x)
            && let p @ Place::Mem { .. } = self.place(x)
        {
            let Place::Mem { addr, off, ty } = p else { unreachable!() };
            return Cursor::Addr(addr, off as i64, ty);
        }
        let v = self.expr(x);
        Cursor::Val(v, t)
    }

    /// Expressions that [`place`](Self::place) can take.
    pub fn is_place(&self, e: &Expr) -> bool {
        match &e.unparen().kind {
            ExprKind::Ident(i) => self.info.def_or_use(i).is_some_and(|o| match self.locals.get(&o) {
                // A scalar variable is a value.
                Some(VarLoc::Ssa(_)) => false,
                _ => o.is_var(),
            }),
            ExprKind::Selector(x, _) => match self.info.selection(e.unparen().id) {
                Some(_) => self.cx.tys.as_ptr(self.ty(x)).is_some() || self.is_place(x),
                None => true,
            },
            ExprKind::Index(x, _) => match self.cx.tys.under_kind(self.ty(x)) {
                TyKind::Array(..) => self.is_place(x),
                TyKind::Slice(_) | TyKind::Ptr(_) => true,
                _ => false,
            },
            ExprKind::Unary(UnaryOp::Star, _) => true,
            _ => false,
        }
    }

    /// Follows a path of field indices.
    pub fn walk(&mut self, mut c: Cursor, path: &[u32]) -> Cursor {
        for &i in path {
            c = self.step(c, i as usize);
        }
        c
    }

    fn step(&mut self, c: Cursor, i: usize) -> Cursor {
        // An embedded pointer on the way is followed.
        let c = match c {
            Cursor::Val(v, t) => match self.cx.tys.as_ptr(t) {
                Some(e) => Cursor::Addr(v.single(), 0, e),
                None => Cursor::Val(v, t),
            },
            Cursor::Addr(p, off, t) => match self.cx.tys.as_ptr(t) {
                Some(e) => {
                    let place = self.mem_place(p, off, t);
                    let q = self.read_place(&place).single();
                    Cursor::Addr(q, 0, e)
                }
                None => Cursor::Addr(p, off, t),
            },
        };
        let (Cursor::Val(_, t) | Cursor::Addr(_, _, t)) = c;
        self.note_field(t, i);
        match c {
            Cursor::Val(v, t) => {
                let f = self.cx.tys.fields(t)[i].ty;
                Cursor::Val(self.val_field(v, t, i), f)
            }
            Cursor::Addr(p, off, t) => {
                let f = self.cx.tys.fields(t)[i].ty;
                Cursor::Addr(p, off + self.layout(t).offsets[i] as i64, f)
            }
        }
    }

    /// The value under a cursor.
    pub fn cursor_value(&mut self, c: Cursor) -> (Val, Ty) {
        match c {
            Cursor::Val(v, t) => (v, t),
            Cursor::Addr(p, off, t) => {
                let place = self.mem_place(p, off, t);
                (self.read_place(&place), t)
            }
        }
    }

    /// The receiver scalars for a found method of `x`: its value, or its address.
    pub fn receiver(&mut self, x: &Expr, m: &FoundMethod) -> SmallVec<[Value; 4]> {
        let t = self.ty(x);
        let start = if m.ptr_recv && self.cx.tys.as_ptr(t).is_none() && !m.indirect {
            let p = self.addr_of(x);
            Cursor::Addr(p, 0, t)
        } else if m.ptr_recv || self.cx.tys.as_ptr(t).is_some() || !m.path.is_empty() {
            self.start_cursor(x, t)
        } else {
            let v = self.expr(x);
            Cursor::Val(v, t)
        };
        self.at(x.pos);
        self.receiver_from(start, m)
    }

    /// Receiver scalars from a cursor at the operand.
    pub fn receiver_from(&mut self, start: Cursor, m: &FoundMethod) -> SmallVec<[Value; 4]> {
        let c = self.walk(start, &m.path);
        if m.ptr_recv {
            return match c {
                // An embedded or direct pointer.
                Cursor::Val(v, _) => SmallVec::from_slice(&[v.single()]),
                Cursor::Addr(p, off, t) => {
                    if self.cx.tys.as_ptr(t).is_some() && t != m.base {
                        let place = self.mem_place(p, off, t);
                        let v = self.read_place(&place);
                        return self.scalars(v, t);
                    }
                    // `p` may be nil only for a method of the operand itself.
                    if m.indirect && !m.path.is_empty() {
                        self.nil_check(p);
                    }
                    SmallVec::from_slice(&[self.b.ptr_add_imm(p, off)])
                }
            };
        }
        let (v, t) = match c {
            Cursor::Addr(p, off, t) if t != m.base && self.cx.tys.as_ptr(t).is_some() => {
                let place = self.mem_place(p, off, t);
                let q = self.read_place(&place).single();
                let e = self.cx.tys.elem(t);
                self.cursor_value(Cursor::Addr(q, 0, e))
            }
            Cursor::Val(v, t) if t != m.base && self.cx.tys.as_ptr(t).is_some() => {
                let e = self.cx.tys.elem(t);
                self.cursor_value(Cursor::Addr(v.single(), 0, e))
            }
            c => self.cursor_value(c),
        };
        if let Val::Mem { addr, .. } = v
            && !self.mem_flags(addr).notrap
        {
            self.b.ins0(InstData::NilCheck { addr });
        }
        // The callee owns what it gets.
        let v = self.stable(v, t);
        self.scalars(v, t)
    }

    /// `x.m` as a func value with the receiver bound.
    fn method_value(&mut self, e: &Expr, x: &Expr, method: Obj, sel: &Ident) -> Val {
        let (name, pkg) = (method.name(), name_pkg(method));
        let recv_ty = self.ty(x);
        if self.cx.tys.is_interface(recv_ty) {
            let v = self.expr(x);
            self.at(e.pos);
            let s = self.scalars(v, recv_ty);
            self.b.ins0(InstData::NilCheck { addr: s[0] });
            let id = self.cx.func(FuncKey::MethodValue { recv: recv_ty, name, pkg, targs: vec![] });
            return self.bound_closure(id, recv_ty, Val::Scalars(s));
        }
        let m = self.cx.find_method(recv_ty, name, pkg).expect("method");
        // Bind the receiver that the method itself takes.
        let (bound_ty, vals) = if m.interface {
            let start = self.start_cursor(x, recv_ty);
            let c = self.walk(start, &m.path);
            let (v, t) = self.cursor_value(c);
            let s = self.scalars(v, t);
            self.b.ins0(InstData::NilCheck { addr: s[0] });
            (t, s)
        } else {
            let vals = self.receiver(x, &m);
            (if m.ptr_recv { self.cx.tys.ptr_to(m.base) } else { m.base }, vals)
        };
        self.at(e.pos);
        let val =
            if self.layout(bound_ty).is_mem() { Val::Mem { addr: vals[0], fresh: true } } else { Val::Scalars(vals) };
        let id = self.cx.func(FuncKey::MethodValue { recv: bound_ty, name, pkg, targs: self.own_targs(sel) });
        self.bound_closure(id, bound_ty, val)
    }

    /// `{code, value}` as a func value.
    fn bound_closure(&mut self, id: FuncId, t: Ty, val: Val) -> Val {
        let word = self.cx.basic(Basic::Uintptr);
        let st = self.cx.tys.anon_struct([word, t]);
        let p = self.alloc(st);
        let code = self.b.func_addr(id);
        let code = self.b.unary(ir::UnaryOp::PtrToInt, Ir::I64, code);
        self.store(p, 0, word, Val::one(code));
        let off = self.layout(st).offsets[1] as i32;
        self.store(p, off, t, val);
        Val::one(p)
    }

    // ---- places ----

    /// The place that an addressable expression (or map element) denotes.
    pub fn place(&mut self, e: &Expr) -> Place {
        match &e.kind {
            ExprKind::Paren(x) => self.place(x),
            ExprKind::Ident(i) => {
                if i.name.as_str() == "_" {
                    return Place::Blank;
                }
                let obj = self.info.def_or_use(i).expect("variable");
                self.var_place(obj)
            }
            ExprKind::Selector(x, sel) => {
                let Some(s) = self.info.selection(e.id) else {
                    let obj = self.info.use_(sel).expect("qualified variable");
                    return self.var_place(obj);
                };
                let recv = self.ty(x);
                let path = match self.cx.find_field(recv, s.obj.name(), name_pkg(s.obj)) {
                    Some(f) => f.path,
                    None => s.index.to_vec(),
                };
                if self.cx.tys.as_ptr(recv).is_some() {
                    let p = self.expr1(x);
                    let elem = self.cx.tys.elem(recv);
                    let c = self.walk(Cursor::Addr(p, 0, elem), &path);
                    self.at(e.pos);
                    return self.cursor_place(c);
                }
                let mut p = self.place(x);
                let mut t = recv;
                for (n, &i) in path.iter().enumerate() {
                    if let Some(elem) = self.cx.tys.as_ptr(t) {
                        let v = self.read_place(&p);
                        let q = self.scalars(v, t)[0];
                        let c = self.walk(Cursor::Addr(q, 0, elem), &path[n..]);
                        return self.cursor_place(c);
                    }
                    self.note_field(t, i as usize);
                    let f = self.cx.tys.fields(t)[i as usize].ty;
                    p = self.place_field(p, i as usize);
                    t = f;
                }
                p
            }
            ExprKind::Index(x, idx) => self.index_place(e, x, &idx[0]),
            ExprKind::Unary(UnaryOp::Star, x) => {
                let p = self.expr1(x);
                self.at(e.pos);
                // Who uses the place checks for nil: in `a, (*p).f = …` that comes after `a` has been assigned.
                Place::Mem { addr: p, off: 0, ty: self.cx.tys.elem(self.ty(x)) }
            }
            // The operand of a method call with pointer receiver, or of &T{…}.
            _ => {
                let t = self.single_ty(e);
                let v = self.expr(e);
                let addr = self.spill(&v, t);
                Place::Mem { addr, off: 0, ty: t }
            }
        }
    }

    pub fn nil_check(&mut self, addr: Value) {
        if !self.mem_flags(addr).notrap {
            self.b.ins0(InstData::NilCheck { addr });
        }
    }

    fn cursor_place(&mut self, c: Cursor) -> Place {
        match c {
            Cursor::Addr(p, off, t) => self.mem_place(p, off, t),
            Cursor::Val(..) => unreachable!("value cursor of a place"),
        }
    }

    pub fn var_place(&mut self, obj: Obj) -> Place {
        let ty = self.obj_ty(obj);
        if obj.kind() == ObjKind::Var(VarKind::Package) {
            let d = self.cx.global(obj);
            let addr = self.b.data_addr(d, 0);
            return Place::Mem { addr, off: 0, ty };
        }
        let loc = self.local(obj);
        self.loc_place(&loc, ty)
    }

    /// Is the place in memory that a pointer points to, which may be nil? The elements of a slice have been counted.
    fn is_behind_pointer(&self, e: &Expr) -> bool {
        match &e.unparen().kind {
            ExprKind::Unary(UnaryOp::Star, _) => true,
            ExprKind::Selector(x, _) => self
                .info
                .selection(e.unparen().id)
                .is_some_and(|s| s.indirect || self.cx.tys.as_ptr(self.ty(x)).is_some() || self.is_behind_pointer(x)),
            ExprKind::Index(x, _) => match self.cx.tys.under_kind(self.ty(x)) {
                TyKind::Array(..) => self.is_behind_pointer(x),
                TyKind::Ptr(_) => true,
                _ => false,
            },
            _ => false,
        }
    }

    /// `&x`.
    pub fn addr_of(&mut self, e: &Expr) -> Value {
        let inner = e.unparen();
        if let ExprKind::CompositeLit(c) = &inner.kind {
            let t = self.ty(inner);
            let p = self.alloc(t);
            if matches!(self.cx.tys.under_kind(t), TyKind::Struct(_) | TyKind::Array(..)) {
                self.composite_into(p, c, t, true);
            } else {
                let v = self.composite(inner, c, t);
                self.store(p, 0, t, v);
            }
            return p;
        }
        let place = self.place(inner);
        self.at(e.pos);
        match &place {
            Place::Mem { addr, .. } => {
                // &p.f of a nil p faults.
                if self.is_behind_pointer(inner) {
                    self.nil_check(*addr);
                }
                self.place_addr(&place)
            }
            _ => panic!("address of a value in {}", self.display),
        }
    }

    // ---- unary ----

    fn unary(&mut self, e: &Expr, op: UnaryOp, x: &Expr) -> Val {
        match op {
            UnaryOp::Addr => {
                let p = self.addr_of(x);
                Val::one(p)
            }
            UnaryOp::Star => {
                let t = self.ty(e);
                let p = self.expr1(x);
                self.at(e.pos);
                let l = self.layout(t);
                if l.size == 0 || l.is_mem() {
                    self.nil_check(p);
                }
                self.load(p, 0, t)
            }
            UnaryOp::Recv => {
                let ch = self.expr1(x);
                self.at(e.pos);
                let elem = self.cx.tys.elem(self.ty(x));
                self.chan_recv(ch, elem, false).0
            }
            UnaryOp::Plus => self.expr(x),
            UnaryOp::Neg | UnaryOp::Not | UnaryOp::Xor => {
                let t = self.ty(e);
                let v = self.expr_to(x, t);
                self.at(e.pos);
                let s = self.scalars(v, t);
                self.arith_unary(op, t, &s)
            }
            UnaryOp::Tilde => panic!("~ is no operator of values"),
        }
    }

    fn arith_unary(&mut self, op: UnaryOp, t: Ty, s: &[Value]) -> Val {
        let ir_ty = self.b.ty(s[0]);
        match op {
            UnaryOp::Not => {
                let one = self.b.iconst(Ir::I8, 1);
                Val::one(self.b.binary(ir::BinaryOp::Xor, s[0], one))
            }
            UnaryOp::Xor => Val::one(self.b.unary(ir::UnaryOp::Not, ir_ty, s[0])),
            _ => {
                let float = self.cx.tys.as_basic(t).is_some_and(|b| b.is_float() || b.is_complex());
                let op = if float { ir::UnaryOp::FNeg } else { ir::UnaryOp::Neg };
                Val::Scalars(s.iter().map(|&v| self.b.unary(op, ir_ty, v)).collect())
            }
        }
    }

    /// Variables captured by an inner scope.
    pub fn free_vars(&self, scope: Scope) -> Vec<Obj> {
        self.facts.free.get(&scope).cloned().unwrap_or_default()
    }
}
