//! The folder of things that a build needs on disk for a while.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use golift_load::{describe, temporary};

/// A folder that nobody else may look into.
pub enum WorkDir {
    Temporary(tempfile::TempDir),
    /// `-work`
    Kept(PathBuf),
}

impl WorkDir {
    /// Nobody else may look into it, or put something there that is executed.
    pub fn new(parent: &Path, keep: bool) -> Result<WorkDir, String> {
        let mut builder = tempfile::Builder::new();
        builder.prefix("golift-").permissions(Permissions::from_mode(0o700)).disable_cleanup(keep);
        let failed = |e| format!("golift: cannot create a work directory in {}: {}", parent.display(), describe(&e));
        if keep {
            let dir = builder.tempdir_in(parent).map_err(failed)?;
            eprintln!("WORK={}", dir.path().display());
            return Ok(WorkDir::Kept(dir.keep()));
        }
        temporary::create(|| builder.tempdir_in(parent)).map(WorkDir::Temporary).map_err(failed)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        match self {
            WorkDir::Temporary(dir) => dir.path(),
            WorkDir::Kept(dir) => dir,
        }
    }
}

/// Writes a file; the error is a message.
pub fn write_file(path: &Path, bytes: &[u8]) -> Result<(), String> {
    fs::write(path, bytes).map_err(|e| format!("golift: cannot write {}: {}", path.display(), describe(&e)))
}

/// Reads a file; the error is a message.
pub fn read_file(path: &Path) -> Result<Vec<u8>, String> {
    fs::read(path).map_err(|e| format!("golift: cannot read {}: {}", path.display(), describe(&e)))
}
