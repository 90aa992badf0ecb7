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
    text_end,
    functab,
    nfunctab,
    pcline,
    /// [`Loc`](crate::Loc) nodes.
    locs,
    nlocs,
    strtab,
    /// Frame tables, and their size in bytes.
    frames,
    frames_len,
    roots,
    nroots,
    /// Bounds of read-only data with type descriptors.
    types,
    etypes,
    /// `*abi.Type` addresses of all descriptors in the executable, sorted by type string.
    typelinks,
    ntypelinks,
    /// `*abi.ITab` addresses of all static itabs.
    itabs,
    nitabs,
    /// Bounds of data + bss (everything writable).
    data_start,
    data_end,
    /// `debug.BuildInfo` text: address and length.
    modinfo,
    modinfo_len,
}
