//! What a function does with its variables: which are captured by closures, which have their address taken,
//! which are assigned after their declaration. One walk over a declared function and all literals in it.
//!
//! A variable lives in SSA values (or a stack slot) unless its address is taken or a closure captures it by
//! reference. As in gc, a closure captures by value what is never reassigned, never addressed, and
//! at most 128 bytes. The body of a range over a function is a closure too.

use crate::lower::Lower;
use crate::ty::{EnvId, Ty, TyKind};
use golift_syntax::*;
use golift_types::{FileInfo, Mode, Obj, ObjKind, Package, SelectionKind, VarKind};
use rustc_hash::{FxHashMap, FxHashSet};

/// A piece of syntax with a frame of its own.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Scope {
    Root,
    Lit(ExprId),
    /// Body of a range over a function.
    Range(StmtId),
}

#[derive(Clone, Copy, Default, Debug)]
pub struct VarFacts {
    pub addr_taken: bool,
    pub reassigned: bool,
    pub captured: bool,
}

#[derive(Default)]
pub struct Facts {
    pub vars: FxHashMap<Obj, VarFacts>,
    /// Initial values that are constants.
    pub constants: FxHashMap<Obj, ExprId>,
    /// Function literals that are in no other.
    pub literals: u32,
    /// Captured variables of each inner scope, in order of first use.
    pub free: FxHashMap<Scope, Vec<Obj>>,
    /// Function scopes (range bodies count for their function) that defer calls.
    pub defers: FxHashSet<Scope>,
    /// Scopes that call recover.
    pub recovers: FxHashSet<Scope>,
    /// Functions with a `return` inside the body of a range over a function.
    pub range_returns: FxHashSet<Scope>,
    /// Functions with a `defer` there.
    pub range_defers: FxHashSet<Scope>,
    /// Targets of `goto`.
    pub gotos: FxHashSet<Symbol>,
    /// Labels by the innermost function or range body around them.
    pub labels: FxHashSet<(Scope, Symbol)>,
}

struct Walker<'a, 's> {
    cx: &'a Lower<'s>,
    info: &'static FileInfo,
    /// Loop variables are new in each iteration.
    per_iteration: bool,
    env: EnvId,
    facts: Facts,
    scopes: Vec<Scope>,
    owner: FxHashMap<Obj, usize>,
    /// Named results of the functions around, the innermost last.
    results: Vec<Vec<Obj>>,
}

/// Walks a function declaration (or, for package variables, an initial value).
pub fn analyse(cx: &Lower<'_>, pkg: Package, file: u32, env: EnvId, root: Root<'_>) -> Facts {
    let mut w = Walker {
        cx,
        info: pkg.info(file),
        per_iteration: pkg.file_version(file).loop_var_per_iteration(),
        env,
        facts: Facts::default(),
        scopes: vec![Scope::Root],
        owner: FxHashMap::default(),
        results: Vec::new(),
    };
    match root {
        Root::Func(d) => {
            if let Some(r) = &d.recv {
                w.fields(std::slice::from_ref(r));
            }
            w.func(&d.ty, d.body.as_ref());
        }
        Root::Expr(e) => w.expr(e),
    }
    w.facts
}

pub enum Root<'a> {
    Func(&'a FuncDecl),
    Expr(&'a Expr),
}

impl Walker<'_, '_> {
    fn func(&mut self, ty: &FuncType, body: Option<&Block>) {
        self.fields(&ty.params);
        self.fields(&ty.results);
        let results: Vec<Obj> = ty.results.iter().flat_map(|f| &f.names).filter_map(|n| self.info.def(n)).collect();
        for &o in &results {
            // `return x` assigns to it.
            self.facts.vars.entry(o).or_default().reassigned = true;
        }
        self.results.push(results);
        if let Some(b) = body {
            self.block(b);
        }
        self.results.pop();
    }

    fn fields(&mut self, fields: &[Field]) {
        for f in fields {
            for n in &f.names {
                self.def(n);
            }
        }
    }

    fn def(&mut self, ident: &Ident) {
        if let Some(o) = self.info.def(ident) {
            self.declare(o);
        }
    }

    fn declare(&mut self, o: Obj) {
        self.owner.insert(o, self.scopes.len() - 1);
        self.facts.vars.entry(o).or_default();
    }

    /// A variable is declared with this initial value.
    fn note_constant(&mut self, name: &Ident, value: &Expr) {
        if let Some(o) = self.info.def(name).filter(|_| self.info.types(value.id).value.is_some()) {
            self.facts.constants.insert(o, value.id);
        }
    }

    fn use_obj(&mut self, o: Obj) {
        if !matches!(o.kind(), ObjKind::Var(k) if k != VarKind::Field && k != VarKind::Package) {
            return;
        }
        let Some(&owner) = self.owner.get(&o) else { return };
        let depth = self.scopes.len() - 1;
        if owner < depth {
            self.facts.vars.entry(o).or_default().captured = true;
            for s in owner + 1..=depth {
                let free = self.facts.free.entry(self.scopes[s]).or_default();
                if !free.contains(&o) {
                    free.push(o);
                }
            }
        }
    }

    fn block(&mut self, b: &Block) {
        b.stmts.iter().for_each(|s| self.stmt(s));
    }

    fn mode(&self, e: &Expr) -> Mode {
        self.info.types(e.id).mode
    }

    fn is_type(&self, e: &Expr) -> bool {
        self.mode(e) == Mode::TypeExpr
    }

    fn ty(&self, e: &Expr) -> Ty {
        self.cx.tys.convert(self.info.type_of(e), self.env)
    }

    /// The variable whose memory the place `e` is part of.
    fn root_var(&self, e: &Expr) -> Option<Obj> {
        let e = e.unparen();
        match &e.kind {
            ExprKind::Ident(i) => self.info.def_or_use(i).filter(|o| o.is_var()),
            ExprKind::Selector(x, _) => {
                let sel = self.info.selection(e.id)?;
                if sel.kind != SelectionKind::FieldVal || sel.indirect || self.cx.tys.as_ptr(self.ty(x)).is_some() {
                    return None;
                }
                self.root_var(x)
            }
            ExprKind::Index(x, _) if !self.is_type(x) && self.mode(x) != Mode::Invalid => {
                match self.info.types(x.id).ty.map(|_| self.cx.tys.under_kind(self.ty(x))) {
                    Some(TyKind::Array(..)) => self.root_var(x),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    fn take_addr(&mut self, e: &Expr) {
        if let Some(o) = self.root_var(e) {
            self.facts.vars.entry(o).or_default().addr_taken = true;
        }
    }

    fn assign_to(&mut self, e: &Expr) {
        if let Some(o) = self.root_var(e) {
            self.facts.vars.entry(o).or_default().reassigned = true;
        }
        self.expr(e);
    }

    fn expr(&mut self, e: &Expr) {
        // Constants and types have no effect on variables.
        let tv = self.info.types(e.id);
        if tv.mode == Mode::TypeExpr || (tv.value.is_some() && tv.mode == Mode::Constant) {
            return;
        }
        match &e.kind {
            ExprKind::Ident(i) => {
                if let Some(o) = self.info.use_(i) {
                    self.use_obj(o);
                }
            }
            ExprKind::Bad | ExprKind::BasicLit(_) => {}
            ExprKind::CompositeLit(c) => {
                let is_struct = matches!(self.cx.tys.under_kind(self.deref_lit(self.ty(e))), TyKind::Struct(_));
                for el in &c.elems {
                    match &el.kind {
                        ExprKind::KeyValue(k, v) => {
                            if !is_struct {
                                self.expr(k);
                            }
                            self.expr(v);
                        }
                        _ => self.expr(el),
                    }
                }
            }
            ExprKind::KeyValue(k, v) => {
                self.expr(k);
                self.expr(v);
            }
            ExprKind::FuncLit(f) => {
                self.facts.literals += u32::from(self.scopes.len() == 1);
                self.scopes.push(Scope::Lit(e.id));
                self.func(&f.ty, Some(&f.body));
                self.scopes.pop();
            }
            ExprKind::Paren(x) => self.expr(x),
            ExprKind::Selector(x, _) => {
                if let Some(sel) = self.info.selection(e.id) {
                    // A method with pointer receiver takes the address of an addressable operand.
                    if sel.kind == SelectionKind::MethodVal && !sel.indirect {
                        let recv = self.ty(x);
                        if self.cx.tys.as_ptr(recv).is_none() && !self.cx.tys.is_interface(recv) {
                            let pkg = crate::ty::name_pkg(sel.obj);
                            if self.cx.find_method(recv, sel.obj.name(), pkg).is_some_and(|m| m.ptr_recv && !m.indirect)
                            {
                                self.take_addr(x);
                            }
                        }
                    }
                    if sel.kind != SelectionKind::MethodExpr {
                        self.expr(x);
                    }
                }
            }
            ExprKind::Index(x, idx) => {
                self.expr(x);
                idx.iter().for_each(|i| self.expr(i));
            }
            ExprKind::Slice(s) => {
                if matches!(self.cx.tys.under_kind(self.ty(&s.x)), TyKind::Array(..)) {
                    self.take_addr(&s.x);
                }
                self.expr(&s.x);
                s.index.iter().flatten().for_each(|i| self.expr(i));
            }
            ExprKind::TypeAssert(x, _) => self.expr(x),
            ExprKind::TypeSwitchGuard(_, x) => self.expr(x),
            ExprKind::Unary(op, x) => {
                if *op == UnaryOp::Addr {
                    self.take_addr(x);
                }
                self.expr(x);
            }
            ExprKind::Binary(_, x, y) => {
                self.expr(x);
                self.expr(y);
            }
            ExprKind::Call(c) => {
                if self.mode(&c.fun) == Mode::Builtin
                    && let Some(i) = c.fun.unparen().as_ident()
                    && i.name.as_str() == "recover"
                {
                    self.facts.recovers.insert(*self.scopes.last().expect("scope"));
                }
                self.expr(&c.fun);
                c.args.iter().for_each(|a| self.expr(a));
            }
            ExprKind::ArrayType(..)
            | ExprKind::SliceType(_)
            | ExprKind::DotsType(_)
            | ExprKind::StructType(_)
            | ExprKind::FuncType(_)
            | ExprKind::InterfaceType(_)
            | ExprKind::MapType(..)
            | ExprKind::ChanType(..) => {}
        }
    }

    /// `&T{}` elements may be written `{}`: the literal's type is then a pointer.
    fn deref_lit(&self, t: Ty) -> Ty {
        self.cx.tys.as_ptr(t).unwrap_or(t)
    }

    fn decls(&mut self, decls: &[Decl]) {
        for d in decls {
            if let Decl::Var(v) = d {
                v.values.iter().for_each(|e| self.expr(e));
                v.names.iter().for_each(|n| self.def(n));
                for (name, value) in v.names.iter().zip(&v.values).filter(|_| v.names.len() == v.values.len()) {
                    self.note_constant(name, value);
                }
            }
        }
    }

    fn stmts(&mut self, stmts: &[Stmt]) {
        stmts.iter().for_each(|s| self.stmt(s));
    }

    fn opt_stmt(&mut self, s: &Option<Stmt>) {
        if let Some(s) = s {
            self.stmt(s);
        }
    }

    /// Left sides of `:=` and of range: new variables are declared, old ones assigned.
    fn define(&mut self, lhs: &[Expr]) {
        for l in lhs {
            if let Some(i) = l.as_ident() {
                match self.info.def(i) {
                    Some(o) => self.declare(o),
                    None => self.assign_to(l),
                }
            }
        }
    }

    fn stmt(&mut self, s: &Stmt) {
        match &s.kind {
            StmtKind::Branch(Branch::Goto, Some(l)) => drop(self.facts.gotos.insert(l.name)),
            StmtKind::Empty | StmtKind::Branch(..) => {}
            StmtKind::Labeled(label, s) => {
                self.facts.labels.insert((*self.scopes.last().expect("scope"), label.name));
                self.stmt(s);
            }
            StmtKind::Block(b) => self.block(b),
            StmtKind::Expr(e) => self.expr(e),
            StmtKind::Go(e) => self.expr(e),
            StmtKind::Defer(e) => {
                let scope = *self.scopes.iter().rev().find(|s| !matches!(s, Scope::Range(_))).expect("scope");
                self.facts.defers.insert(scope);
                if self.scopes.last() != Some(&scope) {
                    self.facts.range_defers.insert(scope);
                }
                self.expr(e);
            }
            StmtKind::Send(a, b) => {
                self.expr(a);
                self.expr(b);
            }
            StmtKind::Decl(d) => self.decls(d),
            StmtKind::Assign(l, r) => {
                r.iter().for_each(|e| self.expr(e));
                l.iter().for_each(|e| self.assign_to(e));
            }
            StmtKind::Define(l, r) => {
                r.iter().for_each(|e| self.expr(e));
                self.define(l);
                for (l, value) in l.iter().zip(r).filter(|_| l.len() == r.len()) {
                    if let Some(name) = l.as_ident() {
                        self.note_constant(name, value);
                    }
                }
            }
            StmtKind::AssignOp(_, l, r) => {
                self.expr(r);
                self.assign_to(l);
            }
            StmtKind::IncDec(_, l) => self.assign_to(l),
            StmtKind::Return(es) => {
                es.iter().for_each(|e| self.expr(e));
                // In a range body, a return assigns the results of the function around it.
                if matches!(self.scopes.last(), Some(Scope::Range(_))) {
                    let func = self.scopes.iter().rev().find(|s| !matches!(s, Scope::Range(_)));
                    self.facts.range_returns.insert(*func.expect("function scope"));
                    self.capture_results();
                }
            }
            StmtKind::If(i) => {
                self.opt_stmt(&i.init);
                self.expr(&i.cond);
                self.block(&i.then);
                self.opt_stmt(&i.else_);
            }
            StmtKind::For(f) => {
                self.opt_stmt(&f.init);
                if let Some(c) = &f.cond {
                    self.expr(c);
                }
                self.opt_stmt(&f.post);
                self.block(&f.body);
            }
            StmtKind::Range(r) => {
                self.expr(&r.x);
                let func = !self.is_type(&r.x) && matches!(self.cx.tys.under_kind(self.ty(&r.x)), TyKind::Func(_));
                if func {
                    self.scopes.push(Scope::Range(s.id));
                }
                if r.def {
                    self.define(&r.lhs);
                    for o in r.lhs.iter().filter_map(|e| self.info.def(e.as_ident()?)) {
                        // One variable for all iterations is assigned by each.
                        self.facts.vars.entry(o).or_default().reassigned |= !self.per_iteration;
                    }
                } else {
                    r.lhs.iter().for_each(|l| self.assign_to(l));
                }
                self.block(&r.body);
                if func {
                    self.scopes.pop();
                }
            }
            StmtKind::Switch(sw) => {
                self.opt_stmt(&sw.init);
                if let Some(t) = &sw.tag {
                    self.expr(t);
                }
                for c in &sw.clauses {
                    c.cases.iter().for_each(|e| self.expr(e));
                    self.stmts(&c.body);
                }
            }
            StmtKind::TypeSwitch(sw) => {
                self.opt_stmt(&sw.init);
                self.expr(&sw.x);
                for c in &sw.clauses {
                    if let Some(o) = self.info.clause_var(c.id) {
                        self.declare(o);
                    }
                    self.stmts(&c.body);
                }
            }
            StmtKind::Select(sel) => {
                for c in &sel.clauses {
                    self.opt_stmt(&c.comm);
                    self.stmts(&c.body);
                }
            }
        }
    }

    /// Named results of the function around a range body are used by its returns; unnamed ones live in
    /// variables of the lowering that it captures itself.
    fn capture_results(&mut self) {
        for o in self.results.last().cloned().unwrap_or_default() {
            self.use_obj(o);
        }
    }
}
