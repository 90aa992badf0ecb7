//! Functions that the compiler makes into instructions, by linker symbol: atomics, math, bit counting, and the
//! runtime's questions about its own frame.

use crate::func::FuncLower;
use crate::ty::FuncTy;
use golift_ir as ir;
use golift_ir::{AtomicOp, BinaryOp as Op, InstData, IntCC, Type as Ir, UnaryOp as Un, Value};

/// Is a call of this symbol an instruction?
pub fn is_intrinsic(symbol: &str) -> bool {
    let Some((pkg, name)) = symbol.rsplit_once('.') else { return false };
    match pkg {
        "sync/atomic" => sync_atomic(name).is_some(),
        "internal/runtime/atomic" => runtime_atomic(name).is_some(),
        "math" => matches!(
            name,
            "Sqrt"
                | "sqrt"
                | "Floor"
                | "Ceil"
                | "Trunc"
                | "RoundToEven"
                | "Abs"
                | "Copysign"
                | "FMA"
                | "Float64bits"
                | "Float64frombits"
                | "Float32bits"
                | "Float32frombits"
        ),
        "math/bits" => matches!(
            name,
            "LeadingZeros64"
                | "LeadingZeros32"
                | "TrailingZeros64"
                | "TrailingZeros32"
                | "TrailingZeros"
                | "Len64"
                | "Len32"
                | "Len"
                | "LeadingZeros"
                | "OnesCount64"
                | "OnesCount32"
                | "OnesCount"
                | "ReverseBytes64"
                | "ReverseBytes32"
                | "Reverse64"
                | "Reverse32"
                | "RotateLeft64"
                | "RotateLeft32"
                | "RotateLeft"
                | "Mul64"
                | "Mul"
                | "Add64"
                | "Add"
                | "Sub64"
                | "Sub"
        ),
        "internal/runtime/math" => matches!(name, "Mul64"),
        "internal/runtime/sys" => matches!(
            name,
            "GetCallerPC"
                | "GetCallerSP"
                | "TrailingZeros64"
                | "TrailingZeros32"
                | "Len64"
                | "LeadingZeros64"
                | "OnesCount64"
                | "Bswap64"
                | "Bswap32"
                | "Prefetch"
                | "PrefetchStreamed"
        ),
        "runtime" => matches!(name, "getg" | "getcallerpc" | "getcallersp" | "getfp" | "getcallerfp" | "procyield0"),
        "crypto/internal/constanttime" => name == "boolToUint8",
        "internal/abi" => {
            matches!(name, "FuncPCABI0" | "FuncPCABIInternal" | "EscapeNonString" | "EscapeToResultNonString")
        }
        _ => false,
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Atomic {
    Load,
    Store,
    /// With write barrier.
    StorePtr,
    Swap,
    SwapPtr,
    Cas,
    CasPtr,
    /// The result is the new value.
    Add,
    /// The result (if any) is the old value.
    And,
    Or,
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
    pub fn intrinsic(&mut self, symbol: &str, args: &[Value], fty: &FuncTy) -> Vec<Value> {
        let (pkg, name) = symbol.rsplit_once('.').expect("qualified symbol");
        match pkg {
            "sync/atomic" => self.atomic(sync_atomic(name).expect("atomic"), args, fty),
            "internal/runtime/atomic" => self.atomic(runtime_atomic(name).expect("atomic"), args, fty),
            "math" => vec![self.math(name, args)],
            "math/bits" | "internal/runtime/math" | "internal/runtime/sys" => self.bits(name, args),
            "runtime" => vec![match name {
                "getg" => self.b.ins(InstData::GetG, Ir::Ptr),
                "getcallerpc" => self.frame_word(InstData::GetCallerPc),
                "getcallersp" => self.caller_sp(),
                "getfp" => self.frame_word(InstData::GetFp),
                "getcallerfp" => self.frame_word(InstData::GetCallerFp),
                _ => {
                    self.b.ins0(InstData::Pause);
                    return vec![];
                }
            }],
            // The argument is a func value in an interface: its data word addresses the code pointer.
            // A bool is 0 or 1 already, and stays free of branches.
            "crypto/internal/constanttime" => vec![args[0]],
            // Only the escape analysis of types without strings treats these specially: ours needs no hint.
            "internal/abi" if name == "EscapeNonString" => vec![],
            "internal/abi" if name == "EscapeToResultNonString" => args.to_vec(),
            "internal/abi" => {
                let code = self.b.load(Ir::I64, args[1], 0, ir::MemFlags::default());
                vec![code]
            }
            _ => unreachable!("{symbol} is no intrinsic"),
        }
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
                    self.rt("atomicwb", &[addr, args[1]]);
                }
                self.b.ins0(InstData::AtomicStore { addr, val: args[1] });
                vec![]
            }
            Atomic::Swap | Atomic::SwapPtr => {
                if op == Atomic::SwapPtr {
                    self.rt("atomicwb", &[addr, args[1]]);
                }
                vec![self.rmw(AtomicOp::Xchg, addr, args[1])]
            }
            Atomic::Cas | Atomic::CasPtr => {
                if op == Atomic::CasPtr {
                    self.rt("atomicwb", &[addr, args[2]]);
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

    fn math(&mut self, name: &str, args: &[Value]) -> Value {
        let x = args[0];
        let un = |f: &mut Self, op| f.b.unary(op, Ir::F64, x);
        match name {
            "Sqrt" | "sqrt" => un(self, Un::Sqrt),
            "Floor" => un(self, Un::Floor),
            "Ceil" => un(self, Un::Ceil),
            "Trunc" => un(self, Un::FTrunc),
            "RoundToEven" => un(self, Un::Nearest),
            "Abs" => un(self, Un::FAbs),
            "Copysign" => self.b.binary(Op::FCopysign, x, args[1]),
            "FMA" => self.b.ins(InstData::Fma { args: [x, args[1], args[2]] }, Ir::F64),
            "Float64bits" => self.b.unary(Un::Bitcast, Ir::I64, x),
            "Float64frombits" => self.b.unary(Un::Bitcast, Ir::F64, x),
            "Float32bits" => self.b.unary(Un::Bitcast, Ir::I32, x),
            "Float32frombits" => self.b.unary(Un::Bitcast, Ir::F32, x),
            _ => unreachable!("math.{name}"),
        }
    }

    fn bits(&mut self, name: &str, args: &[Value]) -> Vec<Value> {
        let x = args.first().copied();
        // Counts are ints.
        let count = |f: &mut Self, op| {
            let x = x.expect("operand");
            let ty = f.b.ty(x);
            let n = f.b.unary(op, ty, x);
            if ty == Ir::I64 { n } else { f.b.unary(Un::Zext, Ir::I64, n) }
        };
        match name {
            "LeadingZeros64" | "LeadingZeros32" | "LeadingZeros" => vec![count(self, Un::Clz)],
            "TrailingZeros64" | "TrailingZeros32" | "TrailingZeros" => vec![count(self, Un::Ctz)],
            "OnesCount64" | "OnesCount32" | "OnesCount" => vec![count(self, Un::Popcnt)],
            "Len64" | "Len32" | "Len" => {
                let n = count(self, Un::Clz);
                let width = self.b.ty(x.expect("operand")).bytes() as i64 * 8;
                let w = self.const_int(width);
                vec![self.b.binary(Op::Sub, w, n)]
            }
            "ReverseBytes64" | "ReverseBytes32" | "Bswap64" | "Bswap32" => {
                let x = x.expect("operand");
                let ty = self.b.ty(x);
                vec![self.b.unary(Un::Bswap, ty, x)]
            }
            "Reverse64" | "Reverse32" => {
                let x = x.expect("operand");
                let ty = self.b.ty(x);
                vec![self.b.unary(Un::Bitrev, ty, x)]
            }
            "RotateLeft64" | "RotateLeft32" | "RotateLeft" => {
                let x = x.expect("operand");
                let ty = self.b.ty(x);
                let n = self.b.binary_imm(Op::And, args[1], ty.bytes() as i64 * 8 - 1);
                let n = if ty == Ir::I64 { n } else { self.b.unary(Un::Trunc, ty, n) };
                vec![self.b.binary(Op::Rotl, x, n)]
            }
            "Mul64" | "Mul" => {
                let hi = self.b.binary(Op::UMulHi, args[0], args[1]);
                let lo = self.b.binary(Op::Mul, args[0], args[1]);
                vec![hi, lo]
            }
            "Add64" | "Add" => {
                let inst = self.b.ins_multi(InstData::AddCarry { args: [args[0], args[1], args[2]] }, &[Ir::I64; 2]);
                self.b.func.results[inst].to_vec()
            }
            "Sub64" | "Sub" => {
                let inst = self.b.ins_multi(InstData::SubBorrow { args: [args[0], args[1], args[2]] }, &[Ir::I64; 2]);
                self.b.func.results[inst].to_vec()
            }
            "GetCallerPC" => vec![self.frame_word(InstData::GetCallerPc)],
            "GetCallerSP" => vec![self.caller_sp()],
            "Prefetch" | "PrefetchStreamed" => vec![],
            _ => unreachable!("bit operation {name}"),
        }
    }
}
