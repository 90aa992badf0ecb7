//! From import paths to folders.

use std::path::{Path, PathBuf};
use std::{env, fs};

use golift_types::GoVersion;
use rustc_hash::FxHashMap;

use crate::gomod::{GoMod, Replace, compare_versions, escape_path, vendored_modules};
use crate::overlay::Overlay;
use crate::scan::describe;

/// Whom a package belongs to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Origin {
    /// The distribution, `cmd` among it.
    Std,
    /// Index into [`Modules::list`].
    Module(usize),
    /// Files on the command line.
    CommandLine,
}

/// A package's canonical path and where it is.
#[derive(Clone, Debug)]
pub struct Location {
    pub path: String,
    pub dir: PathBuf,
    pub origin: Origin,
}

#[derive(Clone, Debug)]
pub struct Module {
    pub path: String,
    pub dir: PathBuf,
    pub go_version: GoVersion,
}

/// The modules of a build; the main module, if there is one, comes first.
pub struct Modules {
    pub goroot: PathBuf,
    pub has_main: bool,
    pub list: Vec<Module>,
    /// GODEBUG settings of the main module.
    pub godebug: Vec<(String, String)>,
    /// Required modules whose sources are nowhere: path and version.
    missing: Vec<(String, String)>,
    /// The vendor folder of the main module, if it is in use.
    vendor: Option<PathBuf>,
}

impl Modules {
    /// Finds the main module of `cwd` and the modules it requires.
    pub fn find(goroot: &Path, cwd: &Path) -> Result<Modules, String> {
        let mut modules = Modules {
            goroot: goroot.into(),
            has_main: false,
            list: Vec::new(),
            godebug: Vec::new(),
            missing: Vec::new(),
            vendor: None,
        };
        let Some(root) = cwd.ancestors().find(|dir| dir.join("go.mod").is_file()) else { return Ok(modules) };
        if root.starts_with(goroot) {
            return Ok(modules); // the distribution's own modules are known
        }
        let main = read_go_mod(&root.join("go.mod"))?;
        if main.module.is_empty() {
            return Err(format!(
                "go: error reading go.mod: missing module declaration in {}",
                root.join("go.mod").display()
            ));
        }
        modules.has_main = true;
        modules.godebug.clone_from(&main.godebug);
        let go_version = main.go_version();
        modules.list.push(Module { path: main.module.clone(), dir: root.into(), go_version });
        let vendor = root.join("vendor");
        if let (true, Ok(text)) = (go_version >= GoVersion(14), fs::read_to_string(vendor.join("modules.txt"))) {
            let vendored = vendored_modules(&text);
            modules.list.extend(vendored.into_iter().map(|(path, go_version)| Module {
                dir: vendor.join(&path),
                path,
                go_version,
            }));
            modules.vendor = Some(vendor);
            return Ok(modules);
        }
        modules.select_versions(&main, root);
        Ok(modules)
    }

    /// Minimal version selection. The go.mod of a module from 1.17 on lists everything it needs, so the requirements of
    /// others are read only for older ones.
    fn select_versions(&mut self, main: &GoMod, root: &Path) {
        let cache = module_cache();
        let complete = main.go_version() >= GoVersion(17);
        let mut selected: FxHashMap<String, String> = FxHashMap::default();
        let mut pending = main.require.clone();
        while let Some((path, version)) = pending.pop() {
            if main.exclude.contains(&(path.clone(), version.clone())) {
                continue;
            }
            match selected.get(&path) {
                Some(old) if compare_versions(old, &version).is_ge() => continue,
                _ => {}
            }
            selected.insert(path.clone(), version.clone());
            if !complete && let Some(file) = module_go_mod(main, root, &cache, &path, &version) {
                pending.extend(file.require);
            }
        }
        let mut selected: Vec<_> = selected.into_iter().collect();
        selected.sort();
        for (path, version) in selected {
            match module_dir(main, root, &cache, &path, &version).filter(|dir| dir.is_dir()) {
                Some(dir) => {
                    let file = module_go_mod(main, root, &cache, &path, &version).unwrap_or_default();
                    self.list.push(Module { path, dir, go_version: file.go_version() });
                }
                None => self.missing.push((path, version)),
            }
        }
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
            if path.split('/').next().is_some_and(|first| first.contains('.')) && dir.is_dir() {
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
            return Ok(found);
        }
        if !first.contains('.') {
            return Err(format!("package {path} is not in std ({})", std.join(path).display()));
        }
        if let Some((module, version)) = self.missing.iter().find(|(module, _)| is_below(path, module)) {
            return Err(format!(
                "cannot find module providing package {path}: module {module}@{version} is neither in vendor/ nor in the module cache; to fetch it:\n\tgo mod download {module}"
            ));
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
        let dir = short_dir(dir, cwd);
        Err(format!("directory {dir} outside main module or its selected dependencies"))
    }
}

/// The folder as seen from `cwd` if that is shorter.
fn short_dir(dir: &Path, cwd: &Path) -> String {
    let common = cwd.components().zip(dir.components()).take_while(|(a, b)| a == b).count();
    let up = std::iter::repeat_n("..".into(), cwd.components().count() - common);
    let down = dir.components().skip(common).map(|part| part.as_os_str().to_string_lossy());
    let relative = up.chain(down).collect::<Vec<_>>().join("/");
    let absolute = dir.to_string_lossy();
    if relative.len() < absolute.len() { relative } else { absolute.into_owned() }
}

/// Is `path` the package `root` or one below it?
pub fn is_below(path: &str, root: &str) -> bool {
    path.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

pub fn has_go_files(dir: &Path) -> bool {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    entries.into_iter().any(|entry| entry.file_name().to_string_lossy().ends_with(".go"))
}

fn read_go_mod(path: &Path) -> Result<GoMod, String> {
    let text = fs::read_to_string(path).map_err(|e| format!("go: reading {}: {}", path.display(), describe(&e)))?;
    GoMod::parse(&text).map_err(|e| format!("go: errors parsing {}:\ngo.mod:{e}", path.display()))
}

fn module_cache() -> PathBuf {
    let var = |name| env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    var("GOMODCACHE")
        .or_else(|| var("GOPATH").map(|path| path.join("pkg/mod")))
        .or_else(|| var("HOME").map(|home| home.join("go/pkg/mod")))
        .unwrap_or_default()
}

fn replacement<'a>(main: &'a GoMod, path: &str, version: &str) -> Option<&'a Replace> {
    let all = || main.replace.iter().filter(|r| r.old == path);
    all().find(|r| r.old_version.as_deref() == Some(version)).or_else(|| all().find(|r| r.old_version.is_none()))
}

fn module_dir(main: &GoMod, root: &Path, cache: &Path, path: &str, version: &str) -> Option<PathBuf> {
    let cached = |path: &str, version: &str| cache.join(format!("{}@{}", escape_path(path), escape_path(version)));
    match replacement(main, path, version) {
        Some(Replace { new, new_version: Some(version), .. }) => Some(cached(new, version)),
        Some(Replace { new, .. }) => root.join(new).canonicalize().ok(),
        None => Some(cached(path, version)),
    }
}

fn module_go_mod(main: &GoMod, root: &Path, cache: &Path, path: &str, version: &str) -> Option<GoMod> {
    if let Some(dir) = module_dir(main, root, cache, path, version)
        && dir.is_dir()
    {
        return read_go_mod(&dir.join("go.mod")).ok();
    }
    let (path, version) = match replacement(main, path, version) {
        Some(Replace { new, new_version: Some(version), .. }) => (new.as_str(), version.as_str()),
        _ => (path, version),
    };
    read_go_mod(
        &cache.join("cache/download").join(escape_path(path)).join("@v").join(format!("{}.mod", escape_path(version))),
    )
    .ok()
}
