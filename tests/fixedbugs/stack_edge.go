// Calls into the runtime, preemption and collections at each depth of a stack, so also right at the end of each segment.
package main

import (
	"fmt"
	"runtime"
	"time"
)

//go:noinline
func clock(n int, t *int64) int {
	var pad [3]int
	pad[n%3] = n
	*t += time.Now().UnixNano() & 1
	if n == 0 {
		return pad[0]
	}
	return clock(n-1, t) + pad[n%3]&1
}

//go:noinline
func spin(n int) int {
	s := 0
	for i := range 20 {
		s += i * n
	}
	if n == 0 {
		return s
	}
	return spin(n-1) + s&1
}

func main() {
	done := make(chan int)
	for i := range 8 {
		go func() {
			var t int64
			x := 0
			for k := range 100 {
				x += clock(k*3+i, &t) + spin(k*7+i)
			}
			done <- x
		}()
	}
	stop := make(chan bool)
	go func() {
		for {
			select {
			case <-stop:
				return
			default:
				runtime.GC()
			}
		}
	}()
	sum := 0
	for range 8 {
		sum += <-done
	}
	stop <- true
	fmt.Println(sum)
}
