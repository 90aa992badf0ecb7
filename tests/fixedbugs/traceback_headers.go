// Labels of goroutines are in the headers of tracebacks, and a function that waits in its stack check is in the traceback, as is its caller.
package main

import (
	"context"
	"fmt"
	"runtime"
	"runtime/pprof"
	"strings"
	"sync/atomic"
)

var stop atomic.Bool

//go:noinline
func callee(n int) int {
	var a [64]int
	a[n&63] = n
	return other(a[:])
}

//go:noinline
func other(a []int) int { return len(a) }

func caller(started chan bool) {
	close(started)
	for n := 0; !stop.Load(); n++ {
		callee(n)
	}
}

func stacks() []string {
	buf := make([]byte, 1<<16)
	return strings.Split(string(buf[:runtime.Stack(buf, true)]), "\n\n")
}

func main() {
	labels := pprof.Labels("plain", "a/b_c.1", "key 1", "väl\"ue\n", "z", "\x00\xff😀")
	pprof.SetGoroutineLabels(pprof.WithLabels(context.Background(), labels))
	header, _, _ := strings.Cut(stacks()[0], "\n")
	fmt.Println(header)
	pprof.SetGoroutineLabels(context.Background())
	header, _, _ = strings.Cut(stacks()[0], "\n")
	fmt.Println(header)

	started := make(chan bool)
	go caller(started)
	<-started
	missing := 0
	for range 20 {
		runtime.Gosched()
		for _, stack := range stacks() {
			lines := strings.Split(stack, "\n")
			if len(lines) < 3 || !strings.Contains(stack, "created by main.main") {
				continue
			}
			// Without an offset, it has not begun.
			if !strings.Contains(lines[2], " +0x") && !strings.Contains(stack, "main.caller(") {
				missing++
			}
		}
	}
	stop.Store(true)
	fmt.Println(missing)
}
