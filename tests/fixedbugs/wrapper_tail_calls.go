// Wrappers of embedded interfaces and fields take no stack: chains of them may be as long as memory is.
package main

import (
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
)

type I interface {
	Plain(a, b int, s string) (int, string)
	Large(x [40]int) ([5]int, error)
	Many(a, b, c, d, e, f, g, h, i int) (int, int, int, int, int, int, int, int, int)
	Stack() string
	Panics()
	Recovers() (got any)
}

type Link struct{ I }

type Field struct {
	n int
	*End
}

type End struct{ n int }

//go:noinline
func (e *End) Plain(a, b int, s string) (int, string) { return e.n + a - b, s + "!" }

//go:noinline
func (e *End) Large(x [40]int) ([5]int, error) {
	x[0]++
	return [5]int{x[0], x[39], e.n}, errors.New("large")
}

//go:noinline
func (e *End) Many(a, b, c, d, e1, f, g, h, i int) (int, int, int, int, int, int, int, int, int) {
	return i, h, g, f, e1, d, c, b, a + e.n
}

//go:noinline
func (e *End) Stack() string { return string(debug.Stack()) }

//go:noinline
func (e *End) Panics() {
	if e.n > 0 {
		panic(e.n)
	}
}

//go:noinline
func (e *End) Recovers() any { return recover() }

//go:noinline
func used() int {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.StackInuse)
}

func chain(end I, n int) I {
	for range n {
		end = &Link{end}
	}
	return end
}

func main() {
	debug.SetMaxStack(1 << 20)
	for _, n := range []int{0, 1, 2, 1_000_000} {
		i := chain(&Field{1, &End{7}}, n)
		x := [40]int{0: 1, 39: 2}
		fmt.Println(i.Plain(1, 2, "s"))
		fmt.Println(i.Large(x))
		fmt.Println(x[0])
		fmt.Println(i.Many(1, 2, 3, 4, 5, 6, 7, 8, 9))
		fmt.Println(strings.Count(i.Stack(), "main."))
		func() {
			defer func() { fmt.Println(recover()) }()
			i.Panics()
		}()
		func() {
			defer i.Recovers()
			panic("recovered by a method of the deferred call")
		}()
		f := i.Plain
		fmt.Println(f(3, 4, "value"))
		fmt.Println(I.Plain(i, 5, 6, "expr"))
		done := make(chan bool)
		go func() { defer close(done); i.Many(1, 2, 3, 4, 5, 6, 7, 8, 9) }()
		<-done
	}
	// A nil interface faults in the wrapper.
	defer func() { fmt.Println(recover()) }()
	chain(nil, 3).Plain(1, 2, "")
}
