// Tracebacks show what a function was called with, or say that they do not know, whatever the function does to its parameters.
package main

import (
	"fmt"
	"runtime"
	"strings"
)

var shown, wrong int

// check compares what the traceback says of function `name` with the words.
//
//go:noinline
func check(name string, words ...uint64) {
	buf := make([]byte, 4096)
	text := string(buf[:runtime.Stack(buf, false)])
	_, rest, found := strings.Cut(text, "main."+name+"(")
	line, _, _ := strings.Cut(rest, "\n")
	line = strings.TrimSuffix(line, ")")
	list := strings.FieldsFunc(line, func(r rune) bool { return strings.ContainsRune("{}, ", r) })
	if !found || len(list) != len(words) {
		fmt.Println(name, "is not there as expected:", text)
		return
	}
	for i, word := range list {
		if word == "_" || strings.HasSuffix(word, "?") {
			continue
		}
		shown++
		if word != fmt.Sprintf("%#x", words[i]) {
			wrong++
			fmt.Println(name, i, "is", word, "but should be", fmt.Sprintf("%#x", words[i]))
		}
	}
}

//go:noinline
func opaque(n int) int { return n + 1 }

//go:noinline
func changes(a, b, c, d int) int {
	a0, b0, c0, d0 := uint64(a), uint64(b), uint64(c), uint64(d)
	for i := range 3 {
		check("changes", a0, b0, c0, d0)
		a += b
		b = opaque(b) * i
		check("changes", a0, b0, c0, d0)
		c, d = d, c
	}
	check("changes", a0, b0, c0, d0)
	return a + b + c + d
}

//go:noinline
func swaps(a, b, c, d, e, f, g, h int) int {
	w := []uint64{uint64(a), uint64(b), uint64(c), uint64(d), uint64(e), uint64(f), uint64(g), uint64(h)}
	for range 5 {
		a, b, c, d, e, f, g, h = opaque(b), c, d, e, f, g, h, a
		check("swaps", w...)
	}
	g, h = opaque(h), opaque(g)
	check("swaps", w...)
	return a + b*2 + c*3 + d*4 + e*5 + f*6 + g*7 + h*8
}

//go:noinline
func narrow(a int8, b uint16, c bool, d int32, e byte) int {
	w := []uint64{uint64(uint8(a)), uint64(b), 0, uint64(uint32(d)), uint64(e)}
	if c {
		w[2] = 1
	}
	check("narrow", w...)
	a, d = int8(opaque(int(a))), d*int32(b)
	check("narrow", w...)
	if c && opaque(int(d)) > 0 {
		b++
		check("narrow", w...)
	}
	return int(a) + int(b) + int(d) + int(e)
}

//go:noinline
func text(s string, n int) int {
	l := uint64(len(s))
	sum := 0
	for len(s) > 0 {
		if n0 := opaque(n); n0 > sum {
			sum += int(s[0])
		}
		s = s[1:]
		checkText(l, 7)
		n--
	}
	return sum + n
}

// The first word is an address.
//
//go:noinline
func checkText(words ...uint64) {
	buf := make([]byte, 4096)
	text := string(buf[:runtime.Stack(buf, false)])
	_, rest, _ := strings.Cut(text, "main.text({")
	_, rest, _ = strings.Cut(rest, ", ")
	length, rest, _ := strings.Cut(rest, "}, ")
	n, _, _ := strings.Cut(rest, ")")
	for i, word := range []string{length, n} {
		if word != "_" && !strings.HasSuffix(word, "?") && word != fmt.Sprintf("%#x", words[i]) {
			wrong++
			fmt.Println("text", i, word, words[i])
		}
	}
}

//go:noinline
func branches(a, b, c int) (sum int) {
	w := []uint64{uint64(a), uint64(b), uint64(c)}
	switch {
	case a > 10:
		check("branches", w...)
		sum = opaque(a) + b
	case a > 5:
		b, c = c, b
		check("branches", w...)
		sum = b
	default:
		c = opaque(c)
	}
	check("branches", w...)
	defer func() {
		recover()
		check("branches", w...)
		sum += a
	}()
	if a == 3 {
		panic(a)
	}
	return sum + a + b + c
}

//go:noinline
func deep(n, m int) int {
	if n > 0 {
		k := deep(n-1, opaque(m))
		m *= k
		return k + m + n
	}
	buf := make([]byte, 1<<16)
	text := string(buf[:runtime.Stack(buf, false)])
	for i := range 20 {
		_, text, _ = strings.Cut(text, "main.deep(")
		line, _, _ := strings.Cut(text, ")\n")
		words := strings.Split(line, ", ")
		for k, want := range []int{i, 120 - i} {
			if word := words[k]; word != "_" && !strings.HasSuffix(word, "?") && word != fmt.Sprintf("%#x", want) {
				wrong++
				fmt.Println("deep", i, k, word, want)
			}
		}
	}
	return m
}

func main() {
	changes(1, 2, 3, 4)
	swaps(11, 12, 13, 14, 15, 16, 17, 18)
	narrow(-1, 2, true, -3, 255)
	text("abcdefg", 7)
	for _, n := range []int{20, 7, 3} {
		branches(n, 1, 2)
	}
	deep(20, 100)
	fmt.Println(shown > 20, wrong)
}
