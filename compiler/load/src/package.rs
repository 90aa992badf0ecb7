//! What loading results in: packages, who owns them, what they import and what is wrong with them.

use std::path::PathBuf;
use std::sync::Arc;

use golift_syntax::{Diagnostic, File, GoVersion, Pos, SourceMap};

use crate::embed::Embed;

/// Packages, dependencies first.
pub struct Graph {
    /// The files, for positions.
    pub sources: Arc<SourceMap>,
    /// Each after those that it imports.
    pub packages: Vec<LoadedPackage>,
    /// The packages that were asked for, as indices.
    pub roots: Vec<usize>,
    /// What makes the graph incomplete.
    pub errors: Vec<LoadError>,
    /// Complete messages that stop nothing.
    pub warnings: Vec<String>,
    /// Whether there is a main module, and its path.
    pub main_module: Option<String>,
    /// How many main modules there are: those are the first.
    pub main_modules: usize,
    /// Other modules that packages come from, sorted by path.
    pub dependencies: Vec<Dependency>,
    /// The default of `GODEBUG` in the program.
    pub godebug: String,
    /// The distribution.
    pub goroot: PathBuf,
    /// If tests were asked for: one for each of the roots.
    pub tests: Vec<Test>,
}

impl Graph {
    /// The packages that some of them reach, each after those that it imports.
    pub fn reachable(&self, roots: &[usize]) -> Vec<usize> {
        let mut reached = vec![false; self.packages.len()];
        let mut pending = roots.to_vec();
        while let Some(package) = pending.pop() {
            if !std::mem::replace(&mut reached[package], true) {
                pending.extend(self.packages[package].imports.iter().filter_map(|import| import.package));
            }
        }
        (0..reached.len()).filter(|&package| reached[package]).collect()
    }

    /// Is it of the main module, or of one of the workspace?
    pub fn is_of_main_module(&self, package: &LoadedPackage) -> bool {
        matches!(package.origin, Origin::Module(index) if index < self.main_modules)
    }

    /// The graph of these packages, in their order, and of what they import, which is among them.
    pub fn part(&self, packages: &[usize], roots: &[usize]) -> Graph {
        let mut position = vec![0; self.packages.len()];
        packages.iter().enumerate().for_each(|(new, &old)| position[old] = new);
        let mut packages: Vec<LoadedPackage> = packages.iter().map(|&old| self.packages[old].clone()).collect();
        for import in packages.iter_mut().flat_map(|package| &mut package.imports) {
            import.package = import.package.map(|old| position[old]);
        }
        Graph {
            sources: Arc::clone(&self.sources),
            packages,
            roots: roots.iter().map(|&root| position[root]).collect(),
            errors: self.errors.clone(),
            warnings: self.warnings.clone(),
            main_module: self.main_module.clone(),
            main_modules: self.main_modules,
            dependencies: self.dependencies.clone(),
            godebug: self.godebug.clone(),
            goroot: self.goroot.clone(),
            tests: Vec::new(),
        }
    }
}

/// The test of a package, or a package without one.
#[derive(Clone, Debug)]
pub struct Test {
    /// The package under test.
    pub path: String,
    /// Its folder.
    pub dir: PathBuf,
    /// There are test files. If not, the package itself is the root.
    pub has_files: bool,
    /// Why it cannot be built, as far as that is known before anything is compiled.
    pub errors: Vec<LoadError>,
}

/// A complete message, and the package or pattern that it is about.
#[derive(Clone, Debug)]
pub struct LoadError {
    /// The package, or what the command line has in its place.
    pub import_path: String,
    /// What `go` prints.
    pub msg: String,
}

/// One package: its files, and what they import.
#[derive(Clone)]
pub struct LoadedPackage {
    /// As the type checker and the symbol names know it.
    pub path: String,
    /// As the package clauses have it.
    pub name: String,
    /// Where it is.
    pub dir: PathBuf,
    /// Whom it belongs to.
    pub origin: Origin,
    /// The language version of its module.
    pub go_version: GoVersion,
    /// Its Go files, parsed.
    pub files: Vec<Arc<File>>,
    /// Their names, in the same order.
    pub file_names: Vec<String>,
    /// Selected assembly files.
    pub asm_files: Vec<String>,
    /// The assembly files become part of the program: the Go files declare what they define.
    pub is_assembled: bool,
    /// Assembly files because of which other Go files were chosen than `go` would choose.
    pub avoided_asm: Vec<String>,
    /// Test files for this target.
    pub test_files: Vec<String>,
    /// Go files that constraints exclude.
    pub ignored_files: Vec<String>,
    /// Sorted by path.
    pub imports: Vec<Import>,
    /// Variables with files in them.
    pub embeds: Vec<Embed>,
    /// What the parser found.
    pub syntax_errors: Vec<Diagnostic>,
    /// Misuse of directives that keeps the compiler from being called.
    pub directive_errors: Vec<Diagnostic>,
    /// The first thing that keeps it from being compiled at all.
    pub fault: Option<Fault>,
    /// Hash of the names and contents of the Go files.
    pub digest: [u8; 32],
    /// It belongs to the test of the package with this path, and to no other program: see module testing.
    pub for_test: Option<String>,
}

/// An imported path as written, where, and what it means.
#[derive(Clone)]
pub struct Import {
    /// As it is written.
    pub path: String,
    /// Where the first import of it stands.
    pub pos: Pos,
    /// The index of the package, if there is one.
    pub package: Option<usize>,
    /// Why there is no such package.
    pub fault: Option<String>,
    /// The same in the words of the compiler, to which it is left to say that.
    pub refused: Option<String>,
}

impl LoadedPackage {
    /// Where the package was found.
    pub(crate) fn location(&self) -> Location {
        Location { path: self.path.clone(), dir: self.dir.clone(), origin: self.origin }
    }

    /// Where it belongs, as far as others let themselves be imported: an external test is at home in the package that it tests.
    pub(crate) fn home(&self) -> Location {
        Location { path: self.for_test.as_ref().unwrap_or(&self.path).clone(), ..self.location() }
    }

    /// As `go` calls it: `q [p.test]` if it belongs to the test of `p`.
    pub fn shown_name(&self) -> String {
        match &self.for_test {
            Some(tested) if !(self.name == "main" && self.path != *tested) => format!("{} [{tested}.test]", self.path),
            _ => self.path.clone(),
        }
    }

    /// Is it named main, and yet no program, because it is part of its own test?
    pub fn is_library(&self) -> bool {
        self.for_test.as_ref() == Some(&self.path)
    }

    /// Notes a fault, unless there is one already.
    pub(crate) fn blame(&mut self, fault: Fault) {
        self.fault.get_or_insert(fault);
    }

    /// Does it belong to the distribution?
    pub fn is_std(&self) -> bool {
        self.origin == Origin::Std
    }
}

/// Whom a package belongs to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Origin {
    /// The distribution, `cmd` among it.
    Std,
    /// A module of the build, as an index.
    Module(usize),
    /// Files on the command line.
    CommandLine,
}

/// A package's canonical path and where it is.
#[derive(Clone, Debug)]
pub struct Location {
    /// The path by which all the program knows it.
    pub path: String,
    /// Its folder.
    pub dir: PathBuf,
    /// Whom it belongs to.
    pub origin: Origin,
}

/// A module that is part of a program.
#[derive(Clone, Debug)]
pub struct Dependency {
    /// The path that is required.
    pub path: String,
    /// The version that was selected.
    pub version: String,
    /// Its hash in go.sum; empty if that has none.
    pub sum: String,
    /// What stands in for it: path or folder, version, hash.
    pub replaced: Option<(String, String, String)>,
}

/// Why a package cannot be used.
#[derive(Clone, Debug)]
pub enum Fault {
    /// A message with its own position.
    Complete(String),
    /// Shown at the import that leads to the package.
    AtImport(String),
    /// Shown with the path of imports that leads to the package.
    WithPath(String),
    /// Found only when the package is compiled: shown if nothing else is wrong.
    Late(String),
    /// An import that is not allowed: shown with the path of imports, and where it stands.
    Import(Pos, String),
}
