// Recursion to a million frames, in several goroutines, with collections and panics below.
package main

import (
	"fmt"
	"runtime"
	"sync"
)

type node struct {
	next *node
	n    int
}

//go:noinline
func down(n int, prev *node) int {
	if n == 0 {
		runtime.GC()
		s := 0
		for p := prev; p != nil; p = p.next {
			s += p.n
		}
		return s
	}
	me := &node{prev, n}
	r := down(n-1, me)
	if me.n != n {
		panic("frame damaged")
	}
	return r
}

func plain(n int) int {
	if n == 0 {
		return 0
	}
	return plain(n-1) + 1
}

func deferred(n int, sum *int) {
	if n == 0 {
		panic("bottom")
	}
	defer func() { *sum++ }()
	deferred(n-1, sum)
}

func recovered(n int) (sum int, msg any) {
	defer func() { msg = recover() }()
	deferred(n, &sum)
	return
}

func main() {
	fmt.Println(plain(1000000))
	fmt.Println(down(1000000, nil))
	fmt.Println(recovered(100000))
	var wg sync.WaitGroup
	for i := 0; i < 8; i++ {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for k := 0; k < 3; k++ {
				if plain(100000+i) != 100000+i {
					panic("wrong")
				}
			}
		}()
	}
	wg.Wait()
	fmt.Println("done")
}
