//! The bytes of the image.

use crate::addresses::Layout;
use crate::image::Image;
use crate::module_data::{self, Parts};
use crate::reach::Live;
use crate::runtime_object::Kind;
use crate::symbols::{Atom, Input, Place};
use crate::tables::Tables;
use crate::{elf, error::LinkError, fips, options::LinkOptions, reloc};
use golift_abi as abi;
use golift_ir::{Bytes, DataId, RelocKind, Section};
use std::hash::{DefaultHasher, Hasher};
use std::sync::Arc;

/// Writes everything that is live to its address.
pub fn image(input: &Input, live: &Live, l: &Layout, tables: &Tables, opts: &LinkOptions) -> Result<Image, LinkError> {
    let shared: Vec<(DataId, &Arc<Vec<u8>>)> =
        live.datas.iter().filter_map(|&id| Some((id, shared(input, id)?))).collect();
    let holes = shared.into_iter().map(|(id, bytes)| (l.file_offset(l.addr[&Atom::Data(id)]), Arc::clone(bytes)));
    let mut finished = Image::new(vec![0u8; l.file_offset(l.data.end)], holes.collect());
    let image = finished.loaded_mut();
    // Bytes between functions trap.
    image[l.file_offset(l.text.start)..l.file_offset(l.text.end)].fill(0xcc);
    runtime_sections(input, live, l, image)?;
    functions(input, live, l, image)?;
    datas(input, live, l, image)?;
    write_tables(live, l, tables, opts, image);
    let at = l.file_offset(l.module_data);
    image[at..at + size_of::<abi::ModuleData>()].copy_from_slice(&module_data(l, tables, opts));
    fips::seal(input, live, l, image);

    let note = elf::note(build_id(&finished));
    let image = finished.loaded_mut();
    let at = l.file_offset(l.note);
    image[at..at + note.len()].copy_from_slice(&note);
    let (rest, sections) = elf::sections(image.len() as u64, input, live, l, !opts.strip_symbols);
    let entry = live.resolver.by_name(abi::sym::ENTRY).expect("checked by reach");
    let headers = elf::headers(input.compiled.target, l, l.place(live, entry), &sections);
    image[..headers.len()].copy_from_slice(&headers);
    finished.set_rest(rest);
    Ok(finished)
}

/// Objects from this size on are not copied into the image if they are shared: smaller ones are not worth a part of their own.
const MIN_SHARED: usize = 1 << 20;

/// The bytes of an object that has a hole in the image.
fn shared<'a>(input: &'a Input, id: DataId) -> Option<&'a Arc<Vec<u8>>> {
    match &input.program.datas[id].bytes {
        Bytes::Shared(bytes) if bytes.len() >= MIN_SHARED => Some(bytes),
        _ => None,
    }
}

fn bad_reloc(live: &Live, atom: Atom, e: String) -> LinkError {
    LinkError::Runtime(format!("relocation in {}: {e}", live.resolver.atom_name(atom)))
}

fn runtime_sections(input: &Input, live: &Live, l: &Layout, image: &mut [u8]) -> Result<(), LinkError> {
    let target = input.compiled.target;
    for (i, &place) in l.got.iter().enumerate() {
        let at = l.file_offset(l.got_addr) + i * 8;
        image[at..at + 8].copy_from_slice(&l.place(live, place).to_le_bytes());
    }
    for &s in &live.sections {
        let section = &input.runtime.sections[s as usize];
        if section.kind == Kind::Bss {
            continue;
        }
        let addr = l.addr[&Atom::Section(s)];
        let base = l.file_offset(addr);
        image[base..base + section.data.len()].copy_from_slice(section.data);
        for r in &section.relocs {
            let place = live.resolver.runtime_symbol(r.symbol).expect("checked by reach");
            let got = reloc::got_index(target, section.data, r, place, &l.got).map(|i| l.got_addr + i as u64 * 8);
            let symbol = l.place(live, place);
            reloc::apply_runtime(target, r, image, base, addr + r.offset, symbol, got)
                .map_err(|e| bad_reloc(live, Atom::Section(s), e))?;
        }
    }
    Ok(())
}

fn functions(input: &Input, live: &Live, l: &Layout, image: &mut [u8]) -> Result<(), LinkError> {
    for &f in &live.funcs {
        let code = input.compiled.funcs[f].as_ref().expect("live functions are compiled");
        let addr = l.addr[&Atom::Func(f)];
        let base = l.file_offset(addr);
        image[base..base + code.code.len()].copy_from_slice(&code.code);
        for r in &code.relocs {
            let place = live.resolver.code_target(r.target).expect("checked by reach");
            let target = l.place(live, place).wrapping_add(r.addend as u64);
            reloc::apply_code(r.kind, image, base + r.offset as usize, addr + r.offset as u64, target)
                .map_err(|e| bad_reloc(live, Atom::Func(f), e))?;
        }
    }
    Ok(())
}

fn datas(input: &Input, live: &Live, l: &Layout, image: &mut [u8]) -> Result<(), LinkError> {
    for &id in &live.datas {
        let d = &input.program.datas[id];
        if d.section == Section::Bss || shared(input, id).is_some() {
            continue;
        }
        let base = l.file_offset(l.addr[&Atom::Data(id)]);
        image[base..base + d.bytes.len()].copy_from_slice(&d.bytes);
        for r in &d.relocs {
            let place = live.resolver.data_target(r.target).expect("checked by reach");
            let target: Place = place;
            let v = l.place(live, target).wrapping_add(r.addend as u64);
            let at = base + r.offset as usize;
            match r.kind {
                RelocKind::Abs64 => image[at..at + 8].copy_from_slice(&v.to_le_bytes()),
                RelocKind::Abs32 => {
                    let v = u32::try_from(v)
                        .map_err(|_| bad_reloc(live, Atom::Data(id), format!("{v:#x} does not fit in 32 bits")))?;
                    image[at..at + 4].copy_from_slice(&v.to_le_bytes());
                }
            }
        }
    }
    Ok(())
}

fn write_tables(live: &Live, l: &Layout, t: &Tables, opts: &LinkOptions, image: &mut [u8]) {
    let mut put = |addr: u64, bytes: &[u8]| {
        let at = l.file_offset(addr);
        image[at..at + bytes.len()].copy_from_slice(bytes);
    };
    put(l.tables.functab, &t.functab);
    put(l.tables.locs, &t.locs);
    put(l.tables.pcline, &t.pcline);
    put(l.tables.strtab, &t.strtab);
    put(l.tables.frames, &t.frames);
    put(l.tables.modinfo, &opts.build_info);
    put(l.data.start, &opts.build_info_blob());
    for (addr, ids) in [(l.tables.typelinks, &t.typelinks), (l.tables.itabs, &t.itabs)] {
        for (i, &d) in ids.iter().enumerate() {
            let at = l.place(live, Place::Atom(Atom::Data(d), 0));
            put(addr + i as u64 * 8, &at.to_le_bytes());
        }
    }
    let mut mask = l.tables.roots + (t.roots.areas.len() * size_of::<abi::GcRoot>()) as u64;
    for (i, a) in t.roots.areas.iter().enumerate() {
        let at = l.tables.roots + (i * size_of::<abi::GcRoot>()) as u64;
        let start = l.addr[&Atom::Data(a.object)] + a.word * 8;
        for (k, v) in [start, a.words, mask].into_iter().enumerate() {
            put(at + k as u64 * 8, &v.to_le_bytes());
        }
        put(mask, &a.mask);
        mask += a.mask.len() as u64;
    }
}

fn module_data(l: &Layout, t: &Tables, opts: &LinkOptions) -> Vec<u8> {
    let parts = Parts {
        text: [l.go_text.start, l.go_text.end],
        functab: l.tables.functab,
        pcline: l.tables.pcline,
        locs: l.tables.locs,
        strtab: l.tables.strtab,
        frames: l.tables.frames,
        roots: l.tables.roots,
        types: [l.types.start, l.types.end],
        typelinks: l.tables.typelinks,
        itabs: l.tables.itabs,
        data: [l.data.start, l.bss.end],
        modinfo: l.tables.modinfo,
    };
    module_data::module_data(t, opts, parts, |n| n).iter().flat_map(|v| v.to_le_bytes()).collect()
}

/// A hash of the image.
fn build_id(image: &Image) -> [u8; 16] {
    let mut id = [0; 16];
    for (seed, half) in id.chunks_mut(8).enumerate() {
        let mut h = DefaultHasher::new();
        h.write_u64(seed as u64);
        image.parts().into_iter().for_each(|part| h.write(part));
        half.copy_from_slice(&h.finish().to_le_bytes());
    }
    id
}
