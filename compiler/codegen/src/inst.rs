//! Instructions other than terminators.

use crate::names::{self, space};
use crate::translate::{Translator, clif_type};
use cranelift_codegen::ir::condcodes::{FloatCC as ClifFloatCC, IntCC as ClifIntCC};
use cranelift_codegen::ir::immediates::{Ieee32, Ieee64};
use cranelift_codegen::ir::{self as clif, AtomicRmwOp, InstBuilder, MemFlagsData, types};
use cranelift_entity::EntityRef;
use golift_abi as abi;
use golift_ir::{AtomicOp, BinaryOp, FloatCC, Inst, InstData, IntCC, RuntimeFn, Type, UnaryOp, Value};

impl Translator<'_, '_> {
    /// Translates the first of `insts` (more for a batch); returns how many.
    pub fn inst(&mut self, insts: &[Inst]) -> usize {
        let inst = insts[0];
        let f = self.f;
        let data = &f.insts[inst];
        match data {
            InstData::IConst { ty, imm } => {
                let ty = clif_type(*ty);
                // Cranelift wants the bits beyond the type's width clear.
                let imm = match ty.bits() {
                    64 => *imm,
                    n => *imm & ((1 << n) - 1),
                };
                let v = self.pos.ins().iconst(ty, imm);
                self.bind(inst, v);
            }
            InstData::F32Const { bits } => {
                let v = if self.keeps_float_in_register(u64::from(*bits)) {
                    self.float_from_code(types::F32X4, &bits.to_le_bytes())
                } else {
                    self.pos.ins().f32const(Ieee32::with_bits(*bits))
                };
                self.bind(inst, v);
            }
            InstData::F64Const { bits } => {
                let v = if self.keeps_float_in_register(*bits) {
                    self.float_from_code(types::F64X2, &bits.to_le_bytes())
                } else {
                    self.pos.ins().f64const(Ieee64::with_bits(*bits))
                };
                self.bind(inst, v);
            }
            InstData::FuncAddr { func } => {
                let func = self.func_ref(*func);
                let v = self.pos.ins().func_addr(types::I64, func);
                self.bind(inst, v);
            }
            InstData::DataAddr { data, off } => {
                let v = self.symbol_addr(space::DATA, data.index() as u32, *off);
                self.bind(inst, v);
            }
            InstData::SlotAddr { slot, off } => {
                let slot = self.slot(*slot);
                let v = self.pos.ins().stack_addr(types::I64, slot, *off);
                self.bind(inst, v);
            }
            InstData::Unary { op, ty, arg } => {
                let v = self.unary(*op, *ty, *arg);
                self.bind(inst, v);
            }
            InstData::Binary { op, args } => {
                let v = self.binary(*op, args[0], args[1]);
                self.bind(inst, v);
            }
            InstData::Icmp { cc, args } => {
                let (a, b) = (self.val(args[0]), self.val(args[1]));
                let v = self.pos.ins().icmp(int_cc(*cc), a, b);
                self.bind(inst, v);
            }
            InstData::Fcmp { cc, args } => {
                let (a, b) = (self.val(args[0]), self.val(args[1]));
                let v = self.pos.ins().fcmp(float_cc(*cc), a, b);
                self.bind(inst, v);
            }
            InstData::Select { cond, args } => {
                let (c, a, b) = (self.val(*cond), self.val(args[0]), self.val(args[1]));
                let v = self.pos.ins().select(c, a, b);
                self.bind(inst, v);
            }
            InstData::Fma { args } => {
                let v = self.fma(*args);
                self.bind(inst, v);
            }
            InstData::AddCarry { args } => {
                let [a, b, c] = args.map(|v| self.val(v));
                let s1 = self.pos.ins().iadd(a, b);
                let c1 = self.pos.ins().icmp(ClifIntCC::UnsignedLessThan, s1, a);
                let s2 = self.pos.ins().iadd(s1, c);
                let c2 = self.pos.ins().icmp(ClifIntCC::UnsignedLessThan, s2, s1);
                self.bind_carry(inst, s2, c1, c2);
            }
            InstData::SubBorrow { args } => {
                let [a, b, c] = args.map(|v| self.val(v));
                let s1 = self.pos.ins().isub(a, b);
                let c1 = self.pos.ins().icmp(ClifIntCC::UnsignedLessThan, a, b);
                let s2 = self.pos.ins().isub(s1, c);
                let c2 = self.pos.ins().icmp(ClifIntCC::UnsignedLessThan, s1, c);
                self.bind_carry(inst, s2, c1, c2);
            }
            InstData::Load { ty, addr, off, flags } => {
                let v = self.load(*ty, *addr, *off, *flags);
                self.bind(inst, v);
            }
            InstData::Store { flags, .. } if flags.barrier => return self.barrier_stores(insts),
            InstData::Store { addr, val, off, flags } => self.store(*addr, *val, *off, *flags),
            InstData::MemCopy { dst, src, barrier: Some(typ), .. } => {
                let typ = self.symbol_addr(space::DATA, typ.index() as u32, 0);
                let args = [typ, self.val(*dst), self.val(*src)];
                let call = self.runtime_call(RuntimeFn::TypedMemMove, &args);
                self.note_dead_slots(inst, call);
            }
            InstData::MemZero { dst, barrier: Some(typ), .. } => {
                let typ = self.symbol_addr(space::DATA, typ.index() as u32, 0);
                let args = [typ, self.val(*dst)];
                let call = self.runtime_call(RuntimeFn::TypedMemClr, &args);
                self.note_dead_slots(inst, call);
            }
            InstData::MemCopy { dst, src, size, .. } => self.mem_copy(*dst, *src, *size),
            InstData::MemZero { dst, size, .. } => self.mem_zero(*dst, *size),
            InstData::Alloc { typ, .. } => {
                let typ = self.symbol_addr(space::DATA, typ.index() as u32, 0);
                let call = self.runtime_call(RuntimeFn::NewObject, &[typ]);
                self.note_dead_slots(inst, call);
                self.bind_all(inst, call);
            }
            InstData::NilCheck { addr } => {
                let a = self.val(*addr);
                self.nil_check(a);
            }
            InstData::AtomicLoad { ty, addr } => {
                let a = self.val(*addr);
                let v = self.pos.ins().atomic_load(clif_type(*ty), ATOMIC, a);
                self.bind(inst, v);
            }
            InstData::AtomicStore { addr, val } => {
                let (a, v) = (self.val(*addr), self.val(*val));
                self.pos.ins().atomic_store(ATOMIC, v, a);
            }
            InstData::AtomicRmw { op, addr, val } => {
                let op = match op {
                    AtomicOp::Add => AtomicRmwOp::Add,
                    AtomicOp::And => AtomicRmwOp::And,
                    AtomicOp::Or => AtomicRmwOp::Or,
                    AtomicOp::Xchg => AtomicRmwOp::Xchg,
                };
                let (a, v) = (self.val(*addr), self.val(*val));
                let ty = self.pos.func.dfg.value_type(v);
                let old = self.pos.ins().atomic_rmw(ty, ATOMIC, op, a, v);
                self.bind(inst, old);
            }
            InstData::AtomicCas { addr, expected, new } => {
                let (a, e, n) = (self.val(*addr), self.val(*expected), self.val(*new));
                let old = self.pos.ins().atomic_cas(ATOMIC, a, e, n);
                self.bind(inst, old);
            }
            InstData::GetG => {
                let v = self.pos.ins().get_pinned_reg(types::I64);
                self.bind(inst, v);
            }
            InstData::GetFp => {
                let v = self.pos.ins().get_frame_pointer(types::I64);
                self.bind(inst, v);
            }
            InstData::GetCallerFp => {
                let fp = self.pos.ins().get_frame_pointer(types::I64);
                let v = self.pos.ins().load(types::I64, MemFlagsData::trusted(), fp, 0);
                self.bind(inst, v);
            }
            InstData::GetCallerPc => {
                let fp = self.pos.ins().get_frame_pointer(types::I64);
                let v = self.pos.ins().load(types::I64, MemFlagsData::trusted(), fp, 8);
                self.bind(inst, v);
            }
            InstData::GetSp => {
                let v = self.pos.ins().get_stack_pointer(types::I64);
                self.bind(inst, v);
            }
            InstData::KeepAlive { arg } => {
                let v = self.val(*arg);
                self.marker(names::MARKER_NOP, &[v]);
            }
            InstData::Forget { .. } => {}
            InstData::Pause => self.marker(names::MARKER_PAUSE, &[]),
            InstData::Call { callee, args } => {
                let call = self.call_inst(callee, args);
                self.note_dead_slots(inst, call);
                self.bind_all(inst, call);
            }
            InstData::Jump(_)
            | InstData::Brif { .. }
            | InstData::BrTable { .. }
            | InstData::Return { .. }
            | InstData::TailCall { .. }
            | InstData::Unreachable
            | InstData::RecoveryPoint { .. } => self.terminator(data),
        }
        1
    }

    fn runtime_call(&mut self, f: RuntimeFn, args: &[clif::Value]) -> clif::Inst {
        let func = self.program.runtime_fn(f).unwrap_or_else(|| panic!("the program lacks {}", f.symbol()));
        let f = self.func_ref(func);
        self.pos.ins().call(f, args)
    }

    fn bind_carry(&mut self, inst: Inst, sum: clif::Value, c1: clif::Value, c2: clif::Value) {
        let c = self.pos.ins().bor(c1, c2);
        let f = self.f;
        let carry_ty = clif_type(f.ty(f.results[inst][1]));
        let c = if carry_ty == types::I8 { c } else { self.pos.ins().uextend(carry_ty, c) };
        self.bind_nth(inst, 0, sum);
        self.bind_nth(inst, 1, c);
    }

    fn fma(&mut self, args: [Value; 3]) -> clif::Value {
        let [a, b, c] = args.map(|v| self.val(v));
        if self.target == crate::target::Target::Arm64 {
            return self.pos.ins().fma(a, b, c);
        }
        // x86-64-v2 has no FMA: the runtime chooses between the instruction and software.
        let ty = self.f.ty(args[0]);
        let name = if ty == Type::F32 { abi::sym::FMAF } else { abi::sym::FMA };
        let callee = self.c_symbol(name, &[ty; 3], &[ty]);
        let call = self.pos.ins().call(callee, &[a, b, c]);
        self.pos.func.dfg.first_result(call)
    }

    fn unary(&mut self, op: UnaryOp, ty: Type, arg: Value) -> clif::Value {
        let x = self.val(arg);
        let to = clif_type(ty);
        let from = self.pos.func.dfg.value_type(x);
        let ins = self.pos.ins();
        match op {
            UnaryOp::Neg => ins.ineg(x),
            UnaryOp::Not => ins.bnot(x),
            UnaryOp::FNeg => ins.fneg(x),
            UnaryOp::FAbs => ins.fabs(x),
            UnaryOp::Sqrt => ins.sqrt(x),
            UnaryOp::Floor => ins.floor(x),
            UnaryOp::Ceil => ins.ceil(x),
            UnaryOp::FTrunc => ins.trunc(x),
            UnaryOp::Nearest => ins.nearest(x),
            UnaryOp::Clz => ins.clz(x),
            UnaryOp::Ctz => ins.ctz(x),
            UnaryOp::Popcnt => ins.popcnt(x),
            UnaryOp::Bswap if from == types::I8 => x,
            UnaryOp::Bswap => ins.bswap(x),
            UnaryOp::Bitrev => ins.bitrev(x),
            UnaryOp::Sext | UnaryOp::Zext | UnaryOp::Trunc if from == to => x,
            UnaryOp::Sext => ins.sextend(to, x),
            UnaryOp::Zext => ins.uextend(to, x),
            UnaryOp::Trunc => ins.ireduce(to, x),
            UnaryOp::SToF => ins.fcvt_from_sint(to, x),
            UnaryOp::UToF => ins.fcvt_from_uint(to, x),
            UnaryOp::FToSSat => self.float_to_sint(to, x),
            UnaryOp::FToUSat => self.float_to_uint(to, x),
            UnaryOp::FPromote => ins.fpromote(to, x),
            UnaryOp::FDemote => ins.fdemote(to, x),
            UnaryOp::Bitcast if from == to => x,
            UnaryOp::Bitcast => ins.bitcast(to, MemFlagsData::new(), x),
            UnaryOp::PtrToInt | UnaryOp::IntToPtr => x,
        }
    }

    fn float_to_sint(&mut self, to: clif::Type, x: clif::Value) -> clif::Value {
        let saturated = self.pos.ins().fcvt_to_sint_sat(to, x);
        if self.target != crate::target::Target::X86_64 {
            return saturated;
        }
        let ty = self.pos.func.dfg.value_type(x);
        let limit = self.float_const(ty, 2f64.powi(to.bits() as i32 - 1));
        let fits = self.pos.ins().fcmp(ClifFloatCC::LessThan, x, limit);
        let least = self.pos.ins().iconst(to, (1i64 << 63) >> (64 - to.bits()));
        self.pos.ins().select(fits, saturated, least)
    }

    /// On x64 as gc does it: the upper half of the range through the signed conversion of `x - 2^63`.
    fn float_to_uint(&mut self, to: clif::Type, x: clif::Value) -> clif::Value {
        if self.target != crate::target::Target::X86_64 {
            return self.pos.ins().fcvt_to_uint_sat(to, x);
        }
        let ty = self.pos.func.dfg.value_type(x);
        let half = self.float_const(ty, 2f64.powi(63));
        let is_low = self.pos.ins().fcmp(ClifFloatCC::LessThan, x, half);
        let reduced = self.pos.ins().fsub(x, half);
        let signed = self.pos.ins().select(is_low, x, reduced);
        let signed = self.float_to_sint(to, signed);
        let (zero, top) = (self.pos.ins().iconst(to, 0), self.pos.ins().iconst(to, i64::MIN));
        let top = self.pos.ins().select(is_low, zero, top);
        self.pos.ins().bor(signed, top)
    }

    fn float_const(&mut self, ty: clif::Type, value: f64) -> clif::Value {
        if ty == types::F32 {
            self.pos.ins().f32const(Ieee32::with_float(value as f32))
        } else {
            self.pos.ins().f64const(Ieee64::with_float(value))
        }
    }

    /// Cranelift makes a scalar constant anew in each block that uses it, from an integer: in loops that costs more than the arithmetic. A
    /// vector is loaded, and that before the loop. (But never after a landing, which it could be moved across; zero costs nothing.)
    fn keeps_float_in_register(&self, bits: u64) -> bool {
        bits != 0 && self.has_loops && !self.is_tainted()
    }

    /// The first lane of a vector that lies among the instructions.
    fn float_from_code(&mut self, ty: clif::Type, bits: &[u8]) -> clif::Value {
        let mut lanes = [0; 16];
        lanes[..bits.len()].copy_from_slice(bits);
        let constant = self.pos.func.dfg.constants.insert(clif::ConstantData::from(&lanes[..]));
        let vector = self.pos.ins().vconst(ty, constant);
        self.pos.ins().extractlane(vector, 0)
    }

    fn binary(&mut self, op: BinaryOp, a: Value, b: Value) -> clif::Value {
        let (a, b) = (self.val(a), self.val(b));
        let ins = self.pos.ins();
        match op {
            BinaryOp::Add | BinaryOp::PtrAdd => ins.iadd(a, b),
            BinaryOp::Sub => ins.isub(a, b),
            BinaryOp::Mul => ins.imul(a, b),
            BinaryOp::SDiv => ins.sdiv(a, b),
            BinaryOp::UDiv => ins.udiv(a, b),
            BinaryOp::SRem => ins.srem(a, b),
            BinaryOp::URem => ins.urem(a, b),
            BinaryOp::And => ins.band(a, b),
            BinaryOp::Or => ins.bor(a, b),
            BinaryOp::Xor => ins.bxor(a, b),
            BinaryOp::Shl => ins.ishl(a, b),
            BinaryOp::LShr => ins.ushr(a, b),
            BinaryOp::AShr => ins.sshr(a, b),
            BinaryOp::Rotl => ins.rotl(a, b),
            BinaryOp::SMulHi => ins.smulhi(a, b),
            BinaryOp::UMulHi => ins.umulhi(a, b),
            BinaryOp::FAdd => ins.fadd(a, b),
            BinaryOp::FSub => ins.fsub(a, b),
            BinaryOp::FMul => ins.fmul(a, b),
            BinaryOp::FDiv => ins.fdiv(a, b),
            BinaryOp::FMin => ins.fmin(a, b),
            BinaryOp::FMax => ins.fmax(a, b),
            BinaryOp::FCopysign => ins.fcopysign(a, b),
        }
    }
}

/// Atomic accesses may fault for a nil address like others.
const ATOMIC: MemFlagsData = MemFlagsData::new();

fn int_cc(cc: IntCC) -> ClifIntCC {
    match cc {
        IntCC::Eq => ClifIntCC::Equal,
        IntCC::Ne => ClifIntCC::NotEqual,
        IntCC::Slt => ClifIntCC::SignedLessThan,
        IntCC::Sle => ClifIntCC::SignedLessThanOrEqual,
        IntCC::Sgt => ClifIntCC::SignedGreaterThan,
        IntCC::Sge => ClifIntCC::SignedGreaterThanOrEqual,
        IntCC::Ult => ClifIntCC::UnsignedLessThan,
        IntCC::Ule => ClifIntCC::UnsignedLessThanOrEqual,
        IntCC::Ugt => ClifIntCC::UnsignedGreaterThan,
        IntCC::Uge => ClifIntCC::UnsignedGreaterThanOrEqual,
    }
}

/// Cranelift's `NotEqual` is true for unordered operands, its other ones are ordered: as in Go.
fn float_cc(cc: FloatCC) -> ClifFloatCC {
    match cc {
        FloatCC::Eq => ClifFloatCC::Equal,
        FloatCC::Ne => ClifFloatCC::NotEqual,
        FloatCC::Lt => ClifFloatCC::LessThan,
        FloatCC::Le => ClifFloatCC::LessThanOrEqual,
        FloatCC::Gt => ClifFloatCC::GreaterThan,
        FloatCC::Ge => ClifFloatCC::GreaterThanOrEqual,
    }
}
