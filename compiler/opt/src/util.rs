//! Queries and edits that several passes need.

use cranelift_entity::SecondaryMap;
use golift_ir::{Block, FuncId, Function, InstData, UnaryOp, Value};

/// The function whose address a value is, as a pointer or as an integer.
pub fn func_addr(f: &Function, v: Value) -> Option<FuncId> {
    match f.insts[f.def_inst(v)?] {
        InstData::FuncAddr { func } => Some(func),
        InstData::Unary { op: UnaryOp::PtrToInt, arg, .. } => func_addr(f, arg),
        _ => None,
    }
}

/// The integer (or nil) constant that defines `v`.
pub fn int_const(f: &Function, v: Value) -> Option<i64> {
    match f.insts[f.def_inst(v)?] {
        InstData::IConst { imm, .. } => Some(imm),
        _ => None,
    }
}

/// Pending replacements of values by others.
#[derive(Default)]
pub struct Replacements {
    to: SecondaryMap<Value, Option<Value>>,
    any: bool,
}

impl Replacements {
    pub fn set(&mut self, from: Value, to: Value) {
        let to = self.resolve(to);
        debug_assert_ne!(from, to);
        self.to[from] = Some(to);
        self.any = true;
    }

    pub fn resolve(&self, mut v: Value) -> Value {
        while let Some(t) = self.to[v] {
            v = t;
        }
        v
    }

    pub fn is_empty(&self) -> bool {
        !self.any
    }

    /// Replaces all uses in the body.
    pub fn apply(&self, f: &mut Function) {
        if !self.any {
            return;
        }
        f.replace_in_variables(|v| self.resolve(v));
        for i in 0..f.layout.len() {
            let b = f.layout[i];
            for j in 0..f.blocks[b].insts.len() {
                let inst = f.blocks[b].insts[j];
                f.insts[inst].for_each_use_mut(|v| *v = self.resolve(*v));
            }
        }
    }
}

/// Blocks that end in a call that does not return, or in nothing: not worth optimising for speed.
pub fn is_cold(f: &Function, b: Block) -> bool {
    matches!(f.insts[f.terminator(b)], InstData::Unreachable)
}

/// True for instructions that may be removed when their results are not used.
pub fn is_removable(data: &InstData) -> bool {
    match data {
        // A load may be Go's nil check.
        InstData::Load { flags, .. } => flags.notrap,
        InstData::Alloc { .. } | InstData::GetFp | InstData::GetCallerFp | InstData::GetCallerPc | InstData::GetSp => {
            true
        }
        _ => data.is_computation(),
    }
}

/// Size of a body for budgets: instructions that become code.
pub fn cost(f: &Function) -> usize {
    let free = |data: &InstData| {
        matches!(
            data,
            InstData::IConst { .. }
                | InstData::F32Const { .. }
                | InstData::F64Const { .. }
                | InstData::SlotAddr { .. }
                | InstData::Forget { .. }
                | InstData::DataAddr { .. }
                | InstData::Jump(_)
                | InstData::Return { .. }
                | InstData::Unreachable
        )
    };
    f.layout
        .iter()
        .filter(|&&b| !is_cold(f, b))
        .flat_map(|&b| &f.blocks[b].insts)
        .map(|&i| match &f.insts[i] {
            InstData::Call { args, .. } | InstData::TailCall { args, .. } => 5 + args.len(),
            data if free(data) => 0,
            _ => 1,
        })
        .sum()
}
