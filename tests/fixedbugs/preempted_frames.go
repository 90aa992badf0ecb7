// Wherever a goroutine is stopped, in front of a frame or behind it as well, its traceback misses none of its callers.
package main

import (
	"fmt"
	"runtime"
	"strings"
	"sync/atomic"
)

var stop atomic.Bool

//go:noinline
func leaf(x, y uint) uint { return x ^ y>>1 }

//go:noinline
func checked(x uint, f func(uint, uint) uint) uint { return f(x, 3) + f(x, 5) }

//go:noinline
func middle() (sum uint) {
	for !stop.Load() {
		sum += leaf(sum, 7)
		sum += checked(sum, leaf)
	}
	return sum
}

//go:noinline
func outer() uint { return middle() + 1 }

func main() {
	done := make(chan uint)
	go func() { done <- outer() }()
	buf := make([]byte, 1<<16)
	seen, bad := 0, 0
	samples := 200
	if runtime.GOMAXPROCS(0) == 1 {
		samples = 10 // each waits for a time slice to end
	}
	for range samples {
		runtime.Gosched()
		for _, stack := range strings.Split(string(buf[:runtime.Stack(buf, true)]), "\n\n") {
			if !strings.Contains(stack, "created by main.main") || !strings.Contains(stack, "main.") {
				continue
			}
			inside := strings.Contains(stack, "main.leaf(") || strings.Contains(stack, "main.checked(") || strings.Contains(stack, "main.middle(")
			if !inside {
				continue // it has not got there yet
			}
			seen++
			if !strings.Contains(stack, "main.middle(") || !strings.Contains(stack, "main.outer(") {
				bad++
				if bad == 1 {
					fmt.Println(stack)
				}
			}
		}
	}
	stop.Store(true)
	<-done
	fmt.Println(seen > 0, bad)
}
