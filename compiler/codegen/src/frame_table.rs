//! What is known of a function's frame.

use golift_abi::frame as abi;

/// Offsets and sizes are in words, from the lowest address of the frame.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct FrameTable {
    /// Up to the saved frame pointer.
    pub words: u32,
    /// Arguments of calls, at offset 0.
    pub outgoing: u32,
    /// Explicit slots that may hold pointers.
    pub slots: Vec<(u32, u32)>,
    /// Words of the spill area, which ends where the saved registers begin.
    pub spills: u32,
    /// Callee-saved registers (one bit each) that the function saves, at the high end of the frame.
    pub saved: u8,
    /// Slots that are alive after a fault.
    pub fault: Vec<u32>,
    /// Return addresses, ascending, with the bits that change there: registers, then slots, then spilled words.
    pub states: Vec<(u32, Vec<u32>)>,
    /// Where parameters are kept, by parameter and start.
    pub arguments: Vec<ArgumentHome>,
}

/// While control is in `from..to` (relative to the function's entry), `home` holds what parameter `param` was when the function was called.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ArgumentHome {
    /// Index of the parameter.
    pub param: u8,
    /// Where it is.
    pub home: Home,
    /// Offset of the first instruction.
    pub from: u32,
    /// All ones: the end of the function.
    pub to: u32,
}

/// Where a parameter is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Home {
    /// Callee-saved register.
    Register(u32),
    /// Word of the spill area.
    Spill(u32),
    /// Word above the return address.
    Stack(u32),
}

impl Home {
    /// As a number of `golift_abi::frame`.
    pub fn number(self) -> u32 {
        match self {
            Home::Register(n) => n,
            Home::Spill(n) => abi::REGS + 2 * n,
            Home::Stack(n) => abi::REGS + 2 * n + 1,
        }
    }

    fn from_number(n: u32) -> Home {
        match n.checked_sub(abi::REGS) {
            None => Home::Register(n),
            Some(n) if n.is_multiple_of(2) => Home::Spill(n / 2),
            Some(n) => Home::Stack(n / 2),
        }
    }
}

impl FrameTable {
    /// Offset of the saved registers.
    pub(crate) fn saves_at(&self) -> u32 {
        self.words - self.saved.count_ones().next_multiple_of(2)
    }

    /// For the code cache; without `fault`, which is not a property of the code.
    pub(crate) fn encode(&self, put: &mut impl FnMut(u32)) {
        [self.words, self.outgoing, self.spills, self.saved.into()].into_iter().for_each(&mut *put);
        put(self.slots.len() as u32);
        self.slots.iter().for_each(|&(at, words)| [at, words].into_iter().for_each(&mut *put));
        put(self.states.len() as u32);
        for (at, bits) in &self.states {
            [*at, bits.len() as u32].into_iter().chain(bits.iter().copied()).for_each(&mut *put);
        }
        put(self.arguments.len() as u32);
        for a in &self.arguments {
            [a.param.into(), a.home.number(), a.from, a.to].into_iter().for_each(&mut *put);
        }
    }

    /// Reads what `encode` wrote; nothing if it is damaged.
    pub(crate) fn decode(take: &mut impl FnMut() -> Option<u32>) -> Option<FrameTable> {
        let mut f = FrameTable {
            words: take()?,
            outgoing: take()?,
            spills: take()?,
            saved: u8::try_from(take()?).ok()?,
            ..FrameTable::default()
        };
        for _ in 0..take()? {
            f.slots.push((take()?, take()?));
        }
        for _ in 0..take()? {
            let (at, n) = (take()?, take()?);
            f.states.push((at, (0..n).map(|_| take()).collect::<Option<_>>()?));
        }
        for _ in 0..take()? {
            let (param, home) = (u8::try_from(take()?).ok()?, Home::from_number(take()?));
            f.arguments.push(ArgumentHome { param, home, from: take()?, to: take()? });
        }
        Some(f)
    }
}
