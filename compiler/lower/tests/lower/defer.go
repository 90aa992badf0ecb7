// Deferred calls: in the frame, in loops, with results that they change.
package main

func f(int) {}

func plain(n int) (r int) {
	defer f(n)
	defer func() { r++ }()
	return n
}

func conditional(b bool) {
	if b {
		defer f(1)
	}
	f(2)
}

func loop(n int) {
	for i := range n {
		defer f(i)
	}
}

func recovers() (err any) {
	defer func() { err = recover() }()
	panic("p")
}

func main() {
	plain(1)
	conditional(true)
	loop(3)
	recovers()
}
