//! Binary floating-point numbers of 512 bits, for constants that are too large or
//! too small to be kept as fractions.

use num_bigint::{BigInt, BigUint, Sign};
use num_integer::Integer;
use num_traits::{One, Signed, ToPrimitive, Zero};
use std::cmp::Ordering;

const PRECISION: u64 = 512;
/// Exponents outside of this range are errors, as in gc.
const MAX_EXP: i64 = i32::MAX as i64;

/// `mant * 2^exp`, with at most [`PRECISION`] bits in `mant`, which is odd or zero.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BigFloat {
    mant: BigInt,
    exp: i64,
}

impl BigFloat {
    /// Rounds to nearest, ties to even. `None` when the exponent is out of range.
    pub fn new(mant: BigInt, exp: i64) -> Option<BigFloat> {
        BigFloat::rounded(mant, exp, false, PRECISION)
    }

    /// With at most `precision` bits. `sticky`: the true value is a bit larger in magnitude.
    fn rounded(mut mant: BigInt, mut exp: i64, sticky: bool, precision: u64) -> Option<BigFloat> {
        if mant.is_zero() {
            return Some(BigFloat { mant, exp: 0 });
        }
        let bits = mant.bits();
        if bits > precision {
            let drop = bits - precision;
            let negative = mant.is_negative();
            let mag = mant.magnitude();
            let mut q: BigUint = mag >> drop;
            let rest: BigUint = mag - (&q << drop);
            let half = BigUint::one() << (drop - 1);
            let up = match rest.cmp(&half) {
                Ordering::Greater => true,
                Ordering::Equal => sticky || q.is_odd(),
                Ordering::Less => false,
            };
            if up {
                q += 1u32;
            }
            mant = BigInt::from_biguint(if negative { Sign::Minus } else { Sign::Plus }, q);
            exp += drop as i64;
        }
        let zeros = mant.trailing_zeros().unwrap_or(0);
        if zeros > 0 {
            mant >>= zeros;
            exp += zeros as i64;
        }
        let top = exp + mant.bits() as i64;
        if top > MAX_EXP {
            return None;
        }
        if top < -MAX_EXP {
            return Some(BigFloat { mant: BigInt::zero(), exp: 0 });
        }
        Some(BigFloat { mant, exp })
    }

    pub fn from_ratio(num: &BigInt, den: &BigInt) -> Option<BigFloat> {
        // Only the quotient is rounded.
        BigFloat { mant: num.clone(), exp: 0 }.div(&BigFloat { mant: den.clone(), exp: 0 })
    }

    /// `digits * base^exp` for base 10 or 2. For base 10 the result can differ from the nearest number in its last bit, and
    /// then as in gc, because constant expressions show it: see [`power_of_5`].
    pub fn from_digits(digits: BigInt, base: u32, exp: i64) -> Option<BigFloat> {
        if base == 2 || digits.is_zero() || exp == 0 {
            return BigFloat::new(digits, exp);
        }
        if exp.unsigned_abs() > 700_000_000 {
            return if exp > 0 { None } else { BigFloat::new(BigInt::zero(), 0) };
        }
        // All digits count: only the result is rounded.
        let x = BigFloat { mant: digits, exp };
        let power = power_of_5(exp.unsigned_abs())?;
        if exp > 0 { x.mul(&power) } else { x.div(&power) }
    }

    pub fn signum(&self) -> i32 {
        match self.mant.sign() {
            Sign::Minus => -1,
            Sign::NoSign => 0,
            Sign::Plus => 1,
        }
    }

    pub fn neg(&self) -> BigFloat {
        BigFloat { mant: -&self.mant, exp: self.exp }
    }

    /// Exponent of the number written as `0.1… * 2^e`.
    pub fn exponent(&self) -> i64 {
        if self.mant.is_zero() { 0 } else { self.exp + self.mant.bits() as i64 }
    }

    pub fn add(&self, y: &BigFloat) -> Option<BigFloat> {
        if self.mant.is_zero() {
            return Some(y.clone());
        }
        if y.mant.is_zero() {
            return Some(self.clone());
        }
        // A far smaller operand only matters for rounding.
        let gap = self.exponent() - y.exponent();
        let far = 2 * PRECISION as i64 + 8;
        if gap > far {
            return Some(self.clone());
        }
        if gap < -far {
            return Some(y.clone());
        }
        let exp = self.exp.min(y.exp);
        let a = &self.mant << ((self.exp - exp) as u64);
        let b = &y.mant << ((y.exp - exp) as u64);
        BigFloat::new(a + b, exp)
    }

    pub fn sub(&self, y: &BigFloat) -> Option<BigFloat> {
        self.add(&y.neg())
    }

    pub fn mul(&self, y: &BigFloat) -> Option<BigFloat> {
        BigFloat::new(&self.mant * &y.mant, self.exp + y.exp)
    }

    /// `None` for a zero divisor too.
    pub fn div(&self, y: &BigFloat) -> Option<BigFloat> {
        if y.mant.is_zero() {
            return None;
        }
        let shift = (PRECISION + 8 + y.mant.bits()).saturating_sub(self.mant.bits());
        let (q, r) = (&self.mant << shift).div_rem(&y.mant);
        BigFloat::rounded(q, self.exp - y.exp - shift as i64, !r.is_zero(), PRECISION)
    }

    pub fn cmp(&self, y: &BigFloat) -> Ordering {
        let (sx, sy) = (self.signum(), y.signum());
        if sx != sy || sx == 0 {
            return sx.cmp(&sy);
        }
        let by_exp = self.exponent().cmp(&y.exponent());
        if by_exp != Ordering::Equal {
            return if sx > 0 { by_exp } else { by_exp.reverse() };
        }
        let exp = self.exp.min(y.exp);
        (&self.mant << ((self.exp - exp) as u64)).cmp(&(&y.mant << ((y.exp - exp) as u64)))
    }

    pub fn is_int(&self) -> bool {
        self.exp >= 0
    }

    /// The integer value, if it is one of reasonable size.
    pub fn to_int(&self) -> Option<BigInt> {
        if self.exp < 0 || self.exp > 1 << 16 { None } else { Some(&self.mant << (self.exp as u64)) }
    }

    /// The integer that the number is when rounded to fewer bits, downward or upward in magnitude.
    pub fn to_int_rounded(&self, bits: u64, up: bool) -> Option<BigInt> {
        if self.mant.bits() <= bits {
            return self.to_int();
        }
        let drop = self.mant.bits() - bits;
        let mag = self.mant.magnitude() >> drop;
        let mag = if up { mag + 1u32 } else { mag };
        let sign = self.mant.sign();
        BigFloat::new(BigInt::from_biguint(sign, mag), self.exp + drop as i64)?.to_int()
    }

    /// Numerator and denominator, when the exponent is moderate.
    pub fn to_ratio(&self) -> Option<(BigInt, BigInt)> {
        if self.exp.abs() > 1 << 14 {
            return None;
        }
        Some(if self.exp >= 0 {
            (&self.mant << (self.exp as u64), BigInt::one())
        } else {
            (self.mant.clone(), BigInt::one() << ((-self.exp) as u64))
        })
    }

    pub fn to_f64(&self) -> f64 {
        let e = self.exponent();
        if e > 1100 {
            return if self.signum() < 0 { f64::NEG_INFINITY } else { f64::INFINITY };
        }
        if e < -1200 {
            return if self.signum() < 0 { -0.0 } else { 0.0 };
        }
        match self.to_ratio() {
            Some((n, d)) => ratio_to_f64(&n, &d),
            None => 0.0,
        }
    }

    pub fn to_f32(&self) -> f32 {
        let e = self.exponent();
        if e > 200 {
            return if self.signum() < 0 { f32::NEG_INFINITY } else { f32::INFINITY };
        }
        if e < -300 {
            return if self.signum() < 0 { -0.0 } else { 0.0 };
        }
        match self.to_ratio() {
            Some((n, d)) => ratio_to_f32(&n, &d),
            None => 0.0,
        }
    }

    /// `d.ddddde±x`, for values beyond `f64`.
    pub fn format_huge(&self) -> String {
        // x = m * 2^e with 0.5 <= m < 1
        let bits = self.mant.bits() as i64;
        let m = BigFloat { mant: self.mant.clone(), exp: -bits }.to_f64();
        let log = m.abs().log10() + (self.exponent() as f64) * std::f64::consts::LOG10_2;
        let e = log.floor();
        let mut mantissa = 10f64.powf(log - e);
        let mut e = e as i64;
        if mantissa >= 9.999995 {
            mantissa /= 10.0;
            e += 1;
        }
        let sign = if self.signum() < 0 { "-" } else { "" };
        format!("{sign}{}e{}{}", crate::constant::format_g6(mantissa), if e < 0 { '-' } else { '+' }, e.abs())
    }
}

/// `5^n` as package math/big computes it when it reads a decimal number: 64 bits more than the result will have, and another 64 for the
/// squares; the largest power that fits a word comes first.
fn power_of_5(n: u64) -> Option<BigFloat> {
    const EXACT: u64 = 27;
    const POWER_BITS: u64 = PRECISION + 64;
    const SQUARE_BITS: u64 = POWER_BITS + 64;
    let product = |x: &BigFloat, y: &BigFloat, bits| BigFloat::rounded(&x.mant * &y.mant, x.exp + y.exp, false, bits);
    let mut power = BigFloat { mant: BigInt::from(5).pow(n.min(EXACT) as u32), exp: 0 };
    let mut square = BigFloat { mant: BigInt::from(5), exp: 0 };
    let mut rest = n.saturating_sub(EXACT);
    while rest > 0 {
        if rest & 1 == 1 {
            power = product(&power, &square, POWER_BITS)?;
        }
        rest >>= 1;
        if rest > 0 {
            square = product(&square, &square, SQUARE_BITS)?;
        }
    }
    Some(power)
}

/// Correctly rounded quotient.
pub fn ratio_to_f64(num: &BigInt, den: &BigInt) -> f64 {
    let (mant, exp) = round_ratio(num, den, 53, -1074);
    let value = mant.to_f64().unwrap_or(0.0);
    let magnitude = scale(value, exp);
    if num.is_negative() != den.is_negative() { -magnitude } else { magnitude }
}

/// Correctly rounded quotient.
pub fn ratio_to_f32(num: &BigInt, den: &BigInt) -> f32 {
    let (mant, exp) = round_ratio(num, den, 24, -149);
    let value = mant.to_f64().unwrap_or(0.0);
    // Exact in f64 but for overflow.
    let magnitude = scale(value, exp) as f32;
    if num.is_negative() != den.is_negative() { -magnitude } else { magnitude }
}

/// Exact unless the result overflows: the mantissa fits.
fn scale(mut x: f64, mut exp: i64) -> f64 {
    if x == 0.0 {
        return 0.0;
    }
    if exp > 2000 {
        return f64::INFINITY;
    }
    while exp > 1000 {
        x *= 2f64.powi(1000);
        exp -= 1000;
    }
    // The smallest exponent is -1074, where the mantissa is an integer.
    while exp < -1000 {
        x *= 2f64.powi(-500);
        exp += 500;
    }
    x * 2f64.powi(exp as i32)
}

/// `|num/den|` as `mant * 2^exp` with at most `precision` bits and `exp >= min_exp`, rounded to nearest even.
fn round_ratio(num: &BigInt, den: &BigInt, precision: i64, min_exp: i64) -> (BigUint, i64) {
    let (n, d) = (num.magnitude(), den.magnitude());
    if n.is_zero() || d.is_zero() {
        return (BigUint::zero(), 0);
    }
    let mut exp = (n.bits() as i64 - d.bits() as i64 - precision).max(min_exp);
    loop {
        let (q, r, divisor);
        if exp >= 0 {
            divisor = d << (exp as u64);
            (q, r) = n.div_rem(&divisor);
        } else {
            divisor = d.clone();
            (q, r) = (n << ((-exp) as u64)).div_rem(&divisor);
        }
        if q.bits() as i64 > precision {
            exp += 1;
            continue;
        }
        let up = match (r << 1u32).cmp(&divisor) {
            Ordering::Greater => true,
            Ordering::Equal => q.is_odd(),
            Ordering::Less => false,
        };
        return (if up { q + 1u32 } else { q }, exp);
    }
}
