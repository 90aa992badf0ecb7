//! What tracebacks show of arguments: gc's rules for which words of a parameter list are listed, and how they nest.

use crate::abi::First;
use crate::layout::Layouts;
use crate::ty::{Basic, FuncTy, Ty, TyKind, TyStore};
use golift_abi::frame::{ArgumentPart, MAX_ARGUMENTS};
use std::sync::Arc;

/// Words that are listed, at most.
const LIMIT: u32 = 10;
/// Aggregates this deep are not opened.
const MAX_DEPTH: u32 = 5;

/// Where a value is.
#[derive(Clone, Copy)]
enum At {
    /// In the next parameters of the IR.
    Params,
    /// At an offset of what a parameter points to.
    Memory { param: usize, offset: u64 },
}

struct Lister<'a, 's> {
    tys: &'a TyStore<'s>,
    layouts: &'a Layouts<'s>,
    /// The next parameter of the IR.
    next: usize,
    listed: u32,
    out: Vec<u8>,
}

/// The list for a function with these parameters, of which `first` is what comes before: a func value is not shown.
pub fn list<'s>(tys: &TyStore<'s>, layouts: &Layouts<'s>, first: First, f: &FuncTy) -> Arc<[u8]> {
    let mut l = Lister { tys, layouts, next: 0, listed: 0, out: Vec::new() };
    let mut goes_on = true;
    match first {
        First::None => {}
        First::Recv(t) => goes_on = l.param(t),
        First::Word => l.next += 1,
    }
    l.next += usize::from(crate::abi::needs_sret(tys, layouts, &f.results));
    for &p in &f.params {
        goes_on = goes_on && l.param(p);
    }
    l.put(ArgumentPart::End);
    l.out.into()
}

impl Lister<'_, '_> {
    fn put(&mut self, part: ArgumentPart) {
        part.encode(&mut |b| self.out.push(b));
    }

    fn param(&mut self, t: Ty) -> bool {
        if self.layouts.of(self.tys, t).is_mem() {
            let param = self.next;
            self.next += 1;
            return self.visit(t, At::Memory { param, offset: 0 }, 0);
        }
        self.visit(t, At::Params, 0)
    }

    /// Lists a value; false if no more is to be listed.
    fn visit(&mut self, t: Ty, at: At, depth: u32) -> bool {
        if self.listed >= LIMIT {
            self.put(ArgumentPart::More);
            return false;
        }
        let layout = self.layouts.of(self.tys, t);
        let depth = depth + 1;
        let kind = self.tys.under_kind(t);
        let is_aggregate = match kind {
            TyKind::Basic(b) => matches!(b, Basic::String | Basic::Complex64 | Basic::Complex128),
            TyKind::Slice(_) | TyKind::Interface(_) | TyKind::Array(..) | TyKind::Struct(_) => true,
            _ => false,
        };
        if !is_aggregate {
            self.word(layout.size, at);
            return true;
        }
        self.put(ArgumentPart::Open);
        if depth >= MAX_DEPTH {
            self.put(ArgumentPart::More);
            self.put(ArgumentPart::Close);
            self.listed += 1;
            if matches!(at, At::Params) {
                self.next += layout.scalars.as_ref().map_or(0, |s| s.len());
            }
            return true;
        }
        match kind {
            TyKind::Array(elem, n) => self.parts(*n, at, depth, |l, n| (*elem, l.layouts.of(l.tys, *elem).size * n)),
            TyKind::Struct(fields) => {
                self.parts(fields.len() as u64, at, depth, |_, n| (fields[n as usize].ty, layout.offsets[n as usize]));
            }
            _ => {
                let words: &[u64] = match kind {
                    TyKind::Slice(_) => &[0, 8, 16],
                    TyKind::Basic(Basic::Complex64) => &[0, 4],
                    _ => &[0, 8],
                };
                for &offset in words {
                    if self.listed >= LIMIT {
                        self.put(ArgumentPart::More);
                        break;
                    }
                    self.word(layout.size / words.len() as u64, at.plus(offset));
                }
            }
        }
        self.put(ArgumentPart::Close);
        true
    }

    /// Lists the parts of an aggregate: `part(n)` has type and offset of the `n`-th. None at all count as a word.
    fn parts(&mut self, n: u64, at: At, depth: u32, part: impl Fn(&Self, u64) -> (Ty, u64)) {
        self.listed += u32::from(n == 0);
        for k in 0..n {
            let (t, offset) = part(self, k);
            if !self.visit(t, at.plus(offset), depth) {
                break;
            }
        }
    }

    fn word(&mut self, size: u64, at: At) {
        self.listed += 1;
        let log2 = size.trailing_zeros() as u8;
        let (param, offset) = match at {
            At::Params => {
                self.next += 1;
                (self.next - 1, None)
            }
            At::Memory { param, offset } => (param, Some(offset)),
        };
        let index = param as u8;
        self.put(match offset.map(u32::try_from) {
            _ if param >= MAX_ARGUMENTS => ArgumentPart::Unknown,
            None => ArgumentPart::Param { index, log2 },
            Some(Ok(offset)) => ArgumentPart::Memory { index, offset, log2 },
            Some(Err(_)) => ArgumentPart::Unknown,
        });
    }
}

impl At {
    fn plus(self, more: u64) -> At {
        match self {
            At::Params => At::Params,
            At::Memory { param, offset } => At::Memory { param, offset: offset + more },
        }
    }
}
