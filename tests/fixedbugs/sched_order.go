// On one P the order of goroutines is gc's: who is woken last runs next, and the first time slices take from the local queue.
package main

import (
	"fmt"
	"runtime"
	"sync"
)

func main() {
	runtime.GOMAXPROCS(1)
	done := make(chan bool)
	go func() {
		say("world")
		done <- true
	}()
	say("hello")
	<-done
	broadcast()
	wait()
}

func say(s string) {
	for range 5 {
		runtime.Gosched()
		fmt.Println(s)
	}
}

func broadcast() {
	var mu sync.Mutex
	var wg sync.WaitGroup
	c := sync.NewCond(&mu)
	waiting := 0
	for i := range 8 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			mu.Lock()
			waiting++
			c.Wait()
			fmt.Print(i, " ")
			mu.Unlock()
		}()
	}
	for {
		mu.Lock()
		if waiting == 8 {
			break
		}
		mu.Unlock()
		runtime.Gosched()
	}
	c.Broadcast()
	mu.Unlock()
	wg.Wait()
	fmt.Println()
}

func wait() {
	var wg sync.WaitGroup
	for i := range 5 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			fmt.Print(i, " ")
		}()
	}
	wg.Wait()
	fmt.Println()
}
