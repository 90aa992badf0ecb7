//! Data objects: package variables, constants, type descriptors, itabs.

use crate::entities::FuncId;
use cranelift_entity::entity_impl;
use std::ops::Deref;
use std::sync::Arc;

/// A data object of the program.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DataId(u32);
entity_impl!(DataId, "d");

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

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum RelocTarget {
    Func(FuncId),
    Data(DataId),
    /// A symbol of the runtime object or the linker.
    Extern(u32),
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum RelocKind {
    /// 64-bit absolute address.
    Abs64,
    /// 32-bit absolute address (NameOff, TypeOff, TextOff).
    Abs32,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reloc {
    pub offset: u32,
    pub kind: RelocKind,
    pub target: RelocTarget,
    pub addend: i64,
}

#[derive(Clone, Debug)]
pub struct Data {
    /// Linker symbol; empty for anonymous objects (string literals).
    pub name: String,
    pub section: Section,
    pub align: u32,
    /// Size in bytes; `bytes` is padded with zeros up to it.
    pub size: u64,
    pub bytes: Bytes,
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
