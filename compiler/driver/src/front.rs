//! What the front end is for, and what it leaves.

use golift_check::Checked;
use golift_load::Graph;

use crate::tool_flags::CompileFlags;

/// What the front end leaves for the back end.
pub struct Front {
    /// Packages, parsed.
    pub graph: Graph,
    /// The same, type-checked.
    pub checked: Checked,
    /// `-gcflags` of each package.
    pub flags: Vec<CompileFlags>,
}

/// How much of the front end to run, and for what.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Types are all that is asked for: bodies of the distribution are taken to be right.
    Check,
    /// A program is to be made.
    Build,
    /// Programs of the packages' tests.
    Test,
    /// The packages and their tests as `go` sees them.
    Vet,
}
