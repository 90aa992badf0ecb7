//! Which stack slots of a function nobody will read any more, at each call.
//!
//! Problem: while a function waits for a call, the collector would keep alive what its dead variables point to.
//! Strategy: backward data flow over the slots. A slot is *live* if some path reads it, or passes its address on, before all
//! of it is written anew. What was computed from an address ([`Bases`]) counts as the slot, wherever it is used: Cranelift may compute
//! it as late as there. What happens to an address that was passed to a call, stored, or merged with others at a join is
//! not followed: whoever may still use such an address holds it in a place that the collector scans, and the collector
//! revives the slots that it finds addresses of (golift-runtime, `gc/stack_scan.rs`).
//!
//! Control may enter a landing block from any later point of the function; slots used from there on are live everywhere.
//! A call without an entry has no dead slots, so forgetting one costs memory only.

use cranelift_entity::{EntityRef, SecondaryMap};
use golift_ir::dom::reverse_postorder;
use golift_ir::{Block, Function, Inst, InstData, Slot, Type, Value, ValueDef};
use rustc_hash::FxHashMap;
use smallvec::SmallVec;

/// Slots that can hold a pointer.
pub fn may_point(f: &Function, slot: Slot) -> bool {
    f.slots[slot].size >= 8 && f.slots[slot].align >= 8
}

/// Which slots are read again, at each call.
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
    let bases = Bases::of(f, &order);

    let mut landing = empty.clone();
    for &b in &order {
        for &i in &f.blocks[b].insts {
            if let InstData::RecoveryPoint { slot, .. } = f.insts[i] {
                landing.add(slot);
            }
            if taint[b] {
                f.insts[i].for_each_use(|v| bases.read(v, &mut landing));
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
                before(f, &bases, i, &mut live);
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
            before(f, &bases, i, &mut live);
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
fn before(f: &Function, bases: &Bases, inst: Inst, live: &mut Set) {
    let data = &f.insts[inst];
    match data {
        // The uses of the result count.
        _ if passes_on(data) => {}
        InstData::Store { addr, val, off, .. } => {
            overwrite(f, *addr, *off, f.ty(*val).bytes() as u64, live);
            bases.read(*val, live);
        }
        InstData::MemZero { dst, size, barrier: None, .. } => overwrite(f, *dst, 0, *size, live),
        InstData::MemCopy { dst, src, size, barrier: None, .. } => {
            overwrite(f, *dst, 0, *size, live);
            bases.read(*src, live);
        }
        InstData::Forget { slot } => live.remove(*slot),
        InstData::RecoveryPoint { slot, .. } => live.add(*slot),
        _ => data.for_each_use(|v| bases.read(v, live)),
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

/// The result may contain an operand's address, and may be computed later than here.
fn passes_on(data: &InstData) -> bool {
    data.is_computation() && !matches!(data, InstData::Icmp { .. } | InstData::Fcmp { .. })
}

/// The slots whose addresses values were computed from.
struct Bases(FxHashMap<Value, SmallVec<[Slot; 1]>>);

impl Bases {
    /// What a join merges has no base: it is in a place of its own. But Cranelift drops joins of one value with itself; those
    /// that are not seen to merge two values count as all of their arguments.
    fn of(f: &Function, order: &[Block]) -> Bases {
        let is_param = |v: Value| matches!(f.values[v].def, ValueDef::Param(b, _) if b != f.entry());
        let merges = |args: &[Value]| args.iter().filter(|&&a| !is_param(a)).take(2).count() == 2;
        let mut joins: FxHashMap<Value, SmallVec<[Value; 2]>> = FxHashMap::default();
        for &b in order {
            // Only reading; the list of targets comes for changes.
            f.insts[f.terminator(b)].clone().for_each_target_mut(|call| {
                for (&p, &arg) in f.blocks[call.block].params.iter().zip(&call.args) {
                    let args = joins.entry(p).or_default();
                    if !merges(args) && !args.contains(&arg) {
                        args.push(arg);
                    }
                }
            });
        }
        let mut bases = Bases(FxHashMap::default());
        let mut changed = true;
        while changed {
            changed = false;
            for &b in order {
                for &p in &f.blocks[b].params {
                    for &arg in joins.get(&p).filter(|args| !merges(args)).into_iter().flatten() {
                        changed |= bases.derive(f, arg, p);
                    }
                }
                for &i in &f.blocks[b].insts {
                    let data = &f.insts[i];
                    if let InstData::SlotAddr { slot, .. } = data {
                        changed |= bases.add(f.result(i), *slot);
                    } else if passes_on(data) {
                        for &r in &f.results[i] {
                            data.for_each_use(|v| changed |= bases.derive(f, v, r));
                        }
                    }
                }
            }
        }
        bases
    }

    fn add(&mut self, v: Value, slot: Slot) -> bool {
        let slots = self.0.entry(v).or_default();
        let new = !slots.contains(&slot);
        if new {
            slots.push(slot);
        }
        new
    }

    /// `to` has the bases of `from`.
    fn derive(&mut self, f: &Function, from: Value, to: Value) -> bool {
        let Some(slots) = self.0.get(&from).filter(|_| matches!(f.ty(to), Type::Ptr | Type::I64)) else { return false };
        let slots = slots.clone();
        slots.into_iter().fold(false, |changed, s| self.add(to, s) | changed)
    }

    fn read(&self, v: Value, live: &mut Set) {
        self.0.get(&v).into_iter().flatten().for_each(|&s| live.add(s));
    }
}
