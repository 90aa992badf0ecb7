//! Which files make up a package, what is embedded in it, and which programs are started to get at the distribution.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::time::Duration;

use golift_tests::{Streams, run};
use libtest_mimic::{Failed, Trial};

use super::{Case, HELLO, MOD, command, write_files};

type File = (&'static str, &'static [u8]);

const EMBED: File = (
    "main.go",
    b"package main\n\nimport \"embed\"\n\n//go:embed d\nvar f embed.FS\n\nfunc main() { _, err := f.ReadFile(\"d/a\"); println(err == nil) }\n",
);
const ASM: File = ("add_amd64.s", b"TEXT \xc2\xb7add(SB), $0-24\n\tRET\n");
const ASM_MAIN: File =
    ("main.go", b"package main\n\nfunc add(a, b int64) int64\n\nfunc main() { println(add(1, 2)) }\n");

macro_rules! embed {
    ($($name:literal),*) => {
        &[MOD, EMBED, $(($name, b"x")),*]
    };
}

#[rustfmt::skip]
pub const CASES: &[Case] = &[
    Case { name: "embed_tree", files: embed!["d/a", "d/.hidden", "d/_h", "d/a:b/x"], args: &["run", "."], env: &[], code: 0, output: &["true\n"] },
    Case { name: "embed_apostrophe", files: embed!["d/a", "d/don't.txt"], args: &["build"], env: &[], code: 1, output: &["main.go:5:12: pattern d: cannot embed file d/don't.txt: invalid name don't.txt\n"] },
    Case { name: "embed_device", files: embed!["d/a", "d/e/COM1"], args: &["build"], env: &[], code: 1, output: &["main.go:5:12: pattern d: cannot embed file d/e/COM1: invalid name COM1\n"] },
    Case { name: "embed_newline", files: embed!["d/a", "d/a\nb"], args: &["build"], env: &[], code: 1, output: &["main.go:5:12: pattern d: cannot embed file d/a\nb: invalid name a\nb\n"] },
    Case { name: "c_files", files: &[MOD, HELLO, ("a.c", b"int x;\n"), ("b.c", b""), ("c_windows.c", b""), ("d.c", b"//go:build ignore\n\n")], args: &["build"], env: &[], code: 1, output: &["package example.com/m: C source files not allowed when not using cgo or SWIG: a.c b.c\n"] },
    Case { name: "c_files_below", files: &[MOD, ("main.go", b"package main\n\nimport _ \"example.com/m/a\"\n\nfunc main() {}\n"), ("a/a.go", b"package a\n"), ("a/a.cpp", b"")], args: &["build"], env: &[], code: 1, output: &["package example.com/m\n\timports example.com/m/a: C++ source files not allowed when not using cgo or SWIG: a.cpp\n"] },
    Case { name: "c_files_without_cgo", files: &[MOD, HELLO, ("a.c", b"int x;\n")], args: &["run", "."], env: &[("CGO_ENABLED", "0")], code: 0, output: &["hello\n"] },
    Case { name: "fortran_files_without_cgo", files: &[MOD, HELLO, ("a.f90", b"")], args: &["build"], env: &[("CGO_ENABLED", "0")], code: 1, output: &["package example.com/m: Fortran source files not allowed when not using cgo or SWIG: a.f90\n"] },
    Case { name: "c_files_of_cgo", files: &[MOD, HELLO, ("a.c", b"int x;\n"), ("cgo.go", b"package main\n\nimport \"C\"\n")], args: &["run", "."], env: &[], code: 0, output: &["hello\n"] },
    Case { name: "assembly", files: &[MOD, ASM, ASM_MAIN], args: &["build"], env: &[], code: 0, output: &[] },
    Case { name: "processor_tags", files: &[MOD, HELLO, ("x.go", b"//go:build !amd64.v1 && !arm64.v8.0 || amd64.v2\n\npackage main\n\nfunc main() {}\n")], args: &["run", "."], env: &[], code: 0, output: &["hello\n"] },
];

pub fn trials() -> Vec<Trial> {
    vec![
        Trial::test("cli/embed_too_large", embed_too_large),
        Trial::test("cli/embed_large", embed_large),
        Trial::test("cli/planted_programs", planted_programs),
    ]
}

const LONG: Duration = Duration::from_secs(60);

/// gc's limit, found before anything is read: the file is mostly a hole.
fn embed_too_large() -> Result<(), Failed> {
    let dir = tempfile::tempdir()?;
    let source = b"package main\n\nimport _ \"embed\"\n\n//go:embed big\nvar s string\n\n//go:embed big\nvar b []byte\n\nfunc main() { println(len(s), len(b)) }\n";
    write_files(dir.path(), &[MOD, ("main.go", source)])?;
    fs::File::create(dir.path().join("big"))?.set_len(3 << 30)?;
    let outcome = run(&mut command(dir.path(), &["build"]), Streams::Both, LONG)?;
    let wanted = "# example.com/m\n./main.go:6:5: embed big: file too large (3221225472 bytes > 2000000000 bytes)\n";
    if outcome.text() == wanted { Ok(()) } else { Err(outcome.text().into()) }
}

/// Files that are not copied into the image, in each kind of variable; also by another linker, and from the cache.
fn embed_large() -> Result<(), Failed> {
    let dir = tempfile::tempdir()?;
    let source = br#"package main

import (
	"bytes"
	"embed"
	"os"
)

//go:embed big
var s string

//go:embed big
var b []byte

//go:embed big small
var f embed.FS

func main() {
	want, _ := os.ReadFile("big")
	got, err := f.ReadFile("big")
	small, _ := f.ReadFile("small")
	println(len(want), s == string(want), bytes.Equal(b, want), bytes.Equal(got, want), err == nil, string(small))
	b[len(b)-1]++
	println(b[len(b)-1] == s[len(s)-1]+1)
}
"#;
    let big: Vec<u8> = (0..3_000_000u32).map(|n| (n.wrapping_mul(n) >> 7) as u8).collect();
    write_files(dir.path(), &[MOD, ("main.go", source), ("big", &big), ("small", b"small")])?;
    for args in [&["run", "."][..], &["run", "."], &["run", "-ldflags=-linkmode=external", "."]] {
        let outcome = run(&mut command(dir.path(), args), Streams::Both, LONG)?;
        if outcome.text() != "3000000 true true true true small\ntrue\n" {
            return Err(format!("{args:?}: {}", outcome.text()).into());
        }
    }
    Ok(())
}

/// Without a distribution, what lies in the user's folder is not run: neither programs, nor what Python would import there.
fn planted_programs() -> Result<(), Failed> {
    let dir = tempfile::tempdir()?;
    let user = dir.path().join("user");
    let script = "#!/bin/sh\necho \"$0 $PWD $*\" >> \"$LOG\"\nexit 1\n";
    write_files(dir.path(), &[("user/main.go", HELLO.1), ("user/pip.py", b"raise SystemExit\n")])?;
    for program in ["user/python3", "user/pip3", "user/pip", "user/go", "bin/python3"] {
        let path = dir.path().join(program);
        write_files(dir.path(), &[(program, script.as_bytes())])?;
        fs::set_permissions(path, fs::Permissions::from_mode(0o755))?;
    }
    let log = dir.path().join("log");
    let attempt = |path: &str| -> Result<(String, String), Failed> {
        let mut command = command(&user, &["check", "main.go"]);
        command.env_remove("GOROOT").env("XDG_DATA_HOME", dir.path().join("data")).env("LOG", &log).env("PATH", path);
        let outcome = run(&mut command, Streams::Both, LONG)?;
        let started = fs::read_to_string(&log).unwrap_or_default();
        Ok((outcome.text(), started))
    };
    for path in [":/nosuch", ".", "./", "../user"] {
        let (text, started) = attempt(path)?;
        let refused = "exec: \"python3\": cannot run executable found relative to current directory";
        if !started.is_empty() || !text.contains(refused) {
            return Err(format!("PATH={path}: started {started:?}\n{text}").into());
        }
    }
    let bin = dir.path().join("bin");
    let (_, started) = attempt(&bin.display().to_string())?;
    let isolated =
        started.starts_with(&format!("{}/python3 {}/data/golift/.installing-", bin.display(), dir.path().display()));
    match isolated && started.contains(" -I -m pip download ") && started.lines().count() == 1 {
        true => Ok(()),
        false => Err(started.into()),
    }
}
