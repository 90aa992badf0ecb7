//! The variables and files that one command line sees.
//!
//! Problem: one process may run several command lines, with other variables and another `-overlay` each, and at the same time. What each
//! sees is a [`World`]. It is not passed to every function that reads a file or a variable: whoever works for a command line
//! *enters* its world, and all that the same thread does within is done there.
//!
//! Invariant: work that is handed to other threads enters the world on these, which [`par_map`] does. A thread that waits for others may
//! meanwhile do work of another command line; that enters its own world and leaves it when it is done. Outside of any world there are the
//! variables of the process, and the plain files.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::env;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex, OnceLock};

use rayon::prelude::*;

use crate::trace::Trace;

/// What a command line sees; shared by the threads that work for it.
#[derive(Debug, Default)]
pub struct World {
    /// All variables of the environment.
    variables: HashMap<OsString, OsString>,
    /// The current folder.
    dir: Option<PathBuf>,
    /// Files in place of others; none: the file is hidden. Set once, before the first file is read.
    pub(crate) replaced: OnceLock<BTreeMap<PathBuf, Option<PathBuf>>>,
    /// What was seen since somebody wanted to know; every thread adds to it.
    pub(crate) trace: Mutex<Option<Trace>>,
}

thread_local! {
    static CURRENT: RefCell<Option<Arc<World>>> = const { RefCell::new(None) };
}

impl World {
    /// A world with these variables, seen from a folder.
    pub fn new(variables: HashMap<OsString, OsString>, dir: Option<PathBuf>) -> Arc<World> {
        Arc::new(World { variables, dir, ..World::default() })
    }
}

/// Does `work` in a world.
pub fn enter<R>(world: &Arc<World>, work: impl FnOnce() -> R) -> R {
    with(Some(Arc::clone(world)), work)
}

fn with<R>(world: Option<Arc<World>>, work: impl FnOnce() -> R) -> R {
    /// Leaves the world, also when `work` panics.
    struct Leave(Option<Arc<World>>);
    impl Drop for Leave {
        fn drop(&mut self) {
            let before = self.0.take();
            CURRENT.with_borrow_mut(|current| *current = before);
        }
    }
    let _leave = Leave(CURRENT.with_borrow_mut(|current| std::mem::replace(current, world)));
    work()
}

/// The world that this thread is in.
pub(crate) fn current() -> Option<Arc<World>> {
    CURRENT.with_borrow(Clone::clone)
}

/// A variable that is set to something.
pub(crate) fn variable(name: &str) -> Option<OsString> {
    let value = match current() {
        Some(world) => world.variables.get(OsStr::new(name)).cloned(),
        None => env::var_os(name),
    };
    value.filter(|value| !value.is_empty())
}

/// A program that sees what this thread sees.
pub(crate) fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    if let Some(world) = current() {
        command.env_clear().envs(&world.variables);
        if let Some(dir) = &world.dir {
            command.current_dir(dir);
        }
    }
    command
}

/// A path as it is seen from the current folder.
pub(crate) fn absolute(path: &Path) -> PathBuf {
    match current().and_then(|world| world.dir.clone()) {
        Some(dir) => dir.join(path),
        None => path.to_owned(),
    }
}

/// `work` for all items, in parallel, in the world of this thread.
pub(crate) fn par_map<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let world = current();
    items.par_iter().map(|item| with(world.clone(), || work(item))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn world(value: &str) -> Arc<World> {
        World::new(HashMap::from([("GOLIFT_WORLD".into(), value.into())]), None)
    }

    #[test]
    fn worlds_do_not_mix() {
        let (a, b) = (world("a"), world("b"));
        let see = || variable("GOLIFT_WORLD");
        assert_eq!(see(), None);
        let seen = enter(&a, || {
            let inner = enter(&b, || par_map(&[0; 100], |_| see()));
            assert!(inner.iter().all(|value| value.as_deref() == Some(OsStr::new("b"))));
            par_map(&[0; 100], |_| see())
        });
        assert!(seen.iter().all(|value| value.as_deref() == Some(OsStr::new("a"))));
        let _ = std::panic::catch_unwind(|| enter(&a, || panic!("on purpose")));
        assert_eq!(see(), None);
    }
}
