//! What the frames of a function hold, and what of that is alive at each call.
//!
//! A frame's bits are: the callee-saved registers, the explicit slots, the words of the spill area. A table is
//!
//! ```text
//! byte        registers saved by the function (REGS bits), HAS_OUTGOING, HAS_SLOTS, HAS_ARGUMENTS
//! uleb128     words of the frame (below the saved frame pointer)
//! uleb128     words for arguments of calls, at its low end, if HAS_OUTGOING
//! uleb128     words of the spill area
//! if HAS_SLOTS:
//!   uleb128     number of slots
//!   each: uleb128 first word, uleb128 words
//!   a list: slots that are alive after a fault
//! states: uleb128(pc delta), a list of bits that change there; ended by a zero byte
//! if HAS_ARGUMENTS:
//!   uleb128   offset among all tables of the list of arguments (`ArgumentPart`)
//!   uleb128   number of homes of parameters
//!   each: byte parameter, IN_PART
//!         uleb128 where: a register; REGS + 2 n: word n of the spill area; REGS + 2 n + 1: word n above the return address
//!         if IN_PART: uleb128 pc from which on, uleb128 length of that part or 0: to the end
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
/// Bit of a table's first byte: homes of parameters follow.
pub const HAS_ARGUMENTS: u8 = 4 << REGS;

/// Parameters beyond have no homes.
pub const MAX_ARGUMENTS: usize = 32;
/// The home is one in a part of the function.
pub const IN_PART: u8 = 0x80;

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

/// What tracebacks show of a function's arguments: a list of bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ArgumentPart {
    /// The end of the list.
    End,
    /// An aggregate begins.
    Open,
    /// It ends.
    Close,
    /// More is there than is shown.
    More,
    /// Cannot be shown.
    Unknown,
    /// `1 << log2` bytes of a parameter.
    Param {
        /// Of the parameter.
        index: u8,
        /// Of the size.
        log2: u8,
    },
    /// `1 << log2` bytes at `offset` of what a parameter points to.
    Memory {
        /// Of the parameter.
        index: u8,
        /// In bytes.
        offset: u32,
        /// Of the size.
        log2: u8,
    },
}

const PARAM: u8 = 0x80;
const MEMORY: u8 = 5;

impl ArgumentPart {
    /// Appends it to a list.
    pub fn encode(self, put: &mut impl FnMut(u8)) {
        match self {
            ArgumentPart::End => put(0),
            ArgumentPart::Open => put(1),
            ArgumentPart::Close => put(2),
            ArgumentPart::More => put(3),
            ArgumentPart::Unknown => put(4),
            ArgumentPart::Param { index, log2 } => put(PARAM | index << 2 | log2),
            ArgumentPart::Memory { index, mut offset, log2 } => {
                put(MEMORY);
                put(index << 2 | log2);
                while offset > 0x7f {
                    put(offset as u8 | 0x80);
                    offset >>= 7;
                }
                put(offset as u8);
            }
        }
    }

    /// The first of a list, and how many bytes it takes.
    pub fn decode(list: &[u8]) -> (ArgumentPart, usize) {
        let index = |b: u8| b >> 2 & (MAX_ARGUMENTS as u8 - 1);
        match list[0] {
            0 => (ArgumentPart::End, 1),
            1 => (ArgumentPart::Open, 1),
            2 => (ArgumentPart::Close, 1),
            3 => (ArgumentPart::More, 1),
            MEMORY => {
                let (offset, n) = uleb(&list[2..]);
                (ArgumentPart::Memory { index: index(list[1]), offset, log2: list[1] & 3 }, 2 + n)
            }
            b if b & PARAM != 0 => (ArgumentPart::Param { index: index(b), log2: b & 3 }, 1),
            _ => (ArgumentPart::Unknown, 1),
        }
    }
}

/// Where a parameter is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Home {
    /// Callee-saved register.
    Register(u32),
    /// Word of the frame.
    Frame(u32),
    /// Word above the return address.
    Stack(u32),
}

/// A function's arguments.
pub struct Arguments {
    /// Offset of the list of [`ArgumentPart`]s.
    pub parts: u32,
    /// The homes at one place of the code.
    pub homes: [Option<Home>; MAX_ARGUMENTS],
}

impl Arguments {
    /// The arguments in a frame whose pc is within the instruction at `pc`, relative to the function's entry; none if the table says nothing.
    pub fn decode(table: &[u8], pc: u32) -> Option<Arguments> {
        if table[0] & HAS_ARGUMENTS == 0 {
            return None;
        }
        let mut r = Reader(&table[1..]);
        let words = r.number();
        if table[0] & HAS_OUTGOING != 0 {
            r.number();
        }
        let nspills = r.number();
        if table[0] & HAS_SLOTS != 0 {
            for _ in 0..r.number() * 2 {
                r.number();
            }
            r.list(|_| {});
        }
        while r.number() != 0 {
            r.list(|_| {});
        }
        let saved = table[0] & (HAS_OUTGOING - 1);
        let spills = words - saved.count_ones().next_multiple_of(2) - nspills;
        let parts = r.number();
        let mut homes = [None; MAX_ARGUMENTS];
        for _ in 0..r.number() {
            let param = r.0[0];
            r.0 = &r.0[1..];
            let home = match r.number() {
                n if n < REGS => Home::Register(n),
                n if (n - REGS).is_multiple_of(2) => Home::Frame(spills + (n - REGS) / 2),
                n => Home::Stack((n - REGS) / 2),
            };
            let (from, len) = if param & IN_PART != 0 { (r.number(), r.number()) } else { (0, 0) };
            if from <= pc && (len == 0 || pc - from < len) {
                homes[(param & !IN_PART) as usize % MAX_ARGUMENTS] = Some(home);
            }
        }
        Some(Arguments { parts, homes })
    }
}
