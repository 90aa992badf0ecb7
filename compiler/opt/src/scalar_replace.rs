//! Scalar replacement: stack slots that are only loaded and stored become SSA values.
//!
//! A slot qualifies if its address is used by nothing but loads, stores and zero fills at constant offsets, and the
//! accesses fall into disjoint fields. Each field is a variable; construction is the classic one: block parameters
//! at the iterated dominance frontier of the stores, only where the field is live (so that no parameter ends up behind a
//! landing), then one walk in reverse postorder that gives each load its value. Reading a field that was never
//! stored gives zero.

use crate::context::Context;
use crate::util::Replacements;
use cranelift_entity::SecondaryMap;
use golift_ir::builder::{remove_trivial_params, remove_unreachable};
use golift_ir::dom::DominatorTree;
use golift_ir::*;
use rustc_hash::FxHashMap;

/// Bound on fields × blocks, to keep the tables small in huge functions.
const MAX_CELLS: usize = 4 << 20;

pub fn slots_to_values(f: &mut Function, _cx: &Context) {
    if f.slots.is_empty() {
        return;
    }
    remove_unreachable(f);
    let fields = Fields::find(f);
    if fields.types.is_empty() || fields.types.len() * f.layout.len() > MAX_CELLS {
        return;
    }
    rewrite(f, &fields);
    remove_trivial_params(f);
}

/// What an instruction does to fields.
enum Access {
    Load(usize),
    Store(usize, Value),
    Zero(Vec<usize>),
    /// A check of the slot's address, or nothing at all.
    Nothing,
}

struct Fields {
    types: Vec<Type>,
    accesses: FxHashMap<Inst, Access>,
}

#[derive(Clone, Default)]
struct SlotUse {
    bad: bool,
    /// Offset and type.
    fields: Vec<(i64, Type)>,
    zeros: Vec<(i64, i64)>,
}

impl SlotUse {
    fn access(&mut self, off: i64, ty: Type) {
        let size = ty.bytes() as i64;
        for &(o, t) in &self.fields {
            if (o, t.bytes()) == (off, ty.bytes()) {
                return;
            }
            if o < off + size && off < o + t.bytes() as i64 {
                self.bad = true;
                return;
            }
        }
        // Quadratic in the number of fields: give up early.
        if self.fields.len() >= 64 {
            self.bad = true;
        }
        self.fields.push((off, ty));
    }
}

/// The slot and offset of an address.
fn slot_addr(f: &Function, v: Value) -> Option<(Slot, i64)> {
    match f.insts[f.def_inst(v)?] {
        InstData::SlotAddr { slot, off } => Some((slot, off as i64)),
        _ => None,
    }
}

impl Fields {
    fn find(f: &Function) -> Fields {
        let mut uses = SecondaryMap::<Slot, Option<Box<SlotUse>>>::new();
        let mut update = |s: Slot, change: &dyn Fn(&mut SlotUse)| change(uses[s].get_or_insert_with(Default::default));
        for &b in &f.layout {
            for &i in &f.blocks[b].insts {
                match &f.insts[i] {
                    InstData::Load { ty, addr, off, .. } => {
                        if let Some((s, base)) = slot_addr(f, *addr) {
                            update(s, &|u| u.access(base + *off as i64, *ty));
                        }
                    }
                    InstData::Store { addr, val, off, .. } => {
                        if let Some((s, base)) = slot_addr(f, *addr) {
                            update(s, &|u| u.access(base + *off as i64, f.ty(*val)));
                        }
                        if let Some((s, _)) = slot_addr(f, *val) {
                            update(s, &|u| u.bad = true);
                        }
                    }
                    InstData::MemZero { dst, size, .. } => {
                        if let Some((s, base)) = slot_addr(f, *dst) {
                            update(s, &|u| u.zeros.push((base, base + *size as i64)));
                        }
                    }
                    InstData::NilCheck { .. } | InstData::KeepAlive { .. } | InstData::Forget { .. } => {}
                    InstData::RecoveryPoint { slot, .. } => update(*slot, &|u| u.bad = true),
                    other => other.for_each_use(|v| {
                        if let Some((s, _)) = slot_addr(f, v) {
                            update(s, &|u| u.bad = true);
                        }
                    }),
                }
            }
        }
        let mut fields = Fields { types: Vec::new(), accesses: FxHashMap::default() };
        let mut index = FxHashMap::<(Slot, i64), usize>::default();
        let mut good = SecondaryMap::<Slot, bool>::new();
        for s in f.slots.keys() {
            let Some(u) = &uses[s] else { continue };
            let split = |&(start, end): &(i64, i64)| {
                u.fields.iter().any(|&(o, t)| {
                    let e = o + t.bytes() as i64;
                    o < end && start < e && (o < start || e > end)
                })
            };
            if u.bad || u.zeros.iter().any(split) {
                continue;
            }
            good[s] = true;
            for &(off, ty) in &u.fields {
                index.insert((s, off), fields.types.len());
                fields.types.push(ty);
            }
        }
        for &b in &f.layout {
            for &i in &f.blocks[b].insts {
                let access = match &f.insts[i] {
                    InstData::Load { addr, off, .. } => match slot_addr(f, *addr) {
                        Some((s, base)) if good[s] => Access::Load(index[&(s, base + *off as i64)]),
                        _ => continue,
                    },
                    InstData::Store { addr, off, val, .. } => match slot_addr(f, *addr) {
                        Some((s, base)) if good[s] => Access::Store(index[&(s, base + *off as i64)], *val),
                        _ => continue,
                    },
                    InstData::MemZero { dst, size, .. } => match slot_addr(f, *dst) {
                        Some((s, base)) if good[s] => {
                            let range = base..base + *size as i64;
                            let u = uses[s].as_ref().expect("good slots are used");
                            let hit = u.fields.iter().filter(|(o, _)| range.contains(o));
                            Access::Zero(hit.map(|&(o, _)| index[&(s, o)]).collect())
                        }
                        _ => continue,
                    },
                    InstData::NilCheck { addr } | InstData::KeepAlive { arg: addr } => match slot_addr(f, *addr) {
                        Some((s, _)) if good[s] => Access::Nothing,
                        _ => continue,
                    },
                    InstData::Forget { slot } if good[*slot] => Access::Nothing,
                    _ => continue,
                };
                fields.accesses.insert(i, access);
            }
        }
        fields
    }
}

fn rewrite(f: &mut Function, fields: &Fields) {
    let n = fields.types.len();
    let dom = DominatorTree::compute(f);
    let frontier = dominance_frontiers(&dom);
    let mut params = SecondaryMap::<Block, Vec<(usize, Value)>>::new();
    place_params(f, fields, &dom, &frontier, &mut params);

    // Zeros live at the start of the entry.
    let mut zeros: Vec<(Type, Value)> = Vec::new();
    let mut zero = |f: &mut Function, ty: Type| -> Value {
        if let Some(&(_, v)) = zeros.iter().find(|z| z.0 == ty) {
            return v;
        }
        let data = match ty {
            Type::F32 => InstData::F32Const { bits: 0 },
            Type::F64 => InstData::F64Const { bits: 0 },
            _ => InstData::IConst { ty, imm: 0 },
        };
        let inst = f.make_inst(data, &[ty], Loc::from_u32(0));
        let v = f.result(inst);
        zeros.push((ty, v));
        v
    };
    let mut out = SecondaryMap::<Block, Vec<Option<Value>>>::new();
    let mut replace = Replacements::default();
    for &b in &dom.rpo {
        let mut now = match dom.idom(b) {
            Some(d) => out[d].clone(),
            None => vec![None; n],
        };
        for &(field, p) in &params[b] {
            now[field] = Some(p);
        }
        let insts = std::mem::take(&mut f.blocks[b].insts);
        let mut kept = Vec::with_capacity(insts.len());
        for i in insts {
            match fields.accesses.get(&i) {
                None => kept.push(i),
                Some(Access::Nothing) => {}
                Some(Access::Zero(list)) => {
                    for &field in list {
                        now[field] = Some(zero(f, fields.types[field]));
                    }
                }
                Some(Access::Store(field, v)) => {
                    let loc = f.inst_locs[i];
                    let v = replace.resolve(*v);
                    now[*field] = Some(convert(f, v, fields.types[*field], loc, &mut kept));
                }
                Some(Access::Load(field)) => {
                    let loc = f.inst_locs[i];
                    let r = f.result(i);
                    let v = match now[*field] {
                        Some(v) => v,
                        None => zero(f, fields.types[*field]),
                    };
                    let ty = f.ty(r);
                    let v = convert(f, replace.resolve(v), ty, loc, &mut kept);
                    replace.set(r, v);
                }
            }
        }
        f.blocks[b].insts = kept;
        out[b] = now;
    }
    for &b in &dom.rpo {
        let term = f.terminator(b);
        let mut data = f.insts[term].clone();
        data.for_each_target_mut(|t| {
            for &(field, _) in &params[t.block] {
                let v = match out[b][field] {
                    Some(v) => v,
                    None => zero(f, fields.types[field]),
                };
                t.args.push(v);
            }
        });
        f.insts[term] = data;
    }
    let entry = f.entry();
    let defs: Vec<Inst> = zeros.iter().map(|z| f.def_inst(z.1).expect("an instruction")).collect();
    f.blocks[entry].insts.splice(0..0, defs);
    replace.apply(f);
}

/// The value as another type of the same size.
fn convert(f: &mut Function, v: Value, ty: Type, loc: Loc, insts: &mut Vec<Inst>) -> Value {
    let op = match (f.ty(v), ty) {
        (a, b) if a == b => return v,
        (Type::Ptr, Type::I64) => UnaryOp::PtrToInt,
        (Type::I64, Type::Ptr) => UnaryOp::IntToPtr,
        _ => UnaryOp::Bitcast,
    };
    let inst = f.make_inst(InstData::Unary { op, ty, arg: v }, &[ty], loc);
    insts.push(inst);
    f.result(inst)
}

fn dominance_frontiers(dom: &DominatorTree) -> SecondaryMap<Block, Vec<Block>> {
    let mut out = SecondaryMap::<Block, Vec<Block>>::new();
    for &b in &dom.rpo {
        if dom.preds[b].len() < 2 {
            continue;
        }
        for &(p, _) in &dom.preds[b] {
            let mut runner = Some(p);
            while let Some(r) = runner.filter(|&r| Some(r) != dom.idom(b)) {
                if !out[r].contains(&b) {
                    out[r].push(b);
                }
                runner = dom.idom(r);
            }
        }
    }
    out
}

/// Adds block parameters for fields where several stores meet.
fn place_params(
    f: &mut Function,
    fields: &Fields,
    dom: &DominatorTree,
    frontier: &SecondaryMap<Block, Vec<Block>>,
    params: &mut SecondaryMap<Block, Vec<(usize, Value)>>,
) {
    let n = fields.types.len();
    let mut defs: Vec<Vec<Block>> = vec![Vec::new(); n];
    let mut reads: Vec<Vec<Block>> = vec![Vec::new(); n];
    for &b in &dom.rpo {
        for i in &f.blocks[b].insts {
            let stored: &[usize] = match fields.accesses.get(i) {
                Some(Access::Load(field)) => {
                    if defs[*field].last() != Some(&b) && reads[*field].last() != Some(&b) {
                        reads[*field].push(b);
                    }
                    continue;
                }
                Some(Access::Store(field, _)) => std::slice::from_ref(field),
                Some(Access::Zero(list)) => list,
                _ => continue,
            };
            for &field in stored {
                if defs[field].last() != Some(&b) {
                    defs[field].push(b);
                }
            }
        }
    }
    for field in 0..n {
        let mut defined = SecondaryMap::<Block, bool>::new();
        defs[field].iter().for_each(|&b| defined[b] = true);
        let mut live = SecondaryMap::<Block, bool>::new();
        let mut work = reads[field].clone();
        while let Some(b) = work.pop() {
            if std::mem::replace(&mut live[b], true) {
                continue;
            }
            work.extend(dom.preds[b].iter().map(|p| p.0).filter(|&p| !defined[p]));
        }
        let mut placed = SecondaryMap::<Block, bool>::new();
        let mut work = defs[field].clone();
        while let Some(b) = work.pop() {
            for &j in &frontier[b] {
                if live[j] && !std::mem::replace(&mut placed[j], true) {
                    let p = f.append_param(j, fields.types[field]);
                    params[j].push((field, p));
                    work.push(j);
                }
            }
        }
    }
}
