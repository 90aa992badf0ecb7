// Methods with type parameters; keys of promoted fields; functions inferred wherever they are assigned.
package main

import (
	"fmt"
	"strconv"
)

type Stream[T any] []T

func (s Stream[T]) Map[U any](f func(T) U) Stream[U] {
	out := make(Stream[U], 0, len(s))
	for _, x := range s {
		out = append(out, f(x))
	}
	return out
}

func (s Stream[T]) Fold[A any](start A, f func(A, T) A) A {
	for _, x := range s {
		start = f(start, x)
	}
	return start
}

func (s *Stream[T]) Append[S ~[]T](more S) int {
	*s = append(*s, more...)
	return len(*s)
}

func (s Stream[T]) GroupBy[K comparable](key func(T) K) map[K]Stream[T] {
	m := map[K]Stream[T]{}
	for _, x := range s {
		k := key(x)
		m[k] = append(m[k], x)
	}
	return m
}

type Plain struct{ n int }

func (p Plain) Convert[N ~int | ~float64]() N { return N(p.n) }

func (p *Plain) Set[N ~int | ~float64](x N) *Plain {
	p.n = int(x)
	return p
}

func (p Plain) Type[A any](xs ...A) string { return fmt.Sprintf("%T%v", xs, p.n) }

type Outer struct {
	Plain
	*Stream[int]
}

type Num interface{ ~int | ~float64 }

func twice[N Num](n N) N { return n + n }

func id[T any](x T) T { return x }

func pair[A, B any](a A, b B) string { return fmt.Sprintf("%T %T", a, b) }

type Hooks struct {
	f func(int) int
	g func(string, bool) string
}

type A struct{ x, y int }

type B struct{ z string }

type C struct {
	A
	B
	w bool
}

type D struct {
	C
	p *int
}

type G[T any] struct{ v T }

type H struct {
	G[string]
	A
}

func trace(n int) int {
	fmt.Print("t", n, " ")
	return n
}

func main() {
	s := Stream[int]{1, 2, 3}
	strs := s.Map(strconv.Itoa)
	fmt.Printf("%T %q %v %v\n", strs, strs, s.Map(twice).Map(func(n int) float64 { return float64(n) / 4 }), s.Map[any](func(n int) any { return n }))
	fmt.Println(s.Fold("", func(a string, n int) string { return a + strconv.Itoa(n) }), s.Fold[int](0, func(a, n int) int { return a*10 + n }))
	fmt.Println(s.Append([]int{4}), s.Append(Stream[int]{5}), s)
	fmt.Println(s.GroupBy(func(n int) bool { return n%2 == 0 }), s.GroupBy[string](strconv.Itoa)["5"])
	p := Plain{7}
	fmt.Println(p.Convert[int](), p.Convert[float64]()/2, p.Set(2.5).Set(3).n, p.Type(1, 2), p.Type[any](), (&p).Type("x"))
	o := Outer{Plain{4}, &s}
	fmt.Println(o.Convert[int](), o.Set(9).n, o.n, o.Map(twice[int]), o.Append([]int{6}), len(s))
	f := p.Convert[float64]
	g := Plain.Convert[int]
	h := (*Plain).Set[int]
	k := Stream[int].Map[string]
	p.n = 100
	fmt.Println(f(), g(p), h(&p, 5).n, k(Stream[int]{1}, func(n int) string { return "k" }))
	defer fmt.Println("end")
	defer o.Set(1)
	fn := func(c interface{ Set2(int) }) {}
	_ = fn

	hooks := Hooks{f: twice, g: pair}
	list := []func(float64) float64{twice, id, 3: twice[float64]}
	m := map[string]func(int) int{"id": id, "twice": twice}
	ch := make(chan func(int) int, 1)
	ch <- twice
	fmt.Println(hooks.f(4), hooks.g("a", true), list[0](1.5), list[1](2), list[2] == nil, m["twice"](8), (<-ch)(21))
	hooks.f = id
	var arr [2]func(int) int
	arr[1] = twice
	fmt.Println(hooks.f(4), arr[1](1), func() func(int) int { return twice }()(5))

	c := C{x: trace(1), z: "z", y: trace(2), w: true}
	d := D{y: 3, B: B{"b"}, w: true, p: new(4)}
	fmt.Println(c, d.C, *d.p, H{v: "v", x: 1}, []C{{x: 1}, {z: "q"}}, map[int]*D{1: {x: 5}}[1].x, &C{y: 8})
	fmt.Println(struct{ C }{x: 1, w: true}, C{B: B{}, x: 2} == C{x: 2})
}
