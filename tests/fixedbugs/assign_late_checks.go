package main

import "fmt"

// What can panic about a left side does so after what stands to its left has been assigned, however deep it lies.

type inner struct {
	a, b int
	grid [3][2]string
}

type outer struct {
	inner
	list  []inner
	array [4]inner
	p     *inner
}

var (
	n    int
	text [3]string
	all  []outer
	four [4]outer
)

func try(name string, f func()) {
	n, text = 1, [3]string{"x"}
	all = []outer{{p: &inner{}, list: make([]inner, 2)}}
	four = [4]outer{}
	defer func() {
		e := recover()
		fmt.Println(name, e, n, text[0], all[0].a, all[0].array[1].b)
	}()
	f()
}

//go:noinline
func id(x int) int { return x }

func main() {
	big, one := id(9), id(1)
	try("field of element", func() { n, all[big].a = 2, 3 })
	try("promoted", func() { text, all[big].grid[1][1] = [3]string{}, "z" })
	try("element of field of element", func() { n, all[0].array[big].a = 2, 3 })
	try("element of element", func() { n, all[0].array[one].grid[big][one] = 2, "z" })
	try("last index", func() { n, all[0].array[one].grid[one][big] = 2, "z" })
	try("slice in element", func() { n, all[0].list[big].a = 2, 3 })
	try("slice in bad element", func() { n, all[big].list[0].a = 2, 3 })
	try("pointer in bad element", func() { n, all[big].p.a = 2, 3 })
	try("pointer in element", func() { n, all[0].p.grid[big][0] = 2, "z" })
	try("nil pointer in array", func() { n, four[one].p.a = 2, 3 })
	try("nil pointer in array, element", func() { n, four[one].p.grid[big][0] = 2, "z" })
	try("array of variable", func() { n, four[big].a = 2, 3 })
	try("order of two", func() { all[0].a, all[big].a, all[0].array[1].b = 5, 6, 7 })
	try("good", func() { all[0].a, all[0].array[one].b, n = 5, 6, 7 })
	try("swap", func() {
		all[0].a, all[0].b = 5, 6
		all[0].a, all[0].b = all[0].b, all[0].a
		n = all[0].b
	})
	try("whole and part", func() { four[1].inner, four[1].a = inner{a: 4}, 8; n = four[1].a })
	try("index changes", func() { n, four[n].a = 2, 3; n = four[1].a })
	try("local", func() {
		var local [2]outer
		n, local[one].grid[one][one], local[big].a = 2, "w", 3
	})
	try("local of one", func() {
		var local [1]struct{ x, y int }
		n, local[big].x = 2, 3
	})
	try("call", func() { n, all[0].array[id(8)].a = id(4), 3 })
	try("map", func() {
		var m map[string]int
		n, m["a"], all[0].a = 2, 3, 4
	})
}
