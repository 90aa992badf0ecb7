// Types that reflect.StructOf makes have the methods of their embedded field, for assertions and conversions, too.
package main

import (
	"fmt"
	"reflect"
)

type M interface{ M() int }
type MN interface {
	M() int
	N(string) string
}
type T struct{ x int }

func (t T) M() int            { return t.x }
func (t T) N(s string) string { return fmt.Sprint(s, t.x) }

type P struct{ x int }

func (p *P) M() int { return p.x * 10 }

func structOf(t reflect.Type, name string) reflect.Type {
	return reflect.StructOf([]reflect.StructField{{Name: name, Type: t, Anonymous: true}})
}

func try[I any](v reflect.Value) {
	_, ok := v.Interface().(I)
	t := reflect.TypeFor[I]()
	fmt.Println(v.Type(), t, ok, v.Type().Implements(t), v.Type().ConvertibleTo(t))
}

func main() {
	st := structOf(reflect.TypeFor[T](), "T")
	v := reflect.New(st).Elem()
	v.Field(0).Set(reflect.ValueOf(T{4}))
	fmt.Println(st.NumMethod(), v.Method(0).Call(nil), v.Interface().(M).M(), v.Interface().(MN).N("n"))
	try[M](v)
	try[MN](v)
	try[fmt.Stringer](v)
	try[M](v.Addr())
	fmt.Println(v.Convert(reflect.TypeFor[M]()).Interface().(M).M())

	pt := structOf(reflect.TypeFor[*P](), "P")
	pv := reflect.New(pt).Elem()
	pv.Field(0).Set(reflect.ValueOf(&P{5}))
	fmt.Println(pt.NumMethod(), pv.Interface().(M).M())
	try[M](pv)
	try[MN](pv)
	var m M = pv.Interface().(M)
	switch x := m.(type) {
	case MN:
		fmt.Println("MN", x)
	case M:
		fmt.Println("M", x.M())
	}

	// Many types: what reflect made is found again.
	types := map[reflect.Type]bool{}
	for i := 0; i < 300; i++ {
		t := reflect.StructOf([]reflect.StructField{
			{Name: "T", Type: reflect.TypeFor[T](), Anonymous: true},
			{Name: fmt.Sprint("F", i), Type: reflect.ArrayOf(i, reflect.TypeFor[int8]())},
		})
		x := reflect.New(t).Elem()
		x.Field(0).Set(reflect.ValueOf(T{i}))
		if x.Interface().(M).M() != i || x.Interface().(MN).N("") != fmt.Sprint(i) {
			fmt.Println("wrong", i)
		}
		types[t] = true
	}
	fmt.Println(len(types))
}
