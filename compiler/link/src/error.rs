//! Why there is no image.

use std::fmt;

/// What a link can fail with.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum LinkError {
    /// Symbols without definition, each with some of the places that refer to it.
    Undefined(Vec<(String, Vec<String>)>),
    /// The image does not fit below 2 GB.
    TooLarge { bytes: u64 },
    /// The program was compiled for another machine than the runtime object.
    Target(String),
    /// The runtime object cannot be used: a defect of this build of golift.
    Runtime(String),
}

impl fmt::Display for LinkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LinkError::Undefined(names) => {
                for (i, (name, users)) in names.iter().enumerate() {
                    let sep = if i > 0 { "\n" } else { "" };
                    write!(f, "{sep}undefined symbol {name}, used by {}", users.join(", "))?;
                }
                Ok(())
            }
            LinkError::TooLarge { bytes } => write!(f, "the program is too large: {bytes} bytes"),
            LinkError::Target(e) | LinkError::Runtime(e) => f.write_str(e),
        }
    }
}

impl std::error::Error for LinkError {}
