// A comparison of structs stops at the first fields that differ.
package main

import "fmt"

type before struct {
	n int
	a any
}

type after struct {
	a any
	n int
}

type deep struct {
	s string
	b struct {
		f float64
		x [1]any
	}
	n int8
}

func try(f func() bool) {
	defer func() {
		if e := recover(); e != nil {
			fmt.Println(e)
		}
	}()
	fmt.Println(f())
}

func main() {
	f := any(func() {})
	try(func() bool { return before{1, f} == before{2, f} })
	try(func() bool { return before{1, f} == before{1, f} })
	try(func() bool { return before{1, f} != before{1, 2} })
	try(func() bool { return after{f, 1} == after{f, 2} })
	var x, y deep
	x.b.x[0], y.b.x[0] = f, f
	try(func() bool { return x == y })
	x.b.f = 1
	try(func() bool { return x == y })
	y.b.f, y.s = 1, "s"
	try(func() bool { return x == y })
}
