// Variables whose addresses go to the kernel as integers are not on the heap, and hold what the kernel wrote.
package main

import (
	"fmt"
	"syscall"
	"testing"
	"unsafe"
)

var r, w int

// The kernel writes through an address that only memory has.
//
//go:noinline
func gather() (n uintptr, first, second [4]byte) {
	var a, b [4]byte
	var iov [2]syscall.Iovec
	iov[0].Base, iov[0].Len = &a[0], 4
	iov[1].Base, iov[1].Len = &b[0], 4
	n, _, _ = syscall.Syscall(syscall.SYS_READV, uintptr(r), uintptr(unsafe.Pointer(&iov)), 2)
	return n, a, b
}

//go:noinline
func read8() (buf [8]byte) {
	syscall.Syscall(syscall.SYS_READ, uintptr(r), uintptr(unsafe.Pointer(&buf)), 8)
	return buf
}

//go:noinline
func readWord() uint64 {
	word := uint64(7)
	n, _, _ := syscall.Syscall6(syscall.SYS_READ, uintptr(r), uintptr(unsafe.Pointer(&word)), 8, 0, 0, 0)
	return word + uint64(n)
}

//go:noinline
func readRaw(at int) (words [3]uint32) {
	words = [3]uint32{1, 2, 3}
	syscall.RawSyscall(syscall.SYS_READ, uintptr(r), uintptr(unsafe.Pointer(&words[0]))+uintptr(4*at), 8)
	return words
}

func main() {
	var fds [2]int
	if err := syscall.Pipe(fds[:]); err != nil {
		fmt.Println(err)
		return
	}
	r, w = fds[0], fds[1]
	text := []byte("abcdefgh")
	send := func() { syscall.Write(w, text) }

	send()
	fmt.Println(gather())
	send()
	fmt.Println(read8())
	send()
	fmt.Println(readWord())
	send()
	fmt.Println(readRaw(1))

	var sum int64
	allocs := testing.AllocsPerRun(100, func() {
		send()
		b := read8()
		send()
		n, _, c := gather()
		var st syscall.Stat_t
		syscall.Fstat(r, &st)
		sum += int64(b[1]) + int64(n) + int64(c[0]) + int64(st.Mode&syscall.S_IFMT)
	})
	fmt.Println(allocs, sum > 0)
}
