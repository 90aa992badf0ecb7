// Lru is a generic cache that forgets what was not used for longest, on top of a generic doubly linked list.
package main

import (
	"fmt"
	"iter"
	"strings"
)

type node[K comparable, V any] struct {
	key        K
	value      V
	prev, next *node[K, V]
}

// Cache keeps at most capacity entries.
type Cache[K comparable, V any] struct {
	capacity     int
	entries      map[K]*node[K, V]
	root         node[K, V] // next: most recent; prev: least recent
	hits, misses int
	onEvict      func(K, V)
}

func New[K comparable, V any](capacity int) *Cache[K, V] {
	c := &Cache[K, V]{capacity: capacity, entries: make(map[K]*node[K, V])}
	c.root.next, c.root.prev = &c.root, &c.root
	return c
}

func (c *Cache[K, V]) unlink(n *node[K, V]) {
	n.prev.next, n.next.prev = n.next, n.prev
}

func (c *Cache[K, V]) pushFront(n *node[K, V]) {
	n.prev, n.next = &c.root, c.root.next
	n.prev.next, n.next.prev = n, n
}

func (c *Cache[K, V]) Get(key K) (value V, ok bool) {
	n, ok := c.entries[key]
	if !ok {
		c.misses++
		return value, false
	}
	c.hits++
	c.unlink(n)
	c.pushFront(n)
	return n.value, true
}

func (c *Cache[K, V]) Put(key K, value V) {
	if n, ok := c.entries[key]; ok {
		n.value = value
		c.unlink(n)
		c.pushFront(n)
		return
	}
	if len(c.entries) == c.capacity {
		last := c.root.prev
		c.unlink(last)
		delete(c.entries, last.key)
		if c.onEvict != nil {
			c.onEvict(last.key, last.value)
		}
	}
	n := &node[K, V]{key: key, value: value}
	c.entries[key] = n
	c.pushFront(n)
}

// All yields the entries, the most recent first.
func (c *Cache[K, V]) All() iter.Seq2[K, V] {
	return func(yield func(K, V) bool) {
		for n := c.root.next; n != &c.root; n = n.next {
			if !yield(n.key, n.value) {
				return
			}
		}
	}
}

type number interface {
	~int | ~int64 | ~float64
}

// Memo caches the results of a function.
func Memo[K comparable, V number](capacity int, f func(K) V) func(K) V {
	cache := New[K, V](capacity)
	return func(key K) V {
		if v, ok := cache.Get(key); ok {
			return v
		}
		v := f(key)
		cache.Put(key, v)
		return v
	}
}

type point struct{ x, y int }

func main() {
	cache := New[string, int](3)
	var evicted []string
	cache.onEvict = func(key string, value int) { evicted = append(evicted, fmt.Sprintf("%s=%d", key, value)) }
	for i, key := range strings.Fields("a b c a d a e b a") {
		if _, ok := cache.Get(key); !ok {
			cache.Put(key, i)
		}
	}
	for key, value := range cache.All() {
		fmt.Println(key, value)
	}
	fmt.Println("evicted", evicted, "hits", cache.hits, "misses", cache.misses)

	points := New[point, float64](100)
	for i := range 1000 {
		p := point{i * i % 151, i % 2}
		if v, ok := points.Get(p); ok {
			points.Put(p, v+0.5)
		} else {
			points.Put(p, float64(i))
		}
	}
	sum := 0.0
	for _, v := range points.All() {
		sum += v
	}
	fmt.Println(len(points.entries), points.hits, points.misses, sum)

	calls := 0
	var fib func(int) int64
	fib = Memo(64, func(n int) int64 {
		calls++
		if n < 2 {
			return int64(n)
		}
		return fib(n-1) + fib(n-2)
	})
	fmt.Println(fib(80), calls)
}
