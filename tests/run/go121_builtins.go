// min, max, clear; panic(nil); order of initialisation; inference of function arguments and of mixed constants.
package main

import (
	"fmt"
	"math"
	"runtime"
	"slices"
)

type T int

func least[N ~int | ~float64 | ~string](a, b, c N) (N, N) { return min(a, b, c), max(a, b, c) }

func reset[C ~[]int | ~map[int]int](c C) C { clear(c); return c }

var trace []string

func note(s string, n int) int {
	trace = append(trace, s)
	return n
}

var (
	a0 = note("a", b0+1)
	b0 = note("b", f0())
	c0 = note("c", 3)
	d0 = func() int { return note("d", e0) }()
	e0 = note("e", c0)
	_  = note("blank", a0)
)

func f0() int { return c0 + g0.m() }

type gt struct{ n int }

func (g gt) m() int { return h0 }

var g0 gt

var h0 = note("h", 5)

func mixed[N any](x, y N) N { return x }

func apply[A, B any](f func(A) B, x A) B { return f(x) }

func twice[N ~int | ~float64](x N) N { return x * 2 }

func main() {
	fmt.Println(trace, a0, b0, c0, d0, e0)
	n, f, s := 3, 2.5, "b"
	nan, zero := math.NaN(), 0.0
	fmt.Println(min(n, 5), max(n, 5, 4), min(f, 3), max(f, 'a'), min(s, "a", "c"), max(s, "a"), min(T(n), 2), min(n), max(s))
	fmt.Println(min(nan, 1), max(1, nan), min(f, nan, math.Inf(-1)), math.Signbit(min(zero, -zero, math.Copysign(0, -1))), math.Signbit(max(math.Copysign(0, -1), zero)))
	fmt.Println(max(math.Inf(-1), -math.MaxFloat64), min(float32(0.1), float32(f)), min(int8(-128), 127), max(uint64(1<<63), 1))
	const c = min(1, 2.5, 'a') + max(2, 3.5)
	fmt.Printf("%v %T %v\n", c, c, len([max(1, 2, 3)]int{}))
	fmt.Println(least(3, 1, 2))
	fmt.Println(least("b", "a", "c"))
	fmt.Println(least(1, 2.5, 0))

	list := []int{1, 2, 3}
	part := list[1:2]
	clear(part)
	fmt.Println(list, reset(list), len(reset(map[int]int{1: 2})))
	strs := []string{"a", "b"}
	clear(strs)
	m := map[float64]int{nan: 1, 1: 2}
	m[nan] = 3
	fmt.Printf("%q %d ", strs, len(m))
	clear(m)
	fmt.Println(len(m))
	clear([]int(nil))
	clear(map[int]int(nil))
	ptrs := []*int{&n, nil, &n}
	clear(ptrs[:2])
	fmt.Println(ptrs[0] == nil, ptrs[2] == &n)

	func() {
		defer func() {
			e := recover()
			_, isNil := e.(*runtime.PanicNilError)
			_, isRuntime := e.(runtime.Error)
			fmt.Println(e, isNil, isRuntime)
		}()
		panic(nil)
	}()
	func() {
		defer func() { fmt.Printf("%T\n", recover()) }()
		var err error
		panic(err)
	}()

	fmt.Printf("%T %T %T %T %T\n", mixed(1, 2.5), mixed('a', 1), mixed(1, 'a'), mixed(2i, 1), mixed[float32](1, 2))
	fmt.Println(apply(twice, 4), apply(twice, 1.5), apply(twice[int], 2), slices.IndexFunc([]float64{1, 2}, func(x float64) bool { return twice(x) == 4 }))
	var g func(int) int = twice
	h := [...]func(float64) float64{twice, 2: twice}
	fmt.Println(g(3), h[2](0.5), h[1] == nil)
	sorted := []string{"b", "a"}
	slices.SortFunc(sorted, cmp)
	fmt.Println(sorted)
}

func cmp[S ~string](a, b S) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}
