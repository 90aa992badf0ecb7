//! x86-64.

mod arguments;
mod assembly;
mod code_flow;
mod frame_map;

pub use assembly::{changed_registers, direct, enter, leave, trap};
pub use code_flow::ARGUMENT_REGISTERS;

use super::contract::{Analysis, Checked, StackCheck};
use crate::names::MARKER_PAUSE;
use cranelift_codegen::CompiledCode;
use cranelift_codegen::ir::Function;
use golift_abi as abi;

/// Taken for granted: x86-64-v2.
pub const FEATURES: &[&str] = &["has_sse3", "has_ssse3", "has_sse41", "has_sse42", "has_popcnt", "has_cmpxchg16b"];

/// `int3`: what is never run.
const FILLER: u8 = 0xcc;

/// See `target`.
pub fn stack_check(checked: Checked) -> StackCheck {
    let guard = displacement(abi::g::STACKGUARD);
    let mut entry = Vec::with_capacity(18);
    if checked.need <= abi::STACK_CHECKED {
        entry.extend([0x49, 0x3b, 0x67, guard]); // cmp rsp, [r15 + guard]
    } else {
        let need = i32::try_from(checked.need).expect("frames are below 2 GB");
        entry.extend([0x4c, 0x8d, 0x94, 0x24]); // lea r10, [rsp - need]
        entry.extend((-need).to_le_bytes());
        entry.extend([0x4d, 0x3b, 0x57, guard]); // cmp r10, [r15 + guard]
    }
    // jbe more
    match i8::try_from(checked.body) {
        Ok(near) => entry.extend([0x76, near as u8]),
        Err(_) => {
            entry.extend([0x0f, 0x86]);
            entry.extend(checked.body.to_le_bytes());
        }
    }

    let mut more = Vec::with_capacity(19);
    let jump = [0x41, 0xff, 0x67, displacement(abi::g::MORESTACK)]; // jmp [r15 + morestack]
    more.extend([0x4c, 0x8d, 0x15]); // lea r10, [rip + after the jump]
    more.extend((jump.len() as u32).to_le_bytes());
    more.extend(jump);
    let back = entry.len() + checked.body as usize + more.len();
    more.extend(abi::morestack::pack(back as u64, checked.need, checked.args).to_le_bytes());
    StackCheck { entry, more }
}

/// Offset of a field of `G` as an 8-bit displacement.
const fn displacement(offset: i32) -> u8 {
    assert!(offset >= 0 && offset < 128);
    offset as u8
}

/// Overwrites the call whose relocation is at `offset`.
pub fn fill_marker(code: &mut [u8], offset: usize, marker: u32) {
    assert_eq!(code[offset - 1], 0xe8, "marker is a near call");
    let bytes: &[u8; 5] = match marker {
        MARKER_PAUSE => &[0xf3, 0x90, 0x0f, 0x1f, 0x00],
        _ => &[0x0f, 0x1f, 0x44, 0x00, 0x00],
    };
    code[offset - 1..offset + 4].copy_from_slice(bytes);
}

/// Finds out what frames hold, and shortens the epilogue.
pub fn analyse(func: &Function, compiled: &CompiledCode) -> Analysis {
    let found = frame_map::analyse(func, compiled);
    let code = (!found.needless_moves.is_empty()).then(|| {
        let mut code = compiled.buffer.data().to_vec();
        found.needless_moves.iter().for_each(|&at| shorten_epilogue(&mut code, at as usize));
        code
    });
    Analysis { frame: found.frame, code }
}

/// Takes away `mov rsp, rbp` at `at`, before `pop rbp`: the processor has to follow the stack pointer through it, which in functions that
/// do little costs half of their time.
///
/// Nothing moves that something else may point to: a return goes forward and leaves unused bytes behind, other ends get a no-op.
fn shorten_epilogue(code: &mut [u8], at: usize) {
    const MOVE: usize = 3;
    const POP_RBP: u8 = 0x5d;
    const RET: u8 = 0xc3;
    debug_assert_eq!(code[at + MOVE], POP_RBP);
    if code.get(at + MOVE + 1) == Some(&RET) {
        code[at..at + 5].copy_from_slice(&[POP_RBP, RET, FILLER, FILLER, FILLER]);
    } else {
        code[at..at + MOVE].copy_from_slice(&[0x0f, 0x1f, 0x00]); // nop
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn epilogues() {
        let mut ret = vec![0x48, 0x89, 0xec, 0x5d, 0xc3];
        shorten_epilogue(&mut ret, 0);
        assert_eq!(ret, [0x5d, 0xc3, 0xcc, 0xcc, 0xcc]);
        // A `ret` that pops arguments, and a tail call.
        for tail in [[0x5d, 0xc2, 0x10, 0x00], [0x5d, 0x41, 0xff, 0xe2]] {
            let mut code = [&[0x48, 0x89, 0xec], &tail[..]].concat();
            shorten_epilogue(&mut code, 0);
            assert_eq!(code, [&[0x0f, 0x1f, 0x00], &tail[..]].concat());
        }
    }

    #[test]
    fn checks_lead_to_their_info() {
        for (need, args) in [(64, 0), (256, 16), (257, 16), (1 << 20, 9600), (abi::morestack::MAX_NEED, 0)] {
            let check = stack_check(Checked { body: 1000, need, args });
            let target = u32::from_le_bytes(*check.entry.last_chunk().unwrap());
            assert_eq!(target, 1000);
            let info = u64::from_le_bytes(*check.more.last_chunk().unwrap());
            let unpacked = abi::morestack::unpack(info);
            assert_eq!(unpacked.back as usize, check.entry.len() + 1000 + check.more.len() - 8);
            assert_eq!((unpacked.need, unpacked.args), (need.next_multiple_of(64), args));
        }
    }
}
