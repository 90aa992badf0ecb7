//! go.sum: what the contents of modules must be.
//!
//! A line is a module, a version, perhaps with `/go.mod` for that file alone, and a hash. Hashes of kinds that nobody knows yet are
//! passed over.

use std::io::ErrorKind;
use std::path::Path;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use rustc_hash::FxHashMap;
use sha2::{Digest as _, Sha256};

use super::version::ModuleVersion;
use crate::files::{self, describe};

/// What `go` once wrote for modules without a go.mod.
const OF_NOTHING: &str = "h1:G7mAYYxgmS0lVkHyy2hEOLQCFB0DlQFTMLWggykrydY=";

/// The sums that hold for a build.
#[derive(Default)]
pub struct Sums {
    /// Each with its name in messages.
    files: Vec<(String, FxHashMap<ModuleVersion, Vec<String>>)>,
}

impl Sums {
    /// Adds the lines of a file, which need not exist.
    pub fn read(&mut self, path: &Path, name: &str) -> Result<(), String> {
        let text = match files::read(path) {
            Ok(bytes) => bytes,
            Err(e) if e.kind() == ErrorKind::NotFound => Vec::new(),
            Err(e) => return Err(format!("go: open {}: {}", path.display(), describe(&e))),
        };
        let mut sums: FxHashMap<ModuleVersion, Vec<String>> = FxHashMap::default();
        for (number, line) in String::from_utf8_lossy(&text).split('\n').enumerate() {
            match line.split_whitespace().collect::<Vec<_>>()[..] {
                [] | [_, _, OF_NOTHING] => {}
                [module, version, sum] => {
                    sums.entry(ModuleVersion::new(module, version)).or_default().push(sum.into());
                }
                ref words => {
                    let (path, count) = (path.display(), words.len());
                    let number = number + 1;
                    return Err(format!("malformed go.sum:\n{path}:{number}: wrong number of fields {count}"));
                }
            }
        }
        self.files.push((name.into(), sums));
        Ok(())
    }

    /// The sum of a module, or of a go.mod.
    pub fn get(&self, module: &ModuleVersion) -> Option<&str> {
        self.files.iter().flat_map(|(_, sums)| known(sums, module)).next()
    }

    /// Compares the sum of what there is with what is wanted; the error is for a difference.
    pub fn check(&self, module: &ModuleVersion, found: &str) -> Result<(), String> {
        for (index, (name, sums)) in self.files.iter().enumerate() {
            for wanted in known(sums, module) {
                if wanted != found {
                    return Err(format!(
                        "verifying {module}: checksum mismatch\n\tdownloaded: {found}\n\t{name}:     {wanted}\n\nSECURITY ERROR\nThis download does NOT match an earlier download recorded in go.sum.\nThe bits may have been replaced on the origin server, or an attacker may\nhave intercepted the download attempt.\n\nFor more information, see 'go help module-auth'."
                    ));
                }
                // In the file that `go` itself writes, the first line decides.
                if index == 0 {
                    return Ok(());
                }
            }
        }
        Ok(())
    }
}

/// The sums of the kind that is known.
fn known<'a>(
    sums: &'a FxHashMap<ModuleVersion, Vec<String>>,
    module: &ModuleVersion,
) -> impl Iterator<Item = &'a str> + use<'a> {
    sums.get(module).into_iter().flatten().map(String::as_str).filter(|sum| sum.starts_with("h1:"))
}

/// The sum of a module's files, of which the names and the hashes are given.
fn of_files<'a>(files: impl Iterator<Item = (&'a str, [u8; 32])>) -> String {
    let mut all = Sha256::new();
    for (name, hash) in files {
        let hex: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        all.update(format!("{hex}  {name}\n"));
    }
    format!("h1:{}", BASE64_STANDARD.encode(all.finalize()))
}

/// The sum of a go.mod file.
pub fn of_go_mod(text: &[u8]) -> String {
    of_files([("go.mod", Sha256::digest(text).into())].into_iter())
}

/// Has the text the length of a sum? Otherwise whoever wrote it was interrupted.
pub fn is_sum(text: &str) -> bool {
    text.len() == OF_NOTHING.len() && !text.contains('\0')
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn go_mod_sums() {
        assert_eq!(of_go_mod(b""), OF_NOTHING);
        assert!(is_sum(OF_NOTHING) && !is_sum("h1:AAAA"));
    }

    #[test]
    fn lines() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("go.sum");
        let read = |text: &str| {
            fs::write(&path, text).unwrap();
            let mut sums = Sums::default();
            sums.read(&path, "go.sum").map(|()| sums)
        };
        let module = ModuleVersion::new("a", "v1.0.0");
        let sums = read("a v1.0.0 h2:x\na v1.0.0 h1:A\n\na v1.0.0 h1:B\n").unwrap();
        assert_eq!(sums.get(&module), Some("h1:A"));
        assert!(sums.check(&module, "h1:A").is_ok());
        assert!(sums.check(&module, "h1:B").unwrap_err().contains("\tdownloaded: h1:B\n\tgo.sum:     h1:A\n"));
        assert_eq!(read("a v1.0.0 h2:x\n").unwrap().get(&module), None);
        assert!(read("a\n").err().unwrap().ends_with("go.sum:1: wrong number of fields 1"));
        assert!(read("\n\na v1.0.0 h1:A x\n").err().unwrap().ends_with("go.sum:3: wrong number of fields 4"));
    }
}
