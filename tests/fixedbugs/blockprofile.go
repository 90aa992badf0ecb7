// The profiles of blocking and of lock contention: which operations of which callers are in them.
package main

import (
	"bytes"
	"fmt"
	"runtime"
	"runtime/pprof"
	"slices"
	"strings"
	"sync"
	"time"
)

// mainIn waits until the main goroutine is in the state.
func mainIn(state string) {
	buf := make([]byte, 1<<14)
	for !strings.Contains(string(buf[:runtime.Stack(buf, true)]), "goroutine 1 ["+state) {
		time.Sleep(50 * time.Microsecond)
	}
}

//go:noinline
func blockRecv() {
	c := make(chan int)
	go func() { mainIn("chan receive"); c <- 1 }()
	<-c
}

//go:noinline
func blockSend() {
	c := make(chan int)
	go func() { mainIn("chan send"); <-c }()
	c <- 1
}

//go:noinline
func blockSelect() {
	c := make(chan int)
	d := make(chan int)
	go func() { mainIn("select"); c <- 1 }()
	select {
	case <-c:
	case <-d:
	}
}

//go:noinline
func blockMutex() {
	var mu sync.Mutex
	mu.Lock()
	go func() { mainIn("sync.Mutex.Lock"); mu.Unlock() }()
	mu.Lock()
	mu.Unlock()
}

//go:noinline
func blockRWMutex() {
	var mu sync.RWMutex
	mu.Lock()
	go func() { mainIn("sync.RWMutex.RLock"); mu.Unlock() }()
	mu.RLock()
	mu.RUnlock()
}

//go:noinline
func blockCond() {
	var mu sync.Mutex
	c := sync.NewCond(&mu)
	mu.Lock()
	go func() { mainIn("sync.Cond.Wait"); mu.Lock(); c.Signal(); mu.Unlock() }()
	c.Wait()
	mu.Unlock()
}

//go:noinline
func blockWaitGroup() {
	var wg sync.WaitGroup
	wg.Add(1)
	go func() { mainIn("sync.WaitGroup.Wait"); wg.Done() }()
	wg.Wait()
}

//go:noinline
func ready() {
	c := make(chan int, 1)
	c <- 1
	<-c
	var mu sync.Mutex
	mu.Lock()
	mu.Unlock()
}

func main() {
	runtime.SetBlockProfileRate(1)
	fmt.Println(runtime.SetMutexProfileFraction(1), runtime.SetMutexProfileFraction(-1))
	for range 3 {
		blockRecv()
		blockSend()
		blockSelect()
		blockMutex()
		blockRWMutex()
		blockCond()
		blockWaitGroup()
		ready()
	}
	for _, name := range []string{"block", "mutex"} {
		var text bytes.Buffer
		pprof.Lookup(name).WriteTo(&text, 1)
		fmt.Println("==", name)
		var found []string
		for _, record := range strings.Split(text.String(), "\n\n") {
			lines := strings.Split(record, "\n")
			var count, delay int
			var stack []string
			for _, l := range lines {
				f := strings.Fields(l)
				if len(f) > 2 && f[0] == "#" {
					fn, _, _ := strings.Cut(f[2], "+")
					stack = append(stack, fn)
				} else if len(f) > 2 && f[2] == "@" {
					fmt.Sscan(f[0], &delay)
					fmt.Sscan(f[1], &count)
				}
			}
			// Other goroutines of this program may have waited as well, for each other.
			if len(stack) > 1 && count >= 3 && delay > 0 {
				found = append(found, fmt.Sprint(count, " ", strings.Join(stack[:2], " < ")))
			}
		}
		slices.Sort(found)
		fmt.Println(strings.Join(found, "\n"))
		runtime.SetBlockProfileRate(0)
		runtime.SetMutexProfileFraction(0)
		var proto bytes.Buffer
		fmt.Println(pprof.Lookup(name).WriteTo(&proto, 0), proto.Len() > 100)
	}
}
