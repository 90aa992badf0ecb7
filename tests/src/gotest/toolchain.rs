//! The two compilers behind one interface, so that the same judge asks both.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;

use super::recipe::Test;
use crate::{Outcome, Streams, golift, run};

const BUILD_TIMEOUT: Duration = Duration::from_secs(300);

/// A package of a folder whose files belong to several.
pub struct Package {
    /// Its import path is `test/name`.
    pub name: String,
    pub clause: String,
    pub files: Vec<PathBuf>,
}

/// What a compiler said about a package.
#[derive(Default)]
pub struct Compiled {
    pub failed: bool,
    pub text: String,
}

/// Errors begin with `cannot start` where they say nothing about the test.
pub trait Toolchain: Sync {
    /// Compiles a file as a package of its own; there is no result.
    fn compile(&self, test: &Test, file: &Path, work: &Path) -> Result<Outcome, String>;

    /// `go build -o output files` in `dir`.
    fn build(&self, test: &Test, dir: &Path, files: &[&str], output: &Path) -> Result<Outcome, String>;

    /// Compiles packages, which may import those before them as `./name`.
    fn packages(&self, test: &Test, packages: &[Package], work: &Path) -> Result<Vec<Compiled>, String>;

    /// Makes an executable of the last of the packages that were compiled.
    fn link_last(&self, test: &Test, packages: &[Package], output: &Path, work: &Path) -> Result<Outcome, String>;
}

fn ask(command: &mut Command, test: &Test, dir: &Path) -> Result<Outcome, String> {
    command.current_dir(dir).env("PWD", dir).envs(test.env.iter().map(|(name, value)| (name, value)));
    command.env("GOFLAGS", "").env("GOWORK", "off");
    run(command, Streams::Both, BUILD_TIMEOUT).map_err(|e| format!("cannot start the compiler: {e}"))
}

pub fn cannot_start(e: std::io::Error) -> String {
    format!("cannot start: {e}")
}

/// The compiler under test.
pub struct Golift;

impl Golift {
    fn command(test: &Test, command: &str) -> Command {
        let mut golift = Command::new(golift());
        golift.arg(command);
        // Only the go command asks for complete packages.
        let mut gcflags = vec!["-e", "-complete=false"];
        for flag in &test.flags {
            let flags = flag.strip_prefix("-gcflags=").unwrap_or(flag).split(' ');
            match flag.strip_prefix("-ldflags=") {
                Some(_) => drop(golift.arg(flag)),
                None => gcflags.extend(flags.map(|f| f.strip_prefix("all=").unwrap_or(f)).filter(|f| !of_gc_only(f))),
            }
        }
        let gcflags: Vec<&str> = gcflags.into_iter().filter(|flag| *flag != "-race").collect();
        if test.flags.iter().any(|flag| flag == "-race") {
            golift.arg("-race");
        }
        golift.arg(format!("-gcflags={}", gcflags.join(" ")));
        golift
    }
}

/// Flags that change how gc does its work or checks itself, not what programs mean.
fn of_gc_only(flag: &str) -> bool {
    let names = ["-d", "-c", "-C", "-p", "-smallframes", "-+"];
    names.contains(&flag.split('=').next().unwrap_or_default())
}

impl Toolchain for Golift {
    fn compile(&self, test: &Test, file: &Path, work: &Path) -> Result<Outcome, String> {
        let text = fs::read(file).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        // More than a check where there is something to build.
        let is_program = text.lines().any(|line| line.starts_with("package main")) && text.contains("\nfunc main()");
        if is_program && !test.wants_error {
            return self.build(test, work, &[&file.to_string_lossy()], &work.join("test"));
        }
        ask(Golift::command(test, "check").arg(file), test, work)
    }

    fn build(&self, test: &Test, dir: &Path, files: &[&str], output: &Path) -> Result<Outcome, String> {
        ask(Golift::command(test, "build").arg("-o").arg(output).args(files), test, dir)
    }

    fn packages(&self, test: &Test, packages: &[Package], work: &Path) -> Result<Vec<Compiled>, String> {
        write_module(packages, work).map_err(cannot_start)?;
        let outcome = ask(Golift::command(test, "check").arg("./..."), test, work)?;
        let mut results: Vec<Compiled> = packages.iter().map(|_| Compiled::default()).collect();
        let mut current = None;
        for line in outcome.text().lines() {
            if let Some(path) = line.strip_prefix("# ") {
                current = packages.iter().position(|package| path.strip_prefix("test/") == Some(&package.name));
                continue;
            }
            // What belongs to no package is put where it will be noticed.
            let result = match current {
                Some(index) => &mut results[index],
                None => results.last_mut().ok_or("cannot start: no packages")?,
            };
            result.failed = true;
            result.text += &line.replace(NO_TEST_FILE, TEST_FILE);
            result.text.push('\n');
        }
        if outcome.code() != Some(0) && results.iter().all(|result| !result.failed) {
            return Err(format!("build: {}", outcome.ending()));
        }
        Ok(results)
    }

    fn link_last(&self, test: &Test, packages: &[Package], output: &Path, work: &Path) -> Result<Outcome, String> {
        let last = packages.last().map(|package| format!("./{}", package.name)).unwrap_or_default();
        self.build(test, work, &[&last], output)
    }
}

/// Modules keep tests apart by their names, the compiler does not.
const TEST_FILE: &str = "_test.go";
const NO_TEST_FILE: &str = "_test_.go";

/// A module `test` of the packages. Relative imports, which modules do not have, are rewritten.
fn write_module(packages: &[Package], work: &Path) -> std::io::Result<()> {
    fs::write(work.join("go.mod"), "module test\n\ngo 1.27\n")?;
    for package in packages {
        let dir = work.join(&package.name);
        fs::create_dir_all(&dir)?;
        for file in &package.files {
            let text = fs::read_to_string(file)?.replace("\"./", "\"test/");
            let name = file.file_name().unwrap_or_default().to_string_lossy();
            fs::write(dir.join(name.replace(TEST_FILE, NO_TEST_FILE)), text)?;
        }
    }
    Ok(())
}

/// gc, called as cmd/internal/testdir calls it.
pub struct Gc {
    goroot: PathBuf,
    importcfg: OnceLock<String>,
}

impl Gc {
    pub fn new(goroot: &Path) -> Gc {
        Gc { goroot: goroot.into(), importcfg: OnceLock::new() }
    }

    fn go(&self) -> Command {
        let mut command = Command::new(self.goroot.join("bin/go"));
        command.env("GOROOT", &self.goroot).env("GOTOOLCHAIN", "local").env("CGO_ENABLED", "0");
        command.env("GOFLAGS", "").env("GOWORK", "off");
        command
    }

    fn tool(&self, name: &str) -> Command {
        Command::new(self.goroot.join("pkg/tool/linux_amd64").join(name))
    }

    /// Where the compiled packages of the library are, and those of the test.
    fn importcfg(&self, packages: &[Package], work: &Path) -> Result<PathBuf, String> {
        let std = self.importcfg.get_or_init(|| {
            let format = "{{if .Export}}packagefile {{.ImportPath}}={{.Export}}{{end}}";
            let mut list = self.go();
            let list = ask(list.args(["list", "-export", "-f", format, "std"]), &Test::default(), work);
            list.map(|list| list.text()).unwrap_or_default()
        });
        let mut text = std.clone();
        for package in packages {
            text += &format!("packagefile test/{0}={1}/test/{0}.a\n", package.name, work.display());
        }
        let file = work.join("importcfg");
        fs::write(&file, text).map_err(cannot_start)?;
        Ok(file)
    }

    fn link(&self, test: &Test, object: &Path, config: &Path, output: &Path, dir: &Path) -> Result<Outcome, String> {
        let mut link = self.tool("link");
        link.args(["-s", "-w", "-buildid=test", "-o"]).arg(output).arg("-importcfg").arg(config).arg(object);
        ask(&mut link, test, dir)
    }
}

impl Toolchain for Gc {
    fn compile(&self, test: &Test, file: &Path, work: &Path) -> Result<Outcome, String> {
        let config = self.importcfg(&[], work)?;
        let mut command = self.tool("compile");
        command.args(["-p=p", "-d=panic", "-e", "-o", "a.o", "-importcfg"]).arg(config).args(&test.flags).arg(file);
        ask(&mut command, test, work)
    }

    fn build(&self, test: &Test, dir: &Path, files: &[&str], output: &Path) -> Result<Outcome, String> {
        // The go command takes much longer than its tools.
        if let [file] = files
            && file.ends_with(".go")
            && test.flags.is_empty()
            && test.env.is_empty()
            && let Some(work) = output.parent()
        {
            let config = self.importcfg(&[], work)?;
            let object = work.join("main.o");
            let mut compile = self.tool("compile");
            compile.args(["-p=main", "-importcfg"]).arg(&config).arg("-o").arg(&object).arg(file);
            let compiled = ask(&mut compile, test, dir)?;
            if compiled.code() != Some(0) {
                return Ok(compiled);
            }
            return self.link(test, &object, &config, output, dir);
        }
        ask(self.go().args(["build", "-o"]).arg(output).args(&test.flags).args(files), test, dir)
    }

    fn packages(&self, test: &Test, packages: &[Package], work: &Path) -> Result<Vec<Compiled>, String> {
        let config = self.importcfg(packages, work)?;
        fs::create_dir_all(work.join("test")).map_err(cannot_start)?;
        let mut results = Vec::new();
        for package in packages {
            let path = if package.clause == "main" { "main".into() } else { format!("test/{}", package.name) };
            let object = format!("test/{}.a", package.name);
            let mut command = self.tool("compile");
            command.args(["-e", "-D", "test", "-p", &path, "-o", &object, "-importcfg"]).arg(&config);
            let outcome = ask(command.args(&test.flags).args(&package.files), test, work)?;
            results.push(Compiled { failed: outcome.code() != Some(0), text: outcome.text() });
        }
        Ok(results)
    }

    fn link_last(&self, test: &Test, packages: &[Package], output: &Path, work: &Path) -> Result<Outcome, String> {
        let last = packages.last().map(|package| format!("test/{}.a", package.name)).unwrap_or_default();
        self.link(test, Path::new(&last), &work.join("importcfg"), output, work)
    }
}
