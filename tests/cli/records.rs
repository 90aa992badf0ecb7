//! `golift check` remembers what it found to be right, and notices whatever changes.

use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

use golift_tests::{Streams, run};
use libtest_mimic::{Failed, Trial};

use super::{command, write_files};

pub fn trials() -> Vec<Trial> {
    vec![Trial::test("cli/unchanged_check", unchanged_check)]
}

const A: &[u8] = b"package a\n\nimport \"strings\"\n\nvar A = strings.ToUpper(\"a\")\n";
const WRONG: &[u8] = b"package a\n\nimport \"strings\"\n\nvar A = strings.ToUper(\"a\")\n";

struct Project<'a> {
    dir: &'a Path,
}

impl Project<'_> {
    /// Checks; `read` says whether that must take more than a look.
    fn check(&self, what: &str, flags: &[&str], code: i32, read: bool) -> Result<(), Failed> {
        let dir = self.dir.join("m");
        let mut command = command(&dir, &[&["check"], flags, &["./..."]].concat());
        command.env("GOLIFTCACHE", self.dir.join("cache")).env("GOLIFT_TIMING", "1");
        let outcome = run(&mut command, Streams::Both, Duration::from_secs(60))?;
        let text = outcome.text();
        if outcome.code() != Some(code) || text.contains("load+parse") != read {
            return Err(format!("{what}: {}, expected {code}, read: {read}\n{text}", outcome.ending()).into());
        }
        Ok(())
    }

    fn write(&self, name: &str, text: &[u8]) -> Result<(), Failed> {
        write_files(&self.dir.join("m"), &[(name, text)])
    }
}

fn unchanged_check() -> Result<(), Failed> {
    let dir = tempfile::tempdir()?;
    let project = Project { dir: dir.path() };
    let path = |name: &str| dir.path().join("m").join(name);
    project.write("go.mod", b"module m\n\ngo 1.27\n")?;
    project.write("a/a.go", A)?;
    project.write("a/tagged.go", b"//go:build extra\n\npackage a\n\nvar B int = \"\"\n")?;
    project.write("main.go", b"package main\n\nimport \"m/a\"\n\nfunc main() { println(a.A) }\n")?;
    project.check("first", &[], 0, true)?;
    project.check("again", &[], 0, false)?;

    project.write("a/a.go", WRONG)?;
    project.check("wrong", &[], 1, true)?;
    project.check("still wrong", &[], 1, true)?;
    project.write("a/a.go", A)?;
    project.check("as before", &[], 0, false)?;
    fs::File::options().write(true).open(path("a/a.go"))?.set_modified(SystemTime::now() - Duration::from_secs(99))?;
    project.check("touched", &[], 0, false)?;

    project.check("tags", &["-tags=extra"], 1, true)?;
    project.check("language", &["-gcflags=-lang=go1.20"], 0, true)?;

    project.write("a/more.go", b"package a\n\nvar A int\n")?;
    project.check("new file", &[], 1, true)?;
    fs::remove_file(path("a/more.go"))?;
    project.check("removed", &[], 0, false)?;
    project.write("b/b.go", b"package b\n")?;
    project.check("new package", &[], 0, true)?;
    fs::rename(path("a/a.go"), path("a/c.go"))?;
    project.check("renamed", &[], 0, true)?;
    project.check("again", &[], 0, false)?;

    project.write("go.mod", b"module m\n\ngo 1.26\n")?;
    project.check("other language", &[], 0, true)?;
    project.write("../go.work", b"go 1.27\n\nuse ./m\n")?;
    project.check("workspace", &[], 0, true)?;
    project.check("again", &[], 0, false)?;
    for record in fs::read_dir(dir.path().join("cache/check"))?.flatten() {
        let mut bytes = fs::read(record.path())?;
        bytes[40] ^= 1;
        fs::write(record.path(), bytes)?;
    }
    project.check("damaged", &[], 0, true)?;
    project.check("repaired", &[], 0, false)
}
