//! Functions that are machine code from the start: what the assembler made, and the bridges to it.
//!
//! No pass looks at them. They are part of the program beside its bodies ([`crate::Program::assembly`]), so that what they refer to is
//! reached, and code generation hands them on to the linker.

use crate::data::RelocTarget;
use crate::inst::Type;

/// How a place in machine code is filled.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AsmRelocKind {
    /// 64-bit address.
    Abs64,
    /// 32-bit address.
    Abs32,
    /// 32 bits, relative to the place.
    Pc32,
}

/// A place that the linker fills.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AsmReloc {
    /// Where in the code.
    pub offset: u32,
    /// How.
    pub kind: AsmRelocKind,
    /// Whose address.
    pub target: RelocTarget,
    /// What is added to it.
    pub addend: i64,
}

/// What stands in for the body of a function.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Assembly {
    /// What an assembler made. It speaks gc's ABI0: arguments and results lie above the return address, and every register but the stack
    /// pointer may change.
    Code(AsmCode),
    /// Called as a Go function whose parameters and results are scalars: calls `target` (ABI0) with the parameters in a block on the stack, and takes
    /// the results from there.
    Direct {
        /// The function in assembly.
        target: crate::FuncId,
        /// Bytes of the block.
        size: u32,
        /// Offset and type of each parameter.
        params: Vec<(u32, Type)>,
        /// The same of results.
        results: Vec<(u32, Type)>,
        /// Bytes of stack that the target and what it calls take.
        stack: u32,
    },
    /// Called as a Go function with the address of a block of arguments and results: calls `target` (ABI0) with a copy of it on the stack.
    Enter {
        /// The function in assembly.
        target: crate::FuncId,
        /// Bytes of arguments and results.
        size: u32,
        /// Where results begin.
        results: u32,
        /// Bytes of stack that the target and what it calls take.
        stack: u32,
    },
    /// Called in ABI0: calls `target`, a Go function that takes the address of the arguments.
    Leave {
        /// The Go function.
        target: crate::FuncId,
    },
    /// What must not be reached.
    Trap,
}

/// Machine code with tables.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct AsmCode {
    /// The bytes.
    pub code: Vec<u8>,
    /// Wanted alignment.
    pub align: u32,
    /// What the linker fills.
    pub relocs: Vec<AsmReloc>,
    /// Line from each pc on; 0 is unknown.
    pub lines: Vec<(u32, u32)>,
    /// Bytes between the stack pointer and the return address from each pc on.
    pub depths: Vec<(u32, u32)>,
}

impl Assembly {
    /// Calls `f` with all that the code refers to.
    pub fn for_each_target(&self, mut f: impl FnMut(RelocTarget)) {
        match self {
            Assembly::Code(code) => code.relocs.iter().for_each(|reloc| f(reloc.target)),
            Assembly::Direct { target, .. } | Assembly::Enter { target, .. } | Assembly::Leave { target } => {
                f(RelocTarget::Func(*target))
            }
            Assembly::Trap => {}
        }
    }
}
