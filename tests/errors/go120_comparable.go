package main

type A [2]any

type S struct{ x any }

type F struct{ f func() }

func eq[T comparable](a, b T) bool { return a == b }

func strict[T interface{ comparable; ~int | ~string }](a T) {}

func use[P any](p P) {
	eq(p, p) // ERROR "P does not satisfy comparable"
	_ = p == p // ERROR "invalid operation: p == p \(incomparable types in type set\)"
	var i any = p
	eq(i, i)
}

func use2[P comparable](p P) {
	eq(p, p)
	eq([1]P{p}, [1]P{p})
	eq(struct{ p P }{p}, struct{ p P }{p})
	eq([]P{p}, []P{p}) // ERROR "\[\]P does not satisfy comparable"
}

type M[K comparable] map[K]int

var _ M[any]
var _ M[A]
var _ M[S]
var _ M[F] // ERROR "F does not satisfy comparable"
var _ M[error]
var _ M[[]int] // ERROR "\[\]int does not satisfy comparable"
var _ map[any]int
var _ map[F]int // ERROR "invalid map key type F"

func main() {
	eq[any](1, 2)
	eq[error](nil, nil)
	eq(A{}, A{})
	eq(S{}, S{})
	eq(F{}, F{}) // ERROR "F does not satisfy comparable"
	strict(1)
	strict[any](1) // ERROR "any does not satisfy interface\{comparable; ~int \| ~string\}"
	_ = F{} == F{} // ERROR "invalid operation: F\{\} == F\{\} \(struct containing func\(\) cannot be compared\)"
	_ = [1]func(){} == [1]func(){} // ERROR "invalid operation: \[1\]func\(\)\{\} == \[1\]func\(\)\{\} \(\[1\]func\(\) cannot be compared\)"
	_ = A{} == A{}
	_ = S{} == nil // ERROR "invalid operation: S\{\} == nil \(mismatched types S and untyped nil\)"
	var arr [4]int = [4]int([]int{1})
	_ = [4]int([]string{}) // ERROR "cannot convert \[\]string\{\} \(value of type \[\]string\) to type \[4\]int"
	_ = [4]int([3]int{}) // ERROR "cannot convert \[3\]int\{\} \(value of type \[3\]int\) to type \[4\]int"
	_ = (*[4]int)([]int{})
	_ = [4]int("abcd") // ERROR `cannot convert "abcd" \(untyped string constant\) to type \[4\]int`
	_ = [4]byte("abcd") // ERROR `cannot convert "abcd" \(untyped string constant\) to type \[4\]byte`
	_ = [4]byte([]byte("abcd"))
	_ = [...]int([]int{}) // ERROR "invalid use of \[\.\.\.\] array \(outside a composite literal\)"
	_ = arr
}
