//! Go's own test directory: every test of a kind that golift can be asked, and that gc of the pinned version passes.
//!
//! `recipe` reads what a test wants, `judge` does it with one of the compilers of `toolchain`, and `references` remembers gc's verdicts.
//! Failures that are known stand in `tests/gotest-known.txt`, each with its reason; one that is not there, and an entry that
//! passes, make the command fail.

mod judge;
mod recipe;
mod references;
mod toolchain;

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::{in_parallel, known};
use judge::Place;
use recipe::Test;
use references::References;
use toolchain::Golift;

/// Where the Debian package golang-1.19-src puts it.
const DIRECTORY: &str = "/usr/share/go-1.19/test";

enum Verdict {
    Passed,
    Failed(String),
    Skipped(&'static str),
}

/// Runs the tests whose name contains one of `filters`, or whose kind is one (all, without any). True if the failures are those that are known.
pub fn gotest(filters: &[String]) -> bool {
    let dir = std::env::var_os("GOTESTDIR").map_or_else(|| PathBuf::from(DIRECTORY), PathBuf::from);
    let Some(goroot) = golift_load::find_goroot(None, &|msg| eprintln!("{msg}")).map_err(|e| eprintln!("{e}")).ok()
    else {
        return false;
    };
    let wanted = |test: &Test| filters.iter().any(|f| test.name.contains(f.as_str()) || test.action == *f);
    let tests: Vec<Test> =
        recipe::find_tests(&dir).into_iter().filter(|test| filters.is_empty() || wanted(test)).collect();
    if tests.is_empty() {
        eprintln!("no tests in {}; install golang-1.19-src or set GOTESTDIR", dir.display());
        return false;
    }
    let place = Place { dir: &dir, goroot: &goroot };
    let references = References::open(place);
    let verdicts = in_parallel(&tests, |test| match test.skipped {
        Some(why) => Verdict::Skipped(why),
        None if !references.passes(test) => Verdict::Skipped("gc fails too"),
        None => match judge::judge(place, test, &Golift) {
            Ok(()) => Verdict::Passed,
            Err(reason) => Verdict::Failed(reason),
        },
    });
    report(&tests, verdicts)
}

fn report(tests: &[Test], verdicts: Vec<Verdict>) -> bool {
    let known = known::failures("gotest-known.txt");
    let mut counts: BTreeMap<&str, [usize; 3]> = BTreeMap::new();
    let mut skipped: BTreeMap<&str, usize> = BTreeMap::new();
    let mut surprises = 0;
    for (test, verdict) in tests.iter().zip(verdicts) {
        let is_known = known.contains_key(&test.name);
        let column = match verdict {
            Verdict::Passed => {
                if is_known {
                    surprises += 1;
                    println!("PASS {} {}: take it out of gotest-known.txt", test.action, test.name);
                }
                0
            }
            Verdict::Failed(reason) => {
                surprises += usize::from(!is_known);
                println!("{} {} {}: {reason}", if is_known { "known" } else { "FAIL" }, test.action, test.name);
                1
            }
            Verdict::Skipped(why) => {
                *skipped.entry(why).or_default() += 1;
                2
            }
        };
        for row in [&test.action, "total"] {
            counts.entry(row).or_default()[column] += 1;
        }
    }
    let total = counts.remove("total");
    for (action, [passed, failed, skipped]) in counts.into_iter().chain(total.map(|total| ("total", total))) {
        let percent = 100.0 * passed as f64 / (passed + failed).max(1) as f64;
        println!("{action:20} {passed:5} passed, {failed:4} failed, {skipped:4} skipped {percent:6.1} %");
    }
    let reasons: Vec<String> = skipped.iter().map(|(why, count)| format!("{count} {why}")).collect();
    println!("skipped: {}", reasons.join(", "));
    println!("{surprises} not as gotest-known.txt says");
    surprises == 0
}
