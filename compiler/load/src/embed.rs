//! `//go:embed`: which files a variable asks for.
//!
//! First the patterns are resolved to names; the files are read when all names of all packages of a wave are known, each once.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::Path;
use std::sync::Arc;

use golift_syntax::{Decl, File, Pos, Symbol, embed_patterns};

use crate::files::{self, Kind, describe};
use crate::glob::Glob;
use crate::import_path::malformed_file;

/// The largest file that may be embedded: gc's limit.
const MAX_SIZE: u64 = 2_000_000_000;

/// A package-level variable and the files to put into it.
#[derive(Clone)]
pub struct Embed {
    /// The variable.
    pub var: Symbol,
    /// Where it is declared.
    pub pos: Pos,
    /// Slash-separated names relative to the package, sorted, with contents.
    pub files: Vec<(String, Arc<[u8]>)>,
    /// Why some file cannot be had, in the words of the compiler.
    pub error: Option<String>,
}

/// A pattern that matches nothing usable: where it stands, the pattern, and what `go` prints.
pub struct EmbedError {
    pub pos: Pos,
    pub pattern: String,
    pub msg: String,
}

/// Resolves the directives of a file, without contents. Those that are malformed are left to the parser.
pub fn resolve_embeds(file: &File, dir: &Path) -> (Vec<Embed>, Vec<EmbedError>) {
    let mut embeds = Vec::new();
    let mut errors = Vec::new();
    let imports_embed = file.decls.iter().any(|decl| {
        let Decl::Import(import) = decl else { return false };
        import.path.is_some_and(|path| matches!(path.text.as_str(), "\"embed\"" | "`embed`"))
    });
    // Without the import nobody looks at the patterns; the compiler will complain.
    if !imports_embed {
        return (embeds, errors);
    }
    for directive in file.all_directives.iter().filter(|d| d.verb() == "go:embed") {
        for (at, pattern) in embed_patterns(directive).unwrap_or_default() {
            if let Err(msg) = add_matches(dir, &pattern, &mut BTreeSet::new()) {
                let msg = format!("pattern {pattern}: {msg}");
                errors.push(EmbedError { pos: directive.pos.offset(at as u32), pattern, msg });
            }
        }
    }
    if !errors.is_empty() {
        return (embeds, errors);
    }
    for decl in &file.decls {
        let Decl::Var(var) = decl else { continue };
        let mut names = BTreeSet::new();
        let mut any = false;
        for directive in var.directives.iter().filter(|d| d.verb() == "go:embed") {
            any = true;
            for (_, pattern) in embed_patterns(directive).unwrap_or_default() {
                // It has just been right.
                let _ = add_matches(dir, &pattern, &mut names);
            }
        }
        if let (true, [name]) = (any, &var.names[..]) {
            let files = names.into_iter().map(|name| (name, Arc::default())).collect();
            embeds.push(Embed { var: name.name, pos: name.pos, files, error: None });
        }
    }
    (embeds, errors)
}

/// The contents of a file. The error is what the compiler says.
pub fn read_embedded(path: &Path) -> Result<Arc<[u8]>, String> {
    let opened = |e: std::io::Error| format!("open {}: {}", path.display(), describe(&e));
    let size = files::size(path).map_err(opened)?;
    if size > MAX_SIZE {
        return Err(format!("file too large ({size} bytes > {MAX_SIZE} bytes)"));
    }
    files::read(path).map(Arc::from).map_err(opened)
}

fn add_matches(dir: &Path, pattern: &str, found: &mut BTreeSet<String>) -> Result<(), String> {
    let (glob, all) = match pattern.strip_prefix("all:") {
        Some(glob) => (glob, true),
        None => (pattern, false),
    };
    let parts: Option<Vec<(&str, Glob)>> = glob.split('/').map(|part| Some((part, Glob::parse(part)?))).collect();
    let is_valid = |part: &str| !matches!(part, "" | "." | "..");
    let Some(parts) = parts.filter(|parts| parts.iter().all(|(part, _)| is_valid(part))) else {
        return Err("invalid pattern syntax".into());
    };
    let mut matches = Vec::new();
    expand_glob(dir, "", &parts, &mut matches);
    if matches.is_empty() {
        return Err("no matching files found".into());
    }
    for name in matches {
        let path = dir.join(&name);
        let kind = files::symlink_kind(&path).map_err(|e| describe(&e))?;
        let what = if kind == Kind::Dir { "directory" } else { "file" };
        if let Some(why) = unusable(dir, &name) {
            return Err(format!("cannot embed {what} {name}: {why}"));
        }
        match kind {
            Kind::Dir => {
                if !add_tree(&path, &name, all, found)? {
                    return Err(format!("cannot embed directory {name}: contains no embeddable files"));
                }
            }
            Kind::File => drop(found.insert(name)),
            Kind::Other => return Err(format!("cannot embed irregular file {name}")),
        }
    }
    Ok(())
}

/// Why a file would not be part of the package's module.
fn unusable(dir: &Path, name: &str) -> Option<String> {
    let mut current = name;
    loop {
        if files::kind(&dir.join(current).join("go.mod")).is_ok() {
            return Some("in different module".into());
        }
        if current != name && files::symlink_kind(&dir.join(current)).is_ok_and(|kind| kind != Kind::Dir) {
            return Some(format!("in non-directory {current}"));
        }
        let (parent, elem) = current.rsplit_once('/').unwrap_or(("", current));
        if is_bad_name(elem) {
            let place = if current == name { "invalid name" } else { "in invalid directory" };
            return Some(format!("{place} {elem}"));
        }
        if parent.is_empty() {
            return None;
        }
        current = parent;
    }
}

/// May no file of a module have this name?
fn is_bad_name(name: &str) -> bool {
    matches!(name, ".bzr" | ".hg" | ".git" | ".svn") || malformed_file(name).is_some()
}

/// Adds the files of a folder; tells whether there were any.
fn add_tree(dir: &Path, name: &str, all: bool, found: &mut BTreeSet<String>) -> Result<bool, String> {
    let mut any = false;
    for (part, kind) in files::list(dir).map_err(|e| describe(&e))? {
        let path = dir.join(&part);
        let part = part.to_string_lossy();
        let sub = format!("{name}/{part}");
        if part.starts_with(['.', '_']) && (!all || is_bad_name(&part)) {
            continue;
        }
        if is_bad_name(&part) {
            if kind == Kind::Dir {
                continue;
            }
            return Err(format!("cannot embed file {sub}: invalid name {part}"));
        }
        match kind {
            // Another module begins.
            Kind::Dir if files::kind(&path.join("go.mod")).is_ok() => {}
            Kind::Dir => any |= add_tree(&path, &sub, all, found)?,
            Kind::File => {
                any = true;
                found.insert(sub);
            }
            Kind::Other => {}
        }
    }
    Ok(any)
}

/// Names that are not UTF-8 match with replacement characters in them, and are then refused.
fn expand_glob(dir: &Path, prefix: &str, parts: &[(&str, Glob)], out: &mut Vec<String>) {
    let [(part, glob), rest @ ..] = parts else { return out.push(prefix.to_owned()) };
    let matching = |name: &OsStr| {
        let name = name.to_string_lossy();
        glob.matches(&name).then(|| name.into_owned())
    };
    let names: Vec<String> = if part.contains(['*', '?', '[', '\\']) {
        let entries = files::list(&dir.join(prefix)).unwrap_or_default();
        entries.iter().filter_map(|(name, _)| matching(name)).collect()
    } else if files::symlink_kind(&dir.join(prefix).join(part)).is_ok() {
        vec![(*part).to_owned()]
    } else {
        Vec::new()
    };
    for name in names {
        let name = if prefix.is_empty() { name } else { format!("{prefix}/{name}") };
        expand_glob(dir, &name, rest, out);
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::ffi::OsStrExt as _;

    use super::*;

    fn names(dir: &Path, pattern: &str) -> Result<Vec<String>, String> {
        let mut found = BTreeSet::new();
        add_matches(dir, pattern, &mut found).map(|()| found.into_iter().collect())
    }

    #[test]
    fn trees() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir_all(dir.path().join("t/sub")).unwrap();
        for name in ["t/a.txt", "t/.hidden", "t/sub/b.txt", "c.txt"] {
            fs::write(dir.path().join(name), name).unwrap();
        }
        let names = |pattern: &str| names(dir.path(), pattern);
        assert_eq!(names("t").unwrap(), ["t/a.txt", "t/sub/b.txt"]);
        assert_eq!(names("all:t").unwrap(), ["t/.hidden", "t/a.txt", "t/sub/b.txt"]);
        assert_eq!(names("*.txt").unwrap(), ["c.txt"]);
        assert_eq!(names("t/*/b*").unwrap(), ["t/sub/b.txt"]);
        assert_eq!(names("nosuch"), Err("no matching files found".into()));
        let invalid = Err("invalid pattern syntax".to_owned());
        assert!(names("../x") == invalid && names(".") == invalid && names("[a") == invalid);
        fs::create_dir_all(dir.path().join("empty/.git")).unwrap();
        assert_eq!(names("empty"), Err("cannot embed directory empty: contains no embeddable files".into()));
        assert_eq!(names("empty/.git"), Err("cannot embed directory empty/.git: invalid name .git".into()));
    }

    /// What no module may hold is an error where it is met, not left out.
    #[test]
    fn bad_names() {
        for name in [&b"don't.txt"[..], b"a:b.txt", b"COM1", b"a\nb", b"x\xff.txt"] {
            let dir = tempfile::tempdir().unwrap();
            let name = OsStr::from_bytes(name);
            let shown = name.to_string_lossy();
            fs::create_dir_all(dir.path().join("t/sub")).unwrap();
            fs::write(dir.path().join("t/sub").join(name), "").unwrap();
            fs::write(dir.path().join("t/ok"), "").unwrap();
            assert_eq!(names(dir.path(), "t"), Err(format!("cannot embed file t/sub/{shown}: invalid name {shown}")));
            // Folders are passed over.
            fs::remove_file(dir.path().join("t/sub").join(name)).unwrap();
            fs::create_dir(dir.path().join("t/sub").join(name)).unwrap();
            fs::write(dir.path().join("t/sub").join(name).join("x"), "").unwrap();
            assert_eq!(names(dir.path(), "t").unwrap(), ["t/ok"]);
        }
    }

    #[test]
    fn large_files() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("big");
        fs::File::create(&path).unwrap().set_len(3 << 30).unwrap();
        let error = read_embedded(&path).unwrap_err();
        assert_eq!(error, "file too large (3221225472 bytes > 2000000000 bytes)");
    }
}
