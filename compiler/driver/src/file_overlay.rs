//! `-overlay file`: a JSON object `{"Replace": {"path": "other path"}}`; an empty path hides a file.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use golift_load::describe;
use serde::Deserialize;

/// Go's encoding/json does not care about the case of names.
#[derive(Deserialize)]
struct Overlay {
    #[serde(rename = "Replace", alias = "replace", alias = "REPLACE", default)]
    replace: Option<BTreeMap<String, String>>,
}

/// Reads the file. The error is what `go` prints.
pub fn read(file: &Path, cwd: &Path) -> Result<BTreeMap<PathBuf, Option<PathBuf>>, String> {
    let text = std::fs::read(cwd.join(file))
        .map_err(|e| format!("go: reading overlay: open {}: {}", file.display(), describe(&e)))?;
    let replace = parse(&text).map_err(|e| format!("go: reading overlay: parsing overlay JSON: {e}"))?;
    let absolute = |path: &str| golift_load::clean(&cwd.join(path));
    Ok(replace
        .iter()
        .map(|(from, to)| (absolute(from), Some(to).filter(|to| !to.is_empty()).map(|to| absolute(to))))
        .collect())
}

fn parse(text: &[u8]) -> Result<BTreeMap<String, String>, String> {
    let overlay: Overlay = serde_json::from_slice(text).map_err(|e| match e.is_eof() {
        true => "unexpected end of JSON input".to_owned(),
        false => e.to_string(),
    })?;
    Ok(overlay.replace.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json() {
        let text = "{\"Other\": [1, {\"a\": null}], \"Replace\": {\"a\\u0062\": \"c\", \"d\": \"\"}}";
        let pairs: Vec<_> = parse(text.as_bytes()).unwrap().into_iter().collect();
        assert_eq!(pairs, [("ab".into(), "c".into()), ("d".into(), String::new())]);
        for bad in ["", "{", "[1]", "{\"Replace\": 1}", "{\"Replace\": {\"a\": 1}}", "{} x"] {
            assert!(parse(bad.as_bytes()).is_err(), "{bad}");
        }
    }
}
