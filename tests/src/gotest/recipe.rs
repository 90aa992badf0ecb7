//! What a test of Go's test directory asks for: the action and its flags on the first line that is no build constraint.

use std::fs;
use std::path::Path;
use std::time::Duration;

use golift_syntax::constraint::{Constraint, is_go_build, is_plus_build};

use crate::entries;

/// Slow machines and slow compilers get so many times what a test asks for.
const PATIENCE: u32 = 10;

/// A test: what to do with which file.
#[derive(Clone, Debug, Default)]
pub struct Test {
    /// Relative to the directory.
    pub name: String,
    pub action: String,
    /// Flags for the compiler, or for the go command where the action is one of its own.
    pub flags: Vec<String>,
    pub args: Vec<String>,
    /// Must the compiler report something?
    pub wants_error: bool,
    /// Every file of a folder is a package.
    pub single_files: bool,
    pub timeout: Option<Duration>,
    pub env: Vec<(&'static str, String)>,
    /// For go.mod files that are made up.
    pub go_version: Option<String>,
    /// Why the test says nothing about us.
    pub skipped: Option<&'static str>,
}

/// All actions that there are. The folder also holds files that tests use, and those have none.
const ACTIONS: [&str; 18] = [
    "asmcheck",
    "build",
    "builddir",
    "buildrun",
    "buildrundir",
    "compile",
    "compiledir",
    "errorcheck",
    "errorcheckandrundir",
    "errorcheckdir",
    "errorcheckoutput",
    "errorcheckwithauto",
    "run",
    "rundir",
    "runindir",
    "runoutput",
    "skip",
    "unknown",
];

/// All tests below `dir`, sorted by name.
pub fn find_tests(dir: &Path) -> Vec<Test> {
    let mut tests = Vec::new();
    // Whoever has no such tests is told how to get them.
    let mut pending: Vec<_> = Some(dir.to_owned()).into_iter().filter(|dir| dir.is_dir()).collect();
    while let Some(current) = pending.pop() {
        for path in entries(&current) {
            if path.is_dir() {
                if path.extension().is_none_or(|e| e != "dir") && !path.ends_with("testdata") {
                    pending.push(path);
                }
            } else if path.extension().is_some_and(|e| e == "go") {
                let text = fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
                let name = path.strip_prefix(dir).unwrap_or(&path);
                tests.extend(Test::parse(&name.to_string_lossy(), &String::from_utf8_lossy(&text)));
            }
        }
    }
    tests.sort_by(|a, b| a.name.cmp(&b.name));
    tests
}

impl Test {
    /// The test that a file is, if it is one.
    fn parse(name: &str, text: &str) -> Option<Test> {
        let is_constraint = |line: &str| is_go_build(line) || is_plus_build(line);
        let line = text.lines().find(|line| !line.trim().is_empty() && !is_constraint(line))?;
        let mut words = split_quoted(line.strip_prefix("//")?).into_iter();
        let action = words.next()?;
        if !ACTIONS.contains(&action.as_str()) {
            return None;
        }
        let mut test = Test { name: name.into(), ..Test::default() };
        test.wants_error = action.starts_with("errorcheck") && action != "errorcheckandrundir";
        let mut rest = words.as_slice();
        while let Some((flag, more)) = rest.split_first().filter(|(flag, _)| flag.starts_with('-')) {
            rest = more;
            let mut value = || match rest.split_first() {
                Some((value, more)) => {
                    rest = more;
                    value.clone()
                }
                None => String::new(),
            };
            match flag.as_str() {
                "-0" => test.wants_error = false,
                "-1" => test.wants_error = true,
                "-s" => test.single_files = true,
                "-t" => test.timeout = value().parse().ok().map(|n| Duration::from_secs(n) * PATIENCE),
                "-goexperiment" => test.env.push(("GOEXPERIMENT", value())),
                "-godebug" => test.env.push(("GODEBUG", value())),
                "-gomodversion" => test.go_version = Some(value()),
                // The rest is for the linker.
                "-ldflags" if action == "rundir" => {
                    rest = &[];
                }
                "-gcflags" | "-ldflags" => test.flags.push(format!("{flag}={}", value())),
                _ => test.flags.push(flag.clone()),
            }
        }
        test.args = rest.to_vec();
        test.skipped = why_skipped(&action, &test.flags, text);
        test.action = if action == "errorcheckwithauto" { "errorcheck".into() } else { action };
        Some(test)
    }
}

fn why_skipped(action: &str, flags: &[String], text: &str) -> Option<&'static str> {
    match action {
        "skip" => return Some("not a test"),
        "asmcheck" => return Some("gc's machine code"),
        _ => {}
    }
    let header = text.lines().take_while(|line| !line.starts_with("package "));
    if header.filter_map(|line| Constraint::parse(line).ok()).any(|x| !x.eval(&tag)) {
        return Some("for other systems");
    }
    let reports = action.starts_with("errorcheck") && flags.iter().any(|flag| asks_for_report(flag));
    reports.then_some("reports of gc's optimiser")
}

fn tag(name: &str) -> bool {
    let release = name.strip_prefix("go1.").and_then(|minor| minor.parse::<u32>().ok());
    release.is_some_and(|minor| minor <= 27) || ["linux", "amd64", "gc", "test_run"].contains(&name)
}

/// Does the flag make gc print what its optimiser did?
fn asks_for_report(flag: &str) -> bool {
    let name = flag.split('=').next().unwrap_or_default();
    match flag.strip_prefix("-d=") {
        Some(what) => what != "panic" && !what.starts_with("ssa/check/"),
        None => matches!(name, "-m" | "-live" | "-wb" | "-race"),
    }
}

/// Words; quotes may stand anywhere in them.
fn split_quoted(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    for c in text.trim().chars() {
        match quote {
            Some(q) if q == c => quote = None,
            None if c == '"' || c == '\'' => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            None if c.is_whitespace() => words.extend(word.take()),
            _ => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recipes() {
        let parse = |text: &str| Test::parse("x.go", text).unwrap();
        let test = parse("// +build linux\n\n// run -gcflags=\"-l -N\" -t 2 a b\n\npackage main\n");
        assert_eq!((test.action.as_str(), &test.args[..]), ("run", &["a".to_owned(), "b".to_owned()][..]));
        assert_eq!(test.flags, ["-gcflags=-l -N"]);
        assert_eq!(test.timeout, Some(Duration::from_secs(20)));
        assert_eq!(test.skipped, None);
        assert!(parse("//go:build windows\n// run\n").skipped.is_some());
        assert!(parse("// errorcheck -0 -m -l\n").skipped.is_some());
        let test = parse("// errorcheck -lang=go1.17\n");
        assert!(test.wants_error && test.skipped.is_none());
        assert!(Test::parse("x.go", "// Copyright\n").is_none());
    }
}
