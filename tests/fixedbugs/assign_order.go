package main

import "fmt"

// Bounds and nil pointers of left sides are checked when the assignment happens; range assigns to places evaluated before.

func try(name string, f func()) {
	defer func() { fmt.Println(name, recover()) }()
	f()
}

func three() (int, float64, string) { return -1, 2.5, "x" }
func pair() ([]byte, string)        { return make([]byte, 2), "hello" }

func main() {
	m := map[int]int{}
	var s []int
	var p *struct{ i int }
	try("slice", func() { m[1], s[1] = 1, 2 })
	try("field", func() { m[2], p.i = 3, 4 })
	fmt.Println(m)
	i := 0
	a := [2]int{7, 8}
	var b [3]int
	for i, b[i] = range a {
	}
	fmt.Println(i, b)
	println(three())
	n := copy(pair())
	fmt.Println(n, append(func() ([]int, int, int) { return nil, 1, 2 }()))
	var nilmap map[string]int
	try("nil map", func() { nilmap["a"] = 1 })
	ps := &[]int{1, 2}
	fmt.Println(*ps, []*[]int{{3}}[0])
}
