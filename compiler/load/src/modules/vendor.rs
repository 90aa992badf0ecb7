//! vendor/modules.txt: which modules the vendor folder holds, and whether that is what go.mod says.

use std::path::Path;

use golift_syntax::GoVersion;
use rustc_hash::{FxHashMap, FxHashSet};

use super::gomod::Replace;
use super::version::{self, ModuleVersion};
use super::workspace::Workspace;
use crate::files::{self, describe};

/// What modules.txt says.
#[derive(Default)]
pub struct Vendor {
    /// Modules with packages in the folder, in their order.
    pub modules: Vec<ModuleVersion>,
    /// The packages in the vendor folder, and the modules they are of.
    pub packages: FxHashMap<String, ModuleVersion>,
    notes: FxHashMap<ModuleVersion, Notes>,
    /// Modules with something in their place, in their order.
    replaced: Vec<ModuleVersion>,
}

/// What is said of a module.
#[derive(Clone, Default)]
struct Notes {
    explicit: bool,
    go: Option<GoVersion>,
    replacement: Option<ModuleVersion>,
}

impl Vendor {
    /// Reads the file, which need not exist.
    pub fn read(dir: &Path) -> Result<Vendor, String> {
        let path = dir.join("modules.txt");
        match files::read(&path) {
            Ok(text) => Ok(Vendor::parse(&String::from_utf8_lossy(&text))),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(Vendor::default()),
            Err(e) => Err(format!("go: open {}: {}", path.display(), describe(&e))),
        }
    }

    fn parse(text: &str) -> Vendor {
        let mut vendor = Vendor::default();
        let mut versions: FxHashMap<String, String> = FxHashMap::default();
        let mut current: Option<ModuleVersion> = None;
        for line in text.split('\n') {
            if line.starts_with("# ") {
                let words: Vec<&str> = line.split_whitespace().skip(1).collect();
                let (module, rest) = match words[..] {
                    [path, version, ref rest @ ..] if version::is_valid(version) => {
                        (ModuleVersion::new(path, version), rest)
                    }
                    [path, "=>", ..] => (ModuleVersion::new(path, ""), &words[1..]),
                    [_, _, ..] => {
                        current = None;
                        continue;
                    }
                    _ => continue,
                };
                let replacement = match *rest {
                    ["=>", dir] => Some(ModuleVersion::new(dir, "")),
                    ["=>", path, version] if version::is_valid(version) => Some(ModuleVersion::new(path, version)),
                    _ => None,
                };
                if replacement.is_some() {
                    vendor.notes.entry(module.clone()).or_default().replacement = replacement;
                    vendor.replaced.push(module.clone());
                }
                current = Some(module);
                continue;
            }
            let Some(module) = &current else { continue };
            if let Some(notes) = line.strip_prefix("## ") {
                let of_module = vendor.notes.entry(module.clone()).or_default();
                for note in notes.split(';').map(str::trim) {
                    of_module.explicit |= note == "explicit";
                    of_module.go = note.strip_prefix("go ").and_then(GoVersion::parse).or(of_module.go);
                }
            } else if let ([package], false) = (&line.split_whitespace().collect::<Vec<_>>()[..], line.starts_with('#'))
            {
                vendor.packages.insert((*package).to_owned(), module.clone());
                let known = versions.entry(module.path.clone()).or_default();
                if known.is_empty() || version::compare(known, &module.version).is_lt() {
                    known.clone_from(&module.version);
                    vendor.modules.push(module.clone());
                }
            }
        }
        vendor
    }

    /// The language version of a module.
    pub fn go_version(&self, module: &ModuleVersion) -> GoVersion {
        self.notes.get(module).and_then(|notes| notes.go).unwrap_or(GoVersion(16))
    }

    /// Compares with what the go.mod files say. The error is what `go` prints.
    pub fn check(&self, dir: &Path, workspace: &Workspace) -> Result<(), String> {
        let in_workspace = workspace.work.is_some();
        let mut errors = String::new();
        let mut error = |module: &ModuleVersion, msg: String| errors += &format!("\n\t{module}: {msg}");
        let old = !in_workspace && workspace.mains.iter().all(|main| main.file.go_version() < GoVersion(14));
        let versions: FxHashMap<&str, &str> =
            self.modules.iter().map(|module| (module.path.as_str(), module.version.as_str())).collect();
        let required = || workspace.mains.iter().flat_map(|main| &main.file.require).map(|require| &require.module);
        for module in required() {
            if self.notes.get(module).is_some_and(|notes| notes.explicit) {
                continue;
            }
            match versions.get(module.path.as_str()) {
                Some(version) if old && *version != module.version => error(
                    module,
                    format!(
                        "is explicitly required in go.mod, but vendor/modules.txt indicates {}@{version}",
                        module.path
                    ),
                ),
                _ if old => {}
                _ => error(
                    module,
                    "is explicitly required in go.mod, but not marked as explicit in vendor/modules.txt".into(),
                ),
            }
        }
        let mut seen = FxHashSet::default();
        for (source, Replace { old: module, .. }) in workspace.all_replacements() {
            if !seen.insert(module) {
                continue;
            }
            let new = workspace.replacement(module).map(|replacement| replacement.new.clone());
            let noted = self.notes.get(module).and_then(|notes| notes.replacement.clone());
            match (noted, new) {
                (None, None) => {}
                (None, Some(_)) if old && versions.get(module.path.as_str()) != Some(&module.version.as_str()) => {}
                (None, Some(_)) => {
                    error(module, format!("is replaced in {source}, but not marked as replaced in vendor/modules.txt"));
                }
                (Some(noted), Some(new)) if noted == new => {}
                (Some(noted), new) => {
                    let new = new.map(|new| new.to_string()).unwrap_or_default();
                    let msg = format!(
                        "is replaced by {new} in {source}, but marked as replaced by {noted} in vendor/modules.txt"
                    );
                    error(module, msg);
                }
            }
        }
        let required: FxHashSet<&ModuleVersion> = required().collect();
        for module in &self.modules {
            let explicit = self.notes.get(module).is_some_and(|notes| notes.explicit);
            if explicit && !required.contains(module) {
                let article = if in_workspace { "a " } else { "" };
                let msg = format!(
                    "is marked as explicit in vendor/modules.txt, but not explicitly required in {article}go.mod"
                );
                error(module, msg);
            }
        }
        for module in self.replaced.iter().filter(|module| workspace.replacement(module).is_none()) {
            let source = if in_workspace { "the workspace" } else { "go.mod" };
            error(module, format!("is marked as replaced in vendor/modules.txt, but not replaced in {source}"));
        }
        if errors.is_empty() {
            return Ok(());
        }
        let root = dir.parent().unwrap_or(Path::new("/")).display();
        let verb = if in_workspace { "work" } else { "mod" };
        Err(format!(
            "go: inconsistent vendoring in {root}:{errors}\n\n\tTo ignore the vendor directory, use -mod=readonly or -mod=mod.\n\tTo sync the vendor directory, run:\n\t\tgo {verb} vendor"
        ))
    }
}

/// Was the vendor folder made for a workspace?
pub fn is_for_workspace(dir: &Path) -> bool {
    let text = files::read(&dir.join("modules.txt")).unwrap_or_default();
    let first = text.split(|&c| c == b'\n').next().unwrap_or_default();
    let notes = first.strip_prefix(b"## ").map(String::from_utf8_lossy).unwrap_or_default();
    notes.split(';').any(|note| note.trim() == "workspace")
}
