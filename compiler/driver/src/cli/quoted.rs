//! Lists of words in one value, as the go command splits them.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};

/// Words between spaces. Quotes around a whole word keep its spaces; quotes inside one mean nothing, and nothing is escaped.
pub fn split(text: &OsStr) -> Result<Vec<OsString>, String> {
    let mut words = Vec::new();
    let mut rest = text.as_bytes();
    loop {
        rest = rest.trim_ascii_start();
        let Some(&first) = rest.first() else { return Ok(words) };
        let word = if matches!(first, b'\'' | b'"') {
            let inside = &rest[1..];
            let end = inside.iter().position(|&b| b == first);
            let end = end.ok_or_else(|| format!("unterminated {} string", char::from(first)))?;
            rest = &inside[end + 1..];
            &inside[..end]
        } else {
            let (word, after) = rest.split_at(rest.iter().position(u8::is_ascii_whitespace).unwrap_or(rest.len()));
            rest = after;
            word
        };
        words.push(OsString::from_vec(word.to_vec()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words() {
        let words = |text: &str| split(OsStr::new(text));
        assert_eq!(words("-e -m").unwrap(), ["-e", "-m"]);
        assert_eq!(words(" -X 'main.a=b  c'\t").unwrap(), ["-X", "main.a=b  c"]);
        assert_eq!(words("'-extldflags=-a -b'\"\"x").unwrap(), ["-extldflags=-a -b", "", "x"]);
        assert_eq!(words("a'b c'd").unwrap(), ["a'b", "c'd"]);
        assert_eq!(words("a 'b").unwrap_err(), "unterminated ' string");
        assert_eq!(split(OsStr::from_bytes(b"\xff \xfe")).unwrap().len(), 2);
    }
}
