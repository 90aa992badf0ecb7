// Channels and select.
package main

func ops(c chan int) (int, bool) {
	c <- 1
	<-c
	v, ok := <-c
	close(c)
	return v, ok
}

func each(c <-chan int) (s int) {
	for v := range c {
		s += v
	}
	return
}

func one(c chan int) int {
	select {
	case v := <-c:
		return v
	default:
		return -1
	}
}

func many(a, b chan int) int {
	select {
	case v := <-a:
		return v
	case b <- 2:
		return 2
	}
}

func main() {
	go ops(make(chan int, 3))
	each(nil)
	one(nil)
	many(nil, nil)
}
