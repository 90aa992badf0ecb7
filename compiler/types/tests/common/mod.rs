//! A loader of standard packages for tests: files as linux/amd64 without cgo selects them.

#![allow(dead_code)]

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex};

use golift_syntax::{Decl, Diagnostic, File, Mode, SourceMap, constraint::Constraint};
use golift_types::{Config, ImportError, Package, check_package};

const EXPERIMENTS: &[&str] = &[
    "regabiwrappers",
    "regabiargs",
    "dwarf5",
    "randomizedheapbase64",
    "greenteagc",
    "jsonv2",
    "sizespecializedmalloc",
];

pub fn goroot() -> PathBuf {
    std::env::var("GOROOT").expect("GOROOT is set").into()
}

pub fn tag(tag: &str) -> bool {
    if let Some(e) = tag.strip_prefix("goexperiment.") {
        return EXPERIMENTS.contains(&e);
    }
    if let Some(minor) = tag.strip_prefix("go1.") {
        return minor.parse().is_ok_and(|m: u32| m <= 27);
    }
    matches!(tag, "linux" | "amd64" | "unix" | "gc")
}

const OSES: &[&str] = &[
    "aix",
    "android",
    "darwin",
    "dragonfly",
    "freebsd",
    "hurd",
    "illumos",
    "ios",
    "js",
    "nacl",
    "netbsd",
    "openbsd",
    "plan9",
    "solaris",
    "wasip1",
    "windows",
    "zos",
    "linux",
];
const ARCHES: &[&str] = &[
    "386",
    "amd64",
    "amd64p32",
    "arm",
    "armbe",
    "arm64",
    "arm64be",
    "loong64",
    "mips",
    "mipsle",
    "mips64",
    "mips64le",
    "mips64p32",
    "mips64p32le",
    "ppc",
    "ppc64",
    "ppc64le",
    "riscv",
    "riscv64",
    "s390",
    "s390x",
    "sparc",
    "sparc64",
    "wasm",
];

fn name_fits(name: &str) -> bool {
    let stem = name.strip_suffix(".go").unwrap_or(name);
    let Some(first) = stem.find('_') else { return true };
    let parts: Vec<&str> = stem[first..].split('_').collect();
    let n = parts.len();
    if n >= 2 && OSES.contains(&parts[n - 2]) && ARCHES.contains(&parts[n - 1]) {
        return tag(parts[n - 2]) && tag(parts[n - 1]);
    }
    match parts[n - 1] {
        p if OSES.contains(&p) || ARCHES.contains(&p) => tag(p),
        _ => true,
    }
}

fn header_fits(source: &str) -> bool {
    for line in source.lines() {
        let line = line.trim();
        if line.starts_with("//go:build") {
            return Constraint::parse(line).is_ok_and(|c| c.eval(&tag));
        }
        if line.starts_with("package ") {
            return true;
        }
    }
    true
}

pub struct Loaded {
    pub path: String,
    pub files: Vec<Arc<File>>,
    pub imports: Vec<String>,
    pub has_asm: bool,
    pub errors: Vec<Diagnostic>,
    pub lines: usize,
}

/// Reads and parses a package of the standard library.
pub fn load(map: &SourceMap, path: &str, dir: &Path) -> Loaded {
    let mut names: Vec<String> = std::fs::read_dir(dir)
        .map(|d| d.flatten().map(|e| e.file_name().to_string_lossy().into_owned()).collect())
        .unwrap_or_default();
    names.sort();
    let has_asm = names.iter().any(|n| n.ends_with(".s"));
    let mut out = Loaded { path: path.into(), files: vec![], imports: vec![], has_asm, errors: vec![], lines: 0 };
    for name in names {
        if !name.ends_with(".go") || name.ends_with("_test.go") || name.starts_with(['_', '.']) || !name_fits(&name) {
            continue;
        }
        let file = dir.join(&name);
        let Ok(source) = std::fs::read(&file) else { continue };
        let text = String::from_utf8_lossy(&source);
        if !header_fits(&text) {
            continue;
        }
        out.lines += text.lines().count();
        let (tree, errors) =
            golift_syntax::parse_file(map, &file.to_string_lossy(), &source, Mode { std: true, ..Mode::default() });
        if tree.package.name.as_str() == "documentation" {
            continue;
        }
        let mut cgo = false;
        for d in &tree.decls {
            let Decl::Import(d) = d else { break };
            if let Some(path) = &d.path {
                let path = path.text.as_str().trim_matches(['"', '`']).to_string();
                cgo |= path == "C";
                if !out.imports.contains(&path) {
                    out.imports.push(path);
                }
            }
        }
        if cgo {
            continue;
        }
        out.errors.extend(errors);
        out.files.push(Arc::new(tree));
    }
    out
}

/// Path and directory of an import by package `from`, vendored packages too.
pub fn resolve(root: &Path, path: &str, from: &str) -> (String, PathBuf) {
    let src = root.join("src");
    if path.split('/').next().is_some_and(|first| first.contains('.')) {
        let vendor = if from.starts_with("cmd/") { "cmd/vendor" } else { "vendor" };
        return (format!("{vendor}/{path}"), src.join(vendor).join(path));
    }
    (path.into(), src.join(path))
}

/// Checks packages and all that they import, on `threads` threads. Returns the packages by import path with their errors.
pub fn check_all(
    map: &Arc<SourceMap>,
    roots: &[String],
    threads: usize,
) -> Vec<(String, Option<Package>, Vec<Diagnostic>)> {
    let root = goroot();
    struct State {
        todo: Vec<(String, PathBuf)>,
        known: HashMap<String, usize>,
        loaded: Vec<Option<Loaded>>,
        done: HashMap<String, Package>,
        results: Vec<(String, Option<Package>, Vec<Diagnostic>)>,
        loading: usize,
        checking: usize,
    }
    let state = Mutex::new(State {
        todo: vec![],
        known: HashMap::new(),
        loaded: vec![],
        done: HashMap::new(),
        results: vec![],
        loading: 0,
        checking: 0,
    });
    {
        let mut s = state.lock().unwrap();
        for r in roots {
            let (path, dir) = resolve(&root, r, "");
            s.known.insert(path.clone(), 0);
            s.todo.push((path, dir));
        }
    }
    let wake = Condvar::new();
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let mut s = state.lock().unwrap();
                loop {
                    if let Some((path, dir)) = s.todo.pop() {
                        s.loading += 1;
                        drop(s);
                        let l = load(map, &path, &dir);
                        s = state.lock().unwrap();
                        for i in &l.imports {
                            if i == "unsafe" || i == "C" {
                                continue;
                            }
                            let (p, d) = resolve(&root, i, &l.path);
                            if !s.known.contains_key(&p) {
                                s.known.insert(p.clone(), 0);
                                s.todo.push((p, d));
                            }
                        }
                        s.loaded.push(Some(l));
                        s.loading -= 1;
                        wake.notify_all();
                        continue;
                    }
                    if s.loading > 0 {
                        s = wake.wait(s).unwrap();
                        continue;
                    }
                    let ready = s.loaded.iter().position(|l| {
                        l.as_ref().is_some_and(|l| {
                            l.imports.iter().all(|i| {
                                i == "unsafe" || i == "C" || s.done.contains_key(&resolve(&root, i, &l.path).0)
                            })
                        })
                    });
                    let Some(i) = ready else {
                        if s.checking == 0 {
                            wake.notify_all();
                            return;
                        }
                        s = wake.wait(s).unwrap();
                        continue;
                    };
                    let l = s.loaded.swap_remove(i).unwrap();
                    s.checking += 1;
                    let deps = s.done.clone();
                    drop(s);
                    let config = Config {
                        allow_bodyless: true,
                        is_std: true,
                        source_map: Some(map.clone()),
                        ..Config::default()
                    };
                    let importer = |p: &str| {
                        deps.get(&resolve(&root, p, &l.path).0).copied().ok_or_else(|| ImportError("not found".into()))
                    };
                    let (pkg, errors) = check_package(&l.path, l.files, &importer, &config);
                    s = state.lock().unwrap();
                    s.checking -= 1;
                    s.done.insert(l.path.clone(), pkg);
                    let mut all = l.errors;
                    all.extend(errors);
                    s.results.push((l.path, Some(pkg), all));
                    wake.notify_all();
                }
            });
        }
    });
    let mut s = state.into_inner().unwrap();
    let stuck: Vec<String> = s.loaded.iter().flatten().map(|l| l.path.clone()).collect();
    for path in stuck {
        s.results.push((path, None, vec![]));
    }
    s.results
}

/// All packages of the standard library.
pub fn std_packages() -> Vec<String> {
    packages(&goroot().join("src"))
}

/// All packages of the commands.
pub fn cmd_packages() -> Vec<String> {
    let mut out = packages(&goroot().join("src/cmd"));
    out.retain(|p| !p.starts_with("vendor/") && !p.contains('.'));
    out.iter_mut().for_each(|p| *p = format!("cmd/{p}"));
    out
}

fn packages(src: &Path) -> Vec<String> {
    let mut out = Vec::new();
    fn walk(src: &Path, dir: &Path, out: &mut Vec<String>) {
        let mut has_go = false;
        let mut entries: Vec<_> = std::fs::read_dir(dir).into_iter().flatten().flatten().collect();
        entries.sort_by_key(|e| e.file_name());
        for e in entries {
            let name = e.file_name().to_string_lossy().into_owned();
            if e.path().is_dir() {
                if name == "testdata" || name.starts_with(['_', '.']) || dir == src && name == "cmd" {
                    continue;
                }
                walk(src, &e.path(), out);
            } else if name.ends_with(".go") && !name.ends_with("_test.go") {
                has_go = true;
            }
        }
        if has_go && dir != src {
            let path = dir.strip_prefix(src).unwrap().to_string_lossy().into_owned();
            let path = path.strip_prefix("vendor/").map_or(path.clone(), str::to_string);
            if !path.starts_with("builtin") && path != "unsafe" {
                out.push(path);
            }
        }
    }
    walk(src, src, &mut out);
    out
}
