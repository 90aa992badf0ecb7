//! `//go:embed`: which files a variable asks for.

use std::collections::BTreeMap;
use std::path::Path;

use golift_syntax::{Decl, File, Pos, Symbol};

use crate::files::{self, Kind};
use crate::scan::describe;

/// A package-level variable and the files to put into it.
pub struct Embed {
    pub var: Symbol,
    pub pos: Pos,
    /// Slash-separated names relative to the package, sorted, with contents.
    pub files: Vec<(String, Vec<u8>)>,
}

/// Resolves the directives of a file. Errors have positions and are what `go` prints after them.
pub fn resolve_embeds(file: &File, dir: &Path) -> (Vec<Embed>, Vec<(Pos, String)>) {
    let mut embeds = Vec::new();
    let mut errors = Vec::new();
    for decl in &file.decls {
        let Decl::Var(var) = decl else { continue };
        let mut files = BTreeMap::new();
        let mut any = false;
        for directive in var.directives.iter().filter(|d| d.verb() == "go:embed") {
            any = true;
            let Some(patterns) = split_patterns(directive.args()) else {
                errors.push((directive.pos, "invalid quoted string in //go:embed".to_owned()));
                continue;
            };
            for pattern in patterns {
                // gc's position is that of the pattern.
                let at = directive.text.find(&pattern).unwrap_or(0) as u32;
                if let Err(msg) = add_matches(dir, &pattern, &mut files) {
                    errors.push((directive.pos.offset(at), format!("pattern {pattern}: {msg}")));
                }
            }
        }
        if let (true, [name]) = (any, &var.names[..]) {
            embeds.push(Embed { var: name.name, pos: name.pos, files: files.into_iter().collect() });
        }
    }
    (embeds, errors)
}

/// Patterns are separated by blanks and may be Go string literals.
fn split_patterns(args: &str) -> Option<Vec<String>> {
    let mut patterns = Vec::new();
    let mut rest = args.trim();
    while let Some(first) = rest.chars().next() {
        let (pattern, len) = match first {
            '`' => {
                let end = rest[1..].find('`')?;
                (rest[1..=end].to_owned(), end + 2)
            }
            '"' => {
                let bytes = rest.as_bytes();
                let mut end = 1;
                while *bytes.get(end)? != b'"' {
                    end += if bytes[end] == b'\\' { 2 } else { 1 };
                }
                (rest[1..end].replace("\\\"", "\"").replace("\\\\", "\\"), end + 1)
            }
            _ => {
                let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
                (rest[..end].to_owned(), end)
            }
        };
        patterns.push(pattern);
        rest = rest[len..].trim_start();
    }
    Some(patterns)
}

fn add_matches(dir: &Path, pattern: &str, found: &mut BTreeMap<String, Vec<u8>>) -> Result<(), String> {
    let (glob, all) = match pattern.strip_prefix("all:") {
        Some(glob) => (glob, true),
        None => (pattern, false),
    };
    let valid = |part: &str| !part.is_empty() && part != ".." && (part != "." || glob == ".");
    if !glob.split('/').all(valid) {
        return Err("invalid pattern syntax".into());
    }
    let mut matches = Vec::new();
    if glob == "." {
        matches.push(String::new());
    } else {
        expand_glob(dir, "", &glob.split('/').collect::<Vec<_>>(), &mut matches);
    }
    if matches.is_empty() {
        return Err("no matching files found".into());
    }
    let before = found.len();
    let mut only_directories = true;
    for name in matches {
        let path = dir.join(&name);
        match files::symlink_kind(&path).map_err(|e| describe(&e))? {
            Kind::Dir => add_tree(&path, &name, all, found)?,
            Kind::File => {
                only_directories = false;
                found.insert(name, files::read(&path).map_err(|e| describe(&e))?);
            }
            Kind::Other => return Err(format!("cannot embed irregular file {name}")),
        }
    }
    if only_directories && found.len() == before {
        return Err("cannot embed directory: contains no embeddable files".into());
    }
    Ok(())
}

fn add_tree(dir: &Path, name: &str, all: bool, found: &mut BTreeMap<String, Vec<u8>>) -> Result<(), String> {
    if files::is_file(&dir.join("go.mod")) && !name.is_empty() {
        return Ok(()); // another module
    }
    for (part, kind) in files::list(dir).map_err(|e| describe(&e))? {
        let path = dir.join(&part);
        if (part.starts_with(['.', '_']) && !all) || matches!(part.as_str(), ".git" | ".hg" | ".svn" | ".bzr") {
            continue;
        }
        let sub = if name.is_empty() { part } else { format!("{name}/{part}") };
        match kind {
            Kind::Dir => add_tree(&path, &sub, all, found)?,
            Kind::File => drop(found.insert(sub, files::read(&path).map_err(|e| describe(&e))?)),
            Kind::Other => {}
        }
    }
    Ok(())
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
    fn patterns() {
        assert_eq!(split_patterns("a \"b c\" `d`"), Some(vec!["a".into(), "b c".into(), "d".into()]));
        assert_eq!(split_patterns("\"a"), None);
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
        assert!(names("../x").is_err());
    }
}
