# A runtime that is just enough to run compiled functions in tests.
        .intel_syntax noprefix
        .section .text._rt0_amd64_linux,"ax",@progbits
        .globl _rt0_amd64_linux
        .type _rt0_amd64_linux,@function
_rt0_amd64_linux:
        lea r15, [rip + test_g]
        lea rax, [rsp - 65536]
        mov [r15 + 16], rax
        lea rax, [rip + morestack]
        mov [r15 + 32], rax
        and rsp, -16
        xor ebp, ebp
        call runtime.main
        xor edi, edi
        jmp golift_exit

        .section .text.golift_exit,"ax",@progbits
        .globl golift_exit
golift_exit:
        mov eax, 231
        syscall

        .section .text.golift_write,"ax",@progbits
        .globl golift_write
golift_write:
        mov rdx, rsi
        mov rsi, rdi
        mov edi, 1
        mov eax, 1
        syscall
        ret

# Jumps to the landing of a recovery record, with garbage in all registers but rax, rsp, rbp, r15.
        .section .text.golift_recover,"ax",@progbits
        .globl golift_recover
golift_recover:
        mov rax, rdi
        mov rsp, [rax + 8]
        mov rbp, [rax + 16]
        mov rbx, -1
        mov rcx, -1
        mov rdx, -1
        mov rsi, -1
        mov rdi, -1
        mov r8, -1
        mov r9, -1
        mov r10, -1
        mov r11, -1
        mov r12, -1
        mov r13, -1
        mov r14, -1
        jmp [rax]

        .section .text.golift_memmove,"ax",@progbits
        .globl golift_memmove
golift_memmove:
        mov rcx, rdx
        rep movsb
        ret

        .section .text.golift_memclr,"ax",@progbits
        .globl golift_memclr
golift_memclr:
        mov rcx, rsi
        xor eax, eax
        rep stosb
        ret

        .section .text.golift_gc_write_barrier,"ax",@progbits
        .globl golift_gc_write_barrier
golift_gc_write_barrier:
        inc qword ptr [rip + golift_barriers]
        ret

        .section .text.golift_barrier_count,"ax",@progbits
        .globl golift_barrier_count
golift_barrier_count:
        mov rax, [rip + golift_barriers]
        ret

        .section .text.golift_set_barrier,"ax",@progbits
        .globl golift_set_barrier
golift_set_barrier:
        mov [rip + golift_write_barrier_enabled], edi
        ret

        .section .text.golift_fma,"ax",@progbits
        .globl golift_fma
golift_fma:
        mulsd xmm0, xmm1
        addsd xmm0, xmm2
        ret

# Calls of the stack check: number so far, last value of MORESTACK_ARGS.
        .section .text.golift_morestacks,"ax",@progbits
        .globl golift_morestacks
golift_morestacks:
        mov rax, [rip + morestack_count]
        mov rdx, [rip + morestack_sizes]
        ret

# Returns what the module data says: text start and number of functions.
        .section .text.golift_module,"ax",@progbits
        .globl golift_module
golift_module:
        mov rax, runtime.moduledata@GOTPCREL[rip]
        mov rdx, [rax + 24]
        mov rax, [rax]
        ret

        .section .text.golift_never,"ax",@progbits
        .globl golift_never
golift_never:
        call golift_undefined
        ret

        .section .text.morestack,"ax",@progbits
morestack:
        mov r11, [r10]
        mov eax, r11d
        and eax, (1 << 28) - 1
        sub r10, rax
        mov [r15 + 40], r10
        mov r10, r11
        shr r10, 52
        shl r10d, 4
        mov [r15 + 48], r10d
        shl r11, 12
        shr r11, 40
        shl r11d, 6
        mov [r15 + 52], r11d
        push rbp
        mov rbp, rsp
        push qword ptr [r15 + 16]
        push qword ptr [rip + segment]
        inc qword ptr [rip + morestack_count]
        mov r10, [r15 + 48]
        mov [rip + morestack_sizes], r10
        mov r10d, r10d
        push r10
        mov r11, [rip + segment]
        lea rax, [rip + segments]
        add rax, r11
        mov [r15 + 16], rax
        add qword ptr [r15 + 16], 4096
        mov r11d, [r15 + 52]
        lea r11, [r11 + r10 + 65536]
        and r11, -4096
        add [rip + segment], r11
        add r11, rax
        sub r11, r10
        mov rsp, r11
1:      sub r10, 8
        js 2f
        mov rax, [rbp + 16 + r10]
        mov [rsp + r10], rax
        jmp 1b
2:      call [r15 + 40]
        mov r11, [rbp - 8]
        mov [r15 + 16], r11
        mov r11, [rbp - 16]
        mov [rip + segment], r11
        mov r11, [rbp - 24]
        mov [rip + scratch], r11
        mov rsp, rbp
        pop rbp
        pop r11
        add rsp, [rip + scratch]
        jmp r11

        .section .data.golift_write_barrier_enabled,"aw",@progbits
        .globl golift_write_barrier_enabled
golift_write_barrier_enabled: .long 0

        .section .bss.test,"aw",@nobits
        .balign 64
test_g: .skip 256
golift_barriers: .skip 8
morestack_count: .skip 8
morestack_sizes: .skip 8
segment: .skip 8
scratch: .skip 8
        .balign 4096
segments: .skip 67108864
        .section .note.GNU-stack,"",@progbits
