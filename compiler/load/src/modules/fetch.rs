//! The module cache, and how modules get there.
//!
//! Getting them is the business of the go command; whoever calls the loader starts it ([`FetchModules`]). It is asked for the
//! modules that a build needs and that are not there, for as many at once as are known to be needed. What is used is compared with go.sum here.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use rustc_hash::FxHashMap;

use super::sums;
use super::version::{ModuleVersion, escape};
use super::workspace::Workspace;
use crate::files::{self, describe};
use crate::world;

/// Who gets modules into the module cache. Both are done in the folder of a main module, if there is one.
pub trait FetchModules: Send + Sync {
    /// Gets the go.mod files of all modules that the main module can reach, as far as they are to be had.
    fn go_mods(&self, dir: Option<&Path>, cache: &Path);

    /// Gets modules; for each the error, which is what the go command says: with the module's name in front, where that says something.
    fn modules(&self, wanted: &[Wanted], dir: Option<&Path>, cache: &Path) -> Vec<Result<(), String>>;
}

/// A module that is not in the module cache, or not whole.
pub struct Wanted {
    /// Its path.
    pub path: String,
    /// Its version.
    pub version: String,
    /// Where its files will be.
    pub dir: PathBuf,
    /// Where they will be packed.
    pub zip: PathBuf,
}

/// Gets at modules.
pub struct Fetcher {
    from: Option<Arc<dyn FetchModules>>,
    cache: PathBuf,
    /// All the go.mod files have been asked for at once.
    asked: AtomicBool,
    /// The sums of modules that are in the cache, and why others cannot be had.
    known: Mutex<FxHashMap<ModuleVersion, Result<String, String>>>,
}

impl Fetcher {
    /// Without anybody to get them, modules have to be in the cache.
    pub fn new(from: Option<Arc<dyn FetchModules>>) -> Fetcher {
        let cache = module_cache().unwrap_or_default();
        Fetcher { from, cache, asked: AtomicBool::new(false), known: Mutex::default() }
    }

    /// Where the files of a module are or will be.
    pub fn dir(&self, module: &ModuleVersion) -> PathBuf {
        self.cache.join(format!("{}@{}", escape(&module.path), escape(&module.version)))
    }

    fn download_file(&self, module: &ModuleVersion, suffix: &str) -> PathBuf {
        let dir = self.cache.join("cache/download").join(escape(&module.path)).join("@v");
        dir.join(format!("{}.{suffix}", escape(&module.version)))
    }

    /// The go.mod of a module, which is what go.sum says. The error does not name the module.
    pub fn go_mod(&self, workspace: &Workspace, module: &ModuleVersion) -> Result<String, FetchError> {
        let file = self.download_file(module, "mod");
        if !files::is_file(&file) {
            // Gets all that are missing; what stays missing is found one by one.
            if let (Some(from), false) = (&self.from, self.asked.swap(true, Ordering::Relaxed)) {
                from.go_mods(main_dir(workspace), &self.cache);
            }
            if !files::is_file(&file) {
                self.fetch(workspace, std::slice::from_ref(module));
                self.sum(module).map_err(|e| match e {
                    FetchError::Module(msg) => FetchError::Module(module.without_name(&msg).to_owned()),
                    fatal => fatal,
                })?;
            }
        }
        let text = files::read(&file).map_err(|e| FetchError::Module(describe(&e)))?;
        let of_file = ModuleVersion { path: module.path.clone(), version: format!("{}/go.mod", module.version) };
        workspace.sums.check(&of_file, &sums::of_go_mod(&text)).map_err(FetchError::Fatal)?;
        Ok(String::from_utf8_lossy(&text).into_owned())
    }

    /// The folder with the files of a module, which are what go.sum says; fetched if need be. The error names the module as far as it has to.
    pub fn download(&self, workspace: &Workspace, module: &ModuleVersion) -> Result<PathBuf, FetchError> {
        self.fetch_missing(workspace, std::iter::once(module));
        let found = self.sum(module)?;
        workspace.sums.check(module, &found).map_err(FetchError::Fatal)?;
        Ok(self.dir(module))
    }

    /// Gets those modules into the cache that are not there. What could not be had before is not tried again.
    pub fn fetch_missing<'m>(&self, workspace: &Workspace, modules: impl Iterator<Item = &'m ModuleVersion>) {
        let missing: Vec<ModuleVersion> = modules.filter(|module| !self.is_known(module)).cloned().collect();
        self.fetch(workspace, &missing);
    }

    /// Is the module in the cache, or cannot be had? What was interrupted is neither: fetching it repairs it.
    fn is_known(&self, module: &ModuleVersion) -> bool {
        if self.known().contains_key(module) {
            return true;
        }
        let is_whole = files::is_dir(&self.dir(module)) && files::kind(&self.download_file(module, "partial")).is_err();
        let sum = read_sum(&self.download_file(module, "ziphash")).filter(|_| is_whole);
        let is_there = sum.is_some();
        self.known().extend(sum.map(|sum| (module.clone(), Ok(sum))));
        is_there
    }

    /// The sum of a module that was looked for.
    fn sum(&self, module: &ModuleVersion) -> Result<String, FetchError> {
        match self.known().get(module) {
            Some(Ok(sum)) => Ok(sum.clone()),
            Some(Err(msg)) => Err(FetchError::of(msg)),
            None => Err(FetchError::Module(module.error("not in the module cache"))),
        }
    }

    fn known(&self) -> MutexGuard<'_, FxHashMap<ModuleVersion, Result<String, String>>> {
        self.known.lock().unwrap_or_else(|e| e.into_inner())
    }

    /// Has modules fetched, and notes what came of it.
    fn fetch(&self, workspace: &Workspace, modules: &[ModuleVersion]) {
        if modules.is_empty() {
            return;
        }
        let wanted = modules.iter().map(|module| Wanted {
            path: module.path.clone(),
            version: module.version.clone(),
            dir: self.dir(module),
            zip: self.download_file(module, "zip"),
        });
        let wanted: Vec<Wanted> = wanted.collect();
        let results = match &self.from {
            Some(from) => from.modules(&wanted, main_dir(workspace), &self.cache),
            None => modules.iter().map(|module| Err(module.error("not in the module cache"))).collect(),
        };
        for (module, result) in modules.iter().zip(results) {
            let ziphash = self.download_file(module, "ziphash");
            let sum = result.and_then(|()| {
                read_sum(&ziphash).ok_or_else(|| module.error(&format!("no sum in {}", ziphash.display())))
            });
            self.known().insert(module.clone(), sum);
        }
    }
}

/// The folder of the main module.
fn main_dir(workspace: &Workspace) -> Option<&Path> {
    workspace.mains.first().map(|main| main.root.as_path())
}

/// Why a module is not to be had.
pub enum FetchError {
    /// About the module.
    Module(String),
    /// Complete, and the end of everything.
    Fatal(String),
}

impl FetchError {
    /// From what the go command says: a sum that is not that of go.sum ends it at once.
    fn of(msg: &str) -> FetchError {
        match msg.starts_with("verifying ") && msg.contains("\nSECURITY ERROR\n") && msg.contains("recorded in go.sum")
        {
            true => FetchError::Fatal(msg.to_owned()),
            false => FetchError::Module(msg.to_owned()),
        }
    }
}

/// What a .ziphash says, if it is whole.
fn read_sum(path: &Path) -> Option<String> {
    let text = files::read_to_string(path).ok()?;
    Some(text.trim().to_owned()).filter(|sum| sums::is_sum(sum))
}

/// Where modules are kept; nothing if no variable says so.
pub fn module_cache() -> Option<PathBuf> {
    let var = |name| world::variable(name).map(PathBuf::from);
    var("GOMODCACHE")
        .or_else(|| var("GOPATH").map(|path| path.join("pkg/mod")))
        .or_else(|| var("HOME").map(|home| home.join("go/pkg/mod")))
}
