package main

type Num interface{ ~int | ~float64 | ~string }

func ops[T any, N Num, C comparable, S ~[]E, E any, M map[K]V, K comparable, V any, P *int | *string, F func() | func(int)](t T, n N, c C, s S, m M, p P, f F) {
	_ = t + t // ERROR "invalid operation: operator \+ not defined on t \(variable of type T constrained by any\)"
	_ = t == t // ERROR "invalid operation: t == t \(incomparable types in type set\)"
	_ = c == c
	_ = c < c // ERROR "invalid operation: c < c \(type parameter C cannot use operator <\)"
	_ = n + n
	_ = n * n // ERROR "invalid operation: operator \* not defined on n \(variable of type N constrained by Num\)"
	_ = n < n
	_ = -n // ERROR "invalid operation: operator - not defined on n \(variable of type N constrained by Num\)"
	_ = s[0]
	_ = s.x // ERROR "s\.x undefined \(type S has no field or method x\)"
	_ = m[0] // ERROR "cannot use 0 \(untyped int constant\) as K value in map index"
	_ = *p // ERROR "invalid operation: pointers of p \(variable of type P constrained by \*int \| \*string\) must have identical base types"
	f() // ERROR "invalid operation: cannot call f \(variable of type F constrained by func\(\) \| func\(int\)\): func\(\) and func\(int\) have different underlying types"
	_ = t.(int) // ERROR "invalid operation: cannot use type assertion on type parameter value t \(variable of type T constrained by any\)"
	_ = any(t).(int)
	switch t.(type) { // ERROR "cannot use type switch on type parameter value t \(variable of type T constrained by any\)"
	}
	_ = T(1) // ERROR "cannot convert 1 \(untyped int value\) to type T: T does not contain specific types"
	_ = N(1)
	_ = N("a") // ERROR `cannot convert "a" \(untyped string value\) to type N: cannot convert "a" \(untyped string constant\) to type int \(in N\)`
	_ = string(n) // ERROR "cannot convert n \(variable of type N constrained by Num\) to type string: cannot convert float64 \(in N\) to type string"
	var _ T = nil // ERROR "cannot use nil as T value in variable declaration"
	var _ S = nil
	var _ P = nil
	_ = len(t) // ERROR "invalid argument: t \(variable of type T constrained by any\) for built-in len"
	_ = len(s)
	_ = len(n) // ERROR "invalid argument: n \(variable of type N constrained by Num\) for built-in len"
	_ = cap(s)
	_ = make(S, 1)
	_ = make(T) // ERROR "invalid argument: cannot make T: no specific type"
	_ = S{}
	_ = T{} // ERROR "invalid composite literal type T \(no common underlying type\)"
	_ = append(s, t) // ERROR "cannot use t \(variable of type T constrained by any\) as E value in argument to append"
	for range t { // ERROR "cannot range over t \(variable of type T constrained by any\): no specific type"
	}
	for range n { // ERROR "cannot range over n \(variable of type N constrained by Num\): int and float64 have different underlying types"
	}
	for range s {
	}
	go f // ERROR "expression in go must be function call"
	const c1 = len(s) // ERROR "len\(s\) \(value of type int\) is not constant"
	type local[X any] struct{}
	goto L
L:
	T.foo(t) // ERROR "T\.foo undefined \(type T has no field or method foo\)"
	t.foo() // ERROR "t\.foo undefined \(type T has no field or method foo\)"
	var t2 T
	t = 5 // ERROR "cannot use 5 \(untyped int constant\) as T value in assignment"
	n = 5 // ERROR "cannot use 5 \(untyped int constant\) as N value in assignment"
	n = 'a' // ERROR "cannot use 'a' \(untyped rune constant 97\) as N value in assignment"
	n = 1.5 // ERROR "cannot use 1\.5 \(untyped float constant\) as N value in assignment"
	n = 1 << 8 // ERROR "cannot use 1 << 8 \(untyped int constant 256\) as N value in assignment"
	return t2 // ERROR "too many return values"
}

type G[T any] struct { T } // ERROR "embedded field type cannot be a \(pointer to a\) type parameter"

type R[T any] struct { r R[R[T]] } // ERROR "invalid recursive type: R\[R\[T\]\] refers to itself"

type Q[T any] struct { q *Q[Q[T]] }

type H[P any] P // ERROR "cannot use a type parameter as RHS in type declaration"

type I[P any] interface { P } // ERROR "term cannot be a type parameter"

func (G[T]) m1() {}

func (G[int]) m2() { var x int = 1; _ = x } // ERROR "cannot use 1 \(untyped int constant\) as int /\* with int declared at \./go118_bodies\.go:73:9 \*/ value in variable declaration"

func (g G[T]) m3(x T) T { return g.T }

func (g G) m4() {} // ERROR "cannot use generic type G\[T any\] without instantiation"

func (g G[A, B]) m5() {} // ERROR "receiver declares 2 type parameters, but receiver base type declares 1"

func (g G[_]) m6() {}

func main[T any]() {} // ERROR "func main must have no type parameters"

func init[T any]() {} // ERROR "func init must have no type parameters"

type U interface { int | string | interface{ m() } } // ERROR "cannot use interface\{m\(\)\} in union \(interface\{m\(\)\} contains methods\)"

type U2 interface { int | int } // ERROR "overlapping terms int and int"

type U3 interface { ~MyInt } // ERROR "invalid use of ~ \(underlying type of MyInt is int\)"

type U4 interface { int | ~int } // ERROR "overlapping terms ~int and int"

type U5[T any] interface { int | T } // ERROR "term cannot be a type parameter"

type U6 interface { comparable | int } // ERROR "cannot use comparable in union"

type U7 interface { ~error } // ERROR "invalid use of ~ \(error is an interface\)"

type MyInt int
