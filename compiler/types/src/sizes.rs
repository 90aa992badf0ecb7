//! Sizes and alignments of types on 64-bit targets, by gc's rules.

use crate::object::Obj;
use crate::types::{BasicKind, Type, TypeKind};

const WORD: i64 = 8;

fn align_up(x: i64, a: i64) -> i64 {
    x.wrapping_add(a - 1) & !(a - 1)
}

fn is_align64(t: Type) -> bool {
    t.as_named().is_some_and(|n| {
        n.obj.name().as_str() == "align64"
            && n.obj.pkg().is_some_and(|p| matches!(p.path(), "sync/atomic" | "internal/runtime/atomic"))
    })
}

/// Alignment in bytes, at least 1.
pub fn align_of(t: Type) -> i64 {
    match t.under().kind() {
        TypeKind::Array(a) => align_of(a.elem),
        TypeKind::Struct(s) if s.fields.is_empty() && is_align64(t) => 8,
        TypeKind::Struct(s) => s.fields.iter().map(|f| align_of(f.ty())).max().unwrap_or(1),
        TypeKind::Basic(b) => match b.kind {
            BasicKind::Complex64 => 4,
            BasicKind::String => WORD,
            _ => size_of(t).clamp(1, WORD),
        },
        _ => WORD,
    }
}

/// Size in bytes; negative if it overflows.
pub fn size_of(t: Type) -> i64 {
    match t.under().kind() {
        TypeKind::Basic(b) => match b.kind {
            BasicKind::Bool | BasicKind::Int8 | BasicKind::Uint8 => 1,
            BasicKind::Int16 | BasicKind::Uint16 => 2,
            BasicKind::Int32 | BasicKind::Uint32 | BasicKind::Float32 => 4,
            BasicKind::String | BasicKind::Complex128 => 16,
            _ => 8,
        },
        TypeKind::Array(a) => {
            if a.len <= 0 {
                return 0;
            }
            match size_of(a.elem) {
                e if e < 0 => -1,
                e => e.checked_mul(a.len).unwrap_or(-1),
            }
        }
        TypeKind::Slice(_) => 3 * WORD,
        TypeKind::Struct(s) => {
            let Some(last) = s.fields.last() else { return 0 };
            let offset = offsets_of(&s.fields).last().copied().unwrap_or(0);
            let mut size = size_of(last.ty());
            if offset < 0 || size < 0 {
                return -1;
            }
            // So that a pointer to a final field of size zero does not point past the struct.
            if offset > 0 && size == 0 {
                size = 1;
            }
            match offset.checked_add(size) {
                Some(end) => align_up(end, align_of(t)),
                None => -1,
            }
        }
        TypeKind::Interface(_) => 2 * WORD,
        _ => WORD,
    }
}

/// Offsets of struct fields; negative from where they overflow.
pub fn offsets_of(fields: &[Obj]) -> Vec<i64> {
    let mut offset = 0i64;
    fields
        .iter()
        .map(|f| {
            if offset < 0 {
                return -1;
            }
            let at = align_up(offset, align_of(f.ty()));
            let size = size_of(f.ty());
            offset = if size >= 0 && at >= 0 { at.checked_add(size).unwrap_or(-1) } else { -1 };
            at
        })
        .collect()
}
