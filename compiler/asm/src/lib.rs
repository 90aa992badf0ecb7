//! Object files of Go's assembler: what `cmd/asm` writes (`cmd/internal/goobj`), read into symbols, relocations and tables.
//!
//! Problem: packages hold Plan 9 assembly. The distribution has the assembler for it; what it makes is an object file for gc's linker.
//! Strategy: golift runs that assembler (driver) and reads its objects here; lowering turns their symbols into functions and data of the program.
//! Of the format this crate knows what the assembler uses: symbols that are all named (an assembler knows no packages by number),
//! constants that are found by content, and of the tables of functions those for frame sizes, files and lines. Debug information and the
//! maps for gc's stack copying are passed over.
//!
//! Invariants: an [`Object`] is complete: each reference of a relocation leads to a symbol of the object or has a name. What is not understood is an
//! error that names it; damaged files are errors, too, never panics.

#![warn(missing_docs)]

mod bytes;
mod object;
mod reader;
mod tables;

pub use object::{Function, Kind, Object, Reloc, RelocKind, Symbol, SymbolRef};
pub use reader::read;
pub use tables::PcValues;
