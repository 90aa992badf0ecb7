//! Lists of failures that are known: a line each, a name, `: `, and the reason; `#` begins a comment.

use std::collections::BTreeMap;

use crate::{read_input, root};

/// Name and reason of each entry of `tests/FILE`.
///
/// # Panics
///
/// When it cannot be read.
pub fn failures(file: &str) -> BTreeMap<String, String> {
    let text = read_input(&root().join("tests").join(file));
    text.lines().filter(|line| !line.starts_with('#')).filter_map(failure).collect()
}

/// Name and reason of a line, if it has both.
pub fn failure(line: &str) -> Option<(String, String)> {
    line.split_once(": ").map(|(name, reason)| (name.to_owned(), reason.to_owned()))
}
