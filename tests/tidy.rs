//! Rules that hold for the whole repository; see ARCHITECTURE.md.

use std::fs;
use std::path::{Path, PathBuf};

use golift_tests::root;

/// Which crate may depend on which: the table of ARCHITECTURE.md. The driver and the tests may use all.
const EDGES: &[(&str, &[&str])] = &[
    ("compiler/syntax", &[]),
    ("compiler/types", &["syntax"]),
    ("compiler/load", &["syntax"]),
    ("compiler/check", &["syntax", "types", "load"]),
    ("compiler/ir", &[]),
    ("compiler/lower", &["syntax", "types", "ir", "abi"]),
    ("compiler/opt", &["ir"]),
    ("compiler/codegen", &["ir", "abi"]),
    ("compiler/link", &["ir", "codegen", "abi"]),
    ("runtime/abi", &[]),
    ("runtime/model", &[]),
    ("runtime/rt", &["abi"]),
];

/// A file that is longer is two files.
const LONGEST: usize = 1200;

#[test]
fn dependency_edges() {
    for (dir, allowed) in EDGES {
        let manifest = fs::read_to_string(root().join(dir).join("Cargo.toml")).unwrap();
        let mut section = String::new();
        for line in manifest.lines() {
            if line.starts_with('[') {
                section = line.trim_matches(['[', ']']).to_owned();
            }
            let name = line.split(['=', '.', ' ']).next().unwrap_or_default();
            if section == "dependencies"
                && let Some(name) = name.strip_prefix("golift-")
            {
                assert!(allowed.contains(&name), "{dir} must not depend on {name}");
            }
        }
    }
}

fn rust_files(dir: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() && !path.ends_with("target") {
            rust_files(&path, files);
        } else if path.extension().is_some_and(|e| e == "rs") {
            files.push(path);
        }
    }
}

fn all_rust_files() -> Vec<PathBuf> {
    let mut files = Vec::new();
    for dir in ["compiler", "runtime", "tests"] {
        rust_files(&root().join(dir), &mut files);
    }
    files
}

#[test]
fn file_sizes() {
    for path in all_rust_files() {
        let lines = fs::read_to_string(&path).unwrap().lines().count();
        assert!(lines <= LONGEST, "{}: {lines} lines", path.display());
    }
}

#[test]
fn modules_say_what_they_are() {
    let silent: Vec<_> = all_rust_files()
        .into_iter()
        .filter(|path| {
            let text = fs::read_to_string(path).unwrap();
            !text
                .lines()
                .take_while(|line| line.starts_with("//") || line.starts_with("#!") || line.is_empty())
                .any(|line| line.starts_with("//!"))
        })
        .collect();
    assert!(silent.is_empty(), "without a module comment: {silent:?}");
}

/// Only the loader, the linker's output, the driver and the tests touch files.
#[test]
fn no_file_io_elsewhere() {
    for path in all_rust_files() {
        let shown = path.strip_prefix(root()).unwrap().to_string_lossy().into_owned();
        let pure = ["syntax", "types", "ir", "lower", "opt", "codegen"]
            .iter()
            .any(|c| shown.starts_with(&format!("compiler/{c}/src")));
        let text = fs::read_to_string(&path).unwrap();
        assert!(!pure || !text.contains("std::fs"), "{shown} uses std::fs");
    }
}

/// Every example and every program of the suite has its expected output beside it.
#[test]
fn expected_outputs() {
    for dir in ["examples", "tests/run", "tests/fixedbugs"] {
        for path in golift_tests::programs(&root().join(dir)) {
            let is_program = !fs::read_to_string(&path).unwrap().contains("// ERROR ");
            assert!(!is_program || path.with_extension("out").is_file(), "{} has no .out", path.display());
        }
    }
}

/// What package runtime knows of golift-abi is what golift-abi says.
#[test]
fn generated_layout() {
    use golift_tests::layout;
    let written = fs::read_to_string(layout::path()).unwrap();
    assert!(written == layout::go_source(), "layout.go is not up to date: golift-tests bless layout.go");
}
