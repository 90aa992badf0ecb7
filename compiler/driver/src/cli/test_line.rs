//! The command line of `golift test`: flags before and after the packages, of which some are for the test, as are those that nobody knows.

use std::ffi::{OsStr, OsString};
use std::time::Duration;

use super::flags::{Flags, TestFlags};
use super::line::{Refusal, Syntax, accept, bad_syntax, check_together, from_goflags, value_of};
use super::table::{self, Command, Form, TEST_BINARY_FLAGS};
use super::{grammar, values};

/// What go gives a test if nobody says anything.
const DEFAULT_TIMEOUT: Duration = Duration::from_mins(10);

/// Flags, and the packages.
pub fn parse(command: &Command, goflags: &OsStr, args: &[OsString]) -> Result<(Flags, Vec<OsString>), Refusal> {
    let mut found = from_goflags(command, goflags)?;
    // Flags of GOFLAGS come first, unless the command line has them too.
    let mut implicit: Vec<(String, OsString)> = found
        .iter()
        .filter(|(flag, _)| TEST_BINARY_FLAGS.contains(&flag.name))
        .map(|(flag, value)| (flag.name.to_owned(), value.clone()))
        .collect();
    let mut explicit: Vec<OsString> = Vec::new();
    let mut packages: Option<Vec<OsString>> = None;
    let mut unknown: Option<OsString> = None;
    let (mut in_packages, mut may_be_value) = (false, false);
    let mut rest = args.iter();
    while let Some(word) = rest.as_slice().first() {
        let was_flag = std::mem::take(&mut may_be_value);
        let (name, value) = match Syntax::of(word) {
            // The test sees it, too.
            Some(Syntax::End) => break,
            Some(Syntax::Bad) => return Err(bad_syntax(word)),
            Some(Syntax::Flag { name, value }) => (name, value),
            None if in_packages || packages.is_none() => {
                in_packages = true;
                packages.get_or_insert_default().push(word.clone());
                rest.next();
                continue;
            }
            // Perhaps the value of a flag that only the test knows.
            None if was_flag => {
                explicit.push(word.clone());
                rest.next();
                continue;
            }
            None => break,
        };
        in_packages = false;
        rest.next();
        let short = name.strip_prefix("test.").filter(|short| TEST_BINARY_FLAGS.contains(short)).unwrap_or(&name);
        let Some(flag) = table::find_flag(command.id, short) else {
            if matches!(&*name, "h" | "help") {
                return Err(Refusal::Help);
            }
            packages.get_or_insert_default();
            if name == "args" {
                break;
            }
            unknown.get_or_insert_with(|| word.clone());
            explicit.push(word.clone());
            may_be_value = value.is_none();
            continue;
        };
        let value = value_of(&name, value, matches!(flag.form, Form::Value(_)), &mut rest)?;
        let Some((flag, value)) = accept(flag, value, "")? else { continue };
        if TEST_BINARY_FLAGS.contains(&flag.name) {
            implicit.retain(|(name, _)| name != flag.name);
            explicit.push(for_binary(flag.name, &value));
        }
        found.push((flag, value));
    }
    explicit.extend(rest.cloned());
    let matches = grammar::parse(command, &found).map_err(|e| Refusal::Usage(e.to_string()))?;
    let mut flags = Flags::from_matches(&matches);
    flags.build_vcs = flags.build_vcs.filter(|&insist| insist);
    check_together(&flags)?;
    let last = |name: &str| found.iter().rev().find(|(flag, _)| flag.name == name).map(|(_, value)| value);
    let switch = |name: &str| last(name).is_some_and(|value| values::parse_bool(value) == Some(true));
    let is_given = |name: &str| last(name).is_some_and(|value| !value.is_empty());
    if let (Some(flag), true) = (unknown, switch("c")) {
        return Err(Refusal::Usage(format!("go: unknown flag {} cannot be used with -c", flag.display())));
    }
    let mut args: Vec<OsString> = Vec::new();
    if flags.json {
        // Marks in the output tell what is the test's and what package testing says of it.
        args.push("-test.v=test2json".into());
        implicit.retain(|(name, _)| name != "v");
    }
    args.extend(implicit.iter().map(|(name, value)| for_binary(name, value)));
    let timeout = match last("timeout") {
        None => {
            args.push("-test.timeout=10m0s".into());
            Some(DEFAULT_TIMEOUT)
        }
        Some(value) => values::parse_duration(value).ok().and_then(|n| u64::try_from(n).ok()).map(Duration::from_nanos),
    };
    let profile = ["blockprofile", "cpuprofile", "memprofile", "mutexprofile", "trace"]
        .into_iter()
        .find(|name| is_given(name))
        .map(|name| format!("-{name}"));
    flags.test = TestFlags {
        args: Vec::new(),
        compile_only: switch("c"),
        show_passed: switch("v") || last("v").is_some_and(|v| v == "test2json") || is_given("list"),
        marks: last("v").is_some_and(|v| v == "test2json"),
        bench: is_given("bench"),
        fuzz: is_given("fuzz"),
        fail_fast: switch("failfast"),
        timeout: timeout.filter(|timeout| !timeout.is_zero()),
        profile,
        vet: last("vet").map(|list| list.to_string_lossy().into_owned()),
    };
    args.extend(explicit);
    flags.test.args = args;
    Ok((flags, packages.unwrap_or_default()))
}

fn for_binary(name: &str, value: &OsStr) -> OsString {
    let mut word = OsString::from(format!("-test.{name}="));
    let is_switch =
        table::find_flag(table::Commands::TEST, name).is_some_and(|flag| !matches!(flag.form, Form::Value(_)));
    match values::parse_bool(value).filter(|_| is_switch) {
        Some(on) => word.push(on.to_string()),
        None => word.push(value),
    }
    word
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(goflags: &str, line: &str) -> Result<(Vec<String>, Vec<String>), Refusal> {
        let args: Vec<OsString> = line.split_whitespace().map(OsString::from).collect();
        let command = table::find_command("test").unwrap();
        let (flags, packages) = parse(command, OsStr::new(goflags), &args)?;
        let text = |words: Vec<OsString>| words.into_iter().map(|word| word.into_string().unwrap()).collect();
        Ok((text(packages), text(flags.test.args)))
    }

    /// What `go test -n` shows for the same line.
    #[test]
    fn who_gets_what() {
        for (line, packages, args) in [
            ("", "", "-test.timeout=10m0s"),
            ("-v ./...", "./...", "-test.timeout=10m0s -test.v=true"),
            ("a b -run X -short", "a b", "-test.timeout=10m0s -test.run=X -test.short=true"),
            ("-timeout=5s -test.run=X a", "a", "-test.timeout=5s -test.run=X"),
            ("a -custom x -v", "a", "-test.timeout=10m0s -custom x -test.v=true"),
            ("-custom a -v", "", "-test.timeout=10m0s -custom a -test.v=true"),
            ("a -custom=1 x -v", "a", "-test.timeout=10m0s -custom=1 x -v"),
            ("a -args -v x", "a", "-test.timeout=10m0s -v x"),
            ("a -- -v", "a", "-test.timeout=10m0s -- -v"),
            ("a -count=1 -tags=x", "a", "-test.timeout=10m0s -test.count=1"),
        ] {
            let words = |text: &str| text.split_whitespace().map(String::from).collect::<Vec<_>>();
            assert_eq!(run("", line).unwrap(), (words(packages), words(args)), "{line}");
        }
        let (_, args) = run("-short -count=2", "-count=1 a").unwrap();
        assert_eq!(args, ["-test.short=true", "-test.timeout=10m0s", "-test.count=1"]);
    }

    #[test]
    fn refusals() {
        let usage = |line: &str| match run("", line) {
            Err(Refusal::Usage(msg)) => msg,
            other => panic!("{line}: {other:?}"),
        };
        assert_eq!(usage("-c -custom"), "go: unknown flag -custom cannot be used with -c");
        assert_eq!(usage("-timeout=x"), "invalid value \"x\" for flag -timeout: parse error");
        assert_eq!(usage("-run"), "flag needs an argument: -run");
        assert!(matches!(run("", "-race"), Err(Refusal::Unsupported(_))));
    }

    #[test]
    fn durations() {
        let parse = |text: &str| values::parse_duration(OsStr::new(text)).ok();
        assert_eq!(parse("1h2m3.5s"), Some(3_723_500_000_000));
        assert_eq!((parse("-1ms"), parse("0"), parse("1µs")), (Some(-1_000_000), Some(0), Some(1000)));
        for bad in ["", "1", "s", "1x", "1..5s", "-", "1s2"] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }
}
