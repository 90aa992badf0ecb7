// A defer in the body of a range over a function belongs to the loop's frame; the iterator's own
// defers run when the iterator returns.
package main

import "fmt"

func pairs[V any](s []V) func(func(int, V) bool) {
	return func(yield func(int, V) bool) {
		defer fmt.Println("pairs done")
		for i, x := range s {
			if !yield(i, x) {
				break
			}
		}
	}
}

func returns() (r int) {
	defer fmt.Println("returns done")
	for i, x := range pairs([]int{1, 2, 3}) {
		defer fmt.Println("body", i)
		for j, y := range pairs([]string{"a", "b"}) {
			defer fmt.Println("inner body", i, j, y)
		}
		if x == 2 {
			return x
		}
	}
	return 0
}

func panics() (r int) {
	for i, x := range pairs([]int{1, 2, 3}) {
		defer func() {
			fmt.Println("recovered", i, recover() != nil)
			r++
		}()
		if x == 2 {
			panic(x)
		}
	}
	return 0
}

func main() {
	fmt.Println(returns())
	fmt.Println(panics())
	defer func() { fmt.Println(recover()) }()
	for range pairs([]int{1}) {
		defer fmt.Println("last")
		panic("end")
	}
}
