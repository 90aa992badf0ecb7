// What is compared or looked up need not be on the heap, and neither is what is boxed of a captured constant.
package main

import (
	"fmt"
	"sync"
	"testing"
)

var m sync.Map

//go:noinline
func look(s string) bool {
	_, ok := m.Load(s)
	return ok
}

type pair struct{ a, b string }

//go:noinline
func same(x any, a, b string) bool { return x == any(pair{a, b}) }

var sink any

func main() {
	m.Store("a", "b")
	x := any(pair{"p", "q"})
	fmt.Println(look("a"), look("c"), same(x, "p", "q"), same(x, "p", "r"))
	number, text, ratio := 2000, "text", 1.5
	fmt.Println(testing.AllocsPerRun(100, func() {
		look("a")
		same(x, "p", "q")
		sink = number
		sink = text
		sink = ratio
	}))
	fmt.Println(sink)

	// A variable is no constant if something changes it.
	changed := 5
	show := func() { sink = changed }
	changed = 7000
	show()
	fmt.Println(sink)
	var each []func() any
	for i := 3000; i < 3003; i++ {
		each = append(each, func() any { return i })
	}
	for _, f := range each {
		fmt.Print(f(), " ")
	}
	fmt.Println()
}
