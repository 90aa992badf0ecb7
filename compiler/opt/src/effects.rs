//! What calls and instructions do to memory that others can see, where bodies do not tell.

use crate::context::{Flow, Summaries};
use golift_ir::{Callee, FuncDecl, Function, InstData, Program, RuntimeFn, Slot, Type, Value};

/// Runtime functions that keep none of their arguments, though their bodies are recursive, or hide it from the analysis.
pub fn keeps_no_argument(f: RuntimeFn) -> bool {
    use RuntimeFn::*;
    matches!(
        f,
        MemEqual
            | CmpString
            | EfaceEq
            | IfaceEq
            | MemHash
            | StrHash
            | SliceByteToString
            | SliceByteToStringBuf
            | SliceRuneToString
            | StringToSliceByte
            | StringToSliceByteBuf
            | StringToSliceRune
            | StringToSliceRuneBuf
            | DecodeRune
            | MapAccess1FastStr
            | MapAccess2FastStr
            | MapDeleteFastStr
            | PrintString
    )
}

/// What the functions that work on maps do with their pointer arguments, as far as bodies full of hash functions do not tell. Elements
/// are parts of the map as well as of what it holds: a small map may lie in a frame, and its only group beside it.
pub fn on_map(f: RuntimeFn, param: usize) -> Option<Flow> {
    use RuntimeFn::*;
    let keeps_keys = match f {
        MapAccess1 | MapAccess1Fast32 | MapAccess1Fast64 | MapAccess1FastStr | MapAccess2 | MapAccess2Fast32
        | MapAccess2Fast64 | MapAccess2FastStr | MapDelete | MapDeleteFast32 | MapDeleteFast64 | MapDeleteFastStr
        | MapClear | MapIterNext => false,
        MapAssign | MapAssignFast32 | MapAssignFast64 | MapAssignFast64Ptr | MapAssignFastStr => true,
        _ => return None,
    };
    let nothing = Flow::default();
    Some(match (f, param) {
        (MapIterNext, _) => Flow { writes: true, ..nothing },
        (_, 1) => Flow { results: 1, contents: 1, writes: true, ..nothing },
        // Of a key in memory a copy is kept.
        (MapAssign, 2) => Flow { leaks: true, ..nothing },
        (_, 2) if keeps_keys => Flow::ESCAPES,
        _ => nothing,
    })
}

/// What the functions that prepare and run deferred calls do with their arguments. They keep addresses in the frame that defers, and as
/// long as that lasts; func values are called before it ends. (In loops there are several of one statement: those are kept.)
pub fn on_defer(f: RuntimeFn, param: usize) -> Option<Flow> {
    let noted = Flow { writes: true, ..Flow::default() };
    Some(match (f, param) {
        (RuntimeFn::DeferProcStack, 1) => Flow { called: true, ..noted },
        (RuntimeFn::DeferProcStack | RuntimeFn::DeferReturn | RuntimeFn::DeferRange, _) => noted,
        (RuntimeFn::DeferProc | RuntimeFn::DeferProcRange, 1) => noted,
        _ => return None,
    })
}

/// Runtime functions that write no memory that was there before, seen from Go code.
fn writes_only_new_memory(f: RuntimeFn) -> bool {
    use RuntimeFn::*;
    matches!(
        f,
        NewObject
            | MakeSlice
            | GrowSlice
            | MakeMapSmall
            | ConvT16
            | ConvT32
            | ConvT64
            | ConvTString
            | ConvTSlice
            | MakeMap
            | MakeChan
            | UnsafeSlice
            | UnsafeString
            | AssertE2I
            | AssertE2I2
            | MemEqual
            | CmpString
            | EfaceEq
            | IfaceEq
            | MemHash
            | MemHash32
            | MemHash64
            | StrHash
            | ConcatString2
            | ConcatString3
            | ConcatStrings
            | IntString
            | SliceByteToString
            | SliceRuneToString
            | StringToSliceByte
            | StringToSliceRune
            | DecodeRune
            | MapAccess1
            | MapAccess1Fast32
            | MapAccess1Fast64
            | MapAccess1FastStr
            | MapAccess2
            | MapAccess2Fast32
            | MapAccess2Fast64
            | MapAccess2FastStr
    ) || f.is_noreturn()
}

/// What a leaf of the runtime does with the memory behind its pointers.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Leaf {
    /// Reads it.
    Reads,
    /// Writes what the first argument points to, and reads the rest.
    WritesFirst,
    /// As [`WritesFirst`](Leaf::WritesFirst), and what it reads are no addresses.
    CopiesBytes,
}

/// The leaves that keep none of their arguments and whose effects are known.
pub fn leaf(decl: &FuncDecl) -> Option<Leaf> {
    match decl.name.strip_prefix("golift_")? {
        "memequal" | "memhash" | "indexbyte" | "countbyte" | "compare" | "index" => Some(Leaf::Reads),
        "memmove" | "memclr" => Some(Leaf::WritesFirst),
        "memmove_bytes" => Some(Leaf::CopiesBytes),
        _ => None,
    }
}

/// What an address was computed from.
pub fn base(f: &Function, mut v: Value) -> Value {
    while let Some(InstData::Binary { op: golift_ir::BinaryOp::PtrAdd, args }) = f.def_inst(v).map(|d| &f.insts[d]) {
        v = args[0];
    }
    v
}

/// The slot that an address lies in.
pub fn base_slot(f: &Function, v: Value) -> Option<Slot> {
    match f.insts[f.def_inst(base(f, v))?] {
        InstData::SlotAddr { slot, .. } => Some(slot),
        _ => None,
    }
}

/// Was the object at the address made by this function?
fn is_new(f: &Function, program: &Program, v: Value) -> bool {
    match f.def_inst(base(f, v)).map(|d| &f.insts[d]) {
        Some(InstData::Alloc { .. }) => true,
        Some(InstData::Call { callee: Callee::Func(c), .. }) => {
            matches!(program.funcs[*c].runtime, Some(RuntimeFn::NewObject | RuntimeFn::MakeSlice))
        }
        _ => false,
    }
}

/// May the instruction write bytes (anything but addresses) of memory that was there before it, other than slots for
/// which `own` holds?
pub fn writes_bytes(
    f: &Function,
    program: &Program,
    summaries: &Summaries,
    data: &InstData,
    own: impl Fn(Slot) -> bool,
) -> bool {
    let elsewhere = |dst: Value| match base_slot(f, dst) {
        Some(slot) => !own(slot),
        None => !is_new(f, program, dst),
    };
    match data {
        InstData::Store { addr, val, .. } => f.ty(*val) != Type::Ptr && elsewhere(*addr),
        // Memory of a type with pointers is not that of bytes.
        InstData::MemCopy { dst, barrier, .. } | InstData::MemZero { dst, barrier, .. } => {
            barrier.is_none() && elsewhere(*dst)
        }
        InstData::AtomicStore { .. } | InstData::AtomicRmw { .. } | InstData::AtomicCas { .. } => true,
        InstData::Call { callee: Callee::Func(c), args } => {
            let decl = &program.funcs[*c];
            if decl.flags.noreturn || decl.runtime.is_some_and(writes_only_new_memory) {
                return false;
            }
            if decl.runtime.is_some_and(RuntimeFn::takes_buffer) {
                return elsewhere(args[0]);
            }
            match leaf(decl) {
                Some(Leaf::Reads) => false,
                Some(Leaf::WritesFirst | Leaf::CopiesBytes) => elsewhere(args[0]),
                None => summaries[*c].as_ref().is_none_or(|s| s.writes),
            }
        }
        InstData::Call { .. } | InstData::TailCall { .. } => true,
        _ => false,
    }
}
