//! From a command line to an executable: the phases, in order.

use std::path::{Path, PathBuf};

use golift_check::CheckOptions;
use golift_link::Image;
use golift_load::{self as load, Graph, Overlay, Request};
use golift_syntax::Symbol;
use rustc_hash::FxHashMap;

use crate::assemble;
use crate::caches::Caches;
use crate::diagnostics::{self, Style};
use crate::external_link;
use crate::failure::Failure;
use crate::file_overlay;
use crate::frames;
use crate::front::{Front, Purpose};
use crate::fuzz;
use crate::options::BackOptions;
use crate::output::write_executable;
use crate::session::Session;
use crate::stamp;
use crate::tool_flags::{CompileFlags, LinkFlags, assembler_flags};
use crate::undefined;

/// The distribution to use.
pub fn goroot(session: &Session) -> Result<PathBuf, Failure> {
    let explicit = session.flags.goroot.as_ref().map(|dir| dir.to_string_lossy());
    let find = || load::find_goroot(explicit.as_deref(), &|msg| eprintln!("{msg}"));
    session.progress.phase("find", find).map_err(|e| Failure::Message(format!("golift: {e}")))
}

/// Finds, loads and parses the packages, and says what is wrong with them.
pub fn load_packages(session: &Session, args: &[String], purpose: Purpose) -> Result<(Graph, PathBuf), Failure> {
    let (graph, goroot) = load_graph(session, args, purpose)?;
    if !graph.errors.is_empty() {
        session.progress.finish();
        diagnostics::print_load_errors(&graph, Style::for_build(session));
        return Err(Failure::Reported);
    }
    Ok((graph, goroot))
}

/// Finds, loads and parses the packages.
pub fn load_graph(session: &Session, args: &[String], purpose: Purpose) -> Result<(Graph, PathBuf), Failure> {
    replace_files(session)?;
    load_with(session, args, purpose, None)
}

/// What there is to cover: also what programs get with `-cover`.
pub fn load_for_cover(session: &Session, args: &[String], purpose: Purpose) -> Result<(Graph, PathBuf), Failure> {
    replace_files(session)?;
    load_with(session, args, purpose, Some(&load::CoverMain::default()))
}

/// `-overlay`
fn replace_files(session: &Session) -> Result<(), Failure> {
    if let Some(file) = &session.flags.overlay {
        load::files::replace(file_overlay::read(file, session.dir()?)?);
    }
    Ok(())
}

/// With what main packages are to say about coverage; files have been replaced.
pub fn load_with(
    session: &Session,
    args: &[String],
    purpose: Purpose,
    cover: Option<&load::CoverMain>,
) -> Result<(Graph, PathBuf), Failure> {
    let Session { flags, progress, .. } = session;
    let context = session.context().map_err(|e| {
        // What is not supported yet is golift's fault.
        let who = if e.starts_with("unknown ") || e.starts_with("unsupported ") { "go" } else { "golift" };
        Failure::Usage(format!("{who}: {e}"))
    })?;
    let cwd = session.dir()?;
    let goroot = goroot(session)?;
    let overlay = Overlay::from_env()?;
    // Before there are packages to which they apply.
    let compile = CompileFlags::of_named(&flags.gcflags)?;
    LinkFlags::check(&flags.ldflags)?;
    flags.asmflags.all().try_for_each(|list| assembler_flags(list).map(drop))?;
    let request = Request {
        goroot: &goroot,
        cwd,
        context: &context,
        modules: &load::ModuleFlags { mode: flags.module_mode.clone(), file: flags.modfile.clone() },
        overlay: &overlay,
        args,
        implicit: if purpose == Purpose::Check { &[] } else { &["runtime"] },
        avoid_asm: !matches!(purpose, Purpose::Check | Purpose::Vet),
        compiler: load::Compiler { alone: compile.incomplete, std: compile.std },
        tests: matches!(purpose, Purpose::Test | Purpose::Vet),
        cover,
        fetcher: session.fetcher(&goroot),
    };
    let graph = progress.phase("load+parse", || load::load(&request))?;
    for warning in &graph.warnings {
        eprintln!("{warning}");
    }
    Ok((graph, goroot))
}

/// Type-checks what is loaded.
pub fn check_loaded(session: &Session, graph: Graph, purpose: Purpose) -> Result<Front, Failure> {
    let (front, has_errors) = check_packages(session, graph, purpose)?;
    if has_errors {
        session.progress.finish();
        return Err(Failure::Reported);
    }
    Ok(front)
}

/// All errors in packages of which no program is made.
pub fn compile_nothing(session: &Session, graph: Graph, goroot: &Path) -> Result<(), Failure> {
    let front = check_loaded(session, graph, Purpose::Build)?;
    session.progress.phase("assemble", || assemble::check(session, &front, goroot))
}

/// Type-checks what is loaded, and says what is wrong; true if something is.
pub fn check_packages(session: &Session, mut graph: Graph, purpose: Purpose) -> Result<(Front, bool), Failure> {
    let Session { flags, progress, .. } = session;
    let cwd = session.dir()?;
    let compile = CompileFlags::of_packages(&flags.gcflags, &graph, &cwd.to_string_lossy())?;
    for (package, flags) in graph.packages.iter_mut().zip(&compile) {
        package.go_version = flags.lang.unwrap_or(package.go_version);
    }
    let options = CheckOptions {
        skip_std_bodies: purpose == Purpose::Check,
        allow_bodyless: CompileFlags::of_named(&flags.gcflags)?.incomplete,
        field_track: session.context()?.has_experiment("fieldtrack"),
    };
    let checked = progress.phase("check", || golift_check::check(&graph, options));
    crate::progress::clear_line();
    let style = if purpose == Purpose::Check { Style::for_check(session) } else { Style::for_build(session) };
    let has_errors = diagnostics::print_errors(&graph, &checked, cwd, &|package| compile[package].all_errors, style);
    if purpose == Purpose::Build && flags.verbose == 1 && !has_errors {
        graph.packages.iter().for_each(|package| diagnostics::print_name(style, &package.path));
    }
    Ok((Front { graph, checked, flags: compile }, has_errors))
}

/// From loaded packages, of which one is named and is a program, to an executable file.
pub fn build(session: &Session, graph: Graph, goroot: &Path, output: &Path) -> Result<(), Failure> {
    let Session { flags, progress, .. } = session;
    let options = BackOptions::new(session, &graph)?;
    let caches = Caches::new(session, &options, &graph, goroot)?;
    let path = session.absolute(output)?;
    if flags.explain || flags.dry_run {
        options.explain(session, &graph, goroot, output);
    }
    // Equal input gives equal output: errors are never stored, so what is there needs no check either.
    if let Some(image) = progress.phase("look up", || caches.program()) {
        progress.phase("write", || write_executable(&path, output, &[&image]))?;
        progress.finish();
        std::mem::forget(graph);
        return Ok(());
    }
    let front = check_loaded(session, graph, Purpose::Build)?;
    if flags.dry_run {
        lower_input(&front, &options)?;
        progress.finish();
        return Ok(());
    }
    // Taking apart what the process no longer needs would take longer than some of the phases.
    let image = compile(session, &front, goroot, &options, &caches, true)?;
    progress.phase("write", || write_executable(&path, output, &image.parts()))?;
    progress.phase("save cache", || caches.save(&image));
    std::mem::forget(front);
    progress.finish();
    Ok(())
}

/// From checked packages, of which the root is a program, to the contents of an executable. `leak`: the process ends soon.
pub fn compile(
    session: &Session,
    front: &Front,
    goroot: &Path,
    options: &BackOptions,
    caches: &Caches,
    leak: bool,
) -> Result<Image, Failure> {
    let Session { flags, progress, .. } = session;
    let mut input = lower_input(front, options)?;
    input.assembly = progress.phase("assemble", || assemble::assemble(session, front, goroot))?;
    // Only what the entry points reach is lowered, so this comes after checking everything.
    let lowered = progress.phase("lower", || golift_lower::lower_program(input));
    golift_ir::current::leave();
    if flags.verbose > 1 && !lowered.missing.is_empty() {
        let symbols: Vec<&str> = lowered.missing.iter().map(|function| function.symbol.as_str()).collect();
        eprintln!("functions that nobody implements: {}", symbols.join(" "));
    }
    let mut program = lowered.program;
    // Before the optimiser looks at the values.
    progress.phase("stamp", || stamp::stamp(&mut program, front, goroot, options, lowered.tracked_fields))?;
    if flags.test.fuzz {
        fuzz::instrument(&mut program, front)?;
    }
    if cfg!(debug_assertions) {
        let problems = progress.phase("verify", || golift_ir::verify_program(&program));
        assert!(problems.is_empty(), "lowering made invalid IR:\n{}", problems.join("\n"));
    }
    let opt = options.for_optimizer(&program, front);
    let dump = session.env.text("GOLIFT_DUMP_IR");
    let remarks = dump.is_some().then(golift_opt::Remarks::default);
    progress.phase("optimise", || golift_opt::optimize_with_remarks(&mut program, &opt, remarks.as_ref()));
    if let (Some(name), Some(remarks)) = (&dump, remarks) {
        dump_function(&program, name, remarks);
    }
    // Inlining leaves functions behind that nobody calls any more.
    let reached = progress.phase("reach", || {
        let data = program.typelinks.iter().chain(&program.itabs).copied();
        golift_ir::reach::reachable(&program, data)
    });
    // Packages that are not complete are not linked either.
    if !CompileFlags::of_named(&flags.gcflags)?.incomplete {
        undefined::references(&program, &lowered.missing, &lowered.undefined, &reached, &front.graph, goroot)?;
    }
    let codegen = golift_codegen::Options {
        only: Some(reached),
        cache: progress.phase("open cache", || caches.functions()),
        ..options.codegen.clone()
    };
    let compiled = progress.phase("codegen", || {
        let codegen = golift_codegen::Options { counter: Some(progress.count()), ..codegen };
        golift_codegen::compile_program(&program, &options.target, &codegen)
    });
    frames::check(&program, &compiled, &front.graph, session.dir()?)?;
    let image = progress.phase("link", || match options.flags.external {
        true => external_link::link(session, &options.flags, &program, &compiled, &options.link).map(Image::from),
        false => golift_link::link(&program, &compiled, &options.link).map_err(|e| format!("golift: link: {e}")),
    })?;
    if leak {
        std::mem::forget((program, compiled));
    }
    Ok(image)
}

/// Shows what the optimiser made of a function, and what it has to say about it.
fn dump_function(program: &golift_ir::Program, name: &str, remarks: golift_opt::Remarks) {
    for decl in program.funcs.values().filter(|decl| *decl.name == *name) {
        eprintln!("{}", golift_ir::print_func(program, decl));
    }
    for remark in remarks.into_list() {
        let text = |at| &program.texts[at];
        if **text(remark.function) == *name {
            let (file, line, column) = (text(remark.file), remark.line, remark.column);
            let kind = if remark.kind == golift_opt::RemarkKind::Missed { "missed: " } else { "" };
            eprintln!("{file}:{line}:{column}: {}: {kind}{}", remark.pass, remark.message);
        }
    }
}

/// The name of the executable, as `go build` chooses it.
pub fn default_output(graph: &Graph, args: &[String]) -> String {
    let root = &graph.packages[graph.roots[0]];
    let base = |path: &str| path.rsplit('/').next().unwrap_or(path).to_owned();
    if root.path == "command-line-arguments" {
        return base(&args[0]).trim_end_matches(".go").to_owned();
    }
    executable_name(&root.path)
}

/// What the executable of a package is called.
pub fn executable_name(path: &str) -> String {
    let mut parts = path.rsplit('/');
    let last = parts.next().unwrap_or_default();
    let is_version = last.strip_prefix('v').is_some_and(|n| n.parse::<u32>().is_ok_and(|n| n > 1));
    match parts.next() {
        Some(before) if is_version => before.to_owned(),
        _ => last.to_owned(),
    }
}

// Objects compare by identity; what changes inside does not matter to the map.
#[allow(clippy::mutable_key_type)]
fn lower_input<'a>(front: &'a Front, options: &BackOptions) -> Result<golift_lower::Input<'a>, String> {
    let Front { graph, checked, .. } = front;
    let all = || graph.packages.iter().zip(&checked.packages);
    let main = checked.packages[graph.roots[0]].package.ok_or("golift: package main was not checked")?;
    if main.lookup(Symbol::intern("main")).is_none_or(|object| !object.is_func()) {
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
    // `-B`
    let unchecked = checked.packages.iter().zip(&front.flags).filter(|(_, flags)| flags.no_bounds_checks);
    let unchecked = unchecked.filter_map(|(result, _)| result.package).collect();
    Ok(golift_lower::Input {
        variables: false,
        assembly: Default::default(),
        sources: &graph.sources,
        packages,
        main,
        embeds,
        field_track: options.field_track,
        unchecked,
    })
}
