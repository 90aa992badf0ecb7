//! For what a program is built: operating system, architecture, tags; and which files that selects.

use std::ffi::OsStr;

use golift_syntax::constraint::{self, Constraint};

use crate::world;

/// The Go version whose language and library this is.
pub const GO_MINOR: u32 = 27;

const KNOWN_OS: &[&str] = &[
    "aix",
    "android",
    "darwin",
    "dragonfly",
    "freebsd",
    "hurd",
    "illumos",
    "ios",
    "js",
    "linux",
    "nacl",
    "netbsd",
    "openbsd",
    "plan9",
    "solaris",
    "wasip1",
    "windows",
    "zos",
];

const UNIX_OS: &[&str] = &[
    "aix",
    "android",
    "darwin",
    "dragonfly",
    "freebsd",
    "hurd",
    "illumos",
    "ios",
    "linux",
    "netbsd",
    "openbsd",
    "solaris",
];

const KNOWN_ARCH: &[&str] = &[
    "386",
    "amd64",
    "amd64p32",
    "arm",
    "armbe",
    "arm64",
    "arm64be",
    "loong64",
    "mips",
    "mipsle",
    "mips64",
    "mips64le",
    "mips64p32",
    "mips64p32le",
    "ppc",
    "ppc64",
    "ppc64le",
    "riscv",
    "riscv64",
    "s390",
    "s390x",
    "sparc",
    "sparc64",
    "wasm",
];

/// Variables of the environment, other than those for the target, that say what is loaded.
pub const VARIABLES: &[&str] = &[
    "CGO_ENABLED",
    "GO386",
    "GOAMD64",
    "GOARM",
    "GOARM64",
    "GOEXPERIMENT",
    "GOMIPS",
    "GOMIPS64",
    "GOMODCACHE",
    "GOPATH",
    "GOPPC64",
    "GORISCV64",
    "GOWORK",
    "HOME",
];

/// What can be checked. What can be built is up to the code generator.
const TARGETS: &[&str] = &[
    "linux/amd64",
    "linux/arm64",
    "linux/386",
    "linux/arm",
    "linux/loong64",
    "linux/mips",
    "linux/mips64",
    "linux/mips64le",
    "linux/mipsle",
    "linux/ppc64",
    "linux/ppc64le",
    "linux/riscv64",
    "linux/s390x",
    "aix/ppc64",
    "android/386",
    "android/amd64",
    "android/arm",
    "android/arm64",
    "darwin/amd64",
    "darwin/arm64",
    "dragonfly/amd64",
    "freebsd/386",
    "freebsd/amd64",
    "freebsd/arm",
    "freebsd/arm64",
    "illumos/amd64",
    "ios/amd64",
    "ios/arm64",
    "js/wasm",
    "netbsd/386",
    "netbsd/amd64",
    "netbsd/arm",
    "netbsd/arm64",
    "openbsd/386",
    "openbsd/amd64",
    "openbsd/arm",
    "openbsd/arm64",
    "openbsd/ppc64",
    "openbsd/riscv64",
    "plan9/386",
    "plan9/amd64",
    "plan9/arm",
    "solaris/amd64",
    "wasip1/wasm",
    "windows/386",
    "windows/amd64",
    "windows/arm64",
];

/// Experiments that the distribution's baseline turns on. Those of gc's calling convention are
/// missing: a golift program lays out reflection's arguments in memory, as on an architecture without it.
const BASELINE: &[&str] = &["dwarf5", "randomizedheapbase64", "greenteagc", "jsonv2", "sizespecializedmalloc"];

/// Experiments that a program may switch with GOEXPERIMENT.
const EXPERIMENTS: &[&str] = &[
    "arenas",
    "boringcrypto",
    "cgocheck2",
    "dwarf5",
    "fieldtrack",
    "greenteagc",
    "heapminimum512kib",
    "jsonv2",
    "loopvar",
    "mapsplitgroup",
    "newinliner",
    "preemptibleloops",
    "randomizedheapbase64",
    "regabi",
    "regabiargs",
    "regabiwrappers",
    "runtimefreegc",
    "runtimesecret",
    "simd",
    "sizespecializedmalloc",
    "staticlockranking",
];

/// A target and its build tags.
#[derive(Clone, Debug)]
pub struct Context {
    /// The operating system.
    pub goos: String,
    /// The architecture.
    pub goarch: String,
    /// From `-tags`.
    pub tags: Vec<String>,
    /// Experiments that are on.
    pub experiments: Vec<String>,
    /// What the processors of the target are known to have, as tags: `amd64.v1`.
    arch_tags: Vec<String>,
    /// Could files that need cgo be built by `go`?
    pub go_has_cgo: bool,
}

/// How one package deviates from the context. See [`crate::overlay`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Switches {
    /// Choose files as for an architecture that nobody wrote assembly for.
    pub generic: bool,
    /// Files to which `generic` does not apply.
    pub keep: Vec<String>,
    /// `-tags`.
    pub tags: Vec<String>,
}

impl Switches {
    /// Nothing out of the ordinary, apart from the tags.
    pub fn with_tags(tags: &[&str]) -> Switches {
        Switches { tags: tags.iter().map(|&tag| tag.into()).collect(), ..Switches::default() }
    }
}

impl Context {
    /// The error is what `go` prints.
    pub fn new(goos: &str, goarch: &str, tags: Vec<String>, goexperiment: &str) -> Result<Context, String> {
        if !TARGETS.contains(&format!("{goos}/{goarch}").as_str()) {
            return Err(format!("unsupported GOOS/GOARCH pair {goos}/{goarch}"));
        }
        let mut experiments: Vec<String> = BASELINE.iter().map(|&e| e.into()).collect();
        for word in goexperiment.split(',').filter(|w| !w.is_empty()) {
            if word == "none" {
                experiments.clear();
                continue;
            }
            let (name, on) = match word.strip_prefix("no") {
                Some(name) => (name, false),
                None => (word, true),
            };
            if !EXPERIMENTS.contains(&name) {
                return Err(format!("unknown GOEXPERIMENT {name}"));
            }
            experiments.retain(|e| e != name);
            // gc's calling conventions are not ours, whatever the program asks for.
            if on && !name.starts_with("regabi") {
                experiments.push(name.into());
            }
        }
        let level = arch_variable(goarch).and_then(world::variable);
        let arch_tags = arch_tags(goarch, level.as_deref().and_then(OsStr::to_str));
        let go_has_cgo = world::variable("CGO_ENABLED").is_none_or(|value| value != "0");
        Ok(Context { goos: goos.into(), goarch: goarch.into(), tags, experiments, arch_tags, go_has_cgo })
    }

    /// Can the program call assembly?
    pub fn has_assembler(&self) -> bool {
        self.goarch == "amd64"
    }

    /// Is an experiment on?
    pub fn has_experiment(&self, name: &str) -> bool {
        self.experiments.iter().any(|e| e == name)
    }

    /// Does a build tag hold?
    pub fn tag(&self, tag: &str, switches: &Switches) -> bool {
        if tag == self.goarch {
            return !switches.generic;
        }
        if tag == self.goos
            || tag == "gc"
            || (tag == "unix" && UNIX_OS.contains(&self.goos.as_str()))
            || matches!((tag, self.goos.as_str()), ("linux", "android") | ("solaris", "illumos") | ("darwin", "ios"))
        {
            return true;
        }
        if let Some(minor) = tag.strip_prefix("go1.") {
            return minor.parse::<u32>().is_ok_and(|n| (1..=GO_MINOR).contains(&n)) && !minor.starts_with('0');
        }
        if let Some(name) = tag.strip_prefix("goexperiment.") {
            return self.has_experiment(name);
        }
        if tag == "boringcrypto" {
            return self.has_experiment(tag);
        }
        if !switches.generic && self.arch_tags.iter().any(|t| t == tag) {
            return true;
        }
        self.tags.iter().chain(&switches.tags).any(|t| t == tag)
    }

    /// The rule for names like `x_linux_amd64.go` and `x_windows_test.go`.
    pub fn file_name_matches(&self, name: &str, switches: &Switches) -> bool {
        let stem = name.split('.').next().unwrap_or_default();
        let Some(underscore) = stem.find('_') else { return true };
        let mut words: Vec<&str> = stem[underscore..].split('_').collect();
        if words.last() == Some(&"test") {
            words.pop();
        }
        match words[..] {
            [.., os, arch] if KNOWN_OS.contains(&os) && KNOWN_ARCH.contains(&arch) => {
                self.tag(os, switches) && self.tag(arch, switches)
            }
            [.., word] if KNOWN_OS.contains(&word) || KNOWN_ARCH.contains(&word) => self.tag(word, switches),
            _ => true,
        }
    }

    /// Do the constraints in the header of a file hold? The error is a message for that file.
    pub fn header_matches(&self, source: &[u8], switches: &Switches) -> Result<bool, String> {
        let header = Header::scan(source)?;
        let holds = |x: &Constraint| x.eval(&|tag| self.tag(tag, switches));
        if let Some(line) = header.go_build {
            let x = Constraint::parse(line).map_err(|e| format!("parsing //go:build line: {}", e.msg))?;
            return Ok(holds(&x));
        }
        Ok(header.plus_build.iter().filter_map(|line| Constraint::parse(line).ok()).all(|x| holds(&x)))
    }
}

/// The variable that says which processors a program is for.
fn arch_variable(goarch: &str) -> Option<&'static str> {
    Some(match goarch {
        "386" => "GO386",
        "amd64" => "GOAMD64",
        "arm" => "GOARM",
        "arm64" => "GOARM64",
        "mips" | "mipsle" => "GOMIPS",
        "mips64" | "mips64le" => "GOMIPS64",
        "ppc64" | "ppc64le" => "GOPPC64",
        "riscv64" => "GORISCV64",
        _ => return None,
    })
}

/// The tags for a value of that variable: those of all lower levels too. Values that make no sense stand for the default, as with `go`.
fn arch_tags(goarch: &str, value: Option<&str>) -> Vec<String> {
    let value = value.unwrap_or_default();
    let level = |prefix: &str, levels: std::ops::RangeInclusive<u32>, default: u32| {
        let digits = value.strip_prefix(prefix).and_then(|rest| rest.split(',').next());
        digits.and_then(|digits| digits.parse().ok()).filter(|n| levels.contains(n)).unwrap_or(default)
    };
    let one_of = |values: [&'static str; 2]| values.into_iter().find(|v| *v == value).unwrap_or(values[0]).to_owned();
    let names: Vec<String> = match goarch {
        "386" => vec![one_of(["sse2", "softfloat"])],
        "amd64" => (1..=level("v", 1..=4, 1)).map(|n| format!("v{n}")).collect(),
        "arm" => (5..=level("", 5..=7, 7)).map(|n| n.to_string()).collect(),
        "arm64" => {
            let v9 = value.starts_with("v9.");
            let minor = if v9 { level("v9.", 0..=5, 0) } else { level("v8.", 0..=9, 0) };
            let eight = if v9 { (minor + 5).min(9) } else { minor };
            let nine = (0..=minor).filter(|_| v9).map(|n| format!("v9.{n}"));
            nine.chain((0..=eight).map(|n| format!("v8.{n}"))).collect()
        }
        "mips" | "mipsle" | "mips64" | "mips64le" => vec![one_of(["hardfloat", "softfloat"])],
        "ppc64" | "ppc64le" => (8..=level("power", 8..=10, 8)).map(|n| format!("power{n}")).collect(),
        "riscv64" => {
            let year = value.strip_prefix("rva").and_then(|rest| rest.strip_suffix("u64")).unwrap_or_default();
            let year: u32 = year.parse().unwrap_or(20);
            [20, 22, 23].into_iter().filter(|n| *n <= year).map(|n| format!("rva{n}u64")).collect()
        }
        "wasm" => vec!["satconv".into(), "signext".into()],
        _ => Vec::new(),
    };
    names.into_iter().map(|name| format!("{goarch}.{name}")).collect()
}

/// The lines before the package clause that may be constraints.
#[derive(Default, Debug)]
struct Header<'a> {
    go_build: Option<&'a str>,
    /// Only those that a blank line separates from the code.
    plus_build: Vec<&'a str>,
}

impl<'a> Header<'a> {
    fn scan(source: &'a [u8]) -> Result<Header<'a>, String> {
        let mut header = Header::default();
        let mut unseparated = Vec::new();
        let mut in_block_comment = false;
        // Only line comments and blank lines so far.
        let mut leading = true;
        let source = source.strip_prefix(b"\xef\xbb\xbf").unwrap_or(source);
        'lines: for line in source.split(|&b| b == b'\n') {
            let Ok(text) = std::str::from_utf8(line) else {
                if in_block_comment || line.trim_ascii_start().starts_with(b"//") {
                    continue;
                }
                break;
            };
            let mut line = text.trim();
            if line.is_empty() {
                if leading {
                    header.plus_build.append(&mut unseparated);
                }
                continue;
            }
            if !line.starts_with("//") {
                leading = false;
            }
            if !in_block_comment && constraint::is_go_build(line) {
                if header.go_build.replace(line).is_some() {
                    return Err("multiple //go:build comments".into());
                }
            } else if leading && constraint::is_plus_build(line) {
                unseparated.push(line);
            }
            while !line.is_empty() {
                if in_block_comment {
                    let Some(end) = line.find("*/") else { continue 'lines };
                    in_block_comment = false;
                    line = line[end + 2..].trim();
                } else if line.starts_with("//") {
                    continue 'lines;
                } else if let Some(rest) = line.strip_prefix("/*") {
                    in_block_comment = true;
                    line = rest;
                } else {
                    break 'lines;
                }
            }
        }
        Ok(header)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn linux(tags: &[&str]) -> Context {
        Context::new("linux", "amd64", tags.iter().map(|&t| t.into()).collect(), "").unwrap()
    }

    #[test]
    fn names() {
        let context = linux(&[]);
        let generic = Switches { generic: true, ..Switches::default() };
        let matches = |name| context.file_name_matches(name, &Switches::default());
        assert!(matches("a.go") && matches("linux.go") && matches("a_linux.go") && matches("a_linux_amd64_test.go"));
        assert!(!matches("a_windows.go") && !matches("a_linux_arm64.go") && !matches("a_arm64_test.go"));
        assert!(matches("a_foo.go") && matches("a_unix.go"));
        assert!(!context.file_name_matches("a_amd64.go", &generic));
    }

    #[test]
    fn headers() {
        let context = linux(&["debug"]);
        let holds = |source: &str| context.header_matches(source.as_bytes(), &Switches::default());
        assert_eq!(holds("// c\n\n//go:build linux && debug\n\npackage p"), Ok(true));
        assert_eq!(holds("/* x\n//go:build ignore\n*/\npackage p"), Ok(true));
        assert_eq!(holds("// +build !linux\n\npackage p"), Ok(false));
        assert_eq!(holds("// +build !linux\npackage p"), Ok(true));
        assert_eq!(holds("package p\n//go:build ignore\n"), Ok(true));
        assert_eq!(holds("//go:build go1.27 && !go1.28 && goexperiment.jsonv2 && gc && !cgo\npackage p"), Ok(true));
        assert!(holds("//go:build a\n//go:build b\npackage p").is_err());
    }

    #[test]
    fn processors() {
        let tags = |arch, value| arch_tags(arch, value).join(" ");
        assert_eq!(tags("amd64", None), "amd64.v1");
        assert_eq!(tags("amd64", Some("v3")), "amd64.v1 amd64.v2 amd64.v3");
        assert_eq!(tags("amd64", Some("foo")), "amd64.v1");
        assert_eq!(tags("arm", Some("6,softfloat")), "arm.5 arm.6");
        assert_eq!(tags("arm64", Some("v8.2,lse")), "arm64.v8.0 arm64.v8.1 arm64.v8.2");
        assert_eq!(tags("arm64", Some("v9.0")).split(' ').count(), 7);
        assert_eq!(tags("mipsle", Some("softfloat")), "mipsle.softfloat");
        assert_eq!(tags("ppc64le", Some("power9")), "ppc64le.power8 ppc64le.power9");
        assert_eq!(tags("riscv64", Some("rva22u64")), "riscv64.rva20u64 riscv64.rva22u64");
        let generic = Switches { generic: true, ..Switches::default() };
        assert!(!linux(&[]).tag("amd64.v1", &generic));
    }

    #[test]
    fn targets() {
        assert!(Context::new("foo", "amd64", Vec::new(), "").is_err());
        assert!(Context::new("linux", "amd64", Vec::new(), "bar").is_err());
        let context = Context::new("linux", "amd64", Vec::new(), "nojsonv2,arenas").unwrap();
        assert!(!context.tag("goexperiment.jsonv2", &Switches::default()));
        assert!(context.tag("goexperiment.arenas", &Switches::default()));
    }
}
