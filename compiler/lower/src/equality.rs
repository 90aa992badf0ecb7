//! `==` of values, and the functions that compare values of a type behind pointers.
//!
//! A value is taken apart into its *leaves*, which are compared in order until two differ. That order shows: a comparison of interfaces panics
//! if their dynamic type has no equality, and it must not be reached when leaves before it differ. The contents of strings are compared as late
//! as that allows (before the next interface or array, or last), because they may be long and their lengths already tell most apart.

use crate::func::FuncLower;
use crate::lower::FuncKey;
use crate::operand::Val;
use crate::ty::{Basic, Ty, TyKind};
use golift_ir as ir;
use golift_ir::{BinaryOp as Op, FloatCC, IntCC, RuntimeFn, Type as Ir, Value};

/// Bytes of an array whose elements are not compared in a loop.
const UNROLLED: u64 = 32;

/// A part of a value that is compared as one.
struct Leaf {
    ty: Ty,
    /// Its place in memory.
    off: u64,
    /// Its first scalar.
    from: usize,
}

/// Where the two values are.
#[derive(Clone, Copy)]
enum Sides<'a> {
    Scalars(&'a [Value], &'a [Value]),
    Memory(Value, Value),
}

/// What must hold for equality, as far as it is known.
#[derive(Default)]
struct Conditions {
    /// Holds if all leaves since the last branch are equal.
    pending: Option<Value>,
    /// Where control goes when leaves differ.
    differ: Option<ir::Block>,
    /// Strings of equal length whose contents wait.
    strings: Vec<Leaf>,
}

impl FuncLower<'_, '_> {
    /// `a == b` as 0 or 1.
    pub fn equal(&mut self, t: Ty, a: Val, b: Val) -> Value {
        if self.layout(t).is_mem() {
            return self.equal_mem(t, a, b);
        }
        let (a, b) = (self.scalars(a, t), self.scalars(b, t));
        self.equal_leaves(t, Sides::Scalars(&a, &b))
    }

    /// Compares values in memory: by bytes where that is the same, else by the type's equality function.
    fn equal_mem(&mut self, t: Ty, a: Val, b: Val) -> Value {
        let p = self.spill(&a, t);
        let q = self.spill(&b, t);
        if self.cx.is_regular_memory(t) {
            return self.equal_at(t, p, q);
        }
        let id = self.cx.func(FuncKey::Equal(t));
        let nil = self.b.nil();
        self.call_func(id, &[nil, p, q])[0]
    }

    /// Compares the values at two addresses.
    pub fn equal_at(&mut self, t: Ty, p: Value, q: Value) -> Value {
        self.equal_leaves(t, Sides::Memory(p, q))
    }

    fn equal_leaves(&mut self, t: Ty, sides: Sides) -> Value {
        let mut leaves = Vec::new();
        self.collect_leaves(t, 0, 0, &mut leaves);
        let mut known = Conditions::default();
        for leaf in leaves {
            if let Sides::Memory(..) = sides {
                // What is not needed is not loaded.
                self.branch_if_different(&mut known);
            }
            self.equal_leaf(leaf, sides, &mut known);
        }
        self.equal_strings(sides, &mut known);
        let equal = known.pending.unwrap_or_else(|| self.b.iconst(Ir::I8, 1));
        match known.differ {
            Some(differ) => self.join_equal(equal, differ),
            None => equal,
        }
    }

    fn collect_leaves(&self, t: Ty, off: u64, from: usize, leaves: &mut Vec<Leaf>) {
        let l = self.layout(t);
        match self.cx.tys.under_kind(t) {
            _ if l.size == 0 => {}
            TyKind::Struct(fields) if !(l.is_mem() && self.cx.is_regular_memory(t)) => {
                for (n, f) in fields.iter().enumerate() {
                    if f.name.as_str() != "_" {
                        self.collect_leaves(f.ty, off + l.offsets[n], from + self.field_scalars(t, n).0, leaves);
                    }
                }
            }
            // An array of more than one element has no scalars.
            TyKind::Array(elem, n) if *n == 1 || l.size <= UNROLLED && !self.cx.is_regular_memory(t) => {
                let size = self.layout(*elem).size;
                (0..*n).for_each(|i| self.collect_leaves(*elem, off + i * size, from, leaves));
            }
            _ => leaves.push(Leaf { ty: t, off, from }),
        }
    }

    fn equal_leaf(&mut self, leaf: Leaf, sides: Sides, known: &mut Conditions) {
        match self.cx.tys.under_kind(leaf.ty) {
            TyKind::Basic(Basic::String) => {
                let (n, m) = self.leaf_words(&leaf, 1, sides);
                let same = self.b.icmp(IntCC::Eq, n, m);
                self.require(known, same);
                // Nothing is in empty strings.
                if self.b.as_iconst(n) != Some(0) && self.b.as_iconst(m) != Some(0) {
                    known.strings.push(leaf);
                }
            }
            TyKind::Basic(k) if k.is_float() || k.is_complex() => {
                for n in 0..if k.is_complex() { 2 } else { 1 } {
                    let (a, b) = self.leaf_words(&leaf, n, sides);
                    let same = self.b.fcmp(FloatCC::Eq, a, b);
                    self.require(known, same);
                }
            }
            TyKind::Interface(methods) => {
                let func = if methods.is_empty() { RuntimeFn::EfaceEq } else { RuntimeFn::IfaceEq };
                self.equal_strings(sides, known);
                self.branch_if_different(known);
                let (t, u) = self.leaf_words(&leaf, 0, sides);
                let same = self.b.icmp(IntCC::Eq, t, u);
                self.require(known, same);
                self.branch_if_different(known);
                let (a, b) = self.leaf_words(&leaf, 1, sides);
                let same = self.rt1(func, &[t, a, b]);
                self.require(known, same);
            }
            TyKind::Array(elem, n) if !self.cx.is_regular_memory(leaf.ty) => {
                self.equal_strings(sides, known);
                self.branch_if_different(known);
                let differ = *known.differ.get_or_insert_with(|| self.b.create_block());
                let (p, q) = self.leaf_addresses(&leaf, sides);
                let (elem, size) = (*elem, self.layout(*elem).size);
                let n = self.const_int(*n as i64);
                self.count_loop(n, None, |f, i| {
                    let off = f.b.binary_imm(Op::Mul, i, size as i64);
                    let (a, b) = (f.b.ptr_add(p, off), f.b.ptr_add(q, off));
                    let same = f.equal_at(elem, a, b);
                    let next = f.b.create_block();
                    f.b.brif(same, next, differ);
                    f.b.seal_and_switch(next);
                });
            }
            _ if self.layout(leaf.ty).is_mem() => {
                self.branch_if_different(known);
                let (p, q) = self.leaf_addresses(&leaf, sides);
                let n = self.const_int(self.layout(leaf.ty).size as i64);
                let same = self.rt1(RuntimeFn::MemEqual, &[p, q, n]);
                self.require(known, same);
            }
            _ => {
                let (a, b) = self.leaf_words(&leaf, 0, sides);
                let same = self.b.icmp(IntCC::Eq, a, b);
                self.require(known, same);
            }
        }
    }

    /// Compares the contents of the strings that wait for it.
    fn equal_strings(&mut self, sides: Sides, known: &mut Conditions) {
        for leaf in std::mem::take(&mut known.strings) {
            self.branch_if_different(known);
            let (p, q) = self.leaf_words(&leaf, 0, sides);
            let (n, _) = self.leaf_words(&leaf, 1, sides);
            let same = self.rt1(RuntimeFn::MemEqual, &[p, q, n]);
            self.require(known, same);
        }
    }

    fn require(&mut self, known: &mut Conditions, same: Value) {
        known.pending = Some(match known.pending {
            Some(others) => self.b.binary(Op::And, others, same),
            None => same,
        });
    }

    fn branch_if_different(&mut self, known: &mut Conditions) {
        let Some(same) = known.pending.take() else { return };
        let differ = *known.differ.get_or_insert_with(|| self.b.create_block());
        let next = self.b.create_block();
        self.b.brif(same, next, differ);
        self.b.seal_and_switch(next);
    }

    /// The `n`-th scalar of a leaf on both sides.
    fn leaf_words(&mut self, leaf: &Leaf, n: usize, sides: Sides) -> (Value, Value) {
        match sides {
            Sides::Scalars(a, b) => (a[leaf.from + n], b[leaf.from + n]),
            Sides::Memory(p, q) => {
                let scalar = &self.layout(leaf.ty).scalars.as_ref().expect("leaf in registers")[n];
                let off = leaf.off as i64 + scalar.off as i64;
                let mut side = |base| {
                    let at = self.b.ptr_add_imm(base, off);
                    self.b.load(scalar.ty, at, 0, ir::MemFlags { notrap: true, ..Default::default() })
                };
                (side(p), side(q))
            }
        }
    }

    fn leaf_addresses(&mut self, leaf: &Leaf, sides: Sides) -> (Value, Value) {
        let Sides::Memory(p, q) = sides else { unreachable!("arrays are in memory") };
        (self.b.ptr_add_imm(p, leaf.off as i64), self.b.ptr_add_imm(q, leaf.off as i64))
    }

    /// `equal` where control is now, 0 from `differ`.
    fn join_equal(&mut self, equal: Value, differ: ir::Block) -> Value {
        let done = self.b.create_block();
        let result = self.b.append_param(done, Ir::I8);
        self.b.jump(done, &[equal]);
        self.b.seal_and_switch(differ);
        let zero = self.b.iconst(Ir::I8, 0);
        self.b.jump(done, &[zero]);
        self.b.seal_and_switch(done);
        result
    }
}
