// Goroutines that do nothing but call the runtime are preempted: others run, and the world can be stopped.
package main

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"time"
)

var sink int
var pointer *int

var loops = []struct {
	name string
	run  func()
}{
	{"now", func() {
		for {
			time.Now()
		}
	}},
	{"select", func() {
		c := make(chan int)
		for {
			select {
			case <-c:
			default:
			}
		}
	}},
	{"chan", func() {
		c := make(chan int, 1)
		for {
			c <- 1
			<-c
		}
	}},
	{"ping-pong", func() {
		c, d := make(chan int), make(chan int)
		go func() {
			for {
				c <- <-d
			}
		}()
		for {
			d <- 1
			<-c
		}
	}},
	{"gc", func() {
		for {
			runtime.GC()
		}
	}},
	{"memstats", func() {
		var m runtime.MemStats
		for {
			runtime.ReadMemStats(&m)
		}
	}},
	{"map", func() {
		m := map[string]int{"a": 1, "b": 2}
		for {
			sink += m["a"]
		}
	}},
	{"new", func() {
		for {
			pointer = new(int)
		}
	}},
	{"open", func() {
		for {
			if f, err := os.Open("/dev/null"); err == nil {
				f.Close()
			}
		}
	}},
	{"error", func() {
		for {
			syscall.Close(-1)
		}
	}},
	{"println", func() {
		for {
			println("x")
		}
	}},
	{"index", func() {
		s := strings.Repeat("a", 1<<20)
		for {
			sink += strings.Index(s, "abbbbb")
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
