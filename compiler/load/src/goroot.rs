//! Where the Go distribution is.
//!
//! In this order: `-goroot`, `GOROOT`, what `go env GOROOT` says if its version fits, the one that golift installed (see
//! [`crate::install`]). Only distributions of the version that this compiler is made for are accepted.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use crate::context::GO_MINOR;
use crate::install;
use crate::program::find_program;
use crate::world;

/// Finds the distribution; `explicit` is the value of `-goroot`. Installs the pinned one if there is none, and
/// reports that through `message`.
pub fn find_goroot(explicit: Option<&str>, message: &dyn Fn(&str)) -> Result<PathBuf, String> {
    if let Some(dir) = explicit {
        return accept(dir, "-goroot");
    }
    match world::variable("GOROOT") {
        Some(dir) => accept(&dir.to_string_lossy(), "GOROOT"),
        None => go_on_path().map_or_else(|| install::pinned(message), Ok),
    }
}

/// The distribution that would be used, if there is one already.
pub fn existing_goroot(explicit: Option<&str>) -> Option<PathBuf> {
    let variable = || world::variable("GOROOT").map(|dir| dir.to_string_lossy().into_owned());
    let given = explicit.map(String::from).or_else(variable);
    match given {
        Some(dir) => accept(&dir, "GOROOT").ok(),
        None => go_on_path().or_else(|| install::pinned_dir().ok().filter(|dir| dir.is_dir())),
    }
}

/// The distribution of the `go` on PATH; none if that is of another version, or one that must not be run.
fn go_on_path() -> Option<PathBuf> {
    let go = find_program("go").ok()?;
    // Golift under the name of go would ask on and on.
    let is_golift = fs::canonicalize(&go).is_ok_and(|go| std::env::current_exe().is_ok_and(|golift| go == golift));
    if is_golift {
        return None;
    }
    // `local`: asking must not make it download another version.
    let asked = world::command(go).args(["env", "GOROOT"]).env("GOTOOLCHAIN", "local").stderr(Stdio::null()).output();
    let output = asked.ok().filter(|output| output.status.success())?;
    accept(String::from_utf8(output.stdout).ok()?.trim(), "go env GOROOT").ok()
}

fn accept(dir: &str, origin: &str) -> Result<PathBuf, String> {
    let path = &*world::absolute(Path::new(dir));
    let version =
        version(path).ok_or_else(|| format!("{origin}={dir}: this is no Go distribution (no VERSION file)"))?;
    let wanted = format!("go1.{GO_MINOR}");
    let fits = version.strip_prefix(&wanted).is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_digit()));
    if !fits {
        return Err(format!("{origin}={dir} is {version}, but golift needs {wanted}; unset it to use the pinned one"));
    }
    if !path.join("src/fmt").is_dir() {
        return Err(format!("{origin}={dir}: the sources of the standard library (src/) are missing"));
    }
    fs::canonicalize(path).map_err(|e| format!("{origin}={dir}: {e}"))
}

/// The version of a distribution: `go1.27.3`.
pub fn version(goroot: &Path) -> Option<String> {
    let text = fs::read_to_string(goroot.join("VERSION")).ok()?;
    text.lines().next().map(|line| line.trim().to_owned()).filter(|line| line.starts_with("go"))
}
