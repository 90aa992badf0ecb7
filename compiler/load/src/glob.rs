//! Patterns of file names as Go's path.Match has them, and package patterns with `...`.
//!
//! Both are matched greedily: what follows a wildcard is looked for from left to right, and when it fails, only the last wildcard takes more. So the
//! time is at most the product of the lengths.

use std::borrow::Cow;

/// What stands for one character in a pattern, or a star.
enum Token {
    Star,
    Any,
    Char(char),
    Class { negated: bool, ranges: Vec<(char, char)> },
}

/// A pattern for one path element.
pub struct Glob(Vec<Token>);

impl Glob {
    /// None: brackets or escapes are incomplete.
    pub fn parse(pattern: &str) -> Option<Glob> {
        let mut rest = pattern.chars().peekable();
        let mut tokens = Vec::new();
        while let Some(c) = rest.next() {
            tokens.push(match c {
                '*' => Token::Star,
                '?' => Token::Any,
                '\\' => Token::Char(rest.next()?),
                '[' => {
                    let negated = rest.next_if_eq(&'^').is_some();
                    let mut ranges = Vec::new();
                    while ranges.is_empty() || rest.next_if_eq(&']').is_none() {
                        let first = one_of(&mut rest)?;
                        let last = if rest.next_if_eq(&'-').is_some() { one_of(&mut rest)? } else { first };
                        ranges.push((first, last));
                    }
                    Token::Class { negated, ranges }
                }
                c => Token::Char(c),
            });
        }
        Some(Glob(tokens))
    }

    /// Does the pattern match all of the name?
    pub fn matches(&self, name: &str) -> bool {
        let name: Vec<char> = name.chars().collect();
        let (mut token, mut at) = (0, 0);
        // Behind the last star, and how much it takes.
        let mut retry: Option<(usize, usize)> = None;
        loop {
            match (self.0.get(token), name.get(at)) {
                (None, None) => return true,
                (Some(Token::Star), _) => {
                    token += 1;
                    retry = Some((token, at));
                }
                (Some(expected), Some(&c)) if expected.accepts(c) => {
                    token += 1;
                    at += 1;
                }
                _ => match retry {
                    Some((behind, taken)) if taken < name.len() => {
                        retry = Some((behind, taken + 1));
                        (token, at) = (behind, taken + 1);
                    }
                    _ => return false,
                },
            }
        }
    }
}

/// A character in brackets.
fn one_of(rest: &mut std::iter::Peekable<std::str::Chars>) -> Option<char> {
    match rest.next()? {
        ']' | '-' => None,
        '\\' => rest.next(),
        c => Some(c),
    }
}

impl Token {
    fn accepts(&self, c: char) -> bool {
        match self {
            Token::Star => false,
            Token::Any => true,
            Token::Char(expected) => *expected == c,
            Token::Class { negated, ranges } => {
                ranges.iter().any(|(first, last)| (first..=last).contains(&&c)) != *negated
            }
        }
    }
}

/// Does `path` match a pattern with `...`? A `/...` at the end also matches nothing, and only a pattern that names a `vendor` folder
/// matches what is in it.
pub fn matches_wildcard(pattern: &str, path: &str) -> bool {
    let (pattern, path) = (&*mark_vendor(pattern), &*mark_vendor(path));
    pattern.strip_suffix("/...").is_some_and(|stem| matches_dots(stem, path)) || matches_dots(pattern, path)
}

/// In the place of the name of a `vendor` folder: no wildcard matches it.
const VENDOR: &str = "\0";

fn mark_vendor(path: &str) -> Cow<'_, str> {
    if !path.contains("vendor/") {
        return path.into();
    }
    let (folders, last) = path.rsplit_once('/').unwrap_or(("", path));
    let folders: Vec<&str> = folders.split('/').map(|name| if name == "vendor" { VENDOR } else { name }).collect();
    format!("{}/{last}", folders.join("/")).into()
}

fn matches_dots(pattern: &str, path: &str) -> bool {
    let mut parts: Vec<&str> = pattern.split("...").collect();
    let Some(last) = parts.pop().filter(|_| !parts.is_empty()) else { return pattern == path };
    let Some(mut rest) = path.strip_prefix(parts[0]) else { return false };
    for part in &parts[1..] {
        let Some(at) = rest.find(part).filter(|&at| !rest[..at].contains(VENDOR)) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.strip_suffix(last).is_some_and(|gap| !gap.contains(VENDOR))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, name: &str) -> bool {
        Glob::parse(pattern).unwrap().matches(name)
    }

    #[test]
    fn globs() {
        assert!(matches("*.txt", "a.txt") && matches("a?[b-d]", "axc") && !matches("a[^x]", "ax"));
        assert!(matches("\\*", "*") && !matches("*.txt", "a.txt.b") && matches("*a*b", "aaxab") && matches("", ""));
        assert!(matches("[\\]a-c]", "]") && matches("[\\-]", "-") && !matches("*b", "a") && matches("a**", "a"));
    }

    #[test]
    fn malformed_globs() {
        assert!(Glob::parse("a*[b-d]?[^x]\\*").is_some() && Glob::parse("[\\]]").is_some());
        for bad in ["[a", "[]", "[", "[a-", "a\\", "[-]", "[a-]", "[]a]"] {
            assert!(Glob::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn wildcards() {
        let matches = matches_wildcard;
        assert!(matches("a/...", "a") && matches("a/...", "a/b/c") && !matches("a/...", "ab"));
        assert!(matches("a...", "ab") && matches(".../x", "a/x") && !matches(".../x", "x"));
        assert!(matches("a...b...c", "axbycbzc") && !matches("a...b...c", "acb") && matches("...", "x"));
        assert!(!matches("ab...bc", "abc"));
        assert!(!matches("cmd/...", "cmd/vendor/x") && matches("cmd/vendor/...", "cmd/vendor/x"));
        assert!(matches("./...", "./vendor") && !matches("a/...", "a/vendor/b/vendor/c"));
        assert!(matches("a/vendor/...", "a/vendor/b") && !matches("a/vendor/...", "a/vendor/b/vendor/c"));
    }

    /// These took longer than anyone waits.
    #[test]
    fn many_stars() {
        let (stars, name) = ("*a".repeat(100) + "b", "a".repeat(2000));
        assert!(!matches(&stars, &name));
        assert!(!matches_wildcard(&("...a".repeat(100) + "b"), &name));
    }
}
