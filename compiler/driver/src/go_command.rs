//! Commands that are go's own: modules, workspaces, formatting, documentation.
//!
//! The distribution has the source of the go command. Golift compiles it when it is needed first, keeps the program in its cache, and
//! runs it with the arguments as they are: what it does is what go does. Only commands that do not compile Go are
//! left to it, because its compiler would be gc.

use std::ffi::OsString;
use std::process::Command;

use crate::build;
use crate::failure::{Exit, Failure};
use crate::interrupt;
use crate::session::Session;
use crate::tools;

/// Runs a command of go in the place of this one.
pub fn run(session: &Session, name: &str, args: &[OsString]) -> Result<Exit, Failure> {
    let goroot = build::goroot(session)?;
    let program = tools::find(session, &goroot, "go")?;
    session.progress.finish();
    let mut command = Command::new(&program);
    command.arg(name).args(args).current_dir(session.dir()?).env_clear().envs(session.env.all());
    // It is of this distribution, and must not become that of another.
    command.env("GOROOT", &goroot).env("GOTOOLCHAIN", "local");
    let status = interrupt::run(&mut command);
    let status = status.map_err(|e| format!("golift: cannot run {}: {e}", program.display()))?;
    Ok(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1))
}
