//! `for … range f` over an iterator function.
//!
//! The body becomes a closure `func(k, v) bool` that shares a *cell* `{next, state}` with the loop. `continue` returns
//! true. Everything that leaves the loop stores the number of its exit in `next` and returns false; after the
//! call of the iterator the loop looks at `next` and goes on there: a `break` of an outer statement, a `goto`, or a
//! return whose values are already in the result variables of the function. Loops nest: an exit that leaves several bodies
//! is passed on level by level. `state` finds iterators that misbehave (internal/abi's RF_ constants):
//! a body that is called after the loop ended, or during itself, panics.

use crate::abi::First;
use crate::capture::Scope;
use crate::front::Symbol;
use crate::func::{ClosureKind, Defers, FuncLower, Place0, ResultVar};
use crate::operand::{Val, VarLoc};
use crate::range_body::{Exit, RangeBody};
use crate::ty::{Basic, Ty, TyKind};
use golift_ir::{IntCC, MemFlags, RuntimeFn, Type as Ir, Value};
use golift_syntax::{RangeStmt, Stmt};

const NEXT: i32 = 0;
const STATE: i32 = 8;
const RF_DONE: i64 = 0;
const RF_READY: i64 = 1;
const RF_PANIC: i64 = 2;
const RF_EXHAUSTED: i64 = 3;
const RF_MISSING_PANIC: i64 = 4;

const FLAGS: MemFlags = MemFlags { notrap: true, barrier: false, readonly: false };

impl FuncLower<'_, '_> {
    pub fn range_func(&mut self, s: &Stmt, r: &RangeStmt, label: Option<Symbol>) {
        let ft = self.ty(&r.x);
        let yield_ty = self.cx.tys.func(ft).params[0];
        let yield_fty = self.cx.tys.func(yield_ty).clone();
        let iter = self.expr1(&r.x);
        let int = self.int();
        let cell_ty = self.cx.tys.anon_struct([int, int]);
        let cell = self.alloc(cell_ty);
        let ready = self.const_int(RF_READY);
        self.b.store(cell, ready, STATE, FLAGS);

        // The closure object: captured variables, then cell, record, results.
        let scope = Scope::Range(s.id);
        let (captures, base_ty) = self.captures(scope);
        let ptr = self.cx.basic(Basic::UnsafePointer);
        let TyKind::Struct(base_fields) = self.cx.tys.kind(base_ty) else { unreachable!() };
        let n_base = base_fields.len();
        let mut fields: Vec<Ty> = base_fields.iter().map(|f| f.ty).collect();
        fields.push(ptr);
        fields.push(ptr);
        fields.extend(self.results.iter().map(|_| ptr));
        let obj_ty = self.cx.tys.anon_struct(fields);
        let offsets = self.layout(obj_ty).offsets.clone();
        let extra = &offsets[n_base..];

        let (link, display) = self.closure_name(ClosureKind::Range);
        let id = self.declare_inner(&link, &display, s.pos, First::Word, &yield_fty);
        let at = Place0 {
            pkg: self.pkg,
            file: self.file,
            env: self.env,
            link,
            display: display.into(),
            start_line: self.cx.position(s.pos).1,
        };
        let has_defers = self.defers.is_some();
        let results = self.results.clone();
        let facts = self.facts.clone();
        let mut inner = FuncLower::new(self.cx, at, facts, scope, yield_fty.clone());
        inner.loop_depth = 1;
        // Parameters: func value, then the values of the iteration.
        let entry = inner.b.current();
        let ctx = inner.b.append_param(entry, Ir::Ptr);
        let mut params = Vec::new();
        for &p in &yield_fty.params {
            let v = match &inner.layout(p).scalars {
                Some(sc) => Val::Scalars(sc.iter().map(|s| inner.b.append_param(entry, s.ty)).collect()),
                None => Val::Mem { addr: inner.b.append_param(entry, Ir::Ptr), fresh: true },
            };
            params.push((v, p));
        }
        inner.bind_captures(&captures, ctx);
        let load_ptr = |f: &mut Self2<'_, '_>, off: u64| {
            let p = f.b.load(Ir::Ptr, ctx, off as i32, FLAGS);
            let v = f.b.declare_var(Ir::Ptr);
            f.b.def_var(v, p);
            v
        };
        let cell_var = load_ptr(&mut inner, extra[0]);
        if has_defers {
            let record = load_ptr(&mut inner, extra[1]);
            inner.defers = Some(Defers { record });
        }
        for (i, r) in results.iter().enumerate() {
            let loc = match r.loc {
                Some(VarLoc::Mem(_)) => Some(VarLoc::Mem(load_ptr(&mut inner, extra[2 + i]))),
                _ => None,
            };
            inner.results.push(ResultVar { ty: r.ty, loc });
        }
        inner.range = Some(RangeBody { cell: cell_var, label, exits: Vec::new() });
        let exits = inner.range_body(r, params);
        let body = inner.finish();
        self.cx.prog.funcs[id].body = Some(body);

        self.at(s.pos);
        let obj = self.alloc(obj_ty);
        self.fill_closure(obj, id, &captures);
        self.store(obj, extra[0] as i32, ptr, Val::one(cell));
        if let Some(d) = self.defers.clone() {
            let rec = self.b.use_var(d.record);
            self.store(obj, extra[1] as i32, ptr, Val::one(rec));
        }
        for (i, r) in results.iter().enumerate() {
            if let Some(VarLoc::Mem(v)) = r.loc {
                let p = self.b.use_var(v);
                self.store(obj, extra[2 + i] as i32, ptr, Val::one(p));
            }
        }
        if self.range.is_none() && self.facts.range_defers.contains(&self.scope) {
            let record = self.defers.clone().expect("function with defers").record;
            let record = self.b.use_var(record);
            self.rt(RuntimeFn::DeferRange, &[record]);
        }
        // The call of the iterator.
        let iter_fty = self.cx.tys.func(ft).clone();
        self.emit_call(crate::call::Target::Closure(iter), &iter_fty, vec![Val::one(obj)]);
        self.at(r.body.rbrace);
        let state = self.b.load(Ir::I64, cell, STATE, FLAGS);
        let bad = self.b.icmp_imm(IntCC::Eq, state, RF_PANIC);
        self.guard(bad, |f| {
            let m = f.const_int(RF_MISSING_PANIC);
            f.rt_panic(RuntimeFn::PanicRangeState, &[m]);
        });
        let done = self.const_int(RF_EXHAUSTED);
        self.b.store(cell, done, STATE, FLAGS);
        self.dispatch(cell, &exits);
    }

    /// Goes on where the body wanted to.
    fn dispatch(&mut self, cell: Value, exits: &[Exit]) {
        if exits.is_empty() {
            return;
        }
        let next = self.b.load(Ir::I64, cell, NEXT, FLAGS);
        for (i, &exit) in exits.iter().enumerate() {
            let hit = self.b.icmp_imm(IntCC::Eq, next, i as i64 + 1);
            let (yes, no) = (self.b.create_block(), self.b.create_block());
            self.b.brif(hit, yes, no);
            self.b.seal_and_switch(yes);
            self.take_exit(exit);
            if !self.b.is_dead() {
                self.b.unreachable();
            }
            self.b.seal_and_switch(no);
        }
    }

    fn take_exit(&mut self, exit: Exit) {
        match exit {
            Exit::Return => {
                if self.range.is_some() {
                    self.leave(Exit::Return);
                } else {
                    self.return_values(None);
                }
            }
            Exit::Goto(l) => {
                if !self.range_exit(exit) {
                    let b = self.label_block(l);
                    self.b.jump(b, &[]);
                }
            }
            Exit::Break(name) | Exit::Continue(name) => {
                let is_break = matches!(exit, Exit::Break(_));
                let found = self.targets.iter().rev().find(|t| match name {
                    Some(n) => t.label == Some(n),
                    None => {
                        if is_break {
                            t.brk.is_some()
                        } else {
                            t.cont.is_some()
                        }
                    }
                });
                match found.and_then(|t| if is_break { t.brk } else { t.cont }) {
                    Some(b) => self.b.jump(b, &[]),
                    None => assert!(self.range_exit(exit), "exit without target"),
                }
            }
        }
    }

    fn range_body(&mut self, r: &RangeStmt, params: Vec<(Val, Ty)>) -> Vec<Exit> {
        self.at(r.range_pos);
        let cell_var = self.range.as_ref().expect("body").cell;
        let cell = self.b.use_var(cell_var);
        let state = self.b.load(Ir::I64, cell, STATE, FLAGS);
        let bad = self.b.icmp_imm(IntCC::Ne, state, RF_READY);
        self.guard(bad, |f| f.rt_panic(RuntimeFn::PanicRangeState, &[state]));
        let busy = self.const_int(RF_PANIC);
        self.b.store(cell, busy, STATE, FLAGS);
        for (i, (v, t)) in params.into_iter().enumerate() {
            self.range_assign(r, i, |_| v, t);
        }
        self.stmts(&r.body.stmts);
        if !self.b.is_dead() {
            self.continue_body();
        }
        self.range.take().expect("body").exits
    }

    fn continue_body(&mut self) {
        let cell_var = self.range.as_ref().expect("body").cell;
        let cell = self.b.use_var(cell_var);
        let ready = self.const_int(RF_READY);
        self.b.store(cell, ready, STATE, FLAGS);
        let t = self.b.iconst(Ir::I8, 1);
        self.b.ret(&[t]);
    }

    /// Leaves the loop for good: `next` is 0 for its own end.
    fn stop(&mut self, next: i64) {
        let cell_var = self.range.as_ref().expect("body").cell;
        let cell = self.b.use_var(cell_var);
        let n = self.const_int(next);
        self.b.store(cell, n, NEXT, FLAGS);
        let done = self.const_int(RF_DONE);
        self.b.store(cell, done, STATE, FLAGS);
        let f = self.b.iconst(Ir::I8, 0);
        self.b.ret(&[f]);
    }

    fn leave(&mut self, exit: Exit) {
        let exits = &mut self.range.as_mut().expect("body").exits;
        let n = match exits.iter().position(|&e| e == exit) {
            Some(i) => i,
            None => {
                exits.push(exit);
                exits.len() - 1
            }
        };
        self.stop(n as i64 + 1);
    }

    /// Handles a branch that no statement inside the body takes. False outside of bodies.
    pub fn range_exit(&mut self, exit: Exit) -> bool {
        let Some(body) = &self.range else { return false };
        let own = |name: Option<Symbol>| name.is_none() || name == body.label;
        match exit {
            Exit::Goto(l) if self.facts.labels.contains(&(self.scope, l)) => return false,
            Exit::Break(name) if own(name) => self.stop(0),
            Exit::Continue(name) if own(name) => self.continue_body(),
            _ => self.leave(exit),
        }
        true
    }

    /// `return` inside a body: the values go to the function's result variables.
    pub fn range_return(&mut self, vals: Option<Vec<Val>>) {
        if let Some(vals) = vals {
            for (r, v) in self.results.clone().iter().zip(vals) {
                let loc = r.loc.clone().expect("result variable");
                self.assign_loc(&loc, r.ty, v);
            }
        }
        self.leave(Exit::Return);
    }
}

type Self2<'a, 's> = FuncLower<'a, 's>;
