// Lists of callers have an entry for every call, whether it was inlined or not.
package main

import (
	"fmt"
	"path"
	"runtime"
	"strings"
)

var pcs = make([]uintptr, 20)

func inner(skip int) []uintptr { return pcs[:runtime.Callers(skip, pcs)] }
func middle(skip int) []uintptr {
	list := inner(skip)
	return list
}
func outer(skip int) []uintptr { return middle(skip) }

type T struct{ n int }

func (t T) method(skip int) []uintptr { return outer(skip + t.n) }

type I interface{ method(int) []uintptr }

type E struct{ *T }

//go:noinline
func called(i I, skip int) []uintptr { return i.method(skip) }

//go:noinline
func separate(skip int) []uintptr { return outer(skip) }

// position is shown of our own functions only.
func position(function, file string, line int) string {
	if strings.HasPrefix(function, "main.") {
		return fmt.Sprint(" ", path.Base(file), ":", line)
	}
	return ""
}

func show(list []uintptr) {
	fmt.Print(len(list), ":")
	for _, pc := range list {
		f := runtime.FuncForPC(pc - 1)
		file, line := f.FileLine(pc - 1)
		fmt.Print(" ", f.Name(), position(f.Name(), file, line))
		if f.Name() == "main.main" {
			break
		}
	}
	fmt.Println()
	frames := runtime.CallersFrames(list)
	for {
		f, more := frames.Next()
		fmt.Print(" ", f.Function, position(f.Function, f.File, f.Line))
		if !more || f.Function == "main.main" {
			break
		}
	}
	fmt.Println()
}

func here(skip int) (string, string) {
	pc, file, line, _ := runtime.Caller(skip)
	name := runtime.FuncForPC(pc).Name()
	return name, position(name, file, line)
}

func there(skip int) (string, string) { return here(skip) }

func main() {
	for skip := range 9 {
		show(outer(skip))
		show(separate(skip))
	}
	show(called(T{1}, 0))
	show(called(E{&T{}}, 1))
	// Lists that were cut are not completed.
	for n := range 5 {
		show(separate(1)[:n])
	}
	for skip := range 5 {
		fmt.Println(there(skip))
	}
	func() {
		defer func() {
			recover()
			show(separate(0))
		}()
		var p *T
		_ = p.n
	}()
}
