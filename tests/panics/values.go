// What an uncaught panic prints: values of every kind, panics in deferred functions, re-panics, Goexit.
package main

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"time"
)

type (
	stringerStruct struct{ x int }
	plainStruct    struct {
		x int
		s string
	}
	namedInt      int
	namedString   string
	namedFloat    float64
	namedBool     bool
	badError      struct{}
	nilError      struct{ s string }
	pointerErr    struct{ s string }
	errorAndMore  struct{ error }
	recursiveFunc func() recursiveFunc
)

func (t stringerStruct) String() string { return "tee" }
func (badError) Error() string          { panic("in Error") }
func (e *nilError) Error() string       { return e.s }
func (e *pointerErr) Error() string     { return "pointer " + e.s }

var global int

//go:noinline
func deep(n int) {
	if n == 0 {
		panic("deep")
	}
	deep(n - 1)
}

type receiver struct{ x []int }

//go:noinline
func (r *receiver) method(s string) { r.x[len(s)] = 1 }

//go:noinline
func (r receiver) value(s string) { r.x[len(s)] = 1 }

//go:noinline
func generic[T any](x []T, i int) T { return x[i] }

type box[T any] struct{ v []T }

//go:noinline
func (b *box[T]) get(i int) T { return b.v[i] }

var cases = map[string]func(){
	"string":        func() { panic("hello\nworld") },
	"error":         func() { panic(errors.New("boom")) },
	"wrapped":       func() { panic(fmt.Errorf("x: %w", errors.New("b"))) },
	"joined":        func() { panic(errors.Join(errors.New("a"), errors.New("b"))) },
	"pointer error": func() { panic(&pointerErr{"here"}) },
	"embedded":      func() { panic(errorAndMore{errors.New("inner")}) },
	"stringer":      func() { panic(stringerStruct{3}) },
	"struct":        func() { panic(plainStruct{3, "a"}) },
	"named int":     func() { panic(namedInt(7)) },
	"named string":  func() { panic(namedString("a\tb\nc")) },
	"named float":   func() { panic(namedFloat(1.5)) },
	"named bool":    func() { panic(namedBool(true)) },
	"float":         func() { panic(3.5) },
	"float32":       func() { panic(float32(0.1)) },
	"complex":       func() { panic(complex(1, -2)) },
	"bool":          func() { panic(true) },
	"pointer":       func() { panic(&global) },
	"func":          func() { panic(func() {}) },
	"named func":    func() { panic(recursiveFunc(nil)) },
	"nil":           func() { panic(nil) },
	"slice":         func() { panic([]int{1}) },
	"map":           func() { panic(map[string]int{}) },
	"chan":          func() { panic(make(chan int)) },
	"rune":          func() { panic('x') },
	"uint8":         func() { panic(uint8(200)) },
	"int64":         func() { panic(int64(-1 << 63)) },
	"uintptr":       func() { panic(uintptr(77)) },
	"error panics":  func() { panic(badError{}) },
	"repanic": func() {
		defer func() { panic(recover()) }()
		panic("first")
	},
	"repanic twice": func() {
		defer func() { panic(recover()) }()
		defer func() { panic(recover()) }()
		panic("one")
	},
	"repanic changed": func() {
		defer func() { panic(fmt.Sprint("again ", recover())) }()
		panic("first")
	},
	"nested": func() {
		defer func() { panic("second") }()
		panic("first")
	},
	"nested twice": func() {
		defer func() { panic("third") }()
		defer func() { panic("second") }()
		panic("first")
	},
	"nested recovered": func() {
		defer func() {
			defer func() { println(recover().(string)) }()
			panic("second")
		}()
		panic("first")
	},
	"loop of defers": func() {
		for i := range 3 {
			defer func() {
				println(i, recover() != nil)
				if i == 1 {
					panic("again")
				}
			}()
		}
		panic("p")
	},
	"fault in defer": func() {
		defer func() {
			var p *int
			*p = 1
		}()
		var a []int
		i := 4
		a[i] = 1
	},
	"runtime error recovered": func() {
		defer func() {
			e := recover().(runtime.Error)
			fmt.Fprintf(os.Stderr, "%T %v\n", e, e)
			panic(e)
		}()
		var a []int
		_ = a[3]
	},
	"nil recovered": func() {
		defer func() {
			e := recover()
			fmt.Fprintf(os.Stderr, "%T %v\n", e, e)
			panic(e)
		}()
		panic(nil)
	},
	"Goexit of main": func() {
		go func() { println("g") }()
		runtime.Goexit()
	},
	"Goexit over panic": func() {
		done := make(chan bool)
		go func() {
			defer close(done)
			defer runtime.Goexit()
			panic("x")
		}()
		<-done
		println("alive")
		os.Exit(3)
	},
	"panic over Goexit": func() {
		go func() {
			defer func() { panic("in defer") }()
			runtime.Goexit()
		}()
		select {}
	},
	"panic recovered over Goexit": func() {
		done := make(chan bool)
		go func() {
			defer close(done)
			defer func() { println(recover().(string)) }()
			defer func() { panic("in defer") }()
			runtime.Goexit()
		}()
		<-done
		panic("end")
	},
	"goroutine": func() {
		done := make(chan bool)
		go deep(3)
		<-done
	},
	"timer": func() {
		time.AfterFunc(time.Millisecond, func() { panic("timer") })
		select {}
	},
	"method":         func() { (&receiver{}).method("abc") },
	"value method":   func() { receiver{}.value("abc") },
	"generic":        func() { generic([]string{"a"}, 1) },
	"generic method": func() { (&box[int]{}).get(2) },
	"locked": func() {
		runtime.LockOSThread()
		panic("locked")
	},
	"exit": func() {
		defer println("not printed")
		os.Exit(3)
	},
	"negative exit": func() { os.Exit(-1) },
	"panic in sort of init": func() {
		var m map[string]int
		m["a"] = 1
	},
}

func main() { cases[os.Args[1]]() }
