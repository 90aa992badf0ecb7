//! Does what a test says. The rules are those of cmd/internal/testdir.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use super::recipe::Test;
use super::toolchain::{Package, Toolchain, cannot_start};
use crate::errorcheck::{self, Matching};
use crate::{Outcome, Streams, first_difference, go_files, run};

const RUN_TIMEOUT: Duration = Duration::from_secs(120);

/// Where the tests are, and the distribution, which some tests call.
#[derive(Clone, Copy)]
pub struct Place<'a> {
    pub dir: &'a Path,
    pub goroot: &'a Path,
}

/// The error says what went wrong.
pub fn judge(place: Place, test: &Test, compiler: &dyn Toolchain) -> Result<(), String> {
    let dir = place.dir;
    let work = tempfile::tempdir().map_err(cannot_start)?;
    let work = work.path();
    let source = dir.join(&test.name);
    let program = work.join("test.exe");
    match test.action.as_str() {
        "build" => must_succeed(&compiler.build(test, dir, &[&test.name], &program)?),
        "run" | "buildrun" => {
            let output = build_and_run(place, test, compiler, &program)?;
            compare_output(&source, output)
        }
        "runoutput" => {
            let made = build_and_run(place, test, compiler, &program)?;
            fs::write(work.join("tmp__.go"), &made).map_err(cannot_start)?;
            let program = work.join("second.exe");
            must_succeed(&compiler.build(test, work, &["tmp__.go"], &program)?)?;
            compare_output(&source, run_program(place, &program, test, &[], dir)?)
        }
        "errorcheckoutput" => {
            let made = build_and_run(place, test, compiler, &program)?;
            let file = work.join("tmp__.go");
            fs::write(&file, &made).map_err(cannot_start)?;
            let compiled = compiler.compile(test, &file, work)?;
            check_errors(test.wants_error, &[file], compiled.code() != Some(0), &compiled.text())
        }
        "compile" => must_succeed(&compiler.compile(test, &source, work)?),
        "errorcheck" => {
            let compiled = compiler.compile(test, &source, work)?;
            check_errors(test.wants_error, &[source], compiled.code() != Some(0), &compiled.text())
        }
        "runindir" | "builddir" | "buildrundir" => {
            let module = work.join("module");
            copy_tree(&source.with_extension("dir"), &module).map_err(cannot_start)?;
            let name = source.file_stem().unwrap_or_default().to_string_lossy();
            let version = test.go_version.as_deref().unwrap_or("1.14");
            let go_mod = format!("module {name}.dir\ngo {version}\n");
            fs::write(module.join("go.mod"), go_mod).map_err(cannot_start)?;
            must_succeed(&compiler.build(test, &module, &["."], &program)?)?;
            if test.action == "builddir" {
                return Ok(());
            }
            compare_output(&source, run_program(place, &program, test, &[], &module)?)
        }
        "rundir" | "compiledir" | "errorcheckdir" | "errorcheckandrundir" => {
            judge_packages(place, test, compiler, &program, work)
        }
        other => Err(format!("cannot start: unknown action {other}")),
    }
}

/// `go run`: arguments that name Go files belong to the program.
fn build_and_run(place: Place, test: &Test, compiler: &dyn Toolchain, program: &Path) -> Result<Vec<u8>, String> {
    let files = test.args.iter().take_while(|arg| arg.ends_with(".go")).count();
    let (files, args) = test.args.split_at(files);
    let files: Vec<&str> = std::iter::once(&test.name).chain(files).map(String::as_str).collect();
    must_succeed(&compiler.build(test, place.dir, &files, program)?)?;
    run_program(place, program, test, args, place.dir)
}

fn judge_packages(
    place: Place,
    test: &Test,
    compiler: &dyn Toolchain,
    program: &Path,
    work: &Path,
) -> Result<(), String> {
    let source = &place.dir.join(&test.name);
    let packages = split_packages(&source.with_extension("dir"), test.single_files);
    let results = compiler.packages(test, &packages, work)?;
    let runs = test.action.ends_with("rundir");
    let checks_errors = test.action.starts_with("errorcheck");
    // Where the program is run too, the error is in what the last package would import.
    let wrong = (test.wants_error && checks_errors).then(|| packages.len().wrapping_sub(1 + usize::from(runs)));
    for (index, (package, result)) in packages.iter().zip(&results).enumerate() {
        if checks_errors {
            check_errors(wrong == Some(index), &package.files, result.failed, &result.text)?;
        } else if result.failed {
            return Err(format!("build: {}", first_message(&result.text)));
        }
    }
    if !runs {
        return Ok(());
    }
    must_succeed(&compiler.link_last(test, &packages, program, work)?)?;
    compare_output(source, run_program(place, program, test, &test.args, work)?)
}

fn first_message(text: &str) -> &str {
    text.lines().find(|line| !line.starts_with('#')).unwrap_or_default()
}

fn must_succeed(built: &Outcome) -> Result<(), String> {
    match built.code() {
        Some(0) => Ok(()),
        _ => Err(format!("build: {} ({})", first_message(&built.text()), built.ending())),
    }
}

fn run_program(place: Place, program: &Path, test: &Test, args: &[String], dir: &Path) -> Result<Vec<u8>, String> {
    let mut command = Command::new(program);
    // As `go run` and cmd/dist set it; some tests start the go command.
    let path = std::env::var("PATH").unwrap_or_default();
    command.env("PATH", format!("{}/bin:{path}", place.goroot.display())).env("GOROOT", place.goroot);
    command.env("GOOS", "linux").env("GOARCH", "amd64").env("GOTOOLCHAIN", "local");
    command.args(args).current_dir(dir).env("PWD", dir);
    command.envs(test.env.iter().map(|(name, value)| (name, value)));
    let outcome = run(&mut command, Streams::Both, test.timeout.unwrap_or(RUN_TIMEOUT)).map_err(cannot_start)?;
    if outcome.code() != Some(0) {
        let text = outcome.text();
        let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).take(2).collect();
        return Err(format!("run: {}: {}", outcome.ending(), lines.join(" / ")));
    }
    Ok(outcome.output)
}

/// Without a file of expected output there must be none.
fn compare_output(source: &Path, output: Vec<u8>) -> Result<(), String> {
    let expected = fs::read(source.with_extension("out")).unwrap_or_default();
    if expected == output {
        return Ok(());
    }
    let difference = first_difference(&String::from_utf8_lossy(&expected), &String::from_utf8_lossy(&output));
    Err(format!("output: {difference}"))
}

fn check_errors(wanted: bool, files: &[PathBuf], failed: bool, text: &str) -> Result<(), String> {
    match (wanted, failed) {
        (true, false) => return Err("errors: none".into()),
        (false, true) => return Err(format!("build: {}", first_message(text))),
        _ => {}
    }
    let mut sources = Vec::new();
    for file in files {
        let source = fs::read(file).map_err(cannot_start)?;
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        sources.push((name, String::from_utf8_lossy(&source).into_owned()));
    }
    match errorcheck::compare_files(&sources, text, Matching::AsGc).first() {
        None => Ok(()),
        Some(first) => Err(format!("errors: {first}")),
    }
}

/// The packages of a folder in the order of their first files.
fn split_packages(folder: &Path, single_files: bool) -> Vec<Package> {
    let mut packages: Vec<Package> = Vec::new();
    for path in go_files(folder) {
        let text = fs::read_to_string(&path).unwrap_or_default();
        let clause = text.lines().find_map(|line| line.strip_prefix("package ")).unwrap_or_default();
        let is_name = |c: char| c.is_alphanumeric() || c == '_';
        let clause: String = clause.chars().take_while(|&c| is_name(c)).collect();
        match packages.iter_mut().find(|known| known.clause == clause && !single_files) {
            Some(known) => known.files.push(path),
            None => {
                let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
                packages.push(Package { name, clause, files: vec![path] });
            }
        }
    }
    packages
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
