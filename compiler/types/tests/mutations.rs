//! Broken programs must not break the checker: gc's test files with random changes.
//!
//! `GOROOT=… MUTATIONS=100 cargo test --release -p golift-types --test mutations -- --ignored`

mod common;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use golift_syntax::{Mode, SourceMap};
use golift_types::{Config, ImportError, check_package};

struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % n.max(1) as u64) as usize
    }
}

fn tokens(source: &str) -> Vec<&str> {
    let mut out = Vec::new();
    let mut rest = source;
    while let Some(c) = rest.chars().next() {
        let word = |c: char| c.is_alphanumeric() || c == '_';
        let n = match c {
            c if word(c) => rest.find(|c| !word(c)).unwrap_or(rest.len()),
            c if c.is_whitespace() => rest.find(|c: char| !c.is_whitespace()).unwrap_or(rest.len()),
            '"' | '`' => rest[1..].find(c).map_or(rest.len(), |n| n + 2),
            _ if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            _ if rest.starts_with("/*") => rest.find("*/").map_or(rest.len(), |n| n + 2),
            c => c.len_utf8(),
        };
        out.push(&rest[..n]);
        rest = &rest[n..];
    }
    out
}

fn mutate(tokens: &[&str], random: &mut Random) -> String {
    let mut t: Vec<&str> = tokens.to_vec();
    for _ in 0..1 + random.below(4) {
        let (i, j) = (random.below(t.len()), random.below(t.len()));
        match random.below(5) {
            0 => {
                t.remove(i);
            }
            1 => t[i] = t[j],
            2 => t.swap(i, j),
            3 => t.insert(i, t[j]),
            _ => {
                let n = random.below(12).min(t.len() - i);
                t.drain(i..i + n);
            }
        }
        if t.is_empty() {
            break;
        }
    }
    t.concat()
}

#[test]
#[ignore = "needs GOROOT; takes long"]
fn no_panic_and_no_hang() {
    let count: usize = std::env::var("MUTATIONS").ok().and_then(|n| n.parse().ok()).unwrap_or(20);
    let seed: u64 = std::env::var("SEED").ok().and_then(|n| n.parse().ok()).unwrap_or(1);
    let root = common::goroot();
    let imports = ["fmt", "io", "math", "sort", "strings", "os", "errors", "sync"].map(String::from);
    let (graph, checked) = common::check_all(&imports);
    let std = common::by_path(&graph, &checked);
    let importer = |p: &str| std.get(p).copied().ok_or_else(|| ImportError("not found".into()));
    let mut failures = Vec::new();
    for dir in ["check", "fixedbugs", "spec", "examples"] {
        let dir = root.join("src/internal/types/testdata").join(dir);
        let mut files: Vec<_> = std::fs::read_dir(dir).unwrap().flatten().map(|e| e.path()).collect();
        files.sort();
        for path in files {
            let Ok(source) = std::fs::read_to_string(&path) else { continue };
            if source.len() > 100_000 || path.ends_with("issue78346.go") {
                continue;
            }
            let list = tokens(&source);
            let mut random = Random(seed * 7919 + source.len() as u64);
            for _ in 0..count {
                let text = mutate(&list, &mut random);
                let map = Arc::new(SourceMap::new());
                let start = Instant::now();
                let result = catch_unwind(AssertUnwindSafe(|| {
                    let (tree, _) = golift_syntax::parse_file(&map, "x.go", text.as_bytes(), Mode::default());
                    let config = Config { source_map: Some(map.clone()), ..Config::default() };
                    check_package("p", vec![Arc::new(tree)], &importer, &config).1.len()
                }));
                if result.is_err() || start.elapsed() > Duration::from_secs(2) {
                    let what = if result.is_err() { "panic" } else { "slow" };
                    let file = std::env::temp_dir().join(format!("mutation-{}.go", failures.len()));
                    std::fs::write(&file, &text).unwrap();
                    failures.push(format!("{what}: {} as {}", path.display(), file.display()));
                }
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
