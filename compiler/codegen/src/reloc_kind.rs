//! Kinds of places in machine code that the linker fills in.

/// How the linker patches code.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CodeRelocKind {
    /// 64-bit absolute address.
    Abs64,
    /// 32-bit absolute address.
    Abs32,
    /// 32 bits relative to the place: S + A - P.
    X86Pc32,
    /// arm64 `bl`/`b`: 26 bits of (S + A - P) / 4.
    Arm64Call26,
    /// arm64 `adrp`: page of S + A relative to the page of P.
    Arm64AdrPage21,
    /// arm64 `add`: low 12 bits of S + A.
    Arm64AddLo12,
}
