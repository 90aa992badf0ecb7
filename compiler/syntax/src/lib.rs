//! Source text to syntax tree: lexer, parser, positions, diagnostics.
//!
//! No file IO: whoever calls reads the files.

#![warn(missing_docs)]

pub mod ast;
pub mod constraint;
pub mod diag;
mod directives;
pub mod literal;
pub mod pos;
pub mod print;
pub mod span;
pub mod symbol;

mod lexer;
mod parser;
mod source;
mod stack;
mod token;
pub mod unicode;
mod unicode_tables;
mod version;

pub use ast::*;
pub use diag::{Diagnostic, Severity, Shown, choose};
pub use directives::{DirectiveKind, FuncDirectives, LateCheck, embed_patterns};
pub use parser::{MAX_DEPTH, Mode, parse_file, parse_source};
pub use pos::{decl_end_pos, end_pos, start_pos, stmt_end_pos, stmt_start_pos};
pub use print::{expr_string, stmt_string};
pub use span::{FileId, LineDirective, LineTable, Pos, Position, SourceFile, SourceMap};
pub use stack::{NoThread, SHALLOW, affordable_stack, with_stack, with_stack_size};
pub use symbol::{Symbol, SymbolCache};
pub use version::GoVersion;
