//! Random programs, compiled by golift and by gc, which have to agree.
//!
//! A seed gives one program of many functions. Its output goes through `print`. Compared are the output and the exit code, up to the
//! goroutine traces. Since linking takes most of the time, many programs are built together, as packages of one module
//! whose `main` runs the one that it is told to; each still runs as a process of its own. What differs is judged again alone.

mod batch;
mod concurrency;
mod containers;
mod declare;
mod expr;
mod order;
mod panics;
mod program;
mod reduce;
pub(crate) mod rng;
mod stmt;
mod types;

use std::fs;
use std::path::PathBuf;
use std::sync::Mutex;
use std::time::Instant;

use crate::in_parallel;
use batch::{Toolchains, Verdict};
use program::{Form, program};

/// Programs that are built together.
const BATCH: u64 = 40;

/// `fuzz [--seed N] [--count M] [--keep folder] [--print] [--reduce file.go]`. True if golift and gc agree on all programs.
pub fn fuzz(args: &[String]) -> bool {
    let value = |name: &str| args.iter().position(|a| a == name).and_then(|i| args.get(i + 1));
    let number = |name: &str, default: u64| value(name).and_then(|v| v.parse().ok()).unwrap_or(default);
    let (seed, count) = (number("--seed", 1), number("--count", 100));
    if args.iter().any(|a| a == "--print") {
        println!("{}", program(seed, Form::Alone));
        return true;
    }
    let tools = match Toolchains::find() {
        Ok(tools) => tools,
        Err(e) => {
            eprintln!("{e}");
            return false;
        }
    };
    if let Some(file) = value("--reduce") {
        return reduce::reduce(&tools, &PathBuf::from(file));
    }
    let keep = value("--keep").map(PathBuf::from);
    let seeds: Vec<u64> = (seed..seed + count).collect();
    let batches: Vec<&[u64]> = seeds.chunks(BATCH as usize).collect();
    let (counts, start) = (Mutex::new([0; 3]), Instant::now());
    in_parallel(&batches, |seeds| {
        let verdicts = if let [seed] = seeds { vec![tools.judge(*seed)] } else { tools.judge_batch(seeds) };
        let mut counts = counts.lock().expect("no worker panicked");
        for (seed, verdict) in seeds.iter().zip(verdicts) {
            match verdict {
                Verdict::Agree => counts[0] += 1,
                Verdict::Differ(reason) => {
                    counts[1] += 1;
                    println!("FAIL seed {seed}: {reason}");
                    if let Some(dir) = &keep {
                        let _ = fs::create_dir_all(dir);
                        let _ = fs::write(dir.join(format!("seed{seed}.go")), program(*seed, Form::Alone));
                    }
                }
                Verdict::Skipped(reason) => {
                    counts[2] += 1;
                    println!("skipped seed {seed}: {reason}");
                }
            }
        }
        let rate = counts.iter().sum::<usize>() as f64 / start.elapsed().as_secs_f64();
        println!("{} agree, {} differ, {} skipped ({rate:.1} a second)", counts[0], counts[1], counts[2]);
    });
    let counts = counts.into_inner().expect("no worker panicked");
    println!("seeds {seed} to {}: {} agree, {} differ, {} skipped", seed + count - 1, counts[0], counts[1], counts[2]);
    counts[1] == 0
}
