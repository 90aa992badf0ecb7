package main

type Adder[A Adder[A]] interface{ Add(A) A }

func Sum[A Adder[A]](x A, y ...A) A { return x }

type Int int

func (i Int) Add(j Int) Int { return i + j }

type Bad int

func (b Bad) Add(x int) int { return x }

type Ordered[T Ordered[T]] interface{ ~int | ~string }

type Node[T Node[T]] struct{ next T }

type C1[T C2[T]] interface{ m(T) }

type C2[T C1[T]] interface{ m(T) }

type D[T interface{ ~[]D[T] }] struct{}

type E[T any] E[T] // ERROR "invalid recursive type: E\[T\] refers to itself"

type F[T any] struct{ f F[T] } // ERROR "invalid recursive type: F\[T\] refers to itself"

type H[T H[T]] int

func k[T Adder[U], U Adder[T]](t T, u U) {} // ERROR "U does not satisfy Adder\[U\] \(wrong type for method Add\)" "T does not satisfy Adder\[T\] \(wrong type for method Add\)"

func main() {
	Sum(Int(1), Int(2))
	Sum(Bad(1)) // ERROR "in call to Sum, A \(type Bad\) does not satisfy Adder\[A\] \(wrong type for method Add\)"
	Sum(1) // ERROR "int does not satisfy Adder\[int\] \(missing method Add\)"
	Sum[Adder[Int]](nil) // ERROR "Adder\[Int\] does not satisfy Adder\[Adder\[Int\]\] \(wrong type for method Add\)"
	var _ Adder[Int] = Int(1)
	var _ Adder[Bad] // ERROR "Bad does not satisfy Adder\[Bad\] \(wrong type for method Add\)"
	k(Int(1), Int(2))
}
