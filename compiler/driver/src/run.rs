//! `golift run`: builds a program and runs it.

use std::ffi::OsString;
use std::fs;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use golift_load::{self as load, Graph};
use golift_syntax::{Mode, SourceMap};

use crate::build;
use crate::diagnostics::{self, Style};
use crate::failure::{Exit, Failure};
use crate::front::Purpose;
use crate::interrupt;
use crate::packages;
use crate::session::Session;
use crate::versions;

/// Runs the program of the first arguments with the others. `texts` are the same arguments as far as they are text.
pub fn run(session: &Session, texts: &[String], args: &[OsString]) -> Result<Exit, Failure> {
    let message = |text: String| Err(Failure::Message(text));
    let files = texts.iter().take_while(|arg| arg.ends_with(".go")).count();
    let (packages, _) = texts.split_at(files.max(1).min(texts.len()));
    let rest = &args[packages.len()..];
    if packages.is_empty() {
        return message("golift: no go files listed".into());
    }
    if let Some(test) = packages.iter().find(|file| file.ends_with("_test.go")) {
        return message(format!("golift: cannot run *_test.go files ({test})"));
    }
    for file in packages.iter().filter(|file| file.ends_with(".go")) {
        match fs::metadata(session.absolute(Path::new(file))?) {
            Ok(meta) if meta.is_dir() => return message(format!("{file} is a directory, should be a Go file")),
            Ok(_) => {}
            Err(e) => return message(format!("stat {file}: {}", load::describe(&e))),
        }
    }
    let program = match versions::has_version(&packages[0]) && files == 0 {
        true => versions::within(session, packages, |inner, packages| {
            let program = session.work_dir()?.join("run");
            fs::create_dir_all(&program)
                .map_err(|e| format!("golift: {}: {}", program.display(), load::describe(&e)))?;
            build_program(inner, packages, &program)
        })?,
        false => build_program(session, packages, session.work_dir()?)?,
    };
    session.progress.finish();
    start(session, &program, rest)
}

/// Builds the program of the arguments, of which there must be one, into a folder; gives its path.
fn build_program(session: &Session, packages: &[String], folder: &Path) -> Result<PathBuf, Failure> {
    let message = |text: String| Err(Failure::Message(text));
    let (graph, goroot) = packages::load_graph(session, packages)?;
    if let Some(path) = only_tests(&graph, packages) {
        return message(format!("package {path} is not a main package"));
    }
    if !graph.errors.is_empty() {
        session.progress.finish();
        diagnostics::print_load_errors(&graph, Style::for_build(session));
        return Err(Failure::Reported);
    }
    let root = match graph.roots[..] {
        [root] => root,
        [] => return message(format!("golift: no packages loaded from {}", packages[0])),
        _ => {
            let names: String = graph.roots.iter().map(|&root| format!("\n\t{}", graph.packages[root].path)).collect();
            return message(format!("golift: pattern {} matches multiple packages:{names}", packages[0]));
        }
    };
    let package = &graph.packages[root];
    if package.name != "main" {
        // Errors in it come first.
        let path = package.path.clone();
        build::check_loaded(session, graph, Purpose::Build)?;
        return message(format!("package {path} is not a main package"));
    }
    let program = folder.join(build::default_output(&graph, packages));
    build::build(session, graph, &goroot, &program)?;
    Ok(program)
}

/// The path of a package that consists of tests, and these are of no program.
fn only_tests<'a>(graph: &'a Graph, patterns: &[String]) -> Option<&'a str> {
    let [root] = graph.roots[..] else { return None };
    let package = &graph.packages[root];
    let file = package.test_files.first().filter(|_| package.file_names.is_empty())?;
    let text = load::files::read(&package.dir.join(file)).ok()?;
    let sources = SourceMap::default();
    let file = sources.file(sources.add_file(file, text.len()));
    let (file, _) = golift_syntax::parse_source(&file, &text, Mode { imports_only: true, ..Mode::default() });
    let is_main = file.package.name.as_str().trim_end_matches("_test") == "main";
    (!is_main && !patterns.iter().any(|pattern| pattern.contains("..."))).then_some(&package.path)
}

fn start(session: &Session, program: &Path, args: &[OsString]) -> Result<Exit, Failure> {
    let flags = &session.flags;
    let mut words = flags.exec.clone();
    words.push(program.into());
    words.extend_from_slice(args);
    if flags.explain || flags.dry_run {
        let shown: Vec<String> = words.iter().map(|word| word.to_string_lossy().into_owned()).collect();
        eprintln!("{}", shown.join(" "));
    }
    if flags.dry_run {
        return Ok(0);
    }
    let path = match flags.exec.is_empty() {
        true => program.to_owned(),
        false => session.find_program(&words[0].to_string_lossy())?,
    };
    let mut command = Command::new(path);
    command.args(&words[1..]).current_dir(session.dir()?);
    let status = interrupt::run(&mut command);
    let status = status.map_err(|e| format!("golift: cannot run {}: {e}", program.display()))?;
    if let Some(code) = status.code() {
        if code != 0 {
            eprintln!("exit status {code}");
        }
        return Ok(u8::try_from(code).unwrap_or(1));
    }
    let dumped = if status.core_dumped() { " (core dumped)" } else { "" };
    eprintln!("signal: {}{dumped}", signal_name(status.signal().unwrap_or(0)));
    Ok(1)
}

/// The name that Go's package syscall has for a signal.
pub fn signal_name(signal: i32) -> String {
    let name = match signal {
        1 => "hangup",
        2 => "interrupt",
        3 => "quit",
        4 => "illegal instruction",
        5 => "trace/breakpoint trap",
        6 => "aborted",
        7 => "bus error",
        8 => "floating point exception",
        9 => "killed",
        10 => "user defined signal 1",
        11 => "segmentation fault",
        12 => "user defined signal 2",
        13 => "broken pipe",
        14 => "alarm clock",
        15 => "terminated",
        16 => "stack fault",
        17 => "child exited",
        18 => "continued",
        19 => "stopped (signal)",
        20 => "stopped",
        21 => "stopped (tty input)",
        22 => "stopped (tty output)",
        23 => "urgent I/O condition",
        24 => "CPU time limit exceeded",
        25 => "file size limit exceeded",
        26 => "virtual timer expired",
        27 => "profiling timer expired",
        28 => "window changed",
        29 => "I/O possible",
        30 => "power failure",
        31 => "bad system call",
        other => return format!("signal {other}"),
    };
    name.into()
}
