package main

import (
	"cmp"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
)

type ordered interface {
	~int | ~int8 | ~string | ~float64
}

func maximum[T ordered](first T, rest ...T) T {
	for _, x := range rest {
		if x > first {
			first = x
		}
	}
	return first
}

type celsius float64

func (c celsius) String() string { return fmt.Sprintf("%.1f°C", float64(c)) }

type list[T any] struct {
	head *element[T]
	size int
}

type element[T any] struct {
	value T
	next  *element[T]
}

func (l *list[T]) push(value T) {
	l.head = &element[T]{value, l.head}
	l.size++
}

func (l *list[T]) all() iter.Seq2[int, T] {
	return func(yield func(int, T) bool) {
		i := 0
		for e := l.head; e != nil; e = e.next {
			if !yield(i, e.value) {
				return
			}
			i++
		}
	}
}

func apply[T, U any](seq iter.Seq2[int, T], f func(T) U) []U {
	var out []U
	for _, x := range seq {
		out = append(out, f(x))
	}
	return out
}

type stringish interface {
	comparable
	fmt.Stringer
}

func join[T stringish](items ...T) string {
	seen := map[T]bool{}
	var parts []string
	for _, item := range items {
		if !seen[item] {
			seen[item] = true
			parts = append(parts, item.String())
		}
	}
	return strings.Join(parts, " ")
}

type tree[K cmp.Ordered, V any] struct {
	left, right *tree[K, V]
	key         K
	value       V
}

func (t *tree[K, V]) insert(key K, value V) *tree[K, V] {
	if t == nil {
		return &tree[K, V]{key: key, value: value}
	}
	switch cmp.Compare(key, t.key) {
	case -1:
		t.left = t.left.insert(key, value)
	case 1:
		t.right = t.right.insert(key, value)
	default:
		t.value = value
	}
	return t
}

func (t *tree[K, V]) walk(yield func(K, V) bool) bool {
	return t == nil || t.left.walk(yield) && yield(t.key, t.value) && t.right.walk(yield)
}

type pair[A, B any] struct {
	a A
	b B
}

func swap[A, B any](p pair[A, B]) pair[B, A] { return pair[B, A]{p.b, p.a} }

type number interface{ ~int | ~float64 }

func sum[S ~[]E, E number](s S) (total E) {
	for _, x := range s {
		total += x
	}
	return total
}

type ints []int

func main() {
	fmt.Println(maximum(3, 9, 4), maximum("b", "abc"), maximum[celsius](20.5, 21))
	var l list[string]
	for _, s := range []string{"x", "yy", "zzz"} {
		l.push(s)
	}
	fmt.Println(apply(l.all(), func(s string) int { return len(s) }))
	for i, s := range l.all() {
		if i == 1 {
			fmt.Println("stopped at", s)
			break
		}
	}
	fmt.Println(join(celsius(1), celsius(2), celsius(1)))
	var t *tree[string, int]
	for i, word := range strings.Fields("the quick brown fox jumps over the lazy dog") {
		t = t.insert(word, i)
	}
	t.walk(func(k string, v int) bool {
		fmt.Print(k, "=", v, " ")
		return k < "over"
	})
	fmt.Println()
	fmt.Printf("%v %T\n", swap(pair[int, string]{1, "one"}), swap(pair[celsius, []int]{}))
	fmt.Println(sum(ints{1, 2, 3}), sum([]float64{0.5, 0.25}))
	keys := slices.Sorted(maps.Keys(map[string]int{"b": 1, "a": 2, "c": 3}))
	fmt.Println(keys, slices.Index(keys, "b"), min(2.5, 1), max("a", "b"))
}
