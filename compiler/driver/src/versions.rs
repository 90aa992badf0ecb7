//! Packages at a version, `install pkg@version` and `run pkg@version`: the module that the command is run in is ignored.
//!
//! The go command says what is wrong with the request and fetches what it needs; then the programs are built as dependencies of a
//! module that holds nothing but that requirement.

use std::ffi::OsString;
use std::fs;

use golift_load::describe;

use crate::cli::flags::Flags;
use crate::failure::Failure;
use crate::go_command;
use crate::packages;
use crate::session::Session;

/// Does an argument name a package at a version?
pub fn has_version(arg: &str) -> bool {
    arg.contains('@') && !arg.starts_with(['.', '/'])
}

/// Does `work` in such a module, for these packages without their versions.
pub fn within<R>(
    session: &Session,
    args: &[String],
    work: impl FnOnce(&Session, &[String]) -> Result<R, Failure>,
) -> Result<R, Failure> {
    let with_args = |flag: Option<&str>| -> Vec<OsString> {
        let flags = flag.into_iter().chain(session.flags.writable_modules.then_some("-modcacherw"));
        flags.map(OsString::from).chain(args.iter().map(OsString::from)).collect()
    };
    match go_command::output(session, "install", &with_args(Some("-n")))? {
        // The commands of a build that does not happen are not interesting; what is fetched is.
        Ok((_, said)) => said.lines().filter(|line| line.starts_with("go: ")).for_each(|line| eprintln!("{line}")),
        Err(text) => {
            eprint!("{text}");
            return Err(Failure::Reported);
        }
    }
    let dir = session.work_dir()?.join("install");
    let failed = |e: std::io::Error| format!("golift: {}: {}", dir.display(), describe(&e));
    fs::create_dir_all(&dir).map_err(failed)?;
    let minor = golift_load::GO_MINOR;
    fs::write(dir.join("go.mod"), format!("module golift.invalid/install\n\ngo 1.{minor}\n")).map_err(failed)?;
    let mut env = session.env.clone();
    env.set("GOWORK", "off");
    env.change_dir(dir.as_os_str())?;
    let flags = Flags { modfile: None, module_mode: None, ..session.flags.clone() };
    let inner = session.inner(env, flags);
    inner.within(|| {
        if let Err(text) = go_command::output(&inner, "get", &with_args(None))? {
            eprint!("{text}");
            return Err(Failure::Reported);
        }
        let paths: Vec<String> =
            args.iter().map(|arg| arg.split_once('@').map_or(arg.as_str(), |(path, _)| path).to_owned()).collect();
        let (graph, _) = packages::load_packages(&inner, &paths)?;
        let is_library = |&&root: &&usize| graph.packages[root].name != "main";
        // What a pattern matches may be anything.
        let named = paths.iter().all(|path| !path.contains("..."));
        if let Some(&root) = graph.roots.iter().find(is_library).filter(|_| named) {
            let path = &graph.packages[root].path;
            return Err(Failure::Message(format!("package {path} is not a main package")));
        }
        work(&inner, &paths)
    })
}
