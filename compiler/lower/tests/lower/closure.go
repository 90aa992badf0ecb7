// Captures by value and by reference.
package main

func byValue(n int) func() int { return func() int { return n + 1 } }

func byReference() (func(), func() int) {
	n := 0
	return func() { n++ }, func() int { return n }
}

func perIteration() (fs [3]func() int) {
	for i := 0; i < 3; i++ {
		fs[i] = func() int { i++; return i }
	}
	return
}

func main() {
	byValue(1)()
	inc, get := byReference()
	inc()
	get()
	perIteration()
}
