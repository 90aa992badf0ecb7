//! Machine code that outlives the process.
//!
//! Problem: most functions of a program are the same as in the build before, and Cranelift is the most expensive phase.
//! Strategy: what Cranelift sees of a function (its *stencil*) holds no names and, by the numbering of
//! `translate`, no positions: names are indices into a list beside it, locations are ordinals. The key is a hash of the whole stencil, the
//! target and the settings; the value is the code with relocations and lines in terms of the same indices, which `compile` binds to
//! the program at hand. A function that only moved, or whose callees changed inside, is found again.
//!
//! Invariant: nothing but stencil, target and settings influences [`RawCode`]. The store adds the compiler's own identity to the key.

use std::fmt::Debug;
use std::hash::{Hash, Hasher};

use cranelift_codegen::ir::function::FunctionStencil;

use crate::{CodeRelocKind, FrameTable, Options, Target};

/// Identifies a function by what it is.
pub type Key = [u8; 32];

/// A store of compiled functions. It may forget; it must not give back anything else than was put.
pub trait CodeCache: Debug + Send + Sync {
    fn get(&self, key: &Key) -> Option<Vec<u8>>;
    fn put(&self, key: Key, value: Vec<u8>);
}

/// Makes keys, reusing its buffer.
pub struct KeyMaker {
    settings: [u8; 3],
    buffer: Bytes,
}

impl KeyMaker {
    pub fn new(target: Target, opts: &Options) -> KeyMaker {
        let settings = [target as u8, u8::from(opts.optimize), u8::from(opts.verify)];
        KeyMaker { settings, buffer: Bytes(Vec::new()) }
    }

    pub fn of(&mut self, stencil: &FunctionStencil) -> Key {
        self.buffer.0.clear();
        self.buffer.0.extend(self.settings);
        stencil.hash(&mut self.buffer);
        *blake3::hash(&self.buffer.0).as_bytes()
    }
}

/// Collects what a `Hash` implementation feeds to its hasher. Equal input gives equal bytes within one build of the compiler.
struct Bytes(Vec<u8>);

impl Hasher for Bytes {
    fn write(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    fn finish(&self) -> u64 {
        unreachable!("the bytes are hashed as a whole")
    }
}

/// Machine code before names and locations are bound.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct RawCode {
    pub code: Vec<u8>,
    pub align: u32,
    pub frame_size: u32,
    pub relocs: Vec<RawReloc>,
    /// pc, and index of the location with [`crate::names::NO_PREEMPT`].
    pub lines: Vec<(u32, u32)>,
    pub frame: Option<FrameTable>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RawReloc {
    pub offset: u32,
    pub kind: CodeRelocKind,
    pub target: RawTarget,
    pub addend: i64,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RawTarget {
    /// Index into the function's list of names.
    Name(u32),
    /// Index into [`crate::names::SYMBOLS`].
    Symbol(u32),
}

const KINDS: [CodeRelocKind; 6] = [
    CodeRelocKind::Abs64,
    CodeRelocKind::Abs32,
    CodeRelocKind::X86Pc32,
    CodeRelocKind::Arm64Call26,
    CodeRelocKind::Arm64AdrPage21,
    CodeRelocKind::Arm64AddLo12,
];

impl RawCode {
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.code.len() + 20 * self.relocs.len() + 8 * self.lines.len() + 24);
        let counts = [self.code.len(), self.relocs.len(), self.lines.len()].map(|n| n as u32);
        for word in counts.into_iter().chain([self.align, self.frame_size]) {
            out.extend(word.to_le_bytes());
        }
        out.extend_from_slice(&self.code);
        for r in &self.relocs {
            let kind = KINDS.iter().position(|k| *k == r.kind).expect("all kinds are listed") as u32;
            let (space, index) = match r.target {
                RawTarget::Name(n) => (0, n),
                RawTarget::Symbol(n) => (1, n),
            };
            for word in [r.offset, kind << 1 | space, index] {
                out.extend(word.to_le_bytes());
            }
            out.extend(r.addend.to_le_bytes());
        }
        for (pc, loc) in &self.lines {
            out.extend(pc.to_le_bytes());
            out.extend(loc.to_le_bytes());
        }
        if let Some(f) = &self.frame {
            f.encode(&mut |word| out.extend(word.to_le_bytes()));
        }
        out
    }

    pub fn decode(bytes: &[u8]) -> Option<RawCode> {
        let mut rest = bytes;
        let mut head = [0; 5];
        for word in &mut head {
            *word = take_word(&mut rest)?;
        }
        let [code, relocs, lines, align, frame_size] = head;
        let (code, tail) = rest.split_at_checked(code as usize)?;
        rest = tail;
        let mut out = RawCode { code: code.to_vec(), align, frame_size, ..RawCode::default() };
        for _ in 0..relocs {
            let (offset, bits, index) = (take_word(&mut rest)?, take_word(&mut rest)?, take_word(&mut rest)?);
            let (low, high) = (take_word(&mut rest)?, take_word(&mut rest)?);
            let target = if bits & 1 == 0 { RawTarget::Name(index) } else { RawTarget::Symbol(index) };
            let addend = (u64::from(high) << 32 | u64::from(low)) as i64;
            out.relocs.push(RawReloc { offset, kind: *KINDS.get(bits as usize >> 1)?, target, addend });
        }
        for _ in 0..lines {
            out.lines.push((take_word(&mut rest)?, take_word(&mut rest)?));
        }
        if !rest.is_empty() {
            out.frame = Some(FrameTable::decode(&mut || take_word(&mut rest))?);
        }
        rest.is_empty().then_some(out)
    }
}

fn take_word(rest: &mut &[u8]) -> Option<u32> {
    let (word, tail) = rest.split_first_chunk()?;
    *rest = tail;
    Some(u32::from_le_bytes(*word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame_table::{ArgumentHome, Home};

    #[test]
    fn encoding_round_trip() {
        let raw = RawCode {
            code: vec![1, 2, 3],
            align: 16,
            frame_size: 40,
            relocs: vec![
                RawReloc { offset: 1, kind: CodeRelocKind::X86Pc32, target: RawTarget::Name(7), addend: -4 },
                RawReloc { offset: 2, kind: CodeRelocKind::Abs64, target: RawTarget::Symbol(1), addend: i64::MAX },
            ],
            lines: vec![(0, 1 << 31), (2, 5)],
            frame: Some(FrameTable {
                words: 9,
                outgoing: 2,
                slots: vec![(2, 1), (3, 1)],
                spills: 3,
                saved: 3,
                fault: Vec::new(),
                states: vec![(4, vec![0, 6]), (9, vec![5])],
                arguments: vec![
                    ArgumentHome { param: 1, home: Home::Register(3), from: 0, to: 9 },
                    ArgumentHome { param: 2, home: Home::Spill(2), from: 3, to: u32::MAX },
                    ArgumentHome { param: 7, home: Home::Stack(1), from: 0, to: u32::MAX },
                ],
            }),
        };
        let bytes = raw.encode();
        assert_eq!(RawCode::decode(&bytes), Some(raw));
        let without = RawCode { frame: None, ..RawCode::decode(&bytes).expect("just encoded") };
        let shorter = without.encode();
        assert_eq!(RawCode::decode(&shorter), Some(without));
        assert!((0..bytes.len()).all(|n| n == shorter.len() || RawCode::decode(&bytes[..n]).is_none()));
    }
}
