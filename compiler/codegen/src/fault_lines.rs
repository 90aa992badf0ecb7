//! The line of a fault.
//!
//! Cranelift folds a load into the instruction that uses its value (`movslq (%rax), %rcx`, `cmpq $0, (%rax)`), which then
//! carries the position of the user. When that load is Go's nil check, the panic would come from a line
//! that is not to blame. Hence what a load that may fault can be folded into takes the load's position: such
//! instructions cannot fault themselves, so nobody asks for their own.

use cranelift_entity::SecondaryMap;
use golift_ir::{BinaryOp, Function, Inst, InstData, Loc, Value};
use rustc_hash::FxHashMap;
use smallvec::SmallVec;

/// Positions of instructions that a load which may fault can be folded into.
pub fn fault_locs(f: &Function) -> FxHashMap<Inst, Loc> {
    let mut out = FxHashMap::default();
    let mut uses: Option<SecondaryMap<Value, u32>> = None;
    for &b in &f.layout {
        // The last load that may fault, and what may hold its value under way; nothing with an effect came since.
        let mut loc = Loc::from_u32(0);
        let mut carriers: SmallVec<[Value; 4]> = SmallVec::new();
        for &i in &f.blocks[b].insts {
            let data = &f.insts[i];
            if let InstData::Load { flags, .. } = data {
                if !flags.notrap {
                    loc = f.inst_locs[i];
                    let v = f.result(i);
                    carriers.clear();
                    carriers.extend((uses.get_or_insert_with(|| count_uses(f))[v] == 1).then_some(v));
                }
                continue;
            }
            if carriers.is_empty() {
                continue;
            }
            let mut carries = false;
            data.for_each_use(|v| carries |= carriers.contains(&v));
            match effect(data) {
                Effect::None => {
                    if carries {
                        let uses = uses.as_ref().expect("counted for the load");
                        carriers.extend(f.results[i].iter().copied().filter(|&r| uses[r] == 1));
                    }
                }
                Effect::CannotFault => carriers.clear(),
                Effect::MayFault => {
                    carriers.clear();
                    continue;
                }
            }
            if carries && f.inst_locs[i] != loc {
                out.insert(i, loc);
            }
        }
    }
    out
}

enum Effect {
    None,
    CannotFault,
    MayFault,
}

fn effect(data: &InstData) -> Effect {
    match data {
        InstData::Binary { op: BinaryOp::SDiv | BinaryOp::UDiv | BinaryOp::SRem | BinaryOp::URem, .. } => {
            Effect::MayFault
        }
        InstData::Store { flags, .. } if flags.notrap => Effect::CannotFault,
        InstData::Brif { .. } | InstData::BrTable { .. } => Effect::CannotFault,
        _ if data.is_computation() => Effect::None,
        _ => Effect::MayFault,
    }
}

fn count_uses(f: &Function) -> SecondaryMap<Value, u32> {
    let mut uses = SecondaryMap::new();
    for &i in f.layout.iter().flat_map(|&b| &f.blocks[b].insts) {
        f.insts[i].for_each_use(|v| uses[v] += 1);
    }
    uses
}
