// A //go:debug line brings panic(nil) back as it was.
//
//go:debug panicnil=1
package main

import "fmt"

func main() {
	defer fmt.Println("end")
	defer func() { fmt.Println(recover()) }()
	panic(nil)
}
