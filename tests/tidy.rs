//! Rules that hold for the whole repository; see ARCHITECTURE.md.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use golift_tests::{root, rust_code};

/// Which crate may depend on which: the table of ARCHITECTURE.md. The driver and the tests may use all.
const EDGES: &[(&str, &[&str])] = &[
    ("compiler/syntax", &[]),
    ("compiler/types", &["syntax"]),
    ("compiler/load", &["syntax"]),
    ("compiler/check", &["syntax", "types", "load"]),
    ("compiler/ir", &[]),
    ("compiler/asm", &[]),
    ("compiler/lower", &["syntax", "types", "asm", "ir", "abi"]),
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
    for path in golift_tests::entries(dir) {
        // Cargo marks its own folders.
        if path.is_dir() && !path.join("CACHEDIR.TAG").exists() {
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

/// In these crates files use each other in one direction only. What a file's tests use does not count.
#[test]
fn files_have_no_circles() {
    let mut found = Vec::new();
    for dir in ["load", "check", "lower", "opt", "codegen", "link", "driver"] {
        let folder = root().join("compiler").join(dir).join("src");
        let mut files = Vec::new();
        rust_files(&folder, &mut files);
        let text = |path: &PathBuf| {
            let name = path.strip_prefix(&folder).unwrap().with_extension("");
            let mut module: Vec<String> = name.iter().map(|part| part.to_string_lossy().into_owned()).collect();
            module.pop_if(|last| matches!(last.as_str(), "mod" | "lib" | "main"));
            (module.join("::"), fs::read_to_string(path).unwrap())
        };
        let files: BTreeMap<String, String> = files.iter().map(text).collect();
        let uses = rust_code::module_uses(&files);
        assert!(dir == "check" || uses.len() > 3, "{dir}: files are missing");
        let circle = rust_code::circles(uses);
        if !circle.is_empty() {
            found.push(format!("{dir}: {circle:#?}"));
        }
    }
    assert!(found.is_empty(), "circles: {}", found.join("\n"));
}

/// Modules of the runtime that know nothing of what is built on them, and what that is.
const BELOW: &[(&str, &[&str])] = &[
    ("heap", &["gc", "sched", "stack", "chan", "select", "sema", "timer", "netpoll", "coro", "signal", "sigqueue"]),
    ("lock", &["locked", "heap", "gc", "sched"]),
    ("locked", &["heap", "gc", "sched"]),
    ("sys", &["heap", "gc", "sched", "stack", "chan", "timer", "netpoll", "signal", "traceback"]),
];

#[test]
fn rooms_of_the_runtime() {
    let folder = root().join("runtime/rt/src");
    for (room, above) in BELOW {
        let mut files = Vec::new();
        match folder.join(room).is_dir() {
            true => rust_files(&folder.join(room), &mut files),
            false => files.push(folder.join(room).with_extension("rs")),
        }
        assert!(!files.is_empty(), "{room} is missing");
        for path in files {
            let text = fs::read_to_string(&path).unwrap();
            let used = rust_code::crate_modules(&rust_code::tokens(&text));
            let wrong: Vec<_> = used.iter().filter(|name| above.contains(&name.as_str())).collect();
            assert!(wrong.is_empty(), "{} knows {wrong:?}", path.display());
        }
    }
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

/// Variables, programs and work for other threads go through the world of a command line.
#[test]
fn the_loader_stays_in_its_world() {
    let mut files = Vec::new();
    rust_files(&root().join("compiler/load/src"), &mut files);
    assert!(files.len() > 10);
    for path in files.iter().filter(|path| !path.ends_with("world.rs")) {
        let text = fs::read_to_string(path).unwrap();
        for line in text.lines().take_while(|line| *line != "#[cfg(test)]") {
            let code = line.split("//").next().unwrap_or_default();
            for way_out in ["par_iter", "rayon", "Command::new", "env::var", "env::current_dir", "thread::"] {
                assert!(!code.contains(way_out), "{}: {line}", path.display());
            }
        }
    }
}

/// Only the loader, the linker's output, the driver and the tests look at the world outside; and within the loader, at files only a few.
#[test]
fn no_file_io_elsewhere() {
    const OUTSIDE: &[&str] = &["fs", "env", "net", "process", "os", "*"];
    /// Methods of paths and what else there is without naming a module.
    const METHODS: &[&str] = &[
        "exists",
        "try_exists",
        "is_file",
        "is_dir",
        "is_symlink",
        "canonicalize",
        "read_dir",
        "metadata",
        "read_link",
    ];
    const PURE: &[&str] = &["syntax", "types", "check", "ir", "lower", "opt", "codegen", "link"];
    /// `files.rs` is how the loader sees what a build depends on, and `trace.rs` looks whether it is still so; the others find and install distributions and programs, and read our own overlay.
    const READERS: &[&str] = &["files", "goroot", "install", "overlay", "program", "temporary", "trace"];
    for path in all_rust_files() {
        let shown = path.strip_prefix(root()).unwrap().to_string_lossy().into_owned();
        let text = fs::read_to_string(&path).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        let tokens = rust_code::tokens(code);
        let modules = rust_code::std_modules(&tokens);
        let is_in = |dir: &str| shown.starts_with(&format!("compiler/{dir}/src/"));
        if PURE.iter().any(|dir| is_in(dir)) {
            let used: Vec<&String> = modules.iter().filter(|name| OUTSIDE.contains(&name.as_str())).collect();
            assert!(used.is_empty(), "{shown} uses {used:?} of std");
            for call in tokens.windows(3) {
                let is_method = call[0] == "." && call[2] == "(" && METHODS.contains(&call[1]);
                assert!(!is_method, "{shown} calls {}", call[1]);
            }
        }
        let is_reader = READERS.iter().any(|name| shown == format!("compiler/load/src/{name}.rs"));
        let reads = modules.iter().any(|name| name == "fs" || name == "*");
        assert!(!is_in("load") || is_reader || !reads, "{shown} does not go through files.rs");
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
