//! What a verdict of vet depends on, as hashes: the package and all that it imports, the flags, vet itself, and for packages of the distribution its version.

use std::path::Path;

use golift_load::{Graph, LoadedPackage, files};

use crate::cache;
use crate::session::Session;

/// Hashes of the packages of a graph.
pub struct Keys<'a> {
    graph: &'a Graph,
    settings: blake3::Hash,
    known: Vec<Option<blake3::Hash>>,
}

impl<'a> Keys<'a> {
    /// For these flags of vet.
    pub fn new(session: &Session, goroot: &Path, graph: &'a Graph, flags: &[String]) -> Keys<'a> {
        let version = golift_load::goroot_version(goroot);
        let env = &session.env;
        let variables = (env.goos(), env.goarch(), env.text("GOEXPERIMENT"), env.os("GOLIFT_OVERLAY"));
        let about = (cache::build_id(), goroot, version, variables, &session.flags.tags, session.flags.vet.tool, flags);
        let settings = blake3::hash(format!("{about:?}").as_bytes());
        Keys { graph, settings, known: vec![None; graph.packages.len()] }
    }

    /// Of a package that is only imported.
    pub fn of(&mut self, package: usize) -> blake3::Hash {
        if let Some(key) = self.known[package] {
            return key;
        }
        let graph = self.graph;
        let loaded = &graph.packages[package];
        let mut hasher = blake3::Hasher::new();
        hasher.update(self.settings.as_bytes()).update(loaded.shown_name().as_bytes());
        if !is_original(loaded) {
            hasher.update(&loaded.digest).update(format!("{}{:?}", loaded.go_version, loaded.file_names).as_bytes());
            for target in loaded.imports.iter().filter_map(|import| import.package) {
                hasher.update(self.of(target).as_bytes());
            }
        }
        let key = hasher.finalize();
        self.known[package] = Some(key);
        key
    }

    /// Of one about which there is a verdict: that names its files, and is also about those that are not compiled.
    pub fn of_root(&mut self, package: usize) -> blake3::Hash {
        let key = self.of(package);
        let loaded = &self.graph.packages[package];
        let mut hasher = blake3::Hasher::new();
        hasher.update(b"root").update(key.as_bytes()).update(loaded.dir.as_os_str().as_encoded_bytes());
        for name in loaded.ignored_files.iter().chain(&loaded.asm_files).chain(&loaded.avoided_asm) {
            hasher.update(name.as_bytes()).update(&[0]);
            if let Ok(text) = files::read(&loaded.dir.join(name)) {
                hasher.update(blake3::hash(&text).as_bytes());
            }
        }
        hasher.finalize()
    }
}

/// A package of the distribution that is as it comes, whatever golift compiles in its place.
fn is_original(package: &LoadedPackage) -> bool {
    package.is_std() && package.for_test.is_none()
}
