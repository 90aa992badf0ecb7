//! The command line: go's flags, from one table.
//!
//! Go's flags have one dash or two, may be switched off again, stop at the first argument, and may come from `GOFLAGS`. [`line`] reads
//! them so, with go's errors, and refuses what golift cannot do; what comes out is in the form that clap knows. Clap makes
//! [`Flags`] of it, and help, completions and manual come from the same commands ([`grammar`]).

pub mod flags;
pub mod grammar;
pub mod help;
pub mod line;
pub mod quoted;
pub mod table;
pub mod test_line;
pub mod values;
pub mod variables;
pub mod vet_line;

pub use line::{Refusal, change_directory, parse};

#[cfg(test)]
mod go_flags;
