//! Files of ours that replace or extend packages of the distribution.
//!
//! `runtime/go/overlay.txt` holds the rules (its head documents the format) and `runtime/go/src/PATH/*.go` the files. Both are embedded in the
//! compiler; while working on them, `GOLIFT_OVERLAY=dir` reads them from a checkout instead, and
//! `GOLIFT_OVERLAY=off` leaves the distribution as it is.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;
use std::{fs, io};

use rustc_hash::FxHashMap;

use crate::context::Switches;
use crate::world;

include!(concat!(env!("OUT_DIR"), "/embedded.rs"));

type Contents = Cow<'static, [u8]>;

/// All rules and files.
#[derive(Default)]
pub struct Overlay {
    rules: FxHashMap<String, Rule>,
    /// Rules for all packages below a path, without the `/...`.
    tree_rules: Vec<(String, Rule)>,
    /// By package and file name.
    files: FxHashMap<String, BTreeMap<String, Contents>>,
}

/// What happens to one package.
#[derive(Clone, Default, Debug)]
pub struct Rule {
    /// Only our files count.
    pub whole: bool,
    /// Its assembly is used.
    pub asm: bool,
    /// What is special about the package's build constraints.
    pub switches: Switches,
    /// Files of the distribution that are left out.
    pub drop: Vec<String>,
}

impl Overlay {
    /// No rules, no files.
    pub fn none() -> Overlay {
        Overlay::default()
    }

    /// The overlay as the environment asks for it.
    pub fn from_env() -> Result<Overlay, String> {
        match world::variable("GOLIFT_OVERLAY") {
            Some(off) if off == "off" => Ok(Overlay::none()),
            Some(dir) => {
                let path = world::absolute(Path::new(&dir));
                Overlay::from_dir(&path).map_err(|e| format!("GOLIFT_OVERLAY: {}: {e}", dir.display()))?
            }
            None => Overlay::new(EMBEDDED.iter().map(|&(name, text)| (name.to_owned(), Cow::Borrowed(text)))),
        }
    }

    fn from_dir(dir: &Path) -> io::Result<Result<Overlay, String>> {
        fn walk(dir: &Path, prefix: &str, files: &mut Vec<(String, Contents)>) -> io::Result<()> {
            for entry in fs::read_dir(dir)? {
                let entry = entry?;
                let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
                if entry.file_type()?.is_dir() {
                    walk(&entry.path(), &format!("{name}/"), files)?;
                } else if name.ends_with(".go") || name == "overlay.txt" {
                    files.push((name, Cow::Owned(fs::read(entry.path())?)));
                }
            }
            Ok(())
        }
        let mut files = Vec::new();
        walk(dir, "", &mut files)?;
        Ok(Overlay::new(files))
    }

    fn new(all: impl IntoIterator<Item = (String, Contents)>) -> Result<Overlay, String> {
        let mut overlay = Overlay::default();
        for (name, text) in all {
            if name == "overlay.txt" {
                overlay.parse_rules(&String::from_utf8_lossy(&text))?;
            } else if let Some((package, file)) = name.strip_prefix("src/").and_then(|path| path.rsplit_once('/')) {
                overlay.files.entry(package.into()).or_default().insert(file.into(), text);
            }
        }
        Ok(overlay)
    }

    fn parse_rules(&mut self, text: &str) -> Result<(), String> {
        for (number, line) in text.lines().enumerate() {
            let mut words = line.split('#').next().unwrap_or_default().split_whitespace();
            let Some(package) = words.next() else { continue };
            let mut rule = Rule::default();
            for word in words {
                match word.split_once('=').unwrap_or((word, "")) {
                    ("whole", "") => rule.whole = true,
                    ("asm", "") => rule.asm = true,
                    ("generic", "") => rule.switches.generic = true,
                    ("keep", files) => rule.switches.keep.extend(files.split(',').map(String::from)),
                    ("tags", tags) => rule.switches.tags.extend(tags.split(',').map(String::from)),
                    ("drop", files) => rule.drop.extend(files.split(',').map(String::from)),
                    _ => return Err(format!("overlay.txt:{}: what is {word}?", number + 1)),
                }
            }
            match package.strip_suffix("/...") {
                Some(root) => self.tree_rules.push((root.into(), rule)),
                None => drop(self.rules.insert(package.into(), rule)),
            }
        }
        Ok(())
    }

    /// The rule for a package of the distribution. A rule for the package itself wins over one for a tree.
    pub fn rule(&self, package: &str) -> Rule {
        let below =
            |root: &str| package.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        let tree = || self.tree_rules.iter().find(|(root, _)| below(root)).map(|(_, rule)| rule);
        let mut rule = self.rules.get(package).or_else(tree).cloned().unwrap_or_default();
        // A package that is to be replaced but for which there is nothing stays as it is.
        rule.whole &= self.files.contains_key(package);
        rule
    }

    /// Our files for a package, by name.
    pub fn files(&self, package: &str) -> impl Iterator<Item = (&str, &Contents)> {
        // What the distribution vendors is what it has a copy of.
        let original = ["vendor/", "cmd/vendor/"].iter().find_map(|prefix| package.strip_prefix(prefix));
        let files = self.files.get(package).or_else(|| self.files.get(original?));
        files.into_iter().flatten().map(|(name, text)| (name.as_str(), text))
    }

    /// Packages that exist only here.
    pub fn has_package(&self, package: &str) -> bool {
        self.files.contains_key(package)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules() {
        let text = "# head\ncrypto/... tags=purego # why\ncrypto/x generic drop=a.go,b.go\nruntime whole\n";
        let all = [("overlay.txt", text), ("src/runtime/a.go", "package runtime")];
        let overlay = Overlay::new(all.map(|(name, text)| (name.into(), Cow::Borrowed(text.as_bytes())))).unwrap();
        assert!(overlay.rule("runtime").whole && !overlay.rule("runtime/debug").whole);
        assert_eq!(overlay.rule("crypto/y/z").switches.tags, ["purego"]);
        assert!(overlay.rule("crypto/x").switches.generic && overlay.rule("crypto/x").switches.tags.is_empty());
        assert_eq!(overlay.rule("crypto/x").drop, ["a.go", "b.go"]);
        assert!(!overlay.rule("cryptox").switches.generic);
        assert_eq!(overlay.files("runtime").count(), 1);
    }

    #[test]
    fn embedded_rules_parse() {
        Overlay::new(EMBEDDED.iter().map(|&(name, text)| (name.to_owned(), Cow::Borrowed(text)))).unwrap();
    }
}
