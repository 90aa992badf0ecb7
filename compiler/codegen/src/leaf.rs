//! What is asked of a function's IR before it is compiled.

use crate::memory::MAX_INLINE;
use crate::target::Target;
use golift_ir::{Function, InstData, Signature};

/// True if the function calls nothing.
pub fn is_leaf(f: &Function) -> bool {
    f.layout.iter().all(|&b| {
        f.blocks[b].insts.iter().all(|&i| match &f.insts[i] {
            InstData::Call { .. } | InstData::TailCall { .. } | InstData::Alloc { .. } => false,
            InstData::RecoveryPoint { .. } | InstData::Fma { .. } => false,
            InstData::Store { flags, .. } => !flags.barrier,
            InstData::MemCopy { size, barrier, .. } | InstData::MemZero { size, barrier, .. } => {
                barrier.is_none() && *size <= MAX_INLINE
            }
            _ => true,
        })
    })
}

/// Bytes of stack arguments of a Go function.
pub fn stack_arg_bytes(sig: &Signature, target: Target) -> u32 {
    let registers = target.argument_registers();
    let floats = sig.params.iter().filter(|t| t.is_float()).count();
    let ints = sig.params.len() - floats;
    let words = ints.saturating_sub(registers.int) + floats.saturating_sub(registers.float);
    (words as u32 * 8).next_multiple_of(16)
}
