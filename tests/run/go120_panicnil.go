// -lang=go1.20
// In a module before go1.21, panic(nil) cannot be told from no panic, and loop variables are one per loop.
package main

import "fmt"

func main() {
	func() {
		defer func() { fmt.Println(recover()) }()
		panic(nil)
	}()
	fmt.Println("after")
	var fs []func() int
	for i := 0; i < 3; i++ {
		fs = append(fs, func() int { i += 10; return i })
	}
	for _, x := range []string{"a", "b"} {
		fs = append(fs, func() int { fmt.Print(x, " "); return len(x) })
	}
	for _, f := range fs {
		fmt.Print(f(), " ")
	}
	fmt.Println()
}
