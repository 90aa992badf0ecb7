// The kinds of range, and labels.
package main

func ints(n int) (s int) {
	for i := range n {
		s += i
	}
	return
}

func slices(xs []int) (s int) {
	for i, x := range xs {
		s += i * x
	}
	return
}

func arrays(xs *[3]int) (s int) {
	for i := range xs {
		s += xs[i]
	}
	return
}

func strs(s string) (n rune) {
	for _, r := range s {
		n += r
	}
	return
}

func funcs(seq func(func(int) bool)) int {
	for x := range seq {
		if x > 3 {
			return x
		}
	}
	return 0
}

func labels(n int) (s int) {
outer:
	for i := 0; i < n; i++ {
		for j := 0; ; j++ {
			switch {
			case j == i:
				continue outer
			case j > 5:
				break outer
			}
			s++
		}
	}
	return
}

func main() {
	ints(3)
	slices(nil)
	arrays(new([3]int))
	strs("é")
	funcs(func(yield func(int) bool) { yield(4) })
	labels(3)
}
