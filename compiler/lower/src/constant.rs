//! Constants.

use crate::func::FuncLower;
use crate::operand::Val;
use crate::ty::{Basic, Ty, TyKind};
use golift_ir::{InstData, Type as Ir, Value};
use golift_types::ConstValue;

impl FuncLower<'_, '_> {
    /// A constant as a value of type `t` (boxed if that is an interface).
    pub fn constant(&mut self, c: &ConstValue, t: Ty) -> Val {
        match self.cx.tys.under_kind(t) {
            TyKind::Basic(b) => self.basic_constant(c, *b),
            TyKind::Interface(_) => {
                let from = self.default_type(c);
                let v = self.constant(c, from);
                self.make_interface(v, from, t)
            }
            // Constants convert to pointers only as uintptr-to-unsafe.Pointer does.
            _ => {
                let v = self.b.iconst(Ir::Ptr, c.as_i64().unwrap_or(0));
                Val::one(v)
            }
        }
    }

    fn default_type(&self, c: &ConstValue) -> Ty {
        self.cx.basic(match c {
            ConstValue::Bool(_) => Basic::Bool,
            ConstValue::Str(_) => Basic::String,
            ConstValue::Int(_) | ConstValue::Big(_) => Basic::Int,
            ConstValue::Complex(_) => Basic::Complex128,
            _ => Basic::Float64,
        })
    }

    fn basic_constant(&mut self, c: &ConstValue, b: Basic) -> Val {
        match b {
            Basic::Bool => Val::one(self.b.iconst(Ir::I8, c.as_bool().unwrap_or(false) as i64)),
            Basic::String => self.string_const(&c.as_str_bytes().unwrap_or_default()),
            Basic::Float32 | Basic::Float64 => Val::one(self.float_const(c, b)),
            Basic::Complex64 | Basic::Complex128 => {
                let part = if b == Basic::Complex64 { Basic::Float32 } else { Basic::Float64 };
                let re = self.float_const(&c.real(), part);
                let im = self.float_const(&c.imag(), part);
                Val::from_slice(&[re, im])
            }
            Basic::UnsafePointer | Basic::UntypedNil => Val::one(self.b.iconst(Ir::Ptr, int_bits(c) as i64)),
            _ => {
                let ty = crate::layout::basic_ir(b);
                Val::one(self.b.iconst(ty, sign_extend(int_bits(c), ty)))
            }
        }
    }

    fn float_const(&mut self, c: &ConstValue, b: Basic) -> Value {
        if b == Basic::Float32 {
            let bits = c.to_float().as_f32().unwrap_or(0.0).to_bits();
            self.b.ins(InstData::F32Const { bits }, Ir::F32)
        } else {
            let bits = c.to_float().as_f64().unwrap_or(0.0).to_bits();
            self.b.ins(InstData::F64Const { bits }, Ir::F64)
        }
    }

    /// A string value with these bytes.
    pub fn string_const(&mut self, bytes: &[u8]) -> Val {
        if bytes.is_empty() {
            let p = self.b.nil();
            let n = self.const_int(0);
            return Val::from_slice(&[p, n]);
        }
        let d = self.cx.string_data(bytes);
        let p = self.b.data_addr(d, 0);
        let n = self.const_int(bytes.len() as i64);
        Val::from_slice(&[p, n])
    }
}

/// Two's complement bits of an integer constant.
pub fn int_bits(c: &ConstValue) -> u64 {
    c.to_int().low_u64().unwrap_or(0)
}

/// The bits as the sign-extended immediate of an IR type.
pub fn sign_extend(bits: u64, ty: Ir) -> i64 {
    match ty {
        Ir::I8 => bits as i8 as i64,
        Ir::I16 => bits as i16 as i64,
        Ir::I32 => bits as i32 as i64,
        _ => bits as i64,
    }
}
