// A ring of 10,000 goroutines passes a token 100 times.
package main

import "fmt"

func main() {
	const n, rounds = 10000, 100
	first := make(chan int)
	in := first
	for i := 0; i < n-1; i++ {
		out := make(chan int)
		go func(in <-chan int, out chan<- int) {
			for v := range in {
				out <- v + 1
			}
			close(out)
		}(in, out)
		in = out
	}
	last := in
	v := 0
	for r := 0; r < rounds; r++ {
		first <- v
		v = <-last + 1
	}
	close(first)
	_, ok := <-last
	fmt.Println(v, ok)
}
