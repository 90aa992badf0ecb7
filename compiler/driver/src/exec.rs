//! Programs that golift starts. As with Go's `os/exec`, none is taken from the current folder just because an empty or relative
//! entry of `PATH` leads there.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use crate::environment::Environment;

/// Why there is no program of a name, in the words of `os/exec`.
#[derive(Debug, PartialEq, Eq)]
pub enum NotFound {
    Nowhere(String),
    InFolder(String),
}

impl NotFound {
    pub fn text(&self) -> &str {
        match self {
            NotFound::Nowhere(text) | NotFound::InFolder(text) => text,
        }
    }
}

/// The absolute path of a program.
pub fn find(name: &OsStr, env: &Environment) -> Result<PathBuf, NotFound> {
    let nowhere = |why: &str| NotFound::Nowhere(format!("exec: {name:?}: {why}"));
    if name.as_bytes().contains(&b'/') {
        let path = env.dir().map_or_else(|_| PathBuf::from(name), |dir| dir.join(name));
        return match path.metadata() {
            Ok(_) if is_executable(&path) => Ok(path),
            Ok(_) => Err(nowhere("permission denied")),
            Err(e) => Err(nowhere(&format!("stat {}: {}", name.display(), golift_load::describe(&e)))),
        };
    }
    for dir in std::env::split_paths(env.os("PATH").unwrap_or_default()) {
        let path = dir.join(name);
        if dir.is_absolute() && is_executable(&path) {
            return Ok(path);
        }
        let here = env.dir().map(|current| current.join(&path));
        if !dir.is_absolute() && here.is_ok_and(|path| is_executable(&path)) {
            let why = "cannot run executable found relative to current directory";
            return Err(NotFound::InFolder(format!("exec: {name:?}: {why}")));
        }
    }
    Err(nowhere("executable file not found in $PATH"))
}

fn is_executable(path: &Path) -> bool {
    path.metadata().is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn none_from_the_current_folder() {
        let work = tempfile::tempdir().unwrap();
        let tool = work.path().join("tool");
        fs::write(&tool, "#!/bin/sh\n").unwrap();
        fs::set_permissions(&tool, fs::Permissions::from_mode(0o755)).unwrap();
        fs::write(work.path().join("text"), "").unwrap();
        let mut env = Environment::of_process();
        env.change_dir(work.path().as_os_str()).unwrap();
        for path in ["", ".", ":/bin", "/bin:", "/bin:."] {
            env.set("PATH", path);
            let found = find(OsStr::new("tool"), &env);
            let relative = path.is_empty() || matches!(found, Err(NotFound::InFolder(_)));
            assert!(relative && found.is_err(), "{path:?}: {found:?}");
        }
        env.set("PATH", work.path());
        assert_eq!(find(OsStr::new("tool"), &env), Ok(env.dir().unwrap().join("tool")));
        assert!(find(OsStr::new("text"), &env).is_err());
        assert_eq!(find(OsStr::new("./tool"), &env), Ok(env.dir().unwrap().join("./tool")));
    }
}
