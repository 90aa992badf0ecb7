//! Commands that are go's own: modules, workspaces, lists, variables, formatting, documentation.
//!
//! The distribution has the source of the go command. Golift compiles it when it is needed first, keeps the program in its cache, and
//! runs it with the arguments as they are: what it does is what go does. Only commands that do not compile Go are
//! left to it, because its compiler would be gc. What it starts is golift again (see [`crate::shims`]).

use std::ffi::OsString;
use std::os::unix::process::CommandExt as _;
use std::process::Command;

use crate::build;
use crate::failure::{Exit, Failure};
use crate::interrupt;
use crate::session::Session;
use crate::shims::Shims;
use crate::tools;

/// Runs a command of go in the place of this one.
pub fn run(session: &Session, name: &str, args: &[OsString]) -> Result<Exit, Failure> {
    if let Some(refusal) = refusal(name, args) {
        return Err(Failure::Usage(refusal));
    }
    interrupt::run_in_place(&mut command(session, name, args)?, "the go command")
}

/// What a command of go prints, and what it says besides; the error is what it says. The outer one is that there is no go command.
pub fn output(session: &Session, name: &str, args: &[OsString]) -> Result<Result<(String, String), String>, Failure> {
    let output = command(session, name, args)?.output();
    let output = output.map_err(|e| format!("golift: cannot run the go command: {e}"))?;
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    Ok(if output.status.success() { Ok((text(output.stdout), text(output.stderr))) } else { Err(text(output.stderr)) })
}

/// A command of go, ready to be started.
pub fn command(session: &Session, name: &str, args: &[OsString]) -> Result<Command, Failure> {
    let goroot = build::goroot(session)?;
    let program = match session.env.path("GOLIFT_GO") {
        Some(program) => program,
        None => tools::find(session, &goroot, "go")?,
    };
    let shims = Shims::new(session)?;
    session.progress.finish();
    let mut command = Command::new(program);
    // So it calls itself in what it says.
    command.arg0("go");
    command.arg(name).args(args).current_dir(session.dir()?).env_clear().envs(session.env.all());
    command.env("PWD", session.dir()?);
    // It is of this distribution, and must not become that of another.
    command.env("GOROOT", &goroot).env("GOTOOLCHAIN", "local");
    command.env("GOLIFT_GOBIN", shims.bin).env("GOLIFT_GOTOOLS", shims.tools);
    Ok(command)
}

/// What the go command would need a compiler for.
fn refusal(name: &str, args: &[OsString]) -> Option<String> {
    let exports =
        |arg: &OsString| ["-export", "--export", "-export=true", "--export=true"].iter().any(|flag| arg == flag);
    (name == "list" && args.iter().take_while(|arg| *arg != "--").any(exports))
        .then(|| "golift: -export is not supported yet: golift makes no export data".into())
}
