// A return inside a range over a function assigns the results of its own function literal, not those of another one before it.
package main

import "fmt"

func seq(yield func(int) bool) { yield(1) }

func main() {
	x := func() (r int) { return 1 }()
	func() {
		for i := range seq {
			fmt.Println(i, x)
			return
		}
	}()
	fmt.Println(func() (a, b int) {
		fmt.Println(func() (a int) {
			for i := range seq {
				a = i
				return
			}
			return 7
		}())
		for i := range seq {
			return i + 1, func() (c int) {
				for i := range seq {
					return i + 4
				}
				return
			}()
		}
		return
	}())
}
