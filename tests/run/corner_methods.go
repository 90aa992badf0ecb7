// Methods: values and expressions, nil receivers, promotion through pointers and interfaces, generic receivers.
package main

import "fmt"

type base struct{ n int }

func (b base) Get() int     { return b.n }
func (b *base) Set(n int)   { b.n = n }
func (b *base) IsNil() bool { return b == nil }

type middle struct{ *base }
type top struct {
	middle
	name string
}
type getter interface{ Get() int }
type both interface {
	getter
	Set(int)
}
type withIface struct {
	both
	extra int
}
type list[T any] struct {
	head *node[T]
	size int
}
type node[T any] struct {
	value T
	next  *node[T]
}

func (l *list[T]) Push(v T) { l.head = &node[T]{v, l.head}; l.size++ }
func (l list[T]) Len() int  { return l.size }
func (l *list[T]) Each(f func(T)) {
	for n := l.head; n != nil; n = n.next {
		f(n.value)
	}
}

type pair[K comparable, V any] struct {
	key   K
	value V
}

func (p pair[K, V]) Swap() pair[K, V] { return p }
func (p *pair[K, V]) Put(k K, v V)    { p.key, p.value = k, v }
func (p pair[K, V]) String() string   { return fmt.Sprintf("<%v|%v>", p.key, p.value) }

type tree[T any] struct {
	left, right *tree[T]
	value       T
}

func (t *tree[T]) walk(f func(T) bool) bool {
	return t == nil || t.left.walk(f) && f(t.value) && t.right.walk(f)
}

type embedsGeneric struct {
	list[string]
	pair[int, bool]
}
type function func(int) int

func (f function) Apply(n int) int { return f(n) }

type integer int

func (i *integer) Inc()              { *i++ }
func (i integer) Plus(j int) integer { return i + integer(j) }

type chanType chan int

func (c chanType) Send(n int) { c <- n }

type empty struct{}

func (empty) Zero() int  { return 0 }
func (*empty) Ptr() bool { return true }

func main() {
	b := base{1}
	get, set := b.Get, b.Set
	b.n = 5
	set(7)
	fmt.Println(get(), b.n, base.Get(b), (*base).Get(&b), (*base).IsNil(nil))
	(*base).Set(&b, 9)
	var np *base
	isNil := np.IsNil
	fmt.Println(b.n, isNil(), np.IsNil())

	t := top{middle{&b}, "t"}
	t.Set(20)
	f := t.Get
	g := top.Get
	h := (*top).Set
	h(&t, 21)
	fmt.Println(t.Get(), f(), g(t), b.n, t.middle.base.n, t.n)
	var i getter = t
	var j both = t
	var k both = &t
	j.Set(3)
	fmt.Println(i.Get(), j.Get(), k.Get(), getter.Get(i), both.Get(k))
	m := i.Get
	k.Set(4)
	fmt.Println(m(), i == getter(t))
	w := withIface{both: &b, extra: 1}
	w.Set(99)
	wf := withIface.Get
	fmt.Println(w.Get(), wf(w), b.n)
	for _, v := range []any{b, &b, t, &t, w, &w, 3} {
		_, isGetter := v.(getter)
		_, isBoth := v.(both)
		fmt.Print(isGetter, isBoth, " ")
	}
	fmt.Println()

	var l list[int]
	push := l.Push
	push(1)
	push(2)
	each := (*list[int]).Each
	each(&l, func(x int) { fmt.Print(x, " ") })
	fmt.Println(l.Len(), list[int].Len(l))
	p := pair[string, int]{"a", 1}
	put := p.Put
	str := p.String
	put("b", 2)
	fmt.Println(p, str(), p.Swap(), pair[string, int].String(p), fmt.Stringer(&p))
	var root *tree[int]
	for _, v := range []int{5, 2, 8, 1, 9} {
		at := &root
		for *at != nil {
			if v < (*at).value {
				at = &(*at).left
			} else {
				at = &(*at).right
			}
		}
		*at = &tree[int]{value: v}
	}
	root.walk(func(v int) bool { fmt.Print(v, " "); return v < 8 })
	fmt.Println()
	var e embedsGeneric
	e.Push("x")
	e.Put(4, true)
	fmt.Println(e.Len(), e.String(), e.key, e.head.value)
	fmt.Println(function(func(n int) int { return n * n }).Apply(12))
	var n integer = 3
	n.Inc()
	inc := n.Inc
	inc()
	fmt.Println(n, n.Plus(4).Plus(5), integer.Plus(1, 2))
	c := make(chanType, 1)
	send := c.Send
	send(8)
	fmt.Println(<-c, empty{}.Zero(), (&empty{}).Ptr(), new(empty).Zero())
	table := map[string]func(base) int{"get": base.Get}
	fmt.Println(table["get"](base{77}))
	defer b.Set(1)
	defer func(get func() int) { fmt.Println(get()) }(b.Get)
	b.n = 1000
	func() {
		defer func() { fmt.Println(recover() != nil) }()
		var g getter
		_ = g.Get
	}()
	func() {
		defer func() { fmt.Println(recover() != nil) }()
		var m middle
		_ = m.Get
	}()
	func() {
		var m middle
		s := m.Set
		defer func() { fmt.Println(recover() != nil) }()
		s(1)
	}()
	local := struct {
		base
		getter
		x int
	}{base{1}, &b, 2}
	fmt.Println(local.n, local.getter.Get(), local.base.Get())
}
