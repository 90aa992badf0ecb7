//! Other programs: where they are, by Go's rule.
//!
//! A program of the current folder is not started because an entry of PATH is empty or relative: whoever wrote that folder need not be
//! whoever uses it.

use std::env;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use crate::world;

/// Finds a program on PATH. The error is Go's.
pub fn find_program(name: &str) -> Result<PathBuf, String> {
    find_in(&world::variable("PATH").unwrap_or_default(), name)
}

fn find_in(path: &OsStr, name: &str) -> Result<PathBuf, String> {
    let is_program = |path: &Path| fs::metadata(path).is_ok_and(|m| m.is_file() && m.permissions().mode() & 0o111 != 0);
    if name.contains('/') {
        let why = if Path::new(name).exists() { "permission denied" } else { "no such file or directory" };
        return if is_program(Path::new(name)) { Ok(name.into()) } else { Err(format!("exec: {name:?}: {why}")) };
    }
    // An empty PATH has no entries.
    let entries = env::split_paths(path).take_while(|_| !path.is_empty());
    match entries.map(|dir| dir.join(name)).find(|path| is_program(path)) {
        Some(path) if path.is_absolute() => Ok(path),
        Some(_) => Err(format!("exec: {name:?}: cannot run executable found relative to current directory")),
        None => Err(format!("exec: {name:?}: executable file not found in $PATH")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_in_absolute_folders() {
        let dir = tempfile::tempdir().unwrap();
        let program = dir.path().join("prog");
        fs::write(&program, "").unwrap();
        let find = |path: &str| find_in(OsStr::new(path), "prog");
        let absolute = format!("/nosuch:{}", dir.path().display());
        assert!(find(&absolute).unwrap_err().contains("not found in $PATH"), "it cannot be executed");
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        assert_eq!(find(&absolute), Ok(program));
        assert!(find("").is_err());
        // `cargo test` runs in the folder of the crate.
        let relative = find_in(OsStr::new(":/bin"), "sh").unwrap();
        assert_eq!(relative, Path::new("/bin/sh"));
        let up = "../".repeat(env::current_dir().unwrap().components().count()) + "bin";
        let error = find_in(OsStr::new(&up), "sh").unwrap_err();
        assert_eq!(error, "exec: \"sh\": cannot run executable found relative to current directory");
    }
}
