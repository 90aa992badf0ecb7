//! What outlives a run, below `GOLIFTCACHE`: machine code of functions (`code/`), whole executables (`program/`), and
//! what successful checks saw (`check/`). Programs of the distribution (`tools/`), results of tests (`test/`) and what vet says (`vet/`) are
//! read and written by those who need them.
//!
//! Problem: thousands of small values per program, written by processes that may run at the same time, may be killed, and may find
//! the disk full. Strategy: a process writes its new functions as one *pack*, under a temporary name that is renamed when it is complete;
//! packs never change afterwards. A run reads the indices of all packs and single functions as they are asked for. Small packs are
//! merged from time to time, what nobody used for days goes, and so does the oldest beyond a total size.
//!
//! Invariants: every value carries a checksum, so a damaged file is a miss, never wrong code; the compiler's own identity is part of every
//! key; nothing here can make a build fail, the worst is a warning.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{FileExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, OnceLock};
use std::time::{Duration, SystemTime};

use golift_codegen::{CodeCache, Key};
use golift_load::temporary;
use object::elf::{ELF_NOTE_GNU, FileHeader64, NT_GNU_BUILD_ID};
use object::read::elf::{FileHeader as _, ProgramHeader as _};
use object::{Endianness, ReadCache};
use rustc_hash::FxHashMap;
use rustix::fs::OFlags;

/// Machine code of functions.
const CODE: &str = "code";
/// Executables.
const PROGRAM: &str = "program";
/// What successful checks saw.
pub const CHECK: &str = "check";
/// Programs of the distribution, and links to golift.
pub const TOOLS: &str = "tools";
/// Results of tests.
pub const TEST: &str = "test";
/// Verdicts and facts of vet.
pub const VET: &str = "vet";
/// Objects of assembly files.
pub const ASM: &str = "asm";
/// The folders of the cache.
pub const FOLDERS: [&str; 7] = [CODE, PROGRAM, CHECK, TOOLS, TEST, VET, ASM];

const PACK_MAGIC: &[u8; 8] = b"glpack01";
const HEADER: usize = 16;
/// Key, offset, length, checksum.
const INDEX_ENTRY: usize = 32;

/// Packs below this size are merged when there are many.
const SMALL_PACK: u64 = 16 << 20;
const MANY_PACKS: usize = 16;
/// Bytes that each folder may hold.
const MOST_BYTES: u64 = 1 << 30;
/// Unused for so long: gone.
const MOST_DAYS: u64 = 10;
/// Marking a file as used more often than this is not worth a write.
const USED_EVERY: Duration = Duration::from_secs(3600);

/// Identifies this build of the compiler by the contents of the file that is running: times and names may be those of another.
pub fn build_id() -> &'static str {
    static ID: OnceLock<String> = OnceLock::new();
    ID.get_or_init(|| {
        let version = env!("CARGO_PKG_VERSION");
        // Not by its name, which may be another file's by now.
        let id = File::open("/proc/self/exe").ok().and_then(|file| linker_hash(&file).or_else(|| own_hash(&file)));
        // If nothing is known, nothing may be shared.
        let id = id.unwrap_or_else(|| format!("{} {:?}", std::process::id(), SystemTime::now()).into_bytes());
        let id: String = id.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("{version} {id}")
    })
}

/// What the linker has noted about the contents: quicker to read than all of them.
fn linker_hash(file: &File) -> Option<Vec<u8>> {
    let data = ReadCache::new(file);
    let header = FileHeader64::<Endianness>::parse(&data).ok()?;
    let endian = header.endian().ok()?;
    for segment in header.program_headers(endian, &data).ok()? {
        let Some(mut notes) = segment.notes(endian, &data).ok()? else { continue };
        while let Some(note) = notes.next().ok()? {
            if note.name() == ELF_NOTE_GNU && note.n_type(endian) == NT_GNU_BUILD_ID {
                return Some(note.desc().to_vec());
            }
        }
    }
    None
}

fn own_hash(file: &File) -> Option<Vec<u8>> {
    let mut hasher = blake3::Hasher::new();
    hasher.update_reader(file).ok()?;
    Some(hasher.finalize().as_bytes().to_vec())
}

/// Opens an entry. Who puts a pipe into the cache does not make golift wait for what is written into it.
fn open(path: &Path) -> io::Result<File> {
    let file = OpenOptions::new().read(true).custom_flags(OFlags::NONBLOCK.bits() as i32).open(path)?;
    if file.metadata()?.is_file() { Ok(file) } else { Err(io::Error::other("not a file")) }
}

/// The contents of an entry.
pub fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut contents = Vec::new();
    open(path)?.read_to_end(&mut contents)?;
    Ok(contents)
}

/// Once per run: caching does not work here.
fn warn(dir: &Path, e: &io::Error) {
    static WARNED: AtomicBool = AtomicBool::new(false);
    if !WARNED.swap(true, Ordering::Relaxed) {
        crate::progress::clear_line();
        eprintln!("golift: warning: cannot write to the cache in {}: {}", dir.display(), golift_load::describe(e));
    }
}

/// Writes a file completely or not at all.
fn write_new(dir: &Path, name: &str, parts: &[&[u8]]) -> io::Result<()> {
    fs::create_dir_all(dir)?;
    let mut file = temporary::create(|| tempfile::Builder::new().prefix(".new-").tempfile_in(dir))?;
    parts.iter().try_for_each(|part| file.write_all(part))?;
    file.persist(dir.join(name)).map_err(|e| e.error)?;
    Ok(())
}

fn mark_used(file: &File) {
    let now = SystemTime::now();
    let old = file.metadata().and_then(|m| m.modified());
    if old.is_ok_and(|old| now.duration_since(old).is_ok_and(|age| age > USED_EVERY)) {
        let _ = file.set_modified(now); // a read-only cache works as well
    }
}

/// Removes what is old, and the oldest of what is too much.
fn trim(dir: &Path) {
    let now = SystemTime::now();
    let mut files: Vec<(Duration, u64, PathBuf)> = fs::read_dir(dir)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let meta = entry.metadata().ok()?;
            let age = now.duration_since(meta.modified().ok()?).unwrap_or_default();
            Some((age, meta.len(), entry.path()))
        })
        .collect();
    files.sort();
    let mut total = 0;
    for (age, size, path) in files {
        // What is too large alone does not push out the others.
        if total + size > MOST_BYTES || age > Duration::from_secs(MOST_DAYS * 24 * 3600) {
            let _ = fs::remove_file(path);
        } else {
            total += size;
        }
    }
}

/// Writes a value and makes room for it. One that would need most of the room is not kept.
pub fn put(dir: &Path, name: &str, parts: &[&[u8]]) {
    if parts.iter().map(|part| part.len() as u64).sum::<u64>() > MOST_BYTES / 2 {
        return;
    }
    match write_new(dir, name, parts) {
        Ok(()) => trim(dir),
        Err(e) => warn(dir, &e),
    }
}

/// Machine code of functions.
#[derive(Debug)]
pub struct CodeStore {
    dir: PathBuf,
    packs: Vec<Pack>,
    index: FxHashMap<Key16, Place>,
    new: Mutex<Vec<(Key16, Vec<u8>)>>,
}

type Key16 = [u8; 16];

#[derive(Debug)]
struct Pack {
    path: PathBuf,
    file: File,
    size: u64,
    used: AtomicBool,
}

#[derive(Clone, Copy, Debug)]
struct Place {
    pack: u32,
    offset: u32,
    len: u32,
    check: u32,
}

impl CodeStore {
    /// Reads the indices. What cannot be read is not there.
    pub fn open(cache: &Path) -> CodeStore {
        let dir = cache.join(CODE);
        let mut store = CodeStore { dir, packs: Vec::new(), index: FxHashMap::default(), new: Mutex::default() };
        let entries = fs::read_dir(&store.dir).into_iter().flatten().flatten();
        let mut paths: Vec<PathBuf> =
            entries.map(|e| e.path()).filter(|p| p.extension().is_some_and(|e| e == "pack")).collect();
        paths.sort();
        for path in paths {
            let _ = store.add_pack(path);
        }
        store
    }

    fn add_pack(&mut self, path: PathBuf) -> io::Result<()> {
        let file = open(&path)?;
        let size = file.metadata()?.len();
        let mut header = [0; HEADER];
        file.read_exact_at(&mut header, 0)?;
        let count = word(&header, 8) as usize;
        if header[..8] != *PACK_MAGIC || size < (HEADER + count * INDEX_ENTRY) as u64 {
            return Ok(());
        }
        let mut index = vec![0; count * INDEX_ENTRY];
        file.read_exact_at(&mut index, HEADER as u64)?;
        let pack = self.packs.len() as u32;
        for entry in index.chunks_exact(INDEX_ENTRY) {
            let key = *entry.first_chunk().expect("entries are long enough");
            let place = Place { pack, offset: word(entry, 16), len: word(entry, 20), check: word(entry, 24) };
            if u64::from(place.offset) + u64::from(place.len) <= size {
                self.index.insert(key, place);
            }
        }
        self.packs.push(Pack { path, file, size, used: AtomicBool::new(false) });
        Ok(())
    }

    fn read(&self, place: Place) -> Option<Vec<u8>> {
        let pack = &self.packs[place.pack as usize];
        let mut value = vec![0; place.len as usize];
        pack.file.read_exact_at(&mut value, u64::from(place.offset)).ok()?;
        pack.used.store(true, Ordering::Relaxed);
        (checksum(&value) == place.check).then_some(value)
    }

    /// Writes what is new; call it when the build is done.
    pub fn save(&self) {
        for pack in self.packs.iter().filter(|pack| pack.used.load(Ordering::Relaxed)) {
            mark_used(&pack.file);
        }
        let mut new = std::mem::take(&mut *self.new.lock().unwrap_or_else(|e| e.into_inner()));
        if new.is_empty() {
            return;
        }
        let small: Vec<usize> = (0..self.packs.len()).filter(|&i| self.packs[i].size < SMALL_PACK).collect();
        let merged = if small.len() >= MANY_PACKS { small } else { Vec::new() };
        for (&key, &place) in &self.index {
            if merged.contains(&(place.pack as usize))
                && let Some(value) = self.read(place)
            {
                new.push((key, value));
            }
        }
        new.sort();
        new.dedup_by(|b, a| a.0 == b.0);
        match self.write_pack(&new) {
            Ok(()) => merged.into_iter().for_each(|i| drop(fs::remove_file(&self.packs[i].path))),
            Err(e) => return warn(&self.dir, &e),
        }
        trim(&self.dir);
    }

    fn write_pack(&self, values: &[(Key16, Vec<u8>)]) -> io::Result<()> {
        let mut index = Vec::with_capacity(HEADER + values.len() * INDEX_ENTRY);
        index.extend(PACK_MAGIC);
        index.extend((values.len() as u32).to_le_bytes());
        index.extend([0; 4]);
        let mut data = Vec::new();
        for (key, value) in values {
            let offset = HEADER + values.len() * INDEX_ENTRY + data.len();
            let Ok(offset) = u32::try_from(offset) else { return Err(io::Error::other("too much for one file")) };
            index.extend(key);
            for field in [offset, value.len() as u32, checksum(value), 0] {
                index.extend(field.to_le_bytes());
            }
            data.extend_from_slice(value);
        }
        let name = format!("{}.pack", &blake3::hash(&index).to_hex()[..32]);
        write_new(&self.dir, &name, &[&index, &data])
    }
}

impl CodeCache for CodeStore {
    fn get(&self, key: &Key) -> Option<Vec<u8>> {
        self.read(*self.index.get(&with_build_id(key))?)
    }

    fn put(&self, key: Key, value: Vec<u8>) {
        self.new.lock().unwrap_or_else(|e| e.into_inner()).push((with_build_id(&key), value));
    }
}

/// The compiler's identity goes into the key.
fn with_build_id(key: &Key) -> Key16 {
    let mut hasher = blake3::Hasher::new();
    hasher.update(key).update(build_id().as_bytes());
    *hasher.finalize().as_bytes().first_chunk().expect("a hash has 32 bytes")
}

fn checksum(value: &[u8]) -> u32 {
    word(blake3::hash(value).as_bytes(), 0)
}

fn word(bytes: &[u8], at: usize) -> u32 {
    bytes[at..].first_chunk().map_or(0, |b| u32::from_le_bytes(*b))
}

/// Whole executables, by a hash of all that went into them.
pub struct ProgramStore {
    dir: PathBuf,
    name: String,
}

impl ProgramStore {
    /// The place for the executable with this hash.
    pub fn new(cache: &Path, key: blake3::Hash) -> ProgramStore {
        ProgramStore { dir: cache.join(PROGRAM), name: key.to_hex().to_string() }
    }

    /// Its key, as text.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The executable, if it was made before.
    pub fn get(&self) -> Option<Vec<u8>> {
        let path = self.dir.join(&self.name);
        let mut image = read(&path).ok()?;
        let (body, check) = image.split_at_checked(image.len().checked_sub(32)?)?;
        if blake3::hash(body).as_bytes() != check {
            let _ = fs::remove_file(path);
            return None;
        }
        image.truncate(image.len() - 32);
        if let Ok(file) = File::open(path) {
            mark_used(&file);
        }
        Some(image)
    }

    /// Keeps the executable.
    pub fn put(&self, image: &[&[u8]]) {
        let mut hasher = blake3::Hasher::new();
        for part in image {
            hasher.update(part);
        }
        put(&self.dir, &self.name, &[image, &[hasher.finalize().as_bytes()]].concat());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_come_back() {
        let dir = tempfile::tempdir().unwrap();
        for round in 0..40u8 {
            let store = CodeStore::open(dir.path());
            (0..round).for_each(|n| assert_eq!(store.get(&[n; 32]), Some(vec![n; 5])));
            assert_eq!(store.get(&[round; 32]), None);
            store.put([round; 32], vec![round; 5]);
            store.save();
        }
        let packs = fs::read_dir(dir.path().join("code")).unwrap().count();
        assert!(packs <= MANY_PACKS, "{packs} packs");
    }

    #[test]
    fn damage_is_a_miss() {
        let dir = tempfile::tempdir().unwrap();
        let store = CodeStore::open(dir.path());
        store.put([1; 32], vec![7; 100]);
        store.save();
        let path = fs::read_dir(dir.path().join("code")).unwrap().next().unwrap().unwrap().path();
        let good = fs::read(&path).unwrap();
        let mut bad = good.clone();
        *bad.last_mut().unwrap() = 8;
        fs::write(&path, bad).unwrap();
        assert_eq!(CodeStore::open(dir.path()).get(&[1; 32]), None);
        for len in 0..good.len() {
            fs::write(&path, &good[..len]).unwrap();
            assert_eq!(CodeStore::open(dir.path()).get(&[1; 32]), None);
        }
        fs::write(&path, good).unwrap();
        assert_eq!(CodeStore::open(dir.path()).get(&[1; 32]), Some(vec![7; 100]));
    }

    #[test]
    fn what_is_too_large_pushes_nothing_out() {
        let dir = tempfile::tempdir().unwrap();
        let make = |name: &str, size: u64, age: u64| {
            let file = File::create(dir.path().join(name)).unwrap();
            file.set_len(size).unwrap();
            file.set_modified(SystemTime::now() - Duration::from_secs(age)).unwrap();
        };
        make("huge", MOST_BYTES + 1, 1);
        make("a", MOST_BYTES / 2, 10);
        make("b", MOST_BYTES / 2, 20);
        make("c", 1, 30);
        make("old", 0, 365 * 24 * 3600);
        trim(dir.path());
        let mut names: Vec<_> = fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names, ["a", "b"]);
    }

    #[test]
    fn pipes_are_not_read() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir_all(dir.path().join("code")).unwrap();
        fs::create_dir_all(dir.path().join("program")).unwrap();
        let store = ProgramStore::new(dir.path(), blake3::hash(b"x"));
        for path in [dir.path().join("code/x.pack"), dir.path().join("program").join(&store.name)] {
            rustix::fs::mknodat(rustix::fs::CWD, &path, rustix::fs::FileType::Fifo, rustix::fs::Mode::RUSR, 0).unwrap();
        }
        assert_eq!(CodeStore::open(dir.path()).get(&[0; 32]), None);
        assert_eq!(store.get(), None);
        store.put(&[b"im", b"age"]);
        assert_eq!(store.get().as_deref(), Some(&b"image"[..]));
    }

    #[test]
    fn this_compiler_has_an_identity() {
        assert!(linker_hash(&File::open("/proc/self/exe").unwrap()).is_some_and(|hash| hash.len() == 20));
        assert_eq!(build_id(), build_id());
    }

    #[test]
    fn programs_come_back() {
        let dir = tempfile::tempdir().unwrap();
        let store = ProgramStore::new(dir.path(), blake3::hash(b"x"));
        assert_eq!(store.get(), None);
        store.put(&[b"im", b"age"]);
        assert_eq!(store.get().as_deref(), Some(&b"image"[..]));
        fs::write(dir.path().join("program").join(&store.name), b"half").unwrap();
        assert_eq!(store.get(), None);
    }
}
