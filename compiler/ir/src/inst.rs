//! Instructions.

use crate::data::DataId;
use crate::entities::{Block, FuncId, Slot, Value};
use crate::program::Signature;
use smallvec::SmallVec;

/// Type of an SSA value.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Type {
    /// 8 bits: a small integer or a bool, which is 0 or 1.
    I8,
    /// 16 bits.
    I16,
    /// 32 bits.
    I32,
    /// 64 bits.
    I64,
    /// IEEE 754 single precision.
    F32,
    /// IEEE 754 double precision.
    F64,
    /// An address (or nil); 64 bits on every target so far.
    Ptr,
}

impl Type {
    /// Size in bytes on the (64-bit) target.
    pub fn bytes(self) -> u32 {
        match self {
            Type::I8 => 1,
            Type::I16 => 2,
            Type::I32 | Type::F32 => 4,
            Type::I64 | Type::F64 | Type::Ptr => 8,
        }
    }
    /// Is it a float?
    pub fn is_float(self) -> bool {
        matches!(self, Type::F32 | Type::F64)
    }
    /// Is it an integer? Addresses are not.
    pub fn is_int(self) -> bool {
        matches!(self, Type::I8 | Type::I16 | Type::I32 | Type::I64)
    }
}

/// An operation with one operand.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum UnaryOp {
    /// Integer negation.
    Neg,
    /// Bitwise complement.
    Not,
    /// Float negation: the sign bit flips, of NaNs as well.
    FNeg,
    /// The float without its sign.
    FAbs,
    /// Square root.
    Sqrt,
    /// Largest integral float that is not above.
    Floor,
    /// Smallest integral float that is not below.
    Ceil,
    /// Round toward zero.
    FTrunc,
    /// Round to nearest, ties to even.
    Nearest,
    /// Number of leading zeros; the width for 0.
    Clz,
    /// Number of trailing zeros; the width for 0.
    Ctz,
    /// Number of ones.
    Popcnt,
    /// Bytes in reverse order.
    Bswap,
    /// Bits in reverse order.
    Bitrev,
    /// Integer conversions to the result type.
    Sext,
    /// To a wider integer, zeros on the left.
    Zext,
    /// To a narrower integer.
    Trunc,
    /// Signed/unsigned integer to float.
    SToF,
    /// As `SToF`, of an unsigned integer.
    UToF,
    /// Float to integer. Out of range, and for NaN, as the target's instruction has it: the least integer on x64,
    /// saturating and 0 on arm64.
    FToSSat,
    /// As `FToSSat`, to an unsigned integer.
    FToUSat,
    /// f32 ↔ f64.
    FPromote,
    /// f64 to f32, rounded to even.
    FDemote,
    /// Same bits, int ↔ float of the same size.
    Bitcast,
    /// The address as an integer.
    PtrToInt,
    /// The integer as an address.
    IntToPtr,
}

/// An operation with two operands of one type, which the result has, too.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum BinaryOp {
    /// Sum.
    Add,
    /// Difference.
    Sub,
    /// Low half of the product.
    Mul,
    /// Signed quotient, rounded towards zero.
    SDiv,
    /// Unsigned quotient.
    UDiv,
    /// Signed remainder, with the sign of the dividend.
    SRem,
    /// Unsigned remainder.
    URem,
    /// Bits that both have.
    And,
    /// Bits that one has.
    Or,
    /// Bits that differ.
    Xor,
    /// Shift counts have the type of the shifted value and are below its width.
    Shl,
    /// Shift to the right, zeros come in.
    LShr,
    /// Shift to the right, copies of the sign come in.
    AShr,
    /// Rotation to the left.
    Rotl,
    /// High half of the signed product.
    SMulHi,
    /// High half of the unsigned product.
    UMulHi,
    /// Float sum.
    FAdd,
    /// Float difference.
    FSub,
    /// Float product.
    FMul,
    /// Float quotient.
    FDiv,
    /// The lesser one, as Go's `min`: NaN if there is one, -0 below 0.
    FMin,
    /// The greater one, as Go's `max`.
    FMax,
    /// The first with the sign of the second.
    FCopysign,
    /// Ptr + I64 → Ptr.
    PtrAdd,
}

/// Integer comparison.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum IntCC {
    /// Equal.
    Eq,
    /// Not equal.
    Ne,
    /// Less, signed.
    Slt,
    /// Less or equal, signed.
    Sle,
    /// Greater, signed.
    Sgt,
    /// Greater or equal, signed.
    Sge,
    /// Less, unsigned.
    Ult,
    /// Less or equal, unsigned.
    Ule,
    /// Greater, unsigned.
    Ugt,
    /// Greater or equal, unsigned.
    Uge,
}

/// Float comparison: `Ne` is true for unordered operands, the others false (Go's operators).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum FloatCC {
    /// Equal.
    Eq,
    /// Not equal, or unordered.
    Ne,
    /// Less.
    Lt,
    /// Less or equal.
    Le,
    /// Greater.
    Gt,
    /// Greater or equal.
    Ge,
}

/// What is known of an access to memory.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct MemFlags {
    /// The address is known to be valid.
    pub notrap: bool,
    /// Store only: pointer store that needs the write barrier.
    pub barrier: bool,
    /// The memory never changes while the program runs (type descriptors, string literals).
    pub readonly: bool,
}

/// What an atomic read-modify-write does.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum AtomicOp {
    /// Adds.
    Add,
    /// Bits that both have.
    And,
    /// Bits that one has.
    Or,
    /// Puts the new value there.
    Xchg,
}

/// Arguments of a call or a branch.
pub type Args = SmallVec<[Value; 4]>;

/// What a call calls.
#[derive(Clone, PartialEq, Debug)]
pub enum Callee {
    /// A function of the program (Go convention unless its signature says C).
    Func(FuncId),
    /// A func value: the code pointer is its first word and it is passed as first argument; `sig` includes that
    /// first parameter, the call's `args` do not. A nil func value faults.
    Closure {
        /// The func value.
        func: Value,
        /// The signature of the code.
        sig: Box<Signature>,
    },
    /// A code address; `args` are all of the arguments.
    Indirect {
        /// The address.
        addr: Value,
        /// The signature of the code.
        sig: Box<Signature>,
    },
}

/// A branch target with the arguments of its parameters.
#[derive(Clone, PartialEq, Debug)]
pub struct BlockCall {
    /// Where to.
    pub block: Block,
    /// One value for each parameter.
    pub args: Args,
}

/// An instruction. Operands come in the order of the fields, in the text form too.
#[derive(Clone, PartialEq, Debug)]
pub enum InstData {
    /// Integer or nil-pointer constant, sign-extended.
    IConst {
        /// Type of the result.
        ty: Type,
        /// The constant.
        imm: i64,
    },
    /// A float32 constant, by its bits.
    F32Const {
        /// Its bits.
        bits: u32,
    },
    /// A float64 constant, by its bits.
    F64Const {
        /// Its bits.
        bits: u64,
    },
    /// The address of a function's code.
    FuncAddr {
        /// The function.
        func: FuncId,
    },
    /// An address in a data object.
    DataAddr {
        /// The object.
        data: DataId,
        /// Bytes added to it.
        off: i64,
    },
    /// An address in a slot.
    SlotAddr {
        /// The slot.
        slot: Slot,
        /// Bytes added to it.
        off: i32,
    },
    /// An operation with one operand.
    Unary {
        /// What is done.
        op: UnaryOp,
        /// Type of the result.
        ty: Type,
        /// The operand.
        arg: Value,
    },
    /// An operation with two operands.
    Binary {
        /// What is done.
        op: BinaryOp,
        /// The operands.
        args: [Value; 2],
    },
    /// Compares integers or addresses: a bool.
    Icmp {
        /// How they are compared.
        cc: IntCC,
        /// The operands.
        args: [Value; 2],
    },
    /// Compares floats: a bool.
    Fcmp {
        /// How they are compared.
        cc: FloatCC,
        /// The operands.
        args: [Value; 2],
    },
    /// The first of `args` if `cond` is not zero, else the second; both are evaluated.
    Select {
        /// The condition, not zero is true.
        cond: Value,
        /// The values.
        args: [Value; 2],
    },
    /// `args[0] * args[1] + args[2]`, rounded once.
    Fma {
        /// The operands.
        args: [Value; 3],
    },
    /// Full-width add/sub with carry: results (sum, carry-out as I64 0/1).
    AddCarry {
        /// The operands and the carry in, 0 or 1.
        args: [Value; 3],
    },
    /// As `AddCarry`, the difference and the borrow.
    SubBorrow {
        /// The operands and the borrow in, 0 or 1.
        args: [Value; 3],
    },
    /// Reads a scalar.
    Load {
        /// Type of the result.
        ty: Type,
        /// The address.
        addr: Value,
        /// Bytes added to it.
        off: i32,
        /// What is known of the access.
        flags: MemFlags,
    },
    /// Writes a scalar.
    Store {
        /// The address.
        addr: Value,
        /// What is written.
        val: Value,
        /// Bytes added to it.
        off: i32,
        /// What is known of the access.
        flags: MemFlags,
    },
    /// Copies `size` bytes; regions may be identical or disjoint. `barrier` is the type descriptor when
    /// the destination may be in the heap and the type has pointers (becomes `runtime.typedmemmove`).
    MemCopy {
        /// Where to.
        dst: Value,
        /// Where from.
        src: Value,
        /// In bytes.
        size: u64,
        /// Known alignment of the addresses, in bytes.
        align: u32,
        /// Type descriptor, where write barriers are needed.
        barrier: Option<DataId>,
    },
    /// Fills with zeros; see `MemCopy`.
    MemZero {
        /// Where to.
        dst: Value,
        /// In bytes.
        size: u64,
        /// Known alignment of the addresses, in bytes.
        align: u32,
        /// Type descriptor, where write barriers are needed.
        barrier: Option<DataId>,
    },
    /// A zeroed object of `size` bytes, in the heap (`runtime.newobject(typ)`) unless escape analysis moves it to a slot.
    Alloc {
        /// Descriptor of the type.
        typ: DataId,
        /// In bytes.
        size: u64,
        /// Known alignment of the addresses, in bytes.
        align: u32,
    },
    /// Faults if the address is nil.
    NilCheck {
        /// The address.
        addr: Value,
    },
    /// A sequentially consistent read.
    AtomicLoad {
        /// Type of the result.
        ty: Type,
        /// The address.
        addr: Value,
    },
    /// A sequentially consistent write.
    AtomicStore {
        /// The address.
        addr: Value,
        /// What is written.
        val: Value,
    },
    /// A sequentially consistent read-modify-write; gives the old value.
    AtomicRmw {
        /// What is done.
        op: AtomicOp,
        /// The address.
        addr: Value,
        /// The operand.
        val: Value,
    },
    /// Results: the old value.
    AtomicCas {
        /// The address.
        addr: Value,
        /// What must be there.
        expected: Value,
        /// What is put there.
        new: Value,
    },
    /// The current `G*`.
    GetG,
    /// Frame pointer of this function.
    GetFp,
    /// Frame pointer of the caller (what this frame saved).
    GetCallerFp,
    /// Return address of this function.
    GetCallerPc,
    /// Stack pointer of this function.
    GetSp,
    /// Keeps a value alive to this point.
    KeepAlive {
        /// The operand.
        arg: Value,
    },
    /// Hint in spin loops.
    Pause,
    /// What the slot holds will not be read: it is written anew. No code; the collector need not look at it.
    Forget {
        /// The slot.
        slot: Slot,
    },
    /// A call.
    Call {
        /// What is called.
        callee: Callee,
        /// The arguments.
        args: Args,
    },

    // Terminators.
    /// Goes on in another block.
    Jump(BlockCall),
    /// `cond` is I8. Lowering puts exits and panics in `then_`.
    Brif {
        /// The condition, not zero is true.
        cond: Value,
        /// Where to if it is.
        then_: BlockCall,
        /// Where to if it is not.
        else_: BlockCall,
    },
    /// Dense jump table over an unsigned integer of any width.
    BrTable {
        /// The index.
        index: Value,
        /// Where to, by index.
        targets: Vec<BlockCall>,
        /// Where to beyond the table.
        default: BlockCall,
    },
    /// Returns.
    Return {
        /// The scalars of the results.
        args: Args,
    },
    /// Call in tail position with identical results.
    TailCall {
        /// What is called.
        callee: Callee,
        /// The arguments.
        args: Args,
    },
    /// Never reached (after a call that does not return).
    Unreachable,
    /// Fills the first three words {landing pc, sp, fp} of the record in `slot` and goes on at `next`;
    /// control may enter `landing` later, through the runtime only, with the record's address as its parameter.
    RecoveryPoint {
        /// The recovery record.
        slot: Slot,
        /// Where control goes on.
        next: BlockCall,
        /// Where it goes on after a recovered panic.
        landing: Block,
    },
}

impl InstData {
    /// Does it end a block?
    pub fn is_terminator(&self) -> bool {
        matches!(
            self,
            InstData::Jump(_)
                | InstData::Brif { .. }
                | InstData::BrTable { .. }
                | InstData::Return { .. }
                | InstData::TailCall { .. }
                | InstData::Unreachable
                | InstData::RecoveryPoint { .. }
        )
    }

    /// The result follows from the operands and `g` alone. (But divisions may fault.)
    pub fn is_computation(&self) -> bool {
        matches!(
            self,
            InstData::IConst { .. }
                | InstData::F32Const { .. }
                | InstData::F64Const { .. }
                | InstData::FuncAddr { .. }
                | InstData::DataAddr { .. }
                | InstData::SlotAddr { .. }
                | InstData::Unary { .. }
                | InstData::Binary { .. }
                | InstData::Icmp { .. }
                | InstData::Fcmp { .. }
                | InstData::Select { .. }
                | InstData::Fma { .. }
                | InstData::AddCarry { .. }
                | InstData::SubBorrow { .. }
                | InstData::GetG
        )
    }

    /// Calls `f` on every value used, branch arguments included.
    pub fn for_each_use(&self, mut f: impl FnMut(Value)) {
        // One traversal serves both: a clone is mutated and thrown away only in the rare cases
        // where a caller needs `&self`; the instruction data is small.
        self.clone().for_each_use_mut(|v| f(*v));
    }

    /// Calls `f` on every value used, branch arguments included, allowing replacement.
    pub fn for_each_use_mut(&mut self, mut f: impl FnMut(&mut Value)) {
        use InstData::*;
        let callee_uses = |c: &mut Callee, f: &mut dyn FnMut(&mut Value)| match c {
            Callee::Func(_) => {}
            Callee::Closure { func, .. } => f(func),
            Callee::Indirect { addr, .. } => f(addr),
        };
        match self {
            IConst { .. }
            | F32Const { .. }
            | F64Const { .. }
            | FuncAddr { .. }
            | DataAddr { .. }
            | SlotAddr { .. }
            | Alloc { .. }
            | GetG
            | GetFp
            | GetCallerFp
            | GetCallerPc
            | GetSp
            | Pause
            | Forget { .. }
            | Unreachable => {}
            Unary { arg, .. } | NilCheck { addr: arg } | KeepAlive { arg } => f(arg),
            Binary { args, .. } | Icmp { args, .. } | Fcmp { args, .. } => args.iter_mut().for_each(f),
            Select { cond, args } => {
                f(cond);
                args.iter_mut().for_each(f);
            }
            Fma { args } | AddCarry { args } | SubBorrow { args } => args.iter_mut().for_each(f),
            Load { addr, .. } | AtomicLoad { addr, .. } | MemZero { dst: addr, .. } => f(addr),
            Store { addr, val, .. } | AtomicStore { addr, val } | AtomicRmw { addr, val, .. } => {
                f(addr);
                f(val);
            }
            MemCopy { dst, src, .. } => {
                f(dst);
                f(src);
            }
            AtomicCas { addr, expected, new } => {
                f(addr);
                f(expected);
                f(new);
            }
            Call { callee, args } | TailCall { callee, args } => {
                callee_uses(callee, &mut f);
                args.iter_mut().for_each(f);
            }
            Jump(b) | RecoveryPoint { next: b, .. } => b.args.iter_mut().for_each(f),
            Brif { cond, then_, else_ } => {
                f(cond);
                then_.args.iter_mut().chain(else_.args.iter_mut()).for_each(f);
            }
            BrTable { index, targets, default } => {
                f(index);
                for t in targets {
                    t.args.iter_mut().for_each(&mut f);
                }
                default.args.iter_mut().for_each(f);
            }
            Return { args } => args.iter_mut().for_each(f),
        }
    }

    /// Calls `f` on every branch target.
    pub fn for_each_target(&self, mut f: impl FnMut(&BlockCall)) {
        match self {
            InstData::Jump(b) => f(b),
            InstData::Brif { then_, else_, .. } => {
                f(then_);
                f(else_);
            }
            InstData::BrTable { targets, default, .. } => {
                targets.iter().for_each(&mut f);
                f(default);
            }
            InstData::RecoveryPoint { next, .. } => f(next),
            _ => {}
        }
    }

    /// Calls `f` on every branch target, allowing changes.
    pub fn for_each_target_mut(&mut self, mut f: impl FnMut(&mut BlockCall)) {
        match self {
            InstData::Jump(b) => f(b),
            InstData::Brif { then_, else_, .. } => {
                f(then_);
                f(else_);
            }
            InstData::BrTable { targets, default, .. } => {
                targets.iter_mut().for_each(&mut f);
                f(default);
            }
            InstData::RecoveryPoint { next, .. } => f(next),
            _ => {}
        }
    }

    /// Successor blocks, in order, `landing` included.
    pub fn successors(&self) -> SmallVec<[Block; 2]> {
        match self {
            InstData::Jump(b) => [b.block].into_iter().collect(),
            InstData::Brif { then_, else_, .. } => [then_.block, else_.block].into_iter().collect(),
            InstData::BrTable { targets, default, .. } => {
                targets.iter().map(|t| t.block).chain([default.block]).collect()
            }
            InstData::RecoveryPoint { next, landing, .. } => [next.block, *landing].into_iter().collect(),
            _ => SmallVec::new(),
        }
    }
}
