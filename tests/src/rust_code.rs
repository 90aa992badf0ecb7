//! What the rules of `tidy` have to know of Rust: words of code, and which modules it uses.

use std::collections::{BTreeMap, BTreeSet};

/// The words and marks of Rust code, without comments and literals.
pub fn tokens(code: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    let mut rest = code;
    while let Some(c) = rest.chars().next() {
        let length = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if let Some(hashes) = raw_string(rest) {
            let end = format!("\"{}", "#".repeat(hashes));
            rest[hashes + 2..].find(&end).map_or(rest.len(), |at| at + hashes + 2 + end.len())
        } else if c == '"' {
            let mut escaped = false;
            let end = rest[1..].find(|c| {
                let ends = c == '"' && !escaped;
                escaped = c == '\\' && !escaped;
                ends
            });
            end.map_or(rest.len(), |end| end + 2)
        } else if c == '\'' {
            // A character, or the mark of a lifetime.
            let mut chars = rest[1..].char_indices();
            match (chars.next(), chars.next()) {
                (Some((_, '\\')), Some(_)) => rest[3..].find('\'').map_or(rest.len(), |end| end + 4),
                (Some(_), Some((end, '\''))) => end + 2,
                _ => 1,
            }
        } else if c.is_alphanumeric() || c == '_' {
            let length = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
            tokens.push(&rest[..length]);
            length
        } else {
            let length = if rest.starts_with("::") { 2 } else { c.len_utf8() };
            if !c.is_whitespace() {
                tokens.push(&rest[..length]);
            }
            length
        };
        rest = &rest[length..];
    }
    tokens
}

/// The number of hashes of a raw string that begins here.
fn raw_string(text: &str) -> Option<usize> {
    let rest = text.strip_prefix('r')?;
    let hashes = rest.len() - rest.trim_start_matches('#').len();
    rest[hashes..].starts_with('"').then_some(hashes)
}

/// The modules of std that code names, in whatever way; `*` for all of them.
pub fn std_modules(tokens: &[&str]) -> Vec<String> {
    modules_of("std", tokens)
}

/// The modules of its own crate that code names from the root.
pub fn crate_modules(tokens: &[&str]) -> Vec<String> {
    modules_of("crate", tokens)
}

fn modules_of(root: &str, tokens: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for (at, _) in tokens.iter().enumerate().filter(|(_, token)| **token == root) {
        match tokens[at + 1..] {
            ["::", "{", ..] => {
                let mut depth = 0;
                let mut is_start = false;
                for token in &tokens[at + 2..] {
                    match *token {
                        "{" => depth += 1,
                        "}" => depth -= 1,
                        word if is_start && depth == 1 => found.push(if word == "self" { "*" } else { word }.into()),
                        _ => {}
                    }
                    if depth == 0 {
                        break;
                    }
                    is_start = depth == 1 && matches!(*token, "{" | ",");
                }
            }
            ["::", name, ..] => found.push(name.into()),
            ["as", ..] => found.push("*".into()),
            _ => {}
        }
    }
    found
}

/// Which module of a crate uses which: from the text of its files, by module path; the crate itself is the empty path. Code behind the first
/// `#[cfg(test)]` of a file does not count, nor do files of which it is the only user. A module uses those that it declares, and a name
/// that a module only passes on is a use of where it comes from.
pub fn module_uses(files: &BTreeMap<String, String>) -> BTreeMap<String, BTreeSet<String>> {
    let code: BTreeMap<&str, Vec<&str>> = files
        .iter()
        .map(|(module, text)| (module.as_str(), tokens(text.split("#[cfg(test)]").next().unwrap_or_default())))
        .collect();
    let child = |module: &str, name: &str| {
        let path = if module.is_empty() { name.to_owned() } else { format!("{module}::{name}") };
        files.contains_key(&path).then_some(path)
    };
    let declared = |module: &str| -> BTreeSet<String> {
        let names = code[module].windows(3).filter(|w| w[0] == "mod" && w[2] == ";");
        names.filter_map(|w| child(module, w[1])).collect()
    };
    // What is reached from the crate's own file by declarations.
    let mut uses = BTreeMap::from([(String::new(), declared(""))]);
    while let Some(new) = uses.values().flatten().find(|module| !uses.contains_key(*module)).cloned() {
        uses.insert(new.clone(), declared(&new));
    }
    let modules: Vec<String> = uses.keys().cloned().collect();
    let paths: BTreeMap<&String, Vec<Vec<&str>>> = modules.iter().map(|m| (m, paths(&code[m.as_str()]))).collect();
    // What a path leads to: the module that has its last name.
    let resolve = |from: &str, path: &[&str]| {
        let mut path: Vec<&str> = path.to_vec();
        let mut module = from.to_owned();
        // A name that is passed on again and again is passed on by somebody at last.
        for _ in 0..=modules.len() {
            let mut names = path.iter();
            while let Some(name) = names.as_slice().first() {
                module = match *name {
                    "crate" => String::new(),
                    "self" => module,
                    "super" => module.rsplit_once("::").map_or("", |(parent, _)| parent).to_owned(),
                    name => match child(&module, name) {
                        Some(child) => child,
                        None => break,
                    },
                };
                names.next();
            }
            let Some(name) = names.next() else { return module };
            let passed_on = paths.get(&module).into_iter().flatten().find(|p| {
                let is_elsewhere = matches!(p[0], "crate" | "super" | "self") || child(&module, p[0]).is_some();
                p.len() > 1 && is_elsewhere && p.last() == Some(name)
            });
            match passed_on {
                Some(other) => path = other.clone(),
                None => return module,
            }
        }
        module
    };
    for module in &modules {
        for path in paths[module].iter().filter(|path| matches!(path[0], "crate" | "super")) {
            let used = resolve(module, path);
            if used != *module {
                uses.get_mut(module).expect("all modules are there").insert(used);
            }
        }
    }
    uses
}

/// All paths with more than one name, those in braces each for itself.
fn paths<'a>(tokens: &[&'a str]) -> Vec<Vec<&'a str>> {
    let is_name = |token: &str| token.starts_with(|c: char| c.is_alphanumeric() || c == '_');
    let mut found = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let mut prefixes: Vec<Vec<&str>> = Vec::new();
        let mut path: Vec<&str> = Vec::new();
        // One path, or the tree of paths that begins here.
        while at < tokens.len() {
            match tokens[at] {
                "{" if tokens[at - 1] == "::" && !path.is_empty() => prefixes.push(std::mem::take(&mut path)),
                "}" | "," if !prefixes.is_empty() => {
                    if !path.is_empty() {
                        found.push([prefixes.concat(), std::mem::take(&mut path)].concat());
                    }
                    if tokens[at] == "}" {
                        prefixes.pop();
                        if prefixes.is_empty() {
                            break;
                        }
                    }
                }
                "::" => {}
                name if is_name(name) && (path.is_empty() || tokens[at - 1] == "::") => path.push(name),
                _ if prefixes.is_empty() => break,
                _ => {}
            }
            at += 1;
        }
        if path.len() > 1 {
            found.push(path);
        } else if path.is_empty() {
            at += 1;
        }
    }
    found
}

/// What is left when modules that use nothing that is left are taken away: the circles, and who uses them.
pub fn circles(mut uses: BTreeMap<String, BTreeSet<String>>) -> BTreeMap<String, BTreeSet<String>> {
    while let Some(free) = uses.iter().find(|(_, others)| !others.iter().any(|other| uses.contains_key(other))) {
        let free = free.0.clone();
        uses.remove(&free);
    }
    let left: BTreeSet<String> = uses.keys().cloned().collect();
    uses.values_mut().for_each(|others| others.retain(|other| left.contains(other)));
    uses
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modules_are_found() {
        let modules = |code: &str| std_modules(&tokens(code)).join(" ");
        assert_eq!(modules("use std::{env, fs};"), "env fs");
        assert_eq!(
            modules("use std::{collections::{BTreeMap, HashMap}, fs::{self, File}, path::Path};"),
            "collections fs path"
        );
        assert_eq!(modules("fn f() { std :: fs::read(x) }"), "fs");
        assert_eq!(modules("use std as s; use ::std::*; use std::{self};"), "* * *");
        assert_eq!(
            modules(
                "// use std::fs;\n/* std::fs */ let x = \"std::fs\"; let c = '\"'; let y = r#\"std::fs\"#; let l: &'a str;"
            ),
            ""
        );
        assert_eq!(tokens("a.is_file()'x'"), ["a", ".", "is_file", "(", ")"]);
    }

    fn uses(files: &[(&str, &str)]) -> String {
        let files = files.iter().map(|(module, text)| ((*module).to_owned(), (*text).to_owned())).collect();
        let uses = module_uses(&files).into_iter().filter(|(module, _)| !module.is_empty());
        let shown =
            uses.map(|(module, others)| format!("{module}: {}", others.into_iter().collect::<Vec<_>>().join(" ")));
        shown.collect::<Vec<_>>().join("; ")
    }

    #[test]
    fn uses_of_modules() {
        let root = "mod a; mod b; pub use a::A; struct Root; #[cfg(test)] mod t;";
        assert_eq!(uses(&[("", root), ("a", "use std::fs;"), ("b", "use crate::A;"), ("t", "crate::b")]), "a: ; b: a");
        assert_eq!(uses(&[("", root), ("a", "f(crate::b::f(x))"), ("b", "use crate::{x::Y, Root};")]), "a: b; b: ");
        assert_eq!(uses(&[("", root), ("a", "use crate::{b::{self, X}, A};"), ("b", "// crate::a\n")]), "a: b; b: ");
        let files = [("", "mod a;"), ("a", "mod c; mod d; use d::D;"), ("a::c", "use super::D;"), ("a::d", "super::E")];
        assert_eq!(uses(&files), "a: a::c a::d; a::c: a::d; a::d: a");
    }

    #[test]
    fn circles_are_found() {
        let uses = |text: &str| -> BTreeMap<String, BTreeSet<String>> {
            let words = text.split("; ").map(|line| line.split_once(": ").unwrap());
            words.map(|(name, others)| (name.into(), others.split(' ').map(String::from).collect())).collect()
        };
        assert!(circles(uses("a: b c; b: c; c: x")).is_empty());
        assert_eq!(circles(uses("a: b; b: c; c: b; d: x")), uses("a: b; b: c; c: b"));
    }
}
