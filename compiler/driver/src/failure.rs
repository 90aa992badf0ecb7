//! How a command ends: exit codes, and why there is no result.

use std::io::Write as _;

/// An exit code.
pub type Exit = u8;

/// The exit code for wrong flags and arguments, and for what golift cannot do.
pub const USAGE: Exit = 2;

/// Why there is no result. What there was to say has been said, except for messages.
#[derive(Debug)]
pub enum Failure {
    /// Errors in the user's program, already printed.
    Reported,
    /// What went wrong.
    Message(String),
    /// A message about settings that make no sense, or that golift cannot honour: ends as wrong flags do.
    Usage(String),
}

impl From<String> for Failure {
    fn from(msg: String) -> Failure {
        Failure::Message(msg)
    }
}

/// Output for a reader that may have gone away.
pub fn print_all(text: &str) -> Result<Exit, Failure> {
    match std::io::stdout().write_all(text.as_bytes()) {
        Ok(()) => Ok(0),
        Err(e) => Err(Failure::Message(format!("golift: {e}"))),
    }
}
