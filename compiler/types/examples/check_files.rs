//! Checks the files of one package, given by name, as gc would, and prints the errors as gc does.
//! `GOROOT` says where the standard library is; `LANG_VERSION=1.20` sets the language version.

#[path = "../tests/common/mod.rs"]
mod common;

use std::sync::Arc;

use golift_syntax::{Decl, Mode, SourceMap};
use golift_types::{Config, GoVersion, ImportError, check_package};

fn main() {
    let names: Vec<String> = std::env::args().skip(1).collect();
    let map = Arc::new(SourceMap::new());
    let mut files = Vec::new();
    let mut errors = Vec::new();
    let mut imports = Vec::new();
    for name in &names {
        let source = std::fs::read(name).expect("readable file");
        let (file, diags) = golift_syntax::parse_file(&map, name, &source, Mode::default());
        errors.extend(diags);
        for d in &file.decls {
            if let Decl::Import(d) = d
                && let Some(path) = &d.path
            {
                imports.push(path.text.as_str().trim_matches(['"', '`']).to_string());
            }
        }
        files.push(Arc::new(file));
    }
    // gc goes on after errors of its parser that are no syntax errors.
    if !errors.iter().any(|e| e.msg.starts_with("syntax error")) {
        imports.retain(|i| i != "unsafe" && i != "C");
        let std = common::check_all(&map, &imports, 2);
        let importer = |path: &str| {
            let found = std.iter().find(|(p, ..)| p == path).and_then(|(_, pkg, _)| *pkg);
            found.ok_or_else(|| ImportError("not found".into()))
        };
        let go_version =
            std::env::var("LANG_VERSION").ok().and_then(|v| GoVersion::parse(&v)).unwrap_or(GoVersion::LATEST);
        let config = Config { go_version, source_map: Some(map.clone()), ..Config::default() };
        let (_, diags) = check_package("main", files, &importer, &config);
        errors.extend(diags);
    }
    errors.sort_by_key(|e| e.pos);
    for d in &errors {
        println!("{}", d.render(&map));
    }
}
