//! Machine code that outlives the process.
//!
//! Problem: most functions of a program are the same as in the build before, and Cranelift is the most expensive phase.
//! Strategy: what Cranelift sees of a function (its *stencil*) holds no names and, by the numbering of
//! `translate`, no positions: names are indices into a list beside it, locations are ordinals. The key is a hash of the whole stencil, the
//! target and the settings; the value is the code with relocations and lines in terms of the same indices, which `compile` binds to
//! the program at hand. A function that only moved, or whose callees changed inside, is found again.
//!
//! Invariant: nothing but stencil, target and settings influences [`RawCode`](crate::raw_code::RawCode). The store adds the compiler's own identity to the key.

use std::fmt::Debug;

/// Identifies a function by what it is.
pub type Key = [u8; 32];

/// A store of compiled functions. It may forget; it must not give back anything else than was put.
pub trait CodeCache: Debug + Send + Sync {
    /// What was put under the key.
    fn get(&self, key: &Key) -> Option<Vec<u8>>;
    /// Keeps a value.
    fn put(&self, key: Key, value: Vec<u8>);
}
