//! Values of flags: which ones are right, in the words of the go command, and which golift can do something with.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};

use golift_load::{Graph, LoadedPackage, Origin, clean};

use super::quoted;

/// Is the value right? The error is what `go` says after the name of the flag.
pub type Check = fn(&OsStr) -> Result<(), String>;

/// Whatever it is, bytes that are not UTF-8 among it.
pub fn any(_: &OsStr) -> Result<(), String> {
    Ok(())
}

/// UTF-8.
pub fn text(value: &OsStr) -> Result<(), String> {
    value.to_str().map(drop).ok_or_else(|| "invalid UTF-8".into())
}

/// `-C` comes before all other flags, where it is taken away; here it is always too late.
pub fn not_first(_: &OsStr) -> Result<(), String> {
    Err("-C flag must be first flag on command line".into())
}

/// A whole number.
pub fn number(value: &OsStr) -> Result<(), String> {
    parse_number(value).map(drop)
}

/// As Go's flag package reads numbers: perhaps with a base.
pub fn parse_number(value: &OsStr) -> Result<i64, String> {
    let text = value.to_str().unwrap_or_default();
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let lower = digits.to_ascii_lowercase();
    let (base, digits) = match lower.get(..2) {
        Some("0x") => (16, &lower[2..]),
        Some("0b") => (2, &lower[2..]),
        Some("0o") => (8, &lower[2..]),
        _ if lower.len() > 1 && lower.starts_with('0') => (8, &lower[1..]),
        _ => (10, &lower[..]),
    };
    let number = i64::from_str_radix(digits, base).ok().filter(|_| !digits.starts_with(['+', '-']));
    number.map(|n| if negative { -n } else { n }).ok_or_else(|| "parse error".into())
}

/// A switch's value, as Go reads it.
pub fn parse_bool(value: &OsStr) -> Option<bool> {
    match value.to_str()? {
        "true" | "1" | "t" | "T" | "TRUE" | "True" => Some(true),
        "false" | "0" | "f" | "F" | "FALSE" | "False" => Some(false),
        _ => None,
    }
}

/// Words, perhaps quoted.
pub fn words(value: &OsStr) -> Result<(), String> {
    quoted::split(value).map(drop)
}

/// A duration of Go.
pub fn duration(value: &OsStr) -> Result<(), String> {
    parse_duration(value).map(drop)
}

/// Nanoseconds, as Go's `time.ParseDuration` reads them.
pub fn parse_duration(value: &OsStr) -> Result<i64, String> {
    const UNITS: [(&str, f64); 8] =
        [("ns", 1.0), ("us", 1e3), ("µs", 1e3), ("μs", 1e3), ("ms", 1e6), ("s", 1e9), ("m", 60e9), ("h", 3600e9)];
    let error = || String::from("parse error");
    let text = value.to_str().ok_or_else(error)?;
    let (sign, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (-1.0, rest),
        None => (1.0, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return Ok(0);
    }
    let mut total = 0.0;
    while !rest.is_empty() || total == 0.0 && text.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').ok_or_else(error)?;
        let number: f64 = rest[..end].parse().map_err(|_| error())?;
        rest = &rest[end..];
        let end = rest.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(rest.len());
        let (_, unit) = UNITS.iter().find(|(name, _)| *name == &rest[..end]).ok_or_else(error)?;
        total += number * unit;
        rest = &rest[end..];
    }
    let bounded = total < i64::MAX as f64 && !text.trim_start_matches(['-', '+']).is_empty();
    if bounded { Ok((sign * total) as i64) } else { Err(error()) }
}

/// `test -v`, which has a third value for programs that read the output.
pub fn verbosity(value: &OsStr) -> Result<(), String> {
    let good = value == "test2json" || parse_bool(value).is_some();
    if good { Ok(()) } else { Err("invalid flag -test.v=".to_owned() + &value.to_string_lossy()) }
}

/// `test -shuffle`.
pub fn shuffle(value: &OsStr) -> Result<(), String> {
    if value == "on" || value == "off" || parse_number(value).is_ok() {
        return Ok(());
    }
    Err(format!(
        "-shuffle argument must be \"on\", \"off\", or an int64: strconv.ParseInt: parsing {value:?}: invalid syntax"
    ))
}

/// What `test -vet` may name; some are old names.
#[rustfmt::skip]
pub const ANALYZERS: &[&str] = &[
    "appends", "asmdecl", "assign", "atomic", "bool", "bools", "buildtag", "buildtags", "cgocall", "composites", "copylocks", "defers",
    "directive", "errorsas", "framepointer", "hostport", "httpresponse", "ifaceassert", "loopclosure", "lostcancel", "methods", "nilfunc",
    "printf", "rangeloops", "shift", "sigchanyzer", "slog", "stdmethods", "stdversion", "stringintconv", "structtag", "testinggoroutine",
    "tests", "timeformat", "unmarshal", "unreachable", "unsafeptr", "unusedresult", "waitgroup",
];

/// `test -vet`.
pub fn vet_list(value: &OsStr) -> Result<(), String> {
    let list = value.to_string_lossy();
    if list.is_empty() {
        return Ok(());
    }
    if list.contains('=') {
        return Err("-vet argument cannot contain equal signs".into());
    }
    if list.contains(' ') {
        return Err("-vet argument is comma-separated list, cannot contain spaces".into());
    }
    let is_single = |name: &&str| matches!(*name, "all" | "off");
    for name in list.split(',') {
        match name {
            "" => return Err("-vet argument contains empty list element".into()),
            name if is_single(&name) || ANALYZERS.contains(&name) => {}
            name => {
                return Err(format!(
                    "-vet argument must be a supported analyzer or a distinguished value; found {name}"
                ));
            }
        }
    }
    match list.split(',').find(is_single) {
        Some(name) if list.contains(',') => {
            Err(format!("-vet does not accept {name:?} in a list with other analyzers"))
        }
        _ => Ok(()),
    }
}

/// Build tags.
pub fn tags(value: &OsStr) -> Result<(), String> {
    parse_tags(value).map(drop)
}

/// The tags of a list.
pub fn parse_tags(value: &OsStr) -> Result<Vec<String>, String> {
    let text = value.to_str().ok_or("invalid UTF-8")?;
    // Once they were separated by spaces.
    if text.contains([' ', '\'']) {
        let words = quoted::split(value)?;
        if text.contains(',') {
            return Err("-tags space-separated list contains comma".into());
        }
        return Ok(words.iter().map(|word| word.to_string_lossy().into_owned()).collect());
    }
    Ok(text.split(',').filter(|tag| !tag.is_empty()).map(String::from).collect())
}

/// The fields that `list -json=Dir,Name` prints.
pub fn fields(value: &OsStr) -> Result<(), String> {
    text(value)
}

/// A compiler that go knows.
pub fn compiler(value: &OsStr) -> Result<(), String> {
    match value.to_str() {
        Some("gc" | "gccgo") => Ok(()),
        _ => Err(format!("unknown compiler {value:?}")),
    }
}

/// The one whose place golift takes.
pub fn only_gc(value: &OsStr) -> Result<(), String> {
    if value == "gc" { Ok(()) } else { Err("golift takes the place of gc only".into()) }
}

/// A mode of counting.
pub fn cover_mode(value: &OsStr) -> Result<(), String> {
    match value.to_str() {
        Some("set" | "count" | "atomic") => Ok(()),
        _ => Err("valid modes are \"set\", \"count\", or \"atomic\"".into()),
    }
}

/// `auto` or a switch's value.
pub fn auto_or_bool(value: &OsStr) -> Result<(), String> {
    let good = value == "auto" || parse_bool(value).is_some();
    if good { Ok(()) } else { Err("value is neither 'auto' nor a valid bool".into()) }
}

/// Go's build modes.
pub const BUILD_MODES: [&str; 8] = ["archive", "c-archive", "c-shared", "default", "shared", "exe", "pie", "plugin"];

/// A mode that golift builds, or none at all.
pub fn build_mode(value: &OsStr) -> Result<(), String> {
    match value.to_str() {
        Some("default" | "exe") => Ok(()),
        // No mode at all: that is found, and said otherwise, when all flags are known.
        Some(mode) if !BUILD_MODES.contains(&mode) => Ok(()),
        _ => Err("golift makes static executables (default, exe)".into()),
    }
}

/// What asks for no profile in particular.
pub fn no_profile(value: &OsStr) -> Result<(), String> {
    if value == "auto" || value == "off" { Ok(()) } else { Err("golift does not optimise by profiles yet".into()) }
}

/// Flags for a tool, perhaps for some packages.
pub fn per_package(value: &OsStr) -> Result<(), String> {
    PerPackage::default().add(value)
}

/// Flags for a tool, each list perhaps for some packages only: `[pattern=]flags`.
#[derive(Clone, Debug, Default, Hash)]
pub struct PerPackage {
    lists: Vec<(Option<String>, Vec<OsString>)>,
}

impl PerPackage {
    /// One more flag. The error is what `go` says after the name of the flag.
    pub fn add(&mut self, value: &OsStr) -> Result<(), String> {
        let value = value.as_bytes().trim_ascii();
        let (pattern, list) = match value.first() {
            None | Some(b'-') => (None, value),
            Some(&first) => {
                let at = value.iter().position(|&b| b == b'=').ok_or("missing =<value> in <pattern>=<value>")?;
                if at == 0 {
                    return Err("missing <pattern> in <pattern>=<value>".into());
                }
                if matches!(first, b'\'' | b'"') {
                    return Err(format!("parameter may not start with quote character {}", char::from(first)));
                }
                (Some(String::from_utf8_lossy(value[..at].trim_ascii()).into_owned()), &value[at + 1..])
            }
        };
        let words = quoted::split(&OsString::from_vec(list.to_vec()))?;
        self.lists.push((pattern, words));
        Ok(())
    }

    /// Is there no flag for any package?
    pub fn is_empty(&self) -> bool {
        self.lists.iter().all(|(_, words)| words.is_empty())
    }

    /// All lists: what they hold must make sense even if no package takes them.
    pub fn all(&self) -> impl Iterator<Item = &[OsString]> {
        self.lists.iter().map(|(_, words)| words.as_slice())
    }

    /// The flags for what the command line names, before anything is loaded.
    pub fn of_named(&self) -> &[OsString] {
        let named = |pattern: &Option<String>| matches!(pattern.as_deref(), None | Some("all"));
        self.lists.iter().rev().find(|(pattern, _)| named(pattern)).map_or(&[], |(_, words)| words)
    }

    /// The flags for a package: the last list whose pattern matches it. Without a pattern, that is what the command line names.
    pub fn of(&self, graph: &Graph, package: usize, cwd: &str) -> &[OsString] {
        let loaded = &graph.packages[package];
        let matches = |pattern: &Option<String>| match pattern {
            None => graph.roots.contains(&package),
            Some(pattern) => matches_package(pattern, loaded, cwd),
        };
        self.lists.iter().rev().find(|(pattern, _)| matches(pattern)).map_or(&[], |(_, words)| words)
    }
}

/// Does a pattern of the command line mean this package?
pub fn matches_package(pattern: &str, package: &LoadedPackage, cwd: &str) -> bool {
    let is_relative = matches!(pattern, "." | "..") || pattern.starts_with("./") || pattern.starts_with("../");
    if is_relative {
        let (dir, pattern) = match pattern.find("...") {
            None => (pattern, ""),
            Some(dots) => {
                let slash = pattern[..dots].rfind('/').unwrap_or(0);
                (&pattern[..slash], &pattern[(slash + 1).min(pattern.len())..])
            }
        };
        let dir = clean(&std::path::Path::new(cwd).join(dir));
        if pattern.is_empty() {
            return package.dir == dir;
        }
        return match package.dir.strip_prefix(&dir) {
            Ok(below) if below.as_os_str().is_empty() => matches_dots(pattern, "."),
            Ok(below) => matches_dots(pattern, &below.to_string_lossy()),
            Err(_) => false,
        };
    }
    match pattern {
        "all" => true,
        "std" => package.origin == Origin::Std,
        "cmd" => package.origin == Origin::Std && package.path.starts_with("cmd/"),
        _ => matches_dots(pattern, &package.path),
    }
}

/// `...` stands for anything; at the end, also the slash before it.
fn matches_dots(pattern: &str, path: &str) -> bool {
    if let Some(prefix) = pattern.strip_suffix("/...")
        && !prefix.contains("...")
    {
        return path == prefix || path.strip_prefix(prefix).is_some_and(|rest| rest.starts_with('/'));
    }
    let mut parts = pattern.split("...");
    let Some(mut rest) = path.strip_prefix(parts.next().unwrap_or_default()) else { return false };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else { return rest.is_empty() };
    for part in middle {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_for_vet() {
        let check = |list: &str| vet_list(OsStr::new(list));
        for good in ["", "off", "all", "printf", "atomic,bools"] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        for (bad, msg) in [
            ("a=b", "-vet argument cannot contain equal signs"),
            ("a b", "-vet argument is comma-separated list, cannot contain spaces"),
            ("printf,", "-vet argument contains empty list element"),
            ("none", "-vet argument must be a supported analyzer or a distinguished value; found none"),
            ("all,printf,bools", "-vet does not accept \"all\" in a list with other analyzers"),
        ] {
            assert_eq!(check(bad), Err(msg.to_owned()), "{bad}");
        }
    }

    #[test]
    fn numbers() {
        let number = |text: &str| parse_number(OsStr::new(text));
        assert_eq!(number("12"), Ok(12));
        assert_eq!(number("-0x10"), Ok(-16));
        assert_eq!(number("010"), Ok(8));
        for bad in ["", "x", "1x", "--1", "-+1", "1.5", "99999999999999999999"] {
            assert_eq!(number(bad), Err("parse error".into()), "{bad}");
        }
    }

    #[test]
    fn patterns() {
        for (pattern, path) in
            [("a/...", "a"), ("a/...", "a/b/c"), ("a...", "abc"), ("...c", "a/c"), ("a...b...c", "axbyc"), ("...", "x")]
        {
            assert!(matches_dots(pattern, path), "{pattern} {path}");
        }
        for (pattern, path) in [("a/...", "ab"), ("a", "ab"), ("a...b", "ac"), ("a...bc...c", "abc")] {
            assert!(!matches_dots(pattern, path), "{pattern} {path}");
        }
    }

    #[test]
    fn lists_of_flags() {
        let add = |text: &str| {
            let mut flags = PerPackage::default();
            flags.add(OsStr::new(text)).map(|()| flags.lists)
        };
        assert_eq!(add("-e -m").unwrap(), [(None, vec!["-e".into(), "-m".into()])]);
        assert_eq!(add("all=-N -l").unwrap(), [(Some("all".into()), vec!["-N".into(), "-l".into()])]);
        assert_eq!(add("-X 'main.a=b c'").unwrap(), [(None, vec!["-X".into(), "main.a=b c".into()])]);
        assert_eq!(add("x").unwrap_err(), "missing =<value> in <pattern>=<value>");
        assert_eq!(add("=x").unwrap_err(), "missing <pattern> in <pattern>=<value>");
        assert_eq!(add("'-a=b'").unwrap_err(), "parameter may not start with quote character '");
        assert_eq!(add("all='x").unwrap_err(), "unterminated ' string");
    }
}
