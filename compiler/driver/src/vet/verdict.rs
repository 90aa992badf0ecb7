//! What vet says about a package, how it is kept and shown, and which packages and flags there are for a test.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use golift_load::{Graph, LoadedPackage};
use serde::{Deserialize, Deserializer, Serialize};

use crate::cache::{self, VET};
use crate::session::Session;

/// What vet says about a package.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Verdict {
    /// The package, as `go` calls it.
    pub key: String,
    /// The text for standard error, with absolute paths.
    pub text: String,
    /// What `-json` prints instead.
    #[serde(rename = "JSON")]
    pub json: String,
    /// `-fix`: new contents of files.
    #[serde(default, deserialize_with = "map_or_null")]
    pub fixed: BTreeMap<String, String>,
    /// `-fix -diff`: what prints instead.
    pub diff: String,
    /// There is something to complain about.
    pub failed: bool,
    /// It, or what it imports, is no correct Go.
    pub broken: bool,
    /// Something that it imports is.
    pub broken_import: bool,
}

/// A map, which Go writes as `null` when it has none.
fn map_or_null<'de, D: Deserializer<'de>>(from: D) -> Result<BTreeMap<String, String>, D::Error> {
    Ok(Option::deserialize(from)?.unwrap_or_default())
}

/// The checks that `go test` makes without being asked.
const FOR_TESTS: [&str; 11] = [
    "-atomic",
    "-bools",
    "-buildtag",
    "-directive",
    "-errorsas",
    "-ifaceassert",
    "-nilfunc",
    "-printf",
    "-slog",
    "-stdversion",
    "-stringintconv",
];

/// The flags for the packages of a test: of the distribution, or others. Nothing: no vet.
pub fn flags_for_tests(list: Option<&str>, std: bool) -> Option<Vec<String>> {
    let words = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect();
    match list {
        Some("off") => None,
        Some("all") => Some(Vec::new()),
        None | Some("") if std => Some(words(&["-unsafeptr=false", "-unreachable=false"])),
        None | Some("") => Some([words(&FOR_TESTS), words(&["-tests"])].concat()),
        Some(list) => Some(list.split(',').map(|name| format!("-{name}")).collect()),
    }
}

/// The packages of a test that vet is to look at: the one under test, with its test files, and the external test package.
pub fn parts(graph: &Graph, path: &str, root: usize) -> Vec<usize> {
    let external = format!("{path}_test");
    let mut found: Vec<usize> = graph.reachable(&[root]);
    found.retain(|&package| {
        let package = &graph.packages[package];
        !package.file_names.is_empty()
            && (package.path == path || package.path == external && package.for_test.is_some())
    });
    found.sort_by_key(|&package| graph.packages[package].path.len());
    found
}

/// Where a verdict is kept.
pub struct Place {
    dir: Arc<Path>,
    name: String,
}

impl Place {
    pub fn new(session: &Session, key: &blake3::Hash) -> Option<Place> {
        if session.flags.rebuild {
            return None;
        }
        let dir = session.env.cache_dir()?.join(VET);
        Some(Place { dir: dir.into(), name: key.to_hex().to_string() })
    }

    pub fn read(&self) -> Option<Verdict> {
        let bytes = cache::read(&self.dir.join(&self.name)).ok()?;
        let (body, check) = bytes.split_at_checked(bytes.len().checked_sub(32)?)?;
        (blake3::hash(body).as_bytes() == check).then(|| serde_json::from_slice(body).ok()).flatten()
    }

    pub fn write(&self, verdict: &Verdict) {
        let Ok(body) = serde_json::to_vec(verdict) else { return };
        cache::put(&self.dir, &self.name, &[&body, blake3::hash(&body).as_bytes()]);
    }
}

/// What stands above a complaint about a package.
pub fn head(package: &LoadedPackage) -> String {
    let path = &package.path;
    if package.shown_name() == *path { format!("# {path}\n") } else { format!("# {path}\n# [{path}]\n") }
}

/// Paths in a message about a package as `go` shows what a tool says: seen from the current folder.
pub fn with_short_paths(text: &str, dir: &Path, cwd: &Path) -> String {
    let mut text = text.to_owned();
    for dir in dir.ancestors().filter(|dir| dir.parent().is_some()) {
        let long = dir.to_string_lossy();
        let short = golift_load::short_dir(dir, cwd);
        if *short == *long {
            continue;
        }
        for before in ["\n", " "] {
            text = text.replace(&format!("{before}{long}"), &format!("{before}{short}"));
        }
        if let Some(rest) = text.strip_prefix(&*long) {
            text = format!("{short}{rest}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_paths() {
        let short = |text| with_short_paths(text, Path::new("/w/m/a"), Path::new("/w/m"));
        assert_eq!(short("/w/m/a/x.go:1:2: no\nvet: /w/m/a/y.go:1\n"), "a/x.go:1:2: no\nvet: a/y.go:1\n");
        let here = with_short_paths("/w/m/x.go:1:2: no\n", Path::new("/w/m"), Path::new("/w/m"));
        assert_eq!(here, "./x.go:1:2: no\n");
    }

    #[test]
    fn flags() {
        assert_eq!(flags_for_tests(Some("off"), false), None);
        assert_eq!(flags_for_tests(Some("all"), true), Some(Vec::new()));
        assert_eq!(flags_for_tests(Some("a,b"), false), Some(vec!["-a".into(), "-b".into()]));
        assert_eq!(flags_for_tests(None, false).map(|flags| flags.len()), Some(12));
    }
}
