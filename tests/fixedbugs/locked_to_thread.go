// Headers of goroutines say that they are locked to their threads.
package main

import (
	"fmt"
	"runtime"
	"strings"
)

func init() { show("init") }

func main() {
	show("main")
	c, done := make(chan bool), make(chan bool)
	go func() {
		runtime.LockOSThread()
		runtime.LockOSThread()
		show("twice")
		c <- true
		<-c
		runtime.UnlockOSThread()
		show("once")
		runtime.UnlockOSThread()
		show("unlocked")
		done <- true
	}()
	<-c
	// It may be on its way still.
	for !strings.Contains(all(), "[chan receive, locked to thread]:") {
		runtime.Gosched()
	}
	c <- true
	<-done
}

func show(name string) {
	buf := make([]byte, 1000)
	line, _, _ := strings.Cut(string(buf[:runtime.Stack(buf, false)]), "\n")
	_, state, _ := strings.Cut(line, "[")
	fmt.Println(name, state)
}

func all() string {
	buf := make([]byte, 10000)
	return string(buf[:runtime.Stack(buf, true)])
}
