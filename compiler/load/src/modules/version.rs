//! Modules at versions, and the order of versions.

use std::cmp::Ordering;
use std::fmt;

/// A module at a version. Main modules and folders have none.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct ModuleVersion {
    /// The module path.
    pub path: String,
    /// Its version; empty for a main module or a folder.
    pub version: String,
}

impl ModuleVersion {
    /// That version of that module.
    pub fn new(path: &str, version: &str) -> ModuleVersion {
        ModuleVersion { path: path.into(), version: version.into() }
    }

    /// An error about the module, as `go` words it.
    pub fn error(&self, msg: &str) -> String {
        match self.version.as_str() {
            "" => format!("module {}: {msg}", self.path),
            version => format!("{}@{version}: {msg}", self.path),
        }
    }

    /// What an error says apart from that it is about the module.
    pub fn without_name<'e>(&self, error: &'e str) -> &'e str {
        error.strip_prefix(&self.error("")).unwrap_or(error)
    }
}

impl fmt::Display for ModuleVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.version.as_str() {
            "" => f.write_str(&self.path),
            version => write!(f, "{}@{version}", self.path),
        }
    }
}

/// A semantic version, `v1.2.3-pre+build`, in parts. The minor and the patch number may be missing.
struct Parts<'a> {
    numbers: [&'a str; 3],
    count: usize,
    pre: &'a str,
    build: &'a str,
}

fn split(version: &str) -> Option<Parts<'_>> {
    let text = version.strip_prefix('v')?;
    let (text, build) = text.split_at(text.find('+').unwrap_or(text.len()));
    let (core, pre) = text.split_at(text.find('-').unwrap_or(text.len()));
    let mut parts = Parts { numbers: ["0"; 3], count: 0, pre, build };
    for number in core.split('.') {
        let is_number = !number.is_empty() && number.bytes().all(|c| c.is_ascii_digit());
        if !is_number || (number.len() > 1 && number.starts_with('0')) {
            return None;
        }
        *parts.numbers.get_mut(parts.count)? = number;
        parts.count += 1;
    }
    let is_identifier = |id: &str| !id.is_empty() && id.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'-');
    let is_bad_number = |id: &str| id.len() > 1 && id.starts_with('0') && id.bytes().all(|c| c.is_ascii_digit());
    let identifiers = |text: &str, numbers: bool| {
        text.is_empty() || text[1..].split('.').all(|id| is_identifier(id) && !(numbers && is_bad_number(id)))
    };
    let complete = parts.count == 3 || (pre.is_empty() && build.is_empty());
    (complete && identifiers(pre, true) && identifiers(build, false)).then_some(parts)
}

/// Is that a semantic version as Go has them?
pub fn is_valid(version: &str) -> bool {
    split(version).is_some()
}

/// The version with all three numbers and without what follows a `+`, but for `+incompatible`; none: it is no version.
pub fn canonical(version: &str) -> Option<String> {
    let Parts { numbers: [major, minor, patch], pre, build, .. } = split(version)?;
    let build = if build == "+incompatible" { build } else { "" };
    Some(format!("v{major}.{minor}.{patch}{pre}{build}"))
}

/// `v2` of `v2.3.4`.
fn major(version: &str) -> &str {
    version.split('.').next().unwrap_or_default()
}

/// Compares as semantic versioning does. What is no version comes first.
pub fn compare(a: &str, b: &str) -> Ordering {
    fn numbers(a: &str, b: &str) -> Ordering {
        a.len().cmp(&b.len()).then_with(|| a.cmp(b))
    }
    fn identifiers(a: &str, b: &str) -> Ordering {
        let is_number = |id: &str| id.bytes().all(|c| c.is_ascii_digit());
        match (is_number(a), is_number(b)) {
            (true, true) => numbers(a, b),
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
            (false, false) => a.cmp(b),
        }
    }
    let (a, b) = match (split(a), split(b)) {
        (Some(a), Some(b)) => (a, b),
        (a, b) => return a.is_some().cmp(&b.is_some()),
    };
    let core = a.numbers.iter().zip(b.numbers).map(|(a, b)| numbers(a, b)).find(|order| order.is_ne());
    core.unwrap_or(Ordering::Equal).then_with(|| match (a.pre, b.pre) {
        ("", "") => Ordering::Equal,
        ("", _) => Ordering::Greater,
        (_, "") => Ordering::Less,
        (a, b) => {
            let (mut a, mut b) = (a[1..].split('.'), b[1..].split('.'));
            loop {
                match (a.next(), b.next()) {
                    (None, None) => return Ordering::Equal,
                    (None, Some(_)) => return Ordering::Less,
                    (Some(_), None) => return Ordering::Greater,
                    (Some(p), Some(q)) if p == q => {}
                    (Some(p), Some(q)) => return identifiers(p, q),
                }
            }
        }
    })
}

/// The major version that a module path ends in: `/v2`, `.v2` for gopkg.in, or nothing. `None`: the end is malformed.
pub fn path_major(path: &str) -> Option<&str> {
    if path.starts_with("gopkg.in/") {
        let stem = path.strip_suffix("-unstable").unwrap_or(path);
        let stem = stem.trim_end_matches(|c: char| c.is_ascii_digit());
        let start = stem.strip_suffix(".v")?.len();
        let digits = &path[start + 2..];
        let zero = digits.starts_with('0') && digits != "0";
        return (!digits.is_empty() && !zero).then(|| &path[start..]);
    }
    let stem = path.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    let (Some(prefix), true) = (stem.strip_suffix("/v"), stem.len() < path.len()) else { return Some("") };
    let digits = &path[stem.len()..];
    let good = !digits.contains('.') && !digits.starts_with('0') && digits != "1";
    good.then(|| &path[prefix.len()..])
}

/// Does the version fit to the end of the module path? The error is what `go` says of the version.
pub fn check_path_major(version: &str, path_major: &str) -> Result<(), String> {
    let suffix = match path_major.starts_with(".v") {
        true => path_major.strip_suffix("-unstable").unwrap_or(path_major),
        false => path_major,
    };
    let major = major(version);
    let wanted = match suffix.get(1..) {
        // An old fault of generated versions.
        Some("v1") if suffix.starts_with('.') && version.starts_with("v0.0.0-") => return Ok(()),
        Some(wanted) if wanted == major => return Ok(()),
        Some(wanted) => wanted,
        None if matches!(major, "v0" | "v1") || version.ends_with("+incompatible") => return Ok(()),
        None => "v0 or v1",
    };
    Err(invalid(version, &format!("should be {wanted}, not {major}")))
}

/// What `go` says of a version.
pub fn invalid(version: &str, why: &str) -> String {
    format!("version {version:?} invalid: {why}")
}

/// Upper-case letters in module cache paths are written `!x`.
pub fn escape(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for c in path.chars() {
        if c.is_ascii_uppercase() {
            out.push('!');
        }
        out.push(c.to_ascii_lowercase());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order() {
        let ordered = [
            "bad",
            "v0.9.0",
            "v1.0.0-alpha",
            "v1.0.0-alpha.1",
            "v1.0.0-beta.2",
            "v1.0.0-beta.11",
            "v1.0.0",
            "v1.10.0",
            "v1.99999999999999999999999.0",
        ];
        for pair in ordered.windows(2) {
            assert_eq!(compare(pair[0], pair[1]), Ordering::Less, "{pair:?}");
        }
        assert_eq!(compare("v2.0.0+incompatible", "v2.0.0"), Ordering::Equal);
        assert_eq!(compare("v1", "v1.0.0"), Ordering::Equal);
        assert_eq!(escape("github.com/BurntSushi/toml"), "github.com/!burnt!sushi/toml");
    }

    #[test]
    fn forms() {
        assert_eq!(canonical("v1.2").as_deref(), Some("v1.2.0"));
        assert_eq!(canonical("v2.0.0-a.1+incompatible").as_deref(), Some("v2.0.0-a.1+incompatible"));
        assert_eq!(canonical("v2.0.0+meta").as_deref(), Some("v2.0.0"));
        for bad in ["1.2.3", "v1.2.3.4", "v01.2.3", "v1.2-a", "v1.2.3-01", "v1.2.3-", "v", "v1..2", "master"] {
            assert!(!is_valid(bad), "{bad}");
        }
    }

    #[test]
    fn majors() {
        for (path, major) in [
            ("a.b/c", Some("")),
            ("a.b/c/v2", Some("/v2")),
            ("a.b/c/v1", None),
            ("a.b/c/v02", None),
            ("a.b/c/v2.1", None),
            ("a.b/cv2", Some("")),
            ("gopkg.in/yaml.v3", Some(".v3")),
            ("gopkg.in/yaml.v2-unstable", Some(".v2-unstable")),
            ("gopkg.in/yaml", None),
        ] {
            assert_eq!(path_major(path), major, "{path}");
        }
        assert!(check_path_major("v2.0.0", "/v2").is_ok() && check_path_major("v2.0.0+incompatible", "").is_ok());
        assert_eq!(
            check_path_major("v2.0.0", "").unwrap_err(),
            "version \"v2.0.0\" invalid: should be v0 or v1, not v2"
        );
        assert!(check_path_major("v0.0.0-20161208181325-20d25e280405", ".v1").is_ok());
    }
}
