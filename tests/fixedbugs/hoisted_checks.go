package main

import (
	"fmt"
	"runtime"
	"strings"
)

// What a loop does the same way in each turn is done before it: only if there is a turn, in the same order, and from the same line.

type row struct {
	cells []int
	next  *row
}

//go:noinline
func sum(rows []row, i, n int) (s int) {
	for k := 0; k < n; k++ {
		s += rows[i].cells[k]
	}
	return s
}

//go:noinline
func sumOf(r *row, n int) (s int) {
	for k := 0; k < n; k++ {
		s += r.cells[k] + len(r.next.cells)
	}
	return s
}

//go:noinline
func counted(r *row, n int, done *int) (s int) {
	for k := 0; k < n; k++ {
		*done++
		s += r.cells[k]
	}
	return s
}

//go:noinline
func grows(r *row, n int) int {
	for k := 0; k < n; k++ {
		r.cells = append(r.cells, len(r.cells))
	}
	return len(r.cells)
}

//go:noinline
func second(a, b []int, n int) (s int) {
	for k := 0; k < n; k++ {
		s += a[k] / b[2]
	}
	return s
}

//go:noinline
func nested(m [][]int, n int) (s int) {
	for i := 0; i < n; i++ {
		for j := 0; j < n; j++ {
			for k := 0; k < n; k++ {
				s += m[i][k] * m[k][j]
			}
		}
	}
	return s
}

type tree struct {
	left, right *tree
	n           int
}

func (t *tree) sum() int {
	if t.left == nil {
		return t.n
	}
	return t.n + t.left.sum() + t.right.sum()
}

func fib(n int) int {
	if n < 2 {
		return n
	}
	return fib(n-1) + fib(n-2)
}

func ackermann(m, n int) int {
	if m == 0 {
		return n + 1
	}
	if n == 0 {
		return ackermann(m-1, 1)
	}
	return ackermann(m-1, ackermann(m, n-1))
}

func words(s string) (string, bool) {
	if s == "" {
		return "", true
	}
	rest, ok := words(s[1:])
	return rest + s[:1], !ok
}

func try(what string, f func() int) {
	defer func() {
		if e := recover(); e != nil {
			pcs := make([]uintptr, 20)
			frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs)])
			for {
				f, more := frames.Next()
				if strings.HasPrefix(f.Function, "main.") {
					fmt.Println(what, "panics:", e, "in", f.Function, "line", f.Line)
					return
				}
				if !more {
					return
				}
			}
		}
	}()
	fmt.Println(what, f())
}

func main() {
	rows := []row{{cells: []int{1, 2, 3}}, {cells: []int{4, 5, 6}, next: &row{cells: []int{7}}}}
	try("sum", func() int { return sum(rows, 1, 3) })
	try("no turn", func() int { return sum(nil, 5, 0) })
	try("row", func() int { return sum(rows, 2, 3) })
	try("cell", func() int { return sum(rows, 1, 4) })
	try("both", func() int { return sumOf(&rows[1], 3) })
	try("nil", func() int { return sumOf(nil, 3) })
	try("next", func() int { return sumOf(&rows[0], 3) })
	try("nil, no turn", func() int { return sumOf(nil, 0) })
	done := 0
	try("counted", func() int { return counted(nil, 2, &done) })
	fmt.Println(done)
	try("counted", func() int { return counted(&rows[0], 9, &done) })
	fmt.Println(done)
	try("grows", func() int { return grows(&rows[0], 100) })
	try("first index", func() int { return second(nil, nil, 1) })
	try("second index", func() int { return second([]int{1}, []int{1}, 1) })
	try("division", func() int { return second([]int{1}, []int{1, 2, 0}, 1) })
	try("nested", func() int { return nested([][]int{{1, 2}, {3, 4}}, 2) })
	try("ragged", func() int { return nested([][]int{{1, 2}, {3}}, 2) })

	t := &tree{n: 1}
	for i := range 10 {
		t = &tree{t, &tree{n: i}, i}
	}
	try("tree", t.sum)
	t.left.right = nil
	try("broken tree", t.sum)
	try("fib", func() int { return fib(20) })
	try("ackermann", func() int { return ackermann(2, 9) })
	fmt.Println(words("recursion"))
}
