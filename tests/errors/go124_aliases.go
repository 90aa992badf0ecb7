package main

type V[T any] = []T

type M[K comparable, T any] = map[K]V[T]

type P[T any] = *T

type F[T any] = func(T) T

type N[T int | string] = T // ERROR "cannot use type parameter declared in alias declaration as RHS"

type R[T any] = struct{ V[T] }

type S[T any] = List[T]

type List[T any] struct{ v T }

func (l S[T]) m1() {} // ERROR "cannot define new methods on generic alias type S\[T any\]"

func (l S[int]) m2() {} // ERROR "cannot define new methods on generic alias type S\[T any\]"

type W = S[int]

func (w W) m3() {} // ERROR "cannot define new methods on instantiated type S\[int\]"

func (w *W) m4() {} // ERROR "cannot define new methods on instantiated type S\[int\]"

type X = V // ERROR "cannot use generic type V\[T any\] without instantiation"

type Y[T any] = V[T, T] // ERROR "too many type arguments for type V: have 2, want 1"

type Z[T any, U V[T]] = U // ERROR "cannot use type parameter declared in alias declaration as RHS"

func main() {
	var v V[int] = []int{}
	var w V = nil // ERROR "cannot use generic type V\[T any\] without instantiation"
	var m M[[]int, int] // ERROR "\[\]int does not satisfy comparable"
	var p P[int] = new(int)
	var f F[int] = func(x string) string { return x } // ERROR "cannot use func\(x string\) string \{…\} \(value of type func\(x string\) string\) as F\[int\] value in variable declaration"
	var s S[int] = List[int]{}
	var t S[string] = List[int]{} // ERROR "cannot use List\[int\]\{\} \(value of struct type List\[int\]\) as S\[string\] value in variable declaration"
	_ = S[int]{v: "x"} // ERROR `cannot use "x" \(untyped string constant\) as int value in struct literal`
	_ = V[int, int]{} // ERROR "too many type arguments for type V: have 2, want 1"
	_ = V{} // ERROR "cannot use generic type V\[T any\] without instantiation"
	_, _, _, _, _, _, _ = v, w, m, p, f, s, t
	var _ R[int]
	type local[T any] = []T
	g(V[int]{})
	g2(S[bool]{}) // ERROR "in call to g2, T \(type bool\) does not satisfy ~int"
}

func g[T any](V[T]) {}

func g2[T ~int](S[T]) {}
