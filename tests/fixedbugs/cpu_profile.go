// The CPU profile: functions, inlined ones too, labels, goroutines of other threads, and what must not be there.
package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"runtime"
	"runtime/pprof"
	"strings"
	"sync"
	"time"
)

var sink int

func inner(x, n int) int {
	for i := 0; i < n; i++ {
		x = x*31 + i
	}
	return x
}

//go:noinline
func outer(x int) int { return inner(x, 100000) }

//go:noinline
func elsewhere(x int) int { return inner(x, 100001) }

//go:noinline
func never(x int) int { return inner(x, 100002) }

// deep has its samples on several segments of the stack.
//
//go:noinline
func deep(n, x int) int {
	var pad [200]int
	pad[n%200] = x
	if n == 0 {
		return outer(x)
	}
	return deep(n-1, x) + pad[(n+1)%200]
}

func spend(d time.Duration) {
	var wg sync.WaitGroup
	wg.Go(func() {
		runtime.LockOSThread() // a thread of its own, perhaps a new one
		for end := time.Now().Add(d); time.Now().Before(end); {
			sink += elsewhere(1)
		}
	})
	pprof.Do(context.Background(), pprof.Labels("job", "spending"), func(context.Context) {
		for end := time.Now().Add(d); time.Now().Before(end); {
			sink += deep(50, 1)
			_ = strings.Repeat("x", 10000)
			func() {
				defer func() { recover() }()
				var p *int
				*p = 1
			}()
		}
	})
	wg.Wait()
}

func profile(d time.Duration) string {
	var b bytes.Buffer
	if err := pprof.StartCPUProfile(&b); err != nil {
		panic(err)
	}
	if err := pprof.StartCPUProfile(io.Discard); err == nil {
		fmt.Println("two profiles")
	}
	spend(d)
	pprof.StopCPUProfile()
	r, err := gzip.NewReader(&b)
	if err != nil {
		panic(err)
	}
	text, err := io.ReadAll(r)
	if err != nil {
		panic(err)
	}
	return string(text)
}

func main() {
	wanted := []string{"main.inner", "main.outer", "main.deep", "main.spend", "main.elsewhere", "job", "spending", "samples", "nanoseconds"}
	d := 100 * time.Millisecond
	for {
		text := profile(d)
		missing := ""
		for _, name := range wanted {
			if !strings.Contains(text, name) {
				missing = name
			}
		}
		if strings.Contains(text, "main.never") {
			fmt.Println("a function that was not called")
		}
		if missing == "" {
			break
		}
		if d *= 2; d > 10*time.Second {
			fmt.Println("missing:", missing)
			break
		}
	}
	// Profiles that end at once.
	for range 5 {
		var b bytes.Buffer
		pprof.StartCPUProfile(&b)
		pprof.StopCPUProfile()
		if b.Len() == 0 {
			fmt.Println("empty")
		}
	}
	pprof.StopCPUProfile()
	if sink == 0 {
		sink = never(1)
	}
	fmt.Println("done")
}
