//! The commands.

use std::ffi::OsString;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use golift_load as load;

use crate::build;
use crate::cache::{FOLDERS, TEST};
use crate::check_record::{self, CheckRecord};
use crate::cli::flags::Flags;
use crate::cli::table::{self, Command};
use crate::cli::{self, Refusal, grammar, help, variables};
use crate::doctor::doctor;
use crate::environment::{Environment, host_arch};
use crate::failure::{Exit, Failure, USAGE, print_all};
use crate::fetch;
use crate::front::Purpose;
use crate::go_command;
use crate::install::install;
use crate::packages;
use crate::run::run;
use crate::session::Session;
use crate::test;
use crate::tool;
use crate::vet;

/// A command line that makes sense, ready to run.
pub struct Invocation {
    command: What,
    session: SessionParts,
    args: Vec<OsString>,
}

/// Who runs a command line.
#[derive(Clone, Copy)]
enum What {
    /// Golift.
    Own(&'static Command),
    /// The go command, of this name there.
    Go(&'static str),
    /// A tool that somebody expects in its place.
    Shim(&'static str),
}

/// A session stays with the thread that runs it.
struct SessionParts {
    env: Environment,
    flags: Flags,
}

impl Invocation {
    /// Reads a command line. There is nothing to run if that was all it asked for, or if it is wrong; that has been said then.
    /// `as_go`: somebody expects the go command, perhaps to read its version.
    pub fn parse(mut env: Environment, args: &[OsString], as_go: bool) -> Result<Invocation, Exit> {
        let Some((name, args)) = args.split_first() else {
            eprint!("{}", help::overview());
            return Err(USAGE);
        };
        let name = name.to_string_lossy();
        if matches!(&*name, "help" | "-h" | "-help" | "--help") {
            match args.first().filter(|topic| help::of(&topic.to_string_lossy()).is_none()) {
                None => return Err(help_command(args)),
                // Topics are the go command's.
                Some(_) => {
                    let session = SessionParts { env, flags: Flags::default() };
                    return Ok(Invocation { command: What::Go("help"), session, args: args.to_vec() });
                }
            }
        }
        let command = match table::GO_COMMANDS.iter().find(|(known, _)| *known == name) {
            Some(&(name, _)) => What::Go(name),
            None => match table::find_command(&name) {
                Some(command) => What::Own(command),
                None => {
                    let golift = if as_go { "go" } else { "golift" };
                    eprintln!("{golift} {name}: unknown command\nRun '{golift} help' for usage.");
                    return Err(USAGE);
                }
            },
        };
        let (dir, args) = cli::change_directory(args);
        if let Some(dir) = dir
            && let Err(msg) = env.change_dir(dir)
        {
            eprintln!("{msg}");
            return Err(1);
        }
        let command = match command {
            What::Own(command) => command,
            What::Go(_) | What::Shim(_) => {
                let session = SessionParts { env, flags: Flags::default() };
                return Ok(Invocation { command, session, args: args.to_vec() });
            }
        };
        if asks_go(command, args) || as_go && command.name == "version" {
            let (goroot, args) = take_goroot(args);
            let session = SessionParts { env, flags: Flags { goroot, ..Flags::default() } };
            return Ok(Invocation { command: What::Go(command.name), session, args });
        }
        let goflags = env.os("GOFLAGS").unwrap_or_default();
        let parse = match command.id {
            table::Commands::TEST => cli::test_line::parse,
            table::Commands::VET => cli::vet_line::parse,
            _ => cli::parse,
        };
        let (flags, args) = parse(command, goflags, args).map_err(|refusal| explain(command, refusal))?;
        // What is asked of builds says nothing against asking for the variables, or for help.
        if command.id.has(table::LOADS)
            && let Err(msg) = variables::check(&|name| env.text(name)).and_then(|()| check_linker(&env))
        {
            eprintln!("{msg}");
            return Err(USAGE);
        }
        Ok(Invocation { command: What::Own(command), session: SessionParts { env, flags }, args })
    }

    /// A tool of the distribution, under whose name golift was started.
    pub fn of_shim(env: Environment, name: &'static str, args: Vec<OsString>) -> Invocation {
        let session = SessionParts { env, flags: Flags::default() };
        Invocation { command: What::Shim(name), session, args }
    }

    /// How many threads it may have.
    pub fn threads(&self) -> usize {
        self.session.flags.threads()
    }

    /// Runs it; gives the exit code.
    pub fn run(self) -> Exit {
        let session = Session::new(self.session.env, self.session.flags).fetching(fetch::fetcher);
        session.within(|| {
            let result = match self.command {
                What::Own(command) => run_command(command, &session, &self.args),
                What::Go("clean") => clean(&session, &self.args),
                What::Go(name) => go_command::run(&session, name, &self.args),
                What::Shim(name) => tool::run_in_place(&session, name, &self.args),
            };
            exit_code(result)
        })
    }
}

/// Is it the go command that knows the answer? What golift knows too, it says at once.
fn asks_go(command: &Command, args: &[OsString]) -> bool {
    let has_help = args.iter().any(|arg| matches!(arg.to_str(), Some("-h" | "-help" | "--help")));
    match command.name {
        _ if has_help => false,
        "clean" | "list" => true,
        "env" => args.is_empty() || args.iter().any(|arg| !OWN_VARIABLES.iter().any(|name| arg == name)),
        "version" => !args.is_empty(),
        _ => false,
    }
}

/// `-goroot`, which the go command does not know.
fn take_goroot(args: &[OsString]) -> (Option<PathBuf>, Vec<OsString>) {
    let mut goroot = None;
    let mut rest = Vec::new();
    let mut words = args.iter();
    while let Some(word) = words.next() {
        let text = word.to_string_lossy();
        let name = text.strip_prefix("--").or_else(|| text.strip_prefix('-'));
        match name {
            Some("goroot") => goroot = words.next().map(PathBuf::from),
            Some(name) if name.starts_with("goroot=") => goroot = Some(name["goroot=".len()..].into()),
            Some(_) => rest.push(word.clone()),
            None => {
                rest.push(word.clone());
                break;
            }
        }
    }
    rest.extend(words.cloned());
    (goroot, rest)
}

/// A linker must not depend on the folder that golift happens to be run in.
fn check_linker(env: &Environment) -> Result<(), String> {
    let Some(linker) = env.text("CC") else { return Ok(()) };
    match linker.split_whitespace().next() {
        Some(path) if path.contains('/') && !path.starts_with('/') => {
            Err(format!("go: CC environment variable is relative; must be absolute path: {path}"))
        }
        _ => Ok(()),
    }
}

fn explain(command: &Command, refusal: Refusal) -> Exit {
    match refusal {
        Refusal::Usage(msg) => {
            eprintln!("{msg}\n{}\nRun 'golift help {}' for details.", help::usage(command), command.name);
            USAGE
        }
        Refusal::Message(msg) => {
            eprintln!("{msg}");
            1
        }
        Refusal::Unsupported(msg) => {
            eprintln!("{msg}");
            USAGE
        }
        Refusal::Help => help_command(&[command.name.into()]),
    }
}

/// Runs a command of a session that has been entered.
fn run_command(command: &Command, session: &Session, args: &[OsString]) -> Result<Exit, Failure> {
    // Names of packages and files; what is for the program that is run stays as it is.
    let texts: Vec<String> = args.iter().map(|arg| arg.to_string_lossy().into_owned()).collect();
    // As a courtesy to Windows developers, in go's words.
    let slashed = |text: String| if text.ends_with(".go") { text } else { text.replace('\\', "/") };
    let texts: Vec<String> =
        if command.id.has(table::LOADS) { texts.into_iter().map(slashed).collect() } else { texts };
    let texts = if command.id.has(table::LOADS) && texts.iter().any(|text| text == "all") {
        expand_all(session, texts)?
    } else {
        texts
    };
    let keep = command.id.has(table::LOADS) && session.flags.keep_work;
    let result = if keep { session.work_dir().map(drop).map_err(Failure::Message) } else { Ok(()) };
    result.and_then(|()| match command.name {
        "build" => build_command(session, &texts),
        "run" => run(session, &texts, args),
        "test" => test::test(session, &texts),
        "vet" | "fix" => vet::vet(session, &texts),
        "check" => check(session, &texts),
        "install" => install(session, &texts),
        "tool" => tool::tool(session, &texts, args),
        "doctor" => doctor(session),
        "env" => env(session, &texts),
        "version" => version(session),
        "completion" => completion(&texts),
        "man" => manual(&texts),
        _ => setup(),
    })
}

/// `all`: what the packages of the main module and their tests reach. The go command knows which those are.
fn expand_all(session: &Session, texts: Vec<String>) -> Result<Vec<String>, Failure> {
    let flags = &session.flags;
    let mut list: Vec<OsString> = ["-e", "-f", "{{.ImportPath}}"].map(OsString::from).into();
    list.extend(flags.module_mode.iter().map(|mode| format!("-mod={mode}").into()));
    list.extend(flags.modfile.iter().map(|file| format!("-modfile={}", file.display()).into()));
    list.extend(flags.overlay.iter().map(|file| format!("-overlay={}", file.display()).into()));
    list.push(format!("-tags={}", flags.tags.join(",")).into());
    list.push("all".into());
    let listed = go_command::output(session, "list", &list)?;
    let (listed, _) = listed.map_err(|text| Failure::Message(text.trim_end().to_owned()))?;
    // What the distribution vendors has no name there that could be asked for.
    let paths = || listed.lines().filter(|path| !path.starts_with("vendor/")).map(String::from);
    Ok(texts.into_iter().flat_map(|text| if text == "all" { paths().collect() } else { vec![text] }).collect())
}

/// Says why there is no result.
fn exit_code(result: Result<Exit, Failure>) -> Exit {
    match result {
        Ok(code) => code,
        Err(Failure::Reported) => 1,
        Err(Failure::Message(msg)) => {
            crate::progress::clear_line();
            eprintln!("{msg}");
            1
        }
        Err(Failure::Usage(msg)) => {
            crate::progress::clear_line();
            eprintln!("{msg}");
            USAGE
        }
    }
}

fn help_command(args: &[OsString]) -> Exit {
    let text = match args.first() {
        None => help::overview(),
        Some(topic) => match help::of(&topic.to_string_lossy()) {
            Some(text) => text,
            None => {
                eprintln!("golift help {}: unknown help topic. Run 'golift help'.", topic.display());
                return USAGE;
            }
        },
    };
    // A reader may have gone away.
    let _ = std::io::stdout().write_all(text.as_bytes());
    0
}

fn check(session: &Session, args: &[String]) -> Result<Exit, Failure> {
    let flags = &session.flags;
    if flags.explain || flags.dry_run {
        let (graph, _) = build::load_packages(session, args, Purpose::Check)?;
        graph.packages.iter().for_each(|package| eprintln!("check -p {} # cd {}", package.path, package.dir.display()));
        if flags.dry_run {
            return Ok(0);
        }
    }
    session.env.check_cache_dir()?;
    let goroot = build::goroot(session)?;
    let record = CheckRecord::new(session, args, &goroot);
    if session.progress.phase("look up", || record.as_ref().is_some_and(CheckRecord::still_holds)) {
        session.progress.finish();
        return Ok(0);
    }
    let work = || {
        let (graph, _) = build::load_packages(session, args, Purpose::Check)?;
        build::check_loaded(session, graph, Purpose::Check)
    };
    let front = check_record::recorded(record.as_ref(), work, |front| front.graph.warnings.is_empty())?;
    session.progress.finish();
    if session.flags.verbose == 1 {
        front.graph.roots.iter().for_each(|&root| eprintln!("{}", front.graph.packages[root].path));
    }
    Ok(0)
}

fn build_command(session: &Session, args: &[String]) -> Result<Exit, Failure> {
    let message = |text: String| Err(Failure::Message(text));
    let (graph, goroot) = packages::load_packages(session, args)?;
    let is_program = |root: &usize| graph.packages[*root].name == "main";
    let programs = graph.roots.iter().filter(|root| is_program(root)).count();
    // What is made for nobody is not made at all.
    let output = session.flags.output.as_deref().filter(|output| *output != Path::new("/dev/null"));
    let exe = session.flags.build_mode.as_deref() == Some("exe");
    if exe && session.flags.output.is_some() && (programs, graph.roots.len()) != (1, 1) {
        return message("-buildmode=exe requires exactly one main package".into());
    }
    if let Some(output) = output {
        let path = session.absolute(output)?;
        if path.is_dir() || output.as_os_str().to_string_lossy().ends_with('/') {
            return build_into(session, graph, &goroot, output, args);
        }
        if graph.roots.len() > 1 {
            return message(format!("golift: cannot write multiple packages to non-directory {}", output.display()));
        }
        if programs == 0 {
            return Err(Failure::Usage("golift: -o with a package that is no program is not supported yet".into()));
        }
    }
    if (programs, graph.roots.len()) != (1, 1) {
        // Not one program: the check is all there is to do, as with `go build`.
        build::compile_nothing(session, graph, &goroot)?;
        session.progress.finish();
        return Ok(0);
    }
    let name = session.flags.output.clone().unwrap_or_else(|| build::default_output(&graph, args).into());
    let path = session.absolute(&name)?;
    if session.flags.output.is_none() && path.is_dir() {
        return message(format!("golift: build output {:?} already exists and is a directory", name.display()));
    }
    build::build(session, graph, &goroot, &name).map(|()| 0)
}

/// `-o folder`: all programs among the packages, each as if it was built alone.
fn build_into(
    session: &Session,
    graph: load::Graph,
    goroot: &Path,
    folder: &Path,
    args: &[String],
) -> Result<Exit, Failure> {
    let programs: Vec<usize> =
        graph.roots.iter().copied().filter(|&root| graph.packages[root].name == "main").collect();
    if programs.is_empty() {
        return Err(Failure::Message("golift: no main packages to build".into()));
    }
    if graph.roots.len() == 1 {
        let output = folder.join(build::default_output(&graph, args));
        return build::build(session, graph, goroot, &output).map(|()| 0);
    }
    let paths: Vec<String> = programs.iter().map(|&root| graph.packages[root].path.clone()).collect();
    // Errors anywhere keep all from being written.
    build::compile_nothing(session, graph, goroot)?;
    for path in paths {
        let (graph, goroot) = packages::load_packages(session, std::slice::from_ref(&path))?;
        let output = folder.join(build::default_output(&graph, args));
        build::build(session, graph, &goroot, &output)?;
    }
    Ok(0)
}

/// Variables that golift prints without asking the go command, which may have to be compiled first.
const OWN_VARIABLES: [&str; 11] = [
    "GOARCH",
    "GOFLAGS",
    "GOHOSTARCH",
    "GOHOSTOS",
    "GOLIFTCACHE",
    "GOMOD",
    "GOMODCACHE",
    "GOOS",
    "GOPATH",
    "GOROOT",
    "GOWORK",
];

fn env(session: &Session, args: &[String]) -> Result<Exit, Failure> {
    let env = &session.env;
    let cwd = session.dir()?;
    let show = |path: Option<PathBuf>| path.map(|p| p.to_string_lossy().into_owned()).unwrap_or_default();
    let text = |name| env.text(name).unwrap_or_default();
    let gopath = || env.text("GOPATH").unwrap_or_else(|| format!("{}/go", text("HOME")));
    let mut out = String::new();
    for arg in args {
        out += &match arg.as_str() {
            "GOARCH" => env.goarch(),
            "GOHOSTARCH" => host_arch().into(),
            "GOHOSTOS" => "linux".into(),
            "GOLIFTCACHE" => show(env.cache_dir()),
            "GOMOD" => show(Some(load::module_root(cwd).map_or("/dev/null".into(), |dir| dir.join("go.mod")))),
            "GOMODCACHE" => env.text("GOMODCACHE").unwrap_or_else(|| format!("{}/pkg/mod", gopath())),
            "GOOS" => env.goos(),
            "GOPATH" => gopath(),
            "GOROOT" => {
                let explicit = session.flags.goroot.as_ref().map(|dir| dir.to_string_lossy());
                show(load::existing_goroot(explicit.as_deref()))
            }
            "GOWORK" => show(load::work_file(cwd)?),
            name => text(name),
        };
        out.push('\n');
    }
    print_all(&out)
}

/// `clean`: the go command knows all but golift's cache.
fn clean(session: &Session, args: &[OsString]) -> Result<Exit, Failure> {
    let is = |arg: &OsString, name: &str| {
        let text = arg.to_string_lossy();
        text.strip_prefix('-').map(|text| text.strip_prefix('-').unwrap_or(text)) == Some(name)
    };
    let is_any =
        |arg: &OsString, names: &[&str]| names.iter().any(|name| is(arg, name) || is(arg, &format!("{name}=true")));
    let asks = |name: &str| args.iter().any(|arg| is_any(arg, &[name]));
    let (all, tests) = (asks("cache"), asks("testcache"));
    if !all && !tests {
        return go_command::run(session, "clean", args);
    }
    session.env.check_cache_dir()?;
    let rest: Vec<OsString> = args.iter().filter(|arg| !is_any(arg, &["cache", "testcache"])).cloned().collect();
    if !rest.iter().all(|arg| is_any(arg, &["n", "x"])) {
        let code = go_command::run(session, "clean", &rest)?;
        if code != 0 {
            return Ok(code);
        }
    }
    let Some(dir) = session.env.cache_dir() else { return Ok(0) };
    // Only what a cache consists of: GOLIFTCACHE may point to a folder with other things.
    let folders = if all { &FOLDERS[..] } else { &[TEST] };
    if all && (asks("n") || asks("x")) {
        print_all(&format!("rm -r {}\n", dir.display()))?;
    }
    if asks("n") || !dir.exists() {
        return Ok(0);
    }
    for folder in folders.iter().map(|name| dir.join(name)) {
        match fs::remove_dir_all(&folder) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
                return Err(Failure::Message(format!("golift: {}: {e}", folder.display())));
            }
            _ => {}
        }
    }
    Ok(0)
}

fn version(session: &Session) -> Result<Exit, Failure> {
    let text = format!(
        "golift version {} (go{}) {}/{}\n",
        env!("CARGO_PKG_VERSION"),
        load::PINNED_VERSION,
        session.env.goos(),
        session.env.goarch()
    );
    print_all(&text)
}

fn setup() -> Result<Exit, Failure> {
    let dir = load::pinned(&|msg| eprintln!("{msg}")).map_err(|e| format!("golift: {e}"))?;
    print_all(&format!("{}\n", dir.display()))
}

fn completion(args: &[String]) -> Result<Exit, Failure> {
    let [shell] = args else {
        return Err(Failure::Usage("golift completion: which shell? bash, zsh or fish".into()));
    };
    let mut script = Vec::new();
    grammar::write_completions(shell, &mut script).map_err(Failure::Usage)?;
    print_all(&String::from_utf8_lossy(&script))
}

fn manual(args: &[String]) -> Result<Exit, Failure> {
    let command = match args.first() {
        None => None,
        Some(name) => {
            let command = table::find_command(name);
            Some(command.ok_or_else(|| Failure::Usage(format!("golift man: no command {name}")))?)
        }
    };
    let mut page = Vec::new();
    grammar::write_manual(command, &mut page).map_err(|e| format!("golift: {e}"))?;
    print_all(&String::from_utf8_lossy(&page))
}

#[cfg(test)]
mod tests {
    use std::process;
    use std::thread;

    use super::*;
    use crate::session::STACK_SIZE;

    /// A folder with a program, and what else differs between command lines.
    fn write_program(dir: &Path, name: &str) {
        let write = |file: &str, text: String| fs::write(dir.join(file), text).unwrap();
        write("go.mod", format!("module example.com/{name}\n\ngo 1.27\n"));
        write("main.go", "package main\n\nfunc main() { println(text, tagged) }\n".into());
        write("text.go", "package main\n\nfunc broken(\n".into());
        write("replacement", format!("package main\n\nconst text = \"{name}\"\n"));
        write("tagged.go", format!("//go:build {name}\n\npackage main\n\nconst tagged = \"{name}\"\n"));
        write("overlay.json", "{\"Replace\": {\"text.go\": \"replacement\"}}".into());
    }

    fn start(dir: &Path, args: &[&str]) -> Exit {
        let mut env = Environment::of_process();
        env.change_dir(dir.as_os_str()).unwrap();
        env.set("GOFLAGS", "-overlay=overlay.json");
        env.set("GOLIFTCACHE", dir.join("cache"));
        let args: Vec<OsString> = args.iter().map(OsString::from).collect();
        Invocation::parse(env, &args, false).map_or_else(|code| code, Invocation::run)
    }

    /// Command lines of one process share nothing: each has its folder, its variables, its overlay, its cache.
    #[test]
    fn several_builds_in_one_process() {
        // As in `main`; other tests do without.
        let _ = rayon::ThreadPoolBuilder::new().stack_size(STACK_SIZE / 4).build_global();
        let work = tempfile::tempdir().unwrap();
        let names = ["first", "second"];
        thread::scope(|scope| {
            for name in names {
                let dir = work.path().join(name);
                fs::create_dir(&dir).unwrap();
                write_program(&dir, name);
                let build = move || {
                    let tag = format!("-tags={name}");
                    assert_eq!(start(&dir, &["check", &tag]), 0);
                    assert_eq!(start(&dir, &["build", &tag, "-o", "program"]), 0);
                    // From the caches.
                    assert_eq!(start(&dir, &["check", &tag]), 0);
                    assert_eq!(start(&dir, &["build", &tag, "-o", "again"]), 0);
                    assert_eq!(start(&dir, &["build", "-tags=other"]), 1);
                };
                thread::Builder::new().stack_size(STACK_SIZE).spawn_scoped(scope, build).unwrap();
            }
        });
        for name in names {
            let dir = work.path().join(name);
            let output = process::Command::new(dir.join("program")).output().unwrap();
            assert_eq!(String::from_utf8_lossy(&output.stderr), format!("{name} {name}\n"));
            assert!(fs::read(dir.join("program")).unwrap() == fs::read(dir.join("again")).unwrap());
        }
    }
}
