//! Machine code before names and locations are bound, and its form in a store.

use crate::frame_table::FrameTable;
use crate::reloc_kind::CodeRelocKind;

/// Machine code of a stencil.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct RawCode {
    /// The bytes.
    pub code: Vec<u8>,
    /// Wanted alignment of its beginning.
    pub align: u32,
    /// Bytes of the frame below the frame pointer.
    pub frame_size: u32,
    /// What is to be patched.
    pub relocs: Vec<RawReloc>,
    /// pc, and index of the location with [`crate::names::NO_PREEMPT`].
    pub lines: Vec<(u32, u32)>,
    /// What the frame holds at calls, if that is known.
    pub frame: Option<FrameTable>,
}

/// A place to patch.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RawReloc {
    /// Where in the code.
    pub offset: u32,
    /// How.
    pub kind: CodeRelocKind,
    /// Whose address.
    pub target: RawTarget,
    /// What is added to it.
    pub addend: i64,
}

/// What it refers to, without the program.
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
    /// For a store.
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

    /// What [`RawCode::encode`] made; nothing if it is damaged.
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
