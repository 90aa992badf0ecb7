package main

import (
	"fmt"
	"path/filepath"
	"reflect"
	"runtime"
)

type Inner struct{ n int }

func (i *Inner) Ptr() int { i.n++; return i.n }
func (i Inner) Val() int  { return i.n }

type Big struct{ a, b, c, d int }

func (b Big) Val() int { return b.a }

type Outer struct {
	Inner
	m int
}

type Own struct{ Inner }

func (o *Own) Ptr() int { return 7 }

func (o Own) Unused(p *int) *int { return p }

func show(t reflect.Type) {
	for i := range t.NumMethod() {
		m := t.Method(i)
		pc := m.Func.Pointer()
		fn := runtime.FuncForPC(pc)
		file, line := fn.FileLine(pc)
		fmt.Println(t, m.Name, fn.Name(), filepath.Base(file), line)
	}
}

func main() {
	for _, v := range []any{Inner{}, &Inner{}, Big{}, &Big{}, Outer{}, &Outer{}, Own{}, &Own{}} {
		show(reflect.TypeOf(v))
	}
}
