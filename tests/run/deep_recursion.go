package main

import "fmt"

func depth(n int) int {
	if n == 0 {
		return 0
	}
	var pad [8]int
	pad[n%8] = n
	return depth(n-1) + pad[n%8] - n + 1
}

func main() {
	fmt.Println(depth(1_000_000))
	results := make(chan int)
	for i := range 20 {
		go func() { results <- depth(10_000 * (i + 1)) }()
	}
	sum := 0
	for range 20 {
		sum += <-results
	}
	fmt.Println(sum)
}
