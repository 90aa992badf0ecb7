// Conversions to interfaces, assertions, type switches, calls of methods.
package main

type shape interface{ area() int }
type square int

func (s square) area() int { return int(s * s) }

type big struct{ a, b, c int }

func (b *big) area() int { return b.a }

func convert(s square, b *big, n int) (shape, shape, any) { return s, b, n }
func call(s shape) int                                     { return s.area() }
func assert(x any) (square, bool)                          { s, ok := x.(square); return s, ok }
func must(x any) shape                                     { return x.(shape) }
func equal(x, y any, s shape) bool                         { return x == y && s == x }

func kind(x any) int {
	switch x := x.(type) {
	case nil:
		return 0
	case int:
		return x
	case square, *big:
		return 2
	case shape:
		return x.area()
	}
	return -1
}

func main() {
	s, b, n := convert(1, &big{}, 2)
	call(s)
	assert(n)
	must(b)
	equal(s, b, s)
	kind(n)
}
