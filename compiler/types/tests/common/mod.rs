//! Packages of the distribution for tests, as the loader selects and checks them.

#![allow(dead_code)]

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use golift_check::{CheckOptions, Checked};
use golift_load::{Context, Graph, ModuleFlags, Overlay, Request};
use golift_types::Package;

pub fn goroot() -> PathBuf {
    golift_load::find_goroot(None, &|message| eprintln!("{message}")).expect("a distribution")
}

/// Loads and checks packages and all that they import, from the distribution as it is.
pub fn check_all(roots: &[String]) -> (Graph, Checked) {
    let goroot = goroot();
    let context = Context::new("linux", "amd64", Vec::new(), "").expect("a known target");
    let request = Request {
        goroot: &goroot,
        cwd: Path::new("/"),
        context: &context,
        modules: &ModuleFlags::default(),
        overlay: &Overlay::none(),
        args: roots,
        implicit: &[],
        avoid_asm: false,
        compiler: golift_load::Compiler::default(),
        tests: false,
        cover: None,
        fetcher: None,
    };
    let graph = golift_load::load(&request).expect("the distribution is complete");
    let messages: Vec<&str> = graph.errors.iter().map(|error| error.msg.as_str()).collect();
    assert!(messages.is_empty(), "{messages:?}");
    let checked = golift_check::check(&graph, CheckOptions::default());
    (graph, checked)
}

/// The packages that were checked, by import path.
pub fn by_path(graph: &Graph, checked: &Checked) -> HashMap<String, Package> {
    let all = graph.packages.iter().zip(&checked.packages);
    all.filter_map(|(loaded, result)| Some((loaded.path.clone(), result.package?))).collect()
}
