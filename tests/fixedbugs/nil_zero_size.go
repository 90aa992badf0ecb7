package main

import "fmt"

// Access to a field or element of size zero through a nil pointer panics as any other does.

type T struct {
	a int
	z struct{}
}

func try(f func()) {
	defer func() { fmt.Println(recover()) }()
	f()
}

func main() {
	var p *T
	var q *struct{}
	var r *[0]int
	try(func() { p.z = struct{}{} })
	try(func() { fmt.Println(p.z) })
	try(func() { *q = struct{}{} })
	try(func() { fmt.Println(*q) })
	try(func() { fmt.Println(*r) })
}
