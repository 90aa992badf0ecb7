//! The classes of characters that Go's grammar and its messages refer to.
//!
//! The tables are made from those of Go's package unicode by `tests/unicode.rs`, which also compares them: Rust's own are of the version
//! of Unicode that the Rust compiler has.

use crate::unicode_tables::{DIGITS, LETTERS, PRINTABLE};

/// Is `c` a letter (of a category L)?
pub fn is_letter(c: char) -> bool {
    if c.is_ascii() { c.is_ascii_alphabetic() } else { contains(LETTERS, c) }
}

/// Is `c` a decimal digit (of category Nd)?
pub fn is_digit(c: char) -> bool {
    if c.is_ascii() { c.is_ascii_digit() } else { contains(DIGITS, c) }
}

/// Does Go show `c` as it is: a letter, mark, number, punctuation, symbol, or the ASCII space?
pub fn is_printable(c: char) -> bool {
    if c.is_ascii() { c == ' ' || c.is_ascii_graphic() } else { contains(PRINTABLE, c) }
}

fn contains(ranges: &[(u32, u32)], c: char) -> bool {
    let c = u32::from(c);
    let after = ranges.partition_point(|&(first, _)| first <= c);
    after.checked_sub(1).is_some_and(|i| c <= ranges[i].1)
}
