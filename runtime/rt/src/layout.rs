//! Checks, at compile time, that structs are laid out as golift-abi says, and so as package runtime has them.

/// `check_layout!(Type, LAYOUT, { field: "name in Go", … })`: offsets, size, and that no field of the table is forgotten.
macro_rules! check_layout {
    ($type:ty, $layout:expr, { $($field:ident: $name:literal,)* }) => {
        const _: () = {
            let layout: &golift_abi::layout::Layout = &$layout;
            $(assert!(core::mem::offset_of!($type, $field) == layout.offset($name), $name);)*
            assert!(layout.fields.len() == [$($name),*].len(), "fields are missing");
            assert!(layout.size == 0 || layout.size == size_of::<$type>(), "size");
        };
    };
}
