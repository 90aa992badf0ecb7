//! Programs of the distribution that golift needs to do its work: compiled by golift when they are needed first, and kept in its cache.
//!
//! Some have a second entry in our overlay (`runtime/go/src/cmd/…`), through which golift uses them as a part of its own; see the callers.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use crate::build;
use crate::cache::{self, TOOLS};
use crate::cli::flags::Flags;
use crate::environment::Environment;
use crate::failure::Failure;
use crate::front::Purpose;
use crate::session::Session;

/// The program of the package `cmd/name`, compiled if need be.
pub fn find(session: &Session, goroot: &Path, name: &str) -> Result<PathBuf, Failure> {
    session.env.check_cache_dir()?;
    let version = fs::read(goroot.join("VERSION")).map_err(|e| format!("golift: {}: {e}", goroot.display()))?;
    let overlay = session.env.os("GOLIFT_OVERLAY").map(OsStr::as_encoded_bytes).unwrap_or_default();
    let mut key = blake3::Hasher::new();
    key.update(cache::build_id().as_bytes()).update(goroot.as_os_str().as_encoded_bytes()).update(&version);
    key.update(overlay);
    let key = key.finalize().to_hex();
    let prefix = format!("{name}-");
    let file = format!("{prefix}{}", &key[..32]);
    let kept = session.env.cache_dir().map(|dir| dir.join(TOOLS));
    if let Some(program) = kept.as_ref().map(|folder| folder.join(&file)).filter(|program| program.is_file()) {
        return Ok(program);
    }
    // A cache that cannot be written only makes this slow: the build warns of it.
    let kept = kept.filter(|folder| fs::create_dir_all(folder).is_ok() && tempfile::tempfile_in(folder).is_ok());
    // Who comes second waits for what the first one makes.
    let lock = kept.as_ref().and_then(|folder| File::create(folder.join(format!("{name}.lock"))).ok());
    if let Some(lock) = &lock {
        let _locks_only_save_time = lock.lock();
    }
    let program = kept.as_deref().unwrap_or(session.work_dir()?).join(file);
    if program.is_file() {
        return Ok(program);
    }
    // Whatever is asked for elsewhere, this is a program for this machine, and of no module of the user's.
    let mut env: Environment = session.env.clone();
    for name in ["GOFLAGS", "GOOS", "GOARCH", "GOEXPERIMENT"] {
        env.set(name, "");
    }
    env.set("GOWORK", "off");
    env.change_dir(session.work_dir()?.as_os_str())?;
    let flags = Flags { goroot: Some(goroot.to_owned()), ..Flags::default() };
    let inner = Session::new(env, flags);
    inner.within(|| {
        let (graph, goroot) = build::load_packages(&inner, &[format!("cmd/{name}")], Purpose::Build)?;
        build::build(&inner, graph, &goroot, &program)
    })?;
    // Those of other versions of golift are of no use to this one, and it can be made again.
    for entry in kept.iter().filter_map(|folder| fs::read_dir(folder).ok()).flatten().flatten() {
        let is_old = entry.path() != program && entry.file_name().to_string_lossy().starts_with(&prefix);
        if is_old {
            let _another_process_may_be_faster = fs::remove_file(entry.path());
        }
    }
    Ok(program)
}
