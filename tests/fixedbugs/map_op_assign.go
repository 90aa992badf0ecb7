// An assignment operation on a map's element looks it up once, as a write, so races of two are concurrent writes. A division
// that panics does not make the element.
package main

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"os/exec"
	"strings"
)

type key struct {
	a string
	b any
}

func main() {
	if len(os.Args) > 1 {
		race()
	}
	ints := map[int]int{1: 5}
	ints[1]++
	ints[2]--
	ints[1] <<= 3
	ints[3] |= 6
	fmt.Println(ints)

	words := map[string]string{"a": "x"}
	words["a"] += "y"
	words["b"] += words["a"] + "z"
	fmt.Println(words)

	keys := map[key]float64{}
	keys[key{"k", 1}] += 0.5
	keys[key{"k", 1}] *= 3
	keys[key{"l", "1"}] -= 1
	fmt.Println(keys)

	nan := map[float64]int{}
	nan[math.NaN()]++
	nan[math.NaN()] += 2
	fmt.Println(len(nan))

	fmt.Println(try(func() { ints[7] /= zero }), ints)
	fmt.Println(try(func() { ints[8] %= zero }), ints)
	fmt.Println(try(func() { ints[10] += f() }), len(ints))
	fmt.Println(try(func() { var m map[int]int; m[1]++ }))
	fmt.Println(try(func() { var m map[int]int; m[1] /= zero }))
	fmt.Println(try(func() { var m map[any]int; m[[]int{}]++ }))

	self, err := os.Executable()
	if err != nil {
		panic(err)
	}
	c := exec.Command(self, "race")
	c.Env = append(os.Environ(), "GOMAXPROCS=4")
	var text bytes.Buffer
	c.Stderr = &text
	err = c.Run()
	first, _, _ := strings.Cut(text.String(), "\n")
	fmt.Println(first, err)
}

var zero int

func f() int { panic("f") }

func try(f func()) (r any) {
	defer func() { r = recover() }()
	f()
	return
}

func race() {
	m := map[int]int{}
	go func() {
		for {
			m[1]++
		}
	}()
	for {
		m[2]++
	}
}
