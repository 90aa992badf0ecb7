//! Flags in Go's manner: one dash or two, `-o x` or `-o=x`, flags before arguments.

use std::env;

/// Flags that the commands which load packages share, and a few of their own.
#[derive(Clone, Debug, Default)]
pub struct Flags {
    pub output: Option<String>,
    /// How many `-v`.
    pub verbose: u32,
    /// `-x`: say what is done. `-n`: say it and do nothing.
    pub explain: bool,
    pub dry_run: bool,
    pub keep_work: bool,
    pub rebuild: bool,
    pub trimpath: bool,
    pub tags: Vec<String>,
    pub parallel: Option<usize>,
    pub gcflags: Vec<String>,
    pub ldflags: Vec<String>,
    pub goroot: Option<String>,
    /// `-mod` and `-modfile`.
    pub module_mode: Option<String>,
    pub modfile: Option<String>,
    pub overlay: Option<String>,
    pub json: bool,
    pub deps: bool,
    pub format: Option<String>,
    pub cache: bool,
    /// `version -m`.
    pub modules: bool,
}

/// What a command's flags may be.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Build,
    Run,
    Check,
    List,
    Env,
    Clean,
    Version,
    Plain,
}

/// Parses flags up to the first argument. The error is a usage message.
pub fn parse(kind: Kind, args: &[String]) -> Result<(Flags, Vec<String>), String> {
    let mut flags = Flags::default();
    let from_env = env::var("GOFLAGS").unwrap_or_default();
    for word in from_env.split_whitespace() {
        // As with `go`, flags that this command does not have are ignored here.
        let (name, value) = split_flag(word).ok_or_else(|| format!("parsing $GOFLAGS: non-flag {word:?}"))?;
        let _ = flags.set(kind, name, &mut || value.map(String::from));
    }
    let mut rest = args.iter();
    while let Some(arg) = rest.as_slice().first() {
        let Some((name, value)) = split_flag(arg) else { break };
        rest.next();
        if name.is_empty() {
            break; // `--`
        }
        let has_value = value.is_some();
        match flags.set(kind, name, &mut || value.map(String::from).or_else(|| rest.next().cloned())) {
            Outcome::Ok => {}
            Outcome::Switch if has_value => {
                let value = value.unwrap_or_default();
                match value {
                    "true" | "1" | "t" | "T" | "TRUE" | "True" => {}
                    "false" | "0" | "f" | "F" | "FALSE" | "False" => flags.unset(name),
                    _ => return Err(format!("invalid boolean value {value:?} for -{name}: parse error")),
                }
            }
            Outcome::Switch => {}
            Outcome::NoValue => return Err(format!("flag needs an argument: -{name}")),
            Outcome::Invalid(value) => return Err(format!("invalid value {value:?} for flag -{name}: parse error")),
            Outcome::NotFirst(value) => {
                return Err(format!(
                    "invalid value {value:?} for flag -{name}: -{name} flag must be first flag on command line"
                ));
            }
            Outcome::Unsupported => return Err(format!("flag -{name} is not supported yet")),
            Outcome::Unknown => return Err(format!("flag provided but not defined: -{name}")),
        }
    }
    Ok((flags, rest.cloned().collect()))
}

/// `-C dir`, which comes before everything else. Gives the other arguments.
pub fn change_directory(args: &[String]) -> Result<&[String], String> {
    let Some(("C", value)) = args.first().and_then(|arg| split_flag(arg)) else { return Ok(args) };
    let (dir, rest) = match value {
        Some(dir) => (dir, &args[1..]),
        None => match args.get(1) {
            Some(dir) => (dir.as_str(), &args[2..]),
            None => return Ok(args),
        },
    };
    env::set_current_dir(dir).map_err(|e| format!("go: chdir {dir}: {}", golift_load::describe(&e)))?;
    Ok(rest)
}

enum Outcome {
    Ok,
    Switch,
    NoValue,
    Invalid(String),
    NotFirst(String),
    Unsupported,
    Unknown,
}

/// Name and value of `-name`, `--name`, `-name=value`.
fn split_flag(arg: &str) -> Option<(&str, Option<&str>)> {
    let name = arg.strip_prefix("--").or_else(|| arg.strip_prefix('-'))?;
    if name.is_empty() && arg == "-" {
        return None;
    }
    Some(match name.split_once('=') {
        Some((name, value)) => (name, Some(value)),
        None => (name, None),
    })
}

impl Flags {
    fn set(&mut self, kind: Kind, name: &str, value: &mut dyn FnMut() -> Option<String>) -> Outcome {
        use Kind::*;
        let loads = matches!(kind, Build | Run | Check | List);
        let switch = |flag: &mut bool| {
            *flag = true;
            Outcome::Switch
        };
        match name {
            "v" if kind != Env => {
                self.verbose += 1;
                Outcome::Switch
            }
            "x" if loads || kind == Clean => switch(&mut self.explain),
            "n" if loads || kind == Clean => switch(&mut self.dry_run),
            "a" if loads => switch(&mut self.rebuild),
            "work" if loads => switch(&mut self.keep_work),
            "trimpath" if loads => switch(&mut self.trimpath),
            "json" if matches!(kind, List | Env | Build | Run | Check) => switch(&mut self.json),
            "deps" if kind == List => switch(&mut self.deps),
            "m" if kind == Version => switch(&mut self.modules),
            "cache" if kind == Clean => switch(&mut self.cache),
            "e" | "buildvcs" if loads => Outcome::Switch,
            "o" if kind == Build => set_text(&mut self.output, value),
            "f" if kind == List => set_text(&mut self.format, value),
            "goroot" => set_text(&mut self.goroot, value),
            "tags" if loads => with_value(value, |text| {
                self.tags = text.split([',', ' ']).filter(|t| !t.is_empty()).map(String::from).collect();
            }),
            "p" if loads => match value() {
                None => Outcome::NoValue,
                Some(text) => match text.parse() {
                    Ok(n) if n > 0 => {
                        self.parallel = Some(n);
                        Outcome::Ok
                    }
                    _ => Outcome::Invalid(text),
                },
            },
            "gcflags" if loads => with_value(value, |text| self.gcflags.extend(tool_flags(&text))),
            "ldflags" if loads => with_value(value, |text| self.ldflags.extend(tool_flags(&text))),
            "mod" if loads => set_text(&mut self.module_mode, value),
            "overlay" if loads => set_text(&mut self.overlay, value),
            "modfile" if loads => set_text(&mut self.modfile, value),
            "C" => match value() {
                Some(dir) => Outcome::NotFirst(dir),
                None => Outcome::NoValue,
            },
            "asmflags" | "buildmode" | "pgo" | "pkgdir" if loads => with_value(value, |_| ()),
            "race" | "msan" | "asan" | "cover" | "toolexec" if loads => Outcome::Unsupported,
            _ => Outcome::Unknown,
        }
    }

    fn unset(&mut self, name: &str) {
        match name {
            "v" => self.verbose = 0,
            "x" => self.explain = false,
            "n" => self.dry_run = false,
            "a" => self.rebuild = false,
            "work" => self.keep_work = false,
            "trimpath" => self.trimpath = false,
            "json" => self.json = false,
            "deps" => self.deps = false,
            "cache" => self.cache = false,
            _ => {}
        }
    }
}

fn set_text(slot: &mut Option<String>, value: &mut dyn FnMut() -> Option<String>) -> Outcome {
    with_value(value, |text| *slot = Some(text))
}

fn with_value(value: &mut dyn FnMut() -> Option<String>, set: impl FnOnce(String)) -> Outcome {
    match value() {
        Some(text) => {
            set(text);
            Outcome::Ok
        }
        None => Outcome::NoValue,
    }
}

/// Flags for a tool; a `pattern=` in front is dropped.
fn tool_flags(text: &str) -> Vec<String> {
    match text.split_once('=') {
        Some((pattern, flags)) if !pattern.starts_with(['-', '\'', '"']) && !pattern.contains(' ') => words(flags),
        _ => words(text),
    }
}

/// The words of a list of flags, which may be quoted as a whole.
pub fn words(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let (word, len) = match first {
            '\'' | '"' => match rest[1..].find(first) {
                Some(end) => (&rest[1..=end], end + 2),
                None => (&rest[1..], rest.len()),
            },
            _ => {
                let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
                (&rest[..end], end)
            }
        };
        out.push(word.to_owned());
        rest = rest[len..].trim_start();
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(text: &str) -> Vec<String> {
        text.split_whitespace().map(String::from).collect()
    }

    #[test]
    fn flags_come_first() {
        let (flags, rest) = parse(Kind::Build, &args("-o x --tags=a,b -v -v -trimpath=false ./p -o y")).unwrap();
        assert_eq!(flags.output.as_deref(), Some("x"));
        assert_eq!(flags.tags, ["a", "b"]);
        assert_eq!(flags.verbose, 2);
        assert!(!flags.trimpath);
        assert_eq!(rest, ["./p", "-o", "y"]);
    }

    #[test]
    fn errors() {
        let error = |text| parse(Kind::Build, &args(text)).unwrap_err();
        assert_eq!(error("-foo"), "flag provided but not defined: -foo");
        assert_eq!(error("-o"), "flag needs an argument: -o");
        assert_eq!(error("-p x"), "invalid value \"x\" for flag -p: parse error");
        assert_eq!(error("-v=maybe"), "invalid boolean value \"maybe\" for -v: parse error");
    }

    #[test]
    fn flag_lists() {
        assert_eq!(tool_flags("-e -m"), ["-e", "-m"]);
        assert_eq!(tool_flags("all=-N -l"), ["-N", "-l"]);
        assert_eq!(tool_flags("-X 'main.a=b c'"), ["-X", "main.a=b c"]);
        assert_eq!(tool_flags("'-extldflags=-a -b'"), ["-extldflags=-a -b"]);
    }
}
