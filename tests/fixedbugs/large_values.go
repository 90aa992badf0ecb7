package main

import "fmt"

// Values of 64 KB and more do not live in frames: arguments, results, temporaries, variables of that size, with pointers
// in them.

type B struct {
	p *int
	a [40000]int
}

type M struct {
	p *int
	a [9000]int
}

//go:noinline
func mk(i int) B { v := i; return B{p: &v} }

//go:noinline
func two(i int) (M, error) { v := i; return M{p: &v}, nil }

//go:noinline
func sum(b B, m M) int { b.a[3]++; m.a[4]++; return *b.p + *m.p + b.a[3] + m.a[4] }

func (m M) Get() int { return *m.p }

type G interface{ Get() int }

func main() {
	var fs []func() int
	for i := 0; i < 3; i++ {
		b := mk(i)
		m, _ := two(i + 10)
		c := m
		c.a[0] = 7
		fmt.Println(sum(b, m), sum(b, m), c.a[0], m.a[0])
		var g G = m
		fmt.Println(g.Get(), g.(M).Get())
		if x, ok := g.(M); ok {
			fmt.Println(x.Get())
		}
		arr := [2]M{m, c}
		fs = append(fs, func() int { return arr[1].a[0] + *arr[0].p })
		ch := make(chan *B, 1)
		ch <- &b
		r := *<-ch
		mp := map[int]B{1: r}
		q, ok := mp[1]
		_, ok2 := mp[2]
		fmt.Println(*q.p, ok, ok2, q == r, arr == [2]M{m, c}, arr == [2]M{c, m})
		defer func(b B) { fmt.Println("d", *b.p) }(b)
	}
	for _, f := range fs {
		fmt.Println(f())
	}
}
