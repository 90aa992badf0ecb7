//! From a command line to an executable: the phases, in order.

use std::path::{Path, PathBuf};

use golift_load::{self as load, CheckOptions, Checked, Graph, Overlay, Request};

use crate::diagnostics;
use crate::flags::Flags;
use crate::progress::Progress;
use crate::settings;

/// Why there is no result. What there was to say has been said, except for `Message`.
pub enum Failure {
    /// Errors in the user's program, already printed.
    Reported,
    Message(String),
}

impl From<String> for Failure {
    fn from(msg: String) -> Failure {
        Failure::Message(msg)
    }
}

/// What the front end leaves for the back end.
pub struct Front {
    pub graph: Graph,
    pub checked: Checked,
    pub goroot: PathBuf,
}

/// How much of the front end to run, and for what.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    Check,
    Build,
}

/// Finds, loads and parses the packages.
pub fn load_packages(
    flags: &Flags,
    args: &[String],
    purpose: Purpose,
    progress: &Progress,
) -> Result<(Graph, PathBuf), Failure> {
    let context = settings::context(flags).map_err(|e| format!("golift: {e}"))?;
    let cwd = settings::current_dir()?;
    let goroot = progress
        .phase("find", || load::find_goroot(flags.goroot.as_deref(), &|msg| eprintln!("{msg}")))
        .map_err(|e| format!("golift: {e}"))?;
    let overlay = Overlay::from_env()?;
    let request = Request {
        goroot: &goroot,
        cwd: &cwd,
        context: &context,
        overlay: &overlay,
        args,
        implicit: if purpose == Purpose::Build { &["runtime"] } else { &[] },
        avoid_asm: purpose == Purpose::Build,
    };
    let graph = progress.phase("load+parse", || load::load(&request))?;
    for warning in &graph.warnings {
        eprintln!("{warning}");
    }
    if !graph.errors.is_empty() {
        progress.finish();
        graph.errors.iter().for_each(|error| eprintln!("{error}"));
        return Err(Failure::Reported);
    }
    Ok((graph, goroot))
}

/// Loads and type-checks the packages.
pub fn check(flags: &Flags, args: &[String], purpose: Purpose, progress: &Progress) -> Result<Front, Failure> {
    let (graph, goroot) = load_packages(flags, args, purpose, progress)?;
    let options = CheckOptions { skip_std_bodies: purpose == Purpose::Check };
    let checked = progress.phase("check", || load::check(&graph, options));
    let cwd = settings::current_dir()?;
    progress.finish();
    if diagnostics::print_errors(&graph, &checked, &cwd, flags.all_errors()) {
        return Err(Failure::Reported);
    }
    Ok(Front { graph, checked, goroot })
}

/// The name of the executable, as `go build` chooses it.
pub fn default_output(graph: &Graph, args: &[String]) -> String {
    let root = &graph.packages[graph.roots[0]];
    let base = |path: &str| path.rsplit('/').next().unwrap_or(path).to_owned();
    if root.path == "command-line-arguments" {
        return base(&args[0]).trim_end_matches(".go").to_owned();
    }
    let mut parts = root.path.rsplit('/');
    let last = parts.next().unwrap_or_default();
    let is_version = last.strip_prefix('v').is_some_and(|n| n.parse::<u32>().is_ok_and(|n| n > 1));
    match parts.next() {
        Some(before) if is_version => before.to_owned(),
        _ => last.to_owned(),
    }
}

/// Builds one executable.
pub fn build(_flags: &Flags, _front: Front, _output: &Path, _progress: &Progress) -> Result<(), Failure> {
    Err(Failure::Message("golift: the back end is not connected yet".into()))
}
