//! Where the executable goes: what may be overwritten, and how.
//!
//! Problem: the output may exist already, as something that the user cannot lose, as a link, in a folder that cannot be written to; the
//! process may be killed at any time; several may write the same output at once. Strategy: only objects, empty files and what is no file
//! are overwritten, as with `go`. The image is written beside the output and renamed, so the output is there as a whole or not at all;
//! only where no file can be made is the old one written in place.
//!
//! The file beside it has the same name in each build, and is locked while somebody writes it. So what a killed build has left
//! is found by the next one, which knows by the lock that nobody needs it any more.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use golift_load::{describe, temporary};

/// How objects and executables begin that `go` overwrites.
const OBJECTS: [&[u8]; 15] = [
    b"!<arch>\n",
    b"<bigaf>\n",
    b"\x7fELF",
    b"\xfe\xed\xfa\xce",
    b"\xfe\xed\xfa\xcf",
    b"\xce\xfa\xed\xfe",
    b"\xcf\xfa\xed\xfe",
    b"MZ\x90\0\x03\0",
    b"MZx\0\0\0",
    b"\0\0\x01\xeb",
    b"\0\0\x8a\x97",
    b"\0\0\x06\x47",
    b"\0asm",
    b"\x01\xdf",
    b"\x01\xf7",
];

/// Refuses to overwrite what is neither empty nor made by a linker.
fn check_overwrite(output: &Path, shown: &Path) -> Result<(), String> {
    let Ok(meta) = output.metadata() else { return Ok(()) };
    if meta.is_dir() {
        return Err(format!("golift: build output {:?} already exists and is a directory", shown.display()));
    }
    if meta.is_file() && meta.len() != 0 && !is_object(output) {
        return Err(format!("golift: build output {:?} already exists and is not an object file", shown.display()));
    }
    Ok(())
}

fn is_object(path: &Path) -> bool {
    let mut start = Vec::new();
    let read = File::open(path).and_then(|file| file.take(16).read_to_end(&mut start));
    read.is_ok() && OBJECTS.iter().any(|magic| start.starts_with(magic))
}

/// Writes an executable, all or nothing. Messages call it `shown`.
pub fn write_executable(output: &Path, shown: &Path, image: &[&[u8]]) -> Result<(), String> {
    check_overwrite(output, shown)?;
    let failed = |e: io::Error| format!("golift: cannot write {}: {}", shown.display(), describe(&e));
    // Devices are written to, not replaced; and there is no need to fill the one that forgets everything.
    if output == Path::new("/dev/null") {
        return Ok(());
    }
    if output.metadata().is_ok_and(|meta| !meta.is_file()) {
        return write_in_place(output, image).map_err(failed);
    }
    // A link stays, and what it leads to keeps its mode.
    let is_link = output.symlink_metadata().is_ok_and(|meta| meta.is_symlink());
    let target = if is_link { fs::canonicalize(output).ok() } else { None };
    let mode = target.as_ref().and_then(|target| target.metadata().ok()).map(|meta| meta.permissions());
    let place = target.as_deref().unwrap_or(output);
    let dir = place.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // As `go build` does.
    fs::create_dir_all(dir).map_err(failed)?;
    match write_beside(dir, place, image, mode) {
        Err(e) if cannot_make_files(&e) && place.is_file() => write_in_place(place, image).map_err(failed),
        result => result.map_err(failed),
    }
}

/// Nothing can be made or renamed in the folder, but what is there may still be writable.
fn cannot_make_files(e: &io::Error) -> bool {
    matches!(e.kind(), io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem)
}

fn write_in_place(path: &Path, image: &[&[u8]]) -> io::Result<()> {
    // Opening a pipe waits for a reader, as it should.
    write_parts(&mut OpenOptions::new().write(true).truncate(true).open(path)?, image)
}

fn write_parts(file: &mut File, image: &[&[u8]]) -> io::Result<()> {
    image.iter().try_for_each(|part| file.write_all(part))
}

fn write_beside(dir: &Path, place: &Path, image: &[&[u8]], mode: Option<Permissions>) -> io::Result<()> {
    let (mut file, path) = temporary_beside(dir, place)?;
    let written = write_parts(&mut file, image).and_then(|()| match mode {
        Some(mode) => file.set_permissions(mode),
        None => Ok(()),
    });
    let renamed = written.and_then(|()| fs::rename(&path, place));
    if renamed.is_err() {
        let _ = fs::remove_file(&path);
    }
    renamed
}

/// A new, locked file for what will be `place`; removes what an earlier build has left of its own.
fn temporary_beside(dir: &Path, place: &Path) -> io::Result<(File, PathBuf)> {
    let path = dir.join(temporary_name(place));
    remove_abandoned(&path);
    let mut found = None;
    let made = temporary::create(|| -> io::Result<PathBuf> {
        found = make_locked(&path)?;
        Ok(path.clone())
    });
    match (made, found) {
        (Ok(path), Some(file)) => return Ok((file, path)),
        (Err(e), _) if e.kind() != io::ErrorKind::AlreadyExists => return Err(e),
        _ => {}
    }
    // Somebody else is writing the same output.
    let mut builder = tempfile::Builder::new();
    let builder = builder.prefix(".golift-").permissions(Permissions::from_mode(0o777));
    let (file, path) = temporary::create(|| builder.tempfile_in(dir))?.keep().map_err(|e| e.error)?;
    Ok((file, path))
}

fn temporary_name(place: &Path) -> String {
    let name = place.file_name().unwrap_or_default().as_encoded_bytes();
    // Names may be as long as file systems allow, so the temporary one cannot contain them.
    format!(".golift-{}", &blake3::hash(name).to_hex()[..16])
}

/// Makes a file that was not there. Nothing, if somebody else took it before it was locked.
fn make_locked(path: &Path) -> io::Result<Option<File>> {
    // The mode is subject to the user's umask.
    let file = OpenOptions::new().write(true).create_new(true).mode(0o777).open(path)?;
    Ok((file.try_lock().is_ok() && is_at(&file, path)).then_some(file))
}

fn is_at(file: &File, path: &Path) -> bool {
    match (file.metadata(), path.symlink_metadata()) {
        (Ok(here), Ok(there)) => (here.dev(), here.ino()) == (there.dev(), there.ino()),
        _ => false,
    }
}

fn remove_abandoned(path: &Path) {
    let Ok(meta) = path.symlink_metadata() else { return };
    if !meta.is_file() {
        return;
    }
    if let Ok(file) = File::open(path)
        && file.try_lock().is_ok()
        && is_at(&file, path)
    {
        let _ = fs::remove_file(path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const IMAGE: &[u8] = b"\x7fELF image";

    fn write_executable(output: &Path, image: &[u8]) -> Result<(), String> {
        super::write_executable(output, output, &[image])
    }

    fn names(dir: &Path) -> Vec<String> {
        let mut names: Vec<String> =
            fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn users_files_stay() {
        let work = tempfile::tempdir().unwrap();
        let output = work.path().join("notes.txt");
        fs::write(&output, "my notes").unwrap();
        let error = write_executable(&output, IMAGE).unwrap_err();
        assert!(error.ends_with("/notes.txt\" already exists and is not an object file"), "{error}");
        assert_eq!(fs::read(&output).unwrap(), b"my notes");
        for overwritten in [&b""[..], b"\x7fELF old", b"!<arch>\n"] {
            fs::write(&output, overwritten).unwrap();
            write_executable(&output, IMAGE).unwrap();
            assert_eq!(fs::read(&output).unwrap(), IMAGE);
        }
        assert_eq!(names(work.path()), ["notes.txt"]);
    }

    #[test]
    fn links_stay() {
        let work = tempfile::tempdir().unwrap();
        let (link, target) = (work.path().join("link"), work.path().join("far/target"));
        fs::create_dir(work.path().join("far")).unwrap();
        fs::write(&target, b"\x7fELF old").unwrap();
        fs::set_permissions(&target, Permissions::from_mode(0o700)).unwrap();
        std::os::unix::fs::symlink(&target, &link).unwrap();
        write_executable(&link, IMAGE).unwrap();
        assert!(link.symlink_metadata().unwrap().is_symlink());
        assert_eq!(fs::read(&target).unwrap(), IMAGE);
        assert_eq!(target.metadata().unwrap().permissions().mode() & 0o777, 0o700);
        fs::write(&target, "text").unwrap();
        assert!(write_executable(&link, IMAGE).is_err());
    }

    #[test]
    fn abandoned_files_go() {
        let work = tempfile::tempdir().unwrap();
        let output = work.path().join("x");
        let left = work.path().join(temporary_name(&output));
        fs::write(&left, "half").unwrap();
        write_executable(&output, IMAGE).unwrap();
        assert_eq!(names(work.path()), ["x"]);
        // One that is being written is left alone.
        let other = make_locked(&left).unwrap().unwrap();
        write_executable(&output, IMAGE).unwrap();
        assert_eq!(names(work.path()).len(), 2);
        drop(other);
        write_executable(&output, IMAGE).unwrap();
        assert_eq!(names(work.path()), ["x"]);
    }
}
