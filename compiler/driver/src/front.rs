//! What the front end is for, and what it leaves.

use golift_check::Checked;
use golift_load::{Graph, LoadedPackage};

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

/// What the runtime is made of.
pub fn is_of_runtime(package: &LoadedPackage) -> bool {
    let below =
        |root: &str| package.path.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    package.is_std()
        && (["runtime", "internal/runtime", "internal/coverage", "sync/atomic", "unsafe"]
            .iter()
            .any(|root| below(root))
            || matches!(
                &*package.path,
                "internal/abi" | "internal/bytealg" | "internal/cpu" | "internal/goarch" | "internal/goos"
            ))
}
