//! Broken input and broken surroundings: what is said, how it ends, and that nothing is left behind.

use std::fs;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use golift_tests::{Streams, golift, root, run};
use libtest_mimic::{Failed, Trial};

use super::{Case, HELLO, MOD, command, write_files};

#[rustfmt::skip]
pub const CASES: &[Case] = &[
    Case { name: "nul_in_header", files: &[("main.go", b"package main\n\x00import \"fmt\"\n")], args: &["build", "main.go"], env: &[], code: 1, output: &["go: reading main.go: unexpected NUL in input\n"] },
    Case { name: "nul_in_body", files: &[("main.go", b"package main\n\nfunc main() {\n\x00}\n")], args: &["build", "main.go"], env: &[], code: 1, output: &["# command-line-arguments\n./main.go:4:1: invalid NUL character\n"] },
    Case { name: "invalid_utf8_in_header", files: &[("main.go", b"package main\n\n// \xff\nfunc main() {}\n")], args: &["build", "main.go"], env: &[], code: 1, output: &["main.go:3:4: illegal UTF-8 encoding\n"] },
    Case { name: "invalid_utf8_in_body", files: &[("main.go", b"package main\n\nfunc main() {} // \xff\n")], args: &["build", "main.go"], env: &[], code: 1, output: &["# command-line-arguments\n./main.go:3:19: invalid UTF-8 encoding\n"] },
    Case { name: "executable_as_source", files: &[("main.go", b"\x7fELF\x02\x01\x01")], args: &["build", "main.go"], env: &[], code: 1, output: &["main.go:1:1: illegal character U+007F\n"] },
    Case { name: "unterminated_import", files: &[("main.go", b"package main\nimport \"fmt")], args: &["build", "main.go"], env: &[], code: 1, output: &["main.go:2:8: string literal not terminated\n"] },
    Case { name: "malformed_import", files: &[("main.go", b"package main\n\nimport _ \"unicode//utf8\"\n\nfunc main() {}\n")], args: &["build", "main.go"], env: &[], code: 1, output: &["main.go:3:8: malformed import path \"unicode//utf8\": double slash\n"] },
    Case { name: "absolute_import", files: &[("main.go", b"package main\n\nimport _ \"/x\"\n\nfunc main() {}\n")], args: &["build", "main.go"], env: &[], code: 1, output: &["main.go:3:8: \"/x\" is not a package path; see 'go help packages'\n"] },
    Case { name: "relative_import", files: &[("main.go", b"package main\n\nimport _ \"./x\"\n\nfunc main() {}\n")], args: &["build", "main.go"], env: &[], code: 1, output: &["main.go:3:8: \"./x\" is relative, but relative import paths are not supported in module mode\n"] },
    Case { name: "program_imported", files: &[MOD, HELLO, ("lib/lib.go", b"package lib\n\nimport _ \"example.com/m\"\n")], args: &["build", "./lib"], env: &[], code: 1, output: &["lib/lib.go:3:8: import \"example.com/m\" is a program, not an importable package\n"] },
    Case { name: "files_of_two_folders", files: &[HELLO, ("x/a.go", b"package main\n")], args: &["build", "main.go", "x/a.go"], env: &[], code: 1, output: &["named files must all be in one directory; have . and x\n"] },
    Case { name: "no_go_file", files: &[HELLO, ("a.txt", b"")], args: &["build", "main.go", "a.txt"], env: &[], code: 1, output: &["named files must be .go files: a.txt\n"] },
    Case { name: "directory_as_file", files: &[HELLO, ("x.go/", b"")], args: &["build", "main.go", "x.go"], env: &[], code: 1, output: &["x.go is a directory, should be a Go file\n"] },
    Case { name: "missing_second_file", files: &[HELLO], args: &["build", "main.go", "nosuch.go"], env: &[], code: 1, output: &["stat nosuch.go: no such file or directory\n"] },
    Case { name: "run_missing_file", files: &[], args: &["run", "./nosuch.go"], env: &[], code: 1, output: &["stat ./nosuch.go: no such file or directory\n"] },
    Case { name: "named_test_files", files: &[HELLO, ("a_test.go", b"package main_test\n")], args: &["build", "-o", "out", "main.go", "a_test.go"], env: &[], code: 0, output: &[] },
    Case { name: "only_test_files", files: &[("a_test.go", b"package main\n")], args: &["build", "a_test.go"], env: &[], code: 0, output: &[] },
    Case { name: "run_killed", files: &[("main.go", b"package main\n\nimport \"syscall\"\n\nfunc main() { syscall.Exec(\"/bin/sh\", []string{\"sh\", \"-c\", \"kill -USR1 $$\"}, nil) }\n")], args: &["run", "main.go"], env: &[], code: 1, output: &["signal: user defined signal 1\n"] },
    Case { name: "documentation", files: &[MOD, ("doc.go", b"package documentation\n"), HELLO], args: &["run", "."], env: &[], code: 0, output: &["hello\n"] },
    Case { name: "only_documentation", files: &[MOD, ("doc.go", b"package documentation\n")], args: &["build"], env: &[], code: 1, output: &["package example.com/m: build constraints exclude all Go files in "] },
    Case { name: "no_module", files: &[HELLO], args: &["build", "./nosuch"], env: &[], code: 1, output: &["go: go.mod file not found in current directory or any parent directory; see 'go help modules'\n"] },
    Case { name: "outside_module", files: &[MOD], args: &["build", "/"], env: &[], code: 1, output: &["directory / outside main module or its selected dependencies\n"] },
    Case { name: "unknown_experiment", files: &[HELLO], args: &["build", "main.go"], env: &[("GOEXPERIMENT", "foo")], code: 2, output: &["unknown GOEXPERIMENT foo\n"] },
    Case { name: "no_such_target", files: &[HELLO], args: &["build", "main.go"], env: &[("GOOS", "windows"), ("GOARCH", "amd64")], code: 2, output: &["building for windows/amd64 is not supported yet\n"] },
    Case { name: "relative_cache", files: &[HELLO], args: &["build", "main.go"], env: &[("GOLIFTCACHE", "cache")], code: 1, output: &["GOLIFTCACHE is not an absolute path\n"] },
    Case { name: "output_in_new_directory", files: &[HELLO], args: &["build", "-o", "a/b/x", "main.go"], env: &[], code: 0, output: &[] },
    Case { name: "output_below_file", files: &[HELLO], args: &["build", "-o", "main.go/x", "main.go"], env: &[], code: 1, output: &["cannot write main.go/x: "] },
    Case { name: "output_is_full", files: &[HELLO], args: &["build", "-o", "/dev/full", "main.go"], env: &[], code: 1, output: &["cannot write /dev/full: no space left on device\n"] },
];

pub fn trials() -> Vec<Trial> {
    vec![
        Trial::test("cli/no_distribution", no_distribution),
        Trial::test("cli/pipe_as_source", pipe_as_source),
        Trial::test("cli/deleted_directory", deleted_directory),
        Trial::test("cli/files_too_large", files_too_large),
        Trial::test("cli/full_standard_output", full_standard_output),
        Trial::test("cli/interrupted_build", interrupted_build),
        Trial::test("cli/interrupted_run", interrupted_run),
    ]
}

fn names(dir: &Path) -> Vec<String> {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// What cannot be printed is an error of the command, whichever part of it prints.
fn full_standard_output() -> Result<(), Failed> {
    let work = tempfile::tempdir()?;
    let test = b"package m\n\nimport \"testing\"\n\nfunc TestX(t *testing.T) { t.Fail() }\n";
    write_files(work.path(), &[MOD, ("m.go", b"package m\n"), ("m_test.go", test)])?;
    let lines: [&[&str]; 4] =
        [&["test", "./..."], &["test", "./nosuch"], &["tool", "-n", "test2json"], &["clean", "-cache", "-n"]];
    for args in lines {
        let mut shell = Command::new("sh");
        shell.args(["-c", "exec \"$0\" \"$@\" >/dev/full"]).arg(golift()).args(args);
        shell.current_dir(work.path()).env("PWD", work.path()).env_remove("GOFLAGS");
        let outcome = run(&mut shell, Streams::Both, Duration::from_secs(300))?;
        let text = outcome.text();
        if outcome.code() != Some(1) || !text.contains("No space left on device") || text.contains("compiler error") {
            return Err(format!("{args:?}: {}\n{text}", outcome.ending()).into());
        }
    }
    Ok(())
}

/// Runs it and expects an exit code and a text.
fn expect(command: &mut Command, code: i32, wanted: &str) -> Result<(), Failed> {
    let outcome = run(command, Streams::Both, Duration::from_secs(60))?;
    match outcome.code() == Some(code) && outcome.text().contains(wanted) {
        true => Ok(()),
        false => Err(format!("{}, {wanted:?} expected in\n{}", outcome.ending(), outcome.text()).into()),
    }
}

/// A shell's line, with `$0` for golift.
fn shell(dir: &Path, line: &str) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", line]).arg(golift()).current_dir(dir).env("PWD", dir).env_remove("GOFLAGS");
    command
}

fn no_distribution() -> Result<(), Failed> {
    let dir = tempfile::tempdir()?;
    write_files(dir.path(), &[HELLO])?;
    let mut command = command(dir.path(), &["build", "main.go"]);
    command.env_remove("GOROOT").env_remove("XDG_DATA_HOME").env("HOME", dir.path().join("home")).env("PATH", "");
    expect(&mut command, 1, "no Go distribution, and pip could not fetch one")?;
    match names(&dir.path().join("home/.local/share/golift")) {
        left if left.is_empty() => Ok(()),
        left => Err(format!("left behind: {left:?}").into()),
    }
}

fn pipe_as_source() -> Result<(), Failed> {
    let dir = tempfile::tempdir()?;
    write_files(dir.path(), &[HELLO])?;
    expect(&mut shell(dir.path(), "mkfifo p.go && { cat main.go > p.go & } && exec \"$0\" run p.go"), 0, "hello\n")
}

fn deleted_directory() -> Result<(), Failed> {
    let dir = tempfile::tempdir()?;
    let mut command = shell(dir.path(), "mkdir x && cd x && rmdir ../x && exec \"$0\" build main.go");
    expect(&mut command, 1, "cannot determine current directory: getwd: no such file or directory\n")
}

/// Neither the output nor the cache is written in part.
fn files_too_large() -> Result<(), Failed> {
    let dir = tempfile::tempdir()?;
    write_files(dir.path(), &[HELLO, ("main", b"\x7fELF old")])?;
    let cache = dir.path().join("cache");
    let mut command = shell(dir.path(), "ulimit -f 100; exec \"$0\" build main.go");
    expect(command.env("GOLIFTCACHE", &cache), 1, "cannot write main: file too large\n")?;
    if fs::read(dir.path().join("main"))? != b"\x7fELF old"
        || names(dir.path()).iter().any(|name| name.starts_with('.'))
    {
        return Err(format!("left behind: {:?}", names(dir.path())).into());
    }
    let mut command = shell(dir.path(), "ulimit -f 2000; exec \"$0\" build main.go");
    expect(command.env("GOLIFTCACHE", &cache), 0, "")?;
    let left: Vec<String> = ["code", "program"].iter().flat_map(|folder| names(&cache.join(folder))).collect();
    match left.iter().any(|name| name.starts_with('.')) {
        false => Ok(()),
        true => Err(format!("left behind: {left:?}").into()),
    }
}

fn kill(signal: &str, process: u32) -> Result<(), Failed> {
    Command::new("kill").args([format!("-{signal}"), process.to_string()]).status()?;
    Ok(())
}

/// An interrupted build ends by the signal and leaves nothing.
fn interrupted_build() -> Result<(), Failed> {
    for (signal, number) in [("INT", 2), ("TERM", 15)] {
        for delay in [5, 100, 400] {
            let dir = tempfile::tempdir()?;
            for folder in ["tmp", "out"] {
                fs::create_dir(dir.path().join(folder))?;
            }
            let mut command = command(dir.path(), &["build", "-ldflags=-linkmode=external", "-o", "out/x"]);
            command.arg(root().join("examples/jsonfmt.go")).stderr(Stdio::null());
            command.env("TMPDIR", dir.path().join("tmp")).env("GOLIFTCACHE", dir.path().join("cache"));
            let mut child = command.spawn()?;
            thread::sleep(Duration::from_millis(delay));
            kill(signal, child.id())?;
            let status = child.wait()?;
            let finished = status.success() && delay == 400;
            if status.signal() != Some(number) && !finished {
                return Err(format!("{signal} after {delay} ms: {status}").into());
            }
            let mut left = names(&dir.path().join("tmp"));
            left.extend(names(&dir.path().join("out")).into_iter().filter(|_| !finished));
            left.extend(names(&dir.path().join("cache/code")).into_iter().filter(|name| name.starts_with('.')));
            if !left.is_empty() {
                return Err(format!("{signal} after {delay} ms left {left:?}").into());
            }
        }
    }
    Ok(())
}

/// A signal to `golift run` reaches the program, and what that says counts.
fn interrupted_run() -> Result<(), Failed> {
    let dir = tempfile::tempdir()?;
    let source = b"package main\n\nimport (\n\t\"os\"\n\t\"os/signal\"\n\t\"syscall\"\n)\n\nfunc main() {\n\tc := make(chan os.Signal, 1)\n\tsignal.Notify(c, syscall.SIGTERM)\n\tos.WriteFile(\"ready\", nil, 0o666)\n\t<-c\n\tprintln(\"terminated\")\n\tos.Exit(3)\n}\n";
    write_files(dir.path(), &[("main.go", source), ("tmp/", b"")])?;
    let mut command = command(dir.path(), &["run", "main.go"]);
    let mut child = command.env("TMPDIR", dir.path().join("tmp")).stderr(Stdio::piped()).spawn()?;
    let start = Instant::now();
    while !dir.path().join("ready").exists() && start.elapsed() < Duration::from_secs(60) {
        thread::sleep(Duration::from_millis(10));
    }
    // Interrupts are the program's, which does not get this one.
    kill("INT", child.id())?;
    kill("TERM", child.id())?;
    let mut text = String::new();
    if let Some(mut stderr) = child.stderr.take() {
        std::io::Read::read_to_string(&mut stderr, &mut text)?;
    }
    let status = child.wait()?;
    let left = names(&dir.path().join("tmp"));
    if status.code() != Some(3) || text != "terminated\nexit status 3\n" || !left.is_empty() {
        return Err(format!("{status}, {left:?}\n{text}").into());
    }
    Ok(())
}
