// Conversions between strings and bytes whose copies are left out, and those whose copies matter.
package main

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
)

var (
	str   = "hello world"
	long  = strings.Repeat("long ", 20)
	bytes = []byte("hello world")
	many  = []byte(strings.Repeat("many ", 20))
	m     = map[string]int{"hello world": 1, strings.Repeat("many ", 20): 2}
	sink  int
	kept  string
)

//go:noinline
func read(s string) (n int) {
	for _, c := range s {
		n += int(c)
	}
	return
}

//go:noinline
func readBytes(b []byte) (n int) {
	for _, c := range b {
		n = n*3 + int(c)
	}
	return
}

//go:noinline
func clobber(b []byte) int {
	for i := range b {
		b[i] = 'z'
	}
	return 1
}

//go:noinline
func keep(s string) string { return s }

//go:noinline
func readAndWrite(s string, b []byte) string {
	b[0] = '!'
	return strings.Clone(s)
}

func number(b []byte) int {
	n, err := strconv.Atoi(string(b))
	if err != nil {
		return -1
	}
	return n
}

func kind(b []byte) int {
	switch string(b) {
	case "a", "bb", "ccc":
		return 1
	case "dddd", "eeeee":
		return 2
	}
	return 3
}

// The bytes change while the string is in use.
func changing() {
	b := []byte("abcdef")
	s := string(b)
	b[0] = 'X'
	fmt.Println(s == "abcdef", s)

	s = string(b)
	clobber(b[:2])
	fmt.Println(s, string(b))

	t := string(b[2:])
	for i := range 3 {
		fmt.Print(t[i:], m[t], " ")
		b[2+i] = 'y'
	}
	fmt.Println(t == "cdef")

	u := string(b)
	n := read(u)
	b[1] = 'q'
	fmt.Println(n == read(u), read(string(b)) == n)

	v := string(b)
	w := []byte(v)
	b[3] = '#'
	fmt.Println(readBytes(w) == readBytes(b), readBytes(w) == readBytes([]byte(v)))

	x := readAndWrite(string(b), b)
	fmt.Println(x, string(b))

	var buf [8]byte
	copy(buf[:], "12345678")
	y := string(buf[:])
	buf[0] = '9'
	fmt.Println(read(y), y == "12345678", read(string(buf[:])))

	p := &buf[3]
	z := string(buf[:])
	*p = 'P'
	fmt.Println(len(z), z[3] == '4')
}

func loops() {
	b := []byte("0123456789")
	last := ""
	for i := range b {
		s := string(b[:i])
		if s < last {
			fmt.Print(s, "<", last, " ")
		}
		b[i/2] = byte('a' + i)
		last = s
	}
	fmt.Println(last)
	prev := []byte(nil)
	for i := range 3 {
		cur := []byte(str[i:])
		if i > 0 {
			fmt.Print(len(prev), prev[0], cur[0], " ")
		}
		cur[0]++
		prev = cur
	}
	fmt.Println()
	var all string
	for i := range 5 {
		t := all + string(rune('a'+i))
		if len(all) > 0 && t[:len(all)] != all {
			fmt.Println("changed")
		}
		all = t
	}
	fmt.Println(all)
}

func writes() {
	s := "constant"
	b := []byte(s)
	b[0] = 'K'
	fmt.Println(s, string(b), cap(b) >= len(b))
	c := []byte(s)
	copy(c, "xyz")
	fmt.Println(s, readBytes(c) == readBytes([]byte("xyzstant")))
	d := []byte(s)
	d = append(d[:2], '-')
	fmt.Println(s, readBytes(d) == readBytes([]byte("co-")))
	e := []byte("")
	fmt.Println(e == nil, len(e), len([]byte(s[:0])), []byte(s[8:]) == nil)
	clear(c)
	fmt.Println(s, readBytes(c))
	r := []rune("héllo")
	r[1] = 'e'
	fmt.Println(string(r), len(r))
}

func concat() {
	a, b, e := str[:3], str[6:], str[:0]
	x := a + b
	fmt.Println(len(x), x == "helworld", e+a == "hel", a+e == a, e+e == "", e+a+e == a, a+b+a == "helworldhel")
	kept = e + string(bytes)
	bytes[0] = 'J'
	fmt.Println(kept)
	bytes[0] = 'h'
	y := a + long
	fmt.Println(len(y), y[:5], y > x)
	z := "<" + string(bytes) + ">"
	bytes[1] = 'E'
	fmt.Println(z)
	bytes[1] = 'e'
	w := e + string(bytes)
	bytes[2] = 'L'
	fmt.Println(w == "hello world", read(w) == read("hello world"))
	bytes[2] = 'l'
}

func recovered() (s string) {
	b := []byte("before")
	t := string(b)
	defer func() {
		recover()
		s = t
	}()
	b[0] = 'X'
	panic(1)
}

func main() {
	changing()
	loops()
	writes()
	concat()
	fmt.Println(recovered(), kind([]byte("bb")), kind([]byte("eeeee")), kind(bytes), number([]byte("123")), number([]byte("x")))
	fmt.Println(strings.ToUpper(keep(string(many[:9]))))
	for _, t := range []struct {
		name string
		f    func()
	}{
		{"compare", func() {
			if string(bytes) == str && string(many) != long {
				sink++
			}
		}},
		{"order", func() {
			if string(many) < long {
				sink++
			}
		}},
		{"switch", func() { sink += kind(bytes) }},
		{"map", func() { sink += m[string(bytes)] + m[string(many)] }},
		{"comma ok", func() {
			if _, ok := m[string(many)]; ok {
				sink++
			}
		}},
		{"len", func() { sink += len(string(many)) }},
		{"argument", func() { sink += read(string(many[:20])) }},
		{"range", func() {
			for _, c := range string(many) {
				sink += int(c)
			}
		}},
		{"range bytes", func() {
			for _, c := range []byte(long) {
				sink += int(c)
			}
		}},
		{"bytes argument", func() { sink += readBytes([]byte(long)) }},
		{"written bytes", func() { sink += clobber([]byte(str)) }},
		{"short concat", func() { sink += len(str + "!") }},
		{"read concat", func() { sink += read(str + str) }},
		{"three", func() { sink += read(str + "," + str[:2]) }},
		{"rune", func() { sink += read(string(rune(sink&0xff + 1000))) }},
		{"runes", func() {
			for i, r := range []rune(str) {
				sink += i * int(r)
			}
		}},
		{"parse", func() { sink += number([]byte("12345")) }},
		{"kept", func() { kept = string(bytes) }},
	} {
		fmt.Println(t.name, testing.AllocsPerRun(50, t.f))
	}
}
