//! Write barriers.
//!
//! While the collector marks, a pointer store into the heap must note the old pointer. Runs of
//! barrier stores are handled together:
//!
//! ```text
//!     load golift_write_barrier_enabled; brif on, SHADE, STORE
//!     SHADE (cold): nil checks; golift_gc_write_barrier(slot, new) for each; jump STORE
//!     STORE: the stores
//! ```
//!
//! The goroutine may not be preempted between the test and the last store, or marking could begin in between: this code
//! is marked as not preemptible, with all that Cranelift puts in between. The stores fault for nil addresses as others do; the runtime's function must not,
//! therefore the checks in the cold block.

use crate::names::{self, space};
use crate::translate::Translator;
use cranelift_codegen::cursor::Cursor;
use cranelift_codegen::ir::{InstBuilder, MemFlagsData, types};
use golift_abi as abi;
use golift_ir::{Inst, InstData, Type};

/// Stores that share one test.
const MAX_BATCH: usize = 8;

impl Translator<'_, '_> {
    /// Translates the run of barrier stores that `insts` starts with; returns its length.
    pub fn barrier_stores(&mut self, insts: &[Inst]) -> usize {
        let f = self.f;
        // A store after the first must not fault: the ones before it would be undone in the cold case.
        let mut addrs = Vec::new();
        let run = insts
            .iter()
            .take(MAX_BATCH)
            .take_while(|&&i| match f.insts[i] {
                InstData::Store { addr, flags, .. } if flags.barrier => {
                    let safe = addrs.is_empty() || flags.notrap || addrs.contains(&addr);
                    addrs.push(addr);
                    safe
                }
                _ => false,
            })
            .count();
        let stores: Vec<_> = insts[..run]
            .iter()
            .map(|&i| match f.insts[i] {
                InstData::Store { addr, val, off, flags } => (i, addr, val, off, flags),
                _ => unreachable!("counted stores"),
            })
            .collect();
        self.set_unsafe_loc_up_to_next(insts[0]);
        let flags = MemFlagsData::trusted();
        let word = self.symbol_addr(space::SYMBOL, names::symbol_index(abi::sym::WRITE_BARRIER), 0);
        let on = self.pos.ins().load(types::I32, flags, word, 0);
        let store = self.split_block();
        let shade = self.cold_block();
        self.pos.ins().brif(on, shade, &[], store, &[]);

        self.pos.goto_bottom(shade);
        let callee = self.c_symbol(abi::sym::GC_WRITE_BARRIER, &[Type::Ptr, Type::Ptr], &[]);
        let mut checked = Vec::new();
        for &(i, addr, val, off, flags) in &stores {
            self.set_unsafe_loc_up_to_next(i);
            let (mut a, v) = (self.val(addr), self.val(val));
            if !flags.notrap && !checked.contains(&addr) {
                self.nil_check(a);
                checked.push(addr);
            }
            if off != 0 {
                let off = self.pos.ins().iconst(types::I64, off as i64);
                a = self.pos.ins().iadd(a, off);
            }
            self.pos.ins().call(callee, &[a, v]);
        }
        self.set_unsafe_loc(insts[0]);
        self.pos.ins().jump(store, &[]);

        self.pos.goto_bottom(store);
        for (n, &(i, addr, val, off, flags)) in stores.iter().enumerate() {
            if n + 1 < run {
                self.set_unsafe_loc_up_to_next(i);
            } else {
                self.set_unsafe_loc(i);
            }
            self.store(addr, val, off, flags);
        }
        run
    }
}
