//! What passes see: settings, the program, and what is known of callees.

use cranelift_entity::SecondaryMap;
use golift_ir::{FuncId, Program};
use rustc_hash::FxHashSet;

/// What is asked of the optimiser.
#[derive(Clone, Debug)]
pub struct Options {
    /// Verify after each pass.
    pub verify: bool,
    /// Inline calls (`-l` turns it off).
    pub inline: bool,
    /// All optimisation off but escape analysis (`-N`).
    pub disabled: bool,
    /// Functions that calls are not inlined into.
    pub no_inlining: FxHashSet<FuncId>,
    /// Functions that are treated as if everything was disabled.
    pub unoptimized: FxHashSet<FuncId>,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            verify: cfg!(debug_assertions),
            inline: true,
            disabled: false,
            no_inlining: FxHashSet::default(),
            unoptimized: FxHashSet::default(),
        }
    }
}

/// What a pass may look at besides the body it works on.
pub struct Context<'a> {
    pub program: &'a Program,
    pub opts: &'a Options,
    pub id: FuncId,
    /// Component of each function in the call graph; calls within a component are recursive.
    pub component: &'a SecondaryMap<FuncId, u32>,
    pub summaries: &'a SecondaryMap<FuncId, Option<Summary>>,
}

/// What a function does with its pointer parameters.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    /// By parameter index.
    pub(crate) params: Vec<Flow>,
    /// Size for the inliner's budget; `None` if the body must not be inlined.
    pub inline_cost: Option<u32>,
}

/// Where an address ends up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Flow {
    /// Stored somewhere or passed to unknown code.
    pub escapes: bool,
    /// Reaches a block parameter.
    pub joins: bool,
    /// Bit i: may be result i of the function.
    pub results: u16,
}

impl Flow {
    pub const ESCAPES: Flow = Flow { escapes: true, joins: true, results: 0 };
}
