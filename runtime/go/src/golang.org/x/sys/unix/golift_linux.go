package unix

import (
	"syscall"
	"unsafe"
)

// What asm_linux_*.s jumps to.

//golift:replace Syscall
func golift_Syscall(trap, a1, a2, a3 uintptr) (r1, r2 uintptr, err syscall.Errno) {
	return syscall.Syscall(trap, a1, a2, a3)
}

//golift:replace Syscall6
func golift_Syscall6(trap, a1, a2, a3, a4, a5, a6 uintptr) (r1, r2 uintptr, err syscall.Errno) {
	return syscall.Syscall6(trap, a1, a2, a3, a4, a5, a6)
}

//golift:replace RawSyscall
func golift_RawSyscall(trap, a1, a2, a3 uintptr) (r1, r2 uintptr, err syscall.Errno) {
	return syscall.RawSyscall(trap, a1, a2, a3)
}

//golift:replace RawSyscall6
func golift_RawSyscall6(trap, a1, a2, a3, a4, a5, a6 uintptr) (r1, r2 uintptr, err syscall.Errno) {
	return syscall.RawSyscall6(trap, a1, a2, a3, a4, a5, a6)
}

//golift:replace SyscallNoError
func golift_SyscallNoError(trap, a1, a2, a3 uintptr) (r1, r2 uintptr) {
	r1, r2, _ = syscall.Syscall(trap, a1, a2, a3)
	return
}

//golift:replace RawSyscallNoError
func golift_RawSyscallNoError(trap, a1, a2, a3 uintptr) (r1, r2 uintptr) {
	r1, r2, _ = syscall.RawSyscall(trap, a1, a2, a3)
	return
}

//golift:replace gettimeofday
func golift_gettimeofday(timeval *Timeval) syscall.Errno {
	_, _, err := syscall.RawSyscall(SYS_GETTIMEOFDAY, uintptr(unsafe.Pointer(timeval)), 0, 0)
	return err
}
