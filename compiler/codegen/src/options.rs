//! What code generation is asked for.

use std::sync::Arc;

use crate::cache::CodeCache;

/// Settings for a program.
#[derive(Clone, Debug)]
pub struct Options {
    /// Run Cranelift's verifier.
    pub verify: bool,
    /// Worker threads; 0 takes the number of CPUs.
    pub threads: usize,
    /// Optimise in Cranelift (`-N` turns it off).
    pub optimize: bool,
    /// Print the CLIF of functions whose name equals this.
    pub dump: Option<String>,
    /// Compile only these functions (by reachability); `None`: all with a body.
    pub only: Option<golift_ir::reach::Reachable>,
    /// Where machine code of earlier runs may be.
    pub cache: Option<Arc<dyn CodeCache>>,
}

impl Default for Options {
    fn default() -> Self {
        Options { verify: cfg!(debug_assertions), threads: 0, optimize: true, dump: None, only: None, cache: None }
    }
}
