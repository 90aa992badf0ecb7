//! Random programs, compiled by golift and by gc, which have to agree.
//!
//! A seed gives one program of many functions. Its output goes through `print`, so that the programs need no package and compile
//! fast. Compared are the output and the exit code, up to the goroutine traces.

mod expr;
mod program;
mod rng;
mod stmt;
mod types;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::{Outcome, Streams, first_difference, gc_build, golift, in_parallel, run};

pub use program::program;

const TIMEOUT: Duration = Duration::from_secs(20);

enum Verdict {
    Agree,
    Differ(String),
    Skipped(String),
}

/// `fuzz --seed N --count M [--keep folder]`. True if golift and gc agree on all programs.
pub fn fuzz(args: &[String]) -> bool {
    let value = |name: &str| args.iter().position(|a| a == name).and_then(|i| args.get(i + 1));
    let number = |name: &str, default: u64| value(name).and_then(|v| v.parse().ok()).unwrap_or(default);
    let (seed, count) = (number("--seed", 1), number("--count", 100));
    let keep = value("--keep").map(PathBuf::from);
    if args.iter().any(|a| a == "--print") {
        println!("{}", program(seed));
        return true;
    }
    let goroot = match golift_load::find_goroot(None, &|msg| eprintln!("{msg}")) {
        Ok(goroot) => goroot,
        Err(e) => {
            eprintln!("{e}");
            return false;
        }
    };
    let seeds: Vec<u64> = (seed..seed + count).collect();
    let verdicts = in_parallel(&seeds, |seed| {
        let verdict = judge(&goroot, *seed);
        if let Verdict::Differ(reason) = &verdict {
            println!("FAIL seed {seed}: {reason}");
            if let Some(dir) = &keep {
                let _ = fs::create_dir_all(dir);
                let _ = fs::write(dir.join(format!("seed{seed}.go")), program(*seed));
            }
        }
        verdict
    });
    let mut counts = [0; 3];
    for (seed, verdict) in seeds.iter().zip(&verdicts) {
        match verdict {
            Verdict::Agree => counts[0] += 1,
            Verdict::Differ(_) => counts[1] += 1,
            Verdict::Skipped(reason) => {
                counts[2] += 1;
                println!("skipped seed {seed}: {reason}");
            }
        }
    }
    println!("{} passed, {} failed, {} skipped", counts[0], counts[1], counts[2]);
    counts[1] == 0
}

fn judge(goroot: &Path, seed: u64) -> Verdict {
    compare(goroot, seed).unwrap_or_else(|e| Verdict::Skipped(e.to_string()))
}

fn compare(goroot: &Path, seed: u64) -> std::io::Result<Verdict> {
    let work = tempfile::tempdir()?;
    let source = work.path().join("prog.go");
    fs::write(&source, program(seed))?;
    let expected = {
        let exe = work.path().join("gc");
        let built = gc_build(goroot, &source, &exe)?;
        if built.code() != Some(0) {
            let text = built.text();
            let line = text.lines().find(|line| line.contains(".go:")).unwrap_or(&text).to_owned();
            return Ok(Verdict::Skipped(line));
        }
        let outcome = run(&mut Command::new(&exe), Streams::Both, TIMEOUT)?;
        if outcome.status.is_none() || outcome.text().contains("stack overflow") {
            return Ok(Verdict::Skipped(outcome.ending()));
        }
        observable(&outcome)
    };
    for flag in ["", "-gcflags=-N"] {
        let exe = work.path().join("golift");
        let mut command = Command::new(golift());
        command.arg("build").arg("-o").arg(&exe);
        if !flag.is_empty() {
            command.arg(flag);
        }
        let built = run(command.arg(&source).current_dir(work.path()), Streams::Both, Duration::from_secs(60))?;
        if built.code() != Some(0) {
            let text = built.text();
            return Ok(Verdict::Differ(format!("build {flag}: {}", text.lines().next().unwrap_or_default())));
        }
        let outcome = observable(&run(&mut Command::new(&exe), Streams::Both, TIMEOUT)?);
        if outcome != expected {
            return Ok(Verdict::Differ(format!("{flag} {}", first_difference(&expected, &outcome))));
        }
    }
    Ok(Verdict::Agree)
}

/// What has to be the same: the output without addresses and traces, and the ending.
fn observable(outcome: &Outcome) -> String {
    let text = outcome.text();
    let mut lines = String::new();
    for line in text.lines() {
        if line.starts_with("goroutine ") && line.ends_with(':') {
            break;
        }
        // Go leaves open which operand of an expression panics first.
        let line = match line.find("runtime error") {
            Some(at) if line.contains(" error ") || line.contains("recovered") || line.contains("panic: ") => {
                &line[..at]
            }
            _ => line,
        };
        if line.starts_with("[signal ") {
            continue;
        }
        lines += line.split("(0x").next().unwrap_or_default().split(") 0x").next().unwrap_or_default();
        lines.push('\n');
    }
    lines + &outcome.ending()
}
