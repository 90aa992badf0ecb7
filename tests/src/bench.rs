//! The benchmark: programs compiled by both toolchains, run in turns, best times compared.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::{Source, Streams, build, gc_build, go_files, root, run};

const ROUNDS: usize = 5;

/// Runs the programs of tests/bench whose name contains one of `filters`. True if all ran and agreed with gc.
pub fn bench(filters: &[String]) -> bool {
    let goroot = match golift_load::find_goroot(None, &|msg| eprintln!("{msg}")) {
        Ok(goroot) => goroot,
        Err(e) => {
            eprintln!("{e}");
            return false;
        }
    };
    println!("{:16} {:>10} {:>10} {:>8}", "", "golift", "gc", "ratio");
    let mut good = true;
    for source in go_files(&root().join("tests/bench")) {
        let name = source.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        if !filters.is_empty() && !filters.iter().any(|filter| name.contains(filter.as_str())) {
            continue;
        }
        match measure(&goroot, &source) {
            Ok((ours, theirs)) => {
                let ratio = ours.as_secs_f64() / theirs.as_secs_f64();
                println!("{name:16} {:8.3} s {:8.3} s {ratio:8.2}", ours.as_secs_f64(), theirs.as_secs_f64());
            }
            Err(reason) => {
                good = false;
                println!("{name:16} {reason}");
            }
        }
    }
    good
}

fn measure(goroot: &Path, source: &Path) -> Result<(Duration, Duration), String> {
    let work = tempfile::tempdir().map_err(|e| e.to_string())?;
    let (ours, theirs) = (work.path().join("golift"), work.path().join("gc"));
    let source = Source::file(source);
    for (name, built) in [("golift", build(&source, &ours)), ("gc", gc_build(goroot, &source, &theirs))] {
        let built = built.map_err(|e| format!("{name}: {e}"))?;
        if built.code() != Some(0) {
            return Err(format!("{name}: {}: {}", built.ending(), built.text().lines().next().unwrap_or_default()));
        }
    }
    let mut best = [Duration::MAX; 2];
    let mut output = None;
    for _ in 0..ROUNDS {
        for (slot, program) in best.iter_mut().zip([&ours, &theirs]) {
            let outcome = run(&mut Command::new(program), Streams::Stdout, Duration::from_secs(120));
            let outcome = outcome.map_err(|e| e.to_string())?;
            if outcome.code() != Some(0) {
                return Err(outcome.ending());
            }
            if *output.get_or_insert_with(|| outcome.output.clone()) != outcome.output {
                return Err("outputs differ".into());
            }
            *slot = (*slot).min(outcome.time);
        }
    }
    Ok((best[0], best[1]))
}
