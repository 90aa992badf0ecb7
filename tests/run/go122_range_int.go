// Range over integers: the type of the variable, the count is evaluated once, bounds of all kinds.
package main

import "fmt"

type T uint8

const big = 1 << 40

func n(x int) int {
	fmt.Print("n")
	return x
}

func each[I ~uint8](count I) (s string) {
	for i := range count {
		s += fmt.Sprintf("%T%v ", i, i)
	}
	return
}

func main() {
	for i := range n(3) {
		fmt.Print(i)
	}
	for range n(2) {
		fmt.Print(".")
	}
	fmt.Println()
	for i := range T(3) {
		fmt.Printf("%T%v ", i, i)
	}
	for i := range 2 {
		fmt.Printf("%T%v ", i, i)
	}
	var i8 int8
	for i8 = range 3 {
	}
	var f T
	for f = range 255 {
	}
	fmt.Println(i8, f)
	for i := range -5 {
		fmt.Print("never", i)
	}
	var u uint64 = 1<<64 - 1
	k := 0
	for i := range u {
		if k++; i == 3 {
			break
		}
	}
	m := 4
	for i := range m {
		m = 1
		i *= 2
		k += i
	}
	fmt.Println(k, m)
	for i := range big {
		if i > 1 {
			break
		}
		fmt.Printf("%T ", i)
	}
	for i := range 'c' - 'a' {
		fmt.Printf("%T%v ", i, i)
	}
	fmt.Println(each(byte(2)), each(T(2)))
	var x any = 1
	for x = range 3 {
	}
	fmt.Printf("%T %v\n", x, x)
	a := []int{0, 0, 0}
	i := 2
	for a[i] = range 5 {
		i = (i + 1) % 3
	}
	fmt.Println(a)
	for i, s := 0, "ab"; i < len(s); i++ {
		for range i + 1 {
			fmt.Print(s[i:])
		}
	}
	fmt.Println()
}
