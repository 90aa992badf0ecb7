// A receive with two results, behind a left side with operands, happens once.
package main

import "fmt"

type N2 struct{ a [20]int }

func main() {
	ch := make(chan N2, 4)
	ci := make(chan int, 4)
	var x N2
	q := &x
	var ok bool
	var i int
	p := &i
	m := map[string]int{}
	ch <- N2{}
	ch <- N2{}
	ci <- 1
	ci <- 2
	ci <- 3
	*q, ok = <-ch
	fmt.Println(len(ch), ok)
	x, ok = <-ch
	fmt.Println(len(ch), ok)
	*p, ok = <-ci
	fmt.Println(len(ci), ok, i)
	m["a"], ok = <-ci
	fmt.Println(len(ci), ok, m["a"])
	*p = <-ci
	fmt.Println(len(ci), ok, i)
}
