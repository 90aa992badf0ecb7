//! A package's own tests, run by golift and by gc.
//!
//! A test or subtest that gc passes has to pass here too; one that is skipped here, or does not run, has failed. What fails for a known reason
//! stands in a list: one that is not there, and an entry that passes, are surprises. gc's verdicts are remembered.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use super::verdicts::{Verdict, Verdicts};
use crate::{Streams, golift, in_parallel, run};

/// For building and running the tests of a package.
const TIMEOUT: Duration = Duration::from_secs(900);

/// Changes with what is asked of gc.
const FORMAT: u32 = 2;

/// What the tests are asked for: everything at its shortest, with a line for each; no vet, which says nothing about programs.
const FLAGS: [&str; 4] = ["test", "-short", "-v=test2json", "-vet=off"];

/// Where packages are tested, and how.
pub struct Place {
    /// The folder in which packages are looked up.
    pub dir: PathBuf,
    /// The distribution.
    pub goroot: PathBuf,
    /// Packages may ask for cgo, and then fail with golift.
    pub cgo: bool,
}

/// What came of packages.
#[derive(Default)]
pub struct Counts {
    /// Packages that pass, and fail; and those that gc fails.
    pub packages: [usize; 3],
    /// Tests that gc passes: here they pass, or fail; and those that gc does not pass.
    pub tests: [usize; 3],
    /// What is other than the list says.
    pub surprises: usize,
}

impl Place {
    /// A place for a distribution's packages, or for the module in `dir`.
    pub fn new(dir: &Path, cgo: bool) -> Result<Place, String> {
        let goroot = golift_load::find_goroot(None, &|msg| eprintln!("{msg}")).map_err(|e| e.to_string())?;
        Ok(Place { dir: dir.to_owned(), goroot, cgo })
    }

    /// The name of the version that gc's verdicts are of.
    pub fn version(&self) -> String {
        format!("{}-{FORMAT}", golift_load::goroot_version(&self.goroot).unwrap_or_default())
    }

    fn gc(&self) -> PathBuf {
        self.goroot.join("bin/go")
    }

    /// Runs a compiler in this place.
    pub fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.dir).env("PWD", &self.dir).env("GOROOT", &self.goroot);
        command.env("GOTOOLCHAIN", "local").env("GOWORK", "off").env_remove("GOFLAGS");
        if !self.cgo {
            command.env("CGO_ENABLED", "0");
        }
        command
    }

    fn test(&self, program: &Path, package: &str) -> Result<Verdicts, String> {
        let outcome = run(self.command(program).args(FLAGS).arg(package), Streams::Both, TIMEOUT);
        let outcome = outcome.map_err(|e| format!("{}: {e}", program.display()))?;
        Ok(Verdicts::read(&outcome.text(), outcome.code() == Some(0)))
    }

    /// Import paths of the packages of a pattern that have tests.
    pub fn with_tests(&self, pattern: &str) -> Result<Vec<String>, String> {
        let format = "{{if or .TestGoFiles .XTestGoFiles}}{{.ImportPath}}{{end}}";
        let outcome = run(self.command(&self.gc()).args(["list", "-f", format, pattern]), Streams::Both, TIMEOUT);
        let outcome = outcome.map_err(|e| format!("{}: {e}", self.gc().display()))?;
        if outcome.code() != Some(0) {
            return Err(outcome.text());
        }
        Ok(outcome.text().lines().map(str::to_owned).collect())
    }

    /// gc's verdicts on a package; it is asked only once.
    fn reference(&self, folder: &Path, package: &str) -> Result<Verdicts, String> {
        let file = folder.join(package.replace('/', "_"));
        if let Some(known) = fs::read_to_string(&file).ok().and_then(|text| Verdicts::from_text(&text)) {
            return Ok(known);
        }
        let verdicts = self.test(&self.gc(), package)?;
        fs::write(&file, verdicts.to_text()).map_err(|e| format!("{}: {e}", file.display()))?;
        Ok(verdicts)
    }

    /// Tests packages with both compilers, and prints what failed. gc's verdicts are remembered in the folder `references`; `known` are the
    /// entries of the file `list`. `all`: entries of packages that are not among these are wrong.
    pub fn compare(
        &self,
        packages: &[String],
        references: &Path,
        known: &BTreeMap<String, String>,
        list: &str,
        all: bool,
    ) -> Result<Counts, String> {
        fs::create_dir_all(references).map_err(|e| format!("{}: {e}", references.display()))?;
        let results = in_parallel(packages, |package| {
            let reference = self.reference(references, package)?;
            let got = self.test(&golift(), package)?;
            let mark = if got.passed { "ok  " } else { "FAIL" };
            eprintln!("{mark} {package}");
            Ok((reference, got))
        });
        report(packages, results, known, list, all)
    }
}

fn report(
    packages: &[String],
    results: Vec<Result<(Verdicts, Verdicts), String>>,
    known: &BTreeMap<String, String>,
    list: &str,
    all: bool,
) -> Result<Counts, String> {
    let mut seen = BTreeSet::new();
    let mut counts = Counts::default();
    for (package, result) in packages.iter().zip(results) {
        let (reference, got) = result.map_err(|e| format!("{package}: {e}"))?;
        let passing = reference.tests.values().filter(|v| **v == Verdict::Passed).count();
        counts.tests[2] += reference.tests.len() - passing;
        counts.packages[2] += usize::from(!reference.passed);
        let mut worse = got.worse_than(&reference);
        let failed = got.failures(&reference);
        counts.tests[0] += passing - failed;
        counts.tests[1] += failed;
        if worse.is_empty() && reference.passed && !got.passed {
            // No single test is to blame.
            worse.push((String::new(), got.printed.get("").cloned().unwrap_or_default()));
        }
        if worse.len() > 1 && got.tests.is_empty() {
            let why = got.printed.get("").cloned().unwrap_or_default();
            worse = vec![(String::new(), format!("no test ran: {why}"))];
        }
        if reference.passed {
            counts.packages[usize::from(!worse.is_empty())] += 1;
        }
        for (test, why) in worse {
            let name = format!("{package} {test}").trim_end().to_owned();
            let is_known = known.contains_key(&name);
            counts.surprises += usize::from(!is_known);
            println!("{} {name}: {}", if is_known { "known" } else { "FAIL" }, why.replace('\n', "\n\t"));
            seen.insert(name);
        }
    }
    let ran = |name: &str| packages.iter().any(|p| name.split(' ').next() == Some(p));
    for name in known.keys().filter(|name| !seen.contains(*name) && (all || ran(name))) {
        counts.surprises += 1;
        println!("PASS {name}: take it out of {list}");
    }
    Ok(counts)
}
