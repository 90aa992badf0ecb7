//! A whole program.

use crate::data::{Data, DataId};
use crate::entities::FuncId;
use crate::function::Function;
use crate::inst::Type;
use cranelift_entity::PrimaryMap;
use rustc_hash::FxHashMap;
use std::sync::Arc;

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum CallConv {
    /// Golift's Go convention (Cranelift `Tail`, g pinned).
    #[default]
    Go,
    /// The platform's C convention; only for symbols of the runtime object.
    C,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Signature {
    pub params: Vec<Type>,
    /// At most 8 integer and 8 float results.
    pub results: Vec<Type>,
    pub conv: CallConv,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Linkage {
    /// Has (or will have) a body in this program.
    Local,
    /// A symbol of the runtime object.
    Extern,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct FuncFlags {
    /// Never inline.
    pub noinline: bool,
    /// No stack check in the prologue.
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

#[derive(Clone)]
pub struct FuncDecl {
    /// Linker symbol, unique: `main.main`, `main.(*T).M`, `main.F[int]`.
    pub name: Arc<str>,
    /// Name in tracebacks: `main.F[...]`.
    pub display: Arc<str>,
    pub sig: Signature,
    pub linkage: Linkage,
    pub flags: FuncFlags,
    /// Where it is declared.
    pub file: Arc<str>,
    pub start_line: u32,
    pub start_column: u32,
    pub body: Option<Function>,
}

/// All functions and data of one executable.
#[derive(Default)]
pub struct Program {
    pub funcs: PrimaryMap<FuncId, FuncDecl>,
    pub func_by_name: FxHashMap<Arc<str>, FuncId>,
    pub datas: PrimaryMap<DataId, Data>,
    /// Names of `RelocTarget::Extern`.
    pub externs: Vec<Arc<str>>,
    /// Descriptors that `reflect` may look up (`typelinks`) and all itabs.
    pub typelinks: Vec<DataId>,
    pub itabs: Vec<DataId>,
    /// What tracebacks show of a function's arguments: a list that runtime and linker understand (`golift_abi::frame`).
    pub arguments: FxHashMap<FuncId, Arc<[u8]>>,
}

impl Program {
    pub fn new() -> Self {
        Self::default()
    }

    /// Declares a function; names must be new.
    pub fn declare(&mut self, decl: FuncDecl) -> FuncId {
        let name = decl.name.clone();
        let id = self.funcs.push(decl);
        let old = self.func_by_name.insert(name, id);
        assert!(old.is_none(), "function {} declared twice", self.funcs[id].name);
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
            file: "".into(),
            start_line: 0,
            start_column: 0,
            body: None,
        })
    }

    pub fn add_data(&mut self, data: Data) -> DataId {
        self.datas.push(data)
    }

    pub fn extern_symbol(&mut self, name: &str) -> u32 {
        if let Some(i) = self.externs.iter().position(|e| &**e == name) {
            return i as u32;
        }
        self.externs.push(name.into());
        self.externs.len() as u32 - 1
    }
}
