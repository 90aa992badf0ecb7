package main

import "slices"

func mixed[T any](x, y T) T { return x }

func apply[T, U any](s []T, f func(T) U) []U { return nil }

func double[N ~int | ~float64](n N) N { return n }

func curry[A, B, C any](f func(A, B) C) func(A) func(B) C { return nil }

type I interface{ m(int) }

type G[T any] interface{ m(T) }

type X struct{}

func (X) m(int) {}

func iface[T any](g G[T]) T { panic(0) }

func both[T any](f, g func(T)) {}

func main() {
	var f float64 = mixed(1, 2.5)
	var g int = mixed(1, 2.5) // ERROR "cannot use mixed\(1, 2\.5\) \(value of type float64\) as int value in variable declaration"
	var h rune = mixed('a', 1)
	_ = mixed(1, 2i) + "x" // ERROR `invalid operation: mixed\(1, 2i\) \+ "x" \(mismatched types complex128 and untyped string\)`
	_ = mixed[int](1, 2.0)
	_ = mixed[int](1, 2.5) // ERROR "cannot use 2\.5 \(untyped float constant\) as int value in argument to mixed\[int\] \(truncated\)"
	_ = apply([]int{1}, double)
	_ = apply([]string{"a"}, double) // ERROR "string does not satisfy ~int \| ~float64 \(string missing in ~int \| ~float64\)"
	_ = apply(nil, double) // ERROR "in call to apply, cannot infer T \(declared at \./go121_inference\.go:7:12\)"
	_ = apply(nil, double[int])
	_ = curry(mixed) // ERROR "in call to curry, cannot infer A \(declared at \./go121_inference\.go:11:12\)"
	_ = curry(mixed[int])(1)("a") // ERROR `cannot use "a" \(untyped string constant\) as int value in argument to curry\(mixed\[int\]\)\(1\)`
	_ = iface(X{}) + "x" // ERROR `invalid operation: iface\(X\{\}\) \+ "x" \(mismatched types int and untyped string\)`
	var i I
	_ = iface(i) + 1
	_ = iface(5) // ERROR "in call to iface, cannot infer T \(declared at \./go121_inference\.go:21:12\)"
	both(func(int) {}, func(string) {}) // ERROR "in call to both, type func\(string\) of func\(string\) \{\} does not match inferred type func\(int\) for func\(T\)"
	slices.SortFunc([]int{}, func(a, b string) int { return 0 }) // ERROR "in call to slices\.SortFunc, S \(type \[\]int\) does not satisfy ~\[\]E"
	slices.Index([]int{1}, "a") // ERROR `cannot use "a" \(untyped string constant\) as int value in argument to slices\.Index`
	_ = slices.IndexFunc([]int{}, double) // ERROR "in call to slices\.IndexFunc, S \(type \[\]int\) does not satisfy ~\[\]E"
	_, _, _ = f, g, h
}
