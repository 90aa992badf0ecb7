//! The module cache, and how modules get there.
//!
//! Fetching is the business of the distribution's own go command, which knows proxies, checksum databases, version control and credentials;
//! it is asked for the modules that a build needs and that are not there. What is used is compared with go.sum here.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, Ordering};

use super::sums;
use super::version::{ModuleVersion, escape};
use super::workspace::Workspace;
use crate::files::{self, describe};
use crate::world;

/// Gets at modules.
pub struct Fetcher {
    goroot: PathBuf,
    cache: PathBuf,
    /// The go command has been asked for all the go.mod files at once.
    asked: AtomicBool,
}

impl Fetcher {
    /// A fetcher that uses the distribution's go command.
    pub fn new(goroot: &Path) -> Fetcher {
        Fetcher { goroot: goroot.into(), cache: module_cache().unwrap_or_default(), asked: AtomicBool::new(false) }
    }

    /// Where the files of a module are or will be.
    pub fn dir(&self, module: &ModuleVersion) -> PathBuf {
        self.cache.join(format!("{}@{}", escape(&module.path), escape(&module.version)))
    }

    fn download_file(&self, module: &ModuleVersion, suffix: &str) -> PathBuf {
        let dir = self.cache.join("cache/download").join(escape(&module.path)).join("@v");
        dir.join(format!("{}.{suffix}", escape(&module.version)))
    }

    /// The go.mod of a module, which is what go.sum says. The error is about the module.
    pub fn go_mod(&self, workspace: &Workspace, module: &ModuleVersion) -> Result<String, FetchError> {
        let file = self.download_file(module, "mod");
        if !files::is_file(&file) {
            if !self.asked.swap(true, Ordering::Relaxed) {
                // Gets all that are missing; what stays missing is found one by one.
                let _ = self.go(workspace, &["mod", "graph"]);
            }
            if !files::is_file(&file) {
                self.fetch(workspace, module).map_err(FetchError::Module)?;
            }
        }
        let text = files::read(&file).map_err(|e| FetchError::Module(describe(&e)))?;
        let of_file = ModuleVersion { path: module.path.clone(), version: format!("{}/go.mod", module.version) };
        workspace.sums.check(&of_file, &sums::of_go_mod(&text)).map_err(FetchError::Fatal)?;
        Ok(String::from_utf8_lossy(&text).into_owned())
    }

    /// The folder with the files of a module, which are what go.sum says; fetched if need be.
    pub fn download(&self, workspace: &Workspace, module: &ModuleVersion) -> Result<PathBuf, FetchError> {
        let dir = self.dir(module);
        let ziphash = self.download_file(module, "ziphash");
        let partial = self.download_file(module, "partial");
        // The go command repairs what was interrupted.
        if !files::is_dir(&dir) || files::kind(&partial).is_ok() || read_sum(&ziphash).is_none() {
            if files::kind(&self.download_file(module, "zip")).is_err() {
                eprintln!("go: downloading {} {}", module.path, module.version);
            }
            self.fetch(workspace, module).map_err(FetchError::Module)?;
        }
        let found = read_sum(&ziphash);
        let found = found.ok_or_else(|| FetchError::Module(format!("no sum in {}", ziphash.display())))?;
        workspace.sums.check(module, &found).map_err(FetchError::Fatal)?;
        Ok(dir)
    }

    /// Gets a module into the cache. The error is what the go command says.
    fn fetch(&self, workspace: &Workspace, module: &ModuleVersion) -> Result<(), String> {
        let name = module.to_string();
        let text = match self.go(workspace, &["mod", "download", &name]) {
            Ok(()) => return Ok(()),
            Err(text) => text,
        };
        let text = text.trim();
        let text = text.strip_prefix("go: ").unwrap_or(text);
        Err(text.strip_prefix(&format!("{name}: ")).unwrap_or(text).to_owned())
    }

    /// Runs the distribution's go command in the main module. The error is what it says.
    fn go(&self, workspace: &Workspace, args: &[&str]) -> Result<(), String> {
        let go = self.goroot.join("bin/go");
        if !go.is_file() {
            return Err(format!(
                "not in the module cache, and there is no go command in {} to fetch it",
                self.goroot.join("bin").display()
            ));
        }
        let mut command = world::command(&go);
        command.args(args).stdin(Stdio::null());
        command.env("GOROOT", &self.goroot).env("GOTOOLCHAIN", "local").env("GOFLAGS", "");
        command.env("GOMODCACHE", &self.cache).env_remove("GOOS").env_remove("GOARCH").env_remove("GOEXPERIMENT");
        if let Some(main) = workspace.mains.first() {
            command.current_dir(&main.root).env("PWD", &main.root);
        }
        let output = command.output().map_err(|e| format!("cannot start {}: {e}", go.display()))?;
        if output.status.success() {
            return Ok(());
        }
        Err(String::from_utf8_lossy(&output.stderr).into_owned())
    }
}

/// Why a module is not to be had.
pub enum FetchError {
    /// About the module, which is named in front.
    Module(String),
    /// Complete, and the end of everything.
    Fatal(String),
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
