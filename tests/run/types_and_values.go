package main

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"unsafe"
)

type shape interface {
	area() float64
	perimeter() float64
}

type rect struct{ w, h float64 }
type circle struct{ r float64 }
type square struct{ rect }

func (r rect) area() float64         { return r.w * r.h }
func (r rect) perimeter() float64    { return 2 * (r.w + r.h) }
func (c *circle) area() float64      { return math.Pi * c.r * c.r }
func (c *circle) perimeter() float64 { return 2 * math.Pi * c.r }

type weekday uint8

const (
	monday weekday = iota + 1
	tuesday
	_
	thursday
)

func (d weekday) String() string { return [...]string{"", "Mon", "Tue", "Wed", "Thu"}[d] }

type matrix [3][3]int

func describe(x any) string {
	switch v := x.(type) {
	case nil:
		return "nil"
	case int, int64:
		return fmt.Sprintf("integer %v", v)
	case fmt.Stringer:
		return "stringer " + v.String()
	case error:
		return "error " + v.Error()
	case []any:
		parts := make([]string, len(v))
		for i, e := range v {
			parts[i] = describe(e)
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case func(int) int:
		return "function giving " + strconv.Itoa(v(20))
	default:
		return fmt.Sprintf("%T", v)
	}
}

func counter() (func() int, func()) {
	n := 0
	return func() int { n++; return n }, func() { n = 100 }
}

func main() {
	shapes := []shape{rect{3, 4}, &circle{1}, square{rect{2, 2}}, &square{rect{5, 5}}}
	for _, s := range shapes {
		fmt.Printf("%T %.3f %.3f\n", s, s.area(), s.perimeter())
	}
	fmt.Println(monday, tuesday, thursday, []weekday{1, 2}, map[weekday]int{thursday: 4})
	_, err := strconv.Atoi("12x")
	fmt.Println(describe([]any{1, int64(2), monday, err, nil, 1.5, func(n int) int { return n + 2 }, struct{ x int }{1}}))

	m := matrix{{1, 2, 3}, {4, 5, 6}}
	n := m
	n[1][1] = 50
	fmt.Println(m == n, m != n, m[1], n[1], len(m))
	s := []int{1, 2, 3, 4, 5}
	t := s[1:3:4]
	t = append(t, 10)
	t = append(t, 11)
	t[0] = 99
	fmt.Println(s, t, len(t), cap(s[2:]))
	copy(s[1:], s)
	fmt.Println(s)
	clear(s[:2])
	fmt.Println(s)

	next, reset := counter()
	next()
	reset()
	fmt.Println(next(), next())
	var funcs []func() int
	for i := range 3 {
		funcs = append(funcs, func() int { i *= 10; return i })
	}
	fmt.Println(funcs[1](), funcs[2](), funcs[1]())
	method, expression := shapes[0].area, rect.perimeter
	fmt.Println(method(), expression(rect{1, 1}))

	text := "héllo, 世界\xff"
	for i, r := range text {
		fmt.Print(i, ":", string(r), " ")
	}
	fmt.Println(len(text), []rune(text)[1], []byte(text)[1], strings.ToUpper(text[:6]))

	var i8 int8 = 127
	i8++
	var u uint32 = 1 << 31
	f := math.Inf(1)
	nan := math.NaN()
	fmt.Println(i8, u<<1, -7/2, -7%2, 7&^5, 1<<3|1, f > math.MaxFloat64, nan == nan, -i8)
	c := complex(1, 2)
	fmt.Println(c*c, real(c), imag(c), c == complex(1, 2))
	fmt.Println(unsafe.Sizeof(struct {
		a bool
		b int64
		c bool
	}{}), strconv.Quote("a\tb\"c"), 0x1p-2, 0b101, 0o17, 1_000)

outer:
	for i := range 5 {
		for j := range 5 {
			switch {
			case j == 3:
				continue outer
			case i == 2:
				break outer
			case i == 1 && j == 1:
				fallthrough
			case false:
				fmt.Print("[", i, j, "]")
			default:
				fmt.Print(i, j, " ")
			}
		}
	}
	fmt.Println()
	type point struct{ x, y int }
	grid := map[point]string{{1, 2}: "a", {3, 4}: "b"}
	delete(grid, point{1, 2})
	value, ok := grid[point{1, 2}]
	fmt.Printf("%q %v %v %+v %#v\n", value, ok, len(grid), point{1, 2}, point{3, 4})
	p := new(point{5, 6})
	p.x, p.y = p.y, p.x
	fmt.Println(*p, p == &point{6, 5}, *p == point{6, 5})
}
