//! Go's own test directory: every `// run` test that gc of the pinned version passes.
//!
//! gc's verdicts are kept in the target folder, because they do not change and cost half an hour.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::time::Duration;

use crate::{Outcome, Streams, build, cache_dir, first_difference, gc_build, go_files, in_parallel, run};

/// Where the Debian package golang-1.19-src puts it.
const DIRECTORY: &str = "/usr/share/go-1.19/test";

const TIMEOUT: Duration = Duration::from_secs(60);

enum Verdict {
    Passed,
    Failed(String),
    Skipped,
}

/// Runs the tests whose path contains one of `filters` (all, without any). True if none failed.
pub fn gotest(filters: &[String]) -> bool {
    let dir = std::env::var_os("GOTESTDIR").map_or_else(|| PathBuf::from(DIRECTORY), PathBuf::from);
    let Some(goroot) = golift_load::find_goroot(None, &|msg| eprintln!("{msg}")).map_err(|e| eprintln!("{e}")).ok()
    else {
        return false;
    };
    let tests: Vec<String> = find_tests(&dir)
        .into_iter()
        .filter(|name| filters.is_empty() || filters.iter().any(|filter| name.contains(filter.as_str())))
        .collect();
    if tests.is_empty() {
        eprintln!("no tests in {}; install golang-1.19-src or set GOTESTDIR", dir.display());
        return false;
    }
    let references = References::open(&goroot);
    let verdicts = in_parallel(&tests, |name| {
        if !references.passes(&goroot, &dir, name) {
            return Verdict::Skipped;
        }
        match judge(&dir.join(name), &|source, output| build(source, output)) {
            Ok(()) => Verdict::Passed,
            Err(reason) => Verdict::Failed(reason),
        }
    });
    let mut counts = [0; 3];
    let mut failures = BTreeMap::new();
    for (name, verdict) in tests.iter().zip(verdicts) {
        match verdict {
            Verdict::Passed => counts[0] += 1,
            Verdict::Failed(reason) => {
                counts[1] += 1;
                failures.insert(name, reason);
            }
            Verdict::Skipped => counts[2] += 1,
        }
    }
    let mut reasons: BTreeMap<String, usize> = BTreeMap::new();
    for (name, reason) in &failures {
        println!("FAIL {name}: {reason}");
        *reasons
            .entry(reason.split(':').take(2).collect::<Vec<_>>().join(":").chars().take(70).collect())
            .or_default() += 1;
    }
    if failures.len() > 20 {
        let mut reasons: Vec<_> = reasons.into_iter().collect();
        reasons.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
        println!("\nmost frequent:");
        reasons.iter().take(15).for_each(|(reason, n)| println!("{n:5} {reason}"));
    }
    println!("{} passed, {} failed, {} skipped", counts[0], counts[1], counts[2]);
    failures.is_empty()
}

/// Names of `// run` tests, relative to the directory.
fn find_tests(dir: &Path) -> Vec<String> {
    let mut names = Vec::new();
    let mut pending = vec![dir.to_owned()];
    while let Some(current) = pending.pop() {
        for path in go_files(&current) {
            let text = fs::read(&path).unwrap_or_default();
            let text = String::from_utf8_lossy(&text);
            // The action stands on the first line that is no build constraint.
            let action = text
                .lines()
                .find(|line| !line.trim().is_empty() && !line.contains("+build") && !line.contains("go:build"));
            let is_run = action.is_some_and(|line| line.trim_end() == "// run" || line.starts_with("// run "));
            if is_run && let Ok(name) = path.strip_prefix(dir) {
                names.push(name.to_string_lossy().into_owned());
            }
        }
        for entry in fs::read_dir(&current).into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if entry.file_type().is_ok_and(|t| t.is_dir()) && !name.ends_with(".dir") && name != "testdata" {
                pending.push(entry.path());
            }
        }
    }
    names.sort();
    names
}

/// Builds and runs a test; the error says what went wrong.
fn judge(source: &Path, build: &dyn Fn(&Path, &Path) -> std::io::Result<Outcome>) -> Result<(), String> {
    let work = tempfile::tempdir().map_err(|e| e.to_string())?;
    let program = work.path().join("test");
    let built = build(source, &program).map_err(|e| format!("cannot start the compiler: {e}"))?;
    if built.code() != Some(0) {
        let text = built.text();
        let line = text.lines().find(|line| !line.starts_with('#')).unwrap_or_default();
        return Err(format!("build: {} ({})", line, built.ending()));
    }
    let text = String::from_utf8_lossy(&fs::read(source).unwrap_or_default()).into_owned();
    let action = text.lines().find(|line| line.starts_with("// run")).unwrap_or_default();
    let args = action.trim_start_matches("// run").split_whitespace().filter(|arg| !arg.starts_with('-'));
    let mut command = Command::new(&program);
    command.args(args).current_dir(source.parent().unwrap_or(Path::new("/")));
    let outcome = run(&mut command, Streams::Both, TIMEOUT).map_err(|e| format!("cannot start: {e}"))?;
    if outcome.code() != Some(0) {
        let text = outcome.text();
        let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).take(2).collect();
        return Err(format!("run: {}: {}", outcome.ending(), lines.join(" / ")));
    }
    if let Ok(expected) = fs::read(source.with_extension("out"))
        && expected != outcome.output
    {
        let expected = String::from_utf8_lossy(&expected);
        return Err(format!("output: {}", first_difference(&expected, &outcome.text())));
    }
    Ok(())
}

/// gc's verdicts: a file with a line for each test.
struct References {
    known: BTreeMap<String, bool>,
    file: Option<Mutex<fs::File>>,
}

impl References {
    fn open(goroot: &Path) -> References {
        let version = golift_load::goroot_version(goroot).unwrap_or_default();
        let path = cache_dir().join(format!("gotest-{version}.txt"));
        let _ = fs::create_dir_all(cache_dir());
        let known = fs::read_to_string(&path).unwrap_or_default();
        let known = known
            .lines()
            .filter_map(|line| line.split_once(' '))
            .map(|(v, name)| (name.to_owned(), v == "ok"))
            .collect();
        let file = fs::OpenOptions::new().create(true).append(true).open(path).ok().map(Mutex::new);
        References { known, file }
    }

    fn passes(&self, goroot: &Path, dir: &Path, name: &str) -> bool {
        if let Some(&passes) = self.known.get(name) {
            return passes;
        }
        let verdict = judge(&dir.join(name), &|source, output| gc_build(goroot, source, output));
        let passes = verdict.is_ok();
        if verdict.is_err_and(|reason| reason.starts_with("cannot start")) {
            return false; // says nothing about the test
        }
        if let Some(file) = &self.file {
            let verdict = if passes { "ok" } else { "bad" };
            let _ = writeln!(file.lock().expect("no writer panicked"), "{verdict} {name}");
        }
        passes
    }
}
