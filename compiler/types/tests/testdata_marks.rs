//! The errors that gc's tests of its type checker expect: each is found at its place, and no other.
//!
//! The files are read as gc's own test reads them: those of a folder are one package; flags in the first line
//! (`-lang`, `-fakeImportC`) say how to check it; errors belong to the token before the mark, give or take some columns.
//! That test runs the type checker without the phases around it, which makes two differences to a build:
//! what gc looks for after a successful check is not looked for (`Config::testing`), and labels are judged by the checker,
//! where in a build the parser does that, in other words. Golift has only the latter, so [`label_words`] translates.
//!
//! `MARKS=name cargo test --release -p golift-types --test testdata_marks -- --nocapture` shows the failures of the
//! files with `name` in their path.

mod common;
#[path = "common/marks.rs"]
mod marks;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use golift_syntax::{Mode, SourceMap};
use golift_types::{Config, GoVersion, ImportError, Package, check_package};

/// The folders, and how many columns an error may be beside its mark: gc's own figures.
const FOLDERS: &[(&str, u32)] = &[
    ("internal/types/testdata/check", 50),
    ("internal/types/testdata/spec", 20),
    ("internal/types/testdata/examples", 125),
    ("internal/types/testdata/fixedbugs", 100),
    ("cmd/compile/internal/types2/testdata/local", 0),
];

/// Marks that no build with gc ever honours: its parser takes a `break` or `continue` with an unfit label for a use of that label.
const UNREACHABLE: &[&str] = &[
    "labels.go:44:1: not reported: declared and not used",
    "labels.go:160:1: not reported: label L1 declared and not used",
];

#[derive(Default)]
struct Score {
    files: usize,
    clean: usize,
    marks: usize,
    matched: usize,
    problems: Vec<String>,
}

#[test]
fn marks_of_the_distribution() {
    let root = common::goroot().join("src");
    assert_eq!(names(&root.join("internal/types/testdata")), ["check", "examples", "fixedbugs", "spec"]);
    assert_eq!(names(&root.join("cmd/compile/internal/types2/testdata")), ["local", "manual.go"]);
    let (graph, checked) = common::check_all(&["std".into()]);
    let std = common::by_path(&graph, &checked);
    let show = std::env::var("MARKS").ok();
    let mut total = Score::default();
    for &(dir, tolerance) in FOLDERS {
        let mut score = Score::default();
        for name in names(&root.join(dir)) {
            let entry = root.join(dir).join(name);
            let files: Vec<PathBuf> = match entry.is_dir() {
                true => names(&entry).iter().map(|name| entry.join(name)).collect(),
                false => vec![entry.clone()],
            };
            let report = check(&files, tolerance, &std, &mut score);
            if show.as_ref().is_some_and(|s| entry.to_string_lossy().contains(s.as_str())) && !report.is_empty() {
                println!("--- {}", entry.display());
                report.iter().for_each(|line| println!("{line}"));
            }
            score.clean += usize::from(report.is_empty());
            score.problems.extend(report);
        }
        println!("{dir}: {}/{} files clean, {}/{} marks", score.clean, score.files, score.matched, score.marks);
        total.files += score.files;
        total.clean += score.clean;
        total.marks += score.marks;
        total.matched += score.matched;
        total.problems.extend(score.problems);
    }
    println!("total: {}/{} files clean, {}/{} marks", total.clean, total.files, total.matched, total.marks);
    assert!(total.marks > 3000, "the files or their marks were not found");
    let mut expected: Vec<&str> = UNREACHABLE.to_vec();
    expected.sort_unstable();
    total.problems.sort_unstable();
    assert_eq!(total.problems, expected);
}

fn names(dir: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(dir).unwrap().flatten();
    let mut names: Vec<String> = entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// Checks the files of a package; gives what differs from the marks.
fn check(files: &[PathBuf], tolerance: u32, std: &HashMap<String, Package>, score: &mut Score) -> Vec<String> {
    let map = Arc::new(SourceMap::new());
    let mut trees = Vec::new();
    let mut errors = Vec::new();
    let mut expected: HashMap<String, Vec<marks::Mark>> = HashMap::new();
    let mut config = Config { source_map: Some(map.clone()), testing: true, ..Config::default() };
    for (i, path) in files.iter().enumerate() {
        let source = std::fs::read(path).unwrap();
        let text = String::from_utf8_lossy(&source).into_owned();
        if i == 0 {
            apply_flags(text.lines().next().unwrap_or(""), &mut config);
        }
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
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
        let mut msg = label_words(&e.msg);
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
            _ => report.push(format!("{}:{}:{}: unexpected: {msg}", pos.filename, pos.line, pos.col)),
        }
    }
    for (name, list) in expected {
        for m in list {
            report.push(format!("{name}:{}:{}: not reported: {}", m.line, m.col, m.pattern));
        }
    }
    report.sort();
    report
}

/// Flags stand in the first line, after `//`.
fn apply_flags(line: &str, config: &mut Config) {
    let flags = line.strip_prefix("//").map_or("", str::trim);
    if !flags.starts_with('-') {
        return;
    }
    for flag in flags.split_whitespace() {
        match flag.split_once('=') {
            Some(("-lang", version)) => config.go_version = GoVersion::parse(version).expect("a version of Go"),
            None if flag == "-fakeImportC" => config.fake_import_c = true,
            _ => panic!("unknown flag {flag}"),
        }
    }
}

/// What gc's type checker would say for a message of the parser about a label.
fn label_words(msg: &str) -> String {
    let words: Vec<&str> = msg.split(' ').collect();
    match words[..] {
        ["label", name, "defined", "and", "not", "used"] => format!("label {name} declared and not used"),
        ["label", name, "not", "defined"] => format!("label {name} not declared"),
        ["label", name, "already", "defined", "at", _] => format!("label {name} already declared"),
        [verb @ ("break" | "continue"), "label", "not", "defined:", name] => format!("invalid {verb} label {name}"),
        ["goto", name, "jumps", "over", "declaration", .., place] => {
            let line = place.split(':').nth(1).unwrap_or_default();
            format!("goto {name} jumps over variable declaration at line {line}")
        }
        _ => msg.to_owned(),
    }
}
