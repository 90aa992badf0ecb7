//! `golift tool`: tools of the distribution and of the main module.
//!
//! The distribution has the source of its tools; golift compiles one when it is asked for first and keeps it. Those that `tool` lines of
//! go.mod name are programs like those that `golift run` is asked for. What lists tools is left to the go command.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::build;
use crate::cache::TOOLS;
use crate::cli::flags::Flags;
use crate::failure::{Exit, Failure, USAGE, print_all};
use crate::front::Purpose;
use crate::go_command;
use crate::interrupt;
use crate::session::Session;
use crate::shims::Shims;
use crate::tools;

/// Commands below `cmd` that are no tools: they have names of their own, or serve those who work on Go.
const NO_TOOLS: [&str; 8] = ["api", "dist", "distpack", "go", "gofmt", "internal", "relnote", "vendor"];

/// Runs `golift tool`.
pub fn tool(session: &Session, texts: &[String], args: &[OsString]) -> Result<Exit, Failure> {
    let Some((name, _)) = texts.split_first() else { return go_command::run(session, "tool", args) };
    // The go command has the table of targets.
    if name == "dist" && texts.get(1).is_some_and(|what| what == "list") {
        return go_command::run(session, "tool", args);
    }
    let goroot = build::goroot(session)?;
    if is_of_distribution(&goroot, name) {
        let program = tools::find(session, &goroot, name)?;
        return start(session, &program, &args[1..], None);
    }
    if let Some(path) = module_tool(session, name)? {
        let program = build_module_tool(session, &path)?;
        let shims = Shims::new(session)?;
        return start(session, &program, &args[1..], Some(&shims));
    }
    eprintln!("go: no such tool {name:?}");
    Ok(USAGE)
}

/// Does what the tool of this name does, in the place of which golift was started.
pub fn run_in_place(session: &Session, name: &'static str, args: &[OsString]) -> Result<Exit, Failure> {
    // The go command asks for versions in order to name what the tools make. Golift makes none of it.
    if args.iter().any(|arg| arg == "-V=full") {
        return print_all(&format!("{name} version go{}\n", golift_load::PINNED_VERSION));
    }
    let goroot = build::goroot(session)?;
    let program = tools::find(session, &goroot, name)?;
    start(session, &program, args, None)
}

fn is_of_distribution(goroot: &Path, name: &str) -> bool {
    let is_name = !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    is_name && !NO_TOOLS.contains(&name) && goroot.join("src/cmd").join(name).is_dir()
}

/// The package of a `tool` line that is called so: by its whole path, or as its executable is.
fn module_tool(session: &Session, name: &str) -> Result<Option<String>, Failure> {
    let mut list: Vec<OsString> = Vec::new();
    if let Some(file) = &session.flags.modfile {
        list.push(format!("-modfile={}", file.display()).into());
    }
    if let Some(file) = &session.flags.overlay {
        list.push(format!("-overlay={}", file.display()).into());
    }
    list.extend(["-e", "-f", "{{.ImportPath}}", "tool"].map(OsString::from));
    let Ok((listed, _)) = go_command::output(session, "list", &list)? else { return Ok(None) };
    let found: Vec<&str> =
        listed.lines().filter(|path| *path == name || build::executable_name(path) == name).collect();
    match found[..] {
        [] => Ok(None),
        [path] => Ok(Some(path.to_owned())),
        _ => {
            let choices: String = found.iter().map(|path| format!("{path}\n\t")).collect();
            Err(Failure::Message(format!("go: tool {name:?} is ambiguous; choose one of:\n\t{choices}")))
        }
    }
}

/// Builds a tool of the main module, where `-n` can name it.
fn build_module_tool(session: &Session, path: &str) -> Result<PathBuf, Failure> {
    let cwd = session.dir()?.as_os_str().as_encoded_bytes();
    let key = blake3::hash(&[cwd, b"\0", path.as_bytes()].concat()).to_hex();
    let kept = session.env.cache_dir().map(|dir| dir.join(TOOLS).join(format!("tool-{}", &key[..16])));
    let dir = match kept {
        Some(dir) if fs::create_dir_all(&dir).is_ok() => dir,
        _ => session.work_dir()?.to_owned(),
    };
    let program = dir.join(build::executable_name(path));
    // What `-n` does not do is to run it.
    let inner = session.inner(session.env.clone(), Flags { dry_run: false, ..session.flags.clone() });
    inner.within(|| {
        let (graph, goroot) = build::load_packages(&inner, &[path.to_owned()], Purpose::Build)?;
        build::build(&inner, graph, &goroot, &program)
    })?;
    Ok(program)
}

/// Runs a tool, or with `-n` prints what would be run. With `shims`, `go` is golift to the tool.
fn start(session: &Session, program: &Path, args: &[OsString], shims: Option<&Shims>) -> Result<Exit, Failure> {
    session.progress.finish();
    if session.flags.dry_run {
        let words = std::iter::once(program.as_os_str()).chain(args.iter().map(OsString::as_os_str));
        let words: Vec<_> = words.map(|word| word.to_string_lossy()).collect();
        return print_all(&format!("{}\n", words.join(" ")));
    }
    let mut command = Command::new(program);
    command.args(args).current_dir(session.dir()?).env_clear().envs(session.env.all());
    match shims {
        Some(shims) => {
            let mut path = OsString::from(&shims.bin);
            if let Some(rest) = session.env.os("PATH") {
                path.push(":");
                path.push(rest);
            }
            command.env("PATH", path);
        }
        None => drop(command.env("GOROOT", build::goroot(session)?)),
    }
    interrupt::run_in_place(&mut command, program.display())
}
