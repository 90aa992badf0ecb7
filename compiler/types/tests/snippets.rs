//! Programs with errors, and what gc says about them: `errors/NAME.go` and `errors/NAME.want`.
//!
//! The expectations come from gc itself; after adding a file:
//! `GOROOT=… cargo test -p golift-types --test snippets -- --ignored`

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use golift_syntax::{Mode, SourceMap};
use golift_types::{Config, GoVersion, ImportError, Package, check_package};

/// As much of the standard library as the programs need.
const STUBS: &[(&str, &str)] = &[
    (
        "fmt",
        "package fmt
         type State interface { Write(b []byte) (n int, err error) }
         func Println(a ...any) (n int, err error) { return }
         func Sprint(a ...any) string { return \"\" }",
    ),
    ("errors", "package errors\nfunc New(text string) error { return nil }"),
    ("os", "package os"),
    ("strings", "package strings"),
];

fn check(map: &Arc<SourceMap>, path: &str, source: &str, std: &HashMap<&str, Package>) -> (Package, String) {
    let (file, mut errors) = golift_syntax::parse_file(map, "x.go", source.as_bytes(), Mode::default());
    let config = Config { go_version: lang(source), source_map: Some(map.clone()), ..Config::default() };
    let importer = |p: &str| std.get(p).copied().ok_or_else(|| ImportError("not found".into()));
    let (pkg, diags) = check_package(path, vec![Arc::new(file)], &importer, &config);
    errors.extend(diags);
    errors.sort_by_key(|e| e.pos);
    let text: String = errors.iter().map(|e| e.render(map) + "\n").collect();
    (pkg, text)
}

fn lang(source: &str) -> GoVersion {
    let line = source.lines().find_map(|l| l.strip_prefix("//lang:"));
    line.and_then(GoVersion::parse).unwrap_or(GoVersion::LATEST)
}

fn programs() -> Vec<PathBuf> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/errors");
    let mut files: Vec<PathBuf> = std::fs::read_dir(dir).unwrap().flatten().map(|e| e.path()).collect();
    files.retain(|f| f.extension().is_some_and(|e| e == "go"));
    assert!(!files.is_empty(), "no inputs");
    files.sort();
    files
}

#[test]
fn errors_are_those_of_gc() {
    let map = Arc::new(SourceMap::new());
    let mut std = HashMap::new();
    for (path, source) in STUBS {
        let (pkg, errors) = check(&map, path, source, &std);
        assert_eq!(errors, "");
        std.insert(*path, pkg);
    }
    for file in programs() {
        let source = std::fs::read_to_string(&file).unwrap();
        let want = std::fs::read_to_string(file.with_extension("want")).unwrap_or_default();
        let map = Arc::new(SourceMap::new());
        let (_, got) = check(&map, "main", &source, &std);
        let differences: Vec<String> = want
            .lines()
            .filter(|l| !got.lines().any(|g| g == *l))
            .map(|l| format!("- {l}"))
            .chain(got.lines().filter(|l| !want.lines().any(|w| w == *l)).map(|l| format!("+ {l}")))
            .collect();
        assert!(got == want, "{}:\n{}", file.display(), differences.join("\n"));
    }
}

#[test]
#[ignore = "needs GOROOT; writes the expectations"]
fn bless_from_gc() {
    let go = PathBuf::from(std::env::var("GOROOT").expect("GOROOT is set")).join("bin/go");
    let dir = std::env::temp_dir().join(format!("golift-snippets-{}", std::process::id()));
    std::fs::create_dir_all(&dir).unwrap();
    for file in programs() {
        let source = std::fs::read_to_string(&file).unwrap();
        std::fs::write(dir.join("x.go"), &source).unwrap();
        let version = lang(&source).to_string();
        std::fs::write(dir.join("go.mod"), format!("module main\ngo {}\n", &version[2..])).unwrap();
        let mut command = Command::new(&go);
        command.current_dir(&dir).args(["build", "-gcflags=-e", "-o", "out.bin", "."]).env("GOFLAGS", "-mod=mod");
        let output = command.output().unwrap();
        let text = String::from_utf8_lossy(&output.stderr);
        let text: String =
            text.lines().filter(|l| !l.starts_with('#')).map(|l| l.replace("./x.go:", "x.go:") + "\n").collect();
        std::fs::write(file.with_extension("want"), text).unwrap();
    }
    let _ = std::fs::remove_dir_all(dir);
}
