// Objects on the stack that hold each other, and those that must not be there.
package main

import (
	"fmt"
	"math/big"
	"runtime"
	"strings"
	"testing"
)

type node struct {
	next *node
	v    int
}

type box struct {
	p *int
	s []int
	n *node
}

var (
	global *int
	boxes  []box
	sink   int
)

//go:noinline
func sum(b *box) int { return *b.p + len(b.s) + b.n.v }

//go:noinline
func leak(b *box) { global = b.p }

//go:noinline
func give(b *box) *int { return b.p }

//go:noinline
func giveNode(b *box) *node { return b.n.next }

//go:noinline
func count(a ...any) int {
	n := 0
	for _, x := range a {
		if i, ok := x.(int); ok {
			n += i
		}
	}
	return n
}

//go:noinline
func kept(a ...any) any { return a[len(a)-1] }

//go:noinline
func fill(b *box, v int) {
	b.p = new(int)
	*b.p = v
}

//go:noinline
func move(to, from *box) { *to = *from }

//go:noinline
func grow(b *box) { boxes = append(boxes, *b) }

func garbage() {
	for range 2 {
		runtime.GC()
		s := make([][]int, 100)
		for i := range s {
			s[i] = []int{-1, -2, -3, -4}
		}
		sink += len(s)
	}
}

func held() int {
	x, n := 7, node{v: 3}
	b := box{&x, []int{1, 2}, &n}
	garbage()
	return sum(&b)
}

func leaked() int {
	x := 8
	leak(&box{p: &x})
	garbage()
	return *global
}

func given() *int {
	x := 9
	return give(&box{p: &x})
}

func givenNode() *node {
	inner := node{v: 10}
	outer := node{&inner, 1}
	return giveNode(&box{n: &outer})
}

func moved() *int {
	x := 11
	var b box
	move(&b, &box{p: &x})
	return b.p
}

func grown() {
	x := 12
	b := box{p: &x}
	grow(&b)
}

func list() (total int) {
	var head *node
	for i := range 5 {
		head = &node{head, i}
	}
	garbage()
	for ; head != nil; head = head.next {
		total = total*10 + head.v
	}
	return
}

func iterations() (out []int) {
	var prev *int
	for i := range 4 {
		x := i
		b := box{p: &x}
		if prev != nil {
			out = append(out, *prev)
		}
		prev = give(&b)
	}
	var last box
	for i := range 4 {
		x := i * 10
		if last.p != nil {
			out = append(out, *last.p)
		}
		last = box{p: &x}
	}
	var all [4]*int
	for i := range 4 {
		x := i * 100
		all[i] = &x
	}
	for _, p := range all {
		out = append(out, *p)
	}
	for i := range 3 {
		out = append(out, count(i, i+1000, "x"))
	}
	return
}

func closures() int {
	x := 1
	add := func(n int) { x += n }
	call := func(fs ...func(int)) {
		for i, f := range fs {
			f(i + 1)
		}
	}
	call(add, add, func(n int) { x *= n })
	garbage()
	return x
}

func deferred() (n int) {
	x := 5
	b := box{p: &x}
	defer func() {
		recover()
		garbage()
		n = *b.p
	}()
	*b.p = 6
	panic(b)
}

func filled() int {
	var b box
	fill(&b, 13)
	garbage()
	return *b.p
}

func goroutine() int {
	x := 14
	b := box{p: &x}
	c := make(chan int)
	go func() { c <- *b.p }()
	garbage()
	return <-c
}

func channel() int {
	x := 15
	c := make(chan box, 1)
	c <- box{p: &x}
	garbage()
	return *(<-c).p
}

func inMap() int {
	x := 16
	m := map[string]box{}
	m["a"] = box{p: &x}
	garbage()
	return *m["a"].p
}

func iface() any {
	x := 17
	var s fmt.Stringer = big.NewInt(int64(x))
	return kept(1, &x, s)
}

func builder(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString("ab")
		b.WriteByte(byte('0' + i))
	}
	garbage()
	return b.String()
}

func main() {
	fmt.Println(held(), leaked(), list(), iterations(), closures(), deferred(), filled(), goroutine(), channel(), inMap())
	p, q, r := given(), givenNode(), moved()
	grown()
	s := iface()
	garbage()
	fmt.Println(*p, q.v, *r, *boxes[0].p, s, builder(3))
	for _, t := range []struct {
		name string
		f    func()
	}{
		{"held", func() { x, n := sink, node{v: 3}; sink = sum(&box{&x, []int{sink, 2}, &n}) }},
		{"variadic", func() { sink += count(sink+1000, sink, "a") }},
		{"in a loop", func() {
			for i := range 3 {
				sink += count(i+1000, "b")
			}
		}},
		{"builder", func() { var b strings.Builder; b.Grow(5); b.WriteString("abcde"); sink += b.Len() }},
		{"given", func() { x := 1; global = give(&box{p: &x}) }},
	} {
		fmt.Println(t.name, testing.AllocsPerRun(50, t.f))
	}
}
