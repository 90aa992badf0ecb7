//! Instructions.

use crate::data::DataId;
use crate::entities::{Block, FuncId, Slot, Value};
use crate::program::Signature;
use smallvec::SmallVec;

/// Type of an SSA value.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Type {
    I8,
    I16,
    I32,
    I64,
    F32,
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
    pub fn is_float(self) -> bool {
        matches!(self, Type::F32 | Type::F64)
    }
    pub fn is_int(self) -> bool {
        matches!(self, Type::I8 | Type::I16 | Type::I32 | Type::I64)
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum UnaryOp {
    Neg,
    /// Bitwise complement.
    Not,
    FNeg,
    FAbs,
    Sqrt,
    Floor,
    Ceil,
    /// Round toward zero.
    FTrunc,
    /// Round to nearest, ties to even.
    Nearest,
    Clz,
    Ctz,
    Popcnt,
    Bswap,
    Bitrev,
    /// Integer conversions to the result type.
    Sext,
    Zext,
    Trunc,
    /// Signed/unsigned integer to float.
    SToF,
    UToF,
    /// Float to integer. Out of range, and for NaN, as the target's instruction has it: the least integer on x64,
    /// saturating and 0 on arm64.
    FToSSat,
    FToUSat,
    /// f32 ↔ f64.
    FPromote,
    FDemote,
    /// Same bits, int ↔ float of the same size.
    Bitcast,
    PtrToInt,
    IntToPtr,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum BinaryOp {
    Add,
    Sub,
    Mul,
    SDiv,
    UDiv,
    SRem,
    URem,
    And,
    Or,
    Xor,
    /// Shift counts have the type of the shifted value and are below its width.
    Shl,
    LShr,
    AShr,
    Rotl,
    SMulHi,
    UMulHi,
    FAdd,
    FSub,
    FMul,
    FDiv,
    FMin,
    FMax,
    FCopysign,
    /// Ptr + I64 → Ptr.
    PtrAdd,
}

/// Integer comparison.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum IntCC {
    Eq,
    Ne,
    Slt,
    Sle,
    Sgt,
    Sge,
    Ult,
    Ule,
    Ugt,
    Uge,
}

/// Float comparison: `Ne` is true for unordered operands, the others false (Go's operators).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum FloatCC {
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct MemFlags {
    /// The address is known to be valid.
    pub notrap: bool,
    /// Store only: pointer store that needs the write barrier.
    pub barrier: bool,
    /// The memory never changes while the program runs (type descriptors, string literals).
    pub readonly: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum AtomicOp {
    Add,
    And,
    Or,
    Xchg,
}

pub type Args = SmallVec<[Value; 4]>;

/// What a call calls.
#[derive(Clone, PartialEq, Debug)]
pub enum Callee {
    /// A function of the program (Go convention unless its signature says C).
    Func(FuncId),
    /// A func value: the code pointer is its first word and it is passed as first argument; `sig` includes that
    /// first parameter, the call's `args` do not. A nil func value faults.
    Closure { func: Value, sig: Box<Signature> },
    /// A code address; `args` are all of the arguments.
    Indirect { addr: Value, sig: Box<Signature> },
}

/// A branch target with the arguments of its parameters.
#[derive(Clone, PartialEq, Debug)]
pub struct BlockCall {
    pub block: Block,
    pub args: Args,
}

#[derive(Clone, PartialEq, Debug)]
pub enum InstData {
    /// Integer or nil-pointer constant, sign-extended.
    IConst {
        ty: Type,
        imm: i64,
    },
    F32Const {
        bits: u32,
    },
    F64Const {
        bits: u64,
    },
    FuncAddr {
        func: FuncId,
    },
    DataAddr {
        data: DataId,
        off: i64,
    },
    SlotAddr {
        slot: Slot,
        off: i32,
    },
    Unary {
        op: UnaryOp,
        ty: Type,
        arg: Value,
    },
    Binary {
        op: BinaryOp,
        args: [Value; 2],
    },
    Icmp {
        cc: IntCC,
        args: [Value; 2],
    },
    Fcmp {
        cc: FloatCC,
        args: [Value; 2],
    },
    Select {
        cond: Value,
        args: [Value; 2],
    },
    Fma {
        args: [Value; 3],
    },
    /// Full-width add/sub with carry: results (sum, carry-out as I64 0/1).
    AddCarry {
        args: [Value; 3],
    },
    SubBorrow {
        args: [Value; 3],
    },
    Load {
        ty: Type,
        addr: Value,
        off: i32,
        flags: MemFlags,
    },
    Store {
        addr: Value,
        val: Value,
        off: i32,
        flags: MemFlags,
    },
    /// Copies `size` bytes; regions may be identical or disjoint. `barrier` is the type descriptor when
    /// the destination may be in the heap and the type has pointers (becomes `runtime.typedmemmove`).
    MemCopy {
        dst: Value,
        src: Value,
        size: u64,
        align: u32,
        barrier: Option<DataId>,
    },
    MemZero {
        dst: Value,
        size: u64,
        align: u32,
        barrier: Option<DataId>,
    },
    /// A zeroed object of `size` bytes, in the heap (`runtime.newobject(typ)`) unless escape analysis moves it to a slot.
    Alloc {
        typ: DataId,
        size: u64,
        align: u32,
    },
    /// Faults if the address is nil.
    NilCheck {
        addr: Value,
    },
    AtomicLoad {
        ty: Type,
        addr: Value,
    },
    AtomicStore {
        addr: Value,
        val: Value,
    },
    AtomicRmw {
        op: AtomicOp,
        addr: Value,
        val: Value,
    },
    /// Results: the old value.
    AtomicCas {
        addr: Value,
        expected: Value,
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
    GetSp,
    /// Keeps a value alive to this point.
    KeepAlive {
        arg: Value,
    },
    /// Hint in spin loops.
    Pause,
    /// What the slot holds will not be read: it is written anew. No code; the collector need not look at it.
    Forget {
        slot: Slot,
    },
    Call {
        callee: Callee,
        args: Args,
    },

    // Terminators.
    Jump(BlockCall),
    /// `cond` is I8. Lowering puts exits and panics in `then_`.
    Brif {
        cond: Value,
        then_: BlockCall,
        else_: BlockCall,
    },
    /// Dense jump table over an unsigned I64/I32 index.
    BrTable {
        index: Value,
        targets: Vec<BlockCall>,
        default: BlockCall,
    },
    Return {
        args: Args,
    },
    /// Call in tail position with identical results.
    TailCall {
        callee: Callee,
        args: Args,
    },
    /// Never reached (after a call that does not return).
    Unreachable,
    /// Fills the first three words {landing pc, sp, fp} of the record in `slot` and goes on at `next`;
    /// control may enter `landing` later, through the runtime only, with the record's address as its parameter.
    RecoveryPoint {
        slot: Slot,
        next: BlockCall,
        landing: Block,
    },
}

impl InstData {
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
