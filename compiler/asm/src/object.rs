//! What is in an object.

use crate::tables::PcValues;

/// What one run of the assembler made.
#[derive(Clone, Debug, Default)]
pub struct Object {
    /// The import path of its package, which the file does not say.
    pub package: String,
    /// Names of source files.
    pub files: Vec<String>,
    /// What is defined.
    pub symbols: Vec<Symbol>,
}

impl Object {
    /// The name of a symbol with the import path, which those that only the object sees need not have.
    pub fn full_name(&self, symbol: &Symbol) -> String {
        let has_path = symbol.name.strip_prefix(&self.package).is_some_and(|rest| rest.starts_with('.'));
        if symbol.is_static && !has_path { format!("{}.{}", self.package, symbol.name) } else { symbol.name.clone() }
    }
}

/// What a symbol stands for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// Instructions.
    Text,
    /// Data that nobody writes.
    Rodata,
    /// Variables; may they hold pointers?
    Data {
        /// Words may be pointers.
        pointers: bool,
    },
}

/// A definition.
#[derive(Clone, Debug)]
pub struct Symbol {
    /// With the import path: `math/big.addVV`.
    pub name: String,
    /// Of this object alone (`name<>`).
    pub is_static: bool,
    /// May be defined several times.
    pub dupok: bool,
    /// What it is.
    pub kind: Kind,
    /// Bytes; `data` may be shorter, and zeros follow.
    pub size: u32,
    /// Wanted alignment; 0: by the size.
    pub align: u32,
    /// Its contents.
    pub data: Vec<u8>,
    /// Places in it that the linker fills.
    pub relocs: Vec<Reloc>,
    /// For text.
    pub function: Option<Function>,
}

/// What is known of a function beside its code.
#[derive(Clone, Debug, Default)]
pub struct Function {
    /// Does it do without a check of the stack?
    pub nosplit: bool,
    /// Line of its `TEXT`.
    pub start_line: u32,
    /// Bytes of arguments and results, as the `TEXT` line says; nothing if that says nothing.
    pub args: Option<u32>,
    /// Bytes between the stack pointer and the return address.
    pub sp: PcValues,
    /// Index of the file.
    pub file: PcValues,
    /// Line.
    pub line: PcValues,
}

/// How a place is filled.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RelocKind {
    /// The address, in so many bytes (4 or 8).
    Address(u8),
    /// The distance from the end of the 4 bytes.
    PcRelative,
    /// As `PcRelative`, of a call or a jump.
    Call,
    /// Offset of the thread's `g` from the thread pointer, 4 bytes.
    ThreadG,
}

/// A place that the linker fills.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reloc {
    /// Where in the symbol.
    pub offset: u32,
    /// How.
    pub kind: RelocKind,
    /// What is added to the address.
    pub addend: i64,
    /// Whose address.
    pub target: SymbolRef,
}

/// A reference.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SymbolRef {
    /// Nothing.
    None,
    /// Index of a definition of the same object.
    Defined(usize),
    /// A name that others define.
    Named(String),
}
