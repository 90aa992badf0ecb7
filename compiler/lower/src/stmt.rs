//! Statements.

use crate::func::{FuncLower, Target};
use crate::operand::{Place, Val, VarLoc};
use crate::ty::TyKind;
use golift_ir::{Block as IrBlock, IntCC};
use golift_syntax::{Branch, Decl, Expr, ExprKind, ForStmt, Ident, IfStmt, Stmt, StmtKind, Symbol, UnaryOp, VarDecl};
use golift_types::Obj;

impl FuncLower<'_, '_> {
    pub fn stmts(&mut self, stmts: &[Stmt]) {
        self.in_scope(|f| stmts.iter().for_each(|s| f.stmt(s)));
    }

    pub fn stmt(&mut self, s: &Stmt) {
        // Unreachable code without labels or declarations needs no lowering, but its variables must exist: lower it all.
        self.at(s.pos);
        match &s.kind {
            StmtKind::Empty => {}
            StmtKind::Labeled(label, inner) => {
                if self.facts.gotos.contains(&label.name) {
                    let b = self.label_block(label.name);
                    self.b.jump(b, &[]);
                    self.b.switch_to(b);
                }
                self.pending_label = Some(label.name);
                let is_target = matches!(
                    inner.kind,
                    StmtKind::For(_)
                        | StmtKind::Range(_)
                        | StmtKind::Switch(_)
                        | StmtKind::TypeSwitch(_)
                        | StmtKind::Select(_)
                        | StmtKind::Block(_)
                );
                if !is_target {
                    self.pending_label = None;
                }
                self.stmt(inner);
            }
            StmtKind::Block(b) => match self.pending_label.take() {
                // `break L` may leave a labeled block only through statements inside it: none needs a target,
                // but the label must not leak to them.
                Some(_) | None => self.stmts(&b.stmts),
            },
            StmtKind::Expr(e) => self.expr_stmt(e),
            StmtKind::Send(ch, v) => {
                let elem = self.cx.tys.elem(self.ty(ch));
                self.order(&[ch, v]);
                let c = self.expr1(ch);
                let v = self.expr_to(v, elem);
                self.at(s.pos);
                self.chan_send(c, elem, v);
            }
            StmtKind::Decl(decls) => {
                for d in decls {
                    if let Decl::Var(v) = d {
                        self.var_decl(v);
                    }
                }
            }
            StmtKind::Assign(l, r) => self.assign(l, r),
            StmtKind::Define(l, r) => self.define(l, r),
            StmtKind::AssignOp(op, l, r) => self.assign_op(s, *op, l, Some(r)),
            StmtKind::IncDec(inc, l) => {
                let op = if *inc { golift_syntax::BinaryOp::Add } else { golift_syntax::BinaryOp::Sub };
                self.assign_op(s, op, l, None);
            }
            StmtKind::Branch(b, label) => self.branch_stmt(*b, label.as_ref()),
            StmtKind::Go(e) => self.go_stmt(s.pos, e),
            StmtKind::Defer(e) => self.defer_stmt(e),
            StmtKind::Return(es) => self.return_stmt(es),
            StmtKind::If(i) => self.in_scope(|f| f.if_stmt(i)),
            StmtKind::For(l) => self.in_scope(|f| f.for_stmt(l)),
            StmtKind::Range(r) => self.in_scope(|f| f.range_stmt(s, r)),
            StmtKind::Switch(sw) => self.in_scope(|f| f.switch_stmt(sw)),
            StmtKind::TypeSwitch(sw) => self.in_scope(|f| f.type_switch(sw)),
            StmtKind::Select(sel) => self.in_scope(|f| f.select_stmt(s.pos, sel)),
        }
    }

    fn expr_stmt(&mut self, e: &Expr) {
        self.order(&[e]);
        match &e.unparen().kind {
            ExprKind::Call(c) => {
                self.call(e.unparen(), c);
            }
            _ => {
                self.expr(e);
            }
        }
    }

    pub fn label_block(&mut self, name: Symbol) -> IrBlock {
        if let Some(&b) = self.labels.get(&name) {
            return b;
        }
        let b = self.b.create_block();
        self.labels.insert(name, b);
        b
    }

    // ---- declarations and assignments ----

    fn var_decl(&mut self, v: &VarDecl) {
        if v.values.is_empty() {
            for n in &v.names {
                if let Some(obj) = self.info.def(n) {
                    let t = self.obj_ty(obj);
                    self.at(n.pos);
                    self.declare_local(obj, t, None);
                }
            }
            return;
        }
        self.order_assign(&[], &v.values, false);
        let targets: Vec<DefTarget> = v.names.iter().map(|n| self.def_target(n)).collect();
        self.define_targets(targets, &v.values);
    }

    fn def_target(&self, n: &Ident) -> DefTarget {
        match self.info.def(n) {
            Some(obj) => DefTarget::New(obj),
            None => DefTarget::Blank,
        }
    }

    fn define(&mut self, l: &[Expr], r: &[Expr]) {
        self.order_assign(l, r, false);
        let mut targets = Vec::new();
        for e in l {
            targets.push(match e.as_ident() {
                Some(i) => match self.info.def(i) {
                    Some(obj) => DefTarget::New(obj),
                    None if i.name.as_str() == "_" => DefTarget::Blank,
                    None => DefTarget::Old(self.place(e)),
                },
                None => DefTarget::Old(self.place(e)),
            });
        }
        self.define_targets(targets, r);
    }

    fn define_targets(&mut self, targets: Vec<DefTarget>, r: &[Expr]) {
        if targets.len() == r.len() {
            if let [t] = targets.as_slice() {
                self.init_target(t, &r[0]);
                return;
            }
            let mut vals = Vec::new();
            for (t, e) in targets.iter().zip(r) {
                let to = self.target_ty(t).unwrap_or_else(|| self.single_ty(e));
                let v = self.expr_to_stable(e, to);
                vals.push((v, to));
            }
            for (t, (v, ty)) in targets.into_iter().zip(vals) {
                self.set_target(t, v, ty);
            }
            return;
        }
        let vals = self.multi(&r[0], targets.len());
        for (t, (v, ty)) in targets.into_iter().zip(vals) {
            self.set_target(t, v, ty);
        }
    }

    /// `x := e` for one variable.
    fn init_target(&mut self, t: &DefTarget, e: &Expr) {
        let to = self.target_ty(t).unwrap_or_else(|| self.single_ty(e));
        let v = self.expr_to(e, to);
        self.set_target(t.clone(), v, to);
    }

    fn target_ty(&self, t: &DefTarget) -> Option<crate::ty::Ty> {
        match t {
            DefTarget::New(o) => Some(self.obj_ty(*o)),
            DefTarget::Old(p) => self.place_ty(p),
            DefTarget::Blank => None,
        }
    }

    pub fn place_ty(&self, p: &Place) -> Option<crate::ty::Ty> {
        match p {
            Place::Blank => None,
            Place::Ssa { ty, .. } | Place::Mem { ty, .. } | Place::MapElem { ty, .. } => Some(*ty),
        }
    }

    fn set_target(&mut self, t: DefTarget, v: Val, from: crate::ty::Ty) {
        match t {
            DefTarget::Blank => {}
            DefTarget::New(obj) => {
                let to = self.obj_ty(obj);
                let v = self.convert_implicit(v, from, to);
                self.declare_local(obj, to, Some(v));
            }
            DefTarget::Old(p) => {
                let to = self.place_ty(&p).unwrap_or(from);
                let v = self.convert_implicit(v, from, to);
                self.write_place(&p, v);
            }
        }
    }

    /// The values of an expression with several results: a call, or a comma-ok form.
    pub fn multi(&mut self, e: &Expr, n: usize) -> Vec<(Val, crate::ty::Ty)> {
        let e = e.unparen();
        if let ExprKind::Call(c) = &e.kind {
            let tys = self.result_types(e);
            let vals = self.call(e, c);
            return vals.into_iter().zip(tys).collect();
        }
        debug_assert_eq!(n, 2);
        let bool = match self.cx.tys.kind(self.ty(e)) {
            TyKind::Tuple(ts) => ts[1],
            _ => self.bool(),
        };
        match &e.kind {
            ExprKind::TypeAssert(x, _) => {
                let to = self.single_ty(e);
                let (v, ok) = self.type_assert(x, to, e.pos, true);
                vec![(v, to), (Val::one(ok.expect("comma ok")), bool)]
            }
            ExprKind::Index(x, idx) => {
                let mt = self.ty(x);
                let m = self.expr1(x);
                let kt = self.map_key_ty(mt);
                let k = self.expr_to_stable(&idx[0], kt);
                self.at(e.pos);
                let (v, ok) = self.map_read(mt, m, &k, true);
                let elem = self.cx.tys.elem(mt);
                let v = self.stable(v, elem);
                vec![(v, elem), (Val::one(ok.expect("comma ok")), bool)]
            }
            ExprKind::Unary(UnaryOp::Recv, x) => {
                let elem = self.cx.tys.elem(self.ty(x));
                let ch = self.expr1(x);
                self.at(e.pos);
                let (v, ok) = self.chan_recv(ch, elem, true);
                vec![(v, elem), (Val::one(ok.expect("comma ok")), bool)]
            }
            k => panic!("no comma-ok form: {k:?}"),
        }
    }

    // ---- control flow ----

    fn branch_stmt(&mut self, b: Branch, label: Option<&Ident>) {
        let name = label.map(|l| l.name);
        match b {
            Branch::Goto => {
                let l = name.expect("goto has a label");
                if self.range_exit(crate::range_body::Exit::Goto(l)) {
                    return;
                }
                let block = self.label_block(l);
                self.b.jump(block, &[]);
            }
            Branch::Break | Branch::Continue => {
                let found = self.targets.iter().rev().find(|t| match name {
                    Some(n) => t.label == Some(n),
                    None => {
                        if b == Branch::Break {
                            t.brk.is_some()
                        } else {
                            t.cont.is_some()
                        }
                    }
                });
                let block = found.and_then(|t| if b == Branch::Break { t.brk } else { t.cont });
                match block {
                    Some(block) => self.b.jump(block, &[]),
                    None => {
                        let exit = if b == Branch::Break {
                            crate::range_body::Exit::Break(name)
                        } else {
                            crate::range_body::Exit::Continue(name)
                        };
                        assert!(self.range_exit(exit), "branch without target");
                    }
                }
            }
            // Lowered by the switch.
            Branch::Fallthrough => self.fallthrough(),
        }
    }

    fn return_stmt(&mut self, es: &[Expr]) {
        let result_tys: Vec<_> = self.results.iter().map(|r| r.ty).collect();
        self.order_assign(&[], es, false);
        let vals = if es.is_empty() {
            None
        } else if es.len() == result_tys.len() {
            let mut vals = Vec::new();
            for (e, &t) in es.iter().zip(&result_tys) {
                let v = self.expr_to(e, t);
                vals.push(if es.len() > 1 || self.defers.is_some() { self.stable(v, t) } else { v });
            }
            Some(vals)
        } else {
            let vals = self.multi(&es[0], result_tys.len());
            let mut out = Vec::new();
            for ((v, from), &to) in vals.into_iter().zip(&result_tys) {
                out.push(self.convert_implicit(v, from, to));
            }
            Some(out)
        };
        if self.range.is_some() {
            self.range_return(vals);
            return;
        }
        self.return_values(vals);
    }

    fn if_stmt(&mut self, i: &IfStmt) {
        if let Some(s) = &i.init {
            self.stmt(s);
        }
        // Constant conditions leave no trace of the other side.
        if let Some(c) = self.info.value_of(&i.cond).and_then(|c| c.as_bool()) {
            if c {
                self.stmts(&i.then.stmts);
            } else if let Some(e) = &i.else_ {
                self.stmt(e);
            }
            return;
        }
        let then_ = self.b.create_block();
        let done = self.b.create_block();
        let else_ = if i.else_.is_some() { self.b.create_block() } else { done };
        self.branch(&i.cond, then_, else_);
        self.b.seal_and_switch(then_);
        self.stmts(&i.then.stmts);
        self.b.jump(done, &[]);
        if let Some(e) = &i.else_ {
            self.b.seal_and_switch(else_);
            self.stmt(e);
            self.b.jump(done, &[]);
        }
        self.b.seal_and_switch(done);
    }

    /// Enters a statement that `break` (and `continue`) may leave.
    pub fn push_target(&mut self, label: Option<Symbol>, brk: IrBlock, cont: Option<IrBlock>) {
        self.targets.push(Target { label, brk: Some(brk), cont });
    }

    fn for_stmt(&mut self, f: &ForStmt) {
        let label = self.pending_label.take();
        if let Some(s) = &f.init {
            self.stmt(s);
        }
        let per_iteration = self.loop_var_per_iteration();
        let vars: Vec<Obj> = match &f.init {
            Some(Stmt { kind: StmtKind::Define(l, _), .. }) if per_iteration => l
                .iter()
                .filter_map(|e| e.as_ident().and_then(|i| self.info.def(i)))
                .filter(|o| matches!(self.locals.get(o), Some(VarLoc::Mem(_))))
                .collect(),
            _ => vec![],
        };
        let header = self.b.create_block();
        let body = self.b.create_block();
        let post = self.b.create_block();
        let exit = self.b.create_block();
        self.b.jump(header, &[]);
        self.b.switch_to(header);
        match &f.cond {
            Some(c) => {
                self.at(c.pos);
                self.branch(c, body, exit);
            }
            None => self.b.jump(body, &[]),
        }
        self.b.seal_and_switch(body);
        self.push_target(label, exit, Some(post));
        self.loop_depth += 1;
        self.stmts(&f.body.stmts);
        self.loop_depth -= 1;
        self.targets.pop();
        self.b.jump(post, &[]);
        self.b.seal_and_switch(post);
        // Each iteration has its own copy of variables that may outlive it.
        for o in vars {
            let t = self.obj_ty(o);
            let VarLoc::Mem(var) = self.local(o) else { unreachable!("checked above") };
            let old = self.b.use_var(var);
            let new = self.alloc(t);
            let v = self.load_known(old, t);
            self.store(new, 0, t, v);
            self.b.def_var(var, new);
        }
        if let Some(s) = &f.post {
            self.stmt(s);
        }
        self.b.jump(header, &[]);
        self.b.seal(header);
        self.b.seal_and_switch(exit);
    }

    /// Runs a loop body for an index that counts from 0 to `n`.
    pub fn count_loop(
        &mut self,
        n: golift_ir::Value,
        label: Option<Symbol>,
        each: impl FnOnce(&mut Self, golift_ir::Value),
    ) {
        self.count_loop_until(IntCC::Sge, n, label, each);
    }

    /// As [`count_loop`](Self::count_loop), ended by the comparison `index cc n`.
    pub fn count_loop_until(
        &mut self,
        cc: IntCC,
        n: golift_ir::Value,
        label: Option<Symbol>,
        each: impl FnOnce(&mut Self, golift_ir::Value),
    ) {
        let ty = self.b.ty(n);
        let i = self.b.declare_var(ty);
        let zero = self.b.iconst(ty, 0);
        self.b.def_var(i, zero);
        let header = self.b.create_block();
        let body = self.b.create_block();
        let post = self.b.create_block();
        let exit = self.b.create_block();
        self.b.jump(header, &[]);
        self.b.switch_to(header);
        let iv = self.b.use_var(i);
        let done = self.b.icmp(cc, iv, n);
        self.b.brif(done, exit, body);
        self.b.seal_and_switch(body);
        self.push_target(label, exit, Some(post));
        self.loop_depth += 1;
        each(self, iv);
        self.loop_depth -= 1;
        self.targets.pop();
        self.b.jump(post, &[]);
        self.b.seal_and_switch(post);
        let iv = self.b.use_var(i);
        let next = self.b.binary_imm(golift_ir::BinaryOp::Add, iv, 1);
        self.b.def_var(i, next);
        self.b.jump(header, &[]);
        self.b.seal(header);
        self.b.seal_and_switch(exit);
    }
}

#[derive(Clone)]
enum DefTarget {
    Blank,
    New(Obj),
    Old(Place),
}
