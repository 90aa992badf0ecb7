//! What a stack check tells the morestack thunk: one 8-byte word behind the function, whose address comes in a register.
//!
//! ```text
//!   bits 0..28    bytes from the function's entry to the word
//!   bits 28..52   bytes of stack that the function needs, in units of 64
//!   bits 52..64   bytes of its stack arguments, in units of 16
//! ```

/// Bits for the way back to the function's entry.
pub const BACK_BITS: u32 = 28;
/// Bits for the stack that the function needs.
pub const NEED_BITS: u32 = 24;
/// Bits for its stack arguments.
pub const ARGS_BITS: u32 = 12;
/// Bytes that one of the need's units stands for.
pub const NEED_UNIT: u32 = 64;
/// Bytes that one of the arguments' units stands for.
pub const ARGS_UNIT: u32 = 16;

/// The most bytes of stack that a function can ask for: just under 1 GB, gc's limit of a frame.
pub const MAX_NEED: u32 = ((1 << NEED_BITS) - 1) * NEED_UNIT;
/// The most bytes of stack arguments.
pub const MAX_ARGS: u32 = ((1 << ARGS_BITS) - 1) * ARGS_UNIT;

/// What the word says, in bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Unpacked {
    /// From the function's entry to the word.
    pub back: u64,
    /// Stack that the function needs.
    pub need: u32,
    /// Its stack arguments.
    pub args: u32,
}

/// The word; `need` and `args` are rounded up to their units.
///
/// # Panics
///
/// When a number is too large for its bits.
pub const fn pack(back: u64, need: u32, args: u32) -> u64 {
    assert!(back < 1 << BACK_BITS && need <= MAX_NEED && args <= MAX_ARGS);
    back | (need.div_ceil(NEED_UNIT) as u64) << BACK_BITS | (args.div_ceil(ARGS_UNIT) as u64) << (BACK_BITS + NEED_BITS)
}

/// Reads the word.
pub const fn unpack(word: u64) -> Unpacked {
    Unpacked {
        back: word & ((1 << BACK_BITS) - 1),
        need: ((word >> BACK_BITS) & ((1 << NEED_BITS) - 1)) as u32 * NEED_UNIT,
        args: (word >> (BACK_BITS + NEED_BITS)) as u32 * ARGS_UNIT,
    }
}
