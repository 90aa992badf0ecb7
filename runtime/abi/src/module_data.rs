//! The linker's description of the executable.

/// Declares the struct and the list of its fields once.
macro_rules! module_data {
    ($($(#[$doc:meta])* $field:ident,)*) => {
        /// Written by the linker at symbol `runtime.moduledata`, with absolute addresses; package runtime's `moduledata` mirrors
        /// it. While the linker fills it, fields may be something else than numbers.
        /// A string in the string table is uleb128(length) + bytes.
        #[repr(C)]
        #[derive(Clone, Copy, Debug)]
        pub struct ModuleData<T = u64> {
            $($(#[$doc])* pub $field: T,)*
        }

        impl<T> ModuleData<T> {
            /// Names of the fields, in order.
            pub const NAMES: &'static [&'static str] = &[$(stringify!($field)),*];

            /// The fields, in order.
            pub fn fields(self) -> [T; [$(stringify!($field)),*].len()] {
                [$(self.$field),*]
            }
        }
    };
}

module_data! {
    /// Bounds of compiled Go code.
    text_start,
    /// The end of them.
    text_end,
    /// [`FuncEntry`](crate::FuncEntry) records.
    functab,
    /// Their number.
    nfunctab,
    /// Line programs.
    pcline,
    /// [`Loc`](crate::Loc) nodes.
    locs,
    /// Their number.
    nlocs,
    /// The string table.
    strtab,
    /// Frame tables.
    frames,
    /// Bytes of the frame tables.
    frames_len,
    /// [`GcRoot`](crate::GcRoot) records.
    roots,
    /// Their number.
    nroots,
    /// Bounds of read-only data with type descriptors.
    types,
    /// The end of them.
    etypes,
    /// `*abi.Type` addresses of all descriptors in the executable, sorted by type string.
    typelinks,
    /// Their number.
    ntypelinks,
    /// `*abi.ITab` addresses of all static itabs.
    itabs,
    /// Their number.
    nitabs,
    /// Bounds of data + bss (everything writable).
    data_start,
    /// The end of them.
    data_end,
    /// `debug.BuildInfo` text.
    modinfo,
    /// Its length.
    modinfo_len,
}
