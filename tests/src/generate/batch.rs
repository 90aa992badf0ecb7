//! Building programs with both toolchains, and comparing what they do.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use super::program::{Form, program};
use crate::{Outcome, Streams, first_difference, golift, run};

const TIMEOUT: Duration = Duration::from_secs(20);
const BUILD_TIMEOUT: Duration = Duration::from_secs(300);

const NIL: &str = "invalid memory address or nil pointer dereference";

pub enum Verdict {
    Agree,
    Differ(String),
    /// gc does not compile it, or it does not end.
    Skipped(String),
}

/// gc's tools, called without the `go` command: it takes longer than they do, and keeps everything.
pub struct Toolchains {
    goroot: PathBuf,
    compile: PathBuf,
    link: PathBuf,
    /// Where the compiled packages of the library are.
    importcfg: String,
}

/// How golift and gc are asked to compile.
#[derive(Clone, Copy)]
pub struct Mode {
    gc_optimises: bool,
    golift_flag: Option<&'static str>,
}

impl Toolchains {
    pub fn find() -> Result<Toolchains, String> {
        let goroot = golift_load::find_goroot(None, &|msg| eprintln!("{msg}")).map_err(|e| e.to_string())?;
        let go = |args: &[&str]| -> Result<String, String> {
            let mut command = Command::new(goroot.join("bin/go"));
            command.env("GOROOT", &goroot).env("GOTOOLCHAIN", "local").env("CGO_ENABLED", "0").env_remove("GOFLAGS");
            let outcome = run(command.args(args), Streams::Stdout, BUILD_TIMEOUT).map_err(|e| format!("go: {e}"))?;
            if outcome.code() == Some(0) { Ok(outcome.text()) } else { Err(format!("go: {}", outcome.ending())) }
        };
        let format = "{{if .Export}}packagefile {{.ImportPath}}={{.Export}}{{end}}";
        let importcfg = go(&["list", "-export", "-deps", "-f", format, "os", "sync", "runtime"])?;
        let tool = |name: &str| go(&["tool", "-n", name]).map(|path| PathBuf::from(path.trim()));
        let (compile, link) = (tool("compile")?, tool("link")?);
        Ok(Toolchains { goroot, compile, link, importcfg })
    }

    /// One program, as it stands.
    pub fn judge(&self, seed: u64) -> Verdict {
        let text = program(seed, Form::Alone);
        let judged = tempfile::tempdir().and_then(|work| self.judge_text(work.path(), &text));
        judged.unwrap_or_else(|e| Verdict::Skipped(e.to_string()))
    }

    pub fn judge_text(&self, work: &Path, text: &str) -> io::Result<Verdict> {
        let source = work.join("prog.go");
        fs::write(&source, text)?;
        fs::write(work.join("go.mod"), "module gen\n\ngo 1.27\n")?;
        let cfg = work.join("importcfg");
        fs::write(&cfg, &self.importcfg)?;
        let exe = match self.build_gc(work, &cfg, &source, true)? {
            Ok(exe) => exe,
            Err(e) => return Ok(Verdict::Skipped(e)),
        };
        let outcome = run(&mut Command::new(&exe), Streams::Both, TIMEOUT)?;
        if outcome.status.is_none() || outcome.text().contains("stack overflow") {
            return Ok(Verdict::Skipped(outcome.ending()));
        }
        let expected = observable(&outcome);
        for flag in [None, Some("-gcflags=all=-N")] {
            let name = flag.unwrap_or_default();
            let exe = work.join("golift");
            if let Err(e) = build_golift(work, &source, flag, &exe)? {
                return Ok(Verdict::Differ(format!("build {name}: {e}")));
            }
            let outcome = observable(&run(&mut Command::new(&exe), Streams::Both, TIMEOUT)?);
            if outcome != expected {
                let difference = first_difference(&expected, &outcome);
                // gc's optimiser has bugs of its own.
                if let Ok(exe) = self.build_gc(work, &cfg, &source, false)?
                    && observable(&run(&mut Command::new(&exe), Streams::Both, TIMEOUT)?) == outcome
                {
                    return Ok(Verdict::Skipped(format!("gc -N agrees, but gc does not: {difference}")));
                }
                return Ok(Verdict::Differ(format!("{name} {difference}")));
            }
        }
        Ok(Verdict::Agree)
    }

    /// gc's executable of one file, or its errors.
    fn build_gc(&self, work: &Path, cfg: &Path, source: &Path, optimise: bool) -> io::Result<Result<PathBuf, String>> {
        let (archive, exe) = (work.join("main.a"), work.join("gc"));
        if let Err(e) = self.compile(cfg, "main", source, &archive, optimise)? {
            return Ok(Err(e));
        }
        self.link(cfg, &archive, &exe)?;
        Ok(Ok(exe))
    }

    /// Programs built together.
    pub fn judge_batch(&self, seeds: &[u64]) -> Vec<Verdict> {
        let mode = Mode {
            gc_optimises: seeds[0] / super::BATCH % 8 == 7,
            golift_flag: (seeds[0] / super::BATCH % 4 == 1).then_some("-gcflags=all=-N"),
        };
        let judged = tempfile::tempdir().and_then(|work| self.try_batch(work.path(), seeds, mode));
        // Whatever went wrong with the batch, a part of it tells more.
        judged.unwrap_or_else(|_| match seeds {
            [seed] => vec![self.judge(*seed)],
            _ => {
                let (first, second) = seeds.split_at(seeds.len() / 2);
                let mut verdicts = self.judge_batch(first);
                verdicts.extend(self.judge_batch(second));
                verdicts
            }
        })
    }

    fn try_batch(&self, work: &Path, seeds: &[u64], mode: Mode) -> io::Result<Vec<Verdict>> {
        fs::write(work.join("go.mod"), "module gen\n\ngo 1.27\n")?;
        let cfg = work.join("importcfg");
        fs::write(&cfg, &self.importcfg)?;
        let mut whole = self.importcfg.clone();
        let mut refused: HashMap<u64, String> = HashMap::new();
        let (mut imports, mut cases) = (String::new(), String::new());
        for &seed in seeds {
            let dir = work.join(format!("p{seed}"));
            fs::create_dir(&dir)?;
            let source = dir.join("prog.go");
            fs::write(&source, program(seed, Form::Package))?;
            let archive = work.join(format!("p{seed}.a"));
            if let Err(e) = self.compile(&cfg, &format!("gen/p{seed}"), &source, &archive, mode.gc_optimises)? {
                refused.insert(seed, e);
                continue;
            }
            let _ = writeln!(whole, "packagefile gen/p{seed}={}", archive.display());
            let _ = writeln!(imports, "import \"gen/p{seed}\"");
            let _ = writeln!(cases, "\tcase \"{seed}\":\n\t\tp{seed}.Main()");
        }
        let main = work.join("main.go");
        let text = format!(
            "package main\n\nimport \"os\"\n{imports}\nfunc main() {{\n\tswitch os.Args[1] {{\n{cases}\t}}\n}}\n"
        );
        fs::write(&main, text)?;
        fs::write(&cfg, &whole)?;
        let archive = work.join("main.a");
        self.compile(&cfg, "main", &main, &archive, true)?.map_err(io::Error::other)?;
        let (gc, ours) = (work.join("gc"), work.join("golift"));
        self.link(&cfg, &archive, &gc)?;
        build_golift(work, Path::new("."), mode.golift_flag, &ours)?.map_err(io::Error::other)?;
        seeds
            .iter()
            .map(|seed| match refused.remove(seed) {
                Some(reason) => Ok(Verdict::Skipped(reason)),
                None => self.compare(&gc, &ours, *seed),
            })
            .collect()
    }

    fn compare(&self, gc: &Path, ours: &Path, seed: u64) -> io::Result<Verdict> {
        let outcome = run(Command::new(gc).arg(seed.to_string()), Streams::Both, TIMEOUT)?;
        if outcome.status.is_none() || outcome.text().contains("stack overflow") {
            return Ok(Verdict::Skipped(outcome.ending()));
        }
        let expected = observable(&outcome);
        let got = observable(&run(Command::new(ours).arg(seed.to_string()), Streams::Both, TIMEOUT)?);
        if got == expected {
            return Ok(Verdict::Agree);
        }
        let difference = first_difference(&expected, &got);
        Ok(match self.judge(seed) {
            Verdict::Differ(reason) => Verdict::Differ(reason),
            _ => Verdict::Differ(format!("only together with its neighbours: {difference}")),
        })
    }

    fn compile(
        &self,
        cfg: &Path,
        package: &str,
        source: &Path,
        archive: &Path,
        optimise: bool,
    ) -> io::Result<Result<(), String>> {
        let mut command = Command::new(&self.compile);
        // A compiler that lives for a fraction of a second needs no garbage collection.
        command.env("GOROOT", &self.goroot).env("GOGC", "off").args(["-c=1", "-complete", "-dwarf=false"]);
        if !optimise {
            command.args(["-N", "-l"]);
        }
        command.args(["-lang=go1.27", "-p", package, "-importcfg"]).arg(cfg).arg("-o").arg(archive).arg(source);
        outcome_of(&run(&mut command, Streams::Both, BUILD_TIMEOUT)?)
    }

    fn link(&self, cfg: &Path, archive: &Path, exe: &Path) -> io::Result<()> {
        let mut command = Command::new(&self.link);
        command.env("GOROOT", &self.goroot).args(["-s", "-w", "-importcfg"]).arg(cfg).arg("-o").arg(exe).arg(archive);
        outcome_of(&run(&mut command, Streams::Both, BUILD_TIMEOUT)?)?.map_err(io::Error::other)
    }
}

/// The first line with a position, or of whatever it says, if a compiler failed.
fn outcome_of(outcome: &Outcome) -> io::Result<Result<(), String>> {
    if outcome.code() == Some(0) {
        return Ok(Ok(()));
    }
    let text = outcome.text();
    let line = text.lines().find(|line| line.contains(".go:")).or(text.lines().next());
    Ok(Err(line.map_or_else(|| outcome.ending(), str::to_owned)))
}

fn build_golift(work: &Path, what: &Path, flag: Option<&str>, exe: &Path) -> io::Result<Result<(), String>> {
    let mut command = Command::new(golift());
    command.arg("build").arg("-o").arg(exe).args(flag).arg(what).current_dir(work);
    outcome_of(&run(&mut command, Streams::Both, BUILD_TIMEOUT)?)
}

/// What has to be the same: the output without addresses and traces, and the ending.
fn observable(outcome: &Outcome) -> String {
    let text = outcome.text();
    let mut lines = String::new();
    let mut exact = false;
    for line in text.lines() {
        if line.starts_with("goroutine ") && line.ends_with(':') {
            break;
        }
        exact |= line == "exact ending";
        // Go leaves open which operand of an expression panics first.
        let line = match line.find("runtime error") {
            Some(at)
                if !exact && (line.contains(" error ") || line.contains("recovered") || line.contains("panic: ")) =>
            {
                &line[..at]
            }
            _ => line,
        };
        if line.starts_with("[signal ") {
            continue;
        }
        // Whether the wrapper of a value method is called depends on what the compiler knows of the receiver.
        let line = match (line.find("value method "), line.find(" called using nil *")) {
            (Some(start), Some(end)) if exact || line.starts_with("exact") => &format!(
                "{}runtime error: {NIL}{}",
                &line[..start],
                &line[end..].split_once(" pointer").map_or("", |p| p.1)
            ),
            (Some(start), Some(_)) => &line[..start],
            _ => line,
        };
        lines += line.split("(0x").next().unwrap_or_default().split(") 0x").next().unwrap_or_default();
        lines.push('\n');
    }
    lines + &outcome.ending()
}
