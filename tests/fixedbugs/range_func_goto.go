// A goto whose label stands later in the body of a range over a function stays in the body.
package main

import "fmt"

func count(n int) func(func(int) bool) {
	return func(yield func(int) bool) {
		for i := 0; i < n && yield(i); i++ {
		}
	}
}

func main() {
	for i := range count(3) {
		n := 0
	again:
		n++
		if n < i {
			goto again
		}
		for j := range count(3) {
			if j == 1 {
				goto inner
			}
			if i == 1 && n < 3 {
				fmt.Println("outer", i, j, n)
				goto again
			}
			fmt.Println(i, j)
		inner:
			fmt.Println("inner", n)
		}
		if i == 2 {
			goto end
		}
	}
end:
	fmt.Println("end")
}
