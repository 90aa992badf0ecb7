package main

import (
	"fmt"
	"runtime"
	"strings"
)

// Names of closures as gc counts them: function literals, bodies of ranges over functions, and calls packed for go
// and defer each for themselves; a range body counts its own.

func name() string {
	pc, _, _, _ := runtime.Caller(1)
	return runtime.FuncForPC(pc).Name()
}

func two(yield func(int) bool) {
	if yield(1) {
		yield(2)
	}
}

func stack() {
	var pcs [20]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs[:])])
	for {
		f, more := frames.Next()
		if strings.HasPrefix(f.Function, "main.") {
			fmt.Print(f.Function, " ")
		}
		if !more {
			break
		}
	}
	fmt.Println()
}

func arg(string) { stack() }

func main() {
	defer arg("x")
	defer func() { fmt.Println(name()) }()
	func() {
		defer arg("y")
		func() { stack() }()
	}()
	for range two {
		func() { stack() }()
		defer func() { fmt.Println(name()) }()
		defer arg("z")
	}
	for range two {
		for range two {
			stack()
		}
	}
	done := make(chan bool)
	go func() { stack(); close(done) }()
	<-done
}
