// Deadlocks, misuse of sync, misuse of iterators: how the program ends.
package main

import (
	"os"
	"sync"
)

var (
	mu    sync.Mutex
	rw    sync.RWMutex
	wg    sync.WaitGroup
	saved func(int) bool
)

//go:noinline
func send(c chan int) { c <- 1 }

//go:noinline
func three(yield func(int) bool) {
	yield(0)
	yield(1)
	yield(2)
}

//go:noinline
func keep(yield func(int) bool) {
	yield(0)
	saved = yield
}

//go:noinline
func swallow(yield func(int) bool) {
	defer func() { recover() }()
	yield(0)
}

//go:noinline
func swallowAndGoOn(yield func(int) bool) {
	defer func() {
		recover()
		yield(1)
	}()
	yield(0)
}

var cases = map[string]func(){
	"receive":     func() { <-make(chan int) },
	"send":        func() { send(make(chan int)) },
	"receive nil": func() { var c chan int; <-c },
	"send nil":    func() { var c chan int; c <- 1 },
	"range": func() {
		for range make(chan int) {
		}
	},
	"select none": func() { select {} },
	"select": func() {
		a, b := make(chan int), make(chan int)
		select {
		case <-a:
		case b <- 1:
		}
	},
	"select one": func() {
		a := make(chan int)
		select {
		case <-a:
		}
	},
	"Mutex":        func() { mu.Lock(); mu.Lock() },
	"RWMutex":      func() { rw.RLock(); rw.Lock() },
	"RWMutex read": func() { rw.Lock(); rw.RLock() },
	"WaitGroup":    func() { wg.Add(1); wg.Wait() },
	"Cond":         func() { mu.Lock(); sync.NewCond(&mu).Wait() },
	"two": func() {
		go send(make(chan int))
		wg.Add(1)
		wg.Wait()
	},
	"unlock":         func() { mu.Unlock() },
	"RUnlock":        func() { rw.RUnlock() },
	"rw Unlock":      func() { rw.Unlock() },
	"negative":       func() { wg.Add(-1) },
	"unlock, others": func() { go send(make(chan int)); mu.Unlock() },
	"iterator goes on": func() {
		for x := range three {
			println(x)
			if x == 1 {
				break
			}
		}
	},
	"iterator kept": func() {
		for x := range keep {
			println(x)
		}
		saved(3)
	},
	"iterator swallows": func() {
		for x := range swallow {
			println(x)
			panic("body")
		}
	},
	"iterator goes on after panic": func() {
		for x := range swallowAndGoOn {
			println(x)
			panic("body")
		}
	},
}

func main() { cases[os.Args[1]]() }
