// A panic with the value of the panic before it, as told by address, is printed once.
package main

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
)

type E string

func (e E) Error() string { return "E " + string(e) }

var cases = []func(){
	func() {
		defer panic("text")
		panic("text")
	},
	func() {
		defer func() { panic("text") }()
		panic("text")
	},
	func() {
		defer panic(5)
		panic(5)
	},
	func() {
		defer func() { var ch chan int; close(ch) }()
		var ch chan int
		close(ch)
	},
	func() {
		defer func() { panic(E("x")) }()
		panic(E("x"))
	},
	func() {
		defer func() { panic(E("x")) }()
		panic(E("y"))
	},
	func() {
		x := 0
		defer func() { println(1 / x) }()
		println(1 / x)
	},
	func() {
		defer func() { recover(); panic(5) }()
		panic(5)
	},
	func() {
		defer func() { panic(recover()) }()
		panic(fmt.Sprint(5))
	},
	func() {
		defer func() { panic(nil) }()
		panic(nil)
	},
}

func main() {
	if len(os.Args) > 1 {
		cases[len(os.Args[1])]()
	}
	for i := range cases {
		self, _ := os.Executable()
		out, _ := exec.Command(self, strings.Repeat("x", i)).CombinedOutput()
		for line := range strings.Lines(string(out)) {
			if strings.Contains(line, "panic: ") {
				fmt.Print(i, " ", line)
			}
		}
	}
}
