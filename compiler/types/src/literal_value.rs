//! The values of literals: numbers, runes and strings of the source text.

use std::sync::Arc;

use golift_syntax::LitKind;
use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::Zero;

use crate::bigfloat::BigFloat;
use crate::constant::{ConstValue, MAX_RATIO_BITS};

use ConstValue as V;

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
