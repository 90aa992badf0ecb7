//! What the frames of a function hold, and what of that is alive at each call.
//!
//! A frame's bits are: the callee-saved registers, the explicit slots, the words of the spill area. A table is
//!
//! ```text
//! byte        registers saved by the function (REGS bits), HAS_OUTGOING, HAS_SLOTS
//! uleb128     words of the frame (below the saved frame pointer)
//! uleb128     words for arguments of calls, at its low end, if HAS_OUTGOING
//! uleb128     words of the spill area
//! if HAS_SLOTS:
//!   uleb128     number of slots
//!   each: uleb128 first word, uleb128 words
//!   a list: slots that are alive after a fault
//! states: uleb128(pc delta), a list of bits that change there; ended by a zero byte
//! ```
//!
//! where a list is uleb128(length) and uleb128(difference to the one before, at first 0). The saved registers lie at the high
//! end of the frame, padded to two words, the spill area right below them. A state holds from its pc, relative to the
//! function's entry, to the next; pcs are return addresses of calls, and all bits are clear at first.

use crate::pcline::uleb;

/// Callee-saved registers that can hold values: x64 rbx, r12, r13, r14.
pub const REGS: u32 = 4;
/// Functions with more bits have no table.
pub const MAX_BITS: u32 = 1024;

/// Bit of a table's first byte: outgoing arguments follow. Below it are the bits of saved registers.
pub const HAS_OUTGOING: u8 = 1 << REGS;
/// Bit of a table's first byte: explicit slots follow.
pub const HAS_SLOTS: u8 = 2 << REGS;

/// A frame at one call. Offsets and sizes are in words, from the frame's low end.
#[derive(Clone, Copy)]
pub struct Frame<'a> {
    /// Size, without the saved frame pointer and the return address.
    pub words: u32,
    /// Arguments for callees, at the low end.
    pub outgoing: u32,
    /// Registers that the function saves, [`Frame::saves_at`] on.
    pub saved: u8,
    /// Spilled values that are alive in some call.
    pub nspills: u32,
    /// Explicit slots.
    pub nslots: u32,
    slots: &'a [u8],
    live: [u64; (MAX_BITS / 64) as usize],
}

/// Reads numbers off a table.
struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn number(&mut self) -> u32 {
        let (v, n) = uleb(self.0);
        self.0 = &self.0[n..];
        v
    }
    fn list(&mut self, mut f: impl FnMut(u32)) {
        let mut at = 0;
        for _ in 0..self.number() {
            at += self.number();
            f(at);
        }
    }
}

impl<'a> Frame<'a> {
    /// The frame at return address `pc`, relative to the function's entry, or (`None`) at a fault.
    pub fn decode(table: &'a [u8], pc: Option<u32>) -> Frame<'a> {
        let flags = table[0];
        let mut r = Reader(&table[1..]);
        let mut live = [0; (MAX_BITS / 64) as usize];
        let mut toggle = |bit: u32| live[bit as usize / 64] ^= 1u64 << (bit % 64);
        let words = r.number();
        let outgoing = if flags & HAS_OUTGOING != 0 { r.number() } else { 0 };
        let nspills = r.number();
        let (mut nslots, mut slots) = (0, r.0);
        if flags & HAS_SLOTS != 0 {
            nslots = r.number();
            slots = r.0;
            for _ in 0..nslots * 2 {
                r.number();
            }
            r.list(|slot| {
                if pc.is_none() {
                    toggle(REGS + slot);
                }
            });
        }
        if let Some(pc) = pc {
            let mut at = 0;
            loop {
                let delta = r.number();
                at += delta;
                if delta == 0 || at > pc {
                    break;
                }
                r.list(&mut toggle);
            }
        }
        Frame { words, outgoing, saved: flags & (HAS_OUTGOING - 1), nspills, nslots, slots, live }
    }

    fn is_live(&self, bit: u32) -> bool {
        self.live[bit as usize / 64] >> (bit % 64) & 1 != 0
    }

    /// Is callee-saved register `n` alive?
    #[inline]
    pub fn register(&self, n: u32) -> bool {
        self.is_live(n)
    }

    /// Where the first saved register lies; the end of the spill area.
    #[inline]
    pub fn saves_at(&self) -> u32 {
        self.words - self.saved.count_ones().next_multiple_of(2)
    }

    /// Calls `f` with the words of the spill area that are alive.
    #[inline]
    pub fn for_each_spill(&self, mut f: impl FnMut(u32)) {
        let first = REGS + self.nslots;
        let start = self.saves_at() - self.nspills;
        let mut bit = first;
        while bit < first + self.nspills {
            let rest = self.live[bit as usize / 64] >> (bit % 64);
            if rest == 0 {
                bit = (bit / 64 + 1) * 64;
                continue;
            }
            bit += rest.trailing_zeros();
            if bit < first + self.nspills {
                f(start + bit - first);
            }
            bit += 1;
        }
    }

    /// Calls `f(first word, words, alive)` for each slot.
    #[inline]
    pub fn for_each_slot(&self, mut f: impl FnMut(u32, u32, bool)) {
        let mut r = Reader(self.slots);
        for n in 0..self.nslots {
            let (at, words) = (r.number(), r.number());
            f(at, words, self.is_live(REGS + n));
        }
    }
}
