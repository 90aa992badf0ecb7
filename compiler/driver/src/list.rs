//! `golift list`: packages, and what is known about them.

use std::path::Path;

use golift_load::{LoadedPackage, Origin};
use serde_json::Value;

use crate::build;
use crate::failure::{Exit, Failure, print_all};
use crate::front::Purpose;
use crate::json::{self, Object};
use crate::session::Session;

/// Lists the packages.
pub fn list(session: &Session, args: &[String]) -> Result<Exit, Failure> {
    let flags = &session.flags;
    let (graph, goroot) = build::load_packages(session, args, Purpose::Check)?;
    session.progress.finish();
    let mut out = String::new();
    let mut shown: Vec<usize> = graph.roots.clone();
    if flags.deps {
        shown = (0..graph.packages.len()).collect();
    }
    for index in shown {
        let package = &graph.packages[index];
        let fields = fields(package, &goroot);
        if flags.json {
            let unknown = |name: &&String| !fields.iter().any(|(field, _)| field == *name);
            if let Some(name) = flags.json_fields.iter().find(unknown) {
                return Err(Failure::Usage(format!("golift: -json: field {name} is not supported yet")));
            }
            let wanted = |name: &str| flags.json_fields.is_empty() || flags.json_fields.iter().any(|f| f == name);
            let members = fields.into_iter().filter(|(name, value)| wanted(name) && !is_empty(value));
            out += &json::indented(&Object(members.collect()));
        } else if let Some(format) = &flags.format {
            let mut line = format.clone();
            for (name, value) in &fields {
                line = line.replace(&format!("{{{{.{name}}}}}"), &plain(value));
            }
            if let Some(at) = line.find("{{") {
                return Err(Failure::Usage(format!("golift: -f: not supported: {}", &line[at..])));
            }
            out += &line;
        } else {
            out += &package.path;
        }
        out.push('\n');
    }
    print_all(&out)
}

/// As with Go's `omitempty`.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Bool(value) => !value,
        Value::Array(list) => list.is_empty(),
        Value::String(text) => text.is_empty(),
        _ => false,
    }
}

/// As Go's templates print values.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(list) => format!("[{}]", list.iter().map(plain).collect::<Vec<_>>().join(" ")),
        other => other.to_string(),
    }
}

fn fields(package: &LoadedPackage, goroot: &Path) -> Vec<(&'static str, Value)> {
    let imports: Vec<&str> = package.imports.iter().map(|import| import.path.as_str()).collect();
    vec![
        ("Dir", package.dir.to_string_lossy().into()),
        ("ImportPath", package.path.as_str().into()),
        ("Name", package.name.as_str().into()),
        ("Goroot", package.dir.starts_with(goroot).into()),
        ("Standard", (package.origin == Origin::Std).into()),
        ("GoFiles", package.file_names.clone().into()),
        ("IgnoredGoFiles", package.ignored_files.clone().into()),
        ("SFiles", package.asm_files.clone().into()),
        ("TestGoFiles", package.test_files.clone().into()),
        ("Imports", imports.into()),
    ]
}
