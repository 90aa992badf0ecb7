// The pointer type of a struct with promoted methods has them, though the program names that type nowhere.
package main

import (
	"encoding/json"
	"fmt"
	"reflect"
)

type M interface{ F() string }
type str string

func (s *str) F() string { return fmt.Sprint(s == nil) }

type base struct{ n int }

func (b *base) Inc()    { b.n++ }
func (b base) Get() int { return b.n }

type derived struct{ base }
type indirect struct{ *derived }
type plain struct{ data }
type data struct{ a, b int }

type raw string

func (r *raw) MarshalJSON() ([]byte, error) { return []byte(fmt.Sprint(r == nil)), nil }

func describe(v any) {
	p := reflect.New(reflect.TypeOf(v))
	p.Elem().Set(reflect.ValueOf(v))
	fmt.Println(p.Type(), reflect.TypeOf(v).NumMethod(), p.NumMethod())
	for i := range p.NumMethod() {
		m := p.Type().Method(i)
		fmt.Println("\t", m.Name, m.Type)
	}
	if m, ok := p.Interface().(M); ok {
		fmt.Println("\t", m.F())
	}
	if m, ok := p.Interface().(interface {
		Inc()
		Get() int
	}); ok {
		m.Inc()
		fmt.Println("\t", m.Get())
	}
}

func main() {
	x := str("a")
	describe(struct{ M }{&x})
	describe(struct {
		N int
		base
	}{1, base{2}})
	describe(derived{base{3}})
	describe(indirect{&derived{base{4}}})
	describe(plain{})
	describe([]struct{ derived }{{}})
	b, err := json.Marshal([]any{struct{ M json.Marshaler }{(*raw)(nil)}, struct{ json.Marshaler }{(*raw)(nil)}})
	fmt.Println(string(b), err)
}
