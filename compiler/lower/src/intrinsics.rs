//! Functions that the compiler makes into instructions, by linker symbol: atomics, math, bit counting, and the
//! runtime's questions about its own frame. Each function is looked up once; afterwards an [`Intrinsic`] says what it is.

use crate::func::FuncLower;
use crate::linkname::Links;
use crate::ty::FuncTy;
use golift_ir as ir;
use golift_ir::{AtomicOp, BinaryOp as Op, InstData, IntCC, RuntimeFn, Type as Ir, UnaryOp as Un, Value};
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

impl FuncLower<'_, '_> {
    /// Emits the instructions of an intrinsic for flattened arguments.
    pub fn intrinsic(&mut self, intrinsic: Intrinsic, args: &[Value], fty: &FuncTy) -> Vec<Value> {
        vec![match intrinsic {
            Intrinsic::Atomic(op) => return self.atomic(op, args, fty),
            Intrinsic::Unary(op, ty) => self.b.unary(op, ty, args[0]),
            Intrinsic::SameType(op) => {
                let ty = self.b.ty(args[0]);
                self.b.unary(op, ty, args[0])
            }
            Intrinsic::Count(op) => self.bit_count(op, args[0]),
            Intrinsic::BitLen => {
                let n = self.bit_count(Un::Clz, args[0]);
                let width = self.b.ty(args[0]).bytes() as i64 * 8;
                let w = self.const_int(width);
                self.b.binary(Op::Sub, w, n)
            }
            Intrinsic::Copysign => self.b.binary(Op::FCopysign, args[0], args[1]),
            Intrinsic::Fma => self.b.ins(InstData::Fma { args: [args[0], args[1], args[2]] }, Ir::F64),
            Intrinsic::RotateLeft => {
                let ty = self.b.ty(args[0]);
                let n = self.b.binary_imm(Op::And, args[1], ty.bytes() as i64 * 8 - 1);
                let n = if ty == Ir::I64 { n } else { self.b.unary(Un::Trunc, ty, n) };
                self.b.binary(Op::Rotl, args[0], n)
            }
            Intrinsic::Mul => {
                let hi = self.b.binary(Op::UMulHi, args[0], args[1]);
                let lo = self.b.binary(Op::Mul, args[0], args[1]);
                return vec![hi, lo];
            }
            Intrinsic::Add => return self.with_carry(InstData::AddCarry { args: [args[0], args[1], args[2]] }),
            Intrinsic::Sub => return self.with_carry(InstData::SubBorrow { args: [args[0], args[1], args[2]] }),
            Intrinsic::GetG => self.b.ins(InstData::GetG, Ir::Ptr),
            Intrinsic::CallerPc => self.frame_word(InstData::GetCallerPc),
            Intrinsic::CallerSp => self.caller_sp(),
            Intrinsic::Fp => self.frame_word(InstData::GetFp),
            Intrinsic::CallerFp => self.frame_word(InstData::GetCallerFp),
            Intrinsic::Pause => {
                self.b.ins0(InstData::Pause);
                return vec![];
            }
            Intrinsic::Nothing => return vec![],
            Intrinsic::Identity => return args.to_vec(),
            // The argument is a func value in an interface: its data word addresses the code pointer.
            Intrinsic::CodePointer => self.b.load(Ir::I64, args[1], 0, ir::MemFlags::default()),
        }]
    }

    /// Counts are ints.
    fn bit_count(&mut self, op: Un, x: Value) -> Value {
        let ty = self.b.ty(x);
        let n = self.b.unary(op, ty, x);
        if ty == Ir::I64 { n } else { self.b.unary(Un::Zext, Ir::I64, n) }
    }

    fn with_carry(&mut self, data: InstData) -> Vec<Value> {
        let inst = self.b.ins_multi(data, &[Ir::I64; 2]);
        self.b.func.results[inst].to_vec()
    }

    fn frame_word(&mut self, inst: InstData) -> Value {
        let p = self.b.ins(inst, Ir::Ptr);
        self.b.unary(Un::PtrToInt, Ir::I64, p)
    }

    /// Stack pointer of the caller before the call: above saved frame pointer and return address.
    fn caller_sp(&mut self) -> Value {
        let fp = self.frame_word(InstData::GetFp);
        self.b.binary_imm(Op::Add, fp, 16)
    }

    fn atomic(&mut self, op: Atomic, args: &[Value], fty: &FuncTy) -> Vec<Value> {
        let addr = args[0];
        match op {
            Atomic::Load => {
                let ty = self.ir_ty(fty.results[0]);
                vec![self.b.ins(InstData::AtomicLoad { ty, addr }, ty)]
            }
            Atomic::Store | Atomic::StorePtr => {
                if op == Atomic::StorePtr {
                    self.rt(RuntimeFn::AtomicWriteBarrier, &[addr, args[1]]);
                }
                self.b.ins0(InstData::AtomicStore { addr, val: args[1] });
                vec![]
            }
            Atomic::Swap | Atomic::SwapPtr => {
                if op == Atomic::SwapPtr {
                    self.rt(RuntimeFn::AtomicWriteBarrier, &[addr, args[1]]);
                }
                vec![self.rmw(AtomicOp::Xchg, addr, args[1])]
            }
            Atomic::Cas | Atomic::CasPtr => {
                if op == Atomic::CasPtr {
                    self.rt(RuntimeFn::AtomicWriteBarrier, &[addr, args[2]]);
                }
                let ty = self.b.ty(args[1]);
                let old = self.b.ins(InstData::AtomicCas { addr, expected: args[1], new: args[2] }, ty);
                vec![self.b.icmp(IntCC::Eq, old, args[1])]
            }
            Atomic::Add => {
                let old = self.rmw(AtomicOp::Add, addr, args[1]);
                vec![self.b.binary(Op::Add, old, args[1])]
            }
            Atomic::And | Atomic::Or => {
                let op = if op == Atomic::And { AtomicOp::And } else { AtomicOp::Or };
                let old = self.rmw(op, addr, args[1]);
                if fty.results.is_empty() { vec![] } else { vec![old] }
            }
        }
    }

    fn rmw(&mut self, op: AtomicOp, addr: Value, val: Value) -> Value {
        let ty = self.b.ty(val);
        self.b.ins(InstData::AtomicRmw { op, addr, val }, ty)
    }
}
