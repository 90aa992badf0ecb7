//! The programs of examples/, tests/run, tests/fixedbugs, tests/panics and tests/errors, and the command line, through the real compiler.
//!
//! A program's expected output stands beside it (`x.out`; `golift-tests bless` writes it from gc). A file with `// ERROR "…"` marks
//! must not compile, with these errors. What else a program can ask for: `tests/src/source.rs`.

mod cli;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use golift_tests::{
    Source, Streams, build, errorcheck, expected_exit, first_difference, go_files, golift, message_files, messages,
    panics, programs, read_input, root, run,
};
use libtest_mimic::{Arguments, Failed, Trial};

const TIMEOUT: Duration = Duration::from_secs(60);

fn main() {
    let args = Arguments::from_args();
    let mut trials = Vec::new();
    for (dir, procs) in [
        ("examples", &[1, 2, 8][..]),
        ("tests/run", &[1, 2, 8]),
        ("tests/fixedbugs", &[1, 2, 8]),
        ("tests/errors", &[]),
    ] {
        for path in programs(&root().join(dir)) {
            let name = format!("{dir}/{}", path.file_stem().unwrap_or_default().to_string_lossy());
            if dir == "examples" {
                let path = path.clone();
                trials.push(Trial::test(format!("external/{name}"), move || link_externally(&path)));
            }
            trials.push(Trial::test(name, move || test_file(&path, procs)));
        }
    }
    for path in go_files(&root().join("tests/panics")) {
        let name = format!("tests/panics/{}", path.file_stem().unwrap_or_default().to_string_lossy());
        trials.push(Trial::test(name, move || test_panics(&path)));
    }
    for path in message_files() {
        let file = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let cases = messages::parse(&read_input(&path));
        assert!(!cases.is_empty(), "{}: no cases", path.display());
        for case in cases {
            let name = format!("messages/{file}/{}", case.name);
            trials.push(Trial::test(name, move || messages::check(&case).map_err(Failed::from)));
        }
    }
    trials.extend(cli::trials());
    libtest_mimic::run(&args, trials).exit();
}

fn test_file(path: &Path, procs: &[u32]) -> Result<(), Failed> {
    let source = fs::read_to_string(path)?;
    if source.contains("// ERROR ") { check_errors(path, &source) } else { run_program(path, &source, procs) }
}

fn run_program(path: &Path, source: &str, procs: &[u32]) -> Result<(), Failed> {
    let work = tempfile::tempdir()?;
    let program: PathBuf = work.path().join("program");
    let prepared = Source::prepare(path, source)?;
    let built = build(&prepared, &program)?;
    if built.code() != Some(0) {
        return Err(format!("build: {}\n{}", built.ending(), built.text()).into());
    }
    let expected = fs::read(path.with_extension("out")).map_err(|e| format!("expected output: {e}"))?;
    for n in procs {
        let mut command = Command::new(&program);
        let outcome = run(command.env("GOMAXPROCS", n.to_string()), Streams::Stdout, TIMEOUT)?;
        if outcome.code() != Some(expected_exit(source)) || outcome.output != expected {
            let difference = first_difference(&String::from_utf8_lossy(&expected), &outcome.text());
            let again = run(command.env("GOMAXPROCS", n.to_string()), Streams::Both, TIMEOUT)?;
            let said = again
                .text()
                .lines()
                .rev()
                .take(30)
                .collect::<Vec<_>>()
                .into_iter()
                .rev()
                .collect::<Vec<_>>()
                .join("\n");
            return Err(format!(
                "GOMAXPROCS={n}: {}; {difference}\n(run again: {}) {said}",
                outcome.ending(),
                again.ending()
            )
            .into());
        }
    }
    Ok(())
}

fn test_panics(path: &Path) -> Result<(), Failed> {
    let source = fs::read_to_string(path)?;
    let work = tempfile::tempdir()?;
    let program: PathBuf = work.path().join("program");
    let built = build(&Source::prepare(path, &source)?, &program)?;
    if built.code() != Some(0) {
        return Err(format!("build: {}\n{}", built.ending(), built.text()).into());
    }
    let expected = fs::read_to_string(path.with_extension("err")).map_err(|e| format!("expected texts: {e}"))?;
    for procs in [1, 2, 8] {
        let problems = panics::compare(&expected, &panics::run_cases(&program, &source, procs)?);
        if !problems.is_empty() {
            return Err(format!("GOMAXPROCS={procs}:\n{}", problems.join("\n")).into());
        }
    }
    Ok(())
}

/// Another linker makes a program that does the same.
fn link_externally(path: &Path) -> Result<(), Failed> {
    let work = tempfile::tempdir()?;
    let program = work.path().join("program");
    let mut command = Command::new(golift());
    command.args(["build", "-ldflags=-linkmode=external", "-o"]).arg(&program).arg(path);
    let built = run(&mut command, Streams::Both, TIMEOUT)?;
    if built.code() != Some(0) {
        return Err(format!("build: {}\n{}", built.ending(), built.text()).into());
    }
    let expected = fs::read(path.with_extension("out"))?;
    let source = fs::read_to_string(path)?;
    let outcome = run(Command::new(&program).env("GOMAXPROCS", "2"), Streams::Stdout, TIMEOUT)?;
    if outcome.code() != Some(expected_exit(&source)) || outcome.output != expected {
        let difference = first_difference(&String::from_utf8_lossy(&expected), &outcome.text());
        return Err(format!("{}; {difference}", outcome.ending()).into());
    }
    Ok(())
}

fn check_errors(path: &Path, source: &str) -> Result<(), Failed> {
    let mut command = Command::new(golift());
    let prepared = Source::prepare(path, source)?;
    command.args(["check", "-gcflags=-e"]).arg(&prepared.target).current_dir(&prepared.dir);
    let outcome = run(&mut command, Streams::Both, TIMEOUT)?;
    let file = path.file_name().unwrap_or_default().to_string_lossy();
    let problems = errorcheck::compare(source, &file, &outcome.text());
    if outcome.code() != Some(1) {
        return Err(format!("{} instead of exit 1\n{}", outcome.ending(), outcome.text()).into());
    }
    if problems.is_empty() { Ok(()) } else { Err(problems.join("\n").into()) }
}
