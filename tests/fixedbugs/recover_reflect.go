package main

import (
	"fmt"
	"reflect"
	"runtime"
)

// recover works through the wrappers of package reflect, as it does through the compiler's; a deferred call's caller
// is the function that defers.

type T struct{ a, b, c int }

func (t T) M()  { fmt.Println("M", t, recover()) }
func (t *T) P() { fmt.Println("P", *t, recover()) }

type E struct{ *T }

func method(v any, i int) {
	f := reflect.ValueOf(v).Method(i).Interface().(func())
	defer func() { fmt.Println("left", recover()) }()
	defer f()
	panic(fmt.Sprint("method ", i))
}

func made() {
	f := reflect.MakeFunc(reflect.TypeFor[func()](), func([]reflect.Value) []reflect.Value {
		fmt.Println("made", recover())
		return nil
	}).Interface().(func())
	defer func() { fmt.Println("left", recover()) }()
	defer f()
	panic("made")
}

func called() {
	defer func() { fmt.Println("left", recover()) }()
	defer reflect.ValueOf(func() { fmt.Println("called", recover()) }).Call(nil)
	panic("called")
}

func nested() {
	defer func() { fmt.Println("left", recover()) }()
	defer func() { T{}.M() }()
	panic("nested")
}

func caller() {
	defer func() {
		for i := range 2 {
			_, _, line, _ := runtime.Caller(i)
			fmt.Println(line)
		}
	}()
}

func panicCaller() {
	defer func() {
		recover()
		for i := range 4 {
			pc, _, _, _ := runtime.Caller(i)
			fmt.Println(runtime.FuncForPC(pc).Name())
		}
	}()
	panic(1)
}

func main() {
	method(T{1, 2, 3}, 0)
	method(&T{1, 2, 3}, 1)
	method(E{&T{1, 2, 3}}, 0)
	method(E{&T{1, 2, 3}}, 1)
	made()
	called()
	nested()
	caller()
	panicCaller()
}
