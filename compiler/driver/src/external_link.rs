//! `-ldflags=-linkmode=external`: another linker makes the executable.

use std::io::ErrorKind;
use std::path::Path;
use std::process::{Command, Output};

use golift_codegen::CompiledProgram;
use golift_ir::Program;
use golift_link::{LinkOptions, external_objects};

use crate::flags::Flags;
use crate::settings;
use crate::tool_flags::LinkFlags;
use crate::work_dir::{WorkDir, read_file, write_file};

/// The executable, as the linker made it.
pub fn link(
    flags: &Flags,
    link: &LinkFlags,
    program: &Program,
    compiled: &CompiledProgram,
    options: &LinkOptions,
) -> Result<Vec<u8>, String> {
    let objects = external_objects(program, compiled, options).map_err(|e| format!("golift: link: {e}"))?;
    let work = WorkDir::new(flags)?;
    let path = |name: &str| work.path().join(name);
    write_file(&path("program.o"), &objects.program)?;
    write_file(&path("runtime.o"), objects.runtime)?;
    write_file(&path("external.ld"), golift_link::SCRIPT.as_bytes())?;
    let (linker, output) = run_linker(flags, link, work.path())?;
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
fn run_linker(flags: &Flags, link: &LinkFlags, work: &Path) -> Result<(String, Output), String> {
    let wanted = link.linker.clone().or_else(|| settings::variable("CC"));
    let candidates = match &wanted {
        Some(linker) => vec![linker.as_str()],
        None => vec!["cc", "gcc", "clang", "ld"],
    };
    for linker in &candidates {
        let mut command = command(linker, link, work);
        if flags.explain {
            eprintln!("{command:?}");
        }
        match command.output() {
            Ok(output) => return Ok(((*linker).to_owned(), output)),
            Err(e) if e.kind() == ErrorKind::NotFound => {}
            Err(e) => return Err(format!("golift: link: running {linker} failed: {e}")),
        }
    }
    Err(match wanted {
        Some(linker) => {
            format!("golift: link: running {linker} failed: exec: {linker:?}: executable file not found in $PATH")
        }
        None => format!(
            "golift: link: -linkmode=external needs a linker, and none of {} is in $PATH",
            candidates.join(", ")
        ),
    })
}

fn command(linker: &str, link: &LinkFlags, work: &Path) -> Command {
    // A linker takes its flags as they are, a C compiler passes on what `-Wl,` stands before.
    let base = linker.rsplit('/').next().unwrap_or(linker);
    let is_driver = !base.split(['-', '.']).any(|part| matches!(part, "ld" | "lld" | "mold"));
    let mut words = linker.split_whitespace();
    let mut command = Command::new(words.next().unwrap_or(linker));
    command.args(words).current_dir(work);
    let mut for_linker = |flag: &str| {
        let prefix = if is_driver { "-Wl," } else { "" };
        command.arg(format!("{prefix}{flag}"));
    };
    let script = format!("--script={}", work.join("external.ld").display());
    let entry = format!("--entry={}", golift_link::ENTRY);
    for flag in [&script, &entry, "--gc-sections", "--build-id", "-znorelro", "-znoexecstack"] {
        for_linker(flag);
    }
    if link.strip_symbols {
        for_linker("--strip-all");
    } else if link.strip_debug {
        for_linker("--strip-debug");
    }
    if is_driver {
        command.args(["-no-pie", "-nostdlib", "-nostartfiles"]);
    }
    command.args(["-static", "-o", "a.out", "program.o", "runtime.o"]).args(&link.linker_flags);
    command
}
