package main

import (
	"fmt"
	f2 "fmt"
	. "errors"
	_ "os"
	fmt "strings"
)

type Stringer interface{ String() string }
type Both interface {
	Stringer
	String() int
}
type Dup interface {
	M()
	M()
}
type Emb interface {
	int
	Stringer
}
type Blank interface{ _() }

type T struct{}
type T struct{}

func T() {}

var T int

func main(x int) int {}

func (t T) m() {}
func (t T) m() {}

type Loop [len(loopVar)]int

var loopVar Loop

type Self struct{ s Self }
type Ptr struct{ p *Ptr }
type Arr [2]Arr
type Fn func(Fn) Fn
type Map map[string]Map
type Chan chan Chan
type Ifc interface{ Ifc }
type I1 interface{ I2 }
type I2 interface{ I1 }

const (
	a = b
	b = c
	c = a
)

var x = y
var y = z()

func z() int { return x }

var (
	u1 = u2
	u2 = func() int { return u1 }()
)

const big int8 = 1000
const neg uint = -1
const str string = 1
const fl float32 = 1e100
const notconst = len([]int{1})
const ok = len([3]int{})
const huge = 1 << 600
const div = 1 / 0
const shift = 1 << 600 >> 598
const cmp = "a" < 1
const t1 = !1
const typed uint8 = 255 + 1
const over = uint8(255) + 1

type alias = undefined1
type named undefined2

func params(a int, b, c string, a bool) (c int) { return }

func variadic1(xs ...int, y int) {}

func (r Recv) m1()     {}
func (r *int) m2()     {}
func (r []int) m3()    {}
func (r fmt.State) m4() {}
func (struct{}) m5()   {}

type P *int

func (p P) m6() {}

type IF interface{}

func (i IF) m7() {}

func nobody()
func (t T) nobody2()

var _ = nobody
var a1, a2 = 1, 2, 3
var b1, b2 = 1
var c1, c2 = fmt.Println()
var d1 int = fmt.Println()
var e1 = main()
var f1 = nil
var g1 = undefined3
var h1 undefined4 = 1

func init() {}
func init() {}

func _() {}
func _() { undefined5() }

var _ int = "a"
var _, _ = 1

type _ struct{ undefined6 }
