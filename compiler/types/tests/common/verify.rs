//! Looks for expressions and names that the checker left without a type or object.

#![allow(dead_code)]

use golift_syntax::*;
use golift_types::{FileInfo, Mode, Package};

pub struct Verifier<'a> {
    info: &'a FileInfo,
    pub problems: Vec<(Pos, String)>,
    exprs: usize,
}

pub static EXPRS: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);

pub fn verify(pkg: Package) -> Vec<(Pos, String)> {
    let mut problems = Vec::new();
    for (i, file) in pkg.files().iter().enumerate() {
        let mut v = Verifier { info: pkg.info(i as u32), problems: vec![], exprs: 0 };
        for d in &file.decls {
            v.decl(d);
        }
        EXPRS.fetch_add(v.exprs, std::sync::atomic::Ordering::Relaxed);
        problems.append(&mut v.problems);
    }
    problems
}

impl Verifier<'_> {
    fn problem(&mut self, pos: Pos, what: &str, e: &Expr) {
        self.problems.push((pos, format!("{what}: {}", expr_string(e))));
    }

    fn ident(&mut self, ident: &Ident) {
        if self.info.def_or_use(ident).is_none() && !ident.name.is_blank() {
            self.problems.push((ident.pos, format!("no object: {}", ident.name)));
        }
    }

    fn def(&mut self, ident: &Ident) {
        if self.info.def(ident).is_none() {
            self.problems.push((ident.pos, format!("no definition: {}", ident.name)));
        }
    }

    fn decl(&mut self, d: &Decl) {
        match d {
            Decl::Import(_) => {}
            Decl::Const(d) => {
                d.names.iter().for_each(|n| self.def(n));
                d.ty.iter().chain(&d.values).for_each(|e| self.expr(e));
            }
            Decl::Var(d) => {
                d.names.iter().for_each(|n| self.def(n));
                d.ty.iter().chain(&d.values).for_each(|e| self.expr(e));
            }
            Decl::Type(d) => {
                self.def(&d.name);
                self.fields(&d.tparams, false);
                self.expr(&d.ty);
            }
            Decl::Func(d) => {
                self.def(&d.name);
                if self.info.func(d.id).is_none() {
                    self.problems.push((d.pos, "no function object".into()));
                }
                self.fields(&d.tparams, false);
                d.recv.iter().for_each(|r| r.names.iter().for_each(|n| self.def(n)));
                self.func_type(&d.ty);
                d.body.iter().for_each(|b| self.stmts(&b.stmts));
            }
        }
    }

    fn fields(&mut self, fields: &[Field], types: bool) {
        for f in fields {
            f.names.iter().for_each(|n| self.def(n));
            if types {
                self.expr(&f.ty);
            }
        }
    }

    fn func_type(&mut self, f: &FuncType) {
        self.fields(&f.params, false);
        self.fields(&f.results, false);
        for f in f.params.iter().chain(&f.results) {
            match &f.ty.kind {
                ExprKind::DotsType(e) => self.expr(e),
                _ => self.expr(&f.ty),
            }
        }
    }

    fn expr(&mut self, e: &Expr) {
        self.exprs += 1;
        let tv = self.info.types(e.id);
        if tv.mode == Mode::Invalid {
            self.problem(e.pos, "no type", e);
            return;
        }
        if tv.mode == Mode::Constant && tv.value.as_ref().is_none_or(|v| v.is_unknown()) {
            self.problem(e.pos, "constant without value", e);
        }
        if let Some(t) = tv.ty
            && t.is_untyped()
            && !matches!(tv.mode, Mode::Constant | Mode::Nil)
        {
            self.problem(e.pos, "untyped value", e);
        }
        if tv.mode == Mode::Constant {
            // Operands of constant expressions need no types.
            return;
        }
        match &e.kind {
            ExprKind::Ident(ident) => self.ident(ident),
            ExprKind::CompositeLit(lit) => {
                if let Some(ty) = &lit.ty
                    && !matches!(ty.kind, ExprKind::ArrayType(None, _))
                {
                    self.expr(ty);
                }
                for elem in &lit.elems {
                    match &elem.kind {
                        ExprKind::KeyValue(k, v) => {
                            match &k.kind {
                                ExprKind::Ident(ident) if self.info.types(k.id).mode == Mode::Invalid => {
                                    self.ident(ident);
                                }
                                _ => self.expr(k),
                            }
                            self.expr(v);
                        }
                        _ => self.expr(elem),
                    }
                }
            }
            ExprKind::FuncLit(lit) => {
                self.func_type(&lit.ty);
                self.stmts(&lit.body.stmts);
            }
            ExprKind::Paren(x) => self.expr(x),
            ExprKind::Selector(x, sel) => {
                self.ident(sel);
                let package = x.as_ident().and_then(|i| self.info.use_(i)).is_some_and(|o| o.imported().is_some());
                if !package {
                    self.expr(x);
                    if self.info.selection(e.id).is_none() {
                        self.problem(e.pos, "no selection", e);
                    }
                }
            }
            ExprKind::Index(x, list) => {
                self.expr(x);
                list.iter().for_each(|e| self.expr(e));
            }
            ExprKind::Slice(s) => {
                self.expr(&s.x);
                s.index.iter().flatten().for_each(|e| self.expr(e));
            }
            ExprKind::TypeAssert(x, t) => {
                self.expr(x);
                self.expr(t);
            }
            ExprKind::Unary(_, x) => self.expr(x),
            ExprKind::Binary(_, x, y) => {
                if tv.mode == Mode::TypeExpr {
                    return;
                }
                self.expr(x);
                self.expr(y);
            }
            ExprKind::Call(c) => {
                self.expr(&c.fun);
                c.args.iter().for_each(|e| self.expr(e));
            }
            ExprKind::ArrayType(_, x) | ExprKind::SliceType(x) | ExprKind::ChanType(_, x) => self.expr(x),
            ExprKind::StructType(fields) => {
                for f in fields {
                    f.names.iter().for_each(|n| self.def(n));
                    self.expr(&f.ty);
                }
            }
            ExprKind::FuncType(f) => self.func_type(f),
            ExprKind::MapType(k, v) => {
                self.expr(k);
                self.expr(v);
            }
            _ => {}
        }
    }

    fn lhs(&mut self, e: &Expr) {
        if e.unparen().as_ident().is_some_and(|i| i.name.is_blank()) {
            return;
        }
        self.expr(e);
    }

    fn stmts(&mut self, list: &[Stmt]) {
        list.iter().for_each(|s| self.stmt(s));
    }

    fn stmt(&mut self, s: &Stmt) {
        match &s.kind {
            StmtKind::Empty | StmtKind::Branch(..) => {}
            StmtKind::Labeled(_, s) => self.stmt(s),
            StmtKind::Block(b) => self.stmts(&b.stmts),
            StmtKind::Expr(e) | StmtKind::Go(e) | StmtKind::Defer(e) | StmtKind::IncDec(_, e) => self.expr(e),
            StmtKind::Send(a, b) | StmtKind::AssignOp(_, a, b) => {
                self.expr(a);
                self.expr(b);
            }
            StmtKind::Decl(list) => list.iter().for_each(|d| self.decl(d)),
            StmtKind::Assign(l, r) => {
                l.iter().for_each(|e| self.lhs(e));
                r.iter().for_each(|e| self.expr(e));
            }
            StmtKind::Define(l, r) => {
                l.iter().filter_map(Expr::as_ident).for_each(|i| self.ident(i));
                r.iter().for_each(|e| self.expr(e));
            }
            StmtKind::Return(list) => list.iter().for_each(|e| self.expr(e)),
            StmtKind::If(i) => {
                i.init.iter().for_each(|s| self.stmt(s));
                self.expr(&i.cond);
                self.stmts(&i.then.stmts);
                i.else_.iter().for_each(|s| self.stmt(s));
            }
            StmtKind::For(f) => {
                f.init.iter().chain(&f.post).for_each(|s| self.stmt(s));
                f.cond.iter().for_each(|e| self.expr(e));
                self.stmts(&f.body.stmts);
            }
            StmtKind::Range(r) => {
                self.expr(&r.x);
                if r.def {
                    r.lhs.iter().filter_map(Expr::as_ident).for_each(|i| self.ident(i));
                } else {
                    r.lhs.iter().for_each(|e| self.lhs(e));
                }
                self.stmts(&r.body.stmts);
            }
            StmtKind::Switch(s) => {
                s.init.iter().for_each(|s| self.stmt(s));
                s.tag.iter().for_each(|e| self.expr(e));
                for c in &s.clauses {
                    c.cases.iter().for_each(|e| self.expr(e));
                    self.stmts(&c.body);
                }
            }
            StmtKind::TypeSwitch(s) => {
                s.init.iter().for_each(|s| self.stmt(s));
                self.expr(&s.x);
                for c in &s.clauses {
                    c.cases.iter().for_each(|e| self.expr(e));
                    if s.lhs.is_some() && self.info.clause_var(c.id).is_none() {
                        self.problems.push((c.pos, "no clause variable".into()));
                    }
                    self.stmts(&c.body);
                }
            }
            StmtKind::Select(s) => {
                for c in &s.clauses {
                    c.comm.iter().for_each(|s| self.stmt(s));
                    self.stmts(&c.body);
                }
            }
        }
    }
}
