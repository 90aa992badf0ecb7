//! Where lowering stands among the scopes of a function: see module variables.

use golift_ir::{Scope, SourceVar};
use golift_types::Obj;
use rustc_hash::FxHashMap;

/// The scopes that are open, and the variables of a function.
#[derive(Default)]
pub struct OpenScopes {
    /// Innermost last; empty if nobody asked. The first is that of the function.
    pub open: Vec<Option<Scope>>,
    /// Entries of the tables.
    pub vars: FxHashMap<Obj, SourceVar>,
}
