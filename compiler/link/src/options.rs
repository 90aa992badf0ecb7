//! What the linker is asked for.

/// Settings of one link.
#[derive(Clone, Debug, Default)]
pub struct LinkOptions {
    /// Text for `debug.BuildInfo`, with its marks.
    pub build_info: Vec<u8>,
    /// No symbol table (`-s`).
    pub strip_symbols: bool,
    /// No DWARF (`-w`).
    pub strip_debug: bool,
}
