//! Lowering of one function: its context, entry and exit.

use crate::abi::First;
use crate::capture::{Facts, Scope, VarFacts};
use crate::front::Symbol;
use crate::layout::{Layout, MAX_EXPLICIT, MAX_IMPLICIT};
use crate::lower::Lower;
use crate::open_scopes::OpenScopes;
use crate::operand::{Val, VarLoc};
use crate::ty::{Basic, EnvId, FuncTy, Ty};
use golift_ir as ir;
use golift_ir::{Block, FuncId, FunctionBuilder, MemFlags, RuntimeFn, Slot, Type as Ir, Value, Variable};
use golift_syntax::{Expr, ExprId, Field, FuncType, Ident, Pos};
use golift_types::{FileInfo, Obj, Package};
use rustc_hash::{FxHashMap, FxHashSet};
use smallvec::SmallVec;
use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;

/// A result of the function.
#[derive(Clone)]
pub struct ResultVar {
    pub ty: Ty,
    /// Its variable: for named results, and for all where a defer or a range body needs them.
    pub loc: Option<VarLoc>,
}

/// A statement that `break` or `continue` may leave.
pub struct Target {
    pub label: Option<Symbol>,
    pub brk: Option<Block>,
    pub cont: Option<Block>,
}

/// State of a function with deferred calls.
#[derive(Clone)]
pub struct Defers {
    /// Address of the recovery record, in a variable (range bodies get it by capture).
    pub record: Variable,
}

/// Larger variables are captured by reference, as in gc.
const MAX_CAPTURED_VALUE: u64 = 128;

/// Words of the recovery record before those of the function: landing pc, sp, fp.
pub const RECORD_HEAD: u32 = 24;

pub struct FuncLower<'a, 's> {
    pub cx: &'a mut Lower<'s>,
    pub b: FunctionBuilder,
    pub pkg: Package,
    pub file: u32,
    pub info: &'static FileInfo,
    pub env: EnvId,
    pub display: Arc<str>,
    /// `display`, interned.
    pub text: ir::Text,
    pub start_line: u32,
    pub facts: Rc<Facts>,
    pub scope: Scope,
    pub locals: FxHashMap<Obj, VarLoc>,
    pub results: Vec<ResultVar>,
    pub fty: FuncTy,
    pub sret: Option<Variable>,
    pub defers: Option<Defers>,
    pub targets: Vec<Target>,
    pub labels: FxHashMap<Symbol, Block>,
    names: ClosureNames,
    pub pending_label: Option<Symbol>,
    /// Bodies that `fallthrough` goes to, innermost switch last.
    pub fallthrough_to: Vec<Option<Block>>,
    /// Depth of loops (a defer in one needs a heap record).
    pub loop_depth: u32,
    /// The next closure object is made in the frame: it is called before the frame ends, and only then.
    pub closure_in_frame: bool,
    /// Pointers that became uintptrs while `Some`: they stay alive during a call made later.
    pub uintptrs_of: Option<Vec<Value>>,
    /// Set in the body of a range over a function.
    pub range: Option<crate::range_body::RangeBody>,
    /// Values computed ahead of their place in the code: see [`crate::order`].
    pub ready: FxHashMap<ExprId, Val>,
    pub open_scopes: OpenScopes,
    /// Variables of functions around this one.
    pub captured: FxHashSet<Obj>,
    last_pos: (Pos, Option<ir::Scope>, ir::Loc),
    /// Where the last check stands that ends in a panic, or the last panic.
    last_exit: Option<Pos>,
}

/// What the closures of a function are named after.
struct ClosureNames {
    link: String,
    display: Arc<str>,
    in_literal: bool,
    /// By kind.
    counts: [Cell<u32>; 3],
}

#[derive(Clone, Copy)]
pub enum ClosureKind {
    Literal,
    Range,
    Go,
    Defer,
}

/// What identifies the code being lowered.
pub struct Place0 {
    pub pkg: Package,
    pub file: u32,
    pub env: EnvId,
    pub link: String,
    pub display: Arc<str>,
    pub start_line: u32,
}

impl<'a, 's> FuncLower<'a, 's> {
    pub fn new(cx: &'a mut Lower<'s>, at: Place0, facts: Rc<Facts>, scope: Scope, fty: FuncTy) -> Self {
        let mut b = FunctionBuilder::new();
        let entry = b.create_block();
        b.seal_and_switch(entry);
        let names = ClosureNames {
            link: at.link,
            display: at.display.clone(),
            in_literal: scope != Scope::Root,
            counts: Default::default(),
        };
        let mut f = FuncLower {
            info: at.pkg.info(at.file),
            text: cx.prog.texts.intern(&at.display),
            cx,
            b,
            pkg: at.pkg,
            file: at.file,
            env: at.env,
            display: at.display,
            start_line: at.start_line,
            facts,
            scope,
            locals: FxHashMap::default(),
            results: Vec::new(),
            fty,
            sret: None,
            defers: None,
            targets: Vec::new(),
            labels: FxHashMap::default(),
            names,
            pending_label: None,
            fallthrough_to: Vec::new(),
            loop_depth: 0,
            closure_in_frame: false,
            uintptrs_of: None,
            range: None,
            ready: FxHashMap::default(),
            open_scopes: OpenScopes::default(),
            captured: FxHashSet::default(),
            last_pos: (Pos::NONE, None, ir::Loc::from_u32(0)),
            last_exit: None,
        };
        f.open_function();
        f
    }

    // ---- types ----

    pub fn ty(&self, e: &Expr) -> Ty {
        self.cx.tys.convert(self.info.type_of(e), self.env)
    }

    pub fn conv_ty(&self, t: golift_types::Type) -> Ty {
        self.cx.tys.convert(t, self.env)
    }

    pub fn layout(&self, t: Ty) -> &'s Layout {
        self.cx.layout(t)
    }

    pub fn int(&self) -> Ty {
        self.cx.basic(Basic::Int)
    }

    pub fn bool(&self) -> Ty {
        self.cx.basic(Basic::Bool)
    }

    pub fn obj_ty(&self, o: Obj) -> Ty {
        self.conv_ty(o.ty())
    }

    // ---- positions ----

    /// Instructions that follow belong to the line of `pos`.
    pub fn at(&mut self, pos: Pos) {
        if !pos.is_known() {
            return;
        }
        let scope = self.current_scope();
        if (self.last_pos.0, self.last_pos.1) == (pos, scope) {
            self.b.set_loc_id(self.last_pos.2);
            return;
        }
        let (file, line, column) = self.cx.position(pos);
        let loc = self.b.set_loc(ir::LocData {
            func: self.text,
            file,
            line,
            column,
            start_line: self.start_line,
            parent: ir::Loc::from_u32(0),
            scope: scope.into(),
        });
        self.last_pos = (pos, scope, loc);
    }

    /// The location of a declaration; code goes on at its own.
    pub fn declaration(&mut self, pos: Pos) -> ir::Loc {
        let (here, last) = (self.b.loc(), self.last_pos);
        self.at(pos);
        let loc = self.b.loc();
        self.b.set_loc_id(here);
        self.last_pos = last;
        loc
    }

    // ---- entry ----

    /// Takes over the parameters: `first` as laid down in [`crate::abi`], then those of `ty`.
    /// Returns the func value for closure convention.
    pub fn enter(&mut self, first: First, recv: Option<&Field>, ty: &FuncType) -> Option<Value> {
        let entry = self.b.current();
        let mut ctx = None;
        match first {
            First::Word => ctx = Some(self.b.append_param(entry, Ir::Ptr)),
            First::Recv(t) => {
                let name = recv.and_then(|f| f.names.first());
                self.param(entry, name, t);
            }
            First::None => {}
        }
        let fty = self.fty.clone();
        let sret = crate::abi::needs_sret(&self.cx.tys, &self.cx.layouts, &fty.results);
        if sret {
            let p = self.b.append_param(entry, Ir::Ptr);
            let v = self.b.declare_var(Ir::Ptr);
            self.b.def_var(v, p);
            self.sret = Some(v);
        }
        let names = field_names(&ty.params);
        let mut pending = Vec::new();
        for (i, &p) in fty.params.iter().enumerate() {
            pending.push((self.param_values(entry, p), names.get(i).copied().flatten(), p));
        }
        for (val, name, t) in pending {
            self.bind_param(val, name, t);
        }
        ctx
    }

    fn param(&mut self, entry: Block, name: Option<&Ident>, t: Ty) {
        let val = self.param_values(entry, t);
        self.bind_param(val, name, t);
    }

    fn param_values(&mut self, entry: Block, t: Ty) -> Val {
        match &self.layout(t).scalars {
            Some(s) => Val::Scalars(s.iter().map(|s| self.b.append_param(entry, s.ty)).collect()),
            None => Val::Mem { addr: self.b.append_param(entry, Ir::Ptr), fresh: true },
        }
    }

    fn bind_param(&mut self, val: Val, name: Option<&Ident>, t: Ty) {
        let Some(obj) = name.and_then(|n| self.info.def(n)) else { return };
        if let (Val::Mem { addr, .. }, false) = (&val, self.needs_heap(obj, t)) {
            // The callee owns the copy.
            let v = self.b.declare_var(Ir::Ptr);
            self.note_address(obj, t, v);
            self.b.def_var(v, *addr);
            self.locals.insert(obj, VarLoc::Mem(v));
            return;
        }
        self.declare_local(obj, t, Some(val));
    }

    /// Declares the results. `keep`: unnamed ones need variables too.
    pub fn enter_results(&mut self, ty: &FuncType, keep: bool) {
        let names = field_names(&ty.results);
        let results = self.fty.results.clone();
        for (i, &t) in results.iter().enumerate() {
            let obj = names.get(i).copied().flatten().and_then(|n| self.info.def(n));
            let loc = match obj {
                Some(o) if keep => {
                    // Deferred calls and landing blocks reach results through memory only.
                    let p = self.alloc(t);
                    let v = self.b.declare_var(Ir::Ptr);
                    self.note_address(o, t, v);
                    self.b.def_var(v, p);
                    self.locals.insert(o, VarLoc::Mem(v));
                    Some(VarLoc::Mem(v))
                }
                Some(o) => {
                    let zero = self.zero(t);
                    self.declare_local(o, t, Some(zero));
                    self.locals.get(&o).cloned()
                }
                None if keep => {
                    let p = self.alloc(t);
                    let v = self.b.declare_var(Ir::Ptr);
                    self.b.def_var(v, p);
                    Some(VarLoc::Mem(v))
                }
                None => None,
            };
            self.results.push(ResultVar { ty: t, loc });
        }
    }

    pub fn var_facts(&self, obj: Obj) -> VarFacts {
        self.facts.vars.get(&obj).copied().unwrap_or_default()
    }

    /// Closures get a copy of the variable.
    pub fn by_value(&self, obj: Obj, t: Ty) -> bool {
        let f = self.var_facts(obj);
        !f.reassigned && !f.addr_taken && self.layout(t).size <= MAX_CAPTURED_VALUE
    }

    /// The variable needs memory of its own that may outlive the frame, or is too large for one.
    pub fn needs_heap(&self, obj: Obj, t: Ty) -> bool {
        let f = self.var_facts(obj);
        f.addr_taken || (f.captured && !self.by_value(obj, t)) || self.layout(t).size > MAX_EXPLICIT
    }

    /// Declares a local variable with an initial value (zero if `None`).
    pub fn declare_local(&mut self, obj: Obj, t: Ty, init: Option<Val>) {
        if self.needs_heap(obj, t) {
            let p = self.alloc(t);
            if let Some(v) = init {
                self.store(p, 0, t, v);
            }
            let var = match self.locals.get(&obj) {
                Some(VarLoc::Mem(v)) => *v,
                _ => self.b.declare_var(Ir::Ptr),
            };
            self.note_address(obj, t, var);
            self.b.def_var(var, p);
            self.locals.insert(obj, VarLoc::Mem(var));
            return;
        }
        match &self.layout(t).scalars {
            Some(scalars) => {
                let vars: SmallVec<[Variable; 4]> = match self.locals.get(&obj) {
                    Some(VarLoc::Ssa(v)) => v.clone(),
                    _ => scalars.iter().map(|s| self.b.declare_var(s.ty)).collect(),
                };
                let val = match init {
                    Some(v) => v,
                    None => self.zero(t),
                };
                let vals = self.scalars(val, t);
                self.note_scalars(obj, t, &vars);
                for (&var, v) in vars.iter().zip(vals) {
                    self.b.def_var(var, v);
                }
                self.locals.insert(obj, VarLoc::Ssa(vars));
            }
            None => {
                let slot = match self.locals.get(&obj) {
                    Some(VarLoc::Slot(s)) => *s,
                    _ => self.new_slot(t),
                };
                self.note_slot(obj, t, slot);
                let addr = self.b.slot_addr(slot, 0);
                match init {
                    Some(v) => self.store(addr, 0, t, v),
                    None => self.zero_mem(addr, t),
                }
                self.locals.insert(obj, VarLoc::Slot(slot));
            }
        }
    }

    pub fn new_slot(&mut self, t: Ty) -> Slot {
        let l = self.layout(t);
        self.b.func.make_slot(l.size.max(1), l.align.max(1))
    }

    /// A zeroed object that lives as long as it is used (escape analysis may put it into the frame).
    pub fn alloc(&mut self, t: Ty) -> Value {
        let l = self.layout(t);
        if l.size == 0 {
            let d = self.cx.zero_base();
            return self.b.data_addr(d, 0);
        }
        let typ = self.cx.rtype(t);
        self.cx.runtime_func(RuntimeFn::NewObject);
        self.b.ins(ir::InstData::Alloc { typ, size: l.size, align: l.align }, Ir::Ptr)
    }

    // ---- exit ----

    /// `return` with the values of the results (`None`: those of the named results).
    pub fn return_values(&mut self, vals: Option<Vec<Val>>) {
        let results = self.results.clone();
        if let Some(vals) = vals {
            let simple = self.defers.is_none() && results.iter().all(|r| !matches!(r.loc, Some(VarLoc::Mem(_))));
            if simple {
                self.emit_return(vals);
                return;
            }
            for (r, v) in results.iter().zip(vals) {
                let loc = r.loc.clone().expect("result variable");
                self.assign_loc(&loc, r.ty, v);
            }
        }
        if let Some(d) = self.defers.clone() {
            let rec = self.b.use_var(d.record);
            self.rt(RuntimeFn::DeferReturn, &[rec]);
        }
        let vals = results
            .iter()
            .map(|r| match &r.loc {
                Some(loc) => self.read_loc(loc, r.ty),
                None => self.zero(r.ty),
            })
            .collect();
        self.emit_return(vals);
    }

    /// Return instruction for the given result values.
    pub fn emit_return(&mut self, vals: Vec<Val>) {
        let results: Vec<Ty> = self.results.iter().map(|r| r.ty).collect();
        if let Some(sret) = self.sret {
            let p = self.b.use_var(sret);
            self.store_results(p, &results, vals);
            self.b.ret(&[]);
            return;
        }
        let mut flat = Vec::new();
        for (v, &t) in vals.into_iter().zip(&results) {
            flat.extend(self.scalars(v, t));
        }
        self.b.ret(&flat);
    }

    /// Stores results into the caller's tuple.
    pub fn store_results(&mut self, p: Value, results: &[Ty], vals: Vec<Val>) {
        let offsets = self.tuple_offsets(results);
        let large = self.layout(self.tuple_ty(results)).size >= MAX_IMPLICIT;
        for ((v, &t), off) in vals.into_iter().zip(results).zip(offsets) {
            // The tuple is a `temp` of the caller: if in its frame, no barrier.
            if large {
                self.store(p, off as i32, t, v);
            } else {
                self.store_frame(p, off as i32, t, v);
            }
        }
    }

    pub fn tuple_ty(&self, elems: &[Ty]) -> Ty {
        self.cx.tys.intern(crate::ty::TyKind::Tuple(elems.to_vec()))
    }

    pub fn tuple_offsets(&self, elems: &[Ty]) -> Vec<u64> {
        self.layout(self.tuple_ty(elems)).offsets.to_vec()
    }

    /// Sets up the recovery record. `words` more words follow its head. Gives the landing block and its parameter, for
    /// [`leave_defers`](Self::leave_defers).
    pub fn enter_defers(&mut self) -> (Block, Value) {
        let n = self.results.len() as u32 + 1;
        let slot = self.b.func.make_slot((RECORD_HEAD + 8 * n) as u64, 8);
        let rec = self.b.slot_addr(slot, 0);
        let record = self.b.declare_var(Ir::Ptr);
        self.b.def_var(record, rec);
        let next = self.b.create_block();
        let landing = self.b.create_block();
        let payload = self.b.append_param(landing, Ir::Ptr);
        self.defers = Some(Defers { record });
        let flags = MemFlags { notrap: true, ..MemFlags::default() };
        if let Some(s) = self.sret {
            let p = self.b.use_var(s);
            self.b.store(rec, p, RECORD_HEAD as i32, flags);
        }
        for (i, r) in self.results.clone().iter().enumerate() {
            if let Some(VarLoc::Mem(v)) = r.loc {
                let p = self.b.use_var(v);
                self.b.store(rec, p, (RECORD_HEAD + 8 * (i as u32 + 1)) as i32, flags);
            }
        }
        self.b.ins0(ir::InstData::RecoveryPoint {
            slot,
            next: ir::BlockCall { block: next, args: Default::default() },
            landing,
        });
        self.b.seal_and_switch(next);
        (landing, payload)
    }

    /// After the body: the landing block, which runs the remaining defers and returns what the results hold then. The frame
    /// is seen where gc's code ends: at the last check that may fail, or else at the end.
    pub fn leave_defers(&mut self, (landing, payload): (Block, Value)) {
        let flags = MemFlags { notrap: true, ..MemFlags::default() };
        self.b.seal_and_switch(landing);
        self.at(self.last_exit.unwrap_or(self.last_pos.0));
        self.rt(RuntimeFn::DeferReturn, &[payload]);
        let mut vals = Vec::new();
        for (i, r) in self.results.clone().iter().enumerate() {
            let p = self.b.load(Ir::Ptr, payload, (RECORD_HEAD + 8 * (i as u32 + 1)) as i32, flags);
            vals.push(self.load(p, 0, r.ty));
        }
        let results: Vec<Ty> = self.results.iter().map(|r| r.ty).collect();
        if self.sret.is_some() {
            let p = self.b.load(Ir::Ptr, payload, RECORD_HEAD as i32, flags);
            self.store_results(p, &results, vals);
            self.b.ret(&[]);
        } else {
            let mut flat = Vec::new();
            for (v, &t) in vals.into_iter().zip(&results) {
                flat.extend(self.scalars(v, t));
            }
            self.b.ret(&flat);
        }
    }

    /// Seals what is still open and hands the body over.
    pub fn finish(mut self) -> ir::Function {
        for &b in self.labels.values().collect::<Vec<_>>() {
            self.b.seal(b);
        }
        self.b.finish()
    }

    // ---- calls of the runtime ----

    /// Calls a function of package runtime with flattened arguments.
    pub fn rt(&mut self, f: RuntimeFn, args: &[Value]) -> Vec<Value> {
        let id = self.cx.runtime_func(f);
        self.call_func(id, args)
    }

    /// As [`rt`](Self::rt), for one result.
    pub fn rt1(&mut self, f: RuntimeFn, args: &[Value]) -> Value {
        self.rt(f, args)[0]
    }

    /// Calls a runtime function that does not return.
    pub fn rt_panic(&mut self, f: RuntimeFn, args: &[Value]) {
        self.last_exit = Some(self.last_pos.0);
        self.rt(f, args);
        self.b.unreachable();
    }

    pub fn call_func(&mut self, id: FuncId, args: &[Value]) -> Vec<Value> {
        let decl = &self.cx.prog.funcs[id];
        debug_assert_eq!(decl.sig.params.len(), args.len(), "arguments of {}", decl.name);
        let results = decl.sig.results.clone();
        let noreturn = decl.flags.noreturn;
        let out = self.b.call(ir::Callee::Func(id), args.iter().copied(), &results);
        if noreturn && !results.is_empty() {
            return out;
        }
        out
    }

    pub fn const_int(&mut self, v: i64) -> Value {
        self.b.iconst(Ir::I64, v)
    }

    pub fn rtype_addr(&mut self, t: Ty) -> Value {
        let d = self.cx.rtype(t);
        self.b.data_addr(d, 0)
    }

    /// So many function literals came before.
    pub fn count_literals(&mut self, before: u32) {
        self.names.counts[ClosureKind::Literal as usize].set(before);
    }

    /// Linker symbol and name of the next closure of a kind, as gc has them.
    pub fn closure_name(&mut self, kind: ClosureKind) -> (String, String) {
        let names = &self.names;
        let kind_suffix = match kind {
            ClosureKind::Literal if names.in_literal => ".",
            ClosureKind::Literal => ".func",
            ClosureKind::Range => "-range",
            ClosureKind::Go => ".gowrap",
            ClosureKind::Defer => ".deferwrap",
        };
        // Calls packed for go and defer are counted together.
        let count = &names.counts[(kind as usize).min(ClosureKind::Go as usize)];
        count.set(count.get() + 1);
        let suffix = format!("{kind_suffix}{}", count.get());
        let link = self.cx.fresh_name(format!("{}{suffix}", names.link));
        (link, format!("{}{suffix}", names.display))
    }
}

/// The names of parameters in order, one entry per parameter.
pub fn field_names(fields: &[Field]) -> Vec<Option<&Ident>> {
    let mut out = Vec::new();
    for f in fields {
        if f.names.is_empty() {
            out.push(None);
        }
        out.extend(f.names.iter().map(Some));
    }
    out
}
