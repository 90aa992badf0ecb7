// Type parameters: functions, types, methods, constraints, instances of instances.
package main

import (
	"errors"
	"fmt"
	"sort"
	"strconv"
	"strings"
)

type Number interface {
	~int | ~int8 | ~int16 | ~int32 | ~int64 | ~uint8 | ~uint64 | ~float32 | ~float64
}

func Sum[S ~[]N, N Number](s S) (total N) {
	for _, x := range s {
		total += x
	}
	return
}

func Map[T, U any](s []T, f func(T) U) []U {
	out := make([]U, 0, len(s))
	for _, x := range s {
		out = append(out, f(x))
	}
	return out
}

func Keys[M ~map[K]V, K comparable, V any](m M) []K {
	var keys []K
	for k := range m {
		keys = append(keys, k)
	}
	return keys
}

type Celsius float64

func (c Celsius) String() string { return strconv.FormatFloat(float64(c), 'f', 1, 64) + "°" }

type Stringish interface {
	~float64
	fmt.Stringer
}

func Join[T Stringish](list ...T) string {
	var b strings.Builder
	for _, x := range list {
		b.WriteString(x.String())
		b.WriteString("/" + fmt.Sprint(float64(x)*2) + " ")
	}
	return b.String()
}

// A pointer method through a constraint.
type Setter[T any] interface {
	*T
	Set(string)
}

type Config struct{ text string }

func (c *Config) Set(s string) { c.text = s }

func Parse[T any, P Setter[T]](texts ...string) []T {
	out := make([]T, len(texts))
	for i, s := range texts {
		P(&out[i]).Set(s)
	}
	return out
}

type List[T any] struct {
	next *List[T]
	val  T
}

func (l *List[T]) Push(v T) *List[T] { return &List[T]{l, v} }

func (l *List[T]) Len() (n int) {
	for ; l != nil; l = l.next {
		n++
	}
	return
}

type Tree[K, V any] struct {
	root *node[K, V]
	less func(a, b K) bool
}

type node[K, V any] struct {
	key         K
	val         V
	left, right *node[K, V]
}

func NewTree[K, V any](less func(a, b K) bool) *Tree[K, V] { return &Tree[K, V]{less: less} }

func (t *Tree[K, V]) find(k K) **node[K, V] {
	p := &t.root
	for *p != nil {
		switch n := *p; {
		case t.less(k, n.key):
			p = &n.left
		case t.less(n.key, k):
			p = &n.right
		default:
			return p
		}
	}
	return p
}

func (t *Tree[K, V]) Put(k K, v V) bool {
	p := t.find(k)
	if *p == nil {
		*p = &node[K, V]{key: k, val: v}
		return true
	}
	(*p).val = v
	return false
}

func (t *Tree[K, V]) Walk(f func(K, V)) {
	var walk func(*node[K, V])
	walk = func(n *node[K, V]) {
		if n != nil {
			walk(n.left)
			f(n.key, n.val)
			walk(n.right)
		}
	}
	walk(t.root)
}

type Pair[A, B any] struct {
	A A
	B B
}

func MakePair[A, B any](a A, b B) Pair[A, B] { return Pair[A, B]{a, b} }

func (p Pair[A, B]) Swap() Pair[B, A] { return Pair[B, A]{p.B, p.A} }

// Static variables of an instance do not exist; closures and local types are one per instance.
func Counter[T any]() func() string {
	type local struct {
		zero T
		n    int
	}
	var l local
	return func() string {
		l.n++
		return fmt.Sprintf("%T %d %v", l, l.n, any(l) == any(local{n: l.n}))
	}
}

func Kind[T any](x T) string {
	switch any(x).(type) {
	case int, string:
		return "basic"
	case []T:
		return "never"
	case fmt.Stringer:
		return "stringer"
	case nil:
		return "nil"
	case Pair[T, T]:
		return "never, too"
	case Pair[int, string]:
		return "pair"
	}
	return fmt.Sprintf("%T", x)
}

type Embeds[T any] struct {
	*List[T]
	Pair[T, int]
	fmt.Stringer
}

type Iface[T any] interface {
	Push(T) *List[T]
	Len() int
}

func Ptr[T any](x T) *T { return &x }

func Zero[T any]() (z T) { return }

func Equal[T comparable](a, b T) bool { return a == b }

type Bits interface{ ~uint8 | ~uint16 | ~uint64 }

func Shift[B Bits](b B, n int) (B, B, B) { return b << n, b >> n, ^b }

func Convert[To, From Number](x From) To { return To(x) }

func Len[S ~string | ~[]byte](s S) (n int, last byte, part S) {
	for i := 0; i < len(s); i++ {
		last = s[i]
		n++
	}
	return n, last, s[1:]
}

func Chain[A, B, C any](f func(A) (B, error), g func(B) (C, error)) func(A) (C, error) {
	return func(a A) (c C, err error) {
		b, err := f(a)
		if err != nil {
			return c, fmt.Errorf("first: %w", err)
		}
		return g(b)
	}
}

func Variadic[T any](first T, rest ...T) []T { return append([]T{first}, rest...) }

func Depth[T any](n int, x T) int {
	if n == 0 {
		return 0
	}
	return 1 + Depth(n-1, x)
}

type Matrix[T Number] [2][2]T

func (m Matrix[T]) Mul(o Matrix[T]) (r Matrix[T]) {
	for i := range m {
		for j := range o[0] {
			for k := range o {
				r[i][j] += m[i][k] * o[k][j]
			}
		}
	}
	return
}

type Fn[A, R any] func(A) R

func (f Fn[A, R]) Apply(a A) R { return f(a) }

type Chan[T any] chan T

func (c Chan[T]) Drain() (out []T) {
	for x := range c {
		out = append(out, x)
	}
	return
}

func main() {
	fmt.Println(Sum([]int8{100, 27, 1}), Sum([]float64{0.5, 0.25}), Sum([]Celsius{1, 2}), Sum[[]uint8](nil))
	fmt.Println(Map([]int{1, 2, 3}, strconv.Itoa), Map([]string{"a"}, func(s string) Pair[string, int] { return MakePair(s, len(s)) }))
	keys := Keys(map[string]bool{"x": true, "y": false})
	sort.Strings(keys)
	fmt.Println(keys, Join(Celsius(1.5), 2))
	fmt.Println(Parse[Config]("a", "b"))
	var l *List[Pair[string, []int]]
	fmt.Println(l.Len(), l.Push(MakePair("a", []int{1})).Push(Pair[string, []int]{}).Len())
	t := NewTree[string, int](func(a, b string) bool { return a < b })
	for i, s := range strings.Fields("the quick brown fox jumps over the lazy dog") {
		t.Put(s, i)
	}
	t.Walk(func(k string, v int) { fmt.Print(k, "=", v, " ") })
	fmt.Println()
	c, d := Counter[int](), Counter[Pair[string, error]]()
	fmt.Println(c(), c(), d())
	fmt.Println(Kind(1), Kind(Celsius(1)), Kind(MakePair(1, "a")), Kind(MakePair("a", 1)), Kind[error](nil), Kind([]int{}))
	e := Embeds[string]{List: l2("x"), Pair: MakePair("p", 7), Stringer: Celsius(3)}
	var i Iface[string] = e
	fmt.Println(e.Len(), e.Swap().A, e.String(), i.Push("y").Len(), e.val, e.A, e.B)
	fmt.Println(*Ptr(5), *Ptr("x"), Zero[*int]() == nil, Zero[Pair[int, string]]())
	fmt.Println(Equal[any](1, 1), Equal[any](1, "1"), Equal(MakePair(1, "a"), MakePair(1, "a")), Equal([2]string{"a"}, [2]string{"a", ""}))
	fmt.Println(Shift(uint8(0x81), 1))
	fmt.Println(Shift(uint64(0x81), 60))
	fmt.Println(Convert[int8](300), Convert[uint8](-1), Convert[int](3.99), Convert[float32](1<<24+1), Convert[uint64](int8(-1)))
	n, last, part := Len("abc")
	m, last2, part2 := Len([]byte("de"))
	fmt.Println(n, last, part, m, last2, part2)
	f := Chain(strconv.Atoi, func(n int) (bool, error) {
		if n < 0 {
			return false, errors.New("negative")
		}
		return n%2 == 0, nil
	})
	fmt.Println(f("4"))
	fmt.Println(f("-4"))
	fmt.Println(f("x"))
	fmt.Println(Variadic(1, 2, 3), Variadic("a"), len(Variadic[any](nil, nil)), Depth(100, struct{}{}))
	fmt.Println(Matrix[int]{{1, 1}, {1, 0}}.Mul(Matrix[int]{{1, 1}, {1, 0}}), Fn[int, string](strconv.Itoa).Apply(5))
	ch := make(Chan[error], 2)
	ch <- nil
	ch <- errors.ErrUnsupported
	close(ch)
	fmt.Println(ch.Drain())
	g := Pair[int, string].Swap
	h := (*List[int]).Len
	k := MakePair[int, string]
	fmt.Printf("%v %v %v %T %T\n", g(Pair[int, string]{1, "b"}), h(nil), k(2, "c"), g, Embeds[Pair[int, List[string]]]{})
}

func l2[T any](x T) *List[T] { return (*List[T])(nil).Push(x) }
