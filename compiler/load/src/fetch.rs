//! The module cache, and how modules get there.
//!
//! Fetching is the business of the distribution's own go command, which knows proxies, checksum databases, version control and credentials;
//! it is asked for the modules that a build needs and that are not there. What is used is compared with go.sum here.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::files;
use crate::gomod::{GoMod, escape_path};
use crate::workspace::{Workspace, read_go_mod};

pub struct Fetcher {
    goroot: PathBuf,
    cache: PathBuf,
}

/// Where a module is.
pub struct Source {
    pub dir: PathBuf,
    /// Path and version in the module cache, for what is no local folder.
    pub cached: Option<(String, String)>,
}

impl Fetcher {
    pub fn new(goroot: &Path) -> Fetcher {
        Fetcher { goroot: goroot.into(), cache: module_cache() }
    }

    /// Where a module is, or will be.
    pub fn source(&self, workspace: &Workspace, path: &str, version: &str) -> Source {
        let (path, version) = match workspace.replacement(path, version) {
            Some((root, replace)) => match &replace.new_version {
                Some(version) => (replace.new.as_str(), version.as_str()),
                None => {
                    let dir = root.join(&replace.new);
                    return Source { dir: dir.canonicalize().unwrap_or(dir), cached: None };
                }
            },
            None => (path, version),
        };
        let dir = self.cache.join(format!("{}@{}", escape_path(path), escape_path(version)));
        Source { dir, cached: Some((path.into(), version.into())) }
    }

    fn download_file(&self, path: &str, version: &str, suffix: &str) -> PathBuf {
        let dir = self.cache.join("cache/download").join(escape_path(path)).join("@v");
        dir.join(format!("{}.{suffix}", escape_path(version)))
    }

    /// The go.mod of a module; fetched if there is none.
    pub fn go_mod(&self, workspace: &Workspace, path: &str, version: &str) -> Option<GoMod> {
        let source = self.source(workspace, path, version);
        let (path, version) = match source.cached {
            None => return read_go_mod(&source.dir.join("go.mod")).ok(),
            Some(cached) => cached,
        };
        let file = self.download_file(&path, &version, "mod");
        if !files::is_file(&file) && !files::is_dir(&source.dir) {
            let _ = self.fetch(workspace, &path, &version);
        }
        read_go_mod(&file).or_else(|_| read_go_mod(&source.dir.join("go.mod"))).ok()
    }

    /// Gets a module into the cache. The error is what the go command says.
    pub fn fetch(&self, workspace: &Workspace, path: &str, version: &str) -> Result<(), String> {
        let go = self.goroot.join("bin/go");
        if !go.is_file() {
            return Err(format!(
                "module {path}@{version} is neither in vendor/ nor in the module cache, and there is no go command in {} to fetch it",
                self.goroot.join("bin").display()
            ));
        }
        eprintln!("go: downloading {path} {version}");
        let mut command = Command::new(go);
        command.args(["mod", "download", &format!("{path}@{version}")]).stdin(Stdio::null());
        command.env("GOROOT", &self.goroot).env("GOTOOLCHAIN", "local").env("GOFLAGS", "");
        command.env("GOMODCACHE", &self.cache).env_remove("GOOS").env_remove("GOARCH").env_remove("GOEXPERIMENT");
        if let Some(main) = workspace.mains.first() {
            command.current_dir(&main.root).env("PWD", &main.root);
        }
        let output = command.output().map_err(|e| format!("module {path}@{version}: cannot start go: {e}"))?;
        if output.status.success() {
            return Ok(());
        }
        let text = String::from_utf8_lossy(&output.stderr);
        let text = text.trim();
        let text = text.strip_prefix("go: ").unwrap_or(text);
        Err(text.strip_prefix(&format!("{path}@{version}: ")).unwrap_or(text).to_owned())
    }

    /// Compares what the cache holds with go.sum: false if that knows nothing of it. The error is for a difference.
    pub fn verify(&self, workspace: &Workspace, path: &str, version: &str) -> Result<bool, String> {
        let Some(wanted) = workspace.sums.get(&(path.to_owned(), version.to_owned())) else { return Ok(false) };
        let found = files::read_to_string(&self.download_file(path, version, "ziphash")).unwrap_or_default();
        let found = found.trim();
        if found.is_empty() || found == wanted {
            return Ok(true);
        }
        Err(format!(
            "verifying {path}@{version}: checksum mismatch\n\tdownloaded: {found}\n\tgo.sum:     {wanted}\n\nSECURITY ERROR\nThis download does NOT match an earlier download recorded in go.sum.\nThe bits may have been replaced on the origin server, or an attacker may\nhave intercepted the download attempt.\n\nFor more information, see 'go help module-auth'."
        ))
    }
}

fn module_cache() -> PathBuf {
    let var = |name| env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    var("GOMODCACHE")
        .or_else(|| var("GOPATH").map(|path| path.join("pkg/mod")))
        .or_else(|| var("HOME").map(|home| home.join("go/pkg/mod")))
        .unwrap_or_default()
}
