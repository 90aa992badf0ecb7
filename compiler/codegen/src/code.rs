//! What code generation makes: machine code with relocations, lines and frames.

use cranelift_entity::SecondaryMap;
use golift_ir::{DataId, FuncId, Loc};

use crate::frame_table::FrameTable;
use crate::target::Target;

/// How the linker patches code.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CodeRelocKind {
    /// 64-bit absolute address.
    Abs64,
    /// 32-bit absolute address.
    Abs32,
    /// 32 bits relative to the place: S + A - P.
    X86Pc32,
    /// arm64 `bl`/`b`: 26 bits of (S + A - P) / 4.
    Arm64Call26,
    /// arm64 `adrp`: page of S + A relative to the page of P.
    Arm64AdrPage21,
    /// arm64 `add`: low 12 bits of S + A.
    Arm64AddLo12,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum CodeTarget {
    Func(FuncId),
    Data(DataId),
    /// A symbol of the runtime object.
    Symbol(&'static str),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CodeReloc {
    pub offset: u32,
    pub kind: CodeRelocKind,
    pub target: CodeTarget,
    pub addend: i64,
}

/// Location of the code from `pc` (relative to the function) on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Line {
    pub pc: u32,
    pub loc: Loc,
    /// Asynchronous preemption must not happen here.
    pub no_preempt: bool,
}

/// Machine code of one function, position independent up to its relocations.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct CompiledFunction {
    pub code: Vec<u8>,
    /// Wanted alignment of the byte at `body`, where what precedes the function's own code ends.
    pub align: u32,
    pub body: u32,
    pub relocs: Vec<CodeReloc>,
    /// Location changes, by ascending pc; the first is at 0.
    pub lines: Vec<Line>,
    /// Bytes of the frame below the frame pointer.
    pub frame_size: u32,
    /// What frames hold at calls, where that is known.
    pub frame: Option<FrameTable>,
}

/// Machine code of a program.
#[derive(Default)]
pub struct CompiledProgram {
    pub target: Target,
    pub funcs: SecondaryMap<FuncId, Option<CompiledFunction>>,
    /// Functions, compiled or not, whose frames are larger than [`golift_abi::morestack::MAX_NEED`], and how many bytes their
    /// variables take.
    pub too_large: Vec<(FuncId, u64)>,
}
