//! `golift doctor`: what golift finds on this machine, and how to get what is missing.

use std::fs;
use std::path::Path;

use golift_load as load;

use crate::cache::{FOLDERS, TOOLS};
use crate::environment::host_arch;
use crate::failure::{Exit, Failure, print_all};
use crate::session::Session;

/// What was found about one thing.
enum Finding {
    /// It is there.
    Found(String),
    /// Some commands do without; the first text says which do not, the second how to mend it.
    Optional(String, String),
    /// Nothing works without.
    Missing(String, String),
}

use Finding::{Found, Missing, Optional};

/// Prints a line about each thing; ends with 1 if golift cannot work.
pub fn doctor(session: &Session) -> Result<Exit, Failure> {
    let all = [
        ("golift", golift()),
        ("distribution", distribution(session)),
        ("cache", cache(session)),
        ("go command", go_command(session)),
        ("module cache", module_cache()),
        ("targets", Found(targets())),
        ("C compiler", c_compiler(session)),
        (
            "git",
            program(
                session,
                "git",
                "golift records no revisions, and get cannot fetch modules directly",
                "apt-get install git",
            ),
        ),
    ];
    let mut out = String::new();
    let mut code = 0;
    for (name, finding) in all {
        out += &match finding {
            Found(what) => format!("ok       {name}: {what}\n"),
            Optional(what, how) => format!("missing  {name}: {what}\n         to mend it: {how}\n"),
            Missing(what, how) => {
                code = 1;
                format!("FAULT    {name}: {what}\n         to mend it: {how}\n")
            }
        };
    }
    print_all(&out)?;
    Ok(code)
}

fn golift() -> Finding {
    let exe = std::env::current_exe().map(|exe| exe.display().to_string());
    Found(format!("{} ({})", env!("CARGO_PKG_VERSION"), exe.unwrap_or_else(|e| e.to_string())))
}

fn distribution(session: &Session) -> Finding {
    let explicit = session.flags.goroot.as_ref().map(|dir| dir.to_string_lossy().into_owned());
    if explicit.is_some() || session.env.os("GOROOT").is_some() {
        // It is never installed over something that was named.
        let how = if explicit.is_some() { "leave -goroot away" } else { "unset GOROOT" };
        return match load::find_goroot(explicit.as_deref(), &|_| {}) {
            Ok(dir) => Found(describe_goroot(&dir)),
            Err(e) => Missing(e, how.into()),
        };
    }
    match load::existing_goroot(None) {
        Some(dir) => Found(describe_goroot(&dir)),
        None => {
            let pip = session.find_program("python3").is_ok();
            let how = if pip { "golift setup" } else { "apt-get install python3-pip && golift setup" };
            Missing(format!("no Go {} yet", load::PINNED_VERSION), how.into())
        }
    }
}

fn describe_goroot(dir: &Path) -> String {
    format!("{} in {}", load::goroot_version(dir).unwrap_or_default(), dir.display())
}

fn cache(session: &Session) -> Finding {
    const HOW: &str = "export GOLIFTCACHE=FOLDER, with the absolute path of one that can be written";
    if let Err(e) = session.env.check_cache_dir() {
        return Missing(e, HOW.into());
    }
    let Some(dir) = session.env.cache_dir() else {
        return Optional("neither GOLIFTCACHE nor HOME is set: everything is compiled each time".into(), HOW.into());
    };
    if let Err(e) = fs::create_dir_all(&dir).and_then(|()| tempfile::tempfile_in(&dir)) {
        let what = format!("{}: {}: everything is compiled each time", dir.display(), load::describe(&e));
        return Optional(what, HOW.into());
    }
    let bytes: u64 = FOLDERS.iter().map(|folder| size(&dir.join(folder))).sum();
    Found(format!("{} MB in {}", bytes >> 20, dir.display()))
}

/// The bytes of the files below a folder.
fn size(dir: &Path) -> u64 {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    let of = |entry: fs::DirEntry| match entry.metadata() {
        Ok(meta) if meta.is_dir() => size(&entry.path()),
        Ok(meta) => meta.len(),
        Err(_) => 0,
    };
    entries.map(of).sum()
}

fn go_command(session: &Session) -> Finding {
    let folder = session.env.cache_dir().map(|dir| dir.join(TOOLS));
    let entries = folder.and_then(|dir| fs::read_dir(dir).ok()).into_iter().flatten().flatten();
    match entries.map(|entry| entry.file_name()).find(|name| name.to_string_lossy().starts_with("go-")) {
        Some(_) => Found("compiled".into()),
        None => Found("to be compiled when list, mod, get, … need it first".into()),
    }
}

fn module_cache() -> Finding {
    let Some(dir) = load::module_cache() else {
        return Optional(
            "neither GOMODCACHE nor GOPATH nor HOME is set: no modules can be fetched".into(),
            "export GOMODCACHE=FOLDER".into(),
        );
    };
    let state = if dir.is_dir() { "" } else { " (made when a module is fetched first)" };
    Found(format!("{}{state}", dir.display()))
}

fn targets() -> String {
    let supported = ["amd64", "arm64"]
        .into_iter()
        .filter(|arch| golift_codegen::Target::from_goarch(arch).is_some_and(golift_link::supports));
    let names: Vec<String> = supported
        .map(|arch| format!("linux/{arch}{}", if arch == host_arch() { " (this machine)" } else { "" }))
        .collect();
    names.join(", ")
}

fn c_compiler(session: &Session) -> Finding {
    let name = session.env.text("CC").unwrap_or_else(|| "gcc".into());
    let name = name.split_whitespace().next().unwrap_or("gcc");
    program(session, name, "-ldflags=-linkmode=external needs one", "apt-get install gcc")
}

fn program(session: &Session, name: &str, without: &str, how: &str) -> Finding {
    match session.find_program(name) {
        Ok(path) => Found(path.display().to_string()),
        Err(e) => Optional(format!("{e}: {without}"), how.into()),
    }
}
