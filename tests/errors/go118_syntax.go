package main

func main() {
	_ = func[X any]() {} // ERROR "syntax error: function type must have no type parameters"
}

type I interface { m[T any]() } // ERROR "interface method must have no type parameters"

type T[] struct{}

type U[P any, ] struct{}

type V[P *int] struct{}

type W[P *int,] struct{}

type X[P any] [10]P

func f[]() {} // ERROR "syntax error: empty type parameter list"

func g[T any, U](x T) {} // ERROR "syntax error: missing type constraint"

func h[T](x T) {} // ERROR "syntax error: missing type constraint"

type E[P, Q] struct{} // ERROR "syntax error: missing type constraint"
