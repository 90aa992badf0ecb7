//! Long chains of declarations: what is found out about one link serves the next, or this would take minutes.

use std::sync::Arc;

use golift_syntax::{Mode, SourceMap};
use golift_types::{Config, ImportError, check_package};

fn errors(source: &str) -> Vec<String> {
    let map = Arc::new(SourceMap::new());
    let (file, mut errors) = golift_syntax::parse_file(&map, "x.go", source.as_bytes(), Mode::default());
    let importer = |_: &str| Err(ImportError("not found".into()));
    let config = Config { source_map: Some(map), ..Config::default() };
    errors.extend(check_package("p", vec![Arc::new(file)], &importer, &config).1);
    errors.into_iter().map(|e| e.msg).collect()
}

/// `link(i)` declares the name with number `i`, which mentions the one with number `i + 1`. Once in this order, once in the opposite one.
fn check_chain(length: usize, link: impl Fn(usize) -> String, last: &str) {
    let links: Vec<String> = (0..length).map(link).chain([last.to_owned()]).collect();
    for source in [links.join("\n"), links.iter().rev().cloned().collect::<Vec<_>>().join("\n")] {
        assert_eq!(errors(&format!("package p\n{source}\n")), [""; 0]);
    }
}

#[test]
fn aliases() {
    check_chain(50_000, |i| format!("type T{i} = T{}", i + 1), "type T50000 = int");
}

#[test]
fn embedded_interfaces() {
    check_chain(2_000, |i| format!("type T{i} interface {{ T{}; M{i}() }}", i + 1), "type T2000 interface{}");
}

#[test]
fn embedded_structs() {
    check_chain(20_000, |i| format!("type T{i} struct {{ T{}; x{i} int }}", i + 1), "type T20000 struct{}");
}

#[test]
fn a_long_cycle_is_found() {
    let ring: String = (0..1000).map(|i| format!("type T{i} struct {{ x [2]T{} }}\n", (i + 1) % 1000)).collect();
    assert_eq!(errors(&format!("package p\n{ring}")), ["invalid recursive type T0"]);
}
