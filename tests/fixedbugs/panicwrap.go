// A value method called through a nil pointer by its wrapper says so.
package main

import "fmt"

type N struct{ a int }

func (n N) M(x int) int { return n.a + x }

type G[A any] struct{ a A }

func (g G[A]) M(x int) int { return x }

type I interface{ M(int) int }

type E struct{ *N }

func try(f func()) {
	defer func() {
		e := recover()
		_, isRuntime := e.(interface{ RuntimeError() })
		fmt.Println(e, isRuntime)
	}()
	f()
}

//go:noinline
func dynamic(i I) I { return i }

var nilN *N

func main() {
	try(func() { dynamic(nilN).M(1) })
	try(func() { nilN.M(1) })
	try(func() { f := nilN.M; f(1) })
	try(func() { dynamic(E{}).M(1) })
	try(func() { dynamic(&E{}).M(1) })
	try(func() { dynamic((*E)(nil)).M(1) })
	try(func() { dynamic((*G[int])(nil)).M(1) })
	try(func() { (*N).M(nilN, 1) })
	try(func() { f := (*N).M; f(nilN, 1) })
	try(func() { f := I.M; f(dynamic(nilN), 1) })
	try(func() { f := dynamic(nilN).M; f(1) })
	try(func() { f := E.M; f(E{}, 1) })
	try(func() { f := (*E).M; f(nil, 1) })
	try(func() { f := E{}.M; f(1) })
	f := (*G[string]).M
	try(func() { f(nil, 1) })
}
