//! Loads, stores, block copies.
//!
//! A nil dereference is detected by the fault: accesses without `notrap` stay where they are and may fault; the first
//! 4096 bytes of the address space are never mapped. An access further from its base than that
//! is preceded by a one-byte load of the base.

use crate::translate::Translator;
use cranelift_codegen::ir::{self as clif, InstBuilder, MemFlagsData, types};
use golift_abi as abi;
use golift_ir::{InstData, MemFlags, Type, Value};

/// Unmapped bytes at address zero.
const NIL_PAGE: u64 = 4096;
/// Copies and fills up to this size are inline.
pub const MAX_INLINE: u64 = 128;

impl Translator<'_, '_> {
    /// True if the address points into a stack slot or data object.
    fn is_static(&self, mut addr: Value) -> bool {
        loop {
            let Some(inst) = self.f.def_inst(addr) else { return false };
            match self.f.insts[inst] {
                InstData::SlotAddr { .. } | InstData::DataAddr { .. } => return true,
                InstData::Binary { op: golift_ir::BinaryOp::PtrAdd, args } => addr = args[0],
                _ => return false,
            }
        }
    }

    /// Faults if the address is nil.
    pub fn nil_check(&mut self, addr: clif::Value) {
        self.pos.ins().load(types::I8, MemFlagsData::new(), addr, 0);
    }

    fn nil_check_unless_static(&mut self, addr: Value) {
        if !self.is_static(addr) {
            let a = self.val(addr);
            self.nil_check(a);
        }
    }

    fn mem_flags(&self, addr: Value, flags: MemFlags) -> MemFlagsData {
        let is_static = self.is_static(addr);
        let mut m = MemFlagsData::new();
        if flags.notrap || is_static {
            m = m.with_notrap();
        }
        if flags.readonly {
            m = m.with_readonly();
            // Hoisting needs an address that is valid everywhere.
            if is_static {
                m = m.with_can_move();
            }
        }
        m.with_alias_region(self.region(addr))
    }

    /// Loads a scalar.
    pub fn load(&mut self, ty: Type, addr: Value, off: i32, flags: MemFlags) -> clif::Value {
        let m = self.mem_flags(addr, flags);
        let a = self.val(addr);
        if !m.notrap() && off as u32 as u64 >= NIL_PAGE - 8 {
            self.nil_check(a);
        }
        self.pos.ins().load(crate::translate::clif_type(ty), m, a, off)
    }

    /// Stores a scalar.
    pub fn store(&mut self, addr: Value, val: Value, off: i32, flags: MemFlags) {
        let m = self.mem_flags(addr, flags);
        let (a, v) = (self.val(addr), self.val(val));
        if !m.notrap() && off as u32 as u64 >= NIL_PAGE - 8 {
            self.nil_check(a);
        }
        self.pos.ins().store(m, v, a, off);
    }

    /// Copies bytes that do not overlap, or are the same.
    pub fn mem_copy(&mut self, dst: Value, src: Value, size: u64) {
        if size > MAX_INLINE {
            // The runtime's function must not fault.
            self.nil_check_unless_static(dst);
            self.nil_check_unless_static(src);
            let f = self.c_symbol(abi::sym::MEMMOVE, &[Type::Ptr, Type::Ptr, Type::I64], &[]);
            let n = self.pos.ins().iconst(types::I64, size as i64);
            let args = [self.val(dst), self.val(src), n];
            self.pos.ins().call(f, &args);
            return;
        }
        let from = self.block_flags(src);
        let to = self.block_flags(dst);
        let (d, s) = (self.val(dst), self.val(src));
        for (off, ty) in pieces(size) {
            let v = self.pos.ins().load(ty, from, s, off);
            self.pos.ins().store(to, v, d, off);
        }
    }

    /// Sets bytes to zero.
    pub fn mem_zero(&mut self, dst: Value, size: u64) {
        if size > MAX_INLINE {
            self.nil_check_unless_static(dst);
            let f = self.c_symbol(abi::sym::MEMCLR, &[Type::Ptr, Type::I64], &[]);
            let n = self.pos.ins().iconst(types::I64, size as i64);
            let args = [self.val(dst), n];
            self.pos.ins().call(f, &args);
            return;
        }
        let flags = self.block_flags(dst);
        let d = self.val(dst);
        // Cranelift does not rematerialise vector constants: none after a landing.
        let vectors = !self.is_tainted();
        for (off, ty) in pieces(size) {
            match ty {
                types::I8X16 if vectors => {
                    let zero = self.pos.func.dfg.constants.insert(clif::ConstantData::from(&[0u8; 16][..]));
                    let v = self.pos.ins().vconst(ty, zero);
                    self.pos.ins().store(flags, v, d, off);
                }
                types::I8X16 => {
                    let v = self.pos.ins().iconst(types::I64, 0);
                    self.pos.ins().store(flags, v, d, off);
                    self.pos.ins().store(flags, v, d, off + 8);
                }
                _ => {
                    let v = self.pos.ins().iconst(ty, 0);
                    self.pos.ins().store(flags, v, d, off);
                }
            }
        }
    }

    fn block_flags(&self, addr: Value) -> MemFlagsData {
        self.mem_flags(addr, MemFlags::default())
    }
}

/// Offsets and types of the moves that cover `size` bytes. The last may overlap the one before,
/// never across words that could hold pointers: objects with pointers are whole words.
fn pieces(size: u64) -> Vec<(i32, clif::Type)> {
    let mut out = Vec::new();
    let mut off = 0;
    while off < size {
        let left = size - off;
        let whole = left.next_power_of_two();
        if left < 16 && whole != left && whole <= size {
            // One overlapping move instead of several small ones.
            out.push(((size - whole) as i32, piece_type(whole)));
            break;
        }
        let n = if left >= 16 { 16 } else { 1 << left.ilog2() };
        out.push((off as i32, piece_type(n)));
        off += n;
    }
    out
}

fn piece_type(bytes: u64) -> clif::Type {
    match bytes {
        16 => types::I8X16,
        8 => types::I64,
        4 => types::I32,
        2 => types::I16,
        _ => types::I8,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_cover_every_byte() {
        for size in 0..=MAX_INLINE {
            let mut covered = vec![false; size as usize];
            for (off, ty) in pieces(size) {
                assert!(off >= 0 && off as u64 + ty.bytes() as u64 <= size);
                covered[off as usize..off as usize + ty.bytes() as usize].fill(true);
                if size % 8 == 0 {
                    assert_eq!(off % 8, 0);
                }
            }
            assert!(covered.iter().all(|&c| c), "size {size}");
        }
    }
}
