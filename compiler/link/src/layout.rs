//! Addresses.
//!
//! ```text
//! R   headers, build id, types, itabs, constants, runtime constants, tables, GOT, module data
//! RX  runtime code, Go code
//! RW  runtime data, data without pointers, data with pointers | zeroed with pointers, without, runtime bss
//! ```
//!
//! Objects with pointers lie together, so that the collector's root table is short. Within read-only data,
//! objects are sorted by falling alignment, which leaves no gaps.

use crate::addresses::{Layout, PAGE, TableAddrs};
use crate::error::LinkError;
use crate::options::LinkOptions;
use crate::reach::Live;
use crate::runtime_object::Kind;
use crate::symbols::{Atom, Input};
use crate::tables::Tables;
use crate::writable::writable;
use crate::{elf, fips_module, reloc};
use golift_abi as abi;
use golift_ir::{DataId, Section};

struct Cursor(u64);

impl Cursor {
    fn take(&mut self, size: u64, align: u64) -> u64 {
        self.0 = self.0.next_multiple_of(align.max(1));
        let at = self.0;
        self.0 += size;
        at
    }
}

/// Gives everything that is live an address.
pub fn assign(input: &Input, live: &Live, tables: &Tables, opts: &LinkOptions) -> Result<Layout, LinkError> {
    let datas = &input.program.datas;
    let sections = &input.runtime.sections;
    let mut l = Layout::default();
    let mut at = Cursor(abi::IMAGE_BASE);
    let runtime_sections = |l: &mut Layout, at: &mut Cursor, kind: Kind| {
        for &s in &live.sections {
            let section = &sections[s as usize];
            if section.kind == kind {
                l.addr.insert(Atom::Section(s), at.take(section.size, section.align));
            }
        }
    };

    // Read-only.
    l.ro.start = at.0;
    at.take(elf::HEADERS_SIZE, 8);
    l.note = at.take(elf::NOTE_SIZE, 4);
    let read_only = |l: &mut Layout, at: &mut Cursor, section: Section, sort: bool| {
        let mut ids: Vec<DataId> = live.datas.iter().copied().filter(|&d| datas[d].section == section).collect();
        if sort {
            ids.sort_by_key(|&d| (fips_module::is_module_data(&datas[d]), std::cmp::Reverse(datas[d].align)));
        }
        for d in ids {
            l.addr.insert(Atom::Data(d), at.take(datas[d].size, datas[d].align as u64));
        }
    };
    l.types.start = at.take(0, 64);
    read_only(&mut l, &mut at, Section::Types, false);
    l.types.end = at.0;
    at.take(0, 16);
    read_only(&mut l, &mut at, Section::Itabs, false);
    read_only(&mut l, &mut at, Section::Rodata, true);
    runtime_sections(&mut l, &mut at, Kind::Rodata);
    l.tables = TableAddrs {
        functab: at.take(tables.functab.len() as u64, 8),
        locs: at.take(tables.locs.len() as u64, 8),
        typelinks: at.take(tables.typelinks.len() as u64 * 8, 8),
        itabs: at.take(tables.itabs.len() as u64 * 8, 8),
        roots: at.take(tables.roots.bytes(), 8),
        pcline: at.take(tables.pcline.len() as u64, 1),
        strtab: at.take(tables.strtab.len() as u64, 1),
        frames: at.take(tables.frames.len() as u64, 1),
        modinfo: at.take(opts.build_info.len() as u64, 1),
    };
    l.got = reloc::got_entries(input, live);
    l.got_addr = at.take(l.got.len() as u64 * 8, 8);
    l.module_data = at.take(size_of::<abi::ModuleData>() as u64, 8);
    l.ro.end = at.0;

    // Code.
    at.take(0, PAGE);
    l.text.start = at.0;
    runtime_sections(&mut l, &mut at, Kind::Text);
    l.go_text.start = at.take(0, 64);
    for (&f, &off) in live.funcs.iter().zip(&tables.text_offsets) {
        l.addr.insert(Atom::Func(f), l.go_text.start + off as u64);
    }
    at.take(tables.text_size as u64, 1);
    l.go_text.end = at.0;
    l.text.end = at.0;

    // Writable.
    at.take(0, PAGE);
    l.data.start = at.0;
    at.take(opts.build_info_blob().len() as u64, 1);
    l.build_info_end = at.take(0, 16);
    runtime_sections(&mut l, &mut at, Kind::Data);
    let objects = writable(input, live);
    // Both parts of the root area start at the same alignment in `roots`.
    let mut in_bss = false;
    at.take(0, 64);
    for d in objects {
        if datas[d].section == Section::Bss && !in_bss {
            l.data.end = at.take(0, 64);
            in_bss = true;
        }
        l.addr.insert(Atom::Data(d), at.take(datas[d].size, datas[d].align.min(64) as u64));
    }
    if !in_bss {
        l.data.end = at.take(0, 64);
    }
    l.bss.start = l.data.end;
    runtime_sections(&mut l, &mut at, Kind::Bss);
    l.bss.end = at.take(0, 8);
    if l.bss.end > 0x7fff_0000 {
        return Err(LinkError::TooLarge { bytes: l.bss.end - abi::IMAGE_BASE });
    }
    Ok(l)
}
