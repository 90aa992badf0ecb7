//! The standard library's own tests. What fails for a known reason stands in `tests/std-known.txt`; gc's verdicts are remembered beside the
//! build (`target/golift-tests`).

use super::compare::Place;
use crate::{cache_dir, known};

/// Runs the tests of the packages of the standard library that have one of the `filters` as import path or as its beginning
/// before a slash (all, without any). True if the failures are those that are known.
pub fn std(filters: &[String]) -> bool {
    match std_packages(filters) {
        Ok(good) => good,
        Err(e) => {
            eprintln!("{e}");
            false
        }
    }
}

fn std_packages(filters: &[String]) -> Result<bool, String> {
    let dir = tempfile::tempdir().map_err(|e| e.to_string())?;
    let place = Place::new(dir.path(), true)?;
    let has_prefix = |p: &String, f: &String| {
        p.strip_prefix(f.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let mut packages = place.with_tests("std")?;
    // Package runtime's own are not among them: they look into gc's runtime.
    packages.retain(|p| p != "runtime" && (filters.is_empty() || filters.iter().any(|f| has_prefix(p, f))));
    let references = cache_dir().join(format!("std-{}", place.version()));
    let known = known::failures("std-known.txt");
    let counts = place.compare(&packages, &references, &known, "std-known.txt", filters.is_empty())?;
    let [passed, failed, with_gc_too] = counts.packages;
    println!("packages: {passed} passed, {failed} failed, {with_gc_too} skipped (gc fails too)");
    let [passed, failed, not_with_gc] = counts.tests;
    println!("tests: {passed} passed, {failed} failed, {not_with_gc} skipped (gc does not pass them)");
    println!("{} not as std-known.txt says", counts.surprises);
    Ok(counts.surprises == 0)
}
