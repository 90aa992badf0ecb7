package main

import (
	"fmt"
	"reflect"
)

// Types declared in generic functions, generic ones among them: they may refer to each other and to themselves,
// and their names list the function's type arguments first.

type G[T any] struct{ x T }

func F[A any](a A) {
	type L struct {
		a    A
		next *L
	}
	type M[B any] struct {
		a    A
		b    B
		l    *L
		next *M[B]
		o    *M[string]
	}
	m := &M[int]{a: a, b: 1, l: &L{a: a}}
	m.next = &M[int]{a: a, b: 2}
	m.next.next = m
	m.o = &M[string]{b: "x", l: m.l}
	var i any = m.next.next
	_, ok := i.(*M[int])
	_, ok2 := any(m.o.l).(*L)
	fmt.Printf("%T %T %T %v %v\n", *m, *m.l, m.o, ok, ok2)

	fmt.Println(reflect.TypeOf(M[L]{}), reflect.TypeOf(G[M[L]]{}), reflect.TypeOf(M[int]{}).Name())
	func() {
		type L struct{ a A }
		fmt.Printf("%T %T\n", L{}, G[L]{})
	}()
	defer func() { fmt.Println(recover()) }()
	_ = i.(L)
}

func main() {
	type L struct{}
	F(1)
	F("s")
	F(L{})
	F(G[L]{})
	fmt.Printf("%T %T\n", L{}, G[L]{})
}
