//! `switch`, type switches, `select`.

use crate::func::FuncLower;
use crate::operand::{Place, Val};
use crate::search::Case;
use crate::ty::{Basic, Ty};
use golift_ir::{Block, IntCC, MemFlags, RuntimeFn, Type as Ir, Value};
use golift_syntax::{CommClause, Expr, ExprKind, Pos, SelectStmt, StmtKind, SwitchStmt, TypeSwitchStmt, UnaryOp};
use golift_types::{ConstValue, Mode};

impl FuncLower<'_, '_> {
    pub fn switch_stmt(&mut self, sw: &SwitchStmt) {
        let label = self.pending_label.take();
        if let Some(s) = &sw.init {
            self.stmt(s);
        }
        let tag = sw.tag.as_ref().map(|t| {
            let ty = self.single_ty(t);
            self.order(&[t]);
            let v = self.expr(t);
            (self.stable(v, ty), ty)
        });
        let exit = self.b.create_block();
        let bodies: Vec<Block> = sw.clauses.iter().map(|_| self.b.create_block()).collect();
        let mut default = exit;
        let mut cases: Vec<Case> = Vec::new();
        for (c, &body) in sw.clauses.iter().zip(&bodies) {
            if c.is_default {
                default = body;
            }
            cases.extend(c.cases.iter().map(|expr| Case { expr, body }));
        }
        let searchable = tag.as_ref().filter(|(v, t)| self.is_searchable(v, *t));
        let mut rest = &cases[..];
        while let Some((case, after)) = rest.split_first() {
            if let Some((v, t)) = searchable
                && let run = self.constant_run(rest)
                && !run.is_empty()
            {
                self.at(case.expr.pos);
                self.search(v, *t, run);
                rest = &rest[run.len()..];
                continue;
            }
            self.switch_case(&tag, *case);
            rest = after;
        }
        self.b.jump(default, &[]);
        // Bodies come in order, so that fallthrough reaches an unsealed block.
        self.push_target(label, exit, None);
        for (i, c) in sw.clauses.iter().enumerate() {
            self.b.seal_and_switch(bodies[i]);
            self.fallthrough_to.push(bodies.get(i + 1).copied());
            self.stmts(&c.body);
            self.fallthrough_to.pop();
            self.b.jump(exit, &[]);
        }
        self.targets.pop();
        self.b.seal_and_switch(exit);
    }

    /// Branches to the body of a case if it is the one.
    fn switch_case(&mut self, tag: &Option<(Val, Ty)>, Case { expr: e, body }: Case) {
        self.at(e.pos);
        let next = self.b.create_block();
        match tag {
            None if self.cx.tys.is_interface(self.single_ty(e)) => {
                // `switch { case i: }` compares i with true.
                let bool = self.bool();
                let yes = self.bool_const(true);
                let hit = self.case_equal(&yes, bool, e);
                self.b.brif(hit, body, next);
            }
            None => self.branch(e, body, next),
            Some((v, t)) => {
                let hit = self.case_equal(v, *t, e);
                match self.b.as_iconst(hit) {
                    Some(0) => self.b.jump(next, &[]),
                    Some(_) => self.b.jump(body, &[]),
                    None => self.b.brif(hit, body, next),
                }
            }
        }
        self.b.seal_and_switch(next);
    }

    pub fn fallthrough(&mut self) {
        let next = self.fallthrough_to.last().copied().flatten().expect("fallthrough target");
        self.b.jump(next, &[]);
    }

    /// `tag == case`, of possibly different types.
    fn case_equal(&mut self, tag: &Val, t: Ty, e: &Expr) -> Value {
        if self.info.types(e.id).mode == Mode::Nil {
            let w = self.scalars(tag.clone(), t)[0];
            return self.b.icmp_imm(IntCC::Eq, w, 0);
        }
        let et = self.single_ty(e);
        self.order(&[e]);
        if self.cx.tys.is_interface(et) && !self.cx.tys.is_interface(t) {
            let a = self.make_interface(tag.clone(), t, et);
            let b = self.expr(e);
            self.at(e.pos);
            return self.equal(et, a, b);
        }
        let b = self.expr_to(e, t);
        self.at(e.pos);
        self.equal(t, tag.clone(), b)
    }

    // ---- type switch ----

    pub fn type_switch(&mut self, sw: &TypeSwitchStmt) {
        let label = self.pending_label.take();
        if let Some(s) = &sw.init {
            self.stmt(s);
        }
        let from = self.ty(&sw.x);
        self.order(&[&sw.x]);
        let v = self.expr(&sw.x);
        self.at(sw.guard_pos);
        let s = self.scalars(v, from);
        let (word, data) = (s[0], s[1]);
        let typ = self.dynamic_type(word, from);
        let exit = self.b.create_block();
        let mut default = None;
        self.push_target(label, exit, None);
        for c in &sw.clauses {
            let body = self.b.create_block();
            let mut single: Option<(Ty, Option<Value>)> = None;
            let after = if c.is_default {
                default = Some((c, body));
                continue;
            } else {
                for e in &c.cases {
                    self.at(e.pos);
                    let next = self.b.create_block();
                    let hit = if self.info.types(e.id).mode == Mode::Nil {
                        self.b.icmp_imm(IntCC::Eq, word, 0)
                    } else {
                        let to = self.ty(e);
                        let (hit, tab) = self.type_test(word, typ, from, to);
                        if c.cases.len() == 1 {
                            single = Some((to, tab));
                        }
                        hit
                    };
                    self.b.brif(hit, body, next);
                    self.b.seal_and_switch(next);
                }
                self.b.create_block()
            };
            // The block that tests on: comes back to it after the body.
            self.b.jump(after, &[]);
            self.b.seal_and_switch(body);
            self.in_scope(|f| f.type_clause(c, single, &s, from, data));
            self.b.jump(exit, &[]);
            self.b.seal_and_switch(after);
        }
        if let Some((c, body)) = default {
            self.b.jump(body, &[]);
            self.b.seal_and_switch(body);
            self.in_scope(|f| f.type_clause(c, None, &s, from, data));
        }
        self.b.jump(exit, &[]);
        self.targets.pop();
        self.b.seal_and_switch(exit);
    }

    fn type_clause(
        &mut self,
        c: &golift_syntax::CaseClause,
        single: Option<(Ty, Option<Value>)>,
        s: &[Value],
        from: Ty,
        data: Value,
    ) {
        if let Some(obj) = self.info.clause_var(c.id) {
            let t = self.obj_ty(obj);
            let v = match single {
                Some((to, Some(tab))) if self.cx.tys.is_interface(to) => Val::from_slice(&[tab, data]),
                Some((to, None)) => self.unbox(data, to),
                _ => {
                    let v = Val::from_slice(s);
                    self.convert_implicit(v, from, t)
                }
            };
            self.declare_local(obj, t, Some(v));
        }
        self.stmts(&c.body);
    }

    // ---- select ----

    pub fn select_stmt(&mut self, pos: Pos, sel: &SelectStmt) {
        let label = self.pending_label.take();
        let exit = self.b.create_block();
        self.push_target(label, exit, None);
        let cases: Vec<&CommClause> = sel.clauses.iter().filter(|c| c.comm.is_some()).collect();
        let default = sel.clauses.iter().find(|c| c.comm.is_none());
        if cases.is_empty() {
            match default {
                Some(d) => self.stmts(&d.body),
                None => {
                    self.rt(RuntimeFn::Block, &[]);
                    self.b.unreachable();
                }
            }
        } else if let ([c], None) = (&cases[..], default)
            && let Some(comm) = c.comm.as_ref().filter(|comm| !matches!(comm.kind, StmtKind::Assign(..)))
        {
            // One communication is that statement. (But an assignment's left side would be evaluated too early.)
            self.stmt(comm);
            self.stmts(&c.body);
        } else {
            self.select_cases(pos, &cases, default, exit);
        }
        if !self.b.is_dead() {
            self.b.jump(exit, &[]);
        }
        self.targets.pop();
        self.b.seal_and_switch(exit);
    }

    fn select_cases(&mut self, pos: Pos, cases: &[&CommClause], default: Option<&CommClause>, exit: Block) {
        // Evaluate channels and values in source order; sends come first in the array.
        let n = cases.len();
        let nsends = cases.iter().filter(|c| is_send(c)).count();
        let (mut send_i, mut recv_i) = (0, nsends);
        let slot = self.b.func.make_slot(16 * n as u64, 8);
        let order = self.b.func.make_slot(4 * n as u64, 8);
        let arr = self.b.slot_addr(slot, 0);
        let flags = MemFlags { notrap: true, ..MemFlags::default() };
        let mut infos = Vec::new();
        let mut sent = Vec::new();
        for c in cases {
            let comm = c.comm.as_ref().expect("communication");
            self.at(comm.pos);
            let (index, ch, buf, elem) = if let StmtKind::Send(ch, v) = &comm.kind {
                let elem = self.cx.tys.elem(self.ty(ch));
                self.order(&[ch, v]);
                let ch = self.expr1(ch);
                let v = self.expr_to(v, elem);
                let v = self.stable(v, elem);
                let p = self.spill(&v, elem);
                sent.push((p, v, elem));
                send_i += 1;
                (send_i - 1, ch, p, elem)
            } else {
                let x = recv_operand(comm).expect("receive");
                let elem = self.cx.tys.elem(self.ty(x));
                self.order(&[x]);
                let ch = self.expr1(x);
                let p = self.receive_buffer(elem);
                recv_i += 1;
                (recv_i - 1, ch, p, elem)
            };
            self.b.store(arr, ch, 16 * index as i32, flags);
            self.b.store(arr, buf, 16 * index as i32 + 8, flags);
            infos.push((index, buf, elem));
        }
        let order = self.b.slot_addr(order, 0);
        let ns = self.const_int(nsends as i64);
        let nr = self.const_int((n - nsends) as i64);
        let block = self.b.iconst(Ir::I8, default.is_none() as i64);
        match (cases, default) {
            // Its own position, as it is an attempt of one communication.
            ([c], Some(_)) => self.at(c.comm.as_ref().expect("communication").pos),
            _ => self.at(pos),
        }
        let out = self.rt(RuntimeFn::SelectGo, &[arr, order, ns, nr, block]);
        let (chosen, received) = (out[0], out[1]);
        for (p, v, elem) in sent {
            self.clear_buffer(p, &v, elem);
        }
        if let Some(d) = default {
            let (yes, no) = (self.b.create_block(), self.b.create_block());
            let none = self.b.icmp_imm(IntCC::Slt, chosen, 0);
            self.b.brif(none, yes, no);
            self.b.seal_and_switch(yes);
            self.stmts(&d.body);
            self.b.jump(exit, &[]);
            self.b.seal_and_switch(no);
        }
        for (i, (c, (index, buf, elem))) in cases.iter().zip(infos).enumerate() {
            if i + 1 < n {
                let (yes, no) = (self.b.create_block(), self.b.create_block());
                let hit = self.b.icmp_imm(IntCC::Eq, chosen, index as i64);
                self.b.brif(hit, yes, no);
                self.b.seal_and_switch(yes);
                self.in_scope(|f| f.select_body(c, buf, elem, received));
                self.b.jump(exit, &[]);
                self.b.seal_and_switch(no);
            } else {
                self.in_scope(|f| f.select_body(c, buf, elem, received));
            }
        }
    }

    fn select_body(&mut self, c: &CommClause, buf: Value, elem: Ty, received: Value) {
        let comm = c.comm.as_ref().expect("communication");
        let value = |f: &mut Self| {
            let v = f.load(buf, 0, elem);
            f.clear_buffer(buf, &v, elem);
            match v {
                Val::Mem { addr, .. } => Val::Mem { addr, fresh: true },
                v => v,
            }
        };
        let bool = self.bool();
        match &comm.kind {
            StmtKind::Define(l, _) => {
                for (i, e) in l.iter().enumerate() {
                    let Some(obj) = e.as_ident().and_then(|n| self.info.def(n)) else { continue };
                    let t = self.obj_ty(obj);
                    let (v, from) = if i == 0 { (value(self), elem) } else { (Val::one(received), bool) };
                    let v = self.convert_implicit(v, from, t);
                    self.declare_local(obj, t, Some(v));
                }
            }
            StmtKind::Assign(l, _) => {
                for (i, e) in l.iter().enumerate() {
                    if self.is_blank_lhs(e) {
                        continue;
                    }
                    let p: Place = self.place(e);
                    let to = self.place_ty(&p).expect("typed place");
                    let (v, from) = if i == 0 { (value(self), elem) } else { (Val::one(received), bool) };
                    let v = self.convert_implicit(v, from, to);
                    self.write_place(&p, v);
                }
            }
            _ => {}
        }
        self.stmts(&c.body);
    }

    /// A boolean constant.
    pub fn bool_const(&mut self, b: bool) -> Val {
        let t = self.cx.basic(Basic::Bool);
        self.constant(&ConstValue::Bool(b), t)
    }
}

fn is_send(c: &CommClause) -> bool {
    c.comm.as_ref().is_some_and(|s| matches!(s.kind, StmtKind::Send(..)))
}

/// The channel operand of a receive clause.
fn recv_operand(s: &golift_syntax::Stmt) -> Option<&Expr> {
    let e = match &s.kind {
        StmtKind::Expr(e) => e,
        StmtKind::Assign(_, r) | StmtKind::Define(_, r) => &r[0],
        _ => return None,
    };
    match &e.unparen().kind {
        ExprKind::Unary(UnaryOp::Recv, x) => Some(x),
        _ => None,
    }
}
