//! What the linker is asked for.

/// Settings of one link.
#[derive(Clone, Debug, Default)]
pub struct LinkOptions {
    /// Text for `debug.BuildInfo`, with its marks.
    pub build_info: Vec<u8>,
    /// The version of Go that the build information names.
    pub go_version: String,
    /// No symbol table (`-s`).
    pub strip_symbols: bool,
    /// No DWARF (`-w`).
    pub strip_debug: bool,
}

impl LinkOptions {
    /// What `debug/buildinfo` looks for at the start of writable data: a mark, then version and build information with
    /// their lengths.
    pub(crate) fn build_info_blob(&self) -> Vec<u8> {
        const INLINE_STRINGS: u8 = 2;
        let mut blob = b"\xff Go buildinf:".to_vec();
        blob.extend([8, INLINE_STRINGS]);
        blob.resize(32, 0);
        for text in [self.go_version.as_bytes(), &self.build_info] {
            let mut length = text.len();
            while length >= 0x80 {
                blob.push(length as u8 | 0x80);
                length >>= 7;
            }
            blob.push(length as u8);
            blob.extend(text);
        }
        blob
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_several_bytes() {
        let options = LinkOptions { go_version: "go1".into(), build_info: vec![b'x'; 300], ..LinkOptions::default() };
        let blob = options.build_info_blob();
        assert_eq!(blob[..16], *b"\xff Go buildinf:\x08\x02");
        assert_eq!(blob[32..38], [3, b'g', b'o', b'1', 0xac, 2]);
        assert_eq!(blob.len(), 38 + 300);
    }
}
