// goto and labels; range over functions with every way out of the body.
package main

import (
	"fmt"
	"iter"
	"runtime"
	"sync"
)

func upTo(n int) iter.Seq[int] {
	return func(yield func(int) bool) {
		defer fmt.Print("[end ", n, "]")
		for i := range n {
			if !yield(i) {
				fmt.Print("[stopped]")
				return
			}
		}
	}
}

func pairs(n int) iter.Seq2[int, string] {
	return func(yield func(int, string) bool) {
		for i := range n {
			if !yield(i, fmt.Sprint("#", i)) {
				return
			}
		}
	}
}

func nothing(yield func() bool) { _ = yield() && yield() }

func returns() (n int, s string) {
	defer func() { n++ }()
	for x := range upTo(5) {
		for y, t := range pairs(5) {
			if x == 2 && y == 3 {
				return x * 10, t
			}
		}
	}
	return -1, ""
}

func labels() {
outer:
	for x := range upTo(4) {
		for y := range upTo(4) {
			switch {
			case y == 1:
				continue outer
			case x == 2:
				break outer
			}
			fmt.Print(x, y, " ")
		}
	}
	fmt.Println()
}

func gotos() {
	i := 0
loop:
	for x := range upTo(3) {
		if x == 1 && i < 2 {
			i++
			goto loop
		}
		if i == 2 {
			goto end
		}
	}
end:
	fmt.Println("end", i)
}

func defers() {
	for x := range upTo(3) {
		defer fmt.Print("deferred ", x, " ")
	}
	fmt.Print("body over ")
}

func panics() {
	defer func() { fmt.Println("recovered", recover()) }()
	for x := range upTo(3) {
		if x == 1 {
			panic("in body")
		}
	}
}

func goexits() {
	var wg sync.WaitGroup
	wg.Add(1)
	go func() {
		defer wg.Done()
		defer fmt.Println("goexit")
		for x := range upTo(3) {
			if x == 1 {
				runtime.Goexit()
			}
		}
	}()
	wg.Wait()
}

func captured() {
	var fs []func() int
	for x := range upTo(3) {
		fs = append(fs, func() int { x += 10; return x })
	}
	for _, f := range fs {
		fmt.Print(f(), f(), " ")
	}
	fmt.Println()
}

func recursive(n int) iter.Seq[int] {
	return func(yield func(int) bool) {
		if n == 0 {
			return
		}
		for x := range recursive(n - 1) {
			if !yield(x) {
				return
			}
		}
		yield(n)
	}
}

func pull() {
	next, stop := iter.Pull(upTo(5))
	a, ok := next()
	b, _ := next()
	fmt.Println(a, b, ok)
	stop()
	_, ok = next()
	fmt.Println(ok)
}

func plain() {
	i := 0
again:
	if i < 3 {
		i++
		goto again
	}
	switch {
	case i == 3:
		fmt.Print("three ")
		fallthrough
	case i == 4:
		fmt.Print("four ")
		if i == 3 {
			break
		}
		fmt.Print("never")
	default:
		fmt.Print("never")
	}
sel:
	select {
	default:
		if i < 5 {
			i++
			goto sel
		}
		break sel
	}
block:
	switch {
	default:
		if i == 5 {
			break block
		}
		fmt.Print("never")
	}
	for i := 0; i < 3; i++ {
		defer func() { fmt.Print("i", i, " ") }()
		i := i * 2
		_ = i
	}
	goto out
out:
	fmt.Println(i)
}

func assigned() {
	var x int
	var s string
	m := map[int]string{}
	for x, s = range pairs(3) {
		m[x] = s
	}
	fmt.Println(x, s, m)
	for m[9] = range func(yield func(string) bool) { yield("nine") } {
	}
	n := 0
	for range nothing {
		n++
	}
	for range pairs(4) {
		n++
	}
	fmt.Println(n, m[9])
}

func main() {
	fmt.Println(returns())
	labels()
	gotos()
	defers()
	fmt.Println()
	panics()
	goexits()
	captured()
	for x := range recursive(6) {
		if x == 5 {
			break
		}
		fmt.Print(x, " ")
	}
	fmt.Println()
	pull()
	plain()
	fmt.Println()
	assigned()
	for i := range 3 {
		defer func() { fmt.Print(i, " ") }()
	}
	var u8 uint8 = 3
	for i := range u8 {
		fmt.Printf("%T%d ", i, i)
	}
	const big = 3
	for i := range big {
		fmt.Printf("%T%d ", i, i)
	}
	for i := range -5 {
		fmt.Print(i)
	}
	n := 3
	for i := range n {
		n = 10
		i += 5
		fmt.Print(i, " ")
	}
	fmt.Println()
}
