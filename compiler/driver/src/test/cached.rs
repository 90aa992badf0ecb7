//! Results of tests that have passed: `(cached)`.
//!
//! Problem: a test depends on more than its program and its arguments, on files and variables that it reads. Package testing logs which
//! (`-test.testlogfile`). Strategy, as go has it: under the identity of program and arguments the log of the last run is kept, and under that and the *state* of what the
//! log names the output. A lookup reads the log, hashes the present state, and finds the output if all is as it was.
//!
//! Invariants: only flags of which go says so may be given; files outside the module do not count, nor do their contents, but size, mode and time;
//! a file that was changed within the last two seconds makes the result unfit, because a change now could leave its time alike.

use std::ffi::OsStr;
use std::fs::{self, Metadata};
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use golift_load::Test;

use crate::cache::{self, TEST};
use crate::caches::Caches;
use crate::cover::Cover;
use crate::session::Session;

/// Flags with which a result may be used again.
const CACHEABLE: [&str; 11] =
    ["benchtime", "cpu", "failfast", "fullpath", "list", "parallel", "run", "short", "skip", "timeout", "v"];
/// What package testing writes at the beginning of a log.
const LOG_HEAD: &[u8] = b"# test log\n";
/// Times of files may be so coarse.
const TOO_NEW: Duration = Duration::from_secs(2);

/// Where the result of one test is kept.
pub struct Results<'a> {
    session: &'a Session,
    folder: PathBuf,
    id: blake3::Hash,
    /// The folder of the test, in which it runs.
    dir: PathBuf,
    /// That of the module or distribution.
    root: PathBuf,
    /// `-coverprofile`: there is a profile beside the report.
    has_profile: bool,
}

/// What is kept of a test that has passed.
#[derive(Clone)]
pub struct Kept {
    /// The report, which says that it is an old one.
    pub report: Vec<u8>,
    /// Of coverage, if it was asked for.
    pub profile: Option<Vec<u8>>,
}

impl<'a> Results<'a> {
    /// For a test, unless its result cannot be kept.
    pub fn of(
        session: &'a Session,
        caches: &Caches,
        test: &Test,
        goroot: &Path,
        cover: Option<&Cover>,
    ) -> Option<Results<'a>> {
        let flags = &session.flags;
        // What a test is run with may do other things each time.
        if test.path == "command-line-arguments" || flags.dry_run || !flags.exec.is_empty() {
            return None;
        }
        let root = module_root(&test.dir, goroot)?;
        let mut hasher = blake3::Hasher::new();
        hasher.update(caches.program_key()?.as_bytes());
        for arg in &flags.test.args {
            let name = arg.to_str()?.strip_prefix("-test.")?.split_once('=')?.0;
            match name {
                // Where that goes changes nothing.
                "outputdir" | "coverprofile" => continue,
                _ if CACHEABLE.contains(&name) => hasher.update(arg.as_bytes()).update(&[0]),
                _ => return None,
            };
        }
        // Packages that the test does not contain are in its profile, too.
        cover.map_or(Some(()), |cover| cover.hash(&mut hasher))?;
        let folder = session.env.cache_dir()?.join(TEST);
        let has_profile = flags.cover.profile.is_some();
        Some(Results { session, folder, id: hasher.finalize(), dir: test.dir.clone(), root, has_profile })
    }

    /// What there is of the test.
    pub fn find(&self) -> Option<Kept> {
        let log = self.read(self.id)?;
        let state = self.with_state(&log)?;
        let report = self.read(state)?;
        let profile = if self.has_profile { Some(self.read(of_profile(state))?) } else { None };
        // The last line tells how long it took.
        let last = report[..report.len().checked_sub(1)?].iter().rposition(|&b| b == b'\n').map_or(0, |at| at + 1);
        let line = report[last..].strip_prefix(b"ok  \t")?;
        let name = line.iter().position(|&b| b == b'\t')? + 1;
        let time = line[name..].iter().take_while(|&&b| b.is_ascii_digit() || b == b'.' || b == b's').count();
        let (before, after) = report.split_at(report.len() - line.len() + name);
        Some(Kept { report: [before, b"(cached)", &after[time..]].concat(), profile })
    }

    /// Keeps the report of a test that has passed, and its profile.
    pub fn save(&self, log: &Path, report: &[u8], profile: &Path) {
        let Ok(log) = fs::read(log) else { return };
        // Of a log that is not complete nothing follows.
        if !log.starts_with(LOG_HEAD) || !log.ends_with(b"\n") {
            return;
        }
        if let Some(state) = self.with_state(&log) {
            self.write(self.id, &log);
            self.write(state, report);
            if let Some(profile) = self.has_profile.then(|| fs::read(profile).ok()).flatten() {
                self.write(of_profile(state), &profile);
            }
        }
    }

    fn read(&self, key: blake3::Hash) -> Option<Vec<u8>> {
        let mut bytes = cache::read(&self.folder.join(key.to_hex().as_str())).ok()?;
        let (body, check) = bytes.split_at_checked(bytes.len().checked_sub(32)?)?;
        if blake3::hash(body).as_bytes() != check {
            return None;
        }
        bytes.truncate(bytes.len() - 32);
        Some(bytes)
    }

    fn write(&self, key: blake3::Hash, bytes: &[u8]) {
        cache::put(&self.folder, key.to_hex().as_str(), &[bytes, blake3::hash(bytes).as_bytes()]);
    }

    /// The key of the report: what the log names, in the state in which it is now. Nothing: it may be changing.
    fn with_state(&self, log: &[u8]) -> Option<blake3::Hash> {
        let mut state = State(blake3::Hasher::new());
        state.add(self.id.as_bytes());
        // The runtime looks at it without being told to.
        state.variable(self.session, OsStr::new("GODEBUG"));
        let mut dir = self.dir.clone();
        for line in log.strip_prefix(LOG_HEAD)?.split(|&b| b == b'\n').filter(|line| !line.is_empty()) {
            let at = line.iter().position(|&b| b == b' ')?;
            let (what, name) = (&line[..at], OsStr::from_bytes(&line[at + 1..]));
            let path = golift_load::clean(&dir.join(name));
            let counts = path.starts_with(&self.root);
            state.add(line);
            match what {
                b"getenv" => state.variable(self.session, name),
                b"chdir" => {
                    state.both(&path);
                    dir = path;
                }
                b"stat" if counts => state.both(&path),
                b"open" if counts => state.opened(&path)?,
                b"stat" | b"open" => {}
                _ => return None,
            }
        }
        Some(state.0.finalize())
    }
}

/// Where the profile beside a report is.
fn of_profile(state: blake3::Hash) -> blake3::Hash {
    blake3::keyed_hash(state.as_bytes(), b"coverprofile")
}

/// A hash in the making.
struct State(blake3::Hasher);

impl State {
    fn add(&mut self, bytes: &[u8]) {
        self.0.update(&(bytes.len() as u64).to_le_bytes()).update(bytes);
    }

    fn variable(&mut self, session: &Session, name: &OsStr) {
        // One that is empty is another than none.
        let value = session.env.all().get(name);
        self.add(format!("{value:?}").as_bytes());
    }

    /// What the name leads to, and what it is itself.
    fn both(&mut self, path: &Path) {
        self.metadata(&fs::metadata(path));
        self.metadata(&fs::symlink_metadata(path));
    }

    fn metadata(&mut self, meta: &io::Result<Metadata>) {
        let about = match meta {
            Ok(meta) => format!("{} {} {} {}", meta.size(), meta.mode(), meta.mtime(), meta.mtime_nsec()),
            Err(e) => format!("{e}"),
        };
        self.add(about.as_bytes());
    }

    /// A file that is read, or a folder. Nothing: it is too new.
    fn opened(&mut self, path: &Path) -> Option<()> {
        let meta = fs::metadata(path);
        self.metadata(&meta);
        let Ok(meta) = meta else { return Some(()) };
        if meta.is_dir() {
            let mut entries: Vec<_> = fs::read_dir(path).into_iter().flatten().flatten().collect();
            entries.sort_by_key(fs::DirEntry::file_name);
            for entry in entries {
                self.add(entry.file_name().as_bytes());
                self.metadata(&entry.metadata());
            }
        } else if meta.is_file() {
            let age = SystemTime::now().duration_since(meta.modified().ok()?).unwrap_or_default();
            return (age >= TOO_NEW).then_some(());
        }
        Some(())
    }
}

/// The folder of the module that a folder belongs to.
fn module_root(dir: &Path, goroot: &Path) -> Option<PathBuf> {
    if dir.starts_with(goroot) {
        return Some(goroot.to_owned());
    }
    golift_load::module_root(dir).map(Path::to_owned)
}
