package main

import (
	"errors"
	"fmt"
	"os"
	"runtime"
)

func named() (result int, err error) {
	defer func() {
		if r := recover(); r != nil {
			result, err = -1, fmt.Errorf("recovered: %v", r)
		}
	}()
	var list []int
	return list[3], nil
}

func order() {
	for i := range 3 {
		defer fmt.Println("deferred", i)
	}
	fmt.Println("body")
}

func replaced() (text string) {
	defer func() { text = fmt.Sprint(recover()) }()
	defer func() { panic("second") }()
	panic("first")
}

func nested() string {
	defer func() {
		defer func() { fmt.Println("inner", recover()) }()
		panic("in defer")
	}()
	return "nested done"
}

func notDirect() (r any) {
	defer func() { r = recover() }()
	defer func() {
		func() {
			if recover() != nil {
				fmt.Println("wrong: recovered indirectly")
			}
		}()
	}()
	panic("direct only")
}

type divider struct{ n int }

func (d divider) by(m int) int { return d.n / m }

func faults() {
	try := func(name string, f func()) {
		defer func() {
			r := recover()
			err, ok := r.(runtime.Error)
			fmt.Println(name, ok, err)
		}()
		f()
	}
	zero := 0
	var m map[string]int
	var p *divider
	var x any = "text"
	var s []int
	try("divide", func() { fmt.Println(divider{1}.by(zero)) })
	try("map", func() { m["a"] = 1 })
	try("nil", func() { fmt.Println(p.n) })
	try("assert", func() { fmt.Println(x.(int)) })
	try("index", func() { fmt.Println(s[zero]) })
	try("slice", func() { fmt.Println(s[1:]) })
	try("convert", func() { fmt.Println([2]int(s)) })
	try("hash", func() { fmt.Println(map[any]int{[]int{}: 1}) })
	try("makeslice", func() { fmt.Println(make([]int, zero-1)) })
}

func main() {
	fmt.Println(named())
	order()
	fmt.Println(replaced())
	fmt.Println(nested())
	fmt.Println(notDirect())
	faults()
	done := make(chan bool)
	go func() {
		defer close(done)
		defer fmt.Println("goexit runs defers")
		runtime.Goexit()
	}()
	<-done
	fmt.Println(errors.Is(fmt.Errorf("wrapped: %w", os.ErrNotExist), os.ErrNotExist))
}
