//! A whole program.

use crate::data::{Data, DataId};
use crate::entities::{FuncId, Text};
use crate::function::Function;
use crate::inst::Type;
use crate::runtime_fn::{RuntimeFn, RuntimeFns};
use crate::texts::Texts;
use cranelift_entity::PrimaryMap;
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// How arguments and results are passed.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum CallConv {
    /// Golift's Go convention (Cranelift `Tail`, g pinned).
    #[default]
    Go,
    /// The platform's C convention; only for symbols of the runtime object.
    C,
}

/// What a function takes and gives, as scalars.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Signature {
    /// Types of the parameters; what comes first is in `ARCHITECTURE.md`.
    pub params: Vec<Type>,
    /// At most 8 integer and 8 float results.
    pub results: Vec<Type>,
    /// How they are passed.
    pub conv: CallConv,
}

/// Where the code of a function is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Linkage {
    /// Has (or will have) a body in this program.
    Local,
    /// A symbol of the runtime object.
    Extern,
}

/// Properties of a function.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct FuncFlags {
    /// Never inline.
    pub noinline: bool,
    /// No stack check if the frame is small: one of a short chain of such functions.
    pub nosplit: bool,
    /// Compiler-made wrapper, hidden in tracebacks.
    pub wrapper: bool,
    /// Tracebacks end here.
    pub top: bool,
    /// Calls never return (panic helpers): code after a call is dead.
    pub noreturn: bool,
    /// Keeps no address that it gets (`//go:noescape`).
    pub noescape: bool,
    /// First parameter is the func value (closure body or thunk).
    pub closure: bool,
}

/// A function of the program.
#[derive(Clone)]
pub struct FuncDecl {
    /// Linker symbol, unique: `main.main`, `main.(*T).M`, `main.F[int]`.
    pub name: Arc<str>,
    /// Name in tracebacks: `main.F[...]`.
    pub display: Arc<str>,
    /// What it takes and gives.
    pub sig: Signature,
    /// Where its code is.
    pub linkage: Linkage,
    /// Its properties.
    pub flags: FuncFlags,
    /// Which function of package runtime that compiled code calls it is; [`Program::declare`] knows it by its name.
    pub runtime: Option<RuntimeFn>,
    /// Where it is declared.
    pub file: Text,
    /// Line of the declaration, from 1; 0 is unknown.
    pub start_line: u32,
    /// Column of its name in bytes, from 1; 0 is unknown.
    pub start_column: u32,
    /// The code; passes take it out while they work on it.
    pub body: Option<Function>,
}

/// All functions and data of one executable.
#[derive(Default)]
pub struct Program {
    /// All functions, in the order in which they were asked for.
    pub funcs: PrimaryMap<FuncId, FuncDecl>,
    /// Each function by its symbol.
    pub func_by_name: FxHashMap<Arc<str>, FuncId>,
    pub(crate) runtime_fns: RuntimeFns,
    /// All data objects.
    pub datas: PrimaryMap<DataId, Data>,
    /// Names of files and functions in locations.
    pub texts: Texts,
    /// Names of `RelocTarget::Extern`.
    pub externs: Vec<Arc<str>>,
    /// Descriptors that `reflect` may look up (`typelinks`) and all itabs.
    pub typelinks: Vec<DataId>,
    /// The itabs that the runtime enters into its table at the start.
    pub itabs: Vec<DataId>,
}

impl Program {
    /// A program without functions and data.
    pub fn new() -> Self {
        Self::default()
    }

    /// Declares a function; names must be new.
    pub fn declare(&mut self, decl: FuncDecl) -> FuncId {
        let name = decl.name.clone();
        let runtime = decl.runtime.or_else(|| RuntimeFn::from_symbol(&name));
        let id = self.funcs.push(decl);
        let old = self.func_by_name.insert(name, id);
        assert!(old.is_none(), "function {} declared twice", self.funcs[id].name);
        if let Some(f) = runtime {
            self.set_runtime_fn(f, id);
        }
        id
    }

    /// The function for a symbol of the runtime object.
    pub fn declare_extern(&mut self, name: &str, sig: Signature) -> FuncId {
        if let Some(&id) = self.func_by_name.get(name) {
            return id;
        }
        let name: Arc<str> = name.into();
        self.declare(FuncDecl {
            name: name.clone(),
            display: name,
            sig,
            linkage: Linkage::Extern,
            flags: FuncFlags::default(),
            runtime: None,
            file: Text::EMPTY,
            start_line: 0,
            start_column: 0,
            body: None,
        })
    }

    /// Adds a data object.
    pub fn add_data(&mut self, data: Data) -> DataId {
        self.datas.push(data)
    }

    /// The number of a symbol of the runtime object, for relocations.
    pub fn extern_symbol(&mut self, name: &str) -> u32 {
        if let Some(i) = self.externs.iter().position(|e| &**e == name) {
            return i as u32;
        }
        self.externs.push(name.into());
        self.externs.len() as u32 - 1
    }
}
