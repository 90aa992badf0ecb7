//! The own tests of modules that people use.
//!
//! `tests/modules.txt` lists the modules with their versions, and below each, indented, what is known to fail: a package, a test, and the reason. A module is fetched
//! from the proxy by golift, copied out of the module cache (its tests may write), and tested there as a main module.
//! gc's verdicts are remembered beside the copies (`target/golift-tests/modules`). A module that is not in the list may be named as `path@version`.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::Value;

use super::compare::{Counts, Place};
use crate::{Streams, cache_dir, golift, known, read_input, root, run};

/// For fetching a module.
const TIMEOUT: Duration = Duration::from_secs(900);

/// A module of the list.
#[derive(PartialEq, Debug)]
struct Entry {
    path: String,
    version: String,
    /// What fails, as package and test, and why.
    known: BTreeMap<String, String>,
}

/// Tests the modules whose paths contain one of the filters (all, without any), and those that are named with a version. True if all is as listed.
pub fn modules(filters: &[String]) -> bool {
    let listed = match read_list(&read_input(&root().join("tests/modules.txt"))) {
        Ok(listed) => listed,
        Err(msg) => {
            eprintln!("tests/modules.txt: {msg}");
            return false;
        }
    };
    let is_wanted = |entry: &Entry| filters.is_empty() || filters.iter().any(|filter| entry.path.contains(&**filter));
    let mut wanted: Vec<Entry> = listed.into_iter().filter(is_wanted).collect();
    let named = filters.iter().filter_map(|filter| filter.split_once('@'));
    wanted.extend(named.map(|(path, version)| Entry {
        path: path.into(),
        version: version.into(),
        known: BTreeMap::new(),
    }));
    let (mut modules, mut tests, mut surprises) = ([0; 3], [0; 2], 0);
    for entry in &wanted {
        match test(entry) {
            Ok(counts) => {
                let [passed, failed, _] = counts.tests;
                let end = match (passed + failed, failed + counts.packages[1] + counts.surprises) {
                    (0, _) => 2,
                    (_, bad) => usize::from(bad > 0),
                };
                modules[end] += 1;
                surprises += counts.surprises;
                let mark = ["ok  ", "FAIL", "skip"][end];
                println!("{mark} {} {}: {passed} tests pass, {failed} fail", entry.path, entry.version);
                tests[0] += passed;
                tests[1] += failed;
            }
            Err(msg) => {
                modules[1] += 1;
                surprises += 1;
                println!("FAIL {} {}: {}", entry.path, entry.version, msg.trim_end().replace('\n', "\n\t"));
            }
        }
    }
    println!("tests: {} passed, {} failed", tests[0], tests[1]);
    println!("modules: {} passed, {} failed, {} skipped (gc passes nothing)", modules[0], modules[1], modules[2]);
    println!("{surprises} not as modules.txt says");
    surprises == 0
}

fn read_list(text: &str) -> Result<Vec<Entry>, String> {
    let mut entries: Vec<Entry> = Vec::new();
    for line in text.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty()) {
        if !line.starts_with(' ') {
            let (path, version) = line.split_once(' ').ok_or_else(|| format!("no version in {line:?}"))?;
            entries.push(Entry { path: path.into(), version: version.trim().into(), known: BTreeMap::new() });
            continue;
        }
        let (Some(entry), Some((name, reason))) = (entries.last_mut(), known::failure(line.trim_start())) else {
            return Err(format!("of no module, or without a reason: {line:?}"));
        };
        if entry.known.insert(name, reason).is_some() {
            return Err(format!("twice: {line:?}"));
        }
    }
    Ok(entries)
}

fn test(entry: &Entry) -> Result<Counts, String> {
    let folder = cache_dir().join("modules");
    let name = format!("{}@{}", entry.path, entry.version).replace('/', "_");
    let place = Place::new(&folder.join(&name), false)?;
    if !place.dir.exists() {
        fetch(entry, &place.goroot, &place.dir)?;
    }
    let references = folder.join(format!("{name}.{}", place.version()));
    place.compare(&place.with_tests("./...")?, &references, &entry.known, "modules.txt", true)
}

/// A writable copy of the module's files.
fn fetch(entry: &Entry, goroot: &Path, dir: &Path) -> Result<(), String> {
    let work = tempfile::tempdir().map_err(|e| e.to_string())?;
    let module = format!("{}@{}", entry.path, entry.version);
    let at = |dir: &Path| Place { dir: dir.to_owned(), goroot: goroot.to_owned(), cgo: false };
    let mut download = at(work.path()).command(&golift());
    download.args(["mod", "download", "-json", &module]);
    let outcome = run(&mut download, Streams::Stdout, TIMEOUT).map_err(|e| e.to_string())?;
    let said: Value = serde_json::from_str(&outcome.text()).map_err(|e| format!("mod download {module}: {e}"))?;
    let Some(from) = said["Dir"].as_str() else { return Err(format!("mod download {module}: {}", said["Error"])) };
    // Complete, or not there.
    let partial = dir.with_extension("partial");
    let failed = |e: io::Error| format!("{}: {e}", partial.display());
    if partial.exists() {
        fs::remove_dir_all(&partial).map_err(failed)?;
    }
    copy(Path::new(from), &partial).map_err(failed)?;
    if !partial.join("go.mod").exists() {
        let mut init = at(&partial).command(&golift());
        let outcome = run(init.args(["mod", "init", &entry.path]), Streams::Both, TIMEOUT).map_err(failed)?;
        if outcome.code() != Some(0) {
            return Err(outcome.text());
        }
    }
    fs::rename(&partial, dir).map_err(failed)
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (kind, target): (_, PathBuf) = (entry.file_type()?, to.join(entry.file_name()));
        if kind.is_dir() {
            copy(&entry.path(), &target)?;
        } else if kind.is_symlink() {
            symlink(fs::read_link(entry.path())?, target)?;
        } else {
            fs::copy(entry.path(), &target)?;
            let mode = fs::metadata(&target)?.permissions().mode();
            fs::set_permissions(&target, fs::Permissions::from_mode(mode | 0o200))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists() {
        let entries = read_list("# x\na.b/c v1.2.3\n\na.b/d v0.1.0\n    a.b/d/e TestX/y z: why: so\n    a.b/d: dies\n");
        let entries = entries.expect("a good list");
        let known = [("a.b/d/e TestX/y z", "why: so"), ("a.b/d", "dies")];
        let known = known.map(|(name, why)| (name.to_owned(), why.to_owned()));
        let entry = |path: &str, version: &str, known| Entry { path: path.into(), version: version.into(), known };
        assert_eq!(entries, [entry("a.b/c", "v1.2.3", BTreeMap::new()), entry("a.b/d", "v0.1.0", known.into())]);
        assert!(read_list("    a T: of no module\n").is_err());
        assert!(read_list("a v1\n    a T\n").is_err());
    }
}
