//! From a command line to an executable: the phases, in order.

use std::fs::Permissions;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use golift_check::{CheckOptions, Checked};
use golift_load::{self as load, Graph, Overlay, Request};
use golift_syntax::Symbol;
use rustc_hash::FxHashMap;

use crate::cache::{CodeStore, ProgramStore};
use crate::diagnostics::{self, Style};
use crate::external_link;
use crate::file_overlay;
use crate::flags::Flags;
use crate::progress::Progress;
use crate::settings;
use crate::stamp;
use crate::tool_flags::{CompileFlags, LinkFlags};
use crate::undefined;

/// Why there is no result. What there was to say has been said, except for `Message`.
pub enum Failure {
    /// Errors in the user's program, already printed.
    Reported,
    Message(String),
    /// A message about settings that make no sense: ends as wrong flags do.
    Usage(String),
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
}

/// How much of the front end to run, and for what.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    Check,
    Build,
}

/// The distribution to use.
pub fn goroot(flags: &Flags, progress: &Progress) -> Result<PathBuf, Failure> {
    let find = || load::find_goroot(flags.goroot.as_deref(), &|msg| eprintln!("{msg}"));
    progress.phase("find", find).map_err(|e| Failure::Message(format!("golift: {e}")))
}

/// Finds, loads and parses the packages.
pub fn load_packages(
    flags: &Flags,
    args: &[String],
    purpose: Purpose,
    progress: &Progress,
) -> Result<(Graph, PathBuf), Failure> {
    let context = settings::context(flags).map_err(|e| Failure::Usage(format!("golift: {e}")))?;
    let cwd = settings::current_dir()?;
    let goroot = goroot(flags, progress)?;
    if let Some(file) = &flags.overlay {
        load::files::replace(file_overlay::read(file, &cwd)?);
    }
    let overlay = Overlay::from_env()?;
    let compile = CompileFlags::parse(flags)?;
    let request = Request {
        goroot: &goroot,
        cwd: &cwd,
        context: &context,
        modules: &load::ModuleFlags { mode: flags.module_mode.clone(), file: flags.modfile.clone().map(PathBuf::from) },
        overlay: &overlay,
        args,
        implicit: if purpose == Purpose::Build { &["runtime"] } else { &[] },
        avoid_asm: purpose == Purpose::Build,
        compiler: load::Compiler { alone: compile.incomplete, std: compile.std },
    };
    let graph = progress.phase("load+parse", || load::load(&request))?;
    for warning in &graph.warnings {
        eprintln!("{warning}");
    }
    if !graph.errors.is_empty() {
        progress.finish();
        diagnostics::print_load_errors(&graph, Style::for_build(flags));
        return Err(Failure::Reported);
    }
    Ok((graph, goroot))
}

/// Loads and type-checks the packages, and does no more.
pub fn check(flags: &Flags, args: &[String], purpose: Purpose, progress: &Progress) -> Result<Front, Failure> {
    let (graph, _) = load_packages(flags, args, purpose, progress)?;
    let front = check_loaded(flags, graph, purpose, progress)?;
    progress.finish();
    Ok(front)
}

/// Type-checks what is loaded.
pub fn check_loaded(flags: &Flags, mut graph: Graph, purpose: Purpose, progress: &Progress) -> Result<Front, Failure> {
    let compile = CompileFlags::parse(flags)?;
    if let Some(version) = compile.lang {
        for &root in &graph.roots {
            graph.packages[root].go_version = version;
        }
    }
    let options = CheckOptions {
        skip_std_bodies: purpose == Purpose::Check,
        allow_bodyless: compile.incomplete,
        field_track: settings::context(flags)?.has_experiment("fieldtrack"),
    };
    let checked = progress.phase("check", || golift_check::check(&graph, options));
    let cwd = settings::current_dir()?;
    crate::progress::clear_line();
    let style = if purpose == Purpose::Check { Style::for_check(flags) } else { Style::for_build(flags) };
    if diagnostics::print_errors(&graph, &checked, &cwd, compile.all_errors, style) {
        progress.finish();
        return Err(Failure::Reported);
    }
    if purpose == Purpose::Build && flags.verbose == 1 {
        graph.packages.iter().for_each(|package| diagnostics::print_name(style, &package.path));
    }
    Ok(Front { graph, checked })
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

/// From loaded packages to an executable file.
pub fn build(flags: &Flags, graph: Graph, goroot: &Path, output: &Path, progress: &Progress) -> Result<(), Failure> {
    settings::check_cache_dir()?;
    let mut options = BackOptions::new(flags)?;
    options.link.build_info = stamp::build_info(&graph, flags);
    let cache = settings::cache_dir().filter(|_| options.codegen.dump.is_none());
    // What another linker makes depends on more than we know.
    let programs = cache.as_deref().filter(|_| !options.flags.external);
    let programs = programs.map(|dir| ProgramStore::new(dir, program_key(flags, &graph, goroot)));
    if flags.explain || flags.dry_run {
        explain(flags, &graph, goroot, cache.as_deref(), output);
    }
    // Equal input gives equal output: errors are never stored, so what is there needs no check either.
    let known = programs.as_ref().filter(|_| !flags.rebuild && !flags.dry_run);
    if let Some(image) = progress.phase("look up", || known.and_then(ProgramStore::get)) {
        progress.phase("write", || write_executable(output, &image))?;
        progress.finish();
        std::mem::forget(graph);
        return Ok(());
    }
    let front = check_loaded(flags, graph, Purpose::Build, progress)?;
    let field_track = settings::context(flags)?.has_experiment("fieldtrack");
    let input = golift_lower::Input { field_track, ..program_input(&front)? };
    if flags.dry_run {
        progress.finish();
        return Ok(());
    }
    // Only what the entry points reach is lowered, so this comes after checking everything.
    let golift_lower::Output { mut program, missing, tracked_fields } =
        progress.phase("lower", || golift_lower::lower_program(input));
    golift_ir::current::leave();
    if flags.verbose > 1 && !missing.is_empty() {
        let symbols: Vec<&str> = missing.iter().map(|function| function.symbol.as_str()).collect();
        eprintln!("functions that nobody implements: {}", symbols.join(" "));
    }
    undefined::references(&program, &missing, &front.graph, goroot)?;
    // Before the optimiser looks at the values.
    let mut assignments = options.flags.assignments.clone();
    assignments.push(("runtime.godebugDefault".into(), front.graph.godebug.clone()));
    if let Some(name) = options.flags.field_track.clone().filter(|_| field_track) {
        assignments.push((name, tracked_fields));
    }
    stamp::set_variables(&mut program, &front, &assignments)?;
    if flags.trimpath {
        stamp::trim_paths(&mut program, &front.graph);
    }
    if cfg!(debug_assertions) {
        let problems = progress.phase("verify", || golift_ir::verify_program(&program));
        assert!(problems.is_empty(), "lowering made invalid IR:\n{}", problems.join("\n"));
    }
    progress.phase("optimise", || golift_opt::optimize_program(&mut program, &options.opt));
    // Inlining leaves functions behind that nobody calls any more.
    let reached = progress.phase("reach", || {
        let data = program.typelinks.iter().chain(&program.itabs).copied();
        golift_ir::reach::reachable(&program, golift_abi::GO_ROOTS.iter().copied(), data)
    });
    let functions = progress.phase("open cache", || {
        let dir = cache.as_deref().filter(|_| !flags.rebuild);
        dir.map(|dir| Arc::new(CodeStore::open(dir)))
    });
    let codegen = golift_codegen::Options {
        only: Some(reached),
        cache: functions.clone().map(|store| store as Arc<dyn golift_codegen::CodeCache>),
        ..options.codegen
    };
    let compiled = progress.phase("codegen", || golift_codegen::compile_program(&program, &options.target, &codegen));
    let image = progress.phase("link", || match options.flags.external {
        true => external_link::link(flags, &options.flags, &program, &compiled, &options.link),
        false => golift_link::link(&program, &compiled, &options.link).map_err(|e| format!("golift: link: {e}")),
    })?;
    progress.phase("write", || write_executable(output, &image))?;
    progress.phase("save cache", || {
        functions.iter().for_each(|store| store.save());
        programs.iter().for_each(|store| store.put(&image));
    });
    // Taking apart what the process no longer needs would take longer than some of the phases.
    std::mem::forget((program, compiled, front));
    progress.finish();
    Ok(())
}

/// A hash of all that the executable depends on.
fn program_key(flags: &Flags, graph: &Graph, goroot: &Path) -> blake3::Hash {
    let mut hasher = blake3::Hasher::new();
    let mut add = |bytes: &[u8]| {
        hasher.update(&(bytes.len() as u64).to_le_bytes()).update(bytes);
    };
    add(crate::cache::build_id().as_bytes());
    add(goroot.as_os_str().as_encoded_bytes());
    let experiments = settings::variable("GOEXPERIMENT");
    let settings = (settings::goos(), settings::goarch(), experiments, &flags.tags, flags.trimpath);
    add(format!("{settings:?} {:?} {:?} {:?}", flags.gcflags, flags.ldflags, graph.roots).as_bytes());
    add(format!("{:?} {:?} {}", graph.main_module, graph.dependencies, graph.godebug).as_bytes());
    for package in &graph.packages {
        let about = (&package.path, &package.dir, package.origin, package.go_version, &package.asm_files);
        add(format!("{about:?}").as_bytes());
        add(&package.digest);
        for (name, contents) in package.embeds.iter().flat_map(|embed| &embed.files) {
            add(name.as_bytes());
            add(contents);
        }
    }
    hasher.finalize()
}

/// Flags in the words of the crates that they are for.
struct BackOptions {
    target: golift_codegen::Target,
    opt: golift_opt::Options,
    codegen: golift_codegen::Options,
    link: golift_link::LinkOptions,
    flags: LinkFlags,
}

impl BackOptions {
    fn new(flags: &Flags) -> Result<BackOptions, String> {
        let (goos, goarch) = (settings::goos(), settings::goarch());
        let target = golift_codegen::Target::from_goarch(&goarch);
        let target = target.filter(|&target| goos == "linux" && golift_link::supports(target));
        let target = target.ok_or_else(|| format!("golift: building for {goos}/{goarch} is not supported yet"))?;
        let mut options = BackOptions {
            target,
            opt: golift_opt::Options::default(),
            codegen: golift_codegen::Options::default(),
            link: golift_link::LinkOptions::default(),
            flags: LinkFlags::parse(flags)?,
        };
        options.codegen.threads = flags.parallel.unwrap_or(0);
        options.codegen.dump = settings::variable("GOLIFT_DUMP_CLIF");
        let compile = CompileFlags::parse(flags)?;
        options.opt.disabled = compile.no_optimizer;
        options.codegen.optimize &= !compile.no_optimizer;
        options.opt.inline &= !compile.no_inlining;
        options.link.strip_symbols = options.flags.strip_symbols;
        options.link.strip_debug = options.flags.strip_debug;
        Ok(options)
    }
}

/// `-x` and `-n`: what will be done, in so many words.
fn explain(flags: &Flags, graph: &Graph, goroot: &Path, cache: Option<&Path>, output: &Path) {
    eprintln!("GOROOT={}", goroot.display());
    eprintln!("GOOS={} GOARCH={}", settings::goos(), settings::goarch());
    eprintln!("GOLIFTCACHE={}", cache.map_or("off".into(), |dir| dir.display().to_string()));
    for package in &graph.packages {
        let names: Vec<&str> = package.file_names.iter().map(String::as_str).collect();
        eprintln!("compile -p {} # cd {}; {}", package.path, package.dir.display(), names.join(" "));
    }
    let ldflags: String = flags.ldflags.iter().map(|flag| format!(" {flag}")).collect();
    eprintln!("link -o {}{ldflags}", output.display());
}

// Objects compare by identity; what changes inside does not matter to the map.
#[allow(clippy::mutable_key_type)]
fn program_input(front: &Front) -> Result<golift_lower::Input<'_>, String> {
    let Front { graph, checked, .. } = front;
    let all = || graph.packages.iter().zip(&checked.packages);
    let checked_package = |index: usize| checked.packages[index].package;
    let main = checked_package(graph.roots[0]).ok_or("golift: package main was not checked")?;
    if main.lookup(Symbol::intern("main")).is_none_or(|main| !main.is_func()) {
        let path = &graph.packages[graph.roots[0]].path;
        return Err(format!("# {path}\nruntime.main_main·f: function main is undeclared in the main package"));
    }
    let mut embeds = FxHashMap::default();
    for (loaded, result) in all() {
        for embed in &loaded.embeds {
            if let Some(var) = result.package.and_then(|package| package.lookup(embed.var)) {
                embeds.insert(var, golift_lower::EmbedData { files: embed.files.clone() });
            }
        }
    }
    let packages = all().filter_map(|(_, result)| result.package).collect();
    Ok(golift_lower::Input { sources: &graph.sources, packages, main, embeds, field_track: false })
}

/// All or nothing: a file under another name, renamed when it is complete.
fn write_executable(output: &Path, image: &[u8]) -> Result<(), String> {
    let failed = |e: std::io::Error| format!("golift: cannot write {}: {}", output.display(), load::describe(&e));
    let dir = output.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // /dev/null and the like are written to, not replaced.
    if output.starts_with("/dev") || output.metadata().is_ok_and(|meta| !meta.is_file()) {
        return std::fs::write(output, image).map_err(failed);
    }
    // As `go build` does.
    std::fs::create_dir_all(dir).map_err(failed)?;
    let mut builder = tempfile::Builder::new();
    let builder = builder.prefix(".golift-").permissions(Permissions::from_mode(0o777));
    let mut file = load::temporary::create(|| builder.tempfile_in(dir)).map_err(failed)?;
    file.write_all(image).map_err(failed)?;
    file.persist(output).map_err(|e| failed(e.error))?;
    Ok(())
}
