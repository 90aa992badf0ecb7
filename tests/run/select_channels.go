package main

import (
	"fmt"
	"sync"
	"time"
)

func producer(n int, out chan<- int, wg *sync.WaitGroup) {
	defer wg.Done()
	for i := range 1000 {
		out <- n*1000 + i
	}
}

func main() {
	var wg sync.WaitGroup
	ch := make(chan int, 16)
	for n := range 8 {
		wg.Add(1)
		go producer(n, ch, &wg)
	}
	go func() { wg.Wait(); close(ch) }()
	sum, count := 0, 0
	for v := range ch {
		sum += v
		count++
	}
	fmt.Println(sum, count)

	a, b, quit := make(chan int), make(chan string), make(chan struct{})
	go func() {
		for i := range 100 {
			select {
			case a <- i:
			case b <- fmt.Sprint(i):
			}
		}
		close(quit)
	}()
	got := 0
	for done := false; !done; {
		select {
		case i := <-a:
			got += i
		case s := <-b:
			n := 0
			fmt.Sscan(s, &n)
			got += n
		case <-quit:
			done = true
		}
	}
	fmt.Println(got)

	select {
	case v, ok := <-ch:
		fmt.Println("closed:", v, ok)
	default:
		fmt.Println("wrong: a closed channel is ready")
	}
	var never chan int
	select {
	case <-never:
	case <-time.After(5 * time.Millisecond):
		fmt.Println("timeout")
	}
	func() {
		defer func() { fmt.Println(recover()) }()
		ch <- 1
	}()
	func() {
		defer func() { fmt.Println(recover()) }()
		close(ch)
	}()

	const ring = 1000
	first := make(chan int)
	in := first
	for range ring {
		out := make(chan int)
		go func(in, out chan int) {
			for v := range in {
				out <- v + 1
			}
			close(out)
		}(in, out)
		in = out
	}
	go func() {
		for i := range 10 {
			first <- i
		}
		close(first)
	}()
	for v := range in {
		fmt.Print(v, " ")
	}
	fmt.Println()

	var mu sync.Mutex
	cond := sync.NewCond(&mu)
	ready := 0
	for range 10 {
		go func() {
			mu.Lock()
			ready++
			mu.Unlock()
			cond.Broadcast()
		}()
	}
	mu.Lock()
	for ready < 10 {
		cond.Wait()
	}
	mu.Unlock()
	fmt.Println("ready", ready)
}
