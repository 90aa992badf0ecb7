//! How far interrupted compiled code is with its frame.
//!
//! **Problem.** Between two instructions of a prologue or epilogue the frame pointer is still, or again, that of the caller, and a traceback
//! from there would miss one. **Strategy.** The code that the compiler puts at both ends of a function is known; `frame_state` reads the
//! bytes around the place of interruption, so that the signal handler can finish what they do.

use golift_abi::g as off;

/// How much of a frame of compiled code stands: see `frame_state`.
pub enum FrameState {
    /// The frame pointer is the function's own.
    Complete,
    /// In the stack check in front; nothing has changed yet.
    Checks,
    /// At the instruction that saves the caller's frame pointer; the body begins at the address.
    Begins(usize),
    /// At the next one, that sets the own frame pointer.
    Saved(usize),
    /// At the return, which also pops that many bytes of arguments.
    Returns(usize),
    /// On the way out by another way: to the thunk that gives more stack, or to a tail call.
    Leaves,
}

/// What stands of the frame of the Go function that begins at `entry` when it is about to execute the instruction at `pc`.
///
/// # Safety
/// Both are addresses of one function of Go code.
pub unsafe fn frame_state(entry: usize, pc: usize) -> FrameState {
    const PROLOGUE: [u8; 4] = [0x55, 0x48, 0x89, 0xe5]; // push rbp; mov rbp, rsp
    // What the compiler puts in front (`golift_codegen`, `stack_check`), and where that leads to.
    const COMPARE: [u8; 4] = [0x49, 0x3b, 0x67, off::STACKGUARD as u8]; // cmp rsp, [r15 + guard]
    const LOWER: [u8; 4] = [0x4c, 0x8d, 0x94, 0x24]; // lea r10, [rsp - need]; cmp r10, [r15 + guard]
    const TO_THUNK: [&[u8]; 2] = [&[0x4c, 0x8d, 0x15, 4, 0, 0, 0], &[0x41, 0xff, 0x67, off::MORESTACK as u8]];
    const POP_RBP: u8 = 0x5d;
    // Behind each function lie at least some bytes of other code, or of the runtime.
    // SAFETY: the contract above.
    let at = |p: usize, n: usize| unsafe { core::slice::from_raw_parts(p as *const u8, n) };
    let mut push = entry;
    if at(entry, 4) == COMPARE {
        push += 4;
    } else if at(entry, 4) == LOWER {
        push += 12;
    }
    if push != entry {
        push += if at(push, 1) == [0x76] { 2 } else { 6 }; // jbe, near or far
    }
    if pc < push {
        return FrameState::Checks;
    }
    if at(push, 4) == PROLOGUE {
        let body = push + PROLOGUE.len();
        if pc == push {
            return FrameState::Begins(body);
        }
        if pc < body {
            return FrameState::Saved(body);
        }
    }
    match at(pc, 3) {
        [0xc3, ..] => FrameState::Returns(0),
        [0xc2, lo, hi] => FrameState::Returns(u16::from_le_bytes([*lo, *hi]) as usize),
        [0x41 | 0xe9 | 0xeb | 0xff, ..] if at(pc - 1, 1) == [POP_RBP] => FrameState::Leaves,
        _ if TO_THUNK.iter().any(|code| at(pc, code.len()) == *code) => FrameState::Leaves,
        _ => FrameState::Complete,
    }
}

#[cfg(test)]
mod tests {
    use super::{FrameState::*, frame_state};

    /// The states at the given offsets.
    fn check(code: &[u8], states: &[(usize, &str)]) {
        let mut memory = vec![0xcc; 16];
        memory.extend(code);
        memory.extend([0xcc; 16]);
        let entry = memory[16..].as_ptr() as usize;
        for (at, expected) in states {
            // SAFETY: the code, with some bytes around it.
            let state = match unsafe { frame_state(entry, entry + at) } {
                Complete => "complete".into(),
                Checks => "checks".into(),
                Begins(body) => format!("begins {}", body - entry),
                Saved(body) => format!("saved {}", body - entry),
                Returns(popped) => format!("returns {popped}"),
                Leaves => "leaves".into(),
            };
            assert_eq!(&state, expected, "at {at}");
        }
    }

    const FRAME: [u8; 4] = [0x55, 0x48, 0x89, 0xe5];

    #[test]
    fn leaf() {
        let code = [&FRAME[..], &[0x90, 0x5d, 0xc3]].concat();
        let states = [(0, "begins 4"), (1, "saved 4"), (4, "complete"), (5, "complete"), (6, "returns 0")];
        check(&code, &states);
    }

    #[test]
    fn checked() {
        let near = [&[0x49, 0x3b, 0x67, 0x10, 0x76, 7][..], &FRAME, &[0x90, 0x5d, 0xc2, 16, 0]].concat();
        check(
            &near,
            &[(0, "checks"), (4, "checks"), (6, "begins 10"), (7, "saved 10"), (10, "complete"), (12, "returns 16")],
        );
        let lower = [0x4c, 0x8d, 0x94, 0x24, 0, 0, 0xff, 0xff, 0x4d, 0x3b, 0x57, 0x10, 0x0f, 0x86, 0, 1, 0, 0];
        let far = [&lower[..], &FRAME, &[0x90]].concat();
        check(
            &far,
            &[(0, "checks"), (8, "checks"), (12, "checks"), (18, "begins 22"), (19, "saved 22"), (22, "complete")],
        );
    }

    #[test]
    fn other_ways_out() {
        for jump in [&[0x41, 0xff, 0xe2][..], &[0xff, 0xe0], &[0xe9, 0, 0, 0, 0]] {
            check(&[&FRAME[..], &[0x5d], jump].concat(), &[(4, "complete"), (5, "leaves")]);
            check(&[&FRAME[..], &[0x90], jump].concat(), &[(5, "complete")]);
        }
        let more = [&FRAME[..], &[0x4c, 0x8d, 0x15, 4, 0, 0, 0, 0x41, 0xff, 0x67, 0x20]].concat();
        check(&more, &[(4, "leaves"), (11, "leaves")]);
    }
}
