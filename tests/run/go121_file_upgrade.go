// -lang=go1.21
//
//go:build go1.22

// The file asks for the rules of go1.22.
package main

import "fmt"

type T struct{ n int }

func main() {
	var fs []func() int
	var ps []*int
	for i := 0; i < 3; i++ {
		fs = append(fs, func() int { i += 10; return i })
		ps = append(ps, &i)
	}
	for i, j := 0, 10; i < j; i, j = i+1, j-3 {
		fs = append(fs, func() int { return i*100 + j })
	}
	for i, x := range []string{"a", "bc"} {
		fs = append(fs, func() int { return i*10 + len(x) })
	}
	for k := range map[string]int{"key": 1} {
		fs = append(fs, func() int { return len(k) })
	}
	for i, r := range "é€" {
		fs = append(fs, func() int { return i + int(r) })
	}
	ch := make(chan int, 2)
	ch <- 4
	ch <- 5
	close(ch)
	for x := range ch {
		fs = append(fs, func() int { return x })
	}
	for i, x := range [...]T{{1}, {2}} {
		p := &x
		fs = append(fs, func() int { p.n++; return p.n*10 + i })
	}
	for i := 0; i < 4; i++ {
		if i == 1 {
			i++
			continue
		}
		fs = append(fs, func() int { return i })
		i := i * 7
		fs = append(fs, func() int { return i })
	}
	var step func()
	// The function counts the variable of the iteration that made it.
	for i, n := 0, 0; i < 6 && n < 5; n++ {
		if step == nil {
			step = func() { i += 2 }
		}
		step()
		fs = append(fs, func() int { return i*100 + n })
	}
outer:
	for i := 0; i < 3; i++ {
		for j := 0; j < 3; j++ {
			fs = append(fs, func() int { return i*10 + j })
			if j == i {
				continue outer
			}
		}
	}
	for i := 0; i < 2; i++ {
		defer func() { fmt.Println("deferred", i) }()
	}
	i := 0
again:
	for j := 0; j < 2; j++ {
		fs = append(fs, func() int { return i*10 + j })
		if i++; i == 1 {
			goto again
		}
	}
	for _, f := range fs {
		fmt.Print(f(), " ")
	}
	fmt.Println()
	for _, f := range fs {
		fmt.Print(f(), " ")
	}
	fmt.Println()
	for _, p := range ps {
		fmt.Print(*p, " ")
	}
	fmt.Println()
}
