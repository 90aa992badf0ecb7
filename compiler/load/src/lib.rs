//! From a command line to parsed and checked packages; the only reader of Go source files.
//!
//! [`find_goroot`] finds or installs the Go distribution, [`load`] reads and parses the named packages and all that they import,
//! [`check`](check::check) type-checks them in parallel. Between the distribution and the parser stands the [`Overlay`]: our files in
//! place of what is written in assembly or bound to gc.

pub mod check;
mod context;
mod embed;
mod faults;
mod fetch;
pub mod files;
mod godebug;
mod gomod;
mod goroot;
mod graph;
mod header;
mod install;
mod modules;
mod order;
mod overlay;
mod patterns;
mod scan;
pub mod temporary;
mod workspace;

pub use check::{CheckOptions, Checked, CheckedPackage, check};
pub use context::{Context, GO_MINOR};
pub use embed::Embed;
pub use goroot::{existing_goroot, find_goroot, version as goroot_version};
pub use graph::{Compiler, Graph, Import, LoadError, LoadedPackage, Request, load, shorten};
pub use install::{PINNED_VERSION, pinned, pinned_dir};
pub use modules::{Dependency, Origin};
pub use overlay::Overlay;
pub use patterns::clean;
pub use scan::describe;
pub use workspace::{ModuleFlags, module_root, work_file};
