//! Variables of `//go:embed`: a string, a byte slice, or an `embed.FS`.
//!
//! An FS is a pointer to a slice of `{name, data string; hash [16]byte}`, sorted by directory and then by last element; directories are
//! entries whose names end in a slash. Nothing reads the hashes.

use crate::lower::{EmbedData, Lower};
use crate::ty::{Ty, TyKind};
use golift_ir as ir;
use golift_ir::{Bytes, DataId, RelocKind, RelocTarget, Section};
use std::sync::Arc;

const FILE_SIZE: usize = 48;

impl Lower<'_> {
    /// Gives an embed variable its contents.
    pub fn fill_embed(&mut self, d: DataId, t: Ty, embed: &EmbedData) {
        let (bytes, target) = match self.tys.under_kind(t) {
            TyKind::Struct(_) => {
                let files = self.embed_files(embed);
                (vec![0; 8], files)
            }
            kind => {
                let contents = embed.files.first().map(|f| Arc::clone(&f.1)).unwrap_or_default();
                let n = contents.len() as u64;
                let (words, data) = match kind {
                    // A slice may be written to.
                    TyKind::Slice(_) => (3, self.writable(contents)),
                    _ => (2, self.embedded(&contents)),
                };
                let mut bytes = vec![0; 8 * words];
                for word in bytes.chunks_mut(8).skip(1) {
                    word.copy_from_slice(&n.to_le_bytes());
                }
                (bytes, data)
            }
        };
        let data = &mut self.prog.datas[d];
        data.section = Section::Data;
        data.bytes = bytes.into();
        data.relocs = vec![pointer(0, target)];
    }

    /// Read-only contents of a file, which may be large.
    fn embedded(&mut self, contents: &Arc<Vec<u8>>) -> DataId {
        if let Some(&d) = self.extra.contents.get(&Arc::as_ptr(contents)) {
            return d;
        }
        let d = self.rodata(Bytes::Shared(Arc::clone(contents)), 1);
        self.extra.contents.insert(Arc::as_ptr(contents), d);
        d
    }

    fn writable(&mut self, contents: Arc<Vec<u8>>) -> DataId {
        let d = self.rodata(Bytes::Shared(contents), 8);
        self.prog.datas[d].section = Section::Data;
        d
    }

    /// The slice header that an FS points to.
    fn embed_files(&mut self, embed: &EmbedData) -> DataId {
        let mut entries: Vec<(String, Option<&Arc<Vec<u8>>>)> = Vec::new();
        for (name, data) in &embed.files {
            entries.push((name.clone(), Some(data)));
            for (i, _) in name.match_indices('/') {
                entries.push((name[..=i].to_string(), None));
            }
        }
        entries.sort_by_key(|e| split(&e.0));
        entries.dedup_by(|a, b| a.0 == b.0);
        let n = entries.len();
        let mut bytes = vec![0u8; FILE_SIZE * n];
        let mut relocs = Vec::new();
        for (i, (name, data)) in entries.iter().enumerate() {
            let at = FILE_SIZE * i;
            let mut string = |off: usize, target: DataId, len: usize| {
                relocs.push(pointer((at + off) as u32, target));
                bytes[at + off + 8..at + off + 16].copy_from_slice(&(len as u64).to_le_bytes());
            };
            string(0, self.string_data(name.as_bytes()), name.len());
            if let Some(data) = data.filter(|data| !data.is_empty()) {
                string(16, self.embedded(data), data.len());
            }
        }
        let array = self.rodata(bytes, 8);
        self.prog.datas[array].relocs = relocs;
        let mut header = vec![0u8; 24];
        header[8..16].copy_from_slice(&(n as u64).to_le_bytes());
        header[16..24].copy_from_slice(&(n as u64).to_le_bytes());
        let slice = self.rodata(header, 8);
        self.prog.datas[slice].relocs = vec![pointer(0, array)];
        slice
    }
}

/// Directory and last element, the order of package embed.
fn split(name: &str) -> (String, String) {
    let trimmed = name.trim_end_matches('/');
    match trimmed.rsplit_once('/') {
        Some((dir, elem)) => (dir.to_string(), elem.to_string()),
        None => (".".to_string(), trimmed.to_string()),
    }
}

fn pointer(offset: u32, target: DataId) -> ir::Reloc {
    ir::Reloc { offset, kind: RelocKind::Abs64, target: RelocTarget::Data(target), addend: 0 }
}
