// What may panic about a left side waits for its turn among the assignments.
package main

import "fmt"

type N1 struct {
	a bool
	b []bool
	c map[bool]bool
}
type N2 struct{ a [20]int }
type Z struct{}

var g []int
var p *N1
var q *N2
var r *int
var z *Z
var pp **int
var arr *[4]int

func try(n int, f func()) {
	g = nil
	defer func() {
		e := recover()
		fmt.Println(n, len(g), e != nil)
	}()
	f()
}

func main() {
	var l []int
	var m map[int]int
	i := 5
	try(1, func() { g, *p = []int{1}, N1{} })
	try(2, func() { g, *q = []int{1}, N2{} })
	try(3, func() { g, *r = []int{1}, 2 })
	try(4, func() { g, *z = []int{1}, Z{} })
	try(5, func() { g, p.b = []int{1}, nil })
	try(6, func() { g, q.a[3] = []int{1}, 1 })
	try(7, func() { g, q.a = []int{1}, [20]int{} })
	try(8, func() { g, **pp = []int{1}, 1 })
	try(9, func() { g, l[i] = []int{1}, 1 })
	try(10, func() { g, m[1] = []int{1}, 1 })
	try(11, func() { g, arr[1] = []int{1}, 1 })
	try(12, func() { g, arr[i] = []int{1}, 1 })
	try(13, func() { g, *r = []int{1}, *r })
	var np **N1 = new(*N1)
	try(14, func() { g, *(*np) = []int{1}, N1{} })
	var nq **N2 = new(*N2)
	try(15, func() { g, *(*nq) = []int{1}, N2{} })
	try(16, func() { g, (*nq).a[i] = []int{1}, 1 })
	try(17, func() { g, (**nq).a[1:][i] = []int{1}, 1 })
	f := func() (a []int, b N1) { return []int{1}, N1{} }
	try(18, func() { g, *p = f() })
	h := func() (a []int, b N2) { return []int{1}, N2{} }
	try(19, func() { g, *q = h() })
	var ch = make(chan N2, 1)
	var ok bool
	_ = ok
	ch <- N2{}
	try(20, func() { *q, ok = <-ch })
}
