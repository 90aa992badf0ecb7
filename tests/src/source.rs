//! The programs that the suite compiles, and what they ask for.
//!
//! A program is a Go file, or several packages in one `.txt` file: files each under a line `-- path --`, the main package in the root of a
//! module `test` (without a go.mod one is made up). Lines of either ask for something:
//!
//! * `// -lang=go1.N`, as the first of a Go file: that version of the language;
//! * `// flags …`: flags for the compiler; `// env NAME=value`: a variable for it;
//! * `// exit N`: the exit code that the program ends with.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::{Outcome, Streams, files_with, golift, run};

/// What a compiler is asked to compile. A module that was made up lives as long as this does.
#[derive(Default)]
pub struct Source {
    /// Where the compiler runs.
    pub dir: PathBuf,
    /// What it is told, a path or `.`.
    pub target: PathBuf,
    flags: Vec<String>,
    env: Vec<(String, String)>,
    _module: Option<tempfile::TempDir>,
}

impl Source {
    pub fn file(path: &Path) -> Source {
        Source { dir: path.parent().unwrap_or(Path::new(".")).into(), target: path.into(), ..Source::default() }
    }

    pub fn prepare(path: &Path, text: &str) -> io::Result<Source> {
        let version = text.lines().next().and_then(|line| line.strip_prefix("// -lang=go")).map(str::trim);
        let files = if path.extension().is_some_and(|e| e == "txt") {
            split_files(text)
        } else if version.is_some() {
            // Files named on the command line are of the newest version, wherever they are.
            vec![(path.file_name().unwrap_or_default().to_string_lossy().into_owned(), text.to_owned())]
        } else {
            Vec::new()
        };
        let mut source = if files.is_empty() { Source::file(path) } else { Source::module(&files, version)? };
        for line in text.lines() {
            if let Some(flags) = line.strip_prefix("// flags ") {
                source.flags.extend(flags.split_whitespace().map(str::to_owned));
            } else if let Some((name, value)) = line.strip_prefix("// env ").and_then(|rest| rest.split_once('=')) {
                source.env.push((name.to_owned(), value.to_owned()));
            }
        }
        Ok(source)
    }

    fn module(files: &[(String, String)], version: Option<&str>) -> io::Result<Source> {
        let module = tempfile::tempdir()?;
        let dir = module.path();
        if files.iter().all(|(name, _)| name != "go.mod") {
            fs::write(dir.join("go.mod"), format!("module test\n\ngo {}\n", version.unwrap_or("1.27")))?;
        }
        for (name, text) in files {
            let path = dir.join(name);
            fs::create_dir_all(path.parent().unwrap_or(dir))?;
            fs::write(path, text)?;
        }
        Ok(Source { dir: dir.into(), target: ".".into(), _module: Some(module), ..Source::default() })
    }

    fn arguments(&self, command: &mut Command, output: &Path) {
        command.arg("build").arg("-o").arg(output).args(&self.flags).arg(&self.target).current_dir(&self.dir);
        command.envs(self.env.iter().map(|(name, value)| (name, value)));
    }
}

/// The file name on a line `-- name --`.
pub fn file_marker(line: &str) -> Option<&str> {
    line.strip_prefix("-- ")?.trim_end().strip_suffix(" --")
}

fn split_files(text: &str) -> Vec<(String, String)> {
    let mut files: Vec<(String, String)> = Vec::new();
    for line in text.split_inclusive('\n') {
        match (file_marker(line), files.last_mut()) {
            (Some(name), _) => files.push((name.to_owned(), String::new())),
            (None, Some((_, contents))) => contents.push_str(line),
            (None, None) => {}
        }
    }
    files
}

/// Runs `golift build`.
pub fn build(source: &Source, output: &Path) -> io::Result<Outcome> {
    let mut command = Command::new(golift());
    source.arguments(&mut command, output);
    run(&mut command, Streams::Both, Duration::from_secs(120))
}

/// Runs `go build` of a distribution.
pub fn gc_build(goroot: &Path, source: &Source, output: &Path) -> io::Result<Outcome> {
    let mut command = Command::new(goroot.join("bin/go"));
    source.arguments(&mut command, output);
    command.env("GOROOT", goroot).env("GOTOOLCHAIN", "local").env("CGO_ENABLED", "0").env_remove("GOFLAGS");
    run(&mut command, Streams::Both, Duration::from_secs(300))
}

/// The programs of a folder, sorted.
pub fn programs(dir: &Path) -> Vec<PathBuf> {
    files_with(dir, &["go", "txt"])
}

/// The Go files of a folder, sorted.
pub fn go_files(dir: &Path) -> Vec<PathBuf> {
    files_with(dir, &["go"])
}

/// The exit code that a program says it ends with; 0 without.
pub fn expected_exit(source: &str) -> i32 {
    source.lines().find_map(|line| line.strip_prefix("// exit ")?.trim().parse().ok()).unwrap_or(0)
}
