//lang:1.17
package main

type L[T any] struct{ x T }

func F[T any](x T) {}

type A = int
type GA[T any] = []T
type C interface{ ~int | string }
type C2 interface{ int }

func (l *L[T]) M() {}

func main() {
	F[int](1)
	F(1)
	var a any
	_ = a
	var x comparable
	_ = x
	for i := range 10 {
		_ = i
	}
	for range func(func() bool) {} {
	}
	_ = min(1, 2)
	clear(map[int]int{})
	s := []int{}
	_ = [2]int(s)
	_ = (*[2]int)(s)
	_ = new(3)
	_ = 0b11
	_ = 1_000
	var l L[int]
	_ = l
}
