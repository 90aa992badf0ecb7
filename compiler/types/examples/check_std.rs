//! Checks packages of the standard library (all of it without arguments; all commands for `cmd`) and reports errors and time.
//! `GOROOT` says where it is. `VERIFY=1` looks for nodes without types.

#[path = "../tests/common/mod.rs"]
mod common;
#[path = "../tests/common/verify.rs"]
mod verify;

use std::sync::Arc;
use std::time::Instant;

use golift_syntax::SourceMap;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let roots = match args.first().map(String::as_str) {
        None => common::std_packages(),
        Some("cmd") => common::cmd_packages(),
        Some(_) => args,
    };
    let threads = std::env::var("THREADS").ok().and_then(|t| t.parse().ok()).unwrap_or(2);
    let map = Arc::new(SourceMap::new());
    let start = Instant::now();
    let results = common::check_all(&map, &roots, threads);
    let time = start.elapsed();
    let mut errors = 0;
    for (path, pkg, diags) in &results {
        if pkg.is_none() {
            println!("# {path}: not checked");
        }
        if !diags.is_empty() {
            println!("# {path}");
            for d in diags.iter().take(10) {
                println!("{}", d.render(&map));
            }
        }
        errors += diags.len();
        if let (Some(pkg), true) = (pkg, std::env::var_os("VERIFY").is_some()) {
            for (pos, what) in verify::verify(*pkg) {
                println!("{}: {what}", map.position(pos));
            }
        }
    }
    let exprs = verify::EXPRS.load(std::sync::atomic::Ordering::Relaxed);
    if exprs > 0 {
        println!("{exprs} expressions verified");
    }
    println!("{} packages, {errors} errors, {:.2} s", results.len(), time.as_secs_f64());
}
