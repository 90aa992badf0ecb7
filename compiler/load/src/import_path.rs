//! Which paths of imports, modules and files are well-formed. Errors are what `go` says.

use std::path::Path;

use golift_syntax::literal::go_quote_char;

use crate::paths::clean;

/// What a path names.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Import,
    File,
}

/// Is it a folder beside the importing one?
pub fn is_relative(path: &str) -> bool {
    path.starts_with("./") || path.starts_with("../") || path == "." || path == ".."
}

/// May not stand in an import path.
pub fn is_illegal(c: char) -> bool {
    c.is_whitespace() || c.is_control() || "!\"#$%&'()*,:;<=>?[]^`{|}\\\u{fffd}".contains(c)
}

/// Why no module can have such a package.
pub fn malformed_import(path: &str) -> Option<String> {
    malformed(path, Kind::Import)
}

/// Why no module can have such a file.
pub fn malformed_file(path: &str) -> Option<String> {
    malformed(path, Kind::File)
}

fn malformed(path: &str, kind: Kind) -> Option<String> {
    let why = match path {
        "" => "empty string",
        _ if path.starts_with('-') && kind == Kind::Import => "leading dash",
        _ if path.contains("//") => "double slash",
        _ if path.ends_with('/') => "trailing slash",
        _ => return path.split('/').find_map(|elem| malformed_element(elem, kind)),
    };
    Some(why.into())
}

fn malformed_element(elem: &str, kind: Kind) -> Option<String> {
    const DEVICES: [&str; 22] = [
        "CON", "PRN", "AUX", "NUL", "COM1", "COM2", "COM3", "COM4", "COM5", "COM6", "COM7", "COM8", "COM9", "LPT1",
        "LPT2", "LPT3", "LPT4", "LPT5", "LPT6", "LPT7", "LPT8", "LPT9",
    ];
    if elem.is_empty() {
        return Some("empty path element".into());
    }
    if elem.chars().all(|c| c == '.') {
        return Some(format!("invalid path element {elem:?}"));
    }
    if elem.ends_with('.') {
        return Some("trailing dot in path element".into());
    }
    let is_good = |c: char| match kind {
        Kind::Import => c.is_ascii_alphanumeric() || "-._~+".contains(c),
        Kind::File if c.is_ascii() => c.is_ascii_alphanumeric() || "!#$%&()+,-.=@[]^_{}~ ".contains(c),
        Kind::File => golift_syntax::unicode::is_letter(c),
    };
    if let Some(bad) = elem.chars().find(|&c| !is_good(c)) {
        return Some(format!("invalid char {}", go_quote_char(bad)));
    }
    let short = elem.split('.').next().unwrap_or_default();
    if DEVICES.iter().any(|device| device.eq_ignore_ascii_case(short)) {
        return Some(format!("{short:?} disallowed as path element component on Windows"));
    }
    let digits = short.rsplit_once('~').map_or("", |(_, digits)| digits);
    if kind == Kind::Import && !digits.is_empty() && digits.bytes().all(|c| c.is_ascii_digit()) {
        return Some("trailing tilde and digits in path element".into());
    }
    None
}

/// What the compiler says to an import path that leads to no package.
pub fn refusal(path: &str) -> String {
    let clean = clean(Path::new(path));
    if path == "main" {
        return "cannot import \"main\"".into();
    }
    if path.starts_with('/') {
        return "import path cannot be absolute path".into();
    }
    if !is_relative(path) && clean.as_os_str() != path {
        return format!("non-canonical import path {path:?} (should be {clean:?})");
    }
    "open : no such file or directory".into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn imports() {
        for (path, why) in [
            ("a/b.c/d-e_f~g+h", None),
            ("", Some("empty string")),
            ("-a", Some("leading dash")),
            ("a//b", Some("double slash")),
            ("a/", Some("trailing slash")),
            ("a/../b", Some("invalid path element \"..\"")),
            ("a/b.", Some("trailing dot in path element")),
            ("a/b c", Some("invalid char ' '")),
            ("a/com1.x/b", Some("\"com1\" disallowed as path element component on Windows")),
            ("a/x~12", Some("trailing tilde and digits in path element")),
        ] {
            assert_eq!(malformed_import(path).as_deref(), why, "{path}");
        }
    }

    #[test]
    fn files() {
        for name in ["a b!.txt", "ü", "-x", "x~1"] {
            assert_eq!(malformed_file(name), None, "{name}");
        }
        for name in ["don't.txt", "a:b.txt", "COM1", "a\nb", "a\\b", "x.", "..", "a*", "a?", "<", "\"", "|", "`", ";"] {
            assert!(malformed_file(name).is_some(), "{name}");
        }
    }
}
