//! The folder of things that a build needs on disk for a while.

use std::fs;
use std::path::{Path, PathBuf};

use golift_load::{describe, temporary};

use crate::flags::Flags;
use crate::settings;

pub enum WorkDir {
    Temporary(tempfile::TempDir),
    /// `-work`
    Kept(PathBuf),
}

impl WorkDir {
    pub fn new(flags: &Flags) -> Result<WorkDir, String> {
        let parent = settings::variable("GOTMPDIR").map_or_else(std::env::temp_dir, PathBuf::from);
        let dir = temporary::create(|| tempfile::Builder::new().prefix("golift-").tempdir_in(&parent));
        let dir = dir
            .map_err(|e| format!("golift: cannot create a work directory in {}: {}", parent.display(), describe(&e)))?;
        if flags.keep_work {
            eprintln!("WORK={}", dir.path().display());
            return Ok(WorkDir::Kept(dir.keep()));
        }
        Ok(WorkDir::Temporary(dir))
    }

    pub fn path(&self) -> &Path {
        match self {
            WorkDir::Temporary(dir) => dir.path(),
            WorkDir::Kept(dir) => dir,
        }
    }
}

pub fn write_file(path: &Path, bytes: &[u8]) -> Result<(), String> {
    fs::write(path, bytes).map_err(|e| format!("golift: cannot write {}: {}", path.display(), describe(&e)))
}

pub fn read_file(path: &Path) -> Result<Vec<u8>, String> {
    fs::read(path).map_err(|e| format!("golift: cannot read {}: {}", path.display(), describe(&e)))
}
