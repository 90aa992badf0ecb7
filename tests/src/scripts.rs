//! cmd/go's own script tests (`testdata/script` in the distribution), run with golift as `go`.
//!
//! The engine is the distribution's: the tests of package cmd/go, compiled by golift, with three of their sources changed on the way (`-overlay`).
//! `go` is golift; nothing outside the machine is asked for; and telemetry, which golift does not have, is not looked for.
//! Each script gets a process of its own, so that one that hangs takes no other with it. Where golift leaves a
//! command to cmd/go, that is the same test binary, because some scripts ask for what only it has (`TESTGO_VERSION`).
//!
//! What fails for a known reason stands in `tests/scripts-known.txt`: one that is not there, and an entry that passes, make the command fail.
//! Not every script can pass on every machine: with `--reference` the same tests are compiled and run by gc, with its own go command as `go`, and
//! what fails there is remembered beside the build and not counted against golift.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::{Streams, cache_dir, files_with, golift, in_parallel, known, run};

/// For building the tests.
const BUILD_TIMEOUT: Duration = Duration::from_secs(1200);

/// For one script.
const TIMEOUT: Duration = Duration::from_secs(400);

/// What is changed in which file of `src`.
const CHANGES: [(&str, &str, &str); 5] = [
    (
        "cmd/go/go_test.go",
        "testExe, err := os.Executable()",
        "testExe, err := os.Getenv(\"GOLIFT_SCRIPTS_GO\"), error(nil)",
    ),
    ("cmd/go/script_test.go", "const disabledOnPlatform = false ||", "const disabledOnPlatform = true ||"),
    ("cmd/go/script_test.go", "var extraEnvKeys = []string{", "var extraEnvKeys = []string{\n\t\"GOLIFTCACHE\","),
    // Only scripts may see it: the tests themselves would start themselves in the place of `go`.
    (
        "cmd/go/script_test.go",
        "\"GOTRACEBACK=system\",",
        "\"GOTRACEBACK=system\", \"GOLIFT_GO=\" + os.Getenv(\"GOLIFT_SCRIPTS_COMMAND\"),",
    ),
    (
        "internal/testenv/testenv.go",
        "return !testing.Short() && runtime.GOOS != \"js\"",
        "return false && runtime.GOOS != \"js\"",
    ),
];

/// How a script ended.
enum End {
    Passed,
    Skipped,
    /// With the end of its log.
    Failed(String),
}

/// Whose go command the scripts get.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Toolchain {
    Golift,
    Gc,
}

/// Runs the scripts whose names are given (all, without any). True if the failures are those that are known, or with `--reference` if all could be run.
pub fn scripts(args: &[String]) -> bool {
    let names: Vec<String> = args.iter().filter(|arg| *arg != "--reference").cloned().collect();
    let done = if names.len() == args.len() { run_all(&names) } else { ask_gc(&names) };
    done.unwrap_or_else(|e| {
        eprintln!("{e}");
        false
    })
}

/// The distribution, and those of its scripts that are wanted.
fn find(names: &[String]) -> Result<(PathBuf, Vec<String>), String> {
    let goroot = golift_load::find_goroot(None, &|msg| eprintln!("{msg}")).map_err(|e| e.to_string())?;
    let found = files_with(&goroot.join("src/cmd/go/testdata/script"), &["txt"]);
    let found: Vec<String> =
        found.iter().filter_map(|path| Some(path.file_stem()?.to_string_lossy().into_owned())).collect();
    if let Some(unknown) = names.iter().find(|name| !found.contains(name)) {
        return Err(format!("no script {unknown}"));
    }
    let wanted = if names.is_empty() { found } else { names.to_vec() };
    Ok((goroot, wanted))
}

/// Runs the scripts; prints a line for each, with the log of a failure that is not expected.
fn run_each(tests: &Tests, wanted: &[String], expected: impl Fn(&str) -> bool + Sync) -> Vec<Result<End, String>> {
    in_parallel(wanted, |name| {
        let end = tests.run(name);
        let mark = match &end {
            Ok(End::Passed) => "ok  ",
            Ok(End::Skipped) => "skip",
            Ok(End::Failed(_)) | Err(_) => "FAIL",
        };
        let log = match &end {
            Ok(End::Failed(log)) if !expected(name) => format!("\n\t{}", log.replace('\n', "\n\t")),
            _ => String::new(),
        };
        eprintln!("{mark} {name}{log}");
        end
    })
}

/// Runs the scripts with gc's go command, and remembers which fail.
fn ask_gc(names: &[String]) -> Result<bool, String> {
    let (goroot, wanted) = find(names)?;
    let tests = Tests::build(&goroot, Toolchain::Gc)?;
    let ends = run_each(&tests, &wanted, |_| false);
    let mut failing = failing_with_gc(&goroot);
    let (mut passed, mut skipped, mut failed) = (0, 0, 0);
    for (name, end) in wanted.iter().zip(ends) {
        failing.remove(name);
        match end? {
            End::Passed => passed += 1,
            End::Skipped => skipped += 1,
            End::Failed(_) => {
                failed += 1;
                println!("FAIL {name}");
                failing.insert(name.clone());
            }
        }
    }
    println!("{passed} passed, {failed} failed, {skipped} skipped");
    let text: String = failing.iter().map(|name| format!("{name}\n")).collect();
    let file = reference_file(&goroot);
    fs::write(&file, text).map_err(|e| format!("{}: {e}", file.display()))?;
    Ok(true)
}

/// Scripts that gc's go command is known to fail on this machine; none if it has not been asked.
fn failing_with_gc(goroot: &Path) -> BTreeSet<String> {
    let text = fs::read_to_string(reference_file(goroot)).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

fn reference_file(goroot: &Path) -> PathBuf {
    let version = golift_load::goroot_version(goroot).unwrap_or_default();
    cache_dir().join(format!("scripts-failing-with-gc-{version}"))
}

fn run_all(names: &[String]) -> Result<bool, String> {
    let (goroot, wanted) = find(names)?;
    let tests = Tests::build(&goroot, Toolchain::Golift)?;
    let known = known::failures("scripts-known.txt");
    let failing_with_gc = failing_with_gc(&goroot);
    let expected = |name: &str| known.contains_key(name) || failing_with_gc.contains(name);
    let ends = run_each(&tests, &wanted, expected);
    let (mut passed, mut skipped, mut with_gc_too, mut failed) = (0, 0, 0, BTreeSet::new());
    let mut surprises = 0;
    for (name, end) in wanted.iter().zip(ends) {
        match end? {
            End::Passed => passed += 1,
            End::Skipped => skipped += 1,
            End::Failed(_) if failing_with_gc.contains(name) => with_gc_too += 1,
            End::Failed(_) => {
                failed.insert(name.clone());
                match known.get(name) {
                    Some(reason) => println!("known {name}: {reason}"),
                    None => {
                        surprises += 1;
                        println!("FAIL {name}");
                    }
                }
            }
        }
    }
    let stale = |name: &&String| wanted.contains(name) && !failed.contains(*name) && !failing_with_gc.contains(*name);
    for name in known.keys().filter(stale) {
        surprises += 1;
        println!("PASS {name}: take it out of scripts-known.txt");
    }
    println!("{with_gc_too} fail with gc too, and are not counted");
    println!("{passed} passed, {} failed, {skipped} skipped", failed.len());
    println!("{surprises} not as scripts-known.txt says");
    Ok(surprises == 0)
}

/// The compiled tests.
struct Tests {
    goroot: PathBuf,
    program: PathBuf,
    /// What is `go`.
    go: PathBuf,
    /// Holds `go`.
    bin: PathBuf,
    cache: PathBuf,
    toolchain: Toolchain,
}

impl Tests {
    fn build(goroot: &Path, toolchain: Toolchain) -> Result<Tests, String> {
        let (name, compiler) = match toolchain {
            Toolchain::Golift => ("scripts", golift()),
            Toolchain::Gc => ("scripts-gc", goroot.join("bin/go")),
        };
        let folder = cache_dir().join(name);
        let program = folder.join("script.test");
        // With gc it is the test itself, as in its own runs.
        let go = if toolchain == Toolchain::Gc { program.clone() } else { golift() };
        let bin = folder.join("bin");
        let failed = |path: &Path, e: std::io::Error| format!("{}: {e}", path.display());
        fs::create_dir_all(&bin).map_err(|e| failed(&bin, e))?;
        let link = bin.join("go");
        let _there_may_be_none = fs::remove_file(&link);
        symlink(&compiler, &link).map_err(|e| failed(&link, e))?;
        let mut replaced = serde_json::Map::new();
        for (file, from, to) in CHANGES {
            let (source, changed) = (goroot.join("src").join(file), folder.join(file.replace('/', "_")));
            let name = source.to_string_lossy().into_owned();
            let read = if replaced.contains_key(&name) { &changed } else { &source };
            let text = fs::read_to_string(read).map_err(|e| failed(read, e))?;
            if !text.contains(from) {
                return Err(format!("{}: no {from:?}", source.display()));
            }
            fs::write(&changed, text.replacen(from, to, 1)).map_err(|e| failed(&changed, e))?;
            replaced.insert(name, changed.to_string_lossy().into());
        }
        let overlay = folder.join("overlay.json");
        fs::write(&overlay, serde_json::json!({"Replace": replaced}).to_string()).map_err(|e| failed(&overlay, e))?;
        let cache = std::env::var_os("GOLIFTCACHE").map_or_else(|| folder.join("cache"), PathBuf::from);
        let tests = Tests { goroot: goroot.to_owned(), program, go, bin, cache, toolchain };
        let mut command = tests.command(&compiler);
        command.args(["test", "-c", "-vet=off"]).arg(format!("-overlay={}", overlay.display()));
        command.arg("-o").arg(&tests.program).arg("cmd/go").current_dir(&folder);
        let outcome = run(&mut command, Streams::Both, BUILD_TIMEOUT).map_err(|e| e.to_string())?;
        if outcome.code() != Some(0) {
            return Err(format!("the tests of cmd/go cannot be built: {}\n{}", outcome.ending(), outcome.text()));
        }
        Ok(tests)
    }

    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.env("GOROOT", &self.goroot).env("GOLIFTCACHE", &self.cache).env("CGO_ENABLED", "0");
        command.env("GOTOOLCHAIN", "local").env_remove("GOFLAGS").env_remove("GOWORK");
        command
    }

    fn run(&self, name: &str) -> Result<End, String> {
        let mut path = self.bin.clone().into_os_string();
        if let Some(rest) = std::env::var_os("PATH") {
            path.push(":");
            path.push(rest);
        }
        let mut command = self.command(&self.program);
        command.env("PATH", path).env("GOLIFT_SCRIPTS_GO", &self.go);
        if self.toolchain == Toolchain::Golift {
            command.env("GOLIFT_SCRIPTS_COMMAND", &self.program);
        }
        command
            .arg(format!("-test.run=^TestScript$/^{}$", name.replace('.', "\\.").replace('+', "\\+")))
            .arg("-test.v");
        // The test says what it was about before it is killed.
        command.arg(format!("-test.timeout={}s", TIMEOUT.as_secs() - 20)).current_dir(self.goroot.join("src/cmd/go"));
        let outcome = run(&mut command, Streams::Both, TIMEOUT).map_err(|e| e.to_string())?;
        let text = outcome.text();
        let says = |verdict: &str| {
            text.lines().any(|line| line.trim_start().starts_with(&format!("--- {verdict}: TestScript/{name} ")))
        };
        if outcome.code() == Some(0) && says("SKIP") {
            return Ok(End::Skipped);
        }
        if outcome.code() == Some(0) && says("PASS") {
            return Ok(End::Passed);
        }
        Ok(End::Failed(end_of_log(&text, &outcome.ending())))
    }
}

/// What the script did last.
fn end_of_log(text: &str, ending: &str) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim).take_while(|line| !line.starts_with("--- FAIL")).collect();
    // Lines of commands begin with `>`; what they print may be long.
    let from = lines.iter().rposition(|line| line.starts_with("> ")).unwrap_or(lines.len().saturating_sub(20));
    let from =
        lines[..from].iter().rposition(|line| line.starts_with("> go ")).filter(|&go| go + 20 > from).unwrap_or(from);
    let shown: Vec<String> = lines[from..]
        .iter()
        .filter(|line| !line.is_empty())
        .take(25)
        .map(|line| line.chars().take(300).collect())
        .collect();
    format!("{}\n({ending})", shown.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_command_and_what_came_of_it() {
        let text = "x\n    > go build\n    [stderr]\n    bad\n    > stderr good\n    script_test.go:1: FAIL: no match\n--- FAIL: TestScript/a (1s)\nmore\n";
        let log = end_of_log(text, "exit 1");
        assert_eq!(log, "> go build\n[stderr]\nbad\n> stderr good\nscript_test.go:1: FAIL: no match\n(exit 1)");
    }
}
