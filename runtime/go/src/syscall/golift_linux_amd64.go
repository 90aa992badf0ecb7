package syscall

import "unsafe"

//go:linkname golift_gettimeofday syscall.gettimeofday
//go:nosplit
func golift_gettimeofday(tv *Timeval) (err Errno) {
	_, _, err = RawSyscall6(SYS_GETTIMEOFDAY, uintptr(unsafe.Pointer(tv)), 0, 0, 0, 0, 0)
	return
}
