package main

import (
	"bytes"
	"fmt"
	"runtime"
	"runtime/pprof"
	"strings"
)

type object [100]byte

var keep [500]*object

//go:noinline
func allocate(i int) *object { return &object{byte(i)} }

func work() {
	for i := range 1000 {
		o := allocate(i)
		if i%2 == 0 {
			keep[i/2] = o
		}
	}
}

func record(inuseZero bool) {
	p := make([]runtime.MemProfileRecord, 1000)
	n, ok := runtime.MemProfile(p, inuseZero)
	for _, r := range p[:n] {
		frames := runtime.CallersFrames(r.Stack())
		for {
			f, more := frames.Next()
			if f.Function == "main.allocate" {
				live := r.InUseObjects()
				fmt.Println(ok, r.AllocObjects, r.AllocBytes, live >= 500 && live < 505, r.InUseBytes() == 112*live)
			}
			if !more {
				break
			}
		}
	}
}

func main() {
	runtime.MemProfileRate = 1
	work()
	runtime.GC()
	record(false)
	clear(keep[:])
	runtime.GC()
	n, ok := runtime.MemProfile(nil, true)
	fmt.Println(n > 0, ok)
	var b bytes.Buffer
	pprof.Lookup("allocs").WriteTo(&b, 1)
	fmt.Println(strings.Contains(b.String(), "main.work"))
	b.Reset()
	fmt.Println(pprof.WriteHeapProfile(&b), b.Len() > 100)
}
