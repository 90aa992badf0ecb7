//! `-gcflags`, `-asmflags` and `-ldflags`: flags of `go tool compile`, `go tool asm` and `go tool link`.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};

use golift_load::{GO_MINOR, Graph};
use golift_syntax::GoVersion;

use crate::cli::quoted;
use crate::cli::values::PerPackage;
use crate::failure::Failure;

/// What `-gcflags` asks for.
#[derive(Clone, Debug, Default)]
pub struct CompileFlags {
    /// `-e`: no limit to the number of errors.
    pub all_errors: bool,
    /// `-lang`: the language version.
    pub lang: Option<GoVersion>,
    /// `-N`
    pub no_optimizer: bool,
    /// `-l`
    pub no_inlining: bool,
    /// `-B`: indices are not checked.
    pub no_bounds_checks: bool,
    /// `-complete=false`: functions may be defined elsewhere.
    pub incomplete: bool,
    /// `-std`: as for the standard library.
    pub std: bool,
    /// `-d=golift/NAME=off,…`: passes that are left out.
    pub passes_off: Vec<&'static str>,
}

impl CompileFlags {
    /// The flags of each package of the graph.
    pub fn of_packages(flags: &PerPackage, graph: &Graph, cwd: &str) -> Result<Vec<CompileFlags>, Failure> {
        (0..graph.packages.len()).map(|package| CompileFlags::parse(flags.of(graph, package, cwd))).collect()
    }

    /// The flags of what the command line names, before it is known what that is. Looks at all others, too.
    pub fn of_named(flags: &PerPackage) -> Result<CompileFlags, Failure> {
        for list in flags.all() {
            CompileFlags::parse(list)?;
        }
        CompileFlags::parse(flags.of_named())
    }

    fn parse(words: &[OsString]) -> Result<CompileFlags, Failure> {
        let mut parsed = CompileFlags::default();
        for flag in words {
            let flag = &*flag.to_string_lossy();
            let (name, value) = split(flag);
            let on = !matches!(value, Some("0" | "false"));
            match name {
                "e" => parsed.all_errors = on,
                "N" => parsed.no_optimizer = on,
                // Higher levels inline more in gc.
                "l" => parsed.no_inlining = matches!(value, None | Some("1" | "true")),
                "B" => parsed.no_bounds_checks = on,
                "std" => parsed.std = on,
                "complete" => parsed.incomplete = !on,
                "d" if value.is_some_and(|v| v.starts_with("golift/")) => {
                    parsed.passes_off.extend(passes(value.unwrap_or_default())?);
                }
                "lang" => parsed.lang = Some(language(value.unwrap_or_default())?),
                _ => return Err(Failure::Usage(format!("golift: -gcflags={flag} is not supported yet"))),
            }
        }
        Ok(parsed)
    }
}

/// `golift/NAME=off,golift/NAME=off`
fn passes(list: &str) -> Result<Vec<&'static str>, Failure> {
    let pass = |text: &str| {
        let name = text.strip_prefix("golift/").and_then(|text| text.strip_suffix("=off"));
        let pass = name.and_then(golift_opt::optional_pass);
        pass.ok_or_else(|| Failure::Usage(format!("golift: -gcflags=-d={text}: no pass that can be left out")))
    };
    list.split(',').map(pass).collect()
}

/// What `-asmflags` asks for, each one word: flags of which the object alone depends.
pub fn assembler_flags(words: &[OsString]) -> Result<Vec<String>, Failure> {
    let mut found = Vec::new();
    let mut words = words.iter().map(|word| word.to_string_lossy());
    while let Some(word) = words.next() {
        match split(&word) {
            ("D", Some(value)) => found.push(format!("-D={value}")),
            ("D", None) => match words.next() {
                Some(value) => found.push(format!("-D={value}")),
                None => return Err(Failure::Message("asm: flag needs an argument: -D".into())),
            },
            ("e", None) => found.push("-e".into()),
            _ => return Err(Failure::Usage(format!("golift: -asmflags={word} is not supported yet"))),
        }
    }
    Ok(found)
}

fn language(text: &str) -> Result<GoVersion, String> {
    let is_version = text.strip_prefix("go1.").is_some_and(|minor| minor.parse::<u32>().is_ok());
    match GoVersion::parse(text).filter(|_| is_version) {
        None => Err(format!("compile: invalid value {text:?} for -lang: should be something like \"go1.12\"")),
        Some(version) if version > GoVersion::LATEST => {
            Err(format!("compile: invalid value {text:?} for -lang: max known version is \"go1.{GO_MINOR}\""))
        }
        Some(version) => Ok(version),
    }
}

/// What `-ldflags` asks for.
#[derive(Clone, Debug, Default)]
pub struct LinkFlags {
    /// `-s`
    pub strip_symbols: bool,
    /// `-w`
    pub strip_debug: bool,
    /// `-X`: names and values.
    pub assignments: Vec<(String, Vec<u8>)>,
    /// `-k`: the variable that gets the list of tracked fields, with the experiment fieldtrack.
    pub field_track: Option<String>,
    /// `-linkmode=external`: another linker makes the executable.
    pub external: bool,
    /// `-extld`, and `-extldflags`.
    pub linker: Option<OsString>,
    /// `-extldflags`
    pub linker_flags: Vec<OsString>,
}

impl LinkFlags {
    /// Refuses what golift does not have, whatever package it is for.
    pub fn check(flags: &PerPackage) -> Result<(), Failure> {
        flags.all().try_for_each(|list| LinkFlags::parse(list).map(drop))
    }

    /// The error is for what golift does not have, or cannot read.
    pub fn parse(words: &[OsString]) -> Result<LinkFlags, Failure> {
        let mut parsed = LinkFlags::default();
        let mut words = words.iter();
        while let Some(flag) = words.next() {
            let bytes = flag.as_bytes();
            let bytes = bytes.strip_prefix(b"--").or_else(|| bytes.strip_prefix(b"-")).unwrap_or(bytes);
            let (name, value) = match bytes.iter().position(|&b| b == b'=') {
                Some(at) => (&bytes[..at], Some(&bytes[at + 1..])),
                None => (bytes, None),
            };
            let mut value = || {
                let next = || words.next().map(|word| word.as_bytes());
                OsString::from_vec(value.or_else(next).unwrap_or_default().to_vec())
            };
            match name {
                b"s" => parsed.strip_symbols = true,
                b"w" => parsed.strip_debug = true,
                b"X" => parsed.assignments.push(parse_assignment(value().as_bytes())?),
                b"k" => parsed.field_track = Some(value().to_string_lossy().into_owned()),
                // Our executables have no build id of this kind.
                b"buildid" => drop(value()),
                b"extld" => parsed.linker = Some(value()).filter(|linker| !linker.is_empty()),
                b"extldflags" => parsed.linker_flags = linker_flags(&value())?,
                b"linkmode" => match value().to_string_lossy().as_ref() {
                    "internal" | "auto" => parsed.external = false,
                    "external" => parsed.external = true,
                    mode => return Err(Failure::Message(format!("golift: link: invalid linkmode: {mode:?}"))),
                },
                _ => {
                    return Err(Failure::Usage(format!("golift: -ldflags={} is not supported yet", flag.display())));
                }
            }
        }
        Ok(parsed)
    }
}

/// `name=value` of a `-X` flag.
fn parse_assignment(text: &[u8]) -> Result<(String, Vec<u8>), String> {
    let at = text.iter().position(|&b| b == b'=').filter(|&at| text[..at].contains(&b'.'));
    let at = at.ok_or("golift: -ldflags: -X flag requires argument of the form importpath.name=value")?;
    Ok((String::from_utf8_lossy(&text[..at]).into_owned(), text[at + 1..].to_vec()))
}

fn linker_flags(text: &OsStr) -> Result<Vec<OsString>, String> {
    quoted::split(text).map_err(|e| format!("golift: link: -extldflags: {e}"))
}

/// Name and value of `-name` or `-name=value`, with one dash or two.
fn split(flag: &str) -> (&str, Option<&str>) {
    let flag = flag.strip_prefix("--").or_else(|| flag.strip_prefix('-')).unwrap_or(flag);
    flag.split_once('=').map_or((flag, None), |(name, value)| (name, Some(value)))
}
