package main

import "fmt"

var g = 1

//go:noinline
func set(n int) int { g = n; return 0 }

type T struct{ a, b int }

func try(what string, body func()) {
	defer func() {
		r := recover()
		if r != nil {
			fmt.Println(what, r, g)
		}
	}()
	g = 1
	body()
}

func main() {
	fmt.Println(g + set(5) + g)
	x := 1
	f := func(n int) int { x = n; return 0 }
	fmt.Println(x + f(2) + x)
	x = 1
	fmt.Println(x, f(3), x)
	g = 1
	a := []int{g, set(7), g}
	fmt.Println(a)
	t := T{1, 2}
	h := func() int { t.a = 9; return 0 }
	fmt.Println(t.a + h() + t.b)
	t.a = 1
	u := []T{t, {h(), t.a}}
	fmt.Println(u)
	arr := [3]int{1, 2, 3}
	k := func() int { arr[0] = 50; return 0 }
	fmt.Println(arr[0] + k() + arr[0])
	s := []int{1, 2, 3}
	l := func() int { s[0] = 50; return 0 }
	fmt.Println(s[0] + l() + s[0])
	m := map[int]int{1: 1}
	n := func() int { m[1] = 50; return 0 }
	fmt.Println(m[1] + n() + m[1])
	p := &t
	q := func() int { p = &T{100, 200}; return 0 }
	fmt.Println(p.a + q() + p.a)
	str := "a"
	w := func() string { str = "b"; return "-" }
	fmt.Println(str + w() + str)
	var i any = 1
	v := func() int { i = 5; return 0 }
	fmt.Println(i.(int) + v() + i.(int))
	g = 1
	b, c := g, set(3)
	fmt.Println(b, c)
	g = 1
	d := [2]int{set(4), g}
	fmt.Println(d)
	g = 1
	var e struct{ a, b int }
	e.a, e.b = g, set(8)
	fmt.Println(e)
	g = 1
	s[g] = set(2)
	fmt.Println(s)
	g = 1
	if g == set(0)+1 {
		fmt.Println("eq")
	} else {
		fmt.Println("ne")
	}
	g = 1
	fmt.Println(func(a, b int) int { return a*10 + b }(g, set(3)))
	g = 1
	r := func() (int, int) { return g, set(3) }
	fmt.Println(r())
	x = 1
	rr := func() (int, int) { return x, f(3) }
	fmt.Println(rr())
	x = 1
	ff := func() (r int) { defer func() { r += 100 }(); return x + f(3) }
	fmt.Println(ff())
	g = 1
	fmt.Println(-g+set(6), !(g == 1) || set(7) == 1, g)
	var zero int
	try("div", func() { fmt.Println(1/zero + set(2)) })
	try("idx", func() { fmt.Println(s[zero+5] + set(2)) })
	try("nil", func() { var p *int; fmt.Println(*p + set(2)) })
	try("assert", func() { var e any; fmt.Println(e.(int) + set(2)) })
	try("slice", func() { fmt.Println(len(s[zero+9:]) + set(2)) })
	try("args", func() { func(a, b int) {}(s[zero+5], set(2)) })
	try("assign idx", func() { s[zero+5] = set(2) })
	try("assign arr", func() { var a [3]int; a[zero+5] = set(2) })
	try("assign nil idx", func() { var s []int; s[zero] = set(2) })
	try("assign op", func() { s[zero+5] += set(2) })
	try("assign nilmap", func() { var m map[int]int; m[1/zero] = set(2) })
	try("assign field", func() { var p *T; p.a = set(2) })
	try("assign field op", func() { var p *T; p.a += set(2) })
	try("assign deref", func() { var p **T; (*p).a = set(2) })
	try("assign 2", func() { var p *int; *p, g = set(2), set(3) })
	try("assign 2 idx", func() { s[zero+7], g = set(2), set(3) })
	try("lit", func() { _ = []int{1 / zero, set(2)} })
	try("send", func() { c := make(chan int, 1); c <- 1/zero + set(2) })
	try("arr ptr idx", func() { var p *[3]int; fmt.Println(p[1] + set(2)) })
	try("arr ptr assign", func() { var p *[3]int; p[1] = set(2) })
	try("return", func() { func() (int, int) { return 1 / zero, set(2) }() })
	try("conv", func() { fmt.Println([4]int(s)[0] + set(2)) })
	try("shift", func() { z := -1; fmt.Println(1<<z + set(2)) })
	try("cmp2", func() { var a, b any = s, s; fmt.Println(a == b == (set(2) == 1)) })
	try("maplit", func() { _ = map[any]int{1: 1 / zero, 2: set(2)} })
	try("mapidx", func() { var m map[any]int; fmt.Println(m[any(s)] + set(2)) })
	try("nilfunc", func() { var f func(int) int; f(set(2)) })
	try("nilmeth", func() { var f interface{ M(int) }; f.M(set(2)) })
	try("append", func() { s = append(s, 1/zero, set(2)) })
	try("decl", func() { var a, b = 1 / zero, set(2); _, _ = a, b })
	try("defer", func() { var f func(int); defer f(set(2)); g = 10 })
	try("go", func() { var p *T; defer p.m(set(2)); g = 10 })
	try("min", func() { fmt.Println(min(1/zero, set(2))) })
	try("concat", func() { var a []string; fmt.Println(a[zero] + fmt.Sprint(set(2))) })
}

func (t T) m(int) {}
