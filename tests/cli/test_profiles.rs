//! `golift test` with flags for profiles: the files, and the executable that belongs to them.

use std::fs;
use std::path::Path;
use std::time::Duration;

use golift_tests::{Streams, run};
use libtest_mimic::{Failed, Trial};

use super::{command, write_files};

pub fn trials() -> Vec<Trial> {
    vec![Trial::test("cli/profiles_of_tests", profiles_of_tests)]
}

const TEST: &[u8] = b"package p

import (
	\"sync\"
	\"testing\"
)

func TestP(t *testing.T) {
	var mu sync.Mutex
	c := make(chan int)
	go func() { mu.Lock(); mu.Unlock(); c <- 1 }()
	<-c
}
";

fn profiles_of_tests() -> Result<(), Failed> {
    let dir = tempfile::tempdir()?;
    let dir = dir.path();
    write_files(
        dir,
        &[("go.mod", b"module m\n\ngo 1.27\n"), ("p/p_test.go", TEST), ("q/q_test.go", TEST), ("out/", b"")],
    )?;
    let profiles = ["-cpuprofile=cpu", "-memprofile=mem", "-blockprofile=block", "-mutexprofile=mutex"];
    let rates = ["-memprofilerate=1", "-blockprofilerate=1", "-mutexprofilefraction=1"];
    let test = |args: &[&str], code: i32, says: &str| -> Result<(), Failed> {
        let mut command = command(dir, &[&["test", "-vet=off"], args].concat());
        let outcome = run(&mut command, Streams::Both, Duration::from_secs(300))?;
        let text = outcome.text();
        if outcome.code() != Some(code) || !text.contains(says) {
            return Err(format!("{args:?}: {}\n{text}", outcome.ending()).into());
        }
        Ok(())
    };
    // The folder is that of the command, not that of the package; the result is no old one.
    for _ in 0..2 {
        test(&[&profiles[..], &rates, &["./p"]].concat(), 0, "ok  \tm/p\t0.")?;
        expect(dir, &["cpu", "mem", "block", "mutex"])?;
    }
    test(&[&profiles[..1], &["-outputdir=out", "./p"]].concat(), 0, "ok  \tm/p\t0.")?;
    expect(&dir.join("out"), &["cpu"])?;
    let program = dir.join("p.test");
    if fs::read(&program)?.get(..4) != Some(b"\x7fELF") {
        return Err("no executable is kept".into());
    }
    fs::remove_file(&program)?;
    test(&["-trace=trace", "./p"], 0, "ok  \tm/p\t0.")?;
    if !fs::read(dir.join("trace"))?.starts_with(b"go 1.26 trace\0\0\0") {
        return Err("no trace".into());
    }
    if program.exists() {
        return Err("an executable that nobody needs".into());
    }
    test(&["-mutexprofile=x", "./p", "./q"], 1, "cannot use -mutexprofile flag with multiple packages\n")
}

/// Removes these files, which are compressed.
fn expect(dir: &Path, names: &[&str]) -> Result<(), Failed> {
    for name in names {
        let file = dir.join(name);
        if fs::read(&file).map_err(|e| format!("{name}: {e}"))?.get(..2) != Some(b"\x1f\x8b") {
            return Err(format!("{name} is not compressed").into());
        }
        fs::remove_file(file)?;
    }
    Ok(())
}
