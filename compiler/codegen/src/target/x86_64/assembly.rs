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
use golift_ir::Type;
use iced_x86::{Decoder, DecoderOptions, InstructionInfoFactory, Register};

/// Arguments of so many words are copied without a loop.
const UNROLLED: u32 = 24;
/// What `enter` pushes below its frame pointer.
const SAVED: u32 = 48;

/// Integer arguments of `CallConv::Tail`: rdi, rsi, rdx, rcx, r8, r9.
const INT_ARGUMENTS: [u8; 6] = [7, 6, 2, 1, 8, 9];
/// Integer results of `CallConv::Tail`: rax, rcx, rdx, rsi, rdi, r8, r9, r10.
const INT_RESULTS: [u8; 8] = [0, 1, 2, 6, 7, 8, 9, 10];
/// Float arguments and results.
const FLOATS: [u8; 8] = [0, 1, 2, 3, 4, 5, 6, 7];
const RAX: u8 = 0;
/// Registers that our functions save for their callers: rbx, r12, r13, r14, and r15, which holds the goroutine.
const CALLEE_SAVED: [(u8, Register); 5] =
    [(3, Register::RBX), (12, Register::R12), (13, Register::R13), (14, Register::R14), (15, Register::R15)];

/// The callee-saved registers that a piece of assembly names, or, if it goes elsewhere, all of them.
pub fn changed_registers(code: &[u8], goes_elsewhere: bool) -> Vec<u8> {
    let mut used = [goes_elsewhere; CALLEE_SAVED.len()];
    let mut info = InstructionInfoFactory::new();
    for inst in Decoder::new(64, code, DecoderOptions::NONE).into_iter() {
        if used == [true; CALLEE_SAVED.len()] {
            break;
        }
        if inst.is_invalid() {
            used = [true; CALLEE_SAVED.len()];
        }
        for register in info.info(&inst).used_registers().iter().map(|used| used.register().full_register()) {
            for (used, (_, saved)) in used.iter_mut().zip(CALLEE_SAVED) {
                *used |= register == saved;
            }
        }
    }
    CALLEE_SAVED.iter().zip(used).filter(|(_, used)| *used).map(|((number, _), _)| *number).collect()
}

/// `mov` between a register and memory.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Move {
    Load,
    Store,
}

/// What a displacement counts from.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Base {
    Rsp,
    Rbp,
}

/// Moves a scalar; small integers are loaded with zeros above.
fn scalar(code: &mut Vec<u8>, direction: Move, ty: Type, register: u8, base: Base, at: u32) {
    let is_load = direction == Move::Load;
    let rex = 0x40 | register >> 3 << 2;
    match ty {
        Type::F32 | Type::F64 => {
            code.extend([if ty == Type::F32 { 0xf3 } else { 0xf2 }, 0x0f, if is_load { 0x10 } else { 0x11 }]);
        }
        Type::I64 | Type::Ptr => code.extend([rex | 8, if is_load { 0x8b } else { 0x89 }]),
        Type::I32 => code.extend([rex, if is_load { 0x8b } else { 0x89 }]),
        Type::I16 if is_load => code.extend([rex, 0x0f, 0xb7]),
        Type::I16 => code.extend([0x66, rex, 0x89]),
        Type::I8 if is_load => code.extend([rex, 0x0f, 0xb6]),
        Type::I8 => code.extend([rex, 0x88]),
    }
    let short = i8::try_from(at);
    let mode = if short.is_ok() { 0x40 } else { 0x80 };
    match base {
        Base::Rsp => code.extend([mode | (register & 7) << 3 | 4, 0x24]),
        Base::Rbp => code.push(mode | (register & 7) << 3 | 5),
    }
    match short {
        Ok(short) => code.push(short as u8),
        Err(_) => code.extend(at.to_le_bytes()),
    }
}

/// Calls an assembly function with its parameters in a block of `size` bytes on the stack. `saved` are the numbers of the callee-saved registers that
/// may change, `stack_args` the bytes of parameters on the caller's stack.
pub fn direct(size: u32, params: &[(u32, Type)], results: &[(u32, Type)], saved: &[u8], stack_args: u32) -> Bridge {
    let below = 8 * saved.len() as u32;
    let area = (size + below).next_multiple_of(16) - below;
    let mut code = vec![0x55, 0x48, 0x89, 0xe5]; // push rbp; mov rbp, rsp
    saved.iter().for_each(|&register| code.extend([0x40 | register >> 3, 0x50 | register & 7])); // push
    if area > 0 {
        code.extend([0x48, 0x81, 0xec]); // sub rsp, area
        code.extend(area.to_le_bytes());
    }
    let (mut ints, mut floats, mut words) = (INT_ARGUMENTS.iter(), FLOATS.iter(), 0);
    for &(at, ty) in params {
        match if ty.is_float() { floats.next() } else { ints.next() } {
            Some(&register) => scalar(&mut code, Move::Store, ty, register, Base::Rsp, at),
            None => {
                let as_int = if ty.bytes() == 4 { Type::I32 } else { Type::I64 };
                let ty = if ty.is_float() { as_int } else { ty };
                scalar(&mut code, Move::Load, Type::I64, RAX, Base::Rbp, 16 + 8 * words);
                scalar(&mut code, Move::Store, ty, RAX, Base::Rsp, at);
                words += 1;
            }
        }
    }
    let call = code.len() as u32 + 1;
    code.extend([0xe8, 0, 0, 0, 0]);
    code.extend([0x48, 0x8d, 0xac, 0x24]); // lea rbp, [rsp + area + below]
    code.extend((area + below).to_le_bytes());
    let (mut ints, mut floats) = (INT_RESULTS.iter(), FLOATS.iter());
    for &(at, ty) in results {
        let register = if ty.is_float() { floats.next() } else { ints.next() };
        scalar(&mut code, Move::Load, ty, *register.expect("results fit in registers"), Base::Rsp, at);
    }
    code.extend([0x48, 0x8d, 0x65, (below as u8).wrapping_neg()]); // lea rsp, [rbp - below]
    saved.iter().rev().for_each(|&register| code.extend([0x40 | register >> 3, 0x58 | register & 7])); // pop
    code.push(0x5d); // pop rbp
    match stack_args {
        0 => code.push(0xc3), // ret
        _ => {
            code.push(0xc2); // ret stack_args
            code.extend((stack_args as u16).to_le_bytes());
        }
    }
    Bridge { code, call: Some(BridgeCall { at: call, depth: (call - 1, area + below + 8) }), frame_size: area + below }
}

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
    use iced_x86::{Instruction, Mnemonic};

    fn mnemonics(code: &[u8]) -> Vec<Mnemonic> {
        let decoder = Decoder::new(64, code, DecoderOptions::NONE);
        decoder.into_iter().map(|inst| inst.mnemonic()).collect()
    }

    #[test]
    fn direct_bridges() {
        let params: Vec<(u32, Type)> =
            (0..9).map(|n| (n * 8, Type::I64)).chain([(72, Type::F64), (80, Type::I8)]).collect();
        let bridge = direct(96, &params, &[(88, Type::I16)], &[3, 15], 32);
        let found: Vec<Instruction> = Decoder::new(64, &bridge.code, DecoderOptions::NONE).into_iter().collect();
        // Frame pointer, two registers, area; six registers, three words of the stack, a float, a byte of the stack; call, result, and back.
        assert_eq!(found.len(), 2 + 2 + 1 + 6 + 2 * 4 + 1 + 2 + 1 + 1 + 2 + 1 + 1);
        let has = |mnemonic, at: u64, register| {
            let fits = |inst: &&Instruction| {
                inst.mnemonic() == mnemonic
                    && inst.memory_displacement64() == at
                    && (inst.op0_register() == register || inst.op1_register() == register)
            };
            found.iter().any(|inst| fits(&inst))
        };
        assert!(has(Mnemonic::Push, 0, Register::RBX) && has(Mnemonic::Pop, 0, Register::R15));
        assert!(has(Mnemonic::Mov, 0, Register::RDI) && has(Mnemonic::Mov, 0x28, Register::R9));
        assert!(has(Mnemonic::Movsd, 0x48, Register::XMM0) && has(Mnemonic::Movzx, 0x58, Register::EAX));
        // The fourth word of the caller's is the byte.
        assert!(has(Mnemonic::Mov, 0x10 + 3 * 8, Register::RAX) && has(Mnemonic::Mov, 0x50, Register::AL));
        let last = found.last().unwrap();
        assert_eq!((last.mnemonic(), last.immediate16()), (Mnemonic::Ret, 32));
    }

    #[test]
    fn changed_registers_are_those_that_are_named() {
        // xor ebx, ebx; mov r14d, eax; ret
        let code = [0x31, 0xdb, 0x41, 0x89, 0xc6, 0xc3];
        assert_eq!(changed_registers(&code, false), [3, 14]);
        assert_eq!(changed_registers(&code[2..], true), [3, 12, 13, 14, 15]);
        assert_eq!(changed_registers(&[0x06], false).len(), 5);
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
