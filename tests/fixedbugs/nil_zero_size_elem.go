// Loads of size zero, and of values in memory that nobody uses, check for nil; elements of literals of size zero are evaluated once.
package main

import "fmt"

type Z struct{}

func (Z) m() {}

type N [2][0]int

type S struct {
	a int
	z Z
	y [0]int
	w [2][0]int
	n N
	b [9]int
	c [9]struct{ s []string }
}

type E struct {
	s string
	*S
}

type F struct {
	E
	Z
}

var (
	p   *S
	e   E
	pp  **S
	pa  *[4]Z
	idx = 1
)

func z(s string) Z {
	fmt.Println("z", s)
	return Z{}
}

func x(n int) int {
	fmt.Println("x", n)
	return n
}

type G struct {
	H
	k int
}

type H struct{ i, j int }

func main() {
	for i, f := range []func(){
		func() { x := p.z; _ = x },
		func() { _ = p.z },
		func() { x := p.w[1]; _ = x },
		func() { x := e.z; _ = x },
		func() { x := e.w[idx]; _ = x },
		func() { x := e.n[1]; _ = x },
		func() { x := N{e.n[1]}; _ = x },
		func() { x := [2][0]int{e.w[1], e.w[0]}; _ = x },
		func() { x := struct{ a N }{N{e.n[1]}}; _ = x },
		func() { x := []N{{e.n[1]}}; _ = x },
		func() { x := map[int]N{1: {e.n[1]}}; _ = x },
		func() { x := (**pp).z; _ = x },
		func() { x := pa[1]; _ = x },
		func() { x := pa[idx]; _ = x },
		func() { x := *pa; _ = x },
		func() { fmt.Println(p.z == Z{}) },
		func() { fmt.Println(len(p.w), len(p.w[1])) },
		func() { ch := make(chan Z, 1); ch <- p.z },
		func() { x := []Z{p.z}; _ = x },
		func() { x := p.w[:]; fmt.Println(len(x)) },
		func() { x := &p.z; fmt.Println(x != nil) },
		func() { p.z.m() },
		func() { defer p.z.m() },
		func() { s := S{z: p.z}; _ = s },
		func() { x := *(*Z)(nil); _ = x },
		func() { _ = *(*Z)(nil) },
		func() { _, _ = p.z, 1 },
		func() { _ = e.b },
		func() { x := e.b; _ = x },
		func() { _ = p.c[idx] },
		func() { x := p.c; _ = x },
		func() { x := F{E: E{}, Z: e.z}; _ = x },
	} {
		func() {
			defer func() { fmt.Println(i, recover()) }()
			f()
		}()
	}
	fmt.Println([2]Z{z("a"), z("b")}, [2][1]Z{{z("c")}, {z("d")}}, struct{ a, b Z }{b: z("e"), a: z("f")})
	fmt.Println(G{k: x(1), i: x(2), j: x(3)}, []G{{j: x(4), k: x(5)}}, &G{k: x(6), j: x(7)})
}
