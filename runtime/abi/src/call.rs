//! Numbers of the calling convention of Go functions (ARCHITECTURE.md, "Compiled code").

/// A value of more scalars lives in memory and is passed by address.
pub const MAX_SCALARS: usize = 4;
/// Registers for results of one kind, integers or floats; more results go through memory of the caller.
pub const MAX_RESULTS: usize = 8;
