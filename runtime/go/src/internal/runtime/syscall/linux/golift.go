package linux

import _ "unsafe" // for linkname

// The arguments are the number and six words; r1 is what the kernel returns.
//
//golift:rust golift_syscall6
//go:noescape
func rtSyscall6(args *[7]uintptr) (r1, r2 uintptr)

//go:linkname golift_Syscall6 internal/runtime/syscall/linux.Syscall6
//go:nosplit
func golift_Syscall6(num, a1, a2, a3, a4, a5, a6 uintptr) (r1, r2, errno uintptr) {
	args := [7]uintptr{num, a1, a2, a3, a4, a5, a6}
	r1, r2 = rtSyscall6(&args)
	if r1 > ^uintptr(4095) {
		return ^uintptr(0), 0, -r1
	}
	return r1, r2, 0
}
