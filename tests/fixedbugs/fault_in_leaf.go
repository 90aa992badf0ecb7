// A fault in the runtime's functions on memory is one of the Go code that calls them. Strings are compared last.
package main

import (
	"bytes"
	"fmt"
	"hash/maphash"
	"runtime"
	"runtime/debug"
	"strings"
	"syscall"
	"unsafe"
)

// A page that is not there after one that is.
var sink []byte

var page []byte

func text(n int) string  { return unsafe.String(&page[4096-8], n) }
func block(n int) []byte { return unsafe.Slice(&page[4096-8], n) }

type SI struct {
	s string
	i int
}
type SS struct{ s, t string }
type Arr struct{ a [2]string }
type Big struct{ b [200]byte }

func try(name string, f func()) {
	defer func() {
		e := recover()
		if err, ok := e.(runtime.Error); ok {
			a, ok := e.(interface{ Addr() uintptr })
			fmt.Println(name, err, ok && a.Addr() >= uintptr(unsafe.Pointer(&page[4096])) && a.Addr() < uintptr(unsafe.Pointer(&page[4096]))+4096)
			return
		}
		fmt.Println(name, e)
	}()
	f()
}

//go:noinline
func eq(a, b string) bool { return a == b }

//go:noinline
func less(a, b string) bool { return a < b }

func deep(n int, f func()) int {
	var x [100]byte
	if n == 0 {
		f()
		return 0
	}
	x[n%100] = 1
	return deep(n-1, f) + int(x[3])
}

func main() {
	page, _ = syscall.Mmap(-1, 0, 8192, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	syscall.Mprotect(page[4096:], syscall.PROT_NONE)
	fmt.Println(debug.SetPanicOnFault(true))
	done := make(chan bool)
	go func() { fmt.Println(debug.SetPanicOnFault(false)); done <- true }()
	<-done

	a, b := text(100), string(make([]byte, 100))
	for _, n := range []int{9, 12, 16, 24, 40, 100, 200, 3000} {
		other := string(make([]byte, n))
		try("equal", func() { eq(text(n), other) })
		try("less", func() { less(text(n), other) })
		try("less2", func() { less(other, text(n)) })
		try("IndexByte", func() { strings.IndexByte(text(n), 'x') })
		try("bytes.IndexByte", func() { bytes.IndexByte(block(n), 'x') })
		try("Count", func() { strings.Count(text(n), "x") })
		try("Index of", func() { strings.Index(other+"y", text(n)) })
		try("Index two", func() { strings.Index(other, "\x00\x00\x00\x00\x00\x01") })
		try("copy from", func() { copy(make([]byte, n), text(n)) })
		try("copy to", func() { copy(block(n), other) })
		try("clear", func() { clear(block(n)) })
		try("hash", func() { maphash.String(maphash.MakeSeed(), text(n)) })
		try("map", func() {
			_ = map[string]int{other: 1, "x": 2, "y": 3, "z": 4, "1": 1, "2": 1, "3": 1, "4": 1, "5": 1}[text(n)]
		})
		try("append", func() { _ = append([]byte("x"), text(n)...) })
		try("concat", func() { _ = other + text(n) })
		try("[]byte", func() { sink = []byte(text(n)) })
	}
	try("struct", func() { fmt.Println(SI{a, 1} == SI{b, 2}) })
	try("struct", func() { fmt.Println(SI{a, 1} == SI{b, 1}) })
	try("struct any", func() { fmt.Println(any(SI{a, 1}) == any(SI{b, 2})) })
	try("struct any", func() { fmt.Println(any(SS{a, "x"}) == any(SS{b, "yy"})) })
	try("struct any", func() { fmt.Println(any(SS{"x", a}) == any(SS{"y", b})) })
	try("struct any", func() { fmt.Println(any(SS{a, "x"}) == any(SS{b, "y"})) })
	try("array", func() { fmt.Println(any(Arr{[2]string{a, "1"}}) == any(Arr{[2]string{b, "22"}})) })
	try("big", func() { p := (*Big)(unsafe.Pointer(&page[4000])); fmt.Println(*p == Big{}) })
	try("big copy", func() { p := (*Big)(unsafe.Pointer(&page[4000])); q := *p; fmt.Println(q.b[0]) })
	try("big store", func() { p := (*Big)(unsafe.Pointer(&page[4000])); *p = Big{} })
	try("deep", func() { deep(10000, func() { eq(a, b) }) })
	try("switch", func() {
		switch a {
		case "1234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890":
		}
	})
	// The registers of the frames between survive.
	for i := range 3 {
		x, y, z, u, v := i+1, i+2, i+3, i+4, i+5
		func() {
			defer func() { recover(); fmt.Println(x, y, z, u, v) }()
			fmt.Println(strings.Index(text(100), "abc"), x, y, z, u, v)
		}()
		fmt.Println(x*y*z*u*v, i)
		runtime.GC()
	}
	debug.SetPanicOnFault(false)
}
