//! Programs and tests that measure which of their statements are reached, and fuzzing, which is guided by that.

use std::fs;
use std::path::Path;
use std::time::Duration;

use golift_tests::{Streams, run};
use libtest_mimic::{Failed, Trial};

use super::{command, output_of, write_files};

pub fn trials() -> Vec<Trial> {
    vec![
        Trial::test("cli/coverage_of_a_program", coverage_of_a_program),
        Trial::test("cli/profile_of_an_old_result", profile_of_an_old_result),
        Trial::test("cli/fuzzing", fuzzing),
    ]
}

const TIMEOUT: Duration = Duration::from_secs(300);

const MAIN: &[u8] = b"package main

import (
	\"os\"

	\"m/lib\"
)

var first = lib.F(1)

func main() {
	if len(os.Args) > 1 {
		os.Exit(lib.F(3))
	}
	println(first)
}
";

const LIB: &[u8] = b"package lib

func F(x int) int {
	if x > 2 {
		return 3
	}
	return x
}

func G() { println(\"never\") }
";

fn golift(dir: &Path, args: &[&str]) -> Result<String, Failed> {
    output_of(run(&mut command(dir, args), Streams::Both, TIMEOUT)?)
}

/// The program runs twice, ends in two ways, and leaves counters each time; what covdata makes of them is gc's.
fn coverage_of_a_program() -> Result<(), Failed> {
    let dir = tempfile::tempdir()?;
    let dir = dir.path();
    write_files(dir, &[("go.mod", b"module m\n\ngo 1.27\n"), ("main.go", MAIN), ("lib/lib.go", LIB), ("data/", b"")])?;
    golift(dir, &["build", "-covermode=count", "-o", "program", "."])?;
    let start = |args: &[&str], data: Option<&str>| {
        let mut command = std::process::Command::new(dir.join("program"));
        command.args(args).current_dir(dir).env_remove("GOCOVERDIR");
        command.envs(data.map(|data| ("GOCOVERDIR", data)));
        run(&mut command, Streams::Both, TIMEOUT)
    };
    let said = output_of(start(&[], None)?)?;
    if said != "warning: GOCOVERDIR not set, no coverage data emitted\n1\n" {
        return Err(format!("without GOCOVERDIR: {said}").into());
    }
    output_of(start(&[], Some("data"))?)?;
    let ended = start(&["x"], Some("data"))?;
    if ended.code() != Some(3) {
        return Err(format!("with an argument: {}\n{}", ended.ending(), ended.text()).into());
    }
    golift(dir, &["tool", "covdata", "textfmt", "-i=data", "-o=profile"])?;
    let profile = fs::read_to_string(dir.join("profile"))?;
    let expected = "mode: count\nm/lib/lib.go:4.2,4.11 1 3\nm/lib/lib.go:5.3,6.1 1 1\nm/lib/lib.go:7.2,7.10 1 2\n\
        m/lib/lib.go:10.12,10.30 1 0\nm/main.go:12.2,12.22 1 2\nm/main.go:13.3,14.1 1 1\nm/main.go:15.2,15.16 1 1\n";
    let sorted = |text: &str| {
        let mut lines: Vec<String> = text.lines().map(String::from).collect();
        lines.sort();
        lines
    };
    if sorted(&profile) != sorted(expected) {
        return Err(format!("the profile:\n{profile}").into());
    }
    let functions = golift(dir, &["tool", "cover", "-func=profile"])?;
    if !functions.contains("lib.go:3:\t\tF\t\t100.0%") || !functions.ends_with("85.7%\n") {
        return Err(format!("functions:\n{functions}").into());
    }
    Ok(())
}

/// The profile is kept with the result of the test.
fn profile_of_an_old_result() -> Result<(), Failed> {
    let dir = tempfile::tempdir()?;
    let dir = dir.path();
    let test = b"package lib\n\nimport \"testing\"\n\nfunc TestF(t *testing.T) { F(1) }\n";
    write_files(dir, &[("go.mod", b"module m\n\ngo 1.27\n"), ("lib/lib.go", LIB), ("lib/lib_test.go", test)])?;
    let mut profiles = Vec::new();
    for (name, cached) in [("-coverprofile=first", false), ("-coverprofile=second", true)] {
        let said = golift(dir, &["test", "-vet=off", name, "./lib"])?;
        if said.contains("\t(cached)\tcoverage: 50.0% of statements\n") != cached || !said.contains("coverage: 50.0%") {
            return Err(format!("{name}: {said}").into());
        }
        profiles.push(fs::read_to_string(dir.join(&name["-coverprofile=".len()..]))?);
    }
    if profiles[0] != profiles[1] || profiles[0].lines().count() != 5 {
        return Err(format!("the profiles:\n{}\n{}", profiles[0], profiles[1]).into());
    }
    Ok(())
}

const FUZZ: &[u8] = b"package p

import \"testing\"

func big(b []byte) int {
	switch {
	case len(b) > 8:
		return 1
	case len(b) > 3:
		return 2
	}
	return 3
}

func FuzzGood(f *testing.F) {
	f.Add([]byte(\"a\"))
	f.Fuzz(func(t *testing.T, b []byte) { big(b) })
}

func FuzzBad(f *testing.F) {
	f.Add([]byte(\"a\"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) > 2 {
			t.Fatal(\"too long\")
		}
	})
}
";

/// Inputs that reach something new are kept in go's cache, one that fails is made small, and kept beside the tests.
fn fuzzing() -> Result<(), Failed> {
    let dir = tempfile::tempdir()?;
    let dir = dir.path();
    write_files(dir, &[("go.mod", b"module m\n\ngo 1.27\n"), ("p_test.go", FUZZ)])?;
    let fuzz = |args: &[&str]| {
        let mut command = command(dir, &[&["test", "-vet=off", "-parallel=2"], args].concat());
        run(command.env("GOCACHE", dir.join("cache")), Streams::Both, TIMEOUT)
    };
    let said = output_of(fuzz(&["-fuzz=FuzzGood", "-fuzztime=20000x", "."])?)?;
    let kept = fs::read_dir(dir.join("cache/fuzz/m/FuzzGood")).map_or(0, Iterator::count);
    if kept < 2 || !said.contains(", now fuzzing with 2 workers\n") || !said.contains("PASS\nok  \tm\t") {
        return Err(format!("{kept} inputs\n{said}").into());
    }
    let outcome = fuzz(&["-fuzz=FuzzBad", "-fuzztime=200000x", "-fuzzminimizetime=1000x", "."])?;
    let said = outcome.text();
    let failing: Vec<_> = fs::read_dir(dir.join("testdata/fuzz/FuzzBad"))?.collect::<Result<_, _>>()?;
    let [input] = &failing[..] else { return Err(format!("{} inputs\n{said}", failing.len()).into()) };
    let text = fs::read_to_string(input.path())?;
    let name = input.file_name();
    let again = format!("To re-run:\n    go test -run=FuzzBad/{}\nFAIL\nexit status 1\nFAIL\tm\t", name.display());
    if outcome.code() != Some(1) || !text.starts_with("go test fuzz v1\n[]byte(\"") || !said.contains(&again) {
        return Err(format!("{text}\n{said}").into());
    }
    let outcome = fuzz(&[&*format!("-run=FuzzBad/{}", name.display()), "."])?;
    if outcome.code() != Some(1) || !outcome.text().contains("p_test.go:24: too long\n") {
        return Err(format!("again: {}\n{}", outcome.ending(), outcome.text()).into());
    }
    let outcome = fuzz(&["-fuzz=x", "errors", "unicode/utf8"])?;
    if outcome.code() != Some(1) || outcome.text() != "cannot use -fuzz flag with multiple packages\n" {
        return Err(format!("{}\n{}", outcome.ending(), outcome.text()).into());
    }
    Ok(())
}
