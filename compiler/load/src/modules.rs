//! From import paths to folders.

use std::path::{Path, PathBuf};

use golift_syntax::GoVersion;
use rustc_hash::FxHashMap;

use crate::fetch::Fetcher;
use crate::files;
use crate::gomod::{compare_versions, vendored_modules};
use crate::overlay::Overlay;
use crate::package::{Dependency, Location, Origin};
use crate::paths::{is_below, short_dir};
use crate::workspace::{ModuleFlags, Workspace, module_root};

#[derive(Clone, Debug)]
pub struct Module {
    pub path: String,
    /// None for main modules.
    pub version: Option<String>,
    pub dir: PathBuf,
    pub go_version: GoVersion,
    /// Does go.sum say what it must look like?
    verified: bool,
}

/// The modules of a build; the main modules, if there are any, come first.
pub struct Modules {
    pub goroot: PathBuf,
    pub has_main: bool,
    pub list: Vec<Module>,
    /// GODEBUG settings of the main module.
    pub godebug: Vec<(String, String)>,
    /// Required modules whose sources are nowhere: path and version.
    missing: Vec<(String, String)>,
    /// The vendor folder that is in use.
    vendor: Option<PathBuf>,
    workspace: Workspace,
    fetcher: Fetcher,
    /// `-mod=mod`: go.sum need not be complete.
    may_change: bool,
}

impl Modules {
    /// Finds the main modules for `cwd` and what they require.
    pub fn find(goroot: &Path, cwd: &Path, flags: &ModuleFlags) -> Result<Modules, String> {
        let workspace = Workspace::find(goroot, cwd, flags)?;
        let mut modules = Modules {
            goroot: goroot.into(),
            has_main: !workspace.mains.is_empty(),
            list: Vec::new(),
            godebug: workspace.mains.first().map(|main| main.file.godebug.clone()).unwrap_or_default(),
            missing: Vec::new(),
            vendor: None,
            fetcher: Fetcher::new(goroot),
            may_change: flags.mode.as_deref() == Some("mod"),
            workspace,
        };
        for main in &modules.workspace.mains {
            modules.list.push(Module {
                path: main.file.module.clone(),
                version: None,
                dir: main.root.clone(),
                go_version: main.file.go_version(),
                verified: true,
            });
        }
        let Some(first) = modules.workspace.mains.first() else { return Ok(modules) };
        let vendor = modules.workspace.work.as_ref().unwrap_or(&first.root).join("vendor");
        let may_vendor = match flags.mode.as_deref() {
            None => first.file.go_version() >= GoVersion(14),
            Some(mode) => mode == "vendor",
        };
        match files::read_to_string(&vendor.join("modules.txt")) {
            Ok(text) if may_vendor => {
                modules.list.extend(vendored_modules(&text).into_iter().map(|(path, go_version)| Module {
                    dir: vendor.join(&path),
                    path,
                    version: None,
                    go_version,
                    verified: true,
                }));
                modules.vendor = Some(vendor);
            }
            Err(_) if flags.mode.as_deref() == Some("vendor") && !first.file.require.is_empty() => {
                return Err(inconsistent_vendoring(&first.root, &first.file.require));
            }
            _ => modules.select_versions()?,
        }
        Ok(modules)
    }

    /// Minimal version selection. The go.mod of a module from 1.17 on lists everything it needs, so the requirements of
    /// others are read only for older ones.
    fn select_versions(&mut self) -> Result<(), String> {
        let workspace = &self.workspace;
        let complete = workspace.complete();
        let files = || workspace.mains.iter().map(|main| &main.file);
        let mut selected: FxHashMap<String, String> = FxHashMap::default();
        let mut pending: Vec<(String, String)> = files().flat_map(|file| file.require.clone()).collect();
        while let Some((path, version)) = pending.pop() {
            let key = (path.clone(), version.clone());
            if files().any(|file| file.module == path || file.exclude.contains(&key)) {
                continue;
            }
            match selected.get(&path) {
                Some(old) if compare_versions(old, &version).is_ge() => continue,
                _ => {}
            }
            selected.insert(path.clone(), version.clone());
            if !complete && let Some(file) = self.fetcher.go_mod(workspace, &path, &version) {
                pending.extend(file.require);
            }
        }
        let mut selected: Vec<_> = selected.into_iter().collect();
        selected.sort();
        for (path, version) in selected {
            match self.module(&path, &version)? {
                Some(module) => self.list.push(module),
                None => self.missing.push((path, version)),
            }
        }
        Ok(())
    }

    /// A module whose sources are there.
    fn module(&self, path: &str, version: &str) -> Result<Option<Module>, String> {
        let source = self.fetcher.source(&self.workspace, path, version);
        if !files::is_dir(&source.dir) {
            return Ok(None);
        }
        let verified = match &source.cached {
            Some((path, version)) => self.fetcher.verify(&self.workspace, path, version)? || self.may_change,
            None => true,
        };
        let file = self.fetcher.go_mod(&self.workspace, path, version).unwrap_or_default();
        Ok(Some(Module {
            path: path.into(),
            version: Some(version.into()),
            dir: source.dir,
            go_version: file.go_version(),
            verified,
        }))
    }

    /// Fetches modules that may hold the package, unless one that is there does.
    pub fn provide(&mut self, path: &str) -> Result<(), String> {
        while self.resolve_in_modules(path).is_none() {
            let candidates = self.missing.iter().enumerate().filter(|(_, (module, _))| is_below(path, module));
            let Some((index, _)) = candidates.max_by_key(|(_, (module, _))| module.len()) else { break };
            let (module, version) = self.missing.remove(index);
            let source = self.fetcher.source(&self.workspace, &module, &version);
            if let Some(cached) = &source.cached {
                if !self.workspace.sums.contains_key(cached) && !self.may_change {
                    return Err(self.missing_sum(path));
                }
                self.fetcher.fetch(&self.workspace, &cached.0, &cached.1)?;
            }
            match self.module(&module, &version)? {
                Some(found) => self.list.push(found),
                None => {
                    let dir = source.dir.display();
                    return Err(format!("module {module}@{version}: replacement directory {dir} does not exist"));
                }
            }
        }
        Ok(())
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
        let sum = |path: &str, version: &str| {
            self.workspace.sums.get(&(path.to_owned(), version.to_owned())).cloned().unwrap_or_default()
        };
        let dependency = |index: usize| {
            let module = &self.list[index];
            let version = module.version.clone()?;
            let replaced = self.workspace.replacement(&module.path, &version).map(|(_, replace)| {
                let version = replace.new_version.clone().unwrap_or_else(|| "(devel)".into());
                (replace.new.clone(), version.clone(), sum(&replace.new, &version))
            });
            let sum = if replaced.is_some() { String::new() } else { sum(&module.path, &version) };
            Some(Dependency { path: module.path.clone(), version, sum, replaced })
        };
        used.into_iter().filter_map(dependency).collect()
    }

    /// What the roots of a pattern must lie in.
    pub fn main_modules(&self) -> &'static str {
        if self.workspace.work.is_some() { "modules listed in go.work or their" } else { "main module or its" }
    }

    fn missing_sum(&self, path: &str) -> String {
        let main = self.list.first().map_or("", |main| main.path.as_str());
        format!(
            "missing go.sum entry for module providing package {path} (imported by {main}); to add:\n\tgo get {main}"
        )
    }

    /// The language version of a package's files. Files named on the command line are in no module, wherever they are.
    pub fn go_version(&self, origin: Origin) -> GoVersion {
        match origin {
            Origin::Module(index) => self.list[index].go_version,
            Origin::Std | Origin::CommandLine => GoVersion::LATEST,
        }
    }

    /// The package that `path` means in an import by `importer`. The error is what `go` prints, without position.
    pub fn resolve(&self, path: &str, importer: Option<&Location>, overlay: &Overlay) -> Result<Location, String> {
        let std = self.goroot.join("src");
        if let Some(Location { path: importer, origin: Origin::Std, .. }) = importer {
            let vendor = if importer.starts_with("cmd/") || importer == "cmd" { "cmd/vendor" } else { "vendor" };
            let dir = std.join(vendor).join(path);
            if path.split('/').next().is_some_and(|first| first.contains('.')) && files::is_dir(&dir) {
                return Ok(Location { path: format!("{vendor}/{path}"), dir, origin: Origin::Std });
            }
        }
        let first = path.split('/').next().unwrap_or_default();
        if !first.contains('.') && !path.ends_with(".go") {
            let dir = std.join(path);
            if has_go_files(&dir) || overlay.has_package(path) {
                return Ok(Location { path: path.into(), dir, origin: Origin::Std });
            }
        }
        if let Some(found) = self.resolve_in_modules(path) {
            return match found.origin {
                Origin::Module(index) if !self.list[index].verified => Err(self.missing_sum(path)),
                _ => Ok(found),
            };
        }
        if !first.contains('.') {
            return Err(format!("package {path} is not in std ({})", std.join(path).display()));
        }
        if !self.has_main {
            return Err(format!(
                "no required module provides package {path}: go.mod file not found in current directory or any parent directory; see 'go help modules'"
            ));
        }
        if let Some(vendor) = &self.vendor {
            return Err(format!(
                "cannot find module providing package {path}: import lookup disabled by -mod=vendor\n\t(Go version in go.mod is at least 1.14 and vendor directory exists: {})",
                vendor.display()
            ));
        }
        Err(format!("no required module provides package {path}; to add it:\n\tgo get {path}"))
    }

    fn resolve_in_modules(&self, path: &str) -> Option<Location> {
        let mut candidates: Vec<usize> = (0..self.list.len()).filter(|&i| is_below(path, &self.list[i].path)).collect();
        candidates.sort_by_key(|&i| std::cmp::Reverse(self.list[i].path.len()));
        candidates.into_iter().find_map(|i| {
            let module = &self.list[i];
            let dir = module.dir.join(path[module.path.len()..].trim_start_matches('/'));
            has_go_files(&dir).then(|| Location { path: path.into(), dir, origin: Origin::Module(i) })
        })
    }

    /// The package in a folder, which is absolute. The error is what `go` prints.
    pub fn resolve_dir(&self, dir: &Path, cwd: &Path) -> Result<Location, String> {
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
        // Of nested modules, the innermost that the build knows.
        let owner = (0..self.list.len())
            .filter(|&i| dir.starts_with(&self.list[i].dir))
            .max_by_key(|&i| self.list[i].dir.as_os_str().len());
        if let Some(i) = owner {
            let rel = dir.strip_prefix(&self.list[i].dir).expect("just tested");
            return Ok(location(&self.list[i].path, rel, Origin::Module(i)));
        }
        if !self.has_main {
            return Err(
                "go: go.mod file not found in current directory or any parent directory; see 'go help modules'".into(),
            );
        }
        if dir == cwd && self.workspace.work.is_some() && module_root(cwd).is_some() {
            return Err("current directory is contained in a module that is not one of the workspace modules listed in go.work. You can add the module to the workspace using:\n\tgo work use .".into());
        }
        let dir = short_dir(dir, cwd);
        Err(format!("directory {dir} outside main module or its selected dependencies"))
    }
}

pub fn has_go_files(dir: &Path) -> bool {
    files::list(dir).is_ok_and(|names| names.iter().any(|(name, _)| name.ends_with(".go")))
}

/// `-mod=vendor` without a vendor folder.
fn inconsistent_vendoring(root: &Path, require: &[(String, String)]) -> String {
    let mut text = format!("go: inconsistent vendoring in {}:", root.display());
    for (path, version) in require {
        text += &format!(
            "\n\t{path}@{version}: is explicitly required in go.mod, but not marked as explicit in vendor/modules.txt"
        );
    }
    text + "\n\n\tTo ignore the vendor directory, use -mod=readonly or -mod=mod.\n\tTo sync the vendor directory, run:\n\t\tgo mod vendor"
}
