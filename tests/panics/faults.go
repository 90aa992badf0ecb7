// Run-time errors: indices, slices, conversions, nil, division, make, comparison and hashing.
package main

import (
	"os"
	"unsafe"
)

type (
	iface  interface{ M() }
	iface2 interface {
		M()
		N()
	}
	sized    interface{ Size() int }
	hasM     struct{}
	alsoM    struct{}
	pointerM struct{}
	record   struct {
		x int
		f func()
	}
	big      struct{ pad, x [1 << 20]int }
	embedder struct{ sized }
	nest     struct {
		a, b any
		c    int
		s    string
	}
	outer struct{ *inner }
	inner struct{ pad, x int }
)

func (hasM) M()            {}
func (alsoM) M()           {}
func (*pointerM) M()       {}
func (r record) Size() int { return r.x }

//go:noinline
func ints() []int { return []int{1, 2, 3} }

//go:noinline
func num[T any](x T) T { return x }

var cases = map[string]func(){
	"index":             func() { println(ints()[num(5)]) },
	"index negative":    func() { println(ints()[num(-1)]) },
	"index uint8":       func() { println(ints()[num(uint8(255))]) },
	"index uint64":      func() { println(ints()[num(uint64(1<<63))]) },
	"index array":       func() { var a [4]int; println(a[num(9)]) },
	"index array ptr":   func() { var a [4]int; p := &a; println(p[num(-9)]) },
	"index string":      func() { println("abc"[num(3)]) },
	"index constant":    func() { s := ints(); println(s[7]) },
	"slice low":         func() { println(len(ints()[num(5):])) },
	"slice high":        func() { println(len(ints()[:num(5)])) },
	"slice both":        func() { println(len(ints()[num(2):num(1)])) },
	"slice negative":    func() { println(len(ints()[num(-2):])) },
	"slice max":         func() { println(len(ints()[0:1:num(9)])) },
	"slice high max":    func() { println(len(ints()[0:num(3):num(2)])) },
	"slice low high":    func() { println(len(ints()[num(3):num(2):3])) },
	"slice string low":  func() { println("hello"[num(9):]) },
	"slice string high": func() { println("hello"[:num(9)]) },
	"slice string both": func() { println("hello"[num(4):num(2)]) },
	"slice array":       func() { var a [4]int; println(len(a[num(5):])) },
	"slice to array":    func() { b := [4]int(ints()); println(b[0]) },
	"slice to pointer":  func() { b := (*[4]int)(ints()); println(b[0]) },
	"divide":            func() { println(1 / num(0)) },
	"modulo":            func() { println(1 % num(int8(0))) },
	"divide uint":       func() { println(1 / num(uint(0))) },
	"shift":             func() { println(1 << num(-1)) },
	"shift known":       func() { a := -1; println(1 << a) },
	"make slice":        func() { _ = make([]int, num(-1)) },
	"make slice big":    func() { println(len(make([]int, num(1<<62)))) },
	"make slice cap":    func() { println(len(make([]int, 2, num(1)))) },
	"make chan":         func() { _ = make(chan int, num(-1)) },
	"make map":          func() { println(len(make(map[int]int, num(-1)))); panic("end") },
	"nil load":          func() { println(*num[*int](nil)) },
	"nil store":         func() { *num[*int](nil) = 3 },
	"nil field":         func() { println(num[*inner](nil).x) },
	"nil far field":     func() { println(num[*big](nil).x[3]) },
	"nil embedded":      func() { var o outer; println(o.x) },
	"nil func":          func() { num[func()](nil)() },
	"nil method":        func() { num[iface](nil).M() },
	"nil method value":  func() { f := num[iface](nil).M; num(f)() },
	"nil value receiver": func() {
		var s sized = num[sized](num[*record](nil))
		println(s.Size())
	},
	"nil receiver value": func() { f := num[*record](nil).Size; f() },
	"nil embedded iface": func() { println(num(embedder{}).Size()) },
	"nil map":            func() { num[map[string]int](nil)["a"]++ },
	"nil map struct":     func() { num[map[hasM]int](nil)[hasM{}] = 1 },
	"nil map int":        func() { num[map[int]int](nil)[1] = 1 },
	"nil array range": func() {
		for i, v := range num[*[5]int](nil) {
			println(i, v)
		}
	},
	"assert int":        func() { println(num[any](3).(string)) },
	"assert nil":        func() { println(num[any](nil).(string)) },
	"assert methods":    func() { num[any](hasM{}).(iface2).M() },
	"assert other type": func() { _ = num[iface](hasM{}).(alsoM) },
	"assert nil iface":  func() { num[any](nil).(iface).M() },
	"assert pointer":    func() { num[any](pointerM{}).(iface).M() },
	"assert func":       func() { _ = num[any](map[string][]int{}).(func(int) string) },
	"compare slices":    func() { println(num[any]([]int{1}) == num[any]([]int{1})) },
	"compare structs":   func() { println(num[any](record{}) == num[any](record{})) },
	"compare fields":    func() { println(num[any](nest{b: []int{}}) == num[any](nest{b: []int{}})) },
	"compare different": func() { println(num[any](record{}) == num[any](3)); panic("end") },
	"hash slice":        func() { map[any]int{}[num[any]([]int{1})] = 2 },
	"hash func":         func() { println(map[any]int{}[num[any](func() {})]) },
	"hash struct":       func() { println(map[any]int{1: 1}[num[any](record{})]) },
	"hash array":        func() { map[any]int{}[[1]any{[]int{}}] = 1 },
	"hash delete":       func() { delete(map[any]int{1: 1}, num[any](map[int]int{})) },
	"close nil":         func() { close(num[chan int](nil)) },
	"close twice":       func() { c := make(chan int); close(c); close(c) },
	"send closed":       func() { c := make(chan int); close(c); c <- 1 },
	"select send closed": func() {
		c := make(chan int)
		close(c)
		select {
		case c <- 1:
		default:
		}
	},
	"unsafe slice":      func() { var x int; println(len(unsafe.Slice(&x, num(-1)))) },
	"unsafe slice nil":  func() { println(len(unsafe.Slice(num[*int](nil), num(1)))) },
	"unsafe slice big":  func() { var x int; println(len(unsafe.Slice(&x, num(1<<61)))) },
	"unsafe string":     func() { var x byte; println(len(unsafe.String(&x, num(-1)))) },
	"unsafe string nil": func() { println(len(unsafe.String(num[*byte](nil), num(1)))) },
}

func main() { cases[os.Args[1]]() }
