package main

// Memory that was freed goes back to the system by itself, and at once when debug.FreeOSMemory is called: that of objects, and that of
// the stacks of goroutines that have ended. All along the numbers of MemStats add up.

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"
	"time"
)

const mb = 1 << 20

func read() (m runtime.MemStats) {
	runtime.ReadMemStats(&m)
	if m.HeapIdle != m.HeapSys-m.HeapInuse || m.HeapReleased > m.HeapIdle || m.HeapAlloc > m.HeapInuse ||
		m.StackInuse > m.StackSys || m.Mallocs-m.Frees != m.HeapObjects ||
		m.Sys != m.HeapSys+m.StackSys+m.MSpanSys+m.MCacheSys+m.BuckHashSys+m.GCSys+m.OtherSys {
		panic(fmt.Sprintf("%+v", m))
	}
	return
}

// retained is what the heap has from the system.
func retained(m *runtime.MemStats) uint64 { return m.HeapSys - m.HeapReleased }

// until waits for what happens in the background.
func until(what string, done func(m *runtime.MemStats) bool) {
	for i := 0; i < 6000; i++ {
		if m := read(); done(&m) {
			fmt.Println(what)
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	panic(what + fmt.Sprintf(": %+v", read()))
}

func objects() (large, small [][]byte) {
	for range 16 {
		large = append(large, make([]byte, 2*mb))
	}
	for range 32 << 10 {
		small = append(small, make([]byte, 1024))
	}
	for _, b := range large {
		for i := 0; i < len(b); i += 4096 {
			b[i] = 1
		}
	}
	return
}

func use() {
	large, small := objects()
	if m := read(); retained(&m) < 64*mb || m.HeapInuse < 64*mb {
		panic("in use, but not there")
	}
	runtime.KeepAlive(large)
	runtime.KeepAlive(small)
}

func collect() {
	for range 3 {
		runtime.GC()
	}
}

func deep(n int) int {
	var a [64]int
	if n == 0 {
		return 0
	}
	a[n%64] = deep(n - 1)
	return a[n%64] + 1
}

func main() {
	use()
	collect()
	until("objects", func(m *runtime.MemStats) bool { return retained(m) < 16*mb })

	use()
	debug.FreeOSMemory()
	if m := read(); retained(&m) >= 16*mb {
		panic("FreeOSMemory has freed nothing")
	}

	debug.SetGCPercent(400) // that a collection comes between is unlikely
	for range 2 {
		var started, ended sync.WaitGroup
		wait := make(chan bool)
		for range 4000 {
			started.Add(1)
			ended.Go(func() {
				deep(4)
				started.Done()
				<-wait
			})
		}
		started.Wait()
		if m := read(); m.StackInuse < 4000*2048 {
			panic("stacks are nowhere")
		}
		close(wait)
		ended.Wait()
		until("goroutines", func(m *runtime.MemStats) bool {
			collect()
			return m.StackInuse < 2*mb && m.StackSys < 4*mb && retained(m) < 24*mb
		})
	}

	// What was released is zero when it is used again.
	large, small := objects()
	for i, b := range append(large, small...) {
		for j, x := range b {
			if x != 0 && (i >= len(large) || j%4096 != 0) {
				panic("not zero")
			}
		}
	}
	fmt.Println("clean")
}
