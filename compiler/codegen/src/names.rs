//! How functions, data, symbols and marks are named in CLIF.

use golift_abi as abi;

/// Bit of a CLIF source location: no asynchronous preemption.
pub const NO_PREEMPT: u32 = 1 << 31;
/// Bit of a CLIF source location with [`NO_PREEMPT`]: so is all code up to the next such location, whatever was moved there.
pub const NO_PREEMPT_FOLLOWS: u32 = 1 << 30;

/// Name spaces of Cranelift's user names.
pub mod space {
    /// Index of a function of the program.
    pub const FUNC: u32 = 0;
    /// Index of a data object.
    pub const DATA: u32 = 1;
    /// Index into [`SYMBOLS`](crate::names::SYMBOLS).
    pub const SYMBOL: u32 = 2;
    /// A call that is replaced by nops: it only marks a place. The index says what to put there.
    pub const MARKER: u32 = 3;
}

/// A marker's index: nothing but the place is of interest.
pub const MARKER_NOP: u32 = 0;
/// A marker's index: a processor that waits may rest here.
pub const MARKER_PAUSE: u32 = 1;

/// Runtime symbols that code generation itself refers to.
pub const SYMBOLS: &[&str] = &[
    abi::sym::WRITE_BARRIER,
    abi::sym::GC_WRITE_BARRIER,
    abi::sym::MEMMOVE,
    abi::sym::MEMCLR,
    abi::sym::FMA,
    abi::sym::FMAF,
];

/// Index into [`SYMBOLS`].
pub fn symbol_index(name: &str) -> u32 {
    SYMBOLS.iter().position(|s| *s == name).expect("symbol is in the list") as u32
}
