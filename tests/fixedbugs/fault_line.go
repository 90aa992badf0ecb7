package main

import (
	"fmt"
	"runtime"
	"strings"
)

// A nil dereference is reported on its own line, even if the machine loads the value only where it is used.

type T struct{ a, b int32 }

var sink int64

//go:noinline
func convert(p *int32) {
	v := *p
	sink = int64(v)
}

//go:noinline
func compare(p *T) {
	v := p.b
	if v ==
		7 {
		sink++
	}
}

//go:noinline
func add(p *int64, x int64) int64 {
	v := *p
	w := x * 3
	return w +
		v
}

//go:noinline
func modify(p *int64) {
	v := *p
	v += 5
	*p = v
}

//go:noinline
func second(p, q *int64) int64 {
	v := *p
	w := *q
	return v -
		w
}

func where(f func()) {
	defer func() {
		err := recover()
		var pcs [20]uintptr
		frames := runtime.CallersFrames(pcs[:runtime.Callers(0, pcs[:])])
		for {
			f, more := frames.Next()
			if strings.HasPrefix(f.Function, "main.") && !strings.Contains(f.Function, "where") {
				fmt.Println(f.Function, f.Line, err)
				return
			}
			if !more {
				return
			}
		}
	}()
	f()
}

func main() {
	var x int64
	where(func() { convert(nil) })
	where(func() { compare(nil) })
	where(func() { add(nil, 2) })
	where(func() { modify(nil) })
	where(func() { second(nil, &x) })
	where(func() { second(&x, nil) })
}
