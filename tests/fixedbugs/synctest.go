// testing/synctest: the clock of a bubble, what counts as blocked in it, and what belongs to it.
package main

import (
	"context"
	"fmt"
	"iter"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

var tests []testing.InternalTest

func test(name string, f func(t *testing.T)) {
	tests = append(tests, testing.InternalTest{Name: name, F: func(t *testing.T) {
		defer func() {
			if e := recover(); e != nil {
				fmt.Println(name, "panics:", e)
			}
		}()
		synctest.Test(t, f)
	}})
}

func since(start time.Time) string { return time.Since(start).String() }

func main() {
	test("clock", func(t *testing.T) {
		start := time.Now()
		fmt.Println(start.UTC(), start.Unix())
		time.Sleep(time.Hour)
		fmt.Println("slept", since(start))
		for i, d := range []time.Duration{3, 1, 2} {
			go func() {
				time.Sleep(d * time.Second)
				fmt.Println("goroutine", i, "at", since(start))
			}()
		}
		time.Sleep(10 * time.Second)
		fmt.Println("main at", since(start))
	})
	test("wait", func(t *testing.T) {
		done := 0
		var mu sync.Mutex
		for range 10 {
			go func() { mu.Lock(); done++; mu.Unlock() }()
		}
		synctest.Wait()
		fmt.Println("done", done)
		c := make(chan int)
		go func() { c <- 1; done = 100; <-c }()
		<-c
		synctest.Wait()
		fmt.Println("done", done)
		close(c)
	})
	test("timers", func(t *testing.T) {
		start := time.Now()
		tm := time.NewTimer(5 * time.Second)
		fired := time.AfterFunc(2*time.Second, func() { fmt.Println("function at", since(start)) })
		fmt.Println("value of", (<-tm.C).Sub(start), fired.Stop(), tm.Stop())
		fmt.Println("reset", tm.Reset(0), (<-tm.C).Sub(start))
		tick := time.NewTicker(time.Minute)
		<-tick.C
		<-tick.C
		fmt.Println("ticks", since(start))
		time.Sleep(10*time.Minute + time.Second)
		v := <-tick.C
		fmt.Println("late tick of", v.Sub(start), "next", (<-tick.C).Sub(start))
		now := time.AfterFunc(0, func() { fmt.Println("at once", since(start)) })
		synctest.Wait()
		fmt.Println(now.Stop())
	})
	test("context", func(t *testing.T) {
		start := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		stop := context.AfterFunc(ctx, func() { fmt.Println("after", since(start)) })
		<-ctx.Done()
		synctest.Wait()
		fmt.Println(ctx.Err(), since(start), stop())
	})
	test("select and WaitGroup", func(t *testing.T) {
		start := time.Now()
		a, b := make(chan int), make(chan int, 1)
		var wg sync.WaitGroup
		wg.Go(func() {
			for {
				select {
				case v, ok := <-a:
					if !ok {
						return
					}
					fmt.Println("a", v, since(start))
				case b <- 3:
				case <-time.After(time.Second):
					fmt.Println("nothing", since(start))
				}
			}
		})
		time.Sleep(1500 * time.Millisecond)
		a <- 1
		close(a)
		wg.Wait()
		fmt.Println(<-b, since(start))
		cond := sync.NewCond(new(sync.Mutex))
		go func() { cond.L.Lock(); cond.Wait(); cond.L.Unlock(); fmt.Println("signalled") }()
		synctest.Wait()
		cond.Signal()
		synctest.Wait()
	})
	test("coroutines", func(t *testing.T) {
		next, stop := iter.Pull(func(yield func(int) bool) {
			for i := 0; yield(i); i++ {
				time.Sleep(time.Second)
			}
		})
		start := time.Now()
		for range 3 {
			v, _ := next()
			fmt.Println(v, since(start))
		}
		stop()
	})
	test("stacks", func(t *testing.T) {
		c, d := make(chan int), make(chan int)
		go func() { <-c }()
		go func() { time.Sleep(time.Second) }()
		go func() {
			select {
			case <-c:
			case d <- 1:
			}
		}()
		synctest.Wait()
		buf := make([]byte, 1<<16)
		buf = buf[:runtime.Stack(buf, true)]
		var states []string
		for _, line := range strings.Split(string(buf), "\n") {
			if strings.Contains(line, "durable") {
				_, state, _ := strings.Cut(line, "[")
				state, bubble, _ := strings.Cut(state, " bubble ")
				states = append(states, fmt.Sprint(state, " ", bubble != ""))
			}
		}
		slices.Sort(states)
		fmt.Println(states)
		close(c)
		time.Sleep(time.Minute)
	})
	test("deadlock", func(t *testing.T) {
		time.NewTicker(time.Second) // nobody receives: it does not move the clock
		<-make(chan int)
	})
	test("left behind", func(t *testing.T) {
		go func() { select {} }()
	})
	test("nested", func(t *testing.T) {
		defer func() { fmt.Println("recovered:", recover()) }()
		synctest.Test(t, func(t *testing.T) {})
	})
	test("collections", func(t *testing.T) {
		tick := time.NewTicker(time.Millisecond)
		for range 50 {
			time.After(time.Hour)
			<-tick.C
		}
		go func() { time.Sleep(time.Second) }()
		runtime.GC()
		time.AfterFunc(time.Second, func() { fmt.Println("alive") })
		runtime.GC()
		time.Sleep(2 * time.Second)
	})
	test("many", func(t *testing.T) {
		start := time.Now()
		c := make(chan int)
		var wg sync.WaitGroup
		for i := range 100 {
			wg.Go(func() {
				for j := range 20 {
					time.Sleep(time.Duration(i+j) * time.Millisecond)
					c <- i
				}
			})
		}
		go func() { wg.Wait(); close(c) }()
		sum := 0
		for v := range c {
			sum += v
		}
		fmt.Println(sum, since(start))
	})
	testing.Main(func(pat, str string) (bool, error) { return true, nil }, tests, nil, nil)
}
