//! What lowering makes of Go's constructs: `tests/lower/*.go`, one program a file, and the IR of their own functions beside
//! (`golift_tests::golden`). Data objects, which have numbers that depend on the rest of the program, show their names.

use golift_check::CheckOptions;
use golift_ir::{Linkage, Program, print_func, verify_func};
use golift_load::{Compiler, Context, ModuleFlags, Overlay, Request, find_goroot, load};
use golift_lower::{Input, lower_program, runtime_mismatches};
use golift_tests::golden;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// Loads and checks a program, and does `work` on it.
fn with_input<T>(goroot: &Path, path: &Path, variables: bool, work: impl FnOnce(Input) -> T) -> Result<T, String> {
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
        cover: None,
        fetcher: None,
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
        assembly: Default::default(),
        sources: &graph.sources,
        packages,
        main,
        embeds: Default::default(),
        field_track: false,
        unchecked: Default::default(),
        variables,
    };
    Ok(work(input))
}

fn lower(goroot: &Path, path: &Path, variables: bool) -> Result<String, String> {
    let program = with_input(goroot, path, variables, |input| lower_program(input).program)?;
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
    // Only one is about scopes and variables.
    for path in golden::inputs(&dir, "go") {
        let variables = path.file_stem().is_some_and(|name| name == "variables");
        let result = lower(&goroot, &path, variables).and_then(|text| golden::check(&path, &text));
        failures.extend(result.err().map(|e| format!("{}: {e}", path.display())));
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn package_runtime_has_what_compiled_code_calls() {
    let goroot: PathBuf = find_goroot(None, &|message| eprintln!("{message}")).expect("a distribution");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/with_reflect.go");
    let mismatches = with_input(&goroot, &path, false, runtime_mismatches).unwrap();
    assert!(mismatches.is_empty(), "{}", mismatches.join("\n"));
}

#[test]
fn variables_change_no_code() {
    let goroot: PathBuf = find_goroot(None, &|message| eprintln!("{message}")).expect("a distribution");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lower/variables.go");
    let with = lower(&goroot, &path, true).unwrap();
    assert_eq!(with, lower(&goroot, &path, true).unwrap(), "the tables depend on something else than the program");
    let without = lower(&goroot, &path, false).unwrap();
    // Locations tell scopes apart, so there are more of them.
    let code = |text: &str| {
        let is_table = |line: &&str| {
            let word = line.split_whitespace().next().unwrap_or_default();
            ["loc", "scope", "var", "param"].contains(&word)
        };
        let code = text.lines().filter(|line| !is_table(line)).map(|line| line.split(" @").next().unwrap_or_default());
        code.collect::<Vec<_>>().join("\n")
    };
    assert_eq!(code(&with), code(&without));
}
