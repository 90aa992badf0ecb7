//! ELF headers, symbol table, section table: the structures are those of the crate `object`.

use crate::addresses::{Layout, PAGE};
use crate::reach::Live;
use crate::runtime_object::Kind;
use crate::symbols::{Atom, Input};
use golift_abi as abi;
use golift_codegen::Target;
use golift_ir::Section;
use object::LittleEndian;
use object::elf;
use object::write::elf::{Encoder, FileHeader, FileHeaderLayout, ProgramHeader, SectionHeader, Sym};

/// Program headers: three segments, the note, the stack.
const PHDRS: usize = 5;
/// ELF header and program headers.
pub const HEADERS_SIZE: u64 =
    (size_of::<elf::FileHeader64<LittleEndian>>() + PHDRS * size_of::<elf::ProgramHeader64<LittleEndian>>()) as u64;
/// Build id note: header, name with its end, 16 bytes.
pub const NOTE_SIZE: u64 = (size_of::<elf::NoteHeader64<LittleEndian>>() + elf::ELF_NOTE_GNU.len() + 1 + 16) as u64;

/// Where `debug/buildinfo` looks.
pub const BUILD_INFO: &str = ".go.buildinfo";

/// The numbers of sections that symbols name.
const TEXT: elf::SymbolSection = elf::SymbolSection(3);
const DATA: elf::SymbolSection = elf::SymbolSection(5);
const BSS: elf::SymbolSection = elf::SymbolSection(6);

fn machine(target: Target) -> elf::Machine {
    match target {
        Target::X86_64 => elf::EM_X86_64,
        Target::Arm64 => elf::EM_AARCH64,
    }
}

fn encoder(target: Target) -> Encoder<LittleEndian> {
    Encoder::new(LittleEndian, true, machine(target))
}

/// The headers at the start of the file, which has these sections.
pub fn headers(target: Target, l: &Layout, entry: u64, sections: &SectionTable) -> Vec<u8> {
    let encoder = encoder(target);
    let mut out = Vec::with_capacity(HEADERS_SIZE as usize);
    let header =
        FileHeader { e_type: elf::ET_EXEC, e_machine: machine(target), e_entry: entry, ..FileHeader::default() };
    let layout = FileHeaderLayout {
        e_phoff: encoder.file_header_size(),
        segment_num: PHDRS as u32,
        e_shoff: sections.offset,
        section_num: sections.count,
        shstrtab_index: sections.count - 1,
    };
    encoder.file_header(&mut out, &header, &layout).expect("few sections and segments");
    let mut segment = |p_type, p_flags, start: u64, p_filesz: u64, p_memsz: u64, p_align: u64| {
        let p_offset = start.saturating_sub(abi::IMAGE_BASE);
        let header =
            ProgramHeader { p_type, p_flags, p_offset, p_vaddr: start, p_paddr: start, p_filesz, p_memsz, p_align };
        encoder.program_header(&mut out, &header);
    };
    let (r, rx, rw) = (elf::PF_R, elf::PF_R | elf::PF_X, elf::PF_R | elf::PF_W);
    segment(elf::PT_LOAD, r, l.ro.start, l.ro.size(), l.ro.size(), PAGE);
    segment(elf::PT_LOAD, rx, l.text.start, l.text.size(), l.text.size(), PAGE);
    segment(elf::PT_LOAD, rw, l.data.start, l.data.size(), l.bss.end - l.data.start, PAGE);
    segment(elf::PT_NOTE, r, l.note, NOTE_SIZE, NOTE_SIZE, 4);
    segment(elf::PT_GNU_STACK, rw, 0, 0, 0, 16);
    out
}

/// A build id note with the given id.
pub fn note(id: [u8; 16]) -> Vec<u8> {
    let name = [elf::ELF_NOTE_GNU, &[0]].concat();
    let words = [name.len() as u32, id.len() as u32, elf::NT_GNU_BUILD_ID.0];
    let header: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    [&header[..], &name, &id].concat()
}

/// Where the section table lies in the file.
pub struct SectionTable {
    /// From the start of the file.
    pub offset: u64,
    /// How many sections; the last is that of their names.
    pub count: u32,
}

/// Symbols and the section table, which begin at `start` in the file.
pub fn sections(start: u64, input: &Input, live: &Live, l: &Layout, symbols: bool) -> (Vec<u8>, SectionTable) {
    let mut out = Vec::new();
    let align = |out: &mut Vec<u8>| out.resize(((start + out.len() as u64).next_multiple_of(8) - start) as usize, 0);
    let encoder = encoder(input.compiled.target);
    let progbits = |sh_flags: elf::SectionFlags, start: u64, end: u64| SectionHeader {
        sh_type: elf::SHT_PROGBITS,
        sh_flags: sh_flags | elf::SHF_ALLOC,
        sh_addr: start,
        sh_offset: start - abi::IMAGE_BASE,
        sh_size: end - start,
        sh_addralign: 16,
        ..SectionHeader::default()
    };
    let note = progbits(elf::SectionFlags(0), l.note, l.note + NOTE_SIZE);
    let bss = progbits(elf::SHF_WRITE, l.bss.start, l.bss.end);
    let mut sections = vec![
        ("", SectionHeader::default()),
        (".note.gnu.build-id", SectionHeader { sh_type: elf::SHT_NOTE, sh_addralign: 4, ..note }),
        (".rodata", progbits(elf::SectionFlags(0), l.types.start, l.ro.end)),
        (".text", progbits(elf::SHF_EXECINSTR, l.text.start, l.text.end)),
        (BUILD_INFO, progbits(elf::SHF_WRITE, l.data.start, l.build_info_end)),
        (".data", progbits(elf::SHF_WRITE, l.build_info_end, l.data.end)),
        (".bss", SectionHeader { sh_type: elf::SHT_NOBITS, ..bss }),
    ];
    let strings = |out: &mut Vec<u8>, bytes: &[u8]| {
        let (sh_offset, sh_size) = (start + out.len() as u64, bytes.len() as u64);
        out.extend_from_slice(bytes);
        SectionHeader { sh_offset, sh_size, ..encoder.strtab_section_header() }
    };
    if symbols {
        align(&mut out);
        let sh_offset = start + out.len() as u64;
        let (names, count) = append_symbols(&mut out, encoder, input, live, l);
        let sh_size = start + out.len() as u64 - sh_offset;
        // All are local.
        let header = encoder.symtab_section_header(sections.len() as u32 + 1, count);
        sections.push((".symtab", SectionHeader { sh_offset, sh_size, ..header }));
        sections.push((".strtab", strings(&mut out, &names)));
    }
    let mut names = Vec::new();
    let mut offsets: Vec<u32> = Vec::new();
    for name in sections.iter().map(|(name, _)| *name).chain([".shstrtab"]) {
        offsets.push(names.len() as u32);
        names.extend_from_slice(name.as_bytes());
        names.push(0);
    }
    sections.push((".shstrtab", strings(&mut out, &names)));
    align(&mut out);
    let table = SectionTable { offset: start + out.len() as u64, count: sections.len() as u32 };
    for ((_, header), sh_name) in sections.into_iter().zip(offsets) {
        encoder.section_header(&mut out, &SectionHeader { sh_name, ..header });
    }
    (out, table)
}

/// Go functions and variables, and the runtime's functions. Gives the symbols' names and their number.
fn append_symbols(
    out: &mut Vec<u8>,
    encoder: Encoder<LittleEndian>,
    input: &Input,
    live: &Live,
    l: &Layout,
) -> (Vec<u8>, u32) {
    encoder.null_symbol(out);
    let mut names = vec![0u8];
    let mut count = 1;
    // All local: nothing links against an executable.
    let mut add = |name: &str, kind: elf::SymbolType, st_shndx: elf::SymbolSection, st_value: u64, st_size: u64| {
        let st_info = elf::SymbolInfo::new(elf::STB_LOCAL, kind);
        let st_other = elf::SymbolOther(0);
        let st_name = names.len() as u32;
        encoder.symbol(out, &Sym { section: None, st_name, st_info, st_other, st_shndx, st_value, st_size });
        names.extend_from_slice(name.as_bytes());
        names.push(0);
        count += 1;
    };
    for &f in &live.funcs {
        let code = input.compiled.funcs[f].as_ref().expect("live functions are compiled");
        add(&input.program.funcs[f].name, elf::STT_FUNC, TEXT, l.addr[&Atom::Func(f)], code.code.len() as u64);
    }
    for &d in &live.datas {
        let data = &input.program.datas[d];
        let section = match data.section {
            Section::Data => DATA,
            Section::Bss => BSS,
            _ => continue,
        };
        if !data.name.is_empty() {
            add(&data.name, elf::STT_OBJECT, section, l.addr[&Atom::Data(d)], data.size);
        }
    }
    for s in &input.runtime.symbols {
        let Some((section, off)) = s.def else { continue };
        let live_at = l.addr.get(&Atom::Section(section));
        let kind = input.runtime.sections[section as usize].kind;
        let (Some(&base), Kind::Text) = (live_at, kind) else { continue };
        if !s.name.is_empty() && (s.function || s.global) {
            add(s.name, elf::STT_FUNC, TEXT, base + off, s.size);
        }
    }
    (names, count)
}
