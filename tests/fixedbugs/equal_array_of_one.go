// An array of one array is compared through its element.
package main

import "fmt"

type key [1][3]string

//go:noinline
func equal(a, b key) bool { return a == b }

func main() {
	m := map[key]int{{{"a"}}: 1, {{"b", "c"}}: 2}
	fmt.Println(m[key{{"a"}}], m[key{{"b", "c"}}], m[key{}])
	fmt.Println(equal(key{{"x"}}, key{{"x"}}), equal(key{{"x"}}, key{{"", "x"}}), any(key{}) == any(key{}))
}
