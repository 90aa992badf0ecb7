//! x86-64: calls of and by functions whose types the compiler has never seen (`reflect.FuncOf`).
//!
//! Package reflect (runtime/go/src/reflect/funcof.go) works out where arguments and results go; what it
//! cannot do in Go is here. Both sides share a block:
//!
//! ```text
//!     0  eight integer registers: rdi rsi rdx rcx r8 r9 for arguments, rax rcx rdx rsi rdi r8 r9 r10 for results
//!    64  eight float registers, xmm0 to xmm7
//!   128  code to call                            (calls only, as all that follows)
//!   136  address of the words of the arguments on the stack
//!   144  their bytes, a multiple of 16
//! ```
//!
//! `golift_reflect_call(block)` fills the registers, calls, and notes the results. Callees take their arguments off the
//! stack, how many bytes only they know.
//!
//! `golift_reflect_made` is the code of func values: with the registers of a call in a block of its frame it calls the
//! func value in the second word of its own, with `(its func value, block, address of the arguments on the stack)`. The result is the
//! number of bytes on the stack. It has no stack check, which would have to know that number: its frame
//! is small, and what it calls has one (a link of `STACK_NOSPLIT_DEPTH`).
//!
//! The collector has no tables of these frames and scans them as a whole.

use core::arch::global_asm;
use golift_abi::{g as off, morestack};

/// Most bytes of arguments on the stack: `FuncOf` allows 128 parameters.
const MAX_STACK: u32 = 128 * 8 * golift_abi::call::MAX_SCALARS as u32;
/// What is below the return address besides them.
const CALL_FRAME: u32 = 64;
/// From the entry of `golift_reflect_call` to its word for the morestack thunk.
const CALL_BACK: u32 = 256;

global_asm!(
    ".section .text.golift_reflect_call,\"ax\",@progbits",
    ".globl golift_reflect_call",
    ".type golift_reflect_call,@function",
    ".balign 16",
    "golift_reflect_call:",
    "lea r10, [rsp - {need}]",
    "cmp r10, [r15 + {guard}]",
    "jbe 2f",
    "push rbp",
    "mov rbp, rsp",
    "push rbx",
    "push rbx", // alignment
    "mov rbx, rdi",
    "mov rcx, [rbx + 144]",
    "sub rsp, rcx",
    "mov rsi, [rbx + 136]",
    "mov rdi, rsp",
    "rep movsb",
    "movsd xmm0, [rbx + 64]",
    "movsd xmm1, [rbx + 72]",
    "movsd xmm2, [rbx + 80]",
    "movsd xmm3, [rbx + 88]",
    "movsd xmm4, [rbx + 96]",
    "movsd xmm5, [rbx + 104]",
    "movsd xmm6, [rbx + 112]",
    "movsd xmm7, [rbx + 120]",
    "mov rdi, [rbx]",
    "mov rsi, [rbx + 8]",
    "mov rdx, [rbx + 16]",
    "mov rcx, [rbx + 24]",
    "mov r8, [rbx + 32]",
    "mov r9, [rbx + 40]",
    "call [rbx + 128]",
    "mov [rbx], rax",
    "mov [rbx + 8], rcx",
    "mov [rbx + 16], rdx",
    "mov [rbx + 24], rsi",
    "mov [rbx + 32], rdi",
    "mov [rbx + 40], r8",
    "mov [rbx + 48], r9",
    "mov [rbx + 56], r10",
    "movsd [rbx + 64], xmm0",
    "movsd [rbx + 72], xmm1",
    "movsd [rbx + 80], xmm2",
    "movsd [rbx + 88], xmm3",
    "movsd [rbx + 96], xmm4",
    "movsd [rbx + 104], xmm5",
    "movsd [rbx + 112], xmm6",
    "movsd [rbx + 120], xmm7",
    "mov rbx, [rbp - 8]",
    "mov rsp, rbp",
    "pop rbp",
    "ret",
    "2:",
    "lea r10, [rip + 3f]",
    "jmp [r15 + {morestack}]",
    ".org golift_reflect_call + {back}, 0xcc",
    "3:",
    ".quad {word}",
    ".size golift_reflect_call, .-golift_reflect_call",
    "",
    ".section .text.golift_reflect_made,\"ax\",@progbits",
    ".type golift_reflect_made,@function",
    ".balign 16",
    "golift_reflect_made:",
    "push rbp",
    "mov rbp, rsp",
    "sub rsp, 128",
    "mov [rsp], rdi",
    "mov [rsp + 8], rsi",
    "mov [rsp + 16], rdx",
    "mov [rsp + 24], rcx",
    "mov [rsp + 32], r8",
    "mov [rsp + 40], r9",
    "movsd [rsp + 64], xmm0",
    "movsd [rsp + 72], xmm1",
    "movsd [rsp + 80], xmm2",
    "movsd [rsp + 88], xmm3",
    "movsd [rsp + 96], xmm4",
    "movsd [rsp + 104], xmm5",
    "movsd [rsp + 112], xmm6",
    "movsd [rsp + 120], xmm7",
    "mov rsi, rdi",
    "mov rdi, [rsi + 8]",
    "mov rdx, rsp",
    "lea rcx, [rbp + 16]",
    "call [rdi]",
    "mov r11, rax",
    "mov rax, [rsp]",
    "mov rcx, [rsp + 8]",
    "mov rdx, [rsp + 16]",
    "mov rsi, [rsp + 24]",
    "mov rdi, [rsp + 32]",
    "mov r8, [rsp + 40]",
    "mov r9, [rsp + 48]",
    "mov r10, [rsp + 56]",
    "movsd xmm0, [rsp + 64]",
    "movsd xmm1, [rsp + 72]",
    "movsd xmm2, [rsp + 80]",
    "movsd xmm3, [rsp + 88]",
    "movsd xmm4, [rsp + 96]",
    "movsd xmm5, [rsp + 104]",
    "movsd xmm6, [rsp + 112]",
    "movsd xmm7, [rsp + 120]",
    "mov rsp, rbp",
    "pop rbp",
    "test r11, r11",
    "jnz 4f",
    "ret",
    // The return address moves up over the arguments; only r11 is free.
    "4:",
    "push rax",
    "mov rax, [rsp + 8]",
    "mov [rsp + r11 + 8], rax",
    "pop rax",
    "add rsp, r11",
    "ret",
    ".size golift_reflect_made, .-golift_reflect_made",
    "",
    // Leaf: the address of the latter.
    ".section .text.golift_reflect_made_code,\"ax\",@progbits",
    ".globl golift_reflect_made_code",
    ".type golift_reflect_made_code,@function",
    "golift_reflect_made_code:",
    "lea rax, [rip + golift_reflect_made]",
    "ret",
    ".size golift_reflect_made_code, .-golift_reflect_made_code",
    ".text",
    need = const CALL_FRAME + MAX_STACK,
    guard = const off::STACKGUARD,
    morestack = const off::MORESTACK,
    back = const CALL_BACK,
    word = const morestack::pack(CALL_BACK as u64, CALL_FRAME + MAX_STACK, 0),
);
