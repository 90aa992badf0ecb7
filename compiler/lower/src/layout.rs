//! Sizes, offsets, pointer masks, and how values split into scalars.
//!
//! The memory layout is gc's for 64-bit targets (internal/abi descriptors and unsafe.Sizeof agree with it).
//! A type whose values flatten to at most [`MAX_SCALARS`] scalars is a *scalar type*: its values travel in SSA values.
//! All other types are *memory types*: their values are addresses of memory.

use crate::ty::{Basic, FieldTy, Ty, TyKind, TyStore};
use golift_ir::Type as Ir;
use rustc_hash::FxHashMap;
use std::cell::RefCell;
use typed_arena::Arena;

/// Scalars of a value that is kept in SSA form, at most (time.Time and reflect.Value need 3).
pub use golift_abi::call::MAX_SCALARS;

/// Variables above this size live on the heap, as in gc.
pub const MAX_EXPLICIT: u64 = 128 << 10;

/// So do temporaries from this size on.
pub const MAX_IMPLICIT: u64 = 64 << 10;

/// One scalar of a value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Scalar {
    pub ty: Ir,
    /// Byte offset in memory.
    pub off: u32,
    /// Holds a pointer that the collector follows.
    pub gc: bool,
}

#[derive(Clone, Debug)]
pub struct Layout {
    pub size: u64,
    pub align: u32,
    /// Bytes of the prefix that holds all pointers.
    pub ptrdata: u64,
    /// Scalars of a scalar type, in memory order; `None` for memory types.
    pub scalars: Option<Box<[Scalar]>>,
    /// Byte offsets of the fields of a struct.
    pub offsets: Box<[u64]>,
}

impl Layout {
    pub fn is_mem(&self) -> bool {
        self.scalars.is_none()
    }
    pub fn has_pointers(&self) -> bool {
        self.ptrdata != 0
    }
}

/// Computes and remembers layouts.
pub struct Layouts<'s> {
    arena: &'s Arena<Layout>,
    memo: RefCell<FxHashMap<Ty, &'s Layout>>,
    /// Whether structs are regular memory (`Lower::is_regular_memory`): types may contain each other in exponentially many places.
    pub regular: RefCell<FxHashMap<Ty, bool>>,
}

impl<'s> Layouts<'s> {
    /// No layouts yet; they will lie in `arena`.
    pub fn new(arena: &'s Arena<Layout>) -> Self {
        Layouts { arena, memo: Default::default(), regular: Default::default() }
    }

    /// Size, alignment, pointers and scalars of `t`.
    pub fn of(&self, tys: &TyStore<'_>, t: Ty) -> &'s Layout {
        if let Some(&l) = self.memo.borrow().get(&t) {
            return l;
        }
        let l: &Layout = self.arena.alloc(self.compute(tys, t));
        self.memo.borrow_mut().insert(t, l);
        l
    }

    fn compute(&self, tys: &TyStore<'_>, t: Ty) -> Layout {
        let word = |gc| vec![Scalar { ty: Ir::Ptr, off: 0, gc }];
        match tys.under_kind(t) {
            TyKind::Basic(b) => basic_layout(*b),
            TyKind::Ptr(_) | TyKind::Map(..) | TyKind::Chan(..) | TyKind::Func(_) => simple(8, 8, 8, word(true)),
            TyKind::Slice(_) => simple(
                24,
                8,
                8,
                vec![
                    Scalar { ty: Ir::Ptr, off: 0, gc: true },
                    Scalar { ty: Ir::I64, off: 8, gc: false },
                    Scalar { ty: Ir::I64, off: 16, gc: false },
                ],
            ),
            // The first word addresses an itab or a descriptor: never collected.
            TyKind::Interface(_) => simple(
                16,
                8,
                16,
                vec![Scalar { ty: Ir::Ptr, off: 0, gc: false }, Scalar { ty: Ir::Ptr, off: 8, gc: true }],
            ),
            TyKind::Array(elem, n) => {
                let e = self.of(tys, *elem);
                let scalars = match n {
                    0 => Some(Vec::new()),
                    1 => e.scalars.as_ref().map(|s| s.to_vec()),
                    _ if e.size == 0 => Some(Vec::new()),
                    _ => None,
                };
                let ptrdata = if e.ptrdata == 0 || *n == 0 { 0 } else { e.size * (n - 1) + e.ptrdata };
                Layout {
                    size: e.size.saturating_mul(*n),
                    align: e.align,
                    ptrdata,
                    scalars: scalars.map(Into::into),
                    offsets: Box::new([]),
                }
            }
            TyKind::Struct(fields) => self.struct_layout(tys, fields.iter().map(|f: &FieldTy| f.ty), true),
            TyKind::Tuple(elems) => self.struct_layout(tys, elems.iter().copied(), false),
            TyKind::Named { .. } => unreachable!("underlying type is named"),
        }
    }

    /// Layout of fields one after the other. A final zero-size field of a struct is padded, so that its address stays inside.
    fn struct_layout(&self, tys: &TyStore<'_>, fields: impl Iterator<Item = Ty>, pad: bool) -> Layout {
        let (mut off, mut align, mut ptrdata) = (0u64, 1u32, 0u64);
        let mut offsets = Vec::new();
        let mut scalars = Some(Vec::new());
        let mut last_size = 1;
        for f in fields {
            let l = self.of(tys, f);
            off = off.next_multiple_of(l.align as u64);
            offsets.push(off);
            if l.ptrdata != 0 {
                ptrdata = off + l.ptrdata;
            }
            scalars = match (scalars, &l.scalars) {
                (Some(mut v), Some(s)) if v.len() + s.len() <= MAX_SCALARS => {
                    v.extend(s.iter().map(|s| Scalar { off: s.off + off as u32, ..*s }));
                    Some(v)
                }
                _ => None,
            };
            off += l.size;
            align = align.max(l.align);
            last_size = l.size;
        }
        if pad && last_size == 0 && off > 0 {
            off += 1;
        }
        Layout {
            size: off.next_multiple_of(align as u64),
            align,
            ptrdata,
            scalars: scalars.map(Into::into),
            offsets: offsets.into(),
        }
    }

    /// Which words hold pointers, one bit a word, as long as `ptrdata`.
    pub fn ptr_mask(&self, tys: &TyStore<'_>, t: Ty) -> Vec<u8> {
        let words = (self.of(tys, t).ptrdata / 8) as usize;
        let mut mask = vec![0u8; words.div_ceil(8)];
        self.fill_mask(tys, t, 0, &mut mask);
        mask
    }

    fn fill_mask(&self, tys: &TyStore<'_>, t: Ty, base: u64, mask: &mut [u8]) {
        let l = self.of(tys, t);
        if l.ptrdata == 0 {
            return;
        }
        if let Some(scalars) = &l.scalars {
            for s in scalars.iter().filter(|s| s.gc) {
                let word = ((base + s.off as u64) / 8) as usize;
                mask[word / 8] |= 1 << (word % 8);
            }
            return;
        }
        match tys.under_kind(t) {
            TyKind::Array(elem, n) => {
                let size = self.of(tys, *elem).size;
                for i in 0..*n {
                    self.fill_mask(tys, *elem, base + i * size, mask);
                }
            }
            TyKind::Struct(fields) => {
                for (f, &off) in fields.iter().zip(&l.offsets) {
                    self.fill_mask(tys, f.ty, base + off, mask);
                }
            }
            TyKind::Tuple(elems) => {
                for (&e, &off) in elems.iter().zip(&l.offsets) {
                    self.fill_mask(tys, e, base + off, mask);
                }
            }
            k => unreachable!("memory type {k:?}"),
        }
    }
}

fn simple(size: u64, align: u32, ptrdata: u64, scalars: Vec<Scalar>) -> Layout {
    Layout { size, align, ptrdata, scalars: Some(scalars.into()), offsets: Box::new([]) }
}

/// The scalar type of a basic type that is a single scalar.
pub fn basic_ir(b: Basic) -> Ir {
    match b {
        Basic::Bool | Basic::Int8 | Basic::Uint8 => Ir::I8,
        Basic::Int16 | Basic::Uint16 => Ir::I16,
        Basic::Int32 | Basic::Uint32 => Ir::I32,
        Basic::Int | Basic::Int64 | Basic::Uint | Basic::Uint64 | Basic::Uintptr => Ir::I64,
        Basic::Float32 => Ir::F32,
        Basic::Float64 => Ir::F64,
        Basic::UnsafePointer | Basic::UntypedNil => Ir::Ptr,
        Basic::Complex64 | Basic::Complex128 | Basic::String => unreachable!("{b:?} is not a single scalar"),
    }
}

fn basic_layout(b: Basic) -> Layout {
    let pair = |ty: Ir| {
        let size = ty.bytes();
        vec![Scalar { ty, off: 0, gc: false }, Scalar { ty, off: size, gc: false }]
    };
    match b {
        Basic::String => {
            simple(16, 8, 8, vec![Scalar { ty: Ir::Ptr, off: 0, gc: true }, Scalar { ty: Ir::I64, off: 8, gc: false }])
        }
        Basic::Complex64 => simple(8, 4, 0, pair(Ir::F32)),
        Basic::Complex128 => simple(16, 8, 0, pair(Ir::F64)),
        _ => {
            let ty = basic_ir(b);
            let gc = ty == Ir::Ptr;
            let size = ty.bytes();
            simple(size as u64, size, if gc { 8 } else { 0 }, vec![Scalar { ty, off: 0, gc }])
        }
    }
}

/// The alignment of a package variable by its size. gc's linker has no other: atomic operations and vector code on the bytes of an array count on it.
pub fn by_size(size: u64) -> u32 {
    const MOST: u32 = 32;
    1 << size.clamp(1, MOST.into()).ilog2()
}
