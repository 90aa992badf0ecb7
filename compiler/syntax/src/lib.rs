//! Source text to syntax tree: lexer, parser, positions, diagnostics.
//!
//! No file IO: whoever calls reads the files.

pub mod ast;
pub mod diag;
pub mod pos;
pub mod span;
pub mod symbol;

pub use ast::*;
pub use diag::Diagnostic;
pub use pos::{decl_end_pos, end_pos, start_pos, stmt_end_pos, stmt_start_pos};
pub use span::{FileId, LineDirective, LineTable, Pos, Position, SourceFile, SourceMap};
pub use symbol::{Symbol, SymbolCache};
