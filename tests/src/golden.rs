//! Inputs with what the compiler must make of them beside.
//!
//! The expectation of `x.go` or `x.ir` is `x.out`. With `GOLIFT_BLESS=1` in the environment it is written instead of compared:
//! `GOLIFT_BLESS=1 cargo test -p golift-lower -p golift-opt`, and `git diff` shows what changed.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use crate::first_difference;

/// The files of a folder with that extension, sorted.
///
/// # Panics
///
/// When there are none: a test must not pass on nothing.
pub fn inputs(dir: &Path, extension: &str) -> Vec<PathBuf> {
    crate::files_with(dir, &[extension])
}

/// Compares `text` with what stands beside `input`, or writes it there.
pub fn check(input: &Path, text: &str) -> Result<(), String> {
    let path = input.with_extension("out");
    if env::var_os("GOLIFT_BLESS").is_some() {
        return fs::write(&path, text).map_err(|e| format!("{}: {e}", path.display()));
    }
    let expected = fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?;
    if expected == text {
        return Ok(());
    }
    Err(format!("{}: {}\nall of it:\n{text}", path.display(), first_difference(&expected, text)))
}
