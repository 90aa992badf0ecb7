// Aliases with type parameters.
package main

import (
	"fmt"
	"reflect"
)

type Vec[T any] = []T

type Dict[V any] = map[string]V

type List[T any] struct {
	v    T
	next *List[T]
}

func (l *List[T]) Len() int {
	if l == nil {
		return 0
	}
	return 1 + l.next.Len()
}

type L[T any] = List[T]

type Ints = L[int]

type Pair[A, B any] struct {
	a A
	b B
}

type Same[T any] = Pair[T, T]

type Fn[A, B any] = func(A) B

type Set[K comparable] = map[K]struct{}

type Ptr[T any] = *T

type Nested[T any] = Vec[Dict[Ptr[T]]]

type Embeds struct {
	L[string]
	Ints
}

func sum[T int | float64](v Vec[T]) (s T) {
	for _, x := range v {
		s += x
	}
	return
}

func keys[K comparable, S Set[K]](s S) int { return len(s) }

func apply[A, B any](f Fn[A, B], a A) B { return f(a) }

func kind(x any) string {
	switch x.(type) {
	case Vec[int]:
		return "ints"
	case Dict[string]:
		return "strings by string"
	case *L[int]:
		return "list"
	case Same[bool]:
		return "bools"
	}
	return "?"
}

func main() {
	var v Vec[int] = []int{1, 2, 3}
	fmt.Printf("%T %T %T %T\n", v, Dict[Vec[byte]]{}, Same[string]{}, Nested[int]{})
	fmt.Println(sum(v), sum(Vec[float64]{0.5, 1}), keys(Set[string]{"a": {}}), apply(func(s string) int { return len(s) }, "abc"))
	l := &Ints{1, &L[int]{2, nil}}
	fmt.Println(l.Len(), (*Ints).Len(l), kind(v), kind(map[string]string{}), kind(&List[int]{}), kind(Pair[bool, bool]{}), kind(1))
	e := Embeds{L: L[string]{"x", nil}}
	fmt.Println(e.L.v, e.Ints.v, reflect.TypeFor[L[int]]() == reflect.TypeFor[List[int]](), reflect.TypeOf(e).Field(0).Name, reflect.TypeOf(e).Field(1).Name)
	var p Ptr[Vec[int]] = &v
	(*p)[0] = 9
	fmt.Println(v, Same[int]{1, 2} == Pair[int, int]{1, 2})
}
