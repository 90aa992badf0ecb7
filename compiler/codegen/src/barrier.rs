//! Write barriers.
//!
//! While the collector marks, a pointer store into the heap must shade the old and the new pointer. Runs of
//! barrier stores are handled together:
//!
//!     nil checks of the addresses
//!     load golift_write_barrier_enabled; brif on, SHADE, STORE
//!     SHADE (cold): golift_gc_write_barrier(slot, new) for each; jump STORE
//!     STORE: the stores
//!
//! The goroutine may not be preempted between the test and the last store, or marking could begin in between: everything
//! after the nil checks carries location 0, which the runtime takes for an unsafe point.
//! Therefore the stores must not fault, and the addresses are checked first.

use crate::compile::{self, space};
use crate::translate::Translator;
use cranelift_codegen::cursor::Cursor;
use cranelift_codegen::ir::{InstBuilder, MemFlagsData, types};
use golift_abi as abi;
use golift_ir::{Inst, InstData, Loc, Type};

use cranelift_entity::EntityRef;

/// Stores that share one test.
const MAX_BATCH: usize = 8;

impl Translator<'_, '_> {
    /// Translates the run of barrier stores that `insts` starts with; returns its length.
    pub fn barrier_stores(&mut self, insts: &[Inst]) -> usize {
        let f = self.f;
        let run = insts
            .iter()
            .take(MAX_BATCH)
            .take_while(|&&i| matches!(f.insts[i], InstData::Store { flags, .. } if flags.barrier))
            .count();
        let stores: Vec<_> = insts[..run]
            .iter()
            .map(|&i| match f.insts[i] {
                InstData::Store { addr, val, off, flags } => (i, addr, val, off, flags),
                _ => unreachable!("counted stores"),
            })
            .collect();
        let mut checked = Vec::new();
        for &(i, addr, _, _, flags) in &stores {
            if !flags.notrap && !checked.contains(&addr) {
                self.set_loc(i);
                let a = self.val(addr);
                self.nil_check(a);
                checked.push(addr);
            }
        }
        self.set_srcloc(Loc::new(0));
        let flags = MemFlagsData::trusted();
        let word = self.symbol_addr(space::SYMBOL, compile::symbol_index(abi::sym::WRITE_BARRIER), 0);
        let on = self.pos.ins().load(types::I32, flags, word, 0);
        let store = self.split_block();
        let shade = self.cold_block();
        self.pos.ins().brif(on, shade, &[], store, &[]);

        self.pos.goto_bottom(shade);
        let callee = self.c_symbol(abi::sym::GC_WRITE_BARRIER, &[Type::Ptr, Type::Ptr], &[]);
        for &(_, addr, val, off, _) in &stores {
            let (mut a, v) = (self.val(addr), self.val(val));
            if off != 0 {
                let off = self.pos.ins().iconst(types::I64, off as i64);
                a = self.pos.ins().iadd(a, off);
            }
            self.pos.ins().call(callee, &[a, v]);
        }
        self.pos.ins().jump(store, &[]);

        self.pos.goto_bottom(store);
        for &(_, addr, val, off, _) in &stores {
            let m = MemFlagsData::new().with_notrap().with_alias_region(self.region(addr));
            let (a, v) = (self.val(addr), self.val(val));
            self.pos.ins().store(m, v, a, off);
        }
        run
    }
}
