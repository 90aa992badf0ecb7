//! Values of rune and string literals, and characters as gc's messages show them.

use crate::unicode::is_printable;

/// `U+0040 '@'`, or only `U+0007` for what cannot be printed (Go's `%#U`).
pub fn go_unicode(c: char) -> String {
    let code = u32::from(c);
    if is_printable(c) { format!("U+{code:04X} '{c}'") } else { format!("U+{code:04X}") }
}

/// A character in single quotes (Go's `%q`).
pub fn go_quote_char(c: char) -> String {
    let code = u32::from(c);
    match c {
        '\'' => r"'\''".into(),
        '\\' => r"'\\'".into(),
        '\x07' => r"'\a'".into(),
        '\x08' => r"'\b'".into(),
        '\x0c' => r"'\f'".into(),
        '\n' => r"'\n'".into(),
        '\r' => r"'\r'".into(),
        '\t' => r"'\t'".into(),
        '\x0b' => r"'\v'".into(),
        _ if is_printable(c) => format!("'{c}'"),
        _ if code < 0x80 => format!(r"'\x{code:02x}'"),
        _ if code < 0x1_0000 => format!(r"'\u{code:04x}'"),
        _ => format!(r"'\U{code:08x}'"),
    }
}

/// The value of a string literal, quotes included; `None` if it is malformed.
/// The value need not be UTF-8.
pub fn unquote_string(literal: &str) -> Option<Vec<u8>> {
    if let Some(raw) = literal.strip_prefix('`') {
        let raw = raw.strip_suffix('`')?;
        return Some(raw.bytes().filter(|&c| c != b'\r').collect());
    }
    let mut rest = literal.strip_prefix('"')?.strip_suffix('"')?;
    let mut value = Vec::with_capacity(rest.len());
    while let Some(at) = rest.find('\\') {
        value.extend_from_slice(&rest.as_bytes()[..at]);
        let (unit, length) = escape(&rest[at..], '"')?;
        match unit {
            Unit::Byte(byte) => value.push(byte),
            Unit::Char(c) => value.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
        rest = &rest[at + length..];
    }
    value.extend_from_slice(rest.as_bytes());
    Some(value)
}

/// The value of a rune literal, quotes included; `None` if it is malformed.
pub fn unquote_rune(literal: &str) -> Option<u32> {
    let inner = literal.strip_prefix('\'')?.strip_suffix('\'')?;
    if inner.starts_with('\\') {
        let (unit, length) = escape(inner, '\'')?;
        return (length == inner.len()).then_some(match unit {
            Unit::Byte(byte) => u32::from(byte),
            Unit::Char(c) => u32::from(c),
        });
    }
    let mut chars = inner.chars();
    let c = chars.next()?;
    chars.next().is_none().then_some(u32::from(c))
}

enum Unit {
    Byte(u8),
    Char(char),
}

/// The escape sequence at the start of `text`, and its length.
fn escape(text: &str, quote: char) -> Option<(Unit, usize)> {
    let c = text[1..].chars().next()?;
    let simple = match c {
        'a' => 7,
        'b' => 8,
        'f' => 12,
        'n' => b'\n',
        'r' => b'\r',
        't' => b'\t',
        'v' => 11,
        '\\' => b'\\',
        _ if c == quote => c as u8,
        '0'..='7' => {
            let value = u32::from_str_radix(text.get(1..4)?, 8).ok()?;
            return Some((Unit::Byte(u8::try_from(value).ok()?), 4));
        }
        'x' => {
            let value = u8::from_str_radix(text.get(2..4)?, 16).ok()?;
            return Some((Unit::Byte(value), 4));
        }
        'u' | 'U' => {
            let length = if c == 'u' { 6 } else { 10 };
            let value = u32::from_str_radix(text.get(2..length)?, 16).ok()?;
            return Some((Unit::Char(char::from_u32(value)?), length));
        }
        _ => return None,
    };
    Some((Unit::Byte(simple), 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings() {
        assert_eq!(unquote_string(r#""a\n\x00\377\u00e9\"""#).unwrap(), b"a\n\x00\xff\xc3\xa9\"");
        assert_eq!(unquote_string("`a\\n\r\n`").unwrap(), b"a\\n\n");
        assert_eq!(unquote_string(r#""\q""#), None);
        assert_eq!(unquote_string(r#""\xé""#), None);
        assert_eq!(unquote_string("\""), None);
        assert_eq!(unquote_string(""), None);
    }

    #[test]
    fn runes() {
        assert_eq!(unquote_rune("'a'"), Some(97));
        assert_eq!(unquote_rune(r"'\''"), Some(39));
        assert_eq!(unquote_rune(r"'\xff'"), Some(255));
        assert_eq!(unquote_rune(r"'\U0010ffff'"), Some(0x10ffff));
        assert_eq!(unquote_rune("'日'"), Some(0x65e5));
        assert_eq!(unquote_rune("'ab'"), None);
        assert_eq!(unquote_rune("''"), None);
    }

    #[test]
    fn characters_in_messages() {
        assert_eq!(go_unicode('@'), "U+0040 '@'");
        assert_eq!(go_unicode('\u{7}'), "U+0007");
        assert_eq!(go_unicode('\u{a0}'), "U+00A0");
        assert_eq!(go_unicode('\u{301}'), "U+0301 '\u{301}'");
        assert_eq!(go_quote_char('\n'), r"'\n'");
        assert_eq!(go_quote_char('"'), "'\"'");
    }
}
