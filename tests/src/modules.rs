//! The own tests of modules that people use, run by golift and by gc.
//!
//! `tests/modules.txt` lists the modules with their versions, and below each, indented, what is known to fail: a package, a test, and the reason. A module is fetched
//! from the proxy by golift, copied out of the module cache (its tests may write), and tested there by both as a main module. A test or subtest that gc
//! passes has to pass here, too; one that is not listed and does not, and a listed one that does, make the command fail.
//! gc's verdicts are remembered beside the copies (`target/golift-tests/modules`). A module that is not in the list may be named as `path@version`.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde_json::Value;

use crate::{Streams, cache_dir, golift, read_input, root, run};

/// For all tests of a module.
const TIMEOUT: Duration = Duration::from_secs(1500);

/// What both are asked for: the short tests, with an event for each; vet says nothing about programs.
const FLAGS: [&str; 6] = ["test", "-short", "-json", "-vet=off", "-timeout=400s", "./..."];

/// How a test ended, or a package where the name of the test is empty.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Verdict {
    Passed,
    Failed,
    Skipped,
}

/// By package and test.
type Verdicts = BTreeMap<(String, String), Verdict>;

/// A module of the list.
#[derive(PartialEq, Debug)]
struct Entry {
    path: String,
    version: String,
    /// What fails, by package and test, and why.
    known: BTreeMap<(String, String), String>,
}

/// What came of a module.
#[derive(Default)]
struct Outcome {
    /// Tests that gc passes: here they pass, or fail.
    tests: [usize; 2],
    /// Is it other than the list says?
    surprises: usize,
    /// gc passes nothing.
    with_gc_neither: bool,
}

/// Tests the modules whose paths contain one of the filters (all, without any), and those that are named with a version. True if all is as listed.
pub fn modules(filters: &[String]) -> bool {
    let listed = match read_list(&read_input(&root().join("tests/modules.txt"))) {
        Ok(listed) => listed,
        Err(msg) => {
            eprintln!("tests/modules.txt: {msg}");
            return false;
        }
    };
    let is_wanted = |entry: &Entry| filters.is_empty() || filters.iter().any(|filter| entry.path.contains(&**filter));
    let mut wanted: Vec<Entry> = listed.into_iter().filter(is_wanted).collect();
    let named = filters.iter().filter_map(|filter| filter.split_once('@'));
    wanted.extend(named.map(|(path, version)| Entry {
        path: path.into(),
        version: version.into(),
        known: BTreeMap::new(),
    }));
    let (mut modules, mut tests, mut surprises) = ([0; 3], [0; 2], 0);
    for entry in &wanted {
        match test(entry) {
            Ok(outcome) => {
                let bad = outcome.tests[1] > 0 || outcome.surprises > 0;
                modules[if outcome.with_gc_neither { 2 } else { usize::from(bad) }] += 1;
                surprises += outcome.surprises;
                let mark = if outcome.with_gc_neither { "skip" } else { ["ok  ", "FAIL"][usize::from(bad)] };
                let [passed, failed] = outcome.tests;
                println!("{mark} {} {}: {passed} tests pass, {failed} fail", entry.path, entry.version);
                tests[0] += passed;
                tests[1] += failed;
            }
            Err(msg) => {
                modules[1] += 1;
                surprises += 1;
                println!("FAIL {} {}: {}", entry.path, entry.version, msg.trim_end().replace('\n', "\n\t"));
            }
        }
    }
    println!("tests: {} passed, {} failed", tests[0], tests[1]);
    println!("modules: {} passed, {} failed, {} skipped (gc passes nothing)", modules[0], modules[1], modules[2]);
    println!("{surprises} not as modules.txt says");
    surprises == 0
}

fn read_list(text: &str) -> Result<Vec<Entry>, String> {
    let mut entries: Vec<Entry> = Vec::new();
    for line in text.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty()) {
        if !line.starts_with(' ') {
            let (path, version) = line.split_once(' ').ok_or_else(|| format!("no version in {line:?}"))?;
            entries.push(Entry { path: path.into(), version: version.trim().into(), known: BTreeMap::new() });
            continue;
        }
        let known = line.split_once(": ").and_then(|(name, reason)| {
            let (package, test) = name.trim().split_once(' ').unwrap_or((name.trim(), ""));
            let entry = entries.last_mut()?;
            entry.known.insert((package.into(), test.into()), reason.into())
        });
        if known.is_some() || entries.is_empty() || !line.contains(": ") {
            return Err(format!("twice, of no module, or without a reason: {line:?}"));
        }
    }
    Ok(entries)
}

fn test(entry: &Entry) -> Result<Outcome, String> {
    let goroot = golift_load::find_goroot(None, &|msg| eprintln!("{msg}")).map_err(|e| e.to_string())?;
    let version = golift_load::goroot_version(&goroot).unwrap_or_default();
    let name = format!("{}@{}", entry.path, entry.version).replace('/', "_");
    let folder = cache_dir().join("modules");
    let dir = folder.join(&name);
    if !dir.exists() {
        fetch(entry, &goroot, &dir)?;
    }
    let file = folder.join(format!("{name}.{version}"));
    let reference = match fs::read_to_string(&file) {
        Ok(text) => read_events(&text).0,
        Err(_) => {
            let text = run_tests(&goroot.join("bin/go"), &goroot, &dir)?;
            let kept: String = text.lines().filter(|line| ends(line)).map(|line| format!("{line}\n")).collect();
            fs::write(&file, kept).map_err(|e| format!("{}: {e}", file.display()))?;
            read_events(&text).0
        }
    };
    let text = run_tests(&golift(), &goroot, &dir)?;
    let (verdicts, printed) = read_events(&text);
    let passing = || reference.iter().filter(|(_, verdict)| **verdict == Verdict::Passed).map(|(name, _)| name);
    let mut outcome = Outcome { with_gc_neither: passing().next().is_none(), ..Outcome::default() };
    let fails = |name: &(String, String)| verdicts.get(name) != Some(&Verdict::Passed);
    // A package stands for its tests where none of them ran, and a test for its subtests.
    let above = |(package, test): &(String, String)| {
        let above = test.rsplit_once('/').map_or("", |(parent, _)| parent);
        (package.clone(), above.to_owned())
    };
    let has_failed_parts = |name: &(String, String)| {
        passing().any(|other| *other != *name && fails(other) && verdicts.contains_key(other) && above(other) == *name)
    };
    for name in passing() {
        let (package, test) = name;
        outcome.tests[usize::from(fails(name))] += usize::from(!test.is_empty());
        let is_known = entry.known.contains_key(name);
        if fails(name) == is_known {
            continue;
        }
        let told_elsewhere = has_failed_parts(name) || !test.is_empty() && !verdicts.contains_key(&above(name));
        if is_known {
            println!("PASS {package} {test}: take it out of modules.txt");
        } else if told_elsewhere
            || !test.is_empty() && !verdicts.contains_key(name) && fails(&(package.clone(), String::new()))
        {
            continue;
        } else {
            let why = match (verdicts.get(name), printed.get(name)) {
                (Some(Verdict::Skipped), _) => "skipped",
                (_, Some(text)) => text,
                (None, _) if text.is_empty() => "nothing ran",
                _ => "did not run",
            };
            println!("FAIL {package} {test}: {}", why.trim_end().replace('\n', "\n\t"));
        }
        outcome.surprises += 1;
    }
    Ok(outcome)
}

/// Runs the tests of a module; gives what is printed, of which each line is an event.
fn run_tests(program: &Path, goroot: &Path, dir: &Path) -> Result<String, String> {
    let mut command = command(program, goroot, dir);
    let outcome =
        run(command.args(FLAGS), Streams::Stdout, TIMEOUT).map_err(|e| format!("{}: {e}", program.display()))?;
    match outcome.code() {
        Some(0 | 1) => Ok(outcome.text()),
        _ => Err(format!("{}: {}", program.display(), outcome.ending())),
    }
}

fn command(program: &Path, goroot: &Path, dir: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir(dir).env("PWD", dir).env("GOROOT", goroot).env("CGO_ENABLED", "0");
    command.env("GOTOOLCHAIN", "local").env("GOWORK", "off").env_remove("GOFLAGS");
    command
}

/// A writable copy of the module's files.
fn fetch(entry: &Entry, goroot: &Path, dir: &Path) -> Result<(), String> {
    let work = tempfile::tempdir().map_err(|e| e.to_string())?;
    let module = format!("{}@{}", entry.path, entry.version);
    let mut download = command(&golift(), goroot, work.path());
    download.args(["mod", "download", "-json", &module]);
    let outcome = run(&mut download, Streams::Stdout, TIMEOUT).map_err(|e| e.to_string())?;
    let said: Value = serde_json::from_str(&outcome.text()).map_err(|e| format!("mod download {module}: {e}"))?;
    let Some(from) = said["Dir"].as_str() else { return Err(format!("mod download {module}: {}", said["Error"])) };
    // Complete, or not there.
    let partial = dir.with_extension("partial");
    let failed = |e: io::Error| format!("{}: {e}", partial.display());
    if partial.exists() {
        fs::remove_dir_all(&partial).map_err(failed)?;
    }
    copy(Path::new(from), &partial).map_err(failed)?;
    if !partial.join("go.mod").exists() {
        let mut init = command(&golift(), goroot, &partial);
        let outcome = run(init.args(["mod", "init", &entry.path]), Streams::Both, TIMEOUT).map_err(failed)?;
        if outcome.code() != Some(0) {
            return Err(outcome.text());
        }
    }
    fs::rename(&partial, dir).map_err(failed)
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (kind, target): (_, PathBuf) = (entry.file_type()?, to.join(entry.file_name()));
        if kind.is_dir() {
            copy(&entry.path(), &target)?;
        } else if kind.is_symlink() {
            symlink(fs::read_link(entry.path())?, target)?;
        } else {
            fs::copy(entry.path(), &target)?;
            let mode = fs::metadata(&target)?.permissions().mode();
            fs::set_permissions(&target, fs::Permissions::from_mode(mode | 0o200))?;
        }
    }
    Ok(())
}

/// Is that the event with which a test or package ends?
fn ends(line: &str) -> bool {
    ["pass", "fail", "skip"].iter().any(|action| line.contains(&format!("\"Action\":\"{action}\"")))
}

/// The verdicts, and the beginning of what the tests that failed printed.
fn read_events(text: &str) -> (Verdicts, BTreeMap<(String, String), String>) {
    const KEPT: usize = 600;
    let mut verdicts = Verdicts::new();
    let mut printed: BTreeMap<(String, String), String> = BTreeMap::new();
    for event in text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()) {
        let text = |key: &str| event[key].as_str().unwrap_or_default().to_owned();
        // What the compiler says comes with the name of a package, but no package of tests.
        let package = if event["Package"].is_string() { text("Package") } else { text("ImportPath") };
        let package = package.split(' ').next().unwrap_or_default().to_owned();
        let name = (package, text("Test"));
        let verdict = match event["Action"].as_str() {
            Some("pass") => Verdict::Passed,
            Some("fail") => Verdict::Failed,
            Some("skip") => Verdict::Skipped,
            Some("output" | "build-output") => {
                let kept = printed.entry(name).or_default();
                if kept.len() < KEPT {
                    kept.push_str(&text("Output"));
                }
                continue;
            }
            _ => continue,
        };
        verdicts.insert(name, verdict);
    }
    printed.retain(|name, _| verdicts.get(name) != Some(&Verdict::Passed));
    (verdicts, printed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists() {
        let entries = read_list("# x\na.b/c v1.2.3\n\na.b/d v0.1.0\n    a.b/d/e TestX/y z: why: so\n    a.b/d: dies\n");
        let entries = entries.expect("a good list");
        let known = |package: &str, test: &str, why: &str| ((package.into(), test.into()), why.into());
        let known = [known("a.b/d/e", "TestX/y z", "why: so"), known("a.b/d", "", "dies")];
        let entry = |path: &str, version: &str, known| Entry { path: path.into(), version: version.into(), known };
        assert_eq!(entries, [entry("a.b/c", "v1.2.3", BTreeMap::new()), entry("a.b/d", "v0.1.0", known.into())]);
        assert!(read_list("    a T: of no module\n").is_err());
        assert!(read_list("a v1\n    a T\n").is_err());
    }

    #[test]
    fn events() {
        let text = r#"{"ImportPath":"p [p.test]","Action":"build-output","Output":"p.go:1: bad\n"}
{"Action":"run","Package":"q","Test":"TestA"}
{"Action":"output","Package":"q","Test":"TestA","Output":"wrong\n"}
{"Action":"fail","Package":"q","Test":"TestA","Elapsed":0}
{"Action":"pass","Package":"q","Test":"TestB","Elapsed":0}
{"Action":"fail","Package":"q","Elapsed":0}
{"Action":"fail","Package":"p","Elapsed":0,"FailedBuild":"p [p.test]"}
"#;
        let (verdicts, printed) = read_events(text);
        let name = |package: &str, test: &str| (package.to_owned(), test.to_owned());
        assert_eq!(verdicts.len(), 4);
        assert_eq!(verdicts[&name("q", "TestB")], Verdict::Passed);
        assert_eq!(verdicts[&name("p", "")], Verdict::Failed);
        assert_eq!(printed[&name("q", "TestA")], "wrong\n");
        assert_eq!(printed[&name("p", "")], "p.go:1: bad\n");
        assert_eq!(text.lines().filter(|line| ends(line)).count(), 4);
    }
}
