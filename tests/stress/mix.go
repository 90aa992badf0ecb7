// Select, timers, mutexes, conditions, wait groups, contexts and pools all at once.
package main

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

func selects() int {
	a, b, quit := make(chan int), make(chan int, 3), make(chan bool)
	var wg sync.WaitGroup
	for i := 0; i < 10; i++ {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for k := 0; k < 200; k++ {
				select {
				case a <- 1:
				case b <- 1:
				}
			}
		}()
	}
	go func() { wg.Wait(); close(quit) }()
	sum := 0
	for {
		select {
		case v := <-a:
			sum += v
		case v := <-b:
			sum += v
		case <-time.After(time.Minute):
			panic("timeout")
		case <-quit:
			for {
				select {
				case v := <-b:
					sum += v
				default:
					return sum
				}
			}
		}
	}
}

func timers() int {
	var n atomic.Int64
	var wg sync.WaitGroup
	for i := 0; i < 200; i++ {
		wg.Add(2)
		time.AfterFunc(time.Duration(i%7)*100*time.Microsecond, func() { n.Add(1); wg.Done() })
		go func() {
			defer wg.Done()
			time.Sleep(time.Duration(i%5) * 200 * time.Microsecond)
			n.Add(1)
		}()
	}
	for i := 0; i < 100; i++ {
		t := time.NewTimer(time.Hour)
		if !t.Stop() {
			panic("stopped twice")
		}
		t.Reset(time.Microsecond)
		<-t.C
		n.Add(1)
	}
	tick := time.NewTicker(200 * time.Microsecond)
	for i := 0; i < 5; i++ {
		<-tick.C
		n.Add(1)
	}
	tick.Stop()
	wg.Wait()
	return int(n.Load())
}

func locks() (int, int) {
	var mu sync.Mutex
	var rw sync.RWMutex
	var wg sync.WaitGroup
	n, m := 0, map[int]int{}
	for i := 0; i < 16; i++ {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for k := 0; k < 300; k++ {
				mu.Lock()
				n++
				if k%50 == 0 {
					runtime.Gosched()
				}
				mu.Unlock()
				if k%10 == 0 {
					rw.Lock()
					m[k]++
					rw.Unlock()
				} else {
					rw.RLock()
					_ = m[k]
					rw.RUnlock()
				}
			}
		}()
	}
	wg.Wait()
	t := 0
	for _, v := range m {
		t += v
	}
	return n, t
}

func conds() int {
	var mu sync.Mutex
	notEmpty, notFull := sync.NewCond(&mu), sync.NewCond(&mu)
	var q []int
	var wg sync.WaitGroup
	sum := 0
	for i := 0; i < 4; i++ {
		wg.Add(2)
		go func() {
			defer wg.Done()
			for k := 1; k <= 200; k++ {
				mu.Lock()
				for len(q) >= 3 {
					notFull.Wait()
				}
				q = append(q, k)
				mu.Unlock()
				notEmpty.Signal()
			}
		}()
		go func() {
			defer wg.Done()
			for k := 1; k <= 200; k++ {
				mu.Lock()
				for len(q) == 0 {
					notEmpty.Wait()
				}
				sum += q[0]
				q = q[1:]
				mu.Unlock()
				notFull.Broadcast()
			}
		}()
	}
	wg.Wait()
	return sum
}

func contexts() (n int) {
	var mu sync.Mutex
	var wg sync.WaitGroup
	root, stop := context.WithCancel(context.Background())
	for i := 0; i < 50; i++ {
		ctx, cancel := context.WithTimeout(root, time.Duration(i%10+1)*time.Millisecond)
		wg.Add(1)
		go func() {
			defer wg.Done()
			defer cancel()
			<-ctx.Done()
			if err := ctx.Err(); !errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, context.Canceled) {
				panic(err)
			}
			mu.Lock()
			n++
			mu.Unlock()
		}()
	}
	time.Sleep(3 * time.Millisecond)
	stop()
	wg.Wait()
	return n
}

func pools() int {
	p := sync.Pool{New: func() any { return new([64]int) }}
	var wg sync.WaitGroup
	var n atomic.Int64
	var once sync.Once
	var m sync.Map
	for i := 0; i < 8; i++ {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for k := 0; k < 300; k++ {
				a := p.Get().(*[64]int)
				for j := range a {
					a[j] = i
				}
				if k%100 == 0 {
					runtime.GC()
				}
				for j := range a {
					if a[j] != i {
						panic("shared")
					}
				}
				p.Put(a)
				once.Do(func() { n.Add(1000000) })
				if _, loaded := m.LoadOrStore(k, i); !loaded {
					n.Add(1)
				}
			}
		}()
	}
	wg.Wait()
	return int(n.Load())
}

func panics() (n int) {
	var wg sync.WaitGroup
	res := make(chan int, 100)
	for i := 0; i < 100; i++ {
		wg.Add(1)
		go func() {
			defer wg.Done()
			defer func() {
				if recover() != nil {
					res <- 1
				}
			}()
			defer runtime.Gosched()
			switch i % 4 {
			case 0:
				var p *int
				*p = 1
			case 1:
				_ = make([]int, 3)[i]
			case 2:
				panic(i)
			case 3:
				runtime.Goexit()
			}
		}()
	}
	wg.Wait()
	close(res)
	for v := range res {
		n += v
	}
	return n
}

func spin() int {
	var stop atomic.Bool
	time.AfterFunc(time.Millisecond, func() { stop.Store(true) })
	n := 0
	for !stop.Load() {
	}
	done := make(chan bool)
	x := 0
	go func() {
		for i := 0; i < 2000000; i++ {
			x += i & 1
		}
		close(done)
	}()
	<-done
	return n + x
}

func main() {
	var wg sync.WaitGroup
	var s, t, l1, l2, c, x, p, pa, sp int
	for _, f := range []func(){
		func() { s = selects() }, func() { t = timers() }, func() { l1, l2 = locks() }, func() { c = conds() },
		func() { x = contexts() }, func() { p = pools() }, func() { pa = panics() }, func() { sp = spin() },
	} {
		wg.Add(1)
		go func() {
			defer wg.Done()
			f()
		}()
	}
	wg.Wait()
	fmt.Println(s, t, l1, l2, c, x, p, pa, sp)
}
