//! Reading a command line: what clap, which knows no single dashes, is spared.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::slice::Iter;

use super::flags::Flags;
use super::table::{self, Command, Flag, Form, Support};
use super::{grammar, quoted, values};

/// Why there is nothing to run.
#[derive(Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Flags that make no sense: the usage of the command follows.
    Usage(String),
    /// The same without the usage, in the words of `go`, which ends with 1.
    Message(String),
    /// Something that golift cannot do.
    Unsupported(String),
    /// Somebody asks for help.
    Help,
}

/// Flags, and what follows them.
pub fn parse(command: &Command, goflags: &OsStr, args: &[OsString]) -> Result<(Flags, Vec<OsString>), Refusal> {
    let mut found = from_goflags(command, goflags)?;
    let mut rest = args.iter();
    while let Some((name, value)) = next_flag(&mut rest)? {
        let flag = match table::find_flag(command.id, &name) {
            Some(flag) => flag,
            None if matches!(&*name, "h" | "help") => return Err(Refusal::Help),
            None => return Err(Refusal::Usage(format!("flag provided but not defined: -{name}"))),
        };
        let value = value_of(&name, value, matches!(flag.form, Form::Value(_)), &mut rest)?;
        found.extend(accept(flag, value, "")?);
    }
    let matches = grammar::parse(command, &found).map_err(|e| Refusal::Usage(e.to_string()))?;
    let mut flags = Flags::from_matches(&matches);
    // Programs that go as soon as they have run have no use for a revision.
    flags.build_vcs = flags.build_vcs.filter(|&insist| insist || matches!(command.name, "build" | "install"));
    check_together(&flags)?;
    Ok((flags, rest.cloned().collect()))
}

/// The name of the next word, if that is a flag, and what follows its `=`. The word that ends flags is taken, too.
pub fn next_flag(rest: &mut Iter<OsString>) -> Result<Option<(String, Option<OsString>)>, Refusal> {
    let Some(word) = rest.as_slice().first() else { return Ok(None) };
    let Some(syntax) = Syntax::of(word) else { return Ok(None) };
    rest.next();
    match syntax {
        Syntax::Flag { name, value } => Ok(Some((name, value))),
        Syntax::End => Ok(None),
        Syntax::Bad => Err(bad_syntax(word)),
    }
}

/// The value of a flag: what followed its `=`, the next word if it takes one, `true` otherwise.
pub fn value_of(
    name: &str,
    value: Option<OsString>,
    takes_word: bool,
    rest: &mut Iter<OsString>,
) -> Result<OsString, Refusal> {
    match value {
        Some(value) => Ok(value),
        None if !takes_word => Ok("true".into()),
        None => rest.next().cloned().ok_or_else(|| Refusal::Usage(format!("flag needs an argument: -{name}"))),
    }
}

/// It begins as a flag does, and is none.
pub fn bad_syntax(word: &OsStr) -> Refusal {
    Refusal::Usage(format!("bad flag syntax: {}", word.to_string_lossy()))
}

/// One word as Go's flag package sees it. Not a flag: nothing.
pub enum Syntax {
    Flag { name: String, value: Option<OsString> },
    End,
    Bad,
}

impl Syntax {
    pub fn of(word: &OsStr) -> Option<Syntax> {
        let bytes = word.as_bytes();
        let name = bytes.strip_prefix(b"-").filter(|name| !name.is_empty())?;
        let name = match name.strip_prefix(b"-") {
            Some(b"") => return Some(Syntax::End),
            Some(name) => name,
            None => name,
        };
        if name.starts_with(b"-") || name.starts_with(b"=") {
            return Some(Syntax::Bad);
        }
        let (name, value) = match name.iter().position(|&b| b == b'=') {
            Some(at) => (&name[..at], Some(OsString::from_vec(name[at + 1..].to_vec()))),
            None => (name, None),
        };
        Some(Syntax::Flag { name: String::from_utf8_lossy(name).into_owned(), value })
    }
}

/// What `GOFLAGS` says to this command. What it says to others is no mistake.
pub fn from_goflags(command: &Command, goflags: &OsStr) -> Result<Vec<(&'static Flag, OsString)>, Refusal> {
    const FROM: &str = " (from $GOFLAGS)";
    // Those who look for a mistake in it need an answer.
    let lenient = command.name == "env";
    let error =
        |msg: String| if lenient { Ok(()) } else { Err(Refusal::Message(format!("go: parsing $GOFLAGS: {msg}"))) };
    let mut found = Vec::new();
    let words = match quoted::split(goflags) {
        Ok(words) => words,
        Err(msg) => return error(msg).map(|()| found),
    };
    for word in words {
        let Some(Syntax::Flag { name, value }) = Syntax::of(&word) else {
            error(format!("non-flag {word:?}"))?;
            continue;
        };
        if !table::is_known(&name) {
            error(format!("unknown flag -{name}"))?;
            continue;
        }
        let Some(flag) = table::find_flag(command.id, &name) else { continue };
        let value = match (flag.form, value) {
            (_, Some(value)) => value,
            (Form::Switch | Form::Optional(_), None) => "true".into(),
            (Form::Value(_), None) => {
                return Err(Refusal::Usage(format!("go: flag needs an argument: -{name}{FROM}")));
            }
        };
        found.extend(accept(flag, value, FROM)?);
    }
    Ok(found)
}

/// The flag with its value, if it is right and golift can honour it. Nothing: there is nothing to do for it.
pub fn accept(
    flag: &'static Flag,
    value: OsString,
    from: &'static str,
) -> Result<Option<(&'static Flag, OsString)>, Refusal> {
    let name = flag.name;
    let go = if from.is_empty() { "" } else { "go: " };
    let boolean = |why: &str| {
        // The flag package has another word order than the go command.
        let of = if from.is_empty() { format!("-{name}") } else { format!("flag -{name}{from}") };
        Refusal::Usage(format!("{go}invalid boolean value {value:?} for {of}: {why}"))
    };
    match flag.form {
        Form::Switch if values::parse_bool(&value).is_none() => return Err(boolean("parse error")),
        Form::Switch => {}
        Form::Optional(check) => check(&value).map_err(|why| boolean(&why))?,
        Form::Value(check) => check(&value)
            .map_err(|why| Refusal::Usage(format!("{go}invalid value {value:?} for flag -{name}{from}: {why}")))?,
    }
    let refuse = |shown: &str, why: &str| {
        Err(Refusal::Unsupported(format!("golift: -{name}{shown} is not supported yet{from}: {why}")))
    };
    match flag.support {
        Support::Honoured => Ok(Some((flag, value))),
        Support::Vacuous(_) | Support::Go => Ok(None),
        Support::Refused(_) if matches!(flag.form, Form::Switch) && values::parse_bool(&value) == Some(false) => {
            Ok(None)
        }
        Support::Refused(why) => refuse("", why),
        Support::Partly(check) => match check(&value) {
            Ok(()) => Ok(Some((flag, value))),
            Err(why) => refuse(&format!("={}", value.to_string_lossy()), &why),
        },
    }
}

/// What `go` finds when all flags are known.
pub fn check_together(flags: &Flags) -> Result<(), Refusal> {
    let message = |msg: String| Err(Refusal::Message(msg));
    if let Some(mode) = &flags.build_mode
        && !values::BUILD_MODES.contains(&mode.as_str())
    {
        return message(format!("buildmode={mode} not supported"));
    }
    match flags.module_mode.as_deref() {
        None | Some("" | "readonly" | "vendor" | "mod") => {}
        Some(mode) => return message(format!("-mod={mode} not supported (can be '', 'mod', 'readonly', or 'vendor')")),
    }
    match flags.parallel {
        Some(n) if n <= 0 => message(format!("go: -p must be a positive integer: {n}")),
        _ => Ok(()),
    }
}

/// `-C dir`, which comes before everything else: the folder, and the other arguments.
pub fn change_directory(args: &[OsString]) -> (Option<&OsStr>, &[OsString]) {
    let Some((first, rest)) = args.split_first() else { return (None, args) };
    let name = first.as_bytes();
    let name = name.strip_prefix(b"--").or_else(|| name.strip_prefix(b"-")).unwrap_or(b"");
    match (name.strip_prefix(b"C="), rest.split_first()) {
        (Some(dir), _) => (Some(OsStr::from_bytes(dir)), rest),
        (None, Some((dir, rest))) if name == b"C" => (Some(dir), rest),
        _ => (None, args),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn run(goflags: &str, args: &str) -> Result<(Flags, Vec<OsString>), Refusal> {
        let args: Vec<OsString> = args.split_whitespace().map(OsString::from).collect();
        parse(table::find_command("build").unwrap(), OsStr::new(goflags), &args)
    }

    #[test]
    fn flags_come_first() {
        let (flags, rest) = run("", "-o x --tags=a,b -v -v -trimpath=false ./p -o y").unwrap();
        assert_eq!(flags.output.as_deref(), Some(Path::new("x")));
        assert_eq!(flags.tags, ["a", "b"]);
        assert_eq!(flags.verbose, 2);
        assert!(!flags.trimpath);
        assert_eq!(rest, ["./p", "-o", "y"]);
        let (flags, rest) = run("", "-v -v=false -o -x -- -n").unwrap();
        assert_eq!((flags.verbose, flags.output.as_deref()), (0, Some(Path::new("-x"))));
        assert_eq!(rest, ["-n"]);
    }

    #[test]
    fn errors() {
        let usage = |text: &str| match run("", text) {
            Err(Refusal::Usage(msg)) => msg,
            other => panic!("{text}: {:?}", other.map(|_| ())),
        };
        assert_eq!(usage("-foo"), "flag provided but not defined: -foo");
        assert_eq!(usage("---foo"), "bad flag syntax: ---foo");
        assert_eq!(usage("-o"), "flag needs an argument: -o");
        assert_eq!(usage("-p x"), "invalid value \"x\" for flag -p: parse error");
        assert_eq!(usage("-v=maybe"), "invalid boolean value \"maybe\" for -v: parse error");
        assert_eq!(usage("-tags='a"), "invalid value \"'a\" for flag -tags: unterminated ' string");
        assert_eq!(usage("-v -C ."), "invalid value \".\" for flag -C: -C flag must be first flag on command line");
        assert_eq!(run("", "-h").unwrap_err(), Refusal::Help);
    }

    /// Each word is what `go build` refuses, in its words.
    #[test]
    fn words_of_goflags() {
        let usage = |text: &str| Refusal::Usage(format!("go: {text}"));
        let message = |text: &str| Refusal::Message(text.into());
        for (word, refusal) in [
            ("-p=0", message("go: -p must be a positive integer: 0")),
            ("-p=x", usage("invalid value \"x\" for flag -p (from $GOFLAGS): parse error")),
            (
                "-trimpath=maybe",
                usage("invalid boolean value \"maybe\" for flag -trimpath (from $GOFLAGS): parse error"),
            ),
            ("-foo=1", message("go: parsing $GOFLAGS: unknown flag -foo")),
            ("-goroot=/", message("go: parsing $GOFLAGS: unknown flag -goroot")),
            ("foo", message("go: parsing $GOFLAGS: non-flag \"foo\"")),
            ("-", message("go: parsing $GOFLAGS: non-flag \"-\"")),
            ("--", message("go: parsing $GOFLAGS: non-flag \"--\"")),
            ("---x", message("go: parsing $GOFLAGS: non-flag \"---x\"")),
            ("-=x", message("go: parsing $GOFLAGS: non-flag \"-=x\"")),
            ("-tags", usage("flag needs an argument: -tags (from $GOFLAGS)")),
            (
                "-ldflags=x",
                usage("invalid value \"x\" for flag -ldflags (from $GOFLAGS): missing =<value> in <pattern>=<value>"),
            ),
            ("-mod=foo", message("-mod=foo not supported (can be '', 'mod', 'readonly', or 'vendor')")),
            ("-buildmode=foo", message("buildmode=foo not supported")),
            (
                "-compiler=foo",
                usage("invalid value \"foo\" for flag -compiler (from $GOFLAGS): unknown compiler \"foo\""),
            ),
            (
                "-buildvcs=x",
                usage(
                    "invalid boolean value \"x\" for flag -buildvcs (from $GOFLAGS): value is neither 'auto' nor a valid bool",
                ),
            ),
            ("'-tags=a b", message("go: parsing $GOFLAGS: unterminated ' string")),
            (
                "-C=/tmp",
                usage("invalid value \"/tmp\" for flag -C (from $GOFLAGS): -C flag must be first flag on command line"),
            ),
        ] {
            assert_eq!(run(word, "").map(|_| ()).unwrap_err(), refusal);
        }
        let (flags, _) = run("'-tags=a b' -count=1 -run=x --trimpath -v", "-v=false").unwrap();
        assert_eq!(flags.tags, ["a", "b"]);
        assert!(flags.trimpath && flags.verbose == 0);
        assert!(matches!(run("-race", ""), Err(Refusal::Unsupported(_))));
    }

    #[test]
    fn threads_are_bounded() {
        let processors = std::thread::available_parallelism().unwrap().get();
        for (args, most) in [("-p 1000000", processors), ("-p 1", 1), ("", processors)] {
            let (flags, _) = run("", args).unwrap();
            assert!((1..=most).contains(&flags.threads()), "{args}: {}", flags.threads());
        }
    }

    #[test]
    fn folder_first() {
        let args = |text: &str| text.split(' ').map(OsString::from).collect::<Vec<_>>();
        assert_eq!(change_directory(&args("-C a b")).0, Some(OsStr::new("a")));
        assert_eq!(change_directory(&args("--C=a b")).1.len(), 1);
        assert_eq!(change_directory(&args("-v -C a")).0, None);
    }
}
