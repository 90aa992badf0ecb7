//! What names and ids refer to.

use crate::runtime_object::RuntimeObject;
use golift_abi as abi;
use golift_codegen::{CodeTarget, CompiledProgram};
use golift_ir::{DataId, FuncId, Linkage, Program, RelocTarget};
use rustc_hash::FxHashMap;

/// The inputs of a link.
#[derive(Clone, Copy)]
pub struct Input<'a> {
    /// The program: names and data.
    pub program: &'a Program,
    /// Its machine code.
    pub compiled: &'a CompiledProgram,
    /// The runtime.
    pub runtime: &'a RuntimeObject<'a>,
}

/// A unit that is kept or dropped as a whole.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Atom {
    Section(u32),
    Func(FuncId),
    Data(DataId),
}

/// A place that a relocation refers to.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Place {
    Atom(Atom, u64),
    ModuleData,
    Absolute(u64),
}

/// Looks symbols up by name.
pub struct Resolver<'a> {
    input: Input<'a>,
    data_by_name: FxHashMap<&'a str, DataId>,
}

impl<'a> Resolver<'a> {
    /// A resolver for that input.
    pub fn new(input: &Input<'a>) -> Self {
        let data_by_name = input
            .program
            .datas
            .iter()
            .filter(|(_, d)| !d.name.is_empty())
            .map(|(id, d)| (d.name.as_str(), id))
            .collect();
        Resolver { input: *input, data_by_name }
    }

    /// The definition of a symbol of the runtime or the linker.
    pub fn by_name(&self, name: &str) -> Option<Place> {
        let rt = self.input.runtime;
        if let Some(&s) = rt.by_name.get(name) {
            let sym = &rt.symbols[s as usize];
            return Some(match (sym.def, sym.absolute) {
                (Some((section, off)), _) => Place::Atom(Atom::Section(section), off),
                (None, abs) => Place::Absolute(abs.expect("only definitions are listed")),
            });
        }
        if name == abi::sym::MODULEDATA {
            return Some(Place::ModuleData);
        }
        if let Some(&id) = self.input.program.func_by_name.get(name)
            && self.input.compiled.funcs[id].is_some()
        {
            return Some(Place::Atom(Atom::Func(id), 0));
        }
        self.data_by_name.get(name).map(|&d| Place::Atom(Atom::Data(d), 0))
    }

    /// The function, or the name that is undefined.
    pub fn func(&self, id: FuncId) -> Result<Place, &'a str> {
        let program = self.input.program;
        let decl = &program.funcs[id];
        if decl.linkage == Linkage::Local && self.input.compiled.funcs[id].is_some() {
            return Ok(Place::Atom(Atom::Func(id), 0));
        }
        self.by_name(&decl.name).ok_or(&decl.name)
    }

    /// What machine code refers to; the error is the name of what is undefined.
    pub fn code_target(&self, target: CodeTarget) -> Result<Place, &'a str> {
        match target {
            CodeTarget::Func(id) => self.func(id),
            CodeTarget::Data(d) => Ok(Place::Atom(Atom::Data(d), 0)),
            CodeTarget::Symbol(name) => self.by_name(name).ok_or(name),
        }
    }

    /// The same for data.
    pub fn data_target(&self, target: RelocTarget) -> Result<Place, &'a str> {
        match target {
            RelocTarget::Func(id) => self.func(id),
            RelocTarget::Data(d) => Ok(Place::Atom(Atom::Data(d), 0)),
            RelocTarget::Extern(i) => {
                let name = &self.input.program.externs[i as usize];
                self.by_name(name).ok_or(name)
            }
        }
    }

    /// The symbol `index` of the runtime object.
    pub fn runtime_symbol(&self, index: u32) -> Result<Place, &'a str> {
        let sym = &self.input.runtime.symbols[index as usize];
        if let Some((section, off)) = sym.def {
            return Ok(Place::Atom(Atom::Section(section), off));
        }
        if let Some(v) = sym.absolute {
            return Ok(Place::Absolute(v));
        }
        match self.by_name(sym.name) {
            Some(p) => Ok(p),
            None if sym.weak => Ok(Place::Absolute(0)),
            None => Err(sym.name),
        }
    }

    /// A name for messages.
    pub fn atom_name(&self, atom: Atom) -> String {
        match atom {
            Atom::Section(s) => self.input.runtime.sections[s as usize].name.to_string(),
            Atom::Func(f) => self.input.program.funcs[f].name.to_string(),
            Atom::Data(d) => match self.input.program.datas[d].name.as_str() {
                "" => d.to_string(),
                name => name.to_string(),
            },
        }
    }
}
