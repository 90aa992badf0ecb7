//! Constant values: exact arithmetic on booleans, strings, integers, fractions and complex numbers.
//!
//! Floating-point constants are fractions as long as numerator and denominator stay below
//! [`MAX_RATIO_BITS`] bits, and 512-bit binary numbers beyond. The *kind* of a value (integer, float, complex) follows its
//! literal and the operations on it, not its numeric value: `2.0` is a float until something asks for an integer.
//!
//! Long sums of strings (generated tables) must not cost quadratic time or memory: a concatenation appends to the buffer
//! of its left operand when that operand is the last that was made in the buffer, and the operand keeps its length.

use std::cmp::Ordering;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, OnceLock};

use golift_syntax::{BinaryOp, LitKind, UnaryOp};
use num_bigint::BigInt;
use num_integer::Integer;
use num_rational::BigRational;
use num_traits::{One, Signed, ToPrimitive, Zero};

use crate::bigfloat::{BigFloat, ratio_to_f32, ratio_to_f64};

const MAX_RATIO_BITS: u64 = 4 << 10;

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

    fn concat(&self, other: &ConstStr) -> ConstStr {
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

    fn from_ratio(r: BigRational) -> ConstValue {
        if r.numer().bits() < MAX_RATIO_BITS && r.denom().bits() < MAX_RATIO_BITS {
            return V::Ratio(Arc::new(r));
        }
        V::from_bigfloat(BigFloat::from_ratio(r.numer(), r.denom()))
    }

    fn from_bigfloat(f: Option<BigFloat>) -> ConstValue {
        match f {
            Some(f) if f.signum() == 0 => V::Ratio(Arc::new(BigRational::zero())),
            Some(f) => V::Float(Arc::new(f)),
            None => V::Unknown,
        }
    }

    fn complex(re: ConstValue, im: ConstValue) -> ConstValue {
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

    fn to_bigfloat(&self) -> Option<BigFloat> {
        match self {
            V::Int(x) => BigFloat::new(BigInt::from(*x), 0),
            V::Big(x) => BigFloat::new((**x).clone(), 0),
            V::Ratio(r) => BigFloat::from_ratio(r.numer(), r.denom()),
            V::Float(f) => Some((**f).clone()),
            _ => None,
        }
    }

    fn to_ratio(&self) -> Option<BigRational> {
        match self {
            V::Int(x) => Some(BigRational::from_integer(BigInt::from(*x))),
            V::Big(x) => Some(BigRational::from_integer((**x).clone())),
            V::Ratio(r) => Some((**r).clone()),
            _ => None,
        }
    }

    fn to_bigint_exact(&self) -> Option<BigInt> {
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

// ----------------------------------------------------------------------------
// Literals

/// The value of a number or rune or string literal; unknown if it is malformed.
pub fn literal(kind: LitKind, text: &str) -> ConstValue {
    match kind {
        LitKind::Int => int_literal(text).map_or(V::Unknown, V::from_bigint),
        LitKind::Float => float_literal(text),
        LitKind::Imag => {
            let digits = text.strip_suffix('i').unwrap_or(text);
            let plain = digits.replace('_', "");
            let im = if !plain.is_empty() && plain.bytes().all(|b| b.is_ascii_digit()) {
                // For historical reasons such a literal is decimal, whatever it starts with.
                plain.parse::<BigInt>().map_or(V::Unknown, |x| V::from_bigint(x).to_float())
            } else {
                match int_literal(digits) {
                    Some(x) => V::from_bigint(x).to_float(),
                    None => float_literal(digits),
                }
            };
            V::complex(V::Int(0), im)
        }
        LitKind::Rune => {
            let inner = text.strip_prefix('\'').and_then(|t| t.strip_suffix('\'')).unwrap_or("");
            let mut rest = inner;
            match unquote_char(&mut rest) {
                Some(Unquoted::Char(c)) if rest.is_empty() => V::Int(i64::from(c)),
                Some(Unquoted::Byte(b)) if rest.is_empty() => V::Int(i64::from(b)),
                _ => V::Unknown,
            }
        }
        LitKind::String => string_literal(text).map_or(V::Unknown, V::from_str_bytes),
    }
}

fn int_literal(text: &str) -> Option<BigInt> {
    let plain;
    let text = if text.contains('_') {
        plain = text.replace('_', "");
        &plain
    } else {
        text
    };
    let (digits, radix) = match text.as_bytes() {
        [b'0', b'x' | b'X', ..] => (&text[2..], 16),
        [b'0', b'b' | b'B', ..] => (&text[2..], 2),
        [b'0', b'o' | b'O', ..] => (&text[2..], 8),
        [b'0', _, ..] => (&text[1..], 8),
        _ => (text, 10),
    };
    if digits.len() <= 15 {
        return i64::from_str_radix(digits, radix).ok().map(BigInt::from);
    }
    BigInt::parse_bytes(digits.as_bytes(), radix)
}

fn float_literal(text: &str) -> ConstValue {
    let text = text.replace('_', "");
    let hex = text.starts_with("0x") || text.starts_with("0X");
    let body = if hex { &text[2..] } else { &text[..] };
    let markers: &[char] = if hex { &['p', 'P'] } else { &['e', 'E'] };
    let (mantissa, exp) = match body.find(markers) {
        Some(i) => (&body[..i], &body[i + 1..]),
        None => (body, "0"),
    };
    let Ok(exp) = exp.parse::<i64>() else {
        return if exp.starts_with('-') { V::Ratio(Arc::new(BigRational::zero())) } else { V::Unknown };
    };
    let (whole, frac) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{frac}");
    let radix = if hex { 16 } else { 10 };
    let Some(digits) = BigInt::parse_bytes(digits.as_bytes(), radix) else {
        return V::Unknown;
    };
    let (base, exp) = if hex {
        (2u32, exp.saturating_sub(4 * frac.len() as i64))
    } else {
        (10u32, exp.saturating_sub(frac.len() as i64))
    };
    if digits.is_zero() {
        return V::Ratio(Arc::new(BigRational::zero()));
    }
    // As in gc: a fraction, of whatever length, where the value is of moderate size.
    let value = BigFloat::from_digits(digits.clone(), base, exp);
    let magnitude = value.as_ref().map_or(0, BigFloat::exponent).unsigned_abs();
    if value.as_ref().is_some_and(|x| x.signum() != 0) && magnitude < MAX_RATIO_BITS {
        let power = num_traits::pow(BigInt::from(base), exp.unsigned_abs() as usize);
        let ratio = if exp >= 0 { BigRational::from_integer(digits * power) } else { BigRational::new(digits, power) };
        return V::Ratio(Arc::new(ratio));
    }
    V::from_bigfloat(value)
}

/// The bytes that a string literal means.
pub fn string_literal(text: &str) -> Option<Vec<u8>> {
    if let Some(raw) = text.strip_prefix('`') {
        let raw = raw.strip_suffix('`')?;
        return Some(raw.bytes().filter(|&b| b != b'\r').collect());
    }
    let inner = text.strip_prefix('"')?.strip_suffix('"')?;
    if !inner.contains('\\') {
        return Some(inner.as_bytes().to_vec());
    }
    let mut out = Vec::with_capacity(inner.len());
    let mut rest = inner;
    while !rest.is_empty() {
        match unquote_char(&mut rest)? {
            Unquoted::Byte(b) => out.push(b),
            Unquoted::Char(c) => {
                let c = char::from_u32(c)?;
                out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
            }
        }
    }
    Some(out)
}

enum Unquoted {
    Byte(u8),
    Char(u32),
}

fn unquote_char(rest: &mut &str) -> Option<Unquoted> {
    let mut chars = rest.chars();
    let c = chars.next()?;
    if c != '\\' {
        *rest = chars.as_str();
        return Some(Unquoted::Char(u32::from(c)));
    }
    let escape = chars.next()?;
    let simple = match escape {
        'a' => Some(7),
        'b' => Some(8),
        'f' => Some(12),
        'n' => Some(10),
        'r' => Some(13),
        't' => Some(9),
        'v' => Some(11),
        '\\' => Some(u32::from('\\')),
        '\'' => Some(u32::from('\'')),
        '"' => Some(u32::from('"')),
        _ => None,
    };
    if let Some(c) = simple {
        *rest = chars.as_str();
        return Some(Unquoted::Char(c));
    }
    let (digits, radix, skip) = match escape {
        'x' => (2, 16, true),
        'u' => (4, 16, true),
        'U' => (8, 16, true),
        '0'..='7' => (3, 8, false),
        _ => return None,
    };
    let text = if skip { chars.as_str() } else { &rest[1..] };
    let value = u32::from_str_radix(text.get(..digits)?, radix).ok()?;
    *rest = &text[digits..];
    if digits <= 3 { u8::try_from(value).ok().map(Unquoted::Byte) } else { Some(Unquoted::Char(value)) }
}

// ----------------------------------------------------------------------------
// Operations

/// `op x`. `unsigned_bits` limits the result of `^` on unsigned types; 0 is no limit.
pub fn unary_op(op: UnaryOp, x: &ConstValue, unsigned_bits: u32) -> ConstValue {
    match (op, x) {
        (UnaryOp::Plus, _) => x.clone(),
        (UnaryOp::Neg, V::Int(v)) => match v.checked_neg() {
            Some(v) => V::Int(v),
            None => V::from_bigint(-BigInt::from(*v)),
        },
        (UnaryOp::Neg, V::Big(v)) => V::from_bigint(-(**v).clone()),
        (UnaryOp::Neg, V::Ratio(r)) => V::Ratio(Arc::new(-(**r).clone())),
        (UnaryOp::Neg, V::Float(f)) => V::Float(Arc::new(f.neg())),
        (UnaryOp::Neg, V::Complex(c)) => V::complex(unary_op(op, &c.0, 0), unary_op(op, &c.1, 0)),
        (UnaryOp::Xor, V::Int(_) | V::Big(_)) => {
            let v = x.to_bigint_exact().unwrap_or_default();
            let mut z = -v - 1;
            if unsigned_bits > 0 {
                z &= (BigInt::one() << unsigned_bits) - 1;
            }
            V::from_bigint(z)
        }
        (UnaryOp::Not, V::Bool(b)) => V::Bool(!b),
        _ => V::Unknown,
    }
}

/// `x op y` for all operators but comparisons and shifts. `Div` of two integers is exact unless `int_div` is set.
/// Unknown for a zero divisor.
pub fn binary_op(x: &ConstValue, op: BinaryOp, y: &ConstValue, int_div: bool) -> ConstValue {
    match (x, y) {
        (V::Bool(a), V::Bool(b)) => match op {
            BinaryOp::AndAnd => V::Bool(*a && *b),
            BinaryOp::OrOr => V::Bool(*a || *b),
            _ => V::Unknown,
        },
        (V::Str(a), V::Str(b)) if op == BinaryOp::Add => V::Str(a.concat(b)),
        (V::Int(a), V::Int(b)) => small_op(*a, op, *b, int_div).unwrap_or_else(|| big_op(x, op, y, int_div)),
        (V::Int(_) | V::Big(_), V::Int(_) | V::Big(_)) => big_op(x, op, y, int_div),
        (V::Unknown, _) | (_, V::Unknown) => V::Unknown,
        (V::Complex(_), _) | (_, V::Complex(_)) => complex_op(&x.to_complex(), op, &y.to_complex()),
        (V::Bool(_) | V::Str(_), _) | (_, V::Bool(_) | V::Str(_)) => V::Unknown,
        _ => float_op(x, op, y),
    }
}

fn small_op(a: i64, op: BinaryOp, b: i64, int_div: bool) -> Option<ConstValue> {
    Some(V::Int(match op {
        BinaryOp::Add => a.checked_add(b)?,
        BinaryOp::Sub => a.checked_sub(b)?,
        BinaryOp::Mul => a.checked_mul(b)?,
        BinaryOp::Div if int_div && b != 0 => a.checked_div(b)?,
        BinaryOp::Rem if b != 0 => a.checked_rem(b)?,
        BinaryOp::And => a & b,
        BinaryOp::Or => a | b,
        BinaryOp::Xor => a ^ b,
        BinaryOp::AndNot => a & !b,
        _ => return None,
    }))
}

fn big_op(x: &ConstValue, op: BinaryOp, y: &ConstValue, int_div: bool) -> ConstValue {
    let (Some(a), Some(b)) = (x.to_bigint_exact(), y.to_bigint_exact()) else {
        return V::Unknown;
    };
    V::from_bigint(match op {
        BinaryOp::Add => a + b,
        BinaryOp::Sub => a - b,
        BinaryOp::Mul => a * b,
        BinaryOp::Div | BinaryOp::Rem if b.is_zero() => return V::Unknown,
        BinaryOp::Div if int_div => a / b,
        BinaryOp::Div => return V::from_ratio(BigRational::new(a, b)),
        BinaryOp::Rem => a % b,
        BinaryOp::And => a & b,
        BinaryOp::Or => a | b,
        BinaryOp::Xor => a ^ b,
        BinaryOp::AndNot => a & !b,
        _ => return V::Unknown,
    })
}

fn float_op(x: &ConstValue, op: BinaryOp, y: &ConstValue) -> ConstValue {
    if op == BinaryOp::Div && y.sign() == 0 {
        return V::Unknown;
    }
    if let (Some(a), Some(b)) = (x.to_ratio(), y.to_ratio()) {
        return match op {
            BinaryOp::Add => V::from_ratio(a + b),
            BinaryOp::Sub => V::from_ratio(a - b),
            BinaryOp::Mul => V::from_ratio(a * b),
            BinaryOp::Div => V::from_ratio(a / b),
            _ => V::Unknown,
        };
    }
    let (Some(a), Some(b)) = (x.to_bigfloat(), y.to_bigfloat()) else {
        return V::Unknown;
    };
    V::from_bigfloat(match op {
        BinaryOp::Add => a.add(&b),
        BinaryOp::Sub => a.sub(&b),
        BinaryOp::Mul => a.mul(&b),
        BinaryOp::Div => a.div(&b),
        _ => None,
    })
}

fn complex_op(x: &ConstValue, op: BinaryOp, y: &ConstValue) -> ConstValue {
    let (V::Complex(x), V::Complex(y)) = (x, y) else {
        return V::Unknown;
    };
    let (a, b, c, d) = (&x.0, &x.1, &y.0, &y.1);
    let add = |p: &V, q: &V| binary_op(p, BinaryOp::Add, q, false);
    let sub = |p: &V, q: &V| binary_op(p, BinaryOp::Sub, q, false);
    let mul = |p: &V, q: &V| binary_op(p, BinaryOp::Mul, q, false);
    let div = |p: &V, q: &V| binary_op(p, BinaryOp::Div, q, false);
    match op {
        BinaryOp::Add => V::complex(add(a, c), add(b, d)),
        BinaryOp::Sub => V::complex(sub(a, c), sub(b, d)),
        BinaryOp::Mul => V::complex(sub(&mul(a, c), &mul(b, d)), add(&mul(b, c), &mul(a, d))),
        BinaryOp::Div => {
            let s = add(&mul(c, c), &mul(d, d));
            V::complex(div(&add(&mul(a, c), &mul(b, d)), &s), div(&sub(&mul(b, c), &mul(a, d)), &s))
        }
        _ => V::Unknown,
    }
}

/// `x << n` or `x >> n` of an integer.
pub fn shift(x: &ConstValue, left: bool, n: u64) -> ConstValue {
    match x {
        V::Int(v) if !left => V::Int(if n > 63 { v >> 63 } else { v >> n }),
        V::Int(0) => V::Int(0),
        V::Int(_) | V::Big(_) => {
            let v = x.to_bigint_exact().unwrap_or_default();
            // Right shifts of negative numbers round down.
            V::from_bigint(if left { v << n } else { v.div_floor(&(BigInt::one() << n)) })
        }
        _ => V::Unknown,
    }
}

/// `x op y` for a comparison; false if one is unknown.
pub fn compare(x: &ConstValue, op: BinaryOp, y: &ConstValue) -> bool {
    let by = |o: Ordering| match op {
        BinaryOp::Eql => o == Ordering::Equal,
        BinaryOp::Neq => o != Ordering::Equal,
        BinaryOp::Lss => o == Ordering::Less,
        BinaryOp::Leq => o != Ordering::Greater,
        BinaryOp::Gtr => o == Ordering::Greater,
        BinaryOp::Geq => o != Ordering::Less,
        _ => false,
    };
    match (x, y) {
        (V::Unknown, _) | (_, V::Unknown) => false,
        (V::Bool(a), V::Bool(b)) => by(a.cmp(b)),
        (V::Str(a), V::Str(b)) => {
            let b = b.to_bytes();
            by(a.with_bytes(|a| a.cmp(&b[..])))
        }
        (V::Bool(_) | V::Str(_), _) | (_, V::Bool(_) | V::Str(_)) => false,
        (V::Int(a), V::Int(b)) => by(a.cmp(b)),
        (V::Complex(_), _) | (_, V::Complex(_)) => {
            let equal = compare(&x.real(), BinaryOp::Eql, &y.real()) && compare(&x.imag(), BinaryOp::Eql, &y.imag());
            match op {
                BinaryOp::Eql => equal,
                BinaryOp::Neq => !equal,
                _ => false,
            }
        }
        _ => {
            if let (Some(a), Some(b)) = (x.to_bigint_exact(), y.to_bigint_exact()) {
                return by(a.cmp(&b));
            }
            if let (Some(a), Some(b)) = (x.to_ratio(), y.to_ratio()) {
                return by(a.cmp(&b));
            }
            match (x.to_bigfloat(), y.to_bigfloat()) {
                (Some(a), Some(b)) => by(a.cmp(&b)),
                _ => false,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn float(text: &str) -> ConstValue {
        literal(LitKind::Float, text)
    }

    #[test]
    fn literals() {
        assert_eq!(literal(LitKind::Int, "0x_ff").as_i64(), Some(255));
        assert_eq!(literal(LitKind::Int, "0755").as_i64(), Some(493));
        assert_eq!(literal(LitKind::Int, "18446744073709551615").as_u64(), Some(u64::MAX));
        assert_eq!(literal(LitKind::Rune, "'\\u00e9'").as_i64(), Some(0xe9));
        assert_eq!(literal(LitKind::Rune, "'\\''").as_i64(), Some(39));
        assert_eq!(string_literal("\"a\\xff\\101\\n\""), Some(b"a\xffA\n".to_vec()));
        assert_eq!(string_literal("`a\r\\n`"), Some(b"a\\n".to_vec()));
        assert_eq!(literal(LitKind::Imag, "010i").imag().as_i64(), Some(10));
        assert_eq!(float("0x1p-2").as_f64(), Some(0.25));
        assert_eq!(float("1e400").as_f64(), Some(f64::INFINITY));
    }

    #[test]
    fn rounding() {
        for text in [
            "0.1",
            "1e23",
            "4.9e-324",
            "2.2250738585072014e-308",
            "1.7976931348623157e308",
            "3e-324",
            "123456789.123456789",
        ] {
            assert_eq!(float(text).as_f64(), text.parse::<f64>().ok(), "{text}");
            assert_eq!(float(text).as_f32(), text.parse::<f32>().ok(), "{text}");
        }
        assert_eq!(float("16777217").as_f32(), Some(16777216.0));
        assert_eq!(float("1e-46").as_f32(), Some(0.0));
    }

    #[test]
    fn exact_arithmetic() {
        let third = binary_op(&V::Int(1), BinaryOp::Div, &V::Int(3), false);
        let one = binary_op(&third, BinaryOp::Mul, &V::Int(3), false);
        assert_eq!(one.to_int().as_i64(), Some(1));
        let huge = shift(&V::Int(1), true, 200);
        assert_eq!(shift(&huge, false, 199).as_i64(), Some(2));
        assert_eq!(binary_op(&V::Int(-7), BinaryOp::Div, &V::Int(2), true).as_i64(), Some(-3));
        assert_eq!(shift(&V::Int(-7), false, 1).as_i64(), Some(-4));
        assert_eq!(unary_op(UnaryOp::Xor, &V::Int(0), 8).as_i64(), Some(255));
        let big = float("1e5000");
        assert_eq!(binary_op(&big, BinaryOp::Div, &big, false).to_int().as_i64(), Some(1));
        assert!(compare(&float("1e5000"), BinaryOp::Gtr, &float("1e4999")));
    }

    #[test]
    fn formats() {
        assert_eq!(float("3.14159265").to_string(), "3.14159");
        assert_eq!(float("1e100").to_string(), "1e+100");
        assert_eq!(float("1.00000001").to_string(), "1.00000001");
        assert_eq!(float("1e-7").to_string(), "1e-07");
        assert_eq!(float("1234567.5").to_string(), "1.23457e+06");
        assert_eq!(float("0.00001").to_string(), "1e-05");
        assert_eq!(float("1e1000").to_string(), "1e+1000");
        assert_eq!(V::from_str_bytes("a\"b").to_string(), "\"a\\\"b\"");
    }

    #[test]
    fn string_sums_share_their_buffer() {
        let mut sum = V::from_str_bytes("");
        let x = V::from_str_bytes("xyz");
        let first = sum.clone();
        for _ in 0..1000 {
            sum = binary_op(&sum, BinaryOp::Add, &x, false);
        }
        let other = binary_op(&first, BinaryOp::Add, &V::from_str_bytes("q"), false);
        assert_eq!(sum.as_str_bytes().map(|b| b.len()), Some(3000));
        assert_eq!(other.as_str_bytes(), Some(b"q".to_vec()));
    }
}
