//! Go's own test directory: every test of a kind that golift can be asked, and that gc of the pinned version passes.
//!
//! gc's verdicts are kept in the target folder, because they do not change and cost half an hour. Failures that are known
//! stand in `tests/gotest-known.txt`, each with its reason; one that is not there, and an entry that passes, make the command fail.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::time::Duration;

use crate::{Outcome, Streams, cache_dir, errorcheck, first_difference, go_files, golift, in_parallel, root, run};

/// Where the Debian package golang-1.19-src puts it.
const DIRECTORY: &str = "/usr/share/go-1.19/test";

const TIMEOUT: Duration = Duration::from_secs(60);

enum Verdict {
    Passed,
    Failed(String),
    Skipped,
}

/// Runs the tests whose name or kind contains one of `filters` (all, without any). True if the failures are those that are known.
pub fn gotest(filters: &[String]) -> bool {
    let dir = std::env::var_os("GOTESTDIR").map_or_else(|| PathBuf::from(DIRECTORY), PathBuf::from);
    let Some(goroot) = golift_load::find_goroot(None, &|msg| eprintln!("{msg}")).map_err(|e| eprintln!("{e}")).ok()
    else {
        return false;
    };
    let wanted = |test: &Test| filters.iter().any(|f| test.name.contains(f.as_str()) || test.action == *f);
    let tests: Vec<Test> = find_tests(&dir).into_iter().filter(|test| filters.is_empty() || wanted(test)).collect();
    if tests.is_empty() {
        eprintln!("no tests in {}; install golang-1.19-src or set GOTESTDIR", dir.display());
        return false;
    }
    let known = known_failures();
    let references = References::open(&goroot);
    let verdicts = in_parallel(&tests, |test| {
        if !references.passes(&goroot, &dir, test) {
            return Verdict::Skipped;
        }
        match judge(&dir, test, Compiler::Golift) {
            Ok(()) => Verdict::Passed,
            Err(reason) => Verdict::Failed(reason),
        }
    });
    let mut counts: BTreeMap<&str, [usize; 3]> = BTreeMap::new();
    let mut surprises = 0;
    for (test, verdict) in tests.iter().zip(verdicts) {
        let count = counts.entry(&test.action).or_default();
        let is_known = known.contains_key(&test.name);
        match verdict {
            Verdict::Passed => {
                count[0] += 1;
                if is_known {
                    surprises += 1;
                    println!("PASS {} {}: take it out of gotest-known.txt", test.action, test.name);
                }
            }
            Verdict::Failed(reason) => {
                count[1] += 1;
                surprises += usize::from(!is_known);
                println!("{} {} {}: {reason}", if is_known { "known" } else { "FAIL" }, test.action, test.name);
            }
            Verdict::Skipped => count[2] += 1,
        }
    }
    for (action, [passed, failed, skipped]) in counts {
        let percent = 100.0 * passed as f64 / (passed + failed).max(1) as f64;
        println!("{action:16} {passed:5} passed {failed:5} failed {skipped:5} not for gc 1.27 {percent:6.1} %");
    }
    println!("{surprises} not as gotest-known.txt says");
    surprises == 0
}

/// Name and reason of each failure that is known.
fn known_failures() -> BTreeMap<String, String> {
    let text = fs::read_to_string(root().join("tests/gotest-known.txt")).unwrap_or_default();
    text.lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once(": "))
        .map(|(name, reason)| (name.to_owned(), reason.to_owned()))
        .collect()
}

/// A test: what to do with which file.
#[derive(Clone, Debug)]
struct Test {
    /// Relative to the directory.
    name: String,
    action: String,
    args: Vec<String>,
}

/// Actions that are understood. The others test gc's assembler output or its optimiser's reports.
const ACTIONS: [&str; 11] = [
    "run",
    "buildrun",
    "runoutput",
    "compile",
    "build",
    "errorcheck",
    "errorcheckoutput",
    "rundir",
    "errorcheckdir",
    "compiledir",
    "runindir",
];

fn find_tests(dir: &Path) -> Vec<Test> {
    let mut tests = Vec::new();
    let mut pending = vec![dir.to_owned()];
    while let Some(current) = pending.pop() {
        for path in go_files(&current) {
            let text = fs::read(&path).unwrap_or_default();
            let text = String::from_utf8_lossy(&text);
            // The action stands on the first line that is no build constraint.
            let line = text
                .lines()
                .find(|line| !line.trim().is_empty() && !line.contains("+build") && !line.contains("go:build"));
            let mut words = line.and_then(|line| line.strip_prefix("//")).unwrap_or_default().split_whitespace();
            let action = words.next().unwrap_or_default().to_owned();
            let args: Vec<String> = words.map(String::from).collect();
            if ACTIONS.contains(&action.as_str())
                && usable(&action, &args)
                && let Ok(name) = path.strip_prefix(dir)
            {
                tests.push(Test { name: name.to_string_lossy().into_owned(), action, args });
            }
        }
        for entry in fs::read_dir(&current).into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if entry.file_type().is_ok_and(|t| t.is_dir()) && !name.ends_with(".dir") && name != "testdata" {
                pending.push(entry.path());
            }
        }
    }
    tests.sort_by(|a, b| a.name.cmp(&b.name));
    tests
}

/// Flags of gc's optimiser, of its debugging and of older languages ask for something that golift does not have; those of
/// programs that run are ignored.
fn usable(action: &str, args: &[String]) -> bool {
    let checks = action.starts_with("errorcheck") || action.starts_with("compile");
    !checks
        || args.iter().all(|arg| !arg.starts_with('-') || matches!(arg.as_str(), "-e" | "-s" | "-C" | "-c=2" | "-c=4"))
}

/// One of the two compilers.
#[derive(Clone, Copy)]
enum Compiler<'a> {
    Golift,
    Gc(&'a Path),
}

impl Compiler<'_> {
    /// `build -o output files`, or only a check of them without an output.
    fn build(self, dir: &Path, files: &[&str], output: Option<&Path>, work: &Path) -> Result<Outcome, String> {
        let mut command = match self {
            Compiler::Golift => {
                let mut command = Command::new(golift());
                command.arg(if output.is_some() { "build" } else { "check" }).arg("-gcflags=-e");
                command
            }
            Compiler::Gc(goroot) => {
                let mut command = Command::new(goroot.join("bin/go"));
                command.args(["build", "-gcflags=-e"]);
                command.env("GOROOT", goroot).env("GOTOOLCHAIN", "local").env("CGO_ENABLED", "0");
                command
            }
        };
        let ignored = work.join("ignored.out");
        let output = match self {
            // Several packages are only compiled; of one, the result goes where nobody looks.
            Compiler::Gc(_) if !files.contains(&"./...") => Some(output.unwrap_or(&ignored)),
            _ => output,
        };
        if let Some(output) = output {
            command.arg("-o").arg(output);
        }
        command.args(files).current_dir(dir).env("PWD", dir).env("GOFLAGS", "").env("GOWORK", "off");
        run(&mut command, Streams::Both, Duration::from_secs(120))
            .map_err(|e| format!("cannot start the compiler: {e}"))
    }

    /// Builds something that must compile.
    fn must_build(self, dir: &Path, files: &[&str], output: Option<&Path>, work: &Path) -> Result<(), String> {
        let built = self.build(dir, files, output, work)?;
        if built.code() == Some(0) {
            return Ok(());
        }
        let text = built.text();
        let line = text.lines().find(|line| !line.starts_with('#')).unwrap_or_default();
        Err(format!("build: {line} ({})", built.ending()))
    }
}

/// Does what a test says; the error says what went wrong.
fn judge(dir: &Path, test: &Test, compiler: Compiler) -> Result<(), String> {
    let work = tempfile::tempdir().map_err(|e| format!("cannot start: {e}"))?;
    let work = work.path();
    let source = dir.join(&test.name);
    let parent = source.parent().unwrap_or(dir);
    let file = source.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let program = work.join("test");
    let args: Vec<&str> = test.args.iter().map(String::as_str).filter(|arg| !arg.starts_with('-')).collect();
    let text = String::from_utf8_lossy(&fs::read(&source).unwrap_or_default()).into_owned();
    match test.action.as_str() {
        "run" | "buildrun" => {
            compiler.must_build(parent, &[&file], Some(&program), work)?;
            compare_output(&source, run_program(&program, &args, parent)?)
        }
        "runoutput" | "errorcheckoutput" => {
            compiler.must_build(parent, &[&file], Some(&program), work)?;
            let made = run_program(&program, &args, parent)?;
            let second = work.join("tmp__.go");
            fs::write(&second, &made).map_err(|e| format!("cannot start: {e}"))?;
            if test.action == "errorcheckoutput" {
                let built = compiler.build(work, &["tmp__.go"], None, work)?;
                return compare_errors(&String::from_utf8_lossy(&made), "tmp__.go", &built);
            }
            compiler.must_build(work, &["tmp__.go"], Some(&program), work)?;
            compare_output(&source, run_program(&program, &[], work)?)
        }
        "compile" | "build" => {
            let is_main = text.lines().any(|line| line.starts_with("package main")) && text.contains("func main()");
            compiler.must_build(parent, &[&file], is_main.then_some(program.as_path()), work)
        }
        "errorcheck" => {
            let built = compiler.build(parent, &[&file], None, work)?;
            compare_errors(&text, &file, &built)
        }
        _ => judge_folder(&source, test, compiler, work),
    }
}

fn run_program(program: &Path, args: &[&str], dir: &Path) -> Result<Vec<u8>, String> {
    let mut command = Command::new(program);
    command.args(args).current_dir(dir);
    let outcome = run(&mut command, Streams::Both, TIMEOUT).map_err(|e| format!("cannot start: {e}"))?;
    if outcome.code() != Some(0) {
        let text = outcome.text();
        let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).take(2).collect();
        return Err(format!("run: {}: {}", outcome.ending(), lines.join(" / ")));
    }
    Ok(outcome.output)
}

fn compare_output(source: &Path, output: Vec<u8>) -> Result<(), String> {
    match fs::read(source.with_extension("out")) {
        Ok(expected) if expected != output => {
            let (expected, output) = (String::from_utf8_lossy(&expected), String::from_utf8_lossy(&output));
            Err(format!("output: {}", first_difference(&expected, &output)))
        }
        _ => Ok(()),
    }
}

fn compare_errors(source: &str, file: &str, built: &Outcome) -> Result<(), String> {
    let problems = errorcheck::compare(source, file, &built.text());
    match problems.first() {
        None if built.code() == Some(0) && !errorcheck::expected_errors(source).is_empty() => Err("no error".into()),
        None => Ok(()),
        Some(first) => Err(format!("errors: {first}")),
    }
}

/// Tests that are a folder of packages.
fn judge_folder(source: &Path, test: &Test, compiler: Compiler, work: &Path) -> Result<(), String> {
    let folder = source.with_extension("dir");
    let module = work.join("module");
    let failed = |e: std::io::Error| format!("cannot start: {e}");
    let program = work.join("test");
    if test.action == "runindir" {
        copy_tree(&folder, &module).map_err(failed)?;
        if !module.join("go.mod").is_file() {
            fs::write(module.join("go.mod"), "module test\n\ngo 1.27\n").map_err(failed)?;
        }
        compiler.must_build(&module, &["."], Some(&program), work)?;
        return compare_output(source, run_program(&program, &[], &module)?);
    }
    let single = test.args.iter().any(|arg| arg == "-s");
    let packages = split_packages(&folder, single);
    fs::create_dir_all(&module).map_err(failed)?;
    fs::write(module.join("go.mod"), "module test\n\ngo 1.27\n").map_err(failed)?;
    for (name, files) in &packages {
        let dir = module.join(name);
        fs::create_dir_all(&dir).map_err(failed)?;
        for file in files {
            let text = fs::read_to_string(file).map_err(failed)?;
            fs::write(dir.join(file.file_name().unwrap_or_default()), absolute_imports(&text)).map_err(failed)?;
        }
    }
    match test.action.as_str() {
        "rundir" => {
            let (last, _) = packages.last().ok_or("cannot start: no packages")?;
            compiler.must_build(&module, &[&format!("./{last}")], Some(&program), work)?;
            compare_output(source, run_program(&program, &[], &module)?)
        }
        "compiledir" => compiler.must_build(&module, &["./..."], None, work),
        _ => {
            let built = compiler.build(&module, &["./..."], None, work)?;
            let text = built.text();
            for (name, files) in &packages {
                for file in files {
                    let source = absolute_imports(&fs::read_to_string(file).map_err(failed)?);
                    let shown = format!("{name}/{}", file.file_name().unwrap_or_default().to_string_lossy());
                    let lines: String = text
                        .lines()
                        .filter(|line| line.contains(&format!("{shown}:")))
                        .map(|line| format!("{line}\n"))
                        .collect();
                    if let Some(first) = errorcheck::compare(&source, &shown, &lines).first() {
                        return Err(format!("errors: {shown}: {first}"));
                    }
                }
            }
            Ok(())
        }
    }
}

/// The packages of a folder in the order of their first files, each with the name that others import it by.
fn split_packages(folder: &Path, single: bool) -> Vec<(String, Vec<PathBuf>)> {
    let mut packages: Vec<(String, String, Vec<PathBuf>)> = Vec::new();
    for path in go_files(folder) {
        let text = fs::read_to_string(&path).unwrap_or_default();
        let clause = text.lines().find_map(|line| line.strip_prefix("package ")).unwrap_or_default();
        let package = clause.split([' ', '\t', ';', '/']).next().unwrap_or_default().to_owned();
        match packages.iter_mut().find(|(known, ..)| *known == package && !single) {
            Some((.., files)) => files.push(path),
            None => {
                let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
                packages.push((package, name, vec![path]));
            }
        }
    }
    packages.into_iter().map(|(_, name, files)| (name, files)).collect()
}

/// Relative imports are for packages without a module.
fn absolute_imports(text: &str) -> String {
    text.replace("\"./", "\"test/")
}

fn copy_tree(from: &Path, to: &Path) -> std::io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_tree(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
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

    fn passes(&self, goroot: &Path, dir: &Path, test: &Test) -> bool {
        let name = &test.name;
        if let Some(&passes) = self.known.get(name) {
            return passes;
        }
        let verdict = judge(dir, test, Compiler::Gc(goroot));
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
