//! Functions that the compiler makes into instructions, by linker symbol: atomics, math, bit counting, and the
//! runtime's questions about its own frame. Each function is looked up once; afterwards an [`Intrinsic`] says what it is.

use crate::linkname::Links;
use golift_ir::{Type as Ir, UnaryOp as Un};
use golift_types::Obj;
use rustc_hash::FxHashMap;

/// What a call becomes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Intrinsic {
    /// An access to memory that other threads see as one step.
    Atomic(Atomic),
    /// An instruction with one operand and a result of the given type.
    Unary(Un, Ir),
    /// An instruction whose result has the type of its operand.
    SameType(Un),
    /// Number of bits of some kind, as an int.
    Count(Un),
    /// Number of bits below and with the highest one.
    BitLen,
    /// `math.Copysign`.
    Copysign,
    /// `math.FMA`.
    Fma,
    /// Rotation to the left by an int, which may be negative.
    RotateLeft,
    /// Product as high and low half.
    Mul,
    /// Sum with carry in and out.
    Add,
    /// Difference with borrow in and out.
    Sub,
    /// The current `*g`.
    GetG,
    /// Return address.
    CallerPc,
    /// Stack pointer of the caller before the call.
    CallerSp,
    /// Frame pointer.
    Fp,
    /// Frame pointer of the caller.
    CallerFp,
    /// A hint to the processor in loops that wait.
    Pause,
    /// No instruction.
    Nothing,
    /// The argument itself.
    Identity,
    /// The code of a func value in an interface.
    CodePointer,
}

/// Operations of [`Intrinsic::Atomic`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Atomic {
    /// Reads.
    Load,
    /// Writes.
    Store,
    /// Writes a pointer, with write barrier.
    StorePtr,
    /// Writes and gives the old value.
    Swap,
    /// As `Swap`, with write barrier.
    SwapPtr,
    /// Writes if the old value is the expected one.
    Cas,
    /// As `Cas`, with write barrier.
    CasPtr,
    /// The result is the new value.
    Add,
    /// The result (if any) is the old value.
    And,
    /// The result (if any) is the old value.
    Or,
}

impl Intrinsic {
    /// What a call of the function with that linker symbol becomes, if it is one of these.
    pub fn of_symbol(symbol: &str) -> Option<Intrinsic> {
        use Intrinsic as I;
        let (pkg, name) = symbol.rsplit_once('.')?;
        match pkg {
            "sync/atomic" => sync_atomic(name).map(I::Atomic),
            "internal/runtime/atomic" => runtime_atomic(name).map(I::Atomic),
            "math" => Some(match name {
                "Sqrt" | "sqrt" => I::Unary(Un::Sqrt, Ir::F64),
                "Floor" => I::Unary(Un::Floor, Ir::F64),
                "Ceil" => I::Unary(Un::Ceil, Ir::F64),
                "Trunc" => I::Unary(Un::FTrunc, Ir::F64),
                "RoundToEven" => I::Unary(Un::Nearest, Ir::F64),
                "Abs" => I::Unary(Un::FAbs, Ir::F64),
                "Float64bits" => I::Unary(Un::Bitcast, Ir::I64),
                "Float64frombits" => I::Unary(Un::Bitcast, Ir::F64),
                "Float32bits" => I::Unary(Un::Bitcast, Ir::I32),
                "Float32frombits" => I::Unary(Un::Bitcast, Ir::F32),
                "Copysign" => I::Copysign,
                "FMA" => I::Fma,
                _ => return None,
            }),
            "math/bits" => Some(match name {
                "LeadingZeros64" | "LeadingZeros32" | "LeadingZeros" => I::Count(Un::Clz),
                "TrailingZeros64" | "TrailingZeros32" | "TrailingZeros" => I::Count(Un::Ctz),
                "OnesCount64" | "OnesCount32" | "OnesCount" => I::Count(Un::Popcnt),
                "Len64" | "Len32" | "Len" => I::BitLen,
                "ReverseBytes64" | "ReverseBytes32" => I::SameType(Un::Bswap),
                "Reverse64" | "Reverse32" => I::SameType(Un::Bitrev),
                "RotateLeft64" | "RotateLeft32" | "RotateLeft" => I::RotateLeft,
                "Mul64" | "Mul" => I::Mul,
                "Add64" | "Add" => I::Add,
                "Sub64" | "Sub" => I::Sub,
                _ => return None,
            }),
            "internal/runtime/math" => (name == "Mul64").then_some(I::Mul),
            "internal/runtime/sys" => Some(match name {
                "GetCallerPC" => I::CallerPc,
                "GetCallerSP" => I::CallerSp,
                "TrailingZeros64" | "TrailingZeros32" => I::Count(Un::Ctz),
                "LeadingZeros64" => I::Count(Un::Clz),
                "OnesCount64" => I::Count(Un::Popcnt),
                "Len64" => I::BitLen,
                "Bswap64" | "Bswap32" => I::SameType(Un::Bswap),
                "Prefetch" | "PrefetchStreamed" => I::Nothing,
                _ => return None,
            }),
            "runtime" => Some(match name {
                "getg" => I::GetG,
                "getcallerpc" => I::CallerPc,
                "getcallersp" => I::CallerSp,
                "getfp" => I::Fp,
                "getcallerfp" => I::CallerFp,
                "procyield0" => I::Pause,
                _ => return None,
            }),
            // A bool is 0 or 1 already, and stays free of branches.
            "crypto/internal/constanttime" => (name == "boolToUint8").then_some(I::Identity),
            "internal/abi" => Some(match name {
                "FuncPCABI0" | "FuncPCABIInternal" => I::CodePointer,
                // Only the escape analysis of types without strings treats these specially: ours needs no hint.
                "EscapeNonString" => I::Nothing,
                "EscapeToResultNonString" => I::Identity,
                _ => return None,
            }),
            _ => None,
        }
    }
}

/// The functions that were asked about.
#[derive(Default)]
pub struct Intrinsics(FxHashMap<Obj, Option<Intrinsic>>);

impl Intrinsics {
    /// What a call of `f` becomes, if it is no call.
    pub fn of(&mut self, f: Obj, links: &Links) -> Option<Intrinsic> {
        *self.0.entry(f).or_insert_with(|| Intrinsic::of_symbol(&links.symbol(f)))
    }
}

fn sync_atomic(name: &str) -> Option<Atomic> {
    let ops = [
        ("CompareAndSwap", Atomic::Cas, Atomic::CasPtr),
        ("Load", Atomic::Load, Atomic::Load),
        ("Store", Atomic::Store, Atomic::StorePtr),
        ("Swap", Atomic::Swap, Atomic::SwapPtr),
        ("Add", Atomic::Add, Atomic::Add),
        ("And", Atomic::And, Atomic::And),
        ("Or", Atomic::Or, Atomic::Or),
    ];
    ops.iter().find_map(|&(prefix, plain, ptr)| match name.strip_prefix(prefix)? {
        "Int32" | "Uint32" | "Int64" | "Uint64" | "Uintptr" => Some(plain),
        "Pointer" => Some(ptr),
        _ => None,
    })
}

fn runtime_atomic(name: &str) -> Option<Atomic> {
    Some(match name {
        "Load" | "Loadp" | "Load8" | "Load64" | "Loadint32" | "Loadint64" | "Loaduint" | "Loaduintptr" | "LoadAcq"
        | "LoadAcq64" | "LoadAcquintptr" => Atomic::Load,
        "Store" | "Store8" | "Store64" | "Storeint32" | "Storeint64" | "Storeuintptr" | "StoreRel" | "StoreRel64"
        | "StoreReluintptr" | "StorepNoWB" => Atomic::Store,
        "storePointer" => Atomic::StorePtr,
        "Xadd" | "Xadd64" | "Xadduintptr" | "Xaddint32" | "Xaddint64" => Atomic::Add,
        "Xchg" | "Xchg8" | "Xchg64" | "Xchguintptr" | "Xchgint32" | "Xchgint64" => Atomic::Swap,
        "Cas" | "Cas64" | "Casint32" | "Casint64" | "Casuintptr" | "CasRel" | "Casp1" => Atomic::Cas,
        "casPointer" => Atomic::CasPtr,
        "And8" | "And" | "And32" | "And64" | "Anduintptr" => Atomic::And,
        "Or8" | "Or" | "Or32" | "Or64" | "Oruintptr" => Atomic::Or,
        _ => return None,
    })
}
