//! How functions, data, symbols and marks are named in CLIF.

use golift_abi as abi;

/// Bit of a CLIF source location: no asynchronous preemption.
pub const NO_PREEMPT: u32 = 1 << 31;

/// Name spaces of Cranelift's user names.
pub mod space {
    pub const FUNC: u32 = 0;
    pub const DATA: u32 = 1;
    /// Index into [`SYMBOLS`](crate::names::SYMBOLS).
    pub const SYMBOL: u32 = 2;
    /// A call that is replaced by nops: it only marks a place. The index says what to put there.
    pub const MARKER: u32 = 3;
}

/// Marker indices.
pub const MARKER_NOP: u32 = 0;
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

pub fn symbol_index(name: &str) -> u32 {
    SYMBOLS.iter().position(|s| *s == name).expect("symbol is in the list") as u32
}
