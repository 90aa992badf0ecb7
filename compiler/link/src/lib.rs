//! The linker: lays out compiled code, data and the runtime object and writes the executable.
//!
//! Problem: turn a compiled program into a static ELF file in milliseconds, without a linker on the user's machine.
//! Strategy: the Rust runtime was prelinked into one relocatable object when golift was built (`build.rs`). Its
//! sections, the program's functions and the program's data objects are the *atoms* of the link:
//!
//! 1. `reach`: atoms that the entry point needs, everything else is dropped;
//! 2. `layout`: atoms and tables get addresses in three segments (read-only, code, writable);
//! 3. `tables`: function, line and root tables for the runtime; most are made before addresses are known;
//! 4. `write`: bytes are copied and relocated, ELF headers and symbols are added.
//!
//! `external` stops before `layout`: it writes a relocatable object, and another linker does the rest.
//!
//! Invariants: the image lies at `abi::IMAGE_BASE` below 2 GB, so 32-bit absolute relocations always fit. All
//! orders derive from ids and from the runtime object, never from hashing or threads: equal input gives equal bytes.

#![warn(missing_docs)]

mod addresses;
mod elf;
mod error;
mod external;
mod fips;
mod fips_module;
mod image;
mod layout;
mod module_data;
mod options;
mod reach;
mod reloc;
mod roots;
mod runtime_object;
mod symbols;
mod tables;
mod writable;
mod write;

pub use error::LinkError;
pub use external::{ENTRY, Objects, SCRIPT, external_objects};
pub use fips_module::LINK_INFO as FIPS_LINK_INFO;
pub use image::Image;
pub use options::LinkOptions;
pub use runtime_object::RUNTIME;

use golift_codegen::CompiledProgram;
use golift_ir::Program;

/// Is there a runtime for the target?
pub fn supports(target: golift_codegen::Target) -> bool {
    runtime_object::machine(RUNTIME) == Some(target)
}

/// Links a program with the runtime.
pub fn link(program: &Program, compiled: &CompiledProgram, opts: &LinkOptions) -> Result<Image, LinkError> {
    link_with_runtime(program, compiled, opts, RUNTIME)
}

/// Links with another runtime object (tests).
pub fn link_with_runtime(
    program: &Program,
    compiled: &CompiledProgram,
    opts: &LinkOptions,
    runtime: &[u8],
) -> Result<Image, LinkError> {
    let object = runtime_object::parse(runtime, compiled.target)?;
    let input = symbols::Input { program, compiled, runtime: &object };
    let live = reach::find_live(&input)?;
    let tables = tables::build(&input, &live);
    let layout = layout::assign(&input, &live, &tables, opts)?;
    write::image(&input, &live, &layout, &tables, opts)
}
