package unix

import (
	"syscall"
	"unsafe" // for linkname
)

// What asm_linux_*.s jumps to.

//go:linkname golift_Syscall golang.org/x/sys/unix.Syscall
func golift_Syscall(trap, a1, a2, a3 uintptr) (r1, r2 uintptr, err syscall.Errno) {
	return syscall.Syscall(trap, a1, a2, a3)
}

//go:linkname golift_Syscall6 golang.org/x/sys/unix.Syscall6
func golift_Syscall6(trap, a1, a2, a3, a4, a5, a6 uintptr) (r1, r2 uintptr, err syscall.Errno) {
	return syscall.Syscall6(trap, a1, a2, a3, a4, a5, a6)
}

//go:linkname golift_RawSyscall golang.org/x/sys/unix.RawSyscall
func golift_RawSyscall(trap, a1, a2, a3 uintptr) (r1, r2 uintptr, err syscall.Errno) {
	return syscall.RawSyscall(trap, a1, a2, a3)
}

//go:linkname golift_RawSyscall6 golang.org/x/sys/unix.RawSyscall6
func golift_RawSyscall6(trap, a1, a2, a3, a4, a5, a6 uintptr) (r1, r2 uintptr, err syscall.Errno) {
	return syscall.RawSyscall6(trap, a1, a2, a3, a4, a5, a6)
}

//go:linkname golift_SyscallNoError golang.org/x/sys/unix.SyscallNoError
func golift_SyscallNoError(trap, a1, a2, a3 uintptr) (r1, r2 uintptr) {
	r1, r2, _ = syscall.Syscall(trap, a1, a2, a3)
	return
}

//go:linkname golift_RawSyscallNoError golang.org/x/sys/unix.RawSyscallNoError
func golift_RawSyscallNoError(trap, a1, a2, a3 uintptr) (r1, r2 uintptr) {
	r1, r2, _ = syscall.RawSyscall(trap, a1, a2, a3)
	return
}

//go:linkname golift_gettimeofday golang.org/x/sys/unix.gettimeofday
func golift_gettimeofday(timeval *Timeval) syscall.Errno {
	_, _, err := syscall.RawSyscall(SYS_GETTIMEOFDAY, uintptr(unsafe.Pointer(timeval)), 0, 0)
	return err
}
