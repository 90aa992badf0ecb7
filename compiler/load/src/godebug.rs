//! GODEBUG settings that a program is built with: what `//go:debug` lines and go.mod say, and for older modules what was the
//! behaviour of their time. Settings must be ones that the distribution knows.

use std::collections::BTreeMap;
use std::path::Path;

use golift_syntax::GoVersion;
use golift_syntax::{Diagnostic, DirectiveKind, File, Pos};
use rustc_hash::FxHashMap;

use crate::files;

/// The settings of a distribution.
pub struct Settings {
    known: Vec<String>,
    version: String,
    /// Settings that are gone: the version that dropped each, and the value that may not be asked for any more.
    removed: FxHashMap<String, (u32, String)>,
    /// Settings of which the default has changed: in which version, and the value before.
    changed: Vec<(String, u16, String)>,
}

impl Settings {
    /// Reads the distribution's table.
    pub fn read(goroot: &Path) -> Settings {
        let text = files::read_to_string(&goroot.join("src/internal/godebugs/table.go")).unwrap_or_default();
        let version = crate::goroot::version(goroot).unwrap_or_default();
        let mut settings = Settings { known: Vec::new(), version, removed: FxHashMap::default(), changed: Vec::new() };
        for line in text.lines() {
            let Some((name, rest)) = line.trim().strip_prefix("{Name: \"").and_then(|l| l.split_once('"')) else {
                continue;
            };
            match rest.split_once("Removed: ") {
                None => {
                    settings.known.push(name.to_owned());
                    let field = |name: &str| rest.split_once(name).map(|(_, value)| value);
                    let number = |text: &str| text.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok();
                    let old = field("Old: \"").and_then(|value| value.split_once('"'));
                    if let (Some(version), Some((old, _))) = (field("Changed: ").and_then(number), old) {
                        settings.changed.push((name.to_owned(), version, old.to_owned()));
                    }
                }
                Some((_, rest)) => {
                    let digits = rest.split(|c: char| !c.is_ascii_digit()).next().unwrap_or_default();
                    let old = if rest.contains("Old: one") { "1" } else { "0" };
                    settings.removed.insert(name.to_owned(), (digits.parse().unwrap_or(0), old.to_owned()));
                }
            }
        }
        settings
    }

    /// The settings of a program of this version: `name=value,…`, sorted. Later ones of the given pairs win;
    /// `default` among them stands for another version.
    pub fn defaults<'a>(&self, version: GoVersion, given: impl Iterator<Item = (&'a str, &'a str)>) -> String {
        let mut values: BTreeMap<&str, &str> = given.collect();
        let asked = values.remove("default").and_then(|v| GoVersion::parse(v.strip_prefix("go")?));
        for (name, changed, old) in &self.changed {
            if asked.unwrap_or(version) < GoVersion(*changed) {
                values.entry(name).or_insert(old);
            }
        }
        let list: Vec<String> = values.iter().map(|(name, value)| format!("{name}={value}")).collect();
        list.join(",")
    }

    /// What is wrong with a setting; `kind` names settings of its kind.
    pub fn check(&self, key: &str, value: &str, kind: &str) -> Result<(), String> {
        for (what, text) in [("key", key), ("value", value)] {
            if text.contains([' ', '\t']) {
                return Err(format!("{what} contains space"));
            }
        }
        for (what, text) in [("key", key), ("value", value)] {
            if text.contains(',') {
                return Err(format!("{what} contains comma"));
            }
        }
        if key == "default" {
            let version = value.strip_prefix("go").and_then(GoVersion::parse);
            let version = version.ok_or("value for default= must be goVERSION")?;
            if version > GoVersion::LATEST {
                return Err(format!("default={value} too new (toolchain is {})", self.version));
            }
        } else if let Some((version, old)) = self.removed.get(key) {
            if value == old {
                let link = format!("https://go.dev/doc/godebug#go-1{version}");
                return Err(format!("removed GODEBUG {key:?} set to old value {value:?} ({link})"));
            }
        } else if !self.known.iter().any(|known| known == key) {
            return Err(format!("unknown {kind} {key:?}"));
        }
        Ok(())
    }

    fn check_line(&self, args: &str) -> Result<String, String> {
        let (key, value) = args.split_once('=').ok_or("missing key=value")?;
        self.check(key, value, "//go:debug setting").map(|()| key.to_owned())
    }

    /// What is wrong with the lines of a package, file by file.
    pub fn check_files<'a>(
        &self,
        files: impl Iterator<Item = &'a File>,
        position: impl Fn(Pos) -> String,
    ) -> Vec<Diagnostic> {
        let mut errors = Vec::new();
        let mut seen: FxHashMap<String, Pos> = FxHashMap::default();
        for directive in files.flat_map(debug_lines) {
            // With the slashes.
            let pos = Pos::from_raw(directive.pos.raw() - 2);
            let msg = match self.check_line(directive.args()) {
                Err(why) => format!("invalid //go:debug: {why}"),
                Ok(key) => match seen.get(&key) {
                    Some(&other) => {
                        format!("repeated //go:debug for {key}\n\t{}: previous //go:debug", position(other))
                    }
                    None => {
                        seen.insert(key, pos);
                        continue;
                    }
                },
            };
            errors.push(Diagnostic::new(pos, "InvalidDirective", msg));
        }
        errors
    }
}

/// The `//go:debug` lines of a file: those before the package clause.
pub fn debug_lines(file: &File) -> impl Iterator<Item = &golift_syntax::Directive> {
    file.all_directives.iter().filter(|d| d.kind == DirectiveKind::Debug && d.pos < file.pos)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings() {
        let settings = Settings {
            known: vec!["panicnil".into()],
            version: "go1.27.3".into(),
            removed: FxHashMap::from_iter([("x509sha1".to_owned(), (24, "1".to_owned()))]),
            changed: vec![("panicnil".into(), 21, "1".into()), ("netedns0".into(), 19, "0".into())],
        };
        let error = |args: &str| settings.check_line(args).err().unwrap_or_default();
        assert_eq!(error("panicnil=1"), "");
        assert_eq!(error("panicnil"), "missing key=value");
        assert_eq!(error("panicnil=1 x"), "value contains space");
        assert_eq!(error("foo=1"), "unknown //go:debug setting \"foo\"");
        assert_eq!(error("default=go1.21"), "");
        assert_eq!(error("default=1.21"), "value for default= must be goVERSION");
        assert!(error("x509sha1=1").starts_with("removed GODEBUG \"x509sha1\" set to old value \"1\""));
        assert_eq!(error("x509sha1=0"), "");
        let defaults = |version, given: &[(&'static str, &'static str)]| {
            settings.defaults(GoVersion(version), given.iter().copied())
        };
        assert_eq!(defaults(18, &[]), "netedns0=0,panicnil=1");
        assert_eq!(defaults(20, &[("panicnil", "0")]), "panicnil=0");
        assert_eq!(defaults(27, &[("default", "go1.20")]), "panicnil=1");
        assert_eq!(defaults(27, &[]), "");
    }
}
