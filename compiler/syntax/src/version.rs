//! Language versions.

use std::fmt;

/// `go1.N`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct GoVersion(pub u16);

impl GoVersion {
    /// The newest version this compiler knows.
    pub const LATEST: GoVersion = GoVersion(27);

    /// Of `go1.21`, `1.21`, `go1.21.3`, `1.21rc2`.
    pub fn parse(text: &str) -> Option<GoVersion> {
        let text = text.strip_prefix("go").unwrap_or(text);
        let rest = text.strip_prefix("1.")?;
        let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        rest[..end].parse().ok().map(GoVersion)
    }

    /// Does each iteration of a `for` loop have its own variables?
    pub fn loop_var_per_iteration(self) -> bool {
        self >= GoVersion(22)
    }
}

impl fmt::Display for GoVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "go1.{}", self.0)
    }
}
