//! Rules that hold for the whole repository; see ARCHITECTURE.md.

use std::collections::{BTreeMap, BTreeSet};
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
    for dir in ["check", "lower", "opt", "codegen"] {
        let folder = root().join("compiler").join(dir).join("src");
        let mut uses: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for path in golift_tests::entries(&folder) {
            let Some(name) = path.file_stem().and_then(|name| name.to_str()) else { continue };
            if name == "lib" || path.is_dir() {
                continue;
            }
            let text = fs::read_to_string(&path).unwrap();
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            let code: String = code.lines().map(|line| line.split("//").next().unwrap_or_default()).collect();
            let others = code.split("crate::").skip(1).map(|rest| {
                rest.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default().to_owned()
            });
            uses.insert(name.to_owned(), others.filter(|other| other != name).collect());
        }
        assert!(dir == "check" || uses.len() > 3, "{dir}: files are missing");
        // What uses nothing that is left goes; what stays has a circle.
        while let Some(free) = uses.iter().find(|(_, others)| !others.iter().any(|other| uses.contains_key(other))) {
            let free = free.0.clone();
            uses.remove(&free);
        }
        assert!(uses.is_empty(), "{dir}: circles among {:?}", uses.keys());
    }
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
            let used = crate_modules(&tokens(&text));
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
    /// `files.rs` is how the loader sees what a build depends on; the others find and install distributions and programs, and read our own overlay.
    const READERS: &[&str] = &["files", "goroot", "install", "overlay", "program", "temporary"];
    for path in all_rust_files() {
        let shown = path.strip_prefix(root()).unwrap().to_string_lossy().into_owned();
        let text = fs::read_to_string(&path).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        let tokens = tokens(code);
        let modules = std_modules(&tokens);
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

/// The words and marks of Rust code, without comments and literals.
fn tokens(code: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    let mut rest = code;
    while let Some(c) = rest.chars().next() {
        let length = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if let Some(hashes) = raw_string(rest) {
            let end = format!("\"{}", "#".repeat(hashes));
            rest[hashes + 2..].find(&end).map_or(rest.len(), |at| at + hashes + 2 + end.len())
        } else if c == '"' {
            let mut escaped = false;
            let end = rest[1..].find(|c| {
                let ends = c == '"' && !escaped;
                escaped = c == '\\' && !escaped;
                ends
            });
            end.map_or(rest.len(), |end| end + 2)
        } else if c == '\'' {
            // A character, or the mark of a lifetime.
            let mut chars = rest[1..].char_indices();
            match (chars.next(), chars.next()) {
                (Some((_, '\\')), Some(_)) => rest[3..].find('\'').map_or(rest.len(), |end| end + 4),
                (Some(_), Some((end, '\''))) => end + 2,
                _ => 1,
            }
        } else if c.is_alphanumeric() || c == '_' {
            let length = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
            tokens.push(&rest[..length]);
            length
        } else {
            let length = if rest.starts_with("::") { 2 } else { c.len_utf8() };
            if !c.is_whitespace() {
                tokens.push(&rest[..length]);
            }
            length
        };
        rest = &rest[length..];
    }
    tokens
}

/// The number of hashes of a raw string that begins here.
fn raw_string(text: &str) -> Option<usize> {
    let rest = text.strip_prefix('r')?;
    let hashes = rest.len() - rest.trim_start_matches('#').len();
    rest[hashes..].starts_with('"').then_some(hashes)
}

/// The modules of std that code names, in whatever way; `*` for all of them.
fn std_modules(tokens: &[&str]) -> Vec<String> {
    modules_of("std", tokens)
}

/// The modules of its own crate that code names from the root.
fn crate_modules(tokens: &[&str]) -> Vec<String> {
    modules_of("crate", tokens)
}

fn modules_of(root: &str, tokens: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for (at, _) in tokens.iter().enumerate().filter(|(_, token)| **token == root) {
        match tokens[at + 1..] {
            ["::", "{", ..] => {
                let mut depth = 0;
                let mut is_start = false;
                for token in &tokens[at + 2..] {
                    match *token {
                        "{" => depth += 1,
                        "}" => depth -= 1,
                        word if is_start && depth == 1 => found.push(if word == "self" { "*" } else { word }.into()),
                        _ => {}
                    }
                    if depth == 0 {
                        break;
                    }
                    is_start = depth == 1 && matches!(*token, "{" | ",");
                }
            }
            ["::", name, ..] => found.push(name.into()),
            ["as", ..] => found.push("*".into()),
            _ => {}
        }
    }
    found
}

#[test]
fn modules_are_found() {
    let modules = |code: &str| std_modules(&tokens(code)).join(" ");
    assert_eq!(modules("use std::{env, fs};"), "env fs");
    assert_eq!(
        modules("use std::{collections::{BTreeMap, HashMap}, fs::{self, File}, path::Path};"),
        "collections fs path"
    );
    assert_eq!(modules("fn f() { std :: fs::read(x) }"), "fs");
    assert_eq!(modules("use std as s; use ::std::*; use std::{self};"), "* * *");
    assert_eq!(
        modules(
            "// use std::fs;\n/* std::fs */ let x = \"std::fs\"; let c = '\"'; let y = r#\"std::fs\"#; let l: &'a str;"
        ),
        ""
    );
    assert_eq!(tokens("a.is_file()'x'"), ["a", ".", "is_file", "(", ")"]);
    let own = |code: &str| crate_modules(&tokens(code)).join(" ");
    assert_eq!(
        own("use crate::{gc::{self, mark}, heap}; fn f() { crate::sched::getg() } // crate::timer"),
        "gc heap sched"
    );
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
