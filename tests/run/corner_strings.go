// Strings: iteration over invalid UTF-8, conversions, comparison, slices that share or copy.
package main

import (
	"fmt"
	"strings"
	"unsafe"
)

type (
	text  string
	octet byte
	runes []rune
)

//go:noinline
func id[T any](x T) T { return x }

func show(s string) {
	fmt.Printf("%q:", s)
	for i, r := range s {
		fmt.Printf(" %d=%U", i, r)
	}
	n := 0
	for range s {
		n++
	}
	fmt.Println(" ", n, len(s), len([]rune(s)), []byte(s), string([]rune(s)) == s)
}

func main() {
	for _, s := range []string{
		"", "abc", "héllo", "日本語", "\xff", "a\xffb", "\xe6\x97", "\xe6\x97\xa5\xe6", "\xc0\x80", "\xed\xa0\x80",
		"\xf4\x90\x80\x80", "\xf0\x9f\x98\x80", "\xf0\x9f\x98", "\x80\x80", "\u0000x", strings.Repeat("é\xfe", 20),
	} {
		show(id(s))
	}
	t := text("typed é")
	for i, r := range t {
		if r > 127 {
			fmt.Println(i, r, t[i:], []byte(t)[i], []octet(t)[i], runes(t)[i])
		}
	}
	fmt.Println(text(runes{0x10ffff, -1, 0xd800, 'x'}), string([]octet{65, 66}), string(id[[]byte](nil)) == "")
	b := []byte("hello")
	s := string(b)
	b[0] = 'j'
	fmt.Println(s, string(b))
	m := map[string]int{"hello": 1}
	m[string(b)]++
	b[0] = 'h'
	fmt.Println(m[string(b)], m["jello"], len(m))
	for i, c := range []byte(s) {
		if i == 0 {
			s = "changed"
		}
		fmt.Print(string(rune(c)), " ")
	}
	fmt.Println(s)
	fmt.Println(id("a") < id("b"), id("a") < id("aa"), id("") < id("\x00"), id("ab") > id("aa"), id("é") > id("z"), id("x")+id("") == "x")
	x := id("same bytes, other place")
	y := strings.Clone(x)
	fmt.Println(x == y, unsafe.StringData(x) == unsafe.StringData(y), unsafe.StringData(x[3:]) == unsafe.StringData(x[3:8]))
	var parts []string
	for i := range 5 {
		parts = append(parts, strings.Repeat(string(rune('a'+i)), i))
	}
	p := id(parts)
	fmt.Println(p[0]+p[1]+p[2]+p[3]+p[4], p[0]+p[0], len(p[4]+p[3]))
	switch id("two") {
	case "one", "two":
		fmt.Println("found")
	default:
		fmt.Println("lost")
	}
	var builder []byte
	builder = append(builder, "string to bytes"...)
	n := copy(builder[3:], "XYZ")
	fmt.Println(string(builder), n, copy(builder, id("")), cap(append([]byte(nil), "123456789"...)) >= 9)
	fmt.Println("\x41\101\u0041\U00000041", `raw\n`, len(`a
b`), '\'', "\"", '\a', "\v"[0])
}
