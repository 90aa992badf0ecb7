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
    /// The first address.
    pub start: u64,
    /// The address behind the last.
    pub end: u64,
}

impl Range {
    /// How many bytes.
    pub fn size(self) -> u64 {
        self.end - self.start
    }
}

/// The address of everything in the image.
#[derive(Default)]
pub struct Layout {
    /// Where each live atom begins.
    pub addr: FxHashMap<Atom, u64>,
    /// Read-only segment; starts with the file headers.
    pub ro: Range,
    /// The code of the runtime and of Go.
    pub text: Range,
    /// The code of Go.
    pub go_text: Range,
    /// Initialised part of the writable segment.
    pub data: Range,
    /// The part of the writable segment that is zero and not in the file.
    pub bss: Range,
    /// Type descriptors.
    pub types: Range,
    /// The build id note.
    pub note: u64,
    /// The tables of the runtime.
    pub tables: TableAddrs,
    /// The `ModuleData`.
    pub module_data: u64,
    /// What tells other programs how this one was built goes up to here, from the start of the data.
    pub build_info_end: u64,
    /// Runtime symbols that need a GOT entry, in order.
    pub got: Vec<Place>,
    /// The global offset table.
    pub got_addr: u64,
}

/// Where the tables of the module data lie.
#[derive(Default)]
pub struct TableAddrs {
    /// Functions.
    pub functab: u64,
    /// Source locations.
    pub locs: u64,
    /// Which location each piece of code has.
    pub pcline: u64,
    /// Names.
    pub strtab: u64,
    /// What frames hold.
    pub frames: u64,
    /// The collector's roots.
    pub roots: u64,
    /// Types that reflection may find.
    pub typelinks: u64,
    /// Method tables that the runtime adds to its own.
    pub itabs: u64,
    /// Build information.
    pub modinfo: u64,
}

impl Layout {
    /// The address of a place.
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
