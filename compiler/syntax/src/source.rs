//! Source text made fit for the lexer.
//!
//! Go ignores (with an error) NUL characters, invalid UTF-8 and byte order marks
//! wherever they stand, even inside of a name. [`Source`] takes them out beforehand,
//! so that the lexer works on valid UTF-8 in which a zero byte can only mean the end,
//! and maps offsets in the clean text to offsets in the file.

use std::borrow::Cow;

pub struct Source<'a> {
    text: Cow<'a, str>,
    /// (offset in the clean text, bytes removed up to there), sorted. Almost always empty.
    removed: Vec<(u32, u32)>,
    /// (offset in the clean text, offset in the file, message), sorted.
    pub errors: Vec<(u32, u32, &'static str)>,
}

const BOM: char = '\u{feff}';

impl<'a> Source<'a> {
    pub fn new(bytes: &'a [u8]) -> Source<'a> {
        match std::str::from_utf8(bytes) {
            Ok(text) if !bytes.contains(&0) && !text.contains(BOM) => {
                Source { text: Cow::Borrowed(text), removed: Vec::new(), errors: Vec::new() }
            }
            _ => Source::cleaned(bytes),
        }
    }

    #[cold]
    fn cleaned(bytes: &[u8]) -> Source<'a> {
        let mut text = String::with_capacity(bytes.len());
        let mut removed: Vec<(u32, u32)> = Vec::new();
        let mut errors = Vec::new();
        let mut offset = 0u32;
        let mut remove = |text: &str, offset: u32, len: u32, msg: Option<&'static str>| {
            let total = removed.last().map_or(0, |&(_, total)| total) + len;
            removed.push((text.len() as u32, total));
            if let Some(msg) = msg {
                errors.push((text.len() as u32, offset, msg));
            }
        };
        for chunk in bytes.utf8_chunks() {
            for c in chunk.valid().chars() {
                let len = c.len_utf8() as u32;
                match c {
                    '\0' => remove(&text, offset, len, Some("invalid NUL character")),
                    BOM if offset == 0 => remove(&text, offset, len, None),
                    BOM => {
                        let msg = "invalid BOM in the middle of the file";
                        remove(&text, offset, len, Some(msg));
                    }
                    _ => text.push(c),
                }
                offset += len;
            }
            for _ in chunk.invalid() {
                remove(&text, offset, 1, Some("invalid UTF-8 encoding"));
                offset += 1;
            }
        }
        Source { text: Cow::Owned(text), removed, errors }
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    /// The offset in the file of an offset in the clean text.
    pub fn file_offset(&self, offset: u32) -> u32 {
        if self.removed.is_empty() {
            return offset;
        }
        let after = self.removed.partition_point(|&(at, _)| at <= offset);
        offset + after.checked_sub(1).map_or(0, |i| self.removed[i].1)
    }

    /// Offsets in the file of all lines but the first.
    pub fn line_starts(&self) -> Vec<u32> {
        let bytes = self.text.as_bytes();
        let mut starts = Vec::with_capacity(bytes.len() / 24);
        for (i, &byte) in bytes.iter().enumerate() {
            if byte == b'\n' {
                // Not `file_offset(i + 1)`: bytes removed at the start of a line belong to it.
                starts.push(self.file_offset(i as u32) + 1);
            }
        }
        starts
    }
}
