// While a goroutine waits for a value, it does not keep the one that it received before.
package main

import (
	"fmt"
	"runtime"
)

type job struct {
	name string
	next *job
}

var collected = make(chan string, 10)

//go:noinline
func give(name string, send func(*job)) {
	j := &job{name: name}
	runtime.AddCleanup(j, func(name string) { collected <- name }, name)
	send(j)
}

//go:noinline
func work(j *job) int { return len(j.name) }

type request struct {
	j     *job
	reply chan int
	pad   [3]int
}

func main() {
	done := make(chan bool)
	selected, received, ranged := make(chan request), make(chan request), make(chan *job)
	answered := make(chan int)

	go func() {
		for {
			select {
			case r := <-selected:
				r.reply <- work(r.j)
			case <-done:
				return
			}
		}
	}()
	go func() {
		for {
			r, ok := <-received
			if !ok {
				return
			}
			r.reply <- work(r.j)
		}
	}()
	go func() {
		for j := range ranged {
			answered <- work(j)
		}
	}()

	reply := make(chan int)
	give("selected", func(j *job) { selected <- request{j: j, reply: reply}; <-reply })
	give("received", func(j *job) { received <- request{j: j, reply: reply}; <-reply })
	give("ranged", func(j *job) { ranged <- j; <-answered })

	missing := map[string]bool{"selected": true, "received": true, "ranged": true}
	for range 200 {
		runtime.GC()
		for range 10 {
			runtime.Gosched()
		}
		for len(collected) > 0 {
			delete(missing, <-collected)
		}
		if len(missing) == 0 {
			break
		}
	}
	fmt.Println("kept:", missing)
	close(done)
	close(received)
	close(ranged)
}
