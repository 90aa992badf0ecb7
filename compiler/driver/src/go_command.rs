//! Commands that are go's own: modules, workspaces, formatting, documentation.
//!
//! The distribution has the source of the go command. Golift compiles it when it is needed first, keeps the program in its cache, and
//! runs it with the arguments as they are: what it does is what go does. Only commands that do not compile Go are
//! left to it, because its compiler would be gc.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::build;
use crate::cache::{self, FOLDERS};
use crate::cli::flags::Flags;
use crate::environment::Environment;
use crate::failure::{Exit, Failure};
use crate::front::Purpose;
use crate::interrupt;
use crate::session::Session;

/// Runs a command of go in the place of this one.
pub fn run(session: &Session, name: &str, args: &[OsString]) -> Result<Exit, Failure> {
    let goroot = build::goroot(session)?;
    let program = find(session, &goroot)?;
    session.progress.finish();
    let mut command = Command::new(&program);
    command.arg(name).args(args).current_dir(session.dir()?).env_clear().envs(session.env.all());
    // It is of this distribution, and must not become that of another.
    command.env("GOROOT", &goroot).env("GOTOOLCHAIN", "local");
    let status = interrupt::run(&mut command);
    let status = status.map_err(|e| format!("golift: cannot run {}: {e}", program.display()))?;
    Ok(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1))
}

/// The go command, compiled if need be.
fn find(session: &Session, goroot: &Path) -> Result<PathBuf, Failure> {
    session.env.check_cache_dir()?;
    let version = fs::read(goroot.join("VERSION")).map_err(|e| format!("golift: {}: {e}", goroot.display()))?;
    let mut key = blake3::Hasher::new();
    key.update(cache::build_id().as_bytes()).update(goroot.as_os_str().as_encoded_bytes()).update(&version);
    let key = key.finalize().to_hex();
    let name = format!("go-{}", &key[..32]);
    let kept = session.env.cache_dir().map(|dir| dir.join(FOLDERS[3]));
    if let Some(program) = kept.as_ref().map(|folder| folder.join(&name)).filter(|program| program.is_file()) {
        return Ok(program);
    }
    // A cache that cannot be written only makes this slow: the build warns of it.
    let kept = kept.filter(|folder| fs::create_dir_all(folder).is_ok() && tempfile::tempfile_in(folder).is_ok());
    let program = kept.as_deref().unwrap_or(session.work_dir()?).join(name);
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
        let (graph, goroot) = build::load_packages(&inner, &["cmd/go".into()], Purpose::Build)?;
        build::build(&inner, graph, &goroot, &program)
    })?;
    // Those of other versions of golift are of no use to this one, and it can be made again.
    for entry in kept.iter().filter_map(|folder| fs::read_dir(folder).ok()).flatten().flatten() {
        let is_old = entry.path() != program && entry.file_name().to_string_lossy().starts_with("go-");
        if is_old {
            let _another_process_may_be_faster = fs::remove_file(entry.path());
        }
    }
    Ok(program)
}
