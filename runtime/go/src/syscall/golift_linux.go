package syscall

import "unsafe"

//go:linkname golift_rawSyscallNoError syscall.rawSyscallNoError
//go:nosplit
func golift_rawSyscallNoError(trap, a1, a2, a3 uintptr) (r1, r2 uintptr) {
	r1, r2, _ = RawSyscall6(trap, a1, a2, a3, 0, 0, 0)
	return
}

// A forked child that shared our memory would return from here on our stack, over the frame
// that the parent needs to return itself. It gets a copy of the memory instead.
//
//go:linkname golift_rawVforkSyscall syscall.rawVforkSyscall
//go:nosplit
func golift_rawVforkSyscall(trap, a1, a2, a3 uintptr) (r1 uintptr, err Errno) {
	const shared = CLONE_VFORK | CLONE_VM
	if trap == SYS_CLONE {
		a1 &^= shared
	} else {
		(*cloneArgs)(unsafe.Pointer(a1)).flags &^= shared
	}
	r1, _, err = RawSyscall6(trap, a1, a2, a3, 0, 0, 0)
	return
}
