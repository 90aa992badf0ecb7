//! From import paths to folders.
//!
//! A package belongs to the module whose path its own begins with, and of several such modules exactly one may have it. Looked at first are only
//! the modules that the main module's go.mod lists; the whole graph of requirements ([`graph`]) is read where that must be: for old main modules, for
//! packages that the listed modules do not have, and when what is listed contradicts what those modules ask for. Modules are
//! fetched when a package may lie in them.

mod fetch;
mod gomod;
mod graph;
mod sums;
mod vendor;
mod version;
mod workspace;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use golift_syntax::GoVersion;
use rustc_hash::{FxHashMap, FxHashSet};

use self::fetch::{FetchError, Fetcher};
pub use self::fetch::{FetchModules, Wanted, module_cache};
use self::gomod::{GoMod, Kind, Require};
use self::graph::{ModuleError, ModuleGraph, Requirements};
use self::vendor::Vendor;
use self::version::ModuleVersion;
use self::workspace::Workspace;
pub use self::workspace::{ModuleFlags, module_root, work_file};
use crate::files;
use crate::overlay::Overlay;
use crate::package::{Dependency, Location, Origin};
use crate::paths::{is_below, short_dir, short_of};

/// A module with packages of the program.
#[derive(Clone, Debug)]
pub struct Module {
    /// The module path.
    pub path: String,
    /// Empty for main modules.
    version: String,
    /// Where its files are.
    pub dir: PathBuf,
    /// The language version of its go.mod.
    pub go_version: GoVersion,
}

/// Where packages of other modules come from.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// The go.mod files say all that is needed, and go.sum.
    ReadOnly,
    /// They need not.
    Mod,
    /// A vendor folder.
    Vendor,
}

/// The modules of a build.
pub struct Modules {
    /// The distribution.
    pub goroot: PathBuf,
    /// Is there a go.mod or go.work?
    pub has_main: bool,
    /// The main modules, that of the current folder first, and others as packages are found in them.
    pub list: Vec<Module>,
    /// GODEBUG settings of the main module, or of the workspace.
    pub godebug: Vec<(String, String)>,
    cwd: PathBuf,
    mode: Mode,
    /// `-mod` was given.
    explicit_mode: Option<String>,
    workspace: Workspace,
    fetcher: Fetcher,
    /// The vendor folder that is in use.
    vendor: Option<(PathBuf, Vendor)>,
    /// What the main module lists, and what it needs (not in a workspace).
    roots: FxHashMap<String, String>,
    root_list: Requirements,
    graph: Option<Arc<ModuleGraph>>,
    /// go.mod files that have been read.
    go_mods: FxHashMap<ModuleVersion, Result<Arc<GoMod>, ReadError>>,
    /// Other modules by path, as indices of the list.
    index: FxHashMap<String, usize>,
    /// What makes the whole build end at once.
    fatal: Option<String>,
    /// go.mod lists a version that it excludes.
    lists_excluded: bool,
    /// Folders, and whether they have Go files.
    folders: FxHashMap<PathBuf, bool>,
}

/// Why there is no go.mod of a module.
#[derive(Clone)]
enum ReadError {
    Module(ModuleError),
    Fatal(String),
}

/// Why a module cannot be searched for a package.
enum NoModule {
    /// go.sum has no sum of it.
    Sum,
    Other(String),
}

impl Modules {
    /// Finds the main modules for `cwd` and what they require.
    pub fn find(
        goroot: &Path,
        cwd: &Path,
        flags: &ModuleFlags,
        fetcher: Option<Arc<dyn FetchModules>>,
    ) -> Result<Modules, String> {
        let workspace = Workspace::find(goroot, cwd, flags)?;
        let mut modules = Modules {
            goroot: goroot.into(),
            has_main: !workspace.mains.is_empty(),
            list: Vec::new(),
            godebug: workspace.godebug.clone(),
            cwd: cwd.into(),
            mode: if flags.mode.as_deref() == Some("mod") { Mode::Mod } else { Mode::ReadOnly },
            explicit_mode: flags.mode.clone(),
            vendor: None,
            fetcher: Fetcher::new(fetcher),
            roots: FxHashMap::default(),
            root_list: Requirements::default(),
            graph: None,
            go_mods: FxHashMap::default(),
            index: FxHashMap::default(),
            fatal: None,
            lists_excluded: false,
            folders: FxHashMap::default(),
            workspace,
        };
        for main in &modules.workspace.mains {
            modules.list.push(Module {
                path: main.file.module.clone(),
                version: String::new(),
                dir: main.root.clone(),
                go_version: main.file.go_version(),
            });
        }
        if modules.has_main {
            modules.find_vendor(flags)?;
            modules.find_roots()?;
        }
        Ok(modules)
    }

    fn find_vendor(&mut self, flags: &ModuleFlags) -> Result<(), String> {
        let first = &self.workspace.mains[0];
        let dir = self.workspace.work.as_ref().unwrap_or(&first.root).join("vendor");
        let in_use = match flags.mode.as_deref() {
            None => {
                let is_new = first.file.go.is_some() && first.file.go_version() >= GoVersion(14);
                is_new && files::is_dir(&dir) && vendor::is_for_workspace(&dir) == self.workspace.work.is_some()
            }
            Some(mode) => mode == "vendor",
        };
        if in_use {
            let vendor = Vendor::read(&dir)?;
            vendor.check(&dir, &self.workspace)?;
            self.graph = Some(Arc::new(ModuleGraph::of_list(vendor.modules.iter().cloned())));
            self.mode = Mode::Vendor;
            self.vendor = Some((dir, vendor));
        }
        Ok(())
    }

    fn find_roots(&mut self) -> Result<(), String> {
        if self.workspace.work.is_some() {
            return Ok(());
        }
        let main = &self.workspace.mains[0].file;
        self.root_list = self.requirements_of(main);
        self.root_list.require.retain(|module| module.path != main.module);
        for ModuleVersion { path, version } in &self.root_list.require {
            match self.roots.get(path) {
                Some(other) if other != version => return Err(self.needs_updates()),
                _ => drop(self.roots.insert(path.clone(), version.clone())),
            }
        }
        for Require { module, .. } in &self.workspace.mains[0].file.require {
            if self.workspace.is_excluded(module) {
                let verb = if self.mode == Mode::Mod { "dropping" } else { "ignoring" };
                eprintln!("go: {verb} requirement on excluded version {} {}", module.path, module.version);
                self.lists_excluded = true;
            }
        }
        // What old modules list is not enough to know the versions.
        if !self.root_list.pruned {
            self.graph().map_err(|msg| self.fatal.take().unwrap_or_else(|| format!("go: {msg}")))?;
        }
        Ok(())
    }

    /// Without versions that are excluded. Old versions of main modules count as those of others do.
    fn requirements_of(&self, file: &GoMod) -> Requirements {
        let all = file.require.iter().map(|require| &require.module);
        let wanted = all.filter(|module| !self.workspace.is_excluded(module));
        // In the order in which `go` goes through them.
        let mut require: Vec<ModuleVersion> = wanted.cloned().collect();
        require.sort_by(|a, b| a.path.cmp(&b.path).then_with(|| version::compare(&a.version, &b.version)));
        Requirements { require, pruned: file.is_pruned() }
    }

    /// The whole graph of requirements.
    fn graph(&mut self) -> Result<Arc<ModuleGraph>, String> {
        if let Some(graph) = &self.graph {
            return Ok(Arc::clone(graph));
        }
        let mut fatal = None;
        let roots = self.root_list.clone();
        let main = self.list[0].path.clone();
        let mains =
            self.workspace.mains.iter().map(|main| (main.file.module.clone(), self.requirements_of(&main.file)));
        let mains: Vec<_> = mains.collect();
        let in_workspace = self.workspace.work.is_some();
        let mut read = |module: &ModuleVersion| match self.go_mod(module) {
            Ok(file) => Ok(self.requirements_of(&file)),
            Err(ReadError::Module(error)) => Err(error),
            Err(ReadError::Fatal(msg)) => {
                fatal.get_or_insert(msg);
                Err(ModuleError { module: module.clone(), msg: String::new() })
            }
        };
        let graph = match in_workspace {
            true => ModuleGraph::of_workspace(&mains, &mut read),
            false => ModuleGraph::of_module(&main, &roots, &mut read),
        };
        if let Some(msg) = fatal {
            return Err(self.fatal.get_or_insert(msg).clone());
        }
        let graph = Arc::new(graph?);
        self.graph = Some(Arc::clone(&graph));
        Ok(graph)
    }

    /// What was found that ends everything.
    pub fn check_fatal(&mut self) -> Result<(), String> {
        self.fatal.take().map_or(Ok(()), Err)
    }

    /// Must go.sum know all that is used?
    fn must_have_sums(&self) -> bool {
        self.mode == Mode::ReadOnly && self.workspace.work.is_none()
    }

    /// The go.mod of a module, or of what stands in for it.
    fn go_mod(&mut self, module: &ModuleVersion) -> Result<Arc<GoMod>, ReadError> {
        if let Some(known) = self.go_mods.get(module) {
            return known.clone();
        }
        let result = self.read_go_mod(module).map(Arc::new);
        self.go_mods.insert(module.clone(), result.clone());
        result
    }

    fn read_go_mod(&self, module: &ModuleVersion) -> Result<GoMod, ReadError> {
        let replacement = self.workspace.replacement(module);
        let actual = replacement.map_or_else(|| module.clone(), |replacement| replacement.new.clone());
        let error = |msg: String| ReadError::Module(ModuleError { module: actual.clone(), msg });
        let (text, name) = match replacement.and_then(|replacement| replacement.dir.as_ref()) {
            Some(dir) => {
                let path = dir.join("go.mod");
                let name = short_of(&path, &self.cwd);
                let wrong = |e| error(format!("reading {name}: open {}: {}", path.display(), files::describe(&e)));
                (files::read_to_string(&path).map_err(wrong)?, path.to_string_lossy().into_owned())
            }
            None => {
                let of_file = ModuleVersion::new(&actual.path, &format!("{}/go.mod", actual.version));
                if self.must_have_sums() && self.workspace.sums.get(&of_file).is_none() {
                    let path = &module.path;
                    let msg = format!("missing go.sum entry for go.mod file; to add it:\n\tgo mod download {path}");
                    return Err(error(msg));
                }
                let text = self.fetcher.go_mod(&self.workspace, &actual).map_err(|e| match e {
                    FetchError::Module(msg) => error(msg),
                    FetchError::Fatal(msg) => ReadError::Fatal(msg),
                })?;
                (text, "go.mod".to_owned())
            }
        };
        let file = GoMod::parse(&text, &name, Kind::Dependency);
        let file = file.map_err(|msg| error(format!("parsing {}: {msg}", short_of(Path::new(&name), &self.cwd))))?;
        if !actual.version.is_empty() {
            if file.module.is_empty() {
                return Err(error("parsing go.mod: missing module line".into()));
            }
            if file.module != module.path && file.module != actual.path {
                return Err(error(format!(
                    "parsing go.mod:\n\tmodule declares its path as: {}\n\t        but was required as: {}",
                    file.module, module.path
                )));
            }
        }
        workspace::demand_go(&file, &self.goroot, &format!("module {actual}")).map_err(ReadError::Fatal)?;
        Ok(file)
    }

    /// Fetches at once the modules in which packages with these import paths may lie.
    pub fn prefetch<'p>(&mut self, paths: impl Iterator<Item = &'p str>) {
        if !self.has_main || self.vendor.is_some() {
            return;
        }
        let in_std = |prefix: &str| prefix.split('/').next().is_some_and(|first| !first.contains('.'));
        let is_main = |prefix: &str| self.workspace.mains.iter().any(|main| main.file.module == prefix);
        let prefixes = paths.flat_map(prefixes_of).filter(|prefix| !is_main(prefix) && !in_std(prefix));
        let modules: BTreeSet<ModuleVersion> =
            prefixes.map(|prefix| ModuleVersion::new(prefix, self.version_in(self.graph.as_deref(), prefix))).collect();
        self.fetch_all(modules.iter().filter(|module| !module.version.is_empty()));
    }

    /// Fetches those that come from the module cache and are not there. What does not succeed is told when a module is used.
    fn fetch_all<'m>(&'m self, modules: impl Iterator<Item = &'m ModuleVersion>) {
        let actual = modules.filter_map(|module| match self.workspace.replacement(module) {
            Some(replacement) if replacement.dir.is_some() => None,
            Some(replacement) => Some(&replacement.new),
            None => Some(module),
        });
        let has_sum = |module: &&ModuleVersion| !self.must_have_sums() || self.workspace.sums.get(module).is_some();
        self.fetcher.fetch_missing(&self.workspace, actual.filter(has_sum));
    }

    /// The version of a module, as far as it is known: by the graph, or by what the main module lists.
    fn version_in<'m>(&'m self, graph: Option<&'m ModuleGraph>, module: &str) -> &'m str {
        match graph {
            Some(graph) => graph.selected(module),
            None => self.roots.get(module).map_or("", String::as_str),
        }
    }

    /// The folder of a module that is not a main one, and whether it is outside of the module cache.
    fn folder(&mut self, module: &ModuleVersion) -> Result<(PathBuf, bool), NoModule> {
        let mut actual = module;
        if let Some(replacement) = self.workspace.replacement(module) {
            if let Some(dir) = &replacement.dir {
                if files::kind(dir).is_ok() {
                    return Ok((dir.clone(), true));
                }
                let msg = format!("replacement directory {} does not exist", replacement.new.path);
                return Err(NoModule::Other(module.error(&msg)));
            }
            actual = &replacement.new;
        }
        if self.must_have_sums() && self.workspace.sums.get(actual).is_none() {
            return Err(NoModule::Sum);
        }
        let dir = self.fetcher.download(&self.workspace, actual).map_err(|e| match e {
            // Of which module `go` does not say.
            FetchError::Module(msg) if actual.without_name(&msg).starts_with("module lookup disabled by") => {
                NoModule::Other(actual.without_name(&msg).to_owned())
            }
            FetchError::Module(msg) => NoModule::Other(msg),
            FetchError::Fatal(msg) => NoModule::Other(self.fatal.get_or_insert(msg).clone()),
        })?;
        Ok((dir, false))
    }

    /// The index of a module in the list, where it is put.
    fn used(&mut self, module: &ModuleVersion, dir: PathBuf) -> Result<usize, String> {
        if let Some(&known) = self.index.get(&module.path) {
            return Ok(known);
        }
        let go_version = match self.go_mod(module) {
            Ok(file) => file.go_version(),
            Err(ReadError::Module(error)) => return Err(error.module.error(&error.msg)),
            Err(ReadError::Fatal(msg)) => return Err(self.fatal.get_or_insert(msg).clone()),
        };
        Ok(self.add(module, dir, go_version))
    }

    fn add(&mut self, module: &ModuleVersion, dir: PathBuf, go_version: GoVersion) -> usize {
        let ModuleVersion { path, version } = module.clone();
        *self.index.entry(path.clone()).or_insert_with(|| {
            self.list.push(Module { path, version, dir, go_version });
            self.list.len() - 1
        })
    }

    /// The modules that packages of these origins belong to.
    pub fn dependencies(&self, origins: impl Iterator<Item = Origin>) -> Vec<Dependency> {
        let mut used: Vec<usize> = origins
            .filter_map(|origin| match origin {
                Origin::Module(index) => Some(index),
                _ => None,
            })
            .collect();
        used.sort_unstable_by_key(|&index| &self.list[index].path);
        used.dedup();
        let sum = |module: &ModuleVersion| self.workspace.sums.get(module).unwrap_or_default().to_owned();
        let dependency = |index: usize| {
            let Module { path, version, .. } = &self.list[index];
            let module = ModuleVersion::new(path, version);
            if version.is_empty() {
                return None;
            }
            let replaced = self.workspace.replacement(&module).map(|replacement| {
                let new = &replacement.new;
                let version = if new.version.is_empty() { "(devel)" } else { &new.version };
                (new.path.clone(), version.to_owned(), sum(new))
            });
            let sum = if replaced.is_some() { String::new() } else { sum(&module) };
            Some(Dependency { path: path.clone(), version: version.clone(), sum, replaced })
        };
        used.into_iter().filter_map(dependency).collect()
    }

    /// The vendor folder, if that is in use.
    pub fn vendor_dir(&self) -> Option<&Path> {
        self.vendor.as_ref().map(|(dir, _)| dir.as_path())
    }

    /// What the roots of a pattern must lie in.
    pub fn main_modules(&self) -> &'static str {
        if self.workspace.work.is_some() { "modules listed in go.work or their" } else { "main module or its" }
    }

    /// The language version of a package's files. Files named on the command line are in no module, wherever they are.
    pub fn go_version(&self, origin: Origin) -> GoVersion {
        match origin {
            Origin::Module(index) => self.list[index].go_version,
            Origin::Std | Origin::CommandLine => GoVersion::LATEST,
        }
    }

    /// The path of the module that a package belongs to.
    pub fn path_of(&self, origin: Origin) -> Option<String> {
        match origin {
            Origin::Module(index) => Some(self.list[index].path.clone()),
            Origin::Std | Origin::CommandLine => None,
        }
    }

    /// How many main modules there are; they come first.
    pub fn main_count(&self) -> usize {
        self.workspace.mains.len()
    }

    /// Is that one of the main modules?
    pub fn is_main(&self, origin: Origin) -> bool {
        matches!(origin, Origin::Module(index) if index < self.workspace.mains.len())
    }

    /// The package that `path` means in an import by `importer`. The error is what `go` prints, without position.
    pub fn resolve(&mut self, path: &str, importer: Option<&Location>, overlay: &Overlay) -> Result<Location, String> {
        let std = self.goroot.join("src");
        let of_std = importer.is_some_and(|importer| importer.origin == Origin::Std);
        let first = path.split('/').next().unwrap_or_default();
        if let Some(importer) = importer.filter(|_| of_std && first.contains('.')) {
            let vendor = if is_below(&importer.path, "cmd") { "cmd/vendor" } else { "vendor" };
            let dir = std.join(vendor).join(path);
            if files::is_dir(&dir) {
                return Ok(Location { path: format!("{vendor}/{path}"), dir, origin: Origin::Std });
            }
        }
        let mut in_std = None;
        if !first.contains('.') && !path.ends_with(".go") {
            let dir = std.join(path);
            if self.has_go_files(&dir) || overlay.has_package(path) {
                let found = Location { path: path.into(), dir, origin: Origin::Std };
                if of_std {
                    return Ok(found);
                }
                in_std = Some(found);
            }
        }
        match self.vendor.is_some() {
            true => self.resolve_vendored(path, in_std),
            false => self.resolve_in_modules(path, importer, in_std),
        }
    }

    /// In the main modules and in the vendor folder.
    fn resolve_vendored(&mut self, path: &str, in_std: Option<Location>) -> Result<Location, String> {
        let mut found: Vec<Location> = in_std.into_iter().collect();
        for index in 0..self.workspace.mains.len() {
            let Module { path: module, dir, .. } = self.list[index].clone();
            if let Some(dir) = self.dir_in_module(path, &module, &dir, true) {
                found.push(Location { path: path.into(), dir, origin: Origin::Module(index) });
            }
        }
        let (vendor_dir, vendor) = self.vendor.take().expect("just seen");
        let dir = vendor_dir.join(path);
        if self.has_go_files(&dir) {
            let module = vendor.packages.get(path).cloned();
            // Before 1.23 it need not be listed.
            match module.or_else(|| (self.list[0].go_version < GoVersion(23)).then(|| ModuleVersion::new("", ""))) {
                Some(module) => {
                    let root = vendor_dir.join(&module.path);
                    let index = self.add(&module, root, vendor.go_version(&module));
                    found.push(Location { path: path.into(), dir, origin: Origin::Module(index) });
                }
                None => {
                    let verb = if self.workspace.work.is_some() { "work" } else { "mod" };
                    eprintln!(
                        "go: ignoring package {path} which exists in the vendor directory but is missing from vendor/modules.txt. To sync the vendor directory run go {verb} vendor."
                    );
                }
            }
        }
        self.vendor = Some((vendor_dir, vendor));
        match found.len() {
            0 => Err(self.not_found(path)),
            1 => Ok(found.remove(0)),
            _ => {
                let dirs: String = found.iter().map(|location| format!("\n\t{}", location.dir.display())).collect();
                Err(format!("ambiguous import: found package {path} in multiple directories:{dirs}"))
            }
        }
    }

    fn resolve_in_modules(
        &mut self,
        path: &str,
        importer: Option<&Location>,
        in_std: Option<Location>,
    ) -> Result<Location, String> {
        if !self.has_main {
            return in_std.ok_or_else(|| self.not_found(path));
        }
        // First without the graph, if there is none yet.
        let mut graph = self.graph.clone();
        loop {
            // Where a module is, and the package in it.
            let mut found: Vec<(ModuleVersion, PathBuf, Location)> = Vec::new();
            let mut without_sum: Vec<String> = Vec::new();
            for prefix in prefixes_of(path) {
                let main = self.workspace.mains.iter().position(|main| main.file.module == prefix);
                if let Some(index) = main {
                    let dir = self.list[index].dir.clone();
                    if let Some(dir) = self.dir_in_module(path, prefix, &dir, true) {
                        let location = Location { path: path.into(), dir, origin: Origin::Module(index) };
                        found.push((ModuleVersion::new(prefix, ""), PathBuf::new(), location));
                    }
                    continue;
                }
                let version = self.version_in(graph.as_deref(), prefix);
                if version.is_empty() {
                    continue;
                }
                let module = ModuleVersion::new(prefix, version);
                match self.folder(&module) {
                    Err(NoModule::Sum) => without_sum.push(prefix.to_owned()),
                    Err(NoModule::Other(msg)) => return Err(msg),
                    Ok((root, is_local)) => {
                        if let Some(dir) = self.dir_in_module(path, prefix, &root, is_local) {
                            // The origin follows if it is the one.
                            let location = Location { path: path.into(), dir, origin: Origin::CommandLine };
                            found.push((module, root, location));
                        }
                    }
                }
            }
            if found.len() + usize::from(in_std.is_some()) > 1 {
                found.reverse();
                let std = in_std.iter().map(|location| format!("\n\t ({})", location.dir.display()));
                let modules = found.iter().map(|(ModuleVersion { path, version }, _, location)| {
                    let space = if version.is_empty() { "" } else { " " };
                    format!("\n\t{path}{space}{version} ({})", location.dir.display())
                });
                let all: String = std.chain(modules).collect();
                return Err(format!("ambiguous import: found package {path} in multiple modules:{all}"));
            }
            if !without_sum.is_empty() {
                without_sum.reverse();
                return Err(self.missing_sum(path, importer, &without_sum, !found.is_empty()));
            }
            if let Some(found) = in_std {
                return Ok(found);
            }
            if let Some((module, root, mut location)) = found.pop() {
                if !module.version.is_empty() {
                    location.origin = Origin::Module(self.used(&module, root)?);
                }
                return Ok(location);
            }
            if graph.is_some() {
                return Err(self.not_found(path));
            }
            graph = Some(self.graph()?);
        }
    }

    /// The folder of a package in a module, if it has Go files.
    fn dir_in_module(&mut self, path: &str, module: &str, root: &Path, is_local: bool) -> Option<PathBuf> {
        let below = path.strip_prefix(module)?;
        if below.is_empty() {
            return self.has_go_files(root).then(|| root.to_owned());
        }
        let dir = root.join(below.strip_prefix('/')?);
        // Other modules in the way; there are none in the module cache.
        if is_local && is_in_nested_module(&dir, root) {
            return None;
        }
        self.has_go_files(&dir).then_some(dir)
    }

    fn has_go_files(&mut self, dir: &Path) -> bool {
        if let Some(&known) = self.folders.get(dir) {
            return known;
        }
        let has = has_go_files(dir);
        self.folders.insert(dir.to_owned(), has);
        has
    }

    fn not_found(&self, path: &str) -> String {
        if !path.split('/').next().unwrap_or_default().contains('.') {
            return format!("package {path} is not in std ({})", self.goroot.join("src").join(path).display());
        }
        if !self.has_main {
            return format!(
                "no required module provides package {path}: go.mod file not found in current directory or any parent directory; see 'go help modules'"
            );
        }
        if self.mode == Mode::Vendor {
            let why = self.vendor_reason().map(|why| format!("\n\t({why})")).unwrap_or_default();
            return format!("cannot find module providing package {path}: import lookup disabled by -mod=vendor{why}");
        }
        format!("no required module provides package {path}; to add it:\n\tgo get {path}")
    }

    /// Why the vendor folder is used, if nobody asked for it.
    fn vendor_reason(&self) -> Option<String> {
        let file = if self.workspace.work.is_some() { "go.work" } else { "go.mod" };
        let is_own = self.mode == Mode::Vendor && self.explicit_mode.is_none();
        is_own.then(|| format!("Go version in {file} is at least 1.14 and vendor directory exists."))
    }

    fn missing_sum(&self, path: &str, importer: Option<&Location>, modules: &[String], found: bool) -> String {
        let importer = importer.filter(|importer| importer.origin != Origin::CommandLine);
        let by = importer.map(|importer| format!(" (imported by {})", importer.path)).unwrap_or_default();
        let what = match found {
            true => format!("needed to verify package {path}{by} is provided by exactly one module"),
            false => format!("for module providing package {path}{by}"),
        };
        let hint = match importer {
            None => format!("go mod download {}", modules.join(" ")),
            Some(importer) => {
                let version = match importer.origin {
                    Origin::Module(index) if !self.is_main(importer.origin) => format!("@{}", self.list[index].version),
                    _ => String::new(),
                };
                format!("go get {}{version}", importer.path)
            }
        };
        format!("missing go.sum entry {what}; to add:\n\t{hint}")
    }

    fn needs_updates(&self) -> String {
        let why = match (&self.explicit_mode, self.vendor_reason()) {
            (Some(mode), _) => format!(", disabled by -mod={mode}"),
            (None, Some(why)) => {
                return format!(
                    "go: updates to go.mod needed, disabled by -mod=vendor\n\t({why})\n\tto update it:\n\tgo mod tidy"
                );
            }
            (None, None) => String::new(),
        };
        format!("go: updates to go.mod needed{why}; to update it:\n\tgo mod tidy")
    }

    /// Is what a main module imports from another module a thing that go.mod lists? The error is what `go` prints.
    pub fn check_direct(
        &mut self,
        importer: &str,
        importer_origin: Origin,
        path: &str,
        origin: Origin,
    ) -> Result<(), String> {
        let Origin::Module(index) = origin else { return Ok(()) };
        if !self.is_main(importer_origin) || self.is_main(origin) || self.mode == Mode::Mod {
            return Ok(());
        }
        let module = ModuleVersion::new(&self.list[index].path, &self.list[index].version);
        let is_listed = match &self.workspace.work {
            Some(_) if self.mode == Mode::Vendor => true,
            Some(_) => self.graph()?.has_requirements(&module),
            None => self.roots.get(&module.path) == Some(&module.version),
        };
        if is_listed || module.path.is_empty() {
            return Ok(());
        }
        Err(format!(
            "package {importer} imports {path} from implicitly required module; to add missing requirements, run:\n\tgo get {module}"
        ))
    }

    /// Compares what the main module lists with what is asked for by the modules whose packages its own packages need, which are given.
    pub fn check_roots(&mut self, needed: impl Iterator<Item = Origin>) -> Result<(), String> {
        if self.workspace.work.is_some() || self.mode == Mode::Mod || !self.has_main {
            return Ok(());
        }
        let needed: FxHashSet<usize> = needed
            .filter_map(|origin| match origin {
                Origin::Module(index) if !self.is_main(origin) && !self.list[index].path.is_empty() => Some(index),
                _ => None,
            })
            .collect();
        if self.lists_excluded {
            return Err(self.needs_updates());
        }
        if self.root_list.pruned && needed.iter().any(|&index| !self.roots.contains_key(&self.list[index].path)) {
            return Err(self.needs_updates());
        }
        if self.mode == Mode::Vendor {
            return Ok(());
        }
        let graph = match self.graph.clone() {
            Some(graph) => graph,
            None if self.agree_with_roots(&needed) => return Ok(()),
            None => self.graph().map_err(|msg| self.fatal.take().unwrap_or_else(|| format!("go: {msg}")))?,
        };
        match self.root_list.require.iter().all(|root| graph.selected(&root.path) == root.version) {
            true => Ok(()),
            false => Err(self.needs_updates()),
        }
    }

    /// Does none of these modules ask for more than what is listed?
    fn agree_with_roots(&mut self, modules: &FxHashSet<usize>) -> bool {
        modules.iter().all(|&index| {
            let module = ModuleVersion::new(&self.list[index].path, &self.list[index].version);
            let Ok(file) = self.go_mod(&module) else { return false };
            let asked = self.requirements_of(&file);
            let is_less = |module: &ModuleVersion| {
                let listed = self.roots.get(&module.path);
                listed.is_some_and(|listed| version::compare(listed, &module.version).is_lt())
            };
            !asked.require.iter().any(is_less)
        })
    }

    /// Where to look for the packages of a pattern that begins with `prefix`, other than the main modules: path and folder of
    /// modules. Fetches them.
    pub fn matching(&mut self, prefix: &str) -> Result<Vec<(String, PathBuf)>, String> {
        if !self.has_main {
            return Ok(Vec::new());
        }
        let graph = self.graph()?;
        let mut found = Vec::new();
        let mut modules = graph.build_list();
        modules.retain(|ModuleVersion { path, .. }| {
            is_below(path, prefix.trim_end_matches('/')) || prefix.starts_with(path) || path.starts_with(prefix)
        });
        if self.vendor.is_none() {
            self.fetch_all(modules.iter());
        }
        for module in modules {
            let path = &module.path;
            if let Some((dir, _)) = &self.vendor {
                found.push((path.clone(), dir.join(path)));
                continue;
            }
            match self.folder(&module) {
                Ok((dir, _)) => {
                    self.used(&module, dir.clone())?;
                    found.push((path.clone(), dir));
                }
                // Nobody may need it.
                Err(NoModule::Sum | NoModule::Other(_)) => {}
            }
        }
        Ok(found)
    }

    /// The package in a folder, which is absolute. The error is what `go` prints.
    pub fn resolve_dir(&mut self, dir: &Path, cwd: &Path) -> Result<Location, String> {
        let location = |prefix: &str, rel: &Path, origin| {
            let rel = rel.to_string_lossy();
            let path = match (prefix, &*rel) {
                (prefix, "") => prefix.to_owned(),
                ("", rel) => rel.to_owned(),
                (prefix, rel) => format!("{prefix}/{rel}"),
            };
            Location { path, dir: dir.into(), origin }
        };
        if let Ok(rel) = dir.strip_prefix(self.goroot.join("src")) {
            return Ok(location("", rel, Origin::Std));
        }
        if let Some((vendor_dir, vendor)) = &self.vendor
            && let Ok(rel) = dir.strip_prefix(vendor_dir)
        {
            let path = rel.to_string_lossy().into_owned();
            let Some(module) = vendor.packages.get(&path).cloned() else {
                let dir = dir.display();
                return Err(format!("directory {dir} is not a package listed in vendor/modules.txt"));
            };
            let (root, go_version) = (vendor_dir.join(&module.path), vendor.go_version(&module));
            let index = self.add(&module, root, go_version);
            return Ok(Location { path, dir: dir.into(), origin: Origin::Module(index) });
        }
        // Of nested main modules, the innermost.
        let mut owners: Vec<usize> =
            (0..self.workspace.mains.len()).filter(|&index| dir.starts_with(&self.list[index].dir)).collect();
        owners.sort_by_key(|&index| std::cmp::Reverse(self.list[index].dir.as_os_str().len()));
        let mut outside = None;
        for index in owners {
            let Module { path, dir: root, .. } = &self.list[index];
            let rel = dir.strip_prefix(root).expect("just tested");
            let found = location(path, rel, Origin::Module(index));
            if !is_in_nested_module(dir, root) {
                return Ok(found);
            }
            outside.get_or_insert_with(|| format!("main module ({path}) does not contain package {}", found.path));
        }
        if !self.has_main {
            return Err(
                "go: go.mod file not found in current directory or any parent directory; see 'go help modules'".into(),
            );
        }
        if self.vendor.is_none() {
            for module in self.graph()?.build_list() {
                let root = match self.workspace.replacement(&module) {
                    Some(replacement) => match &replacement.dir {
                        Some(dir) => dir.clone(),
                        None => self.fetcher.dir(&replacement.new),
                    },
                    None => self.fetcher.dir(&module),
                };
                if let Ok(rel) = dir.strip_prefix(&root)
                    && !is_in_nested_module(dir, &root)
                {
                    let index = self.used(&module, root.clone())?;
                    return Ok(location(&module.path, rel, Origin::Module(index)));
                }
            }
        }
        if let Some(msg) = outside {
            return Err(msg);
        }
        let shown = match short_dir(dir, cwd).as_str() {
            "." => "current directory".to_owned(),
            dir => format!("directory {dir}"),
        };
        if self.workspace.work.is_some() {
            return Err(match module_root(dir) {
                Some(root) => format!(
                    "{shown} is contained in a module that is not one of the workspace modules listed in go.work. You can add the module to the workspace using:\n\tgo work use {}",
                    short_dir(root, cwd)
                ),
                None => format!("{shown} outside modules listed in go.work or their selected dependencies"),
            });
        }
        Err(format!("{shown} outside main module or its selected dependencies"))
    }
}

/// A path, and all that it begins with before a slash, the longest first.
fn prefixes_of(path: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(path), |prefix| prefix.rsplit_once('/').map(|(parent, _)| parent))
}

/// Does another module begin between the root of one and a folder in it?
fn is_in_nested_module(dir: &Path, root: &Path) -> bool {
    dir.ancestors().take_while(|dir| *dir != root).any(|dir| files::is_file(&dir.join("go.mod")))
}

/// Does the folder hold any Go file, for whatever target?
pub fn has_go_files(dir: &Path) -> bool {
    files::list(dir).is_ok_and(|names| names.iter().any(|(name, _)| name.as_encoded_bytes().ends_with(b".go")))
}
