//! What targets are asked, and what they answer.

use crate::frame_table::FrameTable;

/// Numbers of the registers that carry arguments (`CallConv::Tail`).
pub(crate) struct ArgumentRegisters {
    pub int: usize,
    pub float: usize,
}

/// The stack check of one function.
pub(crate) struct StackCheck {
    /// Comes before the body.
    pub entry: Vec<u8>,
    /// Comes behind it.
    pub more: Vec<u8>,
}

/// What is behind a stack check.
#[derive(Clone, Copy)]
pub(crate) struct Checked {
    /// Bytes of the body.
    pub body: u32,
    /// Bytes of stack that the function needs below its return address.
    pub need: u32,
    /// Bytes of arguments on the stack.
    pub args: u32,
}

/// What a look at finished code finds.
#[derive(Default)]
pub(crate) struct Analysis {
    /// What its frames hold at calls; `None` if that is not known.
    pub frame: Option<FrameTable>,
    /// The code, if it could be made better.
    pub code: Option<Vec<u8>>,
}
