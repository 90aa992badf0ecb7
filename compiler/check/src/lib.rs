//! Type-checking a graph of packages: each as soon as its imports are done, on all cores.

#![warn(missing_docs)]

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use golift_syntax::Diagnostic;
use golift_types::{
    BasicKind, Config, ImportError, Obj, Package, Qualifier, Type, TypeKind, check_package, type_string,
};

use golift_load::{Embed, Graph};

/// How to check.
#[derive(Clone, Copy, Debug, Default)]
pub struct CheckOptions {
    /// Leave out the function bodies of packages of the distribution that were not asked for.
    pub skip_std_bodies: bool,
    /// Functions of packages that were asked for need no body.
    pub allow_bodyless: bool,
    /// Experiment fieldtrack.
    pub field_track: bool,
}

/// Results in the order of [`Graph::packages`].
pub struct Checked {
    /// One for each loaded package.
    pub packages: Vec<CheckedPackage>,
}

/// `package` is missing if its syntax, or something that it imports, is wrong.
#[derive(Default)]
pub struct CheckedPackage {
    /// The checked package, if nothing is wrong.
    pub package: Option<Package>,
    /// In the order in which they were found: see [`golift_syntax::choose`].
    pub errors: Vec<Diagnostic>,
}

/// Checks all packages. A package with errors is not checked further up: as with `go`, those who import it
/// are passed over in silence.
pub fn check(graph: &Graph, options: CheckOptions) -> Checked {
    let count = graph.packages.len();
    let mut importers: Vec<Vec<usize>> = vec![Vec::new(); count];
    let mut waiting = Vec::with_capacity(count);
    for (index, package) in graph.packages.iter().enumerate() {
        let dependencies = package.imports.iter().filter_map(|import| import.package);
        waiting.push(AtomicUsize::new(dependencies.clone().count()));
        dependencies.for_each(|target| importers[target].push(index));
    }
    let checker = Checker {
        graph,
        options,
        importers,
        waiting,
        is_root: (0..count).map(|i| graph.roots.contains(&i)).collect(),
        results: (0..count).map(|_| OnceLock::new()).collect(),
    };
    rayon::scope(|scope| {
        // In order, so that what much depends on comes first.
        for (index, package) in graph.packages.iter().enumerate() {
            if package.imports.iter().all(|import| import.package.is_none()) {
                let checker = &checker;
                scope.spawn(move |scope| checker.run(index, scope));
            }
        }
    });
    // Packages of an import cycle were never ready.
    Checked { packages: checker.results.into_iter().map(|r| r.into_inner().unwrap_or_default()).collect() }
}

struct Checker<'a> {
    graph: &'a Graph,
    options: CheckOptions,
    importers: Vec<Vec<usize>>,
    /// Imports of each package that are not done yet.
    waiting: Vec<AtomicUsize>,
    is_root: Vec<bool>,
    results: Vec<OnceLock<CheckedPackage>>,
}

impl<'a> Checker<'a> {
    fn run<'s>(&'s self, index: usize, scope: &rayon::Scope<'s>) {
        let result = self.check_one(index);
        assert!(self.results[index].set(result).is_ok(), "package checked twice");
        for &importer in &self.importers[index] {
            if self.waiting[importer].fetch_sub(1, Ordering::AcqRel) == 1 {
                scope.spawn(move |scope| self.run(importer, scope));
            }
        }
    }

    fn check_one(&self, index: usize) -> CheckedPackage {
        let loaded = &self.graph.packages[index];
        let done = |i: usize| self.results[i].get().and_then(|result| result.package);
        let complete = loaded.imports.iter().all(|import| match import.package {
            Some(target) => done(target).is_some(),
            None => import.path == "unsafe" || import.refused.is_some(),
        });
        if !complete || loaded.files.is_empty() {
            return CheckedPackage::default();
        }
        if !loaded.directive_errors.is_empty() {
            return CheckedPackage { package: None, errors: loaded.directive_errors.clone() };
        }
        // gc goes on after errors of its parser that are no syntax errors.
        if loaded.syntax_errors.iter().any(Diagnostic::is_syntax_error) {
            return CheckedPackage { package: None, errors: loaded.syntax_errors.clone() };
        }
        let importer = |path: &str| -> Result<Package, ImportError> {
            let import = loaded.imports.iter().find(|import| import.path == path);
            let refused = || import.and_then(|import| import.refused.clone());
            let package = import.and_then(|import| import.package).and_then(done);
            package.ok_or_else(|| ImportError(refused().unwrap_or_else(|| format!("could not import {path}"))))
        };
        let config = Config {
            go_version: loaded.go_version,
            is_std: loaded.is_std(),
            field_track: self.options.field_track,
            ignore_func_bodies: self.options.skip_std_bodies && loaded.is_std() && !self.is_root[index],
            allow_bodyless: loaded.is_std()
                || !loaded.asm_files.is_empty()
                || (self.options.allow_bodyless && self.is_root[index]),
            library: loaded.is_library(),
            source_map: Some(Arc::clone(&self.graph.sources)),
            earlier_errors: !loaded.syntax_errors.is_empty(),
            ..Config::default()
        };
        let (package, found) = check_package(&loaded.path, loaded.files.clone(), &importer, &config);
        let mut errors = loaded.syntax_errors.clone();
        errors.extend(found);
        if errors.is_empty() {
            for embed in &loaded.embeds {
                // gc looks at files only as long as nothing is wrong.
                let unreadable = || embed.error.as_ref().filter(|_| errors.is_empty());
                let unreadable = || unreadable().map(|msg| Diagnostic::new(embed.pos, "MisplacedDirective", msg));
                let error = unfit_for_embed(package, embed).or_else(unreadable);
                errors.extend(error);
            }
        }
        if let Some(first) = errors.first_mut().filter(|_| !loaded.avoided_asm.is_empty()) {
            let files = loaded.avoided_asm.join(", ");
            first.msg += &format!(
                "\n\tnote: golift cannot translate assembly yet ({files}), so it chose this package's files for architectures without assembly"
            );
        }
        CheckedPackage { package: errors.is_empty().then_some(package), errors }
    }
}

/// Only strings, byte slices and embed.FS take files, and only the last takes several.
fn unfit_for_embed(package: Package, embed: &Embed) -> Option<Diagnostic> {
    let t = package.lookup(embed.var)?.ty();
    let is_fs = |obj: Obj| obj.name().as_str() == "FS" && obj.pkg().is_some_and(|p| p.path() == "embed");
    if t.as_named().is_some_and(|n| is_fs(n.obj)) {
        return None;
    }
    let is_kind = |t: Type, kind: BasicKind| matches!(t.under().kind(), TypeKind::Basic(b) if b.kind == kind);
    let takes_one = match t.under().kind() {
        TypeKind::Slice(elem) => is_kind(*elem, BasicKind::Uint8),
        _ => is_kind(t, BasicKind::String),
    };
    let name = || type_string(t, &Qualifier::Messages { pkg: package, ambiguous: Arc::default(), map: None });
    let msg = match (takes_one, embed.files.len()) {
        (false, _) => format!("go:embed cannot apply to var of type {}", name()),
        (true, 0 | 1) => return None,
        (true, _) => format!("invalid go:embed: multiple files for type {}", name()),
    };
    Some(Diagnostic::new(embed.pos, "MisplacedDirective", msg))
}
