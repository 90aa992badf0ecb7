//! go.mod files, vendor/modules.txt, and the order of versions.

use std::cmp::Ordering;

use golift_syntax::GoVersion;

/// What a go.mod file says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GoMod {
    pub module: String,
    /// The text after `go`.
    pub go: Option<String>,
    pub require: Vec<(String, String)>,
    pub replace: Vec<Replace>,
    pub exclude: Vec<(String, String)>,
    /// Folders of a go.work file.
    pub used: Vec<String>,
    /// Settings of programs of this module.
    pub godebug: Vec<(String, String)>,
}

/// `replace OLD [VERSION] => NEW [VERSION]`. Without a new version NEW is a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replace {
    pub old: String,
    pub old_version: Option<String>,
    pub new: String,
    pub new_version: Option<String>,
}

impl GoMod {
    /// The error carries a line number: `3: message`.
    pub fn parse(text: &str) -> Result<GoMod, String> {
        GoMod::parse_with(text, GoMod::directive)
    }

    /// The same for go.work.
    pub fn parse_work(text: &str) -> Result<GoMod, String> {
        GoMod::parse_with(text, |file, verb, args| match (verb, args) {
            ("use", [dir]) => {
                file.used.push((*dir).into());
                Ok(())
            }
            ("use", _) => Err("usage: use local/dir".into()),
            ("go" | "toolchain" | "godebug" | "replace", _) => file.directive(verb, args),
            _ => Err(format!("unknown directive: {verb}")),
        })
    }

    fn parse_with(
        text: &str,
        directive: impl Fn(&mut GoMod, &str, &[&str]) -> Result<(), String>,
    ) -> Result<GoMod, String> {
        let mut file = GoMod::default();
        let mut block: Option<String> = None;
        for (number, line) in text.lines().enumerate() {
            let error = |msg: &str| format!("{}: {msg}", number + 1);
            let words = words(line).map_err(|msg| error(&msg))?;
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            match (&block, &words[..]) {
                (_, []) => {}
                (Some(_), [")"]) => block = None,
                (None, [verb, "("]) => block = Some((*verb).into()),
                (Some(verb), args) => directive(&mut file, verb, args).map_err(|msg| error(&msg))?,
                (None, [verb, args @ ..]) => directive(&mut file, verb, args).map_err(|msg| error(&msg))?,
            }
        }
        Ok(file)
    }

    fn directive(&mut self, verb: &str, args: &[&str]) -> Result<(), String> {
        match (verb, args) {
            ("module", [path]) => self.module = (*path).into(),
            ("module", _) => return Err("usage: module module/path".into()),
            ("go", [version]) if GoVersion::parse(version).is_some() => self.go = Some((*version).into()),
            ("go", [version]) => return Err(format!("invalid go version '{version}': must match format 1.23.0")),
            ("go", _) => return Err("go directive expects exactly one argument".into()),
            ("require", [path, version]) => self.require.push(((*path).into(), (*version).into())),
            ("require", _) => return Err("usage: require module/path v1.2.3".into()),
            ("exclude", [path, version]) => self.exclude.push(((*path).into(), (*version).into())),
            ("godebug", [setting]) if setting.contains('=') => {
                let (name, value) = setting.split_once('=').expect("just seen");
                self.godebug.push((name.into(), value.into()));
            }
            ("godebug", _) => return Err("usage: godebug key=value".into()),
            ("replace", args) => self.replace.push(Replace::parse(args)?),
            ("toolchain" | "retract" | "tool" | "ignore" | "exclude", _) => {}
            _ => return Err(format!("unknown directive: {verb}")),
        }
        Ok(())
    }

    /// Modules without a `go` line are as old as modules may be.
    pub fn go_version(&self) -> GoVersion {
        self.go.as_deref().and_then(GoVersion::parse).unwrap_or(GoVersion(16))
    }
}

impl Replace {
    fn parse(args: &[&str]) -> Result<Replace, String> {
        let usage = || "usage: replace module/path [v1.2.3] => other/module v1.4\n\t or replace module/path [v1.2.3] => ../local/directory";
        let arrow = args.iter().position(|&a| a == "=>").ok_or_else(usage)?;
        let pair = |words: &[&str]| match words {
            [path] => Ok(((*path).to_owned(), None)),
            [path, version] => Ok(((*path).to_owned(), Some((*version).to_owned()))),
            _ => Err(usage().to_owned()),
        };
        let (old, old_version) = pair(&args[..arrow])?;
        let (new, new_version) = pair(&args[arrow + 1..])?;
        Ok(Replace { old, old_version, new, new_version })
    }
}

/// Splits a line of go.mod; strings may be quoted.
fn words(line: &str) -> Result<Vec<String>, String> {
    let mut words = Vec::new();
    let mut rest = line.trim_start();
    while !rest.is_empty() && !rest.starts_with("//") {
        let quote = rest.chars().next().filter(|&c| c == '"' || c == '`');
        let (word, end) = match quote {
            Some(quote) => {
                let len = rest[1..].find(quote).ok_or("unterminated quoted string")?;
                (&rest[1..=len], len + 2)
            }
            None if rest.starts_with(['(', ')']) => (&rest[..1], 1),
            None => {
                let end = rest.find(|c: char| c.is_whitespace() || c == ')').unwrap_or(rest.len());
                let end = rest[..end].find("//").filter(|&i| i > 0 && !rest[..i].ends_with(':')).unwrap_or(end);
                (&rest[..end], end)
            }
        };
        words.push(word.to_owned());
        rest = rest[end..].trim_start();
    }
    Ok(words)
}

/// Modules of vendor/modules.txt with their language versions.
pub fn vendored_modules(text: &str) -> Vec<(String, GoVersion)> {
    let mut modules: Vec<(String, GoVersion)> = Vec::new();
    for line in text.lines() {
        if let Some(head) = line.strip_prefix("# ") {
            let path = head.split_whitespace().next().unwrap_or_default();
            modules.push((path.into(), GoVersion(16)));
        } else if let (Some(notes), Some(last)) = (line.strip_prefix("## "), modules.last_mut()) {
            let version = notes.split(';').find_map(|n| GoVersion::parse(n.trim().strip_prefix("go ")?));
            last.1 = version.unwrap_or(last.1);
        }
    }
    modules
}

/// Compares module versions (`v1.2.3-pre+meta`) as semantic versioning does.
pub fn compare_versions(a: &str, b: &str) -> Ordering {
    fn split(v: &str) -> ([u64; 3], &str) {
        let v = v.strip_prefix('v').unwrap_or(v).split('+').next().unwrap_or_default();
        let (core, pre) = v.split_once('-').unwrap_or((v, ""));
        let mut numbers = [0; 3];
        for (number, text) in numbers.iter_mut().zip(core.split('.')) {
            *number = text.parse().unwrap_or(0);
        }
        (numbers, pre)
    }
    fn identifiers(a: &str, b: &str) -> Ordering {
        match (a.parse::<u64>(), b.parse::<u64>()) {
            (Ok(x), Ok(y)) => x.cmp(&y),
            (Ok(_), Err(_)) => Ordering::Less,
            (Err(_), Ok(_)) => Ordering::Greater,
            _ => a.cmp(b),
        }
    }
    let ((a, a_pre), (b, b_pre)) = (split(a), split(b));
    a.cmp(&b).then_with(|| match (a_pre.is_empty(), b_pre.is_empty()) {
        (true, true) => Ordering::Equal,
        (true, false) => Ordering::Greater,
        (false, true) => Ordering::Less,
        (false, false) => {
            let (mut x, mut y) = (a_pre.split('.'), b_pre.split('.'));
            loop {
                match (x.next(), y.next()) {
                    (None, None) => return Ordering::Equal,
                    (None, Some(_)) => return Ordering::Less,
                    (Some(_), None) => return Ordering::Greater,
                    (Some(p), Some(q)) if p == q => {}
                    (Some(p), Some(q)) => return identifiers(p, q),
                }
            }
        }
    })
}

/// Upper-case letters in module cache paths are written `!x`.
pub fn escape_path(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for c in path.chars() {
        if c.is_ascii_uppercase() {
            out.push('!');
        }
        out.push(c.to_ascii_lowercase());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn go_mod() {
        let text = "module example.com/m // c\n\ngo 1.21\n\nrequire (\n\ta.b/c v1.2.3 // indirect\n\t\"d.e/f\" v0.1.0\n)\nreplace a.b/c => ../c\nreplace (\n d.e/f v0.1.0 => g.h/f v2.0.0\n)\nexclude x.y/z v1.0.0\nretract [v1.0.0, v1.1.0]\n";
        let file = GoMod::parse(text).unwrap();
        assert_eq!(file.module, "example.com/m");
        assert_eq!(file.go_version(), GoVersion(21));
        assert_eq!(file.require.len(), 2);
        assert_eq!(file.require[1], ("d.e/f".into(), "v0.1.0".into()));
        assert_eq!(file.replace[0].new, "../c");
        assert_eq!(file.replace[1].new_version.as_deref(), Some("v2.0.0"));
        assert_eq!(GoMod::parse("module m\nfoo bar\n"), Err("2: unknown directive: foo".into()));
        assert!(GoMod::parse("module m\ngo x\n").is_err());
    }

    #[test]
    fn versions() {
        let ordered =
            ["v0.9.0", "v1.0.0-alpha", "v1.0.0-alpha.1", "v1.0.0-beta.2", "v1.0.0-beta.11", "v1.0.0", "v1.10.0"];
        for pair in ordered.windows(2) {
            assert_eq!(compare_versions(pair[0], pair[1]), Ordering::Less, "{pair:?}");
        }
        assert_eq!(compare_versions("v2.0.0+incompatible", "v2.0.0"), Ordering::Equal);
        assert_eq!(escape_path("github.com/BurntSushi/toml"), "github.com/!burnt!sushi/toml");
    }
}
