//! `//go:embed`: which files a variable asks for.

use std::collections::BTreeMap;
use std::path::Path;

use golift_syntax::{Decl, File, Pos, Symbol, embed_patterns};

use crate::files::{self, Kind, describe};

/// A package-level variable and the files to put into it.
pub struct Embed {
    pub var: Symbol,
    pub pos: Pos,
    /// Slash-separated names relative to the package, sorted, with contents.
    pub files: Vec<(String, Vec<u8>)>,
}

/// A pattern that matches nothing usable: where it stands, the pattern, and what `go` prints.
pub struct EmbedError {
    pub pos: Pos,
    pub pattern: String,
    pub msg: String,
}

/// Resolves the directives of a file. Those that are malformed are left to the parser.
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
            if let Err(msg) = add_matches(dir, &pattern, &mut BTreeMap::new()) {
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
        let mut files = BTreeMap::new();
        let mut any = false;
        for directive in var.directives.iter().filter(|d| d.verb() == "go:embed") {
            any = true;
            for (_, pattern) in embed_patterns(directive).unwrap_or_default() {
                let _ = add_matches(dir, &pattern, &mut files);
            }
        }
        if let (true, [name]) = (any, &var.names[..]) {
            embeds.push(Embed { var: name.name, pos: name.pos, files: files.into_iter().collect() });
        }
    }
    (embeds, errors)
}

fn add_matches(dir: &Path, pattern: &str, found: &mut BTreeMap<String, Vec<u8>>) -> Result<(), String> {
    let (glob, all) = match pattern.strip_prefix("all:") {
        Some(glob) => (glob, true),
        None => (pattern, false),
    };
    let valid = |part: &str| !part.is_empty() && part != ".." && part != "." && is_glob(part);
    if !glob.split('/').all(valid) {
        return Err("invalid pattern syntax".into());
    }
    let mut matches = Vec::new();
    expand_glob(dir, "", &glob.split('/').collect::<Vec<_>>(), &mut matches);
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
            Kind::File => drop(found.insert(name, files::read(&path).map_err(|e| describe(&e))?)),
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
    const DEVICES: [&str; 22] = [
        "CON", "PRN", "AUX", "NUL", "COM1", "COM2", "COM3", "COM4", "COM5", "COM6", "COM7", "COM8", "COM9", "LPT1",
        "LPT2", "LPT3", "LPT4", "LPT5", "LPT6", "LPT7", "LPT8", "LPT9",
    ];
    let stem = name.split('.').next().unwrap_or_default();
    let allowed = |c: char| match c.is_ascii() {
        true => c.is_ascii_alphanumeric() || "!#$%&()+,-.=@[]^_{}~ ".contains(c),
        false => c.is_alphabetic(),
    };
    matches!(name, "" | ".bzr" | ".hg" | ".git" | ".svn")
        || name.ends_with('.')
        || !name.chars().all(allowed)
        || DEVICES.iter().any(|device| device.eq_ignore_ascii_case(stem))
}

/// Adds the files of a folder; tells whether there were any.
fn add_tree(dir: &Path, name: &str, all: bool, found: &mut BTreeMap<String, Vec<u8>>) -> Result<bool, String> {
    let mut any = false;
    for (part, kind) in files::list(dir).map_err(|e| describe(&e))? {
        let path = dir.join(&part);
        if (part.starts_with(['.', '_']) && !all) || is_bad_name(&part) {
            continue;
        }
        let sub = format!("{name}/{part}");
        match kind {
            // Another module begins.
            Kind::Dir if files::kind(&path.join("go.mod")).is_ok() => {}
            Kind::Dir => any |= add_tree(&path, &sub, all, found)?,
            Kind::File => {
                any = true;
                found.insert(sub, files::read(&path).map_err(|e| describe(&e))?);
            }
            Kind::Other => {}
        }
    }
    Ok(any)
}

/// Are brackets and escapes of the pattern complete?
fn is_glob(pattern: &str) -> bool {
    let mut rest = pattern.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\\' if rest.next().is_none() => return false,
            '[' => {
                rest.next_if_eq(&'^');
                let mut ranges = 0;
                while ranges == 0 || rest.next_if_eq(&']').is_none() {
                    ranges += 1;
                    // A character, perhaps a range of them.
                    for _ in 0..2 {
                        match rest.next() {
                            None | Some(']' | '-') => return false,
                            Some('\\') if rest.next().is_none() => return false,
                            Some(_) => {}
                        }
                        if rest.next_if_eq(&'-').is_none() {
                            break;
                        }
                    }
                }
            }
            _ => {}
        }
    }
    true
}

fn expand_glob(dir: &Path, prefix: &str, parts: &[&str], out: &mut Vec<String>) {
    let [part, rest @ ..] = parts else { return out.push(prefix.to_owned()) };
    let mut names: Vec<String> = if part.contains(['*', '?', '[', '\\']) {
        let names = files::list(&dir.join(prefix)).unwrap_or_default().into_iter().map(|(name, _)| name);
        names.filter(|name| glob_match(part, name)).collect()
    } else {
        vec![(*part).to_owned()]
    };
    names.sort();
    for name in names {
        let name = if prefix.is_empty() { name } else { format!("{prefix}/{name}") };
        if files::symlink_kind(&dir.join(&name)).is_ok() {
            expand_glob(dir, &name, rest, out);
        }
    }
}

/// `path.Match` for one path element.
fn glob_match(pattern: &str, name: &str) -> bool {
    let (p, n): (Vec<char>, Vec<char>) = (pattern.chars().collect(), name.chars().collect());
    fn go(p: &[char], n: &[char]) -> bool {
        match (p, n) {
            ([], []) => true,
            (['*', p @ ..], _) => (0..=n.len()).any(|i| go(p, &n[i..])),
            (['?', p @ ..], [_, n @ ..]) => go(p, n),
            (['[', p @ ..], [c, n @ ..]) => {
                let (negated, mut p) = match p {
                    ['^', p @ ..] => (true, p),
                    _ => (false, p),
                };
                let mut hit = false;
                loop {
                    match p {
                        [']', tail @ ..] => return hit != negated && go(tail, n),
                        [lo, '-', hi, tail @ ..] if *hi != ']' => {
                            hit |= (lo..=hi).contains(&c);
                            p = tail;
                        }
                        ['\\', x, tail @ ..] | [x, tail @ ..] => {
                            hit |= x == c;
                            p = tail;
                        }
                        [] => return false,
                    }
                }
            }
            (['\\', x, p @ ..], [c, n @ ..]) | ([x, p @ ..], [c, n @ ..]) if x == c => go(p, n),
            _ => false,
        }
    }
    go(&p, &n)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn globs() {
        assert!(glob_match("*.txt", "a.txt") && glob_match("a?[b-d]", "axc") && !glob_match("a[^x]", "ax"));
        assert!(glob_match("\\*", "*") && !glob_match("*.txt", "a.txt.b"));
    }

    #[test]
    fn malformed_globs() {
        assert!(is_glob("a*[b-d]?[^x]\\*") && is_glob("[\\]]"));
        for bad in ["[a", "[]", "[", "[a-", "a\\", "[-]", "[a-]"] {
            assert!(!is_glob(bad), "{bad}");
        }
    }

    #[test]
    fn trees() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir_all(dir.path().join("t/sub")).unwrap();
        for name in ["t/a.txt", "t/.hidden", "t/sub/b.txt", "c.txt"] {
            fs::write(dir.path().join(name), name).unwrap();
        }
        let names = |pattern: &str| {
            let mut files = BTreeMap::new();
            add_matches(dir.path(), pattern, &mut files).map(|()| files.into_keys().collect::<Vec<_>>())
        };
        assert_eq!(names("t").unwrap(), ["t/a.txt", "t/sub/b.txt"]);
        assert_eq!(names("all:t").unwrap(), ["t/.hidden", "t/a.txt", "t/sub/b.txt"]);
        assert_eq!(names("*.txt").unwrap(), ["c.txt"]);
        assert_eq!(names("nosuch"), Err("no matching files found".into()));
        let invalid = Err("invalid pattern syntax".to_owned());
        assert!(names("../x") == invalid && names(".") == invalid && names("[a") == invalid);
        fs::create_dir_all(dir.path().join("empty/.git")).unwrap();
        assert_eq!(names("empty"), Err("cannot embed directory empty: contains no embeddable files".into()));
        assert_eq!(names("empty/.git"), Err("cannot embed directory empty/.git: invalid name .git".into()));
    }
}
