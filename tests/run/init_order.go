package main

import "fmt"

var (
	a = b + 1
	b = f("b", c*2)
	c = f("c", 5)
	_ = f("blank", a)
	d = func() int { return e }()
	e = f("e", 7)
)

var table = map[string]func() int{"a": func() int { return a }, "d": func() int { return d }}

func f(name string, n int) int {
	fmt.Println("init", name, n)
	return n
}

func init() { fmt.Println("first init", a, b, c) }
func init() { fmt.Println("second init", d, e) }

func main() { fmt.Println(table["a"](), table["d"]()) }
