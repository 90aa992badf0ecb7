//! Data objects: package variables, constants, type descriptors, itabs.

use crate::entities::FuncId;
use cranelift_entity::entity_impl;
use std::ops::Deref;
use std::sync::Arc;

/// A data object of the program.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DataId(u32);
entity_impl!(DataId, "d");

/// Which part of the executable an object is in.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Section {
    /// Read-only.
    Rodata,
    /// Read-only: type descriptors and their names.
    Types,
    /// Read-only `abi.ITab`s.
    Itabs,
    /// Writable, initialised. Objects with pointers into the heap need `ptr_mask`.
    Data,
    /// Writable, zero: `bytes` is empty and `size` counts.
    Bss,
}

/// What a relocation refers to.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum RelocTarget {
    /// The code of a function.
    Func(FuncId),
    /// Another data object.
    Data(DataId),
    /// A symbol of the runtime object or the linker.
    Extern(u32),
}

/// Width and meaning of a relocated word.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum RelocKind {
    /// 64-bit absolute address.
    Abs64,
    /// 32-bit absolute address (NameOff, TypeOff, TextOff).
    Abs32,
}

/// A place in a data object that the linker fills with an address.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reloc {
    /// Where in the object, in bytes.
    pub offset: u32,
    /// How wide.
    pub kind: RelocKind,
    /// What it is the address of.
    pub target: RelocTarget,
    /// Bytes added to the address.
    pub addend: i64,
}

/// A data object: a variable, a constant, a table.
#[derive(Clone, Debug)]
pub struct Data {
    /// Linker symbol; empty for anonymous objects (string literals).
    pub name: String,
    /// Which part of the executable it is in.
    pub section: Section,
    /// Alignment in bytes, a power of two.
    pub align: u32,
    /// Size in bytes; `bytes` is padded with zeros up to it.
    pub size: u64,
    /// The first bytes; zeros follow up to `size`.
    pub bytes: Bytes,
    /// Addresses in it, in no particular order.
    pub relocs: Vec<Reloc>,
    /// For writable objects: which 8-byte words hold Go pointers (bit i = word i). Empty: none.
    pub ptr_mask: Vec<u8>,
}

/// The bytes of an object. Those of an embedded file may be large, so they are shared with who read it.
#[derive(Clone, Debug)]
pub enum Bytes {
    /// Nobody else has them.
    Own(Vec<u8>),
    /// They are in memory only once, whoever refers to them.
    Shared(Arc<Vec<u8>>),
}

impl Default for Bytes {
    fn default() -> Bytes {
        Bytes::Own(Vec::new())
    }
}

impl From<Vec<u8>> for Bytes {
    fn from(bytes: Vec<u8>) -> Bytes {
        Bytes::Own(bytes)
    }
}

impl Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Bytes::Own(bytes) => bytes,
            Bytes::Shared(bytes) => bytes,
        }
    }
}

impl Data {
    /// An object of `size` zero bytes.
    pub fn zeroed(name: String, size: u64, align: u32, ptr_mask: Vec<u8>) -> Self {
        Data { name, section: Section::Bss, align, size, bytes: Bytes::default(), relocs: Vec::new(), ptr_mask }
    }
}
