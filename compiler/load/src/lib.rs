//! From a command line to parsed packages; the only reader of Go source files.
//!
//! [`find_goroot`] finds or installs the Go distribution, [`load`] reads and parses the named packages and all that they
//! import. Between the distribution and the parser stands the [`Overlay`]: our files in
//! place of what is written in assembly or bound to gc.

#![warn(missing_docs)]

mod context;
mod embed;
mod faults;
pub mod files;
mod glob;
mod godebug;
mod goroot;
mod graph;
mod header;
mod import_path;
mod install;
mod modules;
mod order;
mod overlay;
mod package;
mod paths;
mod patterns;
mod program;
mod scan;
pub mod temporary;
mod testing;
mod trace;
pub mod world;

pub use context::{Context, GO_MINOR, VARIABLES};
pub use embed::Embed;
pub use files::describe;
pub use goroot::{existing_goroot, find_goroot, version as goroot_version};
pub use graph::{Compiler, Request, load};
pub use install::{PINNED_VERSION, pinned, pinned_dir};
pub use modules::{FetchModules, ModuleFlags, Wanted, module_cache, module_root, work_file};
pub use overlay::Overlay;
pub use package::{Dependency, Fault, Graph, Import, LoadError, LoadedPackage, Location, Origin, Test};
pub use paths::{clean, short_dir, shorten};
pub use program::find_program;
pub use testing::CoverMain;
