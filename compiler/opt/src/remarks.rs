//! What the optimiser did and did not do, for those who ask.
//!
//! Passes report through [`Context::remark`](crate::Context::remark): without a sink that costs a comparison, and the message is not even made. A pass that
//! runs several times says what it could *not* do only when it runs for the last time; what is said twice about one place counts once.

use golift_ir::Text;
use rustc_hash::FxHashSet;
use std::cell::RefCell;

/// Whether a pass did what the remark is about.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum RemarkKind {
    /// It did.
    Applied,
    /// It did not, for the reason given.
    Missed,
}

/// Something that a pass has to say about a place in the source.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Remark {
    /// The name of the pass, as in [`PASSES`](crate::PASSES).
    pub pass: &'static str,
    /// Done or not.
    pub kind: RemarkKind,
    /// The function that was worked on: index into `Program::texts`, as are all texts here. The place may be in one inlined into it.
    pub function: Text,
    /// File of the place; empty if it is not known.
    pub file: Text,
    /// Line, from 1.
    pub line: u32,
    /// Column in bytes, from 1; 0 is unknown.
    pub column: u32,
    /// What happened.
    pub message: String,
}

/// Takes the remarks of all passes.
#[derive(Default, Debug)]
pub struct Remarks {
    state: RefCell<State>,
}

#[derive(Default, Debug)]
struct State {
    list: Vec<Remark>,
    seen: FxHashSet<Remark>,
}

impl Remarks {
    pub(crate) fn add(&self, remark: Remark) {
        let mut state = self.state.borrow_mut();
        if state.seen.insert(remark.clone()) {
            state.list.push(remark);
        }
    }

    /// All remarks, in the order in which functions were worked on: it depends on the program only.
    pub fn into_list(self) -> Vec<Remark> {
        self.state.into_inner().list
    }
}
