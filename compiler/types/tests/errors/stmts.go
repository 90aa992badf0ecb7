package main

import "fmt"

type E struct{ err error }

func (e *E) Error() string { return "" }

func f() (int, error) { return 0, nil }

func main() {
	x, err := f()
	x, err := f()
	_, err = f()
	a, b := 1
	a, b = f(), 2
	a, b = b
	var c, d int = f()
	if a := f(); a {
	}
	a.b = 3
	a, 1 := 2, 3
	a, a := 1, 2
	_ := 1
	_ = _
	_ = x.y.z
	for i := 0; i < 10; i = i + "1" {
	}
	for a = range []int{} {
	}
	for a, s := range "abc" {
		_ = a + s
	}
	for k, v := range map[string]int{} {
		k = v
	}
	for x := range make(chan int) {
	}
	for x, y := range make(chan int) {
	}
	for i, j := range 10 {
	}
	for range 1.5 {
	}
	for i := range 1e3 {
		var _ int = i
	}
	var i8 int8
	for i := range i8 {
		var _ int = i
	}
	for i8 = range 1000 {
	}
	for x := range func(yield func(int) bool) {} {
		var _ string = x
	}
	for x := range func(yield func(int)) {} {
	}
	for x, y := range func(yield func(int) bool) {} {
	}
	switch x := 5; x {
	case "a":
	case 1.0:
	case 1:
	case 'a', 97:
	default:
	default:
	}
	switch f() {
	}
	switch f {
	case nil:
	}
	switch []int{} {
	case nil:
	}
	select {
	case x := 1:
	case <-make(chan int):
	case make(chan int) <- "a":
	case a, ok := <-make(chan int):
	case a, b, c := <-make(chan int):
	default:
	default:
	}
	defer f
	defer f()
	defer int(3)
	go func() {}
	defer fmt.Println("x")
	defer append([]int{}, 1)
	var v int
	v++
	f() = 1
	1 = 2
	"a"[0] = 'b'
	&x = nil
	x++
	"a"++
	err++
	x += "a"
	var e error = E{}
	var e2 *E = e
	e3 := e.(*E)
	e4 := e.(E)
	e5, ok := e.(*E)
	x.(int)
	fmt.Println(e3, e4, "%d")
	var fn func()
	fn == fn
	fn = f
	fn = func() int { return 1 }
	var p *E
	p.err = nil
	p.foo = nil
	(*p).err = 1
	p.Error = nil
	E.Error(nil)
	(*E).Error(nil)
	(*E).Error(p, 1)
	var ptr **E
	ptr.err = nil
	ptr.Error()
	var ifp *error
	ifp.Error()
	var m map[string]struct{ x int }
	m["a"].x++
	m[1] = struct{ x int }{}
	delete(m)
	delete(m, "a", "b")
	_ = m["a"].y
	_ = &m["a"]
	_ = &f()
	_ = &1
	_ = *x
	_ = -"a"
	_ = !1
	_ = ^1.5
	_ = +nil
	_ = <-x
	_ = x[0]
	_ = "abc"[5]
	_ = []int{}["a"]
	_ = [3]int{}[:5]
	_ = "abc"[1:2:3]
	_ = x == nil
	_ = nil == nil
	_ = p == ptr
	_ = err == p
	_ = 1 << 1.5
	_ = 1.5 << 1
	_ = 1 << -1
	_ = "a" << 1
	_ = x << "a"
	_ = 1 << 10000
	_ = uint8(1) << 8
	_ = int8(200)
	_ = string(x)
	_ = []byte(x)
	_ = int("a")
	_ = (func())(x)
	_ = int(1, 2)
	_ = int()
	_ = float32(1e50)
	_ = complex(1, "a")
	_ = real(1)
	_ = imag("a")
	_ = len(1, 2)
	_ = min()
	_ = min(1, "a")
	_ = max(1, 2.5, x)
	_ = clear(m)
	_ = print()
	_ = recover(1)
	return f()
}

func unusedParam(x int) {}

func closure() {
	x := 1
	func() { x = 2 }()
	y := 1
	_ = func() { y := y; y = 2 }
	var z int
	z = 1
	var w struct{ a int }
	w.a = 1
	var arr [3]int
	arr[0] = 1
	var pp *int
	*pp = 1
}
