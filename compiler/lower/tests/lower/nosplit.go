// A program's go:nosplit is for gc's linker, which measures how deep such calls go: here the stack is checked all the same.
package main

//go:nosplit
//go:noinline
func add(a, b int) int { return a + b }

func main() { println(add(1, 2)) }
