//! Golift under the names of Go's programs.
//!
//! The go command that golift compiles starts `go` again, `gofmt`, and tools like `compile`, which it asks for their version. In folders of
//! golift's cache these names are links to golift itself, which sees by the name it was started with what is wanted.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use golift_load as load;

use crate::cache::TOOLS;
use crate::environment::host_arch;
use crate::failure::Failure;
use crate::session::Session;

/// Tools that a distribution has ready, as `go tool` lists them. The others are compiled when they are asked for.
const READY_TOOLS: [&str; 8] = ["asm", "cgo", "compile", "cover", "fix", "link", "preprofile", "vet"];

/// Folders with links to golift.
pub struct Shims {
    /// What a distribution has in `bin`.
    pub bin: PathBuf,
    /// What it has in `pkg/tool/GOOS_GOARCH`.
    pub tools: PathBuf,
}

impl Shims {
    /// The folders, made if need be.
    pub fn new(session: &Session) -> Result<Shims, Failure> {
        let exe = std::env::current_exe().map_err(|e| format!("golift: cannot find its own executable: {e}"))?;
        let key = blake3::hash(exe.as_os_str().as_encoded_bytes()).to_hex();
        let name = format!("shims-{}", &key[..16]);
        let kept = session.env.cache_dir().map(|dir| dir.join(TOOLS).join(&name));
        if let Some(shims) = kept.and_then(|dir| Shims::in_folder(&dir, &exe).ok()) {
            return Ok(shims);
        }
        let dir = session.work_dir()?.join(name);
        Shims::in_folder(&dir, &exe)
            .map_err(|e| Failure::Message(format!("golift: {}: {}", dir.display(), load::describe(&e))))
    }

    fn in_folder(dir: &Path, exe: &Path) -> io::Result<Shims> {
        let shims = Shims { bin: dir.join("bin"), tools: dir.join(format!("tool/linux_{}", host_arch())) };
        for (folder, names) in [(&shims.bin, &["go", "gofmt"][..]), (&shims.tools, &READY_TOOLS[..])] {
            fs::create_dir_all(folder)?;
            for name in names {
                match symlink(exe, folder.join(name)) {
                    // The folder is named after where the link leads.
                    Err(e) if e.kind() != io::ErrorKind::AlreadyExists => return Err(e),
                    _ => {}
                }
            }
        }
        Ok(shims)
    }
}

/// Is golift in the place of the go command?
pub fn is_go(program: Option<&OsStr>) -> bool {
    program.is_some_and(|program| Path::new(program).file_name() == Some(OsStr::new("go")))
}

/// The tool that golift has been started as, if it has.
pub fn started_as(program: Option<&OsStr>) -> Option<&'static str> {
    let name = Path::new(program?).file_name()?;
    READY_TOOLS.into_iter().chain(["gofmt"]).find(|tool| *tool == name)
}
