package main

import "fmt"

// A shift count that is known to be negative when compiling, but is not a constant, panics when the program runs.

func left(x int) (s string) {
	defer func() { s = fmt.Sprint(recover()) }()
	n := -1
	return fmt.Sprint(x << n)
}

func right(x int64) (s string) {
	defer func() { s = fmt.Sprint(recover()) }()
	var n int8 = -128
	return fmt.Sprint(x >> n)
}

func assign(x uint8) (s string) {
	defer func() { s = fmt.Sprint(recover()) }()
	n := 2
	n -= 5
	x <<= n
	return fmt.Sprint(x)
}

func main() {
	fmt.Println(left(1))
	fmt.Println(right(1))
	fmt.Println(assign(1))
}
