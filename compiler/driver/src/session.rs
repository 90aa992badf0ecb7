//! Everything that one command line is about: variables, folder, flags, and who is told how it goes.

use std::cell::OnceCell;
use std::path::{Path, PathBuf};

use golift_load::Context;

use crate::environment::Environment;
use crate::flags::Flags;
use crate::progress::Progress;
use crate::work_dir::WorkDir;

/// Nothing that a build does depends on anything else in the process, so that one process can run many.
pub struct Session {
    pub env: Environment,
    pub flags: Flags,
    pub progress: Progress,
    work: OnceCell<WorkDir>,
}

impl Session {
    pub fn new(env: Environment, flags: Flags) -> Session {
        let progress = Progress::new(flags.verbose > 1 || env.os("GOLIFT_TIMING").is_some());
        Session { env, flags, progress, work: OnceCell::new() }
    }

    /// The current folder.
    pub fn dir(&self) -> Result<&Path, String> {
        self.env.dir()
    }

    /// A path that is seen from the current folder.
    pub fn absolute(&self, path: &Path) -> Result<PathBuf, String> {
        if path.is_absolute() { Ok(path.to_owned()) } else { Ok(self.dir()?.join(path)) }
    }

    /// The target and tags of this run.
    pub fn context(&self) -> Result<Context, String> {
        let experiments = self.env.text("GOEXPERIMENT").unwrap_or_default();
        Context::new(&self.env.goos(), &self.env.goarch(), self.flags.tags.clone(), &experiments)
    }

    /// The folder for what has to be on disk for a while; it goes with the session, unless `-work` keeps it.
    pub fn work_dir(&self) -> Result<&Path, String> {
        if let Some(work) = self.work.get() {
            return Ok(work.path());
        }
        let work = WorkDir::new(&self.env.temp_dir(), self.flags.keep_work)?;
        Ok(self.work.get_or_init(|| work).path())
    }
}
