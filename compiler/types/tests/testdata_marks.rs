//! How many of the errors that gc's type checker tests expect are found, and how many others.
//!
//! `GOROOT=… cargo test --release -p golift-types --test testdata_marks -- --ignored --nocapture`
//! `MARKS=name` shows the failures of the files with `name` in their path.

mod common;
#[path = "common/marks.rs"]
mod marks;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use golift_syntax::{Mode, SourceMap};
use golift_types::{Config, GoVersion, ImportError, Package, check_package};

#[derive(Default)]
struct Score {
    files: usize,
    clean: usize,
    marks: usize,
    matched: usize,
    unexpected: usize,
}

#[test]
#[ignore = "needs GOROOT; a report"]
fn marks_of_the_distribution() {
    let root = common::goroot();
    let (graph, checked) = common::check_all(&["std".into()]);
    let std = common::by_path(&graph, &checked);
    let show = std::env::var("MARKS").ok();
    let dirs = [
        ("internal/types/testdata/check", 50),
        ("internal/types/testdata/spec", 20),
        ("internal/types/testdata/examples", 125),
        ("internal/types/testdata/fixedbugs", 100),
        ("cmd/compile/internal/types2/testdata/local", 0),
    ];
    let mut total = Score::default();
    for (dir, tolerance) in dirs {
        let mut score = Score::default();
        let mut entries: Vec<PathBuf> =
            std::fs::read_dir(root.join("src").join(dir)).unwrap().flatten().map(|e| e.path()).collect();
        entries.sort();
        for entry in entries {
            let files = if entry.is_dir() {
                let mut files: Vec<PathBuf> = std::fs::read_dir(&entry).unwrap().flatten().map(|e| e.path()).collect();
                files.sort();
                files
            } else {
                vec![entry.clone()]
            };
            let start = std::time::Instant::now();
            let report = check(&files, tolerance, &std, &mut score);
            if start.elapsed().as_millis() > 500 {
                println!("slow: {} {:?}", entry.display(), start.elapsed());
            }
            if show.as_ref().is_some_and(|s| entry.to_string_lossy().contains(s.as_str())) && !report.is_empty() {
                println!("--- {}", entry.display());
                report.iter().for_each(|line| println!("{line}"));
            }
        }
        println!(
            "{dir}: {}/{} files clean, {}/{} marks, {} unexpected",
            score.clean, score.files, score.matched, score.marks, score.unexpected
        );
        total.files += score.files;
        total.clean += score.clean;
        total.marks += score.marks;
        total.matched += score.matched;
        total.unexpected += score.unexpected;
    }
    println!(
        "total: {}/{} files clean, {}/{} marks ({:.1} %), {} unexpected",
        total.clean,
        total.files,
        total.matched,
        total.marks,
        100.0 * total.matched as f64 / total.marks as f64,
        total.unexpected
    );
}

fn check(files: &[PathBuf], tolerance: u32, std: &HashMap<String, Package>, score: &mut Score) -> Vec<String> {
    let map = Arc::new(SourceMap::new());
    let mut trees = Vec::new();
    let mut errors = Vec::new();
    let mut expected: HashMap<String, Vec<marks::Mark>> = HashMap::new();
    let mut config = Config { allow_bodyless: true, source_map: Some(map.clone()), testing: true, ..Config::default() };
    for (i, path) in files.iter().enumerate() {
        let source = std::fs::read(path).unwrap();
        let text = String::from_utf8_lossy(&source).into_owned();
        if i == 0 {
            let first = text.lines().next().unwrap_or("");
            for flag in first.strip_prefix("//").map(str::split_whitespace).into_iter().flatten() {
                if let Some(v) = flag.strip_prefix("-lang=") {
                    config.go_version = GoVersion::parse(v).unwrap_or(GoVersion::LATEST);
                }
            }
        }
        let name = file_name(path);
        expected.insert(name.clone(), marks::marks(&text));
        let (tree, diags) = golift_syntax::parse_file(&map, &name, &source, Mode::default());
        errors.extend(diags);
        trees.push(Arc::new(tree));
    }
    let importer = |p: &str| std.get(p).copied().ok_or_else(|| ImportError("not found".into()));
    let name = trees.first().map_or("p", |t| t.package.name.as_str());
    let (_, diags) = check_package(name, trees, &importer, &config);
    errors.extend(diags);

    let mut report = Vec::new();
    let marks: usize = expected.values().map(Vec::len).sum();
    score.files += 1;
    score.marks += marks;
    for e in errors {
        let pos = map.physical_position(e.pos);
        let mut msg = e.msg.clone();
        for (_, m) in &e.related {
            msg.push_str("\n\t");
            msg.push_str(m);
        }
        let list = expected.entry(pos.filename.to_string()).or_default();
        let best = list
            .iter()
            .enumerate()
            .filter(|(_, m)| m.line == pos.line && m.matches(&msg))
            .min_by_key(|(_, m)| m.col.abs_diff(pos.col))
            .map(|(i, m)| (i, m.col.abs_diff(pos.col)));
        match best {
            Some((i, delta)) if delta <= tolerance => {
                list.remove(i);
                score.matched += 1;
            }
            _ => {
                score.unexpected += 1;
                report.push(format!("{}:{}:{}: unexpected: {msg}", pos.filename, pos.line, pos.col));
            }
        }
    }
    for (name, list) in expected {
        for m in list {
            report.push(format!("{name}:{}:{}: not reported: {}", m.line, m.col, m.pattern));
        }
    }
    if report.is_empty() {
        score.clean += 1;
    }
    report.sort();
    report
}

fn file_name(path: &Path) -> String {
    path.file_name().map_or(String::new(), |n| n.to_string_lossy().into_owned())
}
