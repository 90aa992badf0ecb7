//! What was seen of the file system, and whether it is still so.
//!
//! The record is for a later run with the same command line: if everything that was looked at is still the same, among it the
//! files that were *not* there and the names in each folder, the outcome is the same too, and nothing has to be read again.
//! [`Trace::verify`] answers that mostly from metadata. A file counts as unchanged without being read if device, inode, size and both times
//! are what they were, and if those times were not so close to the run that a later change could have left them alike.

use std::ffi::OsString;
use std::fs::{self, Metadata};
use std::io;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use rustc_hash::FxHashMap;

/// File systems round times.
const RACY: Duration = Duration::from_secs(2);

/// What a path leads to.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Kind {
    /// A regular file.
    File,
    /// A folder.
    Dir,
    /// A link, if those are not followed, a pipe, a device.
    Other,
}

/// What was seen of a path.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Seen {
    /// What it is; nothing: it was not there.
    Kind(Option<Kind>),
    /// The same without following links.
    Itself(Option<Kind>),
    Contents([u8; 32]),
    Names([u8; 32]),
}

impl Seen {
    /// What kind of question it answers.
    fn class(self) -> u8 {
        match self {
            Seen::Kind(_) => 0,
            Seen::Itself(_) => 1,
            Seen::Contents(_) => 2,
            Seen::Names(_) => 3,
        }
    }
}

/// Metadata that change with the contents.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Stamp([u64; 7]);

impl Stamp {
    pub(crate) fn of(path: &Path) -> Option<Stamp> {
        fs::metadata(path).ok().as_ref().map(Stamp::of_metadata)
    }

    pub(crate) fn of_metadata(meta: &Metadata) -> Stamp {
        let times = [meta.mtime(), meta.mtime_nsec(), meta.ctime(), meta.ctime_nsec()].map(|n| n as u64);
        Stamp([meta.dev(), meta.ino(), meta.size(), times[0], times[1], times[2], times[3]])
    }

    /// Would a change at `now` or later be visible?
    fn is_settled(&self, now: SystemTime) -> bool {
        let now = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let before = now.saturating_sub(RACY).as_secs();
        self.0[3] < before && self.0[5] < before
    }
}

pub(crate) fn hash_names(names: &[(OsString, Kind)]) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    for (name, kind) in names {
        hasher.update(name.as_encoded_bytes()).update(&[0, *kind as u8]);
    }
    hasher.finalize().into()
}

/// In the place of a kind.
const NOTHING: u8 = 255;

/// Everything that was seen.
#[derive(Default, Debug)]
pub struct Trace {
    started: Option<SystemTime>,
    /// With a stamp where that may stand for it.
    seen: FxHashMap<(PathBuf, u8), (Seen, Option<Stamp>)>,
}

/// Whether what was seen is still so.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// Nothing has changed.
    Same,
    /// But metadata have changed, and have been noted: the trace is worth saving again.
    SameWithNewStamps,
    /// Something has changed.
    Different,
}

impl Trace {
    /// Nothing has been seen yet.
    pub(crate) fn start() -> Trace {
        Trace { started: Some(SystemTime::now()), ..Trace::default() }
    }

    pub(crate) fn add(&mut self, path: &Path, seen: Seen, stamp: Option<Stamp>) {
        let started = self.started.unwrap_or(SystemTime::UNIX_EPOCH);
        let stamp = stamp.filter(|stamp| stamp.is_settled(started));
        self.seen.insert((path.to_owned(), seen.class()), (seen, stamp));
    }

    /// Looks at everything again.
    pub fn verify(&mut self) -> Verdict {
        let now = SystemTime::now();
        let mut verdict = Verdict::Same;
        for ((path, _), (seen, stamp)) in &mut self.seen {
            let current = Stamp::of(path);
            if stamp.is_some() && current == *stamp {
                continue;
            }
            let same = match *seen {
                Seen::Kind(kind) => kind_of(fs::metadata(path)) == kind,
                Seen::Itself(kind) => kind_of(fs::symlink_metadata(path)) == kind,
                Seen::Contents(hash) => {
                    // What has become a pipe is not read.
                    let is_file = fs::metadata(path).is_ok_and(|meta| meta.is_file());
                    is_file && fs::read(path).is_ok_and(|text| blake3::hash(&text) == hash)
                }
                Seen::Names(hash) => list_real(path).is_ok_and(|names| hash_names(&names) == hash),
            };
            if !same {
                return Verdict::Different;
            }
            let by_stamp = matches!(seen, Seen::Contents(_) | Seen::Names(_));
            let settled = current.filter(|stamp| by_stamp && stamp.is_settled(now));
            if settled.is_some() {
                *stamp = settled;
                verdict = Verdict::SameWithNewStamps;
            }
        }
        verdict
    }

    /// For a file.
    pub fn encode(&self) -> Vec<u8> {
        let mut entries: Vec<_> = self.seen.iter().collect();
        entries.sort_unstable_by_key(|(key, _)| *key);
        let mut out = Vec::new();
        for ((path, _), (seen, stamp)) in entries {
            let path = path.as_os_str().as_bytes();
            out.extend((path.len() as u32).to_le_bytes());
            out.extend(path);
            let (kind, hash) = match seen {
                Seen::Kind(kind) | Seen::Itself(kind) => (kind.map_or(NOTHING, |kind| kind as u8), [0; 32]),
                Seen::Contents(hash) | Seen::Names(hash) => (0, *hash),
            };
            out.extend([seen.class(), kind]);
            out.extend(hash);
            out.push(u8::from(stamp.is_some()));
            out.extend(stamp.map_or([0; 7], |stamp| stamp.0).iter().flat_map(|n| n.to_le_bytes()));
        }
        out
    }

    /// What [`Trace::encode`] made; none: it is damaged.
    pub fn decode(mut bytes: &[u8]) -> Option<Trace> {
        let mut trace = Trace::default();
        while !bytes.is_empty() {
            let (len, rest) = bytes.split_first_chunk::<4>()?;
            let (path, rest) = rest.split_at_checked(u32::from_le_bytes(*len) as usize)?;
            let (&[class, kind], rest) = rest.split_first_chunk::<2>()?;
            let (hash, rest) = rest.split_first_chunk::<32>()?;
            let (&[has_stamp], rest) = rest.split_first_chunk::<1>()?;
            let (stamp, rest) = rest.split_first_chunk::<56>()?;
            bytes = rest;
            let kind = match kind {
                NOTHING => None,
                _ => Some(*[Kind::File, Kind::Dir, Kind::Other].get(usize::from(kind))?),
            };
            let seen = match class {
                0 => Seen::Kind(kind),
                1 => Seen::Itself(kind),
                2 => Seen::Contents(*hash),
                3 => Seen::Names(*hash),
                _ => return None,
            };
            let mut numbers = [0; 7];
            for (number, bytes) in numbers.iter_mut().zip(stamp.chunks_exact(8)) {
                *number = bytes.first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes));
            }
            let path = PathBuf::from(std::ffi::OsString::from_vec(path.to_vec()));
            trace.seen.insert((path, class), (seen, (has_stamp != 0).then_some(Stamp(numbers))));
        }
        Some(trace)
    }
}

/// The names that are really in a folder; sorted.
pub(crate) fn list_real(dir: &Path) -> io::Result<Vec<(OsString, Kind)>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let file_type = entry.file_type()?;
        let kind = match (file_type.is_file(), file_type.is_dir()) {
            (true, _) => Kind::File,
            (_, true) => Kind::Dir,
            _ => Kind::Other,
        };
        names.push((entry.file_name(), kind));
    }
    names.sort();
    Ok(names)
}

pub(crate) fn kind_of(meta: io::Result<Metadata>) -> Option<Kind> {
    meta.ok().map(|meta| match (meta.is_file(), meta.is_dir()) {
        (true, _) => Kind::File,
        (_, true) => Kind::Dir,
        _ => Kind::Other,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trace_of(dir: &Path) -> Trace {
        let mut trace = Trace { started: Some(SystemTime::now() + RACY * 3), ..Trace::default() };
        let add = |trace: &mut Trace, path: &Path, seen| trace.add(path, seen, Stamp::of(path));
        let file = dir.join("a.go");
        add(&mut trace, &file, Seen::Contents(blake3::hash(&fs::read(&file).unwrap()).into()));
        add(&mut trace, dir, Seen::Names(hash_names(&list_real(dir).unwrap())));
        add(&mut trace, &dir.join("go.mod"), Seen::Kind(None));
        let copy = Trace::decode(&trace.encode()).unwrap();
        assert_eq!(copy.seen, trace.seen);
        copy
    }

    #[test]
    fn changes_are_seen() {
        let work = tempfile::tempdir().unwrap();
        let dir = work.path();
        let file = dir.join("a.go");
        fs::write(&file, "package a").unwrap();
        assert_eq!(trace_of(dir).verify(), Verdict::Same);
        // The same text again.
        let mut trace = trace_of(dir);
        fs::write(&file, "package a").unwrap();
        assert_ne!(trace.verify(), Verdict::Different);
        // Another text of the same length and with the old times.
        let mut trace = trace_of(dir);
        let modified = fs::metadata(&file).unwrap().modified().unwrap();
        fs::write(&file, "package b").unwrap();
        fs::File::options().write(true).open(&file).unwrap().set_modified(modified).unwrap();
        assert_eq!(trace.verify(), Verdict::Different);
        // A new file, and a name that was looked for.
        let mut trace = trace_of(dir);
        fs::write(dir.join("b.go"), "package b").unwrap();
        assert_eq!(trace.verify(), Verdict::Different);
        let mut trace = trace_of(dir);
        fs::remove_file(dir.join("b.go")).unwrap();
        fs::write(dir.join("go.mod"), "module m").unwrap();
        assert_eq!(trace.verify(), Verdict::Different);
    }

    #[test]
    fn damage_is_noticed() {
        let work = tempfile::tempdir().unwrap();
        fs::write(work.path().join("a.go"), "package a").unwrap();
        let bytes = trace_of(work.path()).encode();
        assert!(Trace::decode(&bytes[..bytes.len() - 1]).is_none());
    }
}
