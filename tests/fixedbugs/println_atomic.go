// Print statements of several goroutines, with prints inside of prints, do not mix within a statement.
package main

import (
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
)

func main() {
	if len(os.Args) > 1 {
		var wg sync.WaitGroup
		for i := range 4 {
			wg.Add(1)
			go func() {
				defer wg.Done()
				for range 300 {
					println("aaaa", 12345, "bbbb", i, inner(i))
				}
			}()
		}
		wg.Wait()
		return
	}
	self, err := os.Executable()
	if err != nil {
		panic(err)
	}
	c := exec.Command(self, "x")
	var text strings.Builder
	c.Stderr = &text
	err = c.Run()
	whole := regexp.MustCompile(`^(aaaa 12345 bbbb [0-3] true|inner 1[0-3])$`)
	lines := strings.Split(strings.TrimSuffix(text.String(), "\n"), "\n")
	mixed := 0
	for _, l := range lines {
		if !whole.MatchString(l) {
			mixed++
		}
	}
	fmt.Println(len(lines), mixed, err)
}

func inner(i int) bool {
	println("inner", i+10)
	return true
}
