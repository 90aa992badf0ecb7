//! Operations on constant values: unary, binary, shifts and comparisons, exact.

use std::cmp::Ordering;
use std::sync::Arc;

use golift_syntax::{BinaryOp, UnaryOp};
use num_bigint::BigInt;
use num_integer::Integer;
use num_rational::BigRational;
use num_traits::{One, Zero};

use crate::constant::ConstValue;

use ConstValue as V;

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
    use crate::literal_value::{literal, string_literal};
    use golift_syntax::LitKind;

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
