//! Modules that are not in the module cache: the loader names them, the go command gets them.
//!
//! That is cmd/go as golift compiles it: it knows proxies, checksum databases, version control and credentials. It gets all that it is asked
//! for at once, several modules at a time.

use std::collections::HashMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::Ordering;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use std::{io, thread};

use golift_load::{FetchModules, Wanted};
use serde::Deserialize;

use crate::cli::flags::Flags;
use crate::environment::Environment;
use crate::failure::Failure;
use crate::go_command;
use crate::progress::{Progress, clear_line};
use crate::session::Session;

/// Gets modules for a session.
pub fn fetcher(session: &Session, goroot: &Path) -> Arc<dyn FetchModules> {
    let writable = session.flags.writable_modules;
    Arc::new(Fetcher { env: session.env.clone(), goroot: goroot.to_owned(), writable, session: OnceLock::new() })
}

struct Fetcher {
    env: Environment,
    goroot: PathBuf,
    /// `-modcacherw`
    writable: bool,
    /// Begins with the first module that is missing.
    session: OnceLock<Session>,
}

/// What `mod download -json` says of a module.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Downloaded {
    path: String,
    version: String,
    #[serde(default)]
    error: String,
}

impl FetchModules for Fetcher {
    fn go_mods(&self, dir: Option<&Path>, cache: &Path) {
        if let Ok(mut command) = self.command(&["graph"], dir, cache) {
            let _what_stays_missing_is_asked_for_by_name = command.output();
        }
    }

    fn modules(&self, wanted: &[Wanted], dir: Option<&Path>, cache: &Path) -> Vec<Result<(), String>> {
        clear_line();
        for module in wanted.iter().filter(|module| !module.zip.exists()) {
            eprintln!("go: downloading {} {}", module.path, module.version);
        }
        let names: Vec<String> = wanted.iter().map(|module| format!("{}@{}", module.path, module.version)).collect();
        let args: Vec<&str> = ["download", "-json"].into_iter().chain(names.iter().map(String::as_str)).collect();
        let output = self.command(&args, dir, cache).and_then(|mut command| {
            let child = command.spawn().map_err(|e| format!("golift: cannot run the go command: {e}"))?;
            self.wait(child, wanted).map_err(|e| format!("golift: the go command: {e}"))
        });
        let (stdout, stderr) = match output {
            Ok(output) => output,
            Err(msg) => return vec![Err(msg); wanted.len()],
        };
        let mut said: HashMap<(String, String), String> = HashMap::new();
        for module in serde_json::Deserializer::from_slice(&stdout).into_iter::<Downloaded>().map_while(Result::ok) {
            said.insert((module.path, module.version), module.error);
        }
        // Where there is no word of a module, everything has ended at something else.
        let stderr = String::from_utf8_lossy(&stderr);
        let stderr = stderr.trim();
        let stderr = stderr.strip_prefix("go: ").unwrap_or(stderr);
        let result = |module: &Wanted| {
            let error = said.get(&(module.path.clone(), module.version.clone())).map_or(stderr, String::as_str);
            match error {
                "" if said.is_empty() => Err("the go command did not get it".to_owned()),
                "" => Ok(()),
                error => Err(error.to_owned()),
            }
        };
        wanted.iter().map(result).collect()
    }
}

impl Fetcher {
    /// `go mod` with arguments, which ask for modules whatever is built for which target.
    fn command(&self, args: &[&str], dir: Option<&Path>, cache: &Path) -> Result<Command, String> {
        let flags = || Flags { goroot: Some(self.goroot.clone()), ..Flags::default() };
        let session = self.session.get_or_init(|| Session::new(self.env.clone(), flags()));
        let words: Vec<OsString> = args.iter().map(OsString::from).collect();
        let mut command =
            session.within(|| go_command::command(session, "mod", &words)).map_err(|failure| match failure {
                Failure::Message(msg) | Failure::Usage(msg) => msg,
                Failure::Reported => "golift: the go command cannot be built".to_owned(),
            })?;
        command.env("GOFLAGS", if self.writable { "-modcacherw" } else { "" }).env("GOMODCACHE", cache);
        for name in ["GOOS", "GOARCH", "GOEXPERIMENT"] {
            command.env_remove(name);
        }
        if let Some(dir) = dir {
            command.current_dir(dir).env("PWD", dir);
        }
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        Ok(command)
    }

    /// Waits for the go command, and shows how many modules are there; gives what it prints.
    fn wait(&self, child: Child, wanted: &[Wanted]) -> io::Result<(Vec<u8>, Vec<u8>)> {
        let progress = Progress::new(false);
        let counter = progress.count_whole("downloading");
        counter.total.store(wanted.len(), Ordering::Relaxed);
        thread::scope(|scope| {
            let output = scope.spawn(|| child.wait_with_output());
            while !output.is_finished() {
                let done = wanted.iter().filter(|module| module.dir.exists()).count();
                counter.done.store(done, Ordering::Relaxed);
                thread::sleep(Duration::from_millis(5));
            }
            let output = output.join().unwrap_or_else(|_| Err(io::Error::other("the waiting thread has died")))?;
            Ok((output.stdout, output.stderr))
        })
    }
}
