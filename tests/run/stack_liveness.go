// What a frame does not need any more keeps nothing alive; what it still needs, in whatever way, stays.
package main

import (
	"fmt"
	"runtime"
	"time"
)

type node struct {
	name string
	next *node
	pad  [4]int
}

type holder struct{ a, b *node }

var freed = map[string]bool{}

func mk(name string) *node {
	n := &node{name: name}
	runtime.SetFinalizer(n, func(n *node) { done <- n.name })
	return n
}

var done = make(chan string, 100)

// gc collects, reuses what was freed, and says which of the names were freed.
func gc(names ...string) {
	for i := 0; i < 3; i++ {
		runtime.GC()
		for k := 0; k < 100; k++ {
			sink = &node{name: "garbage"}
		}
	}
	sink = nil
	// When this one's finalizer has run, those of the others have.
	marker()
	for name := ""; name != "marker"; {
		runtime.GC()
		select {
		case name = <-done:
			freed[name] = true
		case <-time.After(time.Millisecond):
		}
	}
	for _, n := range names {
		fmt.Print(" ", n, "=", freed[n])
	}
	fmt.Println()
}

//go:noinline
func marker() { mk("marker") }

var sink *node

//go:noinline
func use(p **node) string { return (*p).name }

//go:noinline
func register() {
	n := mk("register")
	gc("register")
	fmt.Println(n.name)
	gc("register")
}

//go:noinline
func slot() {
	h := holder{mk("slot.a"), mk("slot.b")}
	fmt.Println(use(&h.a))
	gc("slot.a", "slot.b")
	fmt.Println(use(&h.b))
	gc("slot.a", "slot.b")
}

//go:noinline
func passed(h *holder) {
	gc("passed")
	fmt.Println(h.a.name)
	gc("passed")
}

//go:noinline
func chosen(second bool) {
	first, last := fmt.Sprint("first ", second), fmt.Sprint("second ", second)
	a, b := mk(first), mk(last)
	p, chosen := &a, first
	if second {
		p, chosen = &b, last
	}
	gc(chosen)
	fmt.Println(use(p))
	gc(first, last)
}

//go:noinline
func element(i int) {
	var all [4]*node
	for k := range all {
		all[k] = mk(fmt.Sprint("element", k))
	}
	s := all[i:]
	gc("element0", "element3")
	e := &s[len(s)-1]
	gc("element0", "element3")
	fmt.Println((*e).name)
	gc("element0", "element3")
}

func each(f func(int) bool) { _ = f(1) && f(2) }

// The records of deferred calls: in the frame, and in the heap between two in frames.
//
//go:noinline
func deferred() (r int) {
	n := mk("deferred")
	defer func() {
		gc("deferred")
		recover()
		fmt.Println(n.name, r)
	}()
	for x := range each {
		m := mk(fmt.Sprint("inner", x))
		defer func() { fmt.Println(m.name) }()
		gc("deferred", m.name)
	}
	r = 7
	gc("deferred", "inner1", "inner2")
	var p *int
	return *p
}

// Parked goroutines: what they wait for is known to the runtime alone.
func parked() {
	c, d := make(chan *node), make(chan *node)
	go func() { c <- mk("sent") }()
	go func() {
		select {
		case d <- mk("selected"):
		case n := <-c:
			d <- n
		}
	}()
	runtime.Gosched()
	gc("sent")
	fmt.Println(len((<-d).name) > 0)
}

func main() {
	register()
	slot()
	passed(&holder{a: mk("passed")})
	chosen(true)
	chosen(false)
	element(1)
	fmt.Println(deferred())
	gc("deferred", "inner1", "inner2")
	parked()
}
