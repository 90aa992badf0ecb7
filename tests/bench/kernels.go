// Loops and recursions that do little else: bounds checks, loads that do not change, short bodies, early returns.
package main

import "fmt"

func fib(n int) int {
	if n < 2 {
		return n
	}
	return fib(n-1) + fib(n-2)
}

//go:noinline
func sum(a []int) int {
	s := 0
	for _, x := range a {
		s += x
	}
	return s
}

//go:noinline
func hist(b []byte, h *[256]int) {
	for _, c := range b {
		h[c]++
	}
}

//go:noinline
func sieve(n int) int {
	s := make([]bool, n)
	c := 0
	for i := 2; i < n; i++ {
		if !s[i] {
			c++
			for j := i * 2; j < n; j += i {
				s[j] = true
			}
		}
	}
	return c
}

//go:noinline
func collatz(n int) int {
	best := 0
	for i := 1; i < n; i++ {
		k := 0
		for x := i; x != 1; k++ {
			if x&1 == 0 {
				x >>= 1
			} else {
				x = 3*x + 1
			}
		}
		if k > best {
			best = k
		}
	}
	return best
}

//go:noinline
func dot(a, b []float64) float64 {
	s := 0.0
	for i := range a {
		s += a[i] * b[i]
	}
	return s
}

//go:noinline
func axpy(a, b []float64) {
	for i := range a {
		b[i] += 2.5 * a[i]
	}
}

//go:noinline
func isort(a []int) {
	for i := 1; i < len(a); i++ {
		for j := i; j > 0 && a[j] < a[j-1]; j-- {
			a[j], a[j-1] = a[j-1], a[j]
		}
	}
}

type M [][]float64

//go:noinline
func mul(a, b, c M) {
	n := len(a)
	for i := 0; i < n; i++ {
		for j := 0; j < n; j++ {
			s := 0.0
			for k := 0; k < n; k++ {
				s += a[i][k] * b[k][j]
			}
			c[i][j] = s
		}
	}
}

type node struct {
	k    int
	l, r *node
}

func (t *node) ins(k int) *node {
	if t == nil {
		return &node{k: k}
	}
	if k < t.k {
		t.l = t.l.ins(k)
	} else if k > t.k {
		t.r = t.r.ins(k)
	}
	return t
}

//go:noinline
func find(t *node, k int) bool {
	for t != nil {
		if k == t.k {
			return true
		}
		if k < t.k {
			t = t.l
		} else {
			t = t.r
		}
	}
	return false
}

//go:noinline
func fnv(s string) uint64 {
	h := uint64(14695981039346656037)
	for i := 0; i < len(s); i++ {
		h ^= uint64(s[i])
		h *= 1099511628211
	}
	return h
}

type P struct{ x, y, vx, vy float64 }

//go:noinline
func step(ps []P) {
	for i := range ps {
		p := &ps[i]
		p.x += p.vx * 0.01
		p.y += p.vy * 0.01
		if p.x > 100 {
			p.vx = -p.vx
		}
	}
}

func tak(x, y, z int) int {
	if y >= x {
		return z
	}
	return tak(tak(x-1, y, z), tak(y-1, z, x), tak(z-1, x, y))
}

//go:noinline
func sw(b []byte) int {
	s := 0
	for _, c := range b {
		switch c {
		case 'a':
			s += 1
		case 'e':
			s += 7
		case 'i':
			s ^= 3
		case 'o':
			s += 5
		case 'u':
			s -= 2
		case 10, 13, 32:
			s++
		}
	}
	return s
}

func matrix(n int) M {
	m := make(M, n)
	for i := range m {
		m[i] = make([]float64, n)
		for j := range m[i] {
			m[i][j] = float64(i ^ j)
		}
	}
	return m
}

func repeat(n int, f func()) {
	for range n {
		f()
	}
}

func main() {
	ints, bytes := make([]int, 4096), make([]byte, 16384)
	for i := range ints {
		ints[i] = i * 7919 % 4099
	}
	for i := range bytes {
		bytes[i] = byte(i*131>>3) ^ byte(i)
	}
	xs, ys := make([]float64, 4096), make([]float64, 4096)
	for i := range xs {
		xs[i], ys[i] = float64(i), 1/float64(i+1)
	}
	a, b, c := matrix(64), matrix(64), matrix(64)
	var root *node
	for _, x := range ints {
		root = root.ins(x)
	}
	particles := make([]P, 1000)
	for i := range particles {
		particles[i] = P{float64(i % 90), 1, 1, 2}
	}
	fmt.Println(fib(32), tak(18, 12, 6))
	total := 0
	repeat(20000, func() { total += sum(ints) })
	var counts [256]int
	repeat(3000, func() { hist(bytes, &counts) })
	repeat(150, func() { total += sieve(50000) })
	repeat(15, func() { total += collatz(10000) })
	fmt.Println(total, counts[7])
	products := 0.0
	repeat(10000, func() { products += dot(xs, ys); axpy(xs, ys) })
	repeat(100, func() { mul(a, b, c) })
	fmt.Println(products, ys[9], c[5][7])
	sorted := make([]int, 300)
	repeat(700, func() { copy(sorted, ints); isort(sorted) })
	found := 0
	repeat(100, func() {
		for _, k := range ints {
			if find(root, k+1) {
				found++
			}
		}
	})
	text := string(bytes)
	repeat(1000, func() { total += int(fnv(text)); total ^= sw(bytes) })
	repeat(15000, func() { step(particles) })
	fmt.Println(sorted[77], found, total, particles[3])
}
