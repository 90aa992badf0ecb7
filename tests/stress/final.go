// Finalizers, cleanups and weak pointers of all kinds of objects, under allocation from several goroutines.
package main

import (
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
	"weak"
)

type small struct{ n int }
type node struct {
	next *node
	data [3]int
}

var tiny, plain, big, iface, cleaned, resurrected atomic.Int64
var kept [100]*node

//go:noinline
func make1(i int) weak.Pointer[node] {
	t := new(int32)
	*t = int32(i)
	runtime.SetFinalizer(t, func(p *int32) {
		if *p == int32(i) {
			tiny.Add(1)
		}
	})
	s := &small{i}
	runtime.SetFinalizer(s, func(s *small) [20]int { plain.Add(1); return [20]int{s.n} })
	b := make([]*int, 600)
	b[599] = &s.n
	runtime.SetFinalizer(&b[0], func(p **int) { big.Add(1) })
	n := &node{data: [3]int{i, i, i}}
	n.next = &node{data: [3]int{i + 1}}
	runtime.SetFinalizer(n, func(x any) {
		n := x.(*node)
		if n.next.data[0] == i+1 && n.data == [3]int{i, i, i} {
			iface.Add(1)
		}
		kept[i] = n
		runtime.SetFinalizer(n, func(*node) { resurrected.Add(1) })
	})
	c := &node{}
	runtime.AddCleanup(c, func(k int) {
		if k == i {
			cleaned.Add(1)
		}
	}, i)
	gone := &small{}
	runtime.SetFinalizer(gone, func(*small) { panic("removed finalizer ran") })
	runtime.SetFinalizer(gone, nil)
	w := weak.Make(c)
	if w.Value() != c {
		panic("weak pointer to a live object")
	}
	runtime.KeepAlive(c)
	return w
}

// scrub overwrites dead stack.
//
//go:noinline
func scrub(n int) int {
	var a [64]int
	for i := range a {
		a[i] = n
	}
	if n > 0 {
		return scrub(n-1) + a[n%64]
	}
	return a[0]
}

func wait(n *atomic.Int64, what string) {
	for i := 0; n.Load() < 95; i++ {
		if i == 500 {
			panic(fmt.Sprint(what, ": ", n.Load()))
		}
		runtime.GC()
		time.Sleep(time.Millisecond)
	}
}

func main() {
	var wg sync.WaitGroup
	var weaks [100]weak.Pointer[node]
	for g := 0; g < 4; g++ {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for i := g; i < 100; i += 4 {
				weaks[i] = make1(i)
			}
			scrub(50)
		}()
	}
	wg.Wait()
	wait(&tiny, "tiny")
	wait(&plain, "plain")
	wait(&big, "big")
	wait(&iface, "interface")
	wait(&cleaned, "cleanup")
	clear(kept[:])
	wait(&resurrected, "resurrected")
	dead := 0
	for _, w := range weaks {
		if w.Value() == nil {
			dead++
		}
	}
	fmt.Println(dead >= 95)
}
