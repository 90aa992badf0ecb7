//! Copies of zeros.
//!
//! Problem: `var x T; y = x` with a large `T` fills a slot with zeros only to copy them, and a frame with many such variables can be larger than any
//! stack. Strategy: a slot that nothing but zero fills writes holds zeros wherever it is read; copies from it become zero fills
//! of their own, and with its last reader the slot goes.

use crate::context::Context;
use cranelift_entity::SecondaryMap;
use golift_ir::*;

pub fn forward_zeros(f: &mut Function, _cx: &Context) {
    let slot_of = |f: &Function, v: Value| match f.insts[f.def_inst(v)?] {
        InstData::SlotAddr { slot, off: 0 } => Some(slot),
        _ => None,
    };
    let mut only_zeros = SecondaryMap::<Slot, bool>::with_default(true);
    for &inst in f.layout.iter().flat_map(|&b| &f.blocks[b].insts) {
        match &f.insts[inst] {
            InstData::SlotAddr { slot, off } => only_zeros[*slot] &= *off == 0,
            InstData::MemZero { .. } => {}
            InstData::MemCopy { dst, .. } => {
                if let Some(slot) = slot_of(f, *dst) {
                    only_zeros[slot] = false;
                }
            }
            InstData::RecoveryPoint { slot, .. } => only_zeros[*slot] = false,
            other => other.for_each_use(|v| {
                if let Some(slot) = slot_of(f, v) {
                    only_zeros[slot] = false;
                }
            }),
        }
    }
    let zero_slot = |f: &Function, v: Value| slot_of(f, v).is_some_and(|slot| only_zeros[slot]);
    for n in 0..f.layout.len() {
        let b = f.layout[n];
        let mut insts = std::mem::take(&mut f.blocks[b].insts);
        insts.retain(|&inst| match f.insts[inst] {
            InstData::MemCopy { dst, src, size, align, barrier } if zero_slot(f, src) => {
                f.insts[inst] = InstData::MemZero { dst, size, align, barrier };
                true
            }
            // Nobody reads it any more.
            InstData::MemZero { dst, .. } => !zero_slot(f, dst),
            _ => true,
        });
        f.blocks[b].insts = insts;
    }
}
