//! What lowering makes of Go's constructs: `tests/lower/*.go`, one program a file, and the IR of their own functions beside
//! (`golift_tests::golden`). Data objects, which have numbers that depend on the rest of the program, show their names.

use golift_check::CheckOptions;
use golift_ir::{Linkage, Program, print_func, verify_func};
use golift_load::{Compiler, Context, ModuleFlags, Overlay, Request, find_goroot, load};
use golift_lower::{Input, lower_program};
use golift_tests::golden;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

fn lower(goroot: &Path, path: &Path) -> Result<String, String> {
    let context = Context::new("linux", "amd64", Vec::new(), "")?;
    let args = [path.to_string_lossy().into_owned()];
    let request = Request {
        goroot,
        cwd: Path::new("/"),
        context: &context,
        modules: &ModuleFlags::default(),
        overlay: &Overlay::from_env()?,
        args: &args,
        implicit: &["runtime"],
        avoid_asm: true,
        compiler: Compiler::default(),
        tests: false,
    };
    let graph = load(&request)?;
    let checked = golift_check::check(&graph, CheckOptions::default());
    let errors: Vec<String> =
        checked.packages.iter().flat_map(|p| &p.errors).map(|error| error.render(&graph.sources)).collect();
    if !errors.is_empty() {
        return Err(errors.join("\n"));
    }
    let main = checked.packages[graph.roots[0]].package.ok_or("package main is missing")?;
    let packages = checked.packages.iter().filter_map(|p| p.package).collect();
    let input = Input {
        sources: &graph.sources,
        packages,
        main,
        embeds: Default::default(),
        field_track: false,
        unchecked: Default::default(),
    };
    let program = lower_program(input).program;
    let mut text = String::new();
    for f in program.funcs.values().filter(|f| f.linkage == Linkage::Local && f.name.starts_with("main.")) {
        let problems = verify_func(&program, f);
        if !problems.is_empty() {
            return Err(format!("{}: {}", f.name, problems.join("\n")));
        }
        text.push_str(&named(&program, &print_func(&program, f), path));
    }
    Ok(text)
}

/// The text with names for data objects, and without folders.
fn named(program: &Program, text: &str, path: &Path) -> String {
    let dir = path.parent().map_or(String::new(), |dir| format!("{}/", dir.display()));
    let names: HashMap<String, &str> = program.datas.iter().map(|(id, d)| (id.to_string(), &*d.name)).collect();
    let word = |word: &str| names.get(word).map_or(word.to_owned(), |name| format!("{name:?}"));
    let line = |line: &str| line.split(' ').map(word).collect::<Vec<_>>().join(" ") + "\n";
    text.replace(&dir, "").lines().map(line).collect()
}

#[test]
fn constructs_are_lowered_as_expected() {
    let goroot: PathBuf = find_goroot(None, &|message| eprintln!("{message}")).expect("a distribution");
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lower");
    let mut failures = Vec::new();
    for path in golden::inputs(&dir, "go") {
        let result = lower(&goroot, &path).and_then(|text| golden::check(&path, &text));
        failures.extend(result.err().map(|e| format!("{}: {e}", path.display())));
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
