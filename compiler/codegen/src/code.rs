//! What code generation makes: machine code with relocations, lines and frames.

use cranelift_entity::SecondaryMap;
use golift_ir::{DataId, FuncId, Loc};

use crate::frame_table::FrameTable;
use crate::reloc_kind::CodeRelocKind;
use crate::target::Target;

/// What machine code refers to.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum CodeTarget {
    /// A function of the program.
    Func(FuncId),
    /// A data object.
    Data(DataId),
    /// A symbol of the runtime object.
    Symbol(&'static str),
}

/// A place that the linker patches.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CodeReloc {
    /// Where in the code.
    pub offset: u32,
    /// How.
    pub kind: CodeRelocKind,
    /// Whose address.
    pub target: CodeTarget,
    /// What is added to it.
    pub addend: i64,
}

/// Location of the code from `pc` (relative to the function) on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Line {
    /// From here on.
    pub pc: u32,
    /// The location, in the function's list.
    pub loc: Loc,
    /// Asynchronous preemption must not happen here.
    pub no_preempt: bool,
}

/// Machine code of one function, position independent up to its relocations.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct CompiledFunction {
    /// The bytes.
    pub code: Vec<u8>,
    /// Wanted alignment of the byte at `body`: the entry, or, if the code holds constants or aligned loops, the end of what precedes the
    /// function's own code.
    pub align: u32,
    /// See `align`.
    pub body: u32,
    /// What the linker patches.
    pub relocs: Vec<CodeReloc>,
    /// Location changes, by ascending pc; the first is at 0.
    pub lines: Vec<Line>,
    /// Bytes of the frame below the frame pointer.
    pub frame_size: u32,
    /// What frames hold at calls, where that is known.
    pub frame: Option<FrameTable>,
    /// For assembly.
    pub assembly: Option<AsmTables>,
}

/// Tables of a function of assembly, in place of `lines` and `frame`.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct AsmTables {
    /// Line from each pc on; 0: unknown.
    pub lines: Vec<(u32, u32)>,
    /// Bytes between the stack pointer and the return address from each pc on.
    pub depths: Vec<(u32, u32)>,
}

/// Machine code of a program.
#[derive(Default)]
pub struct CompiledProgram {
    /// The machine.
    pub target: Target,
    /// The functions that were compiled.
    pub funcs: SecondaryMap<FuncId, Option<CompiledFunction>>,
    /// Functions, compiled or not, whose frames are larger than [`golift_abi::morestack::MAX_NEED`], and how many bytes their
    /// variables take.
    pub too_large: Vec<(FuncId, u64)>,
}
