// Sizes, unsafe, equality of structs and arrays, zero-size types, large frames and arrays, print.
package main

import (
	"fmt"
	"os"
	"strings"
	"unsafe"
)

type mixed struct {
	a bool
	b int64
	c uint16
	d string
	e [3]byte
	f any
	g complex64
	_ int32
	h struct{}
}
type blank struct {
	a int
	_ float64
	b string
}
type huge [1 << 17]int
type zero struct {
	_ [0]func()
	a [0]int
}
type node struct {
	next *node
	val  [3]float32
}

//go:noinline
func id[T any](x T) T { return x }

//go:noinline
func onStack(n int) int {
	var frame [40000]int
	for i := range frame {
		frame[i] = n + i
	}
	if n > 0 {
		return onStack(n-1) + frame[n*100]
	}
	return frame[39999]
}

//go:noinline
func byValue(h huge, i int) huge {
	h[i]++
	return h
}

func main() {
	var m mixed
	fmt.Println(unsafe.Sizeof(m), unsafe.Alignof(m), unsafe.Offsetof(m.b), unsafe.Offsetof(m.c), unsafe.Offsetof(m.d), unsafe.Offsetof(m.e), unsafe.Offsetof(m.f), unsafe.Offsetof(m.g), unsafe.Offsetof(m.h))
	fmt.Println(unsafe.Sizeof(zero{}), unsafe.Sizeof([0]int{}), unsafe.Sizeof(""), unsafe.Sizeof([]int{}), unsafe.Sizeof(any(nil)), unsafe.Sizeof(node{}))
	n := mixed{a: true, b: 1, d: "x", f: 3, e: [3]byte{1, 2, 3}}
	k := n
	fmt.Println(n == k, n != m, id(n) == id(k))
	k.e[2] = 9
	fmt.Println(n == k)
	k = n
	k.f = int8(3)
	fmt.Println(n == k, [2]mixed{n, k} == [2]mixed{n, k}, any(n) == any(n), any(n) == any(k))
	x, y := blank{1, 2, "s"}, blank{1, 3, "s"}
	fmt.Println(x == y, any(x) == any(y), map[blank]int{x: 1}[y])
	nan := id(0.0) / id(0.0)
	fmt.Println([1]float64{nan} == [1]float64{nan}, struct{ f float64 }{0} == struct{ f float64 }{id(-0.0)})
	var z1, z2 zero
	fmt.Println(len(z1.a), z2.a == z1.a)
	zs := make([]struct{}, 1<<40)
	fmt.Println(len(zs), len(append(zs, struct{}{})))
	e := make(chan struct{}, 5)
	e <- struct{}{}
	fmt.Println(len(e), <-e)

	fmt.Println(onStack(20))
	h := new(huge)
	h[5] = 1
	g := byValue(*h, 5)
	fmt.Println(h[5], g[5], g == *h, byValue(g, 5) == g)
	s := make([]huge, 2)
	s[1] = g
	s[0], s[1] = s[1], s[0]
	fmt.Println(s[0][5], s[1][5])
	c := make(chan [6000]int, 1)
	c <- [6000]int{5999: 7}
	fmt.Println((<-c)[5999])
	var fn func([5000]int) [5000]int = func(a [5000]int) [5000]int { a[1] = 2; return a }
	fmt.Println(fn([5000]int{1})[1])
	mm := map[int][2000]int{1: {1999: 3}}
	fmt.Println(mm[1][1999], mm[2][1999])

	b := []byte{1, 2, 3, 4, 5, 6, 7, 8}
	p := (*uint32)(unsafe.Pointer(&b[4]))
	*p = 0x01020304
	fmt.Println(b, *(*uint16)(unsafe.Add(unsafe.Pointer(p), 1)))
	q := (*[2]int32)(unsafe.Pointer(unsafe.SliceData(b)))
	fmt.Println(q[0], unsafe.Slice(&b[2], 3), unsafe.String(&b[0], 0) == "")
	u := uintptr(unsafe.Pointer(&m.d)) - uintptr(unsafe.Pointer(&m))
	fmt.Println(u == unsafe.Offsetof(m.d))
	f := 1.5
	fmt.Printf("%#x\n", *(*uint64)(unsafe.Pointer(&f)))
	arr := [...]string{3: "three", 1: "one"}
	fmt.Println(len(arr), strings.Join(arr[:], ","), cap(arr[1:2]), cap(arr[1:2:3]))
	pa := &arr
	for i := range pa {
		pa[i] += "!"
	}
	fmt.Println(*pa, len(pa), pa[1:3])
	matrix := [3][4]int{1: {2: 5}}
	copyOf := matrix
	copyOf[1][2]++
	fmt.Println(matrix, copyOf, matrix == copyOf)

	os.Stderr = os.Stdout
	r := [][]int{{1}, nil, {}}
	fmt.Println(r[1] == nil, r[2] == nil, len(r[1:1:1]), append(r[:1:1], []int{2})[1], r[1])
}
