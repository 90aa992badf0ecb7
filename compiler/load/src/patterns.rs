//! Package patterns of the command line: files, folders, import paths, `...`, `std`, `cmd`, `all`.

use std::path::{Path, PathBuf};

use crate::files::{self, Kind, describe};
use crate::glob::matches_wildcard;
use crate::import_path::malformed_import;
use crate::modules::{Modules, has_go_files};
use crate::overlay::Overlay;
use crate::package::{LoadError, Location, Origin};
use crate::paths::{clean, is_below, short_dir};

/// What the command line names.
#[derive(Default)]
pub struct Roots {
    /// The packages, each once.
    pub packages: Vec<Root>,
    /// The single package of files given by name.
    pub files: Option<(PathBuf, Vec<String>)>,
    /// Arguments that name nothing.
    pub errors: Vec<LoadError>,
    /// What `go` warns of.
    pub warnings: Vec<String>,
}

/// A package, and whether a wildcard found it: then it is dropped in silence if all its files are for other targets.
pub struct Root {
    /// Where it is.
    pub location: Location,
    /// Did a wildcard find it?
    pub wildcard: bool,
}

/// Finds the packages for the arguments; without any, the package of `cwd`.
pub fn expand(args: &[String], modules: &mut Modules, cwd: &Path, overlay: &Overlay) -> Roots {
    let mut roots = Roots::default();
    if args
        .first()
        .is_some_and(|arg| arg.ends_with(".go") && files::kind(&cwd.join(arg)).is_ok_and(|kind| kind != Kind::Dir))
    {
        match named_files(args, cwd) {
            Ok(files) => roots.files = Some(files),
            Err(msg) => roots.errors.push(LoadError { import_path: "command-line-arguments".into(), msg }),
        }
        return roots;
    }
    let here = [String::from(".")];
    for arg in if args.is_empty() { &here } else { args } {
        let mut finder = Finder { modules, cwd, overlay };
        let before = roots.packages.len();
        match finder.pattern(arg, &mut roots.packages) {
            Ok(()) if roots.packages.len() == before && arg.contains("...") => {
                roots.warnings.push(format!("go: warning: {arg:?} matched no packages"));
            }
            Ok(()) => {}
            Err(msg) => roots.errors.push(LoadError { import_path: arg.clone(), msg }),
        }
    }
    let mut seen = rustc_hash::FxHashSet::default();
    roots.packages.retain(|root| seen.insert(root.location.path.clone()));
    roots
}

fn named_files(args: &[String], cwd: &Path) -> Result<(PathBuf, Vec<String>), String> {
    let mut found: Option<(String, PathBuf)> = None;
    let mut names = Vec::new();
    for arg in args {
        if !arg.ends_with(".go") {
            return Err(format!("named files must be .go files: {arg}"));
        }
        let path = cwd.join(arg);
        match files::kind(&path) {
            Ok(Kind::Dir) => return Err(format!("{arg} is a directory, should be a Go file")),
            Ok(_) => {}
            Err(e) => return Err(format!("stat {arg}: {}", describe(&e))),
        }
        let path = clean(&path);
        let dir = path.parent().unwrap_or(Path::new("/")).to_owned();
        let shown = arg.rsplit_once('/').map_or(".", |(dir, _)| dir).to_owned();
        match &found {
            Some((first, known)) if *known != dir => {
                return Err(format!("named files must all be in one directory; have {first} and {shown}"));
            }
            Some(_) => {}
            None => found = Some((shown, dir)),
        }
        names.push(path.file_name().unwrap_or_default().to_string_lossy().into_owned());
    }
    // Their order is that of initialisation.
    let mut seen = rustc_hash::FxHashSet::default();
    names.retain(|name| seen.insert(name.clone()));
    Ok((found.expect("there is an argument").1, names))
}

struct Finder<'a> {
    modules: &'a mut Modules,
    cwd: &'a Path,
    overlay: &'a Overlay,
}

impl Finder<'_> {
    fn pattern(&mut self, arg: &str, found: &mut Vec<Root>) -> Result<(), String> {
        let src = self.modules.goroot.join("src");
        match arg {
            "std" => return self.tree(&src, &src, found, &|path| !is_below(path, "cmd")),
            "cmd" => return self.tree(&src.join("cmd"), &src, found, &|_| true),
            "all" if !self.modules.has_main => {
                return Err(
                    "go: go.mod file not found in current directory or any parent directory; see 'go help modules'"
                        .into(),
                );
            }
            "all" => {
                let main = self.modules.list[0].dir.clone();
                return self.tree(&main, &main, found, &|_| true);
            }
            _ => {}
        }
        let local = is_local(arg);
        let (prefix, wildcard) = match arg.find("...") {
            Some(at) => (&arg[..at], true),
            None => (arg, false),
        };
        if local && !wildcard {
            return self.folder(arg, found);
        }
        let matches = |path: &str| matches_wildcard(arg, path);
        if local {
            // Match the folders below the last complete element of the prefix.
            let base = clean(&self.cwd.join(prefix.rsplit_once('/').map_or(".", |(dir, _)| dir)));
            if !files::is_dir(&base) {
                return Err(format!("pattern {arg}: lstat {prefix}: no such file or directory"));
            }
            let pattern = clean(&self.cwd.join(arg)).to_string_lossy().into_owned();
            let vendor = self.modules.vendor_dir().filter(|vendor| base.starts_with(vendor)).map(Path::to_owned);
            if let Some(vendor) = vendor {
                let wanted = |path: &str| matches_wildcard(&pattern, &vendor.join(path).to_string_lossy());
                return self.tree(&base, &vendor, found, &wanted).map_err(|e| format!("pattern {arg}: {e}"));
            }
            let main_modules = self.modules.main_modules();
            let root = self.modules.resolve_dir(&base, self.cwd).map_err(|_| {
                let prefix = short_dir(&base, self.cwd);
                format!(
                    "pattern {arg}: directory prefix {prefix} does not contain {main_modules} selected dependencies"
                )
            })?;
            let boundary = match root.origin {
                Origin::Module(i) => self.modules.list[i].dir.clone(),
                _ => src,
            };
            let module = match root.origin {
                Origin::Module(i) => self.modules.list[i].path.clone(),
                _ => String::new(),
            };
            let before = found.len();
            self.tree(&base, &boundary, found, &|path| {
                let rest = path.strip_prefix(&module).unwrap_or_default();
                let dir = boundary.join(rest.trim_start_matches('/'));
                matches_wildcard(&pattern, &dir.to_string_lossy())
            })?;
            // Packages there have other paths than their folders say.
            let is_vendored = |root: &&Root| {
                let below = root.location.dir.strip_prefix(&boundary).ok().and_then(Path::parent);
                root.location.origin != Origin::Std
                    && below.is_some_and(|below| below.iter().any(|name| name == "vendor"))
            };
            if let Some(root) = found[before..].iter().find(is_vendored) {
                let dir = root.location.dir.display();
                return Err(format!("pattern {arg}: without -mod=vendor, directory {dir} has no package path"));
            }
            return Ok(());
        }
        if !wildcard {
            if let Some(why) = malformed_import(arg) {
                return Err(format!("malformed import path {arg:?}: {why}"));
            }
            found.push(Root { location: self.modules.resolve(arg, None, self.overlay)?, wildcard: false });
            return Ok(());
        }
        let before = found.len();
        self.tree(&src, &src, found, &|path| matches(path) && !is_below(path, "vendor"))?;
        let mains = self.modules.list.iter().map(|module| (module.path.clone(), module.dir.clone()));
        let mut roots: Vec<(String, PathBuf)> = mains.collect();
        roots.extend(self.modules.matching(prefix)?);
        let mut seen = rustc_hash::FxHashSet::default();
        for (_, dir) in roots.into_iter().filter(|(path, _)| seen.insert(path.clone())) {
            self.tree(&dir, &dir, found, &matches)?;
        }
        found[before..].sort_by(|a, b| a.location.path.cmp(&b.location.path));
        Ok(())
    }

    fn folder(&mut self, arg: &str, found: &mut Vec<Root>) -> Result<(), String> {
        let src = self.modules.goroot.join("src");
        let dir = clean(&self.cwd.join(arg));
        if !self.modules.has_main && !dir.starts_with(&src) {
            self.modules.resolve_dir(&dir, self.cwd)?;
        }
        match files::kind(&dir) {
            Ok(Kind::Dir) => {}
            Ok(_) => return Err(format!("{arg} is not a directory")),
            Err(_) => return Err(format!("stat {}: directory not found", dir.display())),
        }
        let location = self.modules.resolve_dir(&dir, self.cwd)?;
        if !has_go_files(&dir) && !self.overlay.has_package(&location.path) {
            return Err(format!("no Go files in {}", dir.display()));
        }
        found.push(Root { location, wildcard: false });
        Ok(())
    }

    /// All packages below `dir`, which lies in the module rooted at `boundary`, whose path is wanted.
    fn tree(
        &mut self,
        dir: &Path,
        boundary: &Path,
        found: &mut Vec<Root>,
        wanted: &dyn Fn(&str) -> bool,
    ) -> Result<(), String> {
        let mut subfolders = Vec::new();
        let mut has_go = false;
        let entries = files::list(dir).map_err(|e| format!("open {}: {}", dir.display(), describe(&e)))?;
        for (name, kind) in entries {
            let text = name.to_string_lossy();
            if kind == Kind::Dir {
                let in_std = boundary == self.modules.goroot.join("src");
                let skipped = text.starts_with(['.', '_'])
                    || text == "testdata"
                    || (text == "vendor" && !in_std)
                    || (files::is_file(&dir.join(&name).join("go.mod")) && !in_std);
                if !skipped {
                    subfolders.push(dir.join(&name));
                }
            }
            has_go |= text.ends_with(".go");
        }
        if has_go {
            let location = self.modules.resolve_dir(dir, self.cwd)?;
            if wanted(&location.path) && !matches!(location.path.as_str(), "builtin" | "runtime/cgo") {
                found.push(Root { location, wildcard: true });
            }
        }
        subfolders.sort();
        for sub in subfolders {
            self.tree(&sub, boundary, found, wanted)?;
        }
        Ok(())
    }
}

/// Is the argument a folder, rather than an import path?
fn is_local(arg: &str) -> bool {
    arg == "." || arg == ".." || arg.starts_with("./") || arg.starts_with("../") || arg.starts_with('/')
}
