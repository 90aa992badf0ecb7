//! What passes see: settings, the program, and what is known of callees.

use crate::remarks::{Remark, RemarkKind, Remarks};
use cranelift_entity::EntityRef;
use cranelift_entity::SecondaryMap;
use golift_ir::{FuncId, Function, Loc, LocData, Program};
use rustc_hash::{FxHashMap, FxHashSet};
use std::fmt;

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
    /// Functions that some passes are left out for (`-d=golift/NAME=off`): to find the pass that breaks a program.
    pub passes_off: FxHashMap<FuncId, Vec<&'static str>>,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            verify: cfg!(debug_assertions),
            inline: true,
            disabled: false,
            no_inlining: FxHashSet::default(),
            unoptimized: FxHashSet::default(),
            passes_off: FxHashMap::default(),
        }
    }
}

/// What is known of finished functions.
pub type Summaries = SecondaryMap<FuncId, Option<Summary>>;

/// What a pass may look at besides the body it works on.
pub struct Context<'a> {
    /// The program, without the body that is worked on; those of functions that come later are as lowered.
    pub program: &'a Program,
    /// What to do.
    pub opts: &'a Options,
    /// The function whose body it is.
    pub id: FuncId,
    /// Component of each function in the call graph; calls within a component are recursive.
    pub component: &'a SecondaryMap<FuncId, u32>,
    /// What is known of finished functions.
    pub summaries: &'a Summaries,
    /// Who wants to know.
    pub remarks: Option<&'a Remarks>,
    /// The name of the pass that runs.
    pub pass: &'static str,
    /// The pass does not run again on this body.
    pub last: bool,
}

impl Context<'_> {
    /// Says something about the code at a location of `f`, if anybody wants to know.
    pub fn remark(&self, f: &Function, loc: Loc, kind: RemarkKind, message: impl FnOnce() -> String) {
        let Some(remarks) = self.remarks else { return };
        if kind == RemarkKind::Missed && !self.last {
            return;
        }
        let LocData { file, line, column, .. } = f.locs[loc];
        let mut outermost = loc;
        while f.locs[outermost].parent.index() != 0 {
            outermost = f.locs[outermost].parent;
        }
        let function = f.locs[outermost].func;
        remarks.add(Remark { pass: self.pass, kind, function, file, line, column, message: message() });
    }
}

/// What a function does with its pointer parameters.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Summary {
    /// By parameter index.
    pub(crate) params: Vec<Flow>,
    /// It may write bytes of memory that was there before the call.
    pub(crate) writes: bool,
    /// Size for the inliner's budget, or why the body must not be inlined.
    pub inline_cost: Result<u32, Hindrance>,
}

/// Where an address ends up, and what is reachable from it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Flow {
    /// Stored somewhere or passed to unknown code.
    pub escapes: bool,
    /// Reaches a block parameter.
    pub joins: bool,
    /// Bit i: may be result i of the function.
    pub results: u16,
    /// An address in the memory behind it is stored somewhere or passed to unknown code.
    pub leaks: bool,
    /// Only something that such addresses lead to is.
    pub leaks_deep: bool,
    /// Bit i: an address in the memory behind it may be result i of the function.
    pub contents: u16,
    /// Bit i: something that such addresses lead to may be.
    pub deep_contents: u16,
    /// Something is written through it.
    pub writes: bool,
    /// The address itself is compared with another.
    pub compared: bool,
    /// It may be called as a func value: its code gets it as first argument. What that does is for those to find out who know
    /// the code.
    pub called: bool,
}

impl Flow {
    pub const ESCAPES: Flow = Flow {
        escapes: true,
        joins: true,
        results: u16::MAX,
        leaks: true,
        leaks_deep: true,
        contents: u16::MAX,
        deep_contents: u16::MAX,
        writes: true,
        compared: true,
        called: true,
    };

    /// Why the object may not live in the frame; `in_loop`: it is made on a cycle.
    pub fn keeps_on_heap(self, in_loop: bool) -> Option<&'static str> {
        if self.escapes {
            return Some("its address is stored or passed to code that may keep it");
        }
        if self.results != 0 {
            return Some("it is returned");
        }
        (in_loop && self.joins).then_some("one iteration may use that of another")
    }
}

/// Why a call is not inlined.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Hindrance {
    /// There is no body.
    Bodyless,
    /// Caller and callee call each other.
    Recursive,
    /// Marked `noinline`, or a wrapper.
    Forbidden,
    /// Never returns.
    NoReturn,
    /// Looks at its own frame.
    LooksAtFrame,
    /// Has inlined too many levels of calls itself.
    TooDeep,
    /// Costs so much, of what is allowed.
    TooLarge(u32, usize),
}

impl fmt::Display for Hindrance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Hindrance::Bodyless => f.write_str("no body"),
            Hindrance::Recursive => f.write_str("recursive"),
            Hindrance::Forbidden => f.write_str("marked noinline"),
            Hindrance::NoReturn => f.write_str("does not return"),
            Hindrance::LooksAtFrame => f.write_str("looks at its frame"),
            Hindrance::TooDeep => f.write_str("calls inlined too deeply"),
            Hindrance::TooLarge(cost, limit) => write!(f, "cost {cost} exceeds {limit}"),
        }
    }
}
