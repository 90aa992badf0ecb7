//! Constant values: exact arithmetic on booleans, strings, integers, fractions and complex numbers.
//!
//! Floating-point constants are fractions as long as numerator and denominator stay below
//! [`MAX_RATIO_BITS`] bits, and 512-bit binary numbers beyond. The *kind* of a value (integer, float, complex) follows its
//! literal and the operations on it, not its numeric value: `2.0` is a float until something asks for an integer.
//!
//! Long sums of strings (generated tables) must not cost quadratic time or memory: a concatenation appends to the buffer
//! of its left operand when that operand is the last that was made in the buffer, and the operand keeps its length.

use std::fmt::Write as _;
use std::sync::{Arc, Mutex, OnceLock};

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Signed, ToPrimitive, Zero};

use crate::bigfloat::{BigFloat, ratio_to_f32, ratio_to_f64};

pub(crate) const MAX_RATIO_BITS: u64 = 4 << 10;

/// The value of a constant. Cheap to clone.
#[derive(Clone, Debug)]
pub enum ConstValue {
    /// After an error.
    Unknown,
    /// Of a boolean constant.
    Bool(bool),
    /// Of a string constant.
    Str(ConstStr),
    /// An integer that fits.
    Int(i64),
    /// Does not fit `i64`.
    Big(Arc<BigInt>),
    /// A fraction of moderate size.
    Ratio(Arc<BigRational>),
    /// Any other float.
    Float(Arc<BigFloat>),
    /// Real and imaginary part.
    Complex(Arc<(ConstValue, ConstValue)>),
}

/// Bytes: a prefix of a buffer that later concatenations may extend, or two parts that nobody has looked into yet.
#[derive(Clone, Debug)]
pub struct ConstStr(Arc<StrRepr>);

#[derive(Debug)]
struct StrRepr {
    len: usize,
    buf: OnceLock<Arc<Mutex<Vec<u8>>>>,
    parts: Option<(ConstStr, ConstStr)>,
}

/// Concatenations with a right operand of this size are put off: `s + s` doubles quickly.
const LAZY_LEN: usize = 64 << 10;

impl ConstStr {
    /// The string of these bytes.
    pub fn new(bytes: impl Into<Vec<u8>>) -> ConstStr {
        let bytes = bytes.into();
        let len = bytes.len();
        ConstStr::prefix(Arc::new(Mutex::new(bytes)), len)
    }

    fn prefix(buf: Arc<Mutex<Vec<u8>>>, len: usize) -> ConstStr {
        ConstStr(Arc::new(StrRepr { len, buf: OnceLock::from(buf), parts: None }))
    }

    /// Bytes.
    pub fn len(&self) -> usize {
        self.0.len
    }

    /// Is it the empty string?
    pub fn is_empty(&self) -> bool {
        self.0.len == 0
    }

    fn buf(&self) -> &Arc<Mutex<Vec<u8>>> {
        self.0.buf.get_or_init(|| {
            let mut out = Vec::with_capacity(self.0.len);
            let mut todo = vec![self.clone()];
            while let Some(s) = todo.pop() {
                match (s.0.buf.get(), &s.0.parts) {
                    (None, Some((a, b))) => {
                        todo.push(b.clone());
                        todo.push(a.clone());
                    }
                    (Some(buf), _) => {
                        let buf = buf.lock().unwrap_or_else(|e| e.into_inner());
                        out.extend_from_slice(&buf[..s.0.len]);
                    }
                    (None, None) => {}
                }
            }
            Arc::new(Mutex::new(out))
        })
    }

    /// Calls `f` with the bytes.
    pub fn with_bytes<R>(&self, f: impl FnOnce(&[u8]) -> R) -> R {
        let buf = self.buf().lock().unwrap_or_else(|e| e.into_inner());
        f(&buf[..self.0.len])
    }

    /// A copy of the bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.with_bytes(<[u8]>::to_vec)
    }

    pub(crate) fn concat(&self, other: &ConstStr) -> ConstStr {
        if other.len() >= LAZY_LEN {
            let len = self.len().saturating_add(other.len());
            let parts = Some((self.clone(), other.clone()));
            return ConstStr(Arc::new(StrRepr { len, buf: OnceLock::new(), parts }));
        }
        let tail = other.to_bytes();
        let shared = self.buf();
        {
            let mut buf = shared.lock().unwrap_or_else(|e| e.into_inner());
            if buf.len() == self.0.len {
                buf.extend_from_slice(&tail);
                let len = buf.len();
                return ConstStr::prefix(shared.clone(), len);
            }
        }
        let mut bytes = self.to_bytes();
        bytes.extend_from_slice(&tail);
        ConstStr::new(bytes)
    }
}

/// In the order of conversion.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum ConstKind {
    /// After an error.
    Unknown,
    /// A boolean.
    Bool,
    /// A string.
    String,
    /// An integer.
    Int,
    /// A float or fraction.
    Float,
    /// A complex number.
    Complex,
}

use ConstValue as V;

impl ConstValue {
    /// Which kind of value it is.
    pub fn kind(&self) -> ConstKind {
        match self {
            V::Unknown => ConstKind::Unknown,
            V::Bool(_) => ConstKind::Bool,
            V::Str(_) => ConstKind::String,
            V::Int(_) | V::Big(_) => ConstKind::Int,
            V::Ratio(_) | V::Float(_) => ConstKind::Float,
            V::Complex(_) => ConstKind::Complex,
        }
    }

    /// Is it that of something with an error?
    pub fn is_unknown(&self) -> bool {
        matches!(self, V::Unknown)
    }

    /// A string constant.
    pub fn from_str_bytes(bytes: impl Into<Vec<u8>>) -> ConstValue {
        V::Str(ConstStr::new(bytes))
    }

    /// An integer constant.
    pub fn from_u64(x: u64) -> ConstValue {
        V::from_bigint(BigInt::from(x))
    }

    /// An integer constant, in the smallest form.
    pub fn from_bigint(x: BigInt) -> ConstValue {
        match x.to_i64() {
            Some(small) => V::Int(small),
            None => V::Big(Arc::new(x)),
        }
    }

    /// A float constant; unknown for infinities and NaN.
    pub fn from_f64(x: f64) -> ConstValue {
        match BigRational::from_float(x) {
            Some(r) => V::from_ratio(r),
            None => V::Unknown,
        }
    }

    pub(crate) fn from_ratio(r: BigRational) -> ConstValue {
        if r.numer().bits() < MAX_RATIO_BITS && r.denom().bits() < MAX_RATIO_BITS {
            return V::Ratio(Arc::new(r));
        }
        V::from_bigfloat(BigFloat::from_ratio(r.numer(), r.denom()))
    }

    pub(crate) fn from_bigfloat(f: Option<BigFloat>) -> ConstValue {
        match f {
            Some(f) if f.signum() == 0 => V::Ratio(Arc::new(BigRational::zero())),
            Some(f) => V::Float(Arc::new(f)),
            None => V::Unknown,
        }
    }

    pub(crate) fn complex(re: ConstValue, im: ConstValue) -> ConstValue {
        if re.is_unknown() || im.is_unknown() {
            return V::Unknown;
        }
        V::Complex(Arc::new((re, im)))
    }

    /// The boolean, if it is one.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            V::Bool(b) => Some(*b),
            _ => None,
        }
    }

    /// The bytes, if it is a string.
    pub fn as_str_bytes(&self) -> Option<Vec<u8>> {
        match self {
            V::Str(s) => Some(s.to_bytes()),
            _ => None,
        }
    }

    /// The value as a big integer, if it is an integer (of any kind).
    pub fn as_bigint(&self) -> Option<BigInt> {
        match self.to_int() {
            V::Int(x) => Some(BigInt::from(x)),
            V::Big(x) => Some((*x).clone()),
            _ => None,
        }
    }

    /// The value as `i64`, if it is an integer that fits.
    pub fn as_i64(&self) -> Option<i64> {
        match self {
            V::Int(x) => Some(*x),
            V::Ratio(_) | V::Float(_) | V::Complex(_) => match self.to_int() {
                V::Int(x) => Some(x),
                _ => None,
            },
            _ => None,
        }
    }

    /// The value as `u64`, if it is an integer that fits.
    pub fn as_u64(&self) -> Option<u64> {
        match self {
            V::Int(x) => u64::try_from(*x).ok(),
            V::Big(x) => x.to_u64(),
            _ => self.as_bigint().and_then(|x| x.to_u64()),
        }
    }

    /// The low 64 bits of an integer constant, in two's complement.
    pub fn low_u64(&self) -> Option<u64> {
        if let Some(x) = self.as_i64() {
            return Some(x as u64);
        }
        let x = self.as_bigint()?;
        let mask = BigInt::from(u64::MAX);
        (x & mask).to_u64()
    }

    /// The nearest `f64`; infinite on overflow. `None` for values that are no real numbers.
    pub fn as_f64(&self) -> Option<f64> {
        match self {
            V::Int(x) => Some(*x as f64),
            V::Big(x) => Some(ratio_to_f64(x, &BigInt::one())),
            V::Ratio(r) => Some(ratio_to_f64(r.numer(), r.denom())),
            V::Float(f) => Some(f.to_f64()),
            V::Complex(c) if c.1.sign() == 0 => c.0.as_f64(),
            _ => None,
        }
    }

    /// The nearest `f32`; infinite on overflow.
    pub fn as_f32(&self) -> Option<f32> {
        match self {
            V::Int(x) => Some(*x as f32),
            V::Big(x) => Some(ratio_to_f32(x, &BigInt::one())),
            V::Ratio(r) => Some(ratio_to_f32(r.numer(), r.denom())),
            V::Float(f) => Some(f.to_f32()),
            V::Complex(c) if c.1.sign() == 0 => c.0.as_f32(),
            _ => None,
        }
    }

    /// Real part of a number.
    pub fn real(&self) -> ConstValue {
        match self {
            V::Complex(c) => c.0.clone(),
            V::Int(_) | V::Big(_) | V::Ratio(_) | V::Float(_) => self.clone(),
            _ => V::Unknown,
        }
    }

    /// Imaginary part of a number.
    pub fn imag(&self) -> ConstValue {
        match self {
            V::Complex(c) => c.1.clone(),
            V::Int(_) | V::Big(_) | V::Ratio(_) | V::Float(_) => V::Int(0),
            _ => V::Unknown,
        }
    }

    /// `re + im*i`.
    pub fn make_complex(re: &ConstValue, im: &ConstValue) -> ConstValue {
        V::complex(re.clone(), im.clone())
    }

    /// Are both parts of a complex number so small that the exponents of their squares cannot be represented?
    pub fn squares_vanish(&self) -> bool {
        let vanishes = |part: &ConstValue| match part {
            V::Float(f) => f.signum() == 0 || 2 * f.exponent() < i64::from(i32::MIN),
            part => part.sign() == 0,
        };
        !self.is_unknown() && vanishes(&self.real()) && vanishes(&self.imag())
    }

    /// Sign of a number; for complex ones 0 only if both parts are. 1 for unknown values.
    pub fn sign(&self) -> i32 {
        match self {
            V::Int(x) => x.signum() as i32,
            V::Big(x) if x.is_negative() => -1,
            V::Big(_) => 1,
            V::Ratio(r) => {
                if r.is_zero() {
                    0
                } else if r.is_negative() {
                    -1
                } else {
                    1
                }
            }
            V::Float(f) => f.signum(),
            V::Complex(c) => c.0.sign() | c.1.sign(),
            _ => 1,
        }
    }

    /// Bits of the absolute value of an integer; 0 for what is none.
    pub fn bit_len(&self) -> u64 {
        match self {
            V::Int(x) => u64::from(64 - x.unsigned_abs().leading_zeros()),
            V::Big(x) => x.bits(),
            _ => 0,
        }
    }

    /// The same number as an integer; unknown if it is none.
    pub fn to_int(&self) -> ConstValue {
        match self {
            V::Int(_) | V::Big(_) => self.clone(),
            V::Ratio(r) if r.is_integer() => V::from_bigint(r.to_integer()),
            V::Float(f) => {
                // Small rounding errors of earlier operations are forgiven.
                if let Some(x) = f.to_int() {
                    return V::from_bigint(x);
                }
                for up in [false, true] {
                    if let Some(x) = f.to_int_rounded(508, up) {
                        return V::from_bigint(x);
                    }
                }
                V::Unknown
            }
            V::Complex(c) if c.1.sign() == 0 => c.0.to_int(),
            _ => V::Unknown,
        }
    }

    /// The same number as a float; unknown if it is none.
    pub fn to_float(&self) -> ConstValue {
        match self {
            V::Int(x) => V::Ratio(Arc::new(BigRational::from_integer(BigInt::from(*x)))),
            V::Big(x) => V::from_ratio(BigRational::from_integer((**x).clone())),
            V::Ratio(_) | V::Float(_) => self.clone(),
            V::Complex(c) if c.1.sign() == 0 => c.0.to_float(),
            _ => V::Unknown,
        }
    }

    /// The same number as a complex one.
    pub fn to_complex(&self) -> ConstValue {
        match self {
            V::Int(_) | V::Big(_) | V::Ratio(_) | V::Float(_) => V::complex(self.clone(), V::Int(0)),
            V::Complex(_) => self.clone(),
            _ => V::Unknown,
        }
    }

    pub(crate) fn to_bigfloat(&self) -> Option<BigFloat> {
        match self {
            V::Int(x) => BigFloat::new(BigInt::from(*x), 0),
            V::Big(x) => BigFloat::new((**x).clone(), 0),
            V::Ratio(r) => BigFloat::from_ratio(r.numer(), r.denom()),
            V::Float(f) => Some((**f).clone()),
            _ => None,
        }
    }

    pub(crate) fn to_ratio(&self) -> Option<BigRational> {
        match self {
            V::Int(x) => Some(BigRational::from_integer(BigInt::from(*x))),
            V::Big(x) => Some(BigRational::from_integer((**x).clone())),
            V::Ratio(r) => Some((**r).clone()),
            _ => None,
        }
    }

    pub(crate) fn to_bigint_exact(&self) -> Option<BigInt> {
        match self {
            V::Int(x) => Some(BigInt::from(*x)),
            V::Big(x) => Some((**x).clone()),
            _ => None,
        }
    }

    /// Rounded to `f32`; unknown on overflow.
    pub fn round_f32(&self) -> ConstValue {
        match self.as_f32() {
            Some(f) if f.is_finite() => V::from_f64(f64::from(f)),
            _ => V::Unknown,
        }
    }

    /// Rounded to `f64`; unknown on overflow.
    pub fn round_f64(&self) -> ConstValue {
        match self.as_f64() {
            Some(f) if f.is_finite() => V::from_f64(f),
            _ => V::Unknown,
        }
    }
}

impl std::fmt::Display for ConstValue {
    /// The short form of messages.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            V::Unknown => f.write_str("unknown"),
            V::Bool(b) => write!(f, "{b}"),
            V::Str(s) => {
                const MAX: usize = 72;
                let quoted = s.with_bytes(|b| quote(&b[..b.len().min(4 * MAX + 16)]));
                if s.len() > MAX && quoted.chars().count() > MAX {
                    let short: String = quoted.chars().take(MAX - 3).collect();
                    write!(f, "{short}...")
                } else {
                    f.write_str(&quoted)
                }
            }
            V::Int(x) => write!(f, "{x}"),
            V::Big(x) => write!(f, "{x}"),
            V::Ratio(r) => {
                let x = self.as_f64().unwrap_or(0.0);
                if x.is_finite() && (x != 0.0 || r.is_zero()) {
                    return f.write_str(&format_short(x, r.is_integer()));
                }
                match self.to_bigfloat() {
                    Some(big) => f.write_str(&big.format_huge()),
                    None => f.write_str("unknown"),
                }
            }
            V::Float(big) => {
                let x = big.to_f64();
                if x.is_finite() && x != 0.0 {
                    f.write_str(&format_short(x, big.to_int().is_some()))
                } else {
                    f.write_str(&big.format_huge())
                }
            }
            V::Complex(c) => write!(f, "({} + {}i)", c.0, c.1),
        }
    }
}

/// Six digits, or as many as it takes if the number would look like an integer and is none.
fn format_short(x: f64, is_integer: bool) -> String {
    let short = format_g6(x);
    if is_integer || short.contains('.') {
        return short;
    }
    let sci = format!("{x:e}");
    let (mantissa, exp) = sci.split_once('e').unwrap_or((&sci, "0"));
    let exp: i32 = exp.parse().unwrap_or(0);
    if (-4..6).contains(&exp) {
        return format!("{x}");
    }
    let sign = if exp < 0 { '-' } else { '+' };
    format!("{mantissa}e{sign}{:02}", exp.abs())
}

/// C's `%.6g`.
pub(crate) fn format_g6(x: f64) -> String {
    if x == 0.0 {
        return "0".into();
    }
    let sci = format!("{:.5e}", x);
    let (mantissa, exp) = sci.split_once('e').unwrap_or((&sci, "0"));
    let exp: i32 = exp.parse().unwrap_or(0);
    if !(-4..6).contains(&exp) {
        let mantissa =
            if mantissa.contains('.') { mantissa.trim_end_matches('0').trim_end_matches('.') } else { mantissa };
        let sign = if exp < 0 { '-' } else { '+' };
        return format!("{mantissa}e{sign}{:02}", exp.abs());
    }
    let fixed = format!("{:.*}", (5 - exp).max(0) as usize, x);
    if fixed.contains('.') { fixed.trim_end_matches('0').trim_end_matches('.').to_string() } else { fixed }
}

/// Quotes bytes as Go's `%q` does.
pub fn quote(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() + 2);
    out.push('"');
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                '"' => out.push_str("\\\""),
                '\\' => out.push_str("\\\\"),
                '\x07' => out.push_str("\\a"),
                '\x08' => out.push_str("\\b"),
                '\x0c' => out.push_str("\\f"),
                '\n' => out.push_str("\\n"),
                '\r' => out.push_str("\\r"),
                '\t' => out.push_str("\\t"),
                '\x0b' => out.push_str("\\v"),
                c if (c as u32) < 0x20 || c == '\x7f' => {
                    let _ = write!(out, "\\x{:02x}", c as u32);
                }
                c if c.is_control() || matches!(c, '\u{feff}' | '\u{2028}' | '\u{2029}') => {
                    let _ = write!(out, "\\u{:04x}", c as u32);
                }
                c => out.push(c),
            }
        }
        for b in chunk.invalid() {
            let _ = write!(out, "\\x{b:02x}");
        }
    }
    out.push('"');
    out
}
