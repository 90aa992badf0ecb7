// Package variables: data where that can be, code where not, nothing where nobody looks.
package main

var (
	numbers  = [3]int{1, 2, 3}
	names    = []string{"a", "b"}
	pointer  = &numbers[1]
	table    = map[string]int{"x": 1}
	computed = f()
	unused   = g()
	fn       = f
	boxed    any = 7
)

func f() int { return len(names) }
func g() int { return 1 }

func main() { println(numbers[0], names[1], *pointer, table["x"], computed, fn(), boxed) }
