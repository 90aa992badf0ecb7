package main

// A conversion there and back is how programs copy strings, so that a small part does not keep a large whole. The copy has an address
// of its own, even if all that happens to it is in sight.

import (
	"fmt"
	"unsafe"
)

//go:noinline
func text() string { return string(make([]byte, 2000)) }

func address(s string) uintptr { return uintptr(unsafe.Pointer(unsafe.StringData(s))) }

func main() {
	large := text()
	part := large[10:12]
	copied := string([]byte(part))
	fmt.Println(copied == part, address(copied) == address(part))

	bytes := []byte(large)
	again := string(bytes)
	fmt.Println(len(again), address(again) == uintptr(unsafe.Pointer(&bytes[0])))

	type header struct {
		data uintptr
		n    int
	}
	a, b := string([]byte(part)), part
	fmt.Println((*header)(unsafe.Pointer(&a)).data == (*header)(unsafe.Pointer(&b)).data)
}
