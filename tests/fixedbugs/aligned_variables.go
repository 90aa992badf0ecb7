// Package variables are aligned by their size, as gc's linker does it: the bytes of an array may be used as numbers.
package main

import (
	"fmt"
	"unsafe"
)

var (
	a [1]byte
	b [4]byte
	c [33]byte
	d [7]byte
	e [1000]byte
	f = [9]byte{1}
	g = [64]byte{2}
)

func main() {
	fmt.Println(a[0], d[0], f[0], g[0])
	for _, x := range []struct {
		p     unsafe.Pointer
		align uintptr
	}{{unsafe.Pointer(&b), 4}, {unsafe.Pointer(&c), 32}, {unsafe.Pointer(&d), 4}, {unsafe.Pointer(&e), 32}, {unsafe.Pointer(&f), 8}, {unsafe.Pointer(&g), 32}} {
		fmt.Println(uintptr(x.p) % x.align)
	}
}
