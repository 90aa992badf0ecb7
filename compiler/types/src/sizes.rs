//! Sizes and alignments of types on 64-bit targets, by gc's rules.

use rustc_hash::FxHashMap;

use crate::object::Obj;
use crate::types::{BasicKind, Type, TypeKind};

const WORD: i64 = 8;

/// Alignment in bytes, at least 1.
pub fn align_of(t: Type) -> i64 {
    Sizes::default().align_of(t)
}

/// Size in bytes; negative if it overflows.
pub fn size_of(t: Type) -> i64 {
    Sizes::default().size_of(t)
}

/// Offsets of struct fields; negative from where they overflow.
pub fn offsets_of(fields: &[Obj]) -> Vec<i64> {
    Sizes::default().offsets_of(fields)
}

/// Computes sizes, each one once: a type may contain another in exponentially many places. Only for types that
/// are complete, or as long as none becomes so.
#[derive(Default)]
pub struct Sizes {
    /// Size and alignment of arrays and structs.
    known: FxHashMap<Type, (i64, i64)>,
}

impl Sizes {
    /// Alignment in bytes.
    pub fn align_of(&mut self, t: Type) -> i64 {
        self.layout(t).1
    }

    /// Size in bytes; negative if it overflows.
    pub fn size_of(&mut self, t: Type) -> i64 {
        self.layout(t).0
    }

    /// Offset of each field of a struct in bytes; negative from where they overflow.
    pub fn offsets_of(&mut self, fields: &[Obj]) -> Vec<i64> {
        let mut offset = 0i64;
        let mut offsets = Vec::with_capacity(fields.len());
        for f in fields {
            if offset < 0 {
                offsets.push(-1);
                continue;
            }
            let (size, align) = self.layout(f.ty());
            let at = align_up(offset, align);
            offset = if size >= 0 && at >= 0 { at.checked_add(size).unwrap_or(-1) } else { -1 };
            offsets.push(at);
        }
        offsets
    }

    fn layout(&mut self, t: Type) -> (i64, i64) {
        let under = t.under();
        match under.kind() {
            TypeKind::Basic(b) => basic_layout(b.kind),
            TypeKind::Slice(_) => (3 * WORD, WORD),
            TypeKind::Interface(_) => (2 * WORD, WORD),
            TypeKind::Array(_) | TypeKind::Struct(_) => {
                if let Some(&known) = self.known.get(&t) {
                    return known;
                }
                let layout = match under.kind() {
                    TypeKind::Array(a) => {
                        let (elem, align) = self.layout(a.elem);
                        let size = match (a.len, elem) {
                            (len, _) if len <= 0 => 0,
                            (_, elem) if elem < 0 => -1,
                            (len, elem) => elem.checked_mul(len).unwrap_or(-1),
                        };
                        (size, align)
                    }
                    TypeKind::Struct(s) => self.struct_layout(t, &s.fields),
                    _ => (WORD, WORD),
                };
                self.known.insert(t, layout);
                layout
            }
            _ => (WORD, WORD),
        }
    }

    fn struct_layout(&mut self, t: Type, fields: &[Obj]) -> (i64, i64) {
        let Some(last) = fields.last() else { return (0, if is_align64(t) { 8 } else { 1 }) };
        let align = fields.iter().map(|f| self.align_of(f.ty())).max().unwrap_or(1);
        let offset = self.offsets_of(fields).last().copied().unwrap_or(0);
        let mut size = self.size_of(last.ty());
        if offset < 0 || size < 0 {
            return (-1, align);
        }
        // So that a pointer to a final field of size zero does not point past the struct.
        if offset > 0 && size == 0 {
            size = 1;
        }
        (offset.checked_add(size).map_or(-1, |end| align_up(end, align)), align)
    }
}

fn basic_layout(kind: BasicKind) -> (i64, i64) {
    match kind {
        BasicKind::Bool | BasicKind::Int8 | BasicKind::Uint8 => (1, 1),
        BasicKind::Int16 | BasicKind::Uint16 => (2, 2),
        BasicKind::Int32 | BasicKind::Uint32 | BasicKind::Float32 => (4, 4),
        BasicKind::Complex64 => (8, 4),
        BasicKind::String | BasicKind::Complex128 => (16, 8),
        _ => (8, 8),
    }
}

fn align_up(x: i64, a: i64) -> i64 {
    x.wrapping_add(a - 1) & !(a - 1)
}

fn is_align64(t: Type) -> bool {
    t.as_named().is_some_and(|n| {
        n.obj.name().as_str() == "align64"
            && n.obj.pkg().is_some_and(|p| matches!(p.path(), "sync/atomic" | "internal/runtime/atomic"))
    })
}
