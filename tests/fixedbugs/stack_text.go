// runtime.Stack and runtime.Callers: the middle of a deep stack is left out of texts, never of lists; goroutines that have not
// run yet have a frame, too.
package main

import (
	"fmt"
	"runtime"
	"strings"
)

//go:noinline
func recurse(n int, f func()) int {
	if n == 0 {
		f()
		return 0
	}
	return recurse(n-1, f) + 1
}

// show prints the functions of a traceback, equal neighbours once.
func show(text string) {
	last, count := "", 0
	flush := func() {
		if count > 0 {
			fmt.Println(last, count)
		}
	}
	for _, line := range strings.Split(text, "\n") {
		if line == "" || strings.HasPrefix(line, "\t") || strings.HasPrefix(line, "goroutine ") && !strings.HasPrefix(line, "goroutine 1 ") {
			continue
		}
		if i := strings.LastIndex(line, "("); i > 0 && strings.HasSuffix(line, ")") {
			line = line[:i]
		}
		if line != last {
			flush()
			last, count = line, 0
		}
		count++
	}
	flush()
}

func blocked() { select {} }

func main() {
	runtime.GOMAXPROCS(1) // so that none of them runs yet
	for i := 0; i < 3; i++ {
		go blocked()
	}
	buf := make([]byte, 1<<20)
	for _, n := range []int{0, 50, 97, 98, 99, 300} {
		recurse(n, func() { show(string(buf[:runtime.Stack(buf, n == 0)])) })
	}
	fmt.Println(runtime.Stack(buf[:10], false), string(buf[:10]), runtime.Stack(nil, false))

	// Lists of callers have all, however they are asked for.
	for _, n := range []int{0, 31, 32, 33, 1000, 300000} {
		recurse(n, func() {
			pcs := make([]uintptr, n+100)
			k := runtime.Callers(0, pcs)
			m := runtime.Callers(3, pcs[k:])
			few := runtime.Callers(1, make([]uintptr, 7))
			names := map[string]int{}
			frames := runtime.CallersFrames(pcs[:k])
			for {
				f, more := frames.Next()
				names[f.Function]++
				if !more {
					break
				}
			}
			fmt.Println(n, k, m, few, names["main.recurse"], names["main.main"], names["runtime.goexit"])
		})
	}
}
