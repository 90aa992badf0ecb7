package main

import "fmt"

// recover works in the function that the panic machinery calls, through compiler-made wrappers too, and nowhere else.

type T struct{ n int }

func (t T) M() { fmt.Println("M", t.n, recover()) }

type I interface{ M() }

func helper() any { return recover() }

func viaInterface() {
	var i I = &T{1}
	defer i.M()
	panic("a")
}

func viaDeferRecover() {
	defer fmt.Println("not reached by the panic")
	defer func() {
		defer recover()
	}()
	panic("b")
}

func notTooDeep() {
	defer func() { fmt.Println("outer", recover()) }()
	defer func() { fmt.Println("helper", helper()) }()
	panic("c")
}

func value() (r int, err error) {
	defer func() {
		if e := recover(); e != nil {
			r, err = 42, fmt.Errorf("recovered: %v", e)
		}
	}()
	var p *T
	return p.n, nil
}

func main() {
	viaInterface()
	viaDeferRecover()
	notTooDeep()
	fmt.Println(value())
}
