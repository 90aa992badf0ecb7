//! Interned strings.
//!
//! A [`Symbol`] is a `u32`; equal strings have equal symbols in the whole process.
//! `as_str` takes no lock: texts live in doubling chunks of write-once cells.
//! `intern` takes the lock of one of [`SHARDS`] shards; the parser puts a small
//! cache of its own before it (see [`SymbolCache`]).

use std::collections::HashMap;
use std::fmt;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{LazyLock, Mutex, OnceLock};

use rustc_hash::FxHasher;

/// An interned string.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Symbol(u32);

macro_rules! predefined {
    ($($name:ident = $text:expr,)*) => {
        #[allow(non_camel_case_types, clippy::upper_case_acronyms)]
        #[repr(u32)]
        enum Index { $($name,)* }
        impl Symbol {
            $(#[doc = concat!("The symbol `", $text, "`.")]
              pub const $name: Symbol = Symbol(Index::$name as u32);)*
        }
        const PREDEFINED: &[&str] = &[$($text,)*];
    };
}

predefined! {
    EMPTY = "",
    BLANK = "_",
    DOT = ".",
    INIT = "init",
    MAIN = "main",
    UNSAFE = "unsafe",
    C = "C",
    ANY = "any",
    BOOL = "bool",
    BYTE = "byte",
    COMPARABLE = "comparable",
    COMPLEX64 = "complex64",
    COMPLEX128 = "complex128",
    ERROR = "error",
    FLOAT32 = "float32",
    FLOAT64 = "float64",
    INT = "int",
    INT8 = "int8",
    INT16 = "int16",
    INT32 = "int32",
    INT64 = "int64",
    RUNE = "rune",
    STRING = "string",
    UINT = "uint",
    UINT8 = "uint8",
    UINT16 = "uint16",
    UINT32 = "uint32",
    UINT64 = "uint64",
    UINTPTR = "uintptr",
    TRUE = "true",
    FALSE = "false",
    IOTA = "iota",
    NIL = "nil",
    APPEND = "append",
    CAP = "cap",
    CLEAR = "clear",
    CLOSE = "close",
    COMPLEX = "complex",
    COPY = "copy",
    DELETE = "delete",
    IMAG = "imag",
    LEN = "len",
    MAKE = "make",
    MAX = "max",
    MIN = "min",
    NEW = "new",
    PANIC = "panic",
    PRINT = "print",
    PRINTLN = "println",
    REAL = "real",
    RECOVER = "recover",
}

const SHARDS: usize = 32;

/// Chunk `i` holds `FIRST_CHUNK << i` symbols.
const FIRST_CHUNK: u32 = 1024;
const CHUNKS: usize = 22;

type Shard = HashMap<&'static str, Symbol, BuildHasherDefault<FxHasher>>;
type Chunk = Box<[OnceLock<&'static str>]>;

struct Interner {
    shards: [Mutex<Shard>; SHARDS],
    chunks: [OnceLock<Chunk>; CHUNKS],
    next: AtomicU32,
}

static INTERNER: LazyLock<Interner> = LazyLock::new(|| {
    let interner = Interner {
        shards: std::array::from_fn(|_| Mutex::default()),
        chunks: [const { OnceLock::new() }; CHUNKS],
        next: AtomicU32::new(0),
    };
    for (i, text) in PREDEFINED.iter().enumerate() {
        let symbol = interner.intern(hash(text.as_bytes()), text);
        assert_eq!(symbol.0 as usize, i, "duplicate predefined symbol {text}");
    }
    interner
});

impl Interner {
    fn intern(&self, hash: u32, text: &str) -> Symbol {
        let mut shard = self.shards[hash as usize % SHARDS].lock().unwrap_or_else(|e| e.into_inner());
        if let Some(&symbol) = shard.get(text) {
            return symbol;
        }
        let text: &'static str = Box::leak(Box::from(text));
        let symbol = Symbol(self.next.fetch_add(1, Ordering::Relaxed));
        let (chunk, index) = locate(symbol);
        let cells = self.chunks[chunk].get_or_init(|| (0..FIRST_CHUNK << chunk).map(|_| OnceLock::new()).collect());
        cells[index].set(text).expect("symbol defined twice");
        shard.insert(text, symbol);
        symbol
    }
}

fn locate(symbol: Symbol) -> (usize, usize) {
    let n = symbol.0 + FIRST_CHUNK;
    let chunk = (n / FIRST_CHUNK).ilog2();
    (chunk as usize, (n - (FIRST_CHUNK << chunk)) as usize)
}

fn hash(text: &[u8]) -> u32 {
    let mut hasher = FxHasher::default();
    hasher.write(text);
    let h = hasher.finish();
    (h >> 32) as u32 ^ h as u32
}

impl Symbol {
    /// Interns `text`.
    pub fn intern(text: &str) -> Symbol {
        INTERNER.intern(hash(text.as_bytes()), text)
    }

    /// The text of the symbol.
    pub fn as_str(self) -> &'static str {
        let (chunk, index) = locate(self);
        INTERNER.chunks[chunk].get().and_then(|cells| cells[index].get()).expect("unknown symbol")
    }

    /// A dense number, below the number of all symbols made so far.
    pub fn index(self) -> u32 {
        self.0
    }

    /// Is it `_`?
    pub fn is_blank(self) -> bool {
        self == Symbol::BLANK
    }

    /// Does the name start with an upper-case letter?
    pub fn is_exported(self) -> bool {
        is_exported(self.as_str())
    }
}

/// Does the name start with an upper-case letter?
pub fn is_exported(name: &str) -> bool {
    // `is_uppercase` is the derived property; Go asks for category Lu. They differ in Other_Uppercase
    // characters (category Nl and So), none of which can start an identifier.
    match name.as_bytes().first() {
        Some(b) if b.is_ascii() => b.is_ascii_uppercase(),
        _ => name.chars().next().is_some_and(char::is_uppercase),
    }
}

impl fmt::Display for Symbol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for Symbol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl From<&str> for Symbol {
    fn from(text: &str) -> Symbol {
        Symbol::intern(text)
    }
}

/// A direct-mapped cache for one thread that interns many strings.
pub struct SymbolCache {
    slots: Box<[(u32, Symbol)]>,
}

const CACHE_SLOTS: usize = 2048;

impl Default for SymbolCache {
    fn default() -> Self {
        SymbolCache { slots: vec![(hash(b""), Symbol::EMPTY); CACHE_SLOTS].into_boxed_slice() }
    }
}

impl SymbolCache {
    /// The symbol of a text.
    pub fn intern(&mut self, text: &str) -> Symbol {
        let hash = hash(text.as_bytes());
        let slot = &mut self.slots[hash as usize % CACHE_SLOTS];
        if slot.0 != hash || slot.1.as_str() != text {
            *slot = (hash, INTERNER.intern(hash, text));
        }
        slot.1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn predefined_symbols() {
        assert_eq!(Symbol::intern("_"), Symbol::BLANK);
        assert_eq!(Symbol::intern("recover"), Symbol::RECOVER);
        assert_eq!(Symbol::UINTPTR.as_str(), "uintptr");
    }

    #[test]
    fn many_threads_agree() {
        let names: Vec<String> = (0..20_000).map(|i| format!("name{i}")).collect();
        let all: Vec<Vec<Symbol>> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..4)
                .map(|_| {
                    scope.spawn(|| {
                        let mut cache = SymbolCache::default();
                        names.iter().map(|n| cache.intern(n)).collect::<Vec<_>>()
                    })
                })
                .collect();
            threads.into_iter().map(|t| t.join().unwrap()).collect()
        });
        assert!(all.iter().all(|symbols| *symbols == all[0]));
        assert!(all[0].iter().zip(&names).all(|(s, n)| s.as_str() == n));
    }

    #[test]
    fn exported_names() {
        assert!(is_exported("Aa") && is_exported("Ö"));
        assert!(!is_exported("aA") && !is_exported("_A") && !is_exported("") && !is_exported("日"));
    }
}
