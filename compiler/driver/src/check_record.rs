//! `golift check` of what has not changed since it was checked: nothing is read, and nothing is said.
//!
//! A successful check leaves behind what it saw of the file system ([`Trace`]), under a key of everything else that it depends on. Checks
//! that had something to say are done again.

use std::path::{Path, PathBuf};

use golift_load::files::{self, Trace, Verdict};

use crate::cache::{self, CHECK};
use crate::session::Session;

/// Where the record of a command line is.
pub struct CheckRecord {
    dir: PathBuf,
    name: String,
}

impl CheckRecord {
    /// The record for a command line, if there can be one.
    pub fn new(session: &Session, args: &[String], goroot: &Path) -> Option<CheckRecord> {
        let (flags, env) = (&session.flags, &session.env);
        // Whoever wants to be told what happens, wants it to happen.
        let talks = flags.rebuild || flags.verbose > 0 || flags.explain || flags.keep_work;
        let replaces = flags.overlay.is_some() || env.os("GOLIFT_OVERLAY").is_some();
        if talks || replaces {
            return None;
        }
        let mut hasher = blake3::Hasher::new();
        let variables: Vec<_> = golift_load::VARIABLES.iter().map(|name| env.os(name)).collect();
        let version = golift_load::goroot_version(goroot);
        let cwd = session.dir().ok()?;
        let about = (cache::build_id(), flags, args, cwd, goroot, version);
        hasher.update(format!("{about:?} {} {} {variables:?}", env.goos(), env.goarch()).as_bytes());
        let dir = env.cache_dir()?.join(CHECK);
        Some(CheckRecord { dir, name: hasher.finalize().to_hex().to_string() })
    }

    /// Is everything as it was when it was found to be right?
    pub fn still_holds(&self) -> bool {
        let Ok(bytes) = cache::read(&self.dir.join(&self.name)) else { return false };
        let Some(at) = bytes.len().checked_sub(32) else { return false };
        let (body, check) = bytes.split_at(at);
        if blake3::hash(body).as_bytes() != check {
            return false;
        }
        let Some(mut trace) = Trace::decode(body) else { return false };
        match trace.verify() {
            Verdict::Same => true,
            Verdict::SameWithNewStamps => {
                self.save(&trace);
                true
            }
            Verdict::Different => false,
        }
    }

    /// Remembers what a successful check saw.
    pub fn save(&self, trace: &Trace) {
        let body = trace.encode();
        cache::put(&self.dir, &self.name, &[&body, blake3::hash(&body).as_bytes()]);
    }
}

/// Does `work`, and notes what it sees if it succeeds.
pub fn recorded<T, E>(
    record: Option<&CheckRecord>,
    work: impl FnOnce() -> Result<T, E>,
    good: impl Fn(&T) -> bool,
) -> Result<T, E> {
    let Some(record) = record else { return work() };
    files::start_trace();
    let result = work();
    if let (Ok(value), Some(trace)) = (&result, files::finish_trace())
        && good(value)
    {
        record.save(&trace);
    }
    result
}
