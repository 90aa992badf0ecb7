// debug.SetCrashOutput: what a dying process says goes there, too; the address of all method values.
package main

import (
	"fmt"
	"os"
	"os/exec"
	"reflect"
	"runtime"
	"runtime/debug"
	"strings"
)

type T struct{ n int }

func (t T) M(x int) int { return t.n + x }

func crash(how string) {
	f, err := os.Create(os.Getenv("CRASH"))
	if err != nil {
		panic(err)
	}
	println("before")
	fmt.Fprintln(os.Stderr, debug.SetCrashOutput(f, debug.CrashOptions{}))
	f.Close()
	switch how {
	case "panic":
		panic("on purpose")
	case "fault":
		var p *T
		p.n++
	case "deadlock":
		select {}
	case "off":
		debug.SetCrashOutput(nil, debug.CrashOptions{})
		panic("not to the file")
	}
}

func main() {
	if len(os.Args) > 1 {
		crash(os.Args[1])
	}
	dir, err := os.MkdirTemp("", "crash")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	for _, how := range []string{"panic", "fault", "deadlock", "off"} {
		cmd := exec.Command(os.Args[0], how)
		cmd.Env = append(os.Environ(), "CRASH="+dir+"/"+how)
		out, err := cmd.CombinedOutput()
		text, _ := os.ReadFile(dir + "/" + how)
		first, _, _ := strings.Cut(string(text), "\n")
		if how == "deadlock" {
			first = "" // gc begins with the stacks
		}
		fmt.Printf("%s: %v %q %v %v\n", how, err, first, len(text) > 0, strings.HasSuffix(string(out), string(text)))
	}

	// All method values share their code.
	v := reflect.ValueOf(T{1})
	m, n := v.Method(0), reflect.ValueOf(T{2}).Method(0)
	fmt.Println(m.Pointer() == n.Pointer(), m.Pointer() != 0, m.Call([]reflect.Value{reflect.ValueOf(5)})[0])
	fmt.Println(runtime.FuncForPC(m.Pointer()).Name())
}
