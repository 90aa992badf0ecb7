//! The addresses that `layout` assigns.

use crate::reach::Live;
use crate::symbols::{Atom, Place};
use golift_abi as abi;
use rustc_hash::FxHashMap;

/// Segments begin at pages.
pub const PAGE: u64 = 4096;

/// A range of addresses.
#[derive(Clone, Copy, Default, Debug, PartialEq, Eq)]
pub struct Range {
    pub start: u64,
    pub end: u64,
}

impl Range {
    pub fn size(self) -> u64 {
        self.end - self.start
    }
}

/// The address of everything in the image.
#[derive(Default)]
pub struct Layout {
    pub addr: FxHashMap<Atom, u64>,
    /// Read-only segment; starts with the file headers.
    pub ro: Range,
    pub text: Range,
    pub go_text: Range,
    /// Initialised part of the writable segment.
    pub data: Range,
    pub bss: Range,
    pub types: Range,
    pub note: u64,
    pub tables: TableAddrs,
    pub module_data: u64,
    /// Runtime symbols that need a GOT entry, in order.
    pub got: Vec<Place>,
    pub got_addr: u64,
}

/// Where the tables of the module data lie.
#[derive(Default)]
pub struct TableAddrs {
    pub functab: u64,
    pub locs: u64,
    pub pcline: u64,
    pub strtab: u64,
    pub frames: u64,
    pub roots: u64,
    pub typelinks: u64,
    pub itabs: u64,
    pub modinfo: u64,
}

impl Layout {
    pub fn place(&self, live: &Live, place: Place) -> u64 {
        match place {
            Place::Atom(Atom::Data(d), off) => self.addr[&Atom::Data(live.data(d))] + off,
            Place::Atom(a, off) => self.addr[&a] + off,
            Place::ModuleData => self.module_data,
            Place::Absolute(v) => v,
        }
    }

    /// Offset in the file of an address that has bytes there.
    pub fn file_offset(&self, addr: u64) -> usize {
        // Segments are contiguous in the file, each page-aligned in both spaces.
        (addr - abi::IMAGE_BASE) as usize
    }
}
