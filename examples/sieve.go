// Sieve finds primes with a chain of goroutines, one for each prime, joined by channels.
package main

import "fmt"

func generate(out chan<- int) {
	for i := 2; ; i++ {
		out <- i
	}
}

func filter(in <-chan int, out chan<- int, prime int) {
	for n := range in {
		if n%prime != 0 {
			out <- n
		}
	}
}

func main() {
	ch := make(chan int)
	go generate(ch)
	sum := 0
	for i := range 400 {
		prime := <-ch
		sum += prime
		if i < 20 || i%50 == 49 {
			fmt.Println(i+1, prime)
		}
		next := make(chan int)
		go filter(ch, next, prime)
		ch = next
	}
	fmt.Println("sum", sum)
}
