// What becomes of a process that gets a signal nobody asked for, or that it does not want any more, or that it was
// started to ignore.
package main

import (
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"strings"
	"syscall"
)

func main() {
	runtime.LockOSThread()
	if len(os.Args) > 1 {
		child(os.Args[1])
		return
	}
	for sig := 1; sig <= 64; sig++ {
		switch sig {
		case 9, 18, 19, 20, 21, 22, 32, 34: // stop or resume it, or are left as they are
			continue
		}
		run("plain", sig)
	}
	for _, sig := range []int{1, 2, 10, 14, 15, 17, 20, 23, 28, 35} {
		run("reset", sig)
	}
	for _, sig := range []int{2, 3, 10, 15, 20} {
		run("ignore", sig)
		run("ignore-reset", sig)
	}
	signal.Ignore(syscall.SIGHUP, syscall.SIGINT, syscall.SIGUSR1, syscall.SIGTERM)
	for _, sig := range []int{1, 2, 10, 15} {
		run("plain", sig)
		run("notify", sig)
		run("reset", sig)
	}
	run("dump", 3)
}

func run(mode string, sig int) {
	self, err := os.Executable()
	if err != nil {
		panic(err)
	}
	c := exec.Command(self, fmt.Sprint(mode, " ", sig))
	var out, text strings.Builder
	c.Stdout, c.Stderr = &out, &text
	c.Run()
	first, rest, _ := strings.Cut(text.String(), "\n")
	fmt.Println(mode, sig, c.ProcessState, strings.TrimSpace(out.String()), first)
	if mode == "dump" {
		for _, want := range []string{"goroutine 1 ", "\nmain.dump(", "\nmain.child(", "\nmain.main(", "\nruntime.main(",
			"\nmain.sleeper(", "\ncreated by main.dump in goroutine 1\n", "\nrax    0x", "\nrip    0x", "\ngs     0x"} {
			fmt.Printf("%q %v\n", want, strings.Contains(rest, want))
		}
	}
}

func child(arg string) {
	var mode string
	var n int
	fmt.Sscan(arg, &mode, &n)
	sig := syscall.Signal(n)
	c := make(chan os.Signal, 1)
	fmt.Print(signal.Ignored(sig), " ")
	switch mode {
	case "reset":
		signal.Notify(c, sig)
		signal.Reset(sig)
	case "ignore":
		signal.Ignore(sig)
	case "ignore-reset":
		signal.Ignore(sig)
		signal.Reset(sig)
	case "notify":
		signal.Notify(c, sig)
		raise(sig)
		fmt.Print(<-c, " ")
		signal.Stop(c)
	case "dump":
		dump(sig)
	}
	raise(sig)
	fmt.Print(signal.Ignored(sig), " alive")
}

//go:noinline
func raise(sig syscall.Signal) {
	// To this thread, so it has arrived when the call returns.
	syscall.Syscall(syscall.SYS_TGKILL, uintptr(os.Getpid()), uintptr(syscall.Gettid()), uintptr(sig))
}

//go:noinline
func dump(sig syscall.Signal) {
	c := make(chan int)
	go sleeper(c)
	<-c
	syscall.Syscall(syscall.SYS_TGKILL, uintptr(os.Getpid()), uintptr(syscall.Gettid()), uintptr(sig))
}

//go:noinline
func sleeper(c chan int) {
	c <- 1
	<-c
}
