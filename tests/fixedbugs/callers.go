package main

import (
	"fmt"
	"runtime"
)

// Lists of callers start with runtime.Callers itself if asked to, hide wrappers, end with runtime.goexit, and an
// inlined frame's pc leads to the inlined function.

func list(skip int) {
	var pcs [20]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(skip, pcs[:])])
	for {
		f, more := frames.Next()
		fmt.Print(f.Function, " ")
		if !more {
			break
		}
	}
	fmt.Println()
}

type T struct{ n int }

func (t T) M(skip int) { list(skip) }

type I interface{ M(int) }

type E struct{ *T }

func inner(i int) string {
	pc, _, _, _ := runtime.Caller(i)
	return runtime.FuncForPC(pc).Name()
}

func outer(i int) string { return inner(i) }

func main() {
	list(0)
	list(1)
	list(2)
	var i I = E{&T{1}}
	i.M(1)
	f := i.M
	f(2)
	done := make(chan bool)
	go func() {
		list(1)
		close(done)
	}()
	<-done
	for i := range 6 {
		fmt.Println(outer(i))
	}
	defer list(1)
	defer func() {
		recover()
		list(1)
	}()
	panic(1)
}
