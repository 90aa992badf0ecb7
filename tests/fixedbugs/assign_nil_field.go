package main

import "fmt"

// The fault of a field in a struct behind a nil pointer comes when it is assigned, after what stands to its left.

type wide struct {
	words [6]int
	list  []int8
	any   any
}

var (
	list   = []float32{1}
	number = 7
	text   = [3]string{"x", "y"}
	valid  = []*wide{new(wide)}[0]
)

func try(name string, f func()) {
	list, number, text = []float32{1}, 7, [3]string{"x", "y"}
	defer func() {
		e := recover()
		fmt.Println(name, e != nil, list == nil, number, text[0])
	}()
	f()
}

//go:noinline
func none() *wide { return nil }

func main() {
	p := none()
	try("slice", func() { list, (*p).list = nil, (*valid).list })
	try("implicit", func() { list, p.list = nil, valid.list })
	try("element", func() { number, (*p).words[number&3] = 8, 1 })
	try("known element", func() { list, (*p).words[2] = nil, 1 })
	try("array", func() { text, (*p).words = [3]string{}, (*valid).words })
	try("whole", func() { text, *p = [3]string{}, wide{} })
	try("interface", func() { text, number, (*p).any = [3]string{}, 3, p })
	try("after", func() { (*p).list, number = (*valid).list, 3 })
	try("operation", func() { (*p).words[1] += 2 })
	try("read", func() { number = (*p).words[1] })
	try("range", func() {
		for number = range *p.all() {
		}
	})
	try("range value", func() {
		for _, number = range *p.all() {
		}
	})
	try("slice of", func() { _ = (*p.all())[:] })
	try("unused", func() { _ = *p })
	try("unused field", func() { _ = (*p).words })
}

//go:noinline
func (p *wide) all() *[6]int { return nil }
