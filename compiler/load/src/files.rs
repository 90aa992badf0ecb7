//! How the loader sees the file system: through `-overlay`, and with a record of what it saw ([`Trace`]).
//!
//! Both belong to the [`World`](crate::world::World) that the thread is in.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::{self, Metadata};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use crate::paths::clean;
use crate::trace::{Seen, Stamp, hash_names, kind_of, list_real};
use crate::world;

pub use crate::trace::{Kind, Trace, Verdict};

/// What `-overlay` says in this world. Only the first call counts.
pub fn replace(files: BTreeMap<PathBuf, Option<PathBuf>>) {
    if let Some(world) = world::current() {
        world.replaced.get_or_init(|| files);
    }
}

/// The contents of a file. Whoever is at the other end of a pipe is not waited for.
pub fn read(path: &Path) -> io::Result<Vec<u8>> {
    read_if(path, |real, meta| meta.is_file() || meta.is_dir() || real == Path::new("/dev/null"))
}

/// The contents of what the user has named, which may be a pipe.
pub fn read_anything(path: &Path) -> io::Result<Vec<u8>> {
    read_if(path, |_, _| true)
}

fn read_if(path: &Path, is_readable: impl Fn(&Path, &Metadata) -> bool) -> io::Result<Vec<u8>> {
    let Some(real) = real_path(path) else { return Err(ErrorKind::NotFound.into()) };
    let real = &*real;
    let meta = fs::metadata(real);
    let stamp = meta.as_ref().ok().map(Stamp::of_metadata);
    let result = match &meta {
        Ok(meta) if !is_readable(real, meta) => Err(io::Error::new(ErrorKind::InvalidInput, "not a regular file")),
        _ => fs::read(real),
    };
    if tracing() {
        let seen = match &result {
            Ok(text) => Seen::Contents(blake3::hash(text).into()),
            Err(_) => Seen::Kind(kind_of(fs::metadata(real))),
        };
        record(real, seen, stamp);
    }
    result
}

/// The contents of a file that is UTF-8.
pub fn read_to_string(path: &Path) -> io::Result<String> {
    String::from_utf8(read(path)?).map_err(|_| io::Error::new(ErrorKind::InvalidData, "invalid UTF-8"))
}

/// The size of a file.
pub fn size(path: &Path) -> io::Result<u64> {
    let Some(real) = real_path(path) else { return Err(ErrorKind::NotFound.into()) };
    let real = &*real;
    let meta = fs::metadata(real)?;
    if tracing() {
        record(real, Seen::Kind(kind_of(Ok(meta.clone()))), None);
    }
    Ok(meta.len())
}

/// What is there, at the end of symbolic links.
pub fn kind(path: &Path) -> io::Result<Kind> {
    look(path, true)
}

/// What is there itself.
pub fn symlink_kind(path: &Path) -> io::Result<Kind> {
    look(path, false)
}

/// Is a regular file there?
pub fn is_file(path: &Path) -> bool {
    kind(path).is_ok_and(|kind| kind == Kind::File)
}

/// Is a folder there?
pub fn is_dir(path: &Path) -> bool {
    kind(path).is_ok_and(|kind| kind == Kind::Dir)
}

fn look(path: &Path, follow: bool) -> io::Result<Kind> {
    if holds_replaced(path) {
        return Ok(Kind::Dir);
    }
    let Some(real) = real_path(path) else { return Err(ErrorKind::NotFound.into()) };
    let real = &*real;
    let meta = if follow { fs::metadata(real) } else { fs::symlink_metadata(real) };
    let found = meta.map(|meta| kind_of(Ok(meta)).unwrap_or(Kind::Other));
    if tracing() {
        let kind = found.as_ref().ok().copied();
        record(real, if follow { Seen::Kind(kind) } else { Seen::Itself(kind) }, None);
    }
    found
}

/// Names in a folder and what they are, links not followed; sorted.
pub fn list(dir: &Path) -> io::Result<Vec<(OsString, Kind)>> {
    let stamp = Stamp::of(dir);
    let listed = list_real(dir);
    if tracing() {
        let seen = match &listed {
            Ok(names) => Seen::Names(hash_names(names)),
            Err(_) => Seen::Kind(kind_of(fs::metadata(dir))),
        };
        record(dir, seen, stamp);
    }
    let world = world::current().filter(|_| holds_replaced(dir));
    let Some(replaced) = world.as_ref().and_then(|world| world.replaced.get()) else { return listed };
    let mut names: BTreeMap<OsString, Kind> = listed.unwrap_or_default().into_iter().collect();
    let dir = clean(dir);
    for (path, target) in replaced {
        let Ok(below) = path.strip_prefix(&dir) else { continue };
        let mut parts = below.components();
        let Some(name) = parts.next() else { continue };
        let name = name.as_os_str().to_owned();
        match (target, parts.next()) {
            (Some(_), Some(_)) => drop(names.insert(name, Kind::Dir)),
            (Some(_), None) => drop(names.insert(name, Kind::File)),
            (None, None) => drop(names.remove(&name)),
            (None, Some(_)) => {}
        }
    }
    Ok(names.into_iter().collect())
}

/// An IO error as Go words it.
pub fn describe(error: &io::Error) -> String {
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or_default();
    let mut chars = text.chars();
    chars.next().map(|c| c.to_lowercase().collect::<String>() + chars.as_str()).unwrap_or_default()
}

/// Where the contents of a file of this name are; nothing: the overlay hides it.
pub fn real_path(path: &Path) -> Option<Cow<'_, Path>> {
    let world = world::current();
    match world.as_ref().and_then(|world| world.replaced.get()?.get(&clean(path))) {
        Some(target) => target.clone().map(Cow::Owned),
        None => Some(Cow::Borrowed(path)),
    }
}

/// Is the path a folder in which the overlay puts something?
fn holds_replaced(path: &Path) -> bool {
    let world = world::current();
    let replaced = world.as_ref().and_then(|world| world.replaced.get()).filter(|replaced| !replaced.is_empty());
    let Some(replaced) = replaced else { return false };
    let path = clean(path);
    let mut below = replaced.range(path.clone()..).take_while(|(file, _)| file.starts_with(&path));
    below.any(|(file, target)| *file != path && (target.is_some() || path.is_dir()))
}

/// Starts to note what is seen in this world.
pub fn start_trace() {
    if let Some(world) = world::current() {
        *world.trace.lock().unwrap_or_else(|e| e.into_inner()) = Some(Trace::start());
    }
}

/// What was seen since the start.
pub fn finish_trace() -> Option<Trace> {
    world::current()?.trace.lock().unwrap_or_else(|e| e.into_inner()).take()
}

fn tracing() -> bool {
    world::current().is_some_and(|world| world.trace.lock().unwrap_or_else(|e| e.into_inner()).is_some())
}

fn record(path: &Path, seen: Seen, stamp: Option<Stamp>) {
    let Some(world) = world::current() else { return };
    if let Some(trace) = &mut *world.trace.lock().unwrap_or_else(|e| e.into_inner()) {
        trace.add(path, seen, stamp);
    }
}
