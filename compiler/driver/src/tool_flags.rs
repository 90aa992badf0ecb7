//! `-gcflags` and `-ldflags`: flags of `go tool compile` and `go tool link`.

use golift_load::GO_MINOR;
use golift_types::GoVersion;

use crate::flags::{self, Flags};
use crate::stamp;

/// What `-gcflags` asks for.
#[derive(Clone, Debug, Default)]
pub struct CompileFlags {
    /// `-e`: no limit to the number of errors.
    pub all_errors: bool,
    /// `-lang`: the language version of the packages that are named.
    pub lang: Option<GoVersion>,
    /// `-N`
    pub no_optimizer: bool,
    /// `-l`
    pub no_inlining: bool,
    /// `-complete=false`: functions may be defined elsewhere.
    pub incomplete: bool,
    /// `-std`: as for the standard library.
    pub std: bool,
}

impl CompileFlags {
    pub fn parse(flags: &Flags) -> Result<CompileFlags, String> {
        let mut parsed = CompileFlags::default();
        for flag in &flags.gcflags {
            let (name, value) = split(flag);
            let on = !matches!(value, Some("0" | "false"));
            match name {
                "e" => parsed.all_errors = on,
                "N" => parsed.no_optimizer = on,
                // Higher levels inline more in gc.
                "l" => parsed.no_inlining = matches!(value, None | Some("1" | "true")),
                "std" => parsed.std = on,
                "complete" => parsed.incomplete = !on,
                "lang" => parsed.lang = Some(language(value.unwrap_or_default())?),
                // Checks that nobody asked to keep may stay.
                "B" => {}
                _ => return Err(format!("golift: -gcflags={flag} is not supported yet")),
            }
        }
        Ok(parsed)
    }
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
    pub strip_symbols: bool,
    pub strip_debug: bool,
    /// `-X`: names and values.
    pub assignments: Vec<(String, String)>,
    /// `-k`: the variable that gets the list of tracked fields, with the experiment fieldtrack.
    pub field_track: Option<String>,
    /// `-linkmode=external`: another linker makes the executable.
    pub external: bool,
    /// `-extld`, and `-extldflags`.
    pub linker: Option<String>,
    pub linker_flags: Vec<String>,
}

impl LinkFlags {
    pub fn parse(flags: &Flags) -> Result<LinkFlags, String> {
        let mut parsed = LinkFlags::default();
        let mut words = flags.ldflags.iter();
        while let Some(flag) = words.next() {
            let (name, value) = split(flag);
            let mut value = || value.map(String::from).or_else(|| words.next().cloned()).unwrap_or_default();
            match name {
                "s" => parsed.strip_symbols = true,
                "w" => parsed.strip_debug = true,
                "X" => parsed.assignments.push(stamp::parse_assignment(&value())?),
                "k" => parsed.field_track = Some(value()),
                // Our executables have no build id of this kind.
                "buildid" => drop(value()),
                "extld" => parsed.linker = Some(value()).filter(|linker| !linker.is_empty()),
                "extldflags" => parsed.linker_flags = flags::words(&value()),
                "linkmode" => match value().as_str() {
                    "internal" | "auto" => parsed.external = false,
                    "external" => parsed.external = true,
                    mode => return Err(format!("golift: link: invalid linkmode: {mode:?}")),
                },
                _ => return Err(format!("golift: -ldflags={flag} is not supported yet")),
            }
        }
        Ok(parsed)
    }
}

/// Name and value of `-name` or `-name=value`, with one dash or two.
fn split(flag: &str) -> (&str, Option<&str>) {
    let flag = flag.strip_prefix("--").or_else(|| flag.strip_prefix('-')).unwrap_or(flag);
    flag.split_once('=').map_or((flag, None), |(name, value)| (name, Some(value)))
}
