//! Built-in functions.

use crate::func::FuncLower;
use crate::operand::Val;
use crate::ty::{Basic, Ty, TyKind};
use golift_ir as ir;
use golift_ir::{BinaryOp as Op, IntCC, RuntimeFn, Type as Ir, Value};
use golift_syntax::{CallExpr, Expr, ExprKind};
use golift_types::{BuiltinId, Mode, ObjKind};

impl FuncLower<'_, '_> {
    /// The built-in that a call calls.
    pub fn builtin_id(&self, c: &CallExpr) -> Option<BuiltinId> {
        let name = match &c.fun.unparen().kind {
            ExprKind::Ident(i) => i,
            ExprKind::Selector(_, i) => i,
            _ => return None,
        };
        match self.info.use_(name)?.kind() {
            ObjKind::Builtin(id) => Some(id),
            _ => None,
        }
    }

    pub fn builtin(&mut self, e: &Expr, c: &CallExpr) -> Val {
        let id = self.builtin_id(c).expect("builtin");
        let none = Val::from_slice(&[]);
        if let Some(vals) = self.spread_args(c) {
            self.at(e.pos);
            return self.builtin_spread(e, id, vals);
        }
        match id {
            BuiltinId::Len | BuiltinId::Cap => Val::one(self.len_cap(&c.args[0], id == BuiltinId::Len)),
            BuiltinId::Append => self.append(e, c),
            BuiltinId::Copy => self.copy(e, c),
            BuiltinId::Delete => {
                let mt = self.ty(&c.args[0]);
                let m = self.expr1(&c.args[0]);
                let kt = self.map_key_ty(mt);
                let k = self.expr_to_stable(&c.args[1], kt);
                self.at(e.pos);
                self.map_delete(mt, m, &k);
                none
            }
            BuiltinId::Clear => {
                let t = self.ty(&c.args[0]);
                let v = self.expr(&c.args[0]);
                self.at(e.pos);
                let s = self.scalars(v, t);
                match self.cx.tys.under_kind(t) {
                    TyKind::Map(..) => {
                        let typ = self.rtype_addr(t);
                        self.rt(RuntimeFn::MapClear, &[typ, s[0]]);
                    }
                    _ => self.clear_slice(&s, t),
                }
                none
            }
            BuiltinId::Close => {
                let ch = self.expr1(&c.args[0]);
                self.at(e.pos);
                self.rt(RuntimeFn::CloseChan, &[ch]);
                none
            }
            BuiltinId::Make => self.make(e, c),
            BuiltinId::New => {
                let t = self.cx.tys.elem(self.ty(e));
                if self.info.types(c.args[0].id).is_type() {
                    self.at(e.pos);
                    return Val::one(self.alloc(t));
                }
                // new(expr): a variable with that initial value.
                let v = self.expr_to(&c.args[0], t);
                self.at(e.pos);
                let p = self.alloc(t);
                self.store(p, 0, t, v);
                Val::one(p)
            }
            BuiltinId::Panic => {
                let any = self.any_ty();
                let v = self.expr_to(&c.args[0], any);
                self.at(e.pos);
                let s = self.scalars(v, any);
                self.rt_panic(RuntimeFn::GoPanic, &s);
                none
            }
            BuiltinId::Recover => {
                let fp = self.b.ins(ir::InstData::GetCallerFp, Ir::Ptr);
                let fp = self.b.unary(ir::UnaryOp::PtrToInt, Ir::I64, fp);
                Val::from_slice(&self.rt(RuntimeFn::GoRecover, &[fp]))
            }
            BuiltinId::Print | BuiltinId::Println => {
                self.print(c, id == BuiltinId::Println);
                none
            }
            BuiltinId::Complex => {
                let t = self.ty(e);
                let part = self.cx.basic(match self.cx.tys.as_basic(t) {
                    Some(Basic::Complex64) => Basic::Float32,
                    _ => Basic::Float64,
                });
                let re = self.expr_to(&c.args[0], part).single();
                let im = self.expr_to(&c.args[1], part).single();
                Val::from_slice(&[re, im])
            }
            BuiltinId::Real | BuiltinId::Imag => {
                let t = self.ty(&c.args[0]);
                let v = self.expr(&c.args[0]);
                let s = self.scalars(v, t);
                Val::one(s[(id == BuiltinId::Imag) as usize])
            }
            BuiltinId::Min | BuiltinId::Max => self.min_max(e, c, id == BuiltinId::Min),
            BuiltinId::Add => {
                let p = self.expr1(&c.args[0]);
                let n = self.index_value(&c.args[1]);
                Val::one(self.b.ptr_add(p, n))
            }
            BuiltinId::Slice => {
                let pt = self.ty(&c.args[0]);
                let elem = self.cx.tys.elem(pt);
                let p = self.expr1(&c.args[0]);
                let n = self.index_value(&c.args[1]);
                self.at(e.pos);
                let typ = self.rtype_addr(elem);
                self.rt(RuntimeFn::UnsafeSlice, &[typ, p, n]);
                Val::from_slice(&[p, n, n])
            }
            BuiltinId::SliceData | BuiltinId::StringData => {
                let t = self.ty(&c.args[0]);
                let v = self.expr(&c.args[0]);
                Val::one(self.scalars(v, t)[0])
            }
            BuiltinId::String => {
                let p = self.expr1(&c.args[0]);
                let n = self.index_value(&c.args[1]);
                self.at(e.pos);
                self.rt(RuntimeFn::UnsafeString, &[p, n]);
                Val::from_slice(&[p, n])
            }
            BuiltinId::Sizeof | BuiltinId::Alignof | BuiltinId::Offsetof => self.size_query(c, id),
            BuiltinId::Assert | BuiltinId::Trace => panic!("{id:?} is only for tests of the checker"),
        }
    }

    /// The results of a call that is the only argument and has several.
    fn spread_args(&mut self, c: &CallExpr) -> Option<Vec<(Val, Ty)>> {
        let [a] = c.args.as_slice() else { return None };
        let ExprKind::Call(inner) = &a.unparen().kind else { return None };
        let tys = self.result_types(a.unparen());
        if tys.len() < 2 {
            return None;
        }
        let vals = self.call(a.unparen(), inner);
        Some(vals.into_iter().zip(tys).collect())
    }

    /// `append(f())` and its like, for a function with several results.
    fn builtin_spread(&mut self, e: &Expr, id: BuiltinId, vals: Vec<(Val, Ty)>) -> Val {
        match id {
            BuiltinId::Append => {
                let st = self.ty(e);
                let elem = self.cx.tys.elem(st);
                let mut it = vals.into_iter();
                let (base, bt) = it.next().expect("slice");
                let base = self.convert_implicit(base, bt, st);
                let s = self.scalars(base, st);
                let mut rest = Vec::new();
                for (v, t) in it {
                    rest.push(self.convert_implicit(v, t, elem));
                }
                self.append_values(&s, rest, elem)
            }
            BuiltinId::Complex => {
                let re = vals[0].0.single();
                let im = vals[1].0.single();
                Val::from_slice(&[re, im])
            }
            _ => self.builtin_values(id, vals),
        }
    }

    pub fn any_ty(&self) -> Ty {
        self.cx.tys.intern(TyKind::Interface(vec![]))
    }

    /// unsafe.Sizeof and its like of types that depend on type parameters.
    fn size_query(&mut self, c: &CallExpr, id: BuiltinId) -> Val {
        let arg = &c.args[0];
        let n = match id {
            BuiltinId::Sizeof => self.layout(self.single_ty(arg)).size,
            BuiltinId::Alignof => self.layout(self.single_ty(arg)).align as u64,
            _ => {
                let ExprKind::Selector(x, _) = &arg.unparen().kind else { panic!("Offsetof of no field") };
                let s = self.info.selection(arg.unparen().id).expect("selection");
                let mut t = self.ty(x);
                t = self.cx.tys.as_ptr(t).unwrap_or(t);
                let path = self.cx.find_field(t, s.obj.name(), crate::ty::name_pkg(s.obj)).expect("field").path;
                let mut off = 0;
                for &i in &path {
                    off += self.layout(t).offsets[i as usize];
                    t = self.cx.tys.fields(t)[i as usize].ty;
                }
                off
            }
        };
        Val::one(self.const_int(n as i64))
    }

    fn len_cap(&mut self, x: &Expr, len: bool) -> Value {
        let t = self.single_ty(x);
        match self.cx.tys.under_kind(t) {
            TyKind::Basic(_) => {
                let v = self.expr(x);
                self.scalars(v, t)[1]
            }
            TyKind::Slice(_) => {
                let v = self.expr(x);
                self.scalars(v, t)[if len { 1 } else { 2 }]
            }
            TyKind::Array(_, n) => {
                self.expr(x);
                self.const_int(*n as i64)
            }
            TyKind::Ptr(arr) => {
                self.expr(x);
                let TyKind::Array(_, n) = self.cx.tys.under_kind(*arr) else { panic!("len of pointer") };
                self.const_int(*n as i64)
            }
            TyKind::Map(..) => {
                let m = self.expr1(x);
                self.map_len(m)
            }
            TyKind::Chan(..) => {
                let ch = self.expr1(x);
                self.at(x.pos);
                self.rt1(if len { RuntimeFn::ChanLen } else { RuntimeFn::ChanCap }, &[ch])
            }
            k => panic!("len of {k:?}"),
        }
    }

    fn append(&mut self, e: &Expr, c: &CallExpr) -> Val {
        let st = self.ty(e);
        let elem = self.cx.tys.elem(st);
        let base = self.expr_to(&c.args[0], st);
        let s = self.scalars(base, st);
        if c.has_dots {
            if let Some(n) = self.made_length(&c.args[1], st) {
                return self.append_zeros(&s, n, st, e);
            }
            let yt = self.single_ty(&c.args[1]);
            let v = self.expr(&c.args[1]);
            self.at(e.pos);
            if self.cx.tys.as_basic(yt) == Some(Basic::UntypedNil) {
                return Val::Scalars(s);
            }
            let y = self.scalars(v, yt);
            return self.append_slice(&s, y[0], y[1], elem);
        }
        if c.args.len() == 1 {
            return Val::Scalars(s);
        }
        let mut vals = Vec::new();
        for a in &c.args[1..] {
            vals.push(self.expr_to_stable(a, elem));
        }
        self.at(e.pos);
        self.append_values(&s, vals, elem)
    }

    /// The length in `make([]T, n)`, if that is what is appended to a slice of that type.
    fn made_length<'e>(&self, appended: &'e Expr, st: Ty) -> Option<&'e Expr> {
        let ExprKind::Call(c) = &appended.unparen().kind else { return None };
        let is_make = self.info.types(c.fun.id).mode == Mode::Builtin && self.builtin_id(c) == Some(BuiltinId::Make);
        match &c.args[..] {
            [_, n] if is_make && matches!(self.cx.tys.under_kind(self.ty(appended)), TyKind::Slice(_)) => {
                (self.cx.tys.elem(self.ty(appended)) == self.cx.tys.elem(st)).then_some(n)
            }
            _ => None,
        }
    }

    /// `append(s, make([]T, n)...)` without the slice in between. A length that no slice can have is reported as `append` does.
    fn append_zeros(&mut self, s: &[Value], n: &Expr, st: Ty, e: &Expr) -> Val {
        let elem = self.cx.tys.elem(st);
        let n = self.index_value(n);
        self.at(e.pos);
        let zero = self.const_int(0);
        let negative = self.b.icmp(IntCC::Slt, n, zero);
        self.guard(negative, |f| f.rt_panic(RuntimeFn::PanicMakeSliceLen, &[]));
        let out = self.grow_by(s, n, elem);
        if self.layout(elem).size > 0 {
            let at = self.elem_addr(out[0], s[1], elem);
            self.clear_slice(&[at, n], st);
        }
        Val::from_slice(&out)
    }

    fn append_values(&mut self, s: &[Value], vals: Vec<Val>, elem: Ty) -> Val {
        let n = vals.len() as i64;
        let out = self.grow_for(s, n, elem);
        let size = self.layout(elem).size;
        let at = self.elem_addr(out[0], s[1], elem);
        for (i, v) in vals.into_iter().enumerate() {
            let place = self.mem_place_known(at, i as i64 * size as i64);
            self.store(place, 0, elem, v);
        }
        Val::from_slice(&out)
    }

    fn mem_place_known(&mut self, at: Value, off: i64) -> Value {
        self.b.ptr_add_imm(at, off)
    }

    /// The slice with room for `n` more elements and its length raised by `n`.
    fn grow_for(&mut self, s: &[Value], n: i64, elem: Ty) -> [Value; 3] {
        let num = self.const_int(n);
        self.grow_by(s, num, elem)
    }

    fn grow_by(&mut self, s: &[Value], num: Value, elem: Ty) -> [Value; 3] {
        let new_len = self.b.binary(Op::Add, s[1], num);
        let full = self.b.icmp(IntCC::Ugt, new_len, s[2]);
        let grow = self.b.create_block();
        let done = self.b.create_block();
        let p = self.b.append_param(done, Ir::Ptr);
        let cap = self.b.append_param(done, Ir::I64);
        self.b.ins0(ir::InstData::Brif {
            cond: full,
            then_: ir::BlockCall { block: grow, args: Default::default() },
            else_: ir::BlockCall { block: done, args: [s[0], s[2]].into_iter().collect() },
        });
        self.b.seal_and_switch(grow);
        let typ = self.rtype_addr(elem);
        let g = self.rt(RuntimeFn::GrowSlice, &[s[0], new_len, s[2], num, typ]);
        self.b.jump(done, &[g[0], g[2]]);
        self.b.seal_and_switch(done);
        [p, new_len, cap]
    }

    fn append_slice(&mut self, s: &[Value], p: Value, n: Value, elem: Ty) -> Val {
        let out = self.grow_by(s, n, elem);
        let at = self.elem_addr(out[0], s[1], elem);
        self.move_elems(at, p, n, elem);
        Val::from_slice(&out)
    }

    /// Copies `n` elements between slices that may overlap.
    fn move_elems(&mut self, dst: Value, src: Value, n: Value, elem: Ty) {
        let l = self.layout(elem);
        if l.size == 0 {
            return;
        }
        if l.has_pointers() {
            let typ = self.rtype_addr(elem);
            self.rt(RuntimeFn::TypedSliceCopy, &[typ, dst, n, src, n]);
            return;
        }
        let bytes = if l.size == 1 { n } else { self.b.binary_imm(Op::Mul, n, l.size as i64) };
        self.rt(RuntimeFn::MemMoveBytes, &[dst, src, bytes]);
    }

    fn copy(&mut self, e: &Expr, c: &CallExpr) -> Val {
        let dt = self.ty(&c.args[0]);
        let st = self.single_ty(&c.args[1]);
        let d = self.expr(&c.args[0]);
        let d = self.scalars(d, dt);
        let s = self.expr(&c.args[1]);
        let s = self.scalars(s, st);
        self.at(e.pos);
        self.copy_values(&d, &s, dt)
    }

    /// Copies between slices (or from a string).
    pub fn copy_values(&mut self, d: &[Value], s: &[Value], dt: Ty) -> Val {
        let elem = self.cx.tys.elem(dt);
        let less = self.b.icmp(IntCC::Slt, d[1], s[1]);
        let n = self.b.select(less, d[1], s[1]);
        self.move_elems(d[0], s[0], n, elem);
        Val::one(n)
    }

    pub fn clear_slice(&mut self, s: &[Value], t: Ty) {
        let l = self.layout(self.cx.tys.elem(t));
        let n = self.b.binary_imm(Op::Mul, s[1], l.size as i64);
        let clear = if l.has_pointers() { RuntimeFn::MemClrHasPointers } else { RuntimeFn::MemClrNoHeapPointers };
        self.rt(clear, &[s[0], n]);
    }

    fn make(&mut self, e: &Expr, c: &CallExpr) -> Val {
        let t = self.ty(e);
        match self.cx.tys.under_kind(t) {
            TyKind::Slice(elem) => {
                let len = self.index_value(&c.args[1]);
                let cap = match c.args.get(2) {
                    Some(a) => self.index_value(a),
                    None => len,
                };
                self.at(e.pos);
                let size = self.layout(*elem).size;
                if let (Some(l), Some(n)) = (self.b.as_iconst(len), self.b.as_iconst(cap))
                    && (0..=n).contains(&l)
                    && (n as u64).saturating_mul(size) <= 64 << 10
                {
                    let arr = self.cx.tys.array_of(*elem, n as u64);
                    let p = self.alloc(arr);
                    return Val::from_slice(&[p, len, cap]);
                }
                let typ = self.rtype_addr(*elem);
                let p = self.rt1(RuntimeFn::MakeSlice, &[typ, len, cap]);
                Val::from_slice(&[p, len, cap])
            }
            TyKind::Map(..) => {
                let hint = match c.args.get(1) {
                    Some(a) => self.index_value(a),
                    None => self.const_int(0),
                };
                self.at(e.pos);
                Val::one(self.make_map(t, hint))
            }
            TyKind::Chan(..) => {
                let n = match c.args.get(1) {
                    Some(a) => self.index_value(a),
                    None => self.const_int(0),
                };
                self.at(e.pos);
                let typ = self.rtype_addr(t);
                Val::one(self.rt1(RuntimeFn::MakeChan, &[typ, n]))
            }
            k => panic!("make of {k:?}"),
        }
    }

    pub fn make_map(&mut self, t: Ty, hint: Value) -> Value {
        if self.b.as_iconst(hint).is_some_and(|h| (0..=8).contains(&h)) {
            let typ = self.rtype_addr(t);
            return self.rt1(RuntimeFn::MakeMapSmall, &[typ]);
        }
        let typ = self.rtype_addr(t);
        let nil = self.b.nil();
        self.rt1(RuntimeFn::MakeMap, &[typ, hint, nil])
    }

    fn min_max(&mut self, e: &Expr, c: &CallExpr, min: bool) -> Val {
        let t = self.ty(e);
        let basic = self.cx.tys.as_basic(t).expect("ordered type");
        let mut vals = Vec::new();
        for a in &c.args {
            let v = self.expr_to(a, t);
            vals.push(self.scalars(v, t));
        }
        self.at(e.pos);
        let mut acc = vals[0].clone();
        for v in &vals[1..] {
            acc = if basic.is_float() {
                let op = if min { Op::FMin } else { Op::FMax };
                smallvec::smallvec![self.b.binary(op, acc[0], v[0])]
            } else if basic == Basic::String {
                let c = self.rt1(RuntimeFn::CmpString, &[v[0], v[1], acc[0], acc[1]]);
                let better = self.b.icmp_imm(if min { IntCC::Slt } else { IntCC::Sgt }, c, 0);
                let p = self.b.select(better, v[0], acc[0]);
                let n = self.b.select(better, v[1], acc[1]);
                smallvec::smallvec![p, n]
            } else {
                let cc = match (min, basic.is_unsigned()) {
                    (true, false) => IntCC::Slt,
                    (true, true) => IntCC::Ult,
                    (false, false) => IntCC::Sgt,
                    (false, true) => IntCC::Ugt,
                };
                let better = self.b.icmp(cc, v[0], acc[0]);
                smallvec::smallvec![self.b.select(better, v[0], acc[0])]
            };
        }
        Val::Scalars(acc)
    }

    fn print(&mut self, c: &CallExpr, newline: bool) {
        let mut vals = Vec::new();
        for a in &c.args {
            let mut t = self.single_ty(a);
            // An untyped integer constant prints as int64, whatever it is.
            if self.info.types(a.id).mode == Mode::Nil {
                t = self.cx.basic(Basic::UnsafePointer);
            }
            let v = self.expr_to_stable(a, t);
            vals.push((v, t));
        }
        self.at(c.fun.pos);
        self.print_values(vals, newline);
    }

    pub fn print_values(&mut self, vals: Vec<(Val, Ty)>, newline: bool) {
        self.rt(RuntimeFn::PrintLock, &[]);
        for (i, (v, t)) in vals.into_iter().enumerate() {
            if newline && i > 0 {
                self.rt(RuntimeFn::PrintSp, &[]);
            }
            self.print_value(v, t);
        }
        if newline {
            self.rt(RuntimeFn::PrintNl, &[]);
        }
        self.rt(RuntimeFn::PrintUnlock, &[]);
    }

    fn print_value(&mut self, v: Val, t: Ty) {
        let s = self.scalars(v, t);
        match self.cx.tys.under_kind(t) {
            TyKind::Basic(b) => match b {
                Basic::Bool => drop(self.rt(RuntimeFn::PrintBool, &s)),
                Basic::String => drop(self.rt(RuntimeFn::PrintString, &s)),
                Basic::Float32 => drop(self.rt(RuntimeFn::PrintFloat32, &s)),
                Basic::Float64 => drop(self.rt(RuntimeFn::PrintFloat64, &s)),
                Basic::Complex64 => drop(self.rt(RuntimeFn::PrintComplex64, &s)),
                Basic::Complex128 => drop(self.rt(RuntimeFn::PrintComplex128, &s)),
                Basic::UnsafePointer | Basic::UntypedNil => drop(self.rt(RuntimeFn::PrintPointer, &s)),
                _ if b.is_integer() && self.is_runtime_hex(t) => {
                    self.rt(RuntimeFn::PrintHex, &s);
                }
                _ => {
                    let w = self.widen(s[0], t);
                    self.rt(if b.is_unsigned() { RuntimeFn::PrintUint } else { RuntimeFn::PrintInt }, &[w]);
                }
            },
            TyKind::Slice(_) => drop(self.rt(RuntimeFn::PrintSlice, &s)),
            TyKind::Interface(m) => {
                self.rt(if m.is_empty() { RuntimeFn::PrintEface } else { RuntimeFn::PrintIface }, &s);
            }
            _ => drop(self.rt(RuntimeFn::PrintPointer, &s)),
        }
    }

    /// `runtime.hex` prints in hexadecimal.
    fn is_runtime_hex(&self, t: Ty) -> bool {
        matches!(self.cx.tys.kind(t), TyKind::Named { obj, .. }
            if self.cx.known.is_hex(*obj))
    }
}
