//! Everything that one command line is about: variables, folder, flags, and who is told how it goes.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use golift_load::world::{self, World};
use golift_load::{Context, CoverMain, FetchModules};

use crate::cli::flags::Flags;
use crate::environment::Environment;
use crate::progress::Progress;
use crate::work_dir::WorkDir;

/// The stack of a thread that works for a session: deep recursion has room, and only what is touched costs memory.
pub const STACK_SIZE: usize = 1 << 30;

/// Makes what gets modules for a session, with this distribution.
pub type MakeFetcher = fn(&Session, &Path) -> Arc<dyn FetchModules>;

/// Nothing that a build does depends on anything else in the process, so that one process can run many.
pub struct Session {
    /// Variables and the current folder.
    pub env: Environment,
    /// What the command line asks for.
    pub flags: Flags,
    /// Who is told how it goes.
    pub progress: Progress,
    /// `-cover`: what was instrumented, once for the session.
    pub covered: OnceLock<CoverMain>,
    /// Gets missing modules; without it they stay missing. What it does needs programs that are built in sessions.
    make_fetcher: Option<MakeFetcher>,
    work: OnceLock<WorkDir>,
    /// The same variables for the loader, and the files as `-overlay` and the record of a check see them.
    world: Arc<World>,
}

impl Session {
    /// A session in which nothing has happened.
    pub fn new(env: Environment, flags: Flags) -> Session {
        let progress = Progress::new(flags.verbose > 1 || env.os("GOLIFT_TIMING").is_some());
        let world = World::new(env.all().clone(), env.dir().map(Path::to_owned).ok());
        let (covered, work) = (OnceLock::new(), OnceLock::new());
        Session { env, flags, progress, covered, make_fetcher: None, work, world }
    }

    /// With somebody who gets missing modules.
    pub fn fetching(self, make_fetcher: MakeFetcher) -> Session {
        Session { make_fetcher: Some(make_fetcher), ..self }
    }

    /// A session for a part of what this one does, with other variables and flags.
    pub fn inner(&self, env: Environment, flags: Flags) -> Session {
        Session { make_fetcher: self.make_fetcher, ..Session::new(env, flags) }
    }

    /// Who gets missing modules.
    pub fn fetcher(&self, goroot: &Path) -> Option<Arc<dyn FetchModules>> {
        self.make_fetcher.map(|make| make(self, goroot))
    }

    /// Does `work` with the files and variables of this session.
    pub fn within<R>(&self, work: impl FnOnce() -> R) -> R {
        world::enter(&self.world, work)
    }

    /// The current folder.
    pub fn dir(&self) -> Result<&Path, String> {
        self.env.dir()
    }

    /// A path that is seen from the current folder.
    pub fn absolute(&self, path: &Path) -> Result<PathBuf, String> {
        if path.is_absolute() { Ok(path.to_owned()) } else { Ok(self.dir()?.join(path)) }
    }

    /// The absolute path of a program that golift starts. The error is that of Go's `os/exec`.
    pub fn find_program(&self, name: &str) -> Result<PathBuf, String> {
        let seen_from_here = self.absolute(Path::new(name))?;
        let name = if name.contains('/') { seen_from_here.to_string_lossy().into_owned() } else { name.to_owned() };
        self.within(|| golift_load::find_program(&name))
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
