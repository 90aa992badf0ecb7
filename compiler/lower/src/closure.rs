//! Function literals.
//!
//! A closure object is `{code, captured…}`: variables captured by value are copied into it, those captured by
//! reference give their address. The literal's body is lowered right here, as it depends on where this
//! function keeps its variables.

use crate::abi::First;
use crate::capture::Scope;
use crate::func::{ClosureKind, FuncLower, Place0};
use crate::operand::{Val, VarLoc};
use crate::ty::{Basic, Ty, TyKind};
use golift_ir as ir;
use golift_ir::{DataId, FuncFlags, FuncId, MemFlags, Type as Ir, Value};
use golift_syntax::{Expr, FuncLit, Pos};
use golift_types::Obj;
use smallvec::SmallVec;

/// A captured variable and how.
pub struct Capture {
    pub obj: Obj,
    pub ty: Ty,
    pub by_value: bool,
    /// Offset in the closure object.
    pub off: u64,
}

impl FuncLower<'_, '_> {
    pub fn func_lit(&mut self, e: &Expr, f: &FuncLit) -> Val {
        let in_frame = std::mem::take(&mut self.closure_in_frame);
        let fty = self.cx.tys.func(self.ty(e)).clone();
        let scope = Scope::Lit(e.id);
        let (captures, obj_ty) = self.captures(scope);
        let (link, display) = self.closure_name(ClosureKind::Literal);
        let id = self.declare_inner(&link, &display, e.pos, First::Word, &fty);

        let at = Place0 {
            pkg: self.pkg,
            file: self.file,
            env: self.env,
            link,
            display: display.into(),
            start_line: self.cx.position(e.pos).1,
        };
        let facts = self.facts.clone();
        let mut inner = FuncLower::new(self.cx, at, facts, scope, fty);
        let ctx = inner.enter(First::Word, None, &f.ty).expect("func value");
        inner.bind_captures(&captures, ctx);
        inner.body(&f.ty, &f.body);
        let body = inner.finish();
        self.cx.prog.funcs[id].body = Some(body);

        self.at(e.pos);
        if captures.is_empty() {
            let d = self.static_closure(id);
            return Val::one(self.b.data_addr(d, 0));
        }
        let p = if in_frame { self.temp(obj_ty) } else { self.alloc(obj_ty) };
        self.fill_closure(p, id, &captures);
        Val::one(p)
    }

    /// Declares a nested function.
    pub fn declare_inner(
        &mut self,
        link: &str,
        display: &str,
        pos: Pos,
        first: First,
        fty: &crate::ty::FuncTy,
    ) -> FuncId {
        let (file, start_line, start_column) = self.cx.position(pos);
        let abi = self.cx.fn_abi(first, fty);
        let id = self.cx.prog.declare(ir::FuncDecl {
            name: link.into(),
            display: display.into(),
            sig: abi.sig.clone(),
            linkage: ir::Linkage::Local,
            flags: FuncFlags { closure: true, ..FuncFlags::default() },
            runtime: None,
            file,
            start_line,
            start_column,
            body: None,
        });
        self.cx.abis.insert(id, abi);
        self.cx.note_arguments(id, first, fty);
        id
    }

    /// What an inner scope captures, and the type of its closure object.
    pub fn captures(&mut self, scope: Scope) -> (Vec<Capture>, Ty) {
        let word = self.cx.basic(Basic::Uintptr);
        let ptr = self.cx.basic(Basic::UnsafePointer);
        let mut fields = vec![word];
        let mut captures = Vec::new();
        for obj in self.free_vars(scope) {
            let ty = self.obj_ty(obj);
            let by_value = self.by_value(obj, ty);
            fields.push(if by_value { ty } else { ptr });
            captures.push(Capture { obj, ty, by_value, off: 0 });
        }
        let obj_ty = self.cx.tys.anon_struct(fields);
        for (c, &off) in captures.iter_mut().zip(&self.layout(obj_ty).offsets[1..]) {
            c.off = off;
        }
        (captures, obj_ty)
    }

    /// Stores code and captured variables into a closure object.
    pub fn fill_closure(&mut self, p: Value, id: FuncId, captures: &[Capture]) {
        let flags = self.mem_flags(p);
        let code = self.b.func_addr(id);
        self.b.store(p, code, 0, flags);
        for c in captures {
            let loc = self.local(c.obj);
            if c.by_value {
                let v = self.read_loc(&loc, c.ty);
                self.store(p, c.off as i32, c.ty, v);
            } else {
                let VarLoc::Mem(var) = loc else { panic!("captured variable {} has no address", c.obj.name()) };
                let addr = self.b.use_var(var);
                let ptr = self.cx.basic(Basic::UnsafePointer);
                self.store(p, c.off as i32, ptr, Val::one(addr));
            }
        }
    }

    /// The value of a variable that never has another one, so that what is made of it in the closure is constant, too.
    fn captured_constant(&mut self, c: &Capture) -> Option<SmallVec<[Value; 4]>> {
        let init = *self.facts.constants.get(&c.obj)?;
        let is_basic = matches!(self.cx.tys.under_kind(c.ty), TyKind::Basic(_));
        let value = self.info.types(init).value.clone().filter(|_| c.by_value && is_basic)?;
        let value = self.constant(&value, c.ty);
        Some(self.scalars(value, c.ty))
    }

    /// In the closure: makes its captured variables known.
    pub fn bind_captures(&mut self, captures: &[Capture], ctx: Value) {
        let flags = MemFlags { notrap: true, readonly: false, barrier: false };
        for c in captures {
            if self.cx.variables {
                self.captured.insert(c.obj);
            }
            if !c.by_value {
                let p = self.b.load(Ir::Ptr, ctx, c.off as i32, flags);
                let var = self.b.declare_var(Ir::Ptr);
                self.note_address(c.obj, c.ty, var);
                self.b.def_var(var, p);
                self.locals.insert(c.obj, VarLoc::Mem(var));
                continue;
            }
            let constant = self.captured_constant(c);
            match &self.layout(c.ty).scalars {
                Some(scalars) => {
                    let vars: smallvec::SmallVec<[_; 4]> = scalars.iter().map(|s| self.b.declare_var(s.ty)).collect();
                    self.note_scalars(c.obj, c.ty, &vars);
                    for (n, (s, &var)) in scalars.iter().zip(&vars).enumerate() {
                        let v = match &constant {
                            Some(values) => values[n],
                            None => self.b.load(s.ty, ctx, c.off as i32 + s.off as i32, flags),
                        };
                        self.b.def_var(var, v);
                    }
                    self.locals.insert(c.obj, VarLoc::Ssa(vars));
                }
                None => {
                    let p = self.b.ptr_add_imm(ctx, c.off as i64);
                    let var = self.b.declare_var(Ir::Ptr);
                    self.note_address(c.obj, c.ty, var);
                    self.b.def_var(var, p);
                    self.locals.insert(c.obj, VarLoc::Mem(var));
                }
            }
        }
    }

    /// A closure object without captured variables.
    pub fn static_closure(&mut self, id: FuncId) -> DataId {
        self.cx.func_value(id)
    }

    /// Lowers a function body after its parameters are bound.
    pub fn body(&mut self, ty: &golift_syntax::FuncType, body: &golift_syntax::Block) {
        let defers = self.facts.defers.contains(&self.scope);
        let range_returns = self.facts.range_returns.contains(&self.scope);
        self.enter_results(ty, defers || range_returns);
        let landing = defers.then(|| self.enter_defers());
        self.stmts(&body.stmts);
        if !self.b.is_dead() {
            self.at(body.rbrace);
            self.return_values(None);
        }
        if let Some(landing) = landing {
            self.leave_defers(landing);
        }
    }
}
