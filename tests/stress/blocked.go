// 100,000 goroutines blocked on channels at once, then released in an order of their own.
package main

import (
	"fmt"
	"runtime"
)

const n = 100000

func worker(in <-chan int, out chan<- int) { out <- <-in + 1 }

func main() {
	ins := make([]chan int, n)
	out := make(chan int, 16)
	for i := range ins {
		ins[i] = make(chan int)
		go worker(ins[i], out)
	}
	fmt.Println(runtime.NumGoroutine() == n+1)
	go func() {
		for i := range ins {
			ins[(i*7919)%n] <- i
		}
	}()
	sum := 0
	for range ins {
		sum += <-out
	}
	fmt.Println(sum)

	// All of them wait on one channel, which is closed.
	gate := make(chan struct{})
	done := make(chan int, 1000)
	for i := 0; i < n; i++ {
		go func() {
			<-gate
			done <- i
		}()
	}
	runtime.GC()
	close(gate)
	sum = 0
	for i := 0; i < n; i++ {
		sum += <-done
	}
	fmt.Println(sum)
}
