package main

// Everything that takes and gives memory at the same time: objects of all sizes, waves of goroutines with deep stacks, maps, channels,
// finalizers, cleanups and weak pointers, while the collector's settings change and memory goes back to the system. Each worker knows
// what its memory must hold. SOAK=n makes n rounds.

import (
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
	"weak"
)

type node struct {
	left, right *node
	sum         int
	rest        [3]int
}

func tree(depth, n int) *node {
	t := &node{sum: n}
	if depth > 0 {
		t.left, t.right = tree(depth-1, n+1), tree(depth-1, n+2)
		t.sum += t.left.sum + t.right.sum
	}
	return t
}

func (t *node) check(n int) int {
	s := n
	if t.left != nil {
		s += t.left.check(n+1) + t.right.check(n+2)
	}
	if s != t.sum || t.rest != [3]int{} {
		panic("a tree has changed")
	}
	return s
}

// sizes allocates objects of many sizes, fills them, and looks at them again later; what is new must be zero.
func sizes(seed int) {
	var kept [64][]byte
	for i := range 400 {
		n := 1 + (seed*7919+i*i*37)%6000
		if i%50 == 0 {
			n *= 100
		}
		b := make([]byte, n)
		for k := range b {
			if b[k] != 0 {
				panic("new memory is not zero")
			}
			b[k] = byte(n)
		}
		old := kept[i%len(kept)]
		for k := range old {
			if old[k] != byte(len(old)) {
				panic("memory has changed")
			}
		}
		kept[i%len(kept)] = b
	}
}

func deep(n int, p *int) int {
	var room [40]int
	room[n%40] = n
	if n == 0 {
		return *p
	}
	if n%16 == 0 {
		runtime.Gosched()
	}
	return deep(n-1, p) + room[n%40] - n
}

// stacks starts goroutines that call deeply, wait, and end.
func stacks(seed int) {
	var wg sync.WaitGroup
	wait := make(chan int)
	for i := range 100 {
		wg.Go(func() {
			x := seed + i
			if deep(i*2, &x) != x {
				panic("a stack has changed")
			}
			<-wait
			if deep(50, &x) != x {
				panic("a stack has changed")
			}
		})
	}
	for range 100 {
		wait <- 1
	}
	wg.Wait()
}

func maps(seed int) {
	m := map[string]*node{}
	for i := range 300 {
		m[strconv.Itoa(i*seed)] = &node{sum: i * seed}
		if i%3 == 0 {
			delete(m, strconv.Itoa(i*seed/2))
		}
	}
	for k, v := range m {
		if strconv.Itoa(v.sum) != k {
			panic("a map has changed")
		}
	}
}

var dead, queued atomic.Int64

func specials(seed int) {
	for i := range 50 {
		p := &node{sum: seed}
		w := weak.Make(p)
		queued.Add(2)
		runtime.SetFinalizer(p, func(p *node) {
			if p.sum != seed {
				panic("a finalizer sees something else")
			}
			dead.Add(1)
		})
		q := &node{left: &node{sum: i}}
		runtime.AddCleanup(q, func(i int) { dead.Add(1) }, i)
		if v := w.Value(); v != p || v.sum != seed {
			panic("a weak pointer has lost what lives")
		}
		runtime.KeepAlive(p)
		runtime.KeepAlive(q)
	}
}

func main() {
	rounds, _ := strconv.Atoi(os.Getenv("SOAK"))
	for round := range max(rounds, 1) {
		var wg sync.WaitGroup
		stop := make(chan bool)
		var settings sync.WaitGroup
		settings.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				case <-time.After(time.Millisecond):
				}
				switch i % 6 {
				case 0:
					debug.SetGCPercent(20)
				case 1:
					debug.FreeOSMemory()
				case 2:
					debug.SetMemoryLimit(8 << 20)
				case 3:
					runtime.GC()
				case 4:
					debug.SetMemoryLimit(1 << 40)
				case 5:
					debug.SetGCPercent(200)
				}
			}
		})
		for w := range 4 {
			wg.Go(func() {
				seed := round*4 + w + 1
				for range 2 {
					t := tree(10, seed)
					sizes(seed)
					stacks(seed)
					maps(seed)
					specials(seed)
					t.check(seed)
				}
			})
		}
		wg.Wait()
		close(stop)
		settings.Wait()
	}
	for dead.Load() != queued.Load() {
		runtime.GC()
		time.Sleep(time.Millisecond)
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	if m.HeapReleased > m.HeapIdle || m.HeapAlloc > m.HeapInuse || m.HeapInuse+m.HeapIdle != m.HeapSys {
		panic(fmt.Sprint(m))
	}
	fmt.Println("ok")
}
