//! Binary operators: arithmetic, shifts, comparisons, equality.

use crate::func::FuncLower;
use crate::lower::FuncKey;
use crate::ty::{Basic, Ty, TyKind};
use crate::value::Val;
use golift_ir as ir;
use golift_ir::{BinaryOp as Op, FloatCC, IntCC, Type as Ir, UnaryOp as Un, Value};
use golift_syntax::{BinaryOp, Expr, ExprKind};
use golift_types::Mode;

impl FuncLower<'_, '_> {
    pub fn binary(&mut self, e: &Expr, op: BinaryOp, x: &Expr, y: &Expr) -> Val {
        match op {
            BinaryOp::AndAnd | BinaryOp::OrOr => Val::one(self.short_circuit(op, x, y)),
            _ if op.is_comparison() => Val::one(self.comparison(e, op, x, y)),
            _ if op.is_shift() => {
                let t = self.ty(e);
                let xv = self.expr_to(x, t);
                let a = self.scalars(xv, t)[0];
                let n = self.shift_count(y);
                self.at(e.pos);
                Val::one(self.shift(op == BinaryOp::Shl, t, a, n))
            }
            BinaryOp::Add if self.cx.tys.is_string(self.ty(e)) => self.concat(e),
            _ => {
                let t = self.ty(e);
                let a = self.expr_to(x, t);
                let b = self.expr_to(y, t);
                self.at(e.pos);
                self.arith(op, t, a, b)
            }
        }
    }

    /// `x && y`, `x || y` as a value.
    fn short_circuit(&mut self, op: BinaryOp, x: &Expr, y: &Expr) -> Value {
        self.order(&[x]);
        let a = self.expr1(x);
        let rhs = self.b.create_block();
        let done = self.b.create_block();
        let result = self.b.append_param(done, Ir::I8);
        let call = |block, args: &[Value]| ir::BlockCall { block, args: args.iter().copied().collect() };
        let known = self.b.iconst(Ir::I8, (op == BinaryOp::OrOr) as i64);
        let (then_, else_) = match op {
            BinaryOp::OrOr => (call(done, &[known]), call(rhs, &[])),
            _ => (call(rhs, &[]), call(done, &[known])),
        };
        self.b.ins0(ir::InstData::Brif { cond: a, then_, else_ });
        self.b.seal_and_switch(rhs);
        self.order(&[y]);
        // Nothing computed only here can be kept alive elsewhere.
        let list = self.uintptrs_of.take();
        let b = self.expr1(y);
        self.uintptrs_of = list;
        self.b.jump(done, &[b]);
        self.b.seal_and_switch(done);
        result
    }

    /// Branches on a condition without making a boolean of `&&`, `||` and `!`.
    pub fn branch(&mut self, e: &Expr, then_: ir::Block, else_: ir::Block) {
        let constant = self.info.types(e.id).mode == Mode::Constant;
        match &e.kind {
            ExprKind::Paren(x) if !constant => self.branch(x, then_, else_),
            ExprKind::Unary(golift_syntax::UnaryOp::Not, x) if !constant => self.branch(x, else_, then_),
            ExprKind::Binary(op @ (BinaryOp::AndAnd | BinaryOp::OrOr), x, y) if !constant => {
                let mid = self.b.create_block();
                if *op == BinaryOp::AndAnd {
                    self.branch(x, mid, else_);
                } else {
                    self.branch(x, then_, mid);
                }
                self.b.seal_and_switch(mid);
                self.branch(y, then_, else_);
            }
            _ => {
                self.order(&[e]);
                let c = self.expr1(e);
                self.at(e.pos);
                match self.b.as_iconst(c) {
                    Some(0) => self.b.jump(else_, &[]),
                    Some(_) => self.b.jump(then_, &[]),
                    None => self.b.brif(c, then_, else_),
                }
            }
        }
    }

    // ---- arithmetic ----

    /// `a op b` for operands of type `t`; shifts and comparisons excluded.
    pub fn arith(&mut self, op: BinaryOp, t: Ty, a: Val, b: Val) -> Val {
        let Some(basic) = self.cx.tys.as_basic(t) else { panic!("arithmetic on a composite type") };
        let a = self.scalars(a, t);
        let b = self.scalars(b, t);
        if basic == Basic::String {
            let out = self.rt("concatstring2", &[a[0], a[1], b[0], b[1]]);
            return Val::from_slice(&out);
        }
        if basic.is_complex() {
            return self.complex_arith(op, basic, &a, &b);
        }
        let (x, y) = (a[0], b[0]);
        if basic.is_float() {
            let op = match op {
                BinaryOp::Add => Op::FAdd,
                BinaryOp::Sub => Op::FSub,
                BinaryOp::Mul => Op::FMul,
                BinaryOp::Div => Op::FDiv,
                _ => panic!("{op:?} on floats"),
            };
            return Val::one(self.b.binary(op, x, y));
        }
        let v = match op {
            BinaryOp::Add => self.b.binary(Op::Add, x, y),
            BinaryOp::Sub => self.b.binary(Op::Sub, x, y),
            BinaryOp::Mul => self.b.binary(Op::Mul, x, y),
            BinaryOp::And => self.b.binary(Op::And, x, y),
            BinaryOp::Or => self.b.binary(Op::Or, x, y),
            BinaryOp::Xor => self.b.binary(Op::Xor, x, y),
            BinaryOp::AndNot => {
                let ty = self.b.ty(y);
                let n = self.b.unary(Un::Not, ty, y);
                self.b.binary(Op::And, x, n)
            }
            BinaryOp::Div | BinaryOp::Rem => self.divide(op == BinaryOp::Div, basic, x, y),
            _ => panic!("{op:?} is no arithmetic operator"),
        };
        Val::one(v)
    }

    fn divide(&mut self, quotient: bool, basic: Basic, x: Value, y: Value) -> Value {
        let ty = self.b.ty(x);
        let known = self.b.as_iconst(y);
        if known.is_none_or(|c| c == 0) {
            let zero = self.b.icmp_imm(IntCC::Eq, y, 0);
            let zero = if known == Some(0) { self.b.iconst(Ir::I8, 1) } else { zero };
            self.guard(zero, |f| f.rt_panic("panicdivide", &[]));
        }
        if basic.is_unsigned() {
            return self.b.binary(if quotient { Op::UDiv } else { Op::URem }, x, y);
        }
        let op = if quotient { Op::SDiv } else { Op::SRem };
        if known.is_some_and(|c| c != -1) {
            return self.b.binary(op, x, y);
        }
        // MIN / -1 is MIN and MIN % -1 is 0 in Go; the machine traps.
        let minus_one = self.b.icmp_imm(IntCC::Eq, y, -1);
        let one = self.b.iconst(ty, 1);
        let safe = self.b.select(minus_one, one, y);
        let v = self.b.binary(op, x, safe);
        if !quotient {
            // x % 1 is 0 as well.
            return v;
        }
        let neg = self.b.unary(Un::Neg, ty, x);
        self.b.select(minus_one, neg, v)
    }

    fn complex_arith(&mut self, op: BinaryOp, basic: Basic, a: &[Value], b: &[Value]) -> Val {
        let (ar, ai, br, bi) = (a[0], a[1], b[0], b[1]);
        match op {
            BinaryOp::Add | BinaryOp::Sub => {
                let op = if op == BinaryOp::Add { Op::FAdd } else { Op::FSub };
                let re = self.b.binary(op, ar, br);
                let im = self.b.binary(op, ai, bi);
                Val::from_slice(&[re, im])
            }
            BinaryOp::Mul => {
                // In double precision, as gc does for complex64 too.
                let wide = basic == Basic::Complex64;
                let w = |f: &mut Self, v| if wide { f.b.unary(Un::FPromote, Ir::F64, v) } else { v };
                let (ar, ai, br, bi) = (w(self, ar), w(self, ai), w(self, br), w(self, bi));
                let p = self.b.binary(Op::FMul, ar, br);
                let q = self.b.binary(Op::FMul, ai, bi);
                let re = self.b.binary(Op::FSub, p, q);
                let p = self.b.binary(Op::FMul, ar, bi);
                let q = self.b.binary(Op::FMul, ai, br);
                let im = self.b.binary(Op::FAdd, p, q);
                let n = |f: &mut Self, v| if wide { f.b.unary(Un::FDemote, Ir::F32, v) } else { v };
                let (re, im) = (n(self, re), n(self, im));
                Val::from_slice(&[re, im])
            }
            BinaryOp::Div => {
                let wide = basic == Basic::Complex64;
                let w = |f: &mut Self, v| if wide { f.b.unary(Un::FPromote, Ir::F64, v) } else { v };
                let args = [w(self, ar), w(self, ai), w(self, br), w(self, bi)];
                let out = self.rt("complex128div", &args);
                let n = |f: &mut Self, v| if wide { f.b.unary(Un::FDemote, Ir::F32, v) } else { v };
                let (re, im) = (n(self, out[0]), n(self, out[1]));
                Val::from_slice(&[re, im])
            }
            _ => panic!("{op:?} on complex numbers"),
        }
    }

    // ---- shifts ----

    /// The count as an unsigned word; a negative one panics.
    pub fn shift_count(&mut self, y: &Expr) -> Value {
        let t = self.ty(y);
        // An untyped constant count is a uint, whatever its own kind.
        if let Some(c) = self.info.value_of(y) {
            return self.b.iconst(Ir::I64, crate::constant::int_bits(c) as i64);
        }
        let v = self.expr1(y);
        let n = self.widen(v, t);
        let signed = !self.cx.tys.as_basic(t).is_some_and(|b| b.is_unsigned());
        if signed && self.b.as_iconst(n).is_none_or(|n| n < 0) {
            self.at(y.pos);
            let neg = self.b.icmp_imm(IntCC::Slt, n, 0);
            self.guard(neg, |f| f.rt_panic("panicshift", &[]));
        }
        n
    }

    /// `a << n` or `a >> n` with Go's result for counts of the width and more.
    pub fn shift(&mut self, left: bool, t: Ty, a: Value, n: Value) -> Value {
        let signed = !self.cx.tys.as_basic(t).is_some_and(|b| b.is_unsigned());
        let ty = self.b.ty(a);
        let width = ty.bytes() as i64 * 8;
        let op = match (left, signed) {
            (true, _) => Op::Shl,
            (false, true) => Op::AShr,
            (false, false) => Op::LShr,
        };
        let narrow = |f: &mut Self, n: Value| if ty == Ir::I64 { n } else { f.b.unary(Un::Trunc, ty, n) };
        if let Some(c) = self.b.as_iconst(n) {
            if (c as u64) < width as u64 {
                let c = self.b.iconst(ty, c);
                return self.b.binary(op, a, c);
            }
            if op != Op::AShr {
                return self.b.iconst(ty, 0);
            }
            let c = self.b.iconst(ty, width - 1);
            return self.b.binary(op, a, c);
        }
        let big = self.b.icmp_imm(IntCC::Uge, n, width);
        if op == Op::AShr {
            let last = self.const_int(width - 1);
            let n = self.b.select(big, last, n);
            let n = narrow(self, n);
            return self.b.binary(op, a, n);
        }
        let masked = self.b.binary_imm(Op::And, n, width - 1);
        let count = narrow(self, masked);
        let v = self.b.binary(op, a, count);
        let zero = self.b.iconst(ty, 0);
        self.b.select(big, zero, v)
    }

    // ---- strings ----

    /// A chain of string additions as one call.
    fn concat(&mut self, e: &Expr) -> Val {
        let mut parts = Vec::new();
        self.concat_operands(e, &mut parts);
        let t = self.ty(e);
        let mut words = Vec::new();
        for p in parts {
            let v = self.expr_to(p, t);
            words.extend(self.scalars(v, t));
        }
        self.at(e.pos);
        match words.len() {
            4 => Val::from_slice(&self.rt("concatstring2", &words)),
            6 => Val::from_slice(&self.rt("concatstring3", &words)),
            n => {
                let slot = self.b.func.make_slot(8 * n as u64, 8);
                let p = self.b.slot_addr(slot, 0);
                for (i, &w) in words.iter().enumerate() {
                    self.b.store(p, w, 8 * i as i32, ir::MemFlags { notrap: true, ..Default::default() });
                }
                let n = self.const_int(n as i64 / 2);
                Val::from_slice(&self.rt("concatstrings", &[p, n, n]))
            }
        }
    }

    fn concat_operands<'e>(&self, e: &'e Expr, out: &mut Vec<&'e Expr>) {
        let mut stack = vec![e];
        while let Some(e) = stack.pop() {
            match &e.kind {
                ExprKind::Paren(x) => stack.push(x),
                ExprKind::Binary(BinaryOp::Add, x, y) if self.info.types(e.id).mode != Mode::Constant => {
                    stack.push(y);
                    stack.push(x);
                }
                _ => out.push(e),
            }
        }
    }

    // ---- comparisons ----

    fn comparison(&mut self, e: &Expr, op: BinaryOp, x: &Expr, y: &Expr) -> Value {
        let (xt, yt) = (self.single_ty(x), self.single_ty(y));
        let nil = |f: &Self, e: &Expr| f.info.types(e.id).mode == Mode::Nil;
        if nil(self, x) || nil(self, y) {
            let (v, t) = if nil(self, y) { (self.expr(x), xt) } else { (self.expr(y), yt) };
            self.at(e.pos);
            let word = self.scalars(v, t)[0];
            return self.b.icmp_imm(if op == BinaryOp::Eql { IntCC::Eq } else { IntCC::Ne }, word, 0);
        }
        // Operands take the type of the typed or the interface one.
        let is_const = |f: &Self, e: &Expr| f.info.types(e.id).mode == Mode::Constant;
        let both = self.cx.tys.is_interface(xt) && self.cx.tys.is_interface(yt);
        let t = if both && !self.cx.implements(yt, xt) {
            yt
        } else if self.cx.tys.is_interface(xt) || (is_const(self, y) && !self.cx.tys.is_interface(yt)) {
            xt
        } else if self.cx.tys.is_interface(yt) || is_const(self, x) {
            yt
        } else {
            xt
        };
        let a = self.expr_to(x, t);
        let a = self.stable_if(a, t, y);
        let b = self.expr_to(y, t);
        self.at(e.pos);
        match op {
            BinaryOp::Eql => self.equal(t, a, b),
            BinaryOp::Neq => {
                if let Some(b2) = self.cx.tys.as_basic(t)
                    && b2.is_float()
                {
                    let (x, y) = (a.single(), b.single());
                    return self.b.fcmp(FloatCC::Ne, x, y);
                }
                let v = self.equal(t, a, b);
                let one = self.b.iconst(Ir::I8, 1);
                self.b.binary(Op::Xor, v, one)
            }
            _ => self.ordered(op, t, a, b),
        }
    }

    /// Copies memory that evaluating `next` might change.
    pub fn stable_if(&mut self, v: Val, t: Ty, next: &Expr) -> Val {
        if has_calls(next) { self.stable(v, t) } else { v }
    }

    fn ordered(&mut self, op: BinaryOp, t: Ty, a: Val, b: Val) -> Value {
        let basic = self.cx.tys.as_basic(t).expect("ordered type");
        let a = self.scalars(a, t);
        let b = self.scalars(b, t);
        if basic == Basic::String {
            let c = self.rt1("cmpstring", &[a[0], a[1], b[0], b[1]]);
            let cc = int_cc(op, false);
            return self.b.icmp_imm(cc, c, 0);
        }
        if basic.is_float() {
            let cc = match op {
                BinaryOp::Lss => FloatCC::Lt,
                BinaryOp::Leq => FloatCC::Le,
                BinaryOp::Gtr => FloatCC::Gt,
                _ => FloatCC::Ge,
            };
            return self.b.fcmp(cc, a[0], b[0]);
        }
        self.b.icmp(int_cc(op, basic.is_unsigned()), a[0], b[0])
    }

    /// `a == b` as 0 or 1.
    pub fn equal(&mut self, t: Ty, a: Val, b: Val) -> Value {
        match self.cx.tys.under_kind(t) {
            TyKind::Basic(Basic::String) => {
                let a = self.scalars(a, t);
                let b = self.scalars(b, t);
                self.string_equal(a[0], a[1], b[0], b[1])
            }
            TyKind::Basic(k) if k.is_float() => {
                let (a, b) = (self.scalars(a, t)[0], self.scalars(b, t)[0]);
                self.b.fcmp(FloatCC::Eq, a, b)
            }
            TyKind::Basic(k) if k.is_complex() => {
                let (a, b) = (self.scalars(a, t), self.scalars(b, t));
                let re = self.b.fcmp(FloatCC::Eq, a[0], b[0]);
                let im = self.b.fcmp(FloatCC::Eq, a[1], b[1]);
                self.b.binary(Op::And, re, im)
            }
            TyKind::Interface(m) => {
                let (a, b) = (self.scalars(a, t), self.scalars(b, t));
                // Different type words are never equal; equal ones need the values compared.
                let func = if m.is_empty() { "efaceeq" } else { "ifaceeq" };
                let same = self.b.icmp(IntCC::Eq, a[0], b[0]);
                let slow = self.b.create_block();
                let done = self.b.create_block();
                let result = self.b.append_param(done, Ir::I8);
                let zero = self.b.iconst(Ir::I8, 0);
                self.b.ins0(ir::InstData::Brif {
                    cond: same,
                    then_: ir::BlockCall { block: slow, args: Default::default() },
                    else_: ir::BlockCall { block: done, args: [zero].into_iter().collect() },
                });
                self.b.seal_and_switch(slow);
                let eq = self.rt1(func, &[a[0], a[1], b[1]]);
                self.b.jump(done, &[eq]);
                self.b.seal_and_switch(done);
                result
            }
            TyKind::Struct(fields) => {
                if self.layout(t).is_mem() {
                    return self.equal_mem(t, a, b);
                }
                let (mut acc, mut i) = (None, 0);
                let mut fail = None;
                for (n, f) in fields.iter().enumerate() {
                    let (from, count) = self.field_scalars(t, n);
                    debug_assert_eq!(from, i);
                    i += count;
                    if f.name.as_str() == "_" {
                        continue;
                    }
                    // A comparison that may panic comes only after equal fields.
                    if let Some(v) = acc
                        && self.equality_may_panic(f.ty)
                    {
                        let next = self.b.create_block();
                        let fail = *fail.get_or_insert_with(|| self.b.create_block());
                        self.b.brif(v, next, fail);
                        self.b.seal_and_switch(next);
                        acc = None;
                    }
                    let fa = self.val_field(a.clone(), t, n);
                    let fb = self.val_field(b.clone(), t, n);
                    let eq = self.equal(f.ty, fa, fb);
                    acc = Some(match acc {
                        Some(v) => self.b.binary(Op::And, v, eq),
                        None => eq,
                    });
                }
                let equal = acc.unwrap_or_else(|| self.b.iconst(Ir::I8, 1));
                match fail {
                    Some(fail) => self.join_equal(equal, fail),
                    None => equal,
                }
            }
            TyKind::Array(elem, _) => {
                if self.layout(t).is_mem() {
                    return self.equal_mem(t, a, b);
                }
                if self.layout(t).scalars.as_ref().is_some_and(|s| s.is_empty()) {
                    return self.b.iconst(Ir::I8, 1);
                }
                self.equal(*elem, a, b)
            }
            _ => {
                let (a, b) = (self.scalars(a, t)[0], self.scalars(b, t)[0]);
                self.b.icmp(IntCC::Eq, a, b)
            }
        }
    }

    /// Do values contain interfaces, whose dynamic types may not be comparable?
    fn equality_may_panic(&self, t: Ty) -> bool {
        match self.cx.tys.under_kind(t) {
            TyKind::Interface(_) => true,
            TyKind::Struct(fields) => fields.iter().any(|f| self.equality_may_panic(f.ty)),
            TyKind::Array(elem, n) => *n > 0 && self.equality_may_panic(*elem),
            _ => false,
        }
    }

    /// Compares values in memory: by bytes where that is the same, else by the type's equality function.
    pub fn equal_mem(&mut self, t: Ty, a: Val, b: Val) -> Value {
        let p = self.spill(&a, t);
        let q = self.spill(&b, t);
        if self.cx.is_regular_memory(t) {
            let n = self.const_int(self.layout(t).size as i64);
            return self.rt1("memequal", &[p, q, n]);
        }
        let id = self.cx.func(FuncKey::Equal(t));
        let nil = self.b.nil();
        self.call_func(id, &[nil, p, q])[0]
    }

    pub fn string_equal(&mut self, p: Value, n: Value, q: Value, m: Value) -> Value {
        // Comparing with a constant empty string needs no memory.
        if self.b.as_iconst(m) == Some(0) || self.b.as_iconst(n) == Some(0) {
            return self.b.icmp(IntCC::Eq, n, m);
        }
        let same = self.b.icmp(IntCC::Eq, n, m);
        let slow = self.b.create_block();
        let done = self.b.create_block();
        let result = self.b.append_param(done, Ir::I8);
        let zero = self.b.iconst(Ir::I8, 0);
        self.b.ins0(ir::InstData::Brif {
            cond: same,
            then_: ir::BlockCall { block: slow, args: Default::default() },
            else_: ir::BlockCall { block: done, args: [zero].into_iter().collect() },
        });
        self.b.seal_and_switch(slow);
        let eq = self.rt1("memequal", &[p, q, n]);
        self.b.jump(done, &[eq]);
        self.b.seal_and_switch(done);
        result
    }
}

fn int_cc(op: BinaryOp, unsigned: bool) -> IntCC {
    match (op, unsigned) {
        (BinaryOp::Lss, false) => IntCC::Slt,
        (BinaryOp::Leq, false) => IntCC::Sle,
        (BinaryOp::Gtr, false) => IntCC::Sgt,
        (BinaryOp::Geq, false) => IntCC::Sge,
        (BinaryOp::Lss, true) => IntCC::Ult,
        (BinaryOp::Leq, true) => IntCC::Ule,
        (BinaryOp::Gtr, true) => IntCC::Ugt,
        (BinaryOp::Geq, true) => IntCC::Uge,
        (op, _) => panic!("{op:?} is no order"),
    }
}

/// Evaluating the expression may run other code.
pub fn has_calls(e: &Expr) -> bool {
    match &e.kind {
        ExprKind::Call(_) => true,
        ExprKind::Unary(op, x) => *op == golift_syntax::UnaryOp::Recv || has_calls(x),
        ExprKind::Paren(x) | ExprKind::Selector(x, _) | ExprKind::TypeAssert(x, _) => has_calls(x),
        ExprKind::Binary(_, x, y) | ExprKind::KeyValue(x, y) => has_calls(x) || has_calls(y),
        ExprKind::Index(x, i) => has_calls(x) || i.iter().any(has_calls),
        ExprKind::Slice(s) => has_calls(&s.x) || s.index.iter().flatten().any(has_calls),
        ExprKind::CompositeLit(c) => c.elems.iter().any(has_calls),
        _ => false,
    }
}
