//! The symbols of a program's assembly: see `assembly.rs`.

use golift_asm::{Kind, Object, Reloc, RelocKind, Symbol, SymbolRef};
use golift_ir::{DataId, FuncId, RelocTarget};
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// Room for assembly functions that call each other in a circle: how deep is not known.
const RECURSIVE_STACK: u32 = 64 << 10;
/// What `leave` takes of the stack before the Go function checks it: return address and frame pointer.
const LEAVE_STACK: u32 = 16;

/// A symbol: index of the object, and in it.
pub type Place = (usize, usize);

/// The objects of a program.
#[derive(Default)]
pub struct Assembly {
    pub objects: Arc<[Object]>,
    pub by_name: FxHashMap<String, Place>,
    pub made: FxHashMap<Place, RelocTarget>,
    /// Symbols whose references are not resolved yet.
    pub queue: Vec<Place>,
    pub stacks: FxHashMap<Place, Option<u32>>,
    /// By Go function.
    pub leaves: FxHashMap<FuncId, FuncId>,
    pub trap: Option<FuncId>,
    pub fake_g: Option<DataId>,
    /// Symbols that nobody defines, with who refers to them.
    pub undefined: Vec<(String, String)>,
}

impl Assembly {
    /// Symbols of objects by name.
    pub fn new(objects: Arc<[Object]>) -> Assembly {
        let mut by_name = FxHashMap::default();
        for (o, object) in objects.iter().enumerate() {
            for (s, symbol) in object.symbols.iter().enumerate().filter(|(_, symbol)| !symbol.is_static) {
                by_name.entry(symbol.name.clone()).or_insert((o, s));
            }
        }
        Assembly { objects, by_name, ..Assembly::default() }
    }

    pub fn symbol(&self, place: Place) -> &Symbol {
        &self.objects[place.0].symbols[place.1]
    }

    /// The function of that name.
    pub fn function(&self, name: &str) -> Option<Place> {
        self.by_name.get(name).copied().filter(|&place| self.symbol(place).kind == Kind::Text)
    }

    /// The definition that a relocation means, if it is one of assembly.
    pub fn target(&self, object: usize, reloc: &Reloc) -> Option<Place> {
        match &reloc.target {
            SymbolRef::Defined(symbol) => Some((object, *symbol)),
            SymbolRef::Named(name) => self.by_name.get(name).copied(),
            SymbolRef::None => None,
        }
    }

    /// Bytes of stack that a function and what it calls take, with its return address.
    pub fn stack(&mut self, place: Place) -> u32 {
        match self.stacks.get(&place) {
            Some(Some(known)) => return *known,
            // Asked for again while it is being found out.
            Some(None) => return RECURSIVE_STACK,
            None => {}
        }
        self.stacks.insert(place, None);
        let objects = Arc::clone(&self.objects);
        let symbol = &objects[place.0].symbols[place.1];
        let own = symbol.function.as_ref().map_or(0, |f| f.sp.max().max(0) as u32) + 8;
        let mut below = LEAVE_STACK;
        for reloc in symbol.relocs.iter().filter(|r| r.kind == RelocKind::Call) {
            if let Some(callee) = self.target(place.0, reloc).filter(|&callee| self.symbol(callee).kind == Kind::Text) {
                below = below.max(self.stack(callee));
            }
        }
        let all = (own + below).min(golift_abi::morestack::MAX_NEED / 2);
        self.stacks.insert(place, Some(all));
        all
    }
}
