package main

// What is read by arithmetic on addresses does not escape by that.

import (
	"fmt"
	"testing"
	"unsafe"
)

func word(p unsafe.Pointer, o uintptr) uint32 {
	b := (*[4]byte)(unsafe.Pointer(uintptr(p) + o))
	return uint32(b[0]) | uint32(b[1])<<8 | uint32(b[2])<<16 | uint32(b[3])<<24
}

//go:noinline
func sum(b []byte) (s uint32) {
	p := unsafe.Pointer(unsafe.SliceData(b))
	for i := uintptr(0); i+4 <= uintptr(len(b)); i += 4 {
		s += word(p, i)
	}
	return s + word(p, uintptr(len(b))-4)
}

func main() {
	var total uint32
	allocs := testing.AllocsPerRun(100, func() {
		buf := [10]byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}
		total += sum(buf[:])
	})
	fmt.Println(total, allocs)
}
