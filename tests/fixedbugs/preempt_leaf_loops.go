// Loops whose time goes to leaf functions of the runtime are preempted when those return. (gc needs seconds to minutes here.)
package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
)

var sink int

var loops = []struct {
	name string
	run  func()
}{
	{"copy", func() {
		a, b := make([]byte, 1<<20), make([]byte, 1<<20)
		for {
			copy(a, b)
		}
	}},
	{"clear", func() {
		a := make([]byte, 1<<20)
		for {
			clear(a)
		}
	}},
	{"index", func() {
		a := make([]byte, 1<<20)
		for {
			sink += bytes.IndexByte(a, 1)
		}
	}},
	{"compare", func() {
		a, b := make([]byte, 1<<20), make([]byte, 1<<20)
		for {
			sink += bytes.Compare(a, b)
		}
	}},
	{"getpid", func() {
		for {
			sink += os.Getpid()
		}
	}},
	{"goroutines", func() {
		for {
			sink += runtime.NumGoroutine()
		}
	}},
}

func main() {
	if len(os.Args) > 1 {
		child(os.Args[1])
		return
	}
	self, err := os.Executable()
	if err != nil {
		panic(err)
	}
	for _, l := range loops {
		out, err := exec.Command(self, l.name).Output()
		fmt.Println(l.name, strings.TrimSpace(string(out)), err)
	}
}

func child(name string) {
	for _, l := range loops {
		if l.name != name {
			continue
		}
		runtime.GOMAXPROCS(1)
		go l.run()
		runtime.Gosched()
		runtime.GOMAXPROCS(2)
		go l.run()
		runtime.GC()
		os.Stdout.WriteString("done")
	}
}
