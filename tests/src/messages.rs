//! What golift says about broken programs, word for word as `go` says it.
//!
//! `tests/messages/*.txt` hold cases: `=== name [arguments]`, files each under a line `-- name --`, and under `-- expected --` what
//! gc prints (`golift-tests bless` writes that part). Without arguments the package is built; golift only checks it.
//! A case without a go.mod gets one. `\x{ff}` in a file stands for a byte.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::source::file_marker;
use crate::{Streams, first_difference, golift, run};

/// The first use of vet and test2json compiles them.
const TIMEOUT: Duration = Duration::from_secs(300);
const EXPECTED: &str = "expected";

pub struct Case {
    pub name: String,
    args: Vec<String>,
    files: Vec<(String, String)>,
    expected: String,
}

/// The cases of a file.
pub fn parse(text: &str) -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    for line in text.split_inclusive('\n') {
        if let Some(head) = line.strip_prefix("=== ") {
            let mut words = head.split_whitespace().map(String::from);
            let name = words.next().unwrap_or_default();
            cases.push(Case { name, args: words.collect(), files: Vec::new(), expected: String::new() });
            continue;
        }
        let Some(case) = cases.last_mut() else { continue };
        match (file_marker(line), case.files.last_mut()) {
            (Some(name), _) => case.files.push((name.to_owned(), String::new())),
            (None, Some((_, contents))) => contents.push_str(line),
            (None, None) => {}
        }
    }
    for case in &mut cases {
        if let Some(at) = case.files.iter().position(|(name, _)| name == EXPECTED) {
            case.expected = case.files.remove(at).1;
        }
    }
    cases
}

/// Compares golift's words with the expected ones.
pub fn check(case: &Case) -> Result<(), String> {
    let mut args: Vec<&str> = case.args.iter().map(String::as_str).collect();
    if args.is_empty() {
        args = vec!["check", "."];
    }
    let said = say(Command::new(golift()).args(&args), case)?;
    if said.trim_end() == case.expected.trim_end() {
        return Ok(());
    }
    Err(format!("{}\n{said}", first_difference(&case.expected, &said)))
}

/// Rewrites the expectations of a file of cases from what gc says.
pub fn bless(goroot: &Path, path: &Path) -> Result<(), String> {
    let text = fs::read_to_string(path).map_err(|e| e.to_string())?;
    let head: String = text.split_inclusive('\n').take_while(|line| !line.starts_with("=== ")).collect();
    let mut out = head;
    for case in parse(&text) {
        let mut args: Vec<&str> = case.args.iter().map(String::as_str).collect();
        if args.is_empty() {
            args = vec!["build", "-o", "program.out", "."];
        }
        let mut command = Command::new(goroot.join("bin/go"));
        command.args(&args).env("GOROOT", goroot).env("GOTOOLCHAIN", "local").env("CGO_ENABLED", "0");
        let said = say(&mut command, &case)?;
        out += &format!("=== {}\n", [std::slice::from_ref(&case.name), &case.args].concat().join(" "));
        for (name, contents) in &case.files {
            out += &format!("-- {name} --\n{contents}");
        }
        out += &format!("-- {EXPECTED} --\n{said}\n");
    }
    fs::write(path, out).map_err(|e| e.to_string())
}

/// Runs a command in the folder of a case; gives what it prints, without what depends on the machine.
fn say(command: &mut Command, case: &Case) -> Result<String, String> {
    let work = tempfile::tempdir().map_err(|e| e.to_string())?;
    // Behind links paths would have two names.
    let dir = work.path().canonicalize().map_err(|e| e.to_string())?;
    let mut files = case.files.clone();
    if files.iter().all(|(name, _)| name != "go.mod") {
        files.push(("go.mod".into(), "module m\n\ngo 1.27\n".into()));
    }
    for (name, contents) in files {
        let path = dir.join(&name);
        fs::create_dir_all(path.parent().unwrap_or(&dir)).map_err(|e| e.to_string())?;
        fs::write(path, bytes(&contents)).map_err(|e| e.to_string())?;
    }
    command.current_dir(&dir).env("PWD", &dir).env("GOFLAGS", "").env("GOWORK", "off");
    let outcome = run(command, Streams::Both, TIMEOUT).map_err(|e| e.to_string())?;
    let mut text = outcome.text().replace(&*dir.to_string_lossy(), "$DIR");
    // Where the library is.
    while let Some(at) = text.find("is not in std (") {
        let start = at + "is not in std".len();
        let end = text[start..].find(')').map_or(text.len(), |length| start + length + 1);
        text.replace_range(start..end, "");
    }
    if case.args.first().is_some_and(|arg| arg == "test") {
        // What begins like a case would end this one.
        text = text.lines().map(|line| without_event_times(line) + "\n").collect();
        text = without_times(&text).replace("=== ", "=> ");
    }
    Ok(text + if outcome.code() == Some(0) { "" } else { "failed\n" })
}

/// `1.25s` becomes `0.0s`, addresses `0x?`: tests tell how long they ran.
fn without_times(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(|c: char| c.is_ascii_digit()) {
        let len = rest[at..].find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len() - at);
        let (number, tail) = rest[at..].split_at(len);
        out.push_str(&rest[..at]);
        out.push_str(if number.contains('.') && tail.starts_with('s') { "0.0" } else { number });
        rest = tail;
    }
    out + rest
}

/// Of an event of test2json: when it was, and how long something took.
fn without_event_times(line: &str) -> String {
    let mut line = line.to_owned();
    for (name, end) in [("\"Time\":", ','), (",\"Elapsed\":", '}')] {
        let Some(start) = line.find(name).filter(|_| line.starts_with('{')) else { continue };
        let rest = &line[start + name.len()..];
        let length = rest.find([',', '}']).unwrap_or(rest.len());
        let keep = usize::from(end == ',');
        line.replace_range(start..start + name.len() + length + keep, "");
    }
    line
}

fn bytes(text: &str) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find("\\x{") {
        let code = rest.get(at + 3..at + 5).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        let Some(code) = code.filter(|_| rest[at + 5..].starts_with('}')) else { break };
        out.extend_from_slice(&rest.as_bytes()[..at]);
        out.push(code);
        rest = &rest[at + 6..];
    }
    out.extend_from_slice(rest.as_bytes());
    out
}
