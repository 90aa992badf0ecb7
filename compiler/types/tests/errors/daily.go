package main

import (
	"errors"
	"fmt"
	"os"
)

type T struct{ a int }

func (t T) M()         {}
func (t *T) P()        {}
func (t T) M()         {}
func (t T) a()         {}
func (x Undefined) m() {}

type I interface{ M(); N() }

func f(a int, b string) (int, error) {
	var x int = "hello"
	y := 1
	return 1
}

func g() int {
	for {
		break
	}
}

func h(a int, a string) {}

func variadic(p string, xs ...int) {}

func main() {
	fmt.Println(undefinedVar)
	var s string = 1 + 2
	f(1)
	f(1, 2)
	f(1, "2", 3)
	var t T
	t.b = 3
	t.m()
	T.P(t)
	for i := range 10 {
	}
	if s == 1 {
	}
	if t {
	}
	var e error = t
	var i I = t
	var j I = &t
	_ = j.(T)
	a, b, c := f(1, "")
	switch s {
	case "a", "a":
	case 1:
	}
	var i8 int8 = 300
	m := map[string]T{}
	m["x"].a = 1
	_ = s + 1
	_ = [2]int{1, 2, 3}
	_ = []int{0: 1, 0: 2}
	_ = map[string]int{"a": 1, "a": 2}
	_ = T{b: 1}
	_ = T{1, 2}
	_ = &T{a: "x"}
	return 1
	variadic("a", "b")
	variadic("a", []int{}...)
	variadic("a", 1, []int{}...)
	x := x
	x = 1
	fmt.println("x")
	fmt.Foo()
	1 + 2
	f
	f(1, "")
	len(s)
	go f
	defer recover
	var p *int = 0
	*s = 1
	s[0] = 'a'
	s.x = 1
	nil := 3
	_ = nil
	var unused struct{}
	const big = 1 << 100
	var n int = big
	n = 1.5
	n = 'a' * 1000000000000
	n <<= 1.5
	n /= 0
	_ = 1 / 0
	var u uint = -1
	u = ^0
	var fl float32 = 1e100
	_ = n == fl
	_ = main == nil
	_ = main == main
	_ = []int{} == []int{}
	_ = struct{ f []int }{} == struct{ f []int }{}
	var fn func(int) = f
	fn("x")
	ch := make(chan<- int)
	<-ch
	ch <- "x"
	for range ch {
	}
	for i, j, k := range []int{} {
	}
	close(1)
	_ = append(1, 2)
	_ = append([]int{}, "x")
	copy([]int{}, "x")
	delete(m, 1)
	_ = make(int)
	_ = make([]int)
	_ = make([]int, 2, 1)
	_ = make([]int, -1)
	_ = new(5, 6)
	_ = cap(m)
	_ = len(5)
	panic()
	print(main)
	var arr [3]int
	_ = arr[5]
	_ = arr[-1]
	_ = arr["a"]
	_ = arr[1.0]
	_ = arr[1.5]
	_ = s[10:5]
	_ = arr[1:2:1]
	_ = errors.New
	if x := 1; x {
	}
	switch {
	case 1:
	}
	switch t := i.(type) {
	}
	switch i.(type) {
	case T:
	case string:
	case int, int:
	}
	var unusedFunc = func() {}
	func() { q := 1 }()
}

func results() (int, string) {
	return results2()
}

func results2() (a, b int) {
	if true {
		return 1, 2, 3
	}
	{
		a := 1
		return
	}
}

func noresult() {
	return 1
}

func usesNoResult() {
	x := noresult()
	_ = noresult()
	var y = noresult() + 1
	noresult = nil
	main = noresult
	fmt = nil
	int = 3
}

type R struct{ r R }
type R1 struct{ r R2 }
type R2 struct{ r [3]R1 }
type A1 = A2
type A2 = A1
type N1 N2
type N2 N1
type E struct {
	T
	*I
	int
	int
	x, x int
}
type M map[[]int]string
type C chan undefinedType
type F func(a, b int, c ...string, d int)
type Arr [n]int
type Arr2 [-1]int
type Arr3 [1.5]int

var n = 3
var v1 = v2
var v2 = v1
var w1, w2 = 1
var w3, w4 int = 1, 2, 3
var w5, w6 = f(1, "")

const c1 = main
const c2 int = "x"
const c3 []int = nil
const c4

const (
	k0 = iota
	k1
	k2, k3
)

var iotaOutside = iota

func init() int { return 1 }
func init(a int)  {}
var init = 1

func missing() (x int) {
	switch {
	case true:
		return
	}
}

func missing2() int {
	if true {
		return 1
	} else {
	}
}

func ok1() int {
	for {
	}
}

func ok2() int { panic(1) }

func (t T) generic[P any](p P) P { return p }
func (int) onInt()   {}
func (*I) onIface()  {}
func (**T) onPP()    {}
