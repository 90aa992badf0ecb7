// A range over an array is not evaluated where only its length is asked for, unless it takes a call or a receive.
package main

import "fmt"

type T struct {
	arr   [3]int
	parr  *[3]int
	z     int
	parr0 *[0]int
}

var t *T
var tt *struct{ t *T }
var s []*[3]int
var ss [][3]int
var m map[int]*[3]int
var e any
var pp **[3]int

func get() *T { fmt.Println("get"); return t }
func test(name string, f func()) {
	defer func() { fmt.Println(name, recover()) }()
	f()
}
func main() {
	test("t.parr", func() {
		for range t.parr {
		}
	})
	test("t.parr i", func() {
		for i := range t.parr {
			_ = i
		}
	})
	test("t.parr i _", func() {
		for i, _ := range t.parr {
			_ = i
		}
	})
	test("t.parr v", func() {
		for _, v := range t.parr {
			_ = v
		}
	})
	test("t.parr0 v", func() {
		for _, v := range t.parr0 {
			_ = v
		}
	})
	test("&t.arr v", func() {
		for _, v := range &t.arr {
			_ = v
		}
	})
	test("&t.arr _", func() {
		for _, _ = range &t.arr {
		}
	})
	test("t.arr", func() {
		for range t.arr {
		}
	})
	test("s[1]", func() {
		for range s[1] {
		}
	})
	test("ss[1]", func() {
		for range ss[1] {
		}
	})
	test("m[1]", func() {
		for range m[1] {
		}
	})
	test("e.(*T)", func() {
		for range e.(*[3]int) {
		}
	})
	test("e.([3]int)", func() {
		for range e.([3]int) {
		}
	})
	test("*pp", func() {
		for range *pp {
		}
	})
	test("**pp", func() {
		for range **pp {
		}
	})
	test("tt.t.arr", func() {
		for range tt.t.arr {
		}
	})
	test("get().arr", func() {
		for range get().arr {
		}
	})
	test("&get().arr", func() {
		for range &get().arr {
		}
	})
	test("get().parr", func() {
		for range get().parr {
		}
	})
	test("(*[3]int)(nil slice)", func() {
		var b []int
		for range (*[3]int)(b) {
		}
	})
	test("[3]int(nil slice)", func() {
		var b []int
		for range [3]int(b) {
		}
	})
	test("len t.parr", func() { _ = len(t.parr) })
	test("len &t.arr", func() { _ = len(&t.arr) })
	test("len get", func() { _ = len(get().parr) })
	test("len &get", func() { _ = len(&get().arr) })
	test("len get arr", func() { _ = len(get().arr) })
	test("len conv", func() { var b []int; _ = len((*[3]int)(b)) })
	test("len s[1]", func() { _ = len(s[1]) })
	test("len *pp", func() { _ = len(*pp) })
	test("len lit", func() { _ = len([...]int{len(get().arr), 2}) })
	test("cap &get", func() { _ = cap(&get().arr) })
	ch := make(chan *[3]int, 1)
	test("len ch", func() { ch <- nil; _ = len(<-ch) })
	test("range ch", func() {
		ch <- nil
		for range <-ch {
		}
	})
	test("range ch v", func() {
		ch <- nil
		for _, v := range <-ch {
			_ = v
		}
	})
	test("range func", func() {
		for range func() *[3]int { return nil }() {
		}
	})
	test("range [0]v", func() {
		var p *[0]int
		for _, v := range p {
			_ = v
		}
	})
	test("range *[0]v", func() {
		var p *[0]int
		for _, v := range *p {
			_ = v
		}
	})
	test("range *[2]struct v", func() {
		var p *[2]struct{}
		for _, v := range p {
			_ = v
		}
	})
}

type El struct{ a [5]int }

func init() {
	test("blank second", func() {
		var a [3]El
		var i int
		for i, _ = range a {
		}
		println(i)
	})
	test("blank second ptr", func() {
		var a *[3]El
		var i int
		for i, _ = range a {
		}
		println(i)
	})
	test("blank second slice", func() {
		var a = make([]El, 4)
		var i int
		for i, _ = range a {
		}
		println(i)
	})
	test("blank second str", func() {
		var a = "abc"
		var i int
		for i, _ = range a {
		}
		println(i)
	})
	test("blank first", func() {
		var a [3]El
		var v El
		for _, v = range a {
		}
		println(len(v.a))
	})
	test("range const", func() {
		for i := range [3]int{len([2]int{})} {
			println(i)
		}
	})
	test("range iface", func() {
		var a [3]int
		var i any
		for i = range a {
		}
		fmt.Println(i)
	})
	test("range label", func() {
		var a [3]int
	L:
		for i := range a {
			for range a {
				if i == 1 {
					break L
				}
				continue L
			}
		}
	})
	test("range closure", func() {
		var a [3]int
		var fs []func()
		for i := range a {
			fs = append(fs, func() { println(i) })
		}
		for _, f := range fs {
			f()
		}
	})
}
