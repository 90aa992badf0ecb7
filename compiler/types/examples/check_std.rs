//! Checks packages of the standard library (`std` without arguments) and looks for nodes that got no type.

#[path = "../tests/common/mod.rs"]
mod common;
#[path = "../tests/common/verify.rs"]
mod verify;

use std::sync::atomic::Ordering;

fn main() {
    let mut args: Vec<String> = std::env::args().skip(1).collect();
    if args.is_empty() {
        args.push("std".into());
    }
    let (graph, checked) = common::check_all(&args);
    for (loaded, result) in graph.packages.iter().zip(&checked.packages) {
        for error in &result.errors {
            println!("{}: {}", loaded.path, error.render(&graph.sources));
        }
        for (pos, what) in result.package.map(verify::verify).unwrap_or_default() {
            println!("{}: {what}", graph.sources.position(pos));
        }
    }
    println!("{} packages, {} expressions", graph.packages.len(), verify::EXPRS.load(Ordering::Relaxed));
}
