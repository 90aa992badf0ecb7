// Order of evaluation: calls, receives and && || in lexical order; assignments in two phases; select, range, defer, switch.
package main

import "fmt"

var log []string

func f(name string, x int) int {
	log = append(log, name)
	return x
}
func p(name string, x *int) *int {
	log = append(log, name)
	return x
}
func s(name string, x []int) []int {
	log = append(log, name)
	return x
}
func ch(name string, c chan int) chan int {
	log = append(log, name)
	return c
}
func two() (int, int) { log = append(log, "two"); return 1, 2 }
func fn(name string) func(...int) int {
	log = append(log, name)
	return func(xs ...int) int { log = append(log, name+"()"); return len(xs) }
}
func done(what string) {
	fmt.Println(what, log)
	log = nil
}
func try(what string, body func()) {
	defer func() {
		r := recover()
		fmt.Println(what, r != nil, log)
		log = nil
	}()
	body()
}

type point struct{ x, y int }

func main() {
	a := []int{1, 2, 3}
	m := map[int]int{}
	var x, y int
	_ = f("a", 1) + f("b", 2)*f("c", 3)
	done("arithmetic")
	_ = f("a", 1) == 0 && f("b", 1) == 1 || f("c", 1) == 1
	done("logic")
	s("a", a)[f("i", 0)], *p("p", &x) = f("v", 9), f("w", 8)
	done("assign")
	i := 0
	i, a[i] = 1, 77
	fmt.Println(i, a)
	a[0], a[1], a[2] = a[2], a[0], a[1]
	fmt.Println(a)
	x, y = 1, 2
	x, y = y, x+y
	fmt.Println(x, y)
	m[f("k", 1)], m[f("l", 2)] = two()
	done("tuple")
	fn("f")(f("a", 1), fn("g")(f("b", 2)))
	done("call")
	_ = []int{f("a", 0), 2: f("b", 1), f("c", 2)}
	_ = map[int]int{f("k1", 1): f("v1", 1), f("k2", 2): f("v2", 2)}
	_ = point{y: f("y", 1), x: f("x", 2)}
	done("literals")
	c := make(chan int, 3)
	ch("c", c) <- f("v", 4)
	c <- 5
	_ = <-ch("d", c) + f("e", 1) + <-ch("g", c)
	done("channels")
	select {
	case ch("one", nil) <- f("vone", 1):
	case s("slice", a)[f("index", 0)] = <-ch("two", nil):
	case ch("three", c) <- f("vthree", 3):
	}
	done("select")
	select {
	case s("slice", a)[f("index", 0)] = <-ch("c", c):
	case ch("nil", nil) <- f("v", 1):
	}
	done("select receive")
	for k := range s("range", a)[:f("n", 2)] {
		f("body", k)
	}
	done("range")
	for range f("count", 2) {
		f("b", 0)
	}
	done("count")
	switch f("tag", 2) {
	case f("1", 1), f("2", 2), f("3", 3):
		f("yes", 0)
	case f("4", 4):
	}
	done("switch")
	func() {
		defer fn("deferred")(f("arg", 1))
		f("body", 0)
	}()
	done("defer")
	try("nil map", func() { var m map[int]int; m[f("k", 1)] = f("v", 2) })
	try("index", func() { a[f("i", 9)] = f("v", 2) })
	try("nil pointer", func() { var q *point; q.x = f("v", 2) })
	try("nil func", func() { var g func(int); g(f("arg", 1)) })
	try("nil defer", func() { var g func(int); defer g(f("arg", 1)); f("body", 0) })
	try("divide", func() { x = f("a", 1) / f("b", 0) * f("c", 3) })
	try("tuple", func() { var q *int; x, *q = f("a", 41), f("b", 2) })
	fmt.Println(x)
	try("conversion", func() { var e any = "s"; y = f("a", 1) + e.(int) + f("b", 2) })
	try("slice", func() { _ = s("a", a)[f("lo", 2):f("hi", 1)] })
	x = 3
	b := []int{x, func() int { x = 4; return x }(), x}
	fmt.Println(len(b), b[1])
	arr := [3]int{1, 2, 3}
	for i, v := range arr {
		arr[2] = 10
		if i == 2 {
			fmt.Println(v)
		}
	}
	for i, v := range &arr {
		arr[2] = 20
		if i == 2 {
			fmt.Println(v)
		}
	}
	sl := []int{1, 2, 3}
	for _, v := range sl {
		sl = append(sl, v)
	}
	fmt.Println(sl)
	fmt.Println(named())
	fmt.Println(namedPanic())
	x = 10
	x, z := 11, x
	fmt.Println(x, z)
	x += f("x", 1) << f("s", 2)
	s("s", a)[f("i", 1)] += f("v", 5)
	s("s", a)[f("i", 1)]++
	done("operate")
	fmt.Println(x, a)
}

func named() (n int) {
	defer func() { n *= 2 }()
	n = 1
	return n + 4
}

func namedPanic() (n int, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("got %v", r)
		}
	}()
	n = 3
	panic("p")
}
