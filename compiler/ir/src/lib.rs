//! The SSA intermediate representation of Golift.
//!
//! # What it is
//!
//! A [`Program`] is a set of functions and data objects, both named by dense ids. A function body is a
//! control-flow graph of blocks with parameters (no phis); every value is a machine scalar. Go types do
//! not exist here: strings, slices, interfaces and small structs are already split into scalars, larger
//! things live in memory (stack slots, heap objects, data objects).
//!
//! # Rules (checked by [`verify`])
//!
//! * Each block ends in exactly one terminator and has none elsewhere; the entry block is never a branch target.
//! * Every use is dominated by its definition. Branch arguments match block parameters in number and type.
//! * `bool` is `I8` holding 0 or 1. Addresses are `Ptr`; only `PtrAdd`, `IntToPtr`, loads, calls, `Select` and
//!   block parameters make new ones. Integer arithmetic is modulo 2^n; shift counts must be below the width
//!   (lowering emits Go's semantics); division traps are guarded by lowering (zero and MIN/-1).
//! * `Load`/`Store` may fault for a nil address unless `MemFlags::notrap`: the fault becomes Go's nil panic.
//! * `Store` with `MemFlags::barrier` writes a pointer into memory that may be in the heap: the write barrier
//!   pass or codegen shades old and new value while the collector marks.
//! * The landing block of `RecoveryPoint` has one parameter, the address of the recovery record, and it and all blocks
//!   that it reaches use only that parameter, constants, and values defined there (never slots or earlier values).
//!
//! Text form: see [`print`] and [`parse`].

#![warn(missing_docs)]

mod assembly;
pub mod builder;
pub mod current;
pub mod data;
pub mod dom;
pub mod entities;
pub mod function;
pub mod inst;
mod names;
pub mod parse;
pub mod print;
pub mod program;
pub mod reach;
mod runtime_fn;
mod texts;
mod variables;
pub mod verify;

pub use assembly::{AsmCode, AsmReloc, AsmRelocKind, Assembly};
pub use builder::{FunctionBuilder, Variable};
pub use data::{Bytes, Data, DataId, Reloc, RelocKind, RelocTarget, Section};
pub use entities::*;
pub use function::{BlockData, Function, LocData, SlotData, ValueData, ValueDef};
pub use inst::*;
pub use parse::parse_program;
pub use print::{print_body, print_func, print_program};
pub use program::{CallConv, FuncDecl, FuncFlags, Linkage, Program, Signature, is_compiler_made};
pub use runtime_fn::{MAP_TYPE_GROUP_SIZE, RuntimeFn, RuntimeFns};
pub use texts::Texts;
pub use variables::{ScopeData, SourceVarData, VarPlace};
pub use verify::{verify_func, verify_program};
