// Linked structures are changed and verified through thousands of collections.
package main

import (
	"fmt"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
)

type tree struct {
	left, right *tree
	key         int
	data        []byte
	tag         string
	any         any
}

func insert(t *tree, key int) *tree {
	if t == nil {
		return &tree{key: key, data: make([]byte, key%50+1), tag: fmt.Sprint("k", key), any: key}
	}
	if key < t.key {
		t.left = insert(t.left, key)
	} else if key > t.key {
		t.right = insert(t.right, key)
	}
	return t
}

func check(t *tree, lo, hi int) int {
	if t == nil {
		return 0
	}
	if t.key <= lo || t.key >= hi || len(t.data) != t.key%50+1 || t.tag != fmt.Sprint("k", t.key) || t.any.(int) != t.key {
		panic(fmt.Sprint("damaged: ", t.key, lo, hi, len(t.data), t.tag, t.any))
	}
	for _, b := range t.data {
		if b != 0 {
			panic("memory not zero")
		}
	}
	return 1 + check(t.left, lo, t.key) + check(t.right, t.key, hi)
}

func remove(t *tree, key int) *tree {
	if t == nil {
		return nil
	}
	switch {
	case key < t.key:
		t.left = remove(t.left, key)
	case key > t.key:
		t.right = remove(t.right, key)
	case t.left == nil:
		return t.right
	case t.right == nil:
		return t.left
	default:
		m := t.right
		for m.left != nil {
			m = m.left
		}
		c := *m
		c.right = remove(t.right, m.key)
		c.left = t.left
		return &c
	}
	return t
}

type cell struct {
	next, prev *cell
	val        [3]*int
	f          func() int
}

func list(n, seed int) {
	head := &cell{}
	head.next, head.prev = head, head
	for i := 0; i < n; i++ {
		v := i ^ seed
		c := &cell{val: [3]*int{&v, new(int), &v}, f: func() int { return v }}
		c.prev, c.next = head.prev, head
		c.prev.next, head.prev = c, c
		if i%3 == 0 {
			d := head.next
			d.prev.next, d.next.prev = d.next, d.prev
		}
	}
	k := 0
	for c := head.next; c != head; c = c.next {
		if c.next.prev != c || *c.val[0] != c.f() || *c.val[1] != 0 || c.val[2] != c.val[0] {
			panic("list damaged")
		}
		k++
	}
	if k != n-(n+2)/3 {
		panic(fmt.Sprint("list length ", k))
	}
}

func maps(n int) {
	m := map[string]*tree{}
	im := map[int][]string{}
	for i := 0; i < n; i++ {
		k := fmt.Sprint("key", i)
		m[k] = &tree{key: i, tag: k}
		im[i%97] = append(im[i%97], k)
		if i%2 == 1 {
			delete(m, fmt.Sprint("key", i/2))
		}
	}
	total := 0
	for _, l := range im {
		for _, k := range l {
			total++
			if t, ok := m[k]; ok && (t.tag != k || "key"+fmt.Sprint(t.key) != k) {
				panic("map damaged")
			}
		}
	}
	if total != n {
		panic("map lost entries")
	}
}

// collected is set when all forced collections have run.
var collected atomic.Bool

func work(seed, rounds, n int) {
	var t *tree
	x := uint32(seed + 1)
	have := map[int]bool{}
	for r := 0; r < rounds || !collected.Load(); r++ {
		for i := 0; i < n; i++ {
			x = x*1664525 + 1013904223
			k := int(x>>16) % (4 * n)
			if have[k] {
				t = remove(t, k)
				delete(have, k)
			} else {
				t = insert(t, k)
				have[k] = true
			}
		}
		if c := check(t, -1, 1<<40); c != len(have) {
			panic(fmt.Sprint("tree has ", c, " nodes instead of ", len(have)))
		}
		list(n, r)
		maps(n)
	}
}

func main() {
	rounds, n, collections := 40, 100, 2000
	if len(os.Args) > 1 {
		rounds, n, collections = 4, 20, 20
	}
	var wg sync.WaitGroup
	for i := 0; i < 6; i++ {
		wg.Add(1)
		go func() {
			defer wg.Done()
			work(i, rounds, n)
		}()
	}
	for i := 0; i < collections; i++ {
		runtime.GC()
		if i%100 == 0 {
			runtime.Gosched()
		}
	}
	collected.Store(true)
	wg.Wait()
	fmt.Println("ok")
}
