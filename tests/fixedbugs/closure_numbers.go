// Function literals of package variables are numbered through the package, in the order of initialisation.
package main

import (
	"fmt"
	"runtime"
)

func who() string {
	pc, _, _, _ := runtime.Caller(1)
	return runtime.FuncForPC(pc).Name()
}

var later = func() string { return first() + " " + who() }
var first = func() string { return func() string { return who() }() }
var unused = func() {}
var list = []func() string{func() string { return who() }, func() string { return who() }}

var value, other = func() (string, int) { return who(), 1 }()

func init() { fmt.Println(func() string { return who() }()) }

func main() {
	fmt.Println(later(), first(), list[0](), list[1](), value, other)
	fmt.Println(func() string { return who() }())
}
