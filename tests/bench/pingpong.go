package main

import "fmt"

func main() {
	ping, pong := make(chan int), make(chan int)
	go func() {
		for n := range ping {
			pong <- n + 1
		}
		close(pong)
	}()
	n := 0
	for range 3_000_000 {
		ping <- n
		n = <-pong
	}
	close(ping)
	_, open := <-pong
	fmt.Println(n, open)
}
