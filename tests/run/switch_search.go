package main

import "fmt"

func small(x int) int {
	switch x {
	case 1, 2, 3, 4, 5, 6, 7, 8, 9, 12:
		return x * 2
	case -5, -1000, 1 << 40:
		return -1
	case 100, 200, 300:
		return 5
	}
	return 0
}
func u8(x uint8) int {
	switch x {
	case 250, 251, 252, 253, 254, 255, 0, 1, 2:
		return 1
	case 128, 127:
		return 2
	}
	return 0
}
func i8(x int8) int {
	switch x {
	case -128, -127, -126, -3, -2, -1, 0, 1, 2, 3, 4, 127:
		return int(x)
	}
	return 1000
}
func u64(x uint64) int {
	switch x {
	case 0, 1<<63, 1<<64 - 1, 1<<64 - 2, 1<<64 - 3, 5, 6, 7, 8, 9, 10, 11, 12, 13:
		return int(x % 7)
	}
	return -1
}
func str(s string) int {
	switch s {
	case "a", "b", "c", "d", "e", "f", "g":
		return 1
	case "":
		return 2
	case "hello", "world", "help!", "yello", "jello", "mello":
		return 3
	case "hellp":
		return 4
	}
	return 0
}
func mixed(x int, f func(int) int) int {
	switch x {
	case 1, 2, 3, 4, 5, 6:
		return 1
	case f(7):
		return 2
	case 8, 9, 10, 11, 12, 13:
		return 3
	case f(14), 15, 16, 17, 18, 19:
		return 4
	default:
		return 5
	case 100:
		fallthrough
	case 101:
		return 6
	}
}

type E int

func main() {
	for _, x := range []int{0, 1, 5, 9, 10, 12, 13, -5, -4, -1000, 1 << 40, 1<<40 + 1, 100, 150, 200, 300, 301, -1 << 63} {
		fmt.Print(small(x), " ")
	}
	fmt.Println()
	a, b := 0, 0
	for x := 0; x < 256; x++ {
		a = a*3 + u8(uint8(x))
		b = b*3 + i8(int8(x))
	}
	fmt.Println(a, b)
	for _, x := range []uint64{0, 1, 5, 13, 14, 1 << 63, 1<<63 - 1, 1<<64 - 1, 1<<64 - 3, 1<<64 - 4} {
		fmt.Print(u64(x), " ")
	}
	fmt.Println()
	for _, s := range []string{"", "a", "g", "h", "hello", "help!", "hellp", "hellq", "jello", "mello", "aello", "zzzzz", "zz"} {
		fmt.Print(str(s), " ")
	}
	fmt.Println()
	n := 0
	for x := range 110 {
		fmt.Print(mixed(x, func(i int) int { n++; return i }))
	}
	fmt.Println(n)
}
