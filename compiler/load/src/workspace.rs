//! The main modules: that of the current folder, or those of go.work.

use std::env;
use std::path::{Path, PathBuf};

use golift_syntax::GoVersion;
use rustc_hash::FxHashMap;

use crate::files::{self, describe};
use crate::gomod::{GoMod, Replace};
use crate::goroot;
use crate::paths::{clean, short_of};

/// The flags that say which modules there are.
#[derive(Clone, Debug, Default)]
pub struct ModuleFlags {
    /// `-mod`: `mod`, `readonly` or `vendor`.
    pub mode: Option<String>,
    /// `-modfile`: instead of go.mod.
    pub file: Option<PathBuf>,
}

/// A main module.
pub struct Main {
    pub root: PathBuf,
    pub file: GoMod,
}

/// The main modules, that of the current folder first, and what holds for all of them.
#[derive(Default)]
pub struct Workspace {
    pub mains: Vec<Main>,
    /// The folder of go.work.
    pub work: Option<PathBuf>,
    /// `replace` lines, the more important first, with the folder that their paths start from.
    pub replace: Vec<(PathBuf, Replace)>,
    /// Hashes of the go.sum files by module and version.
    pub sums: FxHashMap<(String, String), String>,
}

/// Does the distribution suffice for the `go` line of a file? Golift has no other, as `go` with `GOTOOLCHAIN=local`.
fn demand_go(file: &GoMod, goroot: &Path, name: &str) -> Result<(), String> {
    let local = goroot::version(goroot).unwrap_or_default();
    let local = local.trim_start_matches("go");
    match &file.go {
        Some(wanted) if release(wanted) > release(local) => {
            Err(format!("go: {name} requires go >= {wanted} (running go {local}; GOTOOLCHAIN=local)"))
        }
        _ => Ok(()),
    }
}

/// `1.27.3` as numbers that can be compared; `1.27` and its release candidates come before `1.27.0`.
fn release(version: &str) -> (Vec<u32>, u32) {
    let end = version.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(version.len());
    let numbers = version[..end].split('.').filter_map(|part| part.parse().ok()).collect();
    let candidate = version[end..].trim_start_matches(|c: char| !c.is_ascii_digit()).parse().unwrap_or(0);
    (numbers, candidate)
}

impl Workspace {
    /// The error is what `go` prints.
    pub fn find(goroot: &Path, cwd: &Path, flags: &ModuleFlags) -> Result<Workspace, String> {
        let work = work_file(cwd)?;
        check_mode(flags, work.is_some())?;
        let Some(work) = work else { return Workspace::single(goroot, cwd, flags) };
        if flags.file.is_some() {
            return Err("go: -modfile cannot be used in workspace mode".into());
        }
        Workspace::several(goroot, cwd, &work)
    }

    fn single(goroot: &Path, cwd: &Path, flags: &ModuleFlags) -> Result<Workspace, String> {
        let mut workspace = Workspace::default();
        let Some(root) = module_root(cwd) else {
            return match flags.file {
                Some(_) => Err("go: cannot use -modfile with no module root directory".into()),
                None => Ok(workspace),
            };
        };
        if root.starts_with(goroot) {
            return Ok(workspace); // the distribution's own modules are known
        }
        let path = flags.file.as_ref().map_or_else(|| root.join("go.mod"), |file| clean(&cwd.join(file)));
        if let (Some(named), Err(e)) = (&flags.file, files::kind(&path)) {
            return Err(format!("go: open {}: {}", named.display(), describe(&e)));
        }
        workspace.add_main(root, &path, cwd)?;
        demand_go(&workspace.mains[0].file, goroot, &short_of(&path, cwd))?;
        workspace.read_sums(&path.with_extension("sum"));
        Ok(workspace)
    }

    fn several(goroot: &Path, cwd: &Path, work: &Path) -> Result<Workspace, String> {
        let mut workspace = Workspace::default();
        let dir = work.parent().unwrap_or(Path::new("/"));
        let text = files::read_to_string(work)
            .map_err(|e| format!("go: reading go.work: open {}: {}", work.display(), describe(&e)))?;
        let short = short_of(work, cwd);
        let file = GoMod::parse_work(&text).map_err(|e| format!("go: errors parsing go.work:\n{short}:{e}"))?;
        demand_go(&file, goroot, &short)?;
        workspace.replace.extend(file.replace.iter().map(|replace| (dir.to_owned(), replace.clone())));
        for used in &file.used {
            let root = clean(&dir.join(used));
            let path = root.join("go.mod");
            if let Err(e) = files::kind(&path) {
                let (root, path) = (short_of(&root, cwd), short_of(&path, cwd));
                return Err(format!(
                    "go: cannot load module {root} listed in go.work file: open {path}: {}",
                    describe(&e)
                ));
            }
            workspace.add_main(&root, &path, cwd)?;
            workspace.read_sums(&root.join("go.sum"));
        }
        workspace.read_sums(&work.with_extension("work.sum"));
        workspace.mains.sort_by_key(|main| std::cmp::Reverse(cwd.starts_with(&main.root)));
        workspace.work = Some(dir.to_owned());
        Ok(workspace)
    }

    fn add_main(&mut self, root: &Path, path: &Path, cwd: &Path) -> Result<(), String> {
        let file = parse_go_mod(path, &short_of(path, cwd))?;
        if file.module.is_empty() {
            return Err(format!("go: error reading go.mod: missing module declaration in {}", path.display()));
        }
        self.replace.extend(file.replace.iter().map(|replace| (root.to_owned(), replace.clone())));
        self.mains.push(Main { root: root.into(), file });
        Ok(())
    }

    fn read_sums(&mut self, path: &Path) {
        for line in files::read_to_string(path).unwrap_or_default().lines() {
            if let [module, version, hash] = line.split_whitespace().collect::<Vec<_>>()[..] {
                self.sums.insert((module.into(), version.into()), hash.into());
            }
        }
    }

    /// What stands in for a module: the folder that paths start from, and the line that says so.
    pub fn replacement(&self, path: &str, version: &str) -> Option<&(PathBuf, Replace)> {
        let all = || self.replace.iter().filter(|(_, replace)| replace.old == path);
        let exact = all().find(|(_, replace)| replace.old_version.as_deref() == Some(version));
        exact.or_else(|| all().find(|(_, replace)| replace.old_version.is_none()))
    }

    /// Do the go.mod files list everything that is needed? They do from 1.17 on.
    pub fn complete(&self) -> bool {
        self.mains.iter().all(|main| main.file.go_version() >= GoVersion(17))
    }
}

/// The nearest folder with a go.mod.
pub fn module_root(cwd: &Path) -> Option<&Path> {
    cwd.ancestors().find(|dir| files::is_file(&dir.join("go.mod")))
}

/// The go.work file: `GOWORK`, or the nearest.
pub fn work_file(cwd: &Path) -> Result<Option<PathBuf>, String> {
    match env::var("GOWORK").unwrap_or_default().as_str() {
        "" | "auto" => Ok(cwd.ancestors().map(|dir| dir.join("go.work")).find(|path| files::is_file(path))),
        "off" => Ok(None),
        path if !path.starts_with('/') => Err("go: invalid GOWORK: not an absolute path".into()),
        path => Ok(Some(path.into())),
    }
}

fn check_mode(flags: &ModuleFlags, in_workspace: bool) -> Result<(), String> {
    match flags.mode.as_deref() {
        None | Some("readonly" | "vendor") => Ok(()),
        Some("mod") if !in_workspace => Ok(()),
        Some(mode) if in_workspace => Err(format!(
            "go: -mod may only be set to readonly or vendor when in workspace mode, but it is set to {mode:?}\n\tRemove the -mod flag to use the default readonly value, \n\tor set GOWORK=off to disable workspace mode."
        )),
        Some(mode) => Err(format!("-mod={mode} not supported (can be '', 'mod', 'readonly', or 'vendor')")),
    }
}

pub fn read_go_mod(path: &Path) -> Result<GoMod, String> {
    parse_go_mod(path, &path.to_string_lossy())
}

/// The same with a name for messages.
fn parse_go_mod(path: &Path, name: &str) -> Result<GoMod, String> {
    let text = files::read_to_string(path).map_err(|e| format!("go: reading {}: {}", path.display(), describe(&e)))?;
    GoMod::parse(&text).map_err(|e| format!("go: errors parsing {name}:\n{name}:{e}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_in_their_order() {
        let versions = ["1.9", "1.21", "1.27", "1.27rc1", "1.27rc2", "1.27.0", "1.27.3", "1.28", "2.0"];
        assert!(versions.windows(2).all(|pair| release(pair[0]) < release(pair[1])));
    }
}
