package main

// FuncForPC knows a function for each entry of a list of callers, also where calls were inlined.

import (
	"fmt"
	"runtime"
	"sync"
)

var once sync.Once

func inlined() {
	once.Do(func() {
		pcs := make([]uintptr, 25)
		for _, pc := range pcs[:runtime.Callers(0, pcs)] {
			f := runtime.FuncForPC(pc)
			file, line := f.FileLine(pc)
			fmt.Println(f.Name() != "", file != "", line > 0)
		}
	})
}

func main() { inlined() }
