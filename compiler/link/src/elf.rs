//! ELF headers, symbol table, section table.

use crate::addresses::{Layout, PAGE};
use crate::reach::Live;
use crate::runtime_object::Kind;
use crate::symbols::{Atom, Input};
use golift_abi as abi;
use golift_codegen::Target;
use golift_ir::Section;

const EHDR: u64 = 64;
const PHDR: u64 = 56;
const PHDRS: u64 = 5;
const SHDR: u64 = 64;
/// ELF header and program headers.
pub const HEADERS_SIZE: u64 = EHDR + PHDRS * PHDR;
/// Build id note: header, "GNU\0", 16 bytes.
pub const NOTE_SIZE: u64 = 12 + 4 + 16;

#[derive(Default)]
struct Bytes(Vec<u8>);

impl Bytes {
    fn u16(&mut self, v: u16) {
        self.0.extend_from_slice(&v.to_le_bytes());
    }
    fn u32(&mut self, v: u32) {
        self.0.extend_from_slice(&v.to_le_bytes());
    }
    fn u64(&mut self, v: u64) {
        self.0.extend_from_slice(&v.to_le_bytes());
    }
}

/// Where the section table lies in the file.
pub struct SectionTable {
    pub offset: u64,
    pub count: u16,
}

/// The headers at the start of the file.
pub fn headers(target: Target, l: &Layout, entry: u64, sections: &SectionTable) -> Vec<u8> {
    let mut b = Bytes::default();
    b.0.extend_from_slice(b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0");
    b.u16(2); // ET_EXEC
    b.u16(match target {
        Target::X86_64 => 62,
        Target::Arm64 => 183,
    });
    b.u32(1);
    b.u64(entry);
    b.u64(EHDR);
    b.u64(sections.offset);
    b.u32(0);
    b.u16(EHDR as u16);
    b.u16(PHDR as u16);
    b.u16(PHDRS as u16);
    b.u16(SHDR as u16);
    b.u16(sections.count);
    b.u16(sections.count.saturating_sub(1));
    let mut segment = |kind: u32, flags: u32, start: u64, filesz: u64, memsz: u64, align: u64| {
        b.u32(kind);
        b.u32(flags);
        b.u64(if start == 0 { 0 } else { start - abi::IMAGE_BASE });
        b.u64(start);
        b.u64(start);
        b.u64(filesz);
        b.u64(memsz);
        b.u64(align);
    };
    const LOAD: u32 = 1;
    segment(LOAD, 4, l.ro.start, l.ro.size(), l.ro.size(), PAGE);
    segment(LOAD, 5, l.text.start, l.text.size(), l.text.size(), PAGE);
    segment(LOAD, 6, l.data.start, l.data.size(), l.bss.end - l.data.start, PAGE);
    segment(4, 4, l.note, NOTE_SIZE, NOTE_SIZE, 4); // PT_NOTE
    segment(0x6474_e551, 6, 0, 0, 0, 16); // PT_GNU_STACK
    b.0
}

/// A build id note with the given id.
pub fn note(id: [u8; 16]) -> Vec<u8> {
    let mut b = Bytes::default();
    b.u32(4);
    b.u32(16);
    b.u32(3); // NT_GNU_BUILD_ID
    b.0.extend_from_slice(b"GNU\0");
    b.0.extend_from_slice(&id);
    b.0
}

struct ElfSection {
    name: &'static str,
    kind: u32,
    flags: u64,
    addr: u64,
    offset: u64,
    size: u64,
    link: u32,
    info: u32,
    align: u64,
    entsize: u64,
}

/// Appends symbols and the section table to the image.
pub fn append_sections(image: &mut Vec<u8>, input: &Input, live: &Live, l: &Layout, symbols: bool) -> SectionTable {
    const PROGBITS: u32 = 1;
    const ALLOC: u64 = 2;
    let progbits = |name, flags, start: u64, end: u64| ElfSection {
        name,
        kind: PROGBITS,
        flags: flags | ALLOC,
        addr: start,
        offset: start - abi::IMAGE_BASE,
        size: end - start,
        link: 0,
        info: 0,
        align: 16,
        entsize: 0,
    };
    let note_end = l.note + NOTE_SIZE;
    let mut sections = vec![
        ElfSection { kind: 0, flags: 0, addr: 0, offset: 0, size: 0, ..progbits("", 0, l.ro.start, l.ro.start) },
        ElfSection { kind: 7, align: 4, ..progbits(".note.gnu.build-id", 0, l.note, note_end) },
        progbits(".rodata", 0, l.types.start, l.ro.end),
        progbits(".text", 4, l.text.start, l.text.end),
        progbits(".data", 1, l.data.start, l.data.end),
        ElfSection { kind: 8, ..progbits(".bss", 1, l.bss.start, l.bss.end) },
    ];
    sections[0].align = 0;
    if symbols {
        let (table, strings, locals) = symbol_table(input, live, l);
        image.resize(image.len().next_multiple_of(8), 0);
        let link = sections.len() as u32 + 1;
        sections.push(ElfSection {
            name: ".symtab",
            kind: 2,
            flags: 0,
            addr: 0,
            offset: image.len() as u64,
            size: table.len() as u64,
            link,
            info: locals,
            align: 8,
            entsize: 24,
        });
        image.extend_from_slice(&table);
        sections.push(string_section(".strtab", image, &strings));
    }
    let mut names = vec![0u8];
    let mut offsets = Vec::new();
    for name in sections.iter().map(|s| s.name).chain([".shstrtab"]) {
        offsets.push(if name.is_empty() { 0 } else { names.len() as u32 });
        if !name.is_empty() {
            names.extend_from_slice(name.as_bytes());
            names.push(0);
        }
    }
    sections.push(string_section(".shstrtab", image, &names));
    image.resize(image.len().next_multiple_of(8), 0);
    let table = SectionTable { offset: image.len() as u64, count: sections.len() as u16 };
    let mut b = Bytes::default();
    for (s, &name) in sections.iter().zip(&offsets) {
        b.u32(name);
        b.u32(s.kind);
        b.u64(s.flags);
        b.u64(s.addr);
        b.u64(s.offset);
        b.u64(s.size);
        b.u32(s.link);
        b.u32(s.info);
        b.u64(s.align);
        b.u64(s.entsize);
    }
    image.extend_from_slice(&b.0);
    table
}

fn string_section(name: &'static str, image: &mut Vec<u8>, bytes: &[u8]) -> ElfSection {
    let offset = image.len() as u64;
    image.extend_from_slice(bytes);
    let size = bytes.len() as u64;
    ElfSection { name, kind: 3, flags: 0, addr: 0, offset, size, link: 0, info: 0, align: 1, entsize: 0 }
}

/// Go functions and variables, and the runtime's functions. Also the number of the first global.
fn symbol_table(input: &Input, live: &Live, l: &Layout) -> (Vec<u8>, Vec<u8>, u32) {
    const TEXT: u16 = 3;
    const DATA: u16 = 4;
    const BSS: u16 = 5;
    let mut table = Bytes(vec![0; 24]);
    let mut strings = vec![0u8];
    let mut add = |name: &str, info: u8, section: u16, addr: u64, size: u64| {
        table.u32(strings.len() as u32);
        table.0.push(info);
        table.0.push(0);
        table.u16(section);
        table.u64(addr);
        table.u64(size);
        strings.extend_from_slice(name.as_bytes());
        strings.push(0);
    };
    // All local: nothing links against an executable.
    for &f in &live.funcs {
        let code = input.compiled.funcs[f].as_ref().expect("live functions are compiled");
        add(&input.program.funcs[f].name, 2, TEXT, l.addr[&Atom::Func(f)], code.code.len() as u64);
    }
    for &d in &live.datas {
        let data = &input.program.datas[d];
        let section = match data.section {
            Section::Data => DATA,
            Section::Bss => BSS,
            _ => continue,
        };
        if !data.name.is_empty() {
            add(&data.name, 1, section, l.addr[&Atom::Data(d)], data.size);
        }
    }
    for s in &input.runtime.symbols {
        let Some((section, off)) = s.def else { continue };
        let live_at = l.addr.get(&Atom::Section(section));
        let kind = input.runtime.sections[section as usize].kind;
        let (Some(&base), Kind::Text) = (live_at, kind) else { continue };
        if !s.name.is_empty() && (s.function || s.global) {
            add(s.name, 2, TEXT, base + off, s.size);
        }
    }
    let count = table.0.len() as u32 / 24;
    (table.0, strings, count)
}
