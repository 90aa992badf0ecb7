//! The main modules: that of the current folder, or those of go.work.

use std::path::{Path, PathBuf};

use rustc_hash::{FxHashMap, FxHashSet};

use super::gomod::{GoMod, Kind, Replace};
use super::sums::Sums;
use super::version::ModuleVersion;
use crate::files::{self, describe};
use crate::godebug::Settings;
use crate::goroot;
use crate::import_path::malformed_import;
use crate::paths::{clean, short_dir, short_of};
use crate::world;

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
    /// The folder of its go.mod.
    pub root: PathBuf,
    /// What its go.mod says.
    pub file: GoMod,
}

/// The main modules, that of the current folder first, and what holds for all of them.
#[derive(Default)]
pub struct Workspace {
    /// The main modules; more than one only with a go.work.
    pub mains: Vec<Main>,
    /// The folder of go.work.
    pub work: Option<PathBuf>,
    /// What go.sum and go.work.sum say.
    pub sums: Sums,
    /// Settings of programs.
    pub godebug: Vec<(String, String)>,
    /// What the go.mod files and the go.work ask for, by what is replaced.
    replace: FxHashMap<ModuleVersion, Replacement>,
    /// In their order, with the name of the file.
    replace_lines: Vec<(String, Replace)>,
    exclude: FxHashSet<ModuleVersion>,
}

/// What stands in for a module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replacement {
    /// As it is written; in a workspace folders are as seen from go.work.
    pub new: ModuleVersion,
    /// The folder, if it is one.
    pub dir: Option<PathBuf>,
}

/// Does the distribution suffice for the `go` line of a file? Golift has no other, as `go` with `GOTOOLCHAIN=local`.
pub fn demand_go(file: &GoMod, goroot: &Path, name: &str) -> Result<(), String> {
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
        workspace.add_main(root, &path, cwd, &FxHashSet::default())?;
        demand_go(&workspace.mains[0].file, goroot, &short_of(&path, cwd))?;
        let lines = workspace.mains[0].file.godebug.clone();
        workspace.add_settings(lines, goroot, "go.mod", &short_of(&path, cwd))?;
        workspace.sums.read(&path.with_extension("sum"), "go.sum")?;
        Ok(workspace)
    }

    fn several(goroot: &Path, cwd: &Path, work: &Path) -> Result<Workspace, String> {
        let mut workspace = Workspace::default();
        let dir = work.parent().unwrap_or(Path::new("/"));
        let short = short_of(work, cwd);
        let text = files::read_to_string(work)
            .map_err(|e| format!("go: reading go.work: open {}: {}", work.display(), describe(&e)))?;
        let file = GoMod::parse(&text, &short, Kind::Work).map_err(|e| format!("go: errors parsing go.work:\n{e}"))?;
        demand_go(&file, goroot, &short)?;
        workspace.work = Some(dir.to_owned());
        workspace.sums.read(&work.with_extension("work.sum"), "go.work.sum")?;
        workspace.add_replacements(&short, dir, &file.replace, &FxHashSet::default())?;
        let replaced: FxHashSet<String> = file.replace.iter().map(|line| line.old.path.clone()).collect();
        let (listed, verb) = match &file.go {
            Some(listed) => (listed.as_str(), "lists"),
            None => ("1.18", "implicitly requires"),
        };
        let mut too_new = Vec::new();
        let mut seen = FxHashSet::default();
        for (used, line) in &file.used {
            let root = clean(&dir.join(used));
            if !seen.insert(root.clone()) {
                let root = root.display();
                return Err(format!(
                    "go: error loading go.work:\n{short}:{line}: path {root} appears multiple times in workspace"
                ));
            }
            let path = root.join("go.mod");
            if let Err(e) = files::kind(&path) {
                let (root, path) = (short_of(&root, cwd), short_of(&path, cwd));
                return Err(format!(
                    "go: cannot load module {root} listed in go.work file: open {path}: {}",
                    describe(&e)
                ));
            }
            workspace.add_main(&root, &path, cwd, &replaced)?;
            let wanted = workspace.mains.last().and_then(|main| main.file.go.as_ref());
            // Before 1.21 the line was no demand.
            if let Some(wanted) =
                wanted.filter(|wanted| release(wanted) > release(listed) && release(wanted) >= release("1.21"))
            {
                too_new.push(format!(
                    "go: module {} listed in go.work file requires go >= {wanted}, but go.work {verb} go {listed}; to download and use go {wanted}:\n\tgo work use",
                    short_dir(&root, cwd)
                ));
            }
            let sums = root.join("go.sum");
            workspace.sums.read(&sums, &sums.to_string_lossy())?;
        }
        if !too_new.is_empty() {
            return Err(too_new.join("\n"));
        }
        workspace.add_settings(file.godebug, goroot, "go.work", &short)?;
        let mut paths = FxHashSet::default();
        if let Some(main) = workspace.mains.iter().find(|main| !paths.insert(&main.file.module)) {
            return Err(format!("go: module {} appears multiple times in workspace", main.file.module));
        }
        workspace.mains.sort_by_key(|main| std::cmp::Reverse(cwd.starts_with(&main.root)));
        Ok(workspace)
    }

    /// `replaced`: modules of which go.work says what stands in for them.
    fn add_main(&mut self, root: &Path, path: &Path, cwd: &Path, replaced: &FxHashSet<String>) -> Result<(), String> {
        let name = short_of(path, cwd);
        let text = files::read_to_string(path).map_err(|e| format!("go: reading {name}: {}", describe(&e)))?;
        let file = GoMod::parse(&text, &name, Kind::Main).map_err(|e| format!("go: errors parsing {name}:\n{e}"))?;
        if file.module.is_empty() {
            return Err(format!(
                "go: error reading {name}: missing module declaration. To specify the module path:\n\tgo mod edit -module=example.com/mod"
            ));
        }
        if matches!(file.module.as_str(), "go" | "toolchain") {
            return Err(format!("go: error reading {name}: invalid module path: {:?}", file.module));
        }
        if let Some(why) = malformed_import(&file.module) {
            return Err(format!("go: malformed module path {:?}: {why}", file.module));
        }
        self.add_replacements(&name, root, &file.replace, replaced)?;
        self.exclude.extend(file.exclude.iter().cloned());
        self.mains.push(Main { root: root.into(), file });
        Ok(())
    }

    fn add_settings(
        &mut self,
        lines: Vec<(String, String, usize)>,
        goroot: &Path,
        kind: &str,
        name: &str,
    ) -> Result<(), String> {
        let mut known = None;
        for (key, value, line) in lines {
            let known = known.get_or_insert_with(|| Settings::read(goroot));
            let wrong = |why| format!("go: error loading {kind}:\n{name}:{line}: {why}");
            known.check(&key, &value, "godebug").map_err(wrong)?;
            self.godebug.push((key, value));
        }
        Ok(())
    }

    fn add_replacements(
        &mut self,
        source: &str,
        root: &Path,
        lines: &[Replace],
        skip: &FxHashSet<String>,
    ) -> Result<(), String> {
        let mut own: FxHashMap<&ModuleVersion, &ModuleVersion> = FxHashMap::default();
        for line in lines {
            let Replace { old, new } = line;
            if let Some(before) = own.insert(old, new).filter(|before| *before != new) {
                return Err(format!("go: conflicting replacements for {old}:\n\t{before}\n\t{new}"));
            }
            self.replace_lines.push((source.to_owned(), line.clone()));
            if skip.contains(&old.path) {
                continue;
            }
            let dir = new.version.is_empty().then(|| clean(&root.join(&new.path)));
            let mut shown = new.clone();
            if let (Some(dir), Some(work), false) = (&dir, &self.work, new.path.starts_with('/')) {
                shown.path = relative(dir, work);
            }
            let replacement = Replacement { new: shown, dir };
            if let Some(before) = self.replace.insert(old.clone(), replacement.clone())
                && before != replacement
            {
                let shown = |r: &Replacement| r.dir.as_ref().map_or(r.new.to_string(), |d| d.display().to_string());
                return Err(format!(
                    "go: conflicting replacements for {old}:\n\t{}\n\t{}\nuse \"go work edit -replace {old}=[override]\" to resolve",
                    shown(&before),
                    shown(&replacement)
                ));
            }
        }
        Ok(())
    }

    /// What stands in for a module.
    pub fn replacement(&self, module: &ModuleVersion) -> Option<&Replacement> {
        if module.version.is_empty() && self.is_main(&module.path) {
            return None;
        }
        let any = || self.replace.get(&ModuleVersion::new(&module.path, ""));
        self.replace.get(module).or_else(any)
    }

    /// All lines that ask for replacements, with the files where they stand.
    pub fn all_replacements(&self) -> impl Iterator<Item = &(String, Replace)> {
        self.replace_lines.iter()
    }

    /// Is that the path of a main module?
    pub fn is_main(&self, path: &str) -> bool {
        self.mains.iter().any(|main| main.file.module == path)
    }

    /// Does some main module exclude that version?
    pub fn is_excluded(&self, module: &ModuleVersion) -> bool {
        self.exclude.contains(module)
    }
}

/// The folder as seen from another one.
fn relative(dir: &Path, from: &Path) -> String {
    let common = dir.components().zip(from.components()).take_while(|(a, b)| a == b).count();
    let up = from.components().skip(common).map(|_| "..".into());
    let down = dir.components().skip(common).map(|part| part.as_os_str().to_string_lossy().into_owned());
    let path = up.chain(down).collect::<Vec<String>>().join("/");
    if path.starts_with("..") { path } else { format!("./{path}") }
}

/// The nearest folder with a go.mod.
pub fn module_root(cwd: &Path) -> Option<&Path> {
    cwd.ancestors().find(|dir| files::is_file(&dir.join("go.mod")))
}

/// The go.work file: `GOWORK`, or the nearest.
pub fn work_file(cwd: &Path) -> Result<Option<PathBuf>, String> {
    let named = world::variable("GOWORK").unwrap_or_default();
    match named.to_string_lossy().as_ref() {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_in_their_order() {
        let versions = ["1.9", "1.21", "1.27", "1.27rc1", "1.27rc2", "1.27.0", "1.27.3", "1.28", "2.0"];
        assert!(versions.windows(2).all(|pair| release(pair[0]) < release(pair[1])));
    }
}
