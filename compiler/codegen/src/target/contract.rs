//! What targets are asked, and what they answer.

/// Numbers of the registers that carry arguments (`CallConv::Tail`).
pub(crate) struct ArgumentRegisters {
    /// For integers and addresses.
    pub int: usize,
    /// For floats.
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

/// Code between Go and assembly.
pub struct Bridge {
    /// The bytes.
    pub code: Vec<u8>,
    /// The call in it.
    pub call: Option<BridgeCall>,
    /// Bytes of the frame below the frame pointer.
    pub frame_size: u32,
}

/// The call in a bridge.
pub struct BridgeCall {
    /// Where the four bytes of the distance are.
    pub at: u32,
    /// Where it begins, and the bytes between the stack pointer and the bridge's own return address there.
    pub depth: (u32, u32),
}
