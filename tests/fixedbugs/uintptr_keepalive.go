// What is passed as a uintptr to a function that asks for it stays alive until the call returns.
package main

import (
	"fmt"
	"runtime"
	"time"
	"unsafe"
)

var freed = make(chan bool, 1)

func setup() unsafe.Pointer {
	s := new([4]string)
	runtime.SetFinalizer(s, func(*[4]string) { freed <- true })
	return unsafe.Pointer(s)
}

func isFreed() bool {
	for range 3 {
		runtime.GC()
		select {
		case <-freed:
			return true
		case <-time.After(time.Millisecond):
		}
	}
	return false
}

//go:noinline
//go:uintptrescapes
func during(b bool, p uintptr) bool { return isFreed() }

func main() {
	b := len(freed) == 0
	fmt.Println(during(b && uintptr(unsafe.Pointer(&freed)) != 1, uintptr(setup())))
	fmt.Println(isFreed())
}
