//! One run of vet: what it is told about the packages, and what it says.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;

use golift_load::Graph;
use serde::Serialize;

use super::keys::Keys;
use super::verdict::Verdict;
use crate::build;
use crate::cache::VET;
use crate::cli::flags::Flags;
use crate::failure::Failure;
use crate::file_overlay;
use crate::front::Purpose;
use crate::session::Session;
use crate::tools;

/// A package in vet's own words, and a few of ours: see unitchecker's Config.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Unit {
    key: String,
    #[serde(rename = "ID")]
    id: String,
    import_path: String,
    dir: PathBuf,
    compiler: &'static str,
    go_version: String,
    go_files: Vec<PathBuf>,
    non_go_files: Vec<PathBuf>,
    ignored_files: Vec<PathBuf>,
    module: Option<Module>,
    imports: BTreeMap<String, String>,
    root: bool,
    facts_file: PathBuf,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Module {
    path: String,
    go_version: String,
}

/// The packages as vet is to see them: as the distribution has them.
pub fn load(session: &Session, patterns: &[String]) -> Result<Graph, Failure> {
    let mut env = session.env.clone();
    env.set("GOLIFT_OVERLAY", "off");
    let inner = session.inner(env, Flags { json: false, verbose: 0, ..session.flags.clone() });
    inner.within(|| build::load_graph(&inner, patterns, Purpose::Vet)).map(|(graph, _)| graph)
}

/// A run that can be started.
pub struct Job {
    program: PathBuf,
    args: Vec<String>,
    variables: Vec<(OsString, OsString)>,
    dir: PathBuf,
    input: Vec<u8>,
}

/// Collects what vet must know to check the packages with these names.
pub fn prepare(
    session: &Session,
    goroot: &Path,
    graph: &Graph,
    flags: &[String],
    names: &[&str],
) -> Result<Job, Failure> {
    let program = tools::find(session, goroot, session.flags.vet.tool.name())?;
    let roots: Vec<usize> =
        (0..graph.packages.len()).filter(|&p| names.contains(&graph.packages[p].shown_name().as_str())).collect();
    let replaced = match &session.flags.overlay {
        Some(file) => file_overlay::read(file, session.dir()?)?,
        None => BTreeMap::new(),
    };
    // Vet makes no folders.
    let facts = session.env.cache_dir().map(|dir| dir.join(VET)).filter(|dir| fs::create_dir_all(dir).is_ok());
    let mut keys = Keys::new(session, goroot, graph, flags);
    let mut units = Vec::new();
    for package in graph.reachable(&roots) {
        let loaded = &graph.packages[package];
        if loaded.path == "unsafe" {
            continue;
        }
        let paths = |names: &[String]| -> Vec<PathBuf> {
            let paths = names.iter().map(|name| loaded.dir.join(name));
            paths.map(|path| replaced.get(&path).cloned().flatten().unwrap_or(path)).collect()
        };
        let imports = loaded.imports.iter().filter_map(|import| {
            let target = import.package?;
            Some((import.path.clone(), graph.packages[target].shown_name()))
        });
        let root = roots.contains(&package);
        let module = graph.main_module.clone().filter(|_| !loaded.is_std());
        units.push(Unit {
            key: loaded.shown_name(),
            id: loaded.path.clone(),
            import_path: loaded.path.clone(),
            dir: loaded.dir.clone(),
            compiler: "gc",
            go_version: loaded.go_version.to_string(),
            go_files: paths(&loaded.file_names),
            non_go_files: paths(&loaded.asm_files),
            ignored_files: paths(&loaded.ignored_files),
            module: module.map(|path| Module { path, go_version: loaded.go_version.to_string() }),
            imports: imports.collect(),
            root,
            facts_file: match &facts {
                Some(dir) if !root => dir.join(format!("{}-facts", keys.of(package).to_hex())),
                _ => PathBuf::new(),
            },
        });
    }
    let input = serde_json::to_vec(&units).map_err(|e| format!("golift: vet: {e}"))?;
    let mut args = flags.to_vec();
    args.push("golift-batch".into());
    let mut variables: Vec<_> = session.env.all().iter().map(|(name, value)| (name.clone(), value.clone())).collect();
    variables.push(("GOARCH".into(), session.env.goarch().into()));
    Ok(Job { program, args, variables, dir: session.dir()?.to_owned(), input })
}

impl Job {
    /// Runs vet. The error is a message.
    pub fn run(self) -> Result<Vec<Verdict>, String> {
        let Job { program, args, variables, dir, input } = self;
        let failed = |e: std::io::Error| format!("golift: cannot run {}: {e}", program.display());
        let mut command = Command::new(&program);
        command.args(args).env_clear().envs(variables).current_dir(dir);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().map_err(failed)?;
        let stdin = child.stdin.take();
        // What it does not read it complains about.
        let writer = thread::spawn(move || stdin.map(|mut stdin| stdin.write_all(&input)));
        let output = child.wait_with_output().map_err(failed)?;
        let _ = writer.join();
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).trim_end().to_owned());
        }
        let verdicts = serde_json::Deserializer::from_slice(&output.stdout).into_iter();
        verdicts.collect::<Result<_, _>>().map_err(|e| format!("golift: vet: {e}"))
    }
}
