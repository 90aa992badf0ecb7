//! The commands.

use std::fs;
use std::io::Write as _;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use golift_load::{self as load, LoadedPackage, Origin};

use crate::USAGE;
use crate::build::{self, Failure, Purpose};
use crate::check_record::{self, CheckRecord};
use crate::flags::{self, Flags, Kind};
use crate::help;
use crate::interrupt;
use crate::json;
use crate::progress::Progress;
use crate::settings;
use crate::work_dir::WorkDir;

type Exit = u8;

/// Runs a command line; gives the exit code.
pub fn dispatch(args: &[String]) -> Exit {
    let Some((command, args)) = args.split_first() else {
        eprint!("{}", help::OVERVIEW);
        return USAGE;
    };
    let kind = match command.as_str() {
        "build" => Kind::Build,
        "run" => Kind::Run,
        "check" => Kind::Check,
        "list" => Kind::List,
        "env" => Kind::Env,
        "clean" => Kind::Clean,
        "version" => Kind::Version,
        "setup" => Kind::Plain,
        "help" | "-h" | "-help" | "--help" => return help_command(args),
        other => {
            eprintln!("golift {other}: unknown command\nRun 'golift help' for usage.");
            return USAGE;
        }
    };
    if args.first().is_some_and(|arg| matches!(arg.as_str(), "-h" | "-help" | "--help")) {
        return help_command(std::slice::from_ref(command));
    }
    let args = match flags::change_directory(args) {
        Ok(args) => args,
        Err(msg) => {
            eprintln!("{msg}");
            return 1;
        }
    };
    let (flags, rest) = match flags::parse(kind, args) {
        Ok(parsed) => parsed,
        Err(msg) => {
            let usage = help::of(command).map_or("", |(usage, _)| usage);
            eprintln!("{msg}\nusage: {usage}\nRun 'golift help {command}' for details.");
            return USAGE;
        }
    };
    if let Some(threads) = flags.parallel {
        // Rayon's pool exists already; what it runs is limited instead.
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).stack_size(crate::STACK_SIZE / 4).build();
        if let Ok(pool) = pool {
            return pool.install(|| run_command(command, &flags, &rest));
        }
    }
    run_command(command, &flags, &rest)
}

fn run_command(command: &str, flags: &Flags, args: &[String]) -> Exit {
    let result = match command {
        "build" => build_command(flags, args),
        "run" => run(flags, args),
        "check" => check(flags, args),
        "list" => list(flags, args),
        "env" => env(flags, args),
        "clean" => clean(flags),
        "version" => version(flags, args),
        _ => setup(),
    };
    match result {
        Ok(code) => code,
        Err(Failure::Reported) => 1,
        Err(Failure::Message(msg)) => {
            crate::progress::clear_line();
            eprintln!("{msg}");
            1
        }
        Err(Failure::Usage(msg)) => {
            eprintln!("{msg}");
            USAGE
        }
    }
}

fn help_command(args: &[String]) -> Exit {
    match args.first() {
        None => print!("{}", help::OVERVIEW),
        Some(name) => match help::of(name) {
            Some((usage, text)) => println!("usage: {usage}\n{text}"),
            None => {
                eprintln!("golift help {name}: unknown help topic. Run 'golift help'.");
                return USAGE;
            }
        },
    }
    0
}

fn progress_for(flags: &Flags) -> Progress {
    Progress::new(flags.verbose > 1 || settings::variable("GOLIFT_TIMING").is_some())
}

fn check(flags: &Flags, args: &[String]) -> Result<Exit, Failure> {
    let progress = progress_for(flags);
    settings::check_cache_dir()?;
    let goroot = build::goroot(flags, &progress)?;
    let record = CheckRecord::new(flags, args, &goroot);
    if progress.phase("look up", || record.as_ref().is_some_and(CheckRecord::still_holds)) {
        progress.finish();
        return Ok(0);
    }
    let work = || build::check(flags, args, Purpose::Check, &progress);
    let front = check_record::recorded(record.as_ref(), work, |front| front.graph.warnings.is_empty())?;
    if flags.verbose == 1 {
        front.graph.roots.iter().for_each(|&root| eprintln!("{}", front.graph.packages[root].path));
    }
    Ok(0)
}

fn build_command(flags: &Flags, args: &[String]) -> Result<Exit, Failure> {
    let progress = progress_for(flags);
    let (graph, goroot) = build::load_packages(flags, args, Purpose::Build, &progress)?;
    if !matches!(graph.roots[..], [root] if graph.packages[root].name == "main") {
        // Not one program: the check is all there is to do, as with `go build`.
        if graph.roots.len() > 1 && flags.output.is_some() {
            return Err(Failure::Message("golift: -o with several packages is not supported yet".into()));
        }
        build::check_loaded(flags, graph, Purpose::Build, &progress)?;
        progress.finish();
        return Ok(0);
    }
    let name = build::default_output(&graph, args);
    let output = match &flags.output {
        Some(output) if output.ends_with('/') || Path::new(output).is_dir() => Path::new(output).join(name),
        Some(output) => PathBuf::from(output),
        None => PathBuf::from(name),
    };
    if output.is_dir() {
        return Err(Failure::Message(format!(
            "golift: build output {:?} already exists and is a directory",
            output.display()
        )));
    }
    build::build(flags, graph, &goroot, &output, &progress)?;
    Ok(0)
}

fn run(flags: &Flags, args: &[String]) -> Result<Exit, Failure> {
    let files = args.iter().take_while(|arg| arg.ends_with(".go")).count();
    let (packages, rest) = args.split_at(files.max(1).min(args.len()));
    if packages.is_empty() {
        return Err(Failure::Message("golift: no go files listed".into()));
    }
    if let Some(test) = packages.iter().find(|file| file.ends_with("_test.go")) {
        return Err(Failure::Message(format!("golift: cannot run *_test.go files ({test})")));
    }
    for file in packages.iter().filter(|file| file.ends_with(".go")) {
        match fs::metadata(file) {
            Ok(meta) if meta.is_dir() => {
                return Err(Failure::Message(format!("{file} is a directory, should be a Go file")));
            }
            Ok(_) => {}
            Err(e) => return Err(Failure::Message(format!("stat {file}: {}", load::describe(&e)))),
        }
    }
    let progress = progress_for(flags);
    let (graph, goroot) = build::load_packages(flags, packages, Purpose::Build, &progress)?;
    let [root] = graph.roots[..] else {
        return Err(Failure::Message(format!("golift: pattern {} matches multiple packages", packages[0])));
    };
    let package = &graph.packages[root];
    if package.name != "main" {
        // Errors in it come first.
        let path = package.path.clone();
        build::check_loaded(flags, graph, Purpose::Build, &progress)?;
        return Err(Failure::Message(format!("package {path} is not a main package")));
    }
    let work = WorkDir::new(flags)?;
    let program = work.path().join(build::default_output(&graph, packages));
    build::build(flags, graph, &goroot, &program, &progress)?;
    drop(progress);
    if flags.explain || flags.dry_run {
        eprintln!("{} {}", program.display(), rest.join(" "));
    }
    if flags.dry_run {
        return Ok(0);
    }
    let status = interrupt::run(Command::new(&program).args(rest));
    let status = status.map_err(|e| format!("golift: cannot run {}: {e}", program.display()))?;
    drop(work);
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

fn signal_name(signal: i32) -> String {
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
        other => return format!("signal {other}"),
    };
    name.into()
}

fn list(flags: &Flags, args: &[String]) -> Result<Exit, Failure> {
    let progress = progress_for(flags);
    let (graph, goroot) = build::load_packages(flags, args, Purpose::Check, &progress)?;
    drop(progress);
    let mut out = String::new();
    let mut shown: Vec<usize> = graph.roots.clone();
    if flags.deps {
        shown = (0..graph.packages.len()).collect();
    }
    for index in shown {
        let package = &graph.packages[index];
        let fields = fields(package, &goroot);
        if flags.json {
            out += &json_object(&fields);
        } else if let Some(format) = &flags.format {
            let mut line = format.clone();
            for (name, value) in &fields {
                line = line.replace(&format!("{{{{.{name}}}}}"), &value.plain());
            }
            if let Some(at) = line.find("{{") {
                return Err(Failure::Message(format!("golift: -f: not supported: {}", &line[at..])));
            }
            out += &line;
            out.push('\n');
        } else {
            out += &package.path;
            out.push('\n');
        }
    }
    print_all(&out)
}

/// Output for a reader that may have gone away.
fn print_all(text: &str) -> Result<Exit, Failure> {
    match std::io::stdout().write_all(text.as_bytes()) {
        Ok(()) => Ok(0),
        Err(e) => Err(Failure::Message(format!("golift: {e}"))),
    }
}

enum Field {
    Text(String),
    Flag(bool),
    List(Vec<String>),
}

impl Field {
    fn plain(&self) -> String {
        match self {
            Field::Text(text) => text.clone(),
            Field::Flag(flag) => flag.to_string(),
            Field::List(list) => format!("[{}]", list.join(" ")),
        }
    }
}

fn fields(package: &LoadedPackage, goroot: &Path) -> Vec<(&'static str, Field)> {
    let text = |s: &str| Field::Text(s.to_owned());
    vec![
        ("Dir", text(&package.dir.to_string_lossy())),
        ("ImportPath", text(&package.path)),
        ("Name", text(&package.name)),
        ("Goroot", Field::Flag(package.dir.starts_with(goroot))),
        ("Standard", Field::Flag(package.origin == Origin::Std)),
        ("GoFiles", Field::List(package.file_names.clone())),
        ("IgnoredGoFiles", Field::List(package.ignored_files.clone())),
        ("SFiles", Field::List(package.asm_files.clone())),
        ("TestGoFiles", Field::List(package.test_files.clone())),
        ("Imports", Field::List(package.imports.iter().map(|import| import.path.clone()).collect())),
    ]
}

fn json_object(fields: &[(&'static str, Field)]) -> String {
    let lines: Vec<String> = fields
        .iter()
        .filter_map(|(name, value)| {
            let value = match value {
                Field::Text(text) => json::string(text),
                Field::Flag(true) => "true".into(),
                Field::List(list) if !list.is_empty() => {
                    let items: Vec<String> = list.iter().map(|item| format!("\t\t{}", json::string(item))).collect();
                    format!("[\n{}\n\t]", items.join(",\n"))
                }
                Field::Flag(false) | Field::List(_) => return None,
            };
            Some(format!("\t{}: {value}", json::string(name)))
        })
        .collect();
    format!("{{\n{}\n}}\n", lines.join(",\n"))
}

fn env(flags: &Flags, args: &[String]) -> Result<Exit, Failure> {
    let cwd = settings::current_dir()?;
    let go_mod = load::module_root(&cwd).map(|dir| dir.join("go.mod"));
    let go_work = load::work_file(&cwd)?;
    let goroot = load::existing_goroot(flags.goroot.as_deref());
    let show = |path: Option<PathBuf>| path.map(|p| p.to_string_lossy().into_owned()).unwrap_or_default();
    let home = settings::variable("HOME").unwrap_or_default();
    let gopath = settings::variable("GOPATH").unwrap_or_else(|| format!("{home}/go"));
    let version = goroot.as_deref().and_then(load::goroot_version);
    let all: Vec<(&str, String)> = vec![
        ("CGO_ENABLED", "0".into()),
        ("GOARCH", settings::goarch()),
        ("GOEXPERIMENT", settings::variable("GOEXPERIMENT").unwrap_or_default()),
        ("GOFLAGS", settings::variable("GOFLAGS").unwrap_or_default()),
        ("GOHOSTARCH", settings::host_arch().into()),
        ("GOHOSTOS", "linux".into()),
        ("GOLIFTCACHE", show(settings::cache_dir())),
        ("GOMOD", go_mod.map_or("/dev/null".into(), |path| path.to_string_lossy().into_owned())),
        ("GOMODCACHE", settings::variable("GOMODCACHE").unwrap_or_else(|| format!("{gopath}/pkg/mod"))),
        ("GOOS", settings::goos()),
        ("GOPATH", gopath),
        ("GOROOT", show(goroot)),
        ("GOVERSION", version.unwrap_or_else(|| format!("go{}", load::PINNED_VERSION))),
        ("GOWORK", show(go_work)),
    ];
    let mut out = String::new();
    if flags.json {
        let wanted = all.iter().filter(|(name, _)| args.is_empty() || args.iter().any(|arg| arg == name));
        let fields: Vec<String> =
            wanted.map(|(name, value)| format!("\t{}: {}", json::string(name), json::string(value))).collect();
        out = format!("{{\n{}\n}}\n", fields.join(",\n"));
    } else if args.is_empty() {
        for (name, value) in all {
            out += &format!("{name}='{value}'\n");
        }
    } else {
        for arg in args {
            out += all.iter().find(|(name, _)| name == arg).map_or("", |(_, value)| value);
            out.push('\n');
        }
    }
    print_all(&out)
}

fn clean(flags: &Flags) -> Result<Exit, Failure> {
    if !flags.cache {
        return Ok(0);
    }
    let Some(dir) = settings::cache_dir() else { return Ok(0) };
    if flags.explain || flags.dry_run {
        println!("rm -r {}", dir.display());
    }
    if flags.dry_run || !dir.exists() {
        return Ok(0);
    }
    // Only what a cache consists of: GOLIFTCACHE may point to a folder with other things.
    for folder in crate::cache::FOLDERS.map(|name| dir.join(name)) {
        match fs::remove_dir_all(&folder) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
                return Err(Failure::Message(format!("golift: {}: {e}", folder.display())));
            }
            _ => {}
        }
    }
    Ok(0)
}

/// `version -m file`: the build information of executables.
fn version_of(files: &[String]) -> Result<Exit, Failure> {
    let mut out = String::new();
    for file in files {
        let image = fs::read(file).map_err(|e| format!("golift: {file}: {e}"))?;
        let info = crate::stamp::find_build_info(&image);
        let info = info.ok_or_else(|| format!("golift: {file}: no build information"))?;
        out += &format!("{file}: go{}\n", load::PINNED_VERSION);
        info.lines().for_each(|line| out += &format!("\t{line}\n"));
    }
    print_all(&out)
}

fn version(flags: &Flags, args: &[String]) -> Result<Exit, Failure> {
    if flags.modules {
        return version_of(args);
    }
    let text = format!(
        "golift version {} (go{}) {}/{}\n",
        env!("CARGO_PKG_VERSION"),
        load::PINNED_VERSION,
        settings::goos(),
        settings::goarch()
    );
    print_all(&text)
}

fn setup() -> Result<Exit, Failure> {
    let dir = load::pinned(&|msg| eprintln!("{msg}")).map_err(|e| format!("golift: {e}"))?;
    print_all(&format!("{}\n", dir.display()))
}
