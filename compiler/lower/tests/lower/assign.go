// Assignments: operands first, left sides checked when they are stored.
package main

type pair struct {
	a, b int
	p    *int
}

var global pair

func swap(s []int, i, j int) { s[i], s[j] = s[j], s[i] }

func fields(p *pair, q pair) {
	p.a, p.b = q.b, q.a
	global = q
}

func pointers(dst **int, src *int) { *dst = src }

func op(m []int, i int) { m[i] += 3 }

func main() {
	swap([]int{1, 2}, 0, 1)
	fields(&global, pair{})
	pointers(&global.p, &global.a)
	op(nil, 0)
}
