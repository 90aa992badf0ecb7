//! Binary operators: arithmetic, shifts, comparisons, equality.

use crate::func::FuncLower;
use crate::operand::Val;
use crate::ty::{Basic, Ty};
use golift_ir as ir;
use golift_ir::{BinaryOp as Op, FloatCC, IntCC, RuntimeFn, Type as Ir, UnaryOp as Un, Value};
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
        // Operands of a chain share one block: a chain of joins would be as deep as it is long.
        let mut operands = vec![y, x];
        while let Some(ExprKind::Binary(inner, x, y)) = operands.last().map(|e| &e.unparen().kind)
            && *inner == op
            && operands.last().is_some_and(|e| self.info.types(e.id).mode != Mode::Constant)
        {
            operands.pop();
            operands.extend([&**y, &**x]);
        }
        let done = self.b.create_block();
        let result = self.b.append_param(done, Ir::I8);
        let call = |block, args: &[Value]| ir::BlockCall { block, args: args.iter().copied().collect() };
        let known = self.b.iconst(Ir::I8, (op == BinaryOp::OrOr) as i64);
        // Nothing computed only on the way can be kept alive elsewhere.
        let list = self.uintptrs_of.take();
        while let Some(operand) = operands.pop() {
            self.order(&[operand]);
            let cond = self.expr1(operand);
            if operands.is_empty() {
                self.b.jump(done, &[cond]);
                break;
            }
            let rhs = self.b.create_block();
            let (then_, else_) = match op {
                BinaryOp::OrOr => (call(done, &[known]), call(rhs, &[])),
                _ => (call(rhs, &[]), call(done, &[known])),
            };
            self.b.ins0(ir::InstData::Brif { cond, then_, else_ });
            self.b.seal_and_switch(rhs);
        }
        self.uintptrs_of = list;
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
            let out = self.rt(RuntimeFn::ConcatString2, &[a[0], a[1], b[0], b[1]]);
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
            self.guard(zero, |f| f.rt_panic(RuntimeFn::PanicDivide, &[]));
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
                let out = self.rt(RuntimeFn::Complex128Div, &args);
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
        let n = self.shift_operand(y);
        self.check_shift(n, y);
        n
    }

    /// The count as a word, not checked yet.
    pub fn shift_operand(&mut self, y: &Expr) -> Value {
        // An untyped constant count is a uint, whatever its own kind.
        if let Some(c) = self.info.value_of(y) {
            return self.b.iconst(Ir::I64, crate::constant::int_bits(c) as i64);
        }
        let t = self.ty(y);
        let v = self.expr1(y);
        self.widen(v, t)
    }

    /// Panics if the count `n`, the value of `y`, is negative.
    pub fn check_shift(&mut self, n: Value, y: &Expr) {
        if self.info.value_of(y).is_some() || self.cx.tys.as_basic(self.ty(y)).is_some_and(|b| b.is_unsigned()) {
            return;
        }
        if self.b.as_iconst(n).is_none_or(|n| n < 0) {
            self.at(y.pos);
            let neg = self.b.icmp_imm(IntCC::Slt, n, 0);
            self.guard(neg, |f| f.rt_panic(RuntimeFn::PanicShift, &[]));
        }
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
            4 => Val::from_slice(&self.rt(RuntimeFn::ConcatString2, &words)),
            6 => Val::from_slice(&self.rt(RuntimeFn::ConcatString3, &words)),
            n => {
                let slot = self.b.func.make_slot(8 * n as u64, 8);
                let p = self.b.slot_addr(slot, 0);
                for (i, &w) in words.iter().enumerate() {
                    self.b.store(p, w, 8 * i as i32, ir::MemFlags { notrap: true, ..Default::default() });
                }
                let n = self.const_int(n as i64 / 2);
                Val::from_slice(&self.rt(RuntimeFn::ConcatStrings, &[p, n, n]))
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
        if self.calls_or_receives(next) { self.stable(v, t) } else { v }
    }

    /// Does evaluating the expression take a call (also of a builtin, but not a conversion) or a receive? The specification calls
    /// lengths of arrays constant without them.
    pub fn calls_or_receives(&self, e: &Expr) -> bool {
        if self.info.types(e.id).mode == Mode::Constant {
            return false;
        }
        match &e.kind {
            ExprKind::Call(c) => {
                !self.info.types(c.fun.id).is_type() || c.args.iter().any(|a| self.calls_or_receives(a))
            }
            ExprKind::Unary(op, x) => *op == golift_syntax::UnaryOp::Recv || self.calls_or_receives(x),
            ExprKind::Paren(x) | ExprKind::Selector(x, _) | ExprKind::TypeAssert(x, _) => self.calls_or_receives(x),
            ExprKind::Binary(_, x, y) | ExprKind::KeyValue(x, y) => {
                self.calls_or_receives(x) || self.calls_or_receives(y)
            }
            ExprKind::Index(x, i) => self.calls_or_receives(x) || i.iter().any(|i| self.calls_or_receives(i)),
            ExprKind::Slice(s) => {
                self.calls_or_receives(&s.x) || s.index.iter().flatten().any(|i| self.calls_or_receives(i))
            }
            ExprKind::CompositeLit(c) => c.elems.iter().any(|e| self.calls_or_receives(e)),
            _ => false,
        }
    }

    fn ordered(&mut self, op: BinaryOp, t: Ty, a: Val, b: Val) -> Value {
        let basic = self.cx.tys.as_basic(t).expect("ordered type");
        let a = self.scalars(a, t);
        let b = self.scalars(b, t);
        if basic == Basic::String {
            let c = self.rt1(RuntimeFn::CmpString, &[a[0], a[1], b[0], b[1]]);
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
