// The right side of an assignment panics before the left one does. GODEBUG=panicnil can be changed while the program runs.
package main

import (
	"fmt"
	"os"
)

func try(f func()) {
	defer func() { fmt.Println(recover()) }()
	f()
}

type S struct{ a [3]int }

var l = []int{1}
var arr [3]int
var m map[string]int
var ps *S
var pa *[3]int

func main() {
	i, j := 5, 7
	try(func() { l[2] = l[1] })
	try(func() { arr[i] = arr[j] })
	try(func() { arr[i] = l[j] })
	try(func() { l[i] = arr[j] })
	try(func() { m["a"] = l[j] })
	try(func() { ps.a[i] = l[j] })
	try(func() { ps.a[1] = l[j] })
	try(func() { pa[i] = l[j] })
	try(func() { pa[i] = 1 })
	try(func() { l[i] += l[j] })
	try(func() { var loc [2]int; loc[i] = l[j]; fmt.Println(loc) })
	try(func() { l[i], l[j] = 1, l[2] })
	try(func() { panic(nil) })
	os.Setenv("GODEBUG", "panicnil=1")
	try(func() { panic(nil) })
	os.Setenv("GODEBUG", "panicnil=1,panicnil=0")
	try(func() { panic(nil) })
	os.Unsetenv("GODEBUG")
	try(func() { panic(nil) })
}
