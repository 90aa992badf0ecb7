//! One folder: which of its files make up the package.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, PathBuf};

use crate::context::{Context, Switches};
use crate::files::{self, Kind, describe};
use crate::header;
use crate::overlay::Overlay;

/// A file that belongs to the package.
pub struct SourceText {
    /// What is not UTF-8 in it is replaced.
    pub name: String,
    /// The file.
    pub path: PathBuf,
    /// Its contents.
    pub text: Cow<'static, [u8]>,
}

/// What a folder holds.
#[derive(Default)]
pub struct Folder {
    /// Selected Go files: sorted by name, or as the command line has them.
    pub go_files: Vec<SourceText>,
    /// Selected assembly files.
    pub asm_files: Vec<String>,
    /// Some assembly file defines something (an empty one only allows functions without a body).
    pub has_asm_code: bool,
    /// The assembly files are to be assembled.
    pub is_assembled: bool,
    /// Assembly files with code that were left out because it cannot be translated.
    pub avoided_asm: Vec<String>,
    /// Selected files in languages that only cgo takes, by language as `go` calls it.
    pub foreign: BTreeMap<&'static str, Vec<String>>,
    /// Some Go file, selected or not, needs cgo.
    pub uses_cgo: bool,
    /// Test files that constraints in their names do not exclude.
    pub test_files: Vec<String>,
    /// Go files that constraints exclude.
    pub ignored: Vec<String>,
    /// Files that cannot be read, or whose constraints are malformed.
    pub errors: Vec<String>,
}

/// Reads the files of a package. `overlay` is given for packages of the distribution.
pub fn scan_folder(dir: &Path, import_path: &str, context: &Context, overlay: Option<&Overlay>) -> io::Result<Folder> {
    let rule = overlay.map(|o| o.rule(import_path)).unwrap_or_default();
    let mut folder = Folder::default();
    let ours = |name: &str| overlay.is_some_and(|o| o.files(import_path).any(|(n, _)| n == name));
    if !rule.whole {
        for entry in sorted_names(dir)? {
            let name = entry.to_string_lossy();
            if !rule.drop.iter().any(|dropped| *dropped == name) && !ours(&name) {
                select(dir, &entry, context, &rule.switches, &mut folder);
            }
        }
    }
    // Our own files are selected for the real architecture.
    let switches = Switches { generic: false, ..rule.switches };
    for (name, text) in overlay.into_iter().flat_map(|o| o.files(import_path)) {
        let matches = context.file_name_matches(name, &switches)
            && context.header_matches(text, &switches).map_err(io::Error::other)?;
        if matches && !name.ends_with("_test.go") {
            folder.go_files.push(SourceText { name: name.into(), path: dir.join(name), text: text.clone() });
        }
    }
    folder.go_files.sort_by(|a, b| a.name.cmp(&b.name));
    folder.is_assembled = rule.asm && folder.has_asm_code && context.has_assembler();
    Ok(folder)
}

/// Reads a package of somebody else's. Of some with assembly we have that code in Go. Where there are no bridges to assembly, packages
/// are asked in the usual ways to do without.
pub fn scan_foreign_folder(
    dir: &Path,
    import_path: &str,
    context: &Context,
    avoid_asm: Option<&Overlay>,
) -> io::Result<Folder> {
    let mut folder = scan_folder(dir, import_path, context, None)?;
    let Some(overlay) = avoid_asm.filter(|_| folder.has_asm_code) else { return Ok(folder) };
    if overlay.has_package(import_path) {
        return scan_folder(dir, import_path, context, Some(overlay));
    }
    if context.has_assembler() {
        folder.is_assembled = true;
        return Ok(folder);
    }
    let pure = Switches::with_tags(&["purego", "noasm", "appengine"]);
    let generic = Switches { generic: true, ..pure.clone() };
    for switches in [pure, generic] {
        let mut other = Folder::default();
        for name in sorted_names(dir)? {
            select(dir, &name, context, &switches, &mut other);
        }
        if !other.has_asm_code && !other.go_files.is_empty() {
            other.avoided_asm = folder.asm_files;
            return Ok(other);
        }
    }
    Ok(folder)
}

/// Files given by name: constraints do not count.
pub fn read_files(dir: &Path, names: &[String]) -> Folder {
    let mut folder = Folder::default();
    for name in names {
        let path = dir.join(name);
        if name.ends_with("_test.go") {
            folder.test_files.push(name.clone());
            continue;
        }
        match files::read_anything(&path) {
            Ok(text) => folder.go_files.push(SourceText { name: name.clone(), path, text: text.into() }),
            Err(e) => folder.errors.push(format!("open {}: {}", path.display(), describe(&e))),
        }
    }
    folder
}

/// Test files of a package, by what they say to whom they belong.
#[derive(Default)]
pub struct TestTexts {
    /// To the package.
    pub internal: Vec<SourceText>,
    /// To a package of their own, whose name ends with `_test`.
    pub external: Vec<SourceText>,
    /// The first that cannot be read.
    pub error: Option<String>,
}

/// Reads test files. Without a context they are given by name: constraints do not count.
pub fn read_tests(
    dir: &Path,
    import_path: &str,
    names: &[String],
    context: Option<&Context>,
    overlay: Option<&Overlay>,
) -> TestTexts {
    let rule = overlay.map(|o| o.rule(import_path)).unwrap_or_default();
    let mut texts = TestTexts::default();
    for name in names {
        let path = dir.join(name);
        let text = match files::read(&path) {
            Ok(text) => text,
            Err(e) => {
                texts.error.get_or_insert(format!("open {}: {}", path.display(), describe(&e)));
                continue;
            }
        };
        match context.map_or(Ok(true), |context| context.header_matches(&text, &rule.switches)) {
            Ok(true) => {}
            Ok(false) => continue,
            Err(msg) => {
                texts.error.get_or_insert(format!("{}: {msg}", path.display()));
                continue;
            }
        }
        let is_external = header::package_name(&text).is_some_and(|package| package.ends_with(b"_test"));
        let list = if is_external { &mut texts.external } else { &mut texts.internal };
        list.push(SourceText { name: name.clone(), path, text: text.into() });
    }
    texts
}

/// The language of a file that only cgo takes.
fn foreign_language(name: &str) -> Option<&'static str> {
    Some(match name.rsplit_once('.')?.1 {
        "c" => "C",
        "cc" | "cpp" | "cxx" => "C++",
        "m" => "Objective-C",
        "f" | "F" | "for" | "f90" => "Fortran",
        _ => return None,
    })
}

fn sorted_names(dir: &Path) -> io::Result<Vec<OsString>> {
    let is_source = |name: &OsStr| {
        let name = name.to_string_lossy();
        name.ends_with(".go") || name.ends_with(".s") || foreign_language(&name).is_some()
    };
    let is_folder = |name: &OsStr, kind| match kind {
        Kind::File => false,
        Kind::Dir => true,
        // A link may lead to a folder.
        Kind::Other => files::is_dir(&dir.join(name)),
    };
    let names = files::list(dir)?.into_iter().filter(|(name, kind)| is_source(name) && !is_folder(name, *kind));
    Ok(names.map(|(name, _)| name).collect())
}

fn select(dir: &Path, file: &OsStr, context: &Context, switches: &Switches, folder: &mut Folder) {
    let name = file.to_string_lossy().into_owned();
    let real = Switches { generic: false, ..switches.clone() };
    let switches = if switches.keep.contains(&name) { &real } else { switches };
    let is_go = name.ends_with(".go");
    if name.starts_with(['_', '.']) {
        return;
    }
    if !context.file_name_matches(&name, switches) {
        if is_go {
            folder.ignored.push(name);
        }
        return;
    }
    if name.ends_with("_test.go") {
        folder.test_files.push(name);
        return;
    }
    let path = dir.join(file);
    let text = match files::read(&path) {
        Ok(text) => text,
        Err(e) => return folder.errors.push(format!("open {}: {}", path.display(), describe(&e))),
    };
    folder.uses_cgo |= is_go && header::imports_c(&text);
    match context.header_matches(&text, switches) {
        Ok(true) if is_go => folder.go_files.push(SourceText { name, path, text: text.into() }),
        Ok(true) => {
            if let Some(language) = foreign_language(&name) {
                return folder.foreign.entry(language).or_default().push(name);
            }
            folder.has_asm_code |= text.windows(5).any(|w| w == b"TEXT " || w == b"TEXT\t" || w == b"DATA ");
            folder.asm_files.push(name);
        }
        Ok(false) if is_go => folder.ignored.push(name),
        Ok(false) => {}
        Err(msg) => folder.errors.push(format!("{name}: {msg}")),
    }
}

impl SourceText {
    /// Files that need cgo are left out, as with `CGO_ENABLED=0`.
    pub fn imports_c(&self) -> bool {
        header::imports_c(&self.text)
    }
}
