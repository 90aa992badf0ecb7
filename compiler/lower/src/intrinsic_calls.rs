//! The instructions that calls of intrinsics become.

use crate::func::FuncLower;
use crate::intrinsics::{Atomic, Intrinsic};
use crate::ty::FuncTy;
use golift_ir as ir;
use golift_ir::{AtomicOp, BinaryOp as Op, InstData, IntCC, RuntimeFn, Type as Ir, UnaryOp as Un, Value};

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
            Intrinsic::CodePointer => match self.function_of_value(args[1]) {
                Some(id) => {
                    let code = self.b.func_addr(id);
                    self.b.unary(Un::PtrToInt, Ir::I64, code)
                }
                None => self.b.load(Ir::I64, args[1], 0, ir::MemFlags::default()),
            },
        }]
    }

    /// The function whose static func value `value` is: profiles know it, and not the thunk in the func value.
    fn function_of_value(&self, value: Value) -> Option<ir::FuncId> {
        let InstData::DataAddr { data, off: 0 } = self.b.func.insts[self.b.func.def_inst(value)?] else { return None };
        self.cx.thunks.iter().find_map(|(&id, &of)| (of == data).then_some(id))
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
            Atomic::Store => {
                self.b.ins0(InstData::AtomicStore { addr, val: args[1] });
                vec![]
            }
            Atomic::Swap => vec![self.rmw(AtomicOp::Xchg, addr, args[1])],
            // The barrier comes after the operation: until then what was replaced is alive here, so it does not matter if
            // marking begins in between.
            Atomic::StorePtr | Atomic::SwapPtr => {
                let old = self.rmw(AtomicOp::Xchg, addr, args[1]);
                self.rt(RuntimeFn::AtomicWriteBarrier, &[old]);
                if op == Atomic::SwapPtr { vec![old] } else { vec![] }
            }
            Atomic::Cas | Atomic::CasPtr => {
                let ty = self.b.ty(args[1]);
                let old = self.b.ins(InstData::AtomicCas { addr, expected: args[1], new: args[2] }, ty);
                if op == Atomic::CasPtr {
                    // If it failed nothing was replaced, and noting it does no harm.
                    self.rt(RuntimeFn::AtomicWriteBarrier, &[args[1]]);
                }
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
