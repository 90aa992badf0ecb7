//! Interfaces: conversion to them, assertions from them, dynamic types.

use crate::func::FuncLower;
use crate::operand::Val;
use crate::ty::{Basic, Ty, TyKind};
use golift_ir as ir;
use golift_ir::{IntCC, MemFlags, RuntimeFn, Type as Ir, Value};
use golift_syntax::{Expr, Pos};
use smallvec::SmallVec;

/// Offset of `Type` in `abi.ITab`.
pub const ITAB_TYPE: i32 = 8;
/// Offset of `Fun` in `abi.ITab`.
pub const ITAB_FUN: i32 = 24;

const READONLY: MemFlags = MemFlags { notrap: true, barrier: false, readonly: true };

impl FuncLower<'_, '_> {
    /// A value of type `from` as interface type `to`.
    pub fn make_interface(&mut self, v: Val, from: Ty, to: Ty) -> Val {
        if self.cx.tys.is_interface(from) {
            return self.interface_to_interface(v, from, to);
        }
        if self.cx.tys.as_basic(from) == Some(Basic::UntypedNil) {
            return self.zero(to);
        }
        let word = self.type_word(from, to);
        let data = self.data_word(v, from);
        Val::from_slice(&[word, data])
    }

    /// Descriptor or itab of a concrete type for interface type `to`.
    pub fn type_word(&mut self, from: Ty, to: Ty) -> Value {
        self.cx.mark_in_iface(from);
        let d = if self.cx.tys.is_empty_interface(to) { self.cx.rtype(from) } else { self.cx.itab(from, to) };
        self.b.data_addr(d, 0)
    }

    /// The data word of a concrete value in an interface.
    pub fn data_word(&mut self, v: Val, t: Ty) -> Value {
        let l = self.layout(t);
        if l.size == 0 {
            let d = self.cx.zero_base();
            return self.b.data_addr(d, 0);
        }
        if self.cx.is_direct_iface(t) {
            return self.scalars(v, t)[0];
        }
        if let (Val::Scalars(s), 1) = (&v, l.size) {
            // Bytes and booleans have static cells.
            let d = self.cx.static_bytes();
            let base = self.b.data_addr(d, 0);
            let i = self.b.unary(ir::UnaryOp::Zext, Ir::I64, s[0]);
            let off = self.b.binary_imm(ir::BinaryOp::Shl, i, 3);
            return self.b.ptr_add(base, off);
        }
        if let Some(d) = self.constant_data(&v, t) {
            return self.b.data_addr(d, 0);
        }
        if let Some((f, words)) = self.boxing(&v, t) {
            return self.rt1(f, &words);
        }
        let p = self.alloc(t);
        self.store(p, 0, t, v);
        p
    }

    /// The function of the runtime that puts such a value into an interface (small and empty ones need no memory), and its words.
    fn boxing(&mut self, v: &Val, t: Ty) -> Option<(RuntimeFn, SmallVec<[Value; 4]>)> {
        let Val::Scalars(words) = v else { return None };
        let f = match (self.cx.tys.under_kind(t), &self.layout(t).scalars.as_deref()?) {
            (TyKind::Basic(Basic::String), _) => RuntimeFn::ConvTString,
            (TyKind::Slice(_), _) => RuntimeFn::ConvTSlice,
            (_, [word]) => match word.ty {
                Ir::I16 => RuntimeFn::ConvT16,
                Ir::I32 => RuntimeFn::ConvT32,
                Ir::I64 => RuntimeFn::ConvT64,
                _ => return None,
            },
            _ => return None,
        };
        (self.layout(t).size == f.boxed_size()?).then(|| (f, words.iter().copied().collect()))
    }

    /// Read-only data for a constant value; equal ones share it. (A panic with the value of the one before is shown once,
    /// and that is told by the address.)
    fn constant_data(&mut self, v: &Val, t: Ty) -> Option<ir::DataId> {
        let Val::Scalars(vals) = v else { return None };
        let l = self.layout(t);
        let mut bytes = vec![0u8; l.size as usize];
        let mut relocs = Vec::new();
        for (s, &v) in l.scalars.as_ref()?.iter().zip(vals) {
            let inst = self.b.func.def_inst(v)?;
            let bits = match &self.b.func.insts[inst] {
                ir::InstData::IConst { imm, .. } => *imm as u64,
                ir::InstData::F32Const { bits } => *bits as u64,
                ir::InstData::F64Const { bits } => *bits,
                ir::InstData::DataAddr { data, off } => {
                    relocs.push(ir::Reloc {
                        offset: s.off,
                        kind: ir::RelocKind::Abs64,
                        target: ir::RelocTarget::Data(*data),
                        addend: *off,
                    });
                    0
                }
                _ => return None,
            };
            let n = s.ty.bytes() as usize;
            bytes[s.off as usize..s.off as usize + n].copy_from_slice(&bits.to_le_bytes()[..n]);
        }
        let targets = relocs.iter().map(|r| (r.offset, r.target, r.addend)).collect();
        let key = (bytes, l.align, targets);
        if let Some(&d) = self.cx.boxed_constants.get(&key) {
            return Some(d);
        }
        let d = self.cx.rodata(key.0.clone(), l.align);
        self.cx.prog.datas[d].relocs = relocs;
        self.cx.boxed_constants.insert(key, d);
        Some(d)
    }

    fn interface_to_interface(&mut self, v: Val, from: Ty, to: Ty) -> Val {
        if self.cx.tys.under(from) == self.cx.tys.under(to) {
            return v;
        }
        let s = self.scalars(v, from);
        let typ = self.dynamic_type(s[0], from);
        if self.cx.tys.is_empty_interface(to) {
            return Val::from_slice(&[typ, s[1]]);
        }
        // The conversion cannot fail, but a nil interface stays nil.
        let nil = self.b.nil();
        let tab = self.if_non_nil(typ, nil, |f| {
            let inter = f.rtype_addr(to);
            f.rt1(RuntimeFn::AssertE2I2, &[inter, typ])
        });
        Val::from_slice(&[tab, s[1]])
    }

    /// The descriptor of the dynamic type (nil for a nil interface).
    pub fn dynamic_type(&mut self, word: Value, iface: Ty) -> Value {
        if self.cx.tys.is_empty_interface(iface) {
            return word;
        }
        let nil = self.b.nil();
        self.if_non_nil(word, nil, |f| f.b.load(Ir::Ptr, word, ITAB_TYPE, READONLY))
    }

    /// `f()` if `p` is not nil, else `other`.
    fn if_non_nil(&mut self, p: Value, other: Value, f: impl FnOnce(&mut Self) -> Value) -> Value {
        let some = self.b.create_block();
        let done = self.b.create_block();
        let ty = self.b.ty(other);
        let result = self.b.append_param(done, ty);
        let is_nil = self.b.icmp_imm(IntCC::Eq, p, 0);
        self.b.ins0(ir::InstData::Brif {
            cond: is_nil,
            then_: ir::BlockCall { block: done, args: [other].into_iter().collect() },
            else_: ir::BlockCall { block: some, args: Default::default() },
        });
        self.b.seal_and_switch(some);
        let v = f(self);
        self.b.jump(done, &[v]);
        self.b.seal_and_switch(done);
        result
    }

    // ---- assertions ----

    /// `x.(T)`: the value and, if `comma_ok`, whether it holds (else it panics).
    pub fn type_assert(&mut self, x: &Expr, to: Ty, pos: Pos, comma_ok: bool) -> (Val, Option<Value>) {
        let from = self.ty(x);
        let v = self.expr(x);
        self.at(pos);
        let s = self.scalars(v, from);
        self.assert_value(s[0], s[1], from, to, comma_ok)
    }

    pub fn assert_value(&mut self, word: Value, data: Value, from: Ty, to: Ty, comma_ok: bool) -> (Val, Option<Value>) {
        if self.cx.tys.is_interface(to) {
            return self.assert_interface(word, data, from, to, comma_ok);
        }
        // A concrete type: one comparison of type words. In instances the assertion may be impossible.
        let want = if self.cx.implements(to, from) { self.type_word(to, from) } else { self.impossible_word() };
        let same = self.b.icmp(IntCC::Eq, word, want);
        if !comma_ok {
            let different = self.b.icmp(IntCC::Ne, word, want);
            self.guard(different, |f| {
                let want = f.rtype_addr(to);
                let iface = f.rtype_addr(from);
                let fails =
                    if f.cx.tys.is_empty_interface(from) { RuntimeFn::PanicDotTypeE } else { RuntimeFn::PanicDotTypeI };
                f.rt_panic(fails, &[word, want, iface]);
            });
            let v = self.unbox(data, to);
            return (v, None);
        }
        let ok = self.b.create_block();
        let no = self.b.create_block();
        let done = self.b.create_block();
        let mem = self.layout(to).is_mem().then(|| self.temp(to));
        self.b.brif(same, ok, no);
        match &self.layout(to).scalars {
            Some(scalars) => {
                let params: Vec<Value> = scalars.iter().map(|s| self.b.append_param(done, s.ty)).collect();
                self.b.seal_and_switch(ok);
                let v = self.unbox(data, to);
                let vals = self.scalars(v, to);
                self.b.jump(done, &vals);
                self.b.seal_and_switch(no);
                let zero = self.zero(to);
                let vals = self.scalars(zero, to);
                self.b.jump(done, &vals);
                self.b.seal_and_switch(done);
                (Val::from_slice(&params), Some(same))
            }
            None => {
                let addr = mem.expect("memory for the value");
                self.b.seal_and_switch(ok);
                let barrier = !self.in_frame(addr);
                self.copy_mem(addr, data, to, barrier);
                self.b.jump(done, &[]);
                self.b.seal_and_switch(no);
                self.zero_mem(addr, to);
                self.b.jump(done, &[]);
                self.b.seal_and_switch(done);
                (Val::Mem { addr, fresh: true }, Some(same))
            }
        }
    }

    /// The concrete value behind a data word.
    pub fn unbox(&mut self, data: Value, t: Ty) -> Val {
        let l = self.layout(t);
        if l.size == 0 {
            return self.zero(t);
        }
        if self.cx.is_direct_iface(t) {
            return Val::one(data);
        }
        match &l.scalars {
            Some(scalars) => {
                let flags = MemFlags { notrap: true, ..MemFlags::default() };
                Val::Scalars(scalars.iter().map(|s| self.b.load(s.ty, data, s.off as i32, flags)).collect())
            }
            // Boxed values never change.
            None => Val::Mem { addr: data, fresh: false },
        }
    }

    fn assert_interface(&mut self, word: Value, data: Value, from: Ty, to: Ty, comma_ok: bool) -> (Val, Option<Value>) {
        let typ = self.dynamic_type(word, from);
        if !comma_ok {
            let is_nil = self.b.icmp_imm(IntCC::Eq, typ, 0);
            self.guard(is_nil, |f| {
                let want = f.rtype_addr(to);
                f.rt_panic(RuntimeFn::PanicNilDotType, &[want]);
            });
            if self.cx.tys.is_empty_interface(to) {
                return (Val::from_slice(&[typ, data]), None);
            }
            let inter = self.rtype_addr(to);
            let tab = self.rt1(RuntimeFn::AssertE2I, &[inter, typ]);
            return (Val::from_slice(&[tab, data]), None);
        }
        let nil = self.b.nil();
        let tab = if self.cx.tys.is_empty_interface(to) {
            typ
        } else {
            self.if_non_nil(typ, nil, |f| {
                let inter = f.rtype_addr(to);
                f.rt1(RuntimeFn::AssertE2I2, &[inter, typ])
            })
        };
        let ok = self.b.icmp_imm(IntCC::Ne, tab, 0);
        let data = self.b.select(ok, data, nil);
        (Val::from_slice(&[tab, data]), Some(ok))
    }

    /// Does the dynamic type match `to` (a type switch case)? Returns the test and the itab for interface types.
    pub fn type_test(&mut self, word: Value, typ: Value, from: Ty, to: Ty) -> (Value, Option<Value>) {
        if self.cx.tys.is_interface(to) {
            if self.cx.tys.is_empty_interface(to) {
                return (self.b.icmp_imm(IntCC::Ne, typ, 0), Some(typ));
            }
            let nil = self.b.nil();
            let tab = self.if_non_nil(typ, nil, |f| {
                let inter = f.rtype_addr(to);
                f.rt1(RuntimeFn::AssertE2I2, &[inter, typ])
            });
            return (self.b.icmp_imm(IntCC::Ne, tab, 0), Some(tab));
        }
        let want = if self.cx.implements(to, from) { self.type_word(to, from) } else { self.impossible_word() };
        (self.b.icmp(IntCC::Eq, word, want), None)
    }

    /// A word that no interface holds.
    fn impossible_word(&mut self) -> Value {
        self.b.iconst(Ir::Ptr, 1)
    }
}
