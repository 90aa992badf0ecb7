//! Links with another linker, for those who want it and as the oracle that our own writer is tested against.
//!
//! The program becomes one relocatable object with a section for each part of the layout; what the runtime needs of it, and the bounds that
//! `linker-scripts/external.ld` defines, are global symbols. Nothing has to be known about addresses: function and line
//! tables hold offsets from the start of Go code, and whatever holds an address gets a relocation. The runtime is the object that our
//! own writer uses, of which the linker keeps what is reached (`--gc-sections`).

use crate::module_data::{Parts, module_data};
use crate::reach::Live;
use crate::runtime_object::{RUNTIME, RuntimeObject};
use crate::symbols::{Atom, Input, Place};
use crate::tables::{self, Tables};
use crate::writable::writable;
use crate::{error::LinkError, options::LinkOptions, reach, runtime_object};
use golift_abi as abi;
use golift_codegen::{CodeRelocKind, CompiledProgram, Target};
use golift_ir::{Program, RelocKind, Section};
use object::elf;
use object::write::{Object, Relocation, SectionId, Symbol, SymbolId, SymbolSection};
use object::{Architecture, BinaryFormat, Endianness, RelocationFlags, SectionFlags, SectionKind};
use object::{SymbolFlags, SymbolKind, SymbolScope};
use rustc_hash::FxHashMap;

/// Where the parts of the program go. Beside the program there is nothing that depends on it.
pub const SCRIPT: &str = include_str!("../../../linker-scripts/external.ld");

/// What another linker has to put together with [`SCRIPT`].
pub struct Objects {
    /// The program.
    pub program: Vec<u8>,
    /// The runtime.
    pub runtime: &'static [u8],
}

/// The entry point, for the linker.
pub const ENTRY: &str = abi::sym::ENTRY;

/// Makes the objects of a program.
pub fn external_objects(
    program: &Program,
    compiled: &CompiledProgram,
    opts: &LinkOptions,
) -> Result<Objects, LinkError> {
    let runtime = runtime_object::parse(RUNTIME, compiled.target)?;
    let input = Input { program, compiled, runtime: &runtime };
    let live = reach::find_live(&input)?;
    let tables = tables::build(&input, &live);
    let object = Writer::new(&input, &live).write(&tables, opts);
    let program = object.write().map_err(|e| LinkError::Runtime(format!("object file: {e}")))?;
    Ok(Objects { program, runtime: RUNTIME })
}

struct Writer<'a> {
    input: &'a Input<'a>,
    live: &'a Live<'a>,
    object: Object<'static>,
    /// Where the program's atoms are.
    places: FxHashMap<Atom, (SectionId, u64)>,
    /// Names of the runtime's places.
    names: FxHashMap<Place, &'a str>,
    undefined: FxHashMap<String, SymbolId>,
    module_data: Option<SymbolId>,
}

/// What a field of 64 bits refers to.
enum Target64<'s> {
    Symbol(SymbolId, i64),
    Bound(&'s str),
    Number(u64),
}

impl<'a> Writer<'a> {
    fn new(input: &'a Input<'a>, live: &'a Live<'a>) -> Writer<'a> {
        let architecture = match input.compiled.target {
            Target::X86_64 => Architecture::X86_64,
            Target::Arm64 => Architecture::Aarch64,
        };
        Writer {
            input,
            live,
            object: Object::new(BinaryFormat::Elf, architecture, Endianness::Little),
            places: FxHashMap::default(),
            names: place_names(input.runtime),
            undefined: FxHashMap::default(),
            module_data: None,
        }
    }

    fn write(mut self, tables: &Tables, opts: &LinkOptions) -> Object<'static> {
        let text = self.section(".go.text", SectionKind::Text);
        let code = self.place_code(text, tables);
        self.object.append_section_data(text, &code, 64);
        for (name, kind, section) in [
            (".go.types", SectionKind::ReadOnlyDataWithRel, Section::Types),
            (".go.itabs", SectionKind::ReadOnlyDataWithRel, Section::Itabs),
            (".go.rodata", SectionKind::ReadOnlyDataWithRel, Section::Rodata),
            (".go.data", SectionKind::Data, Section::Data),
            (".go.bss", SectionKind::UninitializedData, Section::Bss),
        ] {
            let id = self.section(name, kind);
            self.place_data(id, section);
        }
        self.tables(tables, opts);
        self.define_for_runtime();
        self.relocate_code();
        self.relocate_data();
        // The stack need not be executable.
        self.section(".note.GNU-stack", SectionKind::Other);
        self.object
    }

    /// What other programs read.
    fn build_info(&mut self, opts: &LinkOptions) -> SymbolId {
        let id = self.section(crate::elf::BUILD_INFO, SectionKind::ReadOnlyData);
        self.object.append_section_data(id, &opts.build_info_blob(), 16);
        self.object.section_symbol(id)
    }

    fn section(&mut self, name: &str, kind: SectionKind) -> SectionId {
        let id = self.object.add_section(Vec::new(), name.as_bytes().to_vec(), kind);
        let flags = match kind {
            SectionKind::Text => elf::SHF_ALLOC | elf::SHF_EXECINSTR,
            SectionKind::Data | SectionKind::UninitializedData => elf::SHF_ALLOC | elf::SHF_WRITE,
            SectionKind::Other => elf::SectionFlags(0),
            _ => elf::SHF_ALLOC,
        };
        let sh_type = if kind == SectionKind::UninitializedData { elf::SHT_NOBITS } else { elf::SHT_PROGBITS };
        self.object.section_mut(id).flags = SectionFlags::Elf { sh_type, sh_flags: flags };
        id
    }

    fn symbol(&mut self, name: &str, section: SectionId, value: u64, size: u64, kind: SymbolKind, global: bool) {
        let scope = if global { SymbolScope::Linkage } else { SymbolScope::Compilation };
        let symbol = Symbol {
            name: name.as_bytes().to_vec(),
            value,
            size,
            kind,
            scope,
            weak: false,
            section: SymbolSection::Section(section),
            flags: SymbolFlags::None,
        };
        let id = self.object.add_symbol(symbol);
        if name == abi::sym::MODULEDATA {
            self.module_data = Some(id);
        }
    }

    /// A symbol that the runtime or the script defines.
    fn outside(&mut self, name: &str) -> SymbolId {
        if let Some(&id) = self.undefined.get(name) {
            return id;
        }
        let symbol = Symbol {
            name: name.as_bytes().to_vec(),
            value: 0,
            size: 0,
            kind: SymbolKind::Unknown,
            scope: SymbolScope::Unknown,
            weak: false,
            section: SymbolSection::Undefined,
            flags: SymbolFlags::None,
        };
        let id = self.object.add_symbol(symbol);
        self.undefined.insert(name.to_owned(), id);
        id
    }

    /// Go code as the tables describe it.
    fn place_code(&mut self, text: SectionId, tables: &Tables) -> Vec<u8> {
        let mut code = vec![0xcc; tables.text_size as usize];
        for (&f, &at) in self.live.funcs.iter().zip(&tables.text_offsets) {
            let compiled = self.input.compiled.funcs[f].as_ref().expect("live functions are compiled");
            code[at as usize..][..compiled.code.len()].copy_from_slice(&compiled.code);
            self.places.insert(Atom::Func(f), (text, at.into()));
            let size = compiled.code.len() as u64;
            self.symbol(&self.input.program.funcs[f].name, text, at.into(), size, SymbolKind::Text, false);
        }
        code
    }

    /// The order of writable objects is the one that the table of roots knows.
    fn place_data(&mut self, id: SectionId, section: Section) {
        let datas = &self.input.program.datas;
        let mut objects = match section {
            Section::Data | Section::Bss => writable(self.input, self.live),
            _ => self.live.datas.clone(),
        };
        objects.retain(|&d| datas[d].section == section);
        if section == Section::Rodata {
            objects.sort_by_key(|&d| std::cmp::Reverse(datas[d].align));
        }
        let mut bytes = Vec::new();
        let mut at = 0u64;
        for d in objects {
            let data = &datas[d];
            at = at.next_multiple_of(data.align.clamp(1, 64).into());
            self.places.insert(Atom::Data(d), (id, at));
            if section != Section::Bss {
                bytes.resize(at as usize, 0);
                bytes.extend_from_slice(&data.bytes);
            }
            if !data.name.is_empty() && matches!(section, Section::Data | Section::Bss) {
                self.symbol(&data.name, id, at, data.size, SymbolKind::Data, false);
            }
            at += data.size;
        }
        if section == Section::Bss {
            self.object.append_section_bss(id, at, 64);
        } else {
            bytes.resize(at as usize, 0);
            self.object.append_section_data(id, &bytes, 64);
        }
    }

    /// Symbol and addend for a place.
    fn reference(&mut self, place: Place) -> (SymbolId, i64) {
        let place = match place {
            Place::Atom(Atom::Data(d), off) => Place::Atom(Atom::Data(self.live.data(d)), off),
            other => other,
        };
        if let Place::Atom(atom, off) = place
            && let Some(&(section, at)) = self.places.get(&atom)
        {
            return (self.object.section_symbol(section), (at + off) as i64);
        }
        if place == Place::ModuleData
            && let Some(symbol) = self.module_data
        {
            return (symbol, 0);
        }
        let name = self.names.get(&place).copied().expect("places of the runtime have names");
        (self.outside(name), 0)
    }

    fn relocate(&mut self, section: SectionId, offset: u64, r_type: elf::RelocationType, to: (SymbolId, i64)) {
        let flags = RelocationFlags::Elf { r_type };
        let relocation = Relocation { offset, symbol: to.0, addend: to.1, flags };
        self.object.add_relocation(section, relocation).expect("raw types are not looked at");
    }

    fn relocate_code(&mut self) {
        for &f in &self.live.funcs {
            let code = self.input.compiled.funcs[f].as_ref().expect("live functions are compiled");
            let (section, at) = self.places[&Atom::Func(f)];
            for r in &code.relocs {
                let place = self.live.resolver.code_target(r.target).expect("checked by reach");
                let (symbol, addend) = self.reference(place);
                let to = (symbol, addend.wrapping_add(r.addend));
                self.relocate(section, at + u64::from(r.offset), self.code_relocation(r.kind), to);
            }
        }
    }

    fn code_relocation(&self, kind: CodeRelocKind) -> elf::RelocationType {
        match (kind, self.input.compiled.target) {
            (CodeRelocKind::Abs64, _) => self.address(),
            (CodeRelocKind::Abs32, Target::X86_64) => elf::R_X86_64_32,
            (CodeRelocKind::Abs32, Target::Arm64) => elf::R_AARCH64_ABS32,
            (CodeRelocKind::X86Pc32, _) => elf::R_X86_64_PC32,
            (CodeRelocKind::Arm64Call26, _) => elf::R_AARCH64_CALL26,
            (CodeRelocKind::Arm64AdrPage21, _) => elf::R_AARCH64_ADR_PREL_PG_HI21,
            (CodeRelocKind::Arm64AddLo12, _) => elf::R_AARCH64_ADD_ABS_LO12_NC,
        }
    }

    fn address(&self) -> elf::RelocationType {
        match self.input.compiled.target {
            Target::X86_64 => elf::R_X86_64_64,
            Target::Arm64 => elf::R_AARCH64_ABS64,
        }
    }

    fn relocate_data(&mut self) {
        for &id in &self.live.datas {
            let (section, at) = self.places[&Atom::Data(id)];
            for r in &self.input.program.datas[id].relocs {
                let place = self.live.resolver.data_target(r.target).expect("checked by reach");
                let (symbol, addend) = self.reference(place);
                let r_type = match r.kind {
                    RelocKind::Abs64 => self.address(),
                    RelocKind::Abs32 => self.code_relocation(CodeRelocKind::Abs32),
                };
                self.relocate(section, at + u64::from(r.offset), r_type, (symbol, addend.wrapping_add(r.addend)));
            }
        }
    }

    /// Global names for what the runtime refers to. What only its unreachable parts refer to may be missing.
    fn define_for_runtime(&mut self) {
        for symbol in &self.input.runtime.symbols {
            if symbol.def.is_some() || symbol.absolute.is_some() || symbol.name.is_empty() {
                continue;
            }
            let Some(Place::Atom(atom, off)) = self.live.resolver.by_name(symbol.name) else { continue };
            let atom = match atom {
                Atom::Data(d) => Atom::Data(self.live.data(d)),
                other => other,
            };
            if let Some(&(section, at)) = self.places.get(&atom) {
                let kind = if matches!(atom, Atom::Func(_)) { SymbolKind::Text } else { SymbolKind::Data };
                self.symbol(symbol.name, section, at + off, 0, kind, true);
            }
        }
    }

    /// Tables and module data, in one section.
    fn tables(&mut self, t: &Tables, opts: &LinkOptions) {
        let id = self.section(".go.tables", SectionKind::ReadOnlyDataWithRel);
        let mut put = |bytes: &[u8]| self.object.append_section_data(id, bytes, 8);
        let functab = put(&t.functab);
        let locs = put(&t.locs);
        let pcline = put(&t.pcline);
        let strtab = put(&t.strtab);
        let frames = put(&t.frames);
        let modinfo = put(&opts.build_info);
        let masks: Vec<u64> = t.roots.areas.iter().map(|area| put(&area.mask)).collect();
        let here = self.object.section_symbol(id);
        let within = |at: u64| Target64::Symbol(here, at as i64);

        // Nothing in the program needs it, and the linker would drop it.
        let build_info = Target64::Symbol(self.build_info(opts), 0);
        self.fields(id, vec![build_info]);
        let mut fields = Vec::new();
        for (area, &mask) in t.roots.areas.iter().zip(&masks) {
            let (symbol, addend) = self.reference(Place::Atom(Atom::Data(area.object), area.word * 8));
            fields.extend([Target64::Symbol(symbol, addend), Target64::Number(area.words), within(mask)]);
        }
        let roots = self.fields(id, fields);
        let mut addresses = |ids: &[golift_ir::DataId]| {
            let fields = ids.iter().map(|&d| self.reference(Place::Atom(Atom::Data(d), 0)));
            let fields: Vec<Target64> = fields.map(|(symbol, addend)| Target64::Symbol(symbol, addend)).collect();
            self.fields(id, fields)
        };
        let typelinks = addresses(&t.typelinks);
        let itabs = addresses(&t.itabs);
        use Target64::Bound;
        let parts = Parts {
            text: [Bound("golift_text"), Bound("golift_etext")],
            functab: within(functab),
            pcline: within(pcline),
            locs: within(locs),
            strtab: within(strtab),
            frames: within(frames),
            roots: within(roots),
            types: [Bound("golift_types"), Bound("golift_etypes")],
            typelinks: within(typelinks),
            itabs: within(itabs),
            data: [Bound("golift_data"), Bound("golift_end")],
            modinfo: within(modinfo),
        };
        let module_data = module_data(t, opts, parts, Target64::Number);
        let at = self.fields(id, module_data);
        let size = size_of::<abi::ModuleData>() as u64;
        self.symbol(abi::sym::MODULEDATA, id, at, size, SymbolKind::Data, true);
    }

    /// Appends fields of 64 bits.
    fn fields(&mut self, section: SectionId, fields: Vec<Target64>) -> u64 {
        let numbers = fields.iter().flat_map(|field| match field {
            Target64::Number(n) => n.to_le_bytes(),
            _ => [0; 8],
        });
        let start = self.object.append_section_data(section, &numbers.collect::<Vec<u8>>(), 8);
        for (field, at) in fields.into_iter().zip((start..).step_by(8)) {
            let to = match field {
                Target64::Number(_) => continue,
                Target64::Symbol(symbol, addend) => (symbol, addend),
                Target64::Bound(name) => (self.outside(name), 0),
            };
            self.relocate(section, at, self.address(), to);
        }
        start
    }
}

/// The names of the runtime's global definitions, by what they define.
fn place_names<'a>(runtime: &RuntimeObject<'a>) -> FxHashMap<Place, &'a str> {
    let mut names: Vec<(&str, u32)> = runtime.by_name.iter().map(|(&name, &index)| (name, index)).collect();
    names.sort_unstable();
    let place = |index: u32| {
        let symbol = &runtime.symbols[index as usize];
        match (symbol.def, symbol.absolute) {
            (Some((section, off)), _) => Some(Place::Atom(Atom::Section(section), off)),
            (None, absolute) => absolute.map(Place::Absolute),
        }
    };
    names.into_iter().filter_map(|(name, index)| Some((place(index)?, name))).collect()
}
