// Keys and values of maps within literals are evaluated in order, too.
package main

import "fmt"

var global = 1

//go:noinline
func set(s string, n int) int {
	fmt.Print(s, " ")
	global = n
	return n
}

type table map[int]int

type holder struct{ t table }

func main() {
	fmt.Println(global, []map[int]int{{set("k", 1): set("v", 2)}, {set("k2", 3): set("v2", 4)}})
	fmt.Println(global, map[string]map[int]int{"a": {set("k", 1): set("v", 2)}})
	p := []*table{{set("k", 5): set("v", 6)}}
	fmt.Println(global, *p[0], [1]*table{{set("k", 7): set("v", 8)}}[0] != nil)
	fmt.Println(global, holder{table{set("k", 9): set("v", 10)}}, &holder{t: table{set("k", 11): global}} != nil)
	fmt.Println(global, []any{set("x", 20), table{set("k", 21): set("v", 22)}, global})
	fmt.Println(global, map[[2]int]int{{set("a", 12), set("b", 13)}: set("c", 14)}, global)
}
