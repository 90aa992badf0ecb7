package main

type Number interface{ ~int | ~float64 }

func Map[T, U any](xs []T, f func(T) U) []U { return nil }
func Sum[T Number](xs ...T) T                { var z T; return z }
func Id[T any](x T) T                        { return x }
func Make[T any]() T                         { var z T; return z }

type List[T any] struct {
	next *List[T]
	val  T
}

func (l *List[T]) Push(x T)            {}
func (l *List[T]) Bad(x U)             {}
func (l *List[A, B]) Two()             {}
func (l List[int]) Shadow() int        { return 0 }
func (l *List[T]) Map[U any](f func(T) U) *List[U] { return nil }

type Set[K comparable] map[K]struct{}

type Tree[T interface{ Less(T) bool }] struct{ l, r *Tree[T] }

type Int int

func (a Int) Less(b Int) bool { return a < b }

type S string

func use() {
	var l List
	var l2 List[int, string]
	var l3 List[int]
	l3.Push("x")
	var s Set[[]int]
	var s2 Set[func()]
	var t Tree[int]
	var t2 Tree[Int]
	_ = Sum(1, "a")
	_ = Sum(1, 2.5)
	_ = Sum("a")
	_ = Make()
	_ = Make[int]
	_ = Make
	_ = Id
	var f func(int) int = Id
	var g func(int) string = Id
	_ = Map([]int{1}, func(x int) string { return "" })
	_ = Map([]int{1}, func(x string) string { return "" })
	_ = Map[int]([]int{1}, func(x int) string { return "" })
	_ = Map[int, string, bool]
	_ = Map([]int{1}, Id)
	_ = Map([]int{1}, Id[string])
	_ = l3.Map(func(x int) string { return "" })
	_ = l3.Map
	_ = l3.Map[string]
	_ = (*List[int]).Map
	var n Number
	_, _, _, _, _, _, _, _, _ = l, l2, s, s2, t, t2, f, g, n
}

func ops[T Number, P any, Q comparable](a, b T, p P, q Q) {
	_ = a + b
	_ = a % b
	_ = p == p
	_ = q == q
	_ = q < q
	_ = p + p
	var x int = a
	_ = int(a)
	_ = string(a)
	_ = T(1)
	_ = T("x")
	_ = P(1)
	for range p {
	}
	p.foo()
	_ = p.(int)
	switch p.(type) {
	}
	switch any(p).(type) {
	case int:
	}
	var y P = nil
	return
}

type Rec[T any] struct{ f Rec[Rec[T]] }
type Cons[T Cons[T]] interface{}
type U1 interface{ int | string | int }
type U2 interface{ ~S | ~error }
type U3 interface{ int; string }
type Bad[T int] struct{ T }
type BadAlias[T any] = T

type GA[T any] = []T

var ga GA[int] = []string{}
var gb GA = nil

func inst[T any](x T) { inst[*T](&x) }

func emptySet[T U3](x T) {}

func constraints() {
	emptySet(1)
	var _ = Sum[string]
	type Local[T any] struct{ x T }
	var _ Local[int]
}

type Ifc interface {
	M[T any]()
	comparable
}

func infer2[K comparable, V any, M ~map[K]V](m M) []K { return nil }

var _ = infer2(map[string]int{})
var _ = infer2([]int{})

func chanOf[T any](c <-chan T) {}

func _() {
	var c chan int
	chanOf(c)
	chanOf[string](c)
}
