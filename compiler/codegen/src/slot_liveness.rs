//! Which stack slots of a function nobody will read any more, at each call.
//!
//! Problem: while a function waits for a call, the collector would keep alive what its dead variables point to.
//! Strategy: backward data flow over the slots. A slot is *live* if some path reads it, or takes its address for
//! anything but an access, before all of it is written anew. Addresses made from the slot's by [`BinaryOp::PtrAdd`] count as the
//! slot, wherever they are used. What happens to an address that was passed to a call, stored, or merged with others is
//! not followed: whoever may still use such an address holds it in a place that the collector scans, and the collector
//! revives the slots that it finds addresses of (golift-runtime, `gc/stack_scan.rs`).
//!
//! Control may enter a landing block from any later point of the function; slots used from there on are live everywhere.
//! A call without an entry has no dead slots, so forgetting one costs memory only.

use cranelift_entity::{EntityRef, SecondaryMap};
use golift_ir::dom::reverse_postorder;
use golift_ir::{BinaryOp, Block, Function, Inst, InstData, Slot, Value};
use rustc_hash::FxHashMap;

/// Slots that can hold a pointer.
pub fn may_point(f: &Function, slot: Slot) -> bool {
    f.slots[slot].size >= 8
}

#[derive(Default)]
pub struct SlotLiveness {
    /// Dead slots at (after) the calls that have some.
    pub dead: FxHashMap<Inst, Vec<Slot>>,
    /// Slots that code after a landing uses: all that a fault leaves alive.
    pub landing: Vec<Slot>,
}

/// One bit for each slot.
#[derive(Clone, PartialEq, Eq)]
struct Set(Vec<u64>);

impl Set {
    fn add(&mut self, s: Slot) {
        self.0[s.index() / 64] |= 1 << (s.index() % 64);
    }
    fn remove(&mut self, s: Slot) {
        self.0[s.index() / 64] &= !(1 << (s.index() % 64));
    }
    fn has(&self, s: Slot) -> bool {
        self.0[s.index() / 64] >> (s.index() % 64) & 1 != 0
    }
    fn join(&mut self, other: &Set) {
        for (a, b) in self.0.iter_mut().zip(&other.0) {
            *a |= b;
        }
    }
}

/// `taint`: the blocks that a landing reaches.
pub fn slot_liveness(f: &Function, taint: &SecondaryMap<Block, bool>) -> SlotLiveness {
    if !f.slots.keys().any(|s| may_point(f, s)) {
        return SlotLiveness::default();
    }
    let empty = Set(vec![0; f.slots.len().div_ceil(64)]);
    let order = reverse_postorder(f);

    let mut landing = empty.clone();
    for &b in &order {
        for &i in &f.blocks[b].insts {
            if let InstData::RecoveryPoint { slot, .. } = f.insts[i] {
                landing.add(slot);
            }
            if taint[b] {
                f.insts[i].for_each_use(|v| {
                    if let Some(s) = base_slot(f, v) {
                        landing.add(s);
                    }
                });
            }
        }
    }

    let mut live_in: SecondaryMap<Block, Option<Set>> = SecondaryMap::new();
    let live_out = |live_in: &SecondaryMap<Block, Option<Set>>, b: Block| {
        let mut live = landing.clone();
        for s in f.insts[f.terminator(b)].successors() {
            if let Some(s) = &live_in[s] {
                live.join(s);
            }
        }
        live
    };
    let mut changed = true;
    while changed {
        changed = false;
        for &b in order.iter().rev() {
            let mut live = live_out(&live_in, b);
            for &i in f.blocks[b].insts.iter().rev() {
                before(f, i, &mut live);
            }
            if live_in[b].as_ref() != Some(&live) {
                live_in[b] = Some(live);
                changed = true;
            }
        }
    }

    let mut dead = FxHashMap::default();
    for &b in &order {
        let mut live = live_out(&live_in, b);
        for &i in f.blocks[b].insts.iter().rev() {
            if calls_go(&f.insts[i]) {
                let gone: Vec<Slot> =
                    f.slots.keys().filter(|&s| may_point(f, s) && !live.has(s) && !landing.has(s)).collect();
                if !gone.is_empty() {
                    dead.insert(i, gone);
                }
            }
            before(f, i, &mut live);
        }
    }
    SlotLiveness { dead, landing: f.slots.keys().filter(|&s| may_point(f, s) && landing.has(s)).collect() }
}

/// Instructions that become calls of Go functions, or of runtime functions that may park.
fn calls_go(inst: &InstData) -> bool {
    matches!(
        inst,
        InstData::Call { .. }
            | InstData::Alloc { .. }
            | InstData::MemCopy { barrier: Some(_), .. }
            | InstData::MemZero { barrier: Some(_), .. }
    )
}

/// Takes `live` from after the instruction to before it.
fn before(f: &Function, inst: Inst, live: &mut Set) {
    let data = &f.insts[inst];
    let read = |live: &mut Set, v: Value| {
        if let Some(s) = base_slot(f, v) {
            live.add(s);
        }
    };
    match data {
        // Neither reads; the uses of the result count.
        InstData::SlotAddr { .. } | InstData::Binary { op: BinaryOp::PtrAdd, .. } => {}
        InstData::Store { addr, val, off, .. } => {
            overwrite(f, *addr, *off, f.ty(*val).bytes() as u64, live);
            read(live, *val);
        }
        InstData::MemZero { dst, size, barrier: None, .. } => overwrite(f, *dst, 0, *size, live),
        InstData::MemCopy { dst, src, size, barrier: None, .. } => {
            overwrite(f, *dst, 0, *size, live);
            read(live, *src);
        }
        InstData::RecoveryPoint { slot, .. } => live.add(*slot),
        _ => data.for_each_use(|v| read(live, v)),
    }
}

/// A write of `size` bytes makes what was there before dead if it covers a whole slot.
fn overwrite(f: &Function, addr: Value, off: i32, size: u64, live: &mut Set) {
    let Some(inst) = f.def_inst(addr) else { return };
    if let InstData::SlotAddr { slot, off: start } = f.insts[inst]
        && start.checked_add(off) == Some(0)
        && size >= f.slots[slot].size
    {
        live.remove(slot);
    }
}

/// The slot that an address was computed from.
fn base_slot(f: &Function, mut v: Value) -> Option<Slot> {
    loop {
        match f.insts[f.def_inst(v)?] {
            InstData::SlotAddr { slot, .. } => return Some(slot),
            InstData::Binary { op: BinaryOp::PtrAdd, args } => v = args[0],
            _ => return None,
        }
    }
}
