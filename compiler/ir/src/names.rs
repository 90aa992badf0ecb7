//! Mnemonics of the text form, shared by printer and parser.

use crate::data::Section;
use crate::inst::{AtomicOp, BinaryOp, FloatCC, IntCC, Type, UnaryOp};

macro_rules! names {
    ($ty:ident, $to:ident, $from:ident: $($variant:ident = $name:literal),* $(,)?) => {
        pub fn $to(x: $ty) -> &'static str {
            match x { $($ty::$variant => $name),* }
        }
        pub fn $from(s: &str) -> Option<$ty> {
            match s { $($name => Some($ty::$variant),)* _ => None }
        }
    };
}

names!(Type, type_name, type_from: I8 = "i8", I16 = "i16", I32 = "i32", I64 = "i64", F32 = "f32", F64 = "f64",
    Ptr = "ptr");

names!(UnaryOp, unary_name, unary_from: Neg = "neg", Not = "not", FNeg = "fneg", FAbs = "fabs", Sqrt = "sqrt",
    Floor = "floor", Ceil = "ceil", FTrunc = "ftrunc", Nearest = "nearest", Clz = "clz", Ctz = "ctz",
    Popcnt = "popcnt", Bswap = "bswap", Bitrev = "bitrev", Sext = "sext", Zext = "zext", Trunc = "trunc",
    SToF = "s_to_f", UToF = "u_to_f", FToSSat = "f_to_s_sat", FToUSat = "f_to_u_sat", FPromote = "fpromote",
    FDemote = "fdemote", Bitcast = "bitcast", PtrToInt = "ptr_to_int", IntToPtr = "int_to_ptr");

names!(BinaryOp, binary_name, binary_from: Add = "add", Sub = "sub", Mul = "mul", SDiv = "sdiv", UDiv = "udiv",
    SRem = "srem", URem = "urem", And = "and", Or = "or", Xor = "xor", Shl = "shl", LShr = "lshr", AShr = "ashr",
    Rotl = "rotl", SMulHi = "smulhi", UMulHi = "umulhi", FAdd = "fadd", FSub = "fsub", FMul = "fmul", FDiv = "fdiv",
    FMin = "fmin", FMax = "fmax", FCopysign = "fcopysign", PtrAdd = "ptr_add");

names!(IntCC, int_cc_name, int_cc_from: Eq = "eq", Ne = "ne", Slt = "slt", Sle = "sle", Sgt = "sgt", Sge = "sge",
    Ult = "ult", Ule = "ule", Ugt = "ugt", Uge = "uge");

names!(FloatCC, float_cc_name, float_cc_from: Eq = "eq", Ne = "ne", Lt = "lt", Le = "le", Gt = "gt", Ge = "ge");

names!(AtomicOp, atomic_name, atomic_from: Add = "atomic_add", And = "atomic_and", Or = "atomic_or",
    Xchg = "atomic_xchg");

names!(Section, section_name, section_from: Rodata = "rodata", Types = "types", Itabs = "itabs", Data = "data",
    Bss = "bss");
