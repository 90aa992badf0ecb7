//! The variables and the folder that a command line is run with.

use std::collections::HashMap;
use std::env;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::{Path, PathBuf};

use golift_load::describe;

use crate::cli::variables;

/// A snapshot, so that several command lines with different ones can be run by one process.
#[derive(Clone, Debug)]
pub struct Environment {
    variables: HashMap<OsString, OsString>,
    /// The current folder; the error says why there is none.
    dir: Result<PathBuf, String>,
}

impl Environment {
    /// The process's own, with what `go env -w` has set.
    pub fn of_process() -> Environment {
        let variables: HashMap<OsString, OsString> = env::vars_os().collect();
        let real =
            env::current_dir().map_err(|e| format!("cannot determine current directory: getwd: {}", describe(&e)));
        // The current folder under the name that the shell knows it by, as Go does.
        let pwd = variables.get(OsStr::new("PWD")).map(PathBuf::from).filter(|p| p.is_absolute());
        let dir = real.map(|real| pwd.filter(|pwd| same_folder(pwd, &real)).unwrap_or(real));
        let mut environment = Environment { variables, dir };
        environment.add_file();
        environment
    }

    /// Values from go's file, for variables that are not set otherwise.
    fn add_file(&mut self) {
        let file = match self.text("GOENV").as_deref() {
            Some("off") => return,
            Some(file) => PathBuf::from(file),
            None => {
                let config = self.path("XDG_CONFIG_HOME").filter(|dir| dir.is_absolute());
                match config.or_else(|| self.path("HOME").map(|home| home.join(".config"))) {
                    Some(config) => config.join("go/env"),
                    None => return,
                }
            }
        };
        if !file.is_file() {
            return;
        }
        for line in fs::read(file).unwrap_or_default().split(|&b| b == b'\n') {
            let Some(at) = line.iter().position(|&b| b == b'=') else { continue };
            let (name, value) = (OsStr::from_bytes(&line[..at]), OsString::from_vec(line[at + 1..].to_vec()));
            // An empty variable is as good as none.
            if variables::is_known(name) && self.os(name).is_none() {
                self.variables.insert(name.to_owned(), value);
            }
        }
    }

    /// The same in another folder. The error is what `go` prints.
    pub fn change_dir(&mut self, dir: &OsStr) -> Result<(), String> {
        let failed = |e: std::io::Error| format!("go: chdir {}: {}", dir.display(), describe(&e));
        let wanted = self.dir.as_ref().map_or_else(|_| PathBuf::from(dir), |current| current.join(dir));
        let real = fs::canonicalize(wanted).map_err(failed)?;
        if !fs::metadata(&real).map_err(failed)?.is_dir() {
            return Err(failed(std::io::ErrorKind::NotADirectory.into()));
        }
        let pwd = self.path("PWD").filter(|pwd| pwd.is_absolute() && same_folder(pwd, &real));
        self.dir = Ok(pwd.unwrap_or(real));
        Ok(())
    }

    /// Gives a variable a value.
    pub fn set(&mut self, name: &str, value: impl Into<OsString>) {
        self.variables.insert(name.into(), value.into());
    }

    /// All variables.
    pub fn all(&self) -> &HashMap<OsString, OsString> {
        &self.variables
    }

    /// A variable that is set to something.
    pub fn os(&self, name: impl AsRef<OsStr>) -> Option<&OsStr> {
        self.variables.get(name.as_ref()).map(OsString::as_os_str).filter(|value| !value.is_empty())
    }

    /// The same as text.
    pub fn text(&self, name: &str) -> Option<String> {
        self.os(name).map(|value| value.to_string_lossy().into_owned())
    }

    pub fn path(&self, name: &str) -> Option<PathBuf> {
        self.os(name).map(PathBuf::from)
    }

    /// The current folder.
    pub fn dir(&self) -> Result<&Path, String> {
        self.dir.as_deref().map_err(Clone::clone)
    }

    /// The operating system to build for.
    pub fn goos(&self) -> String {
        self.text("GOOS").unwrap_or_else(|| "linux".into())
    }

    /// The architecture to build for.
    pub fn goarch(&self) -> String {
        self.text("GOARCH").unwrap_or_else(|| host_arch().into())
    }

    /// Refuses what would make a cache in whatever folder is the current one.
    pub fn check_cache_dir(&self) -> Result<(), String> {
        match self.path("GOLIFTCACHE") {
            Some(dir) if !dir.is_absolute() => Err("golift: GOLIFTCACHE is not an absolute path".into()),
            _ => Ok(()),
        }
    }

    /// The folder that machine code is cached in.
    pub fn cache_dir(&self) -> Option<PathBuf> {
        let path = |name| self.path(name).filter(|path| path.is_absolute());
        path("GOLIFTCACHE")
            .or_else(|| path("XDG_CACHE_HOME").map(|dir| dir.join("golift")))
            .or_else(|| path("HOME").map(|home| home.join(".cache/golift")))
    }

    /// The folder for temporary ones.
    pub fn temp_dir(&self) -> PathBuf {
        self.path("GOTMPDIR").or_else(|| self.path("TMPDIR")).unwrap_or_else(|| "/tmp".into())
    }
}

fn same_folder(a: &Path, b: &Path) -> bool {
    matches!((a.canonicalize(), b.canonicalize()), (Ok(a), Ok(b)) if a == b)
}

/// The architecture of this machine, as Go calls it.
pub fn host_arch() -> &'static str {
    match env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    }
}
