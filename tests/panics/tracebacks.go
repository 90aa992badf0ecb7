// What tracebacks show of deep stacks, and how much of all that GOTRACEBACK lets the program choose.
package main

import (
	"os"
	"runtime/debug"
)

//go:noinline
func recurse(n int, f func()) int {
	if n == 0 {
		f()
		return 0
	}
	return recurse(n-1, f) + 1
}

//go:noinline
func endless(n int) int { return endless(n+1) + 1 }

type T struct{ next *T }

func (t *T) depth(n int) int {
	if n == 0 {
		return t.next.next.depth(0)
	}
	return t.depth(n-1) + 1
}


var cases = map[string]func(){
	"deep":       func() { recurse(200, func() { panic("deep") }) },
	"hundred":    func() { recurse(96, func() { panic("not that deep") }) },
	"one more":   func() { recurse(98, func() { panic("a little deeper") }) },
	"deep fault": func() { (&T{}).depth(150) },
	"overflow":   func() { endless(0) },
	"none":       func() { debug.SetTraceback("none"); panic("none") },
	"all": func() {
		debug.SetTraceback("all")
		started := make(chan bool)
		go func() { started <- true; select {} }()
		<-started
		panic("all")
	},
	"single again": func() { debug.SetTraceback("all"); debug.SetTraceback("single"); go func() { select {} }(); panic("single") },
}

func main() {
	debug.SetMaxStack(1 << 20)
	cases[os.Args[1]]()
}
