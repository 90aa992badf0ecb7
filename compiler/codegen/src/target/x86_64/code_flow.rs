//! Decoded machine code, and how control goes through it.

use crate::target::contract::ArgumentRegisters;
use iced_x86::Instruction;

/// Of `CallConv::Tail`.
pub const ARGUMENT_REGISTERS: ArgumentRegisters = ArgumentRegisters { int: 6, float: 8 };

/// How control goes on after an instruction.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Flow {
    Next,
    /// `recorded`: the collector may see this return address.
    Call {
        recorded: bool,
    },
    Branch {
        target: u32,
        conditional: bool,
    },
    /// A jump table: to the successors of the block at this address.
    Table {
        block: u32,
    },
    /// Return, tail call or trap.
    Exit,
}

pub struct Node {
    pub at: u32,
    pub inst: Instruction,
    pub flow: Flow,
}

impl Node {
    /// Where the next instruction begins.
    pub fn next(&self) -> u32 {
        self.inst.next_ip() as u32
    }
}

/// Instructions `first..end` of which only the first is a target, and only the last branches.
pub struct Block {
    pub first: usize,
    pub end: usize,
    pub succs: Vec<usize>,
}
