//! Reading, writing and copying values and places (`operand`).

use crate::func::FuncLower;
use crate::layout::MAX_IMPLICIT;
use crate::operand::{Place, Val, VarLoc};
use crate::ty::{Ty, TyKind};
use golift_ir as ir;
use golift_ir::{BinaryOp, InstData, MemFlags, RuntimeFn, Value};
use smallvec::SmallVec;

/// Below this, addresses fault.
pub const NIL_PAGE: u64 = 4096;

impl FuncLower<'_, '_> {
    // ---- addresses ----

    /// The instruction at the root of an address computation.
    fn root(&self, mut v: Value) -> Option<&InstData> {
        loop {
            let inst = self.b.func.def_inst(v)?;
            match &self.b.func.insts[inst] {
                InstData::Binary { op: BinaryOp::PtrAdd, args } => v = args[0],
                other => return Some(other),
            }
        }
    }

    /// Flags for an access at `addr`: frame, data and fresh heap memory never fault.
    pub fn mem_flags(&self, addr: Value) -> MemFlags {
        let notrap = matches!(
            self.root(addr),
            Some(InstData::SlotAddr { .. } | InstData::DataAddr { .. } | InstData::Alloc { .. })
        );
        MemFlags { notrap, ..MemFlags::default() }
    }

    pub fn in_frame(&self, addr: Value) -> bool {
        matches!(self.root(addr), Some(InstData::SlotAddr { .. }))
    }

    // ---- memory ----

    pub fn load(&mut self, addr: Value, off: i32, t: Ty) -> Val {
        match &self.layout(t).scalars {
            Some(scalars) => {
                let flags = self.mem_flags(addr);
                Val::Scalars(scalars.iter().map(|s| self.b.load(s.ty, addr, off + s.off as i32, flags)).collect())
            }
            None => Val::Mem { addr: self.b.ptr_add_imm(addr, off as i64), fresh: false },
        }
    }

    pub fn store(&mut self, addr: Value, off: i32, t: Ty, val: Val) {
        let barrier = !self.in_frame(addr);
        self.store_with(addr, off, t, val, barrier);
    }

    /// Stores into memory known to be on a goroutine stack.
    pub fn store_frame(&mut self, addr: Value, off: i32, t: Ty, val: Val) {
        self.store_with(addr, off, t, val, false);
    }

    fn store_with(&mut self, addr: Value, off: i32, t: Ty, val: Val, barrier: bool) {
        let l = self.layout(t);
        match (&l.scalars, val) {
            (Some(scalars), Val::Scalars(vals)) => {
                let flags = self.mem_flags(addr);
                for (s, v) in scalars.iter().zip(vals) {
                    let flags = MemFlags { barrier: barrier && s.gc, ..flags };
                    self.b.store(addr, v, off + s.off as i32, flags);
                }
            }
            (Some(_), Val::Mem { addr: src, .. }) => {
                let v = self.load(src, 0, t);
                self.store_with(addr, off, t, v, barrier);
            }
            (None, Val::Mem { addr: src, .. }) => {
                let dst = self.b.ptr_add_imm(addr, off as i64);
                self.copy_mem(dst, src, t, barrier);
            }
            (None, Val::Scalars(_)) => unreachable!("scalars of a memory type"),
        }
    }

    pub fn copy_mem(&mut self, dst: Value, src: Value, t: Ty, barrier: bool) {
        let l = self.layout(t);
        if l.size == 0 {
            return;
        }
        let barrier = if barrier && l.has_pointers() {
            self.cx.runtime_func(RuntimeFn::TypedMemMove);
            Some(self.cx.rtype(t))
        } else {
            None
        };
        self.b.ins0(InstData::MemCopy { dst, src, size: l.size, align: l.align, barrier });
    }

    pub fn zero_mem(&mut self, addr: Value, t: Ty) {
        let l = self.layout(t);
        if l.size == 0 {
            return;
        }
        let barrier = if l.has_pointers() && !self.in_frame(addr) {
            self.cx.runtime_func(RuntimeFn::TypedMemClr);
            Some(self.cx.rtype(t))
        } else {
            None
        };
        self.b.ins0(InstData::MemZero { dst: addr, size: l.size, align: l.align, barrier });
    }

    // ---- values ----

    pub fn zero(&mut self, t: Ty) -> Val {
        match &self.layout(t).scalars {
            Some(s) => Val::Scalars(s.iter().map(|s| self.b.zero(s.ty)).collect()),
            None => {
                let addr = self.temp(t);
                self.zero_mem(addr, t);
                Val::Mem { addr, fresh: true }
            }
        }
    }

    /// Memory for a value of the type, not initialised: in the frame unless it is large.
    pub fn temp(&mut self, t: Ty) -> Value {
        // What no stack can hold stays, and is reported as gc does.
        if (MAX_IMPLICIT..1 << 30).contains(&self.layout(t).size) {
            let t = match self.cx.tys.kind(t) {
                TyKind::Tuple(elems) => self.cx.tys.anon_struct(elems.iter().copied()),
                _ => t,
            };
            return self.alloc(t);
        }
        let slot = self.new_slot(t);
        // Nothing of an earlier turn of a loop.
        self.b.ins0(ir::InstData::Forget { slot });
        self.b.slot_addr(slot, 0)
    }

    /// The scalars of a value of a scalar type.
    pub fn scalars(&mut self, val: Val, t: Ty) -> SmallVec<[Value; 4]> {
        match val {
            Val::Scalars(s) => s,
            Val::Mem { addr, .. } => match self.load(addr, 0, t) {
                Val::Scalars(s) => s,
                // As an argument a memory type is the address of a copy.
                Val::Mem { addr, .. } => SmallVec::from_slice(&[addr]),
            },
        }
    }

    /// Address of memory that holds the value; only to be read.
    pub fn spill(&mut self, val: &Val, t: Ty) -> Value {
        match val {
            Val::Mem { addr, .. } => *addr,
            Val::Scalars(_) => {
                if self.layout(t).size == 0 {
                    let d = self.cx.zero_data();
                    return self.b.data_addr(d, 0);
                }
                let addr = self.temp(t);
                self.store(addr, 0, t, val.clone());
                addr
            }
        }
    }

    /// The same value in memory that nobody else changes.
    pub fn stable(&mut self, val: Val, t: Ty) -> Val {
        match val {
            Val::Mem { addr, fresh: false } => {
                let copy = self.temp(t);
                let barrier = !self.in_frame(copy);
                self.copy_mem(copy, addr, t, barrier);
                Val::Mem { addr: copy, fresh: true }
            }
            v => v,
        }
    }

    // ---- variables ----

    pub fn read_loc(&mut self, loc: &VarLoc, t: Ty) -> Val {
        match loc {
            VarLoc::Ssa(vars) => Val::Scalars(vars.iter().map(|&v| self.b.use_var(v)).collect()),
            VarLoc::Slot(s) => Val::Mem { addr: self.b.slot_addr(*s, 0), fresh: false },
            VarLoc::Mem(v) => {
                let p = self.b.use_var(*v);
                self.load_known(p, t)
            }
        }
    }

    /// Loads from an address that is known to be valid.
    pub fn load_known(&mut self, addr: Value, t: Ty) -> Val {
        match &self.layout(t).scalars {
            Some(scalars) => {
                let flags = MemFlags { notrap: true, ..MemFlags::default() };
                Val::Scalars(scalars.iter().map(|s| self.b.load(s.ty, addr, s.off as i32, flags)).collect())
            }
            None => Val::Mem { addr, fresh: false },
        }
    }

    pub fn assign_loc(&mut self, loc: &VarLoc, t: Ty, val: Val) {
        match loc {
            VarLoc::Ssa(vars) => {
                let vals = self.scalars(val, t);
                for (&var, v) in vars.iter().zip(vals) {
                    self.b.def_var(var, v);
                }
            }
            VarLoc::Slot(s) => {
                let addr = self.b.slot_addr(*s, 0);
                self.store_frame(addr, 0, t, val);
            }
            VarLoc::Mem(v) => {
                let p = self.b.use_var(*v);
                self.store(p, 0, t, val);
            }
        }
    }

    pub fn loc_place(&mut self, loc: &VarLoc, ty: Ty) -> Place {
        match loc {
            VarLoc::Ssa(vars) => Place::Ssa { vars: vars.clone(), ty },
            VarLoc::Slot(s) => Place::Mem { addr: self.b.slot_addr(*s, 0), off: 0, ty },
            VarLoc::Mem(v) => Place::Mem { addr: self.b.use_var(*v), off: 0, ty },
        }
    }

    // ---- places ----

    pub fn read_place(&mut self, p: &Place) -> Val {
        match p {
            Place::Blank => unreachable!("the blank identifier has no value"),
            Place::Ssa { vars, .. } => Val::Scalars(vars.iter().map(|&v| self.b.use_var(v)).collect()),
            Place::Mem { addr, off, ty } => {
                let l = self.layout(*ty);
                if l.size == 0 || l.is_mem() {
                    // Nothing is loaded that would fault; or it is later, if anybody wants the value.
                    self.nil_check(*addr);
                }
                self.load(*addr, *off, *ty)
            }
            Place::MapElem { map_ty, map, key, .. } => self.map_read(*map_ty, *map, key, false).0,
        }
    }

    pub fn write_place(&mut self, p: &Place, val: Val) {
        match p {
            Place::Blank => {}
            Place::Ssa { vars, ty } => {
                let vals = self.scalars(val, *ty);
                for (&var, v) in vars.iter().zip(vals) {
                    self.b.def_var(var, v);
                }
            }
            Place::Mem { addr, off, ty } => {
                let l = self.layout(*ty);
                if l.size == 0 || l.is_mem() {
                    // Nothing is stored that would fault, or not by Go code.
                    self.nil_check(*addr);
                }
                self.store(*addr, *off, *ty, val);
            }
            Place::MapElem { map_ty, map, key, ty } => {
                let val = self.stable(val, *ty);
                let slot = self.map_assign(*map_ty, *map, key);
                self.store(slot, 0, *ty, val);
            }
        }
    }

    /// Narrows a place to a field.
    pub fn place_field(&mut self, p: Place, index: usize) -> Place {
        match p {
            Place::Ssa { vars, ty } => {
                let f = self.cx.tys.fields(ty)[index].ty;
                let (from, n) = self.field_scalars(ty, index);
                Place::Ssa { vars: vars[from..from + n].iter().copied().collect(), ty: f }
            }
            Place::Mem { addr, off, ty } => {
                let f = self.cx.tys.fields(ty)[index].ty;
                let add = self.layout(ty).offsets[index];
                self.mem_place(addr, off as i64 + add as i64, f)
            }
            Place::Blank | Place::MapElem { .. } => unreachable!("not addressable"),
        }
    }

    /// A place at `addr + off`; large offsets are added at once.
    pub fn mem_place(&mut self, addr: Value, off: i64, ty: Ty) -> Place {
        if (0..NIL_PAGE as i64).contains(&off) {
            return Place::Mem { addr, off: off as i32, ty };
        }
        if !self.mem_flags(addr).notrap {
            self.b.ins0(InstData::NilCheck { addr });
        }
        Place::Mem { addr: self.b.ptr_add_imm(addr, off), off: 0, ty }
    }

    /// First scalar and number of scalars of a field of a scalar struct.
    pub fn field_scalars(&self, t: Ty, index: usize) -> (usize, usize) {
        let fields = match self.cx.tys.under_kind(t) {
            TyKind::Struct(f) => f,
            k => unreachable!("not a struct: {k:?}"),
        };
        let count = |t: Ty| self.layout(t).scalars.as_ref().map_or(0, |s| s.len());
        let from = fields[..index].iter().map(|f| count(f.ty)).sum();
        (from, count(fields[index].ty))
    }

    /// A field of a value.
    pub fn val_field(&mut self, val: Val, t: Ty, index: usize) -> Val {
        let f = self.cx.tys.fields(t)[index].ty;
        match val {
            Val::Scalars(s) => {
                let (from, n) = self.field_scalars(t, index);
                Val::from_slice(&s[from..from + n])
            }
            Val::Mem { addr, fresh } => {
                let off = self.layout(t).offsets[index];
                let addr = self.b.ptr_add_imm(addr, off as i64);
                match self.load(addr, 0, f) {
                    Val::Mem { addr, .. } => Val::Mem { addr, fresh },
                    v => v,
                }
            }
        }
    }

    /// The address of a place in memory (a nil check is the caller's).
    pub fn place_addr(&mut self, p: &Place) -> Value {
        match p {
            Place::Mem { addr, off, .. } => self.b.ptr_add_imm(*addr, *off as i64),
            _ => panic!("place without address"),
        }
    }

    /// Goes on in a new block when `cond` is false; otherwise runs `panic`, which must not return.
    pub fn guard(&mut self, cond: Value, panic: impl FnOnce(&mut Self)) {
        if self.b.as_iconst(cond) == Some(0) {
            return;
        }
        let bad = self.b.create_block();
        let ok = self.b.create_block();
        self.b.brif(cond, bad, ok);
        self.b.seal_and_switch(bad);
        panic(self);
        if !self.b.is_dead() {
            self.b.unreachable();
        }
        self.b.seal_and_switch(ok);
    }

    /// `ir::Type` of the single scalar of a type.
    pub fn ir_ty(&self, t: Ty) -> ir::Type {
        self.layout(t).scalars.as_ref().expect("scalar type")[0].ty
    }
}
