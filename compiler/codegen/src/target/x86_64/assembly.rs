//! Bridges between Go's convention and gc's ABI0.
//!
//! ```text
//!   enter, called with the address of a block in rdi:       leave, called in ABI0:
//!
//!        return address                                          arguments, results    <- passed on in rdi
//!   rbp: frame pointer of the caller                             return address
//!        rbx, r12, r13, r14, r15                            rbp: frame pointer of assembly
//!        address of the block
//!        arguments and results, and padding
//!   rsp at the call
//! ```
//!
//! Assembly may change all registers but rsp, so after the call of `enter` everything is found from that. Frames of both kinds have frame pointers, and
//! that of `enter` is described like one of assembly, too, for walks that come from there.

use crate::target::contract::{Bridge, BridgeCall};

/// Arguments of so many words are copied without a loop.
const UNROLLED: u32 = 24;
/// What `enter` pushes below its frame pointer.
const SAVED: u32 = 48;

/// Calls an assembly function with a copy of the block whose address is the parameter. Results begin at `results`.
pub fn enter(size: u32, results: u32) -> Bridge {
    let area = size.next_multiple_of(16);
    let mut code = vec![0x55, 0x48, 0x89, 0xe5]; // push rbp; mov rbp, rsp
    code.extend([0x53, 0x41, 0x54, 0x41, 0x55, 0x41, 0x56, 0x41, 0x57, 0x57]); // push rbx, r12, r13, r14, r15, rdi
    if area > 0 {
        code.extend([0x48, 0x81, 0xec]); // sub rsp, area
        code.extend(area.to_le_bytes());
    }
    let words = results / 8;
    if words <= UNROLLED {
        for word in 0..words {
            code.extend([0x48, 0x8b, 0x87]); // mov rax, [rdi + offset]
            code.extend((word * 8).to_le_bytes());
            code.extend([0x48, 0x89, 0x84, 0x24]); // mov [rsp + offset], rax
            code.extend((word * 8).to_le_bytes());
        }
    } else {
        code.extend([0x48, 0x89, 0xfe]); // mov rsi, rdi
        code.extend([0x48, 0x89, 0xe7]); // mov rdi, rsp
        copy_words(&mut code, words);
    }
    let call = code.len() as u32 + 1;
    code.extend([0xe8, 0, 0, 0, 0]);
    code.extend([0x48, 0x8d, 0xac, 0x24]); // lea rbp, [rsp + area + SAVED]
    code.extend((area + SAVED).to_le_bytes());
    let words = (size - results) / 8;
    if words > 0 {
        code.extend([0x48, 0x8b, 0x4d, (SAVED as u8).wrapping_neg()]); // mov rcx, [rbp - SAVED]
    }
    if words <= UNROLLED {
        for at in (results..size).step_by(8) {
            code.extend([0x48, 0x8b, 0x84, 0x24]); // mov rax, [rsp + offset]
            code.extend(at.to_le_bytes());
            code.extend([0x48, 0x89, 0x81]); // mov [rcx + offset], rax
            code.extend(at.to_le_bytes());
        }
    } else {
        code.extend([0x48, 0x8d, 0xb4, 0x24]); // lea rsi, [rsp + results]
        code.extend(results.to_le_bytes());
        code.extend([0x48, 0x8d, 0xb9]); // lea rdi, [rcx + results]
        code.extend(results.to_le_bytes());
        copy_words(&mut code, words);
    }
    code.extend([0x48, 0x8d, 0x65, 8u8.wrapping_sub(SAVED as u8)]); // lea rsp, [rbp - (SAVED - 8)]
    code.extend([0x41, 0x5f, 0x41, 0x5e, 0x41, 0x5d, 0x41, 0x5c, 0x5b, 0x5d, 0xc3]); // pop r15, r14, r13, r12, rbx, rbp; ret
    let depth = area + SAVED + 8;
    Bridge { code, call: Some(BridgeCall { at: call, depth: (call - 1, depth) }), frame_size: area + SAVED }
}

fn copy_words(code: &mut Vec<u8>, words: u32) {
    code.push(0xb9); // mov ecx, words
    code.extend(words.to_le_bytes());
    code.extend([0xf3, 0x48, 0xa5]); // rep movsq
}

/// Calls a Go function that takes the address of the arguments.
pub fn leave() -> Bridge {
    let mut code = vec![0x55, 0x48, 0x89, 0xe5]; // push rbp; mov rbp, rsp
    code.extend([0x64, 0x48, 0x8b, 0x04, 0x25, 0, 0, 0, 0]); // mov rax, fs:[0], the M
    code.extend([0x4c, 0x8b, 0x78, golift_abi::M_CURG]); // mov r15, [rax + curg]
    code.extend([0x48, 0x8d, 0x7d, 0x10]); // lea rdi, [rbp + 16]
    code.extend([0x48, 0x83, 0xe4, 0xf0]); // and rsp, -16
    let call = code.len() as u32 + 1;
    code.extend([0xe8, 0, 0, 0, 0]);
    code.extend([0x48, 0x89, 0xec, 0x5d, 0xc3]); // mov rsp, rbp; pop rbp; ret
    Bridge { code, call: Some(BridgeCall { at: call, depth: (call - 1, 0) }), frame_size: 8 }
}

/// What is not to be reached.
pub fn trap() -> Bridge {
    Bridge { code: vec![0x0f, 0x0b], call: None, frame_size: 0 } // ud2
}

#[cfg(test)]
mod tests {
    use super::*;
    use iced_x86::{Decoder, DecoderOptions, Mnemonic};

    fn mnemonics(code: &[u8]) -> Vec<Mnemonic> {
        let decoder = Decoder::new(64, code, DecoderOptions::NONE);
        decoder.into_iter().map(|inst| inst.mnemonic()).collect()
    }

    #[test]
    fn bridges_are_balanced() {
        for (size, results) in [(0, 0), (8, 8), (24, 16), (40, 0), (8 * 60, 8 * 30), (8 * 60, 8)] {
            let bridge = enter(size, results);
            let found = mnemonics(&bridge.code);
            let count = |m| found.iter().filter(|&&f| f == m).count();
            assert!(!found.contains(&Mnemonic::INVALID));
            assert_eq!(count(Mnemonic::Push), 7);
            // The address of the block is not popped.
            assert_eq!(count(Mnemonic::Pop), 6);
            assert_eq!(found.last(), Some(&Mnemonic::Ret));
            let call = bridge.call.unwrap();
            assert_eq!(bridge.code[call.at as usize - 1], 0xe8);
            assert_eq!(call.depth.0, call.at - 1);
            assert_eq!(call.depth.1 % 16, 8);
        }
        assert_eq!(mnemonics(&leave().code).last(), Some(&Mnemonic::Ret));
        assert_eq!(mnemonics(&trap().code), [Mnemonic::Ud2]);
    }
}
