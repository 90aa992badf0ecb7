// Objects that live in frames: small maps, arrays of growing slices, values in interfaces, func values.
package main

import (
	"fmt"
	"runtime"
	"strings"
)

type pair struct {
	k string
	v *int
}

// A map that grows out of its frame keeps what was put into it before.
func grows(n int) int {
	m := map[int]string{}
	for i := range n {
		m[i] = fmt.Sprint("v", i)
		if i%7 == 0 {
			runtime.GC()
		}
	}
	sum := 0
	for k, v := range m {
		if v != fmt.Sprint("v", k) {
			panic(v)
		}
		sum += k
		delete(m, k)
	}
	return sum*1000 + len(m)
}

// A map in a loop is a new one each time.
func renewed() (out []int) {
	var last map[string]int
	for i := range 3 {
		m := make(map[string]int)
		m["a"] += i
		m["b"]++
		out = append(out, len(m), m["a"], m["b"], len(last))
		last = m
	}
	return out
}

// Its elements are copied out, its keys live on.
func pointers() (string, int) {
	m := map[string]*pair{}
	for _, s := range strings.Fields("x y z") {
		n := len(s) + len(m)
		m[s] = &pair{s, &n}
	}
	runtime.GC()
	var keys []string
	best := m["x"]
	for k, p := range m {
		keys = append(keys, k)
		if *p.v > *best.v {
			best = p
		}
	}
	clear(m)
	runtime.GC()
	return best.k, *best.v*10 + len(keys)
}

func kept() map[int]int {
	m := map[int]int{1: 2}
	keep(m)
	return keepSame(m)
}

var global map[int]int

//go:noinline
func keep(m map[int]int) { global = m }

//go:noinline
func keepSame(m map[int]int) map[int]int { return m }

// Older arrays of a slice stay what they are.
func arrays() string {
	var s []int
	var all [][]int
	for i := range 6 {
		t := append(s, i)
		u := append(s, -i)
		if cap(t) > len(s) && len(t) == len(s)+1 && &t[0] == &u[0] {
			t = append([]int(nil), t...)
			t[len(t)-1] = i
		}
		s = t
		if len(s) > 3 {
			s = nil
		}
		all = append(all, append([]int{}, t...), append([]int{}, u...))
	}
	return fmt.Sprint(all)
}

func sums(n int) (total int) {
	for round := range 4 {
		var s []*int
		for i := range n {
			v := i * round
			s = append(s, &v)
			if i == 2 {
				runtime.GC()
			}
		}
		for _, p := range s {
			total += *p
		}
	}
	return total
}

func lengths(ns ...int) (out []int) {
	for _, n := range ns {
		b := make([]byte, n)
		for i := range b {
			if b[i] != 0 {
				panic("not zero")
			}
			b[i] = byte(i + 1)
		}
		sum := 0
		for _, c := range b {
			sum += int(c)
		}
		out = append(out, sum)
	}
	return out
}

func badLength(n int) (msg string) {
	defer func() { msg = fmt.Sprint(recover()) }()
	s := make([]int16, n)
	return fmt.Sprint(len(s))
}

//go:noinline
func call(f func(int) int, x int) int { return f(x) }

//go:noinline
func callLater(f func(int) int) func() int { return func() int { return f(1) } }

// Func values: called only, kept by another, kept by what they call.
func funcs() []int {
	a, b := 1, 10
	add := func(x int) int { a += x; return a }
	out := []int{call(add, 2), call(add, 3), a}
	later := callLater(func(x int) int { b += x; return b })
	runtime.GC()
	out = append(out, later(), later(), b)
	var self func(int) int
	n := 0
	self = func(x int) int {
		n++
		if x == 0 {
			return n
		}
		return call(self, x-1)
	}
	out = append(out, call(self, 5))
	p := leak(func() *int { c := 7; return &c })
	runtime.GC()
	q := leak(func() *int { return &b })
	*q = 99
	return append(out, *p, b)
}

//go:noinline
func leak(f func() *int) *int { return f() }

type node struct {
	left, right *node
	val         int
}

// Functions that call each other do not keep what they only look at.
func (n *node) sum(depth int) int {
	if n == nil {
		return 0
	}
	return n.val + n.left.other(depth+1) + n.right.sum(depth+1)
}

func (n *node) other(depth int) int {
	if n == nil || depth > 100 {
		return 0
	}
	return n.val*2 + n.left.sum(depth+1) + n.right.other(depth+1)
}

// One of them keeps it after all.
func (n *node) even(k int) *node {
	if k == 0 {
		return n
	}
	return n.odd(k - 1)
}

func (n *node) odd(k int) *node {
	if k == 0 {
		last = n
		return nil
	}
	return n.even(k - 1)
}

var last *node

func trees() []int {
	t := &node{&node{nil, nil, 1}, &node{&node{nil, nil, 3}, nil, 2}, 4}
	out := []int{t.sum(0)}
	for i := range 4 {
		if n := (&node{val: 40 + i}).even(i); n != nil {
			out = append(out, n.val)
		}
		runtime.GC()
		for range 100 {
			_ = append([]*node(nil), &node{val: -1})
		}
		out = append(out, last.at())
	}
	return out
}

func (n *node) at() int {
	if n == nil {
		return -7
	}
	return n.val
}

type small int16

func boxes(i int, u uint32, s string, b []byte) []any {
	return []any{i, u, s, b, small(i), i == 3, float64(i), [1]int{i}, struct{ s string }{s}, any(i) == any(i+0), any(s) == any("x"+s[1:])}
}

func main() {
	fmt.Println(grows(5), grows(8), grows(9), grows(100))
	fmt.Println(renewed())
	fmt.Println(pointers())
	fmt.Println(kept(), global)
	fmt.Println(arrays())
	fmt.Println(sums(1), sums(2), sums(5), sums(9))
	fmt.Println(lengths(3, 32, 33, 0, 8))
	fmt.Println(badLength(-1), badLength(3), badLength(17))
	fmt.Println(funcs())
	fmt.Println(trees())
	fmt.Println(boxes(3, 255, "xy", []byte("q"))...)
	fmt.Println(boxes(-3, 256, "x", nil)...)
	fmt.Println(boxes(1<<40, 1<<31, "xyz", []byte{})...)
}
