// AllThreadsSyscall changes every thread: those that run, wait in the runtime, sit in a system call, or come later.
package main

import (
	"fmt"
	"os"
	"runtime"
	"sync"
	"syscall"
)

const (
	prGetKeepCaps = 7
	prSetKeepCaps = 8
)

func keepCaps() uintptr {
	v, _, err := syscall.RawSyscall(syscall.SYS_PRCTL, prGetKeepCaps, 0, 0)
	if err != 0 {
		panic(err)
	}
	return v
}

func main() {
	r, w, err := os.Pipe()
	if err != nil {
		panic(err)
	}
	// A thread in a system call that blocks.
	go func() {
		runtime.LockOSThread()
		var b [1]byte
		syscall.Read(int(r.Fd()), b[:])
	}()
	const n = 6
	var ready, done sync.WaitGroup
	ask := make([]chan uintptr, n)
	answered := make(chan bool)
	for i := range n {
		ask[i] = make(chan uintptr)
		ready.Add(1)
		done.Add(1)
		go func() {
			runtime.LockOSThread()
			ready.Done()
			for want := range ask[i] {
				if v := keepCaps(); v != want {
					fmt.Println("thread", i, "has", v, "not", want)
				}
				answered <- true
			}
			done.Done()
		}()
	}
	ready.Wait()
	for k := range 20 {
		want := uintptr(k+1) % 2
		if _, _, err := syscall.AllThreadsSyscall(syscall.SYS_PRCTL, prSetKeepCaps, want, 0); err != 0 {
			panic(err)
		}
		if v := keepCaps(); v != want {
			fmt.Println("the caller has", v)
		}
		for i := range n {
			ask[i] <- want
			<-answered
		}
	}
	for i := range n {
		close(ask[i])
	}
	done.Wait()
	_, _, err = syscall.AllThreadsSyscall(syscall.SYS_PRCTL, 1<<20, 0, 0)
	fmt.Println(err)
	w.Close()
}
