// Range over functions: every way out, nesting, defers, misuse; and iter.Pull.
package main

import (
	"fmt"
	"iter"
	"maps"
	"runtime"
	"slices"
	"strings"
)

func count(n int) iter.Seq[int] {
	return func(yield func(int) bool) {
		defer fmt.Print("<", n, ">")
		for i := range n {
			if !yield(i) {
				fmt.Print("(stopped)")
				return
			}
		}
	}
}

func none(f func() bool) {
	for f() {
	}
}

type tree struct {
	left, right *tree
	v           int
}

func (t *tree) all(yield func(int) bool) bool {
	return t == nil || t.left.all(yield) && yield(t.v) && t.right.all(yield)
}

func (t *tree) All() iter.Seq[int] { return func(yield func(int) bool) { t.all(yield) } }

func find(n int) (at int, ok bool) {
	defer func() { at *= 10 }()
	for i := range count(n) {
		for j := range count(n) {
			if i*j == 6 {
				return i + j, true
			}
		}
	}
	return
}

func labels() (s string) {
outer:
	for i := range count(4) {
	middle:
		for j := range []int{0, 1, 2} {
			for k := range count(3) {
				switch {
				case i == 1:
					continue outer
				case j == 1 && k == 1:
					continue middle
				case k == 2:
					break middle
				case i == 3:
					break outer
				case i == 2 && k == 1:
					goto done
				}
				s += fmt.Sprint(i, j, k, ";")
			}
		}
	}
done:
	return s
}

func defers() (s string) {
	defer func() { s += "end" }()
	for i := range count(3) {
		defer func() { s += fmt.Sprint(i, recover() != nil) }()
		if i == 1 {
			continue
		}
		defer func() { s += "d" }()
	}
	panic("x")
}

func results() (a int, err error) {
	for a = range count(5) {
		if a == 3 {
			return
		}
	}
	return -1, nil
}

func nested() func() int {
	for i := range count(2) {
		for j := range count(2) {
			if j == 1 {
				return func() int { i, j = i+1, j+1; return i*10 + j }
			}
		}
	}
	return nil
}

func try(name string, f func()) {
	defer func() {
		if e := recover(); e != nil {
			fmt.Println(name, "panic:", e)
		}
	}()
	f()
}

func goexit() {
	done := make(chan bool)
	go func() {
		defer close(done)
		defer fmt.Println("goexit deferred")
		for i := range count(3) {
			if i == 1 {
				runtime.Goexit()
			}
		}
	}()
	<-done
}

func main() {
	for i := range count(2) {
		fmt.Print(i)
	}
	n := 0
	for range none {
		if n++; n == 3 {
			break
		}
	}
	fmt.Println(n)
	t := &tree{&tree{nil, &tree{nil, nil, 3}, 2}, &tree{nil, nil, 5}, 4}
	for v := range t.All() {
		if v == 5 {
			break
		}
		fmt.Print(v, " ")
	}
	fmt.Println(slices.Collect(t.All()), slices.Sorted(maps.Keys(map[string]int{"b": 1, "a": 2})))
	fmt.Println(find(4))
	fmt.Println(labels())
	fmt.Println(defers())
	fmt.Println(results())
	f := nested()
	fmt.Println(f(), f())
	goexit()

	next, stop := iter.Pull(count(3))
	fmt.Println(next())
	fmt.Println(next())
	stop()
	fmt.Println(next())
	next2, stop2 := iter.Pull2(maps.All(map[int]string{1: "one"}))
	fmt.Println(next2())
	fmt.Println(next2())
	stop2()
	stop2()

	var kept func(int) bool
	try("after the loop", func() {
		for range func(yield func(int) bool) { kept = yield; yield(1) } {
		}
		kept(2)
	})
	try("after break", func() {
		for range func(yield func(int) bool) { yield(1); yield(2) } {
			break
		}
	})
	try("after a panic", func() {
		for range func(yield func(int) bool) {
			func() {
				defer func() { recover() }()
				yield(1)
			}()
			yield(2)
		} {
			panic("body")
		}
	})
	try("swallowed panic", func() {
		for range func(yield func(int) bool) {
			defer func() { recover() }()
			yield(1)
		} {
			panic("body")
		}
	})
	try("replaced panic", func() {
		for range func(yield func(int) bool) {
			defer func() { panic(fmt.Sprint("instead of ", recover())) }()
			yield(1)
		} {
			panic("body")
		}
	})
	try("within itself", func() {
		for x := range func(yield func(int) bool) { kept = yield; yield(1) } {
			if x == 1 {
				kept(2)
			}
		}
	})
	try("return value", func() {
		fmt.Println(func() (s string) {
			for range func(yield func() bool) { defer func() { s += "!" }(); yield() } {
				return "returned"
			}
			return "through"
		}())
	})
	try("nil", func() {
		var seq iter.Seq[int]
		for range seq {
		}
	})
	try("goroutine", func() {
		for x := range func(yield func(int) bool) {
			done := make(chan bool)
			go func() { defer close(done); yield(7) }()
			<-done
		} {
			fmt.Println("from a goroutine", x)
		}
	})
	for line := range strings.Lines("a\nb") {
		fmt.Printf("%q ", line)
	}
	for i, s := range slices.Backward([]string{"x", "y"}) {
		fmt.Print(i, s, " ")
	}
	fmt.Println()
	for i, x := range gen(2, "a", "b", "c") {
		fmt.Print(i, x, " ")
	}
	var fs []func() int
	for i := range count(2) {
		fs = append(fs, func() int { i++; return i })
	}
	fmt.Println(fs[0](), fs[0](), fs[1]())
}

func gen[T any](skip int, list ...T) iter.Seq2[int, T] {
	return func(yield func(int, T) bool) {
		for i, x := range list {
			if i != skip && !yield(i, x) {
				return
			}
		}
	}
}
