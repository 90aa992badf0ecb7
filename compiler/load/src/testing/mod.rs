//! Tests of packages, as programs.
//!
//! The test of a package `p` is a program of its own: a generated main package (`p.test`), the files of `p` with the test files that say
//! `package p`, and the external test package `p_test`. Whatever in that program imports `p` must see the `p` with test files,
//! so it becomes another package, too: the same files with other imports. `go` calls these `q [p.test]`.
//!
//! Strategy: named packages and what they and their test files import are loaded once, as one graph. Then [`assemble`]
//! adds to each test the variants that it needs; all else is shared between tests. Files are shared by variants, so a variant
//! costs no parsing.
//!
//! Invariants: in the packages reached from one main package, each path occurs once. A variant's [`LoadedPackage::for_test`] names the package
//! under test. Packages that no test reaches (`p` itself, if there is a `p` with test files) are in the graph, too, and nobody needs them.

mod cover;
mod functions;
mod main_file;

pub use cover::CoverMain;
pub use functions::Functions;

use std::sync::Arc;

use golift_syntax::{self as syntax, SourceMap};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::package::{Fault, Import, LoadedPackage};
use main_file::MainFile;

/// What the main package of a test imports in any case.
pub const MAIN_IMPORTS: [&str; 4] = ["os", "reflect", "testing", "testing/internal/testdeps"];

/// What it imports for coverage.
pub const COVER_IMPORTS: [&str; 1] = ["internal/coverage/cfile"];

/// A package under test in the graph that is not complete yet.
pub struct TestFiles {
    /// The package without its tests.
    pub package: usize,
    /// A package of the test files that belong to it.
    pub internal: Option<usize>,
    /// Its external test package.
    pub external: Option<usize>,
    /// What is wrong with the files.
    pub error: Option<String>,
}

/// The graph as [`assemble`] gets it.
pub struct Parts<'a> {
    pub packages: &'a mut Vec<LoadedPackage>,
    pub sources: &'a SourceMap,
    /// By package of test files.
    pub functions: &'a mut FxHashMap<usize, Result<Functions, String>>,
    /// [`MAIN_IMPORTS`], and what each program needs though nobody imports it.
    pub implicit: &'a [usize],
    /// `-cover`
    pub cover: Option<&'a CoverMain>,
}

/// A test that is complete, or why it cannot be.
pub struct Program {
    /// The main package.
    pub main: usize,
    /// The package under test and the external test package, for messages.
    pub parts: Vec<usize>,
}

/// Adds the packages of a test.
pub fn assemble(parts: &mut Parts, files: &TestFiles, module: &str) -> Result<Program, String> {
    if let Some(msg) = &files.error {
        return Err(msg.clone());
    }
    if let Some(msg) = files.internal.and_then(|internal| cycle(parts, files.package, internal)) {
        return Err(msg);
    }
    let mut take = |package: Option<usize>| match package {
        Some(package) => parts.functions.remove(&package).unwrap_or_else(|| Ok(Functions::default())),
        None => Ok(Functions::default()),
    };
    let (internal, external) = (take(files.internal)?, take(files.external)?);
    if internal.main && external.main {
        return Err("multiple definitions of TestMain".into());
    }
    let path = parts.packages[files.package].path.clone();
    let text = MainFile { path: &path, module, internal: &internal, external: &external, cover: parts.cover }.text();
    let under_test = with_test_files(parts, files);
    let mut variants = Variants::new(parts.packages, files.package, under_test);
    let main = main_package(&mut variants, parts, files, &text);
    let under_test = (!is_empty(parts.packages, files)).then_some(under_test);
    let parts = [under_test, files.external.map(|external| variants.of(external, parts.packages))];
    Ok(Program { main, parts: parts.into_iter().flatten().collect() })
}

/// Are all files of the folder those of an external test?
fn is_empty(packages: &[LoadedPackage], files: &TestFiles) -> bool {
    files.internal.is_none() && files.external.is_some() && packages[files.package].files.is_empty()
}

/// The package with its test files; itself if there are none, and it is no program.
fn with_test_files(parts: &mut Parts, files: &TestFiles) -> usize {
    let package = &parts.packages[files.package];
    if files.internal.is_none() && package.name != "main" {
        return files.package;
    }
    let mut package = package.clone();
    package.for_test = Some(package.path.clone());
    if let Some(internal) = files.internal {
        let tests = &parts.packages[internal];
        if package.files.is_empty() {
            package.name = tests.name.clone();
        }
        package.files.extend(tests.files.iter().cloned());
        package.file_names.extend(tests.file_names.iter().cloned());
        for import in &tests.imports {
            if !package.imports.iter().any(|known| known.path == import.path) {
                package.imports.push(import.clone());
            }
        }
        package.imports.sort_by(|a, b| a.path.cmp(&b.path));
        package.embeds.extend(tests.embeds.iter().cloned());
        package.syntax_errors.extend(tests.syntax_errors.iter().cloned());
        package.directive_errors.extend(tests.directive_errors.iter().cloned());
        // With its tests it has Go files.
        package.fault = package.fault.filter(|fault| !matches!(fault, Fault::Late(_))).or_else(|| tests.fault.clone());
        package.digest = *blake3::hash(&[package.digest, tests.digest].concat()).as_bytes();
        if package.fault.is_none() && package.name != tests.name {
            package.fault = Some(Fault::AtImport(format!(
                "found packages {} ({}) and {} ({}) in {}",
                package.name,
                package.file_names[0],
                tests.name,
                tests.file_names[0],
                package.dir.display()
            )));
        }
    }
    parts.packages.push(package);
    parts.packages.len() - 1
}

fn main_package(variants: &mut Variants, parts: &mut Parts, files: &TestFiles, text: &str) -> usize {
    let id = parts.sources.add_file("_testmain.go", text.len());
    let mode = syntax::Mode { std: true, ..syntax::Mode::default() };
    let (file, syntax_errors) = syntax::parse_source(&parts.sources.file(id), text.as_bytes(), mode);
    assert!(syntax_errors.is_empty(), "the main package of a test is wrong: {syntax_errors:?}\n{text}");
    let pos = file.package.pos;
    // Of a folder with external tests only there is no package to import.
    let package = (!is_empty(parts.packages, files)).then_some(&files.package);
    let needed = parts.implicit.iter().chain(package).chain(&files.external);
    let imports = needed.map(|&package| {
        let path = parts.packages[package].path.clone();
        let package = Some(variants.of(package, parts.packages));
        Import { path, pos, package, fault: None, refused: None }
    });
    let mut imports: Vec<Import> = imports.collect();
    imports.sort_by(|a, b| a.path.cmp(&b.path));
    imports.dedup_by(|a, b| a.path == b.path);
    let tested = &parts.packages[files.package];
    let package = LoadedPackage {
        path: format!("{}.test", tested.path),
        name: "main".into(),
        dir: tested.dir.clone(),
        origin: tested.origin,
        go_version: syntax::GoVersion::LATEST,
        files: vec![Arc::new(file)],
        file_names: vec!["_testmain.go".into()],
        asm_files: Vec::new(),
        is_assembled: false,
        avoided_asm: Vec::new(),
        test_files: Vec::new(),
        ignored_files: Vec::new(),
        imports,
        embeds: Vec::new(),
        syntax_errors: Vec::new(),
        directive_errors: Vec::new(),
        fault: None,
        digest: *blake3::hash(text.as_bytes()).as_bytes(),
        for_test: Some(tested.path.clone()),
    };
    parts.packages.push(package);
    parts.packages.len() - 1
}

/// Packages of one test that differ from those of the others.
struct Variants {
    /// By their originals.
    known: FxHashMap<usize, usize>,
    /// Packages that import, through others too, the one under test.
    above: FxHashSet<usize>,
    path: String,
}

impl Variants {
    fn new(packages: &[LoadedPackage], package: usize, under_test: usize) -> Variants {
        let above = if package == under_test { FxHashSet::default() } else { importers(packages, package) };
        Variants { known: FxHashMap::from_iter([(package, under_test)]), above, path: packages[package].path.clone() }
    }

    fn of(&mut self, package: usize, packages: &mut Vec<LoadedPackage>) -> usize {
        if let Some(&variant) = self.known.get(&package) {
            return variant;
        }
        if !self.above.contains(&package) {
            return package;
        }
        let variant = packages.len();
        self.known.insert(package, variant);
        let copy = LoadedPackage { for_test: Some(self.path.clone()), ..packages[package].clone() };
        packages.push(copy);
        for import in 0..packages[variant].imports.len() {
            if let Some(target) = packages[variant].imports[import].package {
                packages[variant].imports[import].package = Some(self.of(target, packages));
            }
        }
        variant
    }
}

fn importers(packages: &[LoadedPackage], package: usize) -> FxHashSet<usize> {
    let mut direct: FxHashMap<usize, Vec<usize>> = FxHashMap::default();
    for (importer, loaded) in packages.iter().enumerate() {
        for target in loaded.imports.iter().filter_map(|import| import.package) {
            direct.entry(target).or_default().push(importer);
        }
    }
    let mut found = FxHashSet::default();
    let mut pending = vec![package];
    while let Some(target) = pending.pop() {
        for &importer in direct.get(&target).into_iter().flatten() {
            if found.insert(importer) {
                pending.push(importer);
            }
        }
    }
    found
}

/// The message about test files that import something which imports their package.
fn cycle(parts: &Parts, package: usize, internal: usize) -> Option<String> {
    let packages = &parts.packages;
    // How each package was reached: from which one, and by which of its imports.
    let mut reached: FxHashMap<usize, (usize, usize)> = FxHashMap::default();
    let mut pending = std::collections::VecDeque::from([internal]);
    while let Some(importer) = pending.pop_front() {
        for (index, import) in packages[importer].imports.iter().enumerate() {
            let Some(target) = import.package else { continue };
            if reached.contains_key(&target) {
                continue;
            }
            reached.insert(target, (importer, index));
            pending.push_back(target);
        }
    }
    let mut lines = Vec::new();
    let mut at = package;
    while let Some(&(importer, index)) = reached.get(&at) {
        let import = &packages[importer].imports[index];
        let file = parts.sources.physical_position(import.pos).filename;
        lines.push(format!("\n\timports {} from {}", packages[at].path, file.rsplit('/').next().unwrap_or_default()));
        if importer == internal {
            lines.reverse();
            return Some(format!(
                "package {}{}: import cycle not allowed in test",
                packages[package].path,
                lines.concat()
            ));
        }
        at = importer;
    }
    None
}
