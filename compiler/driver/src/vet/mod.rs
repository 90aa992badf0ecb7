//! Vet: the analyzers of the distribution, for `golift vet` and `golift test`.
//!
//! Problem: cmd/vet looks at one package per process and has the compiler's export data for what that imports. Golift makes none. Strategy: golift compiles
//! cmd/vet with an entry of ours (`runtime/go/src/cmd/vendor/golang.org/x/tools/go/analysis/unitchecker`), which gets all packages of a command at once, and
//! types from source. What it says about a package is kept under a hash of all that it depends on, so that vet is started only for what has changed; facts
//! about packages that are only imported are kept, too, and then their functions are not looked at again.
//!
//! Invariants: vet sees the distribution as it is, without our overlay; a verdict is a function of its key (see `keys.rs`).

mod batch;
mod command;
mod keys;
mod verdict;
mod verdicts;

pub use command::vet;
pub use verdict::{flags_for_tests, head, parts, with_short_paths};
pub use verdicts::Verdicts;
