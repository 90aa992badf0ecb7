//! What a build writes, and what it leaves alone.

use std::ffi::OsStr;
use std::fs::{self, Permissions};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use golift_tests::{Outcome, Streams, golift, run};
use libtest_mimic::{Failed, Trial};

use super::{Case, HELLO, MOD, command, output_of, write_files};

const LIB: (&str, &[u8]) = ("lib.go", b"package lib\n");

#[rustfmt::skip]
pub const CASES: &[Case] = &[
    Case { name: "output_is_text", files: &[HELLO, ("notes.txt", b"my notes")], args: &["build", "-o", "notes.txt", "main.go"], env: &[], code: 1, output: &["golift: build output \"notes.txt\" already exists and is not an object file\n"] },
    Case { name: "output_is_source", files: &[HELLO], args: &["build", "-o", "main.go", "main.go"], env: &[], code: 1, output: &["build output \"main.go\" already exists and is not an object file\n"] },
    Case { name: "default_output_is_text", files: &[MOD, HELLO, ("m", b"#!/bin/sh\n")], args: &["build"], env: &[], code: 1, output: &["build output \"m\" already exists and is not an object file\n"] },
    Case { name: "output_of_several", files: &[MOD, ("a/main.go", HELLO.1), ("b/main.go", HELLO.1)], args: &["build", "-o", "x", "./..."], env: &[], code: 1, output: &["cannot write multiple packages to non-directory x\n"] },
    Case { name: "output_of_none", files: &[MOD, LIB], args: &["build", "-o", "x/"], env: &[], code: 1, output: &["no main packages to build\n"] },
    Case { name: "output_of_library", files: &[MOD, LIB], args: &["build", "-o", "x"], env: &[], code: 2, output: &["-o with a package that is no program is not supported yet\n"] },
    Case { name: "run_several", files: &[MOD, ("a/main.go", HELLO.1), ("b/main.go", HELLO.1)], args: &["run", "./..."], env: &[], code: 1, output: &["pattern ./... matches multiple packages:\n\texample.com/m/a\n\texample.com/m/b\n"] },
    Case { name: "run_only_tests", files: &[MOD, ("x_test.go", b"package m\n")], args: &["run", "."], env: &[], code: 1, output: &["package example.com/m is not a main package\n"] },
    Case { name: "build_only_tests", files: &[MOD, ("x_test.go", b"package m\n")], args: &["build"], env: &[], code: 1, output: &["example.com/m: no non-test Go files in "] },
];

pub fn trials() -> Vec<Trial> {
    vec![
        Trial::test("cli/outputs_in_their_places", outputs_in_their_places),
        Trial::test("cli/several_programs", several_programs),
        Trial::test("cli/any_bytes", any_bytes),
        Trial::test("cli/private_work_folder", private_work_folder),
        Trial::test("cli/linker_of_the_current_folder", linker_of_the_current_folder),
        Trial::test("cli/little_memory_and_few_files", little_memory_and_few_files),
        Trial::test("cli/ignored_signals", ignored_signals),
        Trial::test("cli/compiler_in_place", compiler_in_place),
    ]
}

fn start(command: &mut Command) -> Result<Outcome, Failed> {
    Ok(run(command, Streams::Both, Duration::from_secs(60))?)
}

fn good(command: &mut Command) -> Result<String, Failed> {
    output_of(start(command)?)
}

fn build(dir: &Path, output: &str) -> Result<String, Failed> {
    good(&mut command(dir, &["build", "-o", output, "main.go"]))
}

fn is_executable_elf(path: &Path) -> bool {
    fs::read(path).is_ok_and(|image| image.starts_with(b"\x7fELF"))
}

/// Links are written through, empty files and old executables replaced, folders made, devices left alone.
fn outputs_in_their_places() -> Result<(), Failed> {
    let work = tempfile::tempdir()?;
    let dir = work.path();
    write_files(dir, &[HELLO, ("far/empty", b"")])?;
    fs::set_permissions(dir.join("far/empty"), Permissions::from_mode(0o700))?;
    symlink("far/empty", dir.join("link"))?;
    build(dir, "link")?;
    let target = fs::metadata(dir.join("far/empty"))?;
    assert!(dir.join("link").symlink_metadata()?.is_symlink() && target.mode() & 0o777 == 0o700);
    assert!(is_executable_elf(&dir.join("far/empty")));
    build(dir, "new/folder/x")?;
    build(dir, "new/folder/x")?;
    assert!(is_executable_elf(&dir.join("new/folder/x")));
    assert_eq!(fs::read_dir(dir.join("new/folder"))?.count(), 1);
    build(dir, "/dev/null")?;
    assert_eq!(build(dir, "new/folder/")?, "");
    assert!(is_executable_elf(&dir.join("new/folder/main")));
    // In a folder that cannot be written to, what is there still can be, if golift does not run as root.
    fs::set_permissions(dir.join("far"), Permissions::from_mode(0o555))?;
    let written = build(dir, "far/empty");
    fs::set_permissions(dir.join("far"), Permissions::from_mode(0o755))?;
    written?;
    assert!(is_executable_elf(&dir.join("far/empty")));
    Ok(())
}

/// Each as if it was built alone.
fn several_programs() -> Result<(), Failed> {
    let work = tempfile::tempdir()?;
    let dir = work.path();
    const OTHER: &[u8] =
        b"package main\n\nimport \"fmt\"\n\nfunc init() { fmt.Println(\"other\") }\n\nfunc main() {}\n";
    write_files(dir, &[MOD, ("cmd/a/main.go", HELLO.1), ("cmd/b/main.go", OTHER), ("lib/lib.go", b"package lib\n")])?;
    good(&mut command(dir, &["build", "-o", "bin/", "./..."]))?;
    let mut names: Vec<_> = fs::read_dir(dir.join("bin"))?.flatten().map(|entry| entry.file_name()).collect();
    names.sort();
    assert_eq!(names, ["a", "b"]);
    assert_eq!(good(&mut Command::new(dir.join("bin/a")))?, "hello\n");
    assert_eq!(good(&mut Command::new(dir.join("bin/b")))?, "other\n");
    good(&mut command(dir, &["build", "-o", "alone", "./cmd/a"]))?;
    assert!(fs::read(dir.join("alone"))? == fs::read(dir.join("bin/a"))?, "a is another program alone");
    Ok(())
}

/// Arguments, names and values need not be UTF-8.
fn any_bytes() -> Result<(), Failed> {
    let work = tempfile::tempdir()?;
    let dir = work.path().join(OsStr::from_bytes(b"\xfffolder"));
    const PROGRAM: &[u8] = b"package main\n\nimport (\n\t\"fmt\"\n\t\"os\"\n)\n\nvar s string\n\nfunc main() { fmt.Printf(\"%q %q\", s, os.Args[1:]) }\n";
    write_files(&dir, &[("main.go", PROGRAM)])?;
    let mut run = command(&dir, &["run", "-ldflags"]);
    run.arg(OsStr::from_bytes(b"-X main.s=\xfe")).arg("main.go").arg(OsStr::from_bytes(b"\xff"));
    assert_eq!(good(&mut run)?, "\"\\xfe\" [\"\\xff\"]");
    let output = dir.join(OsStr::from_bytes(b"out\xff"));
    good(command(&dir, &["build", "-o"]).arg(&output).arg("main.go"))?;
    assert!(is_executable_elf(&output));
    // `-C` comes before all else, and what follows is seen from there.
    good(command(work.path(), &["build", "-C"]).arg(&dir).args(["-o", "here", "main.go"]))?;
    assert!(is_executable_elf(&dir.join("here")));
    Ok(())
}

/// What is executed later must not be somebody else's.
fn private_work_folder() -> Result<(), Failed> {
    let work = tempfile::tempdir()?;
    let dir = work.path();
    write_files(dir, &[HELLO, ("tmp/", b"")])?;
    let mut shell = Command::new("sh");
    shell.args(["-c", "umask 0; exec \"$0\" run -work main.go"]).arg(golift());
    let text = good(shell.current_dir(dir).env("PWD", dir).env("GOTMPDIR", dir.join("tmp")).env_remove("GOFLAGS"))?;
    let folder = text.lines().find_map(|line| line.strip_prefix("WORK=")).ok_or("no folder is named")?;
    assert_eq!(fs::metadata(folder)?.mode() & 0o777, 0o700);
    assert!(is_executable_elf(&Path::new(folder).join("main")) && text.contains("hello\n"), "{text}");
    // Without the flag, nothing is left.
    good(command(dir, &["run", "main.go"]).env("GOTMPDIR", dir.join("tmp")))?;
    assert_eq!(fs::read_dir(dir.join("tmp"))?.count(), 1);
    Ok(())
}

/// A `cc` that lies about is not run because PATH has an entry for wherever one is.
fn linker_of_the_current_folder() -> Result<(), Failed> {
    let work = tempfile::tempdir()?;
    let dir = work.path();
    write_files(dir, &[HELLO, ("cc", b"#!/bin/sh\n: > planted\n")])?;
    fs::set_permissions(dir.join("cc"), Permissions::from_mode(0o755))?;
    for path in [".", ":/nowhere", "/nowhere:", "./"] {
        for (flags, wanted) in [
            (
                "-ldflags=-linkmode=external -extld=cc",
                "exec: \"cc\": cannot run executable found relative to current directory",
            ),
            ("-ldflags=-linkmode=external", "none of cc, gcc, clang, ld is in $PATH"),
        ] {
            let outcome = start(command(dir, &["build", flags, "main.go"]).env("PATH", path).env_remove("CC"))?;
            assert!(outcome.code() == Some(1) && outcome.text().contains(wanted), "{path}: {}", outcome.text());
        }
    }
    assert!(!dir.join("planted").exists());
    Ok(())
}

/// What the system refuses is said; it is no bug of the compiler.
fn little_memory_and_few_files() -> Result<(), Failed> {
    let work = tempfile::tempdir()?;
    let dir = work.path();
    write_files(dir, &[HELLO])?;
    for limit in ["-v 2000000", "-v 1200000", "-v 600000", "-n 4", "-n 5", "-n 8", "-n 12"] {
        let mut shell = Command::new("sh");
        shell.args(["-c", &format!("ulimit {limit}; exec \"$0\" build -a -p 2 main.go")]).arg(golift());
        shell.current_dir(dir).env("PWD", dir).env_remove("GOFLAGS").env("GOLIFTCACHE", dir.join("cache"));
        let outcome = start(&mut shell)?;
        let text = outcome.text();
        if text.contains("internal compiler error")
            || text.contains("panicked")
            || !matches!(outcome.code(), Some(0..=2))
        {
            return Err(format!("ulimit {limit}: {}\n{text}", outcome.ending()).into());
        }
        // Stacks are smaller where there is not much room.
        if limit == "-v 2000000" && outcome.code() != Some(0) {
            return Err(format!("ulimit {limit}: {text}").into());
        }
        if outcome.code() != Some(0) && text.is_empty() {
            return Err(format!("ulimit {limit}: {} without a word", outcome.ending()).into());
        }
    }
    Ok(())
}

/// `nohup` counts on what is ignored staying so.
fn ignored_signals() -> Result<(), Failed> {
    let work = tempfile::tempdir()?;
    let dir = work.path();
    // The shell ignores the signal before golift starts; the program sends it to golift, whose child it is.
    const PROGRAM: &[u8] = b"package main\n\nimport (\n\t\"os\"\n\t\"syscall\"\n)\n\nfunc main() {\n\tsyscall.Kill(os.Getppid(), syscall.SIGHUP)\n\tprintln(\"done\")\n}\n";
    write_files(dir, &[("main.go", PROGRAM)])?;
    let mut shell = Command::new("sh");
    shell.args(["-c", "trap '' HUP; \"$0\" run main.go && grep -c . main.go"]).arg(golift());
    shell.current_dir(dir).env("PWD", dir).env_remove("GOFLAGS");
    let text = good(&mut shell)?;
    assert!(text.starts_with("done\n"), "{text}");
    Ok(())
}

/// A compiler is known by its contents: one that was changed in place, with the old times, does not serve the results of another.
fn compiler_in_place() -> Result<(), Failed> {
    let work = tempfile::tempdir()?;
    let dir = work.path();
    write_files(dir, &[HELLO])?;
    let compiler = dir.join("golift");
    fs::copy(golift(), &compiler)?;
    let build = |explain: &str| {
        let mut command = Command::new(&compiler);
        command.args(["build", explain, "-o", "x", "main.go"]).current_dir(dir).env("PWD", dir);
        command.env("GOLIFTCACHE", dir.join("cache")).env_remove("GOFLAGS").env("GOLIFT_TIMING", "1");
        good(&mut command)
    };
    build("-v=false")?;
    assert!(!build("-v=false")?.contains("codegen"), "an unchanged compiler compiles again");
    // The same size and time, another hash of the contents, which the linker has written into it.
    let modified = fs::metadata(&compiler)?.modified()?;
    let mut image = fs::read(&compiler)?;
    const NOTE: &[u8] = b"\x04\0\0\0\x14\0\0\0\x03\0\0\0GNU\0";
    let at = image.windows(NOTE.len()).position(|window| window == NOTE).ok_or("there is no build id")?;
    image[at + NOTE.len()] ^= 1;
    fs::write(&compiler, image)?;
    fs::File::options().write(true).open(&compiler)?.set_modified(modified)?;
    assert!(build("-v=false")?.contains("codegen"), "a changed compiler takes the results of the old one");
    Ok(())
}
