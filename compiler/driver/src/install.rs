//! `golift install`: programs go where the user's PATH finds them.

use std::fs;
use std::path::PathBuf;

use golift_load::{Graph, Origin, describe};

use crate::build;
use crate::environment::host_arch;
use crate::failure::{Exit, Failure};
use crate::packages;
use crate::session::Session;
use crate::versions;

/// Builds the programs among the packages and installs them.
pub fn install(session: &Session, args: &[String]) -> Result<Exit, Failure> {
    let gobin = session.env.path("GOBIN");
    if gobin.is_some_and(|dir| !dir.is_absolute()) {
        return Err(Failure::Message("cannot install, GOBIN must be an absolute path".into()));
    }
    if args.iter().any(|arg| versions::has_version(arg)) {
        return versions::within(session, args, install_packages);
    }
    install_packages(session, args)
}

fn install_packages(session: &Session, args: &[String]) -> Result<Exit, Failure> {
    let (graph, goroot) = packages::load_packages(session, args)?;
    let programs: Vec<(String, Origin)> = graph
        .roots
        .iter()
        .map(|&root| &graph.packages[root])
        .filter(|package| package.name == "main")
        .map(|package| (package.path.clone(), package.origin))
        .collect();
    if programs.is_empty() {
        build::compile_nothing(session, graph, &goroot)?;
        session.progress.finish();
        return Ok(0);
    }
    let gobin = session.env.path("GOBIN");
    let folder = folder(session)?;
    for (path, origin) in &programs {
        if *origin == Origin::Std {
            return Err(Failure::Usage(format!(
                "golift: install {path} is not supported yet: it would replace a program of the distribution"
            )));
        }
        if *origin == Origin::CommandLine && gobin.is_none() {
            let msg = "go: no install location for .go files listed on command line (GOBIN not set)";
            return Err(Failure::Message(msg.into()));
        }
    }
    if graph.roots.len() == 1 {
        return install_program(session, graph, &goroot, &folder, args);
    }
    // Errors anywhere keep all from being written.
    build::compile_nothing(session, graph, &goroot)?;
    for (path, _) in programs {
        let args = [path];
        let (graph, goroot) = packages::load_packages(session, &args)?;
        install_program(session, graph, &goroot, &folder, &args)?;
    }
    Ok(0)
}

fn install_program(
    session: &Session,
    graph: Graph,
    goroot: &std::path::Path,
    folder: &std::path::Path,
    args: &[String],
) -> Result<Exit, Failure> {
    let output = folder.join(build::default_output(&graph, args));
    if !session.flags.dry_run {
        fs::create_dir_all(folder).map_err(|e| format!("go: mkdir {}: {}", folder.display(), describe(&e)))?;
    }
    build::build(session, graph, goroot, &output).map(|()| 0)
}

/// Where programs for the target go.
fn folder(session: &Session) -> Result<PathBuf, Failure> {
    let env = &session.env;
    let is_cross = env.goos() != "linux" || env.goarch() != host_arch();
    if let Some(dir) = env.path("GOBIN") {
        if is_cross {
            return Err(Failure::Message("go: cannot install cross-compiled binaries when GOBIN is set".into()));
        }
        return Ok(dir);
    }
    let home = || env.path("HOME").map(|home| home.join("go"));
    // Only the first entry is written to.
    let gopath = env.os("GOPATH").and_then(|list| std::env::split_paths(list).find(|dir| !dir.as_os_str().is_empty()));
    let gopath = gopath
        .or_else(home)
        .ok_or_else(|| Failure::Message("go: no install location: neither GOBIN nor GOPATH nor HOME is set".into()))?;
    let bin = gopath.join("bin");
    Ok(if is_cross { bin.join(format!("{}_{}", env.goos(), env.goarch())) } else { bin })
}
