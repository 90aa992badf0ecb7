//! Which import paths are well-formed.

use std::path::Path;

use crate::paths::clean;

pub fn is_relative(path: &str) -> bool {
    path.starts_with("./") || path.starts_with("../") || path == "." || path == ".."
}

/// May not stand in an import path.
pub fn is_illegal(c: char) -> bool {
    c.is_whitespace() || c.is_control() || "!\"#$%&'()*,:;<=>?[]^`{|}\\\u{fffd}".contains(c)
}

/// Why no module can have such a package. The compiler alone takes letters that the go command does not.
pub fn malformed(path: &str, compiler_alone: bool) -> Option<String> {
    if path.starts_with('-') {
        return Some("leading dash".into());
    }
    if path.contains("//") {
        return Some("double slash".into());
    }
    if path.ends_with('/') {
        return Some("trailing slash".into());
    }
    path.split('/').find_map(|elem| {
        if elem.chars().all(|c| c == '.') {
            return Some(format!("invalid path element {elem:?}"));
        }
        if elem.ends_with('.') {
            return Some("trailing dot in path element".into());
        }
        let is_good = |c: char| compiler_alone || c.is_ascii_alphanumeric() || "-._~+".contains(c);
        let bad = elem.chars().find(|&c| !is_good(c))?;
        Some(format!("invalid char '{bad}'"))
    })
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
