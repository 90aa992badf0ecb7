//! `-ldflags=-linkmode=external`: another linker makes the executable.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::process::{Command, Output};

use golift_codegen::CompiledProgram;
use golift_ir::Program;
use golift_link::{LinkOptions, external_objects};

use crate::session::Session;
use crate::tool_flags::LinkFlags;
use crate::work_dir::{read_file, write_file};

/// The executable, as the linker made it.
pub fn link(
    session: &Session,
    link: &LinkFlags,
    program: &Program,
    compiled: &CompiledProgram,
    options: &LinkOptions,
) -> Result<Vec<u8>, String> {
    let objects = external_objects(program, compiled, options).map_err(|e| format!("golift: link: {e}"))?;
    let work = session.work_dir()?;
    let path = |name: &str| work.join(name);
    write_file(&path("program.o"), &objects.program)?;
    write_file(&path("runtime.o"), objects.runtime)?;
    write_file(&path("external.ld"), golift_link::SCRIPT.as_bytes())?;
    let (linker, output) = run_linker(session, link, work)?;
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8_lossy(&text);
    if !output.status.success() {
        return Err(format!("golift: link: running {linker} failed: {}\n{}", describe(output.status), text.trim_end()));
    }
    if !text.is_empty() {
        eprint!("{text}");
    }
    read_file(&path("a.out"))
}

fn describe(status: std::process::ExitStatus) -> String {
    status.code().map_or_else(|| status.to_string(), |code| format!("exit status {code}"))
}

/// Runs the linker that was asked for, else the first that is there.
fn run_linker(session: &Session, link: &LinkFlags, work: &Path) -> Result<(String, Output), String> {
    let variable = session.env.os("CC").map(OsStr::to_owned);
    let wanted = link.linker.clone().or(variable);
    let candidates = match &wanted {
        Some(linker) => vec![linker.as_os_str()],
        None => ["cc", "gcc", "clang", "ld"].map(OsStr::new).to_vec(),
    };
    for linker in &candidates {
        let shown = linker.to_string_lossy();
        let mut words = linker.as_bytes().split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
        let name = String::from_utf8_lossy(words.next().unwrap_or_default());
        let program = match session.find_program(&name) {
            Ok(program) => program,
            Err(_) if wanted.is_none() => continue,
            Err(e) => return Err(format!("golift: link: running {shown} failed: {e}")),
        };
        let mut command = Command::new(&program);
        command.args(words.map(OsStr::from_bytes)).args(arguments(Path::new(&*name), link, work));
        command.current_dir(work).env("PWD", work);
        if session.flags.explain {
            eprintln!("{command:?}");
        }
        let output = command.output().map_err(|e| format!("golift: link: running {shown} failed: {e}"))?;
        return Ok((shown.into_owned(), output));
    }
    let names: Vec<String> = candidates.iter().map(|name| name.to_string_lossy().into_owned()).collect();
    Err(format!("golift: link: -linkmode=external needs a linker, and none of {} is in $PATH", names.join(", ")))
}

/// The arguments for a linker, or for a C compiler that passes them on.
fn arguments(linker: &Path, link: &LinkFlags, work: &Path) -> Vec<OsString> {
    let base = linker.file_name().unwrap_or_default().to_string_lossy();
    // A linker takes its flags as they are, a C compiler passes on what `-Wl,` stands before.
    let is_driver = !base.split(['-', '.']).any(|part| matches!(part, "ld" | "lld" | "mold"));
    let script = format!("--script={}", work.join("external.ld").display());
    let entry = format!("--entry={}", golift_link::ENTRY);
    let mut flags = vec![&*script, &entry, "--gc-sections", "--build-id", "-znorelro", "-znoexecstack"];
    if link.strip_symbols {
        flags.push("--strip-all");
    } else if link.strip_debug {
        flags.push("--strip-debug");
    }
    let prefix = if is_driver { "-Wl," } else { "" };
    let mut arguments: Vec<OsString> = flags.iter().map(|flag| format!("{prefix}{flag}").into()).collect();
    if is_driver {
        arguments.extend(["-no-pie", "-nostdlib", "-nostartfiles"].map(OsString::from));
    }
    arguments.extend(["-static", "-o", "a.out", "program.o", "runtime.o"].map(OsString::from));
    arguments.extend(link.linker_flags.iter().cloned());
    arguments
}
