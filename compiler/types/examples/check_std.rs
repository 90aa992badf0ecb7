//! Checks packages of the standard library (all of it without arguments) and reports errors and time.
//! `GOROOT` says where it is.

#[path = "../tests/common/mod.rs"]
mod common;

use std::sync::Arc;
use std::time::Instant;

use golift_syntax::SourceMap;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let roots = if args.is_empty() { common::std_packages() } else { args };
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
    }
    println!("{} packages, {errors} errors, {:.2} s", results.len(), time.as_secs_f64());
}
