// The line at which deferred calls see a function that has recovered.
package main

import (
	"fmt"
	"runtime"
)

func where(s string) {
	_, _, l, _ := runtime.Caller(1)
	fmt.Println(s, l)
}

func f() {
	defer where("first")
	defer func() {
		recover()
		where("rec")
	}()
	for i := range 2 {
		if i == 1 {
			panic(1)
		}
	}
}

//go:noinline
func fail() { panic(2) }

func called(n int) int {
	defer where("called")
	defer func() { recover() }()
	if n > 0 {
		fail()
	}
	println("not reached")
	return n
}

func index(list []int, i int) {
	defer where("index")
	defer func() { recover() }()
	list[i] = 1

	where("not reached")
}

func g() (n int) {
	defer where("g")
	n++
	return n
}

func main() {
	f()
	called(1)
	index(nil, 2)
	g()
}
