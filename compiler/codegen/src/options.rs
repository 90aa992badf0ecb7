//! What code generation is asked for.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

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
    /// Told how many functions are done.
    pub counter: Option<Arc<Counter>>,
}

/// How far some work is, for those who wait: written by the workers, read by whoever shows it.
#[derive(Debug, Default)]
pub struct Counter {
    /// What is done.
    pub done: AtomicUsize,
    /// Of how many; 0 before that is known.
    pub total: AtomicUsize,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            verify: cfg!(debug_assertions),
            threads: 0,
            optimize: true,
            dump: None,
            only: None,
            cache: None,
            counter: None,
        }
    }
}
