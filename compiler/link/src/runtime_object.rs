//! The prelinked runtime: sections, symbols and relocations of an ELF relocatable object.

use crate::error::LinkError;
use golift_codegen::Target;
use object::elf;
use object::read::elf::{ElfFile64, FileHeader, SectionHeader, Sym};
use object::{LittleEndian, Object};
use rustc_hash::FxHashMap;

/// The runtime as a relocatable object, prelinked by the build script.
pub static RUNTIME: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/runtime.o"));

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    Text,
    Rodata,
    Data,
    Bss,
    /// Not part of the image (debug information, notes, unwind tables).
    Dropped,
}

pub struct Section<'a> {
    pub name: &'a str,
    pub kind: Kind,
    pub data: &'a [u8],
    pub size: u64,
    pub align: u64,
    pub relocs: Vec<Reloc>,
}

#[derive(Clone, Copy)]
pub struct Reloc {
    pub offset: u64,
    pub r_type: elf::RelocationType,
    pub symbol: u32,
    pub addend: i64,
}

#[derive(Clone, Copy)]
pub struct Symbol<'a> {
    pub name: &'a str,
    /// Section index and offset; `None` if undefined.
    pub def: Option<(u32, u64)>,
    pub absolute: Option<u64>,
    pub weak: bool,
    pub global: bool,
    pub function: bool,
    pub size: u64,
}

pub struct RuntimeObject<'a> {
    /// By ELF section index.
    pub sections: Vec<Section<'a>>,
    /// By ELF symbol index.
    pub symbols: Vec<Symbol<'a>>,
    /// Global definitions.
    pub by_name: FxHashMap<&'a str, u32>,
}

/// The machine that an object is for.
pub fn machine(bytes: &[u8]) -> Option<Target> {
    let machine = elf::FileHeader64::<LittleEndian>::parse(bytes).ok()?.e_machine(LittleEndian);
    match machine {
        elf::EM_X86_64 => Some(Target::X86_64),
        elf::EM_AARCH64 => Some(Target::Arm64),
        _ => None,
    }
}

pub fn parse(bytes: &[u8], target: Target) -> Result<RuntimeObject<'_>, LinkError> {
    parse_object(bytes, target).map_err(|e| LinkError::Runtime(format!("runtime object: {e}")))
}

fn parse_object(bytes: &[u8], target: Target) -> Result<RuntimeObject<'_>, String> {
    let file = ElfFile64::<LittleEndian>::parse(bytes).map_err(|e| e.to_string())?;
    let want = match target {
        Target::X86_64 => object::Architecture::X86_64,
        Target::Arm64 => object::Architecture::Aarch64,
    };
    if file.architecture() != want {
        return Err(format!("is for {:?}, not for {want:?}", file.architecture()));
    }
    let e = LittleEndian;
    let table = file.elf_section_table();
    let mut sections: Vec<Section> = Vec::with_capacity(table.len());
    for header in table.iter() {
        let name = table.section_name(e, header).map_err(|e| e.to_string())?;
        let name = std::str::from_utf8(name).map_err(|e| e.to_string())?;
        let flags = header.sh_flags(e);
        let flag = |f: elf::SectionFlags| flags.0 & f.0 != 0;
        let no_bits = header.sh_type(e) == elf::SHT_NOBITS;
        if flag(elf::SHF_TLS) {
            return Err(format!("thread-local section {name}"));
        }
        let kind = if !flag(elf::SHF_ALLOC) || name.starts_with(".eh_frame") || name.starts_with(".note") {
            Kind::Dropped
        } else if flag(elf::SHF_EXECINSTR) {
            Kind::Text
        } else if !flag(elf::SHF_WRITE) || name.starts_with(".data.rel.ro") {
            Kind::Rodata
        } else if no_bits {
            Kind::Bss
        } else {
            Kind::Data
        };
        let data = if no_bits { &[][..] } else { header.data(e, bytes).map_err(|e| e.to_string())? };
        sections.push(Section {
            name,
            kind,
            data,
            size: header.sh_size(e),
            align: header.sh_addralign(e).max(1),
            relocs: Vec::new(),
        });
    }
    let symtab = table.symbols(e, bytes, elf::SHT_SYMTAB).map_err(|e| e.to_string())?;
    let mut symbols = Vec::with_capacity(symtab.len());
    let mut by_name = FxHashMap::default();
    for (i, sym) in symtab.enumerate() {
        let name = sym.name(e, symtab.strings()).map_err(|e| e.to_string())?;
        let name = std::str::from_utf8(name).map_err(|e| e.to_string())?;
        let section = sym.st_shndx(e);
        if section == elf::SHN_COMMON {
            return Err(format!("common symbol {name}"));
        }
        let absolute = (section == elf::SHN_ABS).then(|| sym.st_value(e));
        let index = symtab.symbol_section(e, sym, i).map_err(|e| e.to_string())?;
        let def = index.map(|s| (s.0 as u32, sym.st_value(e)));
        let global = sym.st_bind() != elf::STB_LOCAL;
        symbols.push(Symbol {
            name,
            def,
            absolute,
            weak: sym.st_bind() == elf::STB_WEAK,
            global,
            function: sym.st_type() == elf::STT_FUNC,
            size: sym.st_size(e),
        });
        if global && !name.is_empty() && (def.is_some() || absolute.is_some()) {
            by_name.insert(name, i.0 as u32);
        }
    }
    for header in table.iter() {
        let Some((relas, _)) = header.rela(e, bytes).map_err(|e| e.to_string())? else { continue };
        let target = header.sh_info(e) as usize;
        let Some(section) = sections.get_mut(target) else { continue };
        if section.kind == Kind::Dropped {
            continue;
        }
        section.relocs = relas
            .iter()
            .map(|r| Reloc {
                offset: r.r_offset.get(e),
                r_type: r.r_type(e, false),
                symbol: r.r_sym(e, false),
                addend: r.r_addend.get(e),
            })
            .collect();
        section.relocs.sort_by_key(|r| r.offset);
    }
    let _ = file.elf_header().e_machine(e);
    Ok(RuntimeObject { sections, symbols, by_name })
}
