// Labels belong to a goroutine, are inherited, and stand in the goroutine profile; profiles that count goroutines and threads.
package main

import (
	"bytes"
	"context"
	"fmt"
	"runtime"
	"runtime/pprof"
	"strings"
)

func show(title string) {
	var b bytes.Buffer
	if err := pprof.Lookup("goroutine").WriteTo(&b, 1); err != nil {
		fmt.Println(err)
	}
	lines := map[string]int{}
	for _, block := range strings.Split(b.String(), "\n\n") {
		for _, line := range strings.Split(block, "\n") {
			if labels, ok := strings.CutPrefix(line, "# labels: "); ok {
				var n int
				fmt.Sscan(block[strings.LastIndex(block[:strings.Index(block, "@")], "\n")+1:], &n)
				lines[labels] += n
			}
		}
	}
	fmt.Println(title, lines)
}

func blocked(stop chan bool) { <-stop }

func main() {
	ctx := context.Background()
	stop := make(chan bool)
	ready := make(chan bool)
	pprof.Do(ctx, pprof.Labels("a", "b"), func(ctx context.Context) {
		fmt.Println(pprof.Label(ctx, "a"))
		for i := 0; i < 3; i++ {
			go func() { ready <- true; blocked(stop) }()
			<-ready
		}
		pprof.Do(ctx, pprof.Labels("c", "d"), func(ctx context.Context) {
			pprof.ForLabels(ctx, func(k, v string) bool { fmt.Println(k, v); return true })
			go func() {
				pprof.SetGoroutineLabels(context.Background())
				ready <- true
				blocked(stop)
			}()
			<-ready
			go func() { ready <- true; blocked(stop) }()
			<-ready
			show("inner")
		})
		show("outer")
	})
	show("none")
	runtime.GC()

	records := make([]runtime.StackRecord, 10)
	n, ok := runtime.GoroutineProfile(records)
	found := 0
	for _, r := range records[:n] {
		frames := runtime.CallersFrames(r.Stack())
		for {
			frame, more := frames.Next()
			if frame.Function == "main.blocked" {
				found++
			}
			if !more {
				break
			}
		}
	}
	fmt.Println(n, ok, found)
	_, ok = runtime.GoroutineProfile(records[:2])
	fmt.Println(ok)
	n, ok = runtime.ThreadCreateProfile(nil)
	fmt.Println(n > 0, ok)
	n, ok = runtime.ThreadCreateProfile(make([]runtime.StackRecord, 1000))
	fmt.Println(n > 0, ok, pprof.Lookup("threadcreate").Count() > 0)
	var b bytes.Buffer
	for _, p := range []string{"goroutine", "threadcreate", "heap", "allocs"} {
		b.Reset()
		fmt.Println(p, pprof.Lookup(p).WriteTo(&b, 0), b.Len() > 0)
	}
	b.Reset()
	fmt.Println(pprof.Lookup("goroutine").WriteTo(&b, 2), strings.Count(b.String(), "main.blocked("))
	close(stop)
}
