// Arguments of frames: which words are listed, how they nest, and their values. Each function uses all its parameters after the call.
// arguments are compared
package main

import "os"

type Point struct{ x, y int16 }

type Small struct {
	a int
	p struct{ t *Tree }
	f float64
}

type Large struct {
	a    int8
	p    [2]Point
	s    string
	u    uint64
	e    struct{}
	more Deep
}

type Deep struct{ a struct{ b struct{ c struct{ d, e int } } } }

type Named [1]uint32

type Tree struct{ left, right *Tree }

//go:noinline
func use(values ...any) {}

//go:noinline
func end() { panic("end") }

//go:noinline
func integers(a int, b uint8, c int32, d bool, e uintptr, f int64) {
	end()
	use(a, b, c, d, e, f)
}

//go:noinline
func floats(a float64, b float32, c complex128, d complex64, i int) {
	end()
	use(a, b, c, d, i)
}

//go:noinline
func texts(s string, b []byte) {
	end()
	use(s, len(b), cap(b), &b[0])
}

//go:noinline
func small(s Small, n Named) {
	end()
	use(n[0], s.a, s.p.t, s.f)
}

//go:noinline
func large(l Large) {
	end()
	use(l)
}

//go:noinline
func deep(d Deep, i int) {
	end()
	use(d.a.b.c.d, d.a.b.c.e, i)
}

//go:noinline
func array(a [3]int8, e [0]int, z struct{}, b [12]int) {
	end()
	use(a, e, z, b)
}

//go:noinline
func many(a, b, c, d, e, f, g, h, i, j, k, l int) {
	end()
	use(a, b, c, d, e, f, g, h, i, j, k, l)
}

//go:noinline
func ten(a, b, c, d, e int, f, g, h float64, i, j int) {
	end()
	use(a, b, c, d, e, f, g, h, i, j)
}

//go:noinline
func variadic(i int, rest ...int) {
	end()
	use(i, len(rest), cap(rest), &rest[0])
}

//go:noinline
func interfaces(x any, e error, t *Tree, f func(), m map[int]int, c chan int) {
	end()
	use(x, e, t, f, m, c)
}

//go:noinline
func results(i, j int) (a [3]int, s string, b []int) {
	end()
	use(i, j)
	return
}

//go:noinline
func nothing(struct{}) { end() }

//go:noinline
func generic[T any](t []T, n int) {
	end()
	use(len(t), cap(t), &t[0], n)
}

//go:noinline
func (d Deep) value(n int) {
	end()
	use(d.a.b.c.d, d.a.b.c.e, n)
}

//go:noinline
func (t *Tree) pointer(n int) {
	end()
	use(t, n)
}

//go:noinline
func level(n int, s string) int {
	if n == 0 {
		end()
	}
	return level(n-1, s) + n + len(s)
}

//go:noinline
func loops(n, m int) int {
	sum := 0
	for i := range n {
		for j := range m {
			if i*j == 6 {
				end()
			}
			sum += level(1+i, "") * m
		}
	}
	return sum + n
}

func inlined(n int) { integers(n, 1, 2, true, 3, 4) }

//go:noinline
func recovers(n int, s string) (m int) {
	defer func() { recover(); level(n, s); use(n, s) }()
	end()
	return n
}

var cases = map[string]func(){
	"integers":   func() { integers(-1, 200, -3, true, 1<<15, 1) },
	"floats":     func() { floats(1.5, -2.5, 3+4i, 5+6i, 7) },
	"texts":      func() { texts("héllo", make([]byte, 3, 10)) },
	"small":      func() { small(Small{a: -1, f: 4}, Named{5}) },
	"large":      func() { large(Large{a: 1, p: [2]Point{{2, 3}, {4, 5}}, s: "six", u: 7}) },
	"deep":       func() { deep(Deep{}, 7) },
	"array":      func() { array([3]int8{1, 2, -3}, [0]int{}, struct{}{}, [12]int{4, 5, 6, 7, 8, 9}) },
	"many":       func() { many(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12) },
	"ten":        func() { ten(1, 2, 3, 4, 5, 6, 7, 8, 9, 10) },
	"variadic":   func() { variadic(1, 2, 3) },
	"interfaces": func() { interfaces(1, nil, nil, nil, nil, nil) },
	"results":    func() { results(1, 2) },
	"nothing":    func() { nothing(struct{}{}) },
	"generic":    func() { generic([]int{1, 2}, 3) },
	"value":      func() { Deep{}.value(3) },
	"pointer":    func() { (*Tree)(nil).pointer(1) },
	"recursion":  func() { level(12, "abc") },
	"loops":      func() { loops(9, 5) },
	"inlined":    func() { inlined(5) },
	"recovers":   func() { recovers(2, "ab") },
	"goroutine":  func() { go level(2, "x"); select {} },
}

func main() { cases[os.Args[1]]() }
