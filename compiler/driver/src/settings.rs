//! What the environment says: target, cache, current folder.

use std::env;
use std::path::PathBuf;

use golift_load::{Context, describe};

use crate::flags::Flags;

pub fn goos() -> String {
    variable("GOOS").unwrap_or_else(|| "linux".into())
}

pub fn goarch() -> String {
    variable("GOARCH").unwrap_or_else(|| host_arch().into())
}

pub fn host_arch() -> &'static str {
    match env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    }
}

/// The target and tags of this run.
pub fn context(flags: &Flags) -> Result<Context, String> {
    let experiments = variable("GOEXPERIMENT").unwrap_or_default();
    Context::new(&goos(), &goarch(), flags.tags.clone(), &experiments)
}

/// Refuses what would make a cache in whatever folder is the current one.
pub fn check_cache_dir() -> Result<(), String> {
    match variable("GOLIFTCACHE") {
        Some(dir) if !dir.starts_with('/') => Err("golift: GOLIFTCACHE is not an absolute path".into()),
        _ => Ok(()),
    }
}

/// The folder that machine code is cached in.
pub fn cache_dir() -> Option<PathBuf> {
    let path = |name| variable(name).map(PathBuf::from).filter(|p| p.is_absolute());
    path("GOLIFTCACHE")
        .or_else(|| path("XDG_CACHE_HOME").map(|dir| dir.join("golift")))
        .or_else(|| path("HOME").map(|home| home.join(".cache/golift")))
}

/// The current folder under the name that the shell knows it by, as Go does.
pub fn current_dir() -> Result<PathBuf, String> {
    let real =
        env::current_dir().map_err(|e| format!("cannot determine current directory: getwd: {}", describe(&e)))?;
    let pwd = variable("PWD").map(PathBuf::from).filter(|p| p.is_absolute());
    Ok(pwd.filter(|p| p.canonicalize().is_ok_and(|c| Some(c) == real.canonicalize().ok())).unwrap_or(real))
}

/// A variable that is set to something.
pub fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}
