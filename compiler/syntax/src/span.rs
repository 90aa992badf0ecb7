//! Source positions.
//!
//! A [`Pos`] is an offset into one space that all files of a [`SourceMap`] share:
//! file *f* owns the positions `base(f) ..= base(f) + size(f)`. Comparing two
//! positions of a file compares offsets; files compare in the order in which they
//! were added, so whoever wants a deterministic order adds files in that order
//! before parsing them in parallel.
//!
//! Lines, columns (bytes, from 1) and the effect of `//line` directives are
//! worked out only when asked for, from a table that the lexer leaves behind.

use std::fmt;
use std::sync::{Arc, OnceLock, RwLock};

/// A source position; `Pos::NONE` is unknown.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Pos(u32);

impl Pos {
    /// No position.
    pub const NONE: Pos = Pos(0);

    /// Is it a position at all?
    pub fn is_known(self) -> bool {
        self.0 != 0
    }

    /// The position `bytes` further on, in the same file.
    #[must_use]
    pub fn offset(self, bytes: u32) -> Pos {
        if self.is_known() { Pos(self.0 + bytes) } else { self }
    }

    /// The raw number, for dense encodings.
    pub fn raw(self) -> u32 {
        self.0
    }

    /// The position of that number; see [`raw`](Pos::raw).
    pub fn from_raw(raw: u32) -> Pos {
        Pos(raw)
    }
}

impl fmt::Debug for Pos {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "@{}", self.0)
    }
}

/// Index of a file in a [`SourceMap`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct FileId(pub u32);

/// A position for people and for line tables: file, line, column.
/// A line or column of 0 is unknown.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Position {
    /// As shown: what `//line` directives say.
    pub filename: Arc<str>,
    /// From 1; 0 is unknown.
    pub line: u32,
    /// In bytes, from 1; 0 is unknown.
    pub col: u32,
}

/// Columns from here on are not shown, as in gc, which keeps 8 bits for them.
pub(crate) const COLUMN_LIMIT: u32 = 255;

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.filename.is_empty() && self.line == 0 {
            return f.write_str("<unknown line number>");
        }
        f.write_str(&self.filename)?;
        if self.line > 0 {
            write!(f, ":{}", self.line)?;
            if self.col > 0 && self.col < COLUMN_LIMIT {
                write!(f, ":{}", self.col)?;
            }
        }
        Ok(())
    }
}

/// All files of a compilation. Shared between threads; files are only ever added.
#[derive(Default)]
pub struct SourceMap {
    /// Sorted by `base`.
    files: RwLock<Vec<Arc<SourceFile>>>,
}

/// What the map knows of one file.
pub struct SourceFile {
    /// Its number in the source map.
    pub id: FileId,
    /// The name to show.
    pub name: Arc<str>,
    base: u32,
    size: u32,
    /// Set once by the lexer.
    lines: OnceLock<LineTable>,
}

/// Line starts and `//line` directives of one file.
#[derive(Default, Debug)]
pub struct LineTable {
    /// Offset of the first byte of each line after the first.
    pub starts: Vec<u32>,
    /// Sorted by `offset`.
    pub directives: Vec<LineDirective>,
}

/// From `offset` (just after the directive) on, positions count from `filename:line:col`.
#[derive(Debug)]
pub struct LineDirective {
    /// Where it takes effect, in bytes.
    pub offset: u32,
    /// The file that it names.
    pub filename: Arc<str>,
    /// The line that it names.
    pub line: u32,
    /// 0: columns are unknown until the next directive.
    pub col: u32,
}

impl SourceMap {
    /// A map without files.
    pub fn new() -> SourceMap {
        SourceMap::default()
    }

    /// Reserves positions for a file of `size` bytes that is shown as `name`.
    ///
    /// # Panics
    /// When all files together exceed 4 GB.
    pub fn add_file(&self, name: &str, size: usize) -> FileId {
        let mut files = self.files.write().unwrap_or_else(|e| e.into_inner());
        let id = FileId(files.len() as u32);
        let base = files.last().map_or(1, |last| last.base + last.size + 1);
        let end = u64::from(base) + size as u64 + 1;
        assert!(end <= u64::from(u32::MAX), "more than 4 GB of source text");
        files.push(Arc::new(SourceFile { id, name: name.into(), base, size: size as u32, lines: OnceLock::new() }));
        id
    }

    /// The file of that number.
    pub fn file(&self, id: FileId) -> Arc<SourceFile> {
        self.files.read().unwrap_or_else(|e| e.into_inner())[id.0 as usize].clone()
    }

    /// The file that holds `pos`.
    pub fn file_of(&self, pos: Pos) -> Option<Arc<SourceFile>> {
        if !pos.is_known() {
            return None;
        }
        let files = self.files.read().unwrap_or_else(|e| e.into_inner());
        let after = files.partition_point(|file| file.base <= pos.0);
        files.get(after.checked_sub(1)?).cloned()
    }

    /// File, line and column as `//line` directives say.
    pub fn position(&self, pos: Pos) -> Position {
        self.file_of(pos).map_or_else(unknown_position, |file| file.position(pos))
    }

    /// File, line and column regardless of `//line` directives.
    pub fn physical_position(&self, pos: Pos) -> Position {
        self.file_of(pos).map_or_else(unknown_position, |file| file.physical_position(pos))
    }

    /// The file of a position and how many of its `//line` directives precede it.
    pub fn position_base(&self, pos: Pos) -> Option<(FileId, usize)> {
        let file = self.file_of(pos)?;
        let offset = file.offset(pos);
        let directives = file.lines.get().map_or(&[][..], |lines| &lines.directives);
        Some((file.id, directives.partition_point(|d| d.offset <= offset)))
    }
}

fn unknown_position() -> Position {
    Position { filename: "".into(), line: 0, col: 0 }
}

impl SourceFile {
    /// The position of a byte offset.
    pub fn pos(&self, offset: u32) -> Pos {
        Pos(self.base + offset.min(self.size))
    }

    /// The byte offset of a position in this file.
    pub fn offset(&self, pos: Pos) -> u32 {
        pos.0.saturating_sub(self.base).min(self.size)
    }

    /// Bytes of the source.
    pub fn size(&self) -> u32 {
        self.size
    }

    /// Called by the lexer when it has seen the whole file. A second table is ignored.
    pub fn set_lines(&self, table: LineTable) {
        self.lines.get_or_init(|| table);
    }

    /// As [`position`](Self::position), regardless of `//line` directives.
    pub fn physical_position(&self, pos: Pos) -> Position {
        let (line, col) = self.lines.get().map_or((0, 0), |l| l.line_col(self.offset(pos)));
        Position { filename: self.name.clone(), line, col }
    }

    /// Without a line table (before the lexer is done) only the name is known.
    pub fn position(&self, pos: Pos) -> Position {
        match self.lines.get() {
            Some(lines) => lines.position(self, pos),
            None => Position { filename: self.name.clone(), line: 0, col: 0 },
        }
    }
}

impl LineTable {
    /// The position of `pos` in `file`, whose line table this is or will be.
    pub fn position(&self, file: &SourceFile, pos: Pos) -> Position {
        let offset = file.offset(pos);
        let (line, col) = self.line_col(offset);
        let after = self.directives.partition_point(|d| d.offset <= offset);
        let Some(directive) = after.checked_sub(1).map(|i| &self.directives[i]) else {
            return Position { filename: file.name.clone(), line, col };
        };
        let (from_line, from_col) = self.line_col(directive.offset);
        Position {
            filename: directive.filename.clone(),
            line: directive.line + (line - from_line),
            col: match directive.col {
                0 => 0,
                first if line == from_line => first + (col - from_col),
                _ => col,
            },
        }
    }

    fn line_col(&self, offset: u32) -> (u32, u32) {
        let line = self.starts.partition_point(|&start| start <= offset);
        let start = line.checked_sub(1).map_or(0, |i| self.starts[i]);
        (line as u32 + 1, offset - start + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_directives() {
        let map = SourceMap::new();
        map.add_file("first.go", 3);
        let file = map.file(map.add_file("second.go", 40));
        file.set_lines(LineTable {
            starts: vec![10, 20],
            directives: vec![
                LineDirective { offset: 10, filename: "x.y".into(), line: 100, col: 0 },
                LineDirective { offset: 24, filename: "z".into(), line: 7, col: 50 },
            ],
        });
        let show = |offset| map.position(file.pos(offset)).to_string();
        assert_eq!(show(0), "second.go:1:1");
        assert_eq!(show(9), "second.go:1:10");
        assert_eq!(show(10), "x.y:100");
        assert_eq!(show(20), "x.y:101");
        assert_eq!(show(25), "z:7:51");
        assert_eq!(map.physical_position(file.pos(25)).to_string(), "second.go:3:6");
        assert_eq!(map.position(map.file(FileId(0)).pos(99)).to_string(), "first.go");
    }
}
