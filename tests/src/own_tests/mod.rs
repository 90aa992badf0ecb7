//! Packages' own tests, run by golift and by gc: of the standard library (`std`).
//!
//! A test or subtest that gc passes has to pass here too; one that is skipped here, or does not run, has failed. What fails for a
//! known reason stands in `tests/std-known.txt`: one that is not there, and an entry that passes, make the command fail.
//! gc's verdicts are remembered beside the build (`target/golift-tests`).

mod verdicts;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::{Streams, cache_dir, golift, in_parallel, known, run};
use verdicts::{Verdict, Verdicts};

/// For building and running the tests of a package.
const TIMEOUT: Duration = Duration::from_secs(900);

/// Changes with what is asked of gc.
const FORMAT: u32 = 2;

/// What the tests are asked for: everything at its shortest, with a line for each; no vet, which says nothing about programs.
const FLAGS: [&str; 4] = ["test", "-short", "-v=test2json", "-vet=off"];

/// A compiler that can be asked for the verdicts of a package.
struct Tester {
    program: PathBuf,
    /// The folder in which packages are looked up.
    dir: PathBuf,
    goroot: PathBuf,
}

impl Tester {
    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.current_dir(&self.dir).env("PWD", &self.dir).env("GOROOT", &self.goroot);
        command.env("GOTOOLCHAIN", "local").env("GOWORK", "off").env_remove("GOFLAGS");
        command
    }

    fn test(&self, package: &str) -> Result<Verdicts, String> {
        let outcome =
            run(self.command().args(FLAGS).arg(package), Streams::Both, TIMEOUT).map_err(|e| e.to_string())?;
        Ok(Verdicts::read(&outcome.text(), outcome.code() == Some(0)))
    }
}

/// Runs the tests of the packages of the standard library that have one of the `filters` as import path or as its beginning
/// before a slash (all, without any). True if the failures are those that are known.
pub fn std(filters: &[String]) -> bool {
    match std_packages(filters) {
        Ok(good) => good,
        Err(e) => {
            eprintln!("{e}");
            false
        }
    }
}

fn std_packages(filters: &[String]) -> Result<bool, String> {
    let goroot = golift_load::find_goroot(None, &|msg| eprintln!("{msg}")).map_err(|e| e.to_string())?;
    let version = golift_load::goroot_version(&goroot).unwrap_or_default();
    let dir = tempfile::tempdir().map_err(|e| e.to_string())?;
    let tester = |program: PathBuf| Tester { program, dir: dir.path().to_owned(), goroot: goroot.clone() };
    let gc = tester(goroot.join("bin/go"));
    let golift = tester(golift());
    let packages = with_tests(&gc)?;
    let wanted = |p: &String, f: &String| {
        p.strip_prefix(f.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let packages: Vec<String> =
        packages.into_iter().filter(|p| filters.is_empty() || filters.iter().any(|f| wanted(p, f))).collect();
    let references = cache_dir().join(format!("std-{version}-{FORMAT}"));
    fs::create_dir_all(&references).map_err(|e| e.to_string())?;
    let results = in_parallel(&packages, |package| {
        let reference = reference(&gc, &references, package)?;
        let got = golift.test(package)?;
        let mark = if got.passed { "ok  " } else { "FAIL" };
        eprintln!("{mark} {package}");
        Ok((reference, got))
    });
    report(&packages, results, filters.is_empty())
}

/// Import paths of the packages of std that have tests. Package runtime's own are not among them: they look into gc's runtime.
fn with_tests(gc: &Tester) -> Result<Vec<String>, String> {
    let format = "{{if or .TestGoFiles .XTestGoFiles}}{{.ImportPath}}{{end}}";
    let outcome = run(gc.command().args(["list", "-f", format, "std"]), Streams::Both, TIMEOUT);
    let outcome = outcome.map_err(|e| format!("{}: {e}", gc.program.display()))?;
    if outcome.code() != Some(0) {
        return Err(outcome.text());
    }
    Ok(outcome.text().lines().filter(|path| *path != "runtime").map(str::to_owned).collect())
}

/// gc's verdicts on a package; it is asked only once.
fn reference(gc: &Tester, folder: &Path, package: &str) -> Result<Verdicts, String> {
    let file = folder.join(package.replace('/', "_"));
    if let Some(known) = fs::read_to_string(&file).ok().and_then(|text| Verdicts::from_text(&text)) {
        return Ok(known);
    }
    let verdicts = gc.test(package)?;
    fs::write(&file, verdicts.to_text()).map_err(|e| format!("{}: {e}", file.display()))?;
    Ok(verdicts)
}

/// Prints what failed, and the counts of packages and of tests. `all`: entries of the list that were not seen are wrong.
fn report(packages: &[String], results: Vec<Result<(Verdicts, Verdicts), String>>, all: bool) -> Result<bool, String> {
    let known = known::failures("std-known.txt");
    let mut seen = BTreeSet::new();
    let (mut surprises, mut gc_fails) = (0, 0);
    let (mut tests, mut whole) = ([0; 3], [0; 2]);
    for (package, result) in packages.iter().zip(results) {
        let (reference, got) = result.map_err(|e| format!("{package}: {e}"))?;
        let passing = reference.tests.values().filter(|v| **v == Verdict::Passed).count();
        tests[2] += reference.tests.len() - passing;
        gc_fails += usize::from(!reference.passed);
        let mut worse = got.worse_than(&reference);
        let failed = got.failures(&reference);
        tests[0] += passing - failed;
        tests[1] += failed;
        if worse.is_empty() && reference.passed && !got.passed {
            // No single test is to blame.
            worse.push((String::new(), got.printed.get("").cloned().unwrap_or_default()));
        }
        if worse.len() > 1 && got.tests.is_empty() {
            let why = got.printed.get("").cloned().unwrap_or_default();
            worse = vec![(String::new(), format!("no test ran: {why}"))];
        }
        if reference.passed {
            whole[usize::from(!worse.is_empty())] += 1;
        }
        for (test, why) in worse {
            let name = format!("{package} {test}").trim_end().to_owned();
            let is_known = known.contains_key(&name);
            surprises += usize::from(!is_known);
            println!("{} {name}: {}", if is_known { "known" } else { "FAIL" }, why.replace('\n', "\n\t"));
            seen.insert(name);
        }
    }
    let ran = |name: &str| packages.iter().any(|p| name.split(' ').next() == Some(p));
    for name in known.keys().filter(|name| !seen.contains(*name) && (all || ran(name))) {
        surprises += 1;
        println!("PASS {name}: take it out of std-known.txt");
    }
    println!("packages: {} passed, {} failed, {gc_fails} skipped (gc fails too)", whole[0], whole[1]);
    println!("tests: {} passed, {} failed, {} skipped (gc does not pass them)", tests[0], tests[1], tests[2]);
    println!("{surprises} not as std-known.txt says");
    Ok(surprises == 0)
}
