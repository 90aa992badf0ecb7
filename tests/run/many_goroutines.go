package main

import (
	"fmt"
	"sync"
	"sync/atomic"
)

func main() {
	const n = 100_000
	start := make(chan struct{})
	var sum atomic.Int64
	var wg sync.WaitGroup
	for i := range n {
		wg.Add(1)
		go func() {
			defer wg.Done()
			<-start
			sum.Add(int64(i))
		}()
	}
	close(start)
	wg.Wait()
	fmt.Println(sum.Load())

	const size, rounds = 10_000, 10
	first := make(chan int)
	in := first
	for range size {
		out := make(chan int)
		go func(in, out chan int) {
			for token := range in {
				out <- token + 1
			}
		}(in, out)
		in = out
	}
	token := 0
	for range rounds {
		go func(t int) { first <- t }(token)
		token = <-in
	}
	fmt.Println(token)
}
