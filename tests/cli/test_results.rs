//! `golift test` does not run a test again that has passed, until something changes that it depends on.

use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

use golift_tests::{Streams, run};
use libtest_mimic::{Failed, Trial};

use super::{command, write_files};

pub fn trials() -> Vec<Trial> {
    vec![Trial::test("cli/results_of_tests", results_of_tests)]
}

const TEST: &[u8] = b"package p

import (
	\"os\"
	\"testing\"
)

func TestP(t *testing.T) {
	t.Log(os.Getenv(\"GOLIFT_TEST_WORD\"))
	os.ReadFile(\"testdata/in\")
	os.ReadFile(\"/etc/hostname\")
	os.Stat(\"testdata/nothing\")
}
";

fn results_of_tests() -> Result<(), Failed> {
    let dir = tempfile::tempdir()?;
    let dir = dir.path();
    write_files(dir, &[("go.mod", b"module m\n\ngo 1.27\n"), ("p/p_test.go", TEST), ("p/testdata/in", b"1")])?;
    // What was changed just now could change again unseen.
    let settle = |name: &str, seconds: u64| -> Result<(), Failed> {
        let file = fs::File::options().write(true).open(dir.join(name))?;
        Ok(file.set_modified(SystemTime::now() - Duration::from_secs(seconds))?)
    };
    settle("p/testdata/in", 1000)?;
    let plain = ["./p"];
    expect(dir, "first", &plain, "", false)?;
    expect(dir, "again", &plain, "", true)?;
    expect(dir, "with a flag that changes what is shown", &["-v", "./p"], "", false)?;
    expect(dir, "the same again", &["-v", "./p"], "", true)?;
    expect(dir, "as it was", &plain, "", true)?;
    expect(dir, "as many times as is said", &["-count=1", "./p"], "", false)?;
    expect(dir, "arguments", &["./p", "-args", "x"], "", false)?;
    expect(dir, "arguments again", &["./p", "-args", "x"], "", false)?;
    expect(dir, "the variable", &plain, "word", false)?;
    expect(dir, "the same variable", &plain, "word", true)?;
    settle("p/testdata/in", 500)?;
    expect(dir, "a file", &plain, "", false)?;
    expect(dir, "the same file", &plain, "", true)?;
    settle("p/testdata/in", 0)?;
    expect(dir, "a new file", &plain, "", false)?;
    expect(dir, "a new file again", &plain, "", false)?;
    settle("p/testdata/in", 300)?;
    expect(dir, "a file once more", &plain, "", false)?;
    write_files(dir, &[("p/testdata/nothing", b"")])?;
    expect(dir, "a file that was not there", &plain, "", false)?;
    expect(dir, "that it is there", &plain, "", true)?;
    write_files(dir, &[("p/p.go", b"package p\n")])?;
    expect(dir, "the program", &plain, "", false)?;
    write_files(dir, &[("p/p.go", b"package p\n\nfunc init() { panic(1) }\n")])?;
    let failing = run(&mut test(dir, &plain, ""), Streams::Both, Duration::from_secs(300))?;
    if failing.code() != Some(1) {
        return Err(format!("failing: {}\n{}", failing.ending(), failing.text()).into());
    }
    write_files(dir, &[("p/p.go", b"package p\n")])?;
    expect(dir, "what failed meanwhile", &plain, "", true)
}

fn test(dir: &Path, args: &[&str], word: &str) -> std::process::Command {
    let mut command = command(dir, &[&["test", "-vet=off"], args].concat());
    command.env("GOLIFT_TEST_WORD", word);
    command
}

fn expect(dir: &Path, what: &str, args: &[&str], word: &str, cached: bool) -> Result<(), Failed> {
    let outcome = run(&mut test(dir, args, word), Streams::Both, Duration::from_secs(300))?;
    let text = outcome.text();
    let says = text.contains("ok  \tm/p\t(cached)\n");
    if outcome.code() != Some(0) || says != cached || !text.contains("ok  \tm/p\t") {
        return Err(format!("{what}: {}, expected cached: {cached}\n{text}", outcome.ending()).into());
    }
    Ok(())
}
