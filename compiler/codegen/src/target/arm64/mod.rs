//! arm64. Register numbers: x21 holds the goroutine, x16 and x17 are free at calls.

use super::contract::{ArgumentRegisters, Checked, StackCheck};
use crate::names::MARKER_PAUSE;
use golift_abi as abi;

pub const FEATURES: &[&str] = &[];
pub const ARGUMENT_REGISTERS: ArgumentRegisters = ArgumentRegisters { int: 8, float: 8 };

pub fn stack_check(checked: Checked) -> StackCheck {
    let mut words: Vec<u32> = vec![load_from_g(16, abi::g::STACKGUARD)];
    if checked.need <= abi::STACK_CHECKED {
        words.push(0xeb30_63ff); // cmp sp, x16
    } else {
        words.push(0xd280_0011 | (checked.need & 0xffff) << 5); // movz x17, low
        words.push(0xf2a0_0011 | (checked.need >> 16) << 5); // movk x17, high, lsl 16
        words.push(0xcb31_63f1); // sub x17, sp, x17
        words.push(0xeb10_023f); // cmp x17, x16
    }
    // The reach of conditional branches is 1 MB, of others 128 MB.
    words.push(0x5400_0048); // b.hi body
    words.push(0x1400_0000 | (checked.body.div_ceil(4) + 1)); // b more
    let entry = bytes(&words);

    // adr x17, info; ldr x16, [x21, morestack]; br x16
    let mut more = vec![0; (checked.body.next_multiple_of(4) - checked.body) as usize];
    more.extend(bytes(&[0x1000_0071, load_from_g(16, abi::g::MORESTACK), 0xd61f_0200]));
    let back = entry.len() + checked.body as usize + more.len();
    more.extend(abi::morestack::pack(back as u64, checked.need, checked.args).to_le_bytes());
    StackCheck { entry, more }
}

/// `ldr xN, [x21, offset]`.
fn load_from_g(register: u32, offset: i32) -> u32 {
    0xf940_0000 | (offset as u32 / 8) << 10 | 21 << 5 | register
}

fn bytes(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|w| w.to_le_bytes()).collect()
}

/// `yield` or `nop`.
pub fn fill_marker(code: &mut [u8], offset: usize, marker: u32) {
    let word: u32 = if marker == MARKER_PAUSE { 0xd503_203f } else { 0xd503_201f };
    code[offset..offset + 4].copy_from_slice(&word.to_le_bytes());
}
